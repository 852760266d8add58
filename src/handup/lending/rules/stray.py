"""Cash of nobody known: what may become of it, and when it may be written to income."""

from datetime import date, timedelta
from enum import StrEnum

INCOME_DAYS = 365
"""For so many days nobody may write cash of nobody known to income, unless the programme sets other
days (unverified: the law of the country says how long)."""


class StrayState(StrEnum):
    """Where cash of nobody known stands."""

    WAITING = "WAITING"  # lies on suspense and waits for a word
    PROPOSED = "PROPOSED"  # one person said whose it is, another must agree
    PLACED = "PLACED"  # paid the loans it was for
    RETURNED = "RETURNED"  # handed back
    INCOME = "INCOME"  # written to income, when nobody asked for it long enough


class StrayKind(StrEnum):
    """What a person says becomes of it."""

    LOANS = "LOANS"
    RETURN = "RETURN"
    INCOME = "INCOME"


BECOMES = {
    StrayKind.LOANS: StrayState.PLACED,
    StrayKind.RETURN: StrayState.RETURNED,
    StrayKind.INCOME: StrayState.INCOME,
}
ON_SUSPENSE = frozenset({StrayState.WAITING, StrayState.PROPOSED})


def income_from(received: date, days: int) -> date:
    """The first day on which cash taken in on `received` may be written to income."""
    return received + timedelta(days=days)
