"""What a person may type: a day that has come, the end of what is over, a currency there is."""

from datetime import date

from django.utils import timezone

from handup.ledger.errors import AheadOfToday, CurrencyUnknown, DayToCome, NotOverYet
from handup.org.web.money import CURRENCIES


def check_come(on: date) -> None:
    """Refuse a day that is still to come: entries by hand tell of what has happened."""
    if on > timezone.localdate():
        raise DayToCome(field="happened_date", date=on)


def check_been(on: date) -> None:
    """Refuse to run the books, or to set them against a bank, for a day that is still to come."""
    if on > timezone.localdate():
        raise AheadOfToday(field="through", date=on)


def check_over(last: date, *, field: str | None = None) -> None:
    """Refuse to close what still goes on: its last day has to be past."""
    if last >= timezone.localdate():
        raise NotOverYet(field=field, date=last)


def check_currency(code: str, *, field: str) -> None:
    """Refuse a code that is no currency's, beside the field it was typed in."""
    if code not in CURRENCIES:
        raise CurrencyUnknown(field=field, currency=code)
