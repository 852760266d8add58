"""Which days an act of a loan may bear: none to come; an earlier one only for some days, then a
second person confirms it (`back_dating`). What brings dated evidence of its own keeps its day.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from handup.lending.errors import BackDated, FutureDate
from handup.lending.models import Loan
from handup.lending.rules.codes import Source
from handup.org.models import Setting, StaffUser
from handup.org.permissions import may
from handup.org.prepared import prepared

DAYS_KEY = "lending.back_date_days"
DAYS = 7
PROPOSE, CONFIRM = "lending.back_date", "lending.confirm_back_date"
EVIDENCED = frozenset(
    {Source.BANK_FILE, Source.IMPORT, Source.DEMONSTRATION, Source.BACK_DATED},
)
"""Doors that bring dated evidence of their own, or a second person's word on the day."""


def back_date_days() -> int:
    """For how many days back one person may record an act by herself."""
    value: Any = next((row[0] for row in _setting(DAYS_KEY)), None)
    return value if isinstance(value, int) and value >= 0 else DAYS


@prepared
def _setting(key: str) -> QuerySet[Any, Any]:
    """One setting, asked by each of the steps from an application to a loan."""
    return Setting.objects.filter(key=key).values_list("value")


def earliest_day(today: date, days: Iterable[date]) -> date:
    """The earliest day that needs no second person; asked of the store only when one of the days
    lies before today.
    """
    if all(day >= today for day in days):
        return today
    return max(today - timedelta(days=min(back_date_days(), 36_525)), date(1900, 1, 1))


def check_date(
    value_date: date, today: date, *, evidenced: bool = False, field: str = "value_date"
) -> None:
    """Refuse a day to come, and one so long ago that another person has to confirm it.

    Raises FutureDate, BackDated.
    """
    days = () if evidenced else (value_date,)
    check_day(value_date, today, earliest_day(today, days), evidenced=evidenced, field=field)


def check_day(
    value_date: date,
    today: date,
    earliest: date,
    *,
    evidenced: bool = False,
    field: str = "value_date",
) -> None:
    """The same of one day of many, which share the earliest. Raises FutureDate, BackDated."""
    if value_date > today:
        raise FutureDate(field=field, date=value_date)
    if not evidenced and value_date < earliest:
        raise BackDated(field=field, date=value_date, days=(today - earliest).days)


def check_agreed_day(
    value_date: date, proposed_date: date, staff: StaffUser, today: date, loan: Loan
) -> None:
    """The same of what one person proposed and another approves: an early day is the one that was
    proposed or later, approved by who may confirm it. Raises FutureDate, BackDated.
    """
    agreed = value_date >= proposed_date and may(staff, CONFIRM, loan)
    check_date(value_date, today, evidenced=agreed)


def source_of(value_date: date, today: date) -> Source:
    """What an act that two persons agreed on came by: its day alone, or their word on it too."""
    return Source.BACK_DATED if value_date < earliest_day(today, (value_date,)) else Source.WEB
