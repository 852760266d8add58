"""Spoken tests: setting the questions, keeping what was answered, and the sound of an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.org.services.files import (
    UnknownFileKind,
    destroy_file,
    kind_of,
    store_file,
    sum_of,
)
from handup.org.web.money import format_day
from handup.people.rules.codes import ConsentMethod
from handup.training.models import (
    Cohort,
    Enrolment,
    SpokenAnswer,
    SpokenQuestion,
    Test,
    TestResult,
)
from handup.training.rules.states import TestForm, TestKind
from handup.training.services.tests_sat import record_test, set_test

MOST_QUESTIONS, MOST_POINTS, MOST_SIGNS = 50, 100, 300
MOST_ANSWER = 2_000


class QuestionsMissing(Refusal):
    """Write the questions, one a line."""


class TooManyQuestions(Refusal):
    """A spoken test has at most {most} questions."""


class QuestionUnreadable(Refusal):
    """Question {number}: write what is asked in {signs} letters at most, and 1 to {most} points."""


class NotSpoken(Refusal):
    """This test has no questions that are asked aloud."""


class AnswersMissing(Refusal):
    """Write the points of every question; where she could not answer, 0."""


class PointsOfQuestion(Refusal):
    """Question {number} has {limit} points."""


class AnswerTooLong(Refusal):
    """Question {number}: the answer has at most {most} letters."""


class SatAhead(Refusal):
    """This day has not come yet."""


class NotASound(Refusal):
    """Recorded sound is needed: OGG, WebM, MP3, MP4, AMR or WAV."""


class NoYesToRecording(Refusal):
    """Ask her first whether she may be recorded, and write down how she said yes."""


class SoundThere(Refusal):
    """The sound of this answer is kept already."""


class NoSoundThere(Refusal):
    """No sound of this answer is kept."""


@dataclass(frozen=True, slots=True)
class QuestionIn:
    """One question and its points."""

    text: str
    most_points: int


@dataclass(frozen=True, slots=True)
class AnswerIn:
    """What she answered to the question of a number, and the points for it."""

    number: int
    points: int
    answer: str = ""


def set_spoken_test(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    kind: TestKind,
    title: str,
    questions: Sequence[QuestionIn],
    test_date: date,
    pair: str = "",
    id: UUID | None = None,
) -> Test:
    """Set a test that is asked aloud, one question at a time; its points are those of them all.

    Raises CohortClosed, QuestionsMissing, TooManyQuestions, QuestionUnreadable, SameIdOtherContent.
    """
    if not questions:
        raise QuestionsMissing(field="questions")
    if len(questions) > MOST_QUESTIONS:
        raise TooManyQuestions(field="questions", most=MOST_QUESTIONS)
    told = [QuestionIn(" ".join(one.text.split()), one.most_points) for one in questions]
    for number, one in enumerate(told, start=1):
        if not 0 < len(one.text) <= MOST_SIGNS or not 1 <= one.most_points <= MOST_POINTS:
            raise QuestionUnreadable(
                field="questions", number=number, signs=MOST_SIGNS, most=MOST_POINTS
            )
    with transaction.atomic():
        row = set_test(
            acting_staff=acting_staff,
            cohort=cohort,
            kind=kind,
            title=title,
            max_score=sum(one.most_points for one in told),
            test_date=test_date,
            form=TestForm.ORAL,
            pair=pair,
            id=id,
        )
        held = [QuestionIn(*one) for one in row.questions.values_list("text", "most_points")]
        if held and held != told:
            raise SameIdOtherContent(field="questions")
        if not held:
            SpokenQuestion.objects.bulk_create(
                SpokenQuestion(test=row, number=number, text=one.text, most_points=one.most_points)
                for number, one in enumerate(told, start=1)
            )
    return row


def require_to_record(staff: StaffUser, test: Test) -> None:
    """Raise NotAllowed where this staff member records no sittings of this test."""
    require(staff, "training.record_test", test.cohort)


def record_spoken(
    *,
    acting_staff: StaffUser,
    test: Test,
    enrolment: Enrolment,
    sat_date: date,
    answers: Sequence[AnswerIn],
    heard_by: StaffUser | None = None,
    id: UUID | None = None,
) -> TestResult:
    """Keep one sitting of a spoken test: every question with its points, what she answered where it
    was written down, and who heard it (whoever records it, where nobody else is named).

    Raises NotSpoken, SatAhead, AnswersMissing, PointsOfQuestion, AnswerTooLong, CohortClosed,
    WrongCohort, SameIdOtherContent.
    """
    require_to_record(acting_staff, test)
    questions = list(test.questions.all())
    if not questions:
        raise NotSpoken
    if sat_date > timezone.localdate():
        raise SatAhead(field="sat_date")
    told = {one.number: one for one in answers}
    if set(told) != {one.number for one in questions} or len(told) != len(answers):
        raise AnswersMissing(field="answers")
    for question in questions:
        _refuse_answer(question, told[question.number])
    hearer = heard_by or acting_staff
    with transaction.atomic():
        row = record_test(
            acting_staff=acting_staff,
            test=test,
            enrolment=enrolment,
            score=sum(one.points for one in answers),
            sat_date=sat_date,
            id=id,
        )
        new = [
            SpokenAnswer(
                id=new_id(),
                result=row,
                question=question,
                points=told[question.number].points,
                answer=told[question.number].answer.strip(),
                heard_by=hearer,
            )
            for question in questions
        ]
        if held := list(row.answers.order_by("question__number")):
            if [_said(one) for one in held] != [_said(one) for one in new]:
                raise SameIdOtherContent(field="answers")
            return row
        SpokenAnswer.objects.bulk_create(new)
    return row


def _refuse_answer(question: SpokenQuestion, told: AnswerIn) -> None:
    if not 0 <= told.points <= question.most_points:
        raise PointsOfQuestion(
            field=f"points_{question.number}", number=question.number, limit=question.most_points
        )
    if len(told.answer) > MOST_ANSWER:
        raise AnswerTooLong(
            field=f"answer_{question.number}", number=question.number, most=MOST_ANSWER
        )


def _said(row: SpokenAnswer) -> tuple[object, ...]:
    return (row.question_id, row.points, row.answer, row.heard_by_id)


def keep_sound(
    *,
    acting_staff: StaffUser,
    answer: SpokenAnswer,
    content: bytes,
    agreed_how: ConsentMethod | None,
    file_name: str = "",
) -> SpokenAnswer:
    """Keep the recorded sound of an answer, sealed, because she said yes to being recorded. The
    same sound again changes nothing.

    Raises NoYesToRecording, NotASound, SoundThere, and what files are refused for.
    """
    require(acting_staff, "training.record_test", answer)
    if agreed_how is None:
        raise NoYesToRecording(field="agreed_how")
    try:
        known = kind_of(content, sound=True)
    except UnknownFileKind:
        known = ""
    if not known.startswith("audio/"):
        raise NotASound(field="sound")
    require_clean(content)
    with transaction.atomic():
        row = SpokenAnswer.objects.select_for_update().get(pk=answer.pk)
        if row.sound is not None:
            if row.sound.sha256 == sum_of(content, DataClass.S):
                return row
            raise SoundThere(field="sound")
        row.sound = store_file(
            acting_staff=acting_staff,
            owner=row,
            name=file_name or "sound",
            content=content,
            klass=DataClass.S,
            sound=True,
        )
        row.sound_agreed_how = agreed_how.value
        row.save(update_fields=["sound", "sound_agreed_how"])
        audit.record(acting_staff, "training.keep_sound", row)
    return row


def take_sound_away(*, acting_staff: StaffUser, answer: SpokenAnswer) -> SpokenAnswer:
    """Destroy the sound of an answer, as she asks for it; points and words stay. Raises
    NoSoundThere.
    """
    require(acting_staff, "training.record_test", answer)
    with transaction.atomic():
        row = SpokenAnswer.objects.select_for_update().get(pk=answer.pk)
        file = row.sound
        if file is None:
            raise NoSoundThere
        row.sound, row.sound_agreed_how = None, ""
        row.save(update_fields=["sound", "sound_agreed_how"])
        destroy_file(file)
        audit.record(acting_staff, "training.take_sound_away", row)
    return row


def forget_answers(person_id: UUID) -> None:
    """Blank what a person answered and destroy the sound of it; the points stay in the figures."""
    rows = SpokenAnswer._base_manager.filter(result__enrolment__person_id=person_id)
    for row in rows.exclude(sound=None).select_related("sound"):
        if row.sound is not None:
            file, row.sound = row.sound, None
            row.save(update_fields=["sound"])
            destroy_file(file)
    rows.update(answer="", sound_agreed_how="")


def answered(person_id: UUID) -> dict[str, list[Mapping[str, str]]]:
    """What a person answered in spoken tests, for her own request; nothing where she sat none."""
    rows = SpokenAnswer._base_manager.filter(result__enrolment__person_id=person_id)
    rows = rows.select_related("question__test", "result", "heard_by")
    told: list[Mapping[str, str]] = [
        {
            str(_("Test")): str(row.question.test),
            str(_("Question")): row.question.text,
            str(_("What she answered")): row.answer,
            str(_("Points")): str(row.points),
            str(_("Sat on")): format_day(row.result.sat_date),
            str(_("Heard by")): str(row.heard_by),
            str(_("Recorded sound")): str(_("kept")) if row.sound_id else "",
        }
        for row in rows.order_by("result__sat_date", "result", "question__number")
    ]
    return {str(_("Answers in spoken tests")): told} if told else {}
