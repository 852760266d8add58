"""Expressions: the shared table, what XPath 1.0 says, and that no text breaks the reader."""

import json
import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.surveys.rules.xpath.check import Known, check
from handup.surveys.rules.xpath.faults import ExpressionKind
from handup.surveys.rules.xpath.library import LIBRARY
from handup.surveys.rules.xpath.nodes import Node
from handup.surveys.rules.xpath.patterns import NotAPattern, Pattern
from handup.surveys.rules.xpath.scope import Scope, World
from handup.surveys.rules.xpath.values import number_of_text, rounded, text_of_number
from handup.surveys.tests.expressions import ANSWERS, QUESTIONS, result

KNOWN = Known(QUESTIONS)


def kinds(expression: str, known: Known = KNOWN) -> list[str]:
    return [fault.kind.value for fault in check(expression, known)]


def test_every_expression_of_the_shared_table_gives_its_text(shared: Path) -> None:
    table = json.loads((shared / "data/surveys/xform_expressions.json").read_text("utf-8"))
    assert len(table["cases"]) >= 71
    wrong = {
        case["expression"]: (found, case["result"])
        for case in table["cases"]
        if kinds(case["expression"]) or (found := result(case["expression"])) != case["result"]
    }
    assert wrong == {}


def test_every_refusal_of_the_shared_table_is_of_its_kind(shared: Path) -> None:
    table = json.loads((shared / "data/surveys/xform_expressions.json").read_text("utf-8"))
    assert len(table["refuse_at_upload"]) >= 10
    for case in table["refuse_at_upload"]:
        assert kinds(case["expression"])[:1] == [case["kind"]], case["expression"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2 + 3 * 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("10 - 4 - 3", "3"),
        ("-${a} + 1", "-4"),
        ("--3", "3"),
        ("1 div 3", "0.3333333333333333"),
        ("1 div 0", "Infinity"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("0.0000001", "0.0000001"),
        ("-0", "0"),
        ("-7 mod 2", "-1"),
        ("1 < 2 < 3", "true"),
        ("3 > 2 > 1", "false"),
        ("1 or 0 div 0", "true"),
        ("'' or ${e} != ''", "false"),
        ("${w} = '11'", "true"),
        ("${w} != '11'", "true"),
        ("${w}", "22"),
        ("sum(${worker}/w)", ""),
        ("count(/data/worker[w > 10])", "2"),
        ("/data/worker[2]/w", "11"),
        ("/data/worker[position() = 1]/w", "22"),
        ("count(/data/*)", "10"),
        ("count(../a)", "1"),
        ("indexed-repeat(${w}, ${worker}, 2)", "11"),
        ("position(/data/worker[2])", "2"),
        ("selected-at(${m}, -1)", ""),
        ("substr(${t}, 1)", "ni"),
        ("substr(${t}, -2)", "ni"),
        ("round(-0.5)", "-1"),
        ("round(1.005, 2)", "1.01"),
        ("int(-0.5)", "0"),
        ("pow(2, 0.5)", "1.4142135623730951"),
        ("pow(-8, 1 div 3)", ""),
        ("max(3, ${a}, '4')", "5"),
        ("min(/data/worker[9]/w)", ""),
        ("concat(${w}, '!')", "2211!"),
        ("translate('banana', 'an', 'o')", "booo"),
        ("regex('ab\n', '^ab$')", "false"),
        ("regex('٣', '[0-9]')", "false"),
        ("regex('Ani Maria', '^([A-Z][a-z]+ ?)+$')", "true"),
        ("regex('" + "a" * 1999 + "!', '(a+)+$')", "false"),  # for years, looked at in order
        ("regex('" + "a" * 1999 + "!', '^a*a*a*a*a*$')", "false"),
        ("regex(concat('a', 'b'), concat('(a', '|b)+$'))", "true"),
        ("date('2026-03-01') - date('2026-02-28')", "1"),
        ("date(0)", "1970-01-01"),
        ("date('2026-13-01')", ""),
        ("date('2026-03-15T23:10:00+04:00')", "2026-03-15"),
        ("${d} + 1", "20528"),
        ("date(${d} + 1)", "2026-03-16"),
        ("decimal-date-time('1970-01-02T12:00:00Z')", "1.5"),
        ("format-date(${d}, '%e %b %y, %a')", "15 Mar 26, Sun"),
        ("if(${e} > 3, 1, if(${e} <= 3, 2, 3))", "3"),
        ("boolean(${e})", "true"),
        ("boolean('')", "false"),
        ("number('1e3')", ""),
        ("number(' 12 ')", "12"),
        ("'a-b' = concat('a', '-b')", "true"),
        ("${a}-1", "4"),
        ("string-length('áé')", "2"),
        ("coalesce('', ${e}, 0)", "0"),
    ],
)
def test_xpath_1_0_and_the_functions_of_xlsform(expression: str, expected: str) -> None:
    assert kinds(expression) == []
    assert result(expression) == expected


