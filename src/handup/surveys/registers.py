"""What a round may use that domains above know: whom else a questionnaire asks about, days in a
subject's life a round is counted from, what stands beside a subject in the list of whom to ask, and
what cannot be true of it. They register in their `apps.py` (surveys.md section 1).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
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


@dataclass(frozen=True, slots=True)
class CaseColumn:
    """What is told of a subject in the list of whom to ask: by the ids of subjects a few words of
    each of whom the reader may know it.
    """

    code: str
    label: Promise | str
    kinds: frozenset[SubjectKind]
    told: Callable[[StaffUser, Collection[UUID]], Mapping[UUID, str]]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """What cannot be true of a subject: by its id, the day and its answers by key the names of what
    contradicts, in a few words that tell no answer.
    """

    code: str
    kinds: frozenset[SubjectKind]
    wrong: Callable[[UUID, date, Mapping[str, str]], Sequence[str]]


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
case_columns: dict[str, CaseColumn] = {}
cross_checks: dict[str, CrossCheck] = {}


def register_subject(source: SubjectSource) -> None:
    """Let questionnaires ask about another kind of subject; the same again changes nothing."""
    subjects.setdefault(source.kind, source)


def register_anchor(anchor: Anchor) -> None:
    """Let rounds count from another day; the same again changes nothing."""
    anchors.setdefault(anchor.code, anchor)


def register_case_column(column: CaseColumn) -> None:
    """Tell more in the list of whom to ask; the same again changes nothing."""
    case_columns.setdefault(column.code, column)


def register_cross_check(check: CrossCheck) -> None:
    """Look for what cannot be true; the same again changes nothing."""
    cross_checks.setdefault(check.code, check)


def known_of(staff: StaffUser, subjects: Collection[tuple[str, UUID]]) -> dict[UUID, str]:
    """What domains above tell a reader of subjects, each with its kind: "Members: 12"."""
    found: dict[UUID, list[str]] = {}
    for column in case_columns.values():
        ids = [pk for kind, pk in subjects if kind in column.kinds]
        for pk, words in (column.told(staff, ids) if ids else {}).items():
            found.setdefault(pk, []).append(f"{column.label}: {words}")
    return {pk: " \u00b7 ".join(words) for pk, words in found.items()}


def impossible_of(kind: str, subject: UUID, day: date, answers: Mapping[str, str]) -> list[str]:
    """What domains above say cannot be true together in answers of a subject, by their keys."""
    checks = [one for one in cross_checks.values() if kind in one.kinds]
    return [words for check in checks for words in check.wrong(subject, day, answers)]


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
