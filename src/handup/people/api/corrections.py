"""What was written of a person or an enterprise, corrected; an enterprise that stopped."""

from uuid import UUID

from ninja import Router, Schema

from handup.org import reads
from handup.org.interface import StaffRequest
from handup.org.models import Area
from handup.people import services
from handup.people.api import schemas as s
from handup.people.api.schemas import found, named
from handup.people.models import Enterprise, Person
from handup.people.rules import codes as c

router = Router()


class PersonCorrected(Schema):
    """What is right of a person, from which day; all of it is told."""

    sex: c.Sex
    birth_date: s.Day | None
    birth_precision: c.BirthPrecision = c.BirthPrecision.DAY
    father_name: s.Word
    area_id: UUID | None
    on: s.Day


class EnterpriseCorrected(Schema):
    """What is right of an enterprise; all of it is told."""

    name: s.Word
    trade: s.Word
    formality: c.Formality
    job_kind: c.JobKind | None
    workers_family: s.Count
    workers_paid: s.Count
    workers_women: s.Count
    start_date: s.Day | None
    area_id: UUID | None


class EnterpriseClosed(Schema):
    """The day an enterprise stopped."""

    closed_date: s.Day


@router.post("/enterprises/{uuid:enterprise_id}/correction", response=s.EnterpriseOut)
def correct_enterprise(
    request: StaffRequest, enterprise_id: UUID, told: EnterpriseCorrected
) -> Enterprise:
    """Correct what was written of an enterprise; its history keeps the former values."""
    staff = request.auth_staff
    return services.correct_enterprise(
        acting_staff=staff,
        enterprise=found(Enterprise, staff, enterprise_id),
        area=named(Area, staff, told.area_id),
        **told.dict(exclude={"area_id"}),
    )


@router.post("/enterprises/{uuid:enterprise_id}/closing", response=s.EnterpriseOut)
def close_enterprise(
    request: StaffRequest, enterprise_id: UUID, told: EnterpriseClosed
) -> Enterprise:
    """Record that an enterprise stopped."""
    staff = request.auth_staff
    return services.close_enterprise(
        acting_staff=staff,
        enterprise=found(Enterprise, staff, enterprise_id),
        closed_date=told.closed_date,
    )


@router.post("/persons/{uuid:person_id}/correction", response=s.PersonOut)
def correct_person(request: StaffRequest, person_id: UUID, told: PersonCorrected) -> Person:
    """Correct what was written of a person; her telephone stays as it is."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    reads.note(request, persons=[person.pk], action="VIEW")
    return services.correct_person(
        acting_staff=staff,
        person=person,
        phone=person.phone,
        area=named(Area, staff, told.area_id),
        **told.dict(exclude={"area_id"}),
    )
