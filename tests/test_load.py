"""The load of bench.load in its short form: a few phones and staff, everything going wrong, nothing
lost. What is measured in seconds is told by the long form (`make soak`) and asserted nowhere.
"""

import json
from typing import Any

import pytest

from bench.load.__main__ import faults, measure
from bench.load.cost import Cost, read_pages
from bench.load.traffic import Plan, percentiles, taken

PHONES, STAFF = 4, 2
EMBEDDED = {"kill_pages", "fill_disk", "move_clock"}
TROUBLES = {"sqlite": EMBEDDED, "postgresql": EMBEDDED | {"kill_database"}}


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def test_no_acknowledged_fact_is_lost_whatever_breaks(backend: str) -> None:
    """Pages and database killed, the disk full, the clock moved, connections slow, cut, unheard and
    changed, all while phones send and staff read. Half a minute: three programs start."""
    plan = Plan(4, lambda: 0, every=0.4, pages_every=0.4, again_after=0.2, patience=5)
    found = measure(backend, phones=PHONES, staff=STAFF, plan=plan, with_troubles=True)
    assert found["faults"] == []
    assert set(found["happened"]) == TROUBLES[backend]
    assert found["network"], "connections went wrong"
    assert sum(found["wrong"].values()) > 0, "and phones or staff met it"
    proof = found["proof"]
    assert proof["acknowledged"] == 20 * found["received"] > 20 * PHONES
    assert proof["stored"] >= proof["acknowledged"]
    assert proof["proofs"] > 20


def found_well() -> dict[str, Any]:
    proof = {"lost": 0, "changed": 0, "strange": 0, "differences": []}
    return {"proof": proof, "received": 7, "written": 7, "wrong": {}}


@pytest.mark.parametrize(
    ("part", "is_told"),
    [
        ({"proof": {"lost": 1, "changed": 0, "strange": 0, "differences": []}}, "1 facts lost"),
        ({"proof": {"lost": 0, "changed": 2, "strange": 0, "differences": []}}, "2 facts changed"),
        (
            {"proof": {"lost": 0, "changed": 0, "strange": 0, "differences": ["BOOKS"]}},
            "BOOKS does not prove itself",
        ),
        ({"received": 6}, "1 packets did not arrive"),
        ({"wrong": {"page 500": 3}}, "3 times: page 500"),
    ],
)
def test_what_went_wrong_is_told(part: dict[str, Any], is_told: str) -> None:
    assert faults(found_well(), with_troubles=False) == []
    assert faults(found_well() | part, with_troubles=False) == [is_told]


def test_only_a_receipt_acknowledges_and_only_from_the_first_on() -> None:
    def body(*told: tuple[str, str, str]) -> bytes:
        return json.dumps(
            {
                "receipts": [
                    {"packet_id": id, "state": state, "lines": [{"outcome": outcome}]}
                    for id, state, outcome in told
                ]
            }
        ).encode()

    sent = [{"id": "a"}, {"id": "b"}]
    stored, again = ("a", "DONE", "STORED"), ("b", "DONE", "ALREADY_STORED")
    assert taken(200, body(stored, again), sent) == 2
    assert taken(500, body(stored, again), sent) == 0
    assert taken(200, body(stored), sent) == 1
    assert taken(200, body(("a", "WAITING", "HELD"), again), sent) == 0
    assert taken(200, body(("a", "DONE", "SET_ASIDE"), again), sent) == 0
    assert taken(200, body(stored, again)[:-9], sent) == 0


def test_percentiles_are_measured_values() -> None:
    assert percentiles([]) == {}
    assert percentiles([0.25]) == {"p50": 250.0, "p95": 250.0, "p99": 250.0, "max": 250.0}
    told = percentiles([number / 1000 for number in range(200, 0, -1)])
    assert told == {"p50": 100.0, "p95": 190.0, "p99": 198.0, "max": 200.0}


def test_the_cost_of_a_page_is_what_it_spent_since_then_by_how_often_it_was_given() -> None:
    before = Cost({"pages": 10.0}, {"home": 1.0, "old": 5.0}, {"home": 10, "old": 2})
    after = Cost(
        {"pages": 14.0, "database": 2.0},
        {"home": 1.5, "old": 5.0, "a:send": 3.0},
        {"home": 20, "old": 2, "a:send": 100},
    )
    assert after.since(before) == {
        "seconds": {"pages": 4.0, "database": 2.0},
        "pages": {"a:send": {"answers": 100, "ms": 30.0}, "home": {"answers": 10, "ms": 50.0}},
    }
    told = """
# TYPE handup_page_seconds_total counter
handup_page_seconds_total{page="org:home"} 0.25
handup_page_answers_total{page="org:home"} 5
handup_statements_total 7
"""
    assert read_pages(told) == ({"org:home": 0.25}, {"org:home": 5})
