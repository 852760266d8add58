"""A bank's or a mobile-money operator's own table (CSV or XLSX), read by a profile that is data.

Nothing is guessed: columns, delimiter, encoding, decimal sign, date form and the way money in and
out are told apart are declared. Lines above the heading are passed over.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from handup.kernel.errors import Refusal
from handup.kernel.sheet_csv import is_too_wide, most_cells
from handup.kernel.sheet_faults import NotATable, RowTooWide
from handup.lending.rules.banking.statement import (
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_ENTRIES,
    Digits,
    Entry,
    FileTooLarge,
    NoStatement,
    Statement,
    TooManyEntries,
    amount_fault,
    check_size,
    fault,
    judge,
    plain_account,
    plain_units,
    real_reference,
    text_of,
)

HEADING_WITHIN = 40
MOST_UNPACKED = 400_000_000
MOST_ROWS = 1_048_576
"""As many as the form can hold; a row numbered beyond is no honest workbook's."""
MOST_COLUMNS = 500
CSV = "CSV"


class ColumnMissing(Refusal):
    """The file has no heading with the columns {columns}."""


class ProfileUnknown(Refusal):
    """This way of reading a file cannot be used: {reason}."""


class NotAWorkbook(Refusal):
    """This is no readable XLSX workbook. Save it again as XLSX or CSV."""


class Sign(StrEnum):
    """How money that came is told from money that went."""

    PLUS_IN = "PLUS_IN"
    MINUS_IN = "MINUS_IN"
    TWO_COLUMNS = "TWO_COLUMNS"
    WORD = "WORD"


