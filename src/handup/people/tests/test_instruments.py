"""Published instruments: every shared case and sample, bad answers, versions for a country."""

import csv
import io
import itertools
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.money import decimal_text
from handup.people.rules.instruments import (
    FcsMissing,
    FcsThreshold,
    Flag,
    Instrument,
    InstrumentSettings,
    Outcome,
    TooYoungForInstrument,
    UnknownInstrument,
    assess,
    code_of,
    fcs_band,
    structure_faults,
)
from handup.people.rules.structures import FCS, HHS, LCS_EN, LCS_FS, RCSI, STRUCTURES, WG_SS

ZERO = InstrumentSettings(fcs_missing=FcsMissing.ZERO)
HIGH = InstrumentSettings(fcs_threshold=FcsThreshold.HIGH)

WG = dict.fromkeys(WG_SS["items"], 1)
HUNGER = {"no_food": 0, "sleep_hungry": 0, "day_night": 0}
DAYS = dict.fromkeys(list(FCS["weights"])[:8], 1)
COPING = {item: 10 for items in LCS_EN["classes"].values() for item in items}
WEEK = dict.fromkeys(RCSI["weights"], 0)


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def pack(shared: Path) -> Path:
    return shared / "data" / "instruments"


def plain(score: Decimal | None) -> str | None:
    return None if score is None else f"{score.normalize():f}"


def as_expected(code: str, answers: dict[str, Any]) -> Any:
    """What the shared cases expect of an instrument, computed."""
    structure = STRUCTURES[code]
    outcome = assess(structure, answers)
    if code == "WG_SS":
        return outcome.result
    if code.startswith("LCS"):
        return outcome.result if outcome.score is None else int(outcome.score)
    if code == "FCS":
        return {
            "score": plain(outcome.score),
            "LOW": outcome.result,
            "HIGH": assess(structure, answers, settings=HIGH).result,
            "score_if_missing_is_zero": plain(assess(structure, answers, settings=ZERO).score),
        }
    found = {"score": None if outcome.score is None else int(outcome.score), "band": outcome.result}
    return found | ({"flag": Flag.HIGH in outcome.flags} if code == "HHS" else {})


def test_the_structures_are_those_of_the_shared_pack(pack: Path) -> None:
    files = {path.stem.upper(): load(path) for path in (pack / "structures").glob("*.json")}
    assert files == STRUCTURES
    assert set(STRUCTURES) == set(Instrument)


def test_every_shared_case_comes_out_as_expected(pack: Path) -> None:
    files = sorted((pack / "cases").glob("*.json"))
    assert files
    for path in files:
        cases = load(path)
        for case in cases["cases"]:
            found = as_expected(cases["instrument"], case["answers"])
            assert found == case["expected"], f"{path.name} {case['id']}"


def test_the_shared_cases_add_up_to_their_totals(pack: Path) -> None:
    for path in sorted((pack / "cases").glob("*.json")):
        cases = load(path)
        code, totals = cases["instrument"], cases["totals"]
        found = [as_expected(code, case["answers"]) for case in cases["cases"]]
        if code == "WG_SS" or code.startswith("LCS"):
            assert {key: [str(item) for item in found].count(key) for key in totals} == totals
            continue
        valid = [item for item in found if item["score"] is not None]
        assert len(valid) == totals["valid"], path.name
        names = {"bands": "band", "LOW": "LOW", "HIGH": "HIGH"}
        for group, key in names.items():
            for band, count in totals.get(group, {}).items():
                assert [item[key] for item in valid].count(band) == count, path.name


def sample(pack: Path, name: str, columns: dict[str, str]) -> list[dict[str, Any]]:
    text = (pack / "samples_wfp" / name).read_text(encoding="utf-8-sig")
    return [
        {item: row.get(column) for item, column in columns.items()}
        for row in csv.DictReader(io.StringIO(text))
    ]


