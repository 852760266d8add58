"""Values of expressions and how one becomes another (XPath 1.0; not-a-number is written empty)."""

import math
import operator
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from handup.surveys.rules.xpath.days import days_of
from handup.surveys.rules.xpath.nodes import Node

Value = str | float | bool | list[Node]

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_SPACE = " \t\r\n"
LARGEST_EXACT = 1e15


def number_of_text(text: str) -> float:
    """Read a number or a date (as days since 1970); not-a-number for anything else."""
    given = text.strip(_SPACE)
    if not given:
        return math.nan
    if _NUMBER.fullmatch(given):
        return float(given)
    return days_of(given)


def text_of_number(number: float) -> str:
    """Write a number without exponent; not-a-number is empty text."""
    if math.isnan(number):
        return ""
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number):
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def text(value: Value) -> str:
    """Turn a value into text; of several nodes the first counts."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return value[0].string() if value else ""
    return text_of_number(value)


def number(value: Value) -> float:
    """Turn a value into a number."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    return number_of_text(text(value))


def boolean(value: Value) -> bool:
    """Turn a value into yes or no: a number unless 0 or not-a-number, a text unless empty."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def texts(value: Value) -> list[str]:
    """Each node's text, or the one text of a single value."""
    return [node.string() for node in value] if isinstance(value, list) else [text(value)]


def numbers(value: Value) -> list[float]:
    """Each node's number, or the one number of a single value."""
    if isinstance(value, list):
        return [number_of_text(node.string()) for node in value]
    return [number(value)]


def equal(left: Value, right: Value, *, wanted: bool = True) -> bool:
    """Compare with = (or != when `wanted` is False): as booleans, else as numbers, else as texts.

    Of several nodes it is enough that one fulfils it.
    """
    if isinstance(left, bool) or isinstance(right, bool):
        return (boolean(left) == boolean(right)) is wanted
    if isinstance(left, float) or isinstance(right, float):
        return any((a == b) is wanted for a in numbers(left) for b in numbers(right))
    if isinstance(left, str) and isinstance(right, str):
        return (left == right) is wanted
    return any((a == b) is wanted for a in texts(left) for b in texts(right))


ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def ordered(sign: str, left: Value, right: Value) -> bool:
    """Compare with < <= > >=, always as numbers; nothing is before or after not-a-number."""
    compare = ORDER[sign]
    if isinstance(left, float) and isinstance(right, float):
        return compare(left, right)
    return any(compare(a, b) for a in numbers(left) for b in numbers(right))


def divided(left: float, right: float) -> float:
    """Divide as floating numbers do: by zero gives infinity or not-a-number."""
    if right == 0:
        if left == 0 or math.isnan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left / right


def remainder(left: float, right: float) -> float:
    """What is left of a division, with the sign of the left side."""
    if right == 0 or math.isinf(left):
        return math.nan
    return math.fmod(left, right)


def rounded(value: float, places: float = 0.0) -> float:
    """Round half away from zero, to places after (or, negative, before) the point."""
    if math.isnan(value) or math.isinf(value) or math.isnan(places):
        return value if not math.isnan(places) else math.nan
    digits = max(-30, min(30, int(places)))
    if abs(value) >= LARGEST_EXACT and digits >= 0:
        return value
    step = Decimal(1).scaleb(-digits)
    return float((Decimal(repr(value)) / step).to_integral_value(ROUND_HALF_UP) * step)
