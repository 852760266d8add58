"""BALANCE: interest follows what is really owed, and the plan after early, late or extra money.

Early money stops earning interest at once, overdue principal keeps earning it until the end of the
plan. A period is cut at every payment and disbursement inside it, each piece rounded by itself; the
plan seen on a day (`keep`) cuts there once more and supposes that it is kept from then on.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
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
from handup.kernel.credit.codes import Component, EarlyEffect, Repayment
from handup.kernel.credit.dates import (
    DuePlan,
    Pause,
    Rates,
    free_rates,
    open_spans,
    part_rate,
    period_rates,
    stretched_rates,
)
from handup.kernel.credit.schedule import planned_principals
from handup.kernel.credit.terms import Terms
from handup.kernel.money import round_ratio

_AS_AGREED = (Repayment.EQUAL_INSTALMENTS, Repayment.FIXED_INSTALMENT)


class BalancePlan:
    """The rows of a loan whose interest follows its balance, while money moves in order of date.

    `rows` are rows of the ledger, one a period. Those before `current` are fixed; the others hold
    nothing but charges and what was paid ahead until their period ends. `unpaid` is the principal
    owed, `left` that of the rows from the current one on by the plan, `ahead` what of it is paid.
    `less` is interest of a row (by number) that is not asked, `earned` what its own period earned.
    """

    def __init__(
        self,
        terms: Terms,
        ledger: Ledger,
        bounds: Sequence[date],
        rows: Sequence[OpenRow],
        principal: int,
        periods: Sequence[int] = (),
    ) -> None:
        self.terms = terms
        self.ledger = ledger
        self.rows = list(rows)
        self.numbers = frozenset(row.number for row in rows)
        self.bounds = tuple(bounds)
        self.periods = tuple(periods)
        self._set_rates()
        self.unpaid = self.left = principal
        self.current = self.counted = self.ahead = self.skip = self.waiting = 0
        self.cut = self.bounds[0]
        self.instalment = 0
        self.planned: list[int] = []
        self.pauses: list[Pause] = []
        self.holiday = (0, terms.grace_principal)
        self.later: tuple[int, Terms] | None = None
        self.less: dict[int, int] = {}
        self.earned: dict[int, int] = {}

    def _set_rates(self) -> None:
        terms = self.terms
        self.nominal = stretched_rates(terms, period_rates(terms, self.bounds), self.periods)
        self.rates = free_rates(self.nominal, terms.grace_interest_free)

    @classmethod
    def begin(cls, terms: Terms, ledger: Ledger, plan: DuePlan, principal: int) -> "BalancePlan":
        """A new loan: one empty row a due date is put into the ledger."""
        first = ledger.next_number()
        rows = [
            OpenRow(Instalment(day, 0, 0), number, begins, day, plan.bounds[0])
            for number, (begins, day) in enumerate(
                zip(plan.bounds, plan.due_dates, strict=False), first
            )
        ]
        for row in rows:
            ledger.put(row)
        made = cls(terms, ledger, plan.bounds, rows, principal)
        made.fix()
        return made

    @classmethod
    def take_over(
        cls,
        terms: Terms,
        ledger: Ledger,
        rows: Sequence[OpenRow],
        day: date,
        rests: Sequence[Pause] = (),
        own: Sequence[int] = (),
        waiting: int | None = None,
        periods: Sequence[int] = (),
    ) -> "BalancePlan":
        """A loan as its schedule has it on a day: what is not yet due follows the balance from now.

        The plan was kept until now: interest of the current period runs on the planned balance, but
        for the days it rests. `own`: the interest of each row's period where rows ask for other
        interest beside it; `waiting`: what is collected later of rows gone by (None: by the terms).
        """
        bounds = [rows[0].begins, *(row.ends for row in rows)]
        current = sum(1 for row in rows if row.ends <= day)
        to_come = rows[current:]
        left = sum(row.due[PRINCIPAL] for row in to_come)
        made = cls(terms, ledger, bounds, rows, left, periods)
        made.pauses = list(rests)
        made.current = current
        made.cut = made.bounds[current]
        made._regular(to_come, own[current:] or [row.due[INTEREST] for row in to_come])
        if waiting is None:
            made._wait_for(rows[:current])
        else:
            made.waiting = waiting
        if current < len(rows) and day > made.cut:
            made._count(day, left)
        for row in to_come:
            for place in (INTEREST, PRINCIPAL):
                row.add(place, -row.open[place])
        made.unpaid = sum(row.open[PRINCIPAL] for row in rows)
        made.ahead = sum(row.due[PRINCIPAL] for row in to_come)
        made.unpaid += left - made.ahead
        return made

    def _regular(self, to_come: Sequence[OpenRow], own: Sequence[int]) -> None:
        """Take instalment, principals and the rest from principal from the rows as they stand."""
        principals = [row.due[PRINCIPAL] for row in to_come]
        self.planned = [0] * self.current + principals
        if not to_come:
            return
        usual = max(len(to_come) - 2, 0)
        self.instalment = own[usual] + principals[usual]
        begin = principals.index(0) if 0 in principals else len(principals)
        later = (place for place, units in enumerate(principals) if units and place > begin)
        self.holiday = (self.current + begin, self.current + next(later, begin))

    def _wait_for(self, gone: Sequence[OpenRow]) -> None:
        """Add up the interest of rows gone by that is collected with a later one."""
        balance = self.left + sum(row.due[PRINCIPAL] for row in gone)
        for row, rate in zip(gone, self.rates.numerators, strict=False):
            if len(gone) <= self.terms.grace_interest_payment:
                self.waiting += round_ratio(
                    balance * rate, self.rates.denominator, self.terms.interest_rounding
                )
            balance -= row.due[PRINCIPAL]

    def copied(self, ledger: Ledger, rows: Mapping[int, OpenRow]) -> "BalancePlan":
        """The same plan on the rows of another ledger, found by their numbers."""
        other = copy(self)
        other.ledger = ledger
        other.rows = [rows[row.number] for row in self.rows]
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
            weights = self.planned[place:]
            rest = planned_principals(terms, self.left, len(self.rows), place, weights)
            self.planned = [0] * place + rest

    def _fix_instalment(self) -> None:
        terms, place = self.terms, self.current
        if self._in_holiday(place):
            place = self.holiday[1]
        chosen = amortise.annuity_rates(terms, self.rates, self.nominal, place)
        given = [None] * len(self.rows)
        self.instalment = amortise.instalment(terms, self.left, self.rates, place, given, chosen)

    def _in_holiday(self, place: int) -> bool:
        """True for a row that asks for no principal."""
        return self.holiday[0] <= place < self.holiday[1]

    def change_terms(self, terms: Terms) -> None:
        """Go on from the current row under other terms: instalments are fixed by them, a plan of
        principals stays.
        """
        self.terms, self.later = terms, None
        self._set_rates()
        if terms.repayment in _AS_AGREED:
            self.fix()

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

    def add_principal(self, day: date, units: int) -> None:
        """More principal on a day, within the plan as it stands."""
        self.stop_at(day)
        if not self.left:
            self._wake(day)
        self.unpaid += units
        self.left += units

    def _wake(self, day: date) -> None:
        """Leave out the periods that passed while nothing was owed."""
        while self.current < len(self.rows) and self.bounds[self.current + 1] <= day:
            row = self.rows[self.current]
            row.ended = not any(row.due)
            self.current += 1
        self.cut = max(self.cut, day)

    @property
    def run_out(self) -> bool:
        """True when every period of the plan has ended."""
        return self.current == len(self.rows)

    def disburse(self, day: date, units: int) -> None:
        """More principal on a day: what follows is fixed again."""
        self.add_principal(day, units)
        self.fix()

    def pay(self, payment: Payment, effect: EarlyEffect | None = None) -> PaymentSplit:
        """Settle the rows due; what is left is principal paid ahead, with the effect asked for."""
        self.stop_at(payment.date)
        agreed = self.terms
        if effect is not None and effect is not agreed.early_effect:
            self.terms = replace(agreed, early_effect=effect)
        ledger = self.ledger
        ledger.begin(payment.date, payment.units)
        ledger.settle_due()
        self.unpaid -= sum(
            piece.units
            for piece in ledger.pieces
            if piece.component is Component.PRINCIPAL and piece.row in self.numbers
        )
        if ledger.money:
            self._pay_ahead(payment.date)
        self.terms = agreed
        return ledger.finish(payment.key)

    def keep(self, as_of: date) -> None:
        """Go on to a day, and from there to the end as if the plan were kept."""
        self.advance(as_of)
        if not self.ended and self.cut < as_of:
            self._count(as_of, self.unpaid)
        while not self.ended:
            self._count(self.bounds[self.current + 1], self.left - self.ahead)
            self._close()

    def run_to_end(self) -> None:
        """Count the current period to its end on the balance as it is."""
        self._count(self.bounds[self.current + 1], self.unpaid)

    def fallen(self) -> list[OpenRow]:
        """The rows that fall away because the loan ends sooner."""
        return [row for row in self.rows[self.current :] if not any(row.due)]

    def plan_on(self, as_of: date) -> list[OpenRow]:
        """The rows as they are planned at the end of a day, the ones that fall away left out."""
        seen = self.copied(self.ledger, {row.number: row.copy() for row in self.rows})
        seen.keep(as_of)
        gone = seen.fallen()
        return [row for row in seen.rows if row not in gone]

    def accrued(self, as_of: date) -> int:
        """Interest of the current period up to a day, and what waits to be collected with it."""
        seen = self.copied(self.ledger, {row.number: row.copy() for row in self.rows})
        seen.advance(as_of)
        if seen.ended:
            return 0
        seen._count(max(as_of, seen.cut), seen.unpaid)
        return seen.waiting + seen.counted

    def stop_at(self, day: date) -> None:
        """Close what ended by that day and cut the current period there."""
        self.advance(day)
        if not self.ended and self.cut < day:
            self._count(day, self.unpaid)

    def _count(self, end: date, balance: int) -> None:
        """Add the interest of the days up to `end` to the current row."""
        begin, place = self.cut, self.current
        self.cut = end
        if begin >= end or not self.rates.numerators[place]:
            return
        for first, last in open_spans(begin, end, self.pauses):
            if (first, last) == (self.bounds[place], self.bounds[place + 1]):
                rate = Rates((self.rates.numerators[place],), self.rates.denominator)
            else:
                periods = self.periods[place] if self.periods else 1
                rate = part_rate(self.terms, self.bounds, place, first, last, periods)
            self.counted += round_ratio(
                balance * rate.numerators[0], rate.denominator, self.terms.interest_rounding
            )

    def _close(self) -> None:
        """Fix the current row at the end of its period and go on to the next."""
        place, row = self.current, self.rows[self.current]
        self.earned[row.number] = self.counted
        last = place == len(self.rows) - 1
        paid = row.due[PRINCIPAL]
        principal = self.left if last else self._planned(place)
        extra = max(paid - principal, 0)
        principal += extra
        row.add(PRINCIPAL, principal - paid)
        if place < self.terms.grace_interest_payment:
            self.waiting += self.counted
        else:
            row.add(INTEREST, self._asked(row))
            self.waiting = 0
        self.left -= principal
        self.ahead -= paid
        self.current += 1
        self.counted = 0
        self.cut = self.bounds[self.current]
        if self.later is not None and self.later[0] == self.current:
            self.change_terms(self.later[1])
        if extra:
            self._effect(extra)

    def _asked(self, row: OpenRow) -> int:
        """What the current row asks beside interest paid ahead."""
        asked = self.counted + self.waiting - self.let_go
        return max(asked - row.due[INTEREST], 0)

    @property
    def let_go(self) -> int:
        """What is not asked of the interest that runs or waits now."""
        if not self.less:
            return 0
        last = max(self.current, self.terms.grace_interest_payment)
        return sum(self.less.get(row.number, 0) for row in self.rows[self.current : last + 1])

    def _planned(self, place: int) -> int:
        """The principal of the current row if nothing is paid ahead of it."""
        if self.terms.repayment not in _AS_AGREED:
            principal = self.planned[place]
        elif self._in_holiday(place):
            return 0
        else:
            principal = max(self.instalment - self.counted, 0)
        principal = min(principal, self.left)
        skipped = min(self.skip, principal)
        self.skip -= skipped
        return principal - skipped

    def _pay_ahead(self, day: date) -> None:
        """Principal beyond the rows due: of the row of that day, else of the current one; when all
        of it is paid, the interest earned by then.
        """
        place = self.current
        of_the_day = place > 0 and self.bounds[place] == day
        if not of_the_day and place == len(self.rows):
            return
        row = self.rows[place - 1 if of_the_day else place]
        extra = min(self.ledger.money, self.left - self.ahead)
        row.add(PRINCIPAL, extra)
        self.ledger.settle(row, (PRINCIPAL,), extra)
        self.unpaid -= extra
        if of_the_day:
            self.left -= extra
            self._effect(extra)
            return
        self.ahead += extra
        if self.ahead == self.left:
            row.add(INTEREST, min(self._asked(row), self.ledger.money))
            self.ledger.settle(row, (INTEREST,))

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
