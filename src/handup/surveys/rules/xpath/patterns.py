"""Patterns of questionnaires, matched in time that grows with the text: all places a pattern can
stand at are followed at once, so that no pattern and no answer can make it look for minutes.

What stands here is what both ODK and browsers read: letters, classes, groups, alternatives,
repetitions, ends of the text. Looking ahead and references back are no regular patterns: refused.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import cast

LONGEST_TEXT = 2_000
LONGEST_PATTERN = 500
STATES_MOST = 1_500
QUICK_TEXT = 200
QUICK_REPEATS = 3
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{0,4}))?\}", re.ASCII)
_GROUP = re.compile(r"\((?!\?)|\(\?:")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[^0-9A-Za-zux]|[dDsSwWtnrfvabBAZ])")
_ENDS = {"^": "start", "$": "end", r"\A": "start", r"\Z": "end", r"\b": "word", r"\B": "inside"}

Fits = Callable[[str], bool]
Fragment = tuple[str, object, object]


class NotAPattern(ValueError):
    """The text is no pattern that can be followed."""


@lru_cache(maxsize=1_024)
def _fits(atom: str) -> Fits:
    """Whether one character fits an atom, as Python reads the atom alone."""
    try:
        found = re.compile(atom, re.ASCII)
    except re.error as error:
        raise NotAPattern(atom) from error
    return lambda character: found.fullmatch(character) is not None


class _Reader:
    """Reads a pattern into a tree of ("atom" | "end" | "both" | "either" | "many", ...)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.variable = 0  # repetitions that are not of a fixed number
        self.grouped = False  # a group is repeated

    def whole(self) -> Fragment:
        found = self.either()
        if self.at < len(self.text):
            raise NotAPattern(self.text)
        return found

    def either(self) -> Fragment:
        found = self.row()
        while self.text[self.at : self.at + 1] == "|":
            self.at += 1
            found = ("either", found, self.row())
        return found

    def row(self) -> Fragment:
        found: Fragment = ("nothing", None, None)
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            found = ("both", found, self.repeated(self.one()))
        return found

    def one(self) -> Fragment:
        text = self.text
        group = _GROUP.match(text, self.at)
        if group:
            return self.group(group.end())
        found = _CLASS.match(text, self.at) or _ESCAPE.match(text, self.at)
        atom = found[0] if found else text[self.at]
        if not found and atom in "()[]{}*+?\\" and atom not in "]}":
            raise NotAPattern(text)
        self.at += len(atom)
        if atom in _ENDS:
            return ("end", _ENDS[atom], None)
        return ("atom", _fits(re.escape(atom) if len(atom) == 1 and atom != "." else atom), None)

    def group(self, inside: int) -> Fragment:
        self.at = inside
        self.depth += 1
        if self.depth > 50:
            raise NotAPattern(self.text)
        found = self.either()
        if self.text[self.at : self.at + 1] != ")":
            raise NotAPattern(self.text)
        self.at += 1
        self.depth -= 1
        return ("group", found, None)

    def repeated(self, one: Fragment) -> Fragment:
        sign = self.text[self.at : self.at + 1]
        count = _COUNT.match(self.text, self.at)
        if count:
            low, high = int(count[1]), int(count[1])
            if count[2]:
                high = int(count[3]) if count[3] else -1
            self.at = count.end()
        elif sign and sign in "*+?":
            low, high = (1 if sign == "+" else 0), (1 if sign == "?" else -1)
            self.at += 1
        else:
            return one
        if self.text[self.at : self.at + 1] == "?":  # as few as possible: the same texts match
            self.at += 1
        if one[0] == "end" or 0 <= high < low:
            raise NotAPattern(self.text)
        if low != high and (low, high) != (0, 1):
            self.variable += 1
        self.grouped = self.grouped or one[0] == "group"
        return ("many", one, (low, high))


