"""Reading a scorecard part by part: every fault is kept with its place, none is guessed away.

A number is told whole or as plain text ("-0.5055"), at most 15 digits before and 12 behind the
point; infinities, exponents and yes or no are none. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheet_faults import (
    NotAChoice,
    NotANumber,
    NotWhole,
    TooHigh,
    TooLow,
    ValueMissing,
)

BEYOND = Decimal(10**15)
_PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,12})?", re.ASCII)


class Status(StrEnum):
    """Whether a household has a score: all answered, something missing, or something unusable."""

    SCORED = "SCORED"
    INCOMPLETE = "INCOMPLETE"
    REFUSED = "REFUSED"


class CodeTwice(Refusal):
    """{column}: {value} stands twice."""


class NotAPart(Refusal):
    """{column} is not a part of such a card."""


class AlteredCardKeepsName(Refusal):
    """{code} is the name of a published card. A changed card needs a name of its own."""


def decimal_of(value: object) -> Decimal | None:
    """The number a value tells, or None if it tells none."""
    if isinstance(value, Decimal):
        return value if value.is_finite() and abs(value) < BEYOND else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    return Decimal(text) if _PLAIN.fullmatch(text) else None


def whole_of(value: object) -> int | None:
    """The whole number a value tells; a text tells none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def shown(value: object) -> str:
    """A value as a fault quotes it, not longer than a line."""
    return str(value)[:60]


class Parts:
    """A card while it is read: the faults found so far."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(
        self, refusal: Refusal, place: str, value: object = None, row: int | None = None
    ) -> None:
        """Keep one fault; its field is the last part of its place."""
        told = None if value is None else shown(value)
        field = place.rsplit(".", 1)[-1]
        self.faults.append(Fault(refusal.code, refusal.said(), place, row, field, told))

    def refuse_any(self) -> None:
        """Raise Faults when anything was found."""
        if self.faults:
            raise Faults(self.faults)

    def mapping(self, raw: object, place: str) -> Mapping[str, object]:
        """A part that holds named parts."""
        if isinstance(raw, Mapping) and raw and all(isinstance(name, str) for name in raw):
            return raw
        self.fault(ValueMissing(column=place), place)
        return {}

    def sequence(self, raw: object, place: str) -> Sequence[object]:
        """A part that holds at least one entry."""
        if isinstance(raw, list | tuple) and raw:
            return raw
        self.fault(ValueMissing(column=place), place)
        return ()

    def only(self, raw: Mapping[str, object], known: frozenset[str], place: str) -> None:
        """Refuse what is not known: a part that is passed over would change what is measured."""
        for name in raw:
            if name not in known and raw[name] is not None:
                self.fault(NotAPart(column=name), f"{place}.{name}")

    def text(self, raw: Mapping[str, object], name: str, place: str) -> str:
        """A code that must be there."""
        value = raw.get(name)
        if isinstance(value, str) and value.strip():
            return value
        where = f"{place}.{name}" if place else name
        self.fault(ValueMissing(column=name), where, value)
        return ""

    def choice(
        self, raw: Mapping[str, object], name: str, choices: Sequence[str], place: str
    ) -> str:
        """A code that must be one of a list."""
        value = self.text(raw, name, place)
        if value and value not in choices:
            refusal = NotAChoice(column=name, value=shown(value), choices=", ".join(choices))
            self.fault(refusal, f"{place}.{name}" if place else name, value)
        return value

    def whole(
        self,
        raw: Mapping[str, object],
        name: str,
        place: str,
        *,
        lowest: int,
        highest: int | None = None,
    ) -> int:
        """A whole number within limits; `lowest` stands in for one that is not."""
        where = f"{place}.{name}" if place else name
        value = raw.get(name)
        if value is None:
            self.fault(ValueMissing(column=name), where)
            return lowest
        number = whole_of(value)
        if number is None:
            self.fault(NotWhole(column=name, value=shown(value)), where, value)
            return lowest
        if number < lowest:
            self.fault(TooLow(column=name, value=number, lowest=lowest), where, value)
        elif highest is not None and number > highest:
            self.fault(TooHigh(column=name, value=number, highest=highest), where, value)
        else:
            return number
        return lowest

    def decimal(self, raw: Mapping[str, object], name: str, place: str) -> Decimal:
        """A number that must be there; 0 stands in for one that is not."""
        where = f"{place}.{name}" if place else name
        value = raw.get(name)
        if value is None or value == "":
            self.fault(ValueMissing(column=name), where)
            return Decimal(0)
        number = decimal_of(value)
        if number is None:
            self.fault(NotANumber(column=name, value=shown(value)), where, value)
            return Decimal(0)
        return number

    def percent(self, raw: Mapping[str, object], name: str, place: str) -> Decimal:
        """A number from 0 to 100 that must be there."""
        number = self.decimal(raw, name, place)
        if number < 0:
            self.fault(TooLow(column=name, value=number, lowest=0), f"{place}.{name}", number)
        elif number > 100:
            self.fault(TooHigh(column=name, value=number, highest=100), f"{place}.{name}", number)
        return number
