"""Which area was a town or countryside on a day: read once for all areas.

held = Settlements()
held.on(person.area_id, day)          # "URBAN", "RURAL", or "" where nobody told
"""

from collections import defaultdict
from datetime import date
from uuid import UUID

from handup.org.models import Area, AreaClass


class Settlements:
    """Town or countryside of every area by the day; an area of which nothing is told is as the one
    it lies in.
    """

    def __init__(self) -> None:
        """Read what is told now; what was replaced counts no more."""
        rows = AreaClass._base_manager.filter(replaced_at=None)
        self._told: dict[UUID, list[tuple[date, str]]] = defaultdict(list)
        for area, since, kind in rows.values_list("area_id", "from_date", "settlement"):
            self._told[area].append((since or date.min, kind))
        for told in self._told.values():
            told.sort()
        above = Area._base_manager.values_list("pk", "parent_id") if self._told else ()
        self._above: dict[UUID, UUID | None] = dict(above)

    def __bool__(self) -> bool:
        """Whether anything is told of any area."""
        return bool(self._told)

    def on(self, area: UUID | None, day: date) -> str:
        """What an area was on a day; empty where nobody told."""
        while area is not None:
            held = [kind for since, kind in self._told.get(area, ()) if since <= day]
            if held:
                return held[-1]
            area = self._above.get(area)
        return ""
