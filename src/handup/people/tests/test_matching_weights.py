"""What each field adds: the table of people.md 4.7, level by level and at its borders."""

from collections.abc import Callable
from datetime import date
from math import log2
from typing import Any

import pytest

from handup.people.rules.codes import Sex
from handup.people.rules.matching.decide import Fitting
from handup.people.rules.matching.engine import find_in_batch
from handup.people.rules.matching.fits import (
    MISSING,
    Level,
    NamesFit,
    Text,
    fit_births,
    fit_documents,
)
from handup.people.rules.matching.records import Document
from handup.people.tests.matched import AGE, MONTH, UNKNOWN, YEAR, anahit, compared, part, record

BORN = date(1984, 3, 17)


@pytest.mark.parametrize(
    ("field", "one", "other", "fitting", "bits"),
    [
        ("first_name", "Anahit", "Անահիտ", Fitting.EQUAL, 6.1),
        ("first_name", "Hasmik", "Asmik", Fitting.CLOSE, 6.1),
        ("first_name", "Tigran", "Dikran", Fitting.SIMILAR, 2.3),
        ("first_name", "Armen", "Arman", Fitting.SIMILAR, 2.3),
        ("first_name", "Armen", "Aram", Fitting.WEAK, -1.6),
        ("first_name", "Anahit", "Lusine", Fitting.ELSE, -6.5),
        ("first_name", "Anahit", "", Fitting.MISSING, 0.0),
        ("last_name", "Sargsyan", "Սարգսյան", Fitting.EQUAL, 6.0),
        ("last_name", "Sargsyan", "Sarksyan", Fitting.CLOSE, 5.9),
        ("last_name", "Grigoryan", "Krikorian", Fitting.SIMILAR, 2.7),
        ("last_name", "Sargsyan", "Sarafyan", Fitting.WEAK, -3.5),
        ("last_name", "Sargsyan", "Petrov", Fitting.ELSE, -3.9),
        ("last_name", "", "", Fitting.MISSING, 0.0),
        ("father_name", "Petros", "Պետրոս", Fitting.EQUAL, 5.4),
        ("father_name", "Petros", "Petro", Fitting.CLOSE, 5.3),
        ("father_name", "Petros", "Bedros", Fitting.SIMILAR, 3.3),
        ("father_name", "Petros", "Poghos", Fitting.WEAK, -1.2),
        ("father_name", "Petros", "Hakob", Fitting.ELSE, -5.5),
        ("sex", Sex.F, Sex.F, Fitting.EQUAL, 1.0),
        ("sex", Sex.F, Sex.M, Fitting.ELSE, -5.6),
        ("sex", Sex.NOT_ASKED, Sex.M, Fitting.MISSING, 0.0),
        ("sex", Sex.NOT_ANSWERED, Sex.NOT_ANSWERED, Fitting.MISSING, 0.0),
        ("phone", "091", "091", Fitting.EQUAL, 7.0),
        ("phone", "091", "092", Fitting.ELSE, -1.5),
        ("phone", "091", "", Fitting.MISSING, 0.0),
        ("settlement", "gyumri", "gyumri", Fitting.EQUAL, 6.2),
        ("settlement", "gyumri", "goris", Fitting.ELSE, -2.0),
        ("document", ("PASSPORT", "1"), ("PASSPORT", "1"), Fitting.EQUAL, 19.9),
        ("document", ("PASSPORT", "1"), ("PASSPORT", "2"), Fitting.ELSE, -4.3),
        ("document", ("PASSPORT", "1"), ("REFUGEE_CARD", "2"), Fitting.MISSING, 0.0),
        ("document", ("OTHER", "1"), ("OTHER", "2"), Fitting.MISSING, 0.0),
    ],
)
def test_each_field_weighs_as_the_table_says(
    field: str, one: Any, other: Any, fitting: Fitting, bits: float
) -> None:
    inputs: dict[str, Callable[[Any], dict[str, Any]]] = {
        "first_name": lambda v: {"first": v},
        "last_name": lambda v: {"last": v},
        "father_name": lambda v: {"father": v},
        "document": lambda v: {"papers": [v]},
    }
    said = inputs.get(field, lambda v: {field: v})
    first, second = anahit("a", **said(one)), anahit("b", **said(other))
    for found in (compared(first, second), compared(second, first)):
        assert part(found, field) == (fitting, bits)


