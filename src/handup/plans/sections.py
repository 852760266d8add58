"""Named lists for higher domains: what the page of a plan shows of loans.

A domain adds callables from its apps.py; each gets who reads and the plan, and returns what she
may see.
"""

from collections.abc import Callable, Sequence

from handup.org.models import StaffUser
from handup.org.web.pages import Action, Table
from handup.plans.models import Plan

plan_actions: list[Callable[[StaffUser, Plan], Sequence[Action]]] = []
plan_sections: list[Callable[[StaffUser, Plan], Sequence[Table]]] = []
