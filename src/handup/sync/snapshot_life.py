"""For how many days the phone of a staff member keeps what it carries of others (ruling 9)."""

from handup.org import safety
from handup.org.models import StaffUser
from handup.sync.models import SnapshotLife

KEY = "sync.snapshot_days"
LIFE = safety.NUMBERS[KEY]


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
