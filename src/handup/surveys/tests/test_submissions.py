"""Answers arrive once, are checked again, and are accepted by another person."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from handup.org.models import AuditLine, Grant, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Answer, Case, Flag, QuestionnaireVersion, Submission
from handup.surveys.queries import (
    answers_by_key,
    cases_of,
    flow_of_cases,
    interviewed,
    paired_subjects,
)
from handup.surveys.rules.codes import (
    Channel,
    FlagRule,
    Outcome,
    RoundKind,
    SubmissionState,
    VersionState,
)
from handup.surveys.services import refusals
from handup.surveys.tests.conftest import answers, interview, member_of_staff


@pytest.fixture
def received(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> Submission:
    """The first case, interviewed."""
    return services.record_submission(
        acting_staff=interviewer,
        submission=interview(cases[0], version, *answers(income_month="150000")),
    )


def test_answers_are_received_and_end_the_case(received: Submission, cases: list[Case]) -> None:
    cases[0].refresh_from_db()
    assert received.state == SubmissionState.RECEIVED
    assert (cases[0].outcome, cases[0].outcome_date) == (
        Outcome.INTERVIEWED,
        date(2026, 6, 10),
    )
    rows = received.answers.select_related("question")
    assert {row.question.name: row.value for row in rows} == {
        "income_change": "BETTER",
        "life_change": "SAME",
        "income_month": "150000",
    }
    assert interviewed(cases[0].round) == 1
    assert flow_of_cases(cases[0].round).response_rate == "25.0"


def test_the_same_instance_five_times_then_one_byte_changed(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    sent = interview(cases[0], version, instance_id="uuid:1")
    rows = {
        services.record_submission(acting_staff=interviewer, submission=sent).pk for _ in range(5)
    }
    assert len(rows) == 1
    changed = interview(cases[0], version, *answers(life="WORSE"), instance_id="uuid:1")
    with pytest.raises(refusals.AnswersDiffer):
        services.record_submission(acting_staff=interviewer, submission=changed)
    states = list(Submission.objects.order_by("pk").values_list("state", flat=True))
    assert states == [SubmissionState.RECEIVED, SubmissionState.CONFLICT]
    assert Answer.objects.count() == 2
    conflict = Submission.objects.get(state=SubmissionState.CONFLICT)
    assert services.content_of(conflict)["answers"][1]["value"] == "WORSE"


def test_the_same_instance_twice_in_one_batch_is_one(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    sent = interview(cases[0], version, instance_id="uuid:1")
    first, again = services.record_submissions(acting_staff=interviewer, items=[sent, sent])
    assert first is again
    assert Submission.objects.count() == 1


def test_a_second_set_of_answers_is_set_aside_and_flagged(
    received: Submission, cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    row = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version)
    )
    assert row.state == SubmissionState.SET_ASIDE
    assert [flag.rule for flag in row.flags.all()] == [FlagRule.SECOND_IN_ROUND]


def test_faults_are_held_with_their_place_never_refused(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    given = [
        services.AnswerIn(name="income_change", value="SPLENDID"),
        services.AnswerIn(name="income_month", value="a lot"),
        services.AnswerIn(name="shoe_size", value="38"),
    ]
    row = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version, *given)
    )
    assert row.state == SubmissionState.HELD
    assert {(f["path"], f["kind"]) for f in row.faults} == {
        ("shoe_size", "UNKNOWN_QUESTION"),
        ("income_change", "CHOICE"),
        ("life_change", "REQUIRED"),
        ("income_month", "TYPE"),
    }
    with pytest.raises(refusals.NoteMissing):
        services.accept_submission(acting_staff=officer, submission=row)
    row.refresh_from_db()
    assert row.state == SubmissionState.HELD
    services.accept_submission(acting_staff=officer, submission=row, note="asked again by phone")
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (SubmissionState.ACCEPTED, officer)


def test_of_a_refusal_only_the_refusal_is_stored(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    row = services.record_submission(
        acting_staff=interviewer,
        submission=interview(cases[0], version, consented=False),
    )
    cases[0].refresh_from_db()
    assert cases[0].outcome == Outcome.REFUSED
    assert not Answer.objects.exists()
    assert services.content_of(row)["answers"] == []
    assert row.state == SubmissionState.SET_ASIDE


def test_nobody_accepts_her_own_interview(
    cases: list[Case], version: QuestionnaireVersion, officer: StaffUser, second: StaffUser
) -> None:
    row = services.record_submission(acting_staff=officer, submission=interview(cases[0], version))
    with pytest.raises(refusals.OwnInterview):
        services.accept_submission(acting_staff=officer, submission=row)
    row.refresh_from_db()
    assert row.state == SubmissionState.RECEIVED
    services.accept_submission(acting_staff=second, submission=row)
    assert AuditLine.objects.get(action="surveys.accept_submission").staff == second


def test_one_accepted_set_per_subject_and_round_is_held_by_the_database(
    received: Submission,
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
) -> None:
    services.accept_submission(acting_staff=officer, submission=received)
    other = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version)
    )
    with pytest.raises(refusals.NotInThisState):
        services.accept_submission(acting_staff=officer, submission=other)
    Submission.objects.filter(pk=other.pk).update(state=SubmissionState.RECEIVED)
    other.refresh_from_db()
    with pytest.raises(refusals.SecondAccepted):
        services.accept_submission(acting_staff=officer, submission=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=other.pk).update(state=SubmissionState.ACCEPTED)


def test_sending_back_needs_a_note_and_lets_the_interviewer_send_again(
    received: Submission,
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
) -> None:
    with pytest.raises(refusals.NoteMissing):
        services.set_aside_submission(acting_staff=officer, submission=received, note="")
    services.set_aside_submission(
        acting_staff=officer, submission=received, note="income looks wrong", send_back=True
    )
    cases[0].refresh_from_db()
    assert (cases[0].outcome, cases[0].outcome_date) == ("", None)
    again = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version)
    )
    assert again.state == SubmissionState.RECEIVED
    cases[0].refresh_from_db()
    assert cases[0].outcome == Outcome.INTERVIEWED
    services.set_aside_submission(
        acting_staff=officer, submission=again, note="costs too", send_back=True
    )
    services.accept_submission(acting_staff=officer, submission=again)
    cases[0].refresh_from_db()
    assert cases[0].outcome == Outcome.INTERVIEWED


def test_nothing_is_sent_back_in_a_closed_round_as_nobody_could_ask_again(
    received: Submission, cases: list[Case], officer: StaffUser
) -> None:
    services.close_round(acting_staff=officer, round=received.round)
    row = Submission.objects.get(pk=received.pk)
    with pytest.raises(refusals.ClosedForAskingAgain) as refused:
        services.set_aside_submission(
            acting_staff=officer, submission=row, note="income looks wrong", send_back=True
        )
    assert received.round.name in str(refused.value)
    row.refresh_from_db()
    cases[0].refresh_from_db()
    assert (row.state, cases[0].outcome) == (SubmissionState.RECEIVED, Outcome.INTERVIEWED)
    services.set_aside_submission(acting_staff=officer, submission=row, note="income looks wrong")
    services.reopen_round(acting_staff=officer, round=row.round, reason="One is to be asked again")


def test_a_locked_round_is_not_touched(
    received: Submission,
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
) -> None:
    round = received.round
    services.set_aside_submission(
        acting_staff=officer, submission=received, note="x", send_back=True
    )
    services.close_round(acting_staff=officer, round=round)
    services.lock_round(acting_staff=officer, round=round)
    row = Submission.objects.get(pk=received.pk)
    with pytest.raises(refusals.RoundLocked):
        services.accept_submission(acting_staff=officer, submission=row)
    with pytest.raises(refusals.RoundLocked):
        services.set_aside_submission(acting_staff=officer, submission=row, note="late")
    row.refresh_from_db()
    assert row.state == SubmissionState.SENT_BACK


def test_clock_lateness_and_old_versions_are_flagged(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    QuestionnaireVersion.objects.filter(pk=version.pk).update(state=VersionState.RETIRED)
    version.refresh_from_db()
    row = services.record_submission(
        acting_staff=interviewer,
        submission=interview(
            cases[0],
            version,
            start_at=datetime(2026, 6, 10, 12, tzinfo=UTC),
            end_at=datetime(2026, 6, 10, 11, tzinfo=UTC),
            channel=Channel.APP,
        ),
    )
    rules = set(Flag.objects.filter(submission=row).values_list("rule", flat=True))
    assert rules == {FlagRule.OLD_VERSION, FlagRule.CLOCK, FlagRule.LATE}
    assert row.state == SubmissionState.RECEIVED


def test_answers_of_another_questionnaire_are_refused(
    cases: list[Case], officer: StaffUser, interviewer: StaffUser
) -> None:
    other = services.install_questionnaire(acting_staff=officer, code="enterprise_visit")
    with pytest.raises(refusals.VersionOfOtherQuestionnaire):
        services.record_submission(acting_staff=interviewer, submission=interview(cases[0], other))
    assert not Submission.objects.exists()


def test_an_outsider_sends_nothing(
    cases: list[Case], version: QuestionnaireVersion, outsider: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        services.record_submission(acting_staff=outsider, submission=interview(cases[0], version))
    assert not Submission.objects.exists()


def test_results_reads_accepted_answers_by_key_with_their_weight(
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
    programme: Programme,
) -> None:
    rows = services.record_submissions(
        acting_staff=interviewer,
        items=[
            interview(case, version, *answers(income=income))
            for case, income in zip(
                cases, ("MUCH_BETTER", "WORSE", "DONT_KNOW", "BETTER"), strict=True
            )
        ],
    )
    services.accept_submissions(acting_staff=officer, submissions=rows[:3])
    facts = list(answers_by_key(keys=["income_change"], programme_id=programme.pk))
    assert sorted(fact.value for fact in facts) == ["DONT_KNOW", "MUCH_BETTER", "WORSE"]
    assert {fact.round_kind for fact in facts} == {RoundKind.FOLLOW_UP}
    assert {fact.weight for fact in facts} == {1}
    assert {fact.person_id for fact in facts} == {case.person_id for case in cases[:3]}
    assert not list(answers_by_key(keys=["income_change"], on=date(2026, 6, 9)))
    assert not list(answers_by_key(keys=["income_change"], round_kinds=[RoundKind.BASELINE]))
    assert not list(answers_by_key(keys=["income_change"], locked_only=True))
    assert not list(answers_by_key(keys=["saves"]))


def test_amounts_keep_currency_and_month(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser, officer: StaffUser
) -> None:
    given = [
        *answers(),
        services.AnswerIn(
            name="income_month",
            value="150000",
            currency="AMD",
            reference_month=date(2026, 5, 1),
        ),
    ]
    row = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version, *given)
    )
    services.accept_submission(acting_staff=officer, submission=row)
    (fact,) = answers_by_key(keys=["income_month"])
    assert (fact.value, fact.currency, fact.reference_month) == (
        "150000",
        "AMD",
        date(2026, 5, 1),
    )


def test_pairs_are_subjects_answered_in_both_rounds(
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
    programme: Programme,
) -> None:
    later = services.plan_round(
        acting_staff=officer,
        questionnaire=version.questionnaire,
        programme=programme,
        name="Endline",
        kind=RoundKind.ENDLINE,
        opens_date=date(2026, 9, 1),
        closes_date=date(2026, 9, 30),
    )
    people = [case.person for case in cases[:2] if case.person]
    drawn = services.draw_sample(
        acting_staff=officer,
        round=later,
        eligible=[services.EligibleIn(subject=one, interviewer=interviewer) for one in people],
    )
    services.open_round(acting_staff=officer, round=later)
    last = [row for row in drawn if row.subject_id == cases[0].subject_id]
    rows = services.record_submissions(
        acting_staff=interviewer,
        items=[interview(case, version) for case in [*cases[:3], *last]],
    )
    services.accept_submissions(acting_staff=officer, submissions=rows)
    assert paired_subjects(first=cases[0].round, later=later) == {cases[0].subject_id}
    assert [row.round.name for row in cases_of(person_id=people[0].pk)] == [
        "Endline",
        "Follow-up 2026",
    ]


def test_a_batch_takes_few_statements(
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    django_assert_max_num_queries: object,
) -> None:
    items = [interview(case, version) for case in cases]
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        services.record_submissions(acting_staff=interviewer, items=items)
    assert Submission.objects.count() == 4


def test_nobody_accepts_answers_of_another_office_with_her_own(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    """One batch, one round: the row within reach does not open the one beyond it."""
    near, far = (Office.objects.create(code=name, name=name) for name in ("near", "far"))
    for case, office in zip(cases[:2], (near, far), strict=True):
        Case.objects.filter(pk=case.pk).update(office=office)
    services.record_submissions(
        acting_staff=interviewer, items=[interview(case, version) for case in cases[:2]]
    )
    mine, other = (Submission.objects.get(case__office=office) for office in (near, far))
    local = member_of_staff("local", Role.ME_OFFICER, scope=ScopeKind.OFFICE)
    Grant.objects.filter(staff=local).update(office=near)
    local = StaffUser.objects.get(pk=local.pk)
    with pytest.raises(OutOfSight):
        services.accept_submissions(acting_staff=local, submissions=[other, mine])
    assert not Submission.objects.filter(state=SubmissionState.ACCEPTED).exists()
    services.accept_submissions(acting_staff=local, submissions=[mine])
    assert Submission.objects.filter(state=SubmissionState.ACCEPTED).count() == 1
