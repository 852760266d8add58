"""A card is graded by its exact percentage, and refused when its bands have a hole."""

from fractions import Fraction

import pytest

from handup.groups.rules.grading import (
    Band,
    BandsGap,
    BandsOverlap,
    CardRounding,
    Criterion,
    Graded,
    Mark,
    MoreThanAllPoints,
    NothingScored,
    grade_card,
    require_bands,
)


def band(grade: str, low: str, high: str, ends: str) -> Band:
    """A band written as in a book: ends "[)" includes the lower end only."""
    return Band(grade, Fraction(low), Fraction(high), ends[0] == "[", ends[1] == "]")


BANDS = (band("A", "85", "100", "(]"), band("B", "75", "85", "[]"), band("C", "0", "75", "[)"))


def scored(points: str, most: str = "10") -> Criterion:
    return Criterion(Fraction(most), Fraction(points), Mark.SCORED)


def graded(*criteria: Criterion, rounding: CardRounding = CardRounding.TOTAL) -> Graded:
    return grade_card(criteria, BANDS, rounding=rounding, eligible_from=Fraction(75))


def test_a_grade_is_read_from_the_exact_percentage() -> None:
    assert graded(scored("85", "100")).grade == "B"
    assert graded(scored("85.001", "100")).grade == "A"
    below = graded(scored("22499", "30000"))
    assert (below.grade, below.is_eligible) == ("C", False)


def test_what_does_not_apply_leaves_the_card_and_what_is_not_answered_stays() -> None:
    blank = Criterion(Fraction(2), None, Mark.UNANSWERED)
    absent = Criterion(Fraction(2), None, Mark.NOT_APPLICABLE)
    card = graded(scored("6", "6"), blank, absent)
    assert [card.points, card.most, card.percent] == [6, 8, 75]


def test_half_points_round_up_criterion_by_criterion_only_where_the_card_says_so() -> None:
    halves = [scored("7.5"), scored("2.5")]
    assert graded(*halves).points == 10
    assert graded(*halves, rounding=CardRounding.EACH_CRITERION).points == 11


def test_points_rounded_up_past_the_whole_are_read_as_the_whole() -> None:
    card = graded(scored("2.5", "2.5"), rounding=CardRounding.EACH_CRITERION)
    assert (card.percent, card.grade) == (Fraction(120), "A")


def test_a_card_without_points_or_with_too_many_is_refused() -> None:
    with pytest.raises(NothingScored):
        graded()
    with pytest.raises(NothingScored):
        graded(Criterion(Fraction(10), None, Mark.NOT_APPLICABLE))
    for points in ("10.01", "-1"):
        with pytest.raises(MoreThanAllPoints):
            graded(scored(points))


def test_bands_cover_everything_once() -> None:
    require_bands(BANDS)
    require_bands(BANDS[::-1])
    require_bands([band("ALL", "-5", "120", "[]")])
    hole = [band("HIGH", "50", "100", "(]"), band("LOW", "0", "50", "[)")]
    for bands in (
        hole,
        [band("HIGH", "60", "100", "[]"), band("LOW", "0", "59", "[]")],
        [band("HIGH", "50", "100", "[)"), band("LOW", "0", "50", "[)")],
        [band("HIGH", "50", "100", "[]"), band("LOW", "0", "50", "()")],
        [band("NONE", "100", "0", "[]")],
        [],
    ):
        with pytest.raises(BandsGap):
            require_bands(bands)
    with pytest.raises(BandsOverlap):
        require_bands([band("HIGH", "50", "100", "[]"), band("LOW", "0", "50", "[]")])
    with pytest.raises(BandsGap):
        require_bands([*hole, band("TOP", "90", "100", "[]")])
