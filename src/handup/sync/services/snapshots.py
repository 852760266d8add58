"""How long a phone keeps what it carries of others, by area (ruling 9)."""

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit, safety
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.sync.models import SnapshotLife

KEY = "sync.snapshot_days"
LIFE = safety.NUMBERS[KEY]


class DaysOutOfRange(Refusal):
    """A phone keeps what it carries of others for {least} to {most} days."""


@transaction.atomic
def set_snapshot_life(*, acting_staff: StaffUser, area: Area, days: int) -> SnapshotLife:
    """Say for how many days phones of an area keep what they carry of others; said again, the new
    number counts from the next contact of each phone. Raises NotAllowed, DaysOutOfRange."""
    require(acting_staff, "sync.set_snapshot_life")
    if not LIFE.least <= days <= LIFE.most:
        raise DaysOutOfRange(field="days", least=LIFE.least, most=LIFE.most)
    row, _made = SnapshotLife.objects.select_for_update().get_or_create(
        area=area, defaults={"days": days, "set_by": acting_staff}
    )
    row.days, row.set_by = days, acting_staff
    row.save(update_fields=["days", "set_by"])
    audit.record(acting_staff, "sync.set_snapshot_life", row, {"days": days})
    return row


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
