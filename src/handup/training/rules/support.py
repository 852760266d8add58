"""What a session pays for: the way, the care of children, a meal, a stipend (training.md T7).

Support is due for effective attendance of a session that took place, once for each kind. What is
counted by the day is due once for all sessions of that day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from handup.training.rules.attendance import Mark, Record, effective


class SupportKind(StrEnum):
    """What the money is for."""

    TRANSPORT = "TRANSPORT"
    CHILDCARE = "CHILDCARE"
    MEAL = "MEAL"
    STIPEND = "STIPEND"


class SupportUnit(StrEnum):
    """What the amount of a rule is multiplied by."""

    SESSION = "SESSION"
    DAY = "DAY"
    CHILD = "CHILD"
    KM = "KM"


class SupportState(StrEnum):
    """From drawn up to paid; who is refused may still be approved."""

    DUE = "DUE"
    APPROVED = "APPROVED"
    PAID = "PAID"
    REFUSED = "REFUSED"


class SupportMethod(StrEnum):
    """How it was handed over."""

    CASH = "CASH"
    BANK = "BANK"


class SupportRefusal(StrEnum):
    """Why support is not paid."""

    NOT_ENTITLED = "NOT_ENTITLED"
    GIVEN_OTHERWISE = "GIVEN_OTHERWISE"
    WRONG_QUANTITY = "WRONG_QUANTITY"
    NO_MONEY = "NO_MONEY"


class SupportBack(StrEnum):
    """Why a payment was taken back."""

    NOT_THERE = "NOT_THERE"
    WRONG_PERSON = "WRONG_PERSON"
    WRONG_AMOUNT = "WRONG_AMOUNT"
    NOT_HANDED_OVER = "NOT_HANDED_OVER"


COUNTED = frozenset({SupportUnit.CHILD, SupportUnit.KM})
"""Units whose number differs from person to person; of the others it is one."""


@dataclass(frozen=True, slots=True)
class Given:
    """A payment that stands already: for which kind, session and day."""

    kind: SupportKind
    session: UUID
    day: date


def came(records: Iterable[Record]) -> bool:
    """Tell whether the record that counts says that the person was there for some minutes."""
    record = effective(records)
    return record is not None and record.mark is Mark.PRESENT and record.minutes > 0


def given_already(
    kind: SupportKind, unit: SupportUnit, session: UUID, day: date, given: Iterable[Given]
) -> bool:
    """Tell whether this kind stands already for the session, or for its day where days count."""
    return any(
        one.kind == kind
        and (one.session == session or (unit is SupportUnit.DAY and one.day == day))
        for one in given
    )


def support_units(amount_units: int, quantity: int) -> int:
    """Return what is due: the amount of the rule times the number, in smallest units."""
    return amount_units * quantity
