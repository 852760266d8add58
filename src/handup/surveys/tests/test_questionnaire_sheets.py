"""Spreadsheets: every fault at once with its cell, tricks refused, sound ones compiled."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from handup.kernel.errors import Refusal
from handup.surveys import compiling
from handup.surveys.compiling import (
    CompilerTooSlow,
    FaultyQuestionnaire,
    compile_questionnaire,
    run_compiler,
    with_id,
)
from handup.surveys.rules.xlsform import reading
from handup.surveys.rules.xlsform.checking import Checked, check_sheets
from handup.surveys.rules.xlsform.columns import heading
from handup.surveys.rules.xlsform.cycles import circles
from handup.surveys.rules.xlsform.languages import missing_texts
from handup.surveys.rules.xlsform.reading import read
from handup.surveys.rules.xlsform.types import read_type
from handup.surveys.tests.sheets import Rows, questionnaire, workbook

HEAD = ("type", "name", "label", "relevant", "calculation", "constraint", "choice_filter")
LISTS: Rows = (("list_name", "name", "label"), ("yn", "y", "Yes"), ("yn", "n", "No"))


def checked(
    *rows: Sequence[object], head: Sequence[object] = HEAD, choices: Rows = LISTS
) -> Checked:
    return check_sheets(read(workbook({"survey": [head, *rows], "choices": choices})))


def cells(found: Checked) -> list[tuple[str, str, str]]:
    return [(fault.sheet, fault.cell, str(fault.kind)) for fault in found.faults]


def test_the_questionnaire_of_the_tests_is_sound() -> None:
    found = check_sheets(read(questionnaire()))
    assert found.faults == ()
    assert found.definition.code == "household"
    assert found.definition.languages == ("en",)
    worker = next(item for item in found.definition.items if item.name == "age")
    assert (worker.repeat, worker.path) == ("worker", ("worker", "age"))


def test_all_faults_come_at_once_each_with_its_cell() -> None:
    found = checked(
        ("select_one nolist", "a", "A"),
        ("text", "a", "Again"),
        ("integer", "b", "B", "${nobody} = 1"),
        ("integer", "2c", "C", "", "", "${b} > ("),
        ("audio", "d", "D"),
        ("wheel", "e", "E"),
        ("select_one_from_file towns.csv", "f", "F"),
        ("calculate", "g"),
        ("calculate", "h", "", "", "frob(1)"),
        ("text", "", "Without a name"),
        ("text", "i", "I", "${b} = “yes”"),
        ("begin group", "open", "Open"),
        ("text", "j"),
        ("end repeat",),
        ("integer", "k", "K", "", "round(1, 2, 3)"),
    )
    assert cells(found) == [
        ("survey", "A2", "LIST_MISSING"),
        ("survey", "B3", "DUPLICATE_NAME"),
        ("survey", "D4", "UNKNOWN_QUESTION"),
        ("survey", "B5", "BAD_NAME"),
        ("survey", "F5", "SYNTAX"),
        ("survey", "A6", "UNSUPPORTED_TYPE"),
        ("survey", "A7", "UNKNOWN_TYPE"),
        ("survey", "A8", "EXTERNAL_FILE"),
        ("survey", "E9", "CALCULATION_MISSING"),
        ("survey", "E10", "UNKNOWN_FUNCTION"),
        ("survey", "B11", "NAME_MISSING"),
        ("survey", "D12", "SYNTAX"),
        ("survey", "A13", "NOT_CLOSED"),
        ("survey", "C14", "LABEL_MISSING"),
        ("survey", "A15", "NOT_OPENED"),
        ("survey", "E16", "WRONG_ARGUMENT_COUNT"),
    ]
    assert all("{" not in fault.text().replace("${", "") for fault in found.faults)


@pytest.mark.parametrize(
    ("version", "cells_of"),
    [("2026-11 (b)", []), ("2026/1", ["C2"]), ("..", ["C2"]), ("9" * 41, ["C2"])],
)
def test_a_version_stands_in_addresses(version: str, cells_of: list[str]) -> None:
    settings: Rows = [("form_id", "form_title", "version"), ("h", "H", version)]
    found = check_sheets(read(questionnaire(settings=settings)))
    assert [fault.cell for fault in found.faults] == cells_of


def test_a_form_is_known_by_its_code() -> None:
    xform = '<h xmlns="http://www.w3.org/2002/xforms"><instance><data id="data"/></instance></h>'
    assert 'id="visit_1"' in with_id(xform, "visit_1")
    assert with_id(xform, "data") == xform


def test_what_depends_on_itself_is_named_once_with_its_circle() -> None:
    found = checked(
        ("calculate", "a", "", "", "${b} + 1"),
        ("calculate", "b", "", "", "${c} * 2"),
        ("calculate", "c", "", "", "${a}"),
        ("begin group", "g", "Group", "${inside} = 'y'"),
        ("select_one yn", "inside", "Inside"),
        ("end group",),
        ("integer", "own", "Own", "", "", ". > ${own}"),
    )
    assert cells(found) == [("survey", "E2", "CIRCULAR"), ("survey", "D5", "CIRCULAR")]
    assert "a → b → c → a" in found.faults[0].text()


def test_circles_are_found_in_a_long_chain_without_recursion() -> None:
    chain = {str(n): {str(n + 1)} for n in range(3000)} | {"3000": set()}
    assert circles(chain) == []
    assert len(circles(chain | {"3000": {"0"}})[0]) == 3001


def test_choices_are_checked_too() -> None:
    choices = (
        ("list_name", "name", "label", "image"),
        ("yn", "y", "Yes"),
        ("yn", "y", "Yes again"),
        ("yn", "", "No code"),
        ("", "z", "No list"),
        ("many", "a b", "Two words"),
        ("yn", "n", "No", "n.png"),
    )
    found = checked(
        ("select_one yn", "a", "A"), ("select_multiple many", "b", "B"), choices=choices
    )
    assert cells(found) == [
        ("choices", "B3", "DUPLICATE_CHOICE"),
        ("choices", "B4", "NAME_MISSING"),
        ("choices", "A5", "NAME_MISSING"),
        ("choices", "B6", "BAD_NAME"),
        ("choices", "D7", "UNSUPPORTED_COLUMN"),
    ]


def test_what_is_not_read_is_said_and_what_would_change_the_form_is_refused() -> None:
    head = ("type", "name", "label", "my notes", "body::accuracyThreshold", "appearance")
    found = checked(("text", "a", "A", "remember", "5", "shiny"), head=head)
    assert cells(found) == [("survey", "E2", "UNSUPPORTED_COLUMN")]
    assert [(one.cell, str(one.kind)) for one in found.warnings] == [
        ("D2", "UNKNOWN_COLUMN"),
        ("F2", "UNKNOWN_APPEARANCE"),
    ]


def test_a_language_that_lacks_texts_is_unfinished() -> None:
    head = ("type", "name", "label::English (en)", "label::Armenian (hy)", "hint::English (en)")
    found = checked(
        ("text", "a", "A", "Ա", "Hint"),
        ("text", "b", "B"),
        head=head,
        choices=(("list_name", "name", "label::English (en)", "label::Armenian (hy)"),),
    )
    assert found.faults == ()
    assert [(m.language, m.row, m.column) for m in missing_texts(found.definition)] == [
        ("hy", 2, "hint"),
        ("hy", 3, "label"),
    ]


def test_more_than_two_thousand_questions_are_refused() -> None:
    rows = [("text", f"q{n}", "Q") for n in range(2001)]
    assert cells(checked(*rows)) == [("survey", "", "TOO_MANY")]


@pytest.mark.parametrize(
    ("written", "name", "language"),
    [
        ("label", "label", ""),
        ("label::English (en)", "label", "English (en)"),
        ("label:English", "label", "English"),
        ("Label :: French (fr)", "label", "French (fr)"),
        ("constraint_message::hy", "constraint_message", "hy"),
        ("bind: relevant", "relevant", ""),
        ("bind:jr:constraintMsg", "constraint_message", ""),
        ("name ", "name", ""),
        ("list name", "list_name", ""),
        ("media::image::English (en)", "image", "English (en)"),
    ],
)
def test_headings_are_understood(written: str, name: str, language: str) -> None:
    found = heading(0, written)
    assert (found.name, found.language) == (name, language)


@pytest.mark.parametrize(
    ("written", "kind", "list_name", "other", "fault"),
    [
        ("select_one yes_no", "select_one", "yes_no", False, ""),
        ("select one from sexes or specify other", "select_one", "sexes", True, ""),
        ("select_multiple  happy_sad", "select_multiple", "happy_sad", False, ""),
        ("select all that apply from list", "select_multiple", "list", False, ""),
        ("select_one colors or_other", "select_one", "colors", True, ""),
        ("begin_group", "begin group", "", False, ""),
        ("End Repeat", "end repeat", "", False, ""),
        ("dateTime", "datetime", "", False, ""),
        ("geotrace", "geotrace", "", False, "UNSUPPORTED_TYPE"),
        ("rank list", "rank list", "", False, "UNSUPPORTED_TYPE"),
        ("select_multiple_from_file a.csv", "select_multiple_from_file a.csv", "", False,
         "EXTERNAL_FILE"),
        ("wheel", "wheel", "", False, "UNKNOWN_TYPE"),
    ],
)  # fmt: skip
def test_types_are_understood(
    written: str, kind: str, list_name: str, other: bool, fault: str
) -> None:
    found = read_type(written)
    assert (found.type, found.list_name, found.other, found.fault) == (
        (kind, list_name, other, fault)
    )


def _with(content: bytes, name: str, data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            if one != name:
                new.writestr(one, old.read(one))
        new.writestr(name, data)
    return target.getvalue()


BOMB = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'b'>]><sst xmlns='x'>&b;</sst>"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", reading.NotASpreadsheet),
        (b"type,name\ntext,a\n", reading.NotASpreadsheet),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000, reading.NotASpreadsheet),
        (b"PK\x03\x04" + b"\0" * 100, reading.NotASpreadsheet),
        (b"\0" * 5_000_001, reading.QuestionnaireTooLarge),
        (_with(questionnaire(), "xl/vbaProject.bin", b"x"), reading.HasMacros),
        (_with(questionnaire(), "xl/sharedStrings.xml", BOMB), reading.HasEntities),
        (_with(questionnaire(), "xl/big.xml", b" " * 60_000_001), reading.QuestionnaireTooLarge),
        (workbook({"survey": [HEAD, ("note", "a", "A"), *[()] * 70, ("note", "b", "B")]}),
         reading.RowsApart),
    ],
    ids=["empty", "csv", "xls", "zip", "large", "macros", "entities", "bomb", "apart"],
)  # fmt: skip
def test_what_is_no_plain_spreadsheet_is_refused(content: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        read(content)


def test_a_compiler_that_hangs_is_stopped() -> None:
    with pytest.raises(CompilerTooSlow):
        run_compiler(questionnaire(), name="a", seconds=0.01)


def test_it_compiles_where_memory_cannot_be_bounded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Windows, played: there is no module `resource` there."""
    (tmp_path / "played.py").write_text(
        "import runpy, sys\n"
        "sys.modules['resource'] = None\n"
        f"runpy.run_path({str(compiling.COMPILER)!r}, run_name='__main__')\n"
    )
    monkeypatch.setattr(compiling, "COMPILER", tmp_path / "played.py")
    assert "<h:html" in run_compiler(questionnaire(), name="a")["xform"]