def test_the_published_samples_add_up_under_our_rules(pack: Path) -> None:
    for name, expected in load(pack / "samples_wfp" / "expected.json").items():
        structure = STRUCTURES[expected["instrument"]]
        columns = expected.get("columns") or structure["wfp_names"]
        rows = sample(pack, name, columns)
        outcomes = [assess(structure, row) for row in rows]
        assert len(rows) == expected["rows"]
        results = [outcome.result for outcome in outcomes]
        for key in ("result", "LOW", "bands"):
            for result, count in expected.get(key, {}).items():
                assert results.count(result) == count, f"{name} {result}"
        if "HIGH" in expected:
            high = [assess(structure, row, settings=HIGH).result for row in rows]
            assert {key: high.count(key) for key in expected["HIGH"]} == expected["HIGH"]
        if "mean" in expected:
            scores = [outcome.score for outcome in outcomes if outcome.score is not None]
            assert len(scores) == expected["valid"]
            mean = Fraction(sum(scores, Decimal(0))) / len(scores)
            assert decimal_text(mean, 4) == expected["mean"]
            assert [str(plain(min(scores))), str(plain(max(scores)))] == [
                str(expected["min"]),
                str(expected["max"]),
            ]
            for flag in Flag:
                count = sum(flag in outcome.flags for outcome in outcomes)
                assert count == expected[f"flag_{flag.value.lower()}"], f"{name} {flag}"


def test_the_one_unlisted_code_of_a_sample_is_named_for_review(pack: Path) -> None:
    rows = sample(pack, "LHCS_FS_Sample_Survey.csv", LCS_FS["wfp_names"])
    assert [o.review for o in (assess(LCS_FS, row) for row in rows) if o.review] == [("utilities",)]


# --- short set of questions on functioning ---------------------------------------------------


def test_a_told_refusal_is_missing_but_nothing_to_review() -> None:
    outcome = assess(WG_SS, WG | {"walk": 888, "hear": " "})
    assert (outcome.result, outcome.score) == ("UNKNOWN", None)
    assert outcome.missing == ("hear", "walk")
    assert outcome.review == ()


def test_one_item_of_much_difficulty_decides_whatever_is_missing() -> None:
    assert assess(WG_SS, {"see": 3}).result == "YES"


@pytest.mark.parametrize("answer", [0, 5, 7, "yes", True, 2.5, float("nan"), [1], "-1", 10**12])
def test_an_answer_that_is_not_listed_is_missing_and_named(answer: object) -> None:
    outcome = assess(WG_SS, WG | {"see": answer})
    assert outcome.result == "UNKNOWN"
    assert outcome.missing == outcome.review == ("see",)


def test_an_answer_to_no_question_is_named_for_review() -> None:
    outcome = assess(WG_SS, WG | {"smell": 4})
    assert (outcome.result, outcome.review) == ("NO", ("smell",))


def test_a_child_under_five_is_not_asked() -> None:
    with pytest.raises(TooYoungForInstrument, match="age of 5; this person is 4"):
        assess(WG_SS, WG, age=4)
    assert assess(WG_SS, WG, age=5).result == "NO"


PERSON = st.fixed_dictionaries(
    {item: st.sampled_from([1, 2, 3, 4, 888, 999, None]) for item in WG_SS["items"]}
)


@given(PERSON)
def test_a_decided_status_equals_every_completion(answers: dict[str, Any]) -> None:
    result = assess(WG_SS, answers).result
    gaps = [item for item, answer in answers.items() if answer not in (1, 2, 3, 4)]
    ends = {
        assess(WG_SS, answers | dict.fromkeys(gaps, value)).result for value in (1, 4) if gaps
    } or {result}
    assert (result == "UNKNOWN") == (len(ends) == 2)
    assert result == "UNKNOWN" or ends == {result}


# --- hunger ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "missing", "review"),
    [
        ({"no_food": 1}, ("no_food_freq",), ()),
        ({"no_food": 1, "no_food_freq": 4}, ("no_food_freq",), ("no_food_freq",)),
        ({"no_food": 0, "no_food_freq": 1}, ("no_food",), ("no_food",)),
        ({"no_food": None, "no_food_freq": 1}, ("no_food",), ("no_food",)),
        ({"no_food": 2}, ("no_food",), ("no_food",)),
    ],
)
def test_hunger_without_its_frequency_or_against_it_is_missing(
    answers: dict[str, Any], missing: tuple[str, ...], review: tuple[str, ...]
) -> None:
    outcome = assess(HHS, HUNGER | answers)
    assert outcome == Outcome("HHS", 1, missing=missing, review=review)


