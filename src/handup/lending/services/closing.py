"""The end of a loan: written off by two persons, recovered, cancelled, or reversed where wrong."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.services import post_entries
from handup.lending.errors import (
    AlreadyProposed,
    AmountNotPositive,
    BeforeDisbursement,
    LoanNotWrittenOff,
    MoreThanWrittenOff,
    NotAgreed,
    NothingOutstanding,
    NotReversible,
    NotTheLast,
    ProposalDecided,
)
from handup.lending.models import (
    Loan,
    LoanEvent,
    LoanProposal,
)
from handup.lending.rules.codes import EventKind, LoanState, Method, ProposalState
from handup.lending.rules.loan import PAYMENTS
from handup.lending.services import plans_behind, posting
from handup.lending.services.repayments import check_date, lock_loans, reverse_event
from handup.lending.services.store import (
    Writer,
    event_of,
    events_of,
    later_events,
    replay,
)
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require

REVERSIBLE = frozenset({EventKind.DISBURSED, EventKind.WRITTEN_OFF, EventKind.RECOVERED})


def propose_write_off(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    proposed_date: date,
    reason: str,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose to write a loan off; another person approves. Raises NothingOutstanding,
    AlreadyProposed, ReasonNeeded.
    """
    require(acting_staff, "lending.propose_write_off", loan)
    stored = already_stored(LoanProposal, id, loan=loan, proposed_date=proposed_date)
    if stored is not None:
        return stored
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    if loan.state != LoanState.ACTIVE or loan.principal_units <= 0:
        raise NothingOutstanding(code=loan.code)
    with transaction.atomic():
        waiting = loan.proposals.filter(kind=EventKind.WRITTEN_OFF, state=ProposalState.PROPOSED)
        if waiting.exists():
            raise AlreadyProposed()
        proposal = LoanProposal.objects.create(
            id=id or new_id(),
            loan=loan,
            kind=EventKind.WRITTEN_OFF.value,
            reason=reason.strip(),
            proposed_by=acting_staff,
            proposed_date=proposed_date,
        )
        audit.record(acting_staff, "lending.propose_write_off", proposal, {"loan": str(loan.pk)})
    return proposal


def write_off_loan(
    *,
    acting_staff: StaffUser,
    proposal: LoanProposal,
    value_date: date,
    approve: bool = True,
    reason: str = "",
    id: UUID | None = None,
) -> LoanEvent | None:
    """Approve (or decline) a proposed write-off; the loan leaves the portfolio, its debt goes on.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, ProposalDecided, FutureDate,
    NothingOutstanding.
    """
    require(acting_staff, "lending.write_off_loan", proposal.loan)
    stored = already_stored(LoanEvent, id, loan=proposal.loan, kind=EventKind.WRITTEN_OFF.value)
    if stored is not None:
        return stored
    with transaction.atomic():
        loan = lock_loans([proposal.loan_id])[proposal.loan_id]
        row = LoanProposal.objects.select_for_update().get(pk=proposal.pk)
        if row.state != ProposalState.PROPOSED:
            raise ProposalDecided()
        require_other_person(
            acting_staff,
            row.proposed_by_id,
            step="lending.write_off_loan",
            amount=loan.principal_units,
            reason=reason,
            obj=row,
        )
        event = _write_off(loan, row, acting_staff, value_date, id) if approve else None
        row.state = (ProposalState.APPROVED if approve else ProposalState.DECLINED).value
        row.decided_by, row.decided_date, row.event = acting_staff, value_date, event
        row.save(update_fields=("state", "decided_by", "decided_date", "event"))
        audit.record(
            acting_staff, "lending.write_off_loan", row, {"loan": str(loan.pk), "state": row.state}
        )
    return event


def _write_off(
    loan: Loan, row: LoanProposal, staff: StaffUser, value_date: date, id: UUID | None
) -> LoanEvent:
    check_date(value_date, staff, timezone.localdate(), loan)
    if loan.state != LoanState.ACTIVE or loan.principal_units <= 0:
        raise NothingOutstanding(code=loan.code)
    if loan.last_value_date is not None and value_date < loan.last_value_date:
        raise BeforeDisbursement(
            field="value_date", date=value_date, disbursed=loan.last_value_date
        )
    event = _new_event(
        loan, EventKind.WRITTEN_OFF, staff, value_date, loan.principal_units, id, row.reason
    )
    _store_and_replay(loan, event)
    book = posting.book_of(loan.lender)
    if book is not None:
        post_entries([posting.write_off_entry(book, loan, event)], acting_staff=staff)
    return event


