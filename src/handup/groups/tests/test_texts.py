"""No amount, currency or limit is written into a text of groups: they come from the constitution
and travel with the group's data."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.numbers import list_currencies

FOLDER = Path(__file__).parents[1]
WORDS = {"ALL", "TOP", "ANG"}
"""Codes of currencies that are words as well."""
CURRENCY = re.compile(rf"\b(?:{'|'.join(sorted(list_currencies() - WORDS))})\b")
NUMBER = re.compile(r"\d[\d ,.]*")
FIXED = {"0", "1", "100", "500"}
"""Numbers a refusal may name: the least of a count, the whole in percent, and the people who can
sit around one card."""


def sources() -> list[Path]:
    found = [path for path in FOLDER.rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    assert len(found) > 60
    return found


def strings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def refusals(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "Refusal" for base in node.bases
        ):
            yield node.name, ast.get_docstring(node) or ""


@pytest.mark.parametrize("text", ["at most 500 MNT", "USD"])
def test_the_search_finds_a_currency(text: str) -> None:
    assert CURRENCY.search(text)


def test_no_text_of_groups_names_a_currency() -> None:
    told = [
        f"{path.name}:{line} {text[:60]}"
        for path in sources()
        for line, text in strings(path)
        if CURRENCY.search(text)
    ]
    assert told == []


def test_no_refusal_of_groups_names_a_limit_of_its_own() -> None:
    found = {
        f"{name}: {number}"
        for path in sources()
        for name, text in refusals(path)
        for number in map(str.strip, NUMBER.findall(text))
        if number.strip(" ,.") not in FIXED
    }
    assert found == set()
