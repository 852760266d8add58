"""Repayment schedules: who pays what on which day, from terms, disbursements and due dates alone.

Σ principal of the rows is always what was disbursed. The terms reproduce the conventions of Apache
Fineract, Mifos classic and Frappe Lending to the last unit.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate, count, repeat
from operator import sub
from typing import NamedTuple

from handup.kernel.credit import amortise, flat, three_places
from handup.kernel.credit.amortise import InstalmentBelowInterest, Part
from handup.kernel.credit.codes import Annuity, FeeWhen, Method, Repayment, Residue, RowKind
from handup.kernel.credit.dates import DuePlan, Rates, free_rates, part_rate, period_rates
from handup.kernel.credit.fees import instalment_fees, on_own_days
from handup.kernel.credit.terms import MILLION, MOST_INSTALMENTS, BadTerms, Terms
from handup.kernel.dates import PeriodUnit, add_periods
from handup.kernel.errors import Refusal
from handup.kernel.money import RoundingMode, divide, round_ratio, split

_IN_ROWS = (FeeWhen.INSTALMENT, FeeWhen.DUE_DATE)


class NegativeRow(Refusal):
    """Row {row} would have a negative part: the rounding is too coarse for this loan."""


class TooManyInstalments(Refusal):
    """The instalment is so small that the loan would take more than {most} instalments."""


class NothingDisbursed(Refusal):
    """A schedule needs at least one disbursement above zero."""


class DisbursedTooLate(Refusal):
    """The disbursement of {date} lies on or after the last due date."""


class Disbursement(NamedTuple):
    """Money handed to the borrower."""

    date: date
    units: int


class Row(NamedTuple):
    """One row of a schedule; `balance` is the principal left after it.

    `fee` is a fee of every instalment under three roundings; other fees are charges of the loan.
    """

    n: int
    kind: RowKind
    due_date: date
    principal: int
    interest: int
    balance: int
    fee: int = 0

    @property
    def due(self) -> int:
        """What the row asks for."""
        return self.principal + self.interest + self.fee


class Schedule(NamedTuple):
    """The rows of a loan in order of date, down payments first within a day."""

    rows: tuple[Row, ...]

    @property
    def total_interest(self) -> int:
        """Σ interest."""
        return sum(row.interest for row in self.rows)

    @property
    def total_principal(self) -> int:
        """Σ principal, which is all that was disbursed."""
        return sum(row.principal for row in self.rows)

    @property
    def total_due(self) -> int:
        """Σ principal, interest and fee."""
        return sum(row.due for row in self.rows)


def build_schedule(terms: Terms, disbursements: Sequence[Disbursement], plan: DuePlan) -> Schedule:
    """The schedule of a loan.

    `plan` holds the due dates (see dates.plan_due_dates); for FIXED_INSTALMENT only its first bound
    counts, the rows follow from the balance. Raises NegativeRow, InstalmentBelowInterest,
    TooManyInstalments, NothingDisbursed, DisbursedTooLate, BadTerms.
    """
    handed = sorted(disbursements, key=lambda item: item.date)
    if sum(item.units for item in handed) <= 0 or any(item.units < 0 for item in handed):
        raise NothingDisbursed()
    if terms.total_rounding is not None:
        return _three_places(terms, handed, plan)
    downs = [down_payment(terms, item.units) for item in handed]
    if terms.repayment is Repayment.FIXED_INSTALMENT:
        plan, parts = _fixed(terms, handed, downs, plan.bounds[0])
    elif handed[-1].date >= plan.bounds[-1]:
        raise DisbursedTooLate(date=handed[-1].date.isoformat())
    else:
        parts = _parts(terms, handed, downs, plan)
        if len(parts) < len(plan.due_dates):
            plan = DuePlan(plan.bounds[: len(parts) + 1], plan.due_dates[: len(parts)])
    if terms.grace_interest_payment:
        parts = _collected_later(parts, terms.grace_interest_payment)
    schedule = _rows(handed, downs, plan, parts)
    if any(fee.when in _IN_ROWS for fee in terms.fees):
        return _with_fees(terms, schedule, handed[0].date)
    return schedule


def _with_fees(terms: Terms, schedule: Schedule, start: date) -> Schedule:
    """The same rows with the fee of every instalment, and those on a day of their own, counted from
    `start`.
    """
    plain = schedule.rows
    paying = [place for place, row in enumerate(plain) if row.kind is RowKind.INSTALMENT]
    principal, interest = schedule.total_principal, schedule.total_interest
    fees = instalment_fees(terms, principal, interest, len(paying))
    due_dates = [plain[place].due_date for place in paying]
    for at, units in on_own_days(terms, start, due_dates, principal, interest).items():
        fees[at] += units
    rows = list(plain)
    for place, fee in zip(paying, fees, strict=True):
        if fee < 0:
            raise NegativeRow(row=place + 1)
        rows[place] = plain[place]._replace(fee=fee)
    return Schedule(tuple(rows))


def _three_places(terms: Terms, handed: Sequence[Disbursement], plan: DuePlan) -> Schedule:
    """Rows under three roundings; dates only say when they fall due."""
    three_places.check(terms)
    if len(handed) > 1 or len(plan.due_dates) != terms.instalments:
        raise BadTerms(field="total_rounding", reason="three roundings need one disbursement")
    rates = period_rates(terms, plan.bounds[:2])
    rate = Fraction(rates.numerators[0], rates.denominator)
    balance = handed[0].units
    rows: list[Row] = []
    for due_date, part in zip(
        plan.due_dates, three_places.parts(terms, balance, rate), strict=True
    ):
        if min(part) < 0:
            raise NegativeRow(row=len(rows) + 1)
        balance -= part.principal
        number = len(rows) + 1
        rows.append(
            Row(
                number,
                RowKind.INSTALMENT,
                due_date,
                part.principal,
                part.interest,
                balance,
                part.fee,
            )
        )
    return Schedule(tuple(rows))


def down_payment(terms: Terms, units: int) -> int:
    """What of a disbursement is paid down on its own day."""
    unit = terms.instalment_rounding.unit
    return (
        divide(units * terms.down_payment_ppm, MILLION * unit, RoundingMode.HALF_EVEN) * unit
        if terms.down_payment_ppm
        else 0
    )


def _parts(
    terms: Terms, handed: Sequence[Disbursement], downs: Sequence[int], plan: DuePlan
) -> list[Part]:
    if len(handed) > 1 and (
        terms.method is Method.FLAT or terms.annuity is not Annuity.EACH_PERIOD_RATE
    ):
        raise BadTerms(field="tranches_max", reason="tranches need interest at each rate")
    if terms.residue is Residue.OPEN_END and not _may_end_open(terms, handed):
        raise BadTerms(field="residue", reason="an open end needs equal parts of one balance")
    principal = handed[0].units - downs[0]
    if terms.method is Method.FLAT:
        principals = flat.principals(terms, principal, len(plan.due_dates))
        if principals is None:
            principals = planned_principals(terms, principal, len(plan.due_dates))
        interests = flat.interests(terms, handed[0].units, plan.bounds)
        return flat.join(terms, principal, principals, interests)
    nominal = period_rates(terms, plan.bounds)
    rates = free_rates(nominal, terms.grace_interest_free)
    if terms.residue is Residue.OPEN_END:
        return amortise.open_end(terms, principal, rates, nominal)
    if terms.repayment is Repayment.EQUAL_INSTALMENTS or len(handed) > 1:
        return _tranches(terms, handed, downs, plan, rates, nominal)
    principals = planned_principals(terms, principal, len(plan.due_dates))
    return with_interest(terms, principal, principals, rates)


def _may_end_open(terms: Terms, handed: Sequence[Disbursement]) -> bool:
    return (
        len(handed) == 1
        and terms.method is Method.DECLINING
        and terms.repayment in (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL)
    )


def planned_principals(
    terms: Terms, principal: int, rows: int, first: int = 0, weights: Sequence[int] = ()
) -> list[int]:
    """Principal of rows first..rows where interest plays no part; the last takes what is left.

    `weights`: what these rows plan now, where a change made more or fewer rows than have shares.
    """
    count = rows - first
    grace = max(terms.grace_principal - first, 0)
    paying = count - grace
    rounding = terms.principal_rounding
    if terms.repayment is Repayment.BULLET:
        return [0] * (count - 1) + [principal]
    if terms.repayment is Repayment.PRINCIPAL_SHARES:
        if len(terms.shares_bps) == rows or not weights:
            weights = terms.shares_bps[first:]
        shares = split(principal, weights if any(weights) else [1] * count, rounding.unit)
        return [*shares.parts[:-1], shares.parts[-1] + shares.leftover]
    if terms.residue is Residue.SPREAD:
        shares = split(principal, [1] * paying, rounding.unit)
        return [0] * grace + [*shares.parts[:-1], shares.parts[-1] + shares.leftover]
    if terms.repayment is Repayment.PERCENT_OF_PRINCIPAL:
        part = round_ratio(principal * terms.principal_ppm, MILLION, rounding)
    else:
        part = round_ratio(principal, paying, rounding)
    regular = [0] * grace + [part] * (paying - 1)
    return [*regular, principal - part * (paying - 1)]


def with_interest(
    terms: Terms,
    balance: int,
    principals: Sequence[int],
    rates: Rates,
    first: int = 0,
    given: Sequence[int | None] = (),
) -> list[Part]:
    """Rows first..n of planned principals; `given` holds interest worked out in parts."""
    rounding = terms.interest_rounding
    parts: list[Part] = []
    for place, principal in enumerate(principals, first):
        interest = given[place] if given else None
        if interest is None:
            rate = rates.numerators[place]
            interest = round_ratio(balance * rate, rates.denominator, rounding)
        parts.append((principal, interest))
        balance -= principal
    return parts


def _tranches(
    terms: Terms,
    handed: Sequence[Disbursement],
    downs: Sequence[int],
    plan: DuePlan,
    rates: Rates,
    nominal: Rates,
) -> list[Part]:
    """Equal instalments, fixed again at every disbursement for the rows that follow."""
    start = plan.bounds[0]
    parts: list[Part] = []
    given: list[int | None] = [None] * len(plan.due_dates)
    if len(handed) == 1 and handed[0].date <= start:
        return fixed_again(terms, handed[0].units - downs[0], 0, given, rates, nominal)
    received: dict[date, int] = {}
    for item, down in zip(handed, downs, strict=True):
        day = max(item.date, start)
        received[day] = received.get(day, 0) + item.units - down
    place, balance = 0, 0
    segments: list[tuple[date, int]] = []
    for day, units in received.items():
        period = bisect_right(plan.bounds, day) - 1
        if period > place or not parts:
            balance -= sum(principal for principal, _ in parts[place:period])
            place = period
            segments = [(plan.bounds[place], balance)]
        balance += units
        segments.append((day, balance))
        given[place] = _interest_in_parts(terms, plan, place, segments)
        kept = parts[:place] or [(0, 0)] * place
        parts = [*kept, *fixed_again(terms, balance, place, given, rates, nominal)]
    return parts


def _interest_in_parts(
    terms: Terms, plan: DuePlan, place: int, segments: Sequence[tuple[date, int]]
) -> int | None:
    """Interest of a row with disbursements inside it; None when there are none."""
    if place < terms.grace_interest_free:
        return 0
    begin, end = plan.bounds[place], plan.bounds[place + 1]
    if all(day == begin for day, _ in segments):
        return None
    total = 0
    stops = [day for day, _ in segments[1:]] + [end]
    for (day, balance), stop in zip(segments, stops, strict=True):
        rate = part_rate(terms, plan.bounds, place, day, stop)
        total += round_ratio(
            balance * rate.numerators[0], rate.denominator, terms.interest_rounding
        )
    return total


def fixed_again(
    terms: Terms,
    balance: int,
    place: int,
    given: Sequence[int | None],
    rates: Rates,
    nominal: Rates,
    weights: Sequence[int] = (),
) -> list[Part]:
    """Rows place..n of a balance: planned principals, or interest only while principal is in grace
    and then equal instalments. `weights`: as for planned_principals.
    """
    if terms.repayment is not Repayment.EQUAL_INSTALMENTS:
        planned = planned_principals(terms, balance, len(rates.numerators), place, weights)
        return with_interest(terms, balance, planned, rates, place, given)
    parts: list[Part] = []
    while place < terms.grace_principal:
        interest = given[place]
        if interest is None:
            interest = round_ratio(
                balance * rates.numerators[place], rates.denominator, terms.interest_rounding
            )
        parts.append((0, interest))
        place += 1
    chosen = amortise.annuity_rates(terms, rates, nominal, place)
    return parts + amortise.equal_instalments(terms, balance, rates, place, given, chosen)


def _fixed(
    terms: Terms, handed: Sequence[Disbursement], downs: Sequence[int], start: date
) -> tuple[DuePlan, list[Part]]:
    """Rows of a given instalment until nothing is left; the last one is smaller."""
    if len(handed) > 1 or terms.method is Method.FLAT:
        raise BadTerms(field="repayment", reason="a given instalment needs one declining balance")
    balance = handed[0].units - downs[0]
    unit = PeriodUnit(terms.unit.value)
    bounds = [start]
    parts: list[Part] = []
    while balance:
        if len(parts) == MOST_INSTALMENTS:
            raise TooManyInstalments(most=MOST_INSTALMENTS)
        end = add_periods(start, len(bounds), terms.every, unit)
        rates = period_rates(terms, (bounds[-1], end))
        interest = round_ratio(
            balance * rates.numerators[0], rates.denominator, terms.interest_rounding
        )
        if len(parts) < terms.grace_interest_free:
            interest = 0
        principal = 0 if len(parts) < terms.grace_principal else terms.fixed_units - interest
        if principal <= 0 and len(parts) >= terms.grace_principal:
            raise InstalmentBelowInterest()
        principal = min(principal, balance)
        parts.append((principal, interest))
        balance -= principal
        bounds.append(end)
    return DuePlan(tuple(bounds), tuple(bounds[1:])), parts


def _collected_later(parts: Sequence[Part], rows: int) -> list[Part]:
    """The interest of the first rows is collected with the first row after them. Raises BadTerms
    where the loan is paid back before.
    """
    if rows >= len(parts):
        raise BadTerms(field="grace_interest_payment", reason="grace leaves no instalment to pay")
    waiting = sum(interest for _, interest in parts[:rows])
    shifted = [(principal, 0) for principal, _ in parts[:rows]]
    principal, interest = parts[rows]
    return [*shifted, (principal, interest + waiting), *parts[rows + 1 :]]


def _rows(
    handed: Sequence[Disbursement],
    downs: Sequence[int],
    plan: DuePlan,
    parts: Sequence[Part],
) -> Schedule:
    instalment, last = RowKind.INSTALMENT, len(handed)
    if last == 1 and not downs[0] and handed[0].date <= plan.due_dates[0]:
        return _plain_rows(handed[0].units, plan, parts)
    rows: list[Row] = []
    balance = taken = lent = 0
    for due_date, (principal, interest) in zip(plan.due_dates, parts, strict=True):
        while taken < last and handed[taken].date <= due_date:
            day = handed[taken].date
            while lent < last and handed[lent].date == day:
                balance += handed[lent].units
                lent += 1
            down = downs[taken]
            if down:
                balance -= down
                rows.append(Row(len(rows) + 1, RowKind.DOWN_PAYMENT, day, down, 0, balance))
            taken += 1
        if principal < 0 or interest < 0:
            raise NegativeRow(row=len(rows) + 1)
        balance -= principal
        rows.append(Row(len(rows) + 1, instalment, due_date, principal, interest, balance))
    return Schedule(tuple(rows))


def _plain_rows(units: int, plan: DuePlan, parts: Sequence[Part]) -> Schedule:
    """The rows of one disbursement without down payment, made in one go."""
    principals, interests = zip(*parts, strict=True)
    if min(principals) < 0 or min(interests) < 0:
        row = next(number for number, part in enumerate(parts, 1) if min(part) < 0)
        raise NegativeRow(row=row)
    balances = accumulate(principals, sub, initial=units)
    next(balances)
    columns = zip(
        count(1),
        repeat(RowKind.INSTALMENT),
        plan.due_dates,
        principals,
        interests,
        balances,
        repeat(0),
        strict=False,
    )
    return Schedule(tuple(map(Row._make, columns)))
