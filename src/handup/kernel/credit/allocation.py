"""What a payment settles: penalties, fees, interest and principal of due rows, in the terms' order.

Charges and payments are played in the order of their dates (BY_DATE), so the result does not depend
on the order in which offline devices delivered them; `booking.py` plays history as it was booked.
What finds no row is overpaid; nothing is lost: Σ splits + overpaid = money in.
"""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from handup.kernel.credit.codes import (
    AdvanceTo,
    Component,
    Processing,
    RowKind,
    Strategy,
    When,
)
from handup.kernel.credit.terms import Allocation
from handup.kernel.money import RoundingMode, divide

ORDER = (Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
PLACE = {component: place for place, component in enumerate(ORDER)}
PENALTY, FEE, INTEREST, PRINCIPAL = range(4)


class Amounts(NamedTuple):
    """The four parts of a row or of a payment."""

    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        """Their sum."""
        return self.penalty + self.fee + self.interest + self.principal


class Instalment(NamedTuple):
    """A row of the schedule as it falls due, before charges."""

    due_date: date
    principal: int
    interest: int
    fee: int = 0
    penalty: int = 0
    kind: RowKind = RowKind.INSTALMENT


class Charge(NamedTuple):
    """A fee or penalty; made on value_date (its due date when None), to be paid by due_date."""

    component: Component
    due_date: date
    units: int
    value_date: date | None = None

    @property
    def seen_from(self) -> date:
        """The first day a payment can settle it."""
        return self.due_date if self.value_date is None else min(self.value_date, self.due_date)


class Payment(NamedTuple):
    """Money in. `key` names it in the result."""

    key: str
    date: date
    units: int
    advance_to: AdvanceTo = AdvanceTo.NEXT_INSTALMENT


class Piece(NamedTuple):
    """What of a payment went into one part of one row (1-based)."""

    row: int
    component: Component
    units: int


class PaymentSplit(NamedTuple):
    """What one payment settled, and what found no row."""

    key: str
    date: date
    parts: Amounts
    overpaid: int
    pieces: tuple[Piece, ...]


class RowState(NamedTuple):
    """A row after all payments; `settled_date` is the day its last part was paid."""

    n: int
    kind: RowKind
    due_date: date
    due: Amounts
    paid: Amounts
    paid_early: int
    paid_late: int
    settled_date: date | None

    @property
    def left(self) -> int:
        """What is still unpaid."""
        return self.due.total - self.paid.total


@dataclass(frozen=True, slots=True)
class Allocated:
    """Rows and payments after everything was played."""

    rows: tuple[RowState, ...]
    splits: tuple[PaymentSplit, ...]

    @property
    def left(self) -> int:
        """Everything unpaid, due or not."""
        return sum(row.left for row in self.rows)

    @property
    def overpaid(self) -> int:
        """Money in that found no row."""
        return sum(split.overpaid for split in self.splits)


class OpenRow:
    """A row while payments are played: amounts still open, in the places of ORDER.

    Its interest runs from `begins` to `ends`; it is in force from `from_date` on. A row that was
    `ended` keeps what was paid of it and asks for nothing more.
    """

    __slots__ = (
        "begins",
        "due",
        "due_date",
        "early",
        "ended",
        "ends",
        "from_date",
        "kind",
        "late",
        "left",
        "number",
        "open",
        "settled_date",
    )

    def __init__(
        self,
        item: Instalment,
        number: int = 0,
        begins: date | None = None,
        ends: date | None = None,
        from_date: date = date.min,
    ) -> None:
        self.number = number
        self.due_date = item.due_date
        self.begins = begins or item.due_date
        self.ends = ends or item.due_date
        self.from_date = from_date
        self.kind = item.kind
        self.due = [item.penalty, item.fee, item.interest, item.principal]
        self.open = self.due.copy()
        self.left = sum(self.due)
        self.early = self.late = 0
        self.settled_date: date | None = None
        self.ended = False

    def copy(self) -> "OpenRow":
        """The same row, to be played on apart."""
        other = object.__new__(OpenRow)
        other.number, other.due_date, other.kind = self.number, self.due_date, self.kind
        other.begins, other.ends, other.from_date = self.begins, self.ends, self.from_date
        other.due, other.open, other.left = self.due.copy(), self.open.copy(), self.left
        other.early, other.late, other.settled_date = self.early, self.late, self.settled_date
        other.ended = self.ended
        return other

    def add(self, place: int, units: int) -> None:
        """Ask for more (or, below zero, for less) of one part; what is paid stays paid."""
        if not units:
            return
        self.due[place] += units
        self.open[place] += units
        self.left += units
        if self.left:
            self.settled_date = None

    def paid(self, place: int) -> int:
        """What of one part is paid."""
        return self.due[place] - self.open[place]

    def end(self) -> None:
        """Ask for nothing more than what is paid."""
        self.due = [due - still for due, still in zip(self.due, self.open, strict=True)]
        self.open = [0, 0, 0, 0]
        self.left = 0
        self.ended = True

    def state(self) -> RowState:
        """The row as a value."""
        paid = (due - still for due, still in zip(self.due, self.open, strict=True))
        return RowState(
            self.number,
            self.kind,
            self.due_date,
            Amounts(*self.due),
            Amounts(*paid),
            self.early,
            self.late,
            self.settled_date,
        )


class Ledger:
    """The rows of one loan while charges and payments are played on them, in order of date."""

    def __init__(self, allocation: Allocation, instalments: Iterable[Instalment]) -> None:
        self.rows = [OpenRow(item, number) for number, item in enumerate(instalments, 1)]
        self.charges: list[Charge] = []
        self.splits: list[PaymentSplit] = []
        self.allocation = allocation
        self._places = _one_order(allocation)
        self.money = 0
        self._date = date.min
        self.pieces: list[Piece] = []

    def copy(self) -> "Ledger":
        """The same rows to be played on apart; splits made so far stay with this one."""
        other = Ledger(self.allocation, ())
        other.rows = [row.copy() for row in self.rows]
        other.charges = self.charges.copy()
        return other

    def put(self, row: OpenRow) -> None:
        """Put a row in its place by due date, after those of the same day."""
        insort(self.rows, row, key=_due_date)

    def next_number(self) -> int:
        """A number no row has."""
        return 1 + max((row.number for row in self.rows), default=0)

    def charge(
        self, charge: Charge, before: Callable[[OpenRow], None] = lambda _row: None
    ) -> OpenRow:
        """Add a charge to the row whose period holds its due date, else to one extra row; `before`
        is told which, while it is as it was.
        """
        self.charges.append(charge)
        extra = None
        for row in self.rows:
            if row.ended:
                continue
            if row.kind is RowKind.CHARGES:
                extra = row
            elif charge.due_date <= row.due_date and row.kind is RowKind.INSTALMENT:
                break
        else:
            row = extra or self._extra_row(charge)
            before(row)
            if charge.due_date > row.due_date:
                self.rows.remove(row)
                row.due_date = row.begins = row.ends = charge.due_date
                self.put(row)
            row.add(PLACE[charge.component], charge.units)
            return row
        before(row)
        row.add(PLACE[charge.component], charge.units)
        return row

    def _extra_row(self, charge: Charge) -> OpenRow:
        empty = Instalment(charge.due_date, 0, 0, kind=RowKind.CHARGES)
        row = OpenRow(empty, self.next_number(), from_date=charge.seen_from)
        self.put(row)
        return row

    def pay(self, payment: Payment) -> PaymentSplit:
        """Split one payment over the rows as they are now."""
        self.begin(payment.date, payment.units)
        if self.allocation.strategy is Strategy.PRINCIPAL_FIRST_IN_ADVANCE:
            self._principal_first()
        elif self._places is not None and (
            self.allocation.strategy is Strategy.ONE_BY_ONE
            or payment.advance_to is AdvanceTo.NEXT_INSTALMENT
        ):
            for row in self.rows:
                if row.left:
                    self.settle(row, self._places)
                    if not self.money:
                        break
        else:
            self._matrix(payment.advance_to)
        return self.finish(payment.key)

    def begin(self, day: date, units: int) -> None:
        """Take money in hand, to be settled step by step and then finished."""
        self.money, self._date, self.pieces = units, day, []

    def settle_due(self) -> None:
        """Settle the rows due by the day of the money in hand."""
        if self._places is not None:
            for row in self.rows:
                if row.left and row.due_date <= self._date:
                    self.settle(row, self._places)
                    if not self.money:
                        break
        elif self.allocation.strategy is Strategy.MATRIX:
            self._matrix(AdvanceTo.NEXT_INSTALMENT, (When.PAST_DUE, When.DUE))

    def finish(self, key: str) -> PaymentSplit:
        """Close the payment in hand: what found no row is overpaid."""
        split = PaymentSplit(key, self._date, _amounts(self.pieces), self.money, tuple(self.pieces))
        self.splits.append(split)
        return split

    def result(self) -> Allocated:
        """Rows and splits as values."""
        return Allocated(tuple(row.state() for row in self.rows), tuple(self.splits))

    def settle(self, row: OpenRow, places: Sequence[int], most: int | None = None) -> int:
        """Pay the given parts of a row, at most `most`; what was paid."""
        begin = money = self.money if most is None else min(most, self.money)
        if not row.left or not money:
            return 0
        opened = row.open
        for place in places:
            units = opened[place]
            if units:
                if units > money:
                    units = money
                opened[place] -= units
                money -= units
                self.pieces.append(Piece(row.number, ORDER[place], units))
                if not money:
                    break
        paid = begin - money
        self.money -= paid
        row.left -= paid
        if self._date < row.due_date:
            row.early += paid
        elif self._date > row.due_date:
            row.late += paid
        if paid and not row.left:
            row.settled_date = self._date
        return paid

    def _matrix(self, advance_to: AdvanceTo, whens: Collection[When] = tuple(When)) -> None:
        allocation = self.allocation
        cells: list[tuple[When, tuple[int, ...]]] = [
            (when, (PLACE[component],)) for when, component in allocation.cells
        ]
        if allocation.processing is Processing.HORIZONTAL:
            cells = [
                (when, tuple(place for _, places in group for place in places))
                for when, group in groupby(cells, key=lambda cell: cell[0])
            ]
        for when, places in cells:
            if not self.money:
                return
            if when not in whens:
                continue
            rows = [
                row for row in self.rows if row.left and when_of(self._date, row.due_date) is when
            ]
            if when is When.IN_ADVANCE and advance_to is AdvanceTo.SPREAD_EVENLY:
                self._spread(rows, places)
                continue
            if when is When.IN_ADVANCE and advance_to is AdvanceTo.LAST_INSTALMENT:
                rows.reverse()
            for row in rows:
                self.settle(row, places)

    def _spread(self, rows: Sequence[OpenRow], places: Sequence[int]) -> None:
        """Equal shares over the open future rows, again until nothing can be placed."""
        while self.money:
            still_open = [row for row in rows if any(row.open[place] for place in places)]
            if not still_open:
                return
            share = divide(self.money, len(still_open), RoundingMode.HALF_EVEN)
            if not share:
                self.settle(still_open[0], places)
                continue
            rest = self.money - share * (len(still_open) - 1)
            for row in still_open[:-1]:
                self.settle(row, places, share)
            self.settle(still_open[-1], places, max(rest, 0))

    def _principal_first(self) -> None:
        places = [PLACE[component] for component in self.allocation.components]
        for row in self.rows:
            if not self.money:
                return
            if row.due_date > self._date:
                for place in places:
                    if place != INTEREST:
                        self.settle(row, (place,), self._due_by_now(place))
            self.settle(row, places)

    def _due_by_now(self, place: int) -> int | None:
        """The most a future row takes of a charge: what is due by now over the whole loan."""
        if place == PRINCIPAL:
            return None
        due = sum(
            charge.units
            for charge in self.charges
            if PLACE[charge.component] == place and charge.due_date <= self._date
        )
        paid = sum(row.due[place] - row.open[place] for row in self.rows)
        return max(due - paid, 0)


def _due_date(row: OpenRow) -> date:
    return row.due_date


def when_of(day: date, due_date: date) -> When:
    """Where a payment's day lies beside a due date."""
    if day > due_date:
        return When.PAST_DUE
    return When.DUE if day == due_date else When.IN_ADVANCE


@lru_cache(maxsize=64)
def _one_order(allocation: Allocation) -> tuple[int, ...] | None:
    """The one order of parts, when rows can simply be served one after another."""
    if allocation.strategy is not Strategy.MATRIX:
        return tuple(PLACE[component] for component in allocation.components)
    if allocation.processing is not Processing.HORIZONTAL:
        return None
    size = len(allocation.cells) // 3
    blocks = [allocation.cells[at : at + size] for at in range(0, 3 * size, size)]
    orders = {tuple(component for _, component in block) for block in blocks}
    uniform = len(orders) == 1 and all(
        {when for when, _ in block} == {expected}
        for block, expected in zip(blocks, When, strict=False)
    )
    return tuple(PLACE[component] for component in orders.pop()) if uniform else None


def _amounts(pieces: Iterable[Piece]) -> Amounts:
    sums = [0, 0, 0, 0]
    for piece in pieces:
        sums[PLACE[piece.component]] += piece.units
    return Amounts(*sums)


def allocate(
    allocation: Allocation,
    instalments: Iterable[Instalment],
    charges: Iterable[Charge],
    payments: Iterable[Payment],
) -> Allocated:
    """Play charges and payments by their dates; on one day charges first, payments as given."""
    ledger = Ledger(allocation, instalments)
    waiting = sorted(charges, key=lambda charge: (charge.seen_from, charge.due_date))
    place = 0
    for payment in sorted(payments, key=lambda payment: payment.date):
        while place < len(waiting) and waiting[place].seen_from <= payment.date:
            ledger.charge(waiting[place])
            place += 1
        ledger.pay(payment)
    for charge in waiting[place:]:
        ledger.charge(charge)
    return ledger.result()
