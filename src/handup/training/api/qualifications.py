"""The API door to the register of qualified people."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Schema, Status
from pydantic import AfterValidator, Field

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Organisation
from handup.training import services
from handup.training.api.base import Day, no_nul, router, seen, seen_or_none, who_signs_in
from handup.training.models import (
    Cohort,
    Observation,
    Qualification,
    QualificationProof,
    QualificationStep,
)
from handup.training.qualified import figures
from handup.training.rules.ladder import Field as Fields
from handup.training.rules.ladder import Proof

Reference = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(no_nul)]
MaybeName = Annotated[str, Field(max_length=120), AfterValidator(no_nul)]
Ground = Annotated[str, Field(max_length=300), AfterValidator(no_nul)]
Remarks = Annotated[str, Field(max_length=500), AfterValidator(no_nul)]


class QualificationOut(Schema):
    """Somebody on the register."""

    id: UUID
    field: str
    level: str
    name: str
    staff_id: UUID | None
    organisation_id: UUID | None
    national: bool | None
    granted_date: date | None
    valid_to: date | None


class QualificationTold(Schema):
    """Somebody for the register: by the sign-in name where she works here, else by her name."""

    field: Fields
    name: MaybeName = ""
    username: MaybeName = ""
    organisation_id: UUID | None = None
    office_id: UUID | None = None
    national: bool | None = None


class ProofTold(Schema):
    """A piece of evidence."""

    proof: Proof
    proof_date: Day
    reference: Reference
    cohort_id: UUID | None = None


class ProofOut(Schema):
    """Evidence as recorded."""

    id: UUID
    qualification_id: UUID
    proof: str
    proof_date: date
    reference: str


class ObservationTold(Schema):
    """An observation; the score from 1.0 to 4.0 in tenths."""

    observer_id: UUID
    observed_date: Day
    score_x10: Annotated[int, Field(ge=10, le=40)]
    cohort_id: UUID | None = None
    remarks: Remarks = ""


class ObservationOut(Schema):
    """An observation as recorded."""

    id: UUID
    qualification_id: UUID
    observer_id: UUID
    observed_date: date
    score_x10: int


class GrantTold(Schema):
    """A step to grant, or the one held for another term."""

    granted_date: Day
    renew: bool = False
    reason: Ground = ""


class StepOut(Schema):
    """A step as granted."""

    id: UUID
    qualification_id: UUID
    level: str
    granted_date: date
    valid_to: date


class FieldFiguresOut(Schema):
    """Figures of one field, each share with both counts."""

    field: str
    qualified: int
    active: int
    asked: int
    nationals: int
    lapsed: int


@router.get("/qualifications", response=PageOut[QualificationOut])
def list_qualifications(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Who is on the register, as far as the caller may see."""
    require(request.auth_staff, "training.view_qualification")
    items, following = page(Qualification.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/qualification-figures", response=list[FieldFiguresOut])
def show_figures(request: StaffRequest, on: Day | None = None) -> list[dict[str, object]]:
    """Figures of each field on a day (today)."""
    require(request.auth_staff, "training.view_qualification")
    found = figures(request.auth_staff, on or timezone.localdate())
    return [
        {
            "field": field.value,
            "qualified": one.qualified,
            "active": one.active,
            "asked": one.asked,
            "nationals": one.nationals,
            "lapsed": one.lapsed,
        }
        for field, one in found.items()
    ]


@router.post("/qualifications", response={201: QualificationOut})
def register_qualification(
    request: StaffRequest, key: IdempotencyKey, told: QualificationTold
) -> Status[Qualification]:
    """Put somebody on the register of one field."""
    staff: StaffUser = request.auth_staff
    require(staff, "training.register_qualification")
    values = told.dict()
    row = services.register_qualification(
        acting_staff=staff,
        staff=who_signs_in(values.pop("username")),
        organisation=seen_or_none(Organisation, staff, values.pop("organisation_id")),
        office=seen_or_none(Office, staff, values.pop("office_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/qualifications/{uuid:qualification_id}/evidence", response={201: ProofOut})
def record_proof(
    request: StaffRequest, qualification_id: UUID, key: IdempotencyKey, told: ProofTold
) -> Status[QualificationProof]:
    """Record a piece of evidence."""
    values = told.dict()
    row = services.record_proof(
        acting_staff=request.auth_staff,
        qualification=seen(Qualification, request.auth_staff, qualification_id),
        cohort=seen_or_none(Cohort, request.auth_staff, values.pop("cohort_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/qualifications/{uuid:qualification_id}/observations", response={201: ObservationOut})
def record_observation(
    request: StaffRequest, qualification_id: UUID, key: IdempotencyKey, told: ObservationTold
) -> Status[Observation]:
    """Record that a senior or master watched somebody at work."""
    values = told.dict()
    row = services.record_observation(
        acting_staff=request.auth_staff,
        qualification=seen(Qualification, request.auth_staff, qualification_id),
        observer=seen(Qualification, request.auth_staff, values.pop("observer_id")),
        cohort=seen_or_none(Cohort, request.auth_staff, values.pop("cohort_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/qualifications/{uuid:qualification_id}/steps", response={201: StepOut})
def grant_level(
    request: StaffRequest, qualification_id: UUID, key: IdempotencyKey, told: GrantTold
) -> Status[QualificationStep]:
    """Grant the next step of the ladder, or the one held for another term."""
    row = services.grant_level(
        acting_staff=request.auth_staff,
        qualification=seen(Qualification, request.auth_staff, qualification_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)