@pytest.mark.parametrize(
    ("one", "other", "fitting", "bits"),
    [
        (BORN, BORN, Fitting.EQUAL, 14.4),
        (BORN, date(1984, 3, 18), Fitting.CLOSE, 5.2),  # one digit
        (BORN, date(1984, 3, 27), Fitting.CLOSE, 5.2),
        (BORN, date(1994, 3, 17), Fitting.CLOSE, 5.2),
        (date(1984, 3, 12), date(1984, 3, 21), Fitting.CLOSE, 5.2),  # two digits exchanged
        (date(1984, 3, 5), date(1984, 5, 3), Fitting.CLOSE, 5.2),  # day and month exchanged
        (date(1984, 3, 5), date(1983, 5, 3), Fitting.WEAK, -0.7),
        (BORN, date(1984, 7, 29), Fitting.SIMILAR, 1.9),
        (BORN, date(1985, 7, 29), Fitting.WEAK, -0.7),
        (BORN, date(1983, 12, 31), Fitting.WEAK, -0.7),
        (BORN, date(1986, 7, 29), Fitting.ELSE, -6.6),
        (date(1984, 1, 1), date(1984, 1, 1), Fitting.SIMILAR, 1.9),  # nobody knew
        (date(1984, 1, 1), date(1984, 1, 11), Fitting.SIMILAR, 1.9),
        (date(1984, 1, 1), date(1994, 1, 1), Fitting.ELSE, -6.6),
        ((date(1984, 3, 1), MONTH), (date(1984, 3, 1), MONTH), Fitting.SIMILAR, 1.9),
        ((date(1984, 1, 1), YEAR), BORN, Fitting.SIMILAR, 1.9),
        ((date(1985, 1, 1), AGE), BORN, Fitting.WEAK, -0.7),
        ((date(1987, 1, 1), AGE), BORN, Fitting.ELSE, -6.6),
        ((BORN, UNKNOWN), BORN, Fitting.MISSING, 0.0),
        (None, BORN, Fitting.MISSING, 0.0),
    ],
)
def test_a_birth_date_counts_as_far_as_it_is_known(
    one: Any, other: Any, fitting: Fitting, bits: float
) -> None:
    first, second = anahit("a", born=one), anahit("b", born=other)
    for found in (compared(first, second), compared(second, first)):
        assert part(found, "birth_date") == (fitting, bits)


