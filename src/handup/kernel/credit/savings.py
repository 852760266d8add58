"""Compulsory savings beside a loan: how much before it and with each instalment, and their place in
a payment.

Savings are not debt and belong to the saver. AFTER_DUE they take only what all due rows leave,
BEFORE_DUE they come first; what is beyond both goes to the loan ahead of time.
"""

from typing import NamedTuple

from handup.kernel.credit.codes import SavingsPosition
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.money import divide


class Shared(NamedTuple):
    """What of a payment is saved and what pays the loan."""

    savings: int
    loan: int


def required(terms: Terms, principal: int) -> int:
    """The savings asked for before a loan of that amount, half up."""
    return divide(principal * terms.savings_ppm, MILLION)


def with_instalment(terms: Terms, principal: int) -> int:
    """The savings asked for with each instalment of a loan of that amount: an amount, a share of
    the loan half up, or both.
    """
    share_of_loan = divide(principal * terms.savings_instalment_ppm, MILLION)
    return terms.savings_instalment_units + share_of_loan


def share(terms: Terms, units: int, *, due: int, savings_due: int) -> Shared:
    """Divide a payment: `due` is what the rows due ask for, `savings_due` what is to be saved."""
    first = 0 if terms.savings_position is SavingsPosition.BEFORE_DUE else min(units, due)
    saved = min(units - first, savings_due)
    return Shared(saved, units - saved)
