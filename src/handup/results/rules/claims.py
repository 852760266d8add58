"""What a figure may be said to show, and which sentences say more (results.md 4.7).

The level belongs to the figure, never to the writer. A sentence that holds a figure is searched for
words of cause; below CAUSAL the report is stopped, with the sentence and what may be said instead.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.results.rules.impact.attrition import MOST_FOR_A_CAUSE
from handup.results.rules.impact.common import Range
from handup.results.rules.states import Level


@dataclass(frozen=True, slots=True)
class Design:
    """How a figure was come by.

    `is_paired`: the same units in two rounds; `is_compared`: beside a group that took no part;
    `is_randomised`: the two groups were drawn by lot; `is_fixed_before`: outcome and rule were
    written down before fieldwork; `counts_alone`: the primary outcome, or one that holds after
    Holm; `attrition`: the share not found again; `bounds`: Lee's; `estimate`: the interval of the
    difference itself, without which two groups kept alike would bound nothing.
    """

    is_paired: bool = False
    is_compared: bool = False
    is_randomised: bool = False
    is_fixed_before: bool = False
    counts_alone: bool = False
    attrition: Fraction | None = None
    bounds: Range | None = None
    estimate: Range | None = None


def level_of(design: Design) -> Level:
    """The most a figure of this design may be said to show."""
    if not design.is_paired:
        return Level.DESCRIPTIVE
    if not design.is_compared:
        return Level.CHANGE
    is_kept = design.attrition is not None and design.attrition <= MOST_FOR_A_CAUSE
    is_bounded = all(
        one is not None and not one.holds_zero for one in (design.bounds, design.estimate)
    )
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


PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_BLOCK = re.compile(r"\n\s*\n|\n(?=[-*] |##? )")
_END = re.compile(r"(?<=[.!?…։。])\s+")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:approx|ca|cf|e\.g|i\.e|etc|nos?|resp|vs|env|p\.\s?ex|art|др|ок|прим|руб|тыс"
    r"|чел|млн|млрд|см|стр|т\.\s?д|т\.\s?е|\w)\.$",
    re.IGNORECASE,
)
"""A word that ends in a full stop and ends no sentence."""
_NUMBER = re.compile(r"\d(?:[\d.,\u00a0\u202f' ]*\d)?\s*%?")
_DATE = re.compile(
    r"\b\d{4}-\d{2}(?:-\d{2})?\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|\b(?:[1-9]|[12]\d|3[01])\s+[^\W\d_]{3,}\s+(?:19|20|21)\d{2}\b"
    r"|\b(?:19|20|21)\d{2}\s?[-/\u2013]\s?(?:(?:19|20|21)\d{2}|\d{2})\b"
    r"|(?<=\()\s*(?:19|20|21)\d{2}\s*(?=\))"
    r"|\b(?:in|since|by|of|until|from|to|en|depuis|de|в|с|до|по)\s+(?:19|20|21)\d{2}\b(?![-./]\d)"
    r"|\b(?:19|20|21)\d{2}(?=\s+(?:году|года|год|г\.|թ\.|оны|онд|он)\b)",
    re.IGNORECASE,
)
"""What is a day or a year; any other number with four digits is a number."""
_LONE_YEAR = re.compile(r"\b(?:19|20|21)\d{2}\b")
"""In a title a year needs no word before it."""

_NEVER_STRENGTHENED = "MED-ENT-02s"
"""The count of all supported enterprises: not one of them was seen to be stronger (4.7)."""


def placeholders(text: str) -> list[Placeholder]:
    """Every figure a text holds, in order."""
    return [placeholder(found) for found in PLACEHOLDER.finditer(text)]


def placeholder(found: re.Match[str]) -> Placeholder:
    """One figure as it was written: its code and its keys."""
    code, *keys = (part.strip() for part in found[1].split("|"))
    return Placeholder(code, tuple(keys), found[0])


def parts(text: str) -> list[str]:
    """A text in its blocks, as a reader sees them: an empty line ends one, and so does a line that
    begins a heading or an item.
    """
    told = text.replace("\r\n", "\n").replace("\r", "\n")
    return [part for part in _BLOCK.split(told) if part.strip()]


def sentences(text: str) -> list[str]:
    """A text in sentences; a full stop within a figure's braces or after a shortened word ends
    none, nor does one before a small letter.
    """
    return [told for part in parts(text) for told in _sentences(" ".join(part.split()))]


def _sentences(part: str) -> list[str]:
    held = [found.span() for found in PLACEHOLDER.finditer(part)]
    found, begin = [], 0
    for end in _END.finditer(part):
        before, after = part[begin : end.start()], part[end.end() : end.end() + 1]
        inside = any(low < end.start() < high for low, high in held)
        if inside or after.islower() or _SHORT.search(before):
            continue
        found.append(before)
        begin = end.end()
    return [one for one in (*found, part[begin:]) if one]


def check_text(
    text: str,
    *,
    causal_words: Collection[str] | None,
    strengthened_words: Collection[str] = (),
    levels: Mapping[str, Level],
    stated: Sequence[str] = (),
    title: str = "",
) -> Checked:
    """Check a report's text and its title, which speaks of its figures all together.

    `causal_words` are those of its language, None where it has no list; a word that ends in `*`
    stands for all that begin so. `levels` say of each figure's code how much it shows: a figure
    that is not among them is taken to show least. `stated` are figures a source prints, which may
    be typed.
    """
    stops: list[Stop] = []
    typed: list[Typed] = []
    needs_reader = False
    held = sorted({one.code for one in placeholders(text)})
    told = [(_LONE_YEAR.sub(" ", one), held) for one in sentences(title)]
    told += [(one, [at.code for at in placeholders(one)]) for one in sentences(text)]
    for sentence, codes in told:
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
    """The first word of a list that a text holds, as it stands in the text; "" if none. Signs that
    show nothing, joined accents, other hyphens and letters of another script that look the same
    hide no word.
    """
    plain = " ".join(_plain(text).split())
    low = plain.lower() if len(plain.lower()) == len(plain) else plain
    low = low.translate(_ALIKE)
    found = [
        place
        for word in words
        if (place := _place(low, _plain(word).lower().translate(_ALIKE))) is not None
    ]
    if not found:
        return ""
    begin, end = min(found)
    return plain[begin:end]


def _place(text: str, word: str) -> tuple[int, int] | None:
    """Where a whole word begins and ends; one with `*` goes on to its end."""
    stem = word.rstrip("*")
    begin = text.find(stem)
    while begin >= 0:
        end = begin + len(stem)
        if stem != word:
            while end < len(text) and _is_letter(text[end]):
                end += 1
        if not _is_letter(text[begin - 1 : begin]) and not _is_letter(text[end : end + 1]):
            return begin, end
        begin = text.find(stem, begin + 1)
    return None


def _is_letter(sign: str) -> bool:
    return bool(sign) and (sign.isalnum() or sign == "_")


_SIGNS = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-", "\u2012": "-"})


_ALIKE = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
    "\u0455\u0456\u0458\u0501\u04bb\u051b\u051d"
    "\u03b1\u03b2\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c2\u03c4\u03c5\u03c7"
    "\u0585\u057d\u0570\u0578\u0581",
    "abekmhopctyxsijdhqwabeikvopctuxouhng",
)
"""Small letters of other scripts (Cyrillic, Greek, Armenian) by the Latin ones they look like."""


def _plain(text: str) -> str:
    told = unicodedata.normalize("NFKC", text.translate(_SIGNS))
    return "".join(sign for sign in told if unicodedata.category(sign) != "Cf")


def _typed(text: str, stated: Sequence[str]) -> list[str]:
    rest = _DATE.sub(" ", unicodedata.normalize("NFKC", text))
    for printed in sorted(filter(None, stated), key=len, reverse=True):
        while (place := _place(rest.lower(), printed.lower())) is not None:
            rest = f"{rest[: place[0]]} {rest[place[1] :]}"
    return [found[0].strip() for found in _NUMBER.finditer(rest)]
