"""From bits to a verdict: the prior, the guards, and the sum that explains it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from math import exp2, log2

from handup.people.rules.matching.fits import DIFFERENT, MISSING, Level, Outcome, level_of

LIKELY_FROM, POSSIBLE_FROM = 0.99, 0.50
TWO_LEVELS = 2


class Verdict(StrEnum):
    """What a pair is put before a person as; nothing is merged by itself."""

    LIKELY = "LIKELY"
    POSSIBLE = "POSSIBLE"
    DOCUMENT_CONFLICT = "DOCUMENT_CONFLICT"
    NONE = "NONE"


class Guard(StrEnum):
    """Why a verdict is lower than its probability says."""

    NOTHING = ""
    HOUSEHOLD = "HOUSEHOLD"
    NAMES_DIFFER = "NAMES_DIFFER"
    TWINS = "TWINS"
    TOLD_DIFFERENT = "TOLD_DIFFERENT"


class Fitting(StrEnum):
    """How a field fits, as it is shown beside its bits."""

    EQUAL = "EQUAL"
    CLOSE = "CLOSE"
    SIMILAR = "SIMILAR"
    WEAK = "WEAK"
    ELSE = "ELSE"
    MISSING = "MISSING"


def prior_of_batch(duplicate_share: float, size: int) -> float:
    """Return the chance that two of `size` records, taken blindly, are one person."""
    return min(2 * duplicate_share / max(size - 1, 1), 0.5)


def prior_of_newcomer(duplicate_share: float, size: int) -> float:
    """Return the chance that a newcomer is a given one of `size` known records."""
    return min(duplicate_share / max(size, 1), 0.5)


def log_odds(chance: float) -> float:
    """Return a chance as bits."""
    return log2(chance / (1 - chance))


def probability(bits: float) -> float:
    """Return bits as a chance, 0 to 1."""
    bits = max(min(bits, 1000.0), -1000.0)
    return 1 / (1 + exp2(-bits))


@dataclass(frozen=True, slots=True)
class Part:
    """What one field adds: how it fits and its bits (the first part is the prior)."""

    field: str
    fitting: Fitting
    bits: float


@dataclass(frozen=True, slots=True)
class Finding:
    """A pair of records for a person to look at, ids in their order, with the sum of it."""

    first: str
    second: str
    bits: float
    p: float
    verdict: Verdict
    guard: Guard
    parts: tuple[Part, ...]

    def waterfall(self) -> tuple[tuple[Part, float, float], ...]:
        """Return each part with where its bar starts and ends; the last one ends at `bits`."""
        ends = list(accumulate(part.bits for part in self.parts))
        return tuple(zip(self.parts, [0.0, *ends], ends, strict=False))


def fitting_of(outcome: Outcome, levels: int) -> Fitting:
    """Name the level of an outcome of a field with so many levels."""
    level = level_of(outcome)
    if level == MISSING:
        return Fitting.MISSING
    if levels == TWO_LEVELS:
        return Fitting.ELSE if level == DIFFERENT else Fitting.EQUAL
    return tuple(Fitting)[level]


@dataclass(frozen=True, slots=True)
class Fits:
    """The levels of a pair that guards ask for, and what is known of it beside."""

    first_name: int
    last_name: int
    birth_date: int
    document: int
    one_household: bool = False
    told_different: bool = False


def verdict_of(p: float, fits: Fits) -> tuple[Verdict, Guard]:
    """Return the verdict of a pair and the guard that lowered it (people.md 4.7)."""
    proven = fits.document == Level.EQUAL
    if fits.told_different and not proven:
        return Verdict.NONE, Guard.TOLD_DIFFERENT
    if p < POSSIBLE_FROM:
        return (Verdict.DOCUMENT_CONFLICT if proven else Verdict.NONE), Guard.NOTHING
    if fits.one_household and not proven and not _one_of_the_family(fits):
        return Verdict.NONE, Guard.HOUSEHOLD
    if fits.first_name == fits.last_name == Level.ELSE and not proven:
        return Verdict.NONE, Guard.NAMES_DIFFER
    if fits.birth_date == fits.last_name == Level.EQUAL and fits.first_name >= Level.WEAK:
        return Verdict.POSSIBLE, Guard.TWINS
    return (Verdict.LIKELY if p >= LIKELY_FROM else Verdict.POSSIBLE), Guard.NOTHING


def _one_of_the_family(fits: Fits) -> bool:
    return MISSING < fits.first_name <= Level.SIMILAR and MISSING < fits.birth_date <= Level.CLOSE


def parts_of(
    prior_bits: float, codes: Sequence[str], levels: Sequence[int],
    outcomes: Sequence[Outcome], bits: Sequence[float],
) -> tuple[Part, ...]:  # fmt: skip
    """Return the explanation of a pair: the prior, then every field."""
    fields = zip(codes, outcomes, levels, bits, strict=True)
    return (
        Part("prior", Fitting.MISSING, prior_bits),
        *(Part(code, fitting_of(outcome, n), weight) for code, outcome, n, weight in fields),
    )
