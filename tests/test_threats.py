"""The model of threats names ways that are really guarded, and the page of reliability tests that
exist.
"""

import re

from handup.config.environment import Environment
from tests import source

THREATS = source.ROOT / "docs/security/threats.md"
RELIABILITY = source.ROOT / "docs/reliability.md"


def rows(text: str) -> list[list[str]]:
    """The lines of the tables of a page, cell by cell, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("- ")]


def test_each_threat_says_what_stands_against_it_and_what_remains() -> None:
    told = [row for row in rows(THREATS.read_text()) if len(row) == 4]
    assert len(told) > 12
    assert [row for row in told if not all(row)] == []


def test_settings_a_page_names_exist() -> None:
    known = {f"HANDUP_{name.upper()}" for name in Environment.__dataclass_fields__}
    for page in (THREATS, RELIABILITY, source.ROOT / "deploy/README.md"):
        named = set(re.findall(r"HANDUP_[A-Z_]+", page.read_text()))
        assert named <= known, page.name


def test_each_promise_of_reliability_names_something_that_is_there() -> None:
    promises = [row for row in rows(RELIABILITY.read_text()) if len(row) == 3][1:]
    shown = [row for row in promises if row[0] not in {"", "process killed"} and "/" in row[2]]
    assert len(shown) > 10
    for row in shown:
        files = re.findall(r"`((?:src|tests)/[\w/.]+\.py)`", row[2])
        for file in files:
            assert (source.ROOT / file).is_file(), file