def test_hunger_is_flagged_from_five() -> None:
    answers = {
        "no_food": 1, "no_food_freq": 3, "sleep_hungry": 1, "sleep_hungry_freq": 3,
        "day_night": 1, "day_night_freq": 2,
    }  # fmt: skip
    outcome = assess(HHS, answers)
    assert outcome == Outcome("HHS", 1, Decimal(5), "SEVERE", (Flag.HIGH,))
    assert assess(HHS, answers | {"day_night": 0, "day_night_freq": ""}).flags == ()


# --- food ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "low", "high"),
    [
        ("21", "POOR", "POOR"),
        ("21.5", "BORDERLINE", "POOR"),
        ("28", "BORDERLINE", "POOR"),
        ("28.5", "BORDERLINE", "BORDERLINE"),
        ("35", "BORDERLINE", "BORDERLINE"),
        ("35.5", "ACCEPTABLE", "BORDERLINE"),
        ("42", "ACCEPTABLE", "BORDERLINE"),
        ("42.5", "ACCEPTABLE", "ACCEPTABLE"),
    ],
)
def test_each_limit_belongs_to_the_band_below(score: str, low: str, high: str) -> None:
    assert fcs_band(FCS, Decimal(score), FcsThreshold.LOW) == low
    assert fcs_band(FCS, Decimal(score), FcsThreshold.HIGH) == high


def test_condiments_weigh_nothing_and_may_be_left_out() -> None:
    assert assess(FCS, DAYS) == assess(FCS, DAYS | {"condiments": 7})
    assert assess(FCS, DAYS).score == 16


def test_a_very_low_and_a_very_high_score_are_flagged() -> None:
    assert assess(FCS, dict.fromkeys(DAYS, 0)).flags == (Flag.LOW,)
    assert assess(FCS, dict.fromkeys(DAYS, 0) | {"staples": 7}).flags == ()
    assert assess(FCS, dict.fromkeys(DAYS, 7)).flags == (Flag.HIGH,)
    assert assess(FCS, dict.fromkeys(DAYS, 7) | {"protein": 4}).score == 100
    assert assess(FCS, dict.fromkeys(DAYS, 7) | {"protein": 4}).flags == ()


@pytest.mark.parametrize("days", [-1, 8, "eight", "-1"])
def test_days_outside_the_week_are_missing(days: object) -> None:
    for structure, answers in ((FCS, DAYS), (RCSI, WEEK)):
        item = next(iter(answers))
        outcome = assess(structure, answers | {item: days})
        assert outcome == Outcome(structure["code"], 1, missing=(item,), review=(item,))


@given(st.fixed_dictionaries({item: st.integers(0, 7) for item in DAYS}))
def test_a_food_score_lies_in_its_range_and_never_falls_with_a_day_more(
    answers: dict[str, int],
) -> None:
    score = assess(FCS, answers).score
    assert score is not None
    low, high = FCS["range"]
    assert low <= score <= high
    for item, days in answers.items():
        more = assess(FCS, answers | {item: min(days + 1, 7)}).score
        assert more is not None
        assert more >= score


@given(st.fixed_dictionaries({item: st.sampled_from([None, 0, 3, 8]) for item in DAYS}))
def test_missing_as_zero_equals_the_answer_zero(answers: dict[str, Any]) -> None:
    filled = {item: 0 if days in (None, 8) else days for item, days in answers.items()}
    assert assess(FCS, answers, settings=ZERO).score == assess(FCS, filled).score


@given(st.fixed_dictionaries({item: st.integers(0, 7) for item in WEEK}))
def test_a_coping_index_weighs_borrowing_twice_and_adults_thrice(answers: dict[str, int]) -> None:
    outcome = assess(RCSI, answers)
    expected = sum(answers.values()) + answers["borrow"] + 2 * answers["adults_restrict"]
    assert outcome.score == expected
    assert (Flag.HIGH in outcome.flags) == (expected >= 42)
    assert (Flag.LOW in outcome.flags) == (outcome.result == "1") == (expected <= 3)
    assert (outcome.result == "3+") == (expected >= 19)


