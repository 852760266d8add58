"""The list of the OWASP Application Security Verification Standard 5.0.0, levels 1 and 2: each item
has a state, and what is said to be met names a test that exists.

The ids are the standard's (CC BY-SA), its wording is not copied.
"""

import ast
import csv
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STATES = {"MET", "NOT_APPLICABLE", "DEVIATION"}
ITEMS = {
    "V1": 27,
    "V2": 11,
    "V3": 19,
    "V4": 10,
    "V5": 9,
    "V6": 35,
    "V7": 18,
    "V8": 7,
    "V9": 7,
    "V10": 29,
    "V11": 14,
    "V12": 9,
    "V13": 13,
    "V14": 9,
    "V15": 13,
    "V16": 16,
    "V17": 7,
}
"""How many items of levels 1 and 2 each chapter has."""


def rows() -> list[dict[str, str]]:
    """The lines of the list."""
    with (ROOT / "docs/security/asvs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def _tests_in(path: str) -> frozenset[str]:
    """The tests of a file; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text())
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def missing(row: dict[str, str]) -> list[str]:
    """What a line names that is not there."""
    wrong = []
    for named in row["test"].split():
        path, _, test = named.partition("::")
        there = test in _tests_in(path) if test else bool(_tests_in(path))
        if not there:
            wrong.append(f"{row['id']}: {named}")
    return wrong


def faults(row: dict[str, str]) -> list[str]:
    """What is wrong with a line."""
    found = missing(row)
    if row["state"] not in STATES:
        found.append(f"{row['id']}: no state")
    if row["state"] == "MET" and not row["test"]:
        found.append(f"{row['id']}: met, by what?")
    if not row["how"].strip():
        found.append(f"{row['id']}: not said how or why not")
    return found


def test_every_item_is_there_once() -> None:
    listed = [row["id"] for row in rows()]
    assert (len(listed), len(set(listed))) == (253, 253)
    assert {row["level"] for row in rows()} == {"1", "2"}
    chapters = Counter(name.partition(".")[0] for name in listed)
    assert dict(chapters) == ITEMS


def test_every_item_has_a_state_and_what_is_met_names_what_shows_it() -> None:
    assert [fault for row in rows() for fault in faults(row)] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"state": ""},
        {"state": "MET", "test": ""},
        {"test": "tests/test_asvs.py::test_that_is_not_there"},
        {"test": "tests/test_no_such_file.py"},
        {"test": "setting:DEBUG"},
        {"how": " "},
    ],
)
def test_a_line_that_says_too_little_is_found(changed: dict[str, str]) -> None:
    assert faults(rows()[0]) == []
    assert len(faults(rows()[0] | changed)) == 1
