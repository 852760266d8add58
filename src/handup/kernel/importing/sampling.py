"""Invented rows for the tables of a profile, so that whoever fills one in sees what is meant.

Every text says SAMPLE and its number, the same in each table, so that rows belong together as true
ones do and nobody takes them for somebody.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from handup.kernel.importing.profiles import TableSpec
from handup.kernel.sheets import CellKind, Column

ROWS = 3
FIRST = date(2025, 1, 6)
TESTS = "XTS"
"""The currency that stands for tests in ISO 4217."""


def sample_rows(table: TableSpec) -> Iterator[list[object]]:
    """Rows of a table that read without a fault."""
    for number in range(1, ROWS + 1):
        yield [_cell(column, number) for column in table.columns]


def _cell(column: Column, number: int) -> object:
    match column.kind:
        case CellKind.CHOICE:
            known = list(column.choices)
            return known[(number - 1) % len(known)] if known else ""
        case CellKind.YES_NO:
            return "yes" if number % 2 else "no"
        case CellKind.DATE:
            return _day(column, number)
        case CellKind.TEXT:
            return TESTS if column.name == "currency" else f"SAMPLE-{number}"[: column.max_length]
    return _whole(column, number)


def _day(column: Column, number: int) -> date:
    """A Monday of 2025, moved to where the column allows it."""
    day = FIRST + timedelta(days=7 * number)
    if isinstance(column.lowest, date) and day < column.lowest:
        day = column.lowest + timedelta(days=number)
    if isinstance(column.highest, date) and day > column.highest:
        day = column.highest - timedelta(days=number)
    return day


def _whole(column: Column, number: int) -> int:
    """A small whole number the column allows; an amount is one of its main unit."""
    least = column.lowest if isinstance(column.lowest, int) else 0
    most = column.highest if isinstance(column.highest, int) else least + 100
    scale = 10**column.digits if column.kind is CellKind.AMOUNT else 1
    value = max(number, -(-least // scale))
    return min(value, most // scale)
