"""The API door to one's own calendar of sessions."""

from datetime import datetime

from ninja import Schema, Status

from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require
from handup.training import services
from handup.training.api.base import router
from handup.training.services.calendars import own_feed
from handup.training.views.calendars import address_of


class CalendarOut(Schema):
    """Her address that is open, empty when there is none, and how often it was read."""

    address: str
    read_count: int
    last_read_at: datetime | None


def _own(request: StaffRequest) -> dict[str, object]:
    feed = own_feed(request.auth_staff)
    return {
        "address": address_of(request.auth_staff),
        "read_count": feed.read_count if feed is not None else 0,
        "last_read_at": feed.last_read_at if feed is not None else None,
    }


@router.get("/calendar", response=CalendarOut)
def show_calendar(request: StaffRequest) -> dict[str, object]:
    """One's own address of the calendar of sessions."""
    require(request.auth_staff, "training.subscribe_calendar")
    return _own(request)


@router.post("/calendar", response={201: CalendarOut})
def open_calendar_feed(request: StaffRequest, key: IdempotencyKey) -> Status[dict[str, object]]:
    """Make a new address; the one before ends."""
    services.open_calendar_feed(acting_staff=request.auth_staff, id=key)
    return Status(201, _own(request))


@router.post("/calendar/end", response={204: None})
def end_calendar_feed(request: StaffRequest) -> Status[None]:
    """End one's own address."""
    services.end_calendar_feed(acting_staff=request.auth_staff)
    return Status(204, None)
