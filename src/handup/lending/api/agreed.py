"""Agreed changes of loans through the API: what one does, proposed, decided by another person."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.groups.models import Group
from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, Repayment
from handup.kernel.credit.standing import Parts
from handup.lending import services
from handup.lending.api.access import note, router, seen
from handup.lending.api.schemas import Day, Many, ProposalOut, Reason, Short
from handup.lending.api.terms import Strict
from handup.lending.models import Lender, Loan, LoanProposal, Product
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.rules.codes import Method as PaidBy
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL
from handup.lending.rules.preview import Preview, Side
from handup.lending.services.moratoria import batch_of, counts_of
from handup.lending.services.proposals import effect_of, kinds_shown
from handup.lending.services.transfers import MOST, transfers_of
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.web.refusals import message_of

Count = Annotated[int, Field(ge=0, le=600)]
Rate = Annotated[int, Field(ge=0, le=10_000_000)]


class ChangeNew(Strict):
    """When a change was agreed, and why."""

    value_date: Day
    reason: Reason


class RescheduleNew(ChangeNew):
    """Instalments due from a day on: moved, given grace, made more, or at a new rate a year; with
    `alone` only the first moves, and those after it keep their days.
    """

    from_date: Day
    shift_to: Day | None = None
    principal_grace: Count = 0
    extra_instalments: Count = 0
    rate_ppm: Rate | None = None
    alone: bool = False


class RestructureNew(ChangeNew):
    """New terms for all that is owed; what is null stays as it is."""

    instalments: Count
    every: Annotated[int, Field(ge=1, le=366)] | None = None
    unit: DueUnit | None = None
    first_due: Day | None = None
    rate_ppm: Rate | None = None
    method: Method | None = None
    repayment: Repayment | None = None
    grace_principal: Count = 0
    interest: Treatment = Treatment.CAPITALISE
    fee: Treatment = Treatment.CARRY
    penalty: Treatment = Treatment.WAIVE


class MoratoriumNew(ChangeNew):
    """No instalments between two days."""

    begins: Day
    until: Day
    scope: Scope = Scope.ALL
    interest_runs: bool = True
    ageing_runs: bool = False


class RefinanceNew(ChangeNew):
    """A signed loan of the same borrower and lender pays this one off."""

    into_id: UUID
    method: PaidBy = PaidBy.BANK
    reference: Short = ""


class MoratoriaNew(MoratoriumNew):
    """No instalments for every loan of a kind; what is null is all."""

    area_id: UUID | None = None
    office_id: UUID | None = None
    officer_id: UUID | None = None
    product_id: UUID | None = None
    group_id: UUID | None = None
    paid_out_from: Day | None = None
    paid_out_to: Day | None = None


class BatchOut(Schema):
    """Proposals made together, and how many of them stand in each state."""

    batch: UUID
    waiting: int
    approved: int
    declined: int


class LeftOut(Schema):
    """A loan that could not be changed, and why."""

    loan_id: UUID
    code: str
    message: str


class BatchDecidedOut(BatchOut):
    """How far a batch is: at most 500 are decided in one go."""

    done: int
    left: list[LeftOut]


class TransferNew(ChangeNew):
    """Running loans of a lender that move to another, all of them where none is named, with what
    that one states it takes over.
    """

    to_id: UUID
    loan_ids: Annotated[list[UUID], Field(max_length=500)] = []
    goes_on: bool = True
    method: PaidBy = PaidBy.BANK
    loans: Count
    disbursed_units: Many
    principal_units: Many
    interest_units: Many
    fee_units: Many


class PartsOut(Schema):
    """An amount by its parts, in smallest units."""

    penalty_units: int
    fee_units: int
    interest_units: int
    principal_units: int


class StillDueOut(PartsOut):
    """One instalment as far as it is unpaid."""

    due_date: date


class SideOut(Schema):
    """A loan without a change, or with it, on its day."""

    principal_units: int
    overdue_units: int
    arrears_days: int
    total_units: int
    cost_units: int
    rate_ppm: int | None
    owed: PartsOut
    rows: list[StillDueOut]


class PreviewOut(Schema):
    """What a change does: the loan before and after it, and what becomes of what is unpaid."""

    day: date
    before: SideOut
    after: SideOut
    capitalised: PartsOut
    carried: PartsOut
    waived: PartsOut


class ChangeDecision(Strict):
    """Another person's word; the change counts from value_date."""

    value_date: Day
    approve: bool = True
    reason: Reason = ""


