"""The roster of a session as a file: taken along, filled in, read again. Each bad cell is named by
its column and row; what was read fills the roster, where somebody confirms it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Fault, Refusal
from handup.kernel.sheet_faults import ColumnMissing, ValueTwice
from handup.kernel.sheet_forms import read_filled
from handup.kernel.sheets import Column, Limits, Reading, SheetSpec
from handup.org.editing import said

LIMITS = Limits(bytes_most=2_000_000, unpacked_most=40_000_000, rows_most=500, columns_most=50)
LABELS: dict[str, Any] = {"number": _("Number"), "name": _("Name"), "minutes": _("Minutes")}


class NotOnThisRoster(Refusal):
    """Nobody with the number {number} is on this roster."""


class RosterCellUnclear(Refusal):
    """{value} is not understood. Write minutes, a for absent or e for excused."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a file says: the cell of each number that could be read, and every fault."""

    cells: dict[str, str]
    faults: tuple[Fault, ...]


def read_roster(content: bytes, numbers: Collection[str]) -> Filled:
    """Read a filled roster (.xlsx or CSV); `numbers` are those on the roll. Nothing is written.

    A row without minutes says nothing. Raises FileTooLarge, NotAWorkbook, WrongEncoding, EmptyTable
    and TooManyRows.
    """
    reading = _read(content)
    faults = list(reading.faults)
    cells: dict[str, str] = {}
    rows: dict[str, int] = {}
    by_plain = {number.lstrip("0"): number for number in numbers}

    def fault(row: int, column: str, refusal: Refusal, value: str) -> None:
        place = f"{reading.letters.get(column, '')}{row}"
        faults.append(Fault(refusal.code, refusal.said(), place, row, column, value))

    if "minutes" not in reading.letters:
        missing = ColumnMissing(column=str(LABELS["minutes"]))
        faults.append(Fault(missing.code, missing.said(), "1", 1, "minutes"))
    for row in reading.rows if "number" in reading.letters else ():
        told = str(row.values["number"])
        typed = str(row.values["minutes"] or "").strip().lower()
        # A spreadsheet takes a number for an amount and drops its zeros in front.
        number = told if told in numbers else by_plain.get(told.lstrip("0"))
        if number is None:
            fault(row.number, "number", NotOnThisRoster(number=told), told)
        elif (first := rows.setdefault(number, row.number)) != row.number:
            twice = ValueTwice(column=str(LABELS["number"]), value=told, first=first)
            fault(row.number, "number", twice, told)
        elif typed and typed not in {"a", "e"} and not is_minutes(typed):
            fault(row.number, "minutes", RosterCellUnclear(value=typed[:40]), typed[:40])
        elif typed:
            cells[number] = typed
    return Filled(cells, tuple(sorted(faults, key=lambda one: (one.row or 0, one.place))))


def is_minutes(typed: str) -> bool:
    """Whether what was typed is a number of minutes a day can have."""
    return typed.isascii() and typed.isdecimal() and len(typed) < 5


def _read(content: bytes) -> Reading:
    spec = SheetSpec(
        (
            Column("number", said(LABELS["number"]), required=True, unique=True, max_length=40),
            Column("name", said(LABELS["name"])),
            Column("minutes", said(LABELS["minutes"])),
        )
    )
    return read_filled(content, spec, LIMITS)
