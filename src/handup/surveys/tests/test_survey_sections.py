"""What surveys adds to a person's page, to merging, to her own request, and what verify proves."""

from datetime import timedelta

import pytest
from django.test import TestCase
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.classes import DataClass
from handup.org.models import StaffUser, StoredFile
from handup.org.services.files import path_of, store_file
from handup.org.verify import run_checks
from handup.people import merging, sections, subject
from handup.surveys import sections as own
from handup.surveys import services
from handup.surveys.models import (
    Answer,
    Attachment,
    Case,
    Question,
    QuestionnaireVersion,
    Submission,
    UnplacedAnswers,
)
from handup.surveys.queries import flow_of_cases, paired_subjects
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.tests.conftest import MakePerson, answers, interview


def test_a_person_page_shows_her_rounds_to_who_may_see(
    cases: list[Case], interviewer: StaffUser, outsider: StaffUser
) -> None:
    person_id = cases[0].person_id
    assert person_id is not None
    assert own.record_tables in sections.record_sections
    (table,) = own.record_tables(interviewer, person_id)
    assert [row.pk for row in table.rows] == [cases[0].pk]
    assert own.record_tables(outsider, person_id) == []


def test_two_persons_merged_after_both_were_asked_leave_one_accepted_set(
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
    person: MakePerson,
) -> None:
    rows = services.record_submissions(
        acting_staff=interviewer, items=[interview(case, version) for case in cases[:2]]
    )
    services.accept_submissions(acting_staff=officer, submissions=rows)
    Submission.objects.filter(pk=rows[1].pk).update(
        received_at=timezone.now() + timedelta(minutes=5)
    )
    first, second = cases[0].person_id, cases[1].person_id
    assert first is not None
    assert second is not None
    assert own.move_rows in merging.on_merge
    merge = merging.Merge(first, second, timezone.localdate(), officer.pk)
    own.move_rows(merge)
    assert (merge.moved, merge.looks) == ({}, ["SAME_ROUND"])
    assert [told["id"] for told in merge.changes] == [str(rows[1].pk), str(cases[1].pk)]
    states = [Submission.objects.get(pk=row.pk).state for row in rows]
    assert states == [SubmissionState.ACCEPTED, SubmissionState.SET_ASIDE]
    counted = flow_of_cases(cases[0].round)
    assert (counted.interviewed, counted.found_ineligible, counted.asked) == (1, 1, 3)
    third = cases[2].person_id
    assert third is not None
    newcomer = person()
    merge = merging.Merge(newcomer.pk, third, timezone.localdate(), officer.pk)
    own.move_rows(merge)
    assert merge.moved == {"surveys.case.person": [str(cases[2].pk)]}
    moved_case = Case.objects.get(pk=cases[2].pk)
    assert (moved_case.person_id, moved_case.subject_id) == (newcomer.pk, newcomer.pk)


@pytest.mark.parametrize("is_decided", [True, False])
def test_the_answers_of_the_record_that_goes_count_for_the_one_that_stays(
    is_decided: bool,
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
) -> None:
    """Only she of the two who goes was interviewed: her answers pair with those of other rounds."""
    (row,) = services.record_submissions(
        acting_staff=interviewer, items=[interview(cases[1], version)]
    )
    if is_decided:
        services.accept_submissions(acting_staff=officer, submissions=[row])
    state = row.state
    stays, goes = cases[0].person_id, cases[1].person_id
    assert stays is not None
    assert goes is not None
    merge = merging.Merge(stays, goes, timezone.localdate(), officer.pk)
    own.move_rows(merge)
    row.refresh_from_db()
    assert (row.case_id, row.state) == (cases[0].pk, state)
    paired = paired_subjects(first=cases[0].round, later=cases[0].round)
    assert paired == ({stays} if is_decided else set())
    counted = flow_of_cases(cases[0].round)
    assert (counted.interviewed, counted.found_ineligible) == (1, 1)
    assert merging.restore(stays, goes, merge.moved, merge.changes, merge.made) == []
    row.refresh_from_db()
    assert (row.case_id, row.state) == (cases[1].pk, state)
    assert flow_of_cases(cases[0].round).found_ineligible == 0


