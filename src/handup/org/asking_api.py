"""The API door of roles asked for: asked by one, given or refused by another; deputies."""

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
from handup.org.models import Area, Grant, GrantRequest, Office, RequestState, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.rules.access import Role, ScopeKind
from handup.org.services import asking

router = Router()
VIEW = "org.view_grant_requests"
Why = Annotated[Text, Field(min_length=1, max_length=300)]
WantedState = Annotated[RequestState | None, Query(None)]


class GrantAsked(Schema):
    """The role somebody needs, where, and for which days."""

    staff_id: UUID
    role: Role
    scope: ScopeKind
    starts: date
    ends: date
    why: Why
    office_id: UUID | None = None
    area_id: UUID | None = None
    programme_id: UUID | None = None
    organisation_id: UUID | None = None


class DeputyAsked(Schema):
    """Who stands in for the holder of a grant, and for which days."""

    grant_id: UUID
    staff_id: UUID
    starts: date
    ends: date
    why: Why


class GrantRequestOut(Schema):
    """A request, and how it was answered."""

    id: UUID
    staff_id: UUID
    role: str
    scope: str
    office_id: UUID | None
    area_id: UUID | None
    programme_id: UUID | None
    organisation_id: UUID | None
    starts: date
    ends: date
    acting_for_id: UUID | None
    why: str
    asked_by_id: UUID
    state: str
    answer: str
    grant_id: UUID | None


class GivenTold(Schema):
    """Why two roles meet in one person, or one person asks and gives, in an institution of one."""

    reason: Annotated[Text, Field(max_length=300)] = ""


class RefusedTold(Schema):
    """Why it was refused."""

    answer: Why


@router.get("/grant-requests", response=PageOut[GrantRequestOut])
def list_grant_requests(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Requests, of one state if asked; who asks sees her own."""
    require(request.auth_staff, VIEW)
    rows = asking.requests_seen_by(request.auth_staff)
    items, following = page(rows.filter(state=state.value) if state else rows, after, limit)
    return {"items": items, "next": following}


@router.post("/grant-requests", response={201: GrantRequestOut})
def ask_for_grant(
    request: StaffRequest, key: IdempotencyKey, told: GrantAsked
) -> Status[GrantRequest]:
    """Ask that a role be given to a colleague; nothing is given yet."""
    require(request.auth_staff, asking.ASK)
    row = asking.ask_for_grant(
        acting_staff=request.auth_staff,
        staff=_colleague(told.staff_id),
        role=told.role,
        scope=told.scope,
        starts=told.starts,
        ends=told.ends,
        why=told.why,
        office=_office(told.office_id),
        area=_area(told.area_id),
        programme_id=told.programme_id,
        organisation_id=told.organisation_id,
        id=key,
    )
    return Status(201, row)


@router.post("/grant-requests/deputies", response={201: GrantRequestOut})
def ask_for_deputy(
    request: StaffRequest, key: IdempotencyKey, told: DeputyAsked
) -> Status[GrantRequest]:
    """Ask that somebody stand in for whoever holds a grant."""
    require(request.auth_staff, asking.ASK)
    grant = Grant.objects.filter(pk=told.grant_id).first()
    if grant is None:
        raise OutOfSight
    row = asking.ask_for_deputy(
        acting_staff=request.auth_staff,
        grant=grant,
        staff=_colleague(told.staff_id),
        starts=told.starts,
        ends=told.ends,
        why=told.why,
        id=key,
    )
    return Status(201, row)


@router.post("/grant-requests/{uuid:request_id}/giving", response={201: GrantRequestOut})
def give_asked_grant(
    request: StaffRequest, request_id: UUID, told: GivenTold
) -> Status[GrantRequest]:
    """Give what was asked for, after a fresh second factor: no token does."""
    require(request.auth_staff, "org.give_grant")
    require_fresh_factor(request)
    row = asking.give_asked_grant(
        acting_staff=request.auth_staff, request=_found(request, request_id), reason=told.reason
    )
    return Status(201, row)


@router.post("/grant-requests/{uuid:request_id}/refusal", response={201: GrantRequestOut})
def refuse_asked_grant(
    request: StaffRequest, request_id: UUID, told: RefusedTold
) -> Status[GrantRequest]:
    """Refuse it, and say why."""
    row = asking.refuse_asked_grant(
        acting_staff=request.auth_staff, request=_found(request, request_id), answer=told.answer
    )
    return Status(201, row)


def _found(request: StaffRequest, request_id: UUID) -> GrantRequest:
    row = asking.requests_seen_by(request.auth_staff).filter(pk=request_id).first()
    if row is None:
        raise OutOfSight
    return row


def _colleague(staff_id: UUID) -> StaffUser:
    row = StaffUser.objects.filter(pk=staff_id, is_active=True).first()
    if row is None:
        raise OutOfSight
    return row


def _office(office_id: UUID | None) -> Office | None:
    row = Office.objects.filter(pk=office_id).first() if office_id else None
    if office_id and row is None:
        raise OutOfSight
    return row


def _area(area_id: UUID | None) -> Area | None:
    row = Area.objects.filter(pk=area_id).first() if area_id else None
    if area_id and row is None:
        raise OutOfSight
    return row
