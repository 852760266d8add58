"""Where a loan stands: its rows, what each payment settled, its totals. Made by the fold."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Self
from uuid import UUID

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, OpenRow
from handup.kernel.credit.codes import Component, RowKind
from handup.kernel.credit.standing import Parts, Standing, set_paid, sum_parts
from handup.lending.rules.codes import Effect, LoanState
from handup.lending.rules.events import PlannedRow


@dataclass(frozen=True, slots=True)
class DueRow:
    """One row while the fold runs, as others read it."""

    open_row: OpenRow

    @property
    def number(self) -> int:
        """Its number, which stays."""
        return self.open_row.number

    @property
    def from_date(self) -> date:
        """The day it came into force as it is."""
        return self.open_row.from_date

    @property
    def due_date(self) -> date:
        """When it is due."""
        return self.open_row.due_date

    @property
    def kind(self) -> RowKind:
        """Instalment, down payment or charges."""
        return self.open_row.kind

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
        set_paid(self.open_row, paid, settled_date)


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


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What one event did besides settling rows; no component where it is money or principal."""

    event_id: UUID
    value_date: date
    what: Effect
    component: Component | None
    units: int


class Cure(NamedTuple):
    """Days on which a restructured loan does not count as at risk for it, both included; no last
    day: to this day.
    """

    first: date
    last: date | None


@dataclass(slots=True)
class State(Standing):
    """A loan at the end of a day (or after one event): rows, splits, totals.

    A state that was kept and read back holds no splits and effects of earlier events, only sums:
    `split_before`, and `over_before` of what was overpaid. `restarted_date`: the last day it was
    put on new terms, `restarted_by`: by which event, not kept; `cures`: when it counted as
    restructured no more, before that. `agreed_until`: the last due date that was agreed when money
    before its time closed it. `changed`: more happened than money paid out and in, so its rows and
    totals do not say all that the fold needs.
    """

    state: LoanState = LoanState.AGREED
    splits: list[SplitRow] = field(default_factory=list)
    effects: list[EffectRow] = field(default_factory=list)
    disbursed_date: date | None = None
    restructured: bool = False
    restructured_date: date | None = None
    restarted_date: date | None = None
    restarted_by: UUID | None = None
    cures: list[Cure] = field(default_factory=list)
    agreed_until: date | None = None
    changed: bool = False
    arrears_before: int = 0
    settled_date: date | None = None
    last_value_date: date | None = None
    last_recorded_at: datetime | None = None
    last_order: tuple[date, int, datetime, UUID] | None = None
    split_before: int = 0
    over_before: int = 0

    @property
    def rows(self) -> list[DueRow]:
        """The rows by due date, without those that fell away unpaid."""
        return [DueRow(row) for row in self.ledger.rows if not row.ended or any(row.due)]

    def add_row(self, planned: PlannedRow, from_date: date) -> DueRow:
        """Put one row in force."""
        return DueRow(self.put_row(planned, from_date))

    def copied(self) -> Self:
        """The same loan, to go on apart."""
        other = Standing.copied(self)
        other.splits, other.effects = self.splits.copy(), self.effects.copy()
        other.cures = self.cures.copy()
        return other

    @property
    def moved(self) -> bool:
        """Whether anything is lent, charged or paid."""
        return bool(self.ledger.rows or self.disbursed or self.money_in)

    @property
    def next_row(self) -> DueRow | None:
        """The oldest row of which more is unpaid than the terms tolerate."""
        counts = self.lateness.counts
        return next((DueRow(row) for row in self.ledger.rows if counts(row)), None)

    @property
    def last_due_date(self) -> date | None:
        """The last agreed due date; paying off before it leaves it."""
        days = [row.due_date for row in self.ledger.rows if not row.ended]
        if self.agreed_until is not None:
            days.append(self.agreed_until)
        return max(days, default=None)

    def arrears_days(self, on: date) -> int:
        """Days since the due date of the oldest row of which more is unpaid than the terms
        tolerate, 0 when none is past due (lending.md 4.2).
        """
        return Standing.arrears_days(self, on) if self.state is LoanState.ACTIVE else 0

    def overdue(self, on: date) -> Parts:
        """Unpaid parts of the rows that are late."""
        return sum_parts(row.open for row in self._late(on))

    def _late(self, on: date) -> list[OpenRow]:
        if self.state is not LoanState.ACTIVE:
            return []
        counts = self.lateness.counts
        return [row for row in self.ledger.rows if row.due_date < on and counts(row)]

    def stored_due(self, row: DueRow) -> list[int]:
        """What a row asks for without what only lateness put there, which is never kept."""
        due = row.due.copy()
        penalty, fee = self.lateness.running(row.open_row)
        due[PENALTY] -= penalty
        due[FEE] -= fee
        due[INTEREST] -= self.late_running(row.open_row)
        return due

    def interest_of(self, *what: Effect) -> list[EffectRow]:
        """What events did with unpaid interest."""
        return [
            row for row in self.effects if row.what in what and row.component is Component.INTEREST
        ]

    @property
    def interest_gone(self) -> int:
        """Interest that became principal, or went to another lender: earned, and asked as interest
        here no more.
        """
        gone = self.interest_of(Effect.CAPITALISED, Effect.HANDED_OVER)
        return sum(row.units for row in gone)

    @property
    def past_rows(self) -> list[tuple[DueRow, date, int]]:
        """The rows as they were before a change, each with the day it went out of force
        and its fee by the fee table.
        """
        return [
            (DueRow(item.row.copy()), item.to_date, item.tariff)
            for item in self.past
            if not item.row.ended or any(item.row.due)
        ]

    def overdue_stored(self, on: date) -> int:
        """Everything unpaid of the rows that are late but penalties, and what only lateness put
        there: what dated rows can tell.
        """
        return sum(
            row.left - row.open[PENALTY] - self.lateness.running(row)[1] - self.late_running(row)
            for row in self._late(on)
        )

    def check(self) -> None:
        """Assert what must hold after every fold (lending.md 4.1)."""
        Standing.check(self)
        split = self.split_before + sum(item.total for item in self.splits)
        assert split == self.money_in, (split, self.money_in)
        beyond = self.over_before + sum(item.overpaid for item in self.splits)
        assert beyond == self.overpaid + self.refunded, (beyond, self.overpaid, self.refunded)
