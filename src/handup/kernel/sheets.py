"""A workbook or CSV file becomes typed rows, and every fault is named with its cell.

Nothing is guessed: columns, delimiter, encoding, decimal sign and date form are declared. Formulas
and merged cells are faults, because what they show depends on the program that opened them last.
What this house wrote so that no program runs it (`sheet_text`) reads back as it was meant. Sizes
are limited before anything is unpacked.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from math import inf
from numbers import Real
from typing import Any, TypeAlias

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from handup.kernel.errors import Fault, Refusal
from handup.kernel.money import decimal_text, is_endless, units_from_text
from handup.kernel.sheet_csv import csv_rows
from handup.kernel.sheet_faults import (
    ColumnMissing,
    ColumnTwice,
    EmptyTable,
    FileTooLarge,
    FormulaFound,
    MergedCells,
    NotAChoice,
    NotADay,
    NotAnAmount,
    NotANumber,
    NotAWorkbook,
    NotWhole,
    RowTooWide,
    SheetMissing,
    TooHigh,
    TooLong,
    TooLow,
    TooManyRows,
    ValueMissing,
    ValueTwice,
    WrongEncoding,
)
from handup.kernel.sheet_text import meant_text

Value: TypeAlias = str | int | bool | Decimal | date | None


class CellKind(StrEnum):
    """What a column holds."""

    TEXT = "TEXT"
    WHOLE = "WHOLE"
    DECIMAL = "DECIMAL"
    AMOUNT = "AMOUNT"
    DATE = "DATE"
    CHOICE = "CHOICE"
    YES_NO = "YES_NO"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, the headings it may have, and what its cells hold.

    AMOUNT becomes whole smallest units of a currency with `digits`. CHOICE maps what is written
    (compared without case) to a code. `lowest` and `highest` are in the value's own unit.
    """

    name: str
    headings: tuple[str, ...] = ()
    kind: CellKind = CellKind.TEXT
    required: bool = False
    unique: bool = False
    digits: int = 2
    choices: Mapping[str, str] = field(default_factory=dict)
    lowest: int | date | None = None
    highest: int | date | None = None
    max_length: int = 500

    def is_headed(self, heading: str) -> bool:
        """True when a heading names this column (no case, spaces and underscores alike)."""
        wanted = _plain_heading(heading)
        return wanted in {_plain_heading(name) for name in (self.name, *self.headings)}


