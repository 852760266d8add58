"""How long a phone keeps what it carries of others, by area (ruling 9)."""

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit, safety
from handup.org.models import Area, StaffUser
from handup.org.permissions import may, require
from handup.sync.models import SnapshotLife

SET = "sync.set_snapshot_life"
KEY = "sync.snapshot_days"
LIFE = safety.NUMBERS[KEY]


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


def snapshot_days(holder: StaffUser) -> int:
    """How long the phone of a staff member keeps what it carries: by the nearest area around her
    office for which it was said, else by the setting of the house."""
    home = holder.home_office.area if holder.home_office_id and holder.home_office else None
    if home is not None:
        steps = home.path.strip("/").split("/")
        paths = ["/" + "/".join(steps[:count]) + "/" for count in range(1, len(steps) + 1)]
        rows = SnapshotLife.objects.filter(area__path__in=paths).select_related("area")
        nearest = max(rows, key=lambda row: len(row.area.path), default=None)
        if nearest is not None:
            return nearest.days
    return safety.value(KEY)
