"""The rows of a running loan put on new days, made longer and worked out at a new rate.

What was paid of a row stays with that row; what is moved or made anew is its unpaid rest. Rows as
they were before are kept with the day they went out of force, so any earlier day reads the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Instalment,
    OpenRow,
)
from handup.kernel.credit.apart import ask_interest, interest_of_one
from handup.kernel.credit.codes import Method, RatePer, Repayment, RowKind
from handup.kernel.credit.dates import off_day
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.rescheduling import (
    EarlierThanDue,
    NothingToReschedule,
    PastNextDue,
    Request,
    fixed_on,
    flat_interest,
    moved_dates,
    moved_principals,
    period_unit,
)
from handup.kernel.credit.schedule import NegativeRow
from handup.kernel.credit.standing import Standing
from handup.kernel.credit.terms import Terms
from handup.kernel.dates import PeriodUnit, add_months, add_periods
from handup.kernel.money import round_ratio, round_to


class Days(NamedTuple):
    """When a row is due, and when its period ends, which a day off does not move."""

    due_date: date
    ends: date


def asked_days(loan: Standing, changed: Sequence[OpenRow], request: Request) -> list[Days]:
    """The days of the changed rows, and of those added. Raises EarlierThanDue, PastNextDue.

    Days agreed one by one have no day of the month in common: what is added to them follows the
    first changed one by whole periods, as long as that lies behind the last.
    """
    if request.shift_to is not None and not request.alone:
        dates = moved_dates(loan.terms, [row.due_date for row in changed], request)
        return [Days(day, day) for day in dates]
    steps = range(1, request.principal_grace + request.extra_instalments + 1)
    days = [Days(row.due_date, row.ends) for row in changed]
    if request.shift_to is not None:
        days[0] = _moved_alone(changed, request.shift_to)
    first, last = changed[0].ends, changed[-1].ends
    if loan.terms.due_dates and _periods_after(loan.terms, first, len(changed)) > last:
        ends = [_periods_after(loan.terms, first, len(changed) - 1 + step) for step in steps]
        return days + [_days(loan.terms, day) for day in ends]
    return days + [later(loan, last, step) for step in steps]


def _moved_alone(changed: Sequence[OpenRow], shift_to: date) -> Days:
    """The days of a row that moves between those that stay; its period ends where it ended."""
    first, *others = changed
    if shift_to < first.due_date:
        raise EarlierThanDue(shift_to=shift_to.isoformat(), due=first.due_date.isoformat())
    if others and shift_to > others[0].due_date:
        due = others[0].due_date.isoformat()
        raise PastNextDue(shift_to=shift_to.isoformat(), due=due)
    return Days(shift_to, first.ends)


def later(loan: Standing, ends: date, periods: int) -> Days:
    """The days of a period that ends so many whole periods later than one of this loan's."""
    terms = loan.terms
    if period_unit(terms) is PeriodUnit.MONTH:
        anchor = _day_of_month(loan)
        if anchor is not None:
            return _days(terms, add_months(ends, periods * terms.every, anchor))
    return _days(terms, _periods_after(terms, ends, periods))


def _periods_after(terms: Terms, day: date, periods: int) -> date:
    return add_periods(day, periods, terms.every, period_unit(terms))


def _days(terms: Terms, ends: date) -> Days:
    """The days of a period that would end on a day, were it one of business."""
    due_date = off_day(terms, ends)
    return Days(due_date, due_date if terms.off_day_moves_interest else ends)


def _day_of_month(loan: Standing) -> int | None:
    """The day of the month that all periods of a loan end on, but in shorter months."""
    rows = loan.plan_rows()
    for day in (loan.terms.anchor_day, rows[0].begins.day, max(row.ends.day for row in rows)):
        if day is not None and all(row.ends == add_months(row.ends, 0, day) for row in rows):
            return day
    return None


def begin_change(loan: Standing, day: date, from_date: date) -> list[OpenRow]:
    """Bring a loan up to the day of a change; the rows due from a day on. Raises
    NothingToReschedule.
    """
    loan.move_to(day)
    loan.book_late(day)
    changed = [row for row in loan.plan_rows() if row.due_date >= from_date]
    if not changed:
        raise NothingToReschedule(date=from_date.isoformat())
    return changed