@dataclass(frozen=True, slots=True)
class TableProfile:
    """How one bank writes its table; `columns` maps our fields to its headings.

    Our fields: date, value_date, amount (or paid_in and paid_out, or amount and direction),
    reference, end_to_end, text (several allowed), name, account, balance, currency, state.
    """

    delimiter: str = ";"
    encoding: str = "utf-8-sig"
    decimal: str = "."
    grouping: str = ""
    date_form: str = "%Y-%m-%d"
    sign: Sign = Sign.PLUS_IN
    columns: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    words_in: tuple[str, ...] = ("C", "CR", "CREDIT", "IN")
    words_out: tuple[str, ...] = ("D", "DR", "DEBIT", "OUT")
    words_booked: tuple[str, ...] = ()
    words_reversal: tuple[str, ...] = ()
    sheet: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "TableProfile":
        """Read a profile kept as JSON. Raises ProfileUnknown."""
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(data) - known):
            raise ProfileUnknown(reason=f"unknown {', '.join(unknown)}")
        values = dict(data)
        try:
            values["sign"] = Sign(values.get("sign", Sign.PLUS_IN))
        except ValueError as error:
            raise ProfileUnknown(reason=str(error)) from error
        for name in ("words_in", "words_out", "words_booked", "words_reversal"):
            if name in values:
                values[name] = tuple(str(word).upper() for word in values[name])
        profile = cls(**values)
        if missing := [name for name in profile.needed if name not in profile.columns]:
            raise ProfileUnknown(reason=f"no column for {', '.join(missing)}")
        return profile

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields without which no row can be read."""
        if self.sign is Sign.TWO_COLUMNS:
            return ("date", "paid_in", "paid_out")
        return ("date", "amount", "direction") if self.sign is Sign.WORD else ("date", "amount")

    def headings(self, name: str) -> tuple[str, ...]:
        """The headings of one of our fields."""
        told = self.columns.get(name, ())
        return (told,) if isinstance(told, str) else tuple(told)


Row = tuple[int, Sequence[str]]


def read_csv(
    content: bytes, profile: TableProfile, *, account: str, currency: str, digits: Digits,
    today: date,
) -> list[Statement]:  # fmt: skip
    """The statement of a CSV file. Raises FileTooLarge, FileNotReadable, NotATable, ColumnMissing,
    NoStatement, TooManyEntries.
    """
    check_size(len(content))
    text = text_of(content, profile.encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=profile.delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise NotATable(reason=f"row {reader.line_num}: {error}") from error
    table = _Table(profile, account, currency, digits, today)
    return [table.statement(rows, CSV)]


def read_xlsx(
    content: bytes, profile: TableProfile, *, account: str, currency: str, digits: Digits,
    today: date,
) -> list[Statement]:  # fmt: skip
    """The statement of a workbook. Raises FileTooLarge, NotAWorkbook, ColumnMissing, NoStatement,
    TooManyEntries.
    """
    check_size(len(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise FileTooLarge(most=MOST_BYTES // 1_000_000)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError):
        raise NotAWorkbook from None
    try:
        if profile.sheet and profile.sheet not in book.sheetnames:
            raise ColumnMissing(columns=profile.sheet)
        sheet = book[profile.sheet or book.sheetnames[0]]
        table = _Table(profile, account, currency, digits, today)
        return [table.statement(_rows(sheet, profile), "XLSX")]
    finally:
        book.close()


def _rows(sheet: Any, profile: TableProfile) -> Iterator[Row]:
    """The rows of a sheet, one at a time: those between two that are written are made up, however
    far the second says it is. Raises TooManyEntries.
    """
    sheet.reset_dimensions()  # made-up rows are as wide as a workbook says it is
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise TooManyEntries(most=MOST_ENTRIES)
        yield number, [_cell(cell, profile) for cell in row[:MOST_COLUMNS]]


FORMULA = "\x00formula"


def _cell(cell: Any, profile: TableProfile) -> str:
    """What a cell says as the profile would write it."""
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "n") == "f":
        return FORMULA
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime(profile.date_form)
    return str(value).replace(".", profile.decimal) if not isinstance(value, str) else value


class _Table:
    """One table while it is read."""

    def __init__(
        self, profile: TableProfile, account: str, currency: str, digits: Digits, today: date
    ) -> None:
        self.profile, self.currency, self.today = profile, currency, today
        self.account, self.places = account, digits(currency)
        self.columns: dict[str, tuple[int, ...]] = {}
        self.titles: dict[str, str] = {}
        self.days: dict[str, date | None] = {}
        self.width = MOST_COLUMNS

    def statement(self, rows: Iterable[Row], kind: str) -> Statement:
        """All rows below the heading as one statement."""
        walk = iter(rows)
        self.find_heading(walk)
        statement = Statement(kind=kind, account=self.account, currency=self.currency)
        most = MOST_COLUMNS
        if kind == CSV:
            walk = iter(below := list(walk))
            most = most_cells((len(cells) for _number, cells in below), self.width)
        for number, cells in walk:
            if not any(cell.strip() for cell in cells):
                continue
            if len(statement.entries) >= MOST_ENTRIES:
                raise TooManyEntries(most=MOST_ENTRIES)
            entry = self.entry(number, cells)
            if entry is None:
                statement.not_booked += 1
            else:
                if kind == CSV and is_too_wide(cells, self.width, most):
                    entry.faults.append(fault(RowTooWide.code, entry.place, number, "", ""))
                statement.entries.append(entry)
        if not statement.entries:
            raise NoStatement
        self.balances(statement)
        return statement

    def find_heading(self, walk: Iterator[Row]) -> None:
        """Find the row that names every needed column."""
        profile = self.profile
        needed = [title for name in profile.needed for title in profile.headings(name)]
        for _step, (_number, cells) in zip(range(HEADING_WITHIN), walk, strict=False):
            titles = [" ".join(cell.split()).casefold() for cell in cells]
            if all(title.casefold() in titles for title in needed):
                self.width = len(cells)
                for name in profile.columns:
                    found = [
                        titles.index(title.casefold())
                        for title in profile.headings(name)
                        if title.casefold() in titles
                    ]
                    self.columns[name] = tuple(found)
                    self.titles[name] = cells[found[0]].strip() if found else name
                return
        raise ColumnMissing(columns=", ".join(needed))

    def cell(self, cells: Sequence[str], name: str) -> str:
        """The text of one of our fields."""
        places = self.columns.get(name)
        if not places:
            return ""
        if len(places) == 1:
            return cells[places[0]].strip() if places[0] < len(cells) else ""
        return " ".join(cells[place].strip() for place in places if place < len(cells)).strip()

    def entry(self, number: int, cells: Sequence[str]) -> Entry | None:
        """One row; None when the bank has not booked it."""
        profile, cell = self.profile, self.cell
        state = cell(cells, "state").upper()
        if profile.words_booked and state not in profile.words_booked:
            return None
        place = f"row {number}"
        book = self.day(cell(cells, "date"))
        value = self.day(cell(cells, "value_date")) if "value_date" in self.columns else None
        text = cell(cells, "text")[:LONGEST_TEXT]
        entry = Entry(
            number,
            place,
            book,
            value or book,
            0,
            cell(cells, "currency").upper() or self.currency,
            bank_reference=real_reference(cell(cells, "reference")),
            end_to_end=real_reference(cell(cells, "end_to_end"))[:LONGEST_TEXT],
            text=text,
            name=cell(cells, "name")[:140],
            account=plain_account(cell(cells, "account"))[:34],
            balance=self.number(cell(cells, "balance")),
        )
        entry.reversal = bool(profile.words_reversal) and any(
            word in text.upper() for word in profile.words_reversal
        )
        if FORMULA in cells:
            entry.faults.append(fault("FORMULA_FOUND", place, number, "", ""))
            return entry
        if book is None:
            self.note(entry, "DATE_NOT_READABLE", "date", cell(cells, "date"))
        self.money(entry, cells)
        judge(entry, self.currency, self.today)
        return entry

    def note(self, entry: Entry, code: str, name: str, value: str) -> None:
        """Note a fault under the bank's own heading."""
        title = self.titles.get(name, name)
        entry.faults.append(fault(code, f"{entry.place}, {title}", entry.row, title, value))

    def money(self, entry: Entry, cells: Sequence[str]) -> None:
        """Set the signed units of a row, or note why they are not known."""
        sign, name, way = self.profile.sign, "amount", 1
        if sign is Sign.TWO_COLUMNS:
            paid_in, paid_out = self.cell(cells, "paid_in"), self.cell(cells, "paid_out")
            name, way = ("paid_in", 1) if paid_in.strip("0.,- ") else ("paid_out", -1)
            if paid_in.strip("0.,- ") and paid_out.strip("0.,- "):
                self.note(entry, "SIGN_UNKNOWN", "paid_in", f"{paid_in} / {paid_out}")
                return
        written = self.cell(cells, name)
        units = self.number(written)
        if sign is Sign.TWO_COLUMNS:
            units = abs(units) if units is not None else None  # some write money out as negative
        elif sign is Sign.WORD:
            word = self.cell(cells, "direction").upper()
            if word not in (*self.profile.words_in, *self.profile.words_out):
                self.note(entry, "SIGN_UNKNOWN", "direction", word)
                return
            way = 1 if word in self.profile.words_in else -1
        elif units is not None:
            way = -1 if (units < 0) != (sign is Sign.MINUS_IN) else 1
            units = abs(units)
        if wrong := amount_fault(units):
            self.note(entry, wrong, name, written)
            return
        entry.units = way * (units or 0)

    def number(self, text: str) -> int | None:
        """Smallest units of a number as this bank writes it."""
        profile = self.profile
        if not text:
            return None
        plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
        if profile.grouping:
            plain = plain.replace(profile.grouping, "")
        if profile.decimal != ".":
            plain = plain.replace(".", "#").replace(profile.decimal, ".")
        return plain_units(plain.replace("\u2212", "-"), self.places)

    def day(self, text: str) -> date | None:
        """A day of the agreed form; rows of one day ask once."""
        if text not in self.days:
            try:
                self.days[text] = datetime.strptime(text, self.profile.date_form).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                self.days[text] = None
        return self.days[text]

    @staticmethod
    def balances(statement: Statement) -> None:
        """Opening and closing from the running balance, whichever way the rows are sorted."""
        entries = statement.entries
        days = [entry.book_date for entry in entries if entry.book_date is not None]
        statement.opening_date, statement.closing_date = (
            min(days, default=None),
            max(days, default=None),
        )
        if any(entry.balance is None or entry.faults for entry in entries):
            return
        held = [(entry.balance or 0, entry.units) for entry in entries]
        newest_first = any(later < earlier for earlier, later in pairwise(days)) or (
            len(held) > 1 and held[0][0] - held[0][1] == held[1][0] != held[0][0] + held[1][1]
        )
        if newest_first:
            held.reverse()
            entries.reverse()
        statement.opening = held[0][0] - held[0][1]
        statement.closing = held[-1][0]
