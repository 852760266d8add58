"""A loan is a fold: terms and dated events give rows, splits, balances and arrears as of any day.
Pure.

`fold(events, as_of)` sorts events by (value date, rank, time of recording, id) and applies them one
after the
other; the order of arrival does not matter. `apply_event` is the same step taken alone, so that a
payment after
all others needs no replay: fold(events) = apply_event(fold(all but the last), last).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from handup.kernel.credit.allocation import (
    ORDER,
    Instalment,
    Ledger,
    OpenRow,
    Payment,
)
from handup.kernel.credit.codes import AdvanceTo
from handup.kernel.credit.terms import FIELD, Allocation
from handup.kernel.errors import Refusal
from handup.lending.rules.codes import EventKind, LoanState

ENGINE_VERSION = "1"
PENALTY, FEE, INTEREST, PRINCIPAL = range(4)
_PLACE = {component: place for place, component in enumerate(ORDER)}
Parts = tuple[int, int, int, int]
"""Penalty, fee, interest, principal: the order of the engine's `allocation.ORDER`."""
ZERO: Parts = (0, 0, 0, 0)

_RANK = {
    EventKind.AGREED: 0,
    EventKind.OPENING_POSITION: 1,
    EventKind.DISBURSED: 1,
    EventKind.RESCHEDULED: 2,
    EventKind.RESTRUCTURED: 2,
    EventKind.MORATORIUM: 2,
    EventKind.CHARGED: 3,
    EventKind.WAIVED: 4,
    EventKind.WRITTEN_OFF: 6,
    EventKind.RECOVERED: 7,
    EventKind.CANCELLED: 8,
}
_PAYMENT_RANK = 5

PAYMENTS = frozenset(
    {
        EventKind.REPAID,
        EventKind.GUARANTOR_PAID,
        EventKind.MEMBER_PAID_FOR,
        EventKind.INSURANCE_PAID,
        EventKind.SAVINGS_SET_OFF,
    }
)
"""Money that settles rows by the loan's allocation; who paid differs, the split does not."""


class EventNotApplied(Refusal):
    """The engine does not apply {kind} events."""


class NothingToReverse(Refusal):
    """The event to be reversed is not one of this loan's, or is a reversal itself."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of a schedule as signed: number, day, principal, interest and fee."""

    number: int
    due_date: date
    principal: int
    interest: int
    fee: int = 0
    paid: Parts = ZERO


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact. `rows` of DISBURSED and OPENING_POSITION is the schedule in force from that
    day.
    """

    id: UUID
    kind: EventKind
    value_date: date
    recorded_at: datetime
    received_at: datetime
    units: int = 0
    reverses: UUID | None = None
    rows: tuple[PlannedRow, ...] = ()
    advance_to: AdvanceTo = AdvanceTo.NEXT_INSTALMENT


@dataclass(slots=True)
class DueRow:
    """One row while the fold runs: its number and first day, and the engine's open row."""

    number: int
    from_date: date
    open_row: OpenRow

    @property
    def due_date(self) -> date:
        """When it is due."""
        return self.open_row.due_date

    @property
    def due(self) -> list[int]:
        """What it asks for."""
        return self.open_row.due

    @property
    def paid(self) -> list[int]:
        """What of it is paid."""
        row = self.open_row
        return [due - still for due, still in zip(row.due, row.open, strict=True)]

    @property
    def unpaid(self) -> int:
        """What is still owed of it."""
        return self.open_row.left

    @property
    def settled_date(self) -> date | None:
        """The day its last part was paid."""
        return self.open_row.settled_date

    def set_paid(self, paid: Parts, settled_date: date | None = None) -> None:
        """Stand the row where earlier payments left it."""
        row = self.open_row
        row.open = [due - part for due, part in zip(row.due, paid, strict=True)]
        row.left = sum(row.open)
        row.settled_date = settled_date


@dataclass(frozen=True, slots=True)
class SplitRow:
    """Which part of one payment went to which row; number None = more than was owed."""

    event_id: UUID
    value_date: date
    number: int | None
    parts: Parts
    overpaid: int = 0

    @property
    def total(self) -> int:
        """The money of this line."""
        return sum(self.parts) + self.overpaid


