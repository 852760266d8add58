"""What became of a promise to pay: worked out from payments, never typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Channel(StrEnum):
    """How somebody was reached."""

    CALL = "CALL"
    VISIT = "VISIT"
    OFFICE = "OFFICE"
    MEETING = "MEETING"
    LETTER = "LETTER"


class SpokeWith(StrEnum):
    """Who was spoken with."""

    BORROWER = "BORROWER"
    HOUSEHOLD = "HOUSEHOLD"
    GUARANTOR = "GUARANTOR"
    GROUP = "GROUP"
    NOBODY = "NOBODY"


class NextStep(StrEnum):
    """What is done next."""

    CALL = "CALL"
    VISIT = "VISIT"
    LETTER = "LETTER"
    OTHERS = "OTHERS"
    RESCHEDULE = "RESCHEDULE"
    WRITE_OFF = "WRITE_OFF"
    NONE = "NONE"


class PromiseState(StrEnum):
    """Where a promise stands on a day."""

    OPEN = "OPEN"
    KEPT = "KEPT"
    BROKEN = "BROKEN"
    REPLACED = "REPLACED"


@dataclass(frozen=True, slots=True)
class Promised:
    """So much by a day, said on a day."""

    units: int
    made_date: date
    due_date: date


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a promise stands and what was paid towards it."""

    state: PromiseState
    paid_units: int


def outcome_of(
    promise: Promised,
    payments: Iterable[tuple[date, int]],
    later_made: Iterable[date],
    on: date,
) -> Outcome:
    """Kept once the payments from the day it was made to the promised day reach it; broken the day
    after; replaced by a new one made before its day, as long as it was not kept by then.

    payments: day and units of money that came in and was not taken back. later_made: the days on
    which later promises of the same loan were made.
    """
    end = min(promise.due_date, on)
    replaced = min(
        (day for day in later_made if day <= promise.due_date and day <= on), default=None
    )
    last = end if replaced is None else min(end, replaced)
    paid = sum(units for day, units in payments if promise.made_date <= day <= last)
    if paid >= promise.units:
        return Outcome(PromiseState.KEPT, paid)
    if replaced is not None:
        return Outcome(PromiseState.REPLACED, paid)
    late = on > promise.due_date
    return Outcome(PromiseState.BROKEN if late else PromiseState.OPEN, paid)
