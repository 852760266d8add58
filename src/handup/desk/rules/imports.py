"""The words of the import centre."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch of imported records stands."""

    FAULTY = "FAULTY"
    CHECKED = "CHECKED"
    IMPORTED = "IMPORTED"


class Verdict(StrEnum):
    """What happens to one row."""

    NEW = "NEW"
    UNCHANGED = "UNCHANGED"
    DIFFERENT = "DIFFERENT"
    REFUSED = "REFUSED"
