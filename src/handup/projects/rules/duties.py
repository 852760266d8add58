"""When what was agreed with a partner falls due: once, or every so many months to a last day."""

from datetime import date
from enum import StrEnum

from handup.kernel.dates import add_months

MOST_DAYS = 240  # twenty years of months


class MemorandumKind(StrEnum):
    """What was signed with a partner."""

    MOU = "MOU"
    CONTRACT = "CONTRACT"
    HANDOVER = "HANDOVER"


class ObligationKind(StrEnum):
    """What one side owes the other."""

    TASK = "TASK"
    PAYMENT = "PAYMENT"
    REPORT = "REPORT"


def due_dates(first: date, every_months: int, last: date | None) -> list[date]:
    """Return the first day and, every so many months after it, each day up to the last.

    The day of the month is kept where the month has it. Nothing more than the first day when it
    does not come again (every_months 0). One day more than MOST_DAYS where there are too many.
    """
    found = [first]
    while every_months and last is not None and len(found) <= MOST_DAYS:
        following = add_months(first, every_months * len(found), first.day)
        if following > last:
            break
        found.append(following)
    return found
