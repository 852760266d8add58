"""Agreements by which data are given to others: drafted, moved on, and the register of them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
    require_fresh_factor,
)
from handup.org.permissions import OutOfSight, require
from handup.people.api.schemas import Day, found
from handup.people.models import SharingAgreement
from handup.people.rules import sharing as sh
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import sharing
from handup.projects.models import Organisation, Programme

router = Router()
Words = Annotated[Text, Field(max_length=300)]
WantedState = Annotated[sh.AgreementState | None, Query(None)]


class AgreementTold(Schema):
    """What one recipient may be given, and for how long."""

    recipient_id: UUID
    programme_id: UUID
    purpose: ConsentPurpose
    legal_basis: Annotated[Words, Field(min_length=1)]
    fields: Annotated[list[sh.SharedField], Field(max_length=50)] = list(sh.BY_DEFAULT)
    onward: bool = False
    first_date: Day
    last_date: Day
    destroy_date: Day


class AgreementOut(Schema):
    """An agreement."""

    id: UUID
    code: str
    recipient_id: UUID
    programme_id: UUID
    purpose: str
    legal_basis: str
    fields: list[str]
    onward: bool
    first_date: date
    last_date: date
    destroy_date: date
    state: str


class StepTold(Schema):
    """The next step of an agreement."""

    to_state: sh.AgreementState
    on: Day
    proof: Words = ""
    reason: Words = ""


@router.get("/sharing-agreements", response=PageOut[AgreementOut])
def list_agreements(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Agreements the caller may see, of one state if asked."""
    require(request.auth_staff, "people.view_sharing")
    rows = SharingAgreement.objects.visible_to(request.auth_staff)
    items, following = page(rows.filter(state=state.value) if state else rows, after, limit)
    return {"items": items, "next": following}


@router.post("/sharing-agreements", response={201: AgreementOut})
def draft_agreement(
    request: StaffRequest, key: IdempotencyKey, told: AgreementTold
) -> Status[SharingAgreement]:
    """Draft what a recipient may be given."""
    staff = request.auth_staff
    require(staff, sharing.DRAFT)
    recipient = Organisation.objects.visible_to(staff).filter(pk=told.recipient_id).first()
    programme = Programme.objects.visible_to(staff).filter(pk=told.programme_id).first()
    if recipient is None or programme is None:
        raise OutOfSight
    row = sharing.draft_agreement(
        acting_staff=staff,
        agreement=sharing.AgreementIn(
            id=key,
            recipient=recipient,
            programme=programme,
            purpose=told.purpose,
            legal_basis=told.legal_basis,
            fields=told.fields,
            onward=told.onward,
            first_date=told.first_date,
            last_date=told.last_date,
            destroy_date=told.destroy_date,
        ),
    )
    return Status(201, row)


@router.post("/sharing-agreements/{uuid:agreement_id}/step", response={201: AgreementOut})
def move_agreement(
    request: StaffRequest, agreement_id: UUID, told: StepTold
) -> Status[SharingAgreement]:
    """Take the next step of an agreement: a signed-in browser with a fresh second factor."""
    staff = request.auth_staff
    agreement = found(SharingAgreement, staff, agreement_id)
    require(staff, sharing.SIGN, agreement)
    require_fresh_factor(request)
    row = sharing.move_agreement(
        acting_staff=staff,
        agreement=agreement,
        to_state=told.to_state,
        on=told.on,
        proof=told.proof,
        reason=told.reason,
    )
    return Status(201, row)
