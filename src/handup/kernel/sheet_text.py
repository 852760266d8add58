"""Texts as a spreadsheet must take them: never as a formula, without signs a workbook cannot hold.

A text that a spreadsheet would run as a formula (it starts with = + - @ of either width, a tab or a
line end) gets a leading apostrophe, so that a name typed by a stranger can never become a command
on the reader's computer.
"""

import re

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe_text(text: str) -> str:
    """The text as a spreadsheet must take it: never as a formula."""
    return f"'{text}" if text.startswith(RUNS_AS_FORMULA) else text


def stored_text(text: str) -> str:
    """The text a cell of `safe_text` stands for, without signs a workbook cannot hold."""
    told = NOT_IN_XML.sub("", text).strip()
    return told[1:] if told[:1] == "'" and told[1:].startswith(RUNS_AS_FORMULA) else told
