"""Calls of a bank on a guarantee through the API."""

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Schema, Status

from handup.lending.api.access import note, router, seen
from handup.lending.api.earlier import EarlierOut, propose
from handup.lending.api.schemas import Amount, Day, IdOut, Reason, Short
from handup.lending.api.terms import Strict
from handup.lending.models import EarlierRecord, Guarantee, GuaranteeCall, GuaranteeMove, Loan
from handup.lending.rules.codes import EarlierKind, Method
from handup.lending.services import guarantees as services
from handup.lending.services.guarantee_entries import end_guarantee as end
from handup.lending.services.guarantee_funds import fund_of
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require


class FundOut(Schema):
    """A guarantee as it stands, in smallest units; committed, held and left of all that the lender
    has in force.
    """

    id: UUID
    lender_id: UUID
    currency: str
    deposit_units: int
    money_units: int
    paid_units: int
    recovered_units: int
    committed_units: int
    held_units: int
    left_units: int


class GuaranteeEndNew(Strict):
    """The last day a guarantee stands."""

    ended_date: Day


class GuaranteeCallNew(Strict):
    """A call of the bank; no units: all of the loan that is covered."""

    called_date: Day
    units: Amount | None = None
    reference: Short = ""


class GuaranteeCallOut(Schema):
    """A call as recorded."""

    id: UUID
    guarantee_id: UUID
    loan_id: UUID
    called_date: date
    units: int
    principal_units: int
    arrears_days: int
    cover_bps: int
    reference: str
    withdrawn_date: date | None


class GuaranteePaymentNew(Strict):
    """The bank is paid what it called for; late_reason: why only now, of a day too long ago for one
    person.
    """

    value_date: Day
    method: Method = Method.BANK
    reference: Short = ""
    reason: Short = ""
    late_reason: Reason = ""


class GuaranteeRecoveryNew(Strict):
    """What the bank recovered from the borrower; our share of it came in."""

    recovered_units: Amount
    value_date: Day
    method: Method = Method.BANK
    reference: Short = ""
    late_reason: Reason = ""


class CallWithdrawnNew(Strict):
    """A call is let go."""

    withdrawn_date: Day
    reason: Reason


class GuaranteeBackNew(Strict):
    """A payment or a recovery is taken back."""

    value_date: Day
    reason: Reason
    late_reason: Reason = ""


class GuaranteeMoveOut(Schema):
    """Money of a call: above zero paid, below zero come back."""

    id: UUID
    call_id: UUID
    kind: str
    value_date: date
    units: int
    recovered_units: int | None
    method: str
    reference: str
    reverses_id: UUID | None


MOVED: Any = {201: GuaranteeMoveOut, 202: EarlierOut}


@router.post("/guarantees/{uuid:guarantee_id}/end", response={201: IdOut})
def end_guarantee(
    request: StaffRequest, guarantee_id: UUID, key: IdempotencyKey, told: GuaranteeEndNew
) -> Status[Guarantee]:
    """Record that a guarantee is over."""
    row = seen(Guarantee, request, guarantee_id)
    made = end(acting_staff=request.auth_staff, guarantee=row, ended_date=told.ended_date)
    return Status(201, made)


@router.get("/guarantees/{uuid:guarantee_id}", response=FundOut)
def read_guarantee(request: StaffRequest, guarantee_id: UUID) -> dict[str, Any]:
    """What a guarantee holds, paid and stands for."""
    require(request.auth_staff, "lending.view_lender")
    row = seen(Guarantee, request, guarantee_id)
    fund = fund_of(row, request.auth_staff)
    return {
        "id": row.pk,
        "lender_id": row.lender_id,
        "currency": row.currency,
        "deposit_units": fund.deposit,
        "money_units": fund.money,
        "paid_units": fund.paid,
        "recovered_units": fund.recovered,
        "committed_units": fund.committed,
        "held_units": fund.held,
        "left_units": fund.left,
    }


