"""The calendar of closed days: entered and withdrawn by an administrator, never overwritten."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Area, ClosedDay, Office, StaffUser
from handup.org.permissions import require


class OnePlaceOnly(Refusal):
    """A closed day is an office's or an area's, not both. Leave one of them empty."""


class AlreadyClosed(Refusal):
    """{day} is in the calendar of this place already."""


class AlreadyWithdrawn(Refusal):
    """This day was withdrawn already."""


def enter_closed_day(
    *,
    acting_staff: StaffUser,
    day: date,
    name: str,
    office: Office | None = None,
    area: Area | None = None,
    every_year: bool = False,
    id: UUID | None = None,
) -> ClosedDay:
    """Enter a day without business. Schedules that are signed keep their days.

    Raises NotAllowed, OnePlaceOnly, AlreadyClosed, SameIdOtherContent.
    """
    require(acting_staff, "org.enter_closed_day")
    known = already_stored(
        ClosedDay,
        id,
        acting_staff,
        day=day,
        name=name,
        office=office,
        area=area,
        every_year=every_year,
    )
    if known is not None:
        return known
    if office is not None and area is not None:
        raise OnePlaceOnly(field="area")
    with transaction.atomic():
        same = ClosedDay.objects.filter(day=day, office=office, area=area, withdrawn_at=None)
        if same.exists():
            raise AlreadyClosed(field="day", day=day)
        row: ClosedDay = ClosedDay.objects.create(
            id=id or new_id(),
            day=day,
            name=name,
            office=office,
            area=area,
            every_year=every_year,
            entered_by=acting_staff,
        )
        audit.record(acting_staff, "org.enter_closed_day", row, {"day": day.isoformat()})
    return row


def withdraw_closed_day(*, acting_staff: StaffUser, closed_day: ClosedDay) -> ClosedDay:
    """Take a day out of the calendar. Raises NotAllowed, AlreadyWithdrawn."""
    require(acting_staff, "org.enter_closed_day")
    with transaction.atomic():
        row: ClosedDay = ClosedDay.objects.select_for_update().get(pk=closed_day.pk)
        if row.withdrawn_at is not None:
            raise AlreadyWithdrawn()
        row.withdrawn_at, row.withdrawn_by = timezone.now(), acting_staff
        row.save(update_fields=("withdrawn_at", "withdrawn_by"))
        audit.record(acting_staff, "org.withdraw_closed_day", row)
    return row
