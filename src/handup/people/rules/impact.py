"""When processing is likely to harm persons, what may happen to them is assessed before it begins
and looked at again (rulings 32; GDPR Articles 35 and 36; the grades are those of the WP 248
criteria, likelihood by severity). Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

REVIEW_DAYS = 365
"""Days until a decided assessment is looked at again; a setting (unverified: keep configurable)."""
GRADES = (1, 2, 3)
"""How likely and how severe: hardly, possible, probable; slight, serious, grave."""
HIGH_FROM, MEDIUM_FROM = 6, 3


class ImpactState(StrEnum):
    """Where an assessment stands."""

    DRAFT = "DRAFT"
    DECIDED = "DECIDED"
    REPLACED = "REPLACED"


class ImpactDecision(StrEnum):
    """What is decided."""

    GO = "GO"
    WITH_MEASURES = "WITH_MEASURES"
    STOP = "STOP"


class Level(StrEnum):
    """How much a risk weighs."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Lacking(StrEnum):
    """What keeps an assessment from being decided."""

    NO_RISK = "NO_RISK"
    NOBODY_ASKED = "NOBODY_ASKED"
    NO_ADVICE = "NO_ADVICE"
    TOO_HIGH = "TOO_HIGH"
    OPEN_MEASURES = "OPEN_MEASURES"
    UNDATED_MEASURES = "UNDATED_MEASURES"


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk to persons: how likely and severe, without and with its measure (grades 1 to 3);
    whether the measure is in place, and whether somebody does it by a day.
    """

    likelihood: int
    severity: int
    left_likelihood: int
    left_severity: int
    measure: str = ""
    done: bool = False
    promised: bool = False

    @property
    def level(self) -> Level:
        """What it weighs without a measure."""
        return level(self.likelihood, self.severity)

    @property
    def left(self) -> Level:
        """What is left of it with the measure."""
        return level(self.left_likelihood, self.left_severity)

    @property
    def lowered(self) -> bool:
        """Whether a measure is said to lower it."""
        grades = (self.left_likelihood, self.left_severity)
        return grades != (self.likelihood, self.severity)

    @property
    def grew(self) -> bool:
        """Whether more is said to be left than there was."""
        return self.left_likelihood > self.likelihood or self.left_severity > self.severity


def level(likelihood: int, severity: int) -> Level:
    """The weight of a risk, of grades 1 to 3."""
    product = likelihood * severity
    if product >= HIGH_FROM:
        return Level.HIGH
    return Level.MEDIUM if product >= MEDIUM_FROM else Level.LOW


def highest(levels: Sequence[Level]) -> Level | None:
    """The heaviest of some; None of none."""
    order = list(Level)
    return max(levels, key=order.index) if levels else None


def lacking(
    decision: ImpactDecision,
    risks: Sequence[Risk],
    *,
    asked: str,
    advice: str,
    consulted: str,
) -> Lacking | None:
    """What keeps this decision from being taken. Where a high risk is left, nothing begins before
    the authority was asked (GDPR Article 36). To stop needs the risks and the advice only.
    """
    if not risks:
        return Lacking.NO_RISK
    if not advice.strip():
        return Lacking.NO_ADVICE
    if decision is ImpactDecision.STOP:
        return None
    if not asked.strip():
        return Lacking.NOBODY_ASKED
    if any(risk.left is Level.HIGH for risk in risks) and not consulted.strip():
        return Lacking.TOO_HIGH
    still_open = [risk for risk in risks if risk.measure and not risk.done]
    if decision is ImpactDecision.GO and still_open:
        return Lacking.OPEN_MEASURES
    if any(not risk.promised for risk in still_open):
        return Lacking.UNDATED_MEASURES
    return None


def review_by(decided: date, days: int) -> date:
    """The last day by which it is looked at again."""
    return decided + timedelta(days=days)