class Pattern:
    """A pattern ready to be followed."""

    def __init__(self, text: str) -> None:
        """Read a pattern. Raises NotAPattern."""
        if len(text) > LONGEST_PATTERN:
            raise NotAPattern(text)
        reader = _Reader(text)
        tree = reader.whole()
        self.quick = not reader.grouped and reader.variable <= QUICK_REPEATS
        self.takes: list[tuple[Fits, int] | None] = []
        self.ways: list[list[tuple[str, int]]] = []
        self.last = self._state()
        self.first = self._built(tree, self.last)
        try:
            self.plain = re.compile(python_pattern(text), re.ASCII)
        except (re.error, RecursionError, OverflowError) as error:
            raise NotAPattern(text) from error

    def _state(self) -> int:
        if len(self.takes) >= STATES_MOST:
            raise NotAPattern("too large")
        self.takes.append(None)
        self.ways.append([])
        return len(self.takes) - 1

    def _built(self, tree: Fragment, after: int) -> int:
        """Add the states of a tree that goes on at `after`; return where it begins."""
        kind, left, right = tree
        if kind == "nothing":
            return after
        if kind == "both":
            return self._built(_part(left), self._built(_part(right), after))
        if kind == "group":
            return self._built(_part(left), after)
        if kind == "many":
            return self._repeated(_part(left), right, after)
        here = self._state()
        if kind == "either":
            self.ways[here] = [
                ("", self._built(_part(left), after)),
                ("", self._built(_part(right), after)),
            ]
        elif kind == "end":
            self.ways[here] = [(str(left), after)]
        else:
            self.takes[here] = (cast(Fits, left), after)
        return here

    def _repeated(self, one: Fragment, bounds: object, after: int) -> int:
        assert isinstance(bounds, tuple)
        low, high = bounds
        begin = after
        if high < 0:
            begin = self._state()
            self.ways[begin] = [("", self._built(one, begin)), ("", after)]
        for _ in range(high - low if high >= 0 else 0):
            here = self._state()
            self.ways[here] = [("", self._built(one, begin)), ("", after)]
            begin = here
        for _ in range(low):
            begin = self._built(one, begin)
        return begin

    def found_in(self, text: str) -> bool:
        """Whether the pattern fits somewhere in a text of at most `LONGEST_TEXT` characters."""
        if len(text) > LONGEST_TEXT:
            return False
        if self.quick and len(text) <= QUICK_TEXT:
            return self.plain.search(text) is not None
        standing: set[int] = set()
        for at in range(len(text) + 1):
            standing = self._reached(standing, text, at)
            if self.last in standing:
                return True
            if at < len(text):
                standing = set(self._taken(standing, text[at]))
        return False

    def _taken(self, standing: set[int], character: str) -> Iterator[int]:
        told: dict[Fits, bool] = {}
        for state in standing:
            take = self.takes[state]
            if take is None:
                continue
            fits, after = take
            if fits not in told:
                told[fits] = fits(character)
            if told[fits]:
                yield after

    def _reached(self, standing: set[int], text: str, at: int) -> set[int]:
        """Every state that can be reached without a character; a match may begin anywhere."""
        waiting = [self.first, *standing]
        found: set[int] = set()
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found.add(state)
            waiting += [after for end, after in self.ways[state] if not end or _at(end, text, at)]
        return found


def _part(value: object) -> Fragment:
    assert isinstance(value, tuple)
    kind, left, right = value
    return str(kind), left, right


def _at(end: str, text: str, at: int) -> bool:
    if end == "start":
        return at == 0
    if end == "end":
        return at == len(text)
    before = at > 0 and _is_word(text[at - 1])
    behind = at < len(text) and _is_word(text[at])
    return (before != behind) is (end == "word")


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def python_pattern(pattern: str) -> str:
    """Write a pattern so that $ stands at the very end only, as it does in a browser."""
    return re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda m: r"\Z" if m[0] == "$" else m[0], pattern)


@lru_cache(maxsize=512)
def pattern_of(pattern: str) -> Pattern:
    """Prepare a pattern once. Raises NotAPattern."""
    return Pattern(pattern)
