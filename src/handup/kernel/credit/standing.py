"""One loan while its facts are played in order of date: rows, what is paid of them, what they cost.

The order is the caller's business (`lending/rules/loan.py` sorts events). Between facts a loan
stands at the last one; `seen_on` shows it at the end of any day without changing it, with the
penalties, the late interest and the plan of that day, which are stored nowhere.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Self

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    ORDER,
    PENALTY,
    PLACE,
    PRINCIPAL,
    Charge,
    Instalment,
    Ledger,
    OpenRow,
    Payment,
    PaymentSplit,
)
from handup.kernel.credit.apart import Apart, put_off
from handup.kernel.credit.codes import (
    AdvanceTo,
    Component,
    DueUnit,
    Method,
    Recalculation,
    RowKind,
)
from handup.kernel.credit.daily_rate import DailyRate
from handup.kernel.credit.dates import Pause
from handup.kernel.credit.penalties import Lateness, paused_days
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.schedule import down_payment
from handup.kernel.credit.terms import NO_CURRENCY, Allocation, Terms
from handup.kernel.credit.tranches import TrancheNotPlanned, fix_again

Parts = tuple[int, int, int, int]
"""Penalty, fee, interest, principal: the order of `allocation.ORDER`."""
ZERO: Parts = (0, 0, 0, 0)
PLAIN = Terms(currency=NO_CURRENCY, rate_ppm=0, unit=DueUnit.DAY)
"""Terms of a loan of which only the rows are known: nothing but allocation."""


@dataclass(frozen=True, slots=True)
class SignedRow:
    """One row of a schedule as signed: number, day, parts, and what of it was paid before.

    `ends` is the last day of its interest period where that is not the due date (a day off).
    """

    number: int
    due_date: date
    principal: int
    interest: int
    fee: int = 0
    paid: Parts = ZERO
    kind: RowKind = RowKind.INSTALMENT
    ends: date | None = None


class PastRow(NamedTuple):
    """A row as it was in force until a day (not included), and its fee by the fee table."""

    row: OpenRow
    to_date: date
    tariff: int = 0


@dataclass(slots=True)
class Standing:
    """The state of one loan.

    `overpaid` is what lies with us now, `waived` and `written_off_parts` are in the places of
    ORDER, `capitalised` is principal that was never handed over, `base` the principal that the
    schedule in force was made for; paying off asked `early_fees` and
    did not ask `fees_dropped` of what was charged. `carried`: interest of a row (by number) that
    was earned before the row began; `fees_carried`: fees of former terms in a row, and what of them
    is a premium; `handed_over`: what another lender took on. On `frozen` days nothing gets later,
    on `rests` no interest runs.
    """

    allocation: Allocation | None = None
    terms: Terms = PLAIN
    disbursed: int = 0
    capitalised: int = 0
    base: int = 0
    overpaid: int = 0
    refunded: int = 0
    money_in: int = 0
    waived: Parts = ZERO
    written_off: int = 0
    written_off_parts: Parts = ZERO
    recovered: int = 0
    handed_over: Parts = ZERO
    stopped: bool = False
    early_fees: int = 0
    fees_dropped: int = 0
    ledger: Ledger = field(init=False)
    lateness: Lateness = field(init=False)
    by_balance: BalancePlan | None = field(init=False, default=None)
    by_day: DailyRate | None = field(init=False, default=None)
    segments: dict[int, list[tuple[date, int]]] = field(init=False, default_factory=dict)
    tariff: dict[int, int] = field(init=False, default_factory=dict)
    carried: dict[int, int] = field(init=False, default_factory=dict)
    fees_carried: dict[int, tuple[int, int]] = field(init=False, default_factory=dict)
    apart: Apart = field(init=False, default_factory=Apart)
    frozen: list[Pause] = field(init=False, default_factory=list)
    rests: list[Pause] = field(init=False, default_factory=list)
    past: list[PastRow] = field(init=False, default_factory=list)
    source: Self | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        """Give the loan a ledger of its own."""
        self.ledger = Ledger(self.allocation or self.terms.allocation, ())
        self.lateness = Lateness(self.terms)

    # --- rows -------------------------------------------------------------------------------------

    def put_row(self, signed: SignedRow, from_date: date) -> OpenRow:
        """Put one row in force; its interest runs from where the row before ends."""
        rows = reversed(self.ledger.rows)
        before = next((row for row in rows if row.kind is RowKind.INSTALMENT), None)
        begins = from_date if before is None else before.ends
        return self._put(signed, from_date, begins)

    def _put(self, signed: SignedRow, from_date: date, begins: date) -> OpenRow:
        row = OpenRow(
            Instalment(
                signed.due_date, signed.principal, signed.interest, signed.fee, kind=signed.kind
            ),
            signed.number,
            begins,
            signed.ends,
            from_date,
        )
        rows = self.ledger.rows
        if rows and signed.due_date < rows[-1].due_date:
            self.ledger.put(row)
        else:
            rows.append(row)
        if signed.fee:
            self.tariff[signed.number] = signed.fee
        if any(signed.paid):
            set_paid(row, signed.paid, from_date)
            self.money_in += sum(signed.paid)
        return row

    def plan_rows(self) -> list[OpenRow]:
        """The instalments in force, by due date."""
        return [row for row in self.ledger.rows if row.kind is RowKind.INSTALMENT and not row.ended]

    def paid(self, place: int) -> int:
        """All paid of one part."""
        return sum(row.due[place] - row.open[place] for row in self.ledger.rows)

    @property
    def anything_left(self) -> bool:
        """True while any row asks for anything; the last rows are looked at first."""
        return any(row.left for row in reversed(self.ledger.rows))

    @property
    def principal(self) -> int:
        """Outstanding principal: what was lent and capitalised, less paid, less written off, less
        handed over.
        """
        lent = self.disbursed + self.capitalised - self.handed_over[PRINCIPAL]
        return lent - self.paid(PRINCIPAL) - self.written_off

    # --- facts ------------------------------------------------------------------------------------

    def move_to(self, day: date) -> None:
        """Bring periods and penalties up to a day, before its payments."""
        if self.stopped:
            return
        if self.by_balance is not None:
            self.by_balance.advance(day)
        self.lateness.accrue(self.ledger.rows, day)

    def open(
        self,
        day: date,
        rows: Sequence[SignedRow],
        units: int,
        capitalised: int = 0,
        since: date | None = None,
    ) -> None:
        """Put a signed schedule in force; what was paid of it before is paid. `since`: when its
        first interest period began, where that was before the day.
        """
        begins = since or day
        for signed in rows:
            row = self._put(signed, day, begins)
            if row.kind is RowKind.INSTALMENT:
                begins = row.ends
        self.disbursed += units
        self.capitalised += capitalised
        self.base += units + capitalised
        if self.terms.grace_interest_payment:
            put_off(self)
        self.follow(day)

    def follow(self, day: date) -> None:
        """Let interest follow the balance from a day on, where the terms say so."""
        rows = self.plan_rows()
        kind = self.terms.recalculation
        if not rows or kind is Recalculation.NONE:
            return
        if kind is Recalculation.DAILY_RATE:
            self.by_day = DailyRate(self.terms, self.ledger, rows, rows[0].begins)
            self.by_day.accrued_to = day
            return
        self.by_balance = BalancePlan.take_over(self.terms, self.ledger, rows, day)
        if not self.by_balance.current:
            self.by_balance.fix()

    def disburse(self, day: date, units: int, capitalised: int = 0) -> None:
        """A further tranche: a down payment on its day, the rows that follow fixed again.

        Raises TrancheNotPlanned, NegativeRow.
        """
        terms = self.terms
        if terms.method is Method.FLAT or self.by_day is not None or not self.plan_rows():
            raise TrancheNotPlanned()
        self.move_to(day)
        if self.by_balance is not None and self.by_balance.run_out:
            raise TrancheNotPlanned()
        down = down_payment(terms, units)
        if down:
            row = SignedRow(self.ledger.next_number(), day, down, 0, kind=RowKind.DOWN_PAYMENT)
            self.ledger.put(self._unlisted(row, day))
        self.disbursed += units
        self.capitalised += capitalised
        self.base += units + capitalised
        if self.by_balance is not None:
            self.by_balance.disburse(day, units + capitalised - down)
        else:
            fix_again(self, day, units + capitalised - down)

    @staticmethod
    def _unlisted(signed: SignedRow, day: date) -> OpenRow:
        item = Instalment(signed.due_date, signed.principal, signed.interest, kind=signed.kind)
        return OpenRow(item, signed.number, day, day, day)

    def supersede(self, row: OpenRow, day: date) -> None:
        """Keep a row as it was until a day; what changes on it is in force from then on. What only
        lateness put there is kept nowhere.
        """
        if row.from_date < day:
            kept = row.copy()
            penalty, fee = self.lateness.running(row)
            kept.add(PENALTY, -penalty)
            kept.add(FEE, -fee)
            self.past.append(PastRow(kept, day, self.tariff.get(row.number, 0)))
            row.from_date = day

    def charge(self, charge: Charge) -> None:
        """Add a fee or penalty to the row its due date belongs to."""
        if charge.value_date is not None:
            self.move_to(charge.value_date)
        day = charge.seen_from
        row = self.ledger.charge(charge, lambda row: self.supersede(row, day))
        if row.left == charge.units:
            self.lateness.rest(row, charge.seen_from)

    def waive(self, component: Component, day: date, units: int) -> int:
        """Let go of unpaid interest, fees or penalties, oldest row first; what could be."""
        self.move_to(day)
        place, left = PLACE[component], units
        for row in self.ledger.rows:
            part = min(row.open[place], left)
            if part > 0:
                self.supersede(row, day)
                row.add(place, -part)
                if place == INTEREST:
                    self.apart.let_go(row.number, part)
                    if self.by_day is not None:
                        self.by_day.let_go(row, part)
                self.lateness.stand(row)
                left -= part
                if not row.left and row.settled_date is None:
                    row.settled_date = day
        waived = list(self.waived)
        waived[place] += units - left
        self.waived = (waived[0], waived[1], waived[2], waived[3])
        return units - left

    def pay(
        self, key: str, day: date, units: int, advance_to: AdvanceTo | None = None
    ) -> PaymentSplit:
        """Split money over the rows by the terms."""
        self.move_to(day)
        payment = Payment(key, day, units, advance_to or self.terms.advance_to)
        if self.by_balance is not None:
            split = self.by_balance.pay(payment)
        elif self.by_day is not None:
            self.book_late(day)
            split = self.by_day.pay(payment)
        else:
            split = self.ledger.pay(payment)
        self.note(split, units)
        return split

    def book_late(self, day: date) -> None:
        """Book the late interest of a daily rate up to a day: a row that was due before asks for it
        from that day on.
        """
        if self.by_day is None:
            return
        for row in self.by_day.booked_on(day):
            if row.due_date < day:
                self.supersede(row, day)
        self.by_day.accrue(day)

    def note(self, split: PaymentSplit, units: int) -> None:
        """Count money that came in and what of it found no row."""
        self.money_in += units
        self.overpaid += split.overpaid

    def charged_open(self, row: OpenRow) -> int:
        """What is unpaid of the fees charged to a row, without those of the schedule."""
        return max(row.open[FEE] - self.tariff.get(row.number, 0), 0)

    def refund(self, day: date, units: int) -> int:
        """Hand overpaid money back; more than that is lent anew and becomes principal."""
        self.move_to(day)
        back = min(units, self.overpaid)
        self.overpaid -= back
        self.refunded += back
        lent = units - back
        if lent:
            self.capitalised += lent
            self.base += lent
            self._add_principal(day, lent)
        return lent

    def _add_principal(self, day: date, units: int) -> None:
        if self.by_balance is not None and not self.by_balance.run_out:
            self.by_balance.add_principal(day, units)
            return
        row = next((row for row in self.plan_rows() if row.due_date >= day), None)
        if row is None:
            nothing = Charge(Component.FEE, day, 0)
            row = self.ledger.charge(nothing, lambda row: self.supersede(row, day))
        if not row.left:
            self.lateness.rest(row, day)
        self.supersede(row, day)
        row.add(PRINCIPAL, units)

    def write_off(self, day: date) -> None:
        """Take what is owed out of the books; the debt goes on."""
        self.settle_plan(day)
        self.written_off_parts = sum_parts(row.open for row in self.ledger.rows)
        self.written_off += self.principal
        self.stopped = True

    def settle_plan(self, day: date) -> None:
        """Let the rows stand as they are seen on a day; interest follows nothing any more."""
        self.move_to(day)
        self.book_late(day)
        seen = self.seen_on(day)
        self.ledger, self.lateness = seen.ledger, seen.lateness
        self.by_balance = self.by_day = None

    def drop(self, row: OpenRow, day: date) -> None:
        """Take a row out of force: what was paid of it stays, its instalment fee is not asked."""
        self.supersede(row, day)
        tariff = self.tariff.pop(row.number, 0)
        row.add(FEE, -min(row.open[FEE], tariff))
        self.tariff[row.number] = min(tariff, row.paid(FEE))
        for place in (INTEREST, PRINCIPAL):
            row.add(place, -row.open[place])
        row.ended = not row.left

    def recover(self, units: int) -> int:
        """Money after a write-off, at most what was written off; the rest is overpaid."""
        most = sum(self.written_off_parts) - self.recovered
        taken = max(min(units, most), 0)
        self.recovered += taken
        return units - taken

    # --- views ------------------------------------------------------------------------------------

    @property
    def live(self) -> Self:
        """The loan as it stands at its last fact, also of one that is only seen on a day."""
        return self if self.source is None else self.source

    @property
    def plain(self) -> bool:
        """True when the rows say everything: no penalty runs and interest follows the schedule."""
        return self.by_balance is None and self.by_day is None and not self.lateness.runs

    def copied(self) -> Self:
        """The same loan, to go on apart."""
        other = copy(self)
        other.ledger = self.ledger.copy()
        rows = {row.number: row for row in other.ledger.rows}
        other.lateness = self.lateness.copied()
        if self.by_balance is not None:
            other.by_balance = self.by_balance.copied(other.ledger, rows)
        if self.by_day is not None:
            other.by_day = self.by_day.copied(other.ledger, rows)
        other.segments = {number: pieces.copy() for number, pieces in self.segments.items()}
        other.tariff, other.carried = self.tariff.copy(), self.carried.copy()
        other.fees_carried = self.fees_carried.copy()
        other.apart = self.apart.copied()
        other.frozen, other.rests = self.frozen.copy(), self.rests.copy()
        other.past = self.past.copy()
        return other

    def seen_on(self, day: date) -> Self:
        """The loan at the end of a day, not before its last fact: penalties, late interest, plan.

        It is for reading: the rows it shows are supposed, not fixed; `live` is what to go on with.
        """
        if self.plain or self.stopped:
            return self
        seen = self.live.copied()
        seen.source = self.live
        seen.move_to(day)
        if seen.by_balance is not None:
            seen.by_balance.keep(day)
            for row in seen.by_balance.fallen():
                row.ended = True
        if seen.by_day is not None:
            seen.by_day.accrue(day)
        return seen

    def if_unpaid(self) -> Self:
        """The loan as its rows fall due if nothing more is paid: of every later day these are the
        rows that are due by it, and all of them sum to what was lent. Where interest follows the
        schedule, that is the loan itself.
        """
        if self.live.by_balance is None or self.stopped:
            return self
        seen = self.live.copied()
        seen.source = self.live
        plan = seen.by_balance
        assert plan is not None
        plan.advance(date.max)
        for row in plan.fallen():
            row.ended = True
        return seen

    def late_running(self, row: OpenRow) -> int:
        """Late interest of a daily rate on a row since the last fact, which is kept nowhere."""
        if self.by_day is None or self.source is None or self.source.by_day is None:
            return 0
        place = self.by_day.place_of(row)
        return 0 if place is None else self.by_day.late[place] - self.source.by_day.late[place]

    def arrears_days(self, on: date) -> int:
        """Days since the due date of the oldest row of which more is unpaid than the terms
        tolerate; frozen days left out.
        """
        row = next((row for row in self.ledger.rows if self.lateness.counts(row)), None)
        if row is None or row.due_date >= on or self.stopped:
            return 0
        return (on - row.due_date).days - paused_days(self.frozen, row.due_date, on)

    def check(self) -> None:
        """Assert what must hold after every fact (lending.md 4.1)."""
        rows = self.ledger.rows
        for row in rows:
            assert row.left == sum(row.open), row.number
            assert all(0 <= still <= due for still, due in zip(row.open, row.due, strict=True))
        if self.by_balance is None:
            lent = self.disbursed + self.capitalised - self.handed_over[PRINCIPAL]
            assert sum(row.due[PRINCIPAL] for row in rows) == lent, lent
        assert self.principal >= 0
        assert self.overpaid >= 0
        assert self.recovered <= sum(self.written_off_parts)


def set_paid(row: OpenRow, paid: Parts, settled_date: date | None = None) -> None:
    """Stand a row where earlier payments left it."""
    row.open = [due - part for due, part in zip(row.due, paid, strict=True)]
    row.left = sum(row.open)
    row.settled_date = settled_date if not row.left else None


def sum_parts(amounts: Iterable[Sequence[int]]) -> Parts:
    """The sum of amounts in the places of ORDER."""
    sums = [0] * len(ORDER)
    for parts in amounts:
        for place, units in enumerate(parts):
            sums[place] += units
    return (sums[0], sums[1], sums[2], sums[3])
