"""A committee chooses: in rank order, with reasons, a quorum, conflicts, and two pairs of eyes."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import (
    Participation,
    ParticipationEvent,
    Person,
    Scorecard,
    Selection,
    SelectionLine,
    TargetingRun,
)
from handup.people.rules import codes as c
from handup.people.rules.selection import Line, Outcome, unexplained, usual, without_quorum
from handup.people.services import move_participation, open_compartment
from handup.people.services.participation import MoveNotAllowed
from handup.people.services.selection import (
    ConflictLeavesNoQuorum,
    HeldAhead,
    MemberTwice,
    NobodyEligible,
    NoLongerOnList,
    NoPlaces,
    NoQuorum,
    PassedOverWithoutReason,
    ReasonDoesNotFit,
    SelectionDecided,
    SelectionWithoutTitle,
    TooManyTaken,
    UnknownMember,
    decide_selection,
    lines_of,
    propose_selection,
    set_line,
)
from handup.people.tests.conftest import signed_in
from handup.people.tests.test_runs import RUN_DAY, card, people, run
from handup.projects.models import Programme

__all__ = ["card", "people"]
TAKEN, NEXT, PASSED = Outcome.TAKEN, Outcome.NEXT, Outcome.PASSED_OVER


@pytest.fixture
def committee(programme: Programme) -> StaffUser:
    return staff_with(
        "committee", Role.COMMITTEE, scope=ScopeKind.PROJECT, programme_id=programme.pk
    )


@pytest.fixture
def a_run(
    targeting: StaffUser, programme: Programme, card: Scorecard, people: dict[str, Person]
) -> TargetingRun:
    """Mane, Anush, Lusine are taken by the run, in this order, and eligible."""
    Participation._base_manager.update(state="ELIGIBLE")
    return run(targeting, programme, card)


def propose(staff: StaffUser, found: TargetingRun, **more: Any) -> Selection:
    told: dict[str, Any] = {
        "title": "First sitting",
        "held_date": RUN_DAY,
        "places": 2,
        "quorum": 2,
        "members": ["Aram", "Bella", "Carl"],
    }
    return propose_selection(acting_staff=staff, run=found, **(told | more))


def line(selection: Selection, place: int) -> SelectionLine:
    return SelectionLine.objects.select_related("selection", "row").get(
        selection=selection, place=place
    )


def states(people: dict[str, Person]) -> dict[str, tuple[str, str]]:
    rows = Participation._base_manager.all()
    by_person = {row.person_id: (row.state, row.reason) for row in rows}
    return {name: by_person[person.pk] for name, person in people.items()}


def test_the_rules_of_passing_over() -> None:
    assert usual(3, 2) == [TAKEN, TAKEN, NEXT]
    assert unexplained([Line(TAKEN), Line(TAKEN), Line(NEXT)], 2) == []
    assert unexplained([Line(TAKEN), Line(NEXT), Line(TAKEN)], 2) == [2]
    assert unexplained([Line(TAKEN), Line(PASSED, "MOVED"), Line(TAKEN)], 2) == []
    assert unexplained([Line(NEXT), Line(NEXT)], 1) == [1, 2]
    assert unexplained([Line(PASSED, "DIED"), Line(TAKEN), Line(NEXT)], 2) == [3]
    assert unexplained([], 4) == []
    lines = [Line(TAKEN, conflicts=frozenset({1})), Line(TAKEN)]
    assert without_quorum(lines, [1, 2], 2) == [1]


def test_the_first_are_taken_and_the_rest_wait(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun, people: dict[str, Person]
) -> None:
    found = propose(targeting, a_run)
    decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    told = states(people)
    assert told["Mane"] == told["Anush"] == ("ACTIVE", "PLACE_FOUND")
    assert told["Lusine"] == ("WAITING", "NO_PLACE")
    assert told["Karen"] == ("ELIGIBLE", "")
    found.refresh_from_db()
    assert (found.state, found.decided_by) == ("DECIDED", committee)
    assert ParticipationEvent._base_manager.filter(event_date=RUN_DAY).count() == 3
    assert AuditLine.objects.filter(action="people.decide_selection").count() == 1
    with pytest.raises(SelectionDecided):
        decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    with pytest.raises(SelectionDecided):
        set_line(acting_staff=targeting, line=line(found, 1), outcome=NEXT)


def test_who_is_passed_over_has_a_reason(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun, people: dict[str, Person]
) -> None:
    found = propose(targeting, a_run)
    set_line(acting_staff=targeting, line=line(found, 1), outcome=NEXT)
    set_line(acting_staff=targeting, line=line(found, 3), outcome=TAKEN)
    with pytest.raises(PassedOverWithoutReason, match="1"):
        decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    assert set(states(people).values()) == {("ELIGIBLE", "")}
    with pytest.raises(ReasonDoesNotFit):
        set_line(acting_staff=targeting, line=line(found, 1), outcome=PASSED)
    with pytest.raises(ReasonDoesNotFit):
        set_line(acting_staff=targeting, line=line(found, 1), outcome=NEXT, reason="MOVED")
    set_line(acting_staff=targeting, line=line(found, 1), outcome=PASSED, reason="MOVED")
    decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    told = states(people)
    assert told["Mane"] == ("EXITED", "MOVED")
    assert told["Lusine"] == ("ACTIVE", "PLACE_FOUND")


def test_passed_over_for_a_conflict_she_waits_and_an_appeal_reopens(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun, people: dict[str, Person]
) -> None:
    found = propose(targeting, a_run, places=1)
    reason = "CONFLICT_OF_INTEREST"
    set_line(acting_staff=targeting, line=line(found, 1), outcome=PASSED, reason=reason)
    set_line(acting_staff=targeting, line=line(found, 2), outcome=PASSED, reason="WITHDREW")
    set_line(acting_staff=targeting, line=line(found, 3), outcome=TAKEN)
    decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    assert states(people)["Mane"] == ("WAITING", reason)
    anush = Participation._base_manager.get(person=people["Anush"])
    assert anush.state == "EXITED"
    moved = move_participation(
        acting_staff=targeting,
        participation=anush,
        to_state=c.ParticipationState.APPLIED,
        reason="APPEAL",
        on=RUN_DAY,
    )
    assert moved.state == "APPLIED"


def test_whoever_proposed_does_not_decide(
    a_run: TargetingRun, programme: Programme, people: dict[str, Person]
) -> None:
    both = staff_with(
        "both",
        Role.TARGETING_OFFICER,
        Role.COMMITTEE,
        scope=ScopeKind.PROJECT,
        programme_id=programme.pk,
    )
    found = propose(both, a_run)
    with pytest.raises(SamePerson):
        decide_selection(acting_staff=both, selection=found, decided_date=RUN_DAY)
    assert set(states(people).values()) == {("ELIGIBLE", "")}


def test_who_may_not_vote_does_not_count_for_the_quorum(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun
) -> None:
    found = propose(targeting, a_run, quorum=3)
    with pytest.raises(UnknownMember):
        set_line(acting_staff=targeting, line=line(found, 2), outcome=TAKEN, conflicts=[4])
    set_line(acting_staff=targeting, line=line(found, 2), outcome=TAKEN, conflicts=[1])
    with pytest.raises(ConflictLeavesNoQuorum, match="2"):
        decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)


def test_more_than_the_places_are_refused(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun
) -> None:
    found = propose(targeting, a_run, places=2)
    set_line(acting_staff=targeting, line=line(found, 3), outcome=TAKEN)
    with pytest.raises(TooManyTaken):
        decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)


def test_who_left_meanwhile_is_named(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun, people: dict[str, Person]
) -> None:
    found = propose(targeting, a_run)
    Participation._base_manager.filter(person=people["Anush"]).update(state="EXITED")
    with pytest.raises(NoLongerOnList, match="2"):
        decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    assert Selection._base_manager.get().state == "PROPOSED"


def test_a_sitting_is_whole(
    targeting: StaffUser, clerk: StaffUser, committee: StaffUser, a_run: TargetingRun
) -> None:
    for refusal, change in (
        (SelectionWithoutTitle, {"title": " "}),
        (NoPlaces, {"places": 0}),
        (NoPlaces, {"quorum": 0}),
        (NoQuorum, {"members": ["Aram"]}),
        (MemberTwice, {"members": ["Aram", "aram"]}),
        (HeldAhead, {"held_date": timezone.localdate() + timedelta(1)}),
    ):
        with pytest.raises(refusal):
            propose(targeting, a_run, **change)
    for staff in (clerk, committee):
        with pytest.raises(NotAllowed):
            propose(staff, a_run)
    Participation._base_manager.update(state="APPLIED")
    with pytest.raises(NobodyEligible):
        propose(targeting, a_run)
    assert not Selection._base_manager.exists()


def test_pages_propose_depart_decide_and_print(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun, people: dict[str, Person]
) -> None:
    officer, member = signed_in(targeting), signed_in(committee)
    told = {"title": "First", "held_date": RUN_DAY.isoformat(), "places": "1", "quorum": "1"}
    answer = officer.post(
        reverse("people:selection_new", args=[a_run.pk]), told | {"members": "Aram\nBella\n"}
    )
    page = answer["Location"]
    found = Selection._base_manager.get()
    first = reverse("people:selection_line", args=[line(found, 1).pk])
    assert first in officer.get(page).content.decode()
    officer.post(first, {"outcome": "NEXT", "reason": ""})
    assert "Give the reason" in officer.get(page).content.decode()
    officer.post(first, {"outcome": "PASSED_OVER", "reason": "NO_CONTACT", "conflicts": ["2"]})
    second = reverse("people:selection_line", args=[line(found, 2).pk])
    officer.post(second, {"outcome": "TAKEN", "reason": ""})
    decide = reverse("people:selection_decide", args=[found.pk])
    assert officer.post(decide, {"decided_date": RUN_DAY.isoformat()}).status_code == 403
    assert member.post(decide, {"decided_date": RUN_DAY.isoformat()})["Location"] == page
    minutes = member.get(reverse("people:minutes", args=[found.pk])).content.decode()
    assert "could not be reached" in minutes
    assert "Bella" in minutes
    assert "Mane" not in minutes
    assert people["Mane"].registration_no in minutes


def test_the_interface_proposes_and_decides(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun
) -> None:
    officer, member = signed_in(targeting), signed_in(committee)
    told = {
        "title": "First",
        "held_date": RUN_DAY.isoformat(),
        "places": 2,
        "quorum": 1,
        "members": ["Aram"],
    }
    base = "/api/v1/people"
    answer = officer.post(
        f"{base}/targeting-runs/{a_run.pk}/selections",
        told,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201
    own = f"{base}/selections/{answer.json()['id']}"
    lines = officer.get(f"{own}/lines").json()["items"]
    first = next(item for item in lines if item["place"] == 1)
    answer = officer.post(
        f"{base}/selection-lines/{first['id']}",
        {"outcome": "PASSED_OVER", "reason": "DIED"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["reason"]) == (200, "DIED")
    third = next(item for item in lines if item["place"] == 3)
    path = f"{base}/selection-lines/{third['id']}"
    officer.post(path, {"outcome": "TAKEN"}, content_type="application/json")
    decided = {"decided_date": RUN_DAY.isoformat()}
    answer = member.post(f"{own}/decision", decided, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "DECIDED")
    assert sorted(Participation._base_manager.values_list("state", flat=True)) == [
        "ACTIVE",
        "ACTIVE",
        "ELIGIBLE",
        "ELIGIBLE",
        "EXITED",
    ]


def test_who_changed_a_line_does_not_decide_alone(
    targeting: StaffUser, committee: StaffUser, a_run: TargetingRun, people: dict[str, Person],
    programme: Programme,
) -> None:  # fmt: skip
    """A proposes; B passes the first over and takes the third: then a third person decides."""
    both = staff_with(
        "both", Role.TARGETING_OFFICER, Role.MANAGER, scope=ScopeKind.PROJECT,
        programme_id=programme.pk,
    )  # fmt: skip
    found = propose(targeting, a_run)
    stale = line(found, 3)
    set_line(acting_staff=both, line=line(found, 1), outcome=PASSED, reason="PERSONAL")
    set_line(acting_staff=both, line=stale, outcome=TAKEN)
    set_line(acting_staff=targeting, line=stale, outcome=TAKEN)
    with pytest.raises(SamePerson):
        decide_selection(acting_staff=both, selection=found, decided_date=RUN_DAY)
    assert {state for state, _reason in states(people).values()} == {"ELIGIBLE"}
    assert line(found, 3).changed_by == sorted([str(both.pk), str(targeting.pk)])
    decide_selection(acting_staff=committee, selection=found, decided_date=RUN_DAY)
    with pytest.raises(SelectionDecided):  # the line was loaded before the decision
        set_line(acting_staff=both, line=stale, outcome=NEXT)
    assert states(people)["Lusine"] == ("ACTIVE", "PLACE_FOUND")


def test_a_step_taken_meanwhile_is_seen_and_not_overwritten(
    manager: StaffUser, targeting: StaffUser, committee: StaffUser, a_run: TargetingRun,
    people: dict[str, Person],
) -> None:  # fmt: skip
    """Loaded while eligible, moved by the decision: what is allowed now counts."""
    early = Participation._base_manager.get(person=people["Mane"])
    decide_selection(
        acting_staff=committee, selection=propose(targeting, a_run), decided_date=RUN_DAY
    )
    waiting = c.ParticipationState.WAITING
    with pytest.raises(MoveNotAllowed):
        move_participation(
            acting_staff=manager, participation=early, to_state=waiting, reason="NO_PLACE",
            on=RUN_DAY,
        )  # fmt: skip
    assert states(people)["Mane"] == ("ACTIVE", "PLACE_FOUND")


def test_somebody_hidden_since_is_in_no_number_and_stays_where_she_is(
    targeting: StaffUser,
    committee: StaffUser,
    focal_point: StaffUser,
    a_run: TargetingRun,
    people: dict[str, Person],
) -> None:
    found = propose(targeting, a_run)
    open_compartment(
        acting_staff=focal_point,
        person=people["Mane"],
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=RUN_DAY,
    )
    reader = StaffUser.objects.get(pk=committee.pk)
    assert [row.place for row in lines_of(found, reader)] == [1, 2]
    with pytest.raises(PassedOverWithoutReason, match="2"):
        decide_selection(acting_staff=reader, selection=found, decided_date=RUN_DAY)
    page = signed_in(committee).get(reverse("people:minutes", args=[found.pk])).content.decode()
    assert people["Mane"].registration_no not in page
    officer = StaffUser.objects.get(pk=targeting.pk)
    set_line(acting_staff=officer, line=line(found, 3), outcome=TAKEN)
    decide_selection(acting_staff=reader, selection=found, decided_date=RUN_DAY)
    told = states(people)
    assert told["Anush"] == told["Lusine"] == ("ACTIVE", "PLACE_FOUND")
    assert told["Mane"] == ("ELIGIBLE", "")


def test_a_selection_told_again_with_other_places_is_refused(
    targeting: StaffUser, a_run: TargetingRun
) -> None:
    key = new_id()
    assert propose(targeting, a_run, id=key) == propose(targeting, a_run, id=key)
    for other in ({"places": 1}, {"quorum": 1}, {"members": ["Aram", "Bella"]}):
        with pytest.raises(SameIdOtherContent):
            propose(targeting, a_run, id=key, **other)
    assert Selection.objects.count() == 1
