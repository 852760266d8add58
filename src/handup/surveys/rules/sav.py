"""Writes SPSS system files (.sav), row by row, with labels of variables and values.

The layout is that of PSPP's manual, "System File Format": little-endian, not compressed, UTF-8,
long names, strings of any length in pieces. Nothing but the header holds how many rows follow.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import IO

MISSING = -1.7976931348623157e308
HIGHEST = 1.7976931348623157e308
LOWEST = -1.7976931348623155e308
BEGIN = date(1582, 10, 14)
PIECE = 252  # a long string has a variable for each so many of its bytes,
FILLED = 255  # which are filled one after the other with so many
LABEL_MOST, VALUE_LABEL_MOST = 255, 120
RESERVED = frozenset(
    ["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"]
)
Value = str | float | int | date | datetime | None


class Format(IntEnum):
    """How a variable is written, by the number SPSS knows it by."""

    TEXT = 1
    NUMBER = 5
    DAY = 20
    INSTANT = 22


class Measure(IntEnum):
    """What may be computed with it."""

    NOMINAL = 1
    ORDINAL = 2
    SCALE = 3


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: name and label, how it is written, the labels of its numbers, which of them
    stand for no answer (three at most), the bytes a text may have.
    """

    name: str
    label: str = ""
    format: Format = Format.NUMBER
    decimals: int = 0
    values: Sequence[tuple[float, str]] = ()
    missing: Sequence[float] = ()
    width: int = 8
    measure: Measure = Measure.SCALE

    @property
    def pieces(self) -> list[int]:
        """The widths of the variables it is kept in: 0 for a number."""
        if self.format is not Format.TEXT:
            return [0]
        width = max(1, min(self.width, 32_767))
        if width <= 255:
            return [width]
        count = -(-width // PIECE)
        return [255] * (count - 1) + [width - (count - 1) * PIECE]


def plain_names(names: Sequence[str]) -> list[str]:
    """Names SPSS takes, in their order: letters, digits and underlines, 64 bytes at most, each one
    once whatever its case.
    """
    found: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in name)
        plain = plain if plain[:1].isalpha() else f"v_{plain}"
        plain = f"{plain}_" if plain.upper() in RESERVED else plain
        kept, number = plain[:64], 1
        while kept.upper() in taken:
            number += 1
            kept = f"{plain[:58]}_{number}"
        taken.add(kept.upper())
        found.append(kept)
    return found


