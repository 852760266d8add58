"""Every act of a hand-over over the API: own items, the gates, the way back, a stop, and who is
refused.
"""

from typing import Any

import pytest

from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.projects.models import Document, Handover, Organisation, Programme
from handup.projects.tests.conftest import DAY
from handup.projects.tests.test_api import Caller
from handup.projects.tests.test_handover import compare, handover, meet, paper, record, successor

_fixtures = (handover, paper, successor)
ON = "2026-03-02"


@pytest.fixture
def whole(
    manager: StaffUser, handover: Handover, paper: Document, successor: Organisation
) -> Handover:
    """Every paper recorded and every item met."""
    compare(manager, handover)
    record(manager, handover, paper, successor)
    meet(manager, handover)
    return handover


def refused(answer: Any, code: str) -> bool:
    return (answer.status_code, answer.json()["code"]) == (422, code)


def test_an_own_item_is_added_and_closes_its_gate_until_it_is_met(
    manager: StaffUser, second_manager: StaffUser, whole: Handover, paper: Document
) -> None:
    api, other = Caller(manager), Caller(second_manager)
    root = f"/handovers/{whole.pk}"
    own = {
        "section": "CLIENTS",
        "code": "BELL",
        "title": "The bell of the branch works",
        "gate": "DECIDED",
        "hard": True,
    }
    made = api.post(f"{root}/items", own)
    assert (made.status_code, made.json()["state"]) == (201, "NOT_STARTED")
    assert api.post(f"{root}/items", own | {"weight": 101}).status_code == 422
    assert api.post(f"{root}/items", own | {"code": "TWO WORDS"}).status_code == 422
    gate = {"on": ON, "minutes_id": str(paper.pk)}
    closed = other.post(f"{root}/gate", gate)
    assert refused(closed, "GATE_CLOSED")
    assert "The bell of the branch works" in closed.content.decode()
    assess = f"/readiness/{made.json()['id']}/assessment"
    assert refused(api.post(assess, {"state": "MET", "on": ON}), "EVIDENCE_MISSING")
    met = {"state": "MET", "on": ON, "evidence_text": "rung twice"}
    assert api.post(assess, met).json()["state"] == "MET"
    assert other.post(f"{root}/gate", gate).json()["state"] == "DECIDED"


def test_gates_a_stop_and_the_way_back_over_the_api(
    manager: StaffUser, second_manager: StaffUser, whole: Handover, paper: Document
) -> None:
    api, other = Caller(manager), Caller(second_manager)
    root, gate = f"/handovers/{whole.pk}", {"on": ON, "minutes_id": str(paper.pk)}
    why = {"on": ON, "reason": "cash was short"}
    assert refused(api.post(f"{root}/stop", why), "NOT_SUPERVISED")
    for state in ("DECIDED", "REGISTERED", "SHADOW", "SUPERVISED"):
        assert other.post(f"{root}/gate", gate).json()["state"] == state
    assert refused(api.post(f"{root}/stop", why | {"reason": " "}), "WHY_MISSING")
    assert api.post(f"{root}/stop", why).status_code == 200
    assert refused(api.post(f"{root}/stop", why), "STOPPED_ALREADY")
    assert api.post(f"{root}/go-on", {}).status_code == 200
    assert refused(api.post(f"{root}/go-on", {}), "NOT_STOPPED")
    back = {"to": "SHADOW", "on": ON, "reason": "The bank withdrew"}
    assert refused(other.post(f"{root}/back", back | {"reason": ""}), "WHY_MISSING")
    ahead = other.post(f"{root}/back", back | {"to": "INDEPENDENT"})
    assert refused(ahead, "NOT_AN_EARLIER_STATE")
    assert other.post(f"{root}/back", back).json()["state"] == "SHADOW"


def test_who_may_not_act_is_refused_at_every_door_and_nothing_changes(
    clerk: StaffUser, funder: StaffUser, whole: Handover, programme: Programme, paper: Document
) -> None:
    root, item = f"/handovers/{whole.pk}", whole.items.get(code="BOARD")
    before = (whole.moves.count(), whole.items.count(), item.state)
    acts: dict[str, dict[str, Any]] = {
        f"/programmes/{programme.pk}/handovers": {"title": "T", "starts": ON},
        f"{root}/options": {"way": "DIRECT", "cost": "c", "risk": "r", "law": "l", "reach": "a"},
        f"{root}/papers": {"way": "DIRECT"},
        f"{root}/items": {
            "section": "CLIENTS",
            "code": "X",
            "title": "X",
            "gate": "DECIDED",
        },
        f"/readiness/{item.pk}/assessment": {"state": "IN_PROGRESS", "on": ON},
        f"{root}/gate": {"on": ON, "minutes_id": str(paper.pk)},
        f"{root}/back": {"to": "OPTIONS", "on": ON, "reason": "x"},
        f"{root}/stop": {"on": ON, "reason": "x"},
        f"{root}/go-on": {},
        f"/batches/{new_id()}/receipt": {"receipt": "x", "receiver": "x", "on": ON},
    }
    for staff in (clerk, funder):
        caller = Caller(staff)
        for path, body in acts.items():
            assert caller.post(path, body).status_code in (403, 404), (staff.username, path)
    whole.refresh_from_db()
    item.refresh_from_db()
    assert (whole.moves.count(), whole.items.count(), item.state) == before
    assert Handover.objects.count() == 1
    assert DAY.isoformat() == ON