@router.post("/loans/{uuid:loan_id}/reschedules", response={201: ProposalOut})
def propose_reschedule(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: RescheduleNew
) -> Status[LoanProposal]:
    """Propose to move instalments of a loan."""
    return Status(201, services.propose_reschedule(**_told(request, loan_id, key, told)))


@router.post("/loans/{uuid:loan_id}/restructures", response={201: ProposalOut})
def propose_restructure(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: RestructureNew
) -> Status[LoanProposal]:
    """Propose new terms for a loan."""
    return Status(201, services.propose_restructure(**_told(request, loan_id, key, told)))


@router.post("/loans/{uuid:loan_id}/moratoria", response={201: ProposalOut})
def propose_moratorium(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: MoratoriumNew
) -> Status[LoanProposal]:
    """Propose to pause a loan."""
    return Status(201, services.propose_moratorium(**_told(request, loan_id, key, told)))


@router.post("/loans/{uuid:loan_id}/refinancings", response={201: ProposalOut})
def propose_refinance(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: RefinanceNew
) -> Status[LoanProposal]:
    """Propose that a new loan pays a loan off."""
    found = _told(request, loan_id, key, told)
    into = seen(Loan, request, found.pop("into_id"))
    return Status(201, services.propose_refinance(into=into, **found))


def _told(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: ChangeNew
) -> dict[str, Any]:
    """The answers as the service takes them."""
    found = told.dict()
    return {
        "acting_staff": request.auth_staff,
        "loan": seen(Loan, request, loan_id),
        "proposed_date": found.pop("value_date"),
        "id": key,
        **found,
    }


@router.post("/moratoria", response={201: BatchOut})
def propose_moratoria(
    request: StaffRequest, key: IdempotencyKey, told: MoratoriaNew
) -> Status[dict[str, object]]:
    """Propose a moratorium for every loan of a kind; the key names the batch."""
    found = told.dict()
    named = {
        name: _named(model, found.pop(f"{name}_id"))
        for name, model in (
            ("area", Area),
            ("office", Office),
            ("officer", StaffUser),
            ("product", Product),
            ("group", Group),
        )
    }
    which = services.Which(
        **named, paid_out_from=found.pop("paid_out_from"), paid_out_to=found.pop("paid_out_to")
    )
    batch = services.propose_moratoria(
        acting_staff=request.auth_staff,
        which=which,
        proposed_date=found.pop("value_date"),
        id=key,
        **found,
    )
    return Status(201, _batch(request, batch))


@router.post("/moratoria/{uuid:batch}/decision", response={201: BatchDecidedOut})
def declare_moratorium(
    request: StaffRequest, batch: UUID, key: IdempotencyKey, told: ChangeDecision
) -> Status[dict[str, object]]:
    """Approve or decline those of a batch that wait, at most 500; ask again for the rest."""
    if not batch_of(batch, request.auth_staff).exists():
        raise OutOfSight
    made = services.declare_moratorium(acting_staff=request.auth_staff, batch=batch, **told.dict())
    left = [
        {"loan_id": item.loan.pk, "code": item.loan.code, "message": message_of(item.refusal)}
        for item in made.left
    ]
    return Status(201, {**_batch(request, batch), "done": made.done, "left": left})


