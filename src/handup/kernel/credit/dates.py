"""Due dates of a loan and the part of a year that each of its periods is.

Rates are integers over one denominator for the whole loan: `numerators[k] / denominator` is the
interest of period k on one unit of money.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count as count_from
from itertools import islice, pairwise
from math import gcd
from typing import NamedTuple

from handup.kernel import dates
from handup.kernel.credit.codes import DayCount, DueUnit, OffDayRule, RatePer, Residue
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal

_PERIOD = {
    DueUnit.DAY: dates.PeriodUnit.DAY,
    DueUnit.WEEK: dates.PeriodUnit.WEEK,
    DueUnit.MONTH: dates.PeriodUnit.MONTH,
}
_YEAR_DAYS = {DayCount.DAYS_365: 365, DayCount.DAYS_360: 360, DayCount.DAYS_364: 364}
_WHOLE_PERIODS = {DayCount.MONTHS_12: 12, DayCount.WEEKS_52: 52}
_ALWAYS_WHOLE = frozenset((*_WHOLE_PERIODS, DayCount.WEEKS_7_365, DayCount.WEEKS_7_360))
_BOTH_YEARS = 365 * 366
_MOST_MISSED = 800
"""Days in a row that may fall outside the months allowed before there is no such date at all."""


class TooFewMeetings(Refusal):
    """The group's calendar holds {found} meetings after {start}; {needed} are needed."""


class WrongNumberOfDates(Refusal):
    """{given} due dates are given; the loan has {needed} instalments."""


class DatesNotRising(Refusal):
    """{date} does not lie after {before}: due dates must follow one another."""


class NoDueMonth(Refusal):
    """No due date of this loan ever falls in the months {months}."""


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
    group's meetings in order. An open end has one date more than instalments, for what is left.
    Raises TooFewMeetings, WrongNumberOfDates, DatesNotRising.
    """
    if terms.due_dates:
        return custom_due_dates(
            terms,
            start,
            terms.due_dates,
            closed=closed,
            meetings=meetings,
            first_period_from=first_period_from,
        )
    count = terms.instalments + (terms.residue is Residue.OPEN_END)
    if terms.unit is DueUnit.MEETING:
        plain = _meetings(terms, start, meetings, count)
    elif terms.due_months or (terms.first_due_min_days and terms.anchor_day is None):
        plain = _chosen_dates(terms, start, count)
    else:
        plain = _plain_dates(terms, start, count)
    return _with_off_days(terms, start, plain, closed, meetings, first_period_from)


def custom_due_dates(
    terms: Terms,
    start: date,
    days: Sequence[date],
    *,
    closed: Collection[date] = frozenset(),
    meetings: Sequence[date] = (),
    first_period_from: date | None = None,
) -> DuePlan:
    """A plan on days agreed one by one, as many as there are instalments.

    Raises WrongNumberOfDates, DatesNotRising.
    """
    if len(days) != terms.instalments:
        raise WrongNumberOfDates(given=len(days), needed=terms.instalments)
    for before, after in pairwise((start, *days)):
        if after <= before:
            raise DatesNotRising(date=after.isoformat(), before=before.isoformat())
    return _with_off_days(terms, start, tuple(days), closed, meetings, first_period_from)


def _with_off_days(
    terms: Terms,
    start: date,
    plain: tuple[date, ...],
    closed: Collection[date],
    meetings: Sequence[date],
    first_period_from: date | None,
) -> DuePlan:
    moved = plain
    if terms.working_days:
        closed = _Closed(closed, frozenset(terms.working_days))
    if closed or meetings:
        moved = tuple(_moved(day, terms.off_day_rule, closed, meetings) for day in plain)
    ends = moved if terms.off_day_moves_interest else plain
    return DuePlan((first_period_from or start, *ends), moved)


def off_day(terms: Terms, day: date, closed: Collection[date] = frozenset()) -> date:
    """The day something is due, by the terms' rule for a day without business."""
    if terms.working_days:
        closed = _Closed(closed, frozenset(terms.working_days))
    return _moved(day, terms.off_day_rule, closed, ())


class _Closed:
    """Days without business: those named, and all but the working days of the week."""

    def __init__(self, named: Collection[date], working: frozenset[int]) -> None:
        self._named, self._working = named, working

    def __contains__(self, day: object) -> bool:
        return day in self._named or (
            isinstance(day, date) and day.isoweekday() not in self._working
        )

    def __iter__(self) -> Iterator[date]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named) + 1


def _meetings(terms: Terms, start: date, meetings: Sequence[date], count: int) -> tuple[date, ...]:
    earliest = start + timedelta(days=max(terms.first_due_min_days, 1))
    after = meetings[bisect_left(meetings, earliest) :]
    if terms.due_months:
        after = [day for day in after if day.month in terms.due_months]
    after = after[terms.every - 1 :: terms.every][:count]
    if len(after) < count:
        raise TooFewMeetings(
            found=len(after) * terms.every, start=start.isoformat(), needed=count * terms.every
        )
    return tuple(after)


