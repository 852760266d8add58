"""What a person may type into an entry: a day that has come, a currency there is."""

from datetime import date

from babel.numbers import list_currencies
from django.utils import timezone

from handup.ledger.errors import CurrencyUnknown, DayToCome

CURRENCIES = frozenset(list_currencies())


def check_come(on: date) -> None:
    """Refuse a day that is still to come: entries by hand tell of what has happened."""
    if on > timezone.localdate():
        raise DayToCome(field="happened_date", date=on)


def check_currency(code: str, *, field: str) -> None:
    """Refuse a code that is no currency's, beside the field it was typed in."""
    if code not in CURRENCIES:
        raise CurrencyUnknown(field=field, currency=code)
