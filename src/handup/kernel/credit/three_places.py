"""Schedules with three roundings: parts, instalments, and the total of the loan (Mifos classic).

Equal periods and an optional fee in every instalment. Everything is exact until the part, the
instalment and the grand total are rounded; the last instalment takes what is left of all three.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.credit.codes import DayCount, Method, Repayment
from handup.kernel.credit.fees import instalment_fee
from handup.kernel.credit.terms import BadTerms, Terms
from handup.kernel.money import Rounding, round_to

_EQUAL_PERIODS = (
    DayCount.MONTHS_12,
    DayCount.WEEKS_52,
    DayCount.WEEKS_7_365,
    DayCount.WEEKS_7_360,
)


class Parts(NamedTuple):
    """One instalment."""

    principal: int
    interest: int
    fee: int

    @property
    def due(self) -> int:
        """Their sum."""
        return self.principal + self.interest + self.fee


def check(terms: Terms) -> None:
    """Refuse terms that the three roundings are not made for. Raises BadTerms."""
    if terms.day_count not in _EQUAL_PERIODS:
        raise BadTerms(field="day_count", reason="three roundings need periods of equal length")
    if terms.repayment not in (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL):
        raise BadTerms(field="repayment", reason="three roundings need equal parts")
    if terms.grace_interest_free or terms.grace_interest_payment or terms.down_payment_ppm:
        raise BadTerms(field="total_rounding", reason="three roundings allow principal grace only")


def parts(terms: Terms, principal: int, rate: Fraction) -> list[Parts]:
    """The instalments of a loan; `rate` is the exact interest of one period on one unit.

    A part may come out below zero where rounding collects too much: the caller refuses such rows.
    """
    exact = _exact(terms, principal, rate)
    fee = instalment_fee(terms, principal, sum((interest for _, interest in exact), Fraction(0)))
    total = round_exact(
        principal + sum((interest for _, interest in exact), Fraction(0)) + fee * len(exact),
        terms.total_rounding or Rounding(),
    )
    rows = [
        _regular(terms, number < terms.grace_principal, part, interest, fee)
        for number, (part, interest) in enumerate(exact[:-1])
    ]
    last_fee = round_exact(fee * len(exact), terms.fee_rounding) - sum(row.fee for row in rows)
    last_principal = principal - sum(row.principal for row in rows)
    last_due = total - sum(row.due for row in rows)
    return [*rows, Parts(last_principal, last_due - last_principal - last_fee, last_fee)]


def round_exact(x: Fraction, rounding: Rounding) -> int:
    """x to a multiple of the rounding's unit."""
    return round_to(x, rounding.unit, rounding.mode)


def _regular(
    terms: Terms, in_grace: bool, part: Fraction, interest: Fraction, fee: Fraction
) -> Parts:
    due = round_exact(part + interest + fee, terms.instalment_rounding)
    charged = round_exact(fee, terms.fee_rounding)
    if in_grace:
        return Parts(0, due - charged, charged)
    if terms.method is Method.DECLINING and terms.repayment is Repayment.EQUAL_PRINCIPAL:
        principal = round_exact(part, terms.principal_rounding)
        return Parts(principal, due - principal - charged, charged)
    rounded = round_exact(interest, terms.interest_rounding)
    return Parts(due - rounded - charged, rounded, charged)


def _exact(terms: Terms, principal: int, rate: Fraction) -> Sequence[tuple[Fraction, Fraction]]:
    """Principal and interest of each instalment before any rounding."""
    grace = terms.grace_principal
    paying = terms.instalments - grace
    nothing = Fraction(0)
    waiting = [(nothing, principal * rate)] * grace
    equal = Fraction(principal, paying)
    if terms.method is Method.FLAT:
        return [*waiting, *[(equal, principal * rate)] * paying]
    instalment = principal * rate / (1 - (1 + rate) ** -paying) if rate else equal
    balance = Fraction(principal)
    rows = waiting
    for _number in range(paying):
        interest = balance * rate
        part = equal if terms.repayment is Repayment.EQUAL_PRINCIPAL else instalment - interest
        rows.append((part, interest))
        balance -= part
    return rows
