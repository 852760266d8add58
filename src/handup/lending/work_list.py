"""The work on late loans: promises with what became of them, next steps, and reminders of what
falls due in the coming days. Nothing here sends a message: an officer calls, or brings a notice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from handup.lending.models import ArrearsContact, Loan, LoanEvent
from handup.lending.queries import Loans, due_rows
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import RECEIVED_KINDS
from handup.lending.rules.follow_up import Outcome, Promised, PromiseState, outcome_of
from handup.lending.still_here import loans_here

REMIND_DAYS = 7
MONEY_IN = [*RECEIVED_KINDS, EventKind.RECOVERED.value]


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise and what became of it."""

    contact: ArrearsContact
    outcome: Outcome

    @property
    def loan(self) -> Loan:
        """The loan it was made for."""
        return self.contact.loan

    @property
    def left_units(self) -> int:
        """What is still to come of it."""
        return max((self.contact.promised_units or 0) - self.outcome.paid_units, 0)


def promises(contacts: Iterable[ArrearsContact], on: date) -> list[PromiseLine]:
    """Every promise among these contacts with its outcome on a day; two statements, whatever their
    number.

    Hand in all contacts of a loan: a later promise replaces an open one.
    """
    made = [row for row in contacts if row.promised_units is not None]
    paid = _payments({row.loan_id for row in made})
    by_loan: dict[UUID, list[ArrearsContact]] = defaultdict(list)
    for row in made:
        by_loan[row.loan_id].append(row)
    found = []
    for loan_id, rows in by_loan.items():
        rows.sort(key=lambda row: (row.contact_date, row.recorded_at, row.pk))
        for place, row in enumerate(rows):
            assert row.promised_units is not None
            assert row.promised_date is not None
            promised = Promised(row.promised_units, row.contact_date, row.promised_date)
            later = [other.contact_date for other in rows[place + 1 :]]
            found.append(PromiseLine(row, outcome_of(promised, paid[loan_id], later, on)))
    return found


def _payments(loan_ids: Collection[UUID]) -> Mapping[UUID, list[tuple[date, int]]]:
    found: dict[UUID, list[tuple[date, int]]] = defaultdict(list)
    rows = LoanEvent.objects.filter(loan__in=loan_ids, kind__in=MONEY_IN, reversed_by=None)
    for loan_id, day, units in rows.order_by().values_list("loan_id", "value_date", "units"):
        found[loan_id].append((day, units))
    return found


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is known of the work on one late loan: the last promise and the next step."""

    promise: PromiseLine | None = None
    last: ArrearsContact | None = None

    @property
    def state(self) -> PromiseState | None:
        """Where the last promise stands."""
        return self.promise.outcome.state if self.promise is not None else None

    @property
    def next_date(self) -> date | None:
        """When the next step is due."""
        return self.last.next_date if self.last is not None else None


def follow_ups(contacts: Sequence[ArrearsContact], on: date) -> dict[UUID, FollowUp]:
    """The last promise and the last talk of each loan."""
    last: dict[UUID, ArrearsContact] = {}
    for row in sorted(contacts, key=lambda row: (row.contact_date, row.recorded_at, row.pk)):
        last[row.loan_id] = row
    newest: dict[UUID, PromiseLine] = {}
    for line in promises(contacts, on):
        newest[line.contact.loan_id] = line
    return {loan_id: FollowUp(newest.get(loan_id), row) for loan_id, row in last.items()}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One loan with an instalment in the coming days: when, how much, and what is late already."""

    loan: Loan
    due_date: date
    due_units: int
    late_units: int


def reminders(
    on: date, loans: Loans, officer: UUID | None = None, days: int = REMIND_DAYS
) -> list[Reminder]:
    """Loans with an instalment due within so many days from this one, the next one first."""
    rows = due_rows(on + timedelta(days=days), loans)
    if officer is not None:
        rows = rows.filter(loan__officer_id=officer)
    late: dict[UUID, int] = defaultdict(int)
    ahead: dict[UUID, Reminder] = {}
    for row in rows.select_related("loan__person", "loan__enterprise", "loan__group"):
        left = row.due_units - row.paid_units
        if row.due_date < on:
            late[row.loan_id] += left
        elif row.loan_id not in ahead:
            ahead[row.loan_id] = Reminder(row.loan, row.due_date, left, late[row.loan_id])
    return sorted(ahead.values(), key=lambda item: (item.due_date, item.loan.code))


def promises_due(loans: Loans, on: date) -> list[PromiseLine]:
    """Promises that are broken, or due today, the broken ones first; of each loan the last one."""
    running = loans_here(loans).filter(
        state__in=(LoanState.ACTIVE.value, LoanState.WRITTEN_OFF.value)
    )
    contacts = ArrearsContact.objects.filter(
        loan__in=running.order_by().values("pk"), promised_date__isnull=False
    ).select_related("loan__person", "loan__enterprise", "loan__group")
    newest: dict[UUID, PromiseLine] = {}
    for line in promises(contacts, on):
        newest[line.contact.loan_id] = line
    wanted = [
        line
        for line in newest.values()
        if line.outcome.state is PromiseState.BROKEN
        or (line.outcome.state is PromiseState.OPEN and line.contact.promised_date == on)
    ]
    return sorted(
        wanted,
        key=lambda line: (
            line.outcome.state is not PromiseState.BROKEN,
            line.contact.promised_date or on,
            line.loan.code,
        ),
    )
