"""Named lists for higher domains: what the page of a group shows of loans from outside.

A domain adds callables from its apps.py; each gets who reads and which group it is, and returns
what she may see.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from handup.org.models import StaffUser
from handup.org.web.pages import Action, Table

group_sections: list[Callable[[StaffUser, UUID], Sequence[Table]]] = []
group_actions: list[Callable[[StaffUser, UUID], Sequence[Action]]] = []
