"""An event of a loan stored, the loan replayed, and the books told: what the event did, and what it
changed of earlier ones.

For every kind that changes more than the rows a payment serves; payments in order have a shorter
way (`repayments`).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from handup.ledger.services import EntryIn, post_entries
from handup.lending.happened import events_of
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import EventKind, Source
from handup.lending.rules.loan import State
from handup.lending.services import posting
from handup.lending.services.funds import hold_to_money
from handup.lending.services.replaying import Change, did_of, replay
from handup.lending.services.store import Writer, new_event, sum_parts
from handup.org.models import StaffUser

OUT_OF_A_FUND = frozenset({EventKind.REFINANCED, EventKind.TRANSFERRED, EventKind.REFUNDED})
"""What is decided here and takes money of a fund, or loans of another fund over."""


def happen(
    writer: Writer,
    loan: Loan,
    kind: EventKind,
    staff: StaffUser,
    value_date: date,
    *,
    units: int = 0,
    payload: dict[str, Any] | None = None,
    id: UUID | None = None,
    reason: str = "",
    method: str = "",
    reference: str = "",
    source: Source = Source.WEB,
    also: Sequence[EntryIn] = (),
) -> tuple[LoanEvent, State]:
    """Let one event happen to a locked loan: stored, replayed and posted; returns it with where the
    loan stands after all its events. also: entries that belong to it, posted with its own.

    Raises FundShort, FundClosed where it takes of a fund, what the fold refuses of the event at its
    place in time, and what the ledger refuses; the caller's transaction then leaves nothing behind.
    """
    event = new_event(
        loan, kind, staff, writer.now, value_date, units, id, reason, method, reference
    )
    event.payload, event.source = payload or {}, source.value
    writer.events.append(event)
    writer.flush_events()
    state, changes = replay(writer, loan, events_of([loan.pk])[loan.pk])
    writer.flush()
    entries = [*entries_of(loan, [event], state, changes), *also]
    if kind in OUT_OF_A_FUND:
        hold_to_money(entries, decided=True)
    if entries:
        post_entries(entries, acting_staff=staff)
    return event, state


def entries_of(
    loan: Loan, new: Sequence[LoanEvent], state: State, changes: Sequence[Change]
) -> list[EntryIn]:
    """The entries of new events after a replay: what each settled and did, and, with the last one
    as its cause, what earlier events changed by it.
    """
    book = posting.book_of(loan.lender)
    if book is None:
        return []
    entries: list[EntryIn] = []
    own = {event.id for event in new}
    for event in new:
        made = [split for split in state.splits if split.event_id == event.id]
        did = did_of(row for row in state.effects if row.event_id == event.id)
        overpaid = sum(split.overpaid for split in made)
        entry = posting.event_entry(book, loan, event, sum_parts(made), overpaid, did)
        if entry is not None:
            entries.append(entry)
    others = [change for change in changes if change.event_id not in own]
    moved = posting.moved_entry(book, loan, new[-1], others) if others else None
    return entries if moved is None else [*entries, moved]
