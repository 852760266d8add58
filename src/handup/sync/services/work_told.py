"""One fact of an officer's own phone as it was told, and what all its handlers share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from handup.org.models import StaffUser
from handup.sync.models import WorkFact, WorkState


@dataclass(frozen=True, slots=True)
class WorkTold:
    """One fact as a phone tells it."""

    id: UUID
    name: str
    happened_date: date
    recorded_at: datetime
    body: Mapping[str, Any]
    clock_off: bool = False
    """Whether the clock of the phone stood more than a day off when it was sent."""
    is_looked_at: bool = False
    """Whether another person than who recorded it saw it and takes it."""


Handler = Callable[[WorkTold, StaffUser, WorkFact], WorkState]


def is_word(value: object, *, most: int, least: int = 1) -> bool:
    """Whether a value is a text of so many signs that every database keeps."""
    return isinstance(value, str) and least <= len(value) <= most and "\x00" not in value
