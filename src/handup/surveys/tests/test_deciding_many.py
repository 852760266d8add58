"""Many sets of answers accepted at once; sensitive answers only for who may see them; the numbers
an installation sets.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Case, Flag, QuestionnaireVersion, Submission
from handup.surveys.rules.answers import question_in
from handup.surveys.rules.codes import (
    FlagRule,
    Outcome,
    Purpose,
    QuestionType,
    RoundKind,
    SubjectKind,
    SubmissionState,
    Way,
)
from handup.surveys.services import AnswerIn, QuestionIn, refusals
from handup.surveys.services.numbers import Numbers, numbers
from handup.surveys.tests.conftest import (
    MakePerson,
    answers,
    interview,
    member_of_staff,
)
from handup.surveys.views.unplaced import secret_in

DAY = date(2026, 6, 10)


@pytest.fixture(autouse=True)
def without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def sent(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> list[Submission]:
    """Four sets of answers: one held, one with a flag."""
    rows = [
        services.record_submission(
            acting_staff=interviewer,
            submission=interview(case, version, *answers("NONSENSE" if n == 0 else "SAME")),
        )
        for n, case in enumerate(cases)
    ]
    Flag.objects.create(submission=rows[1], rule=FlagRule.DURATION)
    return rows


def test_many_are_accepted_at_once_by_somebody_else(
    sent: list[Submission], officer: StaffUser, interviewer: StaffUser, client: Client
) -> None:
    client.force_login(officer)
    way = "/surveys/answers/accept"
    assert way in client.get("/surveys/answers/").content.decode()
    page = client.get(f"{way}?round={sent[0].round_id}").content.decode()
    ticked = {row.pk for row in sent if f'value="{row.pk}" ' in page}
    assert ticked == {row.pk for row in sent}
    boxes = [part.split(">")[0] for part in page.split("<input") if 'name="answers"' in part]
    checked = {row.pk for row in sent for box in boxes if str(row.pk) in box and "checked" in box}
    assert checked == {sent[2].pk, sent[3].pk}, "neither held nor flagged"
    assert "the interview was very short" in page
    keys = [str(row.pk) for row in sent]
    assert client.post(way, {"answers": keys}).status_code == 422, "a held one needs a note"
    assert not Submission.objects.filter(state=SubmissionState.ACCEPTED).exists()
    assert client.post(way, {"answers": keys[1:]}).status_code == 302
    states = [Submission.objects.get(pk=row.pk).state for row in sent]
    assert states == ["HELD", "ACCEPTED", "ACCEPTED", "ACCEPTED"]
    assert AuditLine.objects.filter(action="surveys.accept_submission").count() == 3
    Submission.objects.filter(pk=sent[0].pk).update(interviewer=officer)
    assert client.post(way, {"answers": keys[:1], "note": "mine"}).status_code == 422
    assert keys[0] not in client.get(way).content.decode(), "her own are not offered"
    client.force_login(interviewer)
    assert client.get(way).status_code == 403


@pytest.fixture
def told(
    officer: StaffUser, second: StaffUser, interviewer: StaffUser, programme: Programme,
    person: MakePerson,
) -> Submission:  # fmt: skip
    """Answers that hold: to a question that is sensitive, and to one that is not."""
    offered = {"SAME": {"en": "the same"}}
    version = services.draft_questionnaire(
        acting_staff=officer, code="health", title="Health", purpose=Purpose.VISIT,
        subject_kind=SubjectKind.PERSON, version="1",
        questions=[
            QuestionIn(name="illness", type=QuestionType.SELECT_ONE, labels={"en": "Illness"},
                       choice_labels=offered, sensitive=True),
            QuestionIn(name="change", type=QuestionType.SELECT_ONE, labels={"en": "Change"},
                       choice_labels=offered),
        ],
    )  # fmt: skip
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Visits", kind=RoundKind.VISIT, opens_date=DAY, closes_date=DAY, seed="s",
    )  # fmt: skip
    (case,) = services.draw_sample(
        acting_staff=officer, round=round,
        eligible=[services.EligibleIn(subject=person(), interviewer=interviewer)],
    )  # fmt: skip
    services.open_round(acting_staff=officer, round=round)
    given = [AnswerIn(name="illness", value="TYPHUS"), AnswerIn(name="change", value="SAME")]
    return services.record_submission(
        acting_staff=interviewer, submission=interview(case, version, *given)
    )


def test_sensitive_answers_are_read_only_by_who_may(
    told: Submission, officer: StaffUser, client: Client
) -> None:
    assert told.state == SubmissionState.HELD
    assert [question_in(p) for p in ("/a/worker[2]/age", "age[1]", "age")] == ["age"] * 3
    manager = member_of_staff("manager", Role.MANAGER)
    pages = [
        f"/surveys/answers/{told.pk}/",
        "/surveys/answers/decide",
        f"/surveys/answers/{told.pk}/correct",
    ]
    client.force_login(officer)
    for page in pages:
        assert "TYPHUS" in client.get(page).content.decode(), page
    client.force_login(manager)
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "TYPHUS" not in answer.content.decode(), page
    shown = client.get(pages[0]).content.decode()
    assert "\u2022\u2022\u2022" in shown
    assert "the same" in shown, "other answers are told"


def test_how_often_somebody_is_looked_for_is_a_setting(
    cases: list[Case], officer: StaffUser, interviewer: StaffUser, client: Client
) -> None:
    assert numbers() == Numbers(400, 3, 2)
    client.force_login(officer)
    assert "surveys/numbers" in client.get("/surveys/").content.decode()
    told = {"census_up_to": "100", "attempts": "2", "days": "3"}
    assert client.post("/surveys/numbers", told).status_code == 422, "more days than tries"
    assert client.post("/surveys/numbers", told | {"days": "1"}).status_code == 302
    assert numbers() == Numbers(100, 2, 1)
    assert AuditLine.objects.filter(action="surveys.set_numbers").count() == 3
    with pytest.raises(NotAllowed):
        services.set_numbers(acting_staff=interviewer, told=Numbers())

    def give_up() -> Case:
        return services.record_outcome(
            acting_staff=interviewer, case=cases[0], outcome=Outcome.NOT_FOUND, outcome_date=DAY
        )

    def try_once() -> None:
        services.record_contact(
            acting_staff=interviewer, case=cases[0], way=Way.VISIT,
            attempt_date=DAY,
        )  # fmt: skip

    try_once()
    with pytest.raises(refusals.TooFewAttempts) as refused:
        give_up()
    assert "2 attempts on 1 days" in str(refused.value)
    try_once()
    assert give_up().outcome == Outcome.NOT_FOUND


def test_a_body_that_belongs_to_no_case_tells_no_sensitive_answer(told: Submission) -> None:
    assert secret_in("<health id='health'><illness>SAME</illness></health>") == {"illness"}
    assert secret_in("<other id='other'/>") is None, "nobody knows what it asks"
    assert secret_in("no answers") is None