# --- livelihood coping -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({}, "1"),
        ({"saving": 20}, "2"),
        ({"saving": None}, "UNKNOWN"),
        ({"saving": 30, "health": None}, "UNKNOWN"),
        ({"saving": None, "health": 30}, "3"),
        ({"health": 30, "begged": 999}, "UNKNOWN"),
        ({"health": None, "begged": 30, "res_asset": None}, "4"),
    ],
)
def test_a_higher_class_that_is_undecided_leaves_it_unknown(
    answers: dict[str, Any], result: str
) -> None:
    assert assess(LCS_EN, COPING | answers).result == result
    assert assess(LCS_FS, COPING | answers).result == result


CLASSES = {"stress": ["a"], "crisis": ["b"], "emergency": ["c"]}


@given(st.lists(st.sampled_from([10, 20, 30, 9999, None, 7]), min_size=3, max_size=3))
def test_a_decided_class_equals_every_completion(codes: list[int | None]) -> None:
    own = {**LCS_EN, "classes": CLASSES, "version": 2}
    answers = dict(zip("abc", codes, strict=True))
    outcome = assess(own, answers)
    gaps = [item for item, code in answers.items() if code in (None, 7)]
    ends = {
        assess(own, answers | dict(zip(gaps, filled, strict=True))).result
        for filled in itertools.product((10, 30), repeat=len(gaps))
    }
    assert outcome.version == 2
    assert (outcome.result == "UNKNOWN") == (len(ends) > 1)
    assert outcome.result == "UNKNOWN" or ends == {outcome.result}


# --- answers and versions --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        *[(3, 3), ("3", 3), (" 30 ", 30), (3.0, 3), (Decimal(3), 3), (True, None), ("3.0", None)],
        *[(float("inf"), None), ("٣", None), ({}, None), (None, None), ("9" * 40, None)],
    ],
)
def test_a_code_is_a_whole_number_however_it_was_written(answer: object, code: int | None) -> None:
    assert code_of(answer) == code


def test_an_unknown_instrument_is_refused() -> None:
    with pytest.raises(UnknownInstrument):
        assess({"code": "MPI", "version": 1}, {})
    assert [fault.code for fault in structure_faults({"code": "MPI"})] == ["UNKNOWN_INSTRUMENT"]


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=lambda s: str(s["code"]))
def test_the_published_version_may_be_used(structure: dict[str, Any]) -> None:
    assert structure_faults(structure) == []
    assert structure_faults({**structure, "version": 2, "note": "Second printing"}) == []


@pytest.mark.parametrize(
    ("structure", "change", "place"),
    [
        (WG_SS, {"items": list(reversed(WG_SS["items"]))}, "items"),
        (FCS, {"weights": FCS["weights"] | {"fat": "1"}}, "weights"),
        (RCSI, {"bands": [[0, 56, "1"]]}, "bands"),
        (HHS, {"flag_from": 4}, "flag_from"),
        (HHS, {"bonus": 1}, "bonus"),
        (HHS, {"version": "new"}, "version"),
        (LCS_EN, {"answers": {"30": "yes"}}, "answers"),
        (LCS_EN, {"classes": None}, "classes.stress"),
        (LCS_EN, {"classes": CLASSES | {"crisis": []}}, "classes.crisis"),
        (LCS_EN, {"classes": CLASSES | {"calm": ["d"]}}, "classes.calm"),
        (LCS_EN, {"classes": CLASSES | {"crisis": ["b", "a"]}}, "classes.crisis[1]"),
        (LCS_EN, {"classes": CLASSES | {"crisis": [" "]}}, "classes.crisis[0]"),
    ],
)
def test_a_published_instrument_is_not_changed(
    structure: dict[str, Any], change: dict[str, Any], place: str
) -> None:
    assert place in [fault.place for fault in structure_faults({**structure, **change})]


def test_the_items_of_a_coping_class_may_be_replaced() -> None:
    own = {**LCS_FS, "classes": CLASSES, "wfp_names": {}, "version": 2}
    assert structure_faults(own) == []
    assert assess(own, {"a": 20, "b": 10, "c": 10}).result == "2"
