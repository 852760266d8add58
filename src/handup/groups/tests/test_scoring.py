"""Scorecards: the shipped cards, a filled one with its grade and the entries that speak for it, a
dispute answered by somebody else, and when a card falls due."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.models import AssessmentMark, Group, GroupAssessment, Meeting, Member
from handup.groups.models.scoring import Given
from handup.groups.rules.grading import NothingScored
from handup.groups.scorecards import card_of, cards, cards_for
from handup.groups.services import scoring
from handup.groups.services.scoring import (
    AnswerBefore,
    AnsweredAlready,
    AssessedThatDay,
    BeforeFormed,
    DisputedAlready,
    MarkIn,
    NotForThisGroup,
    OwnAssessment,
    PeopleMissing,
    WhyMissing,
)
from handup.groups.tests.conftest import FORMED, close, mark, save, staff_with
from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.projects.models import Programme

DAY = date(2026, 2, 2)
FULL = {no: MarkIn(Given.SCORED, 10) for no in range(1, 11)}


@pytest.fixture
def supervisor(programme: Programme) -> StaffUser:
    """Who answers disputes."""
    return staff_with("supervisor", Role.GROUP_SUPERVISOR, programme=programme.pk)


def assess(group: Group, officer: StaffUser, **other: Any) -> GroupAssessment:
    told: dict[str, Any] = {
        "card_code": "TEN_POINTS",
        "marks": FULL,
        "people_count": 4,
        "on": DAY,
    }
    return scoring.assess_group(acting_staff=officer, group=group, **(told | other))


def test_the_shipped_cards_ask_what_their_documents_count() -> None:
    asked = {code: (len(card.criteria), card.most) for code, card in cards().items()}
    assert asked == {"TEN_POINTS": (10, 100), "FIELD_CARD": (46, 92), "LADDER": (20, 100)}
    assert [len(rows) for rows in card_of("LADDER").sections.values()] == [5, 5, 5, 5]
    for card in cards().values():
        assert [one.no for one in card.criteria] == list(range(1, len(card.criteria) + 1))
        assert len({one.text for one in card.criteria}) == len(card.criteria)
    assert [card.code for card in cards_for("COOP_PRIMARY")] == ["LADDER"]
    assert card_of("LADDER").every_months == 24


@pytest.mark.parametrize(
    ("points", "grade", "is_eligible"),
    [(100, "A", True), (86, "A", True), (85, "B", True), (75, "B", True), (74, "C", False)],
)
def test_ten_points_are_graded_at_their_edges(
    group: Group, officer: StaffUser, points: int, grade: str, is_eligible: bool
) -> None:
    left, marks = points, {}
    for no in range(1, 11):
        marks[no] = MarkIn(Given.SCORED, min(10, left))
        left -= marks[no].points
    row = assess(group, officer, marks=marks)
    assert (row.points, row.grade, row.is_eligible) == (points, grade, is_eligible)


def test_what_does_not_apply_leaves_the_card_and_what_is_missing_scores_nothing(
    group: Group, officer: StaffUser
) -> None:
    marks = {no: MarkIn(Given.SCORED, 2) for no in range(1, 40)}
    marks |= {no: MarkIn(Given.NOT_APPLICABLE) for no in range(40, 44)}
    row = assess(group, officer, card_code="FIELD_CARD", marks=marks)
    assert (row.points, row.most_points, row.grade) == (78, 84, "EXCELLENT")
    assert row.marks.filter(given=Given.UNANSWERED).count() == 3
    with pytest.raises(NothingScored):
        assess(
            group,
            officer,
            marks={no: MarkIn(Given.NOT_APPLICABLE) for no in range(1, 11)},
        )


def test_marks_link_to_the_entries_that_speak_for_them(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 500))
    mark(meeting, officer, {})
    close(meeting, officer, 2_000)
    row = assess(meeting.group, officer)
    first, bank = row.marks.get(no=1), row.marks.get(no=9)
    names = {one.fact.name for one in first.evidence.select_related("fact")}
    assert names == {"open_meeting", "close_meeting"}
    assert not bank.evidence.exists()
    early = assess(meeting.group, officer, on=FORMED)
    assert not early.marks.get(no=1).evidence.exists(), "the meeting came later"


def test_a_card_is_refused_with_every_wrong_mark_named(
    group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    with pytest.raises(Faults) as told:
        assess(group, officer, marks=FULL | {3: MarkIn(Given.SCORED, 11), 99: MarkIn(Given.SCORED)})
    assert sorted(fault.place for fault in told.value.faults) == ["mark_3", "mark_99"]
    for wrong, refusal in (
        ({"card_code": "LADDER"}, NotForThisGroup),
        ({"people_count": 0}, PeopleMissing),
        ({"on": date(2026, 1, 4)}, BeforeFormed),
    ):
        with pytest.raises(refusal):
            assess(group, officer, **wrong)
    with pytest.raises(OutOfSight):
        assess(group, outsider)
    assert not GroupAssessment.objects.exists()
    key = new_id()
    first = assess(group, officer, id=key)
    assert assess(group, officer, id=key) == first
    with pytest.raises(SameIdOtherContent):
        assess(group, officer, id=key, people_count=5)
    with pytest.raises(SameIdOtherContent):
        assess(group, officer, id=key, marks=FULL | {1: MarkIn(Given.SCORED, 9)})
    with pytest.raises(AssessedThatDay):
        assess(group, officer)


def test_a_disputed_mark_is_answered_by_somebody_else_and_graded_anew(
    group: Group, officer: StaffUser, supervisor: StaffUser
) -> None:
    low = FULL | {no: MarkIn(Given.SCORED, 5) for no in (1, 2, 3)}
    row = assess(group, officer, marks=low)
    assert (row.points, row.grade) == (85, "B")
    one = row.marks.get(no=1)
    dispute = partial(scoring.dispute_mark, acting_staff=officer, mark=one)
    with pytest.raises(WhyMissing):
        dispute(why=" ", on=DAY)
    with pytest.raises(AnswerBefore):
        dispute(why="We met each week", on=FORMED)
    asked = dispute(why="We met each week", on=DAY)
    with pytest.raises(DisputedAlready):
        dispute(why="Again", on=DAY)
    answer = partial(scoring.answer_dispute, dispute=asked, answer="The book says so", on=DAY)
    with pytest.raises(NotAllowed):
        answer(acting_staff=officer)
    with pytest.raises(Faults):
        answer(acting_staff=supervisor, given=Given.SCORED, points=11)
    told = answer(acting_staff=supervisor, given=Given.SCORED, points=10)
    row.refresh_from_db()
    assert (told.state, told.points_before, row.points, row.grade) == ("CHANGED", 5, 90, "A")
    again = answer(acting_staff=supervisor, given=Given.SCORED, points=10)
    assert again.state == "CHANGED", "the same again changes nothing"
    with pytest.raises(AnsweredAlready):
        answer(acting_staff=supervisor)
    with pytest.raises(AnsweredAlready):
        answer(acting_staff=supervisor, answer="Another")
    names = group.facts.filter(name__contains="dispute").values_list("name", flat=True)
    assert list(names.order_by("seq")) == ["dispute_mark", "answer_dispute"]


def test_nobody_answers_a_dispute_of_her_own_assessment(
    group: Group, supervisor: StaffUser, officer: StaffUser
) -> None:
    row = assess(group, supervisor)
    asked = scoring.dispute_mark(
        acting_staff=officer, mark=row.marks.get(no=1), why="Too high", on=DAY
    )
    with pytest.raises(OwnAssessment):
        scoring.answer_dispute(acting_staff=supervisor, dispute=asked, answer="It stands", on=DAY)
    asked.refresh_from_db()
    assert asked.state == "OPEN"


def test_a_card_falls_due_its_months_after_it_was_filled(group: Group, officer: StaffUser) -> None:
    (due,) = scoring.due_cards(group, [card_of("TEN_POINTS")])
    assert (due.last, due.due) == (None, date(2027, 1, 5))
    assess(group, officer)
    (due,) = scoring.due_cards(group, [card_of("TEN_POINTS")])
    assert (due.last, due.due) == (DAY, date(2027, 2, 2))
    assert not due.is_overdue(date(2027, 2, 2))
    assert due.is_overdue(date(2027, 2, 3))
    (due,) = scoring.due_cards(group, [card_of("LADDER")])
    assert due.due == date(2028, 1, 5)


def test_a_card_on_its_pages_from_filling_to_the_answer(
    client: Client, group: Group, officer: StaffUser, supervisor: StaffUser, outsider: StaffUser
) -> None:
    Group.objects.filter(pk=group.pk).update(formed_date=date(2020, 1, 1))
    client.force_login(officer)
    page = reverse("groups:assessments", args=[group.pk])
    assert "was due on" in client.get(page).content.decode()
    fill = reverse("groups:assess", args=[group.pk, "TEN_POINTS"])
    shown = client.get(fill).content.decode()
    assert "10. Members tell what the group decided and why" in shown
    today = timezone.localdate().isoformat()
    sent = {f"mark_{no}": "8" for no in range(1, 11)} | {"on": today, "people_count": "4"}
    wrong = client.post(fill, sent | {"mark_4": "11", "_new_id": str(new_id())})
    assert wrong.status_code == 422
    answer = client.post(fill, sent | {"_read_back": "1", "_new_id": str(new_id())})
    row = GroupAssessment.objects.get()
    assert answer.headers["Location"] == reverse("groups:assessment", args=[row.pk])
    filled = client.get(reverse("groups:assessment", args=[row.pk])).content.decode()
    for told in ("80", "8 of 10", "Dispute it", "B"):
        assert told in filled
    one = AssessmentMark.objects.get(no=2)
    client.post(reverse("groups:mark_dispute", args=[one.pk]), {"why": "All came", "on": today})
    asked = one.disputes.get()
    client.force_login(supervisor)
    page = reverse("groups:dispute_answer", args=[asked.pk])
    assert "All came" in client.get(page).content.decode()
    client.post(page, {"mark": "10", "answer": "The roll says so", "on": today, "_read_back": "1"})
    row.refresh_from_db()
    assert row.points == 82
    paper = client.get(reverse("groups:assessment_paper", args=[row.pk]))
    assert paper.content.startswith(b"%PDF")
    assert client.get(reverse("groups:assess", args=[group.pk, "LADDER"])).status_code == 404
    assert client.get(reverse("groups:assess", args=[group.pk, "NONE"])).status_code == 404
    client.force_login(outsider)
    assert client.get(reverse("groups:assessment", args=[row.pk])).status_code == 404


def test_two_marks_of_one_criterion_are_refused_over_the_api(
    client: Client, group: Group, officer: StaffUser
) -> None:
    client.force_login(officer)
    told = {
        "card": cards_for(group.kind)[0].code,
        "on": FORMED.isoformat(),
        "people_count": 5,
        "marks": [{"no": 1, "points": 3}, {"no": 1, "points": 9}],
    }

    answer = client.post(
        f"/api/v1/groups/groups/{group.pk}/assessments",
        told,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert [fault["code"] for fault in answer.json()["faults"]] == ["MARK_TWICE"]
    assert not GroupAssessment.objects.exists()
