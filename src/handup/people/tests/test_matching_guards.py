"""When a pair is put before a person, and as what: the guards of people.md 4.7."""

from datetime import date
from itertools import pairwise

import pytest

from handup.people.rules.codes import Sex
from handup.people.rules.matching.decide import (
    Fits,
    Guard,
    Verdict,
    log_odds,
    prior_of_batch,
    prior_of_newcomer,
    probability,
    verdict_of,
)
from handup.people.rules.matching.fits import MISSING, Level
from handup.people.tests.matched import anahit, compared

EQUAL, CLOSE, SIMILAR, WEAK, ELSE = Level
SURE = 0.9999


def fits(
    first: int = EQUAL, last: int = EQUAL, birth: int = EQUAL, document: int = MISSING,
    home: bool = False, told: bool = False,
) -> Fits:  # fmt: skip
    return Fits(first, last, birth, document, home, told)


@pytest.mark.parametrize(
    ("p", "verdict"),
    [
        (1.0, Verdict.LIKELY),
        (0.99, Verdict.LIKELY),
        (0.98999, Verdict.POSSIBLE),
        (0.50, Verdict.POSSIBLE),
        (0.49999, Verdict.NONE),
        (0.0, Verdict.NONE),
    ],
)
def test_the_probability_alone_says_likely_possible_or_nothing(p: float, verdict: Verdict) -> None:
    assert verdict_of(p, fits()) == (verdict, Guard.NOTHING)


@pytest.mark.parametrize(
    ("pair", "verdict"),
    [
        (fits(home=True), Verdict.LIKELY),
        (fits(SIMILAR, birth=CLOSE, home=True), Verdict.LIKELY),
        (fits(WEAK, birth=CLOSE, home=True), Verdict.NONE),
        (fits(SIMILAR, birth=SIMILAR, home=True), Verdict.NONE),
        (fits(MISSING, home=True), Verdict.NONE),
        (fits(birth=MISSING, home=True), Verdict.NONE),
        (fits(WEAK, birth=ELSE, document=EQUAL, home=True), Verdict.LIKELY),
        (fits(WEAK, birth=ELSE, document=1, home=True), Verdict.NONE),
    ],
)
def test_two_of_one_household_are_two_unless_name_and_date_or_a_document_say_otherwise(
    pair: Fits, verdict: Verdict
) -> None:
    guard = Guard.HOUSEHOLD if verdict is Verdict.NONE else Guard.NOTHING
    assert verdict_of(SURE, pair) == (verdict, guard)


def test_two_wholly_different_names_need_an_equal_document() -> None:
    assert verdict_of(SURE, fits(ELSE, ELSE)) == (Verdict.NONE, Guard.NAMES_DIFFER)
    assert verdict_of(SURE, fits(ELSE, ELSE, document=EQUAL))[0] is Verdict.LIKELY
    assert verdict_of(SURE, fits(ELSE, MISSING))[0] is Verdict.LIKELY
    assert verdict_of(SURE, fits(ELSE, WEAK))[0] is Verdict.LIKELY


@pytest.mark.parametrize("first", [WEAK, ELSE])
def test_twins_are_at_most_possible(first: int) -> None:
    assert verdict_of(SURE, fits(first)) == (Verdict.POSSIBLE, Guard.TWINS)
    assert verdict_of(0.4, fits(first)) == (Verdict.NONE, Guard.NOTHING)
    assert verdict_of(SURE, fits(first, CLOSE))[0] is Verdict.LIKELY
    assert verdict_of(SURE, fits(first, birth=CLOSE))[0] is Verdict.LIKELY


def test_one_document_with_everything_else_against_it_is_a_conflict() -> None:
    assert verdict_of(0.49, fits(document=EQUAL)) == (Verdict.DOCUMENT_CONFLICT, Guard.NOTHING)
    assert verdict_of(0.49, fits(document=1))[0] is Verdict.NONE
    stranger = anahit(
        "b", "Gagik", "Petrov", born=date(1950, 12, 9), sex=Sex.M, phone="7", settlement="goris",
        father="Hakob",
    )  # fmt: skip
    found = compared(anahit("a"), stranger, prior=log_odds(prior_of_batch(0.05, 1000)))
    assert found.verdict is Verdict.DOCUMENT_CONFLICT
    assert found.p < 0.5


def test_told_different_is_remembered_until_a_document_is_equal() -> None:
    told = fits(document=1, told=True)
    assert verdict_of(SURE, told) == (Verdict.NONE, Guard.TOLD_DIFFERENT)
    assert verdict_of(SURE, fits(document=EQUAL, told=True))[0] is Verdict.LIKELY
    pair = anahit("a"), anahit("b", papers=None)
    assert compared(*pair).verdict is Verdict.LIKELY
    assert compared(*pair, told_different=True).verdict is Verdict.NONE


def test_the_prior_falls_with_the_register() -> None:
    assert prior_of_batch(0.05, 101) == pytest.approx(0.001)
    assert prior_of_newcomer(0.05, 100) == pytest.approx(0.0005)
    assert prior_of_newcomer(0.05, 0) == prior_of_newcomer(0.05, 1) == 0.05
    assert prior_of_batch(0.9, 2) == prior_of_newcomer(0.9, 1) == 0.5


def test_bits_and_chances_are_each_others_inverse() -> None:
    assert probability(0) == 0.5
    assert probability(log_odds(0.99)) == pytest.approx(0.99)
    assert probability(5000) == 1
    assert 0 <= probability(-5000) < 1e-200


def test_the_waterfall_ends_where_the_sum_is() -> None:
    found = compared(anahit("a"), anahit("b", born=date(1984, 7, 29)), prior=-12.0)
    bars = found.waterfall()
    assert [bar[0].field for bar in bars] == [
        "prior", "first_name", "last_name", "father_name", "birth_date", "sex", "phone",
        "settlement", "document",
    ]  # fmt: skip
    assert bars[0][1:] == (0.0, -12.0)
    assert all(before[2] == after[1] for before, after in pairwise(bars))
    assert all(end - start == pytest.approx(part.bits) for part, start, end in bars)
    assert bars[-1][2] == pytest.approx(found.bits)
    assert found.bits == pytest.approx(-12 + 6.1 + 6.0 + 5.4 + 1.9 + 1.0 + 7.0 + 6.2 + 19.9)


def test_a_finding_names_its_records_in_their_order() -> None:
    found = compared(anahit("z"), anahit("b"))
    assert (found.first, found.second) == ("b", "z")
