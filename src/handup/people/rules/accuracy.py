"""How well a cut-off reaches the poor, from a weighted validation sample (people.md 4.6).

    inclusion: poor and targeted        undercoverage: poor, not targeted
    leakage: not poor, targeted         exclusion: not poor, not targeted

Shares are of the sum of weights, in percent; a denominator of zero is not defined (None). BPAC is
Schreiner's balanced poverty accuracy criterion. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.money import percent, ratio
from handup.kernel.sheet_faults import NotAChoice, NotANumber, TooLow, ValueMissing
from handup.people.rules.card_parts import decimal_of, shown

LEAST_POOR = 30
"""Poor households of a group in the sample before its coverage is compared."""
ALERT_BELOW = Fraction(80, 100)

Number = Fraction | int


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One household of the sample; `groups`: sex, status, disability … to its group there."""

    poor: bool
    targeted: bool
    weight: Fraction
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A group's poor households in the sample (heads, not weights) and the percent targeted."""

    poor_households: int
    percent: Fraction | None


@dataclass(frozen=True, slots=True)
class Disparity:
    """Coverage by group of one dimension; `ratio` of the lowest to the highest among groups with
    enough poor households, None with fewer than two of them or where none is reached.
    """

    coverage: Mapping[str, Coverage]
    ratio: Fraction | None
    alert: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The sums of weights of the four parts, and what follows from them."""

    inclusion: Fraction
    undercoverage: Fraction
    leakage: Fraction
    exclusion: Fraction
    disparity: Mapping[str, Disparity]

    @property
    def total(self) -> Fraction:
        """The sum of all weights."""
        return self.inclusion + self.undercoverage + self.leakage + self.exclusion

    def share(self, part: Fraction) -> Fraction | None:
        """A part in percent of all."""
        return percent(part, self.total)

    @property
    def hit_rate(self) -> Fraction | None:
        """The percent that is rightly in or rightly out."""
        return self.share(hit_rate(self.inclusion, self.exclusion))

    @property
    def bpac(self) -> Fraction | None:
        """See `bpac`."""
        return bpac(self.inclusion, self.undercoverage, self.leakage)


def hit_rate(inclusion: Number, exclusion: Number) -> Fraction:
    """Rightly in and rightly out, in the unit they are given in."""
    return Fraction(inclusion) + Fraction(exclusion)


def bpac(inclusion: Number, undercoverage: Number, leakage: Number) -> Fraction | None:
    """(inclusion - |undercoverage - leakage|) * 100 / (inclusion + undercoverage); None without
    poor.
    """
    kept = Fraction(inclusion) - abs(Fraction(undercoverage) - Fraction(leakage))
    return percent(kept, Fraction(inclusion) + Fraction(undercoverage))


def _disparity(
    rows: Sequence[SampleRow], dimension: str, least_poor: int, alert_below: Fraction
) -> Disparity:
    names = dict.fromkeys(row.groups[dimension] for row in rows if dimension in row.groups)
    coverage: dict[str, Coverage] = {}
    for name in names:
        poor = [row for row in rows if row.poor and row.groups.get(dimension) == name]
        reached = sum((row.weight for row in poor if row.targeted), Fraction(0))
        weight = sum((row.weight for row in poor), Fraction(0))
        coverage[name] = Coverage(len(poor), percent(reached, weight))
    compared = [
        group.percent
        for group in coverage.values()
        if group.poor_households >= least_poor and group.percent is not None
    ]
    found = ratio(min(compared), max(compared)) if len(compared) > 1 else None
    return Disparity(coverage, found, found is not None and found < alert_below)


def measure(
    rows: Sequence[SampleRow],
    *,
    least_poor: int = LEAST_POOR,
    alert_below: Fraction = ALERT_BELOW,
) -> Accuracy:
    """Measure one cut-off; a household whose group is not known counts everywhere but there."""
    sums = {
        key: Fraction(0) for key in ((True, True), (True, False), (False, True), (False, False))
    }
    for row in rows:
        sums[row.poor, row.targeted] += row.weight
    dimensions = dict.fromkeys(name for row in rows for name in row.groups)
    return Accuracy(
        inclusion=sums[True, True],
        undercoverage=sums[True, False],
        leakage=sums[False, True],
        exclusion=sums[False, False],
        disparity={name: _disparity(rows, name, least_poor, alert_below) for name in dimensions},
    )


def sample(
    raw: Iterable[Mapping[str, object]], cutoff: Number, dimensions: Sequence[str] = ("group",)
) -> list[SampleRow]:
    """Read a sample: `score`, `poor` (1 or 0), `weight` and the groups of each row.

    Raises Faults with row (from 1) and field of everything that is missing or cannot be used.
    """
    faults: list[Fault] = []
    rows = []
    for number, entry in enumerate(raw, 1):
        before = len(faults)
        score = _number(entry, "score", number, faults)
        weight = _number(entry, "weight", number, faults)
        if weight < 0:
            _add(faults, TooLow(column="weight", value=entry["weight"], lowest=0), number, "weight")
        poor = entry.get("poor")
        if poor not in (0, 1):
            refusal = NotAChoice(column="poor", value=shown(poor), choices="0, 1")
            _add(faults, refusal, number, "poor", poor)
        if len(faults) == before:
            groups = {name: str(entry[name]) for name in dimensions if entry.get(name)}
            rows.append(SampleRow(bool(poor), score <= cutoff, weight, groups))
    if faults:
        raise Faults(faults)
    return rows


def _number(entry: Mapping[str, object], name: str, row: int, faults: list[Fault]) -> Fraction:
    value = entry.get(name)
    number = decimal_of(value)
    if value is None or value == "":
        _add(faults, ValueMissing(column=name), row, name)
    elif number is None:
        _add(faults, NotANumber(column=name, value=shown(value)), row, name, value)
    return Fraction(0) if number is None else Fraction(number)


def _add(
    faults: list[Fault], refusal: Refusal, row: int, column: str, value: object = None
) -> None:
    told = None if value is None else shown(value)
    faults.append(Fault(refusal.code, refusal.said(), f"{column}{row}", row, column, told))