def move(
    loan: Standing, day: date, changed: Sequence[OpenRow], request: Request, days: Sequence[Days]
) -> list[OpenRow]:
    """Put the last rows of the plan on new days, with principal moved, spread, and at a new rate as
    asked; the rows as they are then. Raises what a schedule refuses.
    """
    if loan.by_balance is not None:
        return _reschedule_balance(loan, day, changed, request, days)
    regular = interest_of_one(loan, changed[-1])
    open_principals = [row.open[PRINCIPAL] for row in changed]
    principals = moved_principals(loan.terms, open_principals, request)
    own: list[int] = []
    if request.new_rate_ppm is not None:
        principals, own = _at_rate(loan, changed, request.new_rate_ppm, principals, days)
    for number, principal in enumerate(principals, 1):
        if principal < 0:
            raise NegativeRow(row=number)
    moved = _move_rows(loan, day, changed, days)
    for row, principal in zip(moved, principals, strict=True):
        row.add(PRINCIPAL, principal - row.open[PRINCIPAL])
    if own:
        ask_interest(loan, moved, own)
    else:
        for row in moved[len(changed) :]:
            row.add(INTEREST, regular)
    stayed = {row.number for row in changed}
    for row in moved:
        row.ended = not any(row.due) and row.number not in stayed
    _at_new_rate(loan, request)
    _restart_daily(loan, day)
    return moved


def _at_rate(
    loan: Standing,
    changed: Sequence[OpenRow],
    rate_ppm: int,
    principals: list[int],
    days: Sequence[Days],
) -> tuple[list[int], list[int]]:
    """Principals, and the interest of their periods, at a new rate."""
    terms = replace(loan.terms, rate_ppm=rate_ppm, rate_parts=1, rate_per=RatePer.YEAR)
    periods = [loan.apart.runs(row.number) for row in changed]
    periods += [1] * (len(days) - len(changed))
    if terms.method is Method.FLAT:
        interest = flat_interest(terms, loan.base)
        return principals, [interest * count for count in periods]
    ends = [each.ends for each in days]
    return fixed_on(terms, changed[0].begins, ends, principals, periods)


def _at_new_rate(loan: Standing, request: Request) -> None:
    if request.new_rate_ppm is not None:
        rate = request.new_rate_ppm
        loan.terms = replace(loan.terms, rate_ppm=rate, rate_parts=1, rate_per=RatePer.YEAR)


def _move_rows(
    loan: Standing, day: date, changed: Sequence[OpenRow], days: Sequence[Days]
) -> list[OpenRow]:
    """Put the unpaid rest of rows on new days, behind what stays on them; more days than rows make
    new, empty rows.
    """
    ledger = loan.ledger
    begins = changed[0].begins
    moved: list[OpenRow] = []
    for place, (due_date, ends) in enumerate(days):
        if place < len(changed):
            row = _rest_of(loan, changed[place], day)
        else:
            row = OpenRow(Instalment(due_date, 0, 0), ledger.next_number(), from_date=day)
            ledger.rows.append(row)
        row.due_date, row.ends = due_date, ends
        row.begins, begins = begins, ends
        loan.lateness.tracks.pop(row.number, None)
        moved.append(row)
    numbers = {row.number for row in moved}
    ledger.rows.sort(
        key=lambda row: (row.due_date, row.kind is RowKind.CHARGES, row.number in numbers)
    )
    return moved


def _rest_of(loan: Standing, row: OpenRow, day: date) -> OpenRow:
    """The row itself when nothing of it is paid, else a new row of what is unpaid."""
    if not any(row.paid(place) for place in (PENALTY, FEE, INTEREST, PRINCIPAL)):
        loan.supersede(row, day)
        return row
    rest = row.copy()
    rest.number = loan.ledger.next_number()
    rest.from_date, rest.settled_date = day, None
    rest.early = rest.late = 0
    rest.due = rest.open.copy()
    _hand_on_interest(loan, row, rest)
    loan.supersede(row, day)
    _hand_on_fees(loan, row, rest)
    row.end()
    loan.ledger.rows.append(rest)
    return rest


def _hand_on_fees(loan: Standing, row: OpenRow, rest: OpenRow) -> None:
    """Tell the new row what of its own fee, and of the fees carried over, is unpaid: a row's own
    fee is paid first, then what was carried over, then what was charged; what the paid part of a
    row owes to the insurer stays as it was.
    """
    paid = row.paid(FEE)
    if row.number in loan.tariff:
        tariff = loan.tariff.pop(row.number)
        loan.tariff[rest.number] = min(max(tariff - paid, 0), rest.open[FEE])
        loan.tariff[row.number] = tariff - loan.tariff[rest.number]
    if row.number in loan.fees_carried:
        units, premium = loan.fees_carried.pop(row.number)
        had = min(max(paid - loan.tariff.get(row.number, 0), 0), units)
        told = round_to(Fraction(had * premium, units)) if units else 0
        left = min(units - had, rest.open[FEE] - loan.tariff.get(rest.number, 0))
        part = (premium - told) * left // (units - had) if left else 0
        loan.fees_carried[rest.number] = left, part
        loan.fees_carried[row.number] = had, told


