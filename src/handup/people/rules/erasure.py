"""What is left of a person who is erased, so that no figure changes (protection.md 4.8). Pure."""

from collections.abc import Iterable
from datetime import date

from handup.people.rules.categories import ADULT_AGE, AGE_BANDS, age_in_years, birth_from_age

CUTS = tuple(sorted({ADULT_AGE, *(low for low, _high in AGE_BANDS)}))
"""Ages at which a figure may count somebody differently: the first of each band, and adulthood."""
COUNTED_AREA_LEVEL = 2
"""The most exact place that a figure names."""


def counted_birth(born: date | None, precision: str, days: Iterable[date]) -> date | None:
    """A day of birth that counts in the same age band, and as child or adult, on every day that a
    figure looked at; worked out from the bands and these days alone, so that it tells nothing else.

    Exact to the day where it is used (precision AGE). None: no age was known on any of the days.
    """
    found: list[date] = []
    for day in days:
        age = age_in_years(born, precision, day)
        if age is not None:
            low = max(cut for cut in CUTS if cut <= age)
            found.append(birth_from_age(low, day))
    return min(found, default=None)


def held_on(first: date, last: date | None, days: Iterable[date]) -> tuple[date, date] | None:
    """The first and last of the days on which something held; None when it held on none."""
    held = [day for day in days if first <= day and (last is None or day <= last)]
    return (min(held), max(held)) if held else None


def counted_area(path: str, level: int) -> str:
    """The code of the place of level 2 that a path of codes goes through; "" where it is no finer.

    level: of the last place of the path.
    """
    codes = [code for code in path.split("/") if code]
    depth = len(codes) - (level - COUNTED_AREA_LEVEL)
    return codes[depth - 1] if level > COUNTED_AREA_LEVEL and depth >= 1 else ""
