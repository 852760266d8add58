"""Money before its time, charges, waivers, refunds and what waits for a decision, through the
API.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from handup.kernel.credit.codes import AdvanceTo, Component, EarlyEffect
from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.api import schemas
from handup.lending.api.access import maybe, note, router, seen
from handup.lending.api.terms import Strict
from handup.lending.models import Loan, LoanEvent, LoanProposal, PayoffQuote
from handup.lending.rules.codes import EventKind, Method, Payer, Source
from handup.lending.services.payoff import payoff_of
from handup.lending.services.proposals import waiting_proposals
from handup.org.interface import Currency, IdempotencyKey, StaffRequest
from handup.org.permissions import require
from handup.projects.models import Organisation

Language = Annotated[
    str, Field(pattern=f"^({'|'.join(code for code, _name in settings.LANGUAGES)})$")
]


class PayoffOut(Schema):
    """What closes a loan on a day."""

    as_of: date
    principal_units: int
    interest_units: int
    fee_units: int
    penalty_units: int
    total_units: int


class QuoteNew(Strict):
    """Until when the borrower would pay, and the language of the paper."""

    valid_date: schemas.Day
    language: Language = "en"


class QuoteOut(Schema):
    """A quote as it was told: money that comes by valid_date is enough."""

    id: UUID
    loan_id: UUID
    quoted_date: date
    valid_date: date
    principal_units: int
    interest_units: int
    fee_units: int
    penalty_units: int
    total_units: int


class PayoffNew(schemas.MoneyIn):
    """Money that closes a loan; quote_id: the quote it was paid on."""

    quote_id: UUID | None = None


class EarlyNew(schemas.MoneyIn):
    """Money paid before it is due; effect: none = as the terms say."""

    effect: EarlyEffect | None = None


class Chargeable(StrEnum):
    """What can be charged by hand."""

    FEE = "FEE"
    PENALTY = "PENALTY"


class Waivable(StrEnum):
    """What can be waived."""

    FEE = "FEE"
    PENALTY = "PENALTY"
    INTEREST = "INTEREST"


class ChargeNew(Strict):
    """A fee or penalty by hand, from value_date on, to be paid by due_date."""

    component: Chargeable
    units: schemas.Amount
    value_date: schemas.Day
    due_date: schemas.Day
    reason: schemas.Reason


class BackDatable(StrEnum):
    """What can be recorded for a day too long ago for one person."""

    REPAID = "REPAID"
    EARLY_REPAID = "EARLY_REPAID"
    PAID_OFF = "PAID_OFF"
    RECOVERED = "RECOVERED"
    DISBURSED = "DISBURSED"
    CHARGED = "CHARGED"
    CANCELLED = "CANCELLED"
    WITHDRAWN = "WITHDRAWN"
    INSURANCE_PAID = "INSURANCE_PAID"
    REVERSED = "REVERSED"


class BackDatedNew(Strict):
    """What happened on an earlier day, as its own service is told it; reason: of the act itself,
    where it has one; late_reason: why it is recorded only now. value_date of what an insurer paid:
    of what it pays for.
    """

    kind: BackDatable
    value_date: schemas.Day
    late_reason: schemas.Reason
    units: schemas.Amount | None = None
    method: Method | None = None
    reference: schemas.Short | None = None
    effect: EarlyEffect | None = None
    component: Chargeable | None = None
    due_date: schemas.Day | None = None
    reason: schemas.Reason | None = None
    quote_id: UUID | None = None
    insurer_id: UUID | None = None
    received_date: schemas.Day | None = None
    event_id: UUID | None = None
    advance_to: AdvanceTo | None = None
    payer: Payer | None = None

    def told(self) -> dict[str, object]:
        """What the service of its kind is told: what was left out is not."""
        apart = {"kind", "value_date", "late_reason", "quote_id", "insurer_id", "event_id"}
        values = self.dict(exclude=apart)
        found = {name: value for name, value in values.items() if value is not None}
        if self.component is not None:
            found["component"] = Component(self.component.value)
        return found


class WaiverNew(Strict):
    """What somebody proposes to let go of."""

    component: Waivable
    units: schemas.Amount
    proposed_date: schemas.Day
    reason: schemas.Reason


class RefundNew(Strict):
    """Overpaid money somebody proposes to hand back."""

    units: schemas.Amount
    proposed_date: schemas.Day
    method: Method = Method.CASH
    reference: schemas.Short = ""
    reason: schemas.Reason


@router.get("/loans/{uuid:loan_id}/payoff", response=PayoffOut)
def show_payoff(request: StaffRequest, loan_id: UUID, as_of: schemas.Day) -> dict[str, object]:
    """What closes a running loan at the end of a day."""
    loan = seen(Loan, request, loan_id)
    note(request, [loan], "VIEW")
    parts = payoff_of(loan, as_of)
    return {
        "as_of": as_of,
        "principal_units": parts.principal,
        "interest_units": parts.interest,
        "fee_units": parts.fee,
        "penalty_units": parts.penalty,
        "total_units": parts.total,
    }


@router.post("/loans/{uuid:loan_id}/payoff-quotes", response={201: QuoteOut})
def quote_payoff(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: QuoteNew
) -> Status[PayoffQuote]:
    """Quote what closes a loan if it is paid by a day, and keep it."""
    loan = seen(Loan, request, loan_id)
    quote = services.quote_payoff(
        acting_staff=request.auth_staff,
        loan=loan,
        quoted_date=timezone.localdate(),
        id=key,
        **told.dict(),
    )
    return Status(201, quote)


@router.post("/loans/{uuid:loan_id}/payoff", response={201: schemas.EventOut})
def pay_off_loan(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: PayoffNew
) -> Status[LoanEvent]:
    """Record money that closes a loan."""
    loan = seen(Loan, request, loan_id)
    event = services.pay_off_loan(
        acting_staff=request.auth_staff,
        loan=loan,
        id=key,
        source=Source.API,
        units=told.units,
        value_date=told.value_date,
        method=told.method,
        reference=told.reference,
        quote=maybe(PayoffQuote, request, told.quote_id),
    )
    return Status(201, event)


class InsuranceNew(Strict):
    """What an insurer paid for something of event_date."""

    insurer_id: UUID
    event_date: schemas.Day
    received_date: schemas.Day
    units: schemas.Amount
    method: Method = Method.BANK
    reference: schemas.Short = ""
    currency: Currency | None = None


@router.post("/loans/{uuid:loan_id}/insurance-payments", response={201: schemas.EventOut})
def record_insurance(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: InsuranceNew
) -> Status[LoanEvent]:
    """Record what an insurer paid for a loan, on the debt of the day something happened."""
    loan = seen(Loan, request, loan_id)
    event = services.record_insurance(
        acting_staff=request.auth_staff,
        loan=loan,
        id=key,
        source=Source.API,
        insurer=seen(Organisation, request, told.insurer_id),
        event_date=told.event_date,
        received_date=told.received_date,
        units=told.units,
        method=told.method,
        reference=told.reference,
        currency=told.currency or "",
    )
    return Status(201, event)


class WithdrawalNew(schemas.MoneyIn):
    """What the borrower gives back; what else would be said of a repayment is refused."""

    currency: Currency | None = None


@router.post("/loans/{uuid:loan_id}/withdrawal", response={201: schemas.EventOut})
def withdraw_loan(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: WithdrawalNew
) -> Status[LoanEvent]:
    """Record that the borrower gives the loan back within the days she may."""
    loan = seen(Loan, request, loan_id)
    event = services.withdraw_loan(
        acting_staff=request.auth_staff,
        loan=loan,
        id=key,
        source=Source.API,
        units=told.units,
        value_date=told.value_date,
        method=told.method,
        reference=told.reference,
        currency=told.currency or "",
    )
    return Status(201, event)


@router.post("/loans/{uuid:loan_id}/early-repayments", response={201: schemas.EventOut})
def record_early_repayment(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: EarlyNew
) -> Status[LoanEvent]:
    """Record money paid before it is due; the schedule changes by its effect."""
    loan = seen(Loan, request, loan_id)
    event = services.record_early_repayment(
        acting_staff=request.auth_staff, loan=loan, id=key, source=Source.API, **told.dict()
    )
    return Status(201, event)


@router.post("/loans/{uuid:loan_id}/charges", response={201: schemas.EventOut})
def charge_loan(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: ChargeNew
) -> Status[LoanEvent]:
    """Charge a fee or a penalty by hand."""
    loan = seen(Loan, request, loan_id)
    values = {**told.dict(), "component": Component(told.component.value)}
    event = services.charge_loan(
        acting_staff=request.auth_staff, loan=loan, id=key, source=Source.API, **values
    )
    return Status(201, event)


@router.post("/loans/{uuid:loan_id}/back-dated", response={201: schemas.ProposalOut})
def propose_back_dated(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: BackDatedNew
) -> Status[LoanProposal]:
    """Propose what happened on a day too long ago for one person; another confirms it."""
    loan = seen(Loan, request, loan_id)
    named = {
        "quote": maybe(PayoffQuote, request, told.quote_id),
        "insurer": maybe(Organisation, request, told.insurer_id),
        "event": maybe(LoanEvent, request, told.event_id),
    }
    try:
        made = services.propose_back_dated(
            acting_staff=request.auth_staff,
            loan=loan,
            id=key,
            kind=EventKind(told.kind.value),
            value_date=told.value_date,
            told={**told.told(), **{name: row for name, row in named.items() if row is not None}},
            proposed_date=timezone.localdate(),
            reason=told.late_reason,
        )
    except Refusal as refusal:
        if refusal.field in named:
            refusal.field = f"{refusal.field}_id"
        raise
    return Status(201, made)


@router.post("/loans/{uuid:loan_id}/waiver-proposals", response={201: schemas.ProposalOut})
def propose_waiver(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: WaiverNew
) -> Status[LoanProposal]:
    """Propose to let go of unpaid interest, fees or penalties."""
    loan = seen(Loan, request, loan_id)
    values = {**told.dict(), "component": Component(told.component.value)}
    made = services.propose_waiver(acting_staff=request.auth_staff, loan=loan, id=key, **values)
    return Status(201, made)


@router.post("/loans/{uuid:loan_id}/refund-proposals", response={201: schemas.ProposalOut})
def propose_refund(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: RefundNew
) -> Status[LoanProposal]:
    """Propose to hand overpaid money back."""
    loan = seen(Loan, request, loan_id)
    made = services.propose_refund(
        acting_staff=request.auth_staff, loan=loan, id=key, **told.dict()
    )
    return Status(201, made)


@router.get("/proposals", response=list[schemas.ProposalOut])
def list_waiting_proposals(request: StaffRequest) -> list[LoanProposal]:
    """Changes of loans that others proposed and the caller may decide, the oldest first."""
    require(request.auth_staff, "lending.view_borrower")
    rows = waiting_proposals(request.auth_staff)
    note(request, [row.loan for row in rows])
    return rows
