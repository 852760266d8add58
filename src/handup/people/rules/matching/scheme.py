"""Several fits in a row, and what their outcomes weigh in one register. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any, Generic, TypeVar

from handup.people.rules.matching.fits import (
    MISSING,
    Dated,
    Fit,
    Level,
    Names,
    NamesFit,
    Outcome,
    Text,
    fit_births,
    fit_documents,
    fit_same,
    fit_shared,
    level_of,
)
from handup.people.rules.matching.model import Model
from handup.people.rules.matching.records import TOLD_SEXES, Record

R = TypeVar("R")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One field that is compared: its code, its value in a record, its fit, how many levels.

    `by_share`: an equal value weighs more the rarer it is.
    """

    code: str
    value: Callable[[R], Any]
    fit: Fit
    levels: int
    by_share: bool = False


class Scheme(Generic[R]):
    """First and last name together, then every other column by itself, always in this order."""

    FIRST, LAST = "first_name", "last_name"

    def __init__(self, names: Callable[[R], Names], columns: Sequence[Column[R]]) -> None:
        self._names, self.columns = names, tuple(columns)
        self._fit_names = NamesFit()
        self._fits = tuple(column.fit for column in columns)
        self.codes = (self.FIRST, self.LAST, *(column.code for column in columns))
        self.levels = (len(Level), len(Level), *(column.levels for column in columns))
        shared = [column.code for column in columns if column.by_share]
        self.by_share = frozenset((self.FIRST, self.LAST, *shared))

    def row(self, record: R) -> Row:
        """Return the values of a record in the order of the fits."""
        return (self._names(record), *(column.value(record) for column in self.columns))

    def outcomes(self, one: Row, other: Row) -> tuple[Outcome, ...]:
        """Compare two rows: one outcome for each code."""
        names = self._fit_names(one[0], other[0])
        rest = zip(self._fits, one[1:], other[1:], strict=True)
        return (*names, *[fit(a, b) for fit, a, b in rest])

    def pattern(self, one: Row, other: Row) -> tuple[int, ...]:
        """Compare two rows by levels alone."""
        return tuple(map(level_of, self.outcomes(one, other)))

    def shares(self, rows: Iterable[Row]) -> "Shares":
        """Count how often each value occurs; a record counts once for a value."""
        counts: dict[str, Counter[str]] = {code: Counter() for code in self.by_share}
        known: Counter[str] = Counter()
        places = [
            (place, column.code) for place, column in enumerate(self.columns, 1) if column.by_share
        ]
        for row in rows:
            found = [
                (self.FIRST, {first for first, _ in row[0] if first}),
                (self.LAST, {last for _, last in row[0] if last}),
                *((code, {row[place]} if row[place] else set()) for place, code in places),
            ]
            for code, values in found:
                counts[code].update(values)
                known[code] += bool(values)
        return Shares(counts, known)


@dataclass(frozen=True, slots=True)
class Shares:
    """How many records hold a value, and how many hold any, a field."""

    counts: Mapping[str, Mapping[str, int]]
    known: Mapping[str, int]


class Scale(dict[Outcome, float]):
    """What each outcome of a field weighs, in bits; a value nobody counted weighs as equal."""

    def __missing__(self, outcome: Outcome) -> float:
        return self[0]


def scales(scheme: Scheme[R], model: Model, shares: Shares | None) -> tuple[Scale, ...]:
    """Make the scales of a register, in the order of the scheme's codes."""
    made = []
    for code in scheme.codes:
        weights = model.weights[code]
        scale = Scale({MISSING: 0.0, **dict(enumerate(weights.bits))})
        if weights.top_m is not None and shares is not None and code in scheme.by_share:
            known = shares.known.get(code, 0)
            for value, count in shares.counts.get(code, {}).items():
                share = max(count / max(known, count), model.least_share)
                scale[value] = log2(weights.top_m / share)
        made.append(scale)
    return tuple(made)


def weigh(scales_of: Sequence[Scale], outcomes: Sequence[Outcome]) -> float:
    """Add up the bits of all outcomes."""
    total = 0.0
    for scale, outcome in zip(scales_of, outcomes, strict=True):
        total += scale[outcome]
    return total


def _names(record: Record) -> Names:
    return tuple((name.first, name.last) for name in record.names)


def _birth(record: Record) -> Dated:
    birth = record.birth
    if birth is None or birth.precision == "UNKNOWN":
        return None
    return birth.digits, birth.to_the_day


def _sex(record: Record) -> str:
    return record.sex.value if record.sex in TOLD_SEXES else ""


def person_scheme() -> Scheme[Record]:
    """Return what is compared of two persons (people.md 4.7)."""
    return Scheme(
        _names,
        (
            Column("father_name", lambda record: record.father, Text(), len(Level)),
            Column("birth_date", _birth, fit_births, len(Level)),
            Column("sex", _sex, fit_same, 2),
            Column("phone", lambda record: record.phones, fit_shared, 2),
            Column("settlement", lambda record: record.settlement, fit_same, 2, by_share=True),
            Column("document", lambda record: record.documents, fit_documents, 2),
        ),
    )