def test_whole_numbers_and_days_are_read_as_they_are_meant() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "default"])
    sheet.append([2026, 1.5])
    sheet.append([True, "  x "])
    target = io.BytesIO()
    book.save(target)
    (only,) = read(target.getvalue()).values()
    assert [line.cells for line in only.lines] == [
        {0: "2026", 1: "1.5"},
        {0: "TRUE", 1: "  x "},
    ]


EXPECTED = {
    "UCL_Biomass_Plot_Form.xlsx": {
        ("A", 16, "EXTERNAL_FILE"), ("H", 9, "SYNTAX"), ("N", 26, "UNKNOWN_FUNCTION"),
    },
    "bad_calc.xlsx": {("D", 2, "SYNTAX")},
    "calculate_without_calculation.xls": {("", 34, "CALCULATION_MISSING")},
    "cascading_select_test_equivalent.xls": set(),
    "choice_filter_test.xlsx": set(),
    "duplicate_columns.xlsx": {("E", 1, "COLUMN_TWICE")},
    "group.xlsx": set(),
    "group_name_test.xls": {("B", 3, "NAME_MISSING")},
    "ict_survey_fails.xls": {("F", 2, "EMPTY_EXPRESSION")},
    "or_other.xlsx": set(),
    "pull_data.xlsx": {("D", 2, "EXTERNAL_FILE")},
    "repeat_date_test.xls": {("D", 20, "UNSUPPORTED_COLUMN")},
    "specify_other.xlsx": set(),
    "table-list.xls": {("D", 20, "UNSUPPORTED_COLUMN")},
    "tutorial.xls": set(),
    "widgets.xls": {("A", 14, "UNSUPPORTED_TYPE"), ("A", 15, "UNSUPPORTED_TYPE")},
}  # fmt: skip


def test_forms_the_project_did_not_write_compile_or_name_their_faults(shared: Path) -> None:
    found: dict[str, set[tuple[str, int, str]]] = {}
    for path in sorted((shared / "data/surveys/xlsforms").glob("*.xls*")):
        try:
            compiled = compile_questionnaire(path.read_bytes(), filename=path.name)
        except FaultyQuestionnaire as error:
            found[path.name] = {(one.letter, one.row, str(one.kind)) for one in error.faults}
        else:
            found[path.name] = set()
            assert compiled.compiled_with == "pyxform 4.5.0"
            assert list(compiled.form.root.every())
    assert set(found) >= set(EXPECTED)
    for name, wanted in EXPECTED.items():
        assert bool(found[name]) == bool(wanted), name
        assert wanted <= found[name], name
