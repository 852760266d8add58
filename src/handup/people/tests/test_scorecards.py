"""Points cards and their tables: every shared case, the importer, cards with gaps."""

import copy
import json
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.errors import Faults
from handup.kernel.money import NegativeWeight, decimal_text_or_none
from handup.kernel.sheet_faults import EmptyTable, WrongEncoding
from handup.people.rules.card_parts import AlteredCardKeepsName, Status, decimal_of
from handup.people.rules.lookup import LookupLine, NotATable, read_lookup, tile_faults
from handup.people.rules.points import (
    PointsCard,
    PointsResult,
    group_rates,
    is_altered,
    likelihood_of,
    points_card,
    require_own_name,
    score_points,
)

CARD: dict[str, Any] = {
    "code": "OWN",
    "version": 1,
    "kind": "POINTS",
    "level": "HOUSEHOLD",
    "items": [
        {"code": "roof", "answers": [{"code": "A1", "points": 0}, {"code": "A2", "points": 4}]},
        {"code": "stove", "answers": [{"code": "A1", "points": 0}, {"code": "A2", "points": 9}]},
    ],
    "cap": 10,
    "lookup": [
        {"from": 0, "to": 3, "likelihood": {"NATIONAL": "90.0"}},
        {"from": 4, "to": 9, "likelihood": {"NATIONAL": "40.5"}},
        {"from": 10, "to": 10, "likelihood": {"NATIONAL": "1"}},
    ],
    "cutoff": {"rule": "score <= max", "max": 4},
}
LINE = ["lookup", 0, "likelihood", "NATIONAL"]
AT_LINE = "lookup[0].likelihood.NATIONAL"
POOR, RICH = {"roof": "A1", "stove": "A1"}, {"roof": "A2", "stove": "A2"}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "data" / "instruments" / "scorecards"


@pytest.fixture
def packs(folder: Path) -> dict[str, Any]:
    found = {path.name: load(path) for path in sorted(folder.glob("*.json"))}
    chosen = {name: pack for name, pack in found.items() if pack["scorecard"]["kind"] == "POINTS"}
    assert chosen
    return chosen


def told(result: PointsResult) -> dict[str, Any]:
    """A result as the shared cases write it."""
    if result.status is not Status.SCORED:
        return {"status": result.status.value, "fields": list(result.fields)}
    return {
        "status": "SCORED",
        "sum": result.sum,
        "score": result.score,
        "likelihood": {line: str(value) for line, value in result.likelihood.items()},
        "targeted": result.targeted,
    }


def places(refused: pytest.ExceptionInfo[Faults]) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in refused.value.faults]


def with_change(path: list[Any], value: object) -> dict[str, Any]:
    """The card with one part set, or left out when the value is None."""
    raw = copy.deepcopy(CARD)
    part: Any = raw
    for step in path[:-1]:
        part = part[step]
    if value is None:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return raw


# --- scoring ---------------------------------------------------------------------------------


def test_every_shared_case_comes_out_as_expected(packs: dict[str, Any]) -> None:
    for name, pack in packs.items():
        card = points_card(pack["scorecard"])
        for case in pack["cases"]:
            found = told(score_points(card, case["answers"]))
            assert found == case["expected"], f"{name} {case['id']}"


def test_the_rate_of_a_group_is_the_mean_of_likelihoods(packs: dict[str, Any]) -> None:
    for name, pack in packs.items():
        card, totals = points_card(pack["scorecard"]), pack["totals"]
        results = [(score_points(card, case["answers"]), case) for case in pack["cases"]]
        scored = [result for result, _ in results if result.score is not None]
        assert len(scored) == totals["scored"]
        assert sum(result.targeted is True for result in scored) == totals["targeted"]
        rates = {
            "household_rate": group_rates(card, [(result, 1) for result, _ in results]),
            "person_rate": group_rates(card, [(r, case["household_size"]) for r, case in results]),
        }
        for key, found in rates.items():
            shown = {line: decimal_text_or_none(rate, 1) for line, rate in found.items()}
            assert shown == totals[key], f"{name} {key}"


def test_the_rate_is_not_the_likelihood_of_the_mean_score(packs: dict[str, Any]) -> None:
    for pack in packs.values():
        card, totals = points_card(pack["scorecard"]), pack["totals"]
        trap = likelihood_of(card, int(Decimal(totals["mean_score"]).to_integral_value()))
        rates = group_rates(card, [(score_points(card, c["answers"]), 1) for c in pack["cases"]])
        assert any(rates[line] != Fraction(value) for line, value in trap.items())


