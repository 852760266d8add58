"""A partner bank's own list of its loans: its columns, and one loan there beside the same loan
here. Pure.
"""

from collections.abc import Mapping
from enum import StrEnum

from handup.kernel.importing.profiles import Profile, TableSpec
from handup.kernel.importing.reading import Line
from handup.kernel.sheets import CellKind, Column, CsvForm

TABLE = "loans"
FIGURES = ("principal", "overdue", "days_late")
"""What is compared: outstanding principal, all that is past due, days late."""
MOST_DAYS = 20_000


class ListState(StrEnum):
    """What comparing found of one loan: the same, other figures, not known here, not in the list,
    or a row that cannot be read.
    """

    EQUAL = "EQUAL"
    DIFFERENT = "DIFFERENT"
    UNKNOWN = "UNKNOWN"
    MISSING = "MISSING"
    FAULT = "FAULT"


COUNTS = {
    ListState.EQUAL: "rows_equal",
    ListState.DIFFERENT: "rows_different",
    ListState.UNKNOWN: "rows_unknown",
    ListState.MISSING: "rows_missing",
    ListState.FAULT: "rows_faulty",
}
"""The figure of a list that counts its rows of a state."""


def profile(digits: int, columns: Mapping[str, str], form: Mapping[str, str]) -> Profile:
    """How a bank's list is read: the usual headings, and the bank's own for a column."""

    def amount(name: str, *headings: str, required: bool = False) -> Column:
        return Column(name, headings, CellKind.AMOUNT, required, digits=digits, lowest=0)

    table = (
        Column(
            "loan",
            ("loan number", "loan id", "contract", "reference"),
            required=True,
            unique=True,
            max_length=60,
        ),
        amount("principal", "outstanding principal", "balance", "outstanding", required=True),
        amount("overdue", "amount overdue", "arrears", "past due"),
        Column(
            "days_late",
            ("days in arrears", "days overdue"),
            CellKind.WHOLE,
            lowest=0,
            highest=MOST_DAYS,
        ),
    )
    found = Profile(
        code="bank_list",
        title="Partner bank's loans",
        taker="",
        tables=(TableSpec(TABLE, table),),
        form=CsvForm(**form),
    )
    return found.matched({(TABLE, name): heading for name, heading in columns.items() if heading})


def told_of(line: Line) -> dict[str, int]:
    """The figures a row tells; what it leaves empty is not compared."""
    values = {name: line.values.get(name) for name in FIGURES}
    return {name: value for name, value in values.items() if isinstance(value, int)}


def differing(theirs: Mapping[str, int], ours: Mapping[str, int]) -> list[str]:
    """The figures that are told and are not ours."""
    return [name for name in FIGURES if name in theirs and theirs[name] != ours.get(name, 0)]
