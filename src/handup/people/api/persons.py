"""Persons, what is recorded of them, their households and enterprises."""

from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema, Status
from pydantic import Field

from handup.kernel.errors import Refusal
from handup.org import limits, reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import OutOfSight
from handup.people import services
from handup.people.api import schemas as s
from handup.people.api.schemas import found, named
from handup.people.models import (
    Consent,
    ConsentEnding,
    ConsentNotice,
    Enquiry,
    Enterprise,
    Household,
    HouseholdFact,
    LegalStatus,
    Membership,
    Person,
    Vulnerability,
)
from handup.people.queries import find_persons
from handup.people.rules import codes as c
from handup.people.services import (
    ConsentIn,
    EnterpriseIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    NameIn,
    OwnerIn,
    PaperIn,
    PersonIn,
    StatusIn,
    VulnerabilityIn,
)
from handup.projects.models import Organisation, Programme

router = Router()


class LeaverTold(Schema):
    """A member who leaves, and what she is in the new household."""

    person_id: UUID
    role: c.HouseholdRole = c.HouseholdRole.MEMBER
    relation: c.Kinship = c.Kinship.NOT_KNOWN


class SplitTold(Schema):
    """Who founds a new household, and from when."""

    split_date: s.Day
    members: Annotated[list[LeaverTold], Field(min_length=1, max_length=100)]


class WordsGoIntoTheBody(Refusal):
    """Words that may name a person stand in no address: send them to persons/search."""


