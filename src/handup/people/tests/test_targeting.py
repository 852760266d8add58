"""Wealth ranking, priority and the accuracy of a cut-off: every shared case and the edges."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.errors import Faults
from handup.kernel.money import decimal_text, decimal_text_or_none
from handup.people.rules.accuracy import (
    Accuracy,
    Coverage,
    SampleRow,
    bpac,
    hit_rate,
    measure,
    sample,
)
from handup.people.rules.ranking import (
    Candidate,
    Ranking,
    RankingStatus,
    in_order,
    pmt_priorities,
    points_priority,
    rank,
    ranking_priority,
)

PARTS = ("inclusion", "undercoverage", "leakage", "exclusion")
PILES = {"A": 5, "B": 5, "C": 4}


def packs(shared: Path, pattern: str) -> dict[str, Any]:
    folder = shared / "data" / "instruments" / "targeting"
    found = {
        path.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob(pattern))
    }
    assert found
    return found


# --- wealth ranking --------------------------------------------------------------------------


def test_every_shared_ranking_comes_out_as_expected(shared: Path) -> None:
    for name, pack in packs(shared, "wealth_ranking-*.json").items():
        piles = {group["group"]: group["piles"] for group in pack["groups"]}
        limit = Decimal(pack["rerank_above_spread"])
        found = []
        for home in pack["households"]:
            ranking = rank(home["pile"], piles, rerank_above=limit)
            found.append(ranking.status.value)
            assert {
                "status": ranking.status.value,
                "score": decimal_text_or_none(ranking.score, 1),
                "spread": decimal_text_or_none(ranking.spread, 1),
            } == home["expected"], f"{name} {home['id']}"
        assert {status: found.count(status) for status in pack["totals"]} == pack["totals"]


def test_the_last_pile_is_the_poorest() -> None:
    ranking = rank({"A": 5, "B": 5, "C": 4}, PILES)
    assert ranking == Ranking(RankingStatus.RANKED, Fraction(100), Fraction(0))


def test_a_spread_at_the_limit_still_counts() -> None:
    assert rank({"A": 5, "B": 3, "C": 4}, PILES).status is RankingStatus.RANKED
    assert rank({"A": 5, "B": 2, "C": 4}, PILES).status is RankingStatus.RERANK
    assert rank({"A": 5, "B": 2, "C": 4}, PILES, rerank_above=60).status is RankingStatus.RANKED


def test_fewer_than_three_rankings_wait_for_another() -> None:
    two = rank({"A": 1, "B": 5, "C": None}, PILES)
    assert two == Ranking(RankingStatus.NEEDS_THIRD_RANKING, Fraction(60), Fraction(80))
    assert rank({}, PILES) == Ranking(RankingStatus.NEEDS_THIRD_RANKING, None, None)


def test_three_of_four_groups_suffice() -> None:
    assert rank({"A": 2, "B": 2, "C": None, "D": 2}, PILES | {"D": 5}).score == 40


@pytest.mark.parametrize(
    ("pile", "code"),
    [(0, "TOO_LOW"), (6, "TOO_HIGH"), ("2", "NOT_WHOLE"), (True, "NOT_WHOLE"), (1.5, "NOT_WHOLE")],
)
def test_a_pile_that_is_none_is_refused(pile: object, code: str) -> None:
    with pytest.raises(Faults) as refused:
        rank({"A": pile, "B": 1, "Z": 1}, PILES)
    faults = [(fault.place, fault.code) for fault in refused.value.faults]
    assert faults == [("pile.A", code), ("pile.Z", "NOT_A_CHOICE")]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 5)), min_size=3, max_size=6))
def test_a_ranking_lies_between_its_lowest_and_highest(groups: list[tuple[int, int]]) -> None:
    piles = {str(number): count for number, (count, _) in enumerate(groups)}
    pile = {str(number): chosen % count + 1 for number, (count, chosen) in enumerate(groups)}
    ranking = rank(pile, piles)
    ranks = [Fraction(100 * pile[group], piles[group]) for group in piles]
    assert ranking.score is not None
    assert ranking.spread is not None
    assert 0 < min(ranks) <= ranking.score <= max(ranks) <= 100
    assert (ranking.status is RankingStatus.RERANK) == (ranking.spread > 40)


# --- priority --------------------------------------------------------------------------------


def test_the_lower_the_score_the_higher_the_priority() -> None:
    assert [points_priority(score, 60) for score in (0, 15, 60)] == [100, 75, 0]
    assert points_priority(None, 60) is None


def test_a_ranking_counts_once_it_can_be_used() -> None:
    assert ranking_priority(rank({"A": 4, "B": 4, "C": 4}, PILES)) == Fraction(260, 3)
    assert ranking_priority(rank({"A": 1, "B": 5, "C": 4}, PILES)) is None
    assert ranking_priority(rank({"A": 4, "B": 4}, PILES)) is None


def test_a_means_test_counts_those_predicted_higher() -> None:
    run = {"a": Decimal(10), "b": Decimal(20), "c": Decimal(20), "d": Decimal(40), "e": None}
    assert pmt_priorities(run) == {"a": 75, "b": 25, "c": 25, "d": 0, "e": None}
    assert pmt_priorities({}) == {}
    assert pmt_priorities({"a": None}) == {"a": None}


@given(st.dictionaries(st.integers(), st.none() | st.decimals(-1000, 1000, places=2), max_size=20))
def test_every_priority_lies_within_0_and_100_and_falls_with_what_is_predicted(
    run: dict[int, Decimal | None],
) -> None:
    found = pmt_priorities(run)
    known = [(run[key], value) for key, value in found.items() if value is not None]
    assert all(0 <= value < 100 for _, value in known)
    assert [value for _, value in sorted(known, key=lambda pair: pair[0] or 0)] == sorted(
        (value for _, value in known), reverse=True
    )
    for key, value in found.items():
        if value is not None:
            higher = sum(1 for other, _ in known if other is not None and other > (run[key] or 0))
            assert value == Fraction(100 * higher, len(known))


def test_ties_go_by_application_date_then_id() -> None:
    def candidate(number: int, priority: int | None, day: int) -> Candidate:
        told = None if priority is None else Fraction(priority)
        return Candidate(UUID(int=number), told, date(2026, 3, day))

    waiting = [
        candidate(1, None, 1),
        candidate(2, 40, 9),
        candidate(5, 80, 7),
        candidate(4, 80, 7),
        candidate(3, 80, 8),
        candidate(6, 0, 1),
    ]
    assert [item.id.int for item in in_order(waiting)] == [4, 5, 3, 2, 6, 1]


# --- accuracy --------------------------------------------------------------------------------


def told(cutoff: int, found: Accuracy) -> dict[str, Any]:
    """What was measured, as the shared cases write it."""
    parts = {name: getattr(found, name) for name in PARTS}
    disparity = found.disparity["group"]
    return {
        "cutoff": cutoff,
        "weighted_counts": parts,
        **{name: decimal_text_or_none(found.share(part), 1) for name, part in parts.items()},
        "hit_rate": decimal_text_or_none(found.hit_rate, 1),
        "bpac": decimal_text_or_none(found.bpac, 1),
        "coverage": {
            name: {
                "poor_households": group.poor_households,
                "coverage": decimal_text_or_none(group.percent, 1),
            }
            for name, group in disparity.coverage.items()
        },
        "disparity_ratio": decimal_text_or_none(disparity.ratio, 2),
        "disparity_alert": disparity.alert,
    }


def test_every_shared_sample_comes_out_as_expected(shared: Path) -> None:
    for name, pack in packs(shared, "accuracy-*.json").items():
        for expected in pack["expected"]:
            cutoff = expected["cutoff"]
            found = measure(sample(pack["rows"], cutoff), least_poor=pack["min_group_households"])
            assert told(cutoff, found) == expected, f"{name} {cutoff}"


def test_the_published_percentages_give_their_published_figures(shared: Path) -> None:
    for pack in packs(shared, "accuracy-*.json").values():
        for row in pack.get("published_check", []):
            part = {name: Fraction(row[name]) for name in PARTS}
            criterion = bpac(part["inclusion"], part["undercoverage"], part["leakage"])
            assert {
                "hit_rate": decimal_text(hit_rate(part["inclusion"], part["exclusion"]), 1),
                "bpac": decimal_text_or_none(criterion, 1),
            } == row["expected"]


def row(poor: bool, targeted: bool, weight: int = 1, **groups: str) -> SampleRow:
    return SampleRow(poor, targeted, Fraction(weight), groups)


def test_without_a_sample_nothing_is_defined() -> None:
    found = measure([])
    assert found.total == 0
    assert (found.hit_rate, found.bpac) == (None, None)
    assert found.share(found.inclusion) is None
    assert found.disparity == {}


def test_without_poor_households_the_criterion_is_not_defined() -> None:
    found = measure([row(False, True, sex="F"), row(False, False, sex="M")])
    assert found.hit_rate == 50
    assert found.bpac is None
    assert found.disparity["sex"].coverage["F"] == Coverage(0, None)
    assert (found.disparity["sex"].ratio, found.disparity["sex"].alert) == (None, False)


def test_poor_households_of_no_weight_cover_nothing() -> None:
    found = measure([row(True, True, 0, sex="F"), row(True, True, 1, sex="M")], least_poor=1)
    assert found.disparity["sex"].coverage["F"] == Coverage(1, None)
    assert found.disparity["sex"].ratio is None


def two_groups(few: int, many: int, reached: int) -> list[SampleRow]:
    """`few` poor women of whom `reached` are targeted, `many` poor men, all targeted."""
    women = [row(True, number < reached, sex="F") for number in range(few)]
    return [*women, *(row(True, True, sex="M") for _ in range(many))]


def test_a_group_below_the_least_number_is_shown_but_not_compared() -> None:
    small = measure(two_groups(29, 30, 10)).disparity["sex"]
    assert decimal_text_or_none(small.coverage["F"].percent, 1) == "34.5"
    assert (small.ratio, small.alert) == (None, False)
    large = measure(two_groups(30, 30, 10)).disparity["sex"]
    assert (large.ratio, large.alert) == (Fraction(1, 3), True)


def test_only_below_four_fifths_alerts() -> None:
    assert measure(two_groups(30, 30, 24)).disparity["sex"].alert is False
    assert measure(two_groups(1000, 30, 799)).disparity["sex"].alert is True
    assert measure(two_groups(30, 30, 24), alert_below=Fraction(9, 10)).disparity["sex"].alert


def test_where_nobody_is_reached_the_disparity_is_not_defined() -> None:
    rows = [row(True, False, sex=sex) for sex in ("F", "M") for _ in range(30)]
    assert measure(rows).disparity["sex"].ratio is None


def test_each_dimension_is_measured_by_itself_without_those_not_known() -> None:
    rows = [
        row(True, True, sex="F", status="IDP"),
        row(True, False, sex="M"),
        row(True, True, status="HOST"),
    ]
    found = measure(rows, least_poor=1)
    assert found.inclusion == 2
    assert found.disparity["sex"].ratio == 0
    assert found.disparity["status"].ratio == 1
    assert set(found.disparity["status"].coverage) == {"IDP", "HOST"}


ROWS = st.builds(row, st.booleans(), st.booleans(), st.integers(0, 9), group=st.sampled_from("AB"))


@given(st.lists(ROWS, max_size=30))
def test_the_parts_sum_to_all_and_the_criterion_never_passes_inclusion(
    rows: list[SampleRow],
) -> None:
    found = measure(rows, least_poor=1)
    assert found.total == sum(row.weight for row in rows)
    if found.total:
        shares = [found.share(getattr(found, name)) or Fraction(0) for name in PARTS]
        assert sum(shares) == 100
    if found.bpac is not None:
        poor = found.inclusion + found.undercoverage
        assert found.bpac <= found.inclusion * 100 / poor
    for group in found.disparity.values():
        assert group.ratio is None or 0 <= group.ratio <= 1


def test_a_faulty_sample_names_row_and_field() -> None:
    rows: list[dict[str, Any]] = [
        {"score": 3, "poor": 1, "weight": "1.5", "group": "A"},
        {"score": None, "poor": 2, "weight": -1},
        {"score": "x", "poor": None, "weight": ""},
    ]
    with pytest.raises(Faults) as refused:
        sample(rows, 10)
    assert [(fault.row, fault.column, fault.code) for fault in refused.value.faults] == [
        (2, "score", "VALUE_MISSING"),
        (2, "weight", "TOO_LOW"),
        (2, "poor", "NOT_A_CHOICE"),
        (3, "score", "NOT_A_NUMBER"),
        (3, "weight", "VALUE_MISSING"),
        (3, "poor", "NOT_A_CHOICE"),
    ]


def test_a_sample_is_cut_at_the_score_and_grouped_as_asked() -> None:
    raw: list[dict[str, Any]] = [
        {"score": 34, "poor": 1, "weight": "1.5", "sex": "F", "group": "A"},
        {"score": 35, "poor": False, "weight": 2, "sex": None},
    ]
    assert sample(raw, 34, ("sex",)) == [
        SampleRow(True, True, Fraction(3, 2), {"sex": "F"}),
        SampleRow(False, False, Fraction(2), {}),
    ]
