"""What an analysis showed: as it is kept, in plain numbers by name, and as people read it."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from handup.org.web.money import format_number, format_percent
from handup.results.rules.impact.common import Range
from handup.results.rules.states import OutcomeKind
from handup.results.rules.study import Flow, Method, Plan, Study, Told

IN_UNITS = frozenset(
    {
        Method.MEAN,
        Method.MEAN_CHANGE,
        Method.RESAMPLED,
        Method.MEDIAN_CHANGE,
        Method.SHARE_CHANGE,
        Method.MORE_THAN_OTHERS,
        Method.SAME_START,
        Method.AT_THE_END,
        Method.NO_CLUSTERS,
        Method.LEE,
    }
)
"""Estimates in the unit of the outcome, which can be drawn beside each other."""


def told_of(plan: Plan, found: Study, adjusted_p: float | None) -> dict[str, Any]:
    """A study as it is kept; numbers as text of twelve digits, so that a sum over it holds."""
    return {
        "kind": plan.kind.value,
        "design": plan.design.value,
        "paired": plan.is_paired,
        "prices": [_number(price) for price in plan.prices],
        "seed": plan.seed,
        "estimates": [_estimate(one) for one in found.estimates],
        "flows": [_flow(one) for one in found.flows],
        "attrition": None if found.attrition is None else str(found.attrition),
        "balance": _number(found.balance),
        "trimmed": found.lee.trimmed if found.lee else None,
        "clusters": found.clusters,
        "caveats": [one.value for one in found.caveats],
        "zeros": found.left_out,
        "unknown": found.unknown,
        "p_adjusted": _number(adjusted_p),
    }


def _number(value: float | None) -> str | None:
    return None if value is None else format(value, ".12g")


def _estimate(one: Told) -> dict[str, Any]:
    return {
        "method": one.method.value,
        "treated": one.treated,
        "value": _number(one.value),
        "low": _number(one.range.low) if one.range else None,
        "high": _number(one.range.high) if one.range else None,
        "error": _number(one.error),
        "p": _number(one.p),
        "n": one.n,
    }


def _flow(one: Flow) -> dict[str, Any]:
    return {
        "treated": one.treated,
        "eligible": one.eligible,
        "followed": one.followed,
        "difference": _number(one.difference),
    }


def attrition_of(told: Mapping[str, Any]) -> Fraction | None:
    """The share not found again."""
    return None if told.get("attrition") is None else Fraction(told["attrition"])


def main_of(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The estimate the level speaks of; None where too few answered."""
    rows: list[Mapping[str, Any]] = told.get("estimates") or []
    return rows[0] if rows else None


def range_of(row: Mapping[str, Any]) -> Range | None:
    """The interval of an estimate."""
    return None if row["low"] is None else Range(float(row["low"]), float(row["high"]))


def is_clear(row: Mapping[str, Any]) -> bool:
    """Whether an estimate's interval leaves nothing out but nothing at all."""
    found = range_of(row)
    return found is not None and not found.holds_zero


def shown(text: str | None, row: Mapping[str, Any], kind: str, unit: str) -> str:
    """One number of an estimate with its unit, as people read it; a dash for none."""
    if text is None:
        return "\u2013"
    number = Decimal(text)
    method = row["method"]
    if method in {Method.SHARE, Method.SHARE_RISEN, Method.STILL_OPEN}:
        return format_percent(_rounded(number * 100, 1))
    if method == Method.RATIO:
        return gettext("%(times)s times") % {"times": format_number(_rounded(number, 3))}
    if method == Method.SIGNED_RANKS:
        return format_number(_rounded(number, 1))
    if kind == OutcomeKind.SHARE:
        points = format_number(_rounded(number * 100, 1))
        return gettext("%(points)s percentage points") % {"points": points}
    return f"{format_number(_rounded(number, 2))}\u00a0{unit}".strip()


def shown_value(row: Mapping[str, Any], kind: str, unit: str) -> str:
    """The estimate itself."""
    return shown(row["value"], row, kind, unit)


def shown_range(row: Mapping[str, Any], kind: str, unit: str) -> str:
    """Its interval; a dash for none."""
    if row["low"] is None:
        return "\u2013"
    return gettext("%(low)s to %(high)s") % {
        "low": shown(row["low"], row, kind, unit),
        "high": shown(row["high"], row, kind, unit),
    }


def shown_p(text: str | None) -> str:
    """How likely it is where nothing changed; three places, below them it is said so."""
    if text is None:
        return "\u2013"
    p = Decimal(text)
    return "< 0.001" if p < Decimal("0.001") else format_number(_rounded(p, 3))


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
