"""Proxy means tests: every shared case, each use and aggregate, missing and unusable facts."""

import copy
import json
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.errors import Faults
from handup.kernel.money import decimal_text
from handup.people.rules.card_parts import Status
from handup.people.rules.pmt import PmtResult, pmt_card, score_pmt

CARD: dict[str, Any] = {
    "code": "OWN_PMT",
    "version": 1,
    "kind": "PMT",
    "predicts": "PER_CAPITA_MONTH",
    "constant": "100",
    "terms": [
        {"fact": "rooms", "level": "HOUSEHOLD", "use": "VALUE", "coefficient": "10"},
        {
            "fact": "age",
            "level": "MEMBER",
            "where": {"fact": "age", "op": "<", "value": "15"},
            "aggregate": "SHARE",
            "use": "VALUE",
            "coefficient": "-40",
        },
    ],
    "currency": "AMD",
    "line_units_by_area": {"TOWN": "110", "OTHER": "100"},
}
HOME = {"rooms": 1, "area": "TOWN"}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def packs(shared: Path) -> dict[str, Any]:
    files = sorted((shared / "data" / "instruments" / "scorecards").glob("*.json"))
    found = {path.name: load(path) for path in files}
    chosen = {name: pack for name, pack in found.items() if pack["scorecard"]["kind"] == "PMT"}
    assert chosen
    return chosen


def told(result: PmtResult) -> dict[str, Any]:
    """A result as the shared cases write it."""
    if result.score is None:
        return {"status": result.status.value, "fields": list(result.fields)}
    return {
        "status": "SCORED",
        "score": decimal_text(Fraction(result.score), 6),
        "predicted_units": str(result.predicted_units),
        "targeted": result.targeted,
    }


def one_term(predicts: str = "PER_CAPITA_MONTH", **term: Any) -> dict[str, Any]:
    """A card of one term with a coefficient of 1 and no constant: its score is x."""
    whole = {"fact": "x", "level": "HOUSEHOLD", "use": "VALUE", "coefficient": "1"} | term
    return CARD | {"constant": "0", "terms": [whole], "predicts": predicts}


def x_of(facts: dict[str, Any], members: Any = (), **term: Any) -> Decimal | tuple[str, ...]:
    """What the one term comes to, or the facts that keep it from it."""
    result = score_pmt(pmt_card(one_term(**term)), {"area": "TOWN"} | facts, members)
    return result.fields if result.score is None else result.score


def of_members(aggregate: str, ages: list[Any], **term: Any) -> Decimal | tuple[str, ...]:
    term = {"fact": "age", "level": "MEMBER", "aggregate": aggregate, "empty": "0"} | term
    return x_of({}, [{"age": age} for age in ages], **term)


# --- shared cases ----------------------------------------------------------------------------


def test_every_shared_case_comes_out_as_expected(packs: dict[str, Any]) -> None:
    for name, pack in packs.items():
        card = pmt_card(pack["scorecard"])
        found = [score_pmt(card, case["household"], case["members"]) for case in pack["cases"]]
        for case, result in zip(pack["cases"], found, strict=True):
            assert told(result) == case["expected"], f"{name} {case['id']}"
        assert sum(result.status is Status.SCORED for result in found) == pack["totals"]["scored"]
        assert sum(bool(result.targeted) for result in found) == pack["totals"]["targeted"]


def test_contributions_and_constant_make_the_score(packs: dict[str, Any]) -> None:
    for pack in packs.values():
        card = pmt_card(pack["scorecard"])
        assert card.log == pack["scorecard"]["predicts"].startswith("LN_")
        for case in pack["cases"]:
            result = score_pmt(card, case["household"], case["members"])
            if result.score is not None:
                total = card.constant + sum(result.contributions, Decimal(0))
                assert abs(result.score - total) < Decimal("1e-20")
                assert len(result.contributions) == len(card.terms)


# --- how x is taken --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "value", "x"),
    [
        ({}, "2.5", "2.5"),
        ({}, 7, "7"),
        ({}, True, "1"),
        ({}, False, "0"),
        ({"max": "3"}, "4.5", "3"),
        ({"max": "3"}, "2", "2"),
        ({"use": "LN"}, 1, "0"),
        ({"use": "LN1P"}, 0, "0"),
        ({"use": "LN", "max": "1"}, 9, "0"),
        ({"use": "EQUALS", "equals": "MUD"}, "MUD", "1"),
        ({"use": "EQUALS", "equals": "MUD"}, "BRICK", "0"),
        ({"use": "EQUALS", "equals": "3"}, 3, "1"),
        ({"use": "EQUALS", "equals": True}, True, "1"),
        ({"use": "EQUALS", "equals": True}, 1, "0"),
        ({"use": "EQUALS", "equals": "1"}, True, "0"),
    ],
)
def test_a_fact_is_taken_as_its_term_says(term: dict[str, Any], value: object, x: str) -> None:
    assert x_of({"x": value}, **term) == Decimal(x)