@router.get("/persons", response=PageOut[s.PersonOut])
def list_persons(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Persons the caller may see. Raises WordsGoIntoTheBody."""
    if request.GET.get("q"):
        raise WordsGoIntoTheBody(field="q")
    rows: QuerySet[Person, Person] = Person.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.pk for row in items], action="LIST")
    return {"items": items, "next": following}


class WordsTold(Schema):
    """A name in any script, or a number."""

    text: Annotated[Text, Field(min_length=1, max_length=200)]


@router.post("/persons/search", response=PageOut[s.PersonOut])
def search_persons(
    request: StaffRequest, told: WordsTold, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Persons the caller may see who bear this name or number; the words stand in no address."""
    limits.require_within(request, "search")
    rows = find_persons(Person.objects.visible_to(request.auth_staff), told.text)
    items, following = page(rows, after, limit)
    persons = [row.pk for row in items]
    reads.note(request, persons=persons, action="SEARCH", search=told.text)
    return {"items": items, "next": following}


@router.get("/persons/{uuid:person_id}", response=s.PersonOut)
def show_person(request: StaffRequest, person_id: UUID) -> Person:
    """One person, without what opens only for a purpose."""
    person = found(Person, request.auth_staff, person_id)
    reads.note(request, persons=[person.pk], action="VIEW")
    return person


def _consent(staff: StaffUser, told: s.ConsentTold, key: UUID | None = None) -> ConsentIn:
    return ConsentIn(
        id=key,
        purpose=told.purpose,
        notice=found(ConsentNotice, staff, told.notice_id),
        method=told.method,
        given_date=told.given_date,
        expires_date=told.expires_date,
        recipient=named(Organisation, staff, told.recipient_id),
        capacity=told.capacity,
        signatory=told.signatory,
    )


def _person(staff: StaffUser, told: s.PersonTold, key: UUID) -> PersonIn:
    return PersonIn(
        id=key,
        names=tuple(NameIn(**name.dict()) for name in told.names),
        registered_date=told.registered_date,
        sex=told.sex,
        birth_date=told.birth_date,
        birth_precision=told.birth_precision,
        father_name=told.father_name,
        phone=told.phone,
        address=told.address,
        languages=tuple(told.languages),
        area=named(Area, staff, told.area_id),
        office=named(Office, staff, told.office_id),
        programme=named(Programme, staff, told.programme_id),
        papers=tuple(PaperIn(**paper.dict()) for paper in told.papers),
        statuses=tuple(StatusIn(**status.dict()) for status in told.statuses),
        vulnerabilities=tuple(VulnerabilityIn(**v.dict()) for v in told.vulnerabilities),
        consents=tuple(_consent(staff, consent) for consent in told.consents),
    )


@router.post("/persons", response={201: s.RegistrationOut})
def register_person(
    request: StaffRequest, key: IdempotencyKey, told: s.PersonTold
) -> Status[dict[str, object]]:
    """Register a person; possible duplicates are named and stop nobody."""
    staff = request.auth_staff
    result = services.register_person(
        acting_staff=staff,
        person=_person(staff, told, key),
        enquiry=named(Enquiry, staff, told.enquiry_id),
    )
    hints = [
        {
            "person_id": hint.person.pk,
            "registration_no": hint.person.registration_no,
            "display_name": hint.person.display_name,
            "verdict": hint.finding.verdict,
            "probability": round(hint.finding.p, 4),
            "bits": round(hint.finding.bits, 1),
            "parts": [
                {"field": part.field, "fitting": part.fitting, "bits": round(part.bits, 1)}
                for part in hint.finding.parts
            ],
        }
        for hint in result.possible_duplicates
    ]
    if hints:
        reads.note(request, persons=[hint["person_id"] for hint in hints], action="SEARCH")
    return Status(201, {"person": result.person, "possible_duplicates": hints})


@router.post("/persons/{uuid:person_id}/names", response={201: s.NameTold})
def add_name(request: StaffRequest, person_id: UUID, told: s.NameTold) -> Status[object]:
    """Add a name of a known person."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    row = services.add_name(acting_staff=staff, person=person, name=NameIn(**told.dict()))
    return Status(201, row)


@router.post("/persons/{uuid:person_id}/documents", response={201: None})
def record_document(request: StaffRequest, person_id: UUID, told: s.PaperSeen) -> Status[None]:
    """Record a document she shows; its number is never given back."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    values = told.dict()
    seen = values.pop("seen_date")
    services.record_document(
        acting_staff=staff, person=person, paper=PaperIn(**values), seen_date=seen
    )
    return Status(201, None)


@router.post("/persons/{uuid:person_id}/statuses", response={201: s.StatusOut})
def record_status(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: s.StatusTold
) -> Status[LegalStatus]:
    """Record a legal status."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    row = services.record_status(acting_staff=staff, person=person, id=key, **told.dict())
    return Status(201, row)


@router.post("/persons/{uuid:person_id}/vulnerabilities", response={201: s.VulnerabilityOut})
def record_vulnerability(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: s.VulnerabilityTold
) -> Status[Vulnerability]:
    """Record what she tells of her life."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    row = services.record_vulnerability(acting_staff=staff, person=person, id=key, **told.dict())
    return Status(201, row)


@router.post("/persons/{uuid:person_id}/consents", response={201: s.ConsentOut})
def give_consent(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: s.ConsentTold
) -> Status[Consent]:
    """Record that she agreed."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    consent = _consent(staff, told, key)
    return Status(201, services.give_consent(acting_staff=staff, person=person, consent=consent))


@router.post("/consents/{uuid:consent_id}/withdrawal", response={201: s.WithdrawalOut})
def withdraw_consent(
    request: StaffRequest, consent_id: UUID, told: s.WithdrawalTold
) -> Status[ConsentEnding]:
    """Withdraw a consent from a day on."""
    staff = request.auth_staff
    row = Consent._base_manager.select_related("person").filter(
        pk=consent_id, person__in=Person.objects.visible_to(staff)
    )
    consent = row.first()
    if consent is None:
        raise OutOfSight
    ending = services.withdraw_consent(
        acting_staff=staff, consent=consent, withdrawn_date=told.withdrawn_date
    )
    return Status(201, ending)


def _fact(told: s.HouseholdFactTold) -> HouseholdFactIn:
    return HouseholdFactIn(**(told.dict() | {"currency": told.currency or ""}))


@router.post("/households", response={201: s.HouseholdOut})
def register_household(
    request: StaffRequest, key: IdempotencyKey, told: s.HouseholdTold
) -> Status[Household]:
    """Register a household of persons who are registered."""
    staff = request.auth_staff
    members = tuple(
        MemberIn(found(Person, staff, member.person_id), member.role, member.relation)
        for member in told.members
    )
    household = HouseholdIn(
        id=key,
        members=members,
        registered_date=told.registered_date,
        area=named(Area, staff, told.area_id),
        office=named(Office, staff, told.office_id),
        programme=named(Programme, staff, told.programme_id),
        fact=_fact(told.fact) if told.fact else None,
    )
    result = services.register_household(acting_staff=staff, household=household)
    return Status(201, result.household)


@router.get("/households/{uuid:household_id}", response=s.HouseholdOut)
def show_household(request: StaffRequest, household_id: UUID) -> Household:
    """One household."""
    return found(Household, request.auth_staff, household_id)


@router.post("/households/{uuid:household_id}/facts", response={201: s.HouseholdFactOut})
def record_household_fact(
    request: StaffRequest, household_id: UUID, key: IdempotencyKey, told: s.HouseholdFactTold
) -> Status[HouseholdFact]:
    """Record what a household tells of itself."""
    staff = request.auth_staff
    household = found(Household, staff, household_id)
    row = services.record_household_fact(
        acting_staff=staff, household=household, fact=_fact(told), id=key
    )
    return Status(201, row)


@router.post("/households/{uuid:household_id}/head", response={201: s.MembershipOut})
def change_head(request: StaffRequest, household_id: UUID, told: s.HeadTold) -> Status[Membership]:
    """Let another member head a household from a day on."""
    staff = request.auth_staff
    row = services.change_head(
        acting_staff=staff,
        household=found(Household, staff, household_id),
        new_head=found(Person, staff, told.person_id),
        change_date=told.change_date,
        former_head_relation=told.former_head_relation,
    )
    return Status(201, row)


@router.post("/households/{uuid:household_id}/split", response={201: s.HouseholdOut})
def split_household(
    request: StaffRequest, household_id: UUID, told: SplitTold
) -> Status[Household]:
    """Found a new household with some members of one from a day on; both keep their past."""
    staff = request.auth_staff
    household = found(Household, staff, household_id)
    members = [
        MemberIn(found(Person, staff, one.person_id), one.role, one.relation)
        for one in told.members
    ]
    new = services.split_household(
        acting_staff=staff, household=household, members=members, split_date=told.split_date
    )
    return Status(201, new)


@router.get("/enterprises", response=PageOut[s.EnterpriseOut])
def list_enterprises(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Enterprises the caller may see."""
    items, following = page(Enterprise.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/enterprises", response={201: s.EnterpriseOut})
def register_enterprise(
    request: StaffRequest, key: IdempotencyKey, told: s.EnterpriseTold
) -> Status[Enterprise]:
    """Register an enterprise with its owners."""
    staff = request.auth_staff
    values = told.dict(exclude={"owners", "area_id", "office_id", "programme_id"})
    enterprise = EnterpriseIn(
        id=key,
        owners=tuple(
            OwnerIn(found(Person, staff, owner.person_id), owner.share_bps) for owner in told.owners
        ),
        area=named(Area, staff, told.area_id),
        office=named(Office, staff, told.office_id),
        programme=named(Programme, staff, told.programme_id),
        **values,
    )
    return Status(201, services.register_enterprise(acting_staff=staff, enterprise=enterprise))
