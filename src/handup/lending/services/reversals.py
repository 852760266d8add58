"""Taking back what happened to a loan, as if it had never been: a repayment, or any other event for
the services whose step this is part of.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.services import post_entries
from handup.lending.errors import (
    AlreadyReversed,
    BeforeItsEvent,
    ExplainsLine,
    LoanWrittenOff,
    NotReversible,
    NotTheLast,
    TakenOver,
)
from handup.lending.happened import events_of
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.banking.codes import LineFate
from handup.lending.rules.codes import EventKind, LoanState, Parked, Source
from handup.lending.rules.events import RECEIVED
from handup.lending.services import posting, savings_kept
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.plans_behind import stands_again
from handup.lending.services.repayments import lock_loans
from handup.lending.services.replaying import Change, replay
from handup.lending.services.store import Writer, refuse_moved
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require

OPENING = frozenset({EventKind.DISBURSED, EventKind.OPENING_POSITION})
"""What a loan of an old portfolio came with: it goes back with the whole portfolio."""
_GONE = frozenset({LoanState.REFINANCED, LoanState.TRANSFERRED})
_GOING = frozenset({EventKind.REFINANCED, EventKind.TRANSFERRED})
_BY_LINE = frozenset(
    {"lending.undo_match", "lending.reverse_by_statement", "lending.undo_stray_cash"}
)
"""Steps that put what a payment came from right together with it."""
_OF_LOSSES = frozenset({EventKind.WRITTEN_OFF, EventKind.RECOVERED})


def reverse_repayment(
    *,
    acting_staff: StaffUser,
    event: LoanEvent,
    reason: str,
    value_date: date,
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.reverse_repayment",
) -> LoanEvent:
    """Take a repayment back as if it had never been; later ones are split anew and the difference
    is posted. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, ReasonNeeded, NotReversible, AlreadyReversed, FutureDate,
    BackDated, BeforeItsEvent, LoanWrittenOff, ExplainsLine, SameIdOtherContent.
    """
    require(acting_staff, permission, event.loan)
    if EventKind(event.kind) not in RECEIVED:
        raise NotReversible(kind=event.get_kind_display())
    told: dict[str, Any] = {"reason": reason, "value_date": value_date, "source": source, "id": id}
    with transaction.atomic():
        reversal = reverse_event(
            acting_staff=acting_staff, event=event, action="lending.reverse_repayment", **told
        )
        if event.kind == EventKind.WITHDRAWN:
            stands_again(event, acting_staff)
    return reversal


def reverse_event(
    *,
    acting_staff: StaffUser,
    event: LoanEvent,
    reason: str,
    value_date: date,
    id: UUID | None,
    action: str,
    source: Source = Source.WEB,
) -> LoanEvent:
    """Reverse one event whose permission has been asked; shared by the reversing services. Its day
    is held to those of one person, unless the source brings evidence of it.
    """
    told = {"reverses": event, "value_date": value_date, "reason": reason.strip()}
    if (stored := already_stored(LoanEvent, id, acting_staff, **told)) is not None:
        return stored
    if event.source == Source.OLD_BOOK and EventKind(event.kind) in OPENING:
        raise TakenOver()
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    if value_date < event.received_date:
        raise BeforeItsEvent(field="value_date", date=value_date, event=event.received_date)
    check_date(value_date, timezone.localdate(), evidenced=source in EVIDENCED)
    with transaction.atomic():
        loan = lock_loans([event.loan_id])[event.loan_id]
        if (stored := already_stored(LoanEvent, id, acting_staff, **told)) is not None:
            return stored  # sent twice at once
        _refuse_gone(loan, event)
        if action not in _BY_LINE and _explains_line(event):
            raise ExplainsLine()
        if loan.state in _GONE and EventKind(event.kind) not in _GOING:
            raise NotTheLast()
        if loan.state == LoanState.WRITTEN_OFF and EventKind(event.kind) not in _OF_LOSSES:
            raise LoanWrittenOff(code=loan.code)
        writer = Writer(timezone.now())
        loan.event_count += 1
        reversal = LoanEvent(
            id=id or new_id(),
            recorded_at=writer.now,
            received_at=writer.now,
            loan_id=loan.pk,
            kind=EventKind.REVERSED.value,
            value_date=value_date,
            recorded_by_id=acting_staff.pk,
            source=source.value,
            seq=loan.event_count,
            units=event.units,
            method=event.method,
            reason=reason.strip(),
            reverses_id=event.pk,
        )
        writer.events.append(reversal)
        writer.flush_events()
        _state, changes = replay(writer, loan, events_of([loan.pk])[loan.pk])
        writer.flush()
        savings_kept.take_back(event, reversal, acting_staff)
        _post_reversal(loan, event, reversal, changes, acting_staff)
        audit.record(acting_staff, action, reversal, {"loan": str(loan.pk)})
    return reversal


def _refuse_gone(loan: Loan, event: LoanEvent) -> None:
    """Refuse to reverse what a successor keeps, or what was reversed before."""
    refuse_moved(loan)
    if LoanEvent.objects.filter(reverses_id=event.pk).exists():
        raise AlreadyReversed()


def _explains_line(event: LoanEvent) -> bool:
    """Whether a line of a bank statement is this payment; money the bank holds is not taken out of
    the books before the line waits again.
    """
    if event.method == Parked.SUSPENSE:
        return True
    matched = event.statement_lines.filter(fate=LineFate.MATCHED.value, order=None)
    return bool(matched.exists())


def _post_reversal(
    loan: Loan, event: LoanEvent, reversal: LoanEvent, changes: Sequence[Change], staff: StaffUser
) -> None:
    """Mirror the event's own entry, then post what the other payments' splits moved by it.

    What earlier replays moved within the reversed payment itself is taken back with the rest: the
    mirror returns the first split, `moved` what the last one differs from it by.
    """
    book = posting.book_of(loan.lender)
    if book is None:
        return
    if event.source == Source.OLD_BOOK:  # never posted by itself: all it settled is taken back
        moved = posting.moved_entry(book, loan, reversal, changes)
    else:
        posting.reverse_posting(book, event, reversal, acting_staff=staff)
        moved = posting.moved_after_reversal(book, loan, event, reversal, changes)
    if moved is not None:
        post_entries([moved], acting_staff=staff)