def test_points_are_summed_and_capped() -> None:
    result = score_points(points_card(CARD), RICH)
    assert (result.sum, result.score, result.targeted) == (13, 10, False)
    assert result.points == {"roof": 4, "stove": 9}
    assert result.likelihood == {"NATIONAL": Decimal(1)}


@pytest.mark.parametrize(
    ("answers", "status", "fields"),
    [
        ({}, Status.INCOMPLETE, ("roof", "stove")),
        ({"roof": "", "stove": "A1"}, Status.INCOMPLETE, ("roof",)),
        ({"roof": None, "stove": "A7"}, Status.REFUSED, ("stove",)),
        ({"roof": 1, "stove": "A1"}, Status.REFUSED, ("roof",)),
        ({"roof": ["A1"], "stove": "A1"}, Status.REFUSED, ("roof",)),
        ({**POOR, "floor": "A1"}, Status.REFUSED, ("floor",)),
    ],
)
def test_missing_answers_are_told_from_unlisted_ones(
    answers: dict[str, Any], status: Status, fields: tuple[str, ...]
) -> None:
    result = score_points(points_card(CARD), answers)
    assert result == PointsResult(status, fields)
    assert (result.score, result.targeted) == (None, None)


def test_without_a_cut_off_nobody_is_targeted_or_left_out() -> None:
    assert score_points(points_card(with_change(["cutoff"], None)), POOR).targeted is None


def test_at_the_cut_off_a_household_is_targeted() -> None:
    card = points_card(CARD)
    assert score_points(card, POOR | {"roof": "A2"}).targeted is True
    assert score_points(card, POOR | {"stove": "A2"}).targeted is False


def test_a_rate_of_nobody_is_not_defined() -> None:
    card = points_card(CARD)
    incomplete = score_points(card, {})
    assert group_rates(card, []) == {"NATIONAL": None}
    assert group_rates(card, [(incomplete, 5)]) == {"NATIONAL": None}
    assert group_rates(card, [(score_points(card, POOR), 0)]) == {"NATIONAL": None}


def test_a_weight_below_zero_is_refused() -> None:
    card = points_card(CARD)
    with pytest.raises(NegativeWeight):
        group_rates(card, [(score_points(card, POOR), -1)])


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 9)), min_size=1))
def test_a_rate_lies_between_its_lowest_and_highest_likelihood(
    homes: list[tuple[int, int]],
) -> None:
    card = points_card(CARD)
    results = [
        (PointsResult(Status.SCORED, score=s, likelihood=likelihood_of(card, s)), size)
        for s, size in homes
    ]
    rate = group_rates(card, results)["NATIONAL"]
    values = [Fraction(result.likelihood["NATIONAL"]) for result, _ in results]
    assert rate is not None
    assert min(values) <= rate <= max(values)
    assert rate == group_rates(card, [(result, 3 * size) for result, size in results])["NATIONAL"]


# --- cards with gaps -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "place", "code"),
    [
        (["code"], None, "code", "VALUE_MISSING"),
        (["code"], " ", "code", "VALUE_MISSING"),
        (["version"], 0, "version", "TOO_LOW"),
        (["version"], "1", "version", "NOT_WHOLE"),
        (["kind"], "PMT", "kind", "NOT_A_CHOICE"),
        (["level"], None, "level", "VALUE_MISSING"),
        (["items"], [], "items", "VALUE_MISSING"),
        (["items", 0], "roof", "items[0]", "VALUE_MISSING"),
        (["items", 1, "code"], "roof", "items[1].code", "CODE_TWICE"),
        (["items", 0, "answers"], None, "items[0].answers", "VALUE_MISSING"),
        (["items", 0, "answers", 1, "code"], "A1", "items[0].answers[1].code", "CODE_TWICE"),
        (["items", 0, "answers", 0, "points"], None, "items[0].answers[0].points", "VALUE_MISSING"),
        (["items", 0, "answers", 0, "points"], -1, "items[0].answers[0].points", "TOO_LOW"),
        (["items", 0, "answers", 0, "points"], True, "items[0].answers[0].points", "NOT_WHOLE"),
        (["cap"], 2.5, "cap", "NOT_WHOLE"),
        (["lookup"], None, "lookup", "VALUE_MISSING"),
        (["lookup", 1, "from"], 5, "lookup[1]", "SCORES_MISSING"),
        (["lookup", 1, "from"], 3, "lookup[1]", "SCORES_TWICE"),
        (["lookup", 1, "to"], 2, "lookup[1].to", "TOO_LOW"),
        (["lookup", 2, "to"], 11, "lookup[2]", "TOO_HIGH"),
        (["lookup", 0, "from"], 1, "lookup[0]", "SCORES_MISSING"),
        (["lookup", 2], None, "lookup[1]", "SCORES_MISSING"),
        (["lookup", 0, "likelihood"], {"EXTREME": "5"}, "lookup[1]", "LINES_DIFFER"),
        (["lookup", 0, "likelihood"], {}, "lookup[0].likelihood", "VALUE_MISSING"),
        (LINE, "1e1", AT_LINE, "NOT_A_NUMBER"),
        (LINE, "100.1", AT_LINE, "TOO_HIGH"),
        (LINE, "-0.1", AT_LINE, "TOO_LOW"),
        (["cutoff", "max"], 11, "cutoff.max", "TOO_HIGH"),
        (["cutoff", "rule"], "score < max", "cutoff.rule", "NOT_A_CHOICE"),
    ],
)  # fmt: skip
def test_a_card_with_a_gap_names_the_place(
    path: list[Any], value: object, place: str, code: str
) -> None:
    with pytest.raises(Faults) as refused:
        points_card(with_change(path, value))
    assert (place, code) in places(refused)