def _new_event(
    loan: Loan,
    kind: EventKind,
    staff: StaffUser,
    value_date: date,
    units: int,
    id: UUID | None,
    reason: str = "",
    method: str = "",
    reference: str = "",
) -> LoanEvent:
    now = timezone.now()
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
    id: UUID | None = None,
) -> LoanEvent:
    """Record money that came in after a write-off, at most what was written off.

    Raises NotAllowed, OutOfSight, LoanNotWrittenOff, MoreThanWrittenOff, AmountNotPositive,
    FutureDate, BackDated.
    """
    require(acting_staff, "lending.record_recovery", loan)
    if units <= 0:
        raise AmountNotPositive(field="units")
    stored = already_stored(LoanEvent, id, loan=loan, value_date=value_date, units=units)
    if stored is not None:
        return stored
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        check_date(value_date, acting_staff, timezone.localdate(), locked)
        if locked.state != LoanState.WRITTEN_OFF:
            raise LoanNotWrittenOff(code=locked.code)
        owed = locked.written_off_units - locked.recovered_units + _other_parts(locked)
        if units > owed:
            raise MoreThanWrittenOff(field="units", left=max(owed, 0))
        event = _new_event(
            locked,
            EventKind.RECOVERED,
            acting_staff,
            value_date,
            units,
            id,
            method=method.value,
            reference=reference,
        )
        _store_and_replay(locked, event)
        book = posting.book_of(locked.lender)
        if book is not None:
            post_entries([posting.recovery_entry(book, locked, event)], acting_staff=acting_staff)
        audit.record(acting_staff, "lending.record_recovery", event, {"loan": str(loan.pk)})
    return event


def _other_parts(loan: Loan) -> int:
    """Interest, fees and penalties that were unpaid when the loan was written off: the debt
    goes on.
    """
    return sum(
        due.interest_units
        + due.fee_units
        + due.penalty_units
        - due.interest_paid_units
        - due.fee_paid_units
        - due.penalty_paid_units
        for due in loan.dues.filter(replaced_at=None, to_date=None)
    )


def cancel_loan(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    reason: str,
    id: UUID | None = None,
) -> LoanEvent:
    """Cancel a signed loan before any money moved. Raises NotAllowed, OutOfSight, NotAgreed,
    ReasonNeeded.
    """
    require(acting_staff, "lending.cancel_loan", loan)
    stored = already_stored(LoanEvent, id, loan=loan, kind=EventKind.CANCELLED.value)
    if stored is not None:
        return stored
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        if locked.state != LoanState.AGREED:
            raise NotAgreed(code=locked.code, state=locked.get_state_display())
        event = _new_event(
            locked, EventKind.CANCELLED, acting_staff, value_date, 0, id, reason.strip()
        )
        _store_and_replay(locked, event)
        audit.record(acting_staff, "lending.cancel_loan", event, {"loan": str(loan.pk)})
    return event


def reverse_loan_event(
    *,
    acting_staff: StaffUser,
    event: LoanEvent,
    reason: str,
    value_date: date,
    id: UUID | None = None,
) -> LoanEvent:
    """Reverse a disbursement, write-off or recovery that no later event stands on.

    Raises NotAllowed, OutOfSight, NotReversible, NotTheLast, AlreadyReversed, ReasonNeeded,
    FutureDate.
    """
    require(acting_staff, "lending.reverse_loan_event", event.loan)
    kind = EventKind(event.kind)
    if kind in PAYMENTS or kind not in REVERSIBLE:
        raise NotReversible(kind=event.get_kind_display())
    later = later_events(events_of([event.loan_id])[event.loan_id], event_of(event))
    if later and kind is not EventKind.RECOVERED:
        raise NotTheLast()
    with transaction.atomic():
        reversal = reverse_event(
            acting_staff=acting_staff,
            event=event,
            reason=reason,
            value_date=value_date,
            id=id,
            action="lending.reverse_loan_event",
        )
        if kind is EventKind.DISBURSED:
            plans_behind.take_back(event, acting_staff)
    return reversal
