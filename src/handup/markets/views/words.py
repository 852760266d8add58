"""Exact amounts and shares in the reader's language: money with two decimals, percent with one,
half up (projects_and_markets.md 4.5).
"""

from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal

from handup.kernel.money import decimal_text
from handup.org.web.money import currency_digits, current_locale, format_percent, with_currency

DASH = "\u2013"


def exact_money(units: Fraction | int | None, currency: str) -> str:
    """An exact amount in smallest units as main units with two decimals and the currency."""
    return DASH if units is None else with_currency(_amount(units, currency), currency)


def changed_money(units: Fraction | int | None, currency: str) -> str:
    """A change of money, with its sign before the figure."""
    if units is None:
        return DASH
    return with_currency(signed(_amount(units, currency), units), currency)


def _amount(units: Fraction | int, currency: str) -> str:
    amount = Decimal(decimal_text(Fraction(units) / 10 ** currency_digits(currency), 2))
    return format_decimal(amount, "#,##0.00", current_locale())


def exact_percent(percent: Fraction | None) -> str:
    """An exact percentage with one decimal; a dash for none."""
    return DASH if percent is None else format_percent(decimal_text(percent, 1))


def signed(text: str, value: Fraction | int | None) -> str:
    """A change with its sign before it, so that a rise is seen without colour."""
    return f"+{text}" if value is not None and value > 0 else text
