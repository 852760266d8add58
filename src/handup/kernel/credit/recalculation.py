"""BALANCE: interest follows what is really owed, and the plan after early, late or extra money.

Early money stops earning interest at once, overdue principal keeps earning it until the end of the
plan. A period is cut at every payment and disbursement inside it, each piece rounded by itself; the
plan seen on a day (`plan_on`) cuts there once more and supposes that it is kept from then on.
"""

from collections.abc import Sequence
from copy import copy
from datetime import date

from handup.kernel.credit import amortise
from handup.kernel.credit.allocation import (
    INTEREST,
    PRINCIPAL,
    Instalment,
    Ledger,
    OpenRow,
    Payment,
    PaymentSplit,
)
from handup.kernel.credit.codes import EarlyEffect, Repayment
from handup.kernel.credit.dates import DuePlan, Rates, free_rates, part_rate, period_rates
from handup.kernel.credit.schedule import planned_principals
from handup.kernel.credit.terms import Terms
from handup.kernel.money import round_ratio

_AS_AGREED = (Repayment.EQUAL_INSTALMENTS, Repayment.FIXED_INSTALMENT)


class Balance:
    """The rows of a loan whose interest follows its balance, while money moves in order of date.

    `rows` are rows of the ledger, one a period. Those before `current` are fixed; the others hold
    nothing but charges and what was paid ahead until their period ends.
    """

    def __init__(
        self, terms: Terms, ledger: Ledger, plan: DuePlan, rows: Sequence[OpenRow], principal: int
    ) -> None:
        self.terms = terms
        self.ledger = ledger
        self.rows = list(rows)
        self.bounds = plan.bounds
        self.nominal = period_rates(terms, plan.bounds)
        self.rates = free_rates(self.nominal, terms.grace_interest_free)
        self.unpaid = self.left = principal
        self.current = 0
        self.cut = plan.bounds[0]
        self.counted = self.ahead = self.skip = self.waiting = 0
        self.instalment = 0
        self.planned: list[int] = []
        self.fix()

    @classmethod
    def begin(cls, terms: Terms, ledger: Ledger, plan: DuePlan, principal: int) -> "Balance":
        """A new loan: one empty row a due date is put into the ledger."""
        first = len(ledger.rows) + 1
        rows = [
            OpenRow(Instalment(day, 0, 0), number)
            for number, day in enumerate(plan.due_dates, first)
        ]
        ledger.rows.extend(rows)
        return cls(terms, ledger, plan, rows, principal)

    def copied(self) -> "Balance":
        """The same plan on rows of its own; its ledger takes no payments."""
        other = copy(self)
        other.rows = [row.copy() for row in self.rows]
        return other

    def fix(self) -> None:
        """Fix the instalment, or the principals, of the rows from the current one on."""
        terms, place = self.terms, self.current
        if place == len(self.rows):
            return
        if terms.repayment is Repayment.FIXED_INSTALMENT:
            self.instalment = terms.fixed_units
        elif terms.repayment is Repayment.EQUAL_INSTALMENTS:
            self._fix_instalment()
        else:
            rest = planned_principals(terms, self.left, len(self.rows), place)
            self.planned = [0] * place + rest

    def _fix_instalment(self) -> None:
        terms, place = self.terms, max(self.current, self.terms.grace_principal)
        chosen = amortise.annuity_rates(terms, self.rates, self.nominal, place)
        given = [None] * len(self.rows)
        self.instalment = amortise.instalment(terms, self.left, self.rates, place, given, chosen)

    @property
    def ended(self) -> bool:
        """True when no period is left to run: the last one ended, or the loan ends sooner."""
        sooner = self.terms.early_effect is EarlyEffect.REDUCE_NUMBER
        return self.current == len(self.rows) or (sooner and not self.left)

    def advance(self, day: date) -> None:
        """Close the periods that end by that day."""
        while not self.ended and self.bounds[self.current + 1] <= day:
            self._count(self.bounds[self.current + 1], self.unpaid)
            self._close()

    def disburse(self, day: date, units: int) -> None:
        """More principal on a day: what follows is fixed again."""
        self._stop_at(day)
        self.unpaid += units
        self.left += units
        self.fix()

    def pay(self, payment: Payment) -> PaymentSplit:
        """Settle the rows due; what is left is principal paid ahead."""
        self._stop_at(payment.date)
        ledger = self.ledger
        ledger.begin(payment.date, payment.units)
        self.unpaid -= ledger.settle_due()
        if ledger.money:
            self._pay_ahead(payment.date)
        return ledger.finish(payment.key)

    def plan_on(self, as_of: date) -> list[OpenRow]:
        """The rows as they are planned at the end of a day, the ones that fall away left out."""
        seen = self.copied()
        seen.advance(as_of)
        if not seen.ended and seen.cut < as_of:
            seen._count(as_of, seen.unpaid)
        while not seen.ended:
            seen._count(seen.bounds[seen.current + 1], seen.left - seen.ahead)
            seen._close()
        return [row for place, row in enumerate(seen.rows) if place < seen.current or any(row.due)]

    def accrued(self, as_of: date) -> int:
        """Interest of the current period up to a day, each piece rounded by itself."""
        seen = self.copied()
        seen.advance(as_of)
        if seen.ended:
            return 0
        seen._count(max(as_of, seen.cut), seen.unpaid)
        return seen.counted

    def _stop_at(self, day: date) -> None:
        self.advance(day)
        if not self.ended and self.cut < day:
            self._count(day, self.unpaid)

    def _count(self, end: date, balance: int) -> None:
        """Add the interest of the days up to `end` to the current row."""
        begin, place = self.cut, self.current
        self.cut = end
        if begin >= end or not self.rates.numerators[place]:
            return
        if (begin, end) == (self.bounds[place], self.bounds[place + 1]):
            rate = Rates((self.rates.numerators[place],), self.rates.denominator)
        else:
            rate = part_rate(self.terms, self.bounds, place, begin, end)
        self.counted += round_ratio(
            balance * rate.numerators[0], rate.denominator, self.terms.interest_rounding
        )

    def _close(self) -> None:
        """Fix the current row at the end of its period and go on to the next."""
        place, row = self.current, self.rows[self.current]
        last = place == len(self.rows) - 1
        principal = self.left if last else self._planned(place)
        extra = max(self.ahead - principal, 0)
        principal += extra
        row.add(PRINCIPAL, principal - self.ahead)
        if place < self.terms.grace_interest_payment:
            self.waiting += self.counted
        else:
            row.add(INTEREST, self.counted + self.waiting)
            self.waiting = 0
        self.left -= principal
        self.current += 1
        self.counted = self.ahead = 0
        self.cut = self.bounds[self.current]
        if extra:
            self._effect(extra)

    def _planned(self, place: int) -> int:
        """The principal of the current row if nothing is paid ahead of it."""
        if self.terms.repayment not in _AS_AGREED:
            principal = self.planned[place]
        elif place < self.terms.grace_principal:
            return 0
        else:
            principal = max(self.instalment - self.counted, 0)
        principal = min(principal, self.left)
        skipped = min(self.skip, principal)
        self.skip -= skipped
        return principal - skipped

    def _pay_ahead(self, day: date) -> None:
        place = self.current
        if place and self.bounds[place] == day:
            row = self.rows[place - 1]
            extra = min(self.ledger.money, self.left)
            row.add(PRINCIPAL, extra)
            self.ledger.settle(row, (PRINCIPAL,), extra)
            self.left -= extra
            self.unpaid -= extra
            self._effect(extra)
        elif place < len(self.rows):
            row = self.rows[place]
            extra = min(self.ledger.money, self.left - self.ahead)
            row.add(PRINCIPAL, extra)
            self.ledger.settle(row, (PRINCIPAL,), extra)
            self.ahead += extra
            self.unpaid -= extra

    def _effect(self, extra: int) -> None:
        """What principal paid beyond a row's own changes in the rows after it."""
        effect = self.terms.early_effect
        if effect is EarlyEffect.SKIP_NEXT:
            self.skip += extra
        elif effect is EarlyEffect.REDUCE_INSTALMENT:
            if self.terms.repayment is Repayment.FIXED_INSTALMENT and self.current < len(self.rows):
                self._fix_instalment()
            else:
                self.fix()