def test_logarithms_are_of_28_digits() -> None:
    assert x_of({"x": 2}, use="LN") == Decimal("0.6931471805599453094172321215")
    assert x_of({"x": 1}, use="LN1P") == Decimal("0.6931471805599453094172321215")


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ({"use": "LN"}, 0),
        ({"use": "LN"}, -2),
        ({"use": "LN1P"}, -1),
        ({}, "many"),
        ({}, "NaN"),
        ({}, [1]),
        ({}, "1e400"),
    ],
)
def test_a_fact_that_cannot_be_used_is_refused(term: dict[str, Any], value: object) -> None:
    result = score_pmt(pmt_card(one_term(**term)), {"x": value, "area": "TOWN"}, [])
    assert result == PmtResult(Status.REFUSED, ("x",))


# --- members ---------------------------------------------------------------------------------

CHILD = {"where": {"fact": "age", "op": "<", "value": "15"}}


@pytest.mark.parametrize(
    ("aggregate", "term", "x"),
    [
        ("COUNT", {}, "4"),
        ("COUNT", CHILD, "1"),
        ("SUM", {}, "100"),
        ("SUM", CHILD, "9"),
        ("MEAN", {}, "25"),
        ("MAX", {}, "61"),
        ("MAX", {"max": "40"}, "40"),
        ("SHARE", CHILD, "0.25"),
        ("COUNT", {"where": {"fact": "age", "op": ">=", "value": "15"}}, "3"),
        ("COUNT", {"where": {"fact": "age", "op": ">", "value": "15"}}, "1"),
        ("COUNT", {"where": {"fact": "age", "op": "<=", "value": "15"}}, "3"),
        ("COUNT", {"where": {"fact": "age", "op": "==", "value": "15"}}, "2"),
        ("COUNT", {"where": {"fact": "age", "op": "!=", "value": 15}}, "2"),
        ("COUNT", {"use": "EQUALS", "equals": "4"}, "1"),
    ],
)
def test_members_are_put_together(aggregate: str, term: dict[str, Any], x: str) -> None:
    assert of_members(aggregate, [9, 15, 15, 61], **term) == Decimal(x)


@pytest.mark.parametrize("aggregate", ["SUM", "MEAN", "MAX", "COUNT"])
def test_where_nobody_is_kept_the_card_says_the_value(aggregate: str) -> None:
    nobody = {"where": {"fact": "age", "op": ">", "value": "99"}}
    assert of_members(aggregate, [9, 15], **nobody, empty="7") == 7
    assert of_members(aggregate, [], empty="7") == 7


def test_a_share_of_nobody_is_not_known_unless_the_card_says() -> None:
    assert of_members("SHARE", [], **CHILD, empty="0.5") == Decimal("0.5")
    term = {"fact": "age", "level": "MEMBER", "aggregate": "SHARE", **CHILD}
    assert x_of({}, [], **term) == ("members",)
    assert x_of({}, None, **term) == ("members",)


def test_a_member_the_filter_does_not_keep_may_lack_the_value() -> None:
    term = {
        "fact": "schooling", "level": "MEMBER", "aggregate": "MAX", "empty": "0",
        "where": {"fact": "age", "op": ">=", "value": "18"},
    }  # fmt: skip
    grown, child = {"age": 30, "schooling": 8}, {"age": 4, "schooling": None}
    assert x_of({}, [grown, child], **term) == 8
    assert x_of({}, [grown, {"age": 40}], **term) == ("schooling",)
    assert x_of({}, [grown, {"schooling": 9}], **term) == ("age",)


def test_a_share_of_thirds_has_28_digits() -> None:
    assert of_members("SHARE", [1, 20, 30], **CHILD) == Decimal("0." + "3" * 28)


# --- lines and targeting ---------------------------------------------------------------------


def test_a_household_at_its_area_s_line_is_targeted() -> None:
    card = pmt_card(CARD)
    at_line = score_pmt(card, HOME, [{"age": 30}])
    assert at_line.predicted == 110
    assert at_line.targeted is True
    assert score_pmt(card, HOME | {"area": "OTHER"}, [{"age": 30}]).targeted is False
    above = score_pmt(card, HOME | {"rooms": "1.01"}, [{"age": 30}])
    assert (above.predicted_units, above.targeted) == (110, False)


def test_a_log_model_predicts_a_power_of_e() -> None:
    result = score_pmt(pmt_card(one_term("LN_MONTH")), {"x": 1, "area": "TOWN"}, [])
    assert result.predicted == Decimal("2.718281828459045235360287471")
    assert (result.predicted_units, result.targeted) == (3, True)


def test_a_prediction_beyond_all_amounts_is_refused() -> None:
    card = pmt_card(one_term("LN_MONTH"))
    assert score_pmt(card, {"x": 41, "area": "TOWN"}, []).fields == ("x",)
    assert score_pmt(card, {"x": -(10**14), "area": "TOWN"}, []).predicted_units == 0


