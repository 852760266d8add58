"""What a figure may be said to show, and which sentences say more (results.md 4.7).

The level belongs to the figure, never to the writer. A sentence that holds a figure is searched for
words of cause; below CAUSAL the report is stopped, with the sentence and what may be said instead.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from handup.results.rules.impact.attrition import MOST_FOR_A_CAUSE
from handup.results.rules.impact.common import Range


class Level(StrEnum):
    """How much a figure may be said to show, from least to most."""

    DESCRIPTIVE = "DESCRIPTIVE"
    CHANGE = "CHANGE"
    COMPARED = "COMPARED"
    CAUSAL = "CAUSAL"


@dataclass(frozen=True, slots=True)
class Design:
    """How a figure was come by.

    `is_paired`: the same units in two rounds; `is_compared`: beside a group that took no part;
    `is_randomised`: the two groups were drawn by lot; `is_fixed_before`: outcome and rule were
    written down before fieldwork; `counts_alone`: the primary outcome, or one that holds after
    Holm; `attrition`: the share not found again; `bounds`: Lee's.
    """

    is_paired: bool = False
    is_compared: bool = False
    is_randomised: bool = False
    is_fixed_before: bool = False
    counts_alone: bool = False
    attrition: Fraction | None = None
    bounds: Range | None = None


def level_of(design: Design) -> Level:
    """The most a figure of this design may be said to show."""
    if not design.is_paired:
        return Level.DESCRIPTIVE
    if not design.is_compared:
        return Level.CHANGE
    is_kept = design.attrition is not None and design.attrition <= MOST_FOR_A_CAUSE
    is_bounded = design.bounds is not None and not design.bounds.holds_zero
    if (
        design.is_randomised
        and design.is_fixed_before
        and design.counts_alone
        and is_kept
        and is_bounded
    ):
        return Level.CAUSAL
    return Level.COMPARED


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A figure in a text, `{{ code | key | key }}`, as it was written."""

    code: str
    keys: tuple[str, ...]
    written: str


@dataclass(frozen=True, slots=True)
class Stop:
    """A sentence that says more than its figure shows: the word, the figure and its level."""

    sentence: str
    word: str
    code: str
    level: Level


@dataclass(frozen=True, slots=True)
class Typed:
    """A number typed by hand, with its sentence."""

    sentence: str
    number: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the gate found: what stops the report, what must be signed for, and whether a second
    person must read because the language has no list of words.
    """

    stops: tuple[Stop, ...]
    typed: tuple[Typed, ...]
    needs_reader: bool


PLACEHOLDER = re.compile(r"\{\{\s*([^{}|]*?)\s*((?:\|[^{}|]*)*)\}\}")
_END = re.compile(r"(?<=[.!?…։。])\s+|\n\s*\n|\n(?=\s*[-*#|])")
_NUMBER = re.compile(r"\d(?:[\d.,\u00a0\u202f' ]*\d)?\s*%?")
_DATE = re.compile(
    r"\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|\b\d{1,2}\s+[^\W\d_]{3,}\s+\d{4}\b|\b(?:19|20|21)\d{2}\b(?:\s*[-/\u2013]\s*(?:19|20|21)?\d{2}\b)?"
)
_NEVER_STRENGTHENED = "MED-ENT-02s"
"""The count of all supported enterprises: not one of them was seen to be stronger (4.7)."""


def placeholders(text: str) -> list[Placeholder]:
    """Every figure a text holds, in order."""
    return [
        Placeholder(found[1], tuple(key.strip() for key in found[2].split("|")[1:]), found[0])
        for found in PLACEHOLDER.finditer(text)
    ]


def sentences(text: str) -> list[str]:
    """A text in sentences; a full stop within a figure's braces ends none."""
    held: list[str] = []

    def keep(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\ue000{len(held) - 1}\ue001"

    parts = _END.split(PLACEHOLDER.sub(keep, text))
    told = (re.sub("\ue000(\\d+)\ue001", lambda at: held[int(at[1])], part) for part in parts)
    return [" ".join(part.split()) for part in told if part.strip()]


def check_text(
    text: str,
    *,
    causal_words: Collection[str] | None,
    strengthened_words: Collection[str] = (),
    levels: Mapping[str, Level],
    stated: Sequence[str] = (),
) -> Checked:
    """Check a report's text.

    `causal_words` are those of its language, None where it has no list; a word that ends in `*`
    stands for all that begin so. `levels` say of each figure's code how much it shows: a figure
    that is not among them is taken to show least. `stated` are figures a source prints, which may
    be typed.
    """
    stops: list[Stop] = []
    typed: list[Typed] = []
    needs_reader = False
    for sentence in sentences(text):
        codes = [one.code for one in placeholders(sentence)]
        bare = PLACEHOLDER.sub(" ", sentence)
        lowest = min(
            codes, key=lambda code: _rank(levels.get(code, Level.DESCRIPTIVE)), default=None
        )
        if lowest is not None:
            level = levels.get(lowest, Level.DESCRIPTIVE)
            needs_reader = needs_reader or (causal_words is None and level is not Level.CAUSAL)
            if level is not Level.CAUSAL:
                word = found_word(bare, causal_words or ())
                stops += [Stop(sentence, word, lowest, level)] if word else []
        if _NEVER_STRENGTHENED in codes:
            word = found_word(bare, strengthened_words)
            stops += [Stop(sentence, word, _NEVER_STRENGTHENED, Level.DESCRIPTIVE)] if word else []
        typed += [Typed(sentence, number) for number in _typed(bare, stated)]
    return Checked(tuple(stops), tuple(typed), needs_reader)


def _rank(level: Level) -> int:
    return list(Level).index(level)


def found_word(text: str, words: Collection[str]) -> str:
    """The first word of a list that a text holds, as it stands in the text; "" if none."""
    first: tuple[int, str] | None = None
    plain = text.replace("\u2019", "'")
    for word in words:
        end = r"\w*" if word.endswith("*") else ""
        body = r"\s+".join(map(re.escape, word.rstrip("*").split()))
        found = re.search(rf"(?<!\w){body}{end}(?!\w)", plain, re.IGNORECASE)
        if found and (first is None or found.start() < first[0]):
            first = (found.start(), found[0])
    return first[1] if first else ""


def _typed(text: str, stated: Sequence[str]) -> list[str]:
    rest = _DATE.sub(" ", text)
    for printed in sorted(stated, key=len, reverse=True):
        rest = re.sub(rf"(?<!\d){re.escape(printed)}(?!\d)", " ", rest, flags=re.IGNORECASE)
    return [found[0].strip() for found in _NUMBER.finditer(rest)]
