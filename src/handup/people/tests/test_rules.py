"""The pure rules: eligibility in three values, derived categories, ages, states, names."""

import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.people.rules import codes as c
from handup.people.rules.categories import (
    HouseholdView,
    MemberFact,
    age_band,
    age_in_years,
    birth_from_age,
    derive,
)
from handup.people.rules.eligibility import (
    FactKind,
    Result,
    RuleFault,
    Verdict,
    evaluate,
    facts_used,
    faults,
)
from handup.people.rules.names import prefix_end, script_of, search_form, shown, sort_key
from handup.people.rules.taking_part import MOVES, may_move

KNOWN = frozenset({"age_years", "area", "statuses", "score", "woman_head", "active_in_similar"})


@pytest.fixture
def packs(shared: Path) -> dict[str, Any]:
    """The shared eligibility rules with their cases, by name."""
    files = (shared / "data" / "instruments" / "targeting").glob("eligib*.json")
    found = {file.stem: json.loads(file.read_text()) for file in files}
    assert found
    return found


def as_facts(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}


def test_the_shared_cases_give_their_result_reasons_and_missing_facts(
    packs: dict[str, Any],
) -> None:
    for name, pack in packs.items():
        for case in pack["cases"]:
            expected = case["expected"]
            assert evaluate(pack["rule"], as_facts(case["facts"])) == Verdict(
                Result(expected["result"]), tuple(expected["reasons"]), tuple(expected["missing"])
            ), f"{name} {case['id']}"


def test_the_shared_packs_hold_their_totals(packs: dict[str, Any]) -> None:
    for pack in packs.values():
        results = [evaluate(pack["rule"], as_facts(case["facts"])).result for case in pack["cases"]]
        assert {kind: results.count(Result(kind)) for kind in pack["totals"]} == pack["totals"]


