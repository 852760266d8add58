"""Erasures: approved by two, held where a court or a law says so, done and proved."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import StaffRequest, Text, require_fresh_factor
from handup.org.permissions import require
from handup.people.api.requests import SubjectRequestOut
from handup.people.api.schemas import Day, found
from handup.people.models import ErasureCertificate, SubjectRequest
from handup.people.rules.requests import HoldReason
from handup.people.services import erasure

router = Router()
ERASE = "people.erase_person"


class ApprovalTold(Schema):
    """The day of an approval; the reason where one person does every step."""

    on: Day
    reason: Annotated[Text, Field(max_length=200)] = ""


class DayTold(Schema):
    """The day of a step."""

    on: Day


class HoldTold(Schema):
    """A hold that no record shows."""

    reason: HoldReason
    until: Day | None = None
    on: Day


class CertificateOut(Schema):
    """The proof of an erasure: each figure before and after, values looked for and still found."""

    request_id: UUID
    figures: dict[str, list[str]]
    searched: int
    found: int
    cleaned: bool


def _asked(request: StaffRequest, request_id: UUID, code: str) -> SubjectRequest:
    row = found(SubjectRequest, request.auth_staff, request_id)
    require(request.auth_staff, code, row)
    return row


@router.post("/subject-requests/{uuid:request_id}/approval", response={201: SubjectRequestOut})
def approve_erasure(
    request: StaffRequest, request_id: UUID, told: ApprovalTold
) -> Status[SubjectRequest]:
    """Approve an erasure, as the first or the second of two; held where something holds it."""
    row = _asked(request, request_id, erasure.APPROVE)
    require_fresh_factor(request)
    done = erasure.approve_erasure(
        acting_staff=request.auth_staff, request=row, on=told.on, reason=told.reason
    )
    return Status(201, done)


@router.post("/subject-requests/{uuid:request_id}/hold", response={201: SubjectRequestOut})
def hold_erasure(request: StaffRequest, request_id: UUID, told: HoldTold) -> Status[SubjectRequest]:
    """Keep an erasure back because a court or a law says so."""
    row = _asked(request, request_id, erasure.APPROVE)
    done = erasure.hold_erasure(
        acting_staff=request.auth_staff,
        request=row,
        reason=told.reason,
        until=told.until,
        on=told.on,
    )
    return Status(201, done)


@router.post("/subject-requests/{uuid:request_id}/erasure", response={201: CertificateOut})
def erase_person(
    request: StaffRequest, request_id: UUID, told: DayTold
) -> Status[dict[str, object]]:
    """Erase her; it cannot be taken back. A fresh second factor is asked for."""
    row = _asked(request, request_id, ERASE)
    require_fresh_factor(request)
    done = erasure.erase_person(acting_staff=request.auth_staff, request=row, on=told.on)
    return Status(201, certificate_of(done))


@router.post("/subject-requests/{uuid:request_id}/proof", response={201: CertificateOut})
def prove_erasure(request: StaffRequest, request_id: UUID) -> Status[dict[str, object]]:
    """Look again for what an erasure left, where its proof did not hold."""
    row = _asked(request, request_id, ERASE)
    require_fresh_factor(request)
    done = erasure.prove_erasure(acting_staff=request.auth_staff, request=row)
    return Status(201, certificate_of(done))


def certificate_of(row: ErasureCertificate) -> dict[str, object]:
    """What the certificate says."""
    return {
        "request_id": row.request_id,
        "figures": row.figures,
        "searched": row.searched,
        "found": row.found,
        "cleaned": row.cleaned,
    }
