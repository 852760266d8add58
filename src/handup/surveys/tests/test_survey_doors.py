"""The doors of surveys: pages without JavaScript and the API, for who may and for nobody else."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import ApiToken, ReadEntry, StaffUser
from handup.org.services.devices import token_hash
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import (
    Answer,
    Case,
    Questionnaire,
    QuestionnaireVersion,
    Round,
    Submission,
)
from handup.surveys.rules.codes import Outcome, RoundState, SubmissionState
from handup.surveys.tests.conftest import MakePerson, answers, interview

LISTS = ("round_list", "questionnaire_list", "case_list", "submission_list", "unplaced_list")


@pytest.fixture(autouse=True)
def without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def browser(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def post(client: Client, page: str, pk: object = None, /, **values: object) -> Any:
    url = reverse(f"surveys:{page}", args=[pk] if pk else [])
    return client.post(url, {key: str(value) for key, value in values.items()})


@pytest.mark.parametrize("name", [*LISTS, "submission_queue", "round_new"])
def test_pages_open_for_the_officer_and_not_for_an_outsider(
    name: str, officer: StaffUser, outsider: StaffUser
) -> None:
    url = reverse(f"surveys:{name}")
    assert browser(officer).get(url).status_code == 200
    assert browser(outsider).get(url).status_code == 403


def test_a_round_on_the_web_from_planning_to_the_lock(
    officer: StaffUser,
    second: StaffUser,
    version: QuestionnaireVersion,
    programme: Programme,
    person: MakePerson,
) -> None:
    for _ in range(2):
        person()
    web = browser(officer)
    post(
        web,
        "round_new",
        questionnaire=version.questionnaire_id,
        programme=programme.pk,
        name="Follow-up",
        kind="FOLLOW_UP",
        opens_date="2026-06-01",
        closes_date="2026-06-30",
        plan="CENSUS",
    )
    round = Round.objects.get()
    post(web, "round_draw", round.pk)
    post(web, "round_open", round.pk)
    case = Case.objects.order_by("id").first()
    assert case is not None
    page = web.get(reverse("surveys:case_fill", args=[case.pk])).content.decode()
    assert "higher or lower" in page
    assert "<script>" not in page
    missing = post(web, "case_fill", case.pk, consented=1, answered_date="2026-06-10")
    assert "must be answered" in missing.content.decode()
    assert not Submission.objects.exists()
    post(
        web,
        "case_fill",
        case.pk,
        consented=1,
        answered_date="2026-06-10",
        **{"q1-0": "BETTER", "q2-0": "MUCH_BETTER", "q3-0": "150 000", "q6-0": "YES"},
    )
    row = Submission.objects.get()
    assert row.state == SubmissionState.RECEIVED
    income = Answer.objects.get(question__handup_key="income_month")
    assert (income.currency, int(income.value) % 150_000) == ("AMD", 0)
    tiles = web.get(reverse("surveys:round_detail", args=[round.pk])).content.decode()
    assert "50.0%" in tiles
    assert "1 / 2" in tiles
    assert "Nothing to decide" in web.get(reverse("surveys:submission_queue")).content.decode()
    other = browser(second)
    assert "much better" in other.get(reverse("surveys:submission_queue")).content.decode()
    post(other, "submission_decide", row.pk, decision="accept")
    post(web, "round_close", round.pk)
    post(web, "round_lock", round.pk)
    round.refresh_from_db()
    assert round.state == RoundState.LOCKED


def test_a_refusal_keeps_nothing_but_itself(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    web = browser(interviewer)
    post(
        web,
        "case_fill",
        cases[0].pk,
        consented=0,
        answered_date="2026-06-10",
        **{"q1-0": "BETTER"},
    )
    cases[0].refresh_from_db()
    assert cases[0].outcome == Outcome.REFUSED
    assert not Answer.objects.exists()
    page = web.get(reverse("surveys:case_detail", args=[cases[0].pk])).content.decode()
    assert "Ask the questions" not in page


def test_pressing_twice_sends_once(
    cases: list[Case], version: QuestionnaireVersion, interviewer: StaffUser
) -> None:
    web = browser(interviewer)
    sent = {
        "_new_id": new_id(),
        "consented": 1,
        "answered_date": "2026-06-10",
        "q1-0": "SAME",
        "q2-0": "SAME",
    }
    for _ in range(2):
        post(web, "case_fill", cases[0].pk, **sent)
    assert Submission.objects.count() == 1


def test_an_interviewer_tries_and_ends_a_case(
    cases: list[Case], interviewer: StaffUser, officer: StaffUser
) -> None:
    web = browser(interviewer)
    post(web, "contact_new", cases[0].pk, attempt_date="2026-06-02", way="VISIT", result="away")
    assert "away" in web.get(reverse("surveys:case_detail", args=[cases[0].pk])).content.decode()
    early = post(web, "case_outcome", cases[0].pk, outcome="NOT_FOUND", outcome_date="2026-06-03")
    assert "needs 3 attempts" in early.content.decode()
    post(web, "case_outcome", cases[0].pk, outcome="MOVED", outcome_date="2026-06-03")
    cases[0].refresh_from_db()
    assert cases[0].outcome == Outcome.MOVED
    listed = web.get(reverse("surveys:case_list"))
    assert "Participant 0001" in listed.content.decode()
    assert ReadEntry.objects.filter(staff_id=interviewer.pk).exists()
    assert web.get(reverse("surveys:submission_list")).status_code == 403


def test_records_open_and_others_see_none(
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
    outsider: StaffUser,
) -> None:
    row = services.record_submission(
        acting_staff=interviewer,
        submission=interview(
            cases[0], version, *answers(), services.AnswerIn(name="shoe", value="38")
        ),
    )
    web = browser(officer)
    for name, pk, text in (
        ("questionnaire_detail", version.questionnaire_id, "income_change"),
        ("round_detail", cases[0].round_id, "2026-follow-up"),
        ("case_detail", cases[0].pk, "Participant 0001"),
        ("submission_detail", row.pk, "answers a question that is not asked"),
    ):
        page = web.get(reverse(f"surveys:{name}", args=[pk]))
        assert page.status_code == 200, name
        assert text in page.content.decode(), name
        assert browser(outsider).get(reverse(f"surveys:{name}", args=[pk])).status_code == 403
    held = post(web, "submission_decide", row.pk, decision="accept")
    assert "A note is needed" in held.content.decode()
    post(web, "submission_decide", row.pk, decision="send_back", note="ask the shoe again")
    row.refresh_from_db()
    assert row.state == SubmissionState.SENT_BACK


class Caller:
    """A caller with a token."""

    def __init__(self, staff: StaffUser) -> None:
        self.token = f"hu_{staff.username}-token-for-tests"
        ApiToken.objects.create(
            staff=staff,
            label="test",
            key_hash=token_hash(self.token),
            scopes=["*"],
            expires_at=timezone.now() + timedelta(days=1),
            given_by=staff,
        )

    def call(self, verb: str, path: str, key: object = None, /, **told: object) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": str(key or new_id()),
        }
        send = getattr(Client(), verb)
        more: dict[str, Any] = {"headers": headers}
        if verb == "post":
            more |= {
                "data": json.dumps(told, default=str),
                "content_type": "application/json",
            }
        answer = send(f"/api/v1/surveys{path}", **more)
        return answer.status_code, answer.json()


def _finish(api: Caller, round: Any, cases: Any) -> None:
    """Tries, outcomes, the flow, the lock."""
    path = f"/rounds/{round['id']}"
    status, _row = api.call(
        "post", f"/cases/{cases[1]['id']}/contacts", attempt_date="2026-06-05", way="PHONE"
    )
    assert status == 201
    status, moved = api.call(
        "post", f"/cases/{cases[1]['id']}/outcome", outcome="MOVED", outcome_date="2026-06-05"
    )
    assert (status, moved["outcome"]) == (200, "MOVED")
    flow = api.call("get", f"{path}/flow")[1]
    assert (flow["sampled"], flow["interviewed"], flow["response_rate"]) == (3, 1, "33.3")
    assert len(api.call("get", f"/cases?round_id={round['id']}")[1]["items"]) == 3
    assert len(api.call("get", "/submissions")[1]["items"]) == 2
    assert len(api.call("get", "/rounds")[1]["items"]) == 1
    assert api.call("post", f"{path}/close")[1]["state"] == "CLOSED"
    assert api.call("post", f"{path}/lock")[1]["state"] == "LOCKED"


def test_a_round_over_the_api(
    officer: StaffUser,
    second: StaffUser,
    version: QuestionnaireVersion,
    programme: Programme,
    person: MakePerson,
) -> None:
    api = Caller(officer)
    people = [person() for _ in range(3)]
    assert len(api.call("get", "/questionnaires")[1]["items"]) == 1
    here = f"/questionnaires/{version.questionnaire_id}/versions"
    assert api.call("get", here)[1]["items"][0]["state"] == "PUBLISHED"
    status, round = api.call(
        "post",
        "/rounds",
        questionnaire_id=version.questionnaire_id,
        programme_id=programme.pk,
        name="API",
        kind="BASELINE",
        opens_date=date(2026, 6, 1),
        closes_date=date(2026, 6, 30),
        seed="known",
    )
    assert (status, round["seed"]) == (201, "known")
    path = f"/rounds/{round['id']}"
    status, cases = api.call(
        "post", f"{path}/draw", eligible=[{"subject_id": one.pk} for one in people]
    )
    assert (status, len(cases)) == (200, 3)
    assert api.call("post", f"{path}/open")[1]["state"] == "OPEN"
    key = new_id()
    case = f"/cases/{cases[0]['id']}"
    told = {
        "version_id": version.pk,
        "answered_date": "2026-06-05",
        "answers": [
            {"name": "income_change", "value": "SAME"},
            {"name": "life_change", "value": "BETTER"},
        ],
    }
    status, first = api.call("post", f"{case}/submissions", key, **told)
    assert (status, first["state"], first["instance_id"]) == (201, "RECEIVED", str(key))
    assert api.call("post", f"{case}/submissions", key, **told)[1] == first
    status, problem = api.call(
        "post", f"{case}/submissions", key, **(told | {"answered_date": "2026-06-06"})
    )
    assert (status, problem["code"]) == (422, "ANSWERS_DIFFER")
    status, problem = api.call("post", f"/submissions/{first['id']}/accept")
    assert (status, problem["code"]) == (422, "OWN_INTERVIEW")
    other = Caller(second)
    assert other.call("post", f"/submissions/{first['id']}/accept")[1]["state"] == "ACCEPTED"
    _finish(api, round, cases)


def test_a_questionnaire_is_drafted_and_published_over_the_api(
    officer: StaffUser, second: StaffUser
) -> None:
    told = {
        "code": "wells",
        "title": "Wells",
        "purpose": "CHECKLIST",
        "subject_kind": "HOUSEHOLD",
        "version": "1",
        "questions": [{"name": "age", "type": "integer", "labels": {"en": "How old?"}}],
    }
    status, row = Caller(officer).call("post", "/questionnaires", **told)
    assert (status, row["state"]) == (201, "DRAFT")
    status, published = Caller(second).call("post", f"/versions/{row['id']}/publish")
    assert (status, published["state"]) == (200, "PUBLISHED")


def test_a_set_of_answers_is_set_aside_over_the_api(
    cases: list[Case],
    version: QuestionnaireVersion,
    interviewer: StaffUser,
    officer: StaffUser,
    outsider: StaffUser,
) -> None:
    row = services.record_submission(
        acting_staff=interviewer, submission=interview(cases[0], version)
    )
    status, aside = Caller(officer).call(
        "post", f"/submissions/{row.pk}/set-aside", note="wrong person"
    )
    assert (status, aside["state"]) == (200, "SET_ASIDE")
    bank = Caller(outsider)
    for path in ("/questionnaires", "/rounds", "/cases", "/submissions"):
        assert bank.call("get", path)[0] == 403
    status, _problem = bank.call(
        "post", f"/cases/{cases[1].pk}/outcome", outcome="MOVED", outcome_date="2026-06-05"
    )
    assert status == 404
    cases[1].refresh_from_db()
    assert cases[1].outcome == ""


def test_a_questionnaire_of_the_program_is_taken_into_use(officer: StaffUser) -> None:
    web = browser(officer)
    address = reverse("surveys:questionnaire_take")
    assert address in web.get(reverse("surveys:questionnaire_list")).content.decode()
    for _again in range(2):
        answer = web.post(address, {"code": "enterprise_visit"})
        assert answer.status_code == 302
    assert Questionnaire.objects.filter(code="enterprise_visit").count() == 1
    assert web.get(answer.headers["Location"]).status_code == 200
    assert web.post(address, {"code": "nothing"}).status_code == 422
    taken = web.post(
        "/api/v1/surveys/questionnaires/shipped",
        {"code": "enterprise_visit"},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert taken.status_code == 201
