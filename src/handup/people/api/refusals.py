"""What a person said no to, through the API."""

from datetime import date
from uuid import UUID

from ninja import Router, Schema, Status

from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.people import services
from handup.people.api.schemas import Day, found, named
from handup.people.models import ConsentNotice, ConsentRefusal, Person
from handup.people.rules import codes as c
from handup.people.services import NoIn
from handup.projects.models import Organisation

router = Router()


class RefusalTold(Schema):
    """One no: to what, after which notice, and to whom where it names one."""

    purpose: c.ConsentPurpose
    notice_id: UUID
    method: c.ConsentMethod
    refused_date: Day
    recipient_id: UUID | None = None


class RefusalOut(Schema):
    """One no."""

    id: UUID
    person_id: UUID
    purpose: str
    notice_id: UUID
    recipient_id: UUID | None
    method: str
    refused_date: date


@router.get("/persons/{uuid:person_id}/refusals", response=list[RefusalOut])
def list_refusals(request: StaffRequest, person_id: UUID) -> list[ConsentRefusal]:
    """What a person said no to, the first first."""
    person = found(Person, request.auth_staff, person_id)
    reads.note(request, persons=[person.pk], action="VIEW")
    return list(person.refusals.all())


@router.post("/persons/{uuid:person_id}/refusals", response={201: RefusalOut})
def refuse_consent(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: RefusalTold
) -> Status[ConsentRefusal]:
    """Record that she said no; what she had agreed to for this purpose ends that day."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    said = NoIn(
        id=key,
        purpose=told.purpose,
        notice=found(ConsentNotice, staff, told.notice_id),
        method=told.method,
        refused_date=told.refused_date,
        recipient=named(Organisation, staff, told.recipient_id),
    )
    return Status(201, services.refuse_consent(acting_staff=staff, person=person, told=said))
