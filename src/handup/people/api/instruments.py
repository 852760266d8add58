"""Questionnaires over the programme interface: which are in use, asking one, what it came to."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.people.api.schemas import Code, Day, Line, found
from handup.people.models import Instrument, InstrumentAnswer, Person
from handup.people.queries.merging import all_ids
from handup.people.rules.instruments import Instrument as InstrumentCode
from handup.people.services import instruments

router = Router()
Answer = Annotated[Text, Field(max_length=20)]
Wording = Annotated[Text, Field(max_length=500)]


class InstrumentTold(Schema):
    """The next version of a published questionnaire."""

    code: InstrumentCode
    title: Annotated[Line, Field(min_length=1)]
    language: Annotated[Text, Field(max_length=10)] = ""
    wording: dict[Code, Wording] = {}
    classes: dict[Code, Annotated[list[Code], Field(max_length=30)]] | None = None
    published_date: Day


class InstrumentOut(Schema):
    """One version of a questionnaire, with its items and rules."""

    id: UUID
    code: str
    version: int
    title: str
    language: str
    structure: dict[str, object]
    wording: dict[str, str]
    published_date: date


class AnswersTold(Schema):
    """A code for each item; what is left out is missing."""

    instrument_id: UUID
    asked_date: Day
    answers: dict[Code, Answer | None]


class OutcomeOut(Schema):
    """What answers came to."""

    score: str | None
    result: str | None
    flags: list[str]
    missing: list[str]
    review: list[str]


class AnswersOut(Schema):
    """What was answered on a day, and what it came to; only for whoever asks questionnaires."""

    id: UUID
    instrument_id: UUID
    person_id: UUID
    household_id: UUID | None
    asked_date: date
    outcome: OutcomeOut | None

    @staticmethod
    def resolve_outcome(row: InstrumentAnswer) -> dict[str, object] | None:
        """Nothing is left of what an erased person answered."""
        return row.outcome if isinstance(row.outcome, dict) else None


@router.get("/instruments", response=PageOut[InstrumentOut])
def list_instruments(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every version of every questionnaire."""
    rows = Instrument.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/instruments", response={201: InstrumentOut})
def publish_instrument(
    request: StaffRequest, key: IdempotencyKey, told: InstrumentTold
) -> Status[Instrument]:
    """Publish the next version of a questionnaire."""
    row = instruments.publish_instrument(
        acting_staff=request.auth_staff,
        code=told.code.value,
        title=told.title,
        language=told.language,
        wording=told.wording,
        classes=told.classes,
        published_date=told.published_date,
        id=key,
    )
    return Status(201, row)


@router.post("/persons/{uuid:person_id}/instrument-answers", response={201: AnswersOut})
def ask_instrument(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: AnswersTold
) -> Status[InstrumentAnswer]:
    """Keep what a person answered, for herself or for her household."""
    staff = request.auth_staff
    row = instruments.ask_instrument(
        acting_staff=staff,
        instrument=found(Instrument, staff, told.instrument_id),
        person=found(Person, staff, person_id),
        answers=dict(told.answers),
        asked_date=told.asked_date,
        id=key,
    )
    return Status(201, row)


@router.get("/persons/{uuid:person_id}/instrument-answers", response=PageOut[AnswersOut])
def list_answers(
    request: StaffRequest, person_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What a person answered to questionnaires."""
    staff = request.auth_staff
    person = found(Person, staff, person_id)
    rows = InstrumentAnswer.objects.visible_to(staff).filter(person__in=all_ids(person.pk))
    items, following = page(rows, after, limit)
    reads.note(request, persons=[person.pk], action="VIEW", highest="S")
    return {"items": items, "next": following}
