"""Due dates of a loan and the part of a year that each of its periods is.

Rates are integers over one denominator for the whole loan: `numerators[k] / denominator` is the
interest of period k on one unit of money.
"""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import gcd

from handup.kernel import dates
from handup.kernel.credit.codes import DayCount, DueUnit, OffDayRule, RatePer
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.errors import Refusal

_PERIOD = {
    DueUnit.DAY: dates.PeriodUnit.DAY,
    DueUnit.WEEK: dates.PeriodUnit.WEEK,
    DueUnit.MONTH: dates.PeriodUnit.MONTH,
}
_YEAR_DAYS = {DayCount.DAYS_365: 365, DayCount.DAYS_360: 360, DayCount.DAYS_364: 364}
_WHOLE_PERIODS = {DayCount.MONTHS_12: 12, DayCount.WEEKS_52: 52}
_BOTH_YEARS = 365 * 366


class TooFewMeetings(Refusal):
    """The group's calendar holds {found} meetings after {start}; {needed} are needed."""


@dataclass(frozen=True, slots=True)
class DuePlan:
    """When a loan is due.

    `bounds[0]` is the day the first interest period starts, `bounds[k]` the day period k ends;
    `due_dates[k - 1]` is when instalment k is due, which an off-day rule may have moved.
    """

    bounds: tuple[date, ...]
    due_dates: tuple[date, ...]

    @classmethod
    def of(cls, first_period_from: date, due_dates: Sequence[date]) -> "DuePlan":
        """A plan whose periods end on the due dates themselves."""
        due = tuple(due_dates)
        return cls((first_period_from, *due), due)


def plan_due_dates(
    terms: Terms,
    start: date,
    *,
    closed: Collection[date] = frozenset(),
    meetings: Sequence[date] = (),
    first_period_from: date | None = None,
) -> DuePlan:
    """The due dates of a loan disbursed on `start`.

    `closed` holds the days without business (country, area and rest days in one), `meetings` the
    group's meetings in order. Raises TooFewMeetings.
    """
    count = terms.instalments
    if terms.unit is DueUnit.MEETING:
        after = meetings[bisect_left(meetings, start + timedelta(days=1)) :]
        after = after[terms.every - 1 :: terms.every][:count]
        if len(after) < count:
            raise TooFewMeetings(
                found=len(after) * terms.every, start=start.isoformat(), needed=count * terms.every
            )
        plain = tuple(after)
    else:
        plain = _plain_dates(terms, start, count)
    moved = plain
    if closed or meetings:
        moved = tuple(_moved(day, terms.off_day_rule, closed, meetings) for day in plain)
    ends = moved if terms.off_day_moves_interest else plain
    return DuePlan((first_period_from or start, *ends), moved)


def _plain_dates(terms: Terms, start: date, count: int) -> tuple[date, ...]:
    unit = _PERIOD[terms.unit]
    if terms.anchor_day is None or terms.unit is not DueUnit.MONTH:
        return dates.due_dates(start, count, terms.every, unit)
    earliest = (
        start + timedelta(days=terms.first_due_min_days)
        if terms.first_due_min_days
        else dates.add_months(start, terms.every)
    )
    first = dates.add_months(earliest, 0, terms.anchor_day)
    if first < earliest:
        first = dates.add_months(earliest, 1, terms.anchor_day)
    return tuple(
        dates.add_months(first, number * terms.every, terms.anchor_day) for number in range(count)
    )


def _moved(day: date, rule: OffDayRule, closed: Collection[date], meetings: Sequence[date]) -> date:
    if rule is OffDayRule.NEXT_MEETING and meetings:
        place = bisect_left(meetings, day)
        return meetings[place] if place < len(meetings) else day
    if rule is OffDayRule.NONE or day not in closed:
        return day
    step = timedelta(days=-1 if rule is OffDayRule.PREVIOUS else 1)
    found = day
    while found in closed:
        found += step
    if rule is OffDayRule.NEXT_SAME_MONTH and found.month != day.month:
        found = day
        while found in closed:
            found -= timedelta(days=1)
    return found


@dataclass(frozen=True, slots=True)
class Rates:
    """Interest of each period on one unit of money: numerators over one denominator."""

    numerators: tuple[int, ...]
    denominator: int