def _hand_on_interest(loan: Standing, row: OpenRow, rest: OpenRow) -> None:
    """Let the new row know what of its period's interest, and of what was carried over, is paid."""
    number, paid = rest.number, row.paid(INTEREST)
    loan.apart.hand_on(row.number, number)
    if row.number in loan.carried:
        carried = loan.carried.pop(row.number)
        loan.carried[number] = min(carried, rest.open[INTEREST])
        paid -= carried - loan.carried[number]
    loan.apart.served[number] = loan.apart.served.get(number, 0) + paid


def _restart_daily(loan: Standing, day: date) -> None:
    """Let a daily rate go on with the rows as they stand now."""
    before = loan.by_day
    if before is None:
        return
    late = before.late_left()
    loan.follow(day)
    daily = loan.by_day
    assert daily is not None
    daily.served_on, daily.pauses = before.served_on, before.pauses
    less = dict(zip((row.number for row in before.rows), before.less, strict=True))
    daily.less = [less.get(row.number, 0) for row in daily.rows]
    daily.late = [min(late.get(row.number, 0), row.open[INTEREST]) for row in daily.rows]


def _reschedule_balance(
    loan: Standing, day: date, changed: Sequence[OpenRow], request: Request, days: Sequence[Days]
) -> list[OpenRow]:
    """As apply_reschedule where interest follows the balance: what is overdue of the rows that
    move joins the plan again, its interest is collected with the next row; what stays due by the
    day of the change stays due.
    """
    old = loan.by_balance
    assert old is not None
    old.stop_at(day)
    stays = sum(1 for row, new in zip(changed, days, strict=False) if new.due_date <= day)
    changed, days = changed[stays:], days[stays:]
    if not changed:
        raise NothingToReschedule(date=request.from_date.isoformat())
    numbers = {row.number for row in changed}
    closed = [row for row in old.rows[: old.current] if row.number in numbers]
    kept = [row for row in old.rows[old.current :] if row.number not in numbers]
    left = old.left - old.ahead + sum(row.open[PRINCIPAL] for row in closed)
    waiting = old.waiting + old.counted + sum(row.open[INTEREST] for row in closed)
    principals = [row.open[PRINCIPAL] for row in closed] + list(old.planned[old.current :])
    starts = old.bounds[min(old.current, len(old.rows) - 1)]
    moved = _move_rows(loan, day, changed, days)
    if kept and any(row.due[PRINCIPAL] for row in kept[:1]):
        kept[0] = _rest_of(loan, kept[0], day)
        loan.ledger.rows.sort(key=lambda row: (row.due_date, row.kind is RowKind.CHARGES))
    for row in (*kept, *moved):
        for place in (INTEREST, PRINCIPAL):
            row.add(place, -row.open[place])
    rows = [*kept, *moved]
    bounds = (starts if starts < rows[0].ends else day, *(row.ends for row in rows))
    rows[0].begins = bounds[0]
    periods = list(loan.apart.periods(rows))
    if periods and not kept:
        periods[0] = max(periods[0] - len(closed), 1)
    segment = _segment_terms(loan.terms, len(rows))
    new = BalancePlan(segment, loan.ledger, bounds, rows, left, periods)
    new.unpaid, new.waiting, new.cut = old.unpaid, waiting, max(day, bounds[0])
    new.pauses, new.skip, new.instalment = old.pauses, old.skip, old.instalment
    new.holiday = (len(kept), len(kept) + request.principal_grace)
    new.planned = _spread(new.terms, left, principals, len(rows), len(kept), request)
    loan.by_balance = new
    _at_new_rate(loan, request)
    if request.extra_instalments or request.principal_grace or request.new_rate_ppm is not None:
        after = _segment_terms(loan.terms, len(rows))
        new.later = (len(kept), after)
        if not kept:
            new.change_terms(after)
    return moved


def _spread(
    terms: Terms, left: int, principals: Sequence[int], count: int, kept: int, request: Request
) -> list[int]:
    """Principals of a plan on new days: moved behind the grace, or in equal parts when longer."""
    grace = [0] * request.principal_grace
    before, rest = list(principals[:kept]), list(principals[kept:])
    if request.extra_instalments:
        paying = count - kept - len(grace)
        to_spread = left - sum(before)
        part = round_ratio(to_spread, paying, terms.principal_rounding)
        rest = [part] * (paying - 1) + [to_spread - part * (paying - 1)]
    planned = before + grace + rest
    return planned + [0] * (count - len(planned))


def _segment_terms(terms: Terms, count: int) -> Terms:
    """The terms of what is left of a loan: so many rows, no grace but what is agreed anew."""
    shares = terms.repayment is Repayment.PRINCIPAL_SHARES
    return replace(
        terms,
        instalments=count,
        repayment=Repayment.EQUAL_PRINCIPAL if shares else terms.repayment,
        shares_bps=(),
        grace_principal=0,
        grace_interest_payment=0,
        grace_interest_free=0,
    )
