"""Piles laid again, how far groups agree, how far a ranking agrees with a scorecard."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f_oneway, spearmanr

from handup.kernel.money import round_to
from handup.people.rules.agreement import counted, height, intraclass, rank_correlation, ranked
from handup.people.rules.ranking import RankingStatus, rank

PILES = dict.fromkeys("ABCDEF", 5)
SHROUT_FLEISS = (
    (9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)
)  # fmt: skip
"""Six targets by four judges (Psychological Bulletin 86, 1979, table 2)."""

heights = st.lists(
    st.lists(st.integers(1, 6).map(Fraction), min_size=0, max_size=5), min_size=2, max_size=9
)


def test_the_published_example_gives_its_published_correlation() -> None:
    found = intraclass([[Fraction(one) for one in row] for row in SHROUT_FLEISS])
    assert found is not None
    assert round_to(found * 100) == 17


def test_full_agreement_is_one_and_opposed_rankings_are_below_nothing() -> None:
    same = [[height(pile, 5)] * 3 for pile in (1, 2, 5)]
    assert intraclass(same) == 1
    opposed = [[Fraction(20), Fraction(100)], [Fraction(100), Fraction(20)]]
    assert intraclass(opposed) == -1


def test_where_nothing_can_be_compared_agreement_is_not_defined() -> None:
    once = [[Fraction(20)], [Fraction(40)]]
    assert intraclass([]) is None
    assert intraclass(once) is None
    assert intraclass([[Fraction(20), Fraction(20)]]) is None
    assert intraclass([[Fraction(20)] * 2, [Fraction(20)] * 3]) is None, "all alike"
    assert intraclass([*once, [Fraction(1), Fraction(2)]]) is None


@given(heights)
def test_it_is_that_of_an_analysis_of_variance(laid: list[list[Fraction]]) -> None:
    found = intraclass(laid)
    homes = [row for row in laid if len(row) > 1]
    if found is None:
        return
    number, whole = len(homes), sum(map(len, homes))
    size = (whole - sum(len(row) ** 2 for row in homes) / whole) / (number - 1)
    if all(len(set(row)) == 1 for row in homes):
        assert found == 1
        return
    ratio = f_oneway(*[[float(one) for one in row] for row in homes]).statistic
    assert abs(float(found) - (ratio - 1) / (ratio + size - 1)) < 1e-9
    assert found <= 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12))
def test_the_rank_correlation_is_that_of_the_library(pairs: list[tuple[int, int]]) -> None:
    found = rank_correlation([(Fraction(a, 3), Fraction(b)) for a, b in pairs])
    flat = any(len({pair[side] for pair in pairs}) == 1 for side in (0, 1))
    assert (found is None) is flat
    if found is not None:
        expected = spearmanr(*zip(*pairs, strict=True)).statistic
        assert abs(float(found) - expected) < 1e-9
        assert isinstance(found, Decimal)


def test_too_few_pairs_have_no_correlation() -> None:
    assert rank_correlation([(Fraction(1), Fraction(1)), (Fraction(2), Fraction(2))]) is None


def test_laid_again_the_earlier_piles_count_no_more() -> None:
    first, again = {"A": 1, "B": 5, "C": 1}, {"D": 4, "E": 4, "F": 5}
    assert rank(first, PILES).status is RankingStatus.RERANK
    assert counted([first, again], PILES) == again
    assert ranked([first, again], PILES).score == Fraction(100 * 13, 15)
    assert ranked([first], PILES).status is RankingStatus.RERANK
    assert ranked([first, {}], PILES).status is RankingStatus.RERANK, "nobody laid it again"
    few = ranked([first, {"D": 4}], PILES)
    assert (few.status, few.score) == (RankingStatus.NEEDS_THIRD_RANKING, Fraction(80))


def test_what_too_few_laid_counts_on() -> None:
    first, again = {"A": 2, "B": 3}, {"C": 2}
    assert counted([first, again], PILES) == first | again
    assert ranked([first, again], PILES).status is RankingStatus.RANKED


def test_a_third_round_counts_alone_where_the_second_lay_far_apart_too() -> None:
    rounds = [{"A": 1, "B": 5, "C": 1}, {"D": 1, "E": 5, "F": 1}, {"A": 4, "B": 4, "C": 4}]
    assert counted(rounds, PILES) == rounds[2]


@given(st.lists(st.dictionaries(st.sampled_from("ABCDEF"), st.integers(1, 5)), max_size=4))
def test_what_counts_was_laid_in_some_round(rounds: list[dict[str, int]]) -> None:
    standing = counted(rounds, PILES)
    laid = {(group, pile) for told in rounds for group, pile in told.items()}
    assert set(standing.items()) <= laid
    last = next((told for told in reversed(rounds) if told), {})
    assert last.items() <= standing.items(), "the last round always counts"