def _chosen_dates(terms: Terms, start: date, count: int) -> tuple[date, ...]:
    """Dates in the months and after the days that the terms allow."""
    earliest = start + timedelta(days=terms.first_due_min_days)
    found: list[date] = []
    missed = 0
    for day in _endless_dates(terms, start):
        if day >= earliest and (not terms.due_months or day.month in terms.due_months):
            found.append(day)
            missed = 0
            if len(found) == count:
                return tuple(found)
        elif (missed := missed + 1) > _MOST_MISSED:
            break
    raise NoDueMonth(months=", ".join(map(str, terms.due_months)))


def _endless_dates(terms: Terms, start: date) -> Iterator[date]:
    """Due dates one after another, each counted from the start."""
    first, begin = start, 1
    if terms.anchor_day is not None and terms.unit is DueUnit.MONTH:
        first, begin = _first_anchored(terms, start, terms.anchor_day), 0
    unit = _PERIOD[terms.unit]
    for number in count_from(begin):
        if begin:
            yield dates.add_periods(first, number, terms.every, unit)
        else:
            yield dates.add_months(first, number * terms.every, terms.anchor_day)


def _plain_dates(terms: Terms, start: date, count: int) -> tuple[date, ...]:
    if terms.anchor_day is None or terms.unit is not DueUnit.MONTH:
        return dates.due_dates(start, count, terms.every, _PERIOD[terms.unit])
    return tuple(islice(_endless_dates(terms, start), count))


def _first_anchored(terms: Terms, start: date, anchor_day: int) -> date:
    earliest = (
        start + timedelta(days=terms.first_due_min_days)
        if terms.first_due_min_days
        else dates.add_months(start, terms.every)
    )
    first = dates.add_months(earliest, 0, anchor_day)
    return first if first >= earliest else dates.add_months(earliest, 1, anchor_day)


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
        scale, unit = terms.rate_ppm, terms.rate_whole
        spans = [(end - begin).days for begin, end in pairwise(bounds)]
    else:
        scale, unit = _yearly(terms), _year_of(terms, bounds[0])
        if terms.day_count in _WHOLE_PERIODS:
            spans = [terms.every] * (len(bounds) - 1)
        elif terms.day_count in _YEAR_DAYS:
            spans = [(end - begin).days for begin, end in pairwise(bounds)]
        else:
            spans = [_span(terms, begin, end) for begin, end in pairwise(bounds)]
        unit *= terms.rate_whole
    shared = gcd(scale, unit) or 1
    scale, unit = scale // shared, unit // shared
    return Rates(tuple(span * scale for span in spans), unit)


def free_rates(rates: Rates, periods: int) -> Rates:
    """The same rates with nothing charged in the first periods."""
    if not periods:
        return rates
    return Rates((0,) * periods + rates.numerators[periods:], rates.denominator)


def stretched_rates(terms: Terms, rates: Rates, periods: Sequence[int]) -> Rates:
    """The same rates where a period runs for so many whole periods; by actual days it says so
    itself. No periods: each runs one.
    """
    if not periods or not _by_whole_periods(terms):
        return rates
    numerators = (rate * count for rate, count in zip(rates.numerators, periods, strict=True))
    return Rates(tuple(numerators), rates.denominator)


def _by_whole_periods(terms: Terms) -> bool:
    return terms.rate_per is not RatePer.DAY and terms.day_count in _ALWAYS_WHOLE


class Pause(NamedTuple):
    """Days, both included, that do not count."""

    first: date
    last: date


def with_pause(pauses: Sequence[Pause], added: Pause) -> list[Pause]:
    """Pauses in order with one more; those that touch or overlap become one."""
    found: list[Pause] = []
    for pause in sorted([*pauses, added]):
        if found and pause.first <= found[-1].last + timedelta(days=1):
            found[-1] = Pause(found[-1].first, max(found[-1].last, pause.last))
        else:
            found.append(pause)
    return found


def open_spans(begin: date, end: date, pauses: Sequence[Pause]) -> list[tuple[date, date]]:
    """The days [begin, end) without those of the pauses (in order, not overlapping)."""
    spans = []
    for pause in pauses:
        if pause.last < begin or pause.first >= end:
            continue
        if begin < pause.first:
            spans.append((begin, pause.first))
        begin = max(begin, pause.last + timedelta(days=1))
    if begin < end:
        spans.append((begin, end))
    return spans


def part_rate(
    terms: Terms, bounds: Sequence[date], period: int, begin: date, end: date, periods: int = 1
) -> Rates:
    """The rate of the days [begin, end) inside period `period` (0-based), which runs for so many
    whole periods: one numerator.
    """
    if not _by_whole_periods(terms):
        return period_rates_from(terms, bounds[0], begin, end)
    whole = period_rates(terms, (bounds[period], bounds[period + 1]))
    days = (bounds[period + 1] - bounds[period]).days
    part = whole.numerators[0] * periods * (end - begin).days
    return Rates((part,), whole.denominator * days)


def period_rates_from(terms: Terms, start: date, begin: date, end: date) -> Rates:
    """The rate of [begin, end) by actual days; `start` is the first day of the whole loan."""
    if terms.rate_per is RatePer.DAY:
        return Rates((terms.rate_ppm * (end - begin).days,), terms.rate_whole)
    scale = _yearly(terms)
    return Rates((_span(terms, begin, end) * scale,), _year_of(terms, start) * terms.rate_whole)


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
