"""Loans, repayments and ratios through the API."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Status

from handup.lending import queries, services
from handup.lending.api import schemas
from handup.lending.api.access import note, router, seen
from handup.lending.api.earlier import EarlierOut
from handup.lending.api.loan_shown import LoanOut
from handup.lending.models import (
    EarlierRecord,
    Loan,
    LoanEvent,
    LoanProposal,
)
from handup.lending.nameless import READ_NAMES, hide_names
from handup.lending.rules.codes import EventKind, Source
from handup.lending.rules.events import RECEIVED
from handup.lending.services.store import state_as_of
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import may, require


@router.get("/loans", response=PageOut[LoanOut])
def list_loans(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Loans she may see."""
    require(request.auth_staff, "lending.view_loan")
    items, following = page(Loan.objects.visible_to(request.auth_staff), after, limit)
    note(request, items)
    hide_names(request.auth_staff, items)
    return {"items": items, "next": following}


@router.get("/loans/{uuid:loan_id}", response=LoanOut)
def show_loan(request: StaffRequest, loan_id: UUID) -> Loan:
    """One loan as it stands now."""
    loan = seen(Loan, request, loan_id)
    note(request, [loan], "VIEW")
    hide_names(request.auth_staff, [loan])
    return loan


@router.get("/loans/{uuid:loan_id}/state", response=schemas.LoanStateOut)
def show_loan_state(request: StaffRequest, loan_id: UUID, as_of: schemas.Day) -> dict[str, object]:
    """One loan as of any day."""
    loan = seen(Loan, request, loan_id)
    note(request, [loan], "VIEW")
    state = state_as_of(loan, as_of)
    return {
        "as_of": as_of,
        "state": state.state.value,
        "principal_units": state.principal,
        "arrears_days": state.arrears_days(as_of),
        "overdue_units": sum(state.overdue(as_of)),
        "overpaid_units": state.overpaid,
        "rows": [
            {
                "number": row.number,
                "due_date": row.due_date,
                "penalty_units": row.due[0],
                "fee_units": row.due[1],
                "interest_units": row.due[2],
                "principal_units": row.due[3],
                "paid_units": sum(row.paid),
                "settled_date": row.settled_date,
            }
            for row in state.rows
        ],
    }


@router.get("/loans/{uuid:loan_id}/events", response=list[schemas.EventOut])
def list_events(request: StaffRequest, loan_id: UUID) -> list[LoanEvent]:
    """Everything that happened to a loan."""
    loan = seen(Loan, request, loan_id)
    note(request, [loan], "VIEW")
    events = list(loan.events.all())
    if not may(request.auth_staff, READ_NAMES, loan):
        for event in events:
            event.reason = event.reference = ""
    return events


@router.post("/loans/{uuid:loan_id}/disbursement", response={201: schemas.EventOut})
def disburse_loan(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: schemas.DisbursementNew
) -> Status[LoanEvent]:
    """Pay out."""
    loan = seen(Loan, request, loan_id)
    event = services.disburse_loan(
        acting_staff=request.auth_staff, loan=loan, id=key, source=Source.API, **told.dict()
    )
    return Status(201, event)


@router.post("/loans/{uuid:loan_id}/repayments", response={201: schemas.EventOut, 202: EarlierOut})
def record_repayment(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: schemas.RepaymentNew
) -> Status[LoanEvent] | Status[EarlierRecord]:
    """Record a repayment; the same key twice counts once. One that looks recorded already under
    another key waits for a second person (202).
    """
    loan = seen(Loan, request, loan_id)
    event = services.report_repayment(
        acting_staff=request.auth_staff,
        loan=loan,
        id=key,
        source=Source.API,
        units=told.units,
        value_date=told.value_date,
        method=told.method,
        reference=told.reference,
        currency=told.currency or "",
        advance_to=told.advance_to,
        payer=told.payer,
        recorded_at=told.recorded_at,
    )
    if isinstance(event, EarlierRecord):
        return Status(202, event)
    return Status(201, event)


@router.post("/loans/{uuid:loan_id}/cancellation", response={201: schemas.EventOut})
def cancel_loan(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: schemas.ReasonNew
) -> Status[LoanEvent]:
    """Cancel a signed loan before money moved."""
    loan = seen(Loan, request, loan_id)
    event = services.cancel_loan(
        acting_staff=request.auth_staff, loan=loan, id=key, source=Source.API, **told.dict()
    )
    return Status(201, event)


@router.post("/loans/{uuid:loan_id}/write-off-proposals", response={201: schemas.ProposalOut})
def propose_write_off(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: schemas.ReasonNew
) -> Status[LoanProposal]:
    """Propose to write a loan off."""
    loan = seen(Loan, request, loan_id)
    made = services.propose_write_off(
        acting_staff=request.auth_staff,
        loan=loan,
        id=key,
        proposed_date=told.value_date,
        reason=told.reason,
    )
    return Status(201, made)


@router.post("/proposals/{uuid:proposal_id}/decision", response={201: schemas.ProposalOut})
def decide_proposal(
    request: StaffRequest, proposal_id: UUID, key: IdempotencyKey, told: schemas.WriteOffDecision
) -> Status[LoanProposal]:
    """Approve or decline a proposed write-off or another change of a loan, as another person."""
    proposal = seen(LoanProposal, request, proposal_id)
    written_off = proposal.kind == EventKind.WRITTEN_OFF
    decide = services.write_off_loan if written_off else services.decide_change
    decide(acting_staff=request.auth_staff, proposal=proposal, id=key, **told.dict())
    proposal.refresh_from_db()
    return Status(201, proposal)


@router.post("/loans/{uuid:loan_id}/recoveries", response={201: schemas.EventOut})
def record_recovery(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: schemas.MoneyIn
) -> Status[LoanEvent]:
    """Record money that came in after a write-off."""
    loan = seen(Loan, request, loan_id)
    event = services.record_recovery(
        acting_staff=request.auth_staff, loan=loan, id=key, source=Source.API, **told.dict()
    )
    return Status(201, event)


@router.post("/events/{uuid:event_id}/reversal", response={201: schemas.EventOut})
def reverse_event(
    request: StaffRequest, event_id: UUID, key: IdempotencyKey, told: schemas.ReasonNew
) -> Status[LoanEvent]:
    """Reverse money that came in, or any other event that can be reversed."""
    event = seen(LoanEvent, request, event_id)
    received = EventKind(event.kind) in RECEIVED
    reverse = services.reverse_repayment if received else services.reverse_loan_event
    values = {**told.dict(), "source": Source.API}
    made = reverse(acting_staff=request.auth_staff, event=event, id=key, **values)
    return Status(201, made)


@router.get("/portfolio-at-risk", response=schemas.RatioOut)
def portfolio_at_risk(
    request: StaffRequest, as_of: schemas.Day, days: Annotated[int, Query(30, ge=0, le=3650)] = 30
) -> dict[str, object]:
    """PAR(days) of the loans she may see, at the end of a day."""
    require(request.auth_staff, "lending.view_loan")
    loans = Loan.objects.visible_to(request.auth_staff)
    ratio = queries.portfolio_at_risk(as_of, days, loans)
    return {
        "id": ratio.id.value,
        "parameter": ratio.parameter,
        "numerator": ratio.numerator,
        "denominator": ratio.denominator,
        "percent": ratio.percent_text,
        "numerator_loans": len(ratio.numerator_ids),
        "denominator_loans": len(ratio.denominator_ids),
    }
