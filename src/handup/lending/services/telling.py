"""What is said of something that happened on an earlier day: all of it and no more, tried at once,
kept as JSON until another person confirms it. Shared by what happens to a loan (`back_dating`) and
by what is of no single loan (`earlier`).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.lending.errors import FutureDate
from handup.lending.services.days import earliest_day


class NotBackDated(Refusal):
    """{date} needs nobody else: leave out why only now."""


class NotToldOfIt(Refusal):
    """Leave this out: it is not said of what is recorded here."""


class ToldTooLittle(Refusal):
    """Say this too: without it nothing can be recorded."""


class _Tried(Exception):
    """Takes back what was only tried."""


def hold_to_earlier(value_date: date) -> None:
    """Refuse a day to come, and one that needs nobody else. Raises FutureDate, NotBackDated."""
    today = timezone.localdate()
    if value_date > today:
        raise FutureDate(field="value_date", date=value_date)
    if value_date >= earliest_day(today, (value_date,)):
        raise NotBackDated(field="late_reason", date=value_date)


def check_told(told: Mapping[str, Any], may: Collection[str], needs: Collection[str]) -> None:
    """Refuse what is not told, and ask for what has to be. Raises NotToldOfIt, ToldTooLittle."""
    for name in sorted(set(told) - set(may)):
        raise NotToldOfIt(field=name)
    for name in sorted(needs):
        if told.get(name) in (None, ""):
            raise ToldTooLittle(field=name)


def try_once(act: Callable[[], object]) -> None:
    """Do it and take it back: what cannot be is refused to who knows it. Raises what it raises."""
    try:
        with transaction.atomic():
            act()
            raise _Tried
    except _Tried:
        return


def written(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told as JSON values; what was left open is left out."""
    found: dict[str, Any] = {}
    for name, value in told.items():
        if isinstance(value, date):
            found[name] = value.isoformat()
        elif isinstance(value, Model):
            found[name] = str(value.pk)
        elif value not in (None, ""):
            found[name] = value.value if isinstance(value, Enum) else value
    return found
