"""How long a phone keeps what it carries of others, by area (ruling 9)."""

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import Area, StaffUser
from handup.org.permissions import may, require
from handup.sync.models import SnapshotLife
from handup.sync.snapshot_life import LIFE

SET = "sync.set_snapshot_life"


class DaysOutOfRange(Refusal):
    """A phone keeps what it carries of others for {least} to {most} days."""


class NotYourArea(Refusal):
    """You may say it only for an area that is yours as a whole."""


@transaction.atomic
def set_snapshot_life(*, acting_staff: StaffUser, area: Area, days: int) -> SnapshotLife:
    """Say for how many days phones of an area keep what they carry of others; said again, the new
    number counts from the next contact of each phone. It counts for everybody there, so who says it
    has a grant over the area or over everything, not over one programme or office of it.

    Raises NotAllowed, NotYourArea, DaysOutOfRange.
    """
    require(acting_staff, SET)
    if not may(acting_staff, SET, SnapshotLife(area=area)):
        raise NotYourArea(field="area")
    if not LIFE.least <= days <= LIFE.most:
        raise DaysOutOfRange(field="days", least=LIFE.least, most=LIFE.most)
    row, _made = SnapshotLife.objects.select_for_update().get_or_create(
        area=area, defaults={"days": days, "set_by": acting_staff}
    )
    row.days, row.set_by = days, acting_staff
    row.save(update_fields=["days", "set_by"])
    audit.record(acting_staff, SET, row, {"days": days})
    return row


def areas_to_set(staff: StaffUser) -> list[Area]:
    """The areas in force for which she may say it."""
    rows = Area.objects.filter(valid_to=None).order_by("path")
    return [area for area in rows if may(staff, SET, SnapshotLife(area=area))]
