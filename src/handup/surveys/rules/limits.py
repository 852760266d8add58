"""The thresholds a round may set otherwise than usual, each with the numbers it may have.

Those marked as unverified in the specification (surveys.md 4.7) are here; the rest is fixed.
"""

from collections.abc import Mapping
from typing import Any

from handup.surveys.rules.quality import USUAL, Limits

# name: the least and the most it may be.
MAY_BE: Mapping[str, tuple[float, float]] = {
    "least_minutes": (0, 240),
    "least_share_of_median": (0, 1),
    "outlier_z": (1, 20),
    "jump_factor": (1.5, 1000),
    "same_place": (1, 100),
    "same_phone": (1, 100),
    "travel_kmh": (5, 300),
    "dont_know_percent": (0, 100),
    "heaping_percent": (0, 100),
    "icc": (0, 1),
    "agreement_percent": (0, 100),
    "back_check_percent": (0, 100),
    "back_check_least": (0, 100),
    "trim": (2, 50),
}
# Those that count things.
WHOLE = frozenset({"same_place", "same_phone", "back_check_percent", "back_check_least", "trim"})


class NotALimit(ValueError):
    """A name that is no threshold, or a number it may not be."""

    def __init__(self, name: str, low: float = 0, high: float = 0) -> None:
        """Keep which, and between what it lies."""
        self.name, self.low, self.high = name, low, high
        super().__init__(name)


def usual() -> dict[str, float]:
    """The usual thresholds that may be set otherwise."""
    return {name: getattr(USUAL, name) for name in MAY_BE}


def checked(given: Mapping[str, Any]) -> dict[str, float]:
    """The thresholds that differ from the usual ones. Raises NotALimit."""
    found: dict[str, float] = {}
    for name, value in given.items():
        if name not in MAY_BE:
            raise NotALimit(name)
        low, high = MAY_BE[name]
        wrong = isinstance(value, bool) or not isinstance(value, int | float)
        if wrong or not low <= value <= high or (name in WHOLE and value != int(value)):
            raise NotALimit(name, low, high)
        kept = int(value) if name in WHOLE else float(value)
        if kept != getattr(USUAL, name):
            found[name] = kept
    return found


def limits_of(stored: Mapping[str, Any]) -> Limits:
    """The thresholds of a round from what is stored; what is not set is as usual."""
    known = {name: value for name, value in stored.items() if name in MAY_BE}
    return Limits(**known)
