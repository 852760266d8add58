"""Draw, flow, check and identity: the rules of surveys on the numbers of the specification."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.surveys.rules import samples
from handup.surveys.rules.answers import Asked, FaultKind, Given, recheck
from handup.surveys.rules.codes import Outcome, QuestionType, is_valid_answer
from handup.surveys.rules.flow import attrition, flow, may_give_up
from handup.surveys.rules.identity import Arrival, arrival

IDS = [f"P{number:02d}" for number in range(1, 11)]


def test_the_draw_of_the_specification() -> None:
    assert samples.order(IDS, "2026-baseline") == (
        ["P07", "P04", "P10", "P09", "P05", "P06", "P01", "P02", "P08", "P03"]
    )
    drawn = samples.simple(IDS, "2026-baseline", 3)
    assert [one.id for one in drawn] == ["P07", "P04", "P10"]
    assert drawn[0].probability == Fraction(3, 10)
    assert drawn[0].weight == Fraction(10, 3)


def test_the_draw_does_not_depend_on_the_order_of_the_list() -> None:
    assert samples.order(IDS[::-1], "2026-baseline") == samples.order(IDS, "2026-baseline")
    assert samples.order(IDS, "other") != samples.order(IDS, "2026-baseline")


def test_everybody_is_drawn_with_certainty_when_the_sample_is_large() -> None:
    drawn = samples.simple(IDS, "s", 50)
    assert len(drawn) == 10
    assert {one.probability for one in drawn} == {Fraction(1)}


def test_strata_of_412_198_37_share_a_sample_of_60() -> None:
    assert samples.strata_sizes({"a": 412, "b": 198, "c": 37}, 60) == {"a": 38, "b": 18, "c": 4}


def test_a_small_stratum_has_at_least_two() -> None:
    sizes = samples.strata_sizes({"large": 990, "small": 10, "one": 1}, 50)
    assert sizes["small"] == 2
    assert sizes["one"] == 1
    assert sum(sizes.values()) == 50


def test_strata_are_drawn_inside_themselves() -> None:
    strata = {"a": [f"a{n}" for n in range(30)], "b": [f"b{n}" for n in range(10)]}
    drawn = samples.stratified(strata, "s", 8)
    assert sum(one.stratum == "a" for one in drawn) == 6
    assert {one.probability for one in drawn if one.stratum == "b"} == {Fraction(2, 10)}


def test_clusters_multiply_both_chances() -> None:
    clusters = {f"c{n}": [f"c{n}p{m}" for m in range(20)] for n in range(8)}
    drawn = samples.clustered(clusters, "s", 2, 5)
    assert len(drawn) == 10
    assert len({one.stratum for one in drawn}) == 2
    assert {one.probability for one in drawn} == {Fraction(2, 8) * Fraction(5, 20)}
    assert samples.clustered({}, "s", 2, 5) == []


@given(st.integers(1, 400), st.integers(1, 400), st.text(min_size=1, max_size=9))
def test_weights_of_a_simple_sample_sum_to_the_eligible(size: int, n: int, seed: str) -> None:
    try:
        seed.encode()
    except UnicodeEncodeError:
        return
    drawn = samples.simple([f"id{one}" for one in range(size)], seed, n)
    assert sum((one.weight for one in drawn), Fraction(0)) == size


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 300), min_size=1))
def test_no_stratum_gives_more_than_it_has(counts: dict[str, int]) -> None:
    if not sum(counts.values()):
        return
    n = max(1, sum(counts.values()) // 3)
    sizes = samples.strata_sizes(counts, n)
    assert all(0 <= sizes[name] <= counts[name] for name in counts)


def test_the_response_rate_leaves_out_who_was_ineligible() -> None:
    outcomes = ["INTERVIEWED"] * 80 + ["DIED"] * 5 + ["REFUSED"] * 5 + ["NOT_FOUND"] * 4 + [""] * 6
    counts = flow(500, Counter(outcomes))
    assert (counts.eligible, counts.sampled, counts.traced) == (500, 100, 90)
    assert (counts.interviewed, counts.found_ineligible, counts.open) == (80, 5, 6)
    assert (counts.asked, counts.response_rate) == (95, "84.2")


def test_a_response_rate_of_nobody_is_not_defined() -> None:
    assert flow(0, {}).response_rate is None
    assert flow(3, {Outcome.DIED.value: 1}).response_rate is None


def test_attrition_leaves_out_who_became_ineligible() -> None:
    assert attrition(paired=364, baseline=410, ineligible_since=10) == "9.0"
    assert attrition(paired=0, baseline=0, ineligible_since=0) is None


def test_not_found_needs_three_tries_on_two_days() -> None:
    assert may_give_up(3, 2)
    assert not may_give_up(3, 1)
    assert not may_give_up(2, 2)


QUESTIONS = [
    Asked("better", QuestionType.SELECT_ONE, True, frozenset({"YES", "NO"})),
    Asked("sources", QuestionType.SELECT_MULTIPLE, False, frozenset({"A", "B"})),
    Asked("age", QuestionType.INTEGER),
    Asked("height", QuestionType.DECIMAL),
    Asked("day", QuestionType.DATE),
    Asked("income", QuestionType.AMOUNT),
    Asked("worker", QuestionType.INTEGER, repeats=True),
    Asked("remark", QuestionType.TEXT),
]


def test_good_answers_have_no_fault() -> None:
    given = [
        Given("better", "YES"),
        Given("sources", "A B"),
        Given("age", "44"),
        Given("height", "1.62"),
        Given("day", "2026-05-01"),
        Given("income", "DONT_KNOW"),
        Given("worker", "3", 1),
        Given("remark", "anything"),
    ]
    assert recheck(QUESTIONS, given) == []


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("better", "MAYBE", FaultKind.CHOICE),
        ("sources", "A C", FaultKind.CHOICE),
        ("age", "four", FaultKind.TYPE),
        ("height", "1,62m", FaultKind.TYPE),
        ("day", "01.05.2026", FaultKind.TYPE),
        ("income", "12.50", FaultKind.TYPE),
        ("nobody_asked", "x", FaultKind.UNKNOWN_QUESTION),
    ],
)
def test_a_bad_answer_is_named(name: str, value: str, kind: FaultKind) -> None:
    given = [Given("better", "NO")] if name != "better" else []
    faults = recheck(QUESTIONS, [*given, Given(name, value)])
    assert [(fault.path, fault.kind) for fault in faults] == [(name, kind)]


def test_a_missing_answer_and_a_bad_repeat_are_both_named() -> None:
    faults = recheck(QUESTIONS, [Given("worker", "1", 0), Given("worker", "x", 1)])
    assert [(fault.path, fault.kind) for fault in faults] == [
        ("better", FaultKind.REQUIRED),
        ("worker[1]", FaultKind.TYPE),
    ]


def test_a_valid_answer_is_not_empty_unknown_or_refused() -> None:
    assert is_valid_answer("SAME")
    assert not any(is_valid_answer(value) for value in ("", "DONT_KNOW", "REFUSED"))


def test_same_id_same_bytes_changes_nothing_other_bytes_conflict() -> None:
    assert arrival(None, "a") is Arrival.NEW
    assert arrival("a", "a") is Arrival.SAME
    assert arrival("a", "b") is Arrival.CONFLICT
