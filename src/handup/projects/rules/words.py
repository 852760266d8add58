"""Words of texts in any script as the search compares them (projects_and_markets.md 4.4).

Text and question are brought into one form here, because databases differ: PostgreSQL alone neither
lowers Armenian in a C locale nor drops accents. There are no stems: a word finds what begins with
it, which carries the endings of Mongolian and Kinyarwanda.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_WORDS = 12
PART_LETTERS = 100_000
BEFORE, AFTER = 8, 18
PAGE_BREAK = "\f"
_MARKS = range(0x0300, 0x0370)
_QUOTED = re.compile('"([^"]*)"')
_RUN = re.compile("x+")


class _Folded(dict[int, str]):
    """What becomes of one letter, worked out once."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if code in _MARKS:
            folded = ""
        elif unicodedata.category(letter)[0] not in "LNM":
            folded = " "
        else:
            plain = unicodedata.normalize("NFD", letter)
            latin = len(plain) > 1 and unicodedata.name(plain[0], "").startswith("LATIN")
            folded = plain[0] if latin else letter
        self[code] = folded
        return folded


class _Mask(dict[int, str]):
    """Whether one letter is part of a word: same length as the text."""

    def __missing__(self, code: int) -> str:
        shown = " " if code not in _MARKS and _FOLDED[code] == " " else "x"
        self[code] = shown
        return shown


_FOLDED = _Folded()
_MASK = _Mask()


def kept(text: str) -> str:
    """The text as it is kept for the search: one form of each letter, no zero bytes."""
    return unicodedata.normalize("NFKC", text.replace("\0", " "))


def fold(text: str) -> str:
    """Words in small letters with a space between: accents dropped from Latin letters only,
    apostrophes and every other sign a space.
    """
    return " ".join(kept(text).casefold().translate(_FOLDED).split())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: words that begin something, and phrases word for word."""

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.words or self.phrases)

    def marks(self, word: str) -> bool:
        """Whether a folded word of a text is one that was asked for."""
        return any(word.startswith(asked) for asked in self.words) or any(
            word in phrase for phrase in self.phrases
        )


def asked(text: str) -> Asked:
    """Read a question: quotes make a phrase, every other word a beginning; all must be there."""
    phrases = tuple(tuple(fold(found).split()) for found in _QUOTED.findall(text))
    words = dict.fromkeys(fold(_QUOTED.sub(" ", text)).split())
    return Asked(tuple(words)[:MOST_WORDS], tuple(p for p in phrases if p)[:MOST_WORDS])


def for_sqlite(question: Asked) -> str:
    """The question as FTS5 reads it."""
    terms = [f'"{word}"*' for word in question.words]
    terms += ['"' + " ".join(phrase) + '"' for phrase in question.phrases]
    return " AND ".join(terms)


def for_postgresql(question: Asked) -> str:
    """The question as `to_tsquery('simple', …)` reads it."""
    terms = [f"'{word}':*" for word in question.words]
    terms += ["(" + " <-> ".join(f"'{word}'" for word in p) + ")" for p in question.phrases]
    return " & ".join(terms)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a long text small enough for an index, and the page it begins on (from 1)."""

    body: str
    first_page: int


def parts_of(text: str) -> Iterator[Part]:
    """Cut a text into parts of at most PART_LETTERS letters, at a page's end or between words."""
    body, page = kept(text), 1
    while len(body) > PART_LETTERS:
        cut = body.rfind(PAGE_BREAK, 1, PART_LETTERS)
        if cut < 0:
            cut = body.rfind(" ", 1, PART_LETTERS)
        if cut < 0:
            cut = PART_LETTERS
        yield Part(body[:cut], page)
        page += body.count(PAGE_BREAK, 0, cut)
        body = body[cut:]
    yield Part(body, page)


@dataclass(frozen=True, slots=True)
class Snippet:
    """Some words around what was found: pieces with whether each is marked, and the page."""

    pieces: tuple[tuple[str, bool], ...]
    page: int


def snippet(question: Asked, body: str, words: str, first_page: int = 1) -> Snippet:
    """Show the first place of `body` where a word asked for stands; its beginning where none does.

    `words` is `fold(body)`: looking there is much faster than folding the text again.
    """
    place = _first(question, words)
    runs = list(_runs(body, place + AFTER))
    from_run = max(0, min(place, len(runs) - 1) - BEFORE)
    shown = runs[from_run:]
    if not shown:
        return Snippet((), first_page)
    pieces: list[tuple[str, bool]] = []
    end = shown[0][0]
    for start, stop in shown:
        between, word = body[end:start], body[start:stop]
        if between:
            pieces.append((" ".join(between.split()) if between.strip() else " ", False))
        pieces.append((word, question.marks(fold(word))))
        end = stop
    found = shown[min(place - from_run, len(shown) - 1)][0]
    return Snippet(tuple(pieces), first_page + body.count(PAGE_BREAK, 0, found))


def _first(question: Asked, words: str) -> int:
    """How many words stand before the first one asked for."""
    padded = f" {words}"
    sought: Sequence[str] = [
        *(f" {word}" for word in question.words),
        *(" " + " ".join(phrase) for phrase in question.phrases),
    ]
    places = [place for text in sought if (place := padded.find(text)) >= 0]
    return padded.count(" ", 0, min(places)) if places else 0


def _runs(body: str, until: int) -> Iterator[tuple[int, int]]:
    """Begin and end of the first words of a text."""
    for number, run in enumerate(_RUN.finditer(body.translate(_MASK))):
        if number > until:
            return
        yield run.span()
