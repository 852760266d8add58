"""Referrals over the programme interface; their words are read on the page."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.people.api.schemas import Day, Line, found
from handup.people.models import Person, Referral
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import referrals
from handup.projects.models import Organisation

router = Router()


class ReferralTold(Schema):
    """To whom a person is to be sent, and for what."""

    recipient_id: UUID
    purpose: ConsentPurpose
    need: Annotated[Line, Field(min_length=1)]
    made_date: Day


class SentTold(Schema):
    """The day it is sent."""

    on: Day


class ReferralOut(Schema):
    """A referral without its words."""

    id: UUID
    code: str
    person_id: UUID
    recipient_id: UUID
    purpose: str
    state: str
    sent_date: date | None
    due_date: date | None


@router.get("/referrals", response=PageOut[ReferralOut])
def list_referrals(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Referrals of persons the caller may see."""
    items, following = page(Referral.objects.visible_to(request.auth_staff), after, limit)
    reads.note(request, persons=[row.person_id for row in items], action="LIST")
    return {"items": items, "next": following}


@router.post("/persons/{uuid:person_id}/referrals", response={201: ReferralOut})
def draft_referral(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: ReferralTold
) -> Status[Referral]:
    """Draft a referral of a person."""
    staff = request.auth_staff
    row = referrals.draft_referral(
        acting_staff=staff,
        person=found(Person, staff, person_id),
        recipient=found(Organisation, staff, told.recipient_id),
        purpose=told.purpose,
        need=told.need,
        made_date=told.made_date,
        id=key,
    )
    return Status(201, row)


@router.post("/referrals/{uuid:referral_id}/send", response={201: ReferralOut})
def send_referral(request: StaffRequest, referral_id: UUID, told: SentTold) -> Status[Referral]:
    """Send it, by her consent and an agreement with them."""
    staff = request.auth_staff
    row = referrals.send_referral(
        acting_staff=staff, referral=found(Referral, staff, referral_id), on=told.on
    )
    return Status(201, row)
