"""In which half of the earth the house lies: where it is south, winter camps are those of July."""

from functools import cache
from importlib.resources import files

ZONES = "tzdata.zoneinfo", "zone.tab"


@cache
def is_southern(zone: str) -> bool:
    """Tell whether the place a time zone is named after lies south of the equator, as its table
    says (`country  ±latitude±longitude  zone`). One that names no place, such as UTC, counts as
    north."""
    package, name = ZONES
    for row in files(package).joinpath(name).read_text(encoding="utf-8").splitlines():
        cells = row.split("\t")
        if len(cells) > 2 and cells[2] == zone:
            return cells[1].startswith("-")
    return False
