"""What the fee table of the terms asks: at disbursement, in every instalment, on a day, when late.

A fee is an amount, or a share of the loan's principal, of its whole interest, or of both; the fee
of a late row is a share of that row. Each is rounded once, by the terms' fee rounding.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.credit.codes import FeeBase, FeeKind, FeeTaken, FeeWhen
from handup.kernel.credit.terms import MILLION, BadTerms, Fee, Terms
from handup.kernel.money import round_to


class FeeDue(NamedTuple):
    """A fee of the table and what it comes to."""

    fee: Fee
    units: int


def exact_fee(fee: Fee, principal: int, interest: Fraction | int) -> Fraction:
    """A fee before rounding; a share without a base (older terms) is one of the principal."""
    share = Fraction(fee.ppm, MILLION)
    base = {
        FeeBase.FIXED: Fraction(principal),
        FeeBase.PRINCIPAL: Fraction(principal),
        FeeBase.INTEREST: Fraction(interest),
        FeeBase.PRINCIPAL_AND_INTEREST: principal + Fraction(interest),
    }[fee.base]
    return fee.units + base * share


def rounded_fee(terms: Terms, fee: Fee, principal: int, interest: Fraction | int = 0) -> int:
    """A fee rounded once."""
    rounding = terms.fee_rounding
    return round_to(exact_fee(fee, principal, interest), rounding.unit, rounding.mode)


def at_disbursement(terms: Terms, principal: int, interest: int = 0) -> list[FeeDue]:
    """The fees of paying a loan out; `interest` is the whole interest of its schedule."""
    found = [
        FeeDue(fee, rounded_fee(terms, fee, principal, interest))
        for fee in terms.fees
        if fee.when is FeeWhen.DISBURSEMENT
    ]
    return [item for item in found if item.units]


def taken(fees: list[FeeDue], how: FeeTaken) -> int:
    """What of these fees is withheld, paid in cash or added to the principal."""
    return sum(item.units for item in fees if item.fee.taken is how)


def instalment_fee(terms: Terms, principal: int, interest: Fraction | int) -> Fraction:
    """The exact fee of one instalment, charged in full in each."""
    return sum(
        (
            exact_fee(fee, principal, interest)
            for fee in terms.fees
            if fee.when is FeeWhen.INSTALMENT
        ),
        Fraction(0),
    )


def instalment_fees(terms: Terms, principal: int, interest: int, rows: int) -> list[int]:
    """The fee of each instalment: rounded the same, the last one makes the total right."""
    fee = instalment_fee(terms, principal, interest)
    unit, mode = terms.fee_rounding.unit, terms.fee_rounding.mode
    each = round_to(fee, unit, mode)
    return [each] * (rows - 1) + [round_to(fee * rows, unit, mode) - each * (rows - 1)]


def on_own_days(
    terms: Terms, start: date, due_dates: Sequence[date], principal: int, interest: int
) -> dict[int, int]:
    """What the fees on days of their own come to, by the place of the row that asks for them: the
    first due on the day or after it. Raises BadTerms for a day after the last instalment.
    """
    found: dict[int, int] = {}
    for fee in terms.fees:
        if fee.when is not FeeWhen.DUE_DATE:
            continue
        day = start + timedelta(days=fee.after_days)
        place = bisect_left(due_dates, day)
        if place == len(due_dates):
            raise BadTerms(field="fees", reason=f"{fee.code} is due after the last instalment")
        found[place] = found.get(place, 0) + rounded_fee(terms, fee, principal, interest)
    return found


def overdue_fees(terms: Terms, principal: int, interest: int) -> tuple[int, int]:
    """Fee and penalty of a row that became late, from what of it is unpaid."""
    sums = {FeeKind.FEE: 0, FeeKind.PENALTY: 0}
    for fee in terms.fees:
        if fee.when is FeeWhen.OVERDUE:
            kind = FeeKind.PENALTY if fee.kind is FeeKind.PENALTY else FeeKind.FEE
            sums[kind] += rounded_fee(terms, fee, principal, interest)
    return sums[FeeKind.FEE], sums[FeeKind.PENALTY]
