"""Reading a partner bank's CSV: a profile says how it writes, every row becomes a line or a named
fault.

A file that cannot be read as a table is refused whole; a row that is wrong is listed, not posted.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from handup.kernel import luhn
from handup.kernel.errors import Fault, Refusal
from handup.kernel.money import units_from_text
from handup.kernel.sheet_csv import is_too_wide, most_cells
from handup.kernel.sheet_faults import RowTooWide
from handup.lending.rules.codes import EventKind

MOST_BYTES = 10_000_000
MOST_ROWS = 50_000
LONGEST_REFERENCE = 60
LONGEST_LOAN = 60
MOST_UNITS = 10**15
"""More than any bank file of ours can truly hold, and far below what a column keeps."""


class FileNotReadable(Refusal):
    """This file cannot be read as {encoding} text. Save it again as CSV and upload it once more."""


class RowNotReadable(Refusal):
    """Row {row} of the file cannot be read: a cell is too long, or its quotes do not end."""


class FileTooLarge(Refusal):
    """The file is larger than {most} MB. Send it in parts."""


class ColumnMissing(Refusal):
    """The file has no column {column}. Its first row holds: {found}."""


class FileEmpty(Refusal):
    """The file holds no rows."""


class FileTooLong(Refusal):
    """The file holds more than {limit} rows. Send it in parts."""


class ProfileUnknown(Refusal):
    """The bank file profile cannot be read: {reason}."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a bank writes its file. columns: our field → its header; kinds: its word → ours."""

    delimiter: str = ";"
    encoding: str = "utf-8-sig"
    decimal: str = "."
    grouping: str = ""
    date_format: str = "%Y-%m-%d"
    columns: Mapping[str, str] = field(
        default_factory=lambda: {
            "loan": "loan",
            "kind": "kind",
            "date": "date",
            "amount": "amount",
            "reference": "reference",
            "currency": "currency",
            "balance": "balance",
        }
    )
    kinds: Mapping[str, EventKind] = field(
        default_factory=lambda: {
            "DISBURSEMENT": EventKind.DISBURSED,
            "REPAYMENT": EventKind.REPAID,
        }
    )

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Profile":
        """Read a lender's JSON; what it leaves out keeps its default. Raises ProfileUnknown."""
        if unknown := sorted(set(data) - set(cls.__dataclass_fields__)):
            raise ProfileUnknown(reason=f"unknown {', '.join(unknown)}")
        base = cls()
        values = dict(data)
        values["columns"] = {**base.columns, **values.get("columns", {})}
        try:
            values["kinds"] = {
                str(word).upper(): EventKind(kind)
                for word, kind in {**base.kinds, **values.get("kinds", {})}.items()
            }
        except ValueError as error:
            raise ProfileUnknown(reason=str(error)) from error
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as read: what it says, and its faults (then nothing of it is posted).

    key: the bank's reference, else what the row says in words of its own, with a running number.
    proof: two rows of this key are one payment, for the bank's reference or balance says so.
    columns: our field → the header of this bank.
    """

    row: int
    raw: Mapping[str, str]
    kind: EventKind | None
    loan_code: str
    value_date: date | None
    units: int | None
    reference: str
    currency: str
    key: str
    proof: bool
    columns: Mapping[str, str]
    faults: tuple[Fault, ...] = ()


def read(content: bytes, profile: Profile, *, digits: int, today: date) -> tuple[Line, ...]:
    """Read every row. Raises FileTooLarge, FileNotReadable, RowNotReadable, ColumnMissing,
    FileEmpty, FileTooLong.
    """
    check_size(len(content))
    try:
        text = content.decode(profile.encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise FileNotReadable(encoding=profile.encoding) from error
    if "\0" in text:
        raise FileNotReadable(encoding=profile.encoding)
    reader = csv.DictReader(io.StringIO(text), delimiter=profile.delimiter, strict=True)
    try:
        headers = [name.strip() for name in reader.fieldnames or () if name]
        for ours in ("loan", "kind", "date", "amount"):
            if profile.columns[ours] not in headers:
                raise ColumnMissing(column=profile.columns[ours], found=", ".join(headers) or "–")
        lines = tuple(_lines(reader, profile, digits, today))
    except csv.Error as error:
        raise RowNotReadable(row=reader.reader.line_num) from error
    if not lines:
        raise FileEmpty
    return lines


def check_size(size: int) -> None:
    """Refuse what is too large before it is read. Raises FileTooLarge."""
    if size > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // 1_000_000)


def _lines(
    reader: "csv.DictReader[str]", profile: Profile, digits: int, today: date
) -> Iterator[Line]:
    seen: dict[str, int] = {}
    rows = list(islice(reader, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        raise FileTooLong(limit=MOST_ROWS)
    full = (cells for cells in rows if None not in cells.values())
    spare = most_cells((len(_beyond(cells)) for cells in full), 0)
    for row, cells in enumerate(rows, start=2):
        raw = {
            name.strip(): (value if isinstance(value, str) else "").strip()
            for name, value in cells.items()
            if name
        }
        if not any(raw.values()):
            continue
        line = _line(row, raw, profile, digits, today, seen)
        if is_too_wide(_beyond(cells), 0, spare):
            line = replace(line, faults=(_too_wide(row, profile.columns["amount"]), *line.faults))
        yield line


def _beyond(cells: "Mapping[str | Any, Any]") -> list[str]:
    """The cells behind the last heading."""
    return cells.get(None) or []


def _too_wide(row: int, column: str) -> Fault:
    """A cell stands behind the last heading: an amount may have been cut at its comma."""
    return Fault(RowTooWide.code, RowTooWide.template, f"row {row}", row, column)


def _loan_fault(code: str) -> tuple[str, str] | None:
    if not code:
        return "LOAN_MISSING", "The row names no loan."
    if len(code) > LONGEST_LOAN:
        return "LOAN_TOO_LONG", f"No loan has a number longer than {LONGEST_LOAN} characters."
    if _has_slip(code):
        return "CHECK_DIGIT", f"{code} has a slip: its check digit does not fit."
    return None


def _line(
    row: int,
    raw: Mapping[str, str],
    profile: Profile,
    digits: int,
    today: date,
    seen: dict[str, int],
) -> Line:
    faults: list[Fault] = []

    def cell(ours: str) -> str:
        return raw.get(profile.columns[ours], "")

    def fault(code: str, ours: str, message: str) -> None:
        column = profile.columns[ours]
        faults.append(Fault(code, message, f"row {row}", row, column, cell(ours)))

    kind = profile.kinds.get(cell("kind").upper())
    if kind is None:
        fault("KIND_UNKNOWN", "kind", f"“{cell('kind')}” is no kind of line this bank agreed on.")
    value_date = _date(cell("date"), profile)
    if value_date is None:
        fault("DATE_NOT_READABLE", "date", f"“{cell('date')}” is not a date of the agreed form.")
    elif value_date > today:
        fault("FUTURE_DATE", "date", f"{value_date.isoformat()} has not come yet.")
    units, wrong = _amount(cell("amount"), profile, digits)
    if wrong is not None:
        fault(wrong, "amount", AMOUNT_FAULTS[wrong].format(cell("amount")))
    loan_code = cell("loan").upper().replace(" ", "")
    if (slip := _loan_fault(loan_code)) is not None:
        fault(slip[0], "loan", slip[1])
    reference = cell("reference")
    if len(reference) > LONGEST_REFERENCE:
        text = f"This reference is longer than {LONGEST_REFERENCE} characters."
        fault("REFERENCE_TOO_LONG", "reference", text)
    balance = _units(cell("balance"), profile, digits)
    if balance is not None and abs(balance) > MOST_UNITS:
        fault("AMOUNT_TOO_LARGE", "balance", AMOUNT_FAULTS["AMOUNT_TOO_LARGE"].format("…"))
    facts = (loan_code, kind, value_date, units, balance)
    key, times = _key(reference, facts, seen)
    if reference and times > 1:
        fault("REFERENCE_TWICE", "reference", f"Reference {reference} stands twice in this file.")
    return Line(
        row,
        raw,
        kind,
        loan_code,
        value_date,
        units,
        reference,
        cell("currency").upper(),
        key,
        bool(reference) or balance is not None,
        profile.columns,
        tuple(faults),
    )


AMOUNT_FAULTS = {
    "AMOUNT_NOT_READABLE": "“{}” is not an amount.",
    "AMOUNT_NOT_POSITIVE": "The amount must be above zero.",
    "AMOUNT_TOO_LARGE": "“{}” is more than can be kept.",
}


def _amount(text: str, profile: Profile, digits: int) -> tuple[int | None, str | None]:
    """The amount of a row, and what is wrong with it."""
    units = _units(text, profile, digits)
    if units is None:
        return None, "AMOUNT_NOT_READABLE"
    if units > MOST_UNITS:
        return None, "AMOUNT_TOO_LARGE"
    return units, None if units > 0 else "AMOUNT_NOT_POSITIVE"


def _key(reference: str, facts: tuple[object, ...], seen: dict[str, int]) -> tuple[str, int]:
    """What a row is known by, and how often it stood in the file so far, this row included."""
    key = reference or "|".join(map(str, facts))
    seen[key] = seen.get(key, 0) + 1
    return (key if reference else f"{key}|{seen[key]}"), seen[key]


def _has_slip(loan_code: str) -> bool:
    """Tell whether it looks like one of our numbers (L and digits) with a wrong check digit."""
    digits = loan_code.removeprefix("L").replace("-", "")
    return loan_code.startswith("L") and digits.isdecimal() and not luhn.is_valid(digits)


def _date(text: str, profile: Profile) -> date | None:
    try:
        return datetime.strptime(text, profile.date_format).date()  # noqa: DTZ007 (a day has no zone)
    except ValueError:
        return None


def _units(text: str, profile: Profile, digits: int) -> int | None:
    plain = text.replace(profile.grouping, "") if profile.grouping else text
    if profile.decimal != ".":
        plain = plain.replace(".", "#").replace(profile.decimal, ".")
    try:
        return units_from_text(plain.replace("\u00a0", ""), digits)
    except ValueError:
        return None
