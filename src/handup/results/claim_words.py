"""The words a report is searched for, in each language that has a list."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """Words of cause, None where the language has no list; words that call something stronger."""

    cause: tuple[str, ...] | None
    stronger: tuple[str, ...]


@cache
def words_of(language: str) -> ClaimWords:
    """The words of a language, by its two letters."""
    text = (files("handup.results") / "data" / "words_of_claims.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["language"] == language]
    cause = tuple(row["word"] for row in rows if row["kind"] == "CAUSE")
    stronger = tuple(row["word"] for row in rows if row["kind"] == "STRONGER")
    return ClaimWords(cause or None, stronger)
