"""The API door of incidents: reported, listed with their clocks, assessed, told, closed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.models import Incident
from handup.org.permissions import OutOfSight, require
from handup.org.rules.incidents import IncidentKind, IncidentState, Risk
from handup.org.services import incidents

router = Router()
Words = Annotated[LongText, Field(min_length=1, max_length=4000)]
WantedState = Annotated[IncidentState | None, Query(None)]


class IncidentTold(Schema):
    """What went wrong."""

    kind: IncidentKind
    what: Words
    noticed_at: AwareDatetime


class IncidentOut(Schema):
    """An incident without its words."""

    id: UUID
    code: str
    kind: str
    state: str
    risk: str
    noticed_at: datetime
    notify_by: datetime
    persons: list[str]
    fields: list[str]


class ReportedOut(Schema):
    """What who reported is told."""

    id: UUID
    code: str


class AssessmentTold(Schema):
    """What may follow for the persons."""

    risk: Risk
    assessment: Words


class WordsTold(Schema):
    """What was done, in words."""

    words: Words


@router.get("/incidents", response=PageOut[IncidentOut])
def list_incidents(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Incidents, of one state if asked."""
    require(request.auth_staff, "org.view_incident")
    rows = Incident.objects.visible_to(request.auth_staff)
    items, following = page(rows.filter(state=state.value) if state else rows, after, limit)
    return {"items": items, "next": following}


@router.post("/incidents", response={201: ReportedOut})
def report_incident(
    request: StaffRequest, key: IdempotencyKey, told: IncidentTold
) -> Status[Incident]:
    """Report what went wrong; whoever works here may."""
    row = incidents.report_incident(
        acting_staff=request.auth_staff,
        kind=told.kind,
        what=told.what,
        noticed_at=told.noticed_at,
        id=key,
    )
    return Status(201, row)


def _found(request: StaffRequest, incident_id: UUID) -> Incident:
    rows = Incident.objects.visible_to(request.auth_staff)
    row = rows.filter(pk=incident_id).first()
    if row is None:
        raise OutOfSight
    return row


@router.post("/incidents/{uuid:incident_id}/assessment", response={201: IncidentOut})
def assess_incident(
    request: StaffRequest, incident_id: UUID, told: AssessmentTold
) -> Status[Incident]:
    """Say what may follow for the persons."""
    row = incidents.assess_incident(
        acting_staff=request.auth_staff,
        incident=_found(request, incident_id),
        risk=told.risk,
        assessment=told.assessment,
    )
    return Status(201, row)


@router.post("/incidents/{uuid:incident_id}/notification", response={201: IncidentOut})
def record_notification(
    request: StaffRequest, incident_id: UUID, told: WordsTold
) -> Status[Incident]:
    """Record who was told."""
    row = incidents.record_notification(
        acting_staff=request.auth_staff, incident=_found(request, incident_id), told=told.words
    )
    return Status(201, row)


@router.post("/incidents/{uuid:incident_id}/closing", response={201: IncidentOut})
def close_incident(request: StaffRequest, incident_id: UUID, told: WordsTold) -> Status[Incident]:
    """Close it, with what was done about it."""
    row = incidents.close_incident(
        acting_staff=request.auth_staff, incident=_found(request, incident_id), lesson=told.words
    )
    return Status(201, row)