@router.post("/lenders/{uuid:lender_id}/moves", response={201: BatchOut})
def propose_transfers(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, told: TransferNew
) -> Status[dict[str, object]]:
    """Propose to move loans to another lender; the key names the batch."""
    require(request.auth_staff, "lending.propose_change")
    lender = seen(Lender, request, lender_id)
    rows = Loan.objects.visible_to(request.auth_staff).filter(lender=lender)
    if told.loan_ids:
        rows = rows.filter(pk__in=told.loan_ids)
        if rows.count() != len(set(told.loan_ids)):
            raise OutOfSight
    else:
        rows = rows.filter(state=LoanState.ACTIVE, moved_date=None)
    batch = services.propose_transfers(
        acting_staff=request.auth_staff,
        loans=list(rows.order_by("code")[: MOST + 1]),
        to=seen(Lender, request, told.to_id),
        proposed_date=told.value_date,
        reason=told.reason,
        controls=services.Controls(
            told.loans,
            told.disbursed_units,
            told.principal_units,
            told.interest_units,
            told.fee_units,
        ),
        goes_on=told.goes_on,
        method=told.method,
        id=key,
    )
    return Status(201, _batch(request, batch, EventKind.TRANSFERRED))


@router.post("/moves/{uuid:batch}/decision", response={201: BatchOut})
def transfer_loans(
    request: StaffRequest, batch: UUID, key: IdempotencyKey, told: ChangeDecision
) -> Status[dict[str, object]]:
    """Approve or decline a whole move: all of it or nothing."""
    if not transfers_of(batch, request.auth_staff).exists():
        raise OutOfSight
    services.transfer_loans(acting_staff=request.auth_staff, batch=batch, **told.dict())
    return Status(201, _batch(request, batch, EventKind.TRANSFERRED))


def _named(model: Any, pk: UUID | None) -> Any:
    if pk is None:
        return None
    found = model._base_manager.filter(pk=pk).first()
    if found is None:
        raise OutOfSight
    return found


def _batch(
    request: StaffRequest, batch: UUID, kind: EventKind = EventKind.MORATORIUM
) -> dict[str, object]:
    counts = counts_of(batch_of(batch, request.auth_staff, kind))
    return {
        "batch": batch,
        "waiting": counts.get(ProposalState.PROPOSED.value, 0),
        "approved": counts.get(ProposalState.APPROVED.value, 0),
        "declined": counts.get(ProposalState.DECLINED.value, 0),
    }


@router.get("/changes/{uuid:proposal_id}/preview", response=PreviewOut)
def preview_change(request: StaffRequest, proposal_id: UUID) -> dict[str, object]:
    """What a proposed change would do from its day, or what it did when it was approved."""
    require(request.auth_staff, "lending.view_borrower")
    row = _change(request, proposal_id)
    note(request, [row.loan], "VIEW")
    return _shown(effect_of(row))


def _change(request: StaffRequest, proposal_id: UUID) -> LoanProposal:
    row = seen(LoanProposal, request, proposal_id)
    if row.kind not in kinds_shown():
        raise OutOfSight
    return row


def _shown(found: Preview) -> dict[str, object]:
    return {
        "day": found.day,
        "before": _side(found.before),
        "after": _side(found.after),
        "capitalised": _parts(found.capitalised),
        "carried": _parts(found.carried),
        "waived": _parts(found.waived),
    }


def _side(side: Side) -> dict[str, object]:
    return {
        "principal_units": side.principal,
        "overdue_units": side.overdue,
        "arrears_days": side.arrears_days,
        "total_units": side.total,
        "cost_units": side.cost,
        "rate_ppm": side.rate_ppm,
        "owed": _parts(side.owed),
        "rows": [{"due_date": row.due_date, **_parts(row.parts)} for row in side.rows],
    }


def _parts(parts: Parts) -> dict[str, int]:
    return {
        "penalty_units": parts[PENALTY],
        "fee_units": parts[FEE],
        "interest_units": parts[INTEREST],
        "principal_units": parts[PRINCIPAL],
    }