@router.get("/guarantee-calls", response=PageOut[GuaranteeCallOut])
def list_guarantee_calls(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Calls she may see."""
    require(request.auth_staff, "lending.view_guarantee")
    rows = GuaranteeCall.objects.visible_to(request.auth_staff).select_related("loan")
    items, following = page(rows, after, limit)
    note(request, [row.loan for row in items])
    return {"items": items, "next": following}


@router.get("/guarantee-calls/{uuid:call_id}/moves", response=list[GuaranteeMoveOut])
def list_guarantee_moves(request: StaffRequest, call_id: UUID) -> list[GuaranteeMove]:
    """What was paid on a call and came back."""
    require(request.auth_staff, "lending.view_guarantee")
    row = seen(GuaranteeCall, request, call_id)
    note(request, [row.loan], "VIEW")
    return list(row.moves.all())


@router.post("/loans/{uuid:loan_id}/guarantee-calls", response={201: GuaranteeCallOut})
def call_guarantee(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: GuaranteeCallNew
) -> Status[GuaranteeCall]:
    """Take down that the bank calls the guarantee for a late loan."""
    made = services.call_guarantee(
        acting_staff=request.auth_staff, loan=seen(Loan, request, loan_id), id=key, **told.dict()
    )
    return Status(201, made)


@router.post("/guarantee-calls/{uuid:call_id}/payment", response=MOVED)
def pay_guarantee_call(
    request: StaffRequest, call_id: UUID, key: IdempotencyKey, told: GuaranteePaymentNew
) -> Status[GuaranteeMove] | Status[EarlierRecord]:
    """Pay the bank what it called for; of an earlier day, propose it."""
    call, values = seen(GuaranteeCall, request, call_id), told.dict(exclude={"late_reason"})
    if told.late_reason:
        kind, day = EarlierKind.GUARANTEE_PAID, values.pop("value_date")
        return propose(request, key, kind, told.late_reason, day, values, call=call)
    made = services.pay_guarantee_call(acting_staff=request.auth_staff, call=call, id=key, **values)
    return Status(201, made)


@router.post("/guarantee-calls/{uuid:call_id}/recoveries", response=MOVED)
def record_guarantee_recovery(
    request: StaffRequest, call_id: UUID, key: IdempotencyKey, told: GuaranteeRecoveryNew
) -> Status[GuaranteeMove] | Status[EarlierRecord]:
    """Take in the fund's share of what the bank recovered; of an earlier day, propose it."""
    call, values = seen(GuaranteeCall, request, call_id), told.dict(exclude={"late_reason"})
    if told.late_reason:
        kind, day = EarlierKind.GUARANTEE_RECOVERED, values.pop("value_date")
        return propose(request, key, kind, told.late_reason, day, values, call=call)
    made = services.record_guarantee_recovery(
        acting_staff=request.auth_staff, call=call, id=key, **values
    )
    return Status(201, made)


@router.post("/guarantee-calls/{uuid:call_id}/withdrawal", response={201: GuaranteeCallOut})
def withdraw_guarantee_call(
    request: StaffRequest, call_id: UUID, key: IdempotencyKey, told: CallWithdrawnNew
) -> Status[GuaranteeCall]:
    """Let a call go that is not paid."""
    made = services.withdraw_guarantee_call(
        acting_staff=request.auth_staff, call=seen(GuaranteeCall, request, call_id), **told.dict()
    )
    return Status(201, made)


@router.post("/guarantee-moves/{uuid:move_id}/reversal", response=MOVED)
def reverse_guarantee_move(
    request: StaffRequest, move_id: UUID, key: IdempotencyKey, told: GuaranteeBackNew
) -> Status[GuaranteeMove] | Status[EarlierRecord]:
    """Take a payment or a recovery back; on an earlier day, propose it."""
    move, values = seen(GuaranteeMove, request, move_id), told.dict(exclude={"late_reason"})
    if told.late_reason:
        kind, day = EarlierKind.GUARANTEE_REVERSED, values.pop("value_date")
        back = {"move": move, **values}
        return propose(request, key, kind, told.late_reason, day, back, call=move.call)
    made = services.reverse_guarantee_move(
        acting_staff=request.auth_staff, move=move, id=key, **values
    )
    return Status(201, made)
