"""Who may be asked about an entrepreneur, and what they may say (plans.md 4.8)."""

from enum import StrEnum


class Source(StrEnum):
    """Who was asked."""

    CO_MAKER = "CO_MAKER"
    NEIGHBOUR = "NEIGHBOUR"
    OTHER_LENDER = "OTHER_LENDER"
    TRADE = "TRADE"


class Opinion(StrEnum):
    """What was said."""

    GOOD = "GOOD"
    MIXED = "MIXED"
    BAD = "BAD"
