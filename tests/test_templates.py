"""No page carries code or style of its own: the content policy would refuse it (protection.md
4.10).
"""

import re
from pathlib import Path

import pytest

from tests.source import ROOT

TEMPLATES = sorted((ROOT / "src" / "handup").rglob("templates/**/*.html"))
WRONG = {
    "a script written in the page": re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)[^>]*>", re.IGNORECASE
    ),
    "a style sheet written in the page": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "a foreign address": re.compile(r"(?:src|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
    "an expression htmx would evaluate": re.compile(r"hx-(?:on|vars)\b|hx-vals=.js:"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_code_or_style(path: Path) -> None:
    text = path.read_text()
    assert {what for what, pattern in WRONG.items() if pattern.search(text)} == set()


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 10
