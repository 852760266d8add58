"""The funnel from open day to job, the waiting list and what training cost."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.money import decimal_text
from handup.training.rules.costs import (
    CohortCount,
    CostBasis,
    allocate,
    at_rate,
    payback_weeks,
    unit_costs,
)
from handup.training.rules.funnel import (
    APPRENTICESHIP,
    JOURNEY,
    Step,
    differs_from_print,
    lines,
)
from handup.training.rules.shares import percent_text
from handup.training.rules.waiting import Waiting, last_day, order, out_of_order

RWANDA = {
    Step.ATTENDED_OPEN_DAY: 3416,
    Step.ENROLLED: 2219,
    Step.COMPLETED: 2064,
    Step.PERMANENT_JOB: 1319,
}


def test_the_published_apprenticeship_funnel() -> None:
    rows = lines(RWANDA, APPRENTICESHIP)
    assert [row.of_previous for row in rows] == [None, "65.0", "93.0", "63.9"]
    assert percent_text(1319, 2219) == "59.4"
    assert [(row.count, row.previous) for row in rows][1:] == [
        (2219, 3416),
        (2064, 2219),
        (1319, 2064),
    ]


def test_the_printed_65_percent_for_jobs_is_flagged_and_the_one_for_enrolment_is_not() -> None:
    assert differs_from_print(1319, 2064, "65")
    assert not differs_from_print(2219, 3416, "65")
    assert differs_from_print(0, 0, "65")


def test_the_story_size_funnel() -> None:
    counts = dict(zip(APPRENTICESHIP, (34, 22, 21, 13), strict=True))
    assert [row.of_previous for row in lines(counts, APPRENTICESHIP)][1:] == [
        "64.7",
        "95.5",
        "61.9",
    ]


def test_a_share_of_nothing_is_not_defined() -> None:
    rows = lines({}, JOURNEY)
    assert all(row.of_previous is None and row.of_first is None for row in rows)


def test_a_shared_pool_is_divided_by_attended_minutes() -> None:
    cohorts = [CohortCount(UUID(int=i), m, 10) for i, m in enumerate((370, 290, 240), 1)]
    parts = allocate(100_000, cohorts, CostBasis.MINUTES)
    assert [parts[c.id] for c in cohorts] == [41_111, 32_222, 26_667]


def test_other_bases_and_ties_to_the_lowest_id() -> None:
    cohorts = [CohortCount(UUID(int=i), 1, heads) for i, heads in ((2, 1), (1, 3))]
    assert allocate(400, cohorts, CostBasis.HEADCOUNT) == {UUID(int=1): 300, UUID(int=2): 100}
    assert allocate(101, cohorts, CostBasis.EQUAL) == {UUID(int=1): 51, UUID(int=2): 50}


def test_a_pool_without_any_minute_stays_undivided() -> None:
    assert allocate(500, [CohortCount(UUID(int=1), 0, 0)], CostBasis.MINUTES) == {}


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_allocation_always_sums_to_the_pool(pool: int, weights: list[int]) -> None:
    cohorts = [CohortCount(UUID(int=i), m, 1) for i, m in enumerate(weights)]
    parts = allocate(pool, cohorts, CostBasis.MINUTES)
    assert sum(parts.values()) == (pool if any(weights) else 0)


def test_cost_per_participant_graduate_and_placed() -> None:
    costs = unit_costs(220_000 + 41_111, started=24, completed=20, placed=11)
    assert (costs.per_participant, costs.per_graduate, costs.per_placed) == (10_880, 13_056, 23_737)
    assert unit_costs(100, started=0, completed=0, placed=0).per_graduate is None


def test_payback_in_weeks_published_as_18_months() -> None:
    weeks = payback_weeks(20_000, 260)
    assert weeks == Fraction(20_000, 260)
    assert decimal_text(weeks, 1) == "76.9"
    assert payback_weeks(20_000, 0) is None


def waiting(number: int, score: str | None, day: int) -> Waiting:
    return Waiting(
        enrolment_id=UUID(int=100 + number),
        person_id=UUID(int=number),
        score=None if score is None else Decimal(score),
        applied_date=date(2026, 1, day),
    )


def test_the_waiting_list_goes_by_score_then_date_then_person() -> None:
    people = [
        waiting(1, "60", 5),
        waiting(2, "80.5", 9),
        waiting(3, None, 1),
        waiting(5, "60", 4),
        waiting(4, "60", 4),
    ]
    places = order(people)
    assert [place.waiting.person_id.int for place in places] == [2, 4, 5, 1, 3]
    assert [place.tied_on_score for place in places] == [False, False, True, True, False]


def test_those_passed_over_are_named() -> None:
    people = [waiting(1, "90", 1), waiting(2, "80", 1), waiting(3, "70", 1)]
    assert out_of_order(people, [UUID(int=101), UUID(int=102)]) == []
    assert [w.person_id.int for w in out_of_order(people, [UUID(int=102)])] == [1]
    assert out_of_order(people, []) == []


def test_an_invitation_lapses_after_seven_days() -> None:
    assert last_day(date(2026, 5, 1)) == date(2026, 5, 8)
    assert last_day(None) is None


@pytest.mark.parametrize("indicator", ["FUNNEL_STEP", "RETENTION"])
def test_shared_vectors_of_shares(indicator: str, shared: Path) -> None:
    file = shared / "data" / "vectors" / "results.indicator.json"
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    chosen = [case for case in cases if case["given"]["indicator"] == indicator]
    assert chosen
    for case in chosen:
        inputs = case["given"]["inputs"]
        assert percent_text(inputs["part"], inputs["whole"]) == case["expect"]["value"], case["id"]


def test_a_rate_leads_from_main_unit_to_main_unit() -> None:
    """40 000 francs without cents at 0.0025 are 100 dollars of a hundred cents each."""
    rate = 25_000_000
    assert at_rate(40_000, rate, digits=0, into_digits=2) == 10_000
    assert at_rate(40_000, rate, digits=2, into_digits=2) == 100
    assert at_rate(10_000, 400 * 10**10, digits=2, into_digits=0) == 40_000
    assert at_rate(200, rate, digits=2, into_digits=2) == 1  # half a cent goes up
