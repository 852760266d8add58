"""Numbers people copy by hand, with a last digit that shows a slip (ISO/IEC 7812-1 annex B, Luhn).

It finds every single wrong digit and nearly every pair of neighbours swapped.
"""

import secrets
from collections.abc import Callable


def check_digit(digits: str) -> str:
    """The digit to write behind `digits` (0-9 only; ValueError otherwise)."""
    if not digits.isascii() or not digits.isdecimal():
        raise ValueError(f"{digits!r} is not a row of digits")
    total = 0
    for place, character in enumerate(reversed(digits)):
        value = int(character)
        if place % 2 == 0:
            value = value * 2 if value < 5 else value * 2 - 9
        total += value
    return str(-total % 10)


def with_check_digit(digits: str) -> str:
    """`digits` and its check digit."""
    return digits + check_digit(digits)


def is_valid(number: str) -> bool:
    """True when the last digit fits the ones before it; spaces and hyphens do not count."""
    digits = number.replace(" ", "").replace("-", "")
    if len(digits) < 2 or not digits.isascii() or not digits.isdecimal():
        return False
    return check_digit(digits[:-1]) == digits[-1]


def random_number(length: int, below: Callable[[int], int] = secrets.randbelow) -> str:
    """A number of `length` digits, check digit included, that says nothing about its holder.

    The first digit is never 0, so that a spreadsheet does not drop it. `below(n)` draws 0..n−1.
    """
    if length < 3:
        raise ValueError("a number needs at least three digits")
    first = 1 + below(9)
    rest = below(10 ** (length - 2))
    return with_check_digit(f"{first}{rest:0{length - 2}}")


def serial_check_digit(year: int, number: int) -> str:
    """The check digit of a certificate serial over its year and its six digits."""
    return check_digit(f"{year:04}{number:06}")
