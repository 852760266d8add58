"""A compiled questionnaire on plain pages: one group at a time, nothing lost on the way back."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache

import pytest
from django.test import Client

from handup.org.models import StaffUser
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import compiling, services
from handup.surveys.models import Case, Submission
from handup.surveys.rules.codes import Channel, RoundKind, SubmissionState
from handup.surveys.tests.sheets import CASES, questionnaire


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


@pytest.fixture
def case(
    officer: StaffUser,
    second: StaffUser,
    interviewer: StaffUser,
    programme: Programme,
    person: Callable[[], Person],
) -> Case:
    rows = [row for row in CASES if row[0] != "image"]
    profit = next(number for number, row in enumerate(rows) if row[1:2] == ("profit",))
    rows.insert(profit, ("calculate", "kept", "", "", "", "", "", "'books'"))
    content = questionnaire(rows)
    version = services.upload_questionnaire(
        acting_staff=officer, content=content, filename="household.xlsx"
    )
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Baseline", kind=RoundKind.BASELINE, opens_date=date(2026, 3, 1),
        closes_date=date(2026, 3, 1) + timedelta(days=60), seed="s",
    )  # fmt: skip
    eligible = [services.EligibleIn(subject=person(), interviewer=interviewer)]
    (drawn,) = services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    return drawn


def found(page: str, name: str) -> str:
    """What a page carries under a name."""
    held = re.search(rf'name="{name}" value="([^"]*)"', page)
    return html.unescape(held[1]) if held else ""


class Walk:
    """Somebody who fills the pages, carrying what each page carries."""

    def __init__(self, client: Client, case: Case) -> None:
        self.client, self.url = client, f"/surveys/cases/{case.pk}/fill"
        self.page = client.get(self.url).content.decode()
        self.status = 200

    def hidden(self, name: str) -> str:
        return found(self.page, name)

    def post(self, **answers: str | list[str]) -> str:
        data = {name: self.hidden(name) for name in ("_new_id", "_step", "_answers")}
        names = {n: v for n, v in answers.items() if n.startswith("_")}
        places = {
            "/household/" + n.replace("__", "/"): v for n, v in answers.items() if n not in names
        }
        answer = self.client.post(self.url, {**data, **names, **places})
        self.status, self.page = answer.status_code, answer.content.decode()
        return self.page


def test_a_household_is_asked_group_by_group(
    client: Client, interviewer: StaffUser, case: Case
) -> None:
    client.force_login(interviewer)
    walk = Walk(client, case)
    assert "Does she sell?" in walk.page
    assert "Key of the case" not in walk.page
    assert "This question must be answered." in walk.post()
    assert walk.status == 422
    walk.post(trades="yes")
    assert "Sales last month" in walk.page
    assert "Not below nothing" in walk.post(business__sales="-5", business__costs="2")
    walk.post(business__sales="500", business__costs="120")
    assert "How many live here?" in walk.page
    assert 'value="500"' in walk.post(_back="1")
    walk.post(business__sales="500", business__costs="120")
    assert "1 to 30" in walk.post(size="77", region="north")
    assert walk.hidden("_answers").count('"profit": "380"') == 1
    walk.post(size="3", region="north", town="alpha", sources=["farm", "shop"])
    assert "Age (1)" in walk.page
    assert "Age (2)" in walk.page
    places = {"worker[1]__age": "30", "worker[2]__age": "12"}
    walk.post(**places)
    walk.post(seen="2026-03-01")
    assert "Read it back before it is done" in walk.page
    assert "Farm, Shop" in walk.page
    walk.post()
    assert walk.status == 302
    row = Submission.objects.get()
    assert (row.state, row.channel, row.faults) == (SubmissionState.RECEIVED, Channel.WEB, [])
    assert row.case_id == case.pk
    held = {a.question.name: a.value for a in row.answers.select_related("question")}
    assert held["profit"] == "380"
    assert held["who"] == str(case.subject)
    assert row.start_at is not None


def test_what_does_not_apply_is_not_asked_and_broken_state_starts_anew(
    client: Client, interviewer: StaffUser, case: Case
) -> None:
    client.force_login(interviewer)
    walk = Walk(client, case)
    walk.post(trades="no")
    assert "Sales last month" not in walk.page
    assert "How many live here?" in walk.page
    data = {"_answers": "{broken", "_step": "9999", "_new_id": walk.hidden("_new_id")}
    assert client.post(walk.url, {**data, "_back": "1"}).status_code == 200
    assert not Submission.objects.exists()


def test_what_is_computed_in_a_group_that_is_not_asked_is_not_sent_and_two_presses_are_one(
    client: Client, interviewer: StaffUser, case: Case
) -> None:
    client.force_login(interviewer)
    walk = Walk(client, case)
    walk.post(trades="no")
    walk.post(size="3")
    walk.post()
    assert "Read it back before it is done" in walk.page
    sent = {name: walk.hidden(name) for name in ("_new_id", "_step", "_answers")}
    for _again in range(2):
        assert client.post(walk.url, sent).status_code == 302
    row = Submission.objects.get()
    assert (row.state, row.faults) == (SubmissionState.RECEIVED, [])
    assert "kept" not in {a.question.name for a in row.answers.select_related("question")}
    assert row.end_at is not None
    changed = {**sent, "_answers": sent["_answers"].replace('"size": "3"', '"size": "4"')}
    for _again in range(2):
        answer = client.post(walk.url, changed)
        assert answer.status_code == 422
        assert "both are kept for the supervisor" in answer.content.decode()
        changed = {**changed, "_answers": found(answer.content.decode(), "_answers")}
    states = sorted(Submission.objects.values_list("state", flat=True))
    assert states == [SubmissionState.CONFLICT, SubmissionState.RECEIVED]


def test_a_cascade_is_offered_anew_and_a_slip_in_a_number_loses_no_row(
    client: Client, interviewer: StaffUser, case: Case
) -> None:
    client.force_login(interviewer)
    walk = Walk(client, case)
    walk.post(trades="yes")
    walk.post(business__sales="500", business__costs="120")
    assert "Alpha" not in walk.page
    assert "Alpha" in walk.post(size="3", region="north"), "the towns of the region are offered"
    assert "How many live here?" in walk.page
    assert "Beta" in walk.post(size="3", region="south", town="alpha")
    walk.post(size="3", region="south", town="beta")
    walk.post(**{"worker[1]__age": "30", "worker[2]__age": "12"})
    walk.post(_back="1")
    walk.post(_back="1", **{"worker[1]__age": "30", "worker[2]__age": "12"})
    walk.post(size="2", region="south", town="beta")
    assert 'value="12"' in walk.page, "the second row stays until it is sent"
    walk.post(**{"worker[1]__age": "30", "worker[2]__age": "12"})
    walk.post()
    assert "These answers are left out" in walk.page
    walk.post()
    row = Submission.objects.get()
    assert (row.state, row.faults) == (SubmissionState.RECEIVED, [])
    ages = row.answers.filter(question__name="age")
    assert [one.value for one in ages] == ["30"]


def test_the_form_is_told_as_data_to_who_may_ask_and_to_nobody_else(
    client: Client, interviewer: StaffUser, outsider: StaffUser, case: Case
) -> None:
    url = f"/surveys/cases/{case.pk}/form"
    client.force_login(interviewer)
    told = client.get(url).json()
    assert (told["form"]["code"], told["cases"]["label"]) == ("household", str(case.subject))
    assert "case_key" in told["known"]
    assert client.head(url).content == b""
    page = client.get(f"/surveys/cases/{case.pk}/fill").content.decode()
    keys = set(re.findall(r'data-key="([^"]+)"', page))
    assert len(keys) == 1
    client.force_login(outsider)
    assert client.get(url).status_code in {403, 404}
