"""Answers that belong to no case: listed, placed on one by hand, let go after a month."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org import retention
from handup.org.models import ReadEntry, StaffUser
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import compiling, services
from handup.surveys.models import Case, Submission, UnplacedAnswers
from handup.surveys.rules.codes import Outcome, RoundKind, SubmissionState
from handup.surveys.services import refusals
from handup.surveys.services.unplaced import NothingLeftToPlace, PlacedAlready
from handup.surveys.tests.collect import body
from handup.surveys.tests.sheets import CASES, questionnaire


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


@pytest.fixture(autouse=True)
def without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def case(
    officer: StaffUser,
    second: StaffUser,
    interviewer: StaffUser,
    programme: Programme,
    person: Callable[[], Person],
) -> Case:
    version = services.upload_questionnaire(
        acting_staff=officer, content=questionnaire(CASES), filename="household.xlsx"
    )
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Baseline", kind=RoundKind.BASELINE, opens_date=date(2026, 3, 1),
        closes_date=date(2026, 4, 1), seed="s",
    )  # fmt: skip
    eligible = [services.EligibleIn(subject=person(), interviewer=interviewer)]
    (drawn,) = services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    return drawn


def kept(case: Case, sender: StaffUser, number: str, content: bytes) -> UnplacedAnswers:
    """Answers as the door keeps them."""
    return UnplacedAnswers.objects.create(
        programme=case.round.programme, sent_by=sender, reason="CASE_UNKNOWN",
        keyed_sum=number, body=content.decode(), device="collect:1", instance_id=f"uuid:{number}",
    )  # fmt: skip


def test_answers_are_placed_on_a_case_as_sent_by_whom_they_came_from(
    client: Client, case: Case, officer: StaffUser, interviewer: StaffUser
) -> None:
    content = body("nobody", instance="uuid:1")
    row = kept(case, interviewer, "1", content)
    client.force_login(officer)
    listed = client.get(reverse("surveys:unplaced_list")).content.decode()
    assert "They name no case that is known here." in listed
    page = client.get(reverse("surveys:unplaced_detail", args=[row.pk])).content.decode()
    assert "nobody" in page
    assert ReadEntry.objects.get().highest == "S"
    told = client.get("/api/v1/surveys/unplaced-answers").json()
    assert [(one["id"], one["reason"]) for one in told["items"]] == [(str(row.pk), "CASE_UNKNOWN")]
    address = reverse("surveys:unplaced_place", args=[row.pk])
    unknown = client.post(address, {"number": "99999999"})
    assert "Nobody with this number" in unknown.content.decode()
    answer = client.post(address, {"number": case.person.registration_no if case.person else ""})
    assert answer.status_code == 302
    placed = Submission.objects.get()
    assert answer["Location"] == reverse("surveys:submission_detail", args=[placed.pk])
    assert (placed.case_id, placed.state) == (case.pk, SubmissionState.HELD)
    assert (placed.interviewer_id, placed.device) == (interviewer.pk, "collect:1")
    assert placed.body.encode() == content
    assert [one["kind"] for one in placed.faults] == ["PLACED_BY_HAND"]
    row.refresh_from_db()
    assert (row.body, row.placed_as_id) == ("", placed.pk)
    case.refresh_from_db()
    assert case.outcome == Outcome.INTERVIEWED
    with pytest.raises(PlacedAlready):
        services.place_answers(acting_staff=officer, answers=row, case=case)


def test_what_cannot_be_placed_stays_and_a_month_later_is_due(
    client: Client, case: Case, officer: StaffUser, interviewer: StaffUser
) -> None:
    wrong = kept(case, interviewer, "1", b"no xml")
    empty = kept(case, interviewer, "2", b"")
    with pytest.raises(refusals.UnreadableAnswers):
        services.place_answers(acting_staff=officer, answers=wrong, case=case)
    with pytest.raises(NothingLeftToPlace):
        services.place_answers(acting_staff=officer, answers=empty, case=case)
    client.force_login(interviewer)
    assert client.get(reverse("surveys:unplaced_detail", args=[wrong.pk])).status_code == 403
    rule = retention.rules["UNPLACED_ANSWERS"]
    today = timezone.localdate()
    assert rule.due(retention.before(rule, today + timedelta(days=30))) == 0
    due = retention.before(rule, today + timedelta(days=31))
    assert (rule.due(due), rule.blank(due), UnplacedAnswers.objects.count()) == (2, 2, 0)
