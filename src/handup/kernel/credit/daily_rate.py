"""DAILY_RATE: simple interest by the day on the real balance, and simple interest on what is late.

A schedule is agreed first; a payment that reaches the current row settles interest to its own day,
and principal paid ahead lowers the interest of the rows it touches. Principal of a row unpaid after
its due date earns interest from the next day on, booked on the following row (Mifos classic).
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from fractions import Fraction

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Ledger,
    OpenRow,
    Payment,
    PaymentSplit,
)
from handup.kernel.credit.dates import Pause, open_spans, period_rates_from
from handup.kernel.credit.terms import Terms
from handup.kernel.money import round_ratio, round_to


class DailyRate:
    """The rows of a loan under a daily rate, while money moves in order of date.

    `rows` are the ledger's instalments with their scheduled interest; late interest is added to the
    interest of the row it is booked on and kept apart in `late` and `late_paid`; `less` is what of
    a row's own interest is not asked.
    """

    def __init__(
        self, terms: Terms, ledger: Ledger, rows: Sequence[OpenRow], starts_on: date
    ) -> None:
        self.terms = terms
        self.ledger = ledger
        self.rows = list(rows)
        self.starts = [starts_on, *(row.due_date for row in self.rows)]
        self.late = [0] * len(self.rows)
        self.late_paid = [0] * len(self.rows)
        self.less = [0] * len(self.rows)
        self.accrued_to = starts_on
        self.served_on: date | None = None
        self.pauses: list[Pause] = []

    def copied(self, ledger: Ledger, rows: Mapping[int, OpenRow]) -> "DailyRate":
        """The same loan on the rows of another ledger, found by their numbers."""
        other = copy(self)
        other.ledger = ledger
        other.rows = [rows[row.number] for row in self.rows]
        other.late, other.late_paid = self.late.copy(), self.late_paid.copy()
        other.less = self.less.copy()
        return other

    def accrue(self, day: date) -> None:
        """Book the late interest of every overdue row up to a day."""
        for place, booked in self._late_on(day):
            row = self.rows[place]
            units = self._interest(row.open[PRINCIPAL], max(row.due_date, self.accrued_to), day)
            self.late[booked] += units
            self.rows[booked].add(INTEREST, units)
        self.accrued_to = max(self.accrued_to, day)

    def booked_on(self, day: date) -> list[OpenRow]:
        """The rows that late interest up to a day would be booked on."""
        return [self.rows[booked] for _place, booked in self._late_on(day)]

    def _late_on(self, day: date) -> list[tuple[int, int]]:
        """The places of the rows with overdue principal that earns since the last time, each with
        the place it is booked on.
        """
        last = len(self.rows) - 1
        found = []
        for place, row in enumerate(self.rows):
            if row.due_date >= day:
                break
            if row.open[PRINCIPAL] and max(row.due_date, self.accrued_to) < day:
                found.append((place, min(place + 1, last)))
        return found

    def place_of(self, row: OpenRow) -> int | None:
        """The place of a row of the ledger among those of the rate."""
        return next((at for at, item in enumerate(self.rows) if item.number == row.number), None)

    def pay(self, payment: Payment) -> PaymentSplit:
        """Settle rows due, then the current row to the day, then principal still to come."""
        self.accrue(payment.date)
        ledger = self.ledger
        ledger.begin(payment.date, payment.units)
        for place, row in enumerate(self.rows):
            if not ledger.money or row.due_date > payment.date:
                break
            if not row.left:
                continue
            ledger.settle(row, (PENALTY, FEE))
            self._pay_late(place)
            ledger.settle(row, (INTEREST, PRINCIPAL))
        for row in ledger.rows if ledger.money else ():
            if row.left and row.due_date <= payment.date:
                ledger.settle(row, (PENALTY, FEE, INTEREST, PRINCIPAL))
        if ledger.money:
            self._pay_ahead(payment.date)
        return ledger.finish(payment.key)

    def plan_on(self, as_of: date) -> "DailyRate":
        """The loan at the end of a day, late interest brought up to it."""
        seen = self.copied(self.ledger, {row.number: row.copy() for row in self.rows})
        seen.accrue(as_of)
        return seen

    def accrued(self, as_of: date) -> int:
        """Interest of the current period up to a day."""
        place = self.current(as_of)
        if place is None:
            return 0
        return max(self._running(place, as_of, self._to_come(place)) - self.less[place], 0)

    def payoff(self, as_of: date) -> int:
        """The amount that closes the loan on a day."""
        seen = self.plan_on(as_of)
        total = sum(row.open[PRINCIPAL] for row in seen.rows)
        total += sum(row.left - row.open[PRINCIPAL] for row in seen.rows if row.due_date <= as_of)
        place = seen.current(as_of)
        if place is not None:
            row = seen.rows[place]
            total += seen.accrued(as_of) + seen.late_open(place)
            total += row.open[FEE] + row.open[PENALTY]
        return total

    def current(self, day: date) -> int | None:
        """The place of the first row due after a day."""
        return next((place for place, row in enumerate(self.rows) if row.due_date > day), None)

    def late_open(self, place: int) -> int:
        """Late interest booked on a row and not yet paid."""
        return self.late[place] - self.late_paid[place]

    def late_left(self) -> dict[int, int]:
        """Late interest not yet paid, by the numbers of the rows it is booked on."""
        return {row.number: self.late_open(place) for place, row in enumerate(self.rows)}

    def let_go(self, row: OpenRow, units: int) -> None:
        """Note that interest of a row is not asked any more, late interest first."""
        place = self.place_of(row)
        if place is not None:
            late = min(units, self.late_open(place))
            self.late_paid[place] += late
            self.less[place] += units - late

    def _pay_late(self, place: int) -> None:
        late = self.late_open(place)
        if late:
            self.late_paid[place] += self.ledger.settle(self.rows[place], (INTEREST,), late)

    def _pay_ahead(self, day: date) -> None:
        place = self.current(day)
        if place is None:
            return
        row, ledger = self.rows[place], self.ledger
        to_come = self._to_come(place)
        interest = self._running(place, day, to_come)
        let_go = min(interest, self.less[place])
        self.less[place] -= let_go
        self._pay_late(place)
        self._set_interest(place, interest - let_go)
        ledger.settle(row, (INTEREST,))
        for later in self.rows[place:]:
            if not ledger.money:
                break
            to_come -= ledger.settle(later, (PRINCIPAL,))
        self.served_on = day
        rest = self._interest(to_come, day, row.due_date)
        self._set_interest(place, max(rest - self.less[place], 0))
        for number in range(place + 1, len(self.rows)):
            to_come -= self.rows[number - 1].open[PRINCIPAL]
            later = self.rows[number]
            if later.due[PRINCIPAL] == later.open[PRINCIPAL]:
                continue
            whole = self._interest(to_come, self.starts[number], later.due_date)
            self._set_interest(number, max(whole - self.less[number], 0))

    def _set_interest(self, place: int, units: int) -> None:
        """Leave that much interest open on a row, beside its late interest."""
        row = self.rows[place]
        row.add(INTEREST, units + self.late_open(place) - row.open[INTEREST])
        if not row.left and row.settled_date is None:
            row.settled_date = self.served_on

    def _running(self, place: int, day: date, to_come: int) -> int:
        """Interest of the current row from its start, or the last time it was served."""
        begin = self.starts[place]
        if self.served_on is not None and self.served_on > begin:
            begin = self.served_on
        return self._interest(to_come, begin, day) if begin < day else 0

    def _to_come(self, place: int) -> int:
        """Principal still unpaid of a row and those after it."""
        return sum(row.open[PRINCIPAL] for row in self.rows[place:])

    def _interest(self, balance: int, begin: date, end: date) -> int:
        rounding = self.terms.interest_rounding
        if not self.pauses:
            rate = period_rates_from(self.terms, self.starts[0], begin, end)
            return round_ratio(balance * rate.numerators[0], rate.denominator, rounding)
        exact = Fraction(0)
        for first, last in open_spans(begin, end, self.pauses):
            rate = period_rates_from(self.terms, self.starts[0], first, last)
            exact += Fraction(rate.numerators[0], rate.denominator)
        return round_to(balance * exact, rounding.unit, rounding.mode)
