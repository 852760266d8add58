"""Complaints and praise; their words are read on the page, by those who answer them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import OutOfSight
from handup.people import services
from handup.people.api.schemas import Day, Language, Line, found, named
from handup.people.models import Grievance, Person
from handup.people.rules import grievances as g
from handup.people.rules.grievances import GrievanceState
from handup.people.services import GrievanceIn
from handup.projects.models import Programme

router = Router()
WantedState = Annotated[GrievanceState | None, Query(None)]


class GrievanceTold(Schema):
    """What somebody says; nothing of a sensitive one can be read here afterwards."""

    kind: g.GrievanceKind
    text: Annotated[LongText, Field(min_length=1, max_length=4000)]
    received_date: Day
    sensitivity: g.Sensitivity | None = None
    programme_id: UUID | None = None
    office_id: UUID | None = None
    area_id: UUID | None = None
    person_id: UUID | None = None
    complained_of_id: UUID | None = None
    contact: Line = ""
    language: Language = ""


class TrackingOut(Schema):
    """The number of what was recorded, and the code with which one asks where it stands."""

    id: UUID
    code: str
    tracking: str


class GrievanceOut(Schema):
    """A grievance without its words."""

    id: UUID
    code: str
    kind: str
    state: str
    programme_id: UUID | None
    person_id: UUID | None
    received_date: date
    acknowledge_date: date
    resolve_date: date
    decided_date: date | None


class GrievanceStepTold(Schema):
    """The next step, with what was answered or why."""

    to_state: g.GrievanceState
    step_date: Day
    note: Annotated[LongText, Field(max_length=4000)] = ""
    reason: Line = ""


@router.get("/grievances", response=PageOut[GrievanceOut])
def list_grievances(
    request: StaffRequest,
    after: After = None,
    limit: PageSize = 50,
    state: WantedState = None,
) -> dict[str, object]:
    """Grievances the caller may see, of one state if asked; sensitive ones are not among them."""
    rows = Grievance.objects.visible_to(request.auth_staff)
    rows = rows.filter(state=state.value) if state else rows
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.person_id for row in items if row.person_id], action="LIST")
    return {"items": items, "next": following}


@router.post("/grievances", response={201: TrackingOut})
def record_grievance(
    request: StaffRequest, key: IdempotencyKey, told: GrievanceTold
) -> Status[dict[str, object]]:
    """Record what somebody says; the answer holds the code with which she asks where it stands."""
    staff = request.auth_staff
    recorded = services.record_grievance(
        acting_staff=staff,
        grievance=GrievanceIn(
            id=key,
            kind=told.kind,
            text=told.text,
            received_date=told.received_date,
            sensitivity=told.sensitivity,
            programme=named(Programme, staff, told.programme_id),
            office=named(Office, staff, told.office_id),
            area=named(Area, staff, told.area_id),
            person=named(Person, staff, told.person_id),
            complained_of=_colleague(told.complained_of_id),
            contact=told.contact,
            language=told.language,
        ),
    )
    row = recorded.grievance
    return Status(201, {"id": row.pk, "code": row.code, "tracking": recorded.tracking})


def _colleague(pk: UUID | None) -> StaffUser | None:
    if pk is None:
        return None
    staff = StaffUser.objects.filter(pk=pk, is_active=True).first()
    if staff is None:
        raise OutOfSight
    return staff


@router.post("/grievances/{uuid:grievance_id}/steps", response={201: GrievanceOut})
def move_grievance(
    request: StaffRequest, grievance_id: UUID, key: IdempotencyKey, told: GrievanceStepTold
) -> Status[Grievance]:
    """Take the next step of a grievance."""
    staff = request.auth_staff
    row = found(Grievance, staff, grievance_id)
    services.move_grievance(
        acting_staff=staff,
        grievance=row,
        to_state=told.to_state,
        step_date=told.step_date,
        note=told.note,
        reason=told.reason,
        id=key,
    )
    return Status(201, row)
