"""Weights proposed from the records themselves, for a person to adopt."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from handup.people.rules.matching.engine import NothingToCompareBy, find_in_batch
from handup.people.rules.matching.estimate import (
    Pattern,
    by_chance,
    estimate,
    first_guess,
    propose,
    random_places,
)
from handup.people.rules.matching.model import FIXED_1
from handup.people.rules.matching.records import Record
from handup.people.tests.invented import Register as Invented
from handup.people.tests.matched import record

LEVELS = (3, 2, 2, 5)
TRUE_M = ((0.85, 0.10, 0.05), (0.95, 0.05), (0.80, 0.20), (0.7, 0.1, 0.1, 0.05, 0.05))
TRUE_U = ((0.01, 0.04, 0.95), (0.50, 0.50), (0.02, 0.98), (0.001, 0.009, 0.02, 0.07, 0.9))


def drawn(chance: Random, chances: tuple[tuple[float, ...], ...]) -> Pattern:
    return tuple(chance.choices(range(len(field)), field)[0] for field in chances)


def test_the_first_guess_is_ninety_at_the_top_and_two_at_the_bottom() -> None:
    three, two, _, five = first_guess(LEVELS)
    assert three == (0.9, 0.08, 0.02)
    assert two == pytest.approx((0.9, 0.1))
    assert five == (0.9, *[0.08 / 3] * 3, 0.02)
    assert all(sum(field) == pytest.approx(1) for field in first_guess(LEVELS))


def test_chance_counts_one_more_a_level_and_leaves_out_what_is_missing() -> None:
    u = by_chance(Counter({(0, 1): 3, (2, -1): 4}), (3, 2))
    assert u == ((4 / 10, 1 / 10, 5 / 10), (1 / 5, 4 / 5))


def test_known_chances_are_found_again() -> None:
    """4,000 true pairs hidden among 40,000, all of which are compared."""
    chance = Random(3)
    candidates = Counter(drawn(chance, TRUE_M) for _ in range(4_000))
    candidates.update(drawn(chance, TRUE_U) for _ in range(36_000))
    found = estimate(candidates, TRUE_U, 40_000, LEVELS)
    assert found.settled
    assert found.rounds < 100
    assert found.true_share == pytest.approx(0.1, rel=0.05)
    for field, truth in zip(found.m, TRUE_M, strict=True):
        assert field == pytest.approx(truth, abs=0.02)
    assert found.bits(1)[1] < 0 < found.bits(1)[0]


def test_nothing_is_infinite_when_a_level_never_occurs() -> None:
    found = estimate(Counter({(0, 0, 0, 0): 5}), TRUE_U, 10, LEVELS)
    assert all(-50 < bits < 50 for field in range(4) for bits in found.bits(field))
    assert 0 < found.true_share <= 0.5


def test_random_pairs_follow_the_seed_and_never_pair_one_with_itself() -> None:
    pairs = list(random_places(3, 500, seed=4))
    assert pairs == list(random_places(3, 500, seed=4))
    assert pairs != list(random_places(3, 500, seed=5))
    assert set(pairs) == {(a, b) for a in range(3) for b in range(3) if a != b}


@pytest.fixture(scope="module")
def invented() -> Invented:
    return Invented(1_500, seed=5)


def test_a_proposal_names_itself_keeps_the_caps_and_can_be_used(invented: Invented) -> None:
    records = invented.records()
    proposal = propose(records, version="em-2026-11", random_pairs=20_000)
    model = proposal.model
    assert model.version == "em-2026-11"
    assert proposal.records == 1_500
    assert proposal.candidates > 75
    assert proposal.estimate.settled
    assert model.weights["phone"].bits[0] <= 7.0
    assert model.weights["father_name"].top_m is None
    assert 0.5 < (model.weights["first_name"].top_m or 0) < 1
    assert 0.01 < model.duplicate_share < 0.2
    told = {(f.first, f.second) for f in find_in_batch(records, model).findings}
    right = len(told & invented.true_pairs)
    assert all(weights.bits[-1] <= 0 for weights in model.weights.values())
    assert right / len(told) >= 0.95
    assert right / len(invented.true_pairs) >= 0.9


def test_the_same_seed_proposes_the_same_in_whatever_order(invented: Invented) -> None:
    records = invented.records()[:600]
    shuffled: list[Record] = records[:]
    Random(1).shuffle(shuffled)
    first = propose(records, version="v", seed=9, random_pairs=2_000)
    assert propose(shuffled, version="v", seed=9, random_pairs=2_000) == first
    assert propose(records, version="v", seed=8, random_pairs=2_000) != first


def test_members_of_one_household_teach_nothing(invented: Invented) -> None:
    records = invented.records()[:600]
    together = [replace(item, household="h") for item in records]
    with pytest.raises(NothingToCompareBy):
        propose(together, version="v", random_pairs=500)


def test_who_shares_nothing_but_a_telephone_teaches_nothing() -> None:
    relatives = [
        record("a", ("Ani", "Sargsyan"), phone="1"), record("b", ("Lilit", "Sargsyan"), phone="1"),
    ]  # fmt: skip
    assert find_in_batch(relatives).compared == 1
    with pytest.raises(NothingToCompareBy):
        propose(relatives, version="v", random_pairs=500)


def test_records_without_a_key_propose_nothing() -> None:
    with pytest.raises(NothingToCompareBy):
        propose([record("a", ("Ani", "")), record("b", ("Ani", ""))], version="v")
    with pytest.raises(NothingToCompareBy):
        propose([], version="v")
    assert FIXED_1.version == "fixed-1"