def test_every_fault_of_a_card_is_told_at_once() -> None:
    raw = with_change(["code"], None) | {"cap": None, "items": [{"code": "roof"}]}
    with pytest.raises(Faults) as refused:
        points_card(raw)
    assert {place for place, _ in places(refused)} >= {"code", "cap", "items[0].answers"}


def test_the_order_of_the_lines_does_not_matter() -> None:
    turned = with_change(["lookup"], list(reversed(CARD["lookup"])))
    assert not is_altered(points_card(turned), points_card(CARD))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=3),
                    lambda inner: st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["code", "from", "points"]), inner)),
       st.sampled_from(list(CARD)))  # fmt: skip
def test_whatever_stands_in_a_card_is_refused_or_read(value: object, name: str) -> None:
    with suppress(Faults):
        assert score_points(points_card({**CARD, name: value}), POOR).status in set(Status)


# --- names of published cards ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["items", 0, "answers", 0, "points"], 1),
        (["items", 0, "code"], "floor"),
        (["lookup", 0, "likelihood", "NATIONAL"], "89"),
    ],
)
def test_an_altered_published_card_loses_its_name(path: list[Any], value: object) -> None:
    published, changed = points_card(CARD), with_change(path, value)
    with pytest.raises(AlteredCardKeepsName, match="OWN is the name of a published card"):
        require_own_name(points_card(changed), [published])
    require_own_name(points_card(changed | {"code": "OTHER"}), [published])


def test_the_cut_off_is_the_programme_s_own_choice() -> None:
    published = points_card(CARD)
    require_own_name(points_card(with_change(["cutoff", "max"], 9)), [published])


# --- importing a table -----------------------------------------------------------------------


def import_rows(*rows: str, cap: int = 4, shift: bool = False) -> tuple[LookupLine, ...]:
    return read_lookup("\n".join(("Score,NATIONAL", *rows)).encode(), cap=cap, shift=shift)


def faults_of(*rows: str, cap: int = 4, shift: bool = False) -> list[tuple[str, int | None, str]]:
    with pytest.raises(Faults) as refused:
        import_rows(*rows, cap=cap, shift=shift)
    return [(fault.code, fault.row, fault.column or "") for fault in refused.value.faults]


def test_a_sound_file_becomes_a_table(folder: Path) -> None:
    lines = read_lookup((folder / "lookup_import_ok.csv").read_bytes(), cap=100)
    assert [line.first for line in lines] == list(range(101))
    assert lines[0].likelihood == {"nl100": Decimal("97.3"), "nl150": Decimal(100)}
    assert tile_faults(lines, 100) == []


def test_a_file_with_a_hole_is_refused_with_its_row(folder: Path) -> None:
    with pytest.raises(Faults) as refused:
        read_lookup((folder / "lookup_import_hole.csv").read_bytes(), cap=100)
    (fault,) = refused.value.faults
    assert (fault.code, fault.row, fault.column) == ("SCORES_MISSING", 60, "score")
    assert fault.place == "A60"
    assert "58 to 58" in fault.message


def test_a_file_from_one_is_refused_and_the_shift_offered(folder: Path) -> None:
    content = (folder / "lookup_import_shifted.csv").read_bytes()
    with pytest.raises(Faults) as refused:
        read_lookup(content, cap=100)
    (fault,) = refused.value.faults
    assert (fault.code, fault.row, fault.column) == ("TABLE_FROM_ONE", 2, "score")
    assert "1 to 101 instead of 0 to 100" in fault.message
    shifted = read_lookup(content, cap=100, shift=True)
    assert [line.first for line in shifted] == list(range(101))
    assert shifted[0].likelihood["nl100"] == Decimal("97.3")


