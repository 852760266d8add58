"""Shares as exact counts; a percentage is printed with one decimal, half up, and never compared as
printed.
"""

from handup.kernel.money import decimal_text_or_none, percent


def percent_text(part: int, whole: int) -> str | None:
    """Return 100 x part / whole with one decimal, half up; None ("not defined") when whole is 0."""
    return decimal_text_or_none(percent(part, whole), 1)
