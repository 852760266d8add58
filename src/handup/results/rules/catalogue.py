"""The indicator catalogue: one definition for each figure, read from the shipped table."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handup.kernel.errors import Refusal
from handup.results.rules.engine import PeriodKind, ValueKind


class UnknownIndicator(Refusal):
    """There is no indicator {indicator}."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One definition: what is counted over what, when, and how it may be added and broken down."""

    code: str
    name: str
    level: str
    unit: str
    is_up_better: bool
    value_kind: ValueKind
    period_kind: PeriodKind
    additive_over_periods: bool
    additive_over_areas: bool
    parameters: str
    numerator: str
    denominator: str
    counting_rule: str
    dimensions: tuple[str, ...]
    frequency: str
    data_source: str
    domain: str
    programmes: tuple[str, ...]
    standards: str

    @property
    def is_sample(self) -> bool:
        """Answers of a survey round carry an interval."""
        return self.period_kind is PeriodKind.ROUND


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def read_catalogue(lines: Iterable[str]) -> Mapping[str, Indicator]:
    """Read the table's lines (CSV with a header); keys are the indicator codes, order kept.

    Raises ValueError on a code that stands twice: two definitions of one figure never live
    together.
    """
    found: dict[str, Indicator] = {}
    for row in csv.DictReader(lines):
        if row["code"] in found:
            raise ValueError(f"indicator {row['code']} is defined twice")
        found[row["code"]] = Indicator(
            code=row["code"],
            name=row["name"],
            level=row["level"],
            unit=row["unit"],
            is_up_better=row["direction"] == "UP",
            value_kind=ValueKind(row["value_kind"]),
            period_kind=PeriodKind(row["period_kind"]),
            additive_over_periods=row["additive_over_periods"] == "yes",
            additive_over_areas=row["additive_over_areas"] == "yes",
            parameters=row["parameters"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            counting_rule=row["counting_rule"],
            dimensions=_parts(row["disaggregation"]),
            frequency=row["frequency"],
            data_source=row["data_source"],
            domain=row["domain"],
            programmes=_parts(row["programmes"]),
            standards=row["standards_verified"],
        )
    return found