@dataclass(slots=True)
class State:
    """A loan at the end of a day (or after one event): rows, splits, totals."""

    allocation: Allocation = FIELD
    state: LoanState = LoanState.AGREED
    rows: list[DueRow] = field(default_factory=list)
    splits: list[SplitRow] = field(default_factory=list)
    disbursed: int = 0
    disbursed_date: date | None = None
    money_in: int = 0
    overpaid: int = 0
    written_off: int = 0
    written_off_parts: Parts = ZERO
    recovered: int = 0
    restructured: bool = False
    settled_date: date | None = None
    last_value_date: date | None = None
    last_recorded_at: datetime | None = None
    engine: Ledger = field(init=False)

    def __post_init__(self) -> None:
        """Give the state an engine of its own."""
        self.engine = Ledger(self.allocation, ())

    def add_row(self, planned: PlannedRow, from_date: date) -> DueRow:
        """Put one row in force."""
        open_row = OpenRow(
            Instalment(planned.due_date, planned.principal, planned.interest, planned.fee),
            planned.number,
        )
        self.engine.rows.append(open_row)
        row = DueRow(planned.number, from_date, open_row)
        self.rows.append(row)
        return row

    def paid(self, component: int) -> int:
        """All paid of one component."""
        return sum(row.open_row.due[component] - row.open_row.open[component] for row in self.rows)

    @property
    def principal(self) -> int:
        """Outstanding principal: disbursed − paid − written off."""
        return self.disbursed - self.paid(PRINCIPAL) - self.written_off

    @property
    def next_row(self) -> DueRow | None:
        """The oldest row with anything unpaid."""
        return next((row for row in self.rows if row.unpaid), None)

    @property
    def last_due_date(self) -> date | None:
        """The last agreed due date."""
        return self.rows[-1].due_date if self.rows else None

    def arrears_days(self, on: date) -> int:
        """Days since the due date of the oldest unpaid row, 0 when none is past due (lending.md
        4.2).
        """
        row = self.next_row
        if row is None or row.due_date >= on or self.state is not LoanState.ACTIVE:
            return 0
        return (on - row.due_date).days

    def overdue(self, on: date) -> Parts:
        """Unpaid parts of the rows past due."""
        if self.state is not LoanState.ACTIVE:
            return ZERO
        return _sum(row.open_row.open for row in self.rows if row.due_date < on)

    def check(self) -> None:
        """Assert what must hold after every fold (lending.md 4.1)."""
        assert sum(row.due[PRINCIPAL] for row in self.rows) == self.disbursed
        for row in self.rows:
            assert all(0 <= paid <= due for paid, due in zip(row.paid, row.due, strict=True))
        split = sum(item.total for item in self.splits)
        assert split == self.money_in, (split, self.money_in)
        assert self.principal >= 0
        assert self.recovered <= sum(self.written_off_parts)


def order(event: Event) -> tuple[date, int, datetime, UUID]:
    """Where an event stands among the loan's events, whenever it arrived."""
    return event.value_date, _RANK.get(event.kind, _PAYMENT_RANK), event.recorded_at, event.id


def effective(
    events: Iterable[Event], as_of: date | None = None, known_at: datetime | None = None
) -> list[Event]:
    """Return the events that count, in order: known by then, not reversed, dated by then.

    A reversal takes its target away whatever its own date; as known at an earlier instant it is not
    yet there.
    """
    known = [item for item in events if known_at is None or item.received_at <= known_at]
    reversed_ids = {item.reverses for item in known if item.kind is EventKind.REVERSED}
    live = [
        item
        for item in known
        if item.kind is not EventKind.REVERSED
        and item.id not in reversed_ids
        and (as_of is None or item.value_date <= as_of)
    ]
    return sorted(live, key=order)


def fold(
    events: Iterable[Event],
    as_of: date | None = None,
    known_at: datetime | None = None,
    *,
    allocation: Allocation = FIELD,
) -> State:
    """Replay a loan's events up to and including a day; `known_at` asks what was known then."""
    state = State(allocation)
    for event in effective(events, as_of, known_at):
        apply_event(state, event)
    return state


