"""Spoken tests over the API: the questions, what was answered, the sound of an answer."""

from typing import Annotated
from uuid import UUID

from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field

from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.services.files import LARGEST, FileTooLarge
from handup.people.rules.codes import ConsentMethod
from handup.training.api.base import Day, Reason, Title, no_nul, router, seen, who_signs_in
from handup.training.api.schemas import ResultOut, TestOut
from handup.training.models import (
    Cohort,
    Enrolment,
    SpokenAnswer,
    SpokenQuestion,
    Test,
    TestResult,
)
from handup.training.rules.states import TestKind
from handup.training.services import spoken as services
from handup.training.services import spoken_sounds as sounds

Points = Annotated[int, Field(ge=1, le=services.MOST_POINTS)]
Question = Annotated[
    str, Field(min_length=1, max_length=services.MOST_SIGNS), AfterValidator(no_nul)
]
Words = Annotated[str, Field(max_length=services.MOST_ANSWER), AfterValidator(no_nul)]


class QuestionTold(Schema):
    """One question and its points."""

    text: Question
    most_points: Points = 5


class SpokenTestTold(Schema):
    """A test that is asked aloud; its points are those of its questions together."""

    kind: TestKind
    title: Title
    test_date: Day
    questions: Annotated[list[QuestionTold], Field(max_length=services.MOST_QUESTIONS)]
    pair: Annotated[Reason, Field(max_length=40)] = ""


class QuestionOut(Schema):
    """A question of a spoken test."""

    id: UUID
    number: int
    text: str
    most_points: int


class QuestionSoundOut(Schema):
    """A question and the file of its recorded sound, null where none is kept."""

    id: UUID
    number: int
    sound_id: UUID | None


class AnswerTold(Schema):
    """What she answered to the question of this number, and the points for it."""

    number: Annotated[int, Field(ge=1, le=services.MOST_QUESTIONS)]
    points: Annotated[int, Field(ge=0, le=services.MOST_POINTS)]
    answer: Words = ""


class SpokenTold(Schema):
    """One sitting: every question; `heard_by`: the sign-in name of who heard it, else the sender
    did."""

    enrolment_id: UUID
    sat_date: Day
    answers: Annotated[list[AnswerTold], Field(max_length=services.MOST_QUESTIONS)]
    heard_by: Annotated[str, Field(max_length=150), AfterValidator(no_nul)] = ""


class AnswerOut(Schema):
    """An answer, its points, who heard it, and whether its sound is kept (`sound_id`)."""

    id: UUID
    question_id: UUID
    points: int
    answer: str
    heard_by_id: UUID
    sound_id: UUID | None
    sound_agreed_how: str


class SoundTold(Schema):
    """How she said yes to being recorded."""

    agreed_how: ConsentMethod


@router.post("/cohorts/{uuid:cohort_id}/spoken-tests", response={201: TestOut})
def set_spoken_test(
    request: StaffRequest, cohort_id: UUID, key: IdempotencyKey, told: SpokenTestTold
) -> Status[Test]:
    """Set a test that is asked aloud."""
    row = services.set_spoken_test(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        kind=told.kind,
        title=told.title,
        questions=[services.QuestionIn(one.text, one.most_points) for one in told.questions],
        test_date=told.test_date,
        pair=told.pair,
        id=key,
    )
    return Status(201, row)


@router.get("/tests/{uuid:test_id}/questions", response=list[QuestionOut])
def list_questions(request: StaffRequest, test_id: UUID) -> list[SpokenQuestion]:
    """The questions of a spoken test, in their order."""
    return list(seen(Test, request.auth_staff, test_id).questions.all())


@router.post("/questions/{uuid:question_id}/sound", response={201: QuestionSoundOut})
def record_question(
    request: StaffRequest, question_id: UUID, file: File[UploadedFile]
) -> Status[SpokenQuestion]:
    """Keep the recorded sound of a question; another takes its place, the same again is the
    same."""
    if (file.size or 0) > LARGEST:
        raise FileTooLarge(field="file", megabytes=LARGEST // 1024 // 1024)
    row = sounds.record_question(
        acting_staff=request.auth_staff,
        question=seen(SpokenQuestion, request.auth_staff, question_id),
        content=file.read(),
        file_name=file.name or "",
    )
    return Status(201, row)


@router.post("/questions/{uuid:question_id}/sound/away", response=QuestionSoundOut)
def take_question_away(request: StaffRequest, question_id: UUID) -> SpokenQuestion:
    """Take the recorded sound of a question away."""
    row = seen(SpokenQuestion, request.auth_staff, question_id)
    return sounds.take_question_away(acting_staff=request.auth_staff, question=row)


@router.post("/tests/{uuid:test_id}/sittings", response={201: ResultOut})
def record_spoken(
    request: StaffRequest, test_id: UUID, key: IdempotencyKey, told: SpokenTold
) -> Status[TestResult]:
    """Keep one sitting of a spoken test, question by question."""
    staff = request.auth_staff
    test = seen(Test, staff, test_id)
    enrolment = seen(Enrolment, staff, told.enrolment_id)
    services.require_to_record(staff, test)
    row = services.record_spoken(
        acting_staff=staff,
        test=test,
        enrolment=enrolment,
        sat_date=told.sat_date,
        answers=[services.AnswerIn(one.number, one.points, one.answer) for one in told.answers],
        heard_by=who_signs_in(told.heard_by),
        id=key,
    )
    reads.note(request, [enrolment.person_id])
    return Status(201, row)


@router.get("/sittings/{uuid:result_id}/answers", response=list[AnswerOut])
def list_answers(request: StaffRequest, result_id: UUID) -> list[SpokenAnswer]:
    """What was answered at one sitting."""
    staff = request.auth_staff
    result = seen(TestResult, staff, result_id)
    rows = SpokenAnswer.objects.visible_to(staff).filter(result=result)
    reads.note(request, [result.enrolment.person_id])
    return list(rows.order_by("question__number"))


@router.post("/answers/{uuid:answer_id}/sound", response={201: AnswerOut})
def keep_sound(
    request: StaffRequest,
    answer_id: UUID,
    told: Form[SoundTold],
    file: File[UploadedFile],
) -> Status[SpokenAnswer]:
    """Keep the recorded sound of an answer, because she said yes. The same again is the same."""
    answer = seen(SpokenAnswer, request.auth_staff, answer_id)
    if (file.size or 0) > LARGEST:
        raise FileTooLarge(field="file", megabytes=LARGEST // 1024 // 1024)
    row = services.keep_sound(
        acting_staff=request.auth_staff,
        answer=answer,
        content=file.read(),
        file_name=file.name or "",
        agreed_how=told.agreed_how,
    )
    reads.note(request, [answer.result.enrolment.person_id])
    return Status(201, row)


@router.post("/answers/{uuid:answer_id}/sound/away", response=AnswerOut)
def take_sound_away(request: StaffRequest, answer_id: UUID) -> SpokenAnswer:
    """Destroy the recorded sound of an answer."""
    answer = seen(SpokenAnswer, request.auth_staff, answer_id)
    reads.note(request, [answer.result.enrolment.person_id])
    return services.take_sound_away(acting_staff=request.auth_staff, answer=answer)
