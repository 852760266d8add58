"""From the shared calculation vectors to the rules of figures and back. Computes nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from handup.results.rules.group_figures import GroupIndicator, measure

Case = Mapping[str, Any]


def indicator(given: Case) -> Case:
    """`results.indicator`."""
    measured = measure(GroupIndicator(given["indicator"]), given["inputs"])
    return {
        "numerator": measured.numerator,
        "denominator": measured.denominator,
        "value": measured.text,
    }


ADAPTERS: Mapping[str, Callable[[Case], Case]] = {"results.indicator": indicator}
