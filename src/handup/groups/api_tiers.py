"""The API door of loans between tiers, and of what a group borrows outside its meetings."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_cooperative import VotesIn
from handup.groups.api_found import Amount, found_group, found_one
from handup.groups.models import Group, GroupFact
from handup.groups.models.dues import Place
from handup.groups.services import debts
from handup.groups.tiers import tier_loans
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.permissions import require

router = Router(tags=["groups"])
Lender = Annotated[Text, Field(min_length=1, max_length=80)]


class TierLoanOut(Schema):
    """Both sides of a payment between tiers, amounts in smallest units; null where a side did not
    write it, or is a group the reader does not see."""

    way: str
    lender_id: UUID | None
    borrower_id: UUID | None
    on: date
    currency: str
    lender_units: int | None
    borrower_units: int | None
    match: str
    flagged: bool


class DebtIn(Schema):
    """What a group borrowed by its vote; `mirror_of` is the fact in which the tier above wrote
    it."""

    lender: Lender
    units: Annotated[int, Field(gt=0, lt=2**53)]
    on: date
    votes: VotesIn
    place: Place = Place.BOX
    mirror_of: UUID | None = None


class RepaidIn(Schema):
    """What a group paid back, in smallest units."""

    lender: Lender
    principal: Amount
    interest: Amount = 0
    on: date
    place: Place = Place.BOX
    mirror_of: UUID | None = None


class DebtOut(Schema):
    """The fact that was written."""

    id: UUID
    name: str
    happened_date: date


class BackIn(Schema):
    """On which day something is taken back."""

    on: date


@router.get("/groups/{uuid:group_id}/tier-loans", response=list[TierLoanOut])
def list_tier_loans(request: StaffRequest, group_id: UUID) -> list[dict[str, Any]]:
    """The loans between a group and the tiers above and below it, the newest first."""
    staff = request.auth_staff
    require(staff, "groups.view_internal_loan")
    pairs, today = tier_loans(found_group(staff, group_id)), timezone.localdate()
    named = {one for pair in pairs for one in (pair.known.lender, pair.known.borrower)}
    rows = Group.objects.visible_to(staff).filter(pk__in=named)
    seen = {str(pk) for pk in rows.values_list("pk", flat=True)}
    return [
        {
            "way": pair.known.way,
            "lender_id": pair.known.lender if pair.known.lender in seen else None,
            "borrower_id": pair.known.borrower if pair.known.borrower in seen else None,
            "on": pair.known.on,
            "currency": pair.known.currency,
            "lender_units": pair.lender.units
            if pair.lender and pair.lender.lender in seen
            else None,
            "borrower_units": pair.borrower.units
            if pair.borrower and pair.borrower.borrower in seen
            else None,
            "match": pair.match,
            "flagged": pair.is_flagged(today),
        }
        for pair in pairs
    ]


@router.post("/groups/{uuid:group_id}/debts", response={201: DebtOut})
def record_debt(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: DebtIn
) -> Status[GroupFact]:
    """Write down what a group borrowed."""
    fact = debts.record_group_debt(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        votes=told.votes.counted(),
        id=key,
        **told.dict(exclude={"votes"}),
    )
    return Status(201, fact)


@router.post("/groups/{uuid:group_id}/debts/payments", response={201: DebtOut})
def repay_debt(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: RepaidIn
) -> Status[GroupFact]:
    """Write down what a group paid back."""
    fact = debts.repay_group_debt(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        id=key,
        **told.dict(),
    )
    return Status(201, fact)


@router.post("/debts/{uuid:fact_id}/reversal", response={201: DebtOut})
def take_back_debt(
    request: StaffRequest, fact_id: UUID, key: IdempotencyKey, told: BackIn
) -> Status[GroupFact]:
    """Take back what was borrowed or paid back and written down wrongly."""
    staff = request.auth_staff
    rows = GroupFact.objects.visible_to(staff).select_related("group")
    fact = debts.take_back_debt(acting_staff=staff, fact=found_one(rows, fact_id), on=told.on)
    return Status(201, fact)
