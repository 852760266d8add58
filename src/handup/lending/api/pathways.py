"""Pathways out of extreme poverty through the API: criteria, who is on one, visits, graduation."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from handup.lending.api.access import note, router, seen
from handup.lending.api.schemas import Day, Line, Reason
from handup.lending.api.terms import Strict
from handup.lending.models import (
    GraduationDecision,
    Pathway,
    PathwayCheck,
    PathwayEnrolment,
    PathwayVersion,
)
from handup.lending.rules.pathways import Fact, Operator, plain
from handup.lending.services import graduation, pathways
from handup.lending.services.pathway_facts import standing_of
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.people.models import Person
from handup.projects.models import Programme

Number = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$")]
Label = Annotated[str, Field(min_length=1, max_length=120, pattern="^[^\\x00]*$")]
Key = Annotated[str, Field(max_length=60, pattern="^[^\\x00]*$")]


class CriterionNew(Strict):
    """One criterion; an amount is in smallest units of the programme's currency."""

    code: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$")] = ""
    label: Label
    fact: Fact
    operator: Operator = Operator.AT_LEAST
    threshold: Number
    window_months: Annotated[int, Field(ge=0, le=60)] = 12
    is_required: bool = False
    is_money: bool = False
    key: Key = ""


class CriteriaNew(Strict):
    """Criteria from a day on, and how many of them must be met."""

    criteria: Annotated[list[CriterionNew], Field(max_length=12)]
    needed: Annotated[int, Field(ge=1, le=12)]
    from_date: Day


class PathwayNew(CriteriaNew):
    """A pathway to open."""

    programme_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=120, pattern="^[^\\x00]*$")]


class CriteriaChange(CriteriaNew):
    """Other criteria; and whether it still takes somebody in."""

    closed_date: Day | None = None


class PathwayOut(Schema):
    """A pathway."""

    id: UUID
    programme_id: UUID
    name: str
    closed_date: date | None


class VersionOut(Schema):
    """The criteria of a pathway from a day on."""

    id: UUID
    number: int
    needed: int
    from_date: date
    criteria: list[dict[str, Any]]


class PathwayWithVersions(PathwayOut):
    """A pathway with its criteria, the newest first."""

    versions: list[VersionOut]


class EnrolmentNew(Strict):
    """A person comes in."""

    person_id: UUID
    enrolled_date: Day


class EnrolmentOut(Schema):
    """A person on a pathway."""

    id: UUID
    code: str
    version_id: UUID
    person_id: UUID
    programme_id: UUID
    enrolled_date: date
    state: str
    ended_date: date | None


class JudgedOut(Schema):
    """One criterion: what was found and what it comes to; `why` when nothing is known."""

    code: str
    label: str
    judgement: str
    value: str
    seen: date | None
    why: str
    by: UUID | None


class EnrolmentWithStanding(EnrolmentOut):
    """The same with every criterion on a day."""

    on: date
    needed: int
    met: int
    is_ready: bool
    criteria: list[JudgedOut]


class CheckNew(Strict):
    """What was seen at a visit, by the codes of the criteria."""

    check_date: Day
    findings: Annotated[dict[Line, Number], Field(max_length=12)] = {}
    note: Reason = ""


class CheckOut(Schema):
    """A visit."""

    id: UUID
    check_date: date
    findings: dict[str, str]
    note: str


class LeftNew(Strict):
    """Somebody left before she graduated."""

    left_date: Day
    reason: Reason


class GraduationNew(Strict):
    """A graduation to propose."""

    proposed_date: Day
    note: Reason = ""


class GraduationDecided(Strict):
    """A second person's word."""

    decided_date: Day
    approve: bool
    reason: Reason = ""


class GraduationOut(Schema):
    """A graduation with what each criterion came to."""

    id: UUID
    enrolment_id: UUID
    state: str
    proposed_date: date
    decided_date: date | None
    reasons: list[dict[str, Any]]


def _criteria(told: CriteriaNew) -> list[dict[str, Any]]:
    return [item.dict() for item in told.criteria]


