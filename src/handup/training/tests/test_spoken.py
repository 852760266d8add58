"""Spoken tests: questions one by one, what was answered, who heard it, sound with consent."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.services.files import UnknownFileKind, kind_of, read_file
from handup.org.tests.standing import standing
from handup.people.rules.codes import ConsentMethod
from handup.training import sections, services
from handup.training.models import Cohort, Enrolment, SpokenAnswer, Test, TestResult
from handup.training.rules.states import TestKind
from handup.training.services import spoken as s
from handup.training.services import spoken_sounds as sounds
from handup.training.tests.conftest import START, member_of_staff
from handup.training.tests.test_api import Caller
from handup.training.tests.test_hidden_in_training import hide

QUESTIONS = [s.QuestionIn("What is a cost  price?", 3), s.QuestionIn("Who are your buyers?", 2)]
TOLD = [s.AnswerIn(1, 2, "Flour and wood"), s.AnswerIn(2, 2)]
OGG = b"OggS\x00\x02" + b"\x07" * 200


@standing
def spoken(cohort: Cohort, officer: StaffUser) -> Test:
    return s.set_spoken_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        title="Asked aloud",
        questions=QUESTIONS,
        test_date=START,
    )


@standing
def sat(spoken: Test, enrolled: list[Enrolment], officer: StaffUser) -> TestResult:
    return ask(officer, spoken, enrolled[0])


def ask(staff: StaffUser, test: Test, who: Enrolment, **changed: Any) -> TestResult:
    told: dict[str, Any] = {"sat_date": START, "answers": TOLD, **changed}
    return s.record_spoken(acting_staff=staff, test=test, enrolment=who, **told)


def keep(staff: StaffUser, answer: SpokenAnswer, content: bytes = OGG) -> SpokenAnswer:
    return s.keep_sound(
        acting_staff=staff, answer=answer, content=content, agreed_how=ConsentMethod.VOICE
    )


def test_each_answer_is_kept_with_its_points_and_who_heard_it(
    spoken: Test, enrolled: list[Enrolment], officer: StaffUser, second: StaffUser
) -> None:
    assert (spoken.form, spoken.max_score) == ("ORAL", 5)
    key = new_id()
    row = ask(officer, spoken, enrolled[0], heard_by=second, id=key)
    assert (row.score, row.recorded_by) == (4, officer)
    first, last = row.answers.all()
    assert (first.question.text, first.points, first.answer, first.heard_by) == (
        "What is a cost price?",
        2,
        "Flour and wood",
        second,
    )
    assert (last.points, last.answer) == (2, "")
    assert ask(officer, spoken, enrolled[0], heard_by=second, id=key) == row
    other = [s.AnswerIn(1, 2, "Flour"), s.AnswerIn(2, 2)]
    with pytest.raises(SameIdOtherContent):
        ask(officer, spoken, enrolled[0], heard_by=second, id=key, answers=other)
    assert SpokenAnswer.objects.count() == 2


def test_the_sitting_counts_as_any_test_does(
    cohort: Cohort, spoken: Test, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    """Four of five points pass at 60 percent, two do not."""
    for who, points in ((enrolled[0], 2), (enrolled[1], 0)):
        ask(officer, spoken, who, answers=[s.AnswerIn(1, points), s.AnswerIn(2, 2)])
    best = {row.enrolment_id: row.score for row in TestResult.objects.filter(test=spoken)}
    assert best == {enrolled[0].pk: 4, enrolled[1].pk: 2}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"answers": TOLD[:1]}, s.AnswersMissing),
        ({"answers": [*TOLD, s.AnswerIn(2, 1)]}, s.AnswersMissing),
        ({"answers": [s.AnswerIn(1, 4), s.AnswerIn(2, 2)]}, s.PointsOfQuestion),
        ({"answers": [s.AnswerIn(1, -1), s.AnswerIn(2, 2)]}, s.PointsOfQuestion),
        ({"answers": [s.AnswerIn(1, 1, "x" * 2001), s.AnswerIn(2, 2)]}, s.AnswerTooLong),
        ({"sat_date": timezone.localdate() + timedelta(days=1)}, s.SatAhead),
    ],
)
def test_a_sitting_that_cannot_be_is_refused_and_nothing_is_kept(
    spoken: Test,
    enrolled: list[Enrolment],
    officer: StaffUser,
    changed: dict[str, Any],
    refusal: Any,
) -> None:
    with pytest.raises(refusal):
        ask(officer, spoken, enrolled[0], **changed)
    assert not TestResult.objects.exists()


def test_who_may_not_and_a_test_without_questions(
    cohort: Cohort, spoken: Test, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        ask(member_of_staff("reader", Role.ME_OFFICER), spoken, enrolled[0])
    plain = services.set_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.PRE,
        title="On paper",
        max_score=5,
        test_date=START,
    )
    with pytest.raises(s.NotSpoken):
        ask(officer, plain, enrolled[0])


@pytest.mark.parametrize(
    ("questions", "refusal"),
    [
        ([], s.QuestionsMissing),
        ([s.QuestionIn("Why?", 1)] * 51, s.TooManyQuestions),
        ([s.QuestionIn(" ", 1)], s.QuestionUnreadable),
        ([s.QuestionIn("Why?", 0)], s.QuestionUnreadable),
        ([s.QuestionIn("Why?", 101)], s.QuestionUnreadable),
        ([s.QuestionIn("w" * 301, 1)], s.QuestionUnreadable),
    ],
)
def test_questions_nobody_can_ask_are_refused(
    cohort: Cohort, officer: StaffUser, questions: list[s.QuestionIn], refusal: Any
) -> None:
    with pytest.raises(refusal):
        s.set_spoken_test(
            acting_staff=officer,
            cohort=cohort,
            kind=TestKind.POST,
            title="Asked aloud",
            questions=questions,
            test_date=START,
        )
    assert not Test.objects.exists()


def test_sound_is_kept_sealed_only_with_her_yes_and_taken_away_when_she_asks(
    sat: TestResult, officer: StaffUser
) -> None:
    answer = sat.answers.get(question__number=1)
    with pytest.raises(s.NoYesToRecording):
        s.keep_sound(acting_staff=officer, answer=answer, content=OGG, agreed_how=None)
    for wrong in (b"", b"just words", b"\x89PNG\r\n\x1a\n" + b"\x01" * 50):
        with pytest.raises(s.NotASound):
            keep(officer, answer, wrong)
    assert not StoredFile.objects.exists()
    row = keep(officer, answer)
    assert row.sound is not None
    assert (row.sound.content_type, row.sound.klass) == ("audio/ogg", "S")
    assert row.sound.sealed_with
    assert read_file(row.sound) == OGG
    assert keep(officer, answer).sound_id == row.sound_id, "the same again is the same"
    with pytest.raises(s.SoundThere):
        keep(officer, answer, OGG + b"more")
    row = s.take_sound_away(acting_staff=officer, answer=row)
    assert (row.sound, row.sound_agreed_how, StoredFile.objects.count()) == (None, "", 0)
    with pytest.raises(s.NoSoundThere):
        s.take_sound_away(acting_staff=officer, answer=row)


def test_only_who_asks_for_sound_takes_it() -> None:
    for start, kind in (
        (b"OggS", "audio/ogg"),
        (b"\x1a\x45\xdf\xa3", "audio/webm"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"RIFF\x24\x00\x00\x00WAVE", "audio/wav"),
        (b"#!AMR\n\x00", "audio/amr"),
    ):
        content = start + b"\x00\xff" * 20
        assert kind_of(content, sound=True) == kind
        with pytest.raises(UnknownFileKind):
            kind_of(content)


def test_what_she_answered_is_told_to_her_and_blanked_when_she_is_forgotten(
    sat: TestResult, officer: StaffUser
) -> None:
    keep(officer, sat.answers.get(question__number=1))
    person = sat.enrolment.person_id
    (told, _other) = sections.told_of(person)["Answers in spoken tests"]
    assert (told["What she answered"], told["Recorded sound"]) == ("Flour and wood", "kept")
    sections.erase(person)
    assert not StoredFile.objects.exists()
    assert {(row.answer, row.sound_id) for row in sat.answers.all()} == {("", None)}
    assert [row.points for row in sat.answers.all()] == [2, 2]


def test_it_goes_the_way_of_its_pages(
    cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser, client: Client
) -> None:
    client.force_login(officer)
    page = reverse("training:spoken_new", args=[cohort.pk])
    assert page in client.get(reverse("training:cohort_detail", args=[cohort.pk])).content.decode()
    told = {"title": "Aloud", "kind": "POST", "test_date": START.isoformat()}
    refused = client.post(page, {**told, "questions": "What is profit?; many"})
    assert "is no number of points" in refused.content.decode()
    done = client.post(page, {**told, "questions": "What is profit?; 3\n\nWho buys?"})
    test = Test.objects.get()
    assert done["Location"] == reverse("training:spoken", args=[test.pk])
    assert list(test.questions.values_list("number", "text", "most_points")) == [
        (1, "What is profit?", 3),
        (2, "Who buys?", 5),
    ]
    asking = reverse("training:spoken_ask", args=[test.pk])
    assert enrolled[0].person.display_name in client.get(asking).content.decode()
    sitting = {
        "enrolment": str(enrolled[0].pk),
        "sat_date": START.isoformat(),
        "points_1": "3",
        "answer_1": "What is left",
        "points_2": "0",
    }
    late = client.post(asking, {**sitting, "points_1": "4"})
    assert (late.status_code, TestResult.objects.count()) == (422, 0)
    client.post(asking, sitting)
    row = TestResult.objects.get()
    assert row.score == 3
    shown = reverse("training:sitting", args=[row.pk])
    assert "What is left" in client.get(shown).content.decode()
    answer = row.answers.get(question__number=1)
    sound = SimpleUploadedFile("one.ogg", OGG)
    keeping = reverse("training:sound_keep", args=[answer.pk])
    assert client.post(keeping, {"agreed_how": "", "sound": sound}).status_code == 422
    sound.seek(0)
    assert client.post(keeping, {"agreed_how": "VOICE", "sound": sound}).status_code == 302
    answer.refresh_from_db()
    heard = client.get(reverse("org:file", args=[answer.sound_id]))
    assert heard.content == OGG
    assert reverse("training:sound_away", args=[answer.pk]) in client.get(shown).content.decode()
    client.post(reverse("training:sound_away", args=[answer.pk]))
    assert not StoredFile.objects.exists()


def test_one_question_after_the_other_is_asked_on_plain_pages_and_nothing_typed_is_lost(
    spoken: Test, enrolled: list[Enrolment], officer: StaffUser, client: Client
) -> None:
    client.force_login(officer)
    asking = reverse("training:spoken_ask", args=[spoken.pk])
    first = client.get(asking).content.decode()
    assert "What is a cost price?" not in first
    told = {"_step": "0", "_new_id": str(new_id()), "sat_date": START.isoformat()}
    nobody = client.post(asking, told)
    assert (nobody.status_code, "What is a cost price?" in nobody.content.decode()) == (422, False)
    told["enrolment"] = str(enrolled[0].pk)
    one = client.post(asking, told).content.decode()
    assert "What is a cost price?" in one
    assert "Question 1 of 2" in one
    assert "Who are your buyers?" not in one
    told |= {"_step": "1", "points_1": "4", "answer_1": "Flour & wood"}
    assert client.post(asking, told).status_code == 422
    told["points_1"] = "3"
    two = client.post(asking, told).content.decode()
    assert "Who are your buyers?" in two
    assert 'value="Flour &amp; wood"' in two, "what was typed travels with the page"
    back = client.post(asking, {**told, "_step": "2", "_back": "1"})
    assert (back.status_code, "Flour &amp; wood" in back.content.decode()) == (200, True)
    assert client.post(asking, {**told, "_step": "2"}).status_code == 422
    assert not TestResult.objects.exists()
    for _turn in range(2):
        client.post(asking, {**told, "_step": "2", "points_2": "1"})
    row = TestResult.objects.get()
    assert (row.score, row.answers.get(question__number=1).answer) == (4, "Flour & wood")


def test_a_question_is_recorded_small_enough_for_phones_and_taken_away(
    spoken: Test, officer: StaffUser, client: Client
) -> None:
    question = spoken.questions.get(number=1)
    for wrong in (b"", b"just words", b"#!AMR\n" + b"\x01" * 50):
        with pytest.raises(sounds.NotPlayed):
            sounds.record_question(acting_staff=officer, question=question, content=wrong)
    with pytest.raises(sounds.SoundTooLong):
        sounds.record_question(
            acting_staff=officer, question=question, content=OGG + bytes(sounds.QUESTION_MOST)
        )
    with pytest.raises(NotAllowed):
        sounds.record_question(
            acting_staff=member_of_staff("reader", Role.ME_OFFICER), question=question, content=OGG
        )
    assert not StoredFile.objects.exists()
    client.force_login(officer)
    page = reverse("training:spoken", args=[spoken.pk])
    keeping = reverse("training:question_sound_keep", args=[question.pk])
    assert keeping in client.get(page).content.decode()
    for content in (OGG, OGG, OGG + b"\x01"):
        sent = {"sound": SimpleUploadedFile("one.ogg", content)}
        assert client.post(keeping, sent)["Location"] == page
    question.refresh_from_db()
    assert StoredFile.objects.get().pk == question.sound_id, "the new one in the place of the old"
    heard = client.get(reverse("org:file", args=[question.sound_id]))
    assert heard.content == OGG + b"\x01"
    away = reverse("training:question_sound_away", args=[question.pk])
    assert away in client.get(page).content.decode()
    client.post(away)
    assert not StoredFile.objects.exists()
    with pytest.raises(s.NoSoundThere):
        sounds.take_question_away(acting_staff=officer, question=question)


def test_nobody_hears_of_whoever_is_hidden(
    sat: TestResult, spoken: Test, officer: StaffUser, client: Client
) -> None:
    answer = keep(officer, sat.answers.get(question__number=1))
    hide(sat.enrolment.person)
    client.force_login(officer)
    name = sat.enrolment.person.display_name
    for page in ("spoken", "spoken_ask"):
        shown = client.get(reverse(f"training:{page}", args=[spoken.pk]))
        assert name not in shown.content.decode()
    for page, pk in (("sitting", sat.pk), ("sound_keep", answer.pk), ("sound_away", answer.pk)):
        assert client.get(reverse(f"training:{page}", args=[pk])).status_code == 404
    assert client.get(reverse("org:file", args=[answer.sound_id])).status_code == 404


def test_a_device_sends_it_once(
    cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    caller, key = Caller(officer), new_id()
    status, test = caller.post(
        f"/cohorts/{cohort.pk}/spoken-tests",
        kind="POST",
        title="Aloud",
        test_date=date(2026, 3, 3),
        questions=[{"text": "What is profit?", "most_points": 3}],
    )
    assert status == 201, test
    assert caller.get(f"/tests/{test['id']}/questions")[1][0]["text"] == "What is profit?"
    told = {
        "enrolment_id": enrolled[0].pk,
        "sat_date": date(2026, 3, 3),
        "answers": [{"number": 1, "points": 2, "answer": "What is left"}],
    }
    for _turn in range(2):
        status, sitting = caller.post(f"/tests/{test['id']}/sittings", key, **told)
        assert (status, sitting["score"]) == (201, 2), sitting
    assert SpokenAnswer.objects.count() == 1
    (answer,) = caller.get(f"/sittings/{sitting['id']}/answers")[1]
    assert (answer["answer"], answer["sound_id"]) == ("What is left", None)
    sent = caller.client.post(
        f"/api/v1/training/answers/{answer['id']}/sound",
        {"agreed_how": "SIGNATURE", "file": SimpleUploadedFile("one.ogg", OGG)},
        headers={"Authorization": f"Bearer {caller.token}"},
    )
    assert sent.status_code == 201, sent.content
    status, away = caller.post(f"/answers/{answer['id']}/sound/away")
    assert (status, away["sound_id"]) == (200, None)
