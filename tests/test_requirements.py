"""The tables of what the field requires (docs/requirements): each line has a state, what is met
names tests that exist, and what is not says what is left.
"""

import csv
from pathlib import Path

import pytest

from tests.source import ROOT
from tests.test_asvs import missing

FOLDER = ROOT / "docs/requirements"
COLUMNS = ["id", "what", "state", "test", "left"]
STATES = {"MET", "PART", "OPEN"}
LINE = {
    "id": "people 1",
    "what": "Every person is registered once",
    "state": "MET",
    "test": "tests/test_requirements.py::test_each_line_says_how_far_it_is",
    "left": "",
}


def tables() -> list[Path]:
    """The tables, by name."""
    return sorted(FOLDER.glob("*.csv"))


def rows(table: Path) -> list[dict[str, str]]:
    """The lines of a table."""
    with table.open(newline="", encoding="utf-8") as file:
        read = csv.DictReader(file, strict=True)
        found = list(read)
    assert read.fieldnames == COLUMNS, table.name
    return found


def faults(row: dict[str, str]) -> list[str]:
    """What is wrong with a line."""
    if None in row or None in row.values():
        return [f"{row['id']}: too many or too few columns"]
    found = missing(row)
    if not row["id"].strip() or not row["what"].strip():
        found.append(f"{row['id']}: not said what is required")
    if row["state"] not in STATES:
        found.append(f"{row['id']}: no state")
    if row["state"] == "MET" and not row["test"].strip():
        found.append(f"{row['id']}: met, by what?")
    if row["state"] in STATES and (row["state"] == "MET") == bool(row["left"].strip()):
        found.append(f"{row['id']}: what is met leaves nothing; what is not says what is left")
    return found


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.stem)
def test_each_line_says_how_far_it_is(table: Path) -> None:
    found = rows(table)
    names = [row["id"] for row in found]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    assert [fault for row in found for fault in faults(row)] == []


def test_every_table_is_told_on_the_page_of_the_folder() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [table.name for table in tables() if f"`{table.name}`" not in told] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"state": ""},
        {"test": ""},
        {"test": "tests/test_asvs.py::test_that_is_not_there"},
        {"left": "nearly all"},
        {"state": "PART"},
        {"what": " "},
    ],
)
def test_a_line_that_says_too_little_is_found(changed: dict[str, str]) -> None:
    assert faults(LINE) == []
    assert len(faults(LINE | changed)) == 1
