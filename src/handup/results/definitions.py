"""One definition for each figure: its words in `data/indicators.csv`, its meaning in
`rules/declared.py`, and here how both become a figure of a report (results.md 4.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from handup.results.computing import closed_between, compute
from handup.results.facts import Facts
from handup.results.gathering import Source
from handup.results.rules.catalogue import Indicator, UnknownIndicator, read_catalogue
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import NOT_RECORDED, Figure, LinesDiffer, ValueKind
from handup.results.rules.enterprises import FULL_YEAR
from handup.results.rules.expressions import Asked, Declared

SHOWN = (
    *("sex", "target_category", "age_band", "group_type", "enterprise_sector"),
    *("area1", "area2"),
)
"""The ways a page splits a figure. Status, disability and household stand among target groups."""
BY_SETTLEMENT = "urban_rural"
"""Town or countryside: a way to split it where a house tells of any area what it is."""


BY_PHASE = "project_phase"
"""The dimension by which a snapshot also keeps counts where a programme has several phases."""
PER_UNIT = frozenset({"COST_PER_UNIT", "VALUE_PER_DAY"})
"""Methods that give an amount for each of something, no share."""
WHOLE_ONLY = PER_UNIT | {"SURVIVAL", "MEDIAN", "OSS", "WRITE_OFF"}
"""Methods of which a part has no value of its own."""


@cache
def catalogue() -> Mapping[str, Indicator]:
    """Every shipped indicator by code: the field's, and those of parts that it has none for."""
    found: dict[str, Indicator] = {}
    for name in ("indicators.csv", "indicators_own.csv"):
        text = (files("handup.results") / "data" / name).read_text(encoding="utf-8")
        found |= read_catalogue(text.splitlines(keepends=True))
    return found


@dataclass(frozen=True, slots=True)
class Definition:
    """How one figure is computed and shown."""

    declared: Declared

    @property
    def code(self) -> str:
        """Its code in the catalogue."""
        return self.declared.code

    @property
    def indicator(self) -> Indicator:
        """Its words in the catalogue. Raises UnknownIndicator."""
        found = catalogue().get(self.code)
        if found is None:
            raise UnknownIndicator(indicator=self.code)
        return found

    @property
    def is_money(self) -> bool:
        """Whether both its counts are amounts of money."""
        return bool(self.declared.money)

    @property
    def is_unit_cost(self) -> bool:
        """Whether it is an amount for each of what came of it, or of what was put in."""
        return self.declared.method in PER_UNIT

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The ways a page splits it."""
        return tuple(name for name in SHOWN if name in self.declared.dimensions)

    def split_in(self, facts: Source) -> tuple[str, ...]:
        """The ways it is split over a programme's records."""
        by_kind = BY_SETTLEMENT in self.declared.dimensions and bool(facts.settlements)
        return (*self.dimensions, *((BY_SETTLEMENT,) if by_kind else ()))

    @property
    def decimals(self) -> int:
        """How many decimals its value is shown with."""
        return self.declared.decimals

    @property
    def scale(self) -> int:
        """How many of what is counted are one of what is shown: days of work in a full job."""
        return FULL_YEAR if self.indicator.unit == "fte" else 1

    def for_each(self, numerator: int, denominator: int) -> int | None:
        """A unit cost in smallest units, half up; None where nothing came of it."""
        return (2 * numerator + denominator) // (2 * denominator) if denominator > 0 else None

    @property
    def alternatives(self) -> tuple[tuple[str, int], ...]:
        """The other values the catalogue names of its parameters: PAR over 60 and 90 days beside
        that over 30.
        """
        name, _equals, told = self.indicator.parameters.partition("=")
        if name not in self.declared.params:
            return ()
        values = [int(one) for one in told.split(",") if one.strip().isdecimal()]
        return tuple((name, one) for one in values if one != self.declared.params[name])

    @property
    def method(self) -> str:
        """The rule of another domain that it is, by its name there; else nothing."""
        return self.declared.method

    def told_apart(self, facts: Facts, one: int, other: int) -> set[str]:
        """Whose closings lie between how many enterprises lived one and the other time; nobody for
        what is no such share.
        """
        if self.method != "SURVIVAL":
            return set()
        asked, kind = Asked(facts.cut_off), self.indicator.period_kind
        first, last = sorted((one, other))
        return closed_between(self.declared, facts, kind, asked, first, last)

    def by_phase(self, facts: Facts) -> Figure | None:
        """It with one breakdown, by the phase its records name: a count, a share, or an amount in
        one currency. None of an estimate, where no record names a phase, where one unit stands in
        several, and where a phase would count more than it is counted of.
        """
        if self.method in WHOLE_ONLY or self.indicator.is_sample or len(facts.phases) < 2:
            return None
        asked = Asked(facts.cut_off)
        try:
            figure = compute(self.declared, catalogue(), facts, asked, (BY_PHASE,))
        except LinesDiffer:
            return None
        [found] = figure.breakdowns or (None,)
        if found is None or {one.code for one in found.lines} <= {NOT_RECORDED}:
            return None
        over = any(
            one.denominator is not None and one.numerator > one.denominator for one in found.lines
        )
        return None if figure.has_gap or (over and not self.declared.over_one) else figure

    def compute(self, facts: Facts, asked: Asked | None = None) -> Figure:
        """Count it over a programme's records: from the beginning up to the day of the facts, or
        as asked.
        """
        asked = asked or Asked(facts.cut_off)
        figure = compute(self.declared, catalogue(), facts, asked, self.split_in(facts))
        if self.is_money and not figure.currency and figure.value_kind is ValueKind.RATIO:
            return replace(figure, currency=facts.programme.currency)
        return figure


DEFINITIONS: Mapping[str, Definition] = {code: Definition(item) for code, item in DECLARED.items()}


def definition(code: str) -> Definition:
    """Return one definition. Raises UnknownIndicator."""
    found = DEFINITIONS.get(code)
    if found is None:
        raise UnknownIndicator(indicator=code)
    return found