@router.get("/pathways", response=PageOut[PathwayOut])
def list_pathways(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Pathways of the programmes she may see."""
    require(request.auth_staff, "lending.view_pathway")
    items, following = page(Pathway.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/pathways/{uuid:pathway_id}", response=PathwayWithVersions)
def show_pathway(request: StaffRequest, pathway_id: UUID) -> Pathway:
    """One pathway with its criteria."""
    return seen(Pathway, request, pathway_id)


@router.post("/pathways", response={201: PathwayOut})
def open_pathway(request: StaffRequest, key: IdempotencyKey, told: PathwayNew) -> Status[Pathway]:
    """Open a pathway with its first criteria."""
    require(request.auth_staff, "lending.set_pathway")
    made = pathways.open_pathway(
        acting_staff=request.auth_staff,
        programme=seen(Programme, request, told.programme_id),
        name=told.name,
        criteria=_criteria(told),
        needed=told.needed,
        from_date=told.from_date,
        id=key,
    )
    return Status(201, made)


@router.post("/pathways/{uuid:pathway_id}/versions", response={201: VersionOut})
def change_pathway(
    request: StaffRequest, pathway_id: UUID, key: IdempotencyKey, told: CriteriaChange
) -> Status[PathwayVersion]:
    """Other criteria for those who come in from a day on."""
    made = pathways.change_pathway(
        acting_staff=request.auth_staff,
        pathway=seen(Pathway, request, pathway_id),
        criteria=_criteria(told),
        needed=told.needed,
        from_date=told.from_date,
        closed_date=told.closed_date,
    )
    return Status(201, made)


@router.post("/pathways/{uuid:pathway_id}/enrolments", response={201: EnrolmentOut})
def enrol_in_pathway(
    request: StaffRequest, pathway_id: UUID, key: IdempotencyKey, told: EnrolmentNew
) -> Status[PathwayEnrolment]:
    """Take a person in."""
    made = pathways.enrol_in_pathway(
        acting_staff=request.auth_staff,
        pathway=seen(Pathway, request, pathway_id),
        person=seen(Person, request, told.person_id),
        enrolled_date=told.enrolled_date,
        id=key,
    )
    return Status(201, made)


@router.get("/enrolments", response=PageOut[EnrolmentOut])
def list_enrolments(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Everybody on a pathway whom she may see."""
    require(request.auth_staff, "lending.view_enrolment")
    rows = PathwayEnrolment.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    note(request, items)
    return {"items": items, "next": following}


@router.get("/enrolments/{uuid:enrolment_id}", response=EnrolmentWithStanding)
def show_enrolment(
    request: StaffRequest, enrolment_id: UUID, on: date | None = None
) -> dict[str, object]:
    """One participant, criterion by criterion, today or on a day."""
    row = seen(PathwayEnrolment, request, enrolment_id)
    note(request, [row], "VIEW")
    day = on or row.ended_date or timezone.localdate()
    standing = standing_of(row, day)
    return {
        **EnrolmentOut.from_orm(row).dict(),
        "on": day,
        "needed": standing.needed,
        "met": standing.met,
        "is_ready": standing.is_ready,
        "criteria": [
            {
                "code": item.criterion.code,
                "label": item.criterion.label,
                "judgement": item.judgement.value,
                "value": _text(item.reading.value),
                "seen": item.reading.seen,
                "why": item.reading.why.value if item.reading.value is None else "",
                "by": item.reading.by or None,
            }
            for item in standing.judged
        ],
    }


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


@router.post("/enrolments/{uuid:enrolment_id}/checks", response={201: CheckOut})
def record_pathway_check(
    request: StaffRequest, enrolment_id: UUID, key: IdempotencyKey, told: CheckNew
) -> Status[PathwayCheck]:
    """Record what was seen at a visit."""
    made = pathways.record_pathway_check(
        acting_staff=request.auth_staff,
        enrolment=seen(PathwayEnrolment, request, enrolment_id),
        id=key,
        **told.dict(),
    )
    return Status(201, made)


@router.post("/enrolments/{uuid:enrolment_id}/left", response={201: EnrolmentOut})
def leave_pathway(
    request: StaffRequest, enrolment_id: UUID, key: IdempotencyKey, told: LeftNew
) -> Status[PathwayEnrolment]:
    """Record that somebody left before she graduated."""
    row = seen(PathwayEnrolment, request, enrolment_id)
    made = pathways.leave_pathway(acting_staff=request.auth_staff, enrolment=row, **told.dict())
    return Status(201, made)


@router.post("/enrolments/{uuid:enrolment_id}/graduations", response={201: GraduationOut})
def propose_graduation(
    request: StaffRequest, enrolment_id: UUID, key: IdempotencyKey, told: GraduationNew
) -> Status[GraduationDecision]:
    """Propose that she has graduated; another person decides."""
    made = graduation.propose_graduation(
        acting_staff=request.auth_staff,
        enrolment=seen(PathwayEnrolment, request, enrolment_id),
        id=key,
        **told.dict(),
    )
    return Status(201, made)


@router.post("/graduations/{uuid:graduation_id}/decision", response={201: GraduationOut})
def decide_graduation(
    request: StaffRequest, graduation_id: UUID, key: IdempotencyKey, told: GraduationDecided
) -> Status[GraduationDecision]:
    """Decide, as another person."""
    row = seen(GraduationDecision, request, graduation_id)
    made = graduation.decide_graduation(
        acting_staff=request.auth_staff, graduation=row, **told.dict()
    )
    return Status(201, made)