def apply_event(state: State, event: Event) -> list[SplitRow]:
    """Apply one event that comes after all applied before; return the splits it made.

    Raises EventNotApplied for kinds the engine does not know yet.
    """
    made: list[SplitRow] = []
    if event.kind in PAYMENTS:
        made = _pay(state, event)
    elif event.kind in (EventKind.DISBURSED, EventKind.OPENING_POSITION):
        made = _open_rows(state, event)
    elif event.kind is EventKind.WRITTEN_OFF:
        state.written_off += state.principal
        state.written_off_parts = _sum(row.open_row.open for row in state.rows)
        state.state = LoanState.WRITTEN_OFF
    elif event.kind is EventKind.RECOVERED:
        state.recovered += event.units
    elif event.kind is EventKind.CANCELLED:
        state.state = LoanState.CANCELLED
    elif event.kind is not EventKind.AGREED:
        raise EventNotApplied(kind=event.kind.value)
    state.last_value_date = event.value_date
    state.last_recorded_at = event.recorded_at
    return made


def _sum(amounts: Iterable[Sequence[int]]) -> Parts:
    sums = [0, 0, 0, 0]
    for parts in amounts:
        for place in range(4):
            sums[place] += parts[place]
    return (sums[0], sums[1], sums[2], sums[3])


def _open_rows(state: State, event: Event) -> list[SplitRow]:
    """Put the schedule in force; what an opening position says was paid becomes its splits."""
    made: list[SplitRow] = []
    for planned in event.rows:
        row = state.add_row(planned, event.value_date)
        if any(planned.paid):
            row.set_paid(planned.paid)
            if not row.unpaid:
                row.open_row.settled_date = event.value_date
            made.append(SplitRow(event.id, event.value_date, row.number, planned.paid))
            state.money_in += sum(planned.paid)
    state.splits.extend(made)
    state.disbursed += event.units
    state.disbursed_date = state.disbursed_date or event.value_date
    state.state = LoanState.ACTIVE
    _settle_state(state, event.value_date)
    return made


def _pay(state: State, event: Event) -> list[SplitRow]:
    payment = Payment(event.id.hex, event.value_date, event.units, event.advance_to)
    split = state.engine.pay(payment)
    by_row: dict[int, list[int]] = {}
    for piece in split.pieces:
        parts = by_row.setdefault(piece.row, [0, 0, 0, 0])
        parts[_PLACE[piece.component]] += piece.units
    made = [
        SplitRow(event.id, event.value_date, number, _sum([parts]))
        for number, parts in by_row.items()
    ]
    if split.overpaid:
        state.overpaid += split.overpaid
        made.append(SplitRow(event.id, event.value_date, None, ZERO, split.overpaid))
    state.money_in += event.units
    state.splits.extend(made)
    _settle_state(state, event.value_date)
    return made


def _settle_state(state: State, on: date) -> None:
    if state.state is LoanState.ACTIVE and not any(row.open_row.left for row in state.rows):
        state.state = LoanState.SETTLED
        state.settled_date = on


def rows_to_json(rows: Sequence[PlannedRow]) -> list[dict[str, Any]]:
    """A schedule as it is kept in an event's payload."""
    return [
        {
            "number": row.number,
            "due_date": row.due_date.isoformat(),
            "principal": row.principal,
            "interest": row.interest,
            **({"fee": row.fee} if row.fee else {}),
            **({"paid": list(row.paid)} if any(row.paid) else {}),
        }
        for row in rows
    ]


def rows_from_json(data: Sequence[dict[str, Any]]) -> tuple[PlannedRow, ...]:
    """The schedule of an event's payload."""
    return tuple(
        PlannedRow(
            item["number"],
            date.fromisoformat(item["due_date"]),
            item["principal"],
            item["interest"],
            item.get("fee", 0),
            tuple(item["paid"]) if "paid" in item else ZERO,
        )
        for item in data
    )