RULE = {
    "all": [
        {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"},
        {
            "any": [
                {
                    "fact": "statuses",
                    "op": "has_any",
                    "value": ["REFUGEE"],
                    "reason": "NO_TARGET_STATUS",
                },
                {"fact": "woman_head", "op": "==", "value": True, "reason": "NO_TARGET_STATUS"},
            ]
        },
        {"not": {"fact": "score", "op": ">", "value": 60, "reason": "ABOVE_CUTOFF"}},
    ]
}
DOMAINS: dict[str, list[Any]] = {
    "age_years": [17, 18],
    "statuses": [(), ("REFUGEE",)],
    "woman_head": [True, False],
    "score": [60, 61],
}


@given(st.fixed_dictionaries({k: st.sampled_from([*v, None]) for k, v in DOMAINS.items()}))
def test_a_decided_result_equals_every_completion(facts: dict[str, Any]) -> None:
    verdict = evaluate(RULE, facts)
    gaps = [name for name, value in facts.items() if value is None]
    completions = {
        evaluate(RULE, facts | dict(zip(gaps, values, strict=True))).result
        for values in itertools.product(*(DOMAINS[name] for name in gaps))
    }
    if verdict.result is Result.NEEDS_INFORMATION:
        assert len(completions) == 2
        assert set(verdict.missing) <= set(gaps)
    else:
        assert completions == {verdict.result}


def test_a_rule_names_the_facts_it_asks_for() -> None:
    assert facts_used(RULE) == ("age_years", "statuses", "woman_head", "score")


@pytest.mark.parametrize(
    ("tree", "place", "code"),
    [
        ("no", "rule", "NOT_A_NODE"),
        ({"all": [], "any": []}, "rule", "ONE_OF_ALL_ANY_NOT"),
        ({}, "rule", "ONE_OF_ALL_ANY_NOT"),
        ({"all": []}, "rule.all", "EMPTY_LIST"),
        ({"not": {"any": [7]}}, "rule.not.any[0]", "NOT_A_NODE"),
        (
            {"all": [{"fact": "score", "op": "<="}]},
            "rule.all[0]",
            "LEAF_NEEDS_FACT_OP_VALUE_REASON",
        ),
        (
            {"fact": "trafficking", "op": "==", "value": True, "reason": "X"},
            "rule",
            "UNKNOWN_FACT",
        ),
        ({"fact": "score", "op": "~", "value": 1, "reason": "X"}, "rule", "UNKNOWN_OPERATOR"),
        ({"fact": "score", "op": ">=", "value": "1", "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "area", "op": "in", "value": "A1", "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "score", "op": "<=", "value": True, "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "area", "op": "in", "value": [], "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "area", "op": "in", "value": [1], "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "area", "op": "==", "value": None, "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "area", "op": "==", "value": ["A"], "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        ({"fact": "area", "op": "==", "value": "A\0", "reason": "X"}, "rule", "VALUE_DOES_NOT_FIT"),
        (
            {"fact": "area", "op": "in", "value": ["\ud800"], "reason": "X"},
            "rule",
            "VALUE_DOES_NOT_FIT",
        ),
        (
            {"fact": "area", "op": "==", "value": "A", "reason": "X\0"},
            "rule",
            "LEAF_NEEDS_FACT_OP_VALUE_REASON",
        ),
        ({"fact": ["area"], "op": "==", "value": "A", "reason": "X"}, "rule", "UNKNOWN_FACT"),
        ({"fact": "area", "op": ["=="], "value": "A", "reason": "X"}, "rule", "UNKNOWN_OPERATOR"),
        (
            {"fact": "area", "op": "==", "value": "A", "reason": " "},
            "rule",
            "LEAF_NEEDS_FACT_OP_VALUE_REASON",
        ),
    ],
)
def test_a_broken_rule_names_the_place(tree: object, place: str, code: str) -> None:
    assert faults(tree, KNOWN) == [RuleFault(place, code)]


def test_a_rule_nested_without_end_is_refused() -> None:
    tree: dict[str, Any] = {"fact": "score", "op": "<=", "value": 1, "reason": "X"}
    for _ in range(500):
        tree = {"not": tree}
    assert [fault.code for fault in faults(tree, KNOWN)] == ["TOO_DEEP"]


def test_the_shared_rules_have_no_fault(packs: dict[str, Any]) -> None:
    for pack in packs.values():
        assert faults(pack["rule"], frozenset(facts_used(pack["rule"]))) == []


def leaves() -> st.SearchStrategy[Any]:
    names = st.sampled_from(sorted(DOMAINS))
    return names.flatmap(
        lambda name: st.builds(
            lambda op, value: {"fact": name, "op": op, "value": value, "reason": name},
            *(
                (st.just("has_any"), st.just(["REFUGEE"]))
                if name == "statuses"
                else (st.sampled_from(["==", "!="]), st.sampled_from(DOMAINS[name]))
            ),
        )
    )


TREES = st.recursive(
    leaves(),
    lambda inner: (
        st.builds(lambda node: {"not": node}, inner)
        | st.builds(
            lambda word, nodes: {word: nodes},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        )
    ),
    max_leaves=6,
)
FACTS = st.fixed_dictionaries({k: st.sampled_from([*v, None]) for k, v in DOMAINS.items()})


@given(TREES, FACTS)
def test_a_decided_result_of_any_rule_equals_every_completion(
    tree: dict[str, Any], facts: dict[str, Any]
) -> None:
    assert faults(tree, frozenset(DOMAINS)) == []
    verdict = evaluate(tree, facts)
    gaps = [name for name, value in facts.items() if value is None]
    assert [name for name in facts_used(tree) if name in verdict.missing] == list(verdict.missing)
    assert set(verdict.missing) <= set(gaps)
    assert bool(verdict.missing) is (verdict.result is Result.NEEDS_INFORMATION)
    assert bool(verdict.reasons) is (verdict.result is Result.NOT_ELIGIBLE)
    if verdict.result is not Result.NEEDS_INFORMATION:
        for values in itertools.product(*(DOMAINS[name] for name in gaps)):
            filled = facts | dict(zip(gaps, values, strict=True))
            assert evaluate(tree, filled).result is verdict.result


@pytest.mark.parametrize(
    ("kind", "op", "value", "fits"),
    [
        (FactKind.NUMBER, ">=", 18, True),
        (FactKind.NUMBER, "==", 18, True),
        (FactKind.NUMBER, "==", True, False),
        (FactKind.NUMBER, "==", "18", False),
        (FactKind.NUMBER, "in", ["18"], False),
        (FactKind.NUMBER, "has_any", ["18"], False),
        (FactKind.CODE, "==", "F", True),
        (FactKind.CODE, "not_in", ["F"], True),
        (FactKind.CODE, ">", 3, False),
        (FactKind.YES_NO, "!=", False, True),
        (FactKind.YES_NO, "==", "yes", False),
        (FactKind.YES_NO, "==", 1, False),
        (FactKind.CODES, "has_none", ["IDP"], True),
        (FactKind.CODES, "==", "IDP", False),
        (FactKind.CODES, "in", ["IDP"], False),
        (FactKind.CODES, ">=", 18, False),
    ],
)
def test_a_comparison_that_could_never_decide_a_fact_is_refused_with_its_place(
    kind: FactKind, op: str, value: object, fits: bool
) -> None:
    leaf = {"fact": "f", "op": op, "value": value, "reason": "X"}
    tree = {"all": [{"not": leaf}]}
    found = faults(tree, frozenset({"f"}), kinds={"f": kind})
    assert found == ([] if fits else [RuleFault("rule.all[0].not", "FACT_DOES_NOT_FIT")])


def test_a_sound_rule_has_no_fault() -> None:
    assert faults(RULE, KNOWN) == []


@pytest.mark.parametrize(
    ("op", "have", "want", "held"),
    [
        ("==", True, True, True),
        ("==", True, 1, False),
        ("!=", "F", "M", True),
        (">", 5, 5, False),
        ("<", 4, 5, True),
        ("in", "A1", ["A1"], True),
        ("not_in", "A1", ["A1"], False),
        ("has_all", ("A", "B"), ["A"], True),
        ("has_none", ("A", "B"), ["C"], True),
    ],
)
def test_each_operator_compares_like_with_like(op: str, have: Any, want: Any, held: bool) -> None:
    tree = {"fact": "x", "op": op, "value": want, "reason": "R"}
    verdict = evaluate(tree, {"x": have})
    assert (verdict.result is Result.ELIGIBLE) is held
    assert verdict.reasons == (() if held else ("R",))


def test_a_number_is_not_compared_with_a_word() -> None:
    with pytest.raises(TypeError):
        evaluate({"fact": "x", "op": ">", "value": 1, "reason": "R"}, {"x": "2"})


def member(sex: str, age: int | None, head: bool = False) -> MemberFact:
    return MemberFact(sex, age, head)


def test_a_widow_with_three_children_heads_a_large_family() -> None:
    home = HouseholdView(
        [member("F", 41, head=True), member("M", 12), member("F", 9), member("F", 3)],
        income_units=40_000,
        line_units=10_000,
    )
    assert derive(is_head=True, sex="F", age=41, home=home) == {
        c.Derived.WOMAN_HEAD: True,
        c.Derived.CHILD_HEAD: False,
        c.Derived.LARGE_FAMILY: True,
        c.Derived.LOW_INCOME: True,
        c.Derived.DISABILITY: None,
    }
    assert home.woman_headed is True
    assert home.size == 4


def test_one_unit_above_the_line_is_not_low_income() -> None:
    home = HouseholdView([member("F", 30, True)], income_units=10_001, line_units=10_000)
    assert home.low_income is False


def test_a_child_heading_a_household_is_seen() -> None:
    home = HouseholdView([member("M", 17, head=True), member("M", 8)])
    derived = derive(is_head=True, sex="M", age=17, home=home)
    assert derived[c.Derived.CHILD_HEAD] is True
    assert derived[c.Derived.LARGE_FAMILY] is False


def test_told_children_count_without_being_registered() -> None:
    home = HouseholdView([member("M", 40, True)], told_adults=2, told_children=4)
    assert home.children == 4
    assert home.size == 6


def test_what_is_not_known_stays_unknown() -> None:
    home = HouseholdView([member("NOT_ASKED", None, head=True), member("M", None)])
    assert home.children is None
    assert home.woman_headed is None
    assert home.low_income is None
    derived = derive(is_head=True, sex="NOT_ASKED", age=None, home=home)
    assert set(derived.values()) == {None}


def test_a_person_without_household_heads_none() -> None:
    derived = derive(is_head=False, sex="F", age=30, home=None)
    assert derived[c.Derived.WOMAN_HEAD] is False
    assert derived[c.Derived.LARGE_FAMILY] is None


@pytest.mark.parametrize(
    ("birth", "precision", "age"),
    [
        (date(2000, 6, 2), "DAY", 25),
        (date(2000, 6, 1), "DAY", 26),
        (date(2000, 1, 1), "YEAR", 25),
        (date(2000, 5, 1), "MONTH", 26),
        (date(2026, 1, 1), "YEAR", 0),
        (date(2027, 1, 1), "DAY", None),
        (None, "UNKNOWN", None),
    ],
)
def test_age_counts_completed_years(birth: date | None, precision: str, age: int | None) -> None:
    assert age_in_years(birth, precision, date(2026, 6, 1)) == age


@pytest.mark.parametrize(
    ("age", "band"),
    [(0, "0-14"), (14, "0-14"), (15, "15-24"), (34, "25-34"), (59, "35-59"), (60, "60+")],
)
def test_age_bands_follow_the_report(age: int, band: str) -> None:
    assert age_band(age) == band


def test_no_age_no_band() -> None:
    assert age_band(None) == ""


def test_a_told_age_is_counted_back() -> None:
    assert birth_from_age(30, date(2026, 5, 4)) == date(1996, 5, 4)
    assert birth_from_age(1, date(2024, 2, 29)) == date(2023, 2, 28)


def test_a_graduate_stays_a_graduate_and_an_appeal_reopens() -> None:
    assert not MOVES[c.ParticipationState.GRADUATED]
    assert may_move(c.ParticipationState.NOT_ELIGIBLE, c.ParticipationState.APPLIED)
    assert not may_move(c.ParticipationState.APPLIED, c.ParticipationState.ACTIVE)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Անի", "ARMENIAN"),
        ("Цэрэн", "CYRILLIC"),
        ("Mukamana", "LATIN"),
        ("محمد", "ARABIC"),
        ("王", "OTHER"),
        ("12", "OTHER"),
    ],
)
def test_the_script_is_read_from_the_first_letter(text: str, script: str) -> None:
    assert script_of(text) == script


def test_names_sort_in_one_order_whatever_the_script() -> None:
    assert sort_key("Ани", "Саргсян") == sort_key("Ani", "Sargsyan")
    assert sort_key("Bat-Erdene", "") == sort_key("Батэрдэнэ", "")
    assert sort_key("Participant", "0002") > sort_key("Participant", "0001")
    assert shown("Bat", "") == "Bat"


def test_a_numbered_name_is_found_by_its_number() -> None:
    assert search_form("0042") == "0042"
    assert search_form("Սարգսյան") == search_form("Sargsyan")
    assert search_form("!") == ""


@pytest.mark.parametrize(
    ("text", "end"),
    [("sargs", "sargt"), ("saz", "sb"), ("zz", ""), ("0999", "1"), ("12", "13"), ("99", "a")],
)
def test_a_prefix_ends_before_the_next_word_under_every_collation(text: str, end: str) -> None:
    assert prefix_end(text) == end


@given(st.text("abyz", min_size=1, max_size=4), st.text("abyz", max_size=4))
def test_every_word_with_the_prefix_lies_before_its_end(text: str, rest: str) -> None:
    end = prefix_end(text)
    assert text <= text + rest
    assert not end or text + rest < end
