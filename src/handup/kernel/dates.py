"""Days without clock and time zone: months that clip to their end, periods, ranges.

A due date is always counted from the start of the loan, never from the date before it: 31 January
gives 28 February and then 31 March again.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from handup.kernel.errors import Refusal


class PeriodUnit(StrEnum):
    """What a period is counted in."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


class NotADate(Refusal):
    """{text} is not a date. Write year-month-day, for example 2026-03-31."""


class NotAMonth(Refusal):
    """{text} is not a month. Write year-month, for example 2026-03."""


class EndBeforeStart(Refusal):
    """The last day, {end}, is before the first day, {start}."""


_MONTHS_IN = {PeriodUnit.MONTH: 1, PeriodUnit.YEAR: 12}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS_IN = {PeriodUnit.DAY: 1, PeriodUnit.WEEK: 7}


def days_in_month(year: int, month: int) -> int:
    """How many days that month has."""
    return monthrange(year, month)[1]


def month_start(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=days_in_month(day.year, day.month))


def year_days(year: int) -> int:
    """365 or 366."""
    return 366 if isleap(year) else 365


def add_months(start: date, months: int, anchor_day: int | None = None) -> date:
    """The same day (or anchor_day) that many months on, clipped to the end of a shorter month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    wanted = start.day if anchor_day is None else anchor_day
    if wanted > 28:
        wanted = min(wanted, days_in_month(year, month))
    return date(year, month, wanted)


def add_periods(
    start: date, count: int, every: int = 1, unit: PeriodUnit = PeriodUnit.MONTH
) -> date:
    """The day `count` periods of every × unit after (or, below zero, before) the start."""
    if unit in _DAYS_IN:
        return start + timedelta(days=count * every * _DAYS_IN[unit])
    return add_months(start, count * every * _MONTHS_IN[unit])


def due_dates(
    start: date, count: int, every: int = 1, unit: PeriodUnit = PeriodUnit.MONTH
) -> tuple[date, ...]:
    """Due dates 1 to count, each counted from the start."""
    if unit in _MONTHS_IN:
        step = every * _MONTHS_IN[unit]
        return tuple([add_months(start, number * step) for number in range(1, count + 1)])
    step = every * _DAYS_IN[unit]
    return tuple([start + timedelta(days=number * step) for number in range(1, count + 1)])


def whole_months_between(start: date, end: date) -> int:
    """Whole months from start to end (end ≥ start), the start's day clipped to each month's end."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def age_on(birth_date: date, on: date) -> int:
    """Completed years of life on that day; someone born on 29 February turns on 28 February."""
    return whole_months_between(birth_date, on) // 12


def parse_date(text: str, *, field: str | None = None) -> date:
    """A day from its ISO text YYYY-MM-DD. Raises NotADate."""
    if _ISO_DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise NotADate(text=text, field=field)


def parse_month(text: str, *, field: str | None = None) -> date:
    """The first day of a month from its ISO text YYYY-MM. Raises NotAMonth."""
    if _ISO_DATE.fullmatch(f"{text}-01"):
        try:
            return date.fromisoformat(f"{text}-01")
        except ValueError:
            pass
    raise NotAMonth(text=text, field=field)


def month_text(day: date) -> str:
    """The month of a day as YYYY-MM."""
    return f"{day.year:04}-{day.month:02}"


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from start to end, both included; no end means still open. Raises EndBeforeStart."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise EndBeforeStart(start=self.start.isoformat(), end=self.end.isoformat())

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)

    def overlaps(self, other: "DateRange") -> bool:
        """True when at least one day lies in both."""
        return (other.end is None or self.start <= other.end) and (
            self.end is None or other.start <= self.end
        )

    def intersection(self, other: "DateRange") -> "DateRange | None":
        """The days that lie in both, None when there are none."""
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.end, other.end) if end is not None]
        return DateRange(max(self.start, other.start), min(ends) if ends else None)

    def days(self) -> int | None:
        """How many days, both ends counted; None when it is open."""
        return None if self.end is None else (self.end - self.start).days + 1

    def months(self) -> Iterator[date]:
        """The first day of every month that has a day in it; endless when it is open."""
        month = month_start(self.start)
        while self.end is None or month <= self.end:
            yield month
            month = add_months(month, 1)


def month_range(day: date) -> DateRange:
    """The whole month of a day."""
    return DateRange(month_start(day), month_end(day))
