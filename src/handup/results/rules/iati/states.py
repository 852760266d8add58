"""The states of an exchange file (results.md 5) and of an activity that came."""

from enum import StrEnum


class ExchangeKind(StrEnum):
    """What a file is written in."""

    IATI = "IATI"
    ADX = "ADX"
    CSV = "CSV"
    TABLE = "TABL"


class ExchangeState(StrEnum):
    """Built by one person, checked, published by another, replaced by the next that is
    published.
    """

    BUILT = "BUILT"
    CHECKED = "CHECKED"
    PUBLISHED = "PUBLISHED"
    REPLACED = "REPLACED"


class ActivityState(StrEnum):
    """An activity that came was taken over, or is held for its faults."""

    TAKEN = "TAKEN"
    HELD = "HELD"