YES_NO: Mapping[str, bool] = {
    "yes": True, "y": True, "true": True, "1": True, "x": True,
    "no": False, "n": False, "false": False, "0": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """A table: its columns and, in a workbook, the name of its sheet (the first when empty)."""

    columns: tuple[Column, ...]
    sheet: str = ""
    yes_no: Mapping[str, bool] = field(default_factory=lambda: YES_NO)


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a CSV file is written. `date_form` in the letters of strptime."""

    delimiter: str = ","
    encoding: str = "utf-8-sig"
    date_form: str = "%Y-%m-%d"
    decimal_sign: str = "."
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is read."""

    bytes_most: int = 25_000_000
    unpacked_most: int = 400_000_000
    rows_most: int = 200_000
    columns_most: int = 5_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number as the spreadsheet shows it, and its values by column name."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. A row with a fault is not among the rows but among the broken ones, with what
    could be read of it; `letters` says where columns are.
    """

    rows: tuple[SheetRow, ...]
    faults: tuple[Fault, ...]
    unknown_headings: tuple[str, ...]
    letters: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[SheetRow, ...] = ()


PLAIN_CSV = CsvForm()
USUAL_LIMITS = Limits()

RawRow: TypeAlias = tuple[int, Sequence[object]]


def read_csv(
    content: bytes, spec: SheetSpec, form: CsvForm = PLAIN_CSV, limits: Limits = USUAL_LIMITS
) -> Reading:
    """A CSV file. Raises FileTooLarge, WrongEncoding, NotATable, TooManyRows, EmptyTable."""
    _check_size(len(content), limits.bytes_most)
    try:
        text = content.decode(form.encoding)
    except (UnicodeDecodeError, LookupError):
        raise WrongEncoding(encoding=form.encoding) from None
    rows = csv_rows(text, delimiter=form.delimiter, quote=form.quote)
    return _Table(spec, form, limits, sheet="").read(rows)


def read_workbook(content: bytes, spec: SheetSpec, limits: Limits = USUAL_LIMITS) -> Reading:
    """The rows of one sheet of an .xlsx workbook.

    Raises FileTooLarge, NotAWorkbook, SheetMissing, TooManyRows, EmptyTable.
    """
    _check_size(len(content), limits.bytes_most)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_size(sum(item.file_size for item in archive.infolist()), limits.unpacked_most)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except BROKEN:
        raise NotAWorkbook() from None
    try:
        if spec.sheet and spec.sheet not in book.sheetnames:
            raise SheetMissing(sheet=spec.sheet, found=", ".join(book.sheetnames))
        if not book.worksheets:
            raise NotAWorkbook()
        sheet = book[spec.sheet or book.worksheets[0].title]
        table = _Table(spec, PLAIN_CSV, limits, sheet=sheet.title)
        for cells in _merged_cells(content, book.sheetnames.index(sheet.title)):
            table.fault(MergedCells(cells=cells), place=f"{sheet.title}!{cells}")
        return table.read(_rows_of(sheet, limits))
    finally:
        book.close()


BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, RuntimeError, AttributeError,
    ArithmeticError, LookupError, TypeError, ValueError, SyntaxError, EOFError, OSError,
)  # fmt: skip
"""What reading a damaged workbook raises, anywhere in it. RuntimeError: locked with a password, or
packed in a way unknown here.
"""
MOST_ROWS = 1_048_576
"""As many as the form can hold; a row numbered beyond is no honest workbook's."""


def _rows_of(sheet: Any, limits: Limits) -> Iterator[RawRow]:
    """The rows of a sheet, one at a time: those between two that are written are made up, however
    far the second says it is. Raises TooManyRows.
    """
    for number, row in enumerate(_read(sheet), 1):
        if number > MOST_ROWS:
            raise TooManyRows(most=limits.rows_most)
        yield number, [_raw(cell) for cell in row[: limits.columns_most]]


def _read(sheet: Any) -> Iterator[Sequence[Any]]:
    """The rows as the library reads them. Raises NotAWorkbook where it cannot go on: a sheet may be
    broken behind its first rows.
    """
    try:
        sheet.reset_dimensions()  # made-up rows are as wide as a workbook says it is
        yield from sheet.iter_rows()
    except BROKEN:
        raise NotAWorkbook() from None


class _Formula:
    """Stands for a cell with a formula."""


_FORMULA = _Formula()
ENDLESS = (inf, -inf)
"""What a workbook's number of more digits than a computer counts with becomes."""


def _raw(cell: object) -> object:
    return _FORMULA if getattr(cell, "data_type", "n") == "f" else getattr(cell, "value", None)


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise FileTooLarge(most=most // 1_000_000)


_SHEET_FILE = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')


def _merged_cells(content: bytes, place: int) -> list[str]:
    """The merged ranges of a sheet, which the quick reader does not tell."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        numbered = [
            (int(match[1]), match[0])
            for match in map(_SHEET_FILE.fullmatch, archive.namelist())
            if match
        ]
        files = [name for _, name in sorted(numbered)]
        if place >= len(files):
            return []
        found: list[str] = []
        tail = b""
        with archive.open(files[place]) as stream:
            while chunk := stream.read(1 << 20):
                found += [match.decode() for match in _MERGE.findall(tail + chunk)]
                tail = (tail + chunk)[-200:]
    return sorted(set(found))


def _plain_heading(heading: str) -> str:
    return " ".join(heading.replace("_", " ").casefold().split())


class _Table:
    """One table while it is read: finds the columns, converts cells, gathers faults."""

    def __init__(self, spec: SheetSpec, form: CsvForm, limits: Limits, sheet: str) -> None:
        self.spec, self.form, self.limits, self.sheet = spec, form, limits, sheet
        self.faults: list[Fault] = []
        self.broken: list[SheetRow] = []
        self.seen: dict[str, dict[Value, int]] = {
            column.name: {} for column in spec.columns if column.unique
        }

    def read(self, rows: Iterable[RawRow]) -> Reading:
        """All rows below the heading, the first row that is not empty."""
        filled = ((number, row) for number, row in rows if any(not _is_empty(c) for c in row))
        heading = next(filled, None)
        if heading is None:
            raise EmptyTable()
        places, unknown = self._find_columns(heading)
        found = tuple(self._rows(filled, places))
        letters = {name: str(get_column_letter(place + 1)) for name, place in places.items()}
        return Reading(found, tuple(self.faults), unknown, letters, tuple(self.broken))

    def _find_columns(self, heading: RawRow) -> tuple[dict[str, int], tuple[str, ...]]:
        number, cells = heading
        self.width = len(cells)
        places: dict[str, int] = {}
        unknown: list[str] = []
        for place, cell in enumerate(cells):
            text = "" if _is_empty(cell) else str(cell).strip()
            column = next((item for item in self.spec.columns if item.is_headed(text)), None)
            if column is None:
                if text:
                    unknown.append(text)
            elif column.name in places:
                self.fault(ColumnTwice(column=text), number, place, column.name)
            else:
                places[column.name] = place
        for column in self.spec.columns:
            if column.required and column.name not in places:
                self.fault(ColumnMissing(column=_label(column)), number, None, column.name)
        return places, tuple(unknown)

    def _rows(self, rows: Iterable[RawRow], places: Mapping[str, int]) -> Iterator[SheetRow]:
        for count, (number, cells) in enumerate(rows, 1):
            if count > self.limits.rows_most:
                raise TooManyRows(most=self.limits.rows_most)
            before = len(self.faults)
            if not self.sheet and len(cells) > self.width:
                self.fault(RowTooWide(), number, self.width)
            values: dict[str, Value] = {}
            for column in self.spec.columns:
                place = places.get(column.name)
                if place is None:
                    values[column.name] = None
                    continue
                raw = cells[place] if place < len(cells) else None
                try:
                    values[column.name] = self._value(column, raw, number)
                except Refusal as refusal:
                    self.fault(refusal, number, place, column.name, _shown(raw))
            row = SheetRow(number, values)
            if len(self.faults) == before:
                yield row
            else:
                self.broken.append(row)

    def fault(
        self,
        refusal: Refusal,
        number: int | None = None,
        place: int | str | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        """Note one fault at its cell."""
        where = place if isinstance(place, str) else self._cell(number, place)
        self.faults.append(Fault(refusal.code, refusal.said(), where, number, column, value))

    def _cell(self, number: int | None, place: int | None) -> str:
        letter = "" if place is None else str(get_column_letter(place + 1))
        prefix = f"{self.sheet}!" if self.sheet else ""
        return f"{prefix}{letter}{number or ''}"

    def _value(self, column: Column, raw: object, number: int) -> Value:
        if raw is _FORMULA:
            raise FormulaFound(column=_label(column))
        if _is_empty(raw):
            if column.required:
                raise ValueMissing(column=_label(column))
            return None
        if isinstance(raw, str):  # files of ours put an apostrophe before what runs as a formula
            raw = meant_text(raw)
        value = self._converted(column, raw)
        _check_range(column, value)
        if column.unique:
            first = self.seen[column.name].setdefault(value, number)
            if first != number:
                raise ValueTwice(column=_label(column), value=_shown(raw), first=first)
        return value

    def _converted(self, column: Column, raw: object) -> Value:
        if column.kind is CellKind.DATE:
            return self._day(column, raw)
        if column.kind is CellKind.WHOLE:
            number = self._number(column, raw)
            if number.denominator != 1:
                raise NotWhole(column=_label(column), value=_shown(raw))
            return number.numerator
        if column.kind is CellKind.DECIMAL:
            number = self._number(column, raw)
            return Decimal(number.numerator) / Decimal(number.denominator)
        if column.kind is CellKind.AMOUNT:
            return self._amount(column, raw)
        text = _text(raw)
        if column.kind is CellKind.YES_NO:
            if isinstance(raw, bool):
                return raw
            answer = self.spec.yes_no.get(text.casefold())
            if answer is None:
                wanted = ", ".join(self.spec.yes_no)
                raise NotAChoice(column=_label(column), value=text, choices=wanted)
            return answer
        if column.kind is CellKind.CHOICE:
            by_case = {written.casefold(): code for written, code in column.choices.items()}
            code = by_case.get(text.casefold())
            if code is None:
                wanted = ", ".join(column.choices)
                raise NotAChoice(column=_label(column), value=text, choices=wanted)
            return code
        if len(text) > column.max_length:
            raise TooLong(column=_label(column), most=column.max_length)
        return text

    def _number(self, column: Column, raw: object) -> Fraction:
        number_cell = _number_cell(raw)
        if number_cell is not None:
            return number_cell
        try:
            number = Decimal(str(raw).strip().replace(self.form.decimal_sign, "."))
            if not number.is_finite() or is_endless(number):
                raise InvalidOperation
        except InvalidOperation:
            raise NotANumber(column=_label(column), value=_shown(raw)) from None
        return Fraction(number)

    def _amount(self, column: Column, raw: object) -> int:
        number_cell = _number_cell(raw)
        try:
            if number_cell is not None:
                raw = f"{Decimal(number_cell.numerator) / number_cell.denominator:f}"
            return units_from_text(
                str(raw).strip().replace(self.form.decimal_sign, "."), column.digits
            )
        except ValueError:
            raise NotAnAmount(
                column=_label(column), value=_shown(raw), digits=column.digits
            ) from None

    def _day(self, column: Column, raw: object) -> date:
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, date):
            return raw
        try:
            return datetime.strptime(str(raw).strip(), self.form.date_form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise NotADay(
                column=_label(column), value=_shown(raw), form=_form_in_words(self.form.date_form)
            ) from None


def _is_empty(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _number_cell(raw: object) -> Fraction | None:
    """A workbook's number exactly as it is written there; None for anything else."""
    if raw is True or raw is False or not isinstance(raw, Real) or raw in ENDLESS:
        return None
    return Fraction(repr(raw))


def _text(raw: object) -> str:
    number = _number_cell(raw)
    if number is not None and number.denominator == 1:
        return str(number.numerator)
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    return str(raw).strip()


def _shown(raw: object) -> str:
    if raw is _FORMULA:
        return "a formula"
    return "" if _is_empty(raw) else _text(raw)[:100]


def _label(column: Column) -> str:
    return column.headings[0] if column.headings else column.name


def _form_in_words(form: str) -> str:
    for sign, word in (("%Y", "YYYY"), ("%y", "YY"), ("%m", "MM"), ("%d", "DD")):
        form = form.replace(sign, word)
    return form


def _check_range(column: Column, value: Value) -> None:
    for limit, is_low in ((column.lowest, True), (column.highest, False)):
        if limit is None or not isinstance(value, int | Decimal | date):
            continue
        if isinstance(limit, date) != isinstance(value, date):
            continue
        wrong = value < limit if is_low else value > limit  # type: ignore[operator]  # same kind
        if wrong:
            shown = [_limit_text(column, item) for item in (value, limit)]
            if is_low:
                raise TooLow(column=_label(column), value=shown[0], lowest=shown[1])
            raise TooHigh(column=_label(column), value=shown[0], highest=shown[1])


def _limit_text(column: Column, value: int | Decimal | date) -> str:
    if column.kind is CellKind.AMOUNT and isinstance(value, int):
        return decimal_text(Fraction(value, 10**column.digits), column.digits)
    return str(value)
