"""Very many schedules of equal terms and dates at once, for simulating a portfolio (needs numpy).

A twin of `schedule.build_schedule`: the same figures to the last unit, a test holds it. Only the
annuity itself is worked out loan by loan, in whole numbers of any size; the rest runs over all
loans together in 64-bit integers, and what might not fit into them is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handup.kernel.credit import amortise
from handup.kernel.credit.codes import FeeWhen, Method, Repayment, Residue, Smoothing
from handup.kernel.credit.dates import DuePlan, Rates, free_rates, period_rates
from handup.kernel.credit.flat import factors as flat_factors
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import Rounding, RoundingMode, round_ratio

Units = NDArray[np.int64]
_MOST = 2**62
_LARGEST = 2**41
_PLANNED = (Repayment.EQUAL_PRINCIPAL, Repayment.PERCENT_OF_PRINCIPAL, Repayment.BULLET)


class NotSimulated(Refusal):
    """Many schedules at once are not made for these terms: {reason}."""


@dataclass(frozen=True, slots=True)
class Schedules:
    """Principal and interest by loan and row; `refused` marks loans with a part below zero, which
    `build_schedule` refuses as NegativeRow.
    """

    principal: Units
    interest: Units
    refused: NDArray[np.bool_]


def simulate(terms: Terms, amounts: Sequence[int] | Units, plan: DuePlan) -> Schedules:
    """The schedules of loans of these amounts, each paid out in one sum on the plan's first day.

    Raises NotSimulated.
    """
    units = np.asarray(amounts, dtype=np.int64)
    _check(terms, units)
    if terms.method is Method.FLAT:
        principal, interest = _flat(terms, units, plan)
    else:
        nominal = period_rates(terms, plan.bounds)
        rates = free_rates(nominal, terms.grace_interest_free)
        _check_size(int(units.max(initial=0)), rates, terms)
        if terms.repayment is Repayment.EQUAL_INSTALMENTS:
            principal, interest = _annuities(terms, units, rates, nominal)
        else:
            principal = _planned(terms, units, len(rates.numerators))
            interest = _interest(terms, units, principal, rates)
    below = np.minimum(principal, interest).min(axis=1)
    refused: NDArray[np.bool_] = below < 0
    waiting = terms.grace_interest_payment
    if waiting:
        interest[:, waiting] += interest[:, :waiting].sum(axis=1)
        interest[:, :waiting] = 0
    return Schedules(principal, interest, refused)


def _check(terms: Terms, units: Units) -> None:
    reason = ""
    if terms.repayment not in (Repayment.EQUAL_INSTALMENTS, *_PLANNED):
        reason = "principal is paid in parts of its own"
    elif terms.total_rounding is not None:
        reason = "they round three times"
    elif terms.residue is not Residue.LAST:
        reason = "the last row does not take what rounding leaves"
    elif terms.down_payment_ppm:
        reason = "there is a down payment"
    elif any(fee.when in (FeeWhen.INSTALMENT, FeeWhen.DUE_DATE) for fee in terms.fees):
        reason = "instalments have fees"
    elif units.size and int(units.min()) <= 0:
        reason = "a loan is above zero"
    elif int(units.max(initial=0)) >= _LARGEST:
        reason = "a loan is larger than fits"
    if reason:
        raise NotSimulated(field="terms", reason=reason)


def _check_size(most: int, rates: Rates, terms: Terms) -> None:
    places = max(terms.interest_rounding.unit, terms.instalment_rounding.unit)
    largest = max(most * max(rates.numerators, default=0), rates.denominator * places)
    if 2 * largest + rates.denominator * places >= _MOST:
        raise NotSimulated(field="terms", reason="the figures do not fit into 64 bits")


def _divide(numerator: Units, denominator: int, mode: RoundingMode) -> Units:
    """money.divide over arrays."""
    quotient, rest = np.divmod(numerator, denominator)
    if mode is RoundingMode.FLOOR:
        return quotient
    if mode is RoundingMode.CEILING:
        return quotient + (rest > 0)
    twice = 2 * rest
    tie = (quotient & 1) if mode is RoundingMode.HALF_EVEN else (numerator > 0)
    return quotient + np.where(twice == denominator, tie, twice > denominator)


def _round(numerator: Units, denominator: int, rounding: Rounding) -> Units:
    return _divide(numerator, denominator * rounding.unit, rounding.mode) * rounding.unit


def _interest_of(terms: Terms, rates: Rates, place: int) -> Callable[[Units], Units]:
    rate = rates.numerators[place]
    rounding, denominator = terms.interest_rounding, rates.denominator
    if rounding.unit == 1 and rounding.mode is RoundingMode.HALF_UP:
        return lambda balance: (2 * balance * rate + denominator) // (2 * denominator)
    return lambda balance: _round(balance * rate, denominator, rounding)


def _annuities(terms: Terms, units: Units, rates: Rates, nominal: Rates) -> tuple[Units, Units]:
    grace = terms.grace_principal
    chosen = amortise.annuity_rates(terms, rates, nominal, grace)
    numerator, denominator = amortise.annuity_factor(chosen, rates.denominator)
    instalment = np.array(
        [
            round_ratio(balance * numerator, denominator, terms.instalment_rounding)
            for balance in units.tolist()
        ],
        dtype=np.int64,
    )
    parts = _pay_down(terms, units, instalment, rates, grace)
    count = len(rates.numerators) - grace
    if terms.smoothing is Smoothing.NONE or count < 2:
        return parts
    return _smoothed(terms, units, instalment, rates, parts)


def _pay_down(
    terms: Terms, units: Units, instalment: Units, rates: Rates, grace: int
) -> tuple[Units, Units]:
    rows = len(rates.numerators)
    principal = np.zeros((units.size, rows), dtype=np.int64)
    interest = np.zeros((units.size, rows), dtype=np.int64)
    balance = units.copy()
    for place in range(rows):
        interest[:, place] = _interest_of(terms, rates, place)(balance)
        if place >= grace:
            last = place == rows - 1
            principal[:, place] = balance if last else instalment - interest[:, place]
            balance = balance - principal[:, place]
    return principal, interest


def _gap(parts: tuple[Units, Units]) -> Units:
    principal, interest = parts
    last = principal[:, -1] + interest[:, -1]
    gap: Units = last - principal[:, -2] - interest[:, -2]
    return gap


def _smoothed(
    terms: Terms, units: Units, instalment: Units, rates: Rates, parts: tuple[Units, Units]
) -> tuple[Units, Units]:
    """Try the instalment once more where the last one lies far off; keep what comes nearer."""
    grace = terms.grace_principal
    count = len(rates.numerators) - grace
    gap = _gap(parts)
    wanted = instalment + _divide(gap, count, RoundingMode.HALF_EVEN)
    tried = _round(wanted, 1, terms.instalment_rounding)
    again = _pay_down(terms, units, tried, rates, grace)
    better = (np.abs(gap) > count // 2) & (np.abs(_gap(again)) < np.abs(gap))
    chosen = better[:, np.newaxis]
    return np.where(chosen, again[0], parts[0]), np.where(chosen, again[1], parts[1])


def _planned(terms: Terms, units: Units, rows: int) -> Units:
    """Principals that interest plays no part in."""
    principal = np.zeros((units.size, rows), dtype=np.int64)
    grace = terms.grace_principal
    if terms.repayment is Repayment.BULLET:
        part = np.zeros_like(units)
    elif terms.repayment is Repayment.PERCENT_OF_PRINCIPAL:
        part = _round(units * terms.principal_ppm, MILLION, terms.principal_rounding)
    else:
        part = _round(units, rows - grace, terms.principal_rounding)
    principal[:, grace:-1] = part[:, np.newaxis]
    principal[:, -1] = units - principal.sum(axis=1)
    return principal


def _interest(terms: Terms, units: Units, principal: Units, rates: Rates) -> Units:
    interest = np.zeros_like(principal)
    balance = units.copy()
    for place in range(principal.shape[1]):
        interest[:, place] = _interest_of(terms, rates, place)(balance)
        balance = balance - principal[:, place]
    return interest


def _flat(terms: Terms, units: Units, plan: DuePlan) -> tuple[Units, Units]:
    if terms.repayment is Repayment.EQUAL_INSTALMENTS and terms.instalment_rounding.unit > 1:
        raise NotSimulated(field="terms", reason="flat instalments are rounded as a whole")
    rows = len(plan.due_dates)
    principal = _planned(terms, units, rows)
    of_total, of_row = flat_factors(terms, plan.bounds)
    largest = int(units.max(initial=0)) * max(of_total[0], of_row[0])
    if 2 * max(largest, of_row[1] * terms.interest_rounding.unit) >= _MOST:
        raise NotSimulated(field="terms", reason="the figures do not fit into 64 bits")
    free = terms.grace_interest_free
    interest = np.zeros_like(principal)
    share = _round(units * of_row[0], of_row[1], terms.interest_rounding)
    interest[:, free:] = share[:, np.newaxis]
    total = _round(units * of_total[0], of_total[1], terms.interest_rounding)
    interest[:, -1] = total - share * (rows - free - 1)
    return principal, interest
