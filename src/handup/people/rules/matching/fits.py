"""How well two values fit: one function a kind of value, each the same either way round.

An outcome is a level, 0 the best, or the value itself where both are equal and a rare value should
say more than a common one, or MISSING where either side is not known. Pure.
"""

from collections.abc import Callable
from enum import IntEnum

from rapidfuzz.distance import OSA

from handup.kernel.names import likeness, skeleton_of
from handup.people.rules.matching.records import Document

Outcome = int | str
MISSING = -1
REMEMBERED = 2_000_000


class Level(IntEnum):
    """The levels of names and dates; a field of two levels has EQUAL and then 1."""

    EQUAL = 0
    CLOSE = 1
    SIMILAR = 2
    WEAK = 3
    ELSE = 4


DIFFERENT = 1  # the other level of a field that is equal or not
NAME_STEPS = (0.92, 0.88, 0.70)  # Jaro-Winkler of close, similar, weak
_POINTS = (6.0, 6.0, 2.5, -2.5, -5.0, 0.0)  # of which name of several fits best; last: missing


def level_of(outcome: Outcome) -> int:
    """Return the level of an outcome; equal values are level 0."""
    return Level.EQUAL if isinstance(outcome, str) else outcome


class Text:
    """Two texts by their Jaro-Winkler likeness; `key_step` is the least level of one skeleton key.

    Remembers each pair of unlike texts it has seen.
    """

    def __init__(
        self, steps: tuple[float, ...] = NAME_STEPS, key_step: int | None = Level.SIMILAR
    ) -> None:
        self.steps, self.key_step = steps, key_step
        self._known: dict[tuple[str, str], int] = {}
        self._keys: dict[str, str] = {}

    def level(self, one: str, other: str) -> int:
        """Return the level of two texts that are known."""
        if one == other:
            return 0
        pair = (one, other) if one < other else (other, one)
        found = self._known.get(pair)
        if found is None:
            if len(self._known) > REMEMBERED:
                self._known.clear()
                self._keys.clear()
            found = self._known[pair] = self._weigh(*pair)
        return found

    def _weigh(self, one: str, other: str) -> int:
        like = likeness(one, other)
        level = next((n for n, step in enumerate(self.steps, 1) if like >= step), None)
        level = len(self.steps) + 1 if level is None else level
        if self.key_step is not None and level > self.key_step and self._key_shared(one, other):
            return self.key_step
        return level

    def _key_shared(self, one: str, other: str) -> bool:
        return bool(key := self._key(one)) and key == self._key(other)

    def _key(self, text: str) -> str:
        key = self._keys.get(text)
        if key is None:
            key = self._keys[text] = skeleton_of(text)
        return key

    def __call__(self, one: str, other: str) -> Outcome:
        """Compare; an equal text is returned itself."""
        if not one or not other:
            return MISSING
        return one if one == other else self.level(one, other)


NamePair = tuple[str, str]
Names = tuple[NamePair, ...]


class NamesFit:
    """First and last names together: of all names of both sides the two that fit best.

    Where they fit better crosswise, both at least similar, they are used so, at most close; the
    weaker of both counts for the first name, so that the order of the sides never matters.
    """

    def __init__(self, text: Text | None = None) -> None:
        self.level = (text or Text()).level

    def __call__(self, one: Names, other: Names) -> tuple[Outcome, Outcome]:
        """Compare the names of two sides."""
        if len(one) == 1 == len(other):
            return self._pair(one[0], other[0])
        if not one or not other:
            return MISSING, MISSING
        return min((self._pair(a, b) for a in one for b in other), key=_rank)

    def _pair(self, one: NamePair, other: NamePair) -> tuple[Outcome, Outcome]:
        (first, last), (other_first, other_last) = one, other
        firsts = self.level(first, other_first) if first and other_first else MISSING
        lasts = self.level(last, other_last) if last and other_last else MISSING
        if firsts + lasts > Level.SIMILAR and firsts != MISSING != lasts:
            crossed = self.level(first, other_last)
            if crossed <= Level.SIMILAR:
                back = self.level(last, other_first)
                crossed, back = max(crossed, back, 1), max(min(crossed, back), 1)
                if crossed <= Level.SIMILAR and crossed + back < firsts + lasts:
                    return crossed, back
        return first if firsts == 0 else firsts, last if lasts == 0 else lasts


def _rank(pair: tuple[Outcome, Outcome]) -> tuple[float, str, str]:
    points = _POINTS[level_of(pair[0])] + _POINTS[level_of(pair[1])]
    return -points, str(pair[0]), str(pair[1])


Dated = tuple[str, bool] | None


def fit_births(one: Dated, other: Dated) -> Outcome:
    """Compare two dates of eight digits, each with whether it is known to the day.

    One wrong or two exchanged digits, or day and month exchanged, are close; without both days
    known the years alone are compared.
    """
    if one is None or other is None:
        return MISSING
    (first, known), (second, also) = one, other
    if known and also:
        if first == second:
            return 0
        if OSA.distance(first, second, score_cutoff=1) <= 1 or (
            first[:4] == second[:4] and first[4:6] == second[6:] and first[6:] == second[4:6]
        ):
            return 1
    years = abs(int(first[:4]) - int(second[:4]))
    return Level.SIMILAR + years if years < 2 else Level.ELSE


def fit_same(one: str, other: str) -> Outcome:
    """Compare two codes; an equal one is returned itself."""
    if not one or not other:
        return MISSING
    return one if one == other else DIFFERENT


def fit_shared(one: frozenset[str], other: frozenset[str]) -> Outcome:
    """Compare two sets of values: one in common is enough."""
    if not one or not other:
        return MISSING
    return DIFFERENT if one.isdisjoint(other) else 0


UNSORTED = "OTHER"  # two other papers need not be of one kind


def fit_documents(one: frozenset[Document], other: frozenset[Document]) -> Outcome:
    """Compare documents of the same type; types only one side has say nothing."""
    if not one or not other:
        return MISSING
    if not one.isdisjoint(other):
        return 0
    kinds = {item.kind for item in one} - {UNSORTED}
    return DIFFERENT if any(item.kind in kinds for item in other) else MISSING


Fit = Callable[..., Outcome]
