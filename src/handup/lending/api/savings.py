"""Compulsory savings through the API: accounts and movements, money in and out, setting off."""

from datetime import date
from uuid import UUID

from ninja import Schema, Status

from handup.lending import services
from handup.lending.api import schemas
from handup.lending.api.access import note, router, seen
from handup.lending.api.earlier import EarlierOut, propose
from handup.lending.api.terms import Strict
from handup.lending.models import (
    Application,
    EarlierRecord,
    Loan,
    LoanProposal,
    SavingsAccount,
    SavingsMove,
)
from handup.lending.rules.codes import EarlierKind, Method, SavingsGround
from handup.lending.services import savings_kept as kept
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require


class SavingsOut(Schema):
    """One account: what is on it, and what of it is free to be paid out."""

    id: UUID
    code: str
    lender_id: UUID
    person_id: UUID | None
    enterprise_id: UUID | None
    group_id: UUID | None
    currency: str
    opened_date: date
    saved_units: int
    free_units: int


class MoveOut(Schema):
    """One movement; units above zero came in. loan_id: the loan it stands behind."""

    id: UUID
    account_id: UUID
    kind: str
    units: int
    value_date: date
    loan_id: UUID | None
    event_id: UUID | None


class SavingsNew(Strict):
    """From which day an account is kept."""

    opened_date: schemas.Day


class SavingsMoneyNew(Strict):
    """Money a saver brings or is given back; late_reason: why only now, of a day too long ago for
    one person.
    """

    units: schemas.Amount
    value_date: schemas.Day
    method: Method = Method.CASH
    reference: schemas.Short = ""
    late_reason: schemas.Reason = ""


class TakenBackNew(Strict):
    """Why a movement is taken back, and from which day; late_reason: why only now."""

    value_date: schemas.Day
    reason: schemas.Reason
    late_reason: schemas.Reason = ""


class SetOffNew(Strict):
    """Savings somebody proposes to set off; agreed_date: the day the saver agreed."""

    units: schemas.Amount
    ground: SavingsGround
    agreed_date: schemas.Day | None = None
    proposed_date: schemas.Day
    reason: schemas.Reason


def _account(row: SavingsAccount) -> dict[str, object]:
    names = ("id", "code", "lender_id", "person_id", "enterprise_id", "group_id", "currency")
    return {
        **{name: getattr(row, name) for name in names},
        "opened_date": row.opened_date,
        "saved_units": sum(kept.by_loan(row).values()),
        "free_units": kept.free_units(row),
    }


@router.get("/savings/{uuid:account_id}", response=SavingsOut)
def show_savings(request: StaffRequest, account_id: UUID) -> dict[str, object]:
    """One savings account."""
    require(request.auth_staff, "lending.view_savings")
    row = seen(SavingsAccount, request, account_id)
    note(request, [row], "VIEW")
    return _account(row)


@router.get("/savings/{uuid:account_id}/moves", response=list[MoveOut])
def list_savings_moves(request: StaffRequest, account_id: UUID) -> list[SavingsMove]:
    """Every movement of one account, by its day."""
    require(request.auth_staff, "lending.view_savings")
    row = seen(SavingsAccount, request, account_id)
    note(request, [row], "VIEW")
    return list(SavingsMove.objects.filter(account=row).order_by("value_date", "id"))


@router.post("/applications/{uuid:application_id}/savings", response={201: SavingsOut})
def open_savings(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: SavingsNew
) -> Status[dict[str, object]]:
    """Open the account an applicant pays into before her loan, at the lender of the product."""
    row = services.open_savings_for(
        acting_staff=request.auth_staff,
        application=seen(Application, request, application_id),
        opened_date=told.opened_date,
        id=key,
    )
    return Status(201, _account(row))


@router.post("/savings/{uuid:account_id}/deposits", response={201: MoveOut, 202: EarlierOut})
def pay_in_savings(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, told: SavingsMoneyNew
) -> Status[SavingsMove] | Status[EarlierRecord]:
    """Record what a saver paid in; of an earlier day, propose it."""
    account = seen(SavingsAccount, request, account_id)
    values = told.dict(exclude={"late_reason"})
    if told.late_reason:
        kind, day = EarlierKind.SAVINGS_IN, values.pop("value_date")
        return propose(request, key, kind, told.late_reason, day, values, account=account)
    move = services.pay_in_savings(
        acting_staff=request.auth_staff, account=account, id=key, **values
    )
    return Status(201, move)


@router.post("/savings/{uuid:account_id}/withdrawals", response={201: MoveOut, 202: EarlierOut})
def pay_out_savings(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, told: SavingsMoneyNew
) -> Status[SavingsMove] | Status[EarlierRecord]:
    """Give savings back that stand behind no open loan; of an earlier day, propose it."""
    account = seen(SavingsAccount, request, account_id)
    values = told.dict(exclude={"late_reason"})
    if told.late_reason:
        kind, day = EarlierKind.SAVINGS_OUT, values.pop("value_date")
        return propose(request, key, kind, told.late_reason, day, values, account=account)
    move = services.pay_out_savings(
        acting_staff=request.auth_staff, account=account, id=key, **values
    )
    return Status(201, move)


@router.post("/savings-moves/{uuid:move_id}/reversal", response={201: MoveOut, 202: EarlierOut})
def reverse_savings(
    request: StaffRequest, move_id: UUID, key: IdempotencyKey, told: TakenBackNew
) -> Status[SavingsMove] | Status[EarlierRecord]:
    """Take back what was paid in or out by mistake; on an earlier day, propose it."""
    found = seen(SavingsMove, request, move_id)
    if told.late_reason:
        back = {"move": found, "reason": told.reason}
        kind, day = EarlierKind.SAVINGS_REVERSED, told.value_date
        return propose(request, key, kind, told.late_reason, day, back, account=found.account)
    move = services.reverse_savings(
        acting_staff=request.auth_staff,
        move=found,
        reason=told.reason,
        on=told.value_date,
        id=key,
    )
    return Status(201, move)


@router.post("/loans/{uuid:loan_id}/set-off-proposals", response={201: schemas.ProposalOut})
def propose_set_off(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: SetOffNew
) -> Status[LoanProposal]:
    """Propose to pay a loan from its borrower's savings."""
    loan = seen(Loan, request, loan_id)
    made = services.propose_set_off(
        acting_staff=request.auth_staff, loan=loan, id=key, **told.dict()
    )
    return Status(201, made)
