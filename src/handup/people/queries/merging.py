"""A record that joined another is found as the one that stays: by id, by number, in look-ups; and
which rows came since two records were made one (people.md 4.8)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.org.prepared import prepared
from handup.org.scope import ScopePaths
from handup.org.triggers import is_kept
from handup.people import merging
from handup.people.models import (
    Alias,
    BreakGlass,
    DisclosedPerson,
    ErasureCertificate,
    Match,
    MatchKey,
    MergeRecord,
    Person,
)

STAYS: tuple[type[Any], ...] = (
    Alias,
    BreakGlass,
    DisclosedPerson,
    ErasureCertificate,
    Match,
    MatchKey,
    MergeRecord,
)
"""Tables that nobody gives by hand: made by the check of duplicates or by the merge itself, or
telling what was given, opened or erased under which record."""


def current_id(person_id: UUID) -> UUID:
    """The id a person is known under now: her own, or that of the record hers joined."""
    found = _joined(person_id)
    return found[0][0] if found else person_id


@prepared
def _joined(old_id: UUID) -> "QuerySet[Any, Any]":
    """The record that another one joined."""
    return Alias._base_manager.filter(old=old_id).values_list("person_id")[:1]


@prepared
def _joining(person_id: UUID) -> "QuerySet[Any, Any]":
    """Records that joined one, in the order they did."""
    rows = Alias._base_manager.filter(person=person_id).order_by("recorded_at", "id")
    return rows.values_list("old_id")


@prepared
def _all_joined() -> "QuerySet[Any, Any]":
    """Every record that joined another, with that one."""
    return Alias._base_manager.order_by().values_list("old_id", "person_id")


def shown(model: type[Any], staff: StaffUser, pk: UUID) -> Any:
    """The record of any kind she may see; for a person's that joined another, the one that stays.
    Raises OutOfSight."""
    now = current_id(pk) if model is Person else pk
    row = model._default_manager.visible_to(staff).filter(pk=now).first()
    if row is None:
        raise OutOfSight
    return row


def all_ids(person_id: UUID) -> list[UUID]:
    """Every id that stands for a person, her present one first."""
    now = current_id(person_id)
    return [now, *(old for (old,) in _joining(now))]


def by_numbers(rows: "QuerySet[Person, Person]", numbers: Collection[str]) -> dict[str, Person]:
    """Persons among `rows` by the numbers given, also by a number that a record had before it
    joined hers."""
    wanted = [number.strip() for number in numbers]
    found = {row.registration_no: row for row in rows.filter(registration_no__in=wanted)}
    if missing := [number for number in wanted if number not in found]:
        old = Alias._base_manager.filter(old__registration_no__in=missing)
        pairs = dict(old.values_list("old__registration_no", "person_id"))
        stay = rows.in_bulk(set(pairs.values())) if pairs else {}
        found |= {number: stay[person] for number, person in pairs.items() if person in stay}
    return found


def by_number(rows: "QuerySet[Person, Person]", number: str) -> Person | None:
    """The person of one number."""
    return by_numbers(rows, [number]).get(number.strip())


def number_asked(rows: "QuerySet[Person, Person]", told: str) -> str:
    """The number of whoever an address names by her id; empty where she is not among `rows`. What
    is no id is given back: the code of a group or an enterprise.
    """
    try:
        key = UUID(told)
    except ValueError:
        return told
    row = rows.filter(pk=current_id(key)).first()
    return row.registration_no if row is not None else ""


def ids_by_person(persons: Collection[UUID]) -> dict[UUID, UUID]:
    """Every id that stands for these persons, theirs first, with the one each of them was asked
    by: what only grows keeps the id it was written under.
    """
    wanted = set(persons)
    theirs = {old: now for old, now in _all_joined() if now in wanted}
    return theirs | {person: person for person in wanted}


def present_ids() -> dict[UUID, UUID]:
    """Every id a record had before it joined another, with the id she is known under now."""
    return dict(_all_joined())


def doubled(rows: "QuerySet[Any, Any]", now: Mapping[UUID, UUID]) -> int:
    """How many of the persons of rows are another of them by an earlier record; `now` as
    `present_ids` tells it.
    """
    if not now:
        return 0
    joined = rows.filter(Q(person__in=now) | Q(person__in=set(now.values())))
    ids = set(joined.values_list("person_id", flat=True))
    return len(ids) - len({now.get(person, person) for person in ids})


def merge_of(match: Match) -> MergeRecord | None:
    """The merge that followed a match and stands."""
    return MergeRecord._base_manager.filter(match=match, undone_date=None).first()


@dataclass(frozen=True, slots=True)
class LaterRow:
    """A row that came for the record that stays after the merge: of which person is it?"""

    column: str
    row: Any
    seen: bool = True

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{self.column}:{self.row.pk}"

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return str(self.row._meta.verbose_name)

    @property
    def named(self) -> str:
        """What it is, for who shares it out: of what she may not read, its number or day alone."""
        if self.seen:
            return f"{self.kind}: {self.row}"
        day = timezone.localdate(self.row.recorded_at).isoformat()
        return f"{self.kind}: {getattr(self.row, 'code', '') or day}"


def later_rows(record: MergeRecord, staff: StaffUser | None = None) -> list[LaterRow]:
    """Rows of the record that stays which came after the merge and are not listed in it: all of
    them, whoever takes the two apart, for a loan of the other person must not stay behind. Only
    what is kept even from those who reach it (a case, a complaint) is for who may see it; of the
    rest `staff`, when she is given, learns what she may not read by kind and number alone.
    """
    found: list[LaterRow] = []
    written = set(_listed(record))
    for model, column in merging.person_columns(Person):
        if model in STAYS or is_kept(model, column):
            continue
        name = merging.name_of((model, column))
        kind: Any = model
        since = Q(**{f"{column}_id": record.survivor_id}, recorded_at__gt=record.recorded_at)
        hers = kind._base_manager.filter(since)
        seen: set[Any] | None = None
        if staff is not None:
            may_read = kind.objects.visible_to(staff).filter(since)
            paths: ScopePaths | None = getattr(kind, "SCOPE", None)
            if paths is not None and paths.withheld is not None:
                hers = may_read
            else:
                seen = set(may_read.order_by().values_list("pk", flat=True))
        found += [
            LaterRow(name, row, seen is None or row.pk in seen)
            for row in hers.order_by("recorded_at", "pk")
            if str(row.pk) not in written
        ]
    return found


def _listed(record: MergeRecord) -> Iterable[str]:
    for ids in (*record.moved.values(), *record.made.values()):
        yield from ids
