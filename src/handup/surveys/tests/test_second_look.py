"""What answers may not do: come twice, come back after a withdrawal or a refusal, lie ahead."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.rules.codes import CompartmentKind
from handup.people.services import open_compartment
from handup.people.services.days import DayToCome
from handup.surveys import services
from handup.surveys.models import Answer, Case, QuestionnaireVersion, Round, Submission
from handup.surveys.queries import flow_of_cases
from handup.surveys.rules.codes import (
    Outcome,
    Purpose,
    QuestionType,
    SamplePlan,
    SubjectKind,
    SubmissionState,
    VersionState,
    Way,
)
from handup.surveys.services import refusals
from handup.surveys.tests.conftest import MakePerson, answers, interview, member_of_staff
from handup.surveys.tests.test_survey_doors import Caller
from handup.surveys.weight_queries import weights_of

TEXT = QuestionType.TEXT


def send(staff: StaffUser, case: Case, version: QuestionnaireVersion, **told: Any) -> Submission:
    given = told.pop("given", ())
    return services.record_submission(
        acting_staff=staff, submission=interview(case, version, *given, **told)
    )


def test_another_body_sent_again_is_one_conflict(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    send(interviewer, cases[0], version, instance_id="uuid:1")
    for _ in range(3):
        with pytest.raises(refusals.AnswersDiffer):
            send(interviewer, cases[0], version, instance_id="uuid:1", given=answers(life="WORSE"))
    states = sorted(Submission.objects.values_list("state", flat=True))
    assert states == [SubmissionState.CONFLICT, SubmissionState.RECEIVED]


def test_nothing_is_kept_of_what_comes_after_the_answers_were_withdrawn(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    send(interviewer, cases[0], version, instance_id="uuid:1")
    services.withdraw_answers(acting_staff=officer, case=cases[0], asked_date=timezone.localdate())
    other = answers(life="WORSE", income_month="777000")
    with pytest.raises(refusals.AnswersDiffer):
        send(interviewer, cases[0], version, instance_id="uuid:1", given=other)
    new = send(interviewer, cases[0], version, instance_id="uuid:2", given=other)
    assert new.state == SubmissionState.WITHDRAWN
    assert set(Submission.objects.values_list("pk", flat=True)) >= {new.pk}
    assert [row.body for row in Submission.objects.filter(case=cases[0])] == ["", "", ""]
    assert not any(row.value for row in Answer.objects.all())


def test_what_is_stored_is_told_again_after_the_round_closed(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    """The answer to the first sending was lost on its way, and the round was closed meanwhile."""
    first = send(interviewer, cases[0], version, instance_id="uuid:1")
    services.close_round(acting_staff=officer, round=cases[0].round)
    assert send(interviewer, cases[0], version, instance_id="uuid:1") == first
    with pytest.raises(refusals.RoundNotOpen):
        send(interviewer, cases[1], version, instance_id="uuid:2")
    assert list(Submission.objects.all()) == [first]


def test_answers_after_a_refusal_are_held_and_the_refusal_stands_till_somebody_decides(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    send(interviewer, cases[0], version, consented=False)
    later = send(interviewer, cases[0], version)
    cases[0].refresh_from_db()
    assert (later.state, cases[0].outcome) == (SubmissionState.HELD, Outcome.REFUSED)
    assert [one["kind"] for one in later.faults] == ["AFTER_REFUSAL"]
    assert flow_of_cases(cases[0].round).interviewed == 0
    with pytest.raises(refusals.NoteMissing):
        services.accept_submission(acting_staff=officer, submission=later)
    services.accept_submission(acting_staff=officer, submission=later, note="she changed her mind")
    cases[0].refresh_from_db()
    assert cases[0].outcome == Outcome.INTERVIEWED


def test_a_draft_is_asked_of_nobody(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    QuestionnaireVersion.objects.filter(pk=version.pk).update(state=VersionState.CHECKED)
    version.refresh_from_db()
    with pytest.raises(refusals.VersionNotPublished):
        send(interviewer, cases[0], version)
    assert not Submission.objects.exists()


def test_no_day_lies_ahead(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    today = timezone.localdate()
    ahead = today + timedelta(days=1)
    with pytest.raises(DayToCome) as refused:
        send(interviewer, cases[0], version, answered_date=ahead)
    assert refused.value.field == "answered_date"
    with pytest.raises(DayToCome):
        services.record_contact(
            acting_staff=interviewer, case=cases[0], attempt_date=ahead, way=Way.VISIT
        )
    with pytest.raises(DayToCome):
        services.record_outcome(
            acting_staff=interviewer, case=cases[0], outcome=Outcome.MOVED, outcome_date=ahead
        )
    send(interviewer, cases[1], version, answered_date=today)
    with pytest.raises(DayToCome):
        services.withdraw_answers(acting_staff=officer, case=cases[1], asked_date=ahead)
    cases[0].refresh_from_db()
    assert (cases[0].outcome, cases[0].attempts.count()) == ("", 0)
    assert Submission.objects.get().state == SubmissionState.RECEIVED


def test_two_who_decide_at_once_do_not_undo_each_other(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser,
    second: StaffUser,
) -> None:  # fmt: skip
    row = send(interviewer, cases[0], version)
    seen_before = Submission.objects.get(pk=row.pk)
    services.set_aside_submission(acting_staff=second, submission=row, note="invented")
    with pytest.raises(refusals.NotInThisState):
        services.accept_submission(acting_staff=officer, submission=seen_before)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (SubmissionState.SET_ASIDE, second)


def test_without_strata_others_make_up_for_a_village_nobody_answered_in(
    planned: Round, person: MakePerson, officer: StaffUser, interviewer: StaffUser,
    version: QuestionnaireVersion,
) -> None:  # fmt: skip
    villages = ("north", "north", "north", "south")
    drawn = services.draw_sample(
        acting_staff=officer,
        round=planned,
        eligible=[
            services.EligibleIn(subject=person(), interviewer=interviewer, stratum=village)
            for village in villages
        ],
    )
    services.open_round(acting_staff=officer, round=planned)
    north = [case for case in drawn if case.stratum == "north"][:2]
    for case in north:
        row = send(interviewer, case, version)
        services.accept_submission(acting_staff=officer, submission=row)
    assert weights_of(planned).by_case == {case.pk: 2 for case in north}
    planned.plan = SamplePlan.STRATIFIED
    assert weights_of(planned).by_case == {case.pk: Fraction(3, 2) for case in north}


def test_how_many_are_eligible_tells_of_nobody_hidden(
    cases: list[Case], officer: StaffUser
) -> None:
    """Of a census 4 eligible beside 3 drawn would tell that somebody is hidden."""
    hidden = cases[0].person
    assert hidden is not None
    api = Caller(officer)
    address = f"/rounds/{cases[0].round_id}"
    assert api.call("get", address)[1]["eligible_count"] == 4
    open_compartment(
        acting_staff=member_of_staff("focal", Role.FOCAL_POINT),
        person=hidden,
        kind=CompartmentKind.PERSON,
        team=[],
        opened_date=timezone.localdate(),
    )
    (listed,) = api.call("get", "/rounds")[1]["items"]
    flow = api.call("get", f"{address}/flow")[1]
    assert (listed["eligible_count"], flow["eligible"], flow["sampled"]) == (3, 3, 3)
    assert flow_of_cases(cases[0].round).eligible == 4


def test_answers_of_somebody_hidden_hold_no_round_back(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    """How many wait would tell of her; who knows of her decides after taking the round back."""
    hidden = cases[0].person
    assert hidden is not None
    send(interviewer, cases[0], version)
    planned = services.close_round(acting_staff=officer, round=cases[0].round)
    with pytest.raises(refusals.SubmissionsOpen):
        services.lock_round(acting_staff=officer, round=planned)
    open_compartment(
        acting_staff=member_of_staff("focal", Role.FOCAL_POINT), person=hidden,
        kind=CompartmentKind.PERSON, team=[], opened_date=timezone.localdate(),
    )  # fmt: skip
    reader = StaffUser.objects.get(pk=officer.pk)
    assert services.lock_round(acting_staff=reader, round=planned).state == "LOCKED"


def test_a_core_question_of_a_draft_without_a_spreadsheet_keeps_its_codes(
    officer: StaffUser, second: StaffUser
) -> None:
    words = {code: {"en": code} for code in ("MORE", "LESS")}
    asked = services.QuestionIn(
        name="sales", type=QuestionType.SELECT_ONE, labels={"en": "Sales?"}, choice_labels=words,
        core=True,
    )  # fmt: skip

    def draft(number: str, *questions: services.QuestionIn) -> QuestionnaireVersion:
        return services.draft_questionnaire(
            acting_staff=officer, code="shops", title="Shops", purpose=Purpose.IMPACT,
            subject_kind=SubjectKind.PERSON, version=number, questions=questions,
        )  # fmt: skip

    first = draft("1", asked)
    services.publish_version(acting_staff=second, version=first)
    other = replace(asked, name="rooms", core=False)
    fewer = replace(asked, choice_labels={"MORE": {"en": "MORE"}})
    for number, questions in (("2", [other]), ("3", [fewer]), ("4", [replace(asked, type=TEXT)])):
        with pytest.raises(refusals.CoreChanged, match="sales"):
            draft(number, *questions)
    more = replace(asked, choice_labels=words | {"SAME": {"en": "SAME"}})
    assert draft("5", more, other).version == "5"
    assert sorted(QuestionnaireVersion.objects.values_list("version", flat=True)) == ["1", "5"]
