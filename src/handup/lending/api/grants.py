"""Grants and kits through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.groups.models import Group
from handup.ledger.models import Book, Fund
from handup.lending.api.access import maybe, note, router, seen
from handup.lending.api.earlier import EarlierOut, propose
from handup.lending.api.schemas import Amount, Day, Line, Reason, Short
from handup.lending.api.terms import Strict
from handup.lending.models import (
    AssetTransfer,
    EarlierRecord,
    EnterpriseGrant,
    GrantTranche,
    PathwayEnrolment,
)
from handup.lending.rules.codes import EarlierKind, Method
from handup.lending.services import grant_money, grants
from handup.lending.services.grants import AssetIn, TrancheIn
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.people.models import Enterprise, Person
from handup.projects.models import Programme


class TrancheNew(Strict):
    """Money to be paid around a day, once its condition is met."""

    units: Amount
    planned_date: Day
    condition: Reason = ""


class AssetNew(Strict):
    """A kit or an animal, with the value of all of it."""

    description: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
    value_units: Amount
    quantity: Annotated[int, Field(ge=1, le=10_000)] = 1


class GrantNew(Strict):
    """A grant to propose, in the programme's currency."""

    programme_id: UUID
    purpose: Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
    criteria: Annotated[list[Line], Field(max_length=20)]
    proposed_date: Day
    tranches: Annotated[list[TrancheNew], Field(max_length=20)] = []
    assets: Annotated[list[AssetNew], Field(max_length=20)] = []
    person_id: UUID | None = None
    enterprise_id: UUID | None = None
    group_id: UUID | None = None
    book_id: UUID | None = None
    fund_id: UUID | None = None
    pathway_enrolment_id: UUID | None = None


class TrancheOut(Schema):
    """A tranche as it stands."""

    id: UUID
    number: int
    units: int
    planned_date: date
    condition: str
    condition_met_date: date | None
    paid_date: date | None
    receipt: str
    use_checked_date: date | None
    use_as_agreed: bool | None


class AssetOut(Schema):
    """A thing as it stands."""

    id: UUID
    description: str
    quantity: int
    value_units: int
    handed_over_date: date | None
    receipt: str
    checked_date: date | None
    still_held: bool | None


class GrantOut(Schema):
    """A grant; never its criteria."""

    id: UUID
    code: str
    programme_id: UUID
    person_id: UUID | None
    enterprise_id: UUID | None
    group_id: UUID | None
    purpose: str
    currency: str
    fund_id: UUID
    approved_units: int
    state: str
    proposed_date: date | None
    approved_date: date | None


class GrantWithParts(GrantOut):
    """A grant with its tranches and things."""

    tranches: list[TrancheOut]
    assets: list[AssetOut]


class GrantDecisionNew(Strict):
    """A second person's word."""

    approve: bool
    decided_date: Day
    reason: Reason = ""


class MetNew(Strict):
    """The condition of a tranche is met."""

    met_date: Day
    document: Annotated[str, Field(max_length=120, pattern="^[^\\x00]*$")]


class PaymentNew(Strict):
    """A tranche paid; late_reason: why only now, of a day too long ago for one person."""

    paid_date: Day
    method: Method
    receipt: Short
    reason: Reason = ""
    late_reason: Reason = ""


class TakenBackNew(Strict):
    """A payment that was wrong; late_reason: why only now."""

    taken_date: Day
    reason: Reason
    late_reason: Reason = ""


class UseNew(Strict):
    """What a visit found of the money."""

    checked_date: Day
    as_agreed: bool
    note: Reason = ""


class HandOverNew(Strict):
    """A thing handed over; without a method it stands in the books already. late_reason: why only
    now.
    """

    handed_over_date: Day
    receipt: Short
    method: Method | None = None
    reason: Reason = ""
    late_reason: Reason = ""


class AssetCheckNew(Strict):
    """What a visit found of the thing."""

    checked_date: Day
    still_held: bool
    note: Reason = ""


