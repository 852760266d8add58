"""The secret address of a calendar of sessions: opened, read by a program, ended."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from handup.kernel.crypto import keyed_hash
from handup.kernel.ids import new_id
from handup.org import audit, keys, reads
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import may, require
from handup.org.services.devices import token_hash
from handup.training.models import CalendarFeed
from handup.training.services.common import known

LOGGED_EVERY = timedelta(hours=1)


def secret_of(feed_id: UUID) -> str:
    """The secret part of an address: 256 bits nobody can tell from the database alone."""
    return keyed_hash(keys.load().lasting_key("training.calendar"), str(feed_id))


def open_calendar_feed(*, acting_staff: StaffUser, id: UUID | None = None) -> CalendarFeed:
    """Give a member of staff a new address; the one she had before opens nothing from now on.

    Raises SameIdOtherContent.
    """
    require(acting_staff, "training.subscribe_calendar")
    pk = id or new_id()
    if (stored := known(CalendarFeed, [pk]).get(pk)) is not None:
        if stored.staff_id != acting_staff.pk:
            raise SameIdOtherContent(field="id")
        return stored
    with transaction.atomic():
        StaffUser.objects.select_for_update().get(pk=acting_staff.pk)
        _end(acting_staff)
        row = CalendarFeed(id=pk, staff=acting_staff, address_hash=token_hash(secret_of(pk)))
        row.save(force_insert=True)
        audit.record(acting_staff, "training.open_calendar_feed", row)
    return row


def end_calendar_feed(*, acting_staff: StaffUser) -> None:
    """End her own address at once; ended before, nothing changes."""
    require(acting_staff, "training.subscribe_calendar")
    with transaction.atomic():
        _end(acting_staff)


def _end(staff: StaffUser) -> None:
    for row in CalendarFeed.objects.select_for_update().filter(staff=staff, ended_at=None):
        row.ended_at = timezone.now()
        row.save(update_fields=("ended_at",))
        audit.record(staff, "training.end_calendar_feed", row)


def own_feed(staff: StaffUser) -> CalendarFeed | None:
    """Her address that is open, None when she has none."""
    row: CalendarFeed | None = CalendarFeed.objects.filter(staff=staff, ended_at=None).first()
    return row


def reader_of(secret: str) -> StaffUser | None:
    """Whose calendar a secret opens now; each reading is counted and, once an hour, written into
    the read log. None for an address that was ended, or of somebody who may not read it any more.
    """
    found = CalendarFeed.objects.select_related("staff").filter(address_hash=token_hash(secret))
    row: CalendarFeed | None = found.filter(ended_at=None, staff__is_active=True).first()
    if row is None or not may(row.staff, "training.subscribe_calendar"):
        return None
    now = timezone.now()
    if row.last_read_at is None or now - row.last_read_at >= LOGGED_EVERY:
        reads.write_entry(
            staff=row.staff,
            door="WEB",
            action="LIST",
            persons=(),
            highest="I",
            purpose="calendar of sessions",
        )
    CalendarFeed.objects.filter(pk=row.pk).update(read_count=F("read_count") + 1, last_read_at=now)
    staff: StaffUser = row.staff
    return staff
