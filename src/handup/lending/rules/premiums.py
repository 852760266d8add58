"""Premiums of a loan: what of an instalment's fee is owed on, and what insurers are owed still."""

from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction

from handup.kernel.credit.allocation import FEE
from handup.kernel.credit.codes import FeeKind, FeeWhen
from handup.kernel.credit.fees import exact_fee
from handup.kernel.credit.standing import Standing
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.money import round_to, split


def with_instalments(terms: Terms) -> list[Fee]:
    """The premiums that are asked with every instalment."""
    return [
        fee
        for fee in terms.fees
        if fee.kind is FeeKind.INSURANCE and fee.when is FeeWhen.INSTALMENT
    ]


def owed_on(terms: Terms, principal: int) -> Fraction:
    """The share of an instalment's fee that is a premium."""
    each = [fee for fee in terms.fees if fee.when is FeeWhen.INSTALMENT]
    whole = sum((exact_fee(fee, principal, 0) for fee in each), Fraction(0))
    premium = sum((exact_fee(fee, principal, 0) for fee in with_instalments(terms)), Fraction(0))
    return premium / whole if whole else Fraction(0)


def paid_of_rows(loan: Standing, asked: Mapping[int, int], share: Fraction) -> int:
    """What of the premiums asked with instalments is paid; asked: the fee of each row by the fee
    table. Of a row in part paid, its share of what was paid, each row rounded by itself; fees
    carried over from former terms are paid after those.
    """
    bear = {*asked, *loan.fees_carried}
    if not bear:
        return 0
    return sum(
        _premium(loan, row.number, row.paid(FEE), asked, share)
        for row in loan.ledger.rows
        if row.number in bear
    )


def unpaid_on(loan: Standing, asked: Mapping[int, int], share: Fraction, day: date) -> int:
    """What of the premiums asked by a day is not paid: what new terms make principal of, or carry
    over, with the fees. Fees carried over before count before they are due.
    """
    found = 0
    for row in loan.ledger.rows:
        own, paid = share if row.due_date <= day else Fraction(0), row.paid(FEE)
        found += _premium(loan, row.number, paid + row.open[FEE], asked, own)
        found -= _premium(loan, row.number, paid, asked, own)
    return found


def _premium(
    loan: Standing, number: int, paid: int, asked: Mapping[int, int], share: Fraction
) -> int:
    """The premium in what is paid of the fees of a row."""
    own = min(paid, asked.get(number, 0))
    carried, premium = loan.fees_carried.get(number, (0, 0))
    found = round_to(own * share)
    if premium:
        found += round_to(Fraction(min(paid - own, carried) * premium, carried))
    return found


def by_fee(terms: Terms, principal: int, units: int) -> dict[str, int]:
    """What was paid of premiums with instalments, by fee; the parts add up."""
    fees = with_instalments(terms)
    if not fees or not units:
        return {}
    parts = split(units, [exact_fee(fee, principal, 0) for fee in fees]).parts
    return {fee.code: part for fee, part in zip(fees, parts, strict=True)}


def still_due(
    taken: Mapping[str, int],
    handed_on: Mapping[str, int],
    given_back: int = 0,
    refundable: Collection[str] = (),
) -> dict[str, int]:
    """What is owed on by fee, without zeros: taken, less handed on, less what came back to a
    borrower who withdrew (`given_back`, of the fees that may). Below zero the insurer owes it.
    """
    left = {code: taken.get(code, 0) - handed_on.get(code, 0) for code in {*taken, *handed_on}}
    for code in sorted(refundable):
        part = min(given_back, taken.get(code, 0))
        left[code] = left.get(code, 0) - part
        given_back -= part
    return {code: units for code, units in sorted(left.items()) if units}
