"""Set-based writing of rows with their history, one device id once, and a change that keeps its
past."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from handup.kernel.errors import Fault, Faults, Refusal
from handup.org import audit
from handup.org.bulk import insert_rows, insert_with_history
from handup.org.devices import already_stored
from handup.org.encryption import lookup_hash
from handup.org.models import House, StaffUser
from handup.org.permissions import require
from handup.people.models import Person

M = TypeVar("M", bound=House)
P = ParamSpec("P")
CHUNK = 500


class PersonErased(Refusal):
    """This record was erased and takes nothing new."""


def refuse_erased(*persons: Person | None) -> None:
    """Refuse to write anything more of whoever was erased."""
    if any(person is not None and person.erased_date is not None for person in persons):
        raise PersonErased


def refuse_left_by_all(links: QuerySet[Any, Any]) -> None:
    """Refuse to write more of what belongs to nobody but persons who were erased."""
    days = list(links.values_list("person__erased_date", flat=True))
    if days and None not in days:
        raise PersonErased


class FaultsOfOne(Faults):
    """{count} faults were found; nothing was stored."""

    code = Faults.code

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(
            dict.fromkeys(
                Fault(refusal.code, refusal.said(), refusal.field or "", column=refusal.field)
                for refusal in self.refusals
            )
        )

    def said(self) -> str:
        """Each in its words: of one act they are few, and their number mends nothing."""
        return " ".join(dict.fromkeys(fault.message for fault in self.faults))


def refuse_any(refusals: Iterable[Refusal]) -> None:
    """Raise nothing, the one refusal of an act, or the faults of it, each with its field."""
    found = list(refusals)
    if len(found) == 1:
        raise found[0]
    if found:
        raise FaultsOfOne(found)


def refused_by(check: Callable[P, object], *args: P.args, **more: P.kwargs) -> Iterator[Refusal]:
    """What a check refuses, to be told with what else is wrong."""
    try:
        check(*args, **more)
    except Refusal as refusal:
        yield refusal


def phone_faults(phone: str) -> Iterator[Refusal]:
    """What is wrong with a telephone as it is told."""
    for refusal in refused_by(lookup_hash, Person, "phone_hash", phone):
        yield type(refusal)(field="phone", **refusal.places)


class EndsBeforeStart(Refusal):
    """The last day lies before the first day, {from_date}."""


def check_span(from_date: date, to_date: date | None, *, field: str = "to_date") -> None:
    """Refuse an end before its start."""
    if to_date is not None and to_date < from_date:
        raise EndsBeforeStart(field=field, from_date=from_date.isoformat())


def insert(rows: Sequence[M], staff: StaffUser) -> None:
    """Store rows of one table set-based, with their history where the table keeps one."""
    if not rows:
        return
    if hasattr(type(rows[0]), "history"):
        insert_with_history(rows, staff.pk)
    else:
        insert_rows(rows)


def change(row: House, staff: StaffUser, **values: object) -> None:
    """Set some fields of a stored row; its history keeps who did it and what it was before."""
    for name, value in values.items():
        setattr(row, name, value)
    setattr(row, "_history_user", staff)  # noqa: B010 (simple_history reads it, the model has no such field)
    row.save(update_fields=list(values))


def in_chunks(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    """Cut a long list of ids into pieces a statement can carry."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def as_faults(refusals: Iterable[tuple[int, Refusal]]) -> list[Fault]:
    """Turn refusals of the rows of a batch into faults with their row (from 1) and field."""
    return [
        Fault(
            code=refusal.code,
            message=refusal.said(),
            place=f"row {row + 1}" + (f", {refusal.field}" if refusal.field else ""),
            row=row + 1,
            column=refusal.field,
        )
        for row, refusal in refusals
    ]


def refuse_all(refusals: Sequence[tuple[int, Refusal]], *, single: bool) -> None:
    """Raise nothing, what is wrong with a single act, or the faults of a batch with their rows."""
    if single:
        refuse_any(refusal for _row, refusal in refusals)
    elif refusals:
        raise Faults(as_faults(refusals))


def require_places(staff: StaffUser, code: str, rows: Iterable[House]) -> None:
    """Check the permission once for every distinct place the rows of a batch lie in."""
    require(staff, code)
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        place = tuple(
            getattr(row, name, None)
            for name in ("office_id", "area_id", "programme_id", "case_officer_id")
        )
        if place not in seen:
            seen.add(place)
            require(staff, code, row)


def known_rows(model: type[M], ids: Collection[UUID], staff: StaffUser, code: str) -> dict[UUID, M]:
    """Rows of a batch that are stored under their ids already, as whoever sends them may write
    there. Raises OutOfSight, SameIdOtherContent.
    """
    found: dict[UUID, M] = {}
    for piece in in_chunks(list(ids)):
        for pk in model._base_manager.filter(pk__in=piece).values_list("pk", flat=True):
            row = already_stored(model, pk, staff)
            if row is not None:
                require(staff, code, row)
                found[pk] = row
    return found


def audit_all(
    staff: StaffUser,
    action: str,
    rows: Iterable[models.Model],
    facts: Iterable[audit.Facts] | None = None,
) -> None:
    """Write one audit line per row of a batch."""
    if facts is None:
        audit.record_many(audit.line(staff, action, row) for row in rows)
    else:
        audit.record_many(
            audit.line(staff, action, row, told) for row, told in zip(rows, facts, strict=True)
        )
