"""One definition for each figure: which rows are counted over which rows (results.md 4.1).

The words of a definition stand in `data/indicators.csv`; here stands how its two counts are read.
PAR, repayment and collection are rules of lending and are called, never written again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from handup.lending.rules.ratios import Ratio
from handup.results.facts import Facts
from handup.results.rules.catalogue import Indicator, UnknownIndicator, read_catalogue
from handup.results.rules.engine import FactRow, Figure, ValueKind, measure

PERSON = ("sex", "target_category", "age_band", "area1")
Rows = Callable[[Facts], Sequence[FactRow]]
RatioOf = Callable[[Facts], Ratio]


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
    """How one figure is computed; `ratio` is a rule of another domain with its own two counts."""

    code: str
    rows: Rows | None = None
    base: Rows | None = None
    ratio: RatioOf | None = None
    is_money: bool = False
    dimensions: tuple[str, ...] = PERSON
    decimals: int = 1
    method: str = ""

    @property
    def indicator(self) -> Indicator:
        """Its words in the catalogue. Raises UnknownIndicator."""
        found = catalogue().get(self.code.split(":")[0])
        if found is None:
            raise UnknownIndicator(indicator=self.code)
        return found

    def compute(self, facts: Facts) -> Figure:
        """Count it over a programme's records."""
        if self.ratio is not None:
            return self._of_ratio(facts, self.ratio(facts))
        assert self.rows is not None
        rows = self.rows(facts)
        base = self.base(facts) if self.base else None
        kind = ValueKind.RATIO if base is not None else self.indicator.value_kind
        return measure(kind, rows, base, self.dimensions, sample=self.indicator.is_sample)

    def _of_ratio(self, facts: Facts, ratio: Ratio) -> Figure:
        rows, base = facts.ratio_rows(ratio, money=self.is_money)
        counted = measure(ValueKind.RATIO, rows, base, () if self.is_money else self.dimensions)
        return replace(
            counted,
            numerator=ratio.numerator,
            denominator=ratio.denominator,
            currency=facts.programme.currency if self.is_money else "",
        )


def _better(key: str, good: frozenset[str]) -> tuple[Rows, Rows]:
    def top(facts: Facts) -> list[FactRow]:
        return [row for row, value in facts.answers(key) if value in good]

    def everybody(facts: Facts) -> list[FactRow]:
        return [row for row, _value in facts.answers(key)]

    return top, everybody


UP = frozenset({"BETTER", "MUCH_BETTER"})
_income, _income_all = _better("income_change", UP)
_life, _life_all = _better("life_change", UP)

DEFINITIONS: dict[str, Definition] = {
    item.code: item
    for item in (
        Definition("MED-OUT-01", Facts.reached),
        Definition("MED-OUT-02", Facts.households_reached, dimensions=("area1",)),
        Definition("MED-TRN-02", Facts.trained),
        Definition("MED-FIN-01", Facts.disbursed),
        Definition("MED-FIN-01v", Facts.disbursed, is_money=True),
        Definition("MED-FIN-02", Facts.families_with_loans, dimensions=()),
        Definition("MED-FIN-03v", Facts.outstanding, is_money=True),
        Definition("MED-FIN-05a", ratio=Facts.repaid_number, method="REPAID_NUMBER"),
        Definition(
            "MED-FIN-05b", ratio=Facts.repaid_principal, is_money=True, method="REPAID_PRINCIPAL"
        ),
        Definition("MED-FIN-05c", ratio=Facts.on_time, is_money=True, method="ON_TIME"),
        Definition(
            "MED-FIN-04",
            ratio=lambda facts: facts.portfolio_at_risk(30),
            is_money=True,
            decimals=2,
            method="PAR30",
        ),
        Definition("MED-UPG-01", Facts.on_pathways),
        Definition("MED-UPG-02", Facts.graduated, Facts.on_pathways),
        Definition("MED-IMP-01", _income, _income_all),
        Definition("MED-IMP-02", _life, _life_all),
        Definition(
            "MED-GRP-01", Facts.supported_groups, dimensions=("group_type", "area1", "area2")
        ),
        Definition("MED-GRP-02", Facts.members),
        Definition("MED-GRP-06", Facts.areas_with_cooperatives, dimensions=("area1",)),
        Definition(
            "MED-ENT-02s", Facts.supported_enterprises, dimensions=("area1", "enterprise_sector")
        ),
        Definition("MED-ENT-02", Facts.strengthened_enterprises, dimensions=("area1",)),
        Definition("MED-TRN-01", lambda facts: facts.funnel(2)),
        Definition("MED-TRN-04", lambda facts: facts.funnel(4), lambda facts: facts.funnel(3)),
    )
}


def definition(code: str) -> Definition:
    """Return one definition. Raises UnknownIndicator."""
    found = DEFINITIONS.get(code)
    if found is None:
        raise UnknownIndicator(indicator=code)
    return found
