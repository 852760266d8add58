"""Between tables and the fold: events and rows out, splits and projections back.

A payment after all others is applied to the rows as they stand (`held`); anything else replays the
loan (`replaying`).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from handup.kernel.credit.codes import RestructuredInPar
from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.lending.errors import LoanMoved
from handup.lending.happened import events_of
from handup.lending.models import (
    EventEffect,
    Loan,
    LoanCure,
    LoanDue,
    LoanEnd,
    LoanEvent,
    LoanPause,
    PaymentSplit,
)
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.cures import cures_of
from handup.lending.rules.loan import (
    ENGINE_VERSION,
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    DueRow,
    Event,
    Parts,
    PlannedRow,
    SplitRow,
    State,
    effective,
    fold,
)
from handup.lending.rules.terms import interest_is_planned, read_terms, rows_say_all
from handup.lending.services.rows import change_rows, insert_rows
from handup.org.bulk import unsaved
from handup.org.models import StaffUser
from handup.org.plain import rows_where

PROJECTED = (
    "state",
    "disbursed_date",
    "last_due_date",
    "next_due_date",
    "settled_date",
    "last_value_date",
    "last_recorded_at",
    "disbursed_units",
    "capitalised_units",
    "principal_units",
    "principal_paid_units",
    "interest_paid_units",
    "fee_paid_units",
    "penalty_paid_units",
    "overpaid_units",
    "written_off_units",
    "recovered_units",
    "restructured",
    "restructured_date",
    "changed",
    "follows_balance",
    "arrears_tolerance_units",
    "event_count",
    "engine_version",
)
MOVED = (
    *("state", "next_due_date", "settled_date", "last_value_date", "last_recorded_at"),
    *("principal_units", "principal_paid_units", "interest_paid_units"),
    *("fee_paid_units", "penalty_paid_units", "event_count"),
)
"""What a payment of the rows due next changes of its loan."""
PAID_COLUMNS = (
    "principal_paid_units",
    "interest_paid_units",
    "fee_paid_units",
    "penalty_paid_units",
    "settled_date",
)


DUE_COLUMNS = (
    *("id", "loan_id", "number", "due_date", "from_date"),
    *("principal_units", "interest_units", "fee_units", "penalty_units"),
    *PAID_COLUMNS,
)


@dataclass(slots=True)
class Held:
    """A loan in memory: its row, the state the fold is at, and its live due rows by number."""

    loan: Loan
    state: State
    dues: dict[int, LoanDue]


@dataclass(slots=True)
class Writer:
    """What one transaction will write, collected per table and written with one statement each."""

    now: datetime
    events: list[LoanEvent] = field(default_factory=list)
    new_dues: list[LoanDue] = field(default_factory=list)
    paid_dues: dict[UUID, LoanDue] = field(default_factory=dict)
    replaced_dues: list[LoanDue] = field(default_factory=list)
    new_pauses: list[LoanPause] = field(default_factory=list)
    replaced_pauses: list[LoanPause] = field(default_factory=list)
    new_cures: list[LoanCure] = field(default_factory=list)
    replaced_cures: list[LoanCure] = field(default_factory=list)
    new_ends: list[LoanEnd] = field(default_factory=list)
    replaced_ends: list[LoanEnd] = field(default_factory=list)
    splits: list[PaymentSplit] = field(default_factory=list)
    replaced_splits: list[PaymentSplit] = field(default_factory=list)
    effects: list[EventEffect] = field(default_factory=list)
    replaced_effects: list[EventEffect] = field(default_factory=list)
    loans: dict[UUID, Loan] = field(default_factory=dict)
    moved: list[Loan] = field(default_factory=list)

    def flush_events(self) -> None:
        """Write the events, before anything that points at them or reads them back."""
        insert_rows(self.events)
        self.events = []

    def flush(self) -> None:
        """Write all of it, in the order the foreign keys ask for."""
        self.flush_events()
        change_rows(LoanDue, ("replaced_at",), self.replaced_dues)
        insert_rows(self.new_dues)
        change_rows(LoanDue, PAID_COLUMNS, self.paid_dues.values())
        if self.new_pauses or self.replaced_pauses:
            change_rows(LoanPause, ("replaced_at",), self.replaced_pauses)
            insert_rows(self.new_pauses)
        if self.new_cures or self.replaced_cures:
            change_rows(LoanCure, ("replaced_at",), self.replaced_cures)
            insert_rows(self.new_cures)
        if self.new_ends or self.replaced_ends:
            change_rows(LoanEnd, ("replaced_at",), self.replaced_ends)
            insert_rows(self.new_ends)
        if self.effects or self.replaced_effects:
            change_rows(EventEffect, ("replaced_at",), self.replaced_effects)
            insert_rows(self.effects)
        change_rows(PaymentSplit, ("replaced_at",), self.replaced_splits)
        insert_rows(self.splits)
        change_rows(Loan, PROJECTED, self.loans.values())
        change_rows(Loan, MOVED, self.moved)
        self.new_dues, self.splits = [], []
        self.replaced_dues, self.replaced_splits = [], []
        self.new_pauses, self.replaced_pauses = [], []
        self.new_cures, self.replaced_cures = [], []
        self.new_ends, self.replaced_ends = [], []
        self.effects, self.replaced_effects = [], []
        self.paid_dues, self.loans, self.moved = {}, {}, []


def refuse_moved(loan: Loan) -> None:
    """Refuse what would happen to a loan that a successor keeps. Raises LoanMoved."""
    if loan.moved_date is not None:
        raise LoanMoved(code=loan.code)


def new_event(
    loan: Loan,
    kind: EventKind,
    staff: StaffUser,
    now: datetime,
    value_date: date,
    units: int,
    id: UUID | None,
    reason: str = "",
    method: str = "",
    reference: str = "",
) -> LoanEvent:
    """The next event of a loan, not stored yet. Raises LoanMoved."""
    refuse_moved(loan)
    loan.event_count += 1
    return LoanEvent(
        id=id or new_id(),
        recorded_at=now,
        received_at=now,
        loan_id=loan.pk,
        kind=kind.value,
        value_date=value_date,
        recorded_by_id=staff.pk,
        seq=loan.event_count,
        units=units,
        method=method,
        reference=reference,
        reason=reason,
    )


def live_dues(loan_ids: Iterable[UUID]) -> dict[UUID, dict[int, LoanDue]]:
    """The due rows in force now, by loan and number."""
    found: dict[UUID, dict[int, LoanDue]] = defaultdict(dict)
    in_force = 'AND "replaced_at" IS NULL AND "to_date" IS NULL ORDER BY "due_date", "number"'
    for row in rows_where(LoanDue, "loan_id", list(loan_ids), also=in_force, only=DUE_COLUMNS):
        found[row.loan_id][row.number] = row
    return found


def held(loan: Loan, dues: dict[int, LoanDue]) -> Held:
    """Stand a loan up from its projections, where the fold left it."""
    state = State(
        terms=read_terms(loan.terms),
        state=LoanState(loan.state),
        disbursed=loan.disbursed_units,
        capitalised=loan.capitalised_units,
        disbursed_date=loan.disbursed_date,
        overpaid=loan.overpaid_units,
        written_off=loan.written_off_units,
        recovered=loan.recovered_units,
        restructured=loan.restructured,
        restructured_date=loan.restructured_date,
        changed=loan.changed,
        settled_date=loan.settled_date,
        last_value_date=loan.last_value_date,
        last_recorded_at=loan.last_recorded_at,
    )
    for due in dues.values():
        planned = PlannedRow(
            due.number, due.due_date, due.principal_units, due.interest_units, due.fee_units
        )
        row = state.add_row(planned, due.from_date)
        if due.paid_units:
            row.set_paid(
                (
                    due.penalty_paid_units,
                    due.fee_paid_units,
                    due.interest_paid_units,
                    due.principal_paid_units,
                ),
                due.settled_date,
            )
    return Held(loan, state, dues)


def comes_last(loan: Loan, value_date: date, recorded_at: datetime) -> bool:
    """Tell whether a payment of that day and instant stands after all events of the loan, and its
    rows say all that the fold needs: a loan with penalties, one that was changed, and one that what
    is paid may cure (`restructured_in_par`), is replayed.
    """
    terms = read_terms(loan.terms)
    if loan.changed or not rows_say_all(terms):
        return False
    if loan.restructured and terms.restructured_in_par is RestructuredInPar.UNTIL_CURED:
        return False
    if loan.last_value_date is None or loan.last_recorded_at is None:
        return True
    return (value_date, recorded_at) > (loan.last_value_date, loan.last_recorded_at)


def project(loan: Loan, state: State) -> None:
    """Set the projections of a loan from its state."""
    if state.by_balance is not None and state.last_value_date is not None:
        state = state.seen_on(state.last_value_date)
    sums = [0, 0, 0, 0]
    for row in state.rows:
        for place, units in enumerate(row.paid):
            sums[place] += units
    loan.state = state.state.value
    loan.disbursed_date = state.disbursed_date
    loan.last_due_date = state.last_due_date
    next_row = state.next_row
    running = state.state is LoanState.ACTIVE
    loan.next_due_date = next_row.due_date if next_row is not None and running else None
    loan.settled_date = state.settled_date
    loan.last_value_date = state.last_value_date
    loan.last_recorded_at = state.last_recorded_at
    loan.disbursed_units = state.disbursed
    loan.capitalised_units = state.capitalised
    lent = state.disbursed + state.capitalised
    gone = state.written_off + state.handed_over[PRINCIPAL]
    loan.principal_units = lent - sums[PRINCIPAL] - gone
    loan.principal_paid_units = sums[PRINCIPAL]
    loan.interest_paid_units = sums[INTEREST]
    loan.fee_paid_units = sums[FEE]
    loan.penalty_paid_units = sums[PENALTY]
    loan.overpaid_units = state.overpaid
    loan.written_off_units = state.written_off
    loan.recovered_units = state.recovered
    loan.restructured = state.restructured
    loan.restructured_date = state.restructured_date
    loan.changed = state.changed
    loan.follows_balance = not interest_is_planned(read_terms(loan.terms))
    loan.arrears_tolerance_units = state.terms.arrears_tolerance_units
    loan.engine_version = ENGINE_VERSION


def due_row(
    loan: Loan,
    row: DueRow,
    now: datetime,
    asked: Sequence[int] = (),
    to_date: date | None = None,
    tariff: int = 0,
) -> LoanDue:
    """A new stored row of a schedule; `asked` where less is kept than the row shows, `to_date` of a
    row that went out of force, `tariff` its fee by the fee table.
    """
    units = asked or row.due
    due = unsaved(
        LoanDue,
        id=new_id(),
        recorded_at=now,
        received_at=now,
        loan_id=loan.id,
        number=row.number,
        due_date=row.due_date,
        penalty_units=units[PENALTY],
        fee_units=units[FEE],
        interest_units=units[INTEREST],
        principal_units=units[PRINCIPAL],
        tariff_units=tariff,
        from_date=row.from_date,
        to_date=to_date,
    )
    if row.open_row.open != row.due or not row.unpaid:
        set_paid(due, row)
    return due


def cure_rows(
    loan: Loan, state: State, now: datetime, terms: Terms | None = None
) -> list[LoanCure]:
    """The days on which a restructured loan does not count as at risk, as new stored rows."""
    return [
        LoanCure(
            loan_id=loan.id,
            first_date=cure.first,
            last_date=cure.last,
            recorded_at=now,
            received_at=now,
        )
        for cure in cures_of(state, terms)
    ]


def opened_rows(loan: Loan, state: State, now: datetime) -> list[LoanDue]:
    """The rows of a loan that was just opened."""
    shown, tariff = state.if_unpaid(), state.tariff
    return [due_row(loan, row, now, tariff=tariff.get(row.number, 0)) for row in shown.rows]


def set_paid(due: LoanDue, row: DueRow) -> None:
    """Set the paid columns of a stored row; one that a change closed is settled by it."""
    paid = row.paid
    due.penalty_paid_units = paid[PENALTY]
    due.fee_paid_units = paid[FEE]
    due.interest_paid_units = paid[INTEREST]
    due.principal_paid_units = paid[PRINCIPAL]
    closed = row.settled_date is None and not row.unpaid and any(row.due)
    due.settled_date = row.from_date if closed else row.settled_date


def split_row(loan: Loan, split: SplitRow, now: datetime) -> PaymentSplit:
    """A new stored split."""
    return unsaved(
        PaymentSplit,
        id=new_id(),
        recorded_at=now,
        received_at=now,
        loan_id=loan.id,
        event_id=split.event_id,
        number=split.number,
        penalty_units=split.parts[PENALTY],
        fee_units=split.parts[FEE],
        interest_units=split.parts[INTEREST],
        principal_units=split.parts[PRINCIPAL],
        overpaid_units=split.overpaid,
        value_date=split.value_date,
    )


def add_splits(writer: Writer, item: Held, made: Sequence[SplitRow]) -> None:
    """Note the splits one payment made, and the rows they touched."""
    by_number = {row.number: row for row in item.state.rows}
    for split in made:
        if split.number is not None:
            due = item.dues[split.number]
            set_paid(due, by_number[split.number])
            writer.paid_dues[due.id] = due
        writer.splits.append(split_row(item.loan, split, writer.now))


def sum_parts(splits: Iterable[SplitRow]) -> Parts:
    """The parts of one payment over all its rows."""
    sums = [0, 0, 0, 0]
    for split in splits:
        for place, units in enumerate(split.parts):
            sums[place] += units
    return (sums[0], sums[1], sums[2], sums[3])


def state_as_of(loan: Loan, on: date, known_at: datetime | None = None) -> State:
    """Fold one loan as of a day, and as it was known at an instant."""
    terms = read_terms(loan.terms)
    return fold(events_of([loan.id])[loan.id], on, known_at, terms=terms)


def later_events(events: Sequence[Event], than: Event) -> list[Event]:
    """The events that count and stand after one of them."""
    live = effective(events)
    ids = [event.id for event in live]
    return live[ids.index(than.id) + 1 :] if than.id in ids else []
