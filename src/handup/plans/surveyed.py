"""What rounds of surveys may count from, of what plans know below them: the day of the first
completed course (surveys.md section 1). Training itself never sees surveys.
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.surveys.registers import Anchor, register_anchor
from handup.surveys.rules.codes import SubjectKind
from handup.training.queries import persons_trained


def completed_on(ids: Collection[UUID]) -> Mapping[UUID, date]:
    """The day each person completed her first course."""
    wanted = set(ids)
    return {person: day for person, day in persons_trained().items() if person in wanted}


def register() -> None:
    """Let rounds count from it; again changes nothing."""
    kinds = frozenset({SubjectKind.PERSON})
    register_anchor(Anchor("COMPLETED", _("completion of a course"), kinds, completed_on))