@pytest.mark.parametrize(
    ("expression", "kind", "at"),
    [
        ("", ExpressionKind.SYNTAX, 0),
        ("${a} ${b}", ExpressionKind.SYNTAX, 5),
        ("${a} = ‘x’", ExpressionKind.SYNTAX, 7),
        ("age}", ExpressionKind.SYNTAX, 3),
        ("$a", ExpressionKind.SYNTAX, 0),
        ("a//b", ExpressionKind.UNSUPPORTED, 1),
        ("@id", ExpressionKind.UNSUPPORTED, 0),
        ("child::a", ExpressionKind.UNSUPPORTED, 0),
        ("a | b", ExpressionKind.UNSUPPORTED, 2),
        ("sum(3)", ExpressionKind.WRONG_ARGUMENT, 0),
        ("count('x')", ExpressionKind.WRONG_ARGUMENT, 0),
        ("true()/a", ExpressionKind.WRONG_ARGUMENT, 0),
        ("indexed-repeat(${w}, ${worker}, 1, ${worker})", ExpressionKind.WRONG_ARGUMENT_COUNT, 0),
        ("regex(${t}, '[')", ExpressionKind.WRONG_ARGUMENT, 12),
        ("regex(${t}, '(?=a)b')", ExpressionKind.WRONG_ARGUMENT, 12),
        ("regex(${t}, '(a')", ExpressionKind.WRONG_ARGUMENT, 12),
        ("pulldata('fruits', 'a', 'b', ${t})", ExpressionKind.EXTERNAL_FILE, 9),
        ("instance('fruits')/root/item", ExpressionKind.EXTERNAL_FILE, 9),
        ("jr:choice-name(${s}, '${nobody}')", ExpressionKind.UNKNOWN_QUESTION, 21),
        ("random()", ExpressionKind.UNKNOWN_FUNCTION, 0),
        ("(" * 100 + "1" + ")" * 100, ExpressionKind.SYNTAX, 60),
        ("1" * 10_001, ExpressionKind.SYNTAX, 10_000),
        ("+".join(["1"] * 2000), ExpressionKind.SYNTAX, 801),
    ],
)
def test_a_fault_has_its_kind_and_its_place(expression: str, kind: ExpressionKind, at: int) -> None:
    (fault,) = check(expression, KNOWN)
    assert (fault.kind, fault.at) == (kind, at)
    assert "{" not in fault.text().replace("${", "")


def test_all_faults_of_an_expression_come_at_once() -> None:
    assert kinds("frob(${nobody}, round()) + ${noone}") == [
        "UNKNOWN_FUNCTION",
        "UNKNOWN_QUESTION",
        "WRONG_ARGUMENT_COUNT",
        "UNKNOWN_QUESTION",
    ]


def test_conditions_in_brackets_are_for_lists_where_the_form_says_so() -> None:
    narrow = Known(QUESTIONS, lists={"towns": {"name"}}, predicates=False)
    assert kinds("instance('towns')/root/item[name = ${s}]/label", narrow) == []
    assert kinds("/data/worker[w > 1]", narrow) == ["UNSUPPORTED"]


def test_once_keeps_what_is_there() -> None:
    assert result("once('new')") == "new"


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert all(0 <= fault.at <= len(text) for fault in check(text, KNOWN))


SIGNS = (*"()[],+-*=</.", "!=", ">=", "..", "div", "mod", "and", "or")
VALUES = (
    "1",
    "2.5",
    "'x'",
    "''",
    "${a}",
    "${w}",
    "${nobody}",
    "count",
    "if",
    "sum",
    "true",
    "date",
)
PIECES = st.sampled_from((*SIGNS, *VALUES))


@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_what_passes_the_check_is_evaluated_and_what_does_not_names_its_place(text: str) -> None:
    faults = check(text, KNOWN)
    if not faults:
        assert isinstance(result(text), str)
    assert all(0 <= fault.at <= len(text) for fault in faults)


WHOLE = st.integers(-999, 999)


@given(WHOLE, WHOLE, WHOLE)
def test_arithmetic_is_that_of_whole_numbers(a: int, b: int, c: int) -> None:
    answers = {**ANSWERS, "a": str(a), "b": str(b), "t": str(c)}
    assert result("${a} + ${b} * ${t} - ${a}", answers) == str(b * c)
    assert result("${a} mod ${b}", answers) == ("" if b == 0 else str(int(math.fmod(a, b))))
    assert result("(${a} < ${b}) = not(${a} >= ${b})", answers) == "true"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_is_read_back_unchanged(value: float) -> None:
    written = text_of_number(value)
    assert "e" not in written
    assert number_of_text(written) == value


@given(st.integers(-(10**6), 10**6), st.integers(1, 5))
def test_rounding_takes_halves_away_from_zero(thousandths: int, places: int) -> None:
    found = rounded(thousandths / 1000, places)
    assert abs(found - thousandths / 1000) <= 0.5 * 10**-places + 1e-9
    assert rounded(-thousandths / 1000, places) == -found


PATTERN_PIECES = [
    *("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)?", "a+", "b*", "(a+)*", "a{2}", "b{1,2}"),
    *("(ab|a){0,3}", "^", "$", r"\b", r"\d", r"\\", "|"),
]


@given(
    st.lists(st.sampled_from(PATTERN_PIECES), max_size=6).map("".join),
    st.text("ab1 \n\\", max_size=6),
)
def test_a_pattern_followed_step_by_step_finds_what_python_finds(pattern: str, text: str) -> None:
    followed = Pattern(pattern)
    followed.quick = False
    assert followed.found_in(text) == (followed.plain.search(text) is not None)


@given(st.text("ab()[]{}*+?|\\^$.,1:=", max_size=12))
def test_no_pattern_breaks_the_reader(pattern: str) -> None:
    with suppress(NotAPattern):
        Pattern(pattern).found_in("ab1" * 3)


def test_a_sum_that_no_number_holds_is_infinity() -> None:
    root = Node("data")
    for _ in range(2):
        root.add("x").text = "9" * 308
    found = LIBRARY["sum"](Scope(World(root), root), [root.children["x"]])
    assert found == math.inf
