"""The hand-over of a programme: gates, hard items, papers, the way back, a stop."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.duties import SamePerson
from handup.org.models import Area, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.projects import handover as lists
from handup.projects import queries
from handup.projects.handover import ReadinessFact, Told
from handup.projects.models import Document, Handover, Organisation, Programme, TransferBatch
from handup.projects.models.labels import Reach
from handup.projects.rules.handover import (
    STANDARD_ITEMS,
    HandoverState,
    Item,
    Part,
    ReadinessSection,
    ReadinessState,
    Timetable,
    Total,
    Way,
    differences,
    score,
    unmet,
)
from handup.projects.services import add_area, publish_document
from handup.projects.services import handover as s
from handup.projects.services.handover_checks import BeforeLastMove, DayAhead, GatePassed
from handup.projects.tests.conftest import DAY
from handup.projects.tests.test_api import Caller

MET = ReadinessState.MET
G = HandoverState


def item(code: str, state: ReadinessState = MET, gate: G = G.SHADOW, hard: bool = True) -> Item:
    return Item(code, hard, 1, state, gate)


# --- the rules -------------------------------------------------------------------------------


def test_the_timetable_counts_two_three_and_two_years() -> None:
    plan = Timetable(date(2003, 9, 1))
    days = [date(2003, 8, 31), date(2003, 9, 1), date(2005, 8, 31), date(2005, 9, 1)]
    assert [plan.year(day) for day in days] == [0, 1, 2, 3]
    assert [plan.part(day) for day in days] == [
        Part.BEFORE,
        Part.SET_UP,
        Part.SET_UP,
        Part.EXPANSION,
    ]
    assert plan.part(date(2008, 9, 1)) is Part.HAND_OVER
    assert (plan.year(date(2010, 8, 31)), plan.part(date(2010, 8, 31))) == (7, Part.HAND_OVER)
    assert plan.part(date(2010, 9, 1)) is Part.AFTER


def test_one_open_hard_item_closes_the_gate_whatever_the_score() -> None:
    soft = [replace(item(f"S{n}", hard=False), weight=100) for n in range(9)]
    items = [*soft, item("A"), item("B", ReadinessState.IN_PROGRESS)]
    assert score(items) == Fraction(901, 902)
    assert unmet(items, G.SHADOW) == ("B",)
    assert unmet(items, G.REGISTERED) == ()
    assert unmet([item("A", ReadinessState.NOT_STARTED, G.DECIDED)], G.INDEPENDENT) == ("A",)


def test_what_does_not_apply_weighs_nothing_and_nothing_at_all_is_not_defined() -> None:
    aside = item("N", ReadinessState.NOT_APPLICABLE, hard=False)
    assert score([item("A"), item("B", ReadinessState.NOT_STARTED), aside]) == Fraction(1, 2)
    assert score([aside]) is None


def test_the_standard_checklist_has_every_section_and_a_gate_for_each_item() -> None:
    assert {one.section for one in STANDARD_ITEMS} == set(ReadinessSection)
    assert all(one.hard and one.gate is not G.OPTIONS for one in STANDARD_ITEMS)
    assert len({one.code for one in STANDARD_ITEMS}) == len(STANDARD_ITEMS) == 23


def test_control_totals_are_equal_or_both_sides_are_told() -> None:
    here = [Total("loans ACTIVE", 2, 500, "RWF"), Total("persons", 3)]
    assert differences(here, list(reversed(here))) == ()
    there = [Total("loans ACTIVE", 2, 499, "RWF")]
    assert differences(here, there) == (
        "loans ACTIVE RWF: 2 / 500 ≠ 2 / 499",
        "persons: 3 / 0 ≠ 0 / 0",
    )


# --- the services ----------------------------------------------------------------------------


@pytest.fixture
def handover(manager: StaffUser, programme: Programme) -> Handover:
    return s.open_handover(
        acting_staff=manager, programme=programme, title="To our own", starts=date(2024, 1, 1)
    )


@pytest.fixture
def paper(report: Document, second_manager: StaffUser) -> Document:
    return publish_document(acting_staff=second_manager, document=report)


@pytest.fixture
def successor(funder_organisation: Organisation) -> Organisation:
    return funder_organisation


def compare(staff: StaffUser, handover: Handover) -> None:
    for way in Way:
        s.compare_option(
            acting_staff=staff, handover=handover, way=way, cost="c", risk="r", law="l", reach="a"
        )


def record(staff: StaffUser, handover: Handover, paper: Document, to: Organisation) -> None:
    s.record_handover_papers(
        acting_staff=staff,
        handover=handover,
        successor=to,
        way=Way.PARTNER_BANK,
        study=paper,
        decision=paper,
        legal_advice=paper,
        registration_no="R-1",
        registered_date=DAY,
    )


def meet(staff: StaffUser, handover: Handover, *but: str) -> None:
    for one in handover.items.exclude(code__in=but):
        s.assess_readiness(
            acting_staff=staff, item=one, state=MET, on=DAY, evidence_text="seen in the file"
        )


def gate(staff: StaffUser, handover: Handover, paper: Document | None) -> Handover:
    return s.pass_gate(acting_staff=staff, handover=handover, on=DAY, minutes=paper)


@pytest.fixture
def ready(
    manager: StaffUser, handover: Handover, paper: Document, successor: Organisation
) -> Handover:
    """Every paper recorded and every item met but PAR30."""
    compare(manager, handover)
    record(manager, handover, paper, successor)
    meet(manager, handover, "PAR30")
    return handover


def test_the_first_gate_lists_everything_still_open(
    manager: StaffUser, second_manager: StaffUser, handover: Handover
) -> None:
    with pytest.raises(s.GateClosed) as refused:
        gate(second_manager, handover, None)
    told = str(refused.value)
    for missing in ("minutes", "all three ways", "options study", "decision", "successor", "Legal"):
        assert missing in told
    assert "Registered" not in told  # a later gate asks for it
    handover.refresh_from_db()
    assert handover.state == "OPTIONS"
    assert handover.moves.count() == 0


def test_a_hand_over_passes_gate_by_gate_and_stops_on_one_open_hard_item(
    manager: StaffUser, second_manager: StaffUser, ready: Handover, paper: Document
) -> None:
    for state in ("DECIDED", "REGISTERED", "SHADOW"):
        assert gate(second_manager, ready, paper).state == state
    with pytest.raises(s.GateClosed, match="Portfolio at risk over 30 days"):
        gate(second_manager, ready, paper)
    meet(manager, ready)
    with pytest.raises(SamePerson):
        gate(manager, ready, paper)
    assert gate(second_manager, ready, paper).state == "SUPERVISED"
    assert gate(second_manager, ready, paper).state == "INDEPENDENT"
    with pytest.raises(s.NoGateAhead):
        gate(second_manager, ready, paper)
    assert [move.score_text for move in ready.moves.all()] == ["95.7%"] * 3 + ["100.0%"] * 2


def test_it_goes_back_with_a_reason_and_never_ahead(
    second_manager: StaffUser, ready: Handover, paper: Document
) -> None:
    row = gate(second_manager, gate(second_manager, ready, paper), paper)
    told: dict[str, Any] = {"acting_staff": second_manager, "handover": row, "on": DAY}
    with pytest.raises(s.WhyMissing):
        s.send_back_handover(**told, to=G.DECIDED, reason=" ")
    with pytest.raises(s.NotAnEarlierState):
        s.send_back_handover(**told, to=G.SHADOW, reason="x")
    assert s.send_back_handover(**told, to=G.OPTIONS, reason="The bank withdrew").state == "OPTIONS"
    assert row.moves.get(to_state="OPTIONS").reason == "The bank withdrew"


def test_an_item_is_met_by_evidence_and_what_must_be_met_is_not_set_aside(
    manager: StaffUser, handover: Handover
) -> None:
    one = handover.items.get(code="BOARD")
    told: dict[str, Any] = {"acting_staff": manager, "item": one, "on": DAY}
    with pytest.raises(s.EvidenceMissing):
        s.assess_readiness(**told, state=MET)
    with pytest.raises(s.HardItemApplies):
        s.assess_readiness(**told, state=ReadinessState.NOT_APPLICABLE)


@pytest.fixture
def bad_portfolio() -> Iterator[None]:
    fact = ReadinessFact("PAR30", lambda programme, on: Told("PAR30 is 14.0%", enough=False))
    lists.facts.append(fact)
    yield
    lists.facts.remove(fact)


def test_an_item_the_records_refute_is_not_met(
    manager: StaffUser, handover: Handover, bad_portfolio: None
) -> None:
    with pytest.raises(s.RecordsSayOtherwise, match=r"PAR30 is 14\.0%"):
        s.assess_readiness(
            acting_staff=manager,
            item=handover.items.get(code="PAR30"),
            state=MET,
            on=DAY,
            evidence_text="we think so",
        )


def test_a_draft_and_a_foreign_paper_are_no_decision(
    manager: StaffUser, handover: Handover, report: Document, other_programme: Programme
) -> None:
    told: dict[str, Any] = {"acting_staff": manager, "successor": None, "way": None}
    with pytest.raises(s.PaperNotFinal):
        s.record_handover_papers(**told, handover=handover, decision=report)
    other = s.open_handover(
        acting_staff=manager, programme=other_programme, title="Other", starts=DAY
    )
    with pytest.raises(s.PaperOfAnotherProgramme):
        s.record_handover_papers(**told, handover=other, study=report)


def test_one_hand_over_at_a_time_by_who_may(
    manager: StaffUser, clerk: StaffUser, programme: Programme, handover: Handover
) -> None:
    told: dict[str, Any] = {"programme": programme, "title": "Again", "starts": DAY}
    with pytest.raises(s.HandoverUnderWay):
        s.open_handover(acting_staff=manager, **told)
    with pytest.raises(NotAllowed):
        s.open_handover(acting_staff=clerk, **told)


def test_exit_starts_in_the_oldest_area(manager: StaffUser, programme: Programme) -> None:
    for code, begun in (("N", date(2003, 1, 1)), ("O", date(1998, 1, 1)), ("U", None)):
        area = Area.objects.create(code=code, names={"en": code})
        add_area(
            acting_staff=manager,
            programme=programme,
            area=area,
            reach=Reach.ACTIVITY,
            from_date=begun,
        )
    row = s.open_handover(acting_staff=manager, programme=programme, title="T", starts=DAY)
    assert [area.code for area in queries.exit_order(row)] == ["O", "N", "U"]
    assert row.exit_area is not None
    assert row.exit_area.code == "O"


def test_disbursement_is_stopped_only_under_supervision(
    manager: StaffUser, second_manager: StaffUser, ready: Handover, paper: Document
) -> None:
    with pytest.raises(s.NotSupervised):
        s.stop_disbursement(acting_staff=manager, handover=ready, on=DAY, reason="x")
    meet(manager, ready)
    row = ready
    for _state in range(4):
        row = gate(second_manager, row, paper)
    stops = queries.stops_of_disbursement([row.programme_id])
    row = s.stop_disbursement(acting_staff=manager, handover=row, on=DAY, reason="cash was short")
    assert stops.get().stop_reason == "cash was short"
    with pytest.raises(s.StoppedAlready):
        s.stop_disbursement(acting_staff=manager, handover=row, on=DAY, reason="x")
    s.let_disbursement_go_on(acting_staff=manager, handover=row)
    assert not stops.exists()
    with pytest.raises(s.NotStopped):
        s.let_disbursement_go_on(acting_staff=manager, handover=row)


def test_what_a_passed_gate_asked_for_stays_until_the_hand_over_is_sent_back(
    manager: StaffUser, second_manager: StaffUser, ready: Handover, paper: Document
) -> None:
    row = gate(second_manager, ready, paper)
    told: dict[str, Any] = {"acting_staff": manager, "handover": row, "decision": paper}
    same: dict[str, Any] = {"successor": row.successor, "way": Way.PARTNER_BANK, "study": paper}
    another = Organisation.objects.create(code="OTHER", name="Another (invented)")
    for wrong in ({"successor": None}, {"successor": another}, {"way": Way.DIRECT}):
        with pytest.raises(GatePassed):
            s.record_handover_papers(**told, **{**same, **wrong})
    s.record_handover_papers(**told, **same, registration_no="R-2")  # its gate lies ahead
    held = Handover.objects.get(pk=row.pk)
    assert (held.successor, held.way, held.registration_no) == (
        row.successor,
        "PARTNER_BANK",
        "R-2",
    )
    api = Caller(manager)
    assert api.post(f"/handovers/{row.pk}/papers", {"registration_no": "R-3"}).status_code == 200
    held.refresh_from_db()
    assert (held.study, held.registration_no) == (paper, "R-3")
    s.send_back_handover(
        acting_staff=second_manager, handover=row, to=G.OPTIONS, on=DAY, reason="anew"
    )
    assert s.record_handover_papers(**told, **same | {"successor": another}).successor == another


def test_who_assessed_an_item_of_an_earlier_gate_does_not_pass_a_later_one(
    second_manager: StaffUser, ready: Handover, paper: Document
) -> None:
    for _state in range(3):
        row = gate(second_manager, ready, paper)
    third = staff_with("third", Role.MANAGER)
    meet(third, row, *row.items.exclude(code="PAR30").values_list("code", flat=True))
    early = row.items.get(code="LICENCE")
    told: dict[str, Any] = {"acting_staff": second_manager, "evidence_text": "seen"}
    with pytest.raises(DayAhead):
        s.assess_readiness(**told, item=early, state=MET, on=date.max)
    s.assess_readiness(**told, item=early, state=MET, on=DAY)
    with pytest.raises(SamePerson):
        gate(second_manager, row, paper)
    fourth = staff_with("fourth", Role.MANAGER)
    for day, refusal in ((date.max, DayAhead), (date(2020, 1, 1), BeforeLastMove)):
        with pytest.raises(refusal):
            s.pass_gate(acting_staff=fourth, handover=row, on=day, minutes=paper)
    fact = ReadinessFact("PAR30", lambda programme, on: Told("PAR30 is 14.0%", enough=False))
    lists.facts.append(fact)
    try:
        with pytest.raises(s.GateClosed, match=r"PAR30 is 14\.0%"):
            gate(fourth, row, paper)
    finally:
        lists.facts.remove(fact)
    assert gate(fourth, row, paper).state == "SUPERVISED"


# --- the doors -------------------------------------------------------------------------------


def test_the_page_says_what_the_next_gate_asks_for_and_leads_through_it(
    manager: StaffUser, second_manager: StaffUser, ready: Handover, paper: Document
) -> None:
    client = Client()
    client.force_login(second_manager)
    address = reverse("projects:handover_detail", args=[ready.pk])
    text = client.get(address).content.decode()
    assert "95.7%" in text
    assert "2 + 3 + 2" in text
    told = {"on": DAY.isoformat(), "minutes": str(paper.pk), "reason": ""}
    for _gate in range(3):
        answer = client.post(reverse("projects:handover_gate", args=[ready.pk]), told)
        assert answer.status_code == 302, answer.content.decode()
    assert "The next gate (supervised" in client.get(address).content.decode()
    answer = client.post(reverse("projects:handover_gate", args=[ready.pk]), told)
    assert answer.status_code == 422
    assert "Portfolio at risk over 30 days" in answer.content.decode()
    reader = staff_with("auditor", Role.AUDITOR)
    client.force_login(reader)
    text = client.get(address).content.decode()
    assert "Readiness" in text
    assert reverse("projects:handover_gate", args=[ready.pk]) not in text


def test_the_programme_interface_tells_and_takes_the_same(
    manager: StaffUser, programme: Programme, paper: Document, successor: Organisation
) -> None:
    api = Caller(manager)
    made = api.post(
        f"/programmes/{programme.pk}/handovers", {"title": "T", "starts": "2024-01-01"}
    ).json()
    assert (made["state"], made["readiness"]) == ("OPTIONS", "0.0%")
    root = f"/handovers/{made['id']}"
    for way in Way:
        told = {"way": way.value, "cost": "c", "risk": "r", "law": "l", "reach": "a"}
        assert api.post(f"{root}/options", told).status_code == 201
    papers = {"successor_id": successor.pk, "way": "DIRECT"}
    papers |= dict.fromkeys(("study_id", "decision_id", "legal_advice_id"), paper.pk)
    assert api.post(f"{root}/papers", papers).json()["missing"] == [
        "Legal form chosen with local legal advice"
    ]
    refused = api.post(f"{root}/gate", {"on": "2026-03-02", "minutes_id": paper.pk})
    assert (refused.status_code, refused.json()["code"]) == (422, "GATE_CLOSED")
    items = api.get(f"{root}/items").json()["items"]
    assert len(items) == 23
    one = next(row for row in items if row["code"] == "LEGAL_FORM")
    told = {"state": "MET", "on": "2026-03-02", "evidence_id": str(paper.pk)}
    assert api.post(f"/readiness/{one['id']}/assessment", told).json()["state"] == "MET"


def test_who_stays_is_told_to_her_own_institution_alone(
    manager: StaffUser, handover: Handover
) -> None:
    stays = TransferBatch.objects.create(
        handover=handover,
        packed_date=DAY,
        sha256="a" * 64,
        parts=1,
        totals=[["persons F", 1, 0, ""]],
        going=1,
        staying=1,
        prepared_by=manager,
    ).stays.create(person_id=new_id(), reason="REFUSED")
    address = reverse("projects:handover_detail", args=[handover.pk])
    cases = [
        (Role.MANAGER, True, True),
        (Role.DPO, True, True),
        (Role.ME_OFFICER, True, False),
        (Role.FUNDER, False, False),
        (Role.SUCCESSOR, False, False),
    ]
    for role, packages, persons in cases:
        reader = staff_with(f"reads-{role}", role)
        client = Client()
        client.force_login(reader)
        told = client.get(address).content.decode()
        assert ("a" * 64 in told, str(stays.person_id) in told) == (packages, persons), role
        api = Caller(reader)
        batches = api.get(f"/handovers/{handover.pk}/batches")
        assert batches.status_code == (200 if packages else 403), role
        listed = api.get(f"/batches/{stays.batch_id}/stays")
        assert listed.status_code == (200 if persons else 403), role
        assert (str(stays.person_id) in listed.content.decode()) == persons, role
