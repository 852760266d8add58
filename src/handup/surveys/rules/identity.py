"""What a submission that arrives is: new, the same again, or another with the same id (4.5)."""

from enum import StrEnum


class Arrival(StrEnum):
    """How an arriving submission relates to what is stored."""

    NEW = "NEW"
    SAME = "SAME"
    CONFLICT = "CONFLICT"


def arrival(stored_sha256: str | None, sha256: str) -> Arrival:
    """Same id and same bytes change nothing; same id with other bytes is kept as a conflict."""
    if stored_sha256 is None:
        return Arrival.NEW
    return Arrival.SAME if stored_sha256 == sha256 else Arrival.CONFLICT