def test_both_cases_of_one_round_are_set_apart_and_one_is_paired(cases: list[Case]) -> None:
    """Two records made one were both asked in a round: the other case is a duplicate."""
    ids = [case.subject_id for case in cases[:2]]
    key = new_id()
    assert own.set_apart in subject.apart
    own.set_apart(ids, key)
    now = [Case.objects.get(pk=case.pk).subject_id for case in cases[:3]]
    assert now[0] == key
    assert now[1] not in {key, *ids}
    assert now[2] == cases[2].subject_id, "nobody else's"


def test_her_answers_are_told_and_erased(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    services.record_submission(
        acting_staff=interviewer,
        submission=interview(cases[0], version, *answers(income_month="150000")),
    )
    person_id = cases[0].person_id
    assert person_id is not None
    assert own.told_of in subject.collect
    told = own.told_of(person_id)["Survey answers"]
    assert "higher" in {one["Answer"] for one in told}
    own.erase(person_id)
    rows = Answer.objects.select_related("question")
    kept = {row.question.name: row.value for row in rows}
    assert kept == {"income_change": "BETTER", "life_change": "SAME", "income_month": ""}
    assert Submission.objects.get().body == ""


def test_names_places_and_pictures_are_told_and_erased_with_unplaced_bodies(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    row, others = services.record_submissions(
        acting_staff=interviewer, items=[interview(case, version) for case in cases[:2]]
    )
    questions = {}
    for number, (name, type) in enumerate(
        (("who", "calculate"), ("gps", "geopoint"), ("photo", "image"), ("age", "integer")), 90
    ):
        questions[name] = Question(version=version, number=number, name=name, type=type)
    Question.objects.bulk_create(questions.values())
    given = {"who": "Participant 0001", "gps": "40.1 44.5", "photo": "a.png", "age": "41"}
    for one in (row, others):
        Answer.objects.bulk_create(
            Answer(submission=one, question=questions[name], value=value)
            for name, value in given.items()
        )
    file = store_file(
        acting_staff=officer, owner=row, name="a.txt", content=b"her face", klass=DataClass.S
    )
    Attachment.objects.create(submission=row, name="a.txt", keyed_sum="1", file=file)
    path = path_of(file)
    bodies = [f"<a><k>{case.pk.hex}</k>Participant</a>" for case in cases[:2]]
    for number, body in enumerate(bodies):
        UnplacedAnswers.objects.create(
            programme=cases[0].round.programme, sent_by=interviewer, reason="CASE_UNKNOWN",
            keyed_sum=str(number), body=body,
        )  # fmt: skip
    person_id = cases[0].person_id
    assert person_id is not None
    told = own.told_of(person_id)
    assert [one["File"] for one in told["Pictures and files sent with answers"]] == ["a.txt"]
    unplaced = told["Answers that belong to no case"]
    assert [one["As it came"] for one in unplaced] == [bodies[0]]
    assert path.exists()
    with TestCase.captureOnCommitCallbacks(execute=True):
        own.erase(person_id)
    kept = {a.question.name: a.value for a in row.answers.filter(question__number__gte=90)}
    assert kept == {"who": "", "gps": "", "photo": "", "age": "41"}
    still = {a.question.name: a.value for a in others.answers.filter(question__number__gte=90)}
    assert still == given
    assert (Attachment.objects.count(), path.exists()) == (0, False)
    assert sorted(one.body for one in UnplacedAnswers.objects.all()) == ["", bodies[1]]
    assert StoredFile.objects.count() == 0


def test_verify_finds_bytes_that_are_not_those_that_arrived(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    def found() -> int:
        (outcome,) = run_checks(only=["SURVEY_BYTES"])
        return outcome.count

    services.record_submission(acting_staff=interviewer, submission=interview(cases[0], version))
    assert found() == 0
    row = Submission.objects.get()
    row.body = "{}"
    row.save()
    assert found() == 1
