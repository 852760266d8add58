"""Money, numbers and dates as the reader's language writes them.

Amounts are whole smallest units with an ISO 4217 currency; they are shown with the currency's code,
never with a symbol that two countries share. CLDR (through Babel) knows how each language groups
digits and orders a date.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.dates import format_time as babel_time
from babel.numbers import format_decimal as babel_decimal
from babel.numbers import format_percent as babel_percent
from babel.numbers import get_currency_precision, list_currencies
from django.utils import timezone
from django.utils.translation import get_language

CURRENCIES = frozenset(list_currencies())
"""The codes there are, also of currencies out of use."""
NO_BREAK = "\u00a0"
# Currencies whose small coins are out of use: a zero fraction is not shown (CLDR cash digits 0).
WHOLE_IN_PRACTICE = frozenset({"AMD", "MNT", "RWF", "UGX", "BIF", "XAF", "XOF", "JPY", "KRW"})


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def current_locale() -> Locale:
    """The CLDR locale of the active interface language; English where CLDR does not know it."""
    return _locale(get_language() or "en")


@lru_cache(maxsize=256)
def currency_digits(currency: str) -> int:
    """How many decimal digits the smallest unit of `currency` stands for (ISO 4217)."""
    return get_currency_precision(currency)


def as_decimal(units: int, currency: str) -> Decimal:
    """The amount in main units, exact."""
    return Decimal(units).scaleb(-currency_digits(currency))


def format_amount(units: int, currency: str) -> str:
    """The amount in main units with the language's separators, without the currency."""
    digits = currency_digits(currency)
    whole = currency in WHOLE_IN_PRACTICE and units % 10**digits == 0
    pattern = "#,##0" if whole or digits == 0 else "#,##0." + "0" * digits
    return babel_decimal(as_decimal(units, currency), format=pattern, locale=current_locale())


def format_money(units: int, currency: str) -> str:
    """The amount with its currency code where the language writes it, kept on one line."""
    return with_currency(format_amount(units, currency), currency)


def with_currency(amount: str, currency: str) -> str:
    """A written amount with the currency code where the language writes it, kept on one line."""
    standard = current_locale().currency_formats["standard"].pattern
    if standard.startswith("\u00a4"):
        return f"{currency}{NO_BREAK}{amount}"
    return f"{amount}{NO_BREAK}{currency}"


def format_number(value: int | float | Decimal) -> str:
    """A plain number with the language's separators, at most three decimals."""
    return babel_decimal(value, locale=current_locale())


def format_share(numerator: int, denominator: int, decimals: int = 1) -> str:
    """A share in per cent, or a dash when there is nothing to divide by."""
    if not denominator:
        return "\u2013"
    return _percent(Decimal(numerator) / Decimal(denominator), decimals)


def format_percent(percent: Decimal | str | None) -> str:
    """A percentage worked out before ("63.9"), with its own decimals, as the language writes it; a
    dash for none.
    """
    try:
        value = Decimal("" if percent is None else percent)
    except InvalidOperation:
        return "\u2013"
    exponent = value.as_tuple().exponent
    return _percent(value / 100, max(0, -exponent) if isinstance(exponent, int) else 0)


def _percent(share: Decimal, decimals: int) -> str:
    standard = current_locale().percent_formats[None].pattern
    pattern = standard.replace("##0", "##0." + "0" * decimals) if decimals else standard
    return babel_percent(share, format=pattern, locale=current_locale())


def format_day(day: date) -> str:
    """A day as the language writes it, month in letters."""
    return babel_date(day, format="medium", locale=current_locale())


def format_month(day: date) -> str:
    """The month of a day as the language writes it, in letters."""
    return format_skeleton("yMMM", day, locale=current_locale())


def format_quarter(day: date) -> str:
    """The quarter of a day as the language writes it."""
    return format_skeleton("yQQQ", day, locale=current_locale())


def format_instant(instant: datetime) -> str:
    """A moment in the installation's time zone: day, hour and minute."""
    local = timezone.localtime(instant) if timezone.is_aware(instant) else instant
    locale = current_locale()
    hour = babel_time(local, format="short", locale=locale)
    joined = str(locale.datetime_formats["medium"])  # "{1}, {0}"
    return joined.format(hour, babel_date(local, format="medium", locale=locale))