@router.get("/grants", response=PageOut[GrantOut])
def list_grants(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Grants she may see."""
    require(request.auth_staff, "lending.view_grant")
    items, following = page(EnterpriseGrant.objects.visible_to(request.auth_staff), after, limit)
    note(request, items)
    return {"items": items, "next": following}


@router.get("/grants/{uuid:grant_id}", response=GrantWithParts)
def show_grant(request: StaffRequest, grant_id: UUID) -> EnterpriseGrant:
    """One grant with its tranches and things."""
    row = seen(EnterpriseGrant, request, grant_id)
    note(request, [row], "VIEW")
    return row


@router.post("/grants", response={201: GrantOut})
def propose_grant(
    request: StaffRequest, key: IdempotencyKey, told: GrantNew
) -> Status[EnterpriseGrant]:
    """Propose a grant; another person decides."""
    require(request.auth_staff, "lending.propose_grant")
    made = grants.propose_grant(
        acting_staff=request.auth_staff,
        programme=seen(Programme, request, told.programme_id),
        purpose=told.purpose,
        criteria=told.criteria,
        proposed_date=told.proposed_date,
        tranches=[TrancheIn(**item.dict()) for item in told.tranches],
        assets=[AssetIn(**item.dict()) for item in told.assets],
        person=maybe(Person, request, told.person_id),
        enterprise=maybe(Enterprise, request, told.enterprise_id),
        group=maybe(Group, request, told.group_id),
        book=maybe(Book, request, told.book_id),
        fund=maybe(Fund, request, told.fund_id),
        pathway=maybe(PathwayEnrolment, request, told.pathway_enrolment_id),
        id=key,
    )
    return Status(201, made)


@router.post("/grants/{uuid:grant_id}/decision", response={201: GrantOut})
def approve_grant(
    request: StaffRequest, grant_id: UUID, key: IdempotencyKey, told: GrantDecisionNew
) -> Status[EnterpriseGrant]:
    """Approve or decline, as another person."""
    row = seen(EnterpriseGrant, request, grant_id)
    made = grants.approve_grant(acting_staff=request.auth_staff, grant=row, **told.dict())
    return Status(201, made)


@router.post("/tranches/{uuid:tranche_id}/condition", response={201: TrancheOut})
def meet_tranche_condition(
    request: StaffRequest, tranche_id: UUID, key: IdempotencyKey, told: MetNew
) -> Status[GrantTranche]:
    """Check off what a tranche waits for."""
    row = seen(GrantTranche, request, tranche_id)
    made = grants.meet_tranche_condition(
        acting_staff=request.auth_staff, tranche=row, **told.dict()
    )
    return Status(201, made)


def _late(
    request: StaffRequest,
    key: UUID,
    kind: EarlierKind,
    told: PaymentNew | TakenBackNew | HandOverNew,
    day: str,
    **part: GrantTranche | AssetTransfer,
) -> Status[EarlierRecord]:
    """Propose what happened on an early day; another person confirms it."""
    values = told.dict(exclude={"late_reason"})
    on = values.pop(day)
    return propose(request, key, kind, told.late_reason, on, {**values, **part})


@router.post("/tranches/{uuid:tranche_id}/payment", response={201: TrancheOut, 202: EarlierOut})
def pay_tranche(
    request: StaffRequest, tranche_id: UUID, key: IdempotencyKey, told: PaymentNew
) -> Status[GrantTranche] | Status[EarlierRecord]:
    """Pay a tranche, as a third person; of an early day it is proposed (202)."""
    row = seen(GrantTranche, request, tranche_id)
    if told.late_reason:
        return _late(request, key, EarlierKind.GRANT_PAID, told, "paid_date", tranche=row)
    values = told.dict(exclude={"late_reason"})
    made = grant_money.pay_tranche(acting_staff=request.auth_staff, tranche=row, **values)
    return Status(201, made)


@router.post("/tranches/{uuid:tranche_id}/reversal", response={201: TrancheOut, 202: EarlierOut})
def take_back_tranche(
    request: StaffRequest, tranche_id: UUID, key: IdempotencyKey, told: TakenBackNew
) -> Status[GrantTranche] | Status[EarlierRecord]:
    """Take a payment back that was wrong; of an early day it is proposed (202)."""
    row = seen(GrantTranche, request, tranche_id)
    if told.late_reason:
        return _late(request, key, EarlierKind.GRANT_TAKEN_BACK, told, "taken_date", tranche=row)
    values = told.dict(exclude={"late_reason"})
    made = grant_money.take_back_tranche(acting_staff=request.auth_staff, tranche=row, **values)
    return Status(201, made)


@router.post("/tranches/{uuid:tranche_id}/use", response={201: TrancheOut})
def check_tranche_use(
    request: StaffRequest, tranche_id: UUID, key: IdempotencyKey, told: UseNew
) -> Status[GrantTranche]:
    """Record how the money was used."""
    row = seen(GrantTranche, request, tranche_id)
    made = grants.check_tranche_use(acting_staff=request.auth_staff, tranche=row, **told.dict())
    return Status(201, made)


@router.post("/assets/{uuid:asset_id}/hand-over", response={201: AssetOut, 202: EarlierOut})
def hand_over_asset(
    request: StaffRequest, asset_id: UUID, key: IdempotencyKey, told: HandOverNew
) -> Status[AssetTransfer] | Status[EarlierRecord]:
    """Hand a kit or an animal over; of an early day it is proposed (202)."""
    row = seen(AssetTransfer, request, asset_id)
    if told.late_reason:
        kind = EarlierKind.GRANT_HANDED_OVER
        return _late(request, key, kind, told, "handed_over_date", asset=row)
    values = told.dict(exclude={"late_reason"})
    made = grant_money.hand_over_asset(acting_staff=request.auth_staff, asset=row, **values)
    return Status(201, made)


@router.post("/assets/{uuid:asset_id}/check", response={201: AssetOut})
def check_asset(
    request: StaffRequest, asset_id: UUID, key: IdempotencyKey, told: AssetCheckNew
) -> Status[AssetTransfer]:
    """Record whether it is still there."""
    row = seen(AssetTransfer, request, asset_id)
    made = grants.check_asset(acting_staff=request.auth_staff, asset=row, **told.dict())
    return Status(201, made)
