"""What an appraisal freezes, as JSON holds it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from handup.lending.rules.eligibility import Missing


def stop_data(missing: Missing) -> dict[str, Any]:
    """One hard stop with the figures that belong to it."""
    return {
        "stop": missing.stop.value,
        "needed": missing.needed,
        "found": missing.found,
        "waivable": missing.waivable,
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it: fractions as text, tuples and sets as lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Fraction) else value