@pytest.mark.parametrize(
    ("household", "members", "status", "fields"),
    [
        ({}, [{"age": 1}], Status.INCOMPLETE, ("rooms", "area")),
        ({"rooms": ""}, [{}], Status.INCOMPLETE, ("rooms", "age", "area")),
        (HOME | {"area": "MOON"}, [{"age": 1}], Status.REFUSED, ("area",)),
        (HOME | {"area": ["TOWN"]}, [{"age": 1}], Status.REFUSED, ("area",)),
        ({"rooms": "two"}, [{"age": "old"}], Status.REFUSED, ("rooms", "age")),
    ],
)
def test_missing_facts_are_told_from_unusable_ones(
    household: dict[str, Any], members: list[dict[str, Any]], status: Status, fields: tuple[str]
) -> None:
    assert score_pmt(pmt_card(CARD), household, members) == PmtResult(status, fields)


def test_a_fact_of_two_terms_is_named_once() -> None:
    terms = [CARD["terms"][0], CARD["terms"][0] | {"use": "LN"}]
    card = pmt_card(CARD | {"terms": terms})
    assert score_pmt(card, {"area": "TOWN"}, []).fields == ("rooms",)


@given(st.integers(1, 12), st.lists(st.integers(0, 90), min_size=1, max_size=8))
def test_the_level_model_equals_plain_arithmetic(rooms: int, ages: list[int]) -> None:
    result = score_pmt(pmt_card(CARD), HOME | {"rooms": rooms}, [{"age": age} for age in ages])
    exact = 100 + 10 * rooms - Fraction(40 * sum(age < 15 for age in ages), len(ages))
    assert result.score is not None
    assert abs(Fraction(result.score) - exact) < Fraction(1, 10**20)


@given(st.integers(1, 10**6))
def test_the_logarithm_agrees_with_the_machine_s(x: int) -> None:
    value = x_of({"x": x}, use="LN")
    assert isinstance(value, Decimal)
    assert math.isclose(float(value), math.log(x), abs_tol=1e-12)


# --- cards with gaps -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "place", "code"),
    [
        (["code"], None, "code", "VALUE_MISSING"),
        (["kind"], "POINTS", "kind", "NOT_A_CHOICE"),
        (["predicts"], None, "predicts", "VALUE_MISSING"),
        (["constant"], "ten", "constant", "NOT_A_NUMBER"),
        (["constant"], None, "constant", "VALUE_MISSING"),
        (["terms"], [], "terms", "VALUE_MISSING"),
        (["terms", 0, "fact"], None, "terms[0].fact", "VALUE_MISSING"),
        (["terms", 0, "use"], "SQUARE", "terms[0].use", "NOT_A_CHOICE"),
        (["terms", 0, "use"], "EQUALS", "terms[0].equals", "VALUE_MISSING"),
        (["terms", 0, "equals"], "3", "terms[0].equals", "NOT_A_PART"),
        (["terms", 0, "level"], "VILLAGE", "terms[0].level", "NOT_A_CHOICE"),
        (["terms", 0, "aggregate"], "SUM", "terms[0].aggregate", "NOT_A_PART"),
        (["terms", 0, "min"], "1", "terms[0].min", "NOT_A_PART"),
        (["terms", 0, "max"], "x", "terms[0].max", "NOT_A_NUMBER"),
        (["terms", 0, "coefficient"], None, "terms[0].coefficient", "VALUE_MISSING"),
        (["terms", 1, "aggregate"], "MEDIAN", "terms[1].aggregate", "NOT_A_CHOICE"),
        (["terms", 1, "aggregate"], "MAX", "terms[1].empty", "VALUE_MISSING"),
        (["terms", 1, "where"], None, "terms[1].where", "VALUE_MISSING"),
        (["terms", 1, "where", "op"], "~", "terms[1].where.op", "NOT_A_CHOICE"),
        (["terms", 1, "where", "value"], "x", "terms[1].where.value", "NOT_A_NUMBER"),
        (["terms", 1, "where", "value"], None, "terms[1].where.value", "VALUE_MISSING"),
        (["terms", 1, "where", "unit"], "y", "terms[1].where.unit", "NOT_A_PART"),
        (["currency"], None, "currency", "VALUE_MISSING"),
        (["line_units_by_area"], {}, "line_units_by_area", "VALUE_MISSING"),
        (["line_units_by_area", "TOWN"], "-1", "line_units_by_area.TOWN", "TOO_LOW"),
        (["line_units_by_area", "TOWN"], "1.5", "line_units_by_area.TOWN", "NOT_WHOLE"),
    ],
)
def test_a_test_with_a_gap_names_the_place(
    path: list[Any], value: object, place: str, code: str
) -> None:
    raw = copy.deepcopy(CARD)
    part: Any = raw
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    with pytest.raises(Faults) as refused:
        pmt_card(raw)
    assert (place, code) in [(fault.place, fault.code) for fault in refused.value.faults]
