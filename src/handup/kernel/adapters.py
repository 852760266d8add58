"""From the shared calculation vectors to the kernel's own rules and back. Computes nothing."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from handup.kernel.money import split


def kernel_split(given: Mapping[str, Any]) -> object:
    """`kernel.split`."""
    weights = [Fraction(weight) for weight in given["weights"]]
    result = split(given["total"], weights, given["unit"])
    return {"parts": list(result.parts), "leftover": result.leftover}


ADAPTERS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {"kernel.split": kernel_split}