@pytest.mark.parametrize("name", ["lookup_import_ok.csv", "lookup_import_hole.csv"])
def test_only_a_file_from_one_is_shifted(folder: Path, name: str) -> None:
    with pytest.raises(Faults) as refused:
        read_lookup((folder / name).read_bytes(), cap=100, shift=True)
    assert [fault.code for fault in refused.value.faults] == ["TABLE_NOT_FROM_ONE"]


def test_a_table_may_be_written_in_ranges() -> None:
    lines = import_rows("3-4,5.5", "0 – 1,90", "2,40")
    assert [line.content for line in lines] == [
        (0, 1, {"NATIONAL": Decimal(90)}),
        (2, 2, {"NATIONAL": Decimal(40)}),
        (3, 4, {"NATIONAL": Decimal("5.5")}),
    ]


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (["0,9", "1-2,8", "2-4,7"], [("SCORES_TWICE", 4, "score")]),
        (["0-4,9", "3,8"], [("SCORES_TWICE", 3, "score")]),
        (["0,9", "0,9", "1-4,7"], [("SCORES_TWICE", 3, "score")]),
        (["0,9", "1-3,8"], [("SCORES_MISSING", 3, "score")]),
        (["1-4,9"], [("SCORES_MISSING", 2, "score")]),
        (["0-2,9", "4-5,8"], [("SCORES_MISSING", 3, "score"), ("TOO_HIGH", 3, "score")]),
        (["4-0,9"], [("RANGE_BACKWARDS", 2, "score")]),
        (["0-4,x"], [("NOT_A_NUMBER", 2, "NATIONAL")]),
        (["0-4,"], [("VALUE_MISSING", 2, "NATIONAL")]),
        (["0-4,100.1"], [("TOO_HIGH", 2, "NATIONAL")]),
        (["0-4,-1"], [("TOO_LOW", 2, "NATIONAL")]),
        (["zero,9", "1-4,x"], [("NOT_A_NUMBER", 3, "NATIONAL"), ("NOT_WHOLE", 2, "score")]),
        (["-1,9"], [("NOT_WHOLE", 2, "score")]),
        ([], [("SCORES_MISSING", None, "score")]),
    ],
)
def test_a_faulty_table_names_row_and_field(
    rows: list[str], faults: list[tuple[str, int | None, str]]
) -> None:
    assert faults_of(*rows) == faults


def test_a_table_needs_a_score_and_a_poverty_line() -> None:
    with pytest.raises(Faults) as refused:
        read_lookup(b"score\n0-4", cap=4)
    assert [fault.code for fault in refused.value.faults] == ["NO_POVERTY_LINE"]
    with pytest.raises(Faults) as refused:
        read_lookup(b"points,NATIONAL\n0-4,9", cap=4)
    assert "COLUMN_MISSING" in [fault.code for fault in refused.value.faults]


def test_what_is_no_table_is_refused_by_name() -> None:
    with pytest.raises(EmptyTable):
        read_lookup(b"", cap=4)
    with pytest.raises(WrongEncoding):
        read_lookup(b"score,\xff\n", cap=4)
    with pytest.raises(NotATable):
        read_lookup(b'score,"' + b"x" * 200_000, cap=4)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.data())
def test_ranges_laid_end_to_end_tile_and_none_may_go(
    widths: list[int], data: st.DataObject
) -> None:
    lines, start = [], 0
    for width in widths:
        lines.append(LookupLine(start, start + width - 1, {"N": Decimal(1)}))
        start += width
    mixed = data.draw(st.permutations(lines))
    assert tile_faults(mixed, start - 1) == []
    fewer = mixed[1:]
    assert [fault.code for fault in tile_faults(fewer, start - 1)] == ["SCORES_MISSING"]
    assert tile_faults([*mixed, mixed[0]], start - 1)[0].code == "SCORES_TWICE"


@pytest.mark.parametrize(
    ("value", "number"),
    [("-0.5055", "-0.5055"), (7, "7"), (2.5, "2.5"), (Decimal("1E+3"), "1000"), (" 4 ", "4")],
)
def test_a_number_is_told_whole_or_as_plain_text(value: object, number: str) -> None:
    assert decimal_of(value) == Decimal(number)


@pytest.mark.parametrize(
    "value",
    [None, True, "", "1e5", "NaN", "1,5", "١", float("inf"), Decimal("Infinity"), "9" * 16, [1]],
)
def test_what_is_no_plain_number_tells_none(value: object) -> None:
    assert decimal_of(value) is None


def test_a_card_reads_its_lines_from_the_table() -> None:
    card: PointsCard = points_card(CARD)
    assert card.lines == ("NATIONAL",)
