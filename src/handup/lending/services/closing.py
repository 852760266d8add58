"""The end of a loan: recovered after it was written off, cancelled, or reversed where wrong."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.ledger.services import post_entries
from handup.lending.errors import (
    AmountNotPositive,
    BeforeAgreement,
    BeforeWriteOff,
    LoanNotWrittenOff,
    MoreThanWrittenOff,
    NotAgreed,
    NotReversible,
    NotTheLast,
)
from handup.lending.happened import event_of, events_of
from handup.lending.models import (
    Loan,
    LoanEvent,
)
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.services import lines, plans_behind, posting
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.orders import refuse_on_its_way
from handup.lending.services.repayments import lock_loans
from handup.lending.services.replaying import replay
from handup.lending.services.reversals import reverse_event
from handup.lending.services.same import stored_event
from handup.lending.services.store import Writer, later_events, new_event, state_as_of
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require

REVERSIBLE = frozenset(
    {
        EventKind.DISBURSED,
        EventKind.CHARGED,
        EventKind.WAIVED,
        EventKind.RESCHEDULED,
        EventKind.RESTRUCTURED,
        EventKind.MORATORIUM,
        EventKind.REFUNDED,
        EventKind.WRITTEN_OFF,
        EventKind.RECOVERED,
    }
)
LAST_ONLY = frozenset({EventKind.DISBURSED, EventKind.WRITTEN_OFF})
"""What later events stand on: those are reversed first."""


def _store_and_replay(loan: Loan, event: LoanEvent) -> None:
    writer = Writer(event.received_at)
    writer.events.append(event)
    writer.flush_events()
    replay(writer, loan, events_of([loan.pk])[loan.pk])
    writer.flush()


def record_recovery(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.record_recovery",
) -> LoanEvent:
    """Record money that came in after a write-off, at most what was written off.

    What was written off are all parts that were unpaid, penalties up to that day included: the
    debt goes on. permission: of the step this is part of. Raises NotAllowed, OutOfSight,
    LoanNotWrittenOff, BeforeWriteOff, MoreThanWrittenOff, AmountNotPositive, FutureDate, BackDated.
    """
    require(acting_staff, permission, loan)
    if units <= 0:
        raise AmountNotPositive(field="units")
    content = {"loan": loan, "value_date": value_date, "units": units, "reference": reference}
    kind = EventKind.RECOVERED.value
    stored = stored_event(acting_staff, id, {}, kind=kind, method=method.value, **content)
    if stored is not None:
        return stored
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        check_date(value_date, timezone.localdate(), evidenced=source in EVIDENCED)
        if locked.state != LoanState.WRITTEN_OFF:
            raise LoanNotWrittenOff(code=locked.code)
        _hold_to_write_off(locked, value_date)
        state = state_as_of(locked, timezone.localdate())
        owed = sum(state.written_off_parts) - state.recovered
        if units > owed:
            raise MoreThanWrittenOff(field="units", left=max(owed, 0))
        event = new_event(
            locked,
            EventKind.RECOVERED,
            acting_staff,
            timezone.now(),
            value_date,
            units,
            id,
            method=method.value,
            reference=reference,
        )
        event.source = source.value
        _store_and_replay(locked, event)
        book = posting.book_of(locked.lender)
        if book is not None:
            post_entries([posting.recovery_entry(book, locked, event)], acting_staff=acting_staff)
        audit.record(acting_staff, "lending.record_recovery", event, {"loan": str(loan.pk)})
        lines.note_receipts([event], {locked.pk: locked})
    return event


def _hold_to_write_off(loan: Loan, value_date: date) -> None:
    """Refuse a recovery of a day before there was anything to recover. Raises BeforeWriteOff."""
    rows = loan.events.filter(kind=EventKind.WRITTEN_OFF.value, reversed_by=None)
    day = rows.order_by("value_date").values_list("value_date", flat=True).last()
    if day is not None and value_date < day:
        raise BeforeWriteOff(field="value_date", date=value_date, day=day)


def cancel_loan(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    reason: str,
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.cancel_loan",
) -> LoanEvent:
    """Cancel a signed loan before any money moved. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, NotAgreed, ReasonNeeded, BeforeAgreement, FutureDate, BackDated,
    AlreadyOrdered (a payment order may still pay it: that is cancelled first).
    """
    require(acting_staff, permission, loan)
    told = {"loan": loan, "value_date": value_date, "reason": reason.strip()}
    stored = stored_event(acting_staff, id, {}, kind=EventKind.CANCELLED.value, **told)
    if stored is not None:
        return stored
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        if locked.state != LoanState.AGREED:
            raise NotAgreed(code=locked.code, state=locked.get_state_display())
        if value_date < locked.agreed_date:
            raise BeforeAgreement(field="value_date", date=value_date, signed=locked.agreed_date)
        check_date(value_date, timezone.localdate(), evidenced=source in EVIDENCED)
        refuse_on_its_way(locked)
        event = new_event(
            locked,
            EventKind.CANCELLED,
            acting_staff,
            timezone.now(),
            value_date,
            0,
            id,
            reason.strip(),
        )
        event.source = source.value
        _store_and_replay(locked, event)
        audit.record(acting_staff, "lending.cancel_loan", event, {"loan": str(loan.pk)})
    return event


def reverse_loan_event(
    *,
    acting_staff: StaffUser,
    event: LoanEvent,
    reason: str,
    value_date: date,
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = "lending.reverse_loan_event",
) -> LoanEvent:
    """Reverse any event but a payment (reverse_repayment) as if it had never been: the loan is
    replayed without it, what that changes of other events is posted. A disbursement and a
    write-off only while no later event stands on them. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, NotReversible, NotTheLast, AlreadyReversed, ReasonNeeded,
    FutureDate, BackDated, BeforeItsEvent, LoanWrittenOff, SameIdOtherContent, and what later events
    refuse without it.
    """
    require(acting_staff, permission, event.loan)
    told = {"reverses": event, "value_date": value_date, "reason": reason.strip()}
    if (stored := already_stored(LoanEvent, id, acting_staff, **told)) is not None:
        return stored
    kind = EventKind(event.kind)
    if kind not in REVERSIBLE:
        raise NotReversible(kind=event.get_kind_display())
    if kind in LAST_ONLY and later_events(
        events_of([event.loan_id])[event.loan_id], event_of(event)
    ):
        raise NotTheLast()
    with transaction.atomic():
        reversal = reverse_event(
            acting_staff=acting_staff,
            event=event,
            reason=reason,
            value_date=value_date,
            id=id,
            action="lending.reverse_loan_event",
            source=source,
        )
        if kind is EventKind.DISBURSED and "tranche" not in event.payload:
            plans_behind.take_back(event, acting_staff)
        if "refinances" in event.payload:
            _give_back(event, acting_staff, reason, value_date, source)
    return reversal


def _give_back(
    event: LoanEvent, staff: StaffUser, reason: str, value_date: date, source: Source
) -> None:
    """Let the old loan run again that a reversed one had paid off."""
    paid_off = LoanEvent.objects.filter(
        loan=UUID(event.payload["refinances"]), kind=EventKind.REFINANCED, reversed_by=None
    ).first()
    if paid_off is not None:
        reverse_event(
            acting_staff=staff,
            event=paid_off,
            reason=reason,
            value_date=value_date,
            id=None,
            action="lending.reverse_loan_event",
            source=source,
        )
