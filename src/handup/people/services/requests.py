"""Requests of persons about their own data: recorded, identity checked, answered by the case
holder within the days set; what an authority asks is refused unless the law says otherwise.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Setting, StaffUser
from handup.org.permissions import may, require
from handup.people.models import Person, SubjectRequest
from handup.people.models.labels import REQUEST_STATE
from handup.people.rules import requests as r
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.registration import registration_numbers
from handup.people.services.store import change, insert, refuse_erased

SETTING = "subject_request_days"


class PersonNotNamed(Refusal):
    """Say whose data it is about."""


class AskerNotNamed(Refusal):
    """Write which authority asks."""


class RequestNotThere(Refusal):
    """This request is {state}; that cannot be done with it now."""


class AnswerMissing(Refusal):
    """Write what she is answered."""


class CannotAnswer(Refusal):
    """{name} may not answer this: choose who works with her."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRequestIn:
    """What is asked, by whom where it is not the person herself, and who answers it."""

    kind: r.RequestKind
    received_date: date
    person: Person | None = None
    asker: str = ""
    details: str = ""
    language: str = ""
    handler: StaffUser | None = None
    id: UUID | None = None


def record_subject_request(*, acting_staff: StaffUser, request: SubjectRequestIn) -> SubjectRequest:
    """Record what is asked. An authority's request is stored as refused, and answered so.

    Raises PersonNotNamed, AskerNotNamed, DayToCome, PersonErased, CannotAnswer.
    """
    told, person = request, request.person
    require(acting_staff, "people.record_subject_request")
    if person is not None:
        require(acting_staff, "people.record_subject_request", person)
    known = already_stored(
        SubjectRequest,
        told.id,
        acting_staff,
        kind=told.kind.value,
        received_date=told.received_date,
        person_id=person and person.pk,
        recorded_by=acting_staff,
    )
    if known is not None:
        return known
    _check(told)
    row = _row(told, acting_staff)
    with transaction.atomic():
        insert([row], acting_staff)
        facts: audit.Facts = {"kind": row.kind, "person": str(row.person_id or "")}
        audit.record(acting_staff, "people.record_subject_request", row, facts)
    return row


def _check(told: SubjectRequestIn) -> None:
    authority = told.kind is r.RequestKind.AUTHORITY
    if told.person is None and not authority:
        raise PersonNotNamed(field="person")
    if authority and not told.asker.strip():
        raise AskerNotNamed(field="asker")
    if told.received_date > timezone.localdate():
        raise DayToCome(field="received_date", date=told.received_date)
    refuse_erased(told.person)


def _row(told: SubjectRequestIn, staff: StaffUser) -> SubjectRequest:
    (code,) = registration_numbers(1, SubjectRequest, "D")
    person = told.person
    state = r.first_state(told.kind)
    refused = state is r.RequestState.REFUSED
    row = SubjectRequest(
        id=told.id or new_id(),
        code=code,
        kind=told.kind.value,
        state=state.value,
        person=person,
        programme=person.programme if person else None,
        office=(person.office if person else None) or staff.home_office,
        handler=told.handler or (person.case_officer if person else None) or staff,
        asker=told.asker.strip(),
        details=told.details.strip(),
        language=told.language.strip() or _language_of(person),
        received_date=told.received_date,
        due_date=r.due_date(told.received_date, answer_days()),
        recorded_by=staff,
        closed_date=told.received_date if refused else None,
        closed_by=staff if refused else None,
    )
    if told.handler is not None and not may(told.handler, "people.answer_subject_request", row):
        raise CannotAnswer(field="handler", name=str(told.handler))
    return row


def _language_of(person: Person | None) -> str:
    return str(person.languages[0])[:10] if person is not None and person.languages else ""


def answer_days() -> int:
    """In how many days a request is answered: the setting's number, else thirty."""
    told: Any = Setting.objects.filter(key=SETTING).values_list("value", flat=True).first()
    return told if isinstance(told, int) and not isinstance(told, bool) else r.ANSWER_DAYS


def move(row: SubjectRequest, wanted: r.RequestState, on: date) -> SubjectRequest:
    """Lock a request that is to become something. Raises RequestNotThere, DayToCome, StepBefore."""
    locked = SubjectRequest._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
    kind, state = r.RequestKind(locked.kind), r.RequestState(locked.state)
    if not r.may_become(kind, state, wanted):
        raise RequestNotThere(state=REQUEST_STATE[state])
    if on > timezone.localdate():
        raise DayToCome(field="on", date=on)
    if on < locked.received_date:
        raise StepBefore(field="on", date=on, last=locked.received_date)
    return locked


def identify_asker(
    *, acting_staff: StaffUser, request: SubjectRequest, identity: r.IdentityCheck, on: date
) -> SubjectRequest:
    """Record how it was made sure that she is who she says: nothing is told or done before.

    Raises RequestNotThere, DayToCome, StepBefore.
    """
    require(acting_staff, "people.identify_asker", request)
    with transaction.atomic():
        row = move(request, r.RequestState.IDENTIFIED, on)
        change(
            row,
            acting_staff,
            state=r.RequestState.IDENTIFIED.value,
            identity=identity.value,
            identified_by=acting_staff,
            identified_date=on,
        )
        audit.record(acting_staff, "people.identify_asker", row, {"how": identity.value})
    return row


def answer_request(
    *, acting_staff: StaffUser, request: SubjectRequest, answer: str, on: date
) -> SubjectRequest:
    """Answer her: what she was given, what was corrected, what is not used any more.

    Raises RequestNotThere (her identity is not checked, or it is an erasure), AnswerMissing.
    """
    require(acting_staff, "people.answer_subject_request", request)
    return _close(acting_staff, request, r.RequestState.ANSWERED, answer, on)


def refuse_request(
    *, acting_staff: StaffUser, request: SubjectRequest, answer: str, on: date
) -> SubjectRequest:
    """Refuse it, saying why and where she can complain. Raises RequestNotThere, AnswerMissing."""
    require(acting_staff, "people.answer_subject_request", request)
    return _close(acting_staff, request, r.RequestState.REFUSED, answer, on)


def withdraw_request(
    *, acting_staff: StaffUser, request: SubjectRequest, answer: str, on: date
) -> SubjectRequest:
    """She takes it back. Raises RequestNotThere, AnswerMissing."""
    require(acting_staff, "people.answer_subject_request", request)
    return _close(acting_staff, request, r.RequestState.WITHDRAWN, answer, on)


def _close(
    staff: StaffUser, request: SubjectRequest, state: r.RequestState, answer: str, on: date
) -> SubjectRequest:
    if not answer.strip():
        raise AnswerMissing(field="answer")
    with transaction.atomic():
        row = move(request, state, on)
        change(
            row,
            staff,
            state=state.value,
            answer=answer.strip(),
            closed_date=on,
            closed_by=staff,
        )
        audit.record(staff, "people.answer_subject_request", row, {"to": state.value})
    return row
