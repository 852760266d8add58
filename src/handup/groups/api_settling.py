"""The API door of what settles members in a meeting of the office."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_member, found_one
from handup.groups.models import GroupFact, Meeting, Member, NextOfKin, PaperSheet
from handup.groups.models.kin import KinRelation
from handup.groups.services import kin, office_settling, papersheets
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.models import StaffUser

router = Router(tags=["groups"])
Paid = Annotated[int, Field(gt=0, lt=2**53)]


class LeaverIn(Schema):
    """Who left, and which key holders confirm, by their member ids."""

    member_id: UUID
    key_ids: list[UUID] = Field(default=[], max_length=7)


class ShareOutIn(Schema):
    """Which key holders confirm, by their member ids."""

    key_ids: list[UUID] = Field(default=[], max_length=7)


class ClaimsIn(Schema):
    """How much of the box is paid on what is still open, in smallest units."""

    units: Paid


class SettledOut(Schema):
    """A fact that settles, by its id and name."""

    id: UUID
    name: str
    happened_date: date


class KinIn(Schema):
    """Whom a member names as her next of kin."""

    name: Text
    relation: KinRelation
    phone: Text = ""
    on: date


class KinOut(Schema):
    """That a next of kin was named; who it is stays sealed."""

    id: UUID
    member_id: UUID
    relation: str
    named_date: date


def _meeting(staff: StaffUser, pk: UUID) -> Meeting:
    return found_one(Meeting.objects.visible_to(staff).select_related("group__book"), pk)


def _keys(staff: StaffUser, meeting: Meeting, pks: list[UUID]) -> list[Member]:
    rows = Member.objects.visible_to(staff).filter(group=meeting.group_id)
    return [found_one(rows, pk) for pk in pks]


@router.post("/meetings/{uuid:meeting_id}/leavers", response={201: SettledOut})
def pay_leaver(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: LeaverIn
) -> Status[GroupFact]:
    """Pay somebody who left, or the next of kin of who died."""
    meeting = _meeting(request.auth_staff, meeting_id)
    (member,) = _keys(request.auth_staff, meeting, [told.member_id])
    fact = office_settling.pay_leaver(
        acting_staff=request.auth_staff,
        meeting=meeting,
        member=member,
        keys=_keys(request.auth_staff, meeting, told.key_ids),
        id=key,
    )
    return Status(201, fact)


@router.post("/meetings/{uuid:meeting_id}/share-out", response={201: SettledOut})
def share_out(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: ShareOutIn
) -> Status[GroupFact]:
    """Share the loan fund out in a share-out meeting."""
    meeting = _meeting(request.auth_staff, meeting_id)
    fact = office_settling.share_out_cycle(
        acting_staff=request.auth_staff,
        meeting=meeting,
        keys=_keys(request.auth_staff, meeting, told.key_ids),
        id=key,
    )
    return Status(201, fact)


@router.post("/meetings/{uuid:meeting_id}/claims", response={201: list[SettledOut]})
def pay_claims(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: ClaimsIn
) -> Status[list[GroupFact]]:
    """Pay what members have still coming, each in proportion."""
    meeting = _meeting(request.auth_staff, meeting_id)
    facts = office_settling.pay_claims(
        acting_staff=request.auth_staff, meeting=meeting, units=told.units, id=key
    )
    return Status(201, facts)


class SheetAnswerIn(Schema):
    """What the recorder of the group said of a transcribed sheet."""

    recorder_id: UUID
    is_right: bool
    on: date
    note: Text = ""


class SheetOut(Schema):
    """A photographed sheet, and what the recorder said of it."""

    id: UUID
    meeting_id: UUID
    state: str
    answered_date: date | None


@router.post("/sheets/{uuid:sheet_id}/answer", response={201: SheetOut})
def answer_sheet(request: StaffRequest, sheet_id: UUID, told: SheetAnswerIn) -> Status[PaperSheet]:
    """Keep what the recorder of the group said; the same again changes nothing."""
    rows = PaperSheet.objects.visible_to(request.auth_staff).select_related("meeting__group")
    sheet = found_one(rows, sheet_id)
    (recorder,) = _keys(request.auth_staff, sheet.meeting, [told.recorder_id])
    row = papersheets.answer_sheet(
        acting_staff=request.auth_staff,
        sheet=sheet,
        recorder=recorder,
        **told.dict(exclude={"recorder_id"}),
    )
    return Status(201, row)


@router.post("/members/{uuid:member_id}/kin", response={201: KinOut})
def name_kin(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: KinIn
) -> Status[NextOfKin]:
    """Keep whom a member names as her next of kin."""
    row = kin.name_next_of_kin(
        acting_staff=request.auth_staff,
        member=found_member(request.auth_staff, member_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)
