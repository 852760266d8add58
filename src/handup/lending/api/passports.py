"""Credit passports through the API."""

from datetime import date
from uuid import UUID

from ninja import Schema, Status

from handup.lending.api.access import router, seen
from handup.lending.api.schemas import Day, Short
from handup.lending.api.terms import Strict
from handup.lending.models import CreditPassport
from handup.lending.services import passports as services
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.people.models import Person
from handup.people.rules.codes import ConsentMethod


class PassportNew(Strict):
    """Her request."""

    requested_date: Day
    requested_how: ConsentMethod
    issued_date: Day
    reference: Short = ""


class PassportOut(Schema):
    """A passport with the text of its code."""

    id: UUID
    person_id: UUID
    address: str
    issued_date: date
    valid_to: date
    code_text: str
    withdrawn_date: date | None


class WithdrawalNew(Strict):
    """The day its owner wishes it withdrawn."""

    withdrawn_date: Day


@router.post("/persons/{uuid:person_id}/passports", response={201: PassportOut})
def issue_passport(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: PassportNew
) -> Status[CreditPassport]:
    """Sign a person's savings and repayments, at her own request."""
    person = seen(Person, request, person_id)
    made = services.issue_passport(
        acting_staff=request.auth_staff, person=person, id=key, **told.dict()
    )
    reads.note(request, persons=[person_id], action="PRINT")
    return Status(201, made)


@router.post("/passports/{uuid:passport_id}/withdrawal", response={201: PassportOut})
def withdraw_passport(
    request: StaffRequest, passport_id: UUID, key: IdempotencyKey, told: WithdrawalNew
) -> Status[CreditPassport]:
    """Withdraw a passport because its owner wishes."""
    row = seen(CreditPassport, request, passport_id)
    reads.note(request, persons=[row.person_id])
    made = services.withdraw_passport(acting_staff=request.auth_staff, passport=row, **told.dict())
    return Status(201, made)