@pytest.mark.parametrize(
    ("like", "level"),
    [
        (1.0, Level.CLOSE),
        (0.92, Level.CLOSE),
        (0.9199, Level.SIMILAR),
        (0.88, Level.SIMILAR),
        (0.8799, Level.WEAK),
        (0.70, Level.WEAK),
        (0.6999, Level.ELSE),
    ],
)
def test_the_borders_of_likeness_belong_to_the_better_level(
    like: float, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.people.rules.matching.fits.likeness", lambda a, b: like)
    assert Text().level("ara", "ben") == level


def test_one_key_lifts_to_similar_and_never_lowers() -> None:
    assert Text().level("grigorian", "krikorian") == Level.SIMILAR
    assert Text().level("sarkisian", "sargsian") <= Level.SIMILAR
    assert Text(key_step=None).level("grigorian", "krikorian") == Level.WEAK


def test_a_fit_remembers_a_pair_and_forgets_when_it_has_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit = Text()
    assert fit("ara", "aram") == fit("aram", "ara")
    monkeypatch.setattr("handup.people.rules.matching.fits.REMEMBERED", 0)
    assert fit("ben", "ara") == fit("ara", "ben") == Level.ELSE


def test_names_that_fit_better_crosswise_are_used_so_at_most_close() -> None:
    one, other = anahit("a"), anahit("b", first="Sargsyan", last="Anahit")
    for found in (compared(one, other), compared(other, one)):
        assert part(found, "first_name") == (Fitting.CLOSE, 6.1)
        assert part(found, "last_name") == (Fitting.CLOSE, 5.9)


def test_crosswise_needs_both_names_at_least_similar() -> None:
    found = compared(anahit("a"), anahit("b", first="Sargsyan", last="Hripsime"))
    assert part(found, "first_name")[0] in (Fitting.WEAK, Fitting.ELSE)
    assert part(found, "last_name")[0] in (Fitting.WEAK, Fitting.ELSE)


def test_the_weaker_of_two_crossed_names_counts_for_the_first() -> None:
    fit = NamesFit()
    one, other = (("petros", "grigorian"),), (("krikorian", "petro"),)
    assert fit(one, other) == fit(other, one) == (Level.SIMILAR, Level.CLOSE)


def test_a_name_of_one_word_says_nothing_of_the_other() -> None:
    found = compared(record("a", ("Anahit", "")), record("b", ("Anahit", "Sargsyan")))
    assert part(found, "first_name") == (Fitting.EQUAL, 6.1)
    assert part(found, "last_name") == (Fitting.MISSING, 0.0)
    nameless = compared(record("a"), anahit("b"))
    assert part(nameless, "first_name") == part(nameless, "last_name") == (Fitting.MISSING, 0.0)


def test_every_name_of_a_person_takes_part_and_the_best_two_count() -> None:
    married = record("a", ("Anahit", "Petrosyan"), ("Anahit", "Sargsyan"))
    for pair in ((married, anahit("b")), (anahit("b"), married)):
        assert part(compared(*pair), "last_name") == (Fitting.EQUAL, 6.0)


def test_one_document_or_telephone_in_common_is_enough() -> None:
    one = frozenset({Document("PASSPORT", "1"), Document("NATIONAL_ID", "7")})
    other = frozenset({Document("PASSPORT", "2"), Document("NATIONAL_ID", "7")})
    assert fit_documents(one, other) == 0
    assert fit_documents(one, frozenset()) == MISSING
    found = compared(
        record("a", ("Ani", "Dat"), phones=frozenset("12")),
        record("b", ("Ani", "Dat"), phones=frozenset("23")),
    )
    assert part(found, "phone") == (Fitting.EQUAL, 7.0)


def test_a_rare_value_weighs_more_than_a_common_one() -> None:
    """Ten of twenty are called Anahit, two Zepyur; every one lives in the same place."""
    people = [
        record(f"x{n:02}", ("Anahit", f"Family{'abcdefghij'[n]}"), settlement="s") for n in range(8)
    ]
    people += [record(f"y{n:02}", (f"Given{'abcdefgh'[n]}", ""), settlement="s") for n in range(8)]
    pair = {"born": BORN, "settlement": "s"}
    people += [record(f"r{n}", ("Zepyur", "Rarian"), **pair) for n in range(2)]
    people += [record(f"c{n}", ("Anahit", "Rarian"), **pair) for n in range(2)]
    found = {(f.first, f.second): f for f in find_in_batch(people).findings}
    rare, common = found["r0", "r1"], found["c0", "c1"]
    assert part(rare, "first_name")[1] == pytest.approx(log2(0.82 / (2 / 20)))
    assert part(common, "first_name")[1] == pytest.approx(log2(0.82 / (10 / 20)))
    assert part(rare, "last_name")[1] == pytest.approx(log2(0.79 / (4 / 12)))
    assert part(rare, "settlement")[1] == pytest.approx(log2(0.75))


def test_dates_of_either_kind_fit_the_same_either_way_round() -> None:
    assert fit_births(("19840101", False), ("19830317", True)) == Level.WEAK
    assert fit_births(("19830317", True), ("19840101", False)) == Level.WEAK
