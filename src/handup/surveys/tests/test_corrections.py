"""Answers corrected as a new state, withdrawn for good, and a locked round opened again."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache

import pytest
from django.test import Client
from lxml import etree

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import compiling, services
from handup.surveys.models import Case, QuestionnaireVersion, Submission
from handup.surveys.queries import answers_by_key, flow_of_cases, reopened_rounds
from handup.surveys.rules.codes import (
    Channel,
    FlagRule,
    Outcome,
    RoundKind,
    RoundState,
    SubmissionState,
)
from handup.surveys.services import refusals
from handup.surveys.services.corrections import answers_now
from handup.surveys.tests.conftest import answers, interview, member_of_staff
from handup.surveys.tests.sheets import CASES, questionnaire
from handup.surveys.tests.test_survey_doors import Caller
from handup.surveys.verify import stored_bytes

DAY = date(2026, 6, 20)


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


@pytest.fixture
def received(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> Submission:
    """The first case, interviewed, her income typed with a digit too many."""
    return services.record_submission(
        acting_staff=interviewer,
        submission=interview(cases[0], version, *answers(income_month="1500000")),
    )


def incomes() -> list[str]:
    return [one.value for one in answers_by_key(keys=["income_month"])]


def test_a_correction_is_a_new_state_which_a_third_person_accepts(
    received: Submission, officer: StaffUser, second: StaffUser, interviewer: StaffUser
) -> None:
    services.accept_submission(acting_staff=second, submission=received)
    assert incomes() == ["1500000"]
    change = services.ChangeIn(name="income_month", value="150000")
    key = new_id()

    def correct(staff: StaffUser) -> Submission:
        return services.correct_submission(
            acting_staff=staff,
            submission=received,
            changes=[change],
            reason="one digit too many",
            id=key,
        )

    with pytest.raises(NotAllowed):
        correct(interviewer)
    made, again = correct(officer), correct(officer)
    with pytest.raises(SameIdOtherContent):
        correct(second)
    for changes, reason in (
        ([services.ChangeIn(name="income_month", value="15")], "one digit too many"),
        ([change], "another reason"),
    ):
        with pytest.raises(SameIdOtherContent):
            services.correct_submission(
                acting_staff=officer, submission=received, changes=changes, reason=reason, id=key
            )
    assert (made.pk, Submission.objects.count()) == (again.pk, 2)
    assert (made.state, made.root_id) == (SubmissionState.HELD, received.root_id)
    assert (made.interviewer, made.corrected_by) == (interviewer, officer)
    assert made.reason == "one digit too many"
    assert not made.flags.filter(rule=FlagRule.EDIT_AFTER_ACCEPTED).exists()
    assert incomes() == ["1500000"], "nothing counts before somebody decided"
    for own in (officer, interviewer):
        with pytest.raises((refusals.OwnInterview, NotAllowed)):
            services.accept_submission(acting_staff=own, submission=made, note="right")
    services.accept_submission(acting_staff=second, submission=made, note="seen on the paper")
    received.refresh_from_db()
    assert (received.state, incomes()) == (SubmissionState.SET_ASIDE, ["150000"])
    assert list(stored_bytes()) == []
    assert services.content_of(received)["answers"][2]["value"] == "1500000"
    assert AuditLine.objects.filter(action="surveys.correct_submission").count() == 1


def test_nobody_decides_on_her_own_correction_when_another_lies_above_it(
    received: Submission, officer: StaffUser, second: StaffUser
) -> None:
    def correct(staff: StaffUser, row: Submission, value: str) -> Submission:
        change = services.ChangeIn(name="income_month", value=value)
        return services.correct_submission(
            acting_staff=staff, submission=row, changes=[change], reason="typed wrong"
        )

    third = member_of_staff("third", Role.ME_OFFICER)
    first = correct(officer, received, "150000")
    top = correct(second, first, "160000")
    for own in (officer, second):
        with pytest.raises(refusals.OwnInterview):
            services.accept_submission(acting_staff=own, submission=top, note="right")
    services.accept_submission(acting_staff=third, submission=top, note="right")
    later = correct(third, top, "170000")
    services.accept_submission(acting_staff=officer, submission=later, note="accepted between")
    assert incomes() == ["170000"]


def test_what_cannot_be_corrected_is_refused_by_name(
    received: Submission, officer: StaffUser, second: StaffUser
) -> None:
    def correct(reason: str = "why", **told: str) -> Submission:
        changes = [services.ChangeIn(name=name, value=value) for name, value in told.items()]
        return services.correct_submission(
            acting_staff=officer, submission=received, changes=changes, reason=reason
        )

    with pytest.raises(refusals.ReasonMissing):
        correct(" ", income_month="1")
    with pytest.raises(refusals.NothingCorrected):
        correct(income_month="1500000")
    with pytest.raises(refusals.QuestionUnknown) as unknown:
        correct(shoe_size="38")
    assert "shoe_size" in str(unknown.value)
    faulty = correct(income_change="SPLENDID")
    assert (faulty.state, faulty.faults[0]["kind"]) == (SubmissionState.HELD, "CHOICE")
    received.refresh_from_db()
    with pytest.raises(refusals.NotInThisState):
        correct(income_month="1")
    assert Submission.objects.count() == 2


def test_a_locked_round_is_opened_again_by_another_person_and_its_figures_wait(
    client: Client,
    received: Submission,
    cases: list[Case],
    officer: StaffUser,
    second: StaffUser,
) -> None:
    services.accept_submission(acting_staff=second, submission=received)
    round = cases[0].round
    services.close_round(acting_staff=officer, round=round)
    services.lock_round(acting_staff=officer, round=round)
    change = [services.ChangeIn(name="income_month", value="150000")]
    with pytest.raises(refusals.RoundLocked):
        services.correct_submission(
            acting_staff=officer, submission=received, changes=change, reason="typed wrong"
        )
    with pytest.raises(refusals.LockedItHerself):
        services.reopen_round(acting_staff=officer, round=round, reason="typed wrong")
    with pytest.raises(refusals.ReasonMissing):
        services.reopen_round(acting_staff=second, round=round, reason=" ")
    assert not reopened_rounds(programme_id=round.programme_id).exists()
    round = services.reopen_round(acting_staff=second, round=round, reason="typed wrong")
    assert (round.state, round.locked_at) == (RoundState.CLOSED, None)
    assert [one.reopen_reason for one in reopened_rounds(programme_id=round.programme_id)] == [
        "typed wrong"
    ]
    assert list(answers_by_key(keys=["income_month"], locked_only=True)) == []
    client.force_login(second)
    figures = client.get(f"/results/{round.programme_id}/").content.decode()
    assert "The round Follow-up 2026 is open to changes again (typed wrong)" in figures
    received.refresh_from_db()
    made = services.correct_submission(
        acting_staff=officer, submission=received, changes=change, reason="typed wrong"
    )
    with pytest.raises(refusals.SubmissionsOpen):
        services.lock_round(acting_staff=officer, round=round)
    services.accept_submission(acting_staff=second, submission=made, note="paper")
    services.lock_round(acting_staff=officer, round=round)
    assert [one.value for one in answers_by_key(keys=["income_month"], locked_only=True)] == [
        "150000"
    ]
    assert not reopened_rounds(programme_id=round.programme_id).exists()
    round = services.reopen_round(acting_staff=second, round=round, reason="late answers")
    round = services.reopen_round(acting_staff=second, round=round, reason="two came late")
    assert (round.state, round.reopen_reason) == (RoundState.OPEN, "two came late")
    with pytest.raises(refusals.NotInThisState):
        services.reopen_round(acting_staff=second, round=round, reason="again")


def test_withdrawn_answers_leave_every_figure_and_are_counted_even_in_a_locked_round(
    received: Submission,
    cases: list[Case],
    version: QuestionnaireVersion,
    officer: StaffUser,
    second: StaffUser,
    interviewer: StaffUser,
) -> None:
    case = cases[0]
    with pytest.raises(refusals.NothingToWithdraw):
        services.withdraw_answers(acting_staff=officer, case=cases[1], asked_date=DAY)
    with pytest.raises(NotAllowed):
        services.withdraw_answers(acting_staff=interviewer, case=case, asked_date=DAY)
    services.accept_submission(acting_staff=second, submission=received)
    conflict = interview(case, version, *answers(), instance_id=received.instance_id)
    with pytest.raises(refusals.AnswersDiffer):
        services.record_submission(acting_staff=interviewer, submission=conflict)
    services.close_round(acting_staff=officer, round=case.round)
    services.lock_round(acting_staff=officer, round=case.round)
    services.withdraw_answers(
        acting_staff=officer, case=case, asked_date=DAY, reason="asked by phone"
    )
    case.refresh_from_db()
    assert (case.outcome, case.outcome_date) == (Outcome.REFUSED, DAY)
    assert incomes() == []
    assert {row.body for row in Submission.objects.all()} == {""}
    assert {one.value for row in Submission.objects.all() for one in row.answers.all()} == {""}
    counts = flow_of_cases(case.round)
    assert (counts.withdrawn, counts.interviewed) == (1, 0)
    assert list(stored_bytes()) == []
    with pytest.raises(refusals.NothingToWithdraw):
        services.withdraw_answers(acting_staff=officer, case=case, asked_date=DAY)
    assert AuditLine.objects.filter(action="surveys.withdraw_answers").count() == 1
    # What comes later of them is not kept either.
    round = case.round
    for _step in range(2):
        round = services.reopen_round(acting_staff=second, round=round, reason="late answers")
    case = Case.objects.get(pk=case.pk)
    late = services.record_submission(
        acting_staff=interviewer, submission=interview(case, version, *answers())
    )
    assert (late.state, late.body, late.answers.count()) == (SubmissionState.WITHDRAWN, "", 0)
    case.refresh_from_db()
    assert (case.outcome, flow_of_cases(round).withdrawn) == (Outcome.REFUSED, 1)


@pytest.fixture
def compiled(
    officer: StaffUser,
    second: StaffUser,
    interviewer: StaffUser,
    programme: Programme,
    person: Callable[[], Person],
) -> Submission:
    """Answers to a questionnaire from a spreadsheet, the profit computed."""
    version = services.upload_questionnaire(
        acting_staff=officer, content=questionnaire(CASES), filename="household.xlsx"
    )
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Baseline", kind=RoundKind.BASELINE, opens_date=date(2026, 3, 1),
        closes_date=date(2026, 3, 1) + timedelta(days=60), seed="s",
    )  # fmt: skip
    eligible = [services.EligibleIn(subject=person(), interviewer=interviewer)]
    (case,) = services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    body = (
        '<household id="household" version="2026-1">'
        f"<case_key>{case.pk.hex}</case_key><who>{case.subject}</who><trades>yes</trades>"
        "<business><sales>500</sales><costs>120</costs><profit>380</profit></business>"
        "<size>3</size><worker_count>2</worker_count><worker><age>30</age></worker><worker><age>12</age></worker>"
        "<start>2026-03-02T10:00:00.000+04:00</start><end>2026-03-02T10:20:00.000+04:00</end>"
        "<meta><instanceID>uuid:first</instanceID></meta></household>"
    )
    return services.record_form_submission(
        acting_staff=interviewer,
        submission=services.FormSubmissionIn(
            case=case, version=version, body=body.encode(), channel=Channel.OPENROSA, device="p1"
        ),
    )


def test_a_correction_of_a_compiled_form_computes_again_and_keeps_what_was_sent(
    client: Client, compiled: Submission, officer: StaffUser, second: StaffUser
) -> None:
    assert (compiled.state, compiled.faults) == (SubmissionState.RECEIVED, [])
    sent = bytes(compiled.body, "utf-8")
    client.force_login(officer)
    page = client.get(f"/surveys/answers/{compiled.pk}/").content.decode()
    assert f"/surveys/answers/{compiled.pk}/correct" in page
    url = f"/surveys/answers/{compiled.pk}/correct"
    shown = client.get(url)
    form = shown.context["form"]
    data = {"_new_id": shown.context["new_id"], "reason": "a digit slipped"}
    data |= {name: form[name].initial for name in form.places if form[name].initial}
    by_place = {place: name for name, place in form.places.items()}
    data |= {by_place["sales", 0]: "300", by_place["age", 1]: "40"}
    answer = client.post(url, data)
    assert answer.status_code == 302
    made = Submission.objects.get(corrected_by=officer)
    assert (made.state, made.faults, made.channel) == (
        SubmissionState.RECEIVED, [], Channel.OPENROSA,
    )  # fmt: skip
    now = answers_now(made)
    assert (now["profit", 0], now["who", 0]) == ("180", str(compiled.case.subject))
    assert (now["age", 0], now["age", 1]) == ("30", "40")
    assert etree.fromstring(made.body.encode()).findtext("meta/deprecatedID") == "uuid:first"
    assert (made.start_at, made.received_at) == (compiled.start_at, compiled.received_at)
    compiled.refresh_from_db()
    assert (compiled.state, compiled.body.encode()) == (SubmissionState.SET_ASIDE, sent)
    assert "/correct" not in client.get(f"/surveys/answers/{compiled.pk}/").content.decode()
    shown_now = client.get(answer["Location"]).content.decode()
    assert "a digit slipped" in shown_now
    assert client.post(url, data).status_code == 302, "pressed twice is once"
    assert Submission.objects.count() == 2
    client.force_login(second)
    withdraw = f"/surveys/cases/{compiled.case_id}/withdraw"
    told = {"asked_date": "2026-06-20", "reason": "", "_read_back": "1", "_new_id": new_id()}
    assert client.post(withdraw, told).status_code == 302
    states = set(Submission.objects.values_list("state", "body"))
    assert {state for state, _body in states} == {SubmissionState.WITHDRAWN}
    assert {one.body for one in Submission.objects.all()} == {""}
    late = services.record_form_submission(
        acting_staff=compiled.interviewer,
        submission=services.FormSubmissionIn(
            case=compiled.case, version=compiled.version,
            body=sent.replace(b"uuid:first", b"uuid:late"), channel=Channel.OPENROSA,
        ),
    )  # fmt: skip
    assert (late.state, late.body, late.answers.count()) == (SubmissionState.WITHDRAWN, "", 0)


def test_the_pages_and_the_api_of_a_round_opened_again(
    client: Client,
    cases: list[Case],
    version: QuestionnaireVersion,
    officer: StaffUser,
    second: StaffUser,
    interviewer: StaffUser,
) -> None:
    round = cases[0].round
    services.close_round(acting_staff=officer, round=round)
    services.lock_round(acting_staff=officer, round=round)
    client.force_login(second)
    url = f"/surveys/rounds/{round.pk}/reopen"
    assert url in client.get(f"/surveys/rounds/{round.pk}/").content.decode()
    assert "out of date" in client.get(url).content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "late answers"}).status_code == 302
    assert "late answers" in client.get(f"/surveys/rounds/{round.pk}/").content.decode()
    api, path = Caller(officer), f"/rounds/{round.pk}"
    assert api.call("post", f"{path}/reopen", reason="")[0] == 422
    assert api.call("post", f"{path}/reopen", reason="more answers")[1]["state"] == "OPEN"
    row = services.record_submission(
        acting_staff=interviewer,
        submission=interview(
            Case.objects.get(pk=cases[0].pk), version, *answers(income_month="1500000")
        ),
    )
    changes = [{"name": "income_month", "value": "150000"}]
    told = {"changes": changes, "reason": "a digit too many"}
    status, made = api.call("post", f"/submissions/{row.pk}/correct", **told)
    assert (status, made["state"]) == (201, "RECEIVED")
    asked = {"asked_date": "2026-06-20"}
    assert Caller(interviewer).call("post", f"/cases/{cases[0].pk}/withdraw", **asked)[0] == 403
    assert api.call("post", f"/cases/{cases[0].pk}/withdraw", **asked)[1]["outcome"] == "REFUSED"
    assert api.call("get", f"{path}/flow")[1]["withdrawn"] == 1
