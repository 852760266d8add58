"""What a round may use that domains above know: whom else a questionnaire asks about, and days in a
subject's life a round is counted from. They register in their `apps.py` (surveys.md section 1).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.people.models import Enterprise, Household, Person
from handup.surveys.rules.codes import SubjectKind


@dataclass(frozen=True, slots=True)
class SubjectSource:
    """Where subjects of a kind stand: their table, the path to who works with them, the rows of it
    that can be asked (by the field `programme`), and the path to the person it is about, if one.
    """

    kind: SubjectKind
    model: type[Any]
    officer: str = "case_officer"
    live: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows


Dates = Callable[[Collection[UUID]], Mapping[UUID, date]]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A day in the life of a subject from which a round counts its own: by the ids of subjects the
    day of each who has one.
    """

    code: str
    label: Promise | str
    kinds: frozenset[SubjectKind]
    dates: Dates


class SubjectUnknown(Refusal):
    """Nobody here knows how to ask about a {kind}."""


subjects: dict[SubjectKind, SubjectSource] = {
    source.kind: source
    for source in (
        SubjectSource(SubjectKind.PERSON, Person),
        SubjectSource(SubjectKind.HOUSEHOLD, Household),
        SubjectSource(SubjectKind.ENTERPRISE, Enterprise),
    )
}
anchors: dict[str, Anchor] = {}


def register_subject(source: SubjectSource) -> None:
    """Let questionnaires ask about another kind of subject; the same again changes nothing."""
    subjects.setdefault(source.kind, source)


def register_anchor(anchor: Anchor) -> None:
    """Let rounds count from another day; the same again changes nothing."""
    anchors.setdefault(anchor.code, anchor)


def source_of(kind: SubjectKind) -> SubjectSource:
    """Where subjects of a kind stand. Raises SubjectUnknown."""
    source = subjects.get(kind)
    if source is None:
        raise SubjectUnknown(field="questionnaire", kind=kind.value.lower())
    return source


def kind_of(subject: object) -> SubjectKind | None:
    """What kind of subject a record is."""
    return next((one.kind for one in subjects.values() if type(subject) is one.model), None)


def registered_on(ids: Collection[UUID]) -> Mapping[UUID, date]:
    """The day each person was registered."""
    rows = Person._base_manager.filter(pk__in=list(ids))
    return dict(rows.values_list("pk", "registered_date"))


register_anchor(
    Anchor("REGISTERED", _("registration"), frozenset({SubjectKind.PERSON}), registered_on)
)