def write(
    target: IO[bytes],
    variables: Sequence[Variable],
    rows: Iterable[Sequence[Value]],
    *,
    count: int = -1,
    title: str = "",
    made: datetime,
) -> int:
    """Write variables and rows; return how many rows. `count`: how many there will be, if known."""
    pieces = [piece for one in variables for piece in one.pieces]
    elements = sum(max(1, -(-piece // 8)) for piece in pieces)
    target.write(_header(elements, count, title, made))
    shorts = _dictionary(target, variables)
    _value_labels(target, variables)
    _extensions(target, variables, shorts)
    target.write(struct.pack("<ii", 999, 0))
    pack = packed(variables)
    written = 0
    for row in rows:
        target.write(pack(row))
        written += 1
    return written


def packed(variables: Sequence[Variable]) -> Callable[[Sequence[Value]], bytes]:
    """What packs a row: rows written apart can follow the header of a file later."""
    packers = [_Packer(one) for one in variables]

    def pack(row: Sequence[Value]) -> bytes:
        return b"".join(one(value) for one, value in zip(packers, row, strict=True))

    return pack


def _header(elements: int, count: int, title: str, made: datetime) -> bytes:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    day = f"{made.day:02d} {months[made.month - 1]} {made.year % 100:02d}"
    return (
        b"$FL2"
        + _padded("@(#) SPSS DATA FILE Handup", 60)
        + struct.pack("<iiiii", 2, elements, 0, 0, count)
        + struct.pack("<d", 100.0)
        + _padded(day, 9)
        + _padded(f"{made:%H:%M:%S}", 8)
        + _padded(title, 64)
        + b"\x00\x00\x00"
    )


def _padded(text: str, length: int) -> bytes:
    return cut(text, length).ljust(length)


def cut(text: str, length: int) -> bytes:
    """The bytes of a text, at most so many, no letter cut in two."""
    return text.encode()[:length].decode("utf-8", "ignore").encode()


def _dictionary(target: IO[bytes], variables: Sequence[Variable]) -> list[str]:
    """Write the variables; return the short name each begins with."""
    shorts = []
    number = 0
    for one in variables:
        for place, width in enumerate(one.pieces):
            number += 1
            short = f"V{number:07d}"
            if place == 0:
                shorts.append(short)
            _variable(target, one, short, width, first=place == 0)
    return shorts


def _variable(target: IO[bytes], one: Variable, short: str, width: int, *, first: bool) -> None:
    label = cut(one.label, LABEL_MOST) if first else b""
    missing = list(one.missing)[:3] if width == 0 else []
    shown = {
        Format.TEXT: (max(1, min(width, 255)), 0),
        Format.NUMBER: (12, one.decimals),
        Format.DAY: (11, 0),
        Format.INSTANT: (20, 0),
    }[one.format]
    format = one.format << 16 | shown[0] << 8 | shown[1]
    target.write(struct.pack("<iiiiii", 2, width, bool(label), len(missing), format, format))
    target.write(short.encode())
    if label:
        target.write(struct.pack("<i", len(label)) + label.ljust(-(-len(label) // 4) * 4))
    target.write(struct.pack(f"<{len(missing)}d", *missing))
    for _ in range(-(-width // 8) - 1):
        target.write(struct.pack("<iiiiii", 2, -1, 0, 0, 0, 0) + b" " * 8)


def _value_labels(target: IO[bytes], variables: Sequence[Variable]) -> None:
    index = 1
    for one in variables:
        if one.values and one.format is Format.NUMBER:
            target.write(struct.pack("<ii", 3, len(one.values)))
            for number, label in one.values:
                text = cut(label, VALUE_LABEL_MOST)
                size = -(-(len(text) + 1) // 8) * 8
                target.write(struct.pack("<dB", number, len(text)) + text.ljust(size - 1))
            target.write(struct.pack("<iii", 4, 1, index))
        index += sum(max(1, -(-width // 8)) for width in one.pieces)


def _extensions(target: IO[bytes], variables: Sequence[Variable], shorts: Sequence[str]) -> None:
    machine = struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, 65001)
    target.write(struct.pack("<iiii", 7, 3, 4, 8) + machine)
    target.write(struct.pack("<iiii", 7, 4, 8, 3) + struct.pack("<3d", MISSING, HIGHEST, LOWEST))
    shown = [
        number
        for one in variables
        for width in one.pieces
        for number in (_measure(one), 8 if width == 0 else min(width, 40), 0 if width else 1)
    ]
    target.write(
        struct.pack("<iiii", 7, 11, 4, len(shown)) + struct.pack(f"<{len(shown)}i", *shown)
    )
    names = "\t".join(f"{s}={one.name}" for s, one in zip(shorts, variables, strict=True)).encode()
    target.write(struct.pack("<iiii", 7, 13, 1, len(names)) + names)
    long = b"".join(
        f"{short}={min(one.width, 32_767):05d}".encode() + b"\x00\t"
        for short, one in zip(shorts, variables, strict=True)
        if len(one.pieces) > 1
    )
    if long:
        target.write(struct.pack("<iiii", 7, 14, 1, len(long)) + long)
    target.write(struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8")


def _measure(one: Variable) -> int:
    return Measure.NOMINAL if one.format is Format.TEXT else one.measure


class _Packer:
    """Packs one value of a variable."""

    def __init__(self, one: Variable) -> None:
        self.text = one.format is Format.TEXT
        self.pieces = one.pieces
        self.width = max(1, min(one.width, 32_767))

    def __call__(self, value: Value) -> bytes:
        if self.text:
            return b"".join(self._texts("" if value is None else str(value)))
        return struct.pack("<d", as_number(value))

    def _texts(self, text: str) -> Iterator[bytes]:
        given = cut(text, self.width)
        for place, width in enumerate(self.pieces):
            part = given[place * FILLED : (place + 1) * FILLED]
            yield part.ljust(-(-width // 8) * 8)


def as_number(value: Value) -> float:
    """A value as SPSS counts it: days and instants in seconds since 14 October 1582."""
    if value is None or value == "":
        return MISSING
    if isinstance(value, datetime):
        of_day = value.hour * 3600 + value.minute * 60 + value.second
        return (value.date() - BEGIN) / timedelta(seconds=1) + of_day
    if isinstance(value, date):
        return (value - BEGIN) / timedelta(seconds=1)
    return float(value)
