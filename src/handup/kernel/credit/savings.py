"""Compulsory savings beside a loan: how much with each instalment, and their place in a payment.

Savings are not debt and belong to the saver. AFTER_DUE they take only what all due rows leave,
BEFORE_DUE they come first; what is beyond both goes to the loan ahead of time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from handup.kernel.credit.codes import SavingsPosition
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.money import divide


class Shared(NamedTuple):
    """What of a payment is saved and what pays the loan."""

    savings: int
    loan: int


def with_instalment(terms: Terms, principal: int) -> int:
    """The savings asked for with each instalment of a loan of that amount: an amount, a share of
    the loan half up, or both.
    """
    share_of_loan = divide(principal * terms.savings_instalment_ppm, MILLION)
    return terms.savings_instalment_units + share_of_loan


def before_loan(terms: Terms, principal: int) -> int:
    """The savings asked for before a loan of that amount is paid out, rounded up."""
    return -(-principal * terms.savings_ppm // MILLION)


def share(terms: Terms, units: int, *, due: int, savings_due: int) -> Shared:
    """Divide a payment: `due` is what the rows due ask for, `savings_due` what is to be saved."""
    first = 0 if terms.savings_position is SavingsPosition.BEFORE_DUE else min(units, due)
    saved = min(units - first, savings_due)
    return Shared(saved, units - saved)


class Owed(NamedTuple):
    """A row of the schedule: its day, and what of it is unpaid."""

    due_date: date
    units: int


@dataclass(slots=True)
class Saving:
    """What a loan asks for while payments are looked at one after another: `each` is to be saved
    with an instalment, `saved` was so far. `rows` by due date; those due by the day the loan was
    paid out ask for no savings. What the payments `paid` of the rows is no part of them.
    """

    terms: Terms
    rows: Sequence[Owed]
    each: int
    saved: int = 0
    paid_out: date | None = None
    paid: int = 0

    def share(self, units: int, on: date) -> int:
        """What of a payment is saved: by what is due first, then with the instalment to come; what
        is left pays the loan ahead, and so does a payment that would be saved whole.
        """
        left, saved = units, 0
        for due, count in self._levels(on):
            owed = max(due - self.paid, 0)
            asked = max(self.each * count - self.saved - saved, 0)
            found = share(self.terms, left, due=owed, savings_due=asked)
            used = min(found.loan, owed)
            self.paid += used
            saved += found.savings
            left -= used + found.savings
        if saved == units:
            left, saved = saved, 0
        self.paid += left
        self.saved += saved
        return saved

    def _levels(self, on: date) -> Iterator[tuple[int, int]]:
        """What is unpaid of the rows due by a day and how many of them save; then with the next."""
        due, count = 0, 0
        for row in self.rows:
            if row.due_date > on:
                yield due, count
            due += row.units
            count += self.paid_out is None or row.due_date > self.paid_out
            if row.due_date > on:
                break
        yield due, count


def taken(free: Mapping[UUID | None, int], units: int) -> list[tuple[UUID | None, int]]:
    """What is taken of savings from behind which loan, what stands behind none first."""
    found, left = [], units
    for loan, most in sorted(free.items(), key=lambda item: str(item[0] or "")):
        part = min(most, left)
        if part > 0:
            found.append((loan, part))
            left -= part
    return found
