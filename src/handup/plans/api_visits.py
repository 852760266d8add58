"""The API door of visits that follow from a loan, and of those made again."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from handup.org import reads
from handup.org.interface import StaffRequest, Text
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.plans import services
from handup.plans.models import Plan, Visit
from handup.projects.models import Programme

router = Router(tags=["plans"])
SignIn = Annotated[Text, Field(max_length=60)]


def _of_our_time(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError("a day lies between 1900 and 2200")
    return day


Day = Annotated[date, AfterValidator(_of_our_time)]


class VisitorIn(Schema):
    """Who goes there, by the sign-in name; nobody named, the adviser of the plan."""

    visitor: SignIn = ""


class DrawIn(Schema):
    """Which days, who goes again, by when."""

    from_date: Day
    until_date: Day
    visitor: Annotated[SignIn, Field(min_length=1)]
    planned_date: Day


class PlannedOut(Schema):
    """A visit that is planned."""

    id: UUID
    person_id: UUID
    plan_id: UUID | None
    kind: str
    planned_date: date
    visitor_id: UUID
    back_check_of_id: UUID | None


def _visitor(username: str) -> StaffUser | None:
    """Who works here under a sign-in name, None when none is told. Raises OutOfSight."""
    if not username:
        return None
    row: StaffUser | None = StaffUser.objects.filter(username=username, is_active=True).first()
    if row is None:
        raise OutOfSight
    return row


@router.post("/plans/{uuid:plan_id}/visits-after-loan", response={201: list[PlannedOut]})
def plan_visits_after_loan(
    request: StaffRequest, plan_id: UUID, told: VisitorIn
) -> Status[list[Visit]]:
    """Plan the visits the loan of a plan calls for; what is planned is not planned twice."""
    staff = request.auth_staff
    plan: Plan | None = Plan.objects.visible_to(staff).filter(pk=plan_id).first()
    if plan is None:
        raise OutOfSight
    require(staff, "plans.schedule_visits", plan)
    rows = services.plan_visits_after_loan(
        acting_staff=staff, plan=plan, visitor=_visitor(told.visitor)
    )
    reads.note(request, persons={row.person_id for row in rows}, action="VIEW", highest="P")
    return Status(201, rows)


@router.post("/programmes/{uuid:programme_id}/visits-again", response={201: list[PlannedOut]})
def draw_visits_again(
    request: StaffRequest, programme_id: UUID, told: DrawIn
) -> Status[list[Visit]]:
    """Draw a twentieth of the visits others made in these days, to be made again."""
    staff = request.auth_staff
    programme: Programme | None = (
        Programme.objects.visible_to(staff).filter(pk=programme_id).first()
    )
    if programme is None:
        raise OutOfSight
    require(staff, "plans.draw_visits_again", programme)
    visitor = _visitor(told.visitor)
    assert visitor is not None, "the schema asks for a name"
    rows = services.draw_visits_again(
        acting_staff=staff,
        programme=programme,
        visitor=visitor,
        **told.dict(exclude={"visitor"}),
    )
    reads.note(request, persons={row.person_id for row in rows}, action="LIST", highest="P")
    return Status(201, rows)
