"""Named lists for higher domains: what the page of a person, or of an enterprise, shows of
training, plans, groups, loans.

A domain adds callables from its apps.py; each gets who reads and whose page it is, and returns
what she may see. `record_moments` also feeds the journey.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from handup.org.models import StaffUser
from handup.org.web.pages import Action, Moment, Table

record_sections: list[Callable[[StaffUser, UUID], Sequence[Table]]] = []
record_moments: list[Callable[[StaffUser, UUID], Sequence[Moment]]] = []
record_actions: list[Callable[[StaffUser, UUID], Sequence[Action]]] = []

enterprise_sections: list[Callable[[StaffUser, UUID], Sequence[Table]]] = []
enterprise_actions: list[Callable[[StaffUser, UUID], Sequence[Action]]] = []
