"""Who joins and leaves a household, in whose caseload a person is, the poverty lines."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import After, Currency, PageOut, PageSize, StaffRequest, Units, page
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.people import services
from handup.people.api import schemas as s
from handup.people.api.schemas import found
from handup.people.models import Household, Membership, Person, PovertyLine
from handup.people.rules import codes as c
from handup.projects.models import Programme

router = Router()


class JoinTold(Schema):
    """Who comes to live in a household, since when."""

    person_id: UUID
    from_date: s.Day
    relation: c.Kinship = c.Kinship.NOT_KNOWN


class LeaveTold(Schema):
    """Who lives there no more, and the last day."""

    person_id: UUID
    last_date: s.Day


class StaysTold(Schema):
    """Who is written down as having left by mistake, and why it is taken back."""

    person_id: UUID
    reason: c.LeavingMistake


class OfficerTold(Schema):
    """The officer in whose caseload a person is from now on."""

    case_officer_id: UUID


class PovertyLineTold(Schema):
    """Income a head and month, whole smallest units, at or below which it is called low."""

    from_date: s.Day
    per_head_units: Units
    currency: Currency
    source: Annotated[s.Line, Field(min_length=1)]


class PovertyLineOut(Schema):
    """A poverty line."""

    id: UUID
    programme_id: UUID
    from_date: date
    per_head_units: int
    currency: str
    source: str


@router.post("/households/{uuid:household_id}/members", response={201: s.MembershipOut})
def join_household(request: StaffRequest, household_id: UUID, told: JoinTold) -> Status[Membership]:
    """Let a registered person join a household."""
    staff = request.auth_staff
    row = services.join_household(
        acting_staff=staff,
        household=found(Household, staff, household_id),
        person=found(Person, staff, told.person_id),
        from_date=told.from_date,
        relation=told.relation,
    )
    return Status(201, row)


@router.post("/households/{uuid:household_id}/leave", response=s.MembershipOut)
def leave_household(request: StaffRequest, household_id: UUID, told: LeaveTold) -> Membership:
    """Let a member leave a household; whoever heads it first lets another head it."""
    staff = request.auth_staff
    household = found(Household, staff, household_id)
    person = found(Person, staff, told.person_id)
    row = household.memberships.filter(person=person, to_date=None).first()
    if row is None:
        raise OutOfSight
    return services.leave_household(acting_staff=staff, membership=row, last_date=told.last_date)


@router.post("/households/{uuid:household_id}/stays", response=s.MembershipOut)
def take_back_leaving(request: StaffRequest, household_id: UUID, told: StaysTold) -> Membership:
    """Take back that a member left a household."""
    staff = request.auth_staff
    household = found(Household, staff, household_id)
    person = found(Person, staff, told.person_id)
    row = household.memberships.filter(person=person).order_by("-from_date").first()
    if row is None:
        raise OutOfSight
    return services.take_back_leaving(acting_staff=staff, membership=row, reason=told.reason)


@router.post("/persons/{uuid:person_id}/case-officer", response=s.PersonOut)
def assign_case_officer(request: StaffRequest, person_id: UUID, told: OfficerTold) -> Person:
    """Put a person and her open participations into an officer's caseload."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    officer = StaffUser.objects.filter(pk=told.case_officer_id, is_active=True).first()
    if officer is None:
        raise OutOfSight
    reads.note(request, persons=[person.pk], action="VIEW")
    return services.assign_case_officer(acting_staff=staff, person=person, case_officer=officer)


@router.get("/poverty-lines", response=PageOut[PovertyLineOut])
def list_poverty_lines(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every poverty line of every programme."""
    items, following = page(PovertyLine.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/poverty-lines", response={201: PovertyLineOut})
def set_poverty_line(
    request: StaffRequest, programme_id: UUID, told: PovertyLineTold
) -> Status[PovertyLine]:
    """Set a programme's poverty line from a day on."""
    staff = request.auth_staff
    row = services.set_poverty_line(
        acting_staff=staff, programme=found(Programme, staff, programme_id), **told.dict()
    )
    return Status(201, row)
