"""Texts as a spreadsheet must take them: never as a formula, without signs a workbook cannot hold.

A text that a spreadsheet would run as a formula (it starts with = + - @ of either width, a tab or a
line end) gets a leading apostrophe, so that a name typed by a stranger can never become a command
on the reader's computer.
"""

import re

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def for_xml(text: str) -> str:
    """The text without signs that no XML can hold (XML 1.0, 2.2)."""
    return NOT_IN_XML.sub("", text)


def safe_text(text: str) -> str:
    """The text as a spreadsheet must take it: never as a formula. `meant_text` gives it back."""
    return f"'{text}" if _begins_like_a_formula(text) else text


def meant_text(cell: str) -> str:
    """The text that `safe_text` made a cell of; a cell that nothing was put before is itself."""
    return cell[1:] if cell[:1] == "'" and _begins_like_a_formula(cell[1:]) else cell


def _begins_like_a_formula(text: str) -> bool:
    """Whether it starts as a formula does, be it behind apostrophes of its own: those get one more,
    so that each cell stands for one text.
    """
    return text.lstrip("'").startswith(RUNS_AS_FORMULA)