def period_rates(terms: Terms, bounds: Sequence[date]) -> Rates:
    """The rate of every period between neighbouring bounds."""
    if terms.rate_per is RatePer.DAY:
        scale, unit = terms.rate_ppm, MILLION
        spans = [(end - begin).days for begin, end in pairwise(bounds)]
    else:
        scale, unit = _yearly(terms), _year_of(terms, bounds[0])
        if terms.day_count in _WHOLE_PERIODS:
            spans = [terms.every] * (len(bounds) - 1)
        elif terms.day_count in _YEAR_DAYS:
            spans = [(end - begin).days for begin, end in pairwise(bounds)]
        else:
            spans = [_span(terms, begin, end) for begin, end in pairwise(bounds)]
        unit *= MILLION
    shared = gcd(scale, unit) or 1
    scale, unit = scale // shared, unit // shared
    return Rates(tuple(span * scale for span in spans), unit)


def free_rates(rates: Rates, periods: int) -> Rates:
    """The same rates with nothing charged in the first periods."""
    if not periods:
        return rates
    return Rates((0,) * periods + rates.numerators[periods:], rates.denominator)


def part_rate(terms: Terms, bounds: Sequence[date], period: int, begin: date, end: date) -> Rates:
    """The rate of the days [begin, end) inside period `period` (0-based): one numerator."""
    if terms.rate_per is RatePer.DAY or terms.day_count not in _WHOLE_PERIODS:
        return period_rates_from(terms, bounds[0], begin, end)
    whole = period_rates(terms, (bounds[period], bounds[period + 1]))
    days = (bounds[period + 1] - bounds[period]).days
    return Rates((whole.numerators[0] * (end - begin).days,), whole.denominator * days)


def period_rates_from(terms: Terms, start: date, begin: date, end: date) -> Rates:
    """The rate of [begin, end) by actual days; `start` is the first day of the whole loan."""
    if terms.rate_per is RatePer.DAY:
        return Rates((terms.rate_ppm * (end - begin).days,), MILLION)
    scale = _yearly(terms)
    return Rates((_span(terms, begin, end) * scale,), _year_of(terms, start) * MILLION)


def _yearly(terms: Terms) -> int:
    return terms.rate_ppm * (12 if terms.rate_per is RatePer.MONTH else 1)


def _year_of(terms: Terms, start: date) -> int:
    """The denominator of a part of a year under these terms."""
    count = terms.day_count
    if count in _WHOLE_PERIODS:
        return _WHOLE_PERIODS[count]
    if count in _YEAR_DAYS:
        return _YEAR_DAYS[count]
    if count is DayCount.DAYS_START_YEAR:
        return dates.year_days(start.year)
    if count is DayCount.WEEKS_7_365:
        return 365
    if count is DayCount.WEEKS_7_360:
        return 360
    return _BOTH_YEARS


def _span(terms: Terms, begin: date, end: date) -> int:
    """The numerator of a period over the denominator of `_year_of`."""
    count = terms.day_count
    if count in _WHOLE_PERIODS:
        return terms.every
    if count is DayCount.ACTUAL_ACTUAL:
        return _actual(begin, end, cut_day=31, cut_month=12)
    if count is DayCount.ACTUAL_ACTUAL_ISDA:
        return _actual(begin, end, cut_day=1, cut_month=1)
    if count in (DayCount.WEEKS_7_365, DayCount.WEEKS_7_360):
        return 7 * terms.every
    return (end - begin).days


def _actual(begin: date, end: date, *, cut_day: int, cut_month: int) -> int:
    """Σ days × (365 × 366 / days of the year), cut at that day of every year."""
    total = 0
    while begin < end:
        at_end_of_year = cut_month == 12
        year = (
            begin.year + 1
            if at_end_of_year and (begin.month, begin.day) == (12, 31)
            else (begin.year)
        )
        cut = date(year, 12, 31) if at_end_of_year else date(year + 1, 1, 1)
        stop = min(cut, end)
        total += (stop - begin).days * (_BOTH_YEARS // dates.year_days(year))
        begin = stop
    return total
