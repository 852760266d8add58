"""What visits tell of an enterprise: the first sale after the first service, and the work in it.

Source: results.md 4.1 and `indicators.csv` (MED-ENT-01, MED-JOB-01), surveys.md 4.8.
"""

from collections.abc import Mapping
from datetime import date

from handup.kernel.dates import add_months

FULL_YEAR = 240
"""Days of work in a year that are one full-time job."""
MONTHS = 12
INACTIVE_MONTHS = 3
MOST_DIGITS = 18
Told = Mapping[str, str]


def first_sale(served: date, *, existed: bool, visits: Mapping[date, Told]) -> date | None:
    """The first sale after the first service, of an enterprise that is new or had stood still.

    One that existed counts only when nothing was sold in the three months before its first service:
    a visit by then found it not operating, or its last sale lies further back.
    """
    sales: list[date] = []
    stood_still = not existed
    for day, told in sorted(visits.items()):
        last = _day(told.get("last_sale_date", ""))
        if existed and day <= served:
            idle = last is not None and last < add_months(served, -INACTIVE_MONTHS)
            stood_still = told.get("operating") == "NO" or idle
        if last is not None and last >= served:
            sales.append(last)
        elif day >= served and _units(told.get("sales_month", "")) > 0:
            sales.append(day)
    return min(sales) if sales and stood_still else None


def work_days(told: Told) -> int | None:
    """The days worked in a year by those who work there, the owner left out: of each worker the
    days of the last 30 times twelve, at most 240. None where no visit told of any worker."""
    rows = {key.rpartition(" ")[2] for key in told if key.startswith("worker_")}
    if not rows:
        return None
    days = 0
    for row in rows:
        if told.get(f"worker_kind {row}") == "OWNER":
            continue
        days += min(_units(told.get(f"worker_days_last_30 {row}", "")) * MONTHS, FULL_YEAR)
    return days


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _units(text: str) -> int:
    return whole(text) or 0


def whole(text: str) -> int | None:
    """A whole number from nothing up as somebody told it; None for what is none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
