"""Small things every training service needs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from django.utils import timezone

from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson, require_other_person
from handup.org.models import Setting, StaffUser
from handup.org.permissions import require
from handup.training.services.refusals import AfterToday, DateBefore

M = TypeVar("M", bound=Model)
T = TypeVar("T")
CHUNK = 500


def require_each(staff: StaffUser, code: str, records: Iterable[Model]) -> None:
    """Ask once for each different record of a batch whether this staff member may do this to it."""
    seen: dict[Any, Model] = {record.pk: record for record in records}
    if not seen:
        require(staff, code)
    for record in seen.values():
        require(staff, code, record)


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a long list into pieces a database statement takes."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def known(model: type[M], ids: Iterable[UUID]) -> dict[UUID, M]:
    """Load the rows of these ids that exist already."""
    found: dict[UUID, M] = {}
    for part in chunks(list(ids)):
        found |= model._default_manager.in_bulk(part)
    return found


def same(existing: M, new: M, fields: Sequence[str]) -> M:
    """Return the stored row when the new one says the same; refuse loudly otherwise.

    Raises SameIdOtherContent.
    """
    for name in fields:
        if getattr(existing, name) != getattr(new, name):
            raise SameIdOtherContent(field=name)
    return existing


def not_before(value: date, earliest: date | None, *, field: str) -> None:
    """Refuse a day that lies before what it follows. Raises DateBefore."""
    if earliest is not None and value < earliest:
        raise DateBefore(field=field, date=value, earliest=earliest)


def not_to_come(day: date, *, field: str) -> None:
    """Refuse a day that has not come yet for what is said to have been done. Raises AfterToday."""
    if day > timezone.localdate():
        raise AfterToday(field=field, date=day)


def day_of(moment: datetime) -> date:
    """Return the calendar day of an instant, in its own zone."""
    return moment.date()


def setting(key: str, default: T) -> T:
    """Read a setting of the installation; the default while none is stored."""
    row: Setting | None = Setting.objects.filter(key=key).first()
    return default if row is None else row.value


def another_person(
    acting_staff: StaffUser,
    *previous: StaffUser | UUID | None,
    step: str,
    refusal: type[SamePerson],
    reason: str = "",
    obj: Model | None = None,
) -> None:
    """Ask for another person as the installation's duties say, refusing in this step's own words.

    Raises `refusal`, or ReasonNeeded where one person is all there is.
    """
    try:
        require_other_person(acting_staff, *previous, step=step, reason=reason, obj=obj)
    except SamePerson:
        raise refusal from None
