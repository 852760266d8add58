"""Reads a spreadsheet (XLSX or XLS) as texts, within limits, and refuses what is not only a
table.
"""

import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import IO

import openpyxl
import xlrd
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from xlrd.compdoc import CompDocError

from handup.kernel.errors import Refusal

BYTES_MOST = 5_000_000
UNPACKED_MOST = 60_000_000
ROWS_MOST = 40_000
COLUMNS_MOST = 300
CELL_MOST = 32_000
PROLOG_MOST = 200_000
EMPTY_MOST = 1_000
EMPTY_READ = 59
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError, EOFError,
    xlrd.XLRDError, CompDocError, struct.error, zlib.error, AssertionError, IndexError,
    AttributeError, TypeError, OverflowError,
)  # fmt: skip


class QuestionnaireTooLarge(Refusal):
    """The file is larger than {most} MB. Pictures and unused sheets make it large: remove them."""


class NotASpreadsheet(Refusal):
    """The file cannot be read as a spreadsheet. Save it as .xlsx and send it again."""


class HasMacros(Refusal):
    """The file contains macros. Save it as .xlsx without macros and send it again."""


class HasEntities(Refusal):
    """The file declares entities of its own, as no spreadsheet program does. It is not read."""


class TooManyLines(Refusal):
    """The sheet {sheet} has more than {most} rows."""


class RowsApart(Refusal):
    """Row {row} of the sheet {sheet} stands after more than {most} empty rows. Remove them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: its number and its texts by column (from 0), the empty ones left out."""

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its headings by column, its lines that hold something."""

    name: str
    headings: dict[int, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


def letter_of(column: int) -> str:
    """The letter of a column counted from 0."""
    return str(get_column_letter(column + 1))


def read(content: bytes) -> dict[str, Sheet]:
    """Read all sheets by name.

    Raises QuestionnaireTooLarge, NotASpreadsheet, HasMacros, HasEntities, TooManyLines, RowsApart.
    """
    if len(content) > BYTES_MOST:
        raise QuestionnaireTooLarge(field="file", most=BYTES_MOST // 1_000_000)
    old = content.startswith(_OLE)
    if old and ("_VBA_PROJECT".encode("utf-16-le") in content):
        raise HasMacros(field="file")
    if not old:
        _refuse_tricks(content)
    try:
        found = dict(_read_old(content) if old else _read_new(content))
    except _BROKEN as error:
        raise NotASpreadsheet(field="file") from error
    return found


def _refuse_tricks(content: bytes) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN as error:
        raise NotASpreadsheet(field="file") from error
    with archive:
        members = archive.infolist()
        if sum(one.file_size for one in members) > UNPACKED_MOST or len(members) > 1_000:
            raise QuestionnaireTooLarge(field="file", most=BYTES_MOST // 1_000_000)
        for one in members:
            if one.filename.lower().endswith("vbaproject.bin"):
                raise HasMacros(field="file")
            if one.filename.lower().endswith((".xml", ".rels")):
                _refuse_entities(archive, one)


def _refuse_entities(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    try:
        with archive.open(member) as file:
            start = _prolog(file)
    except (*_BROKEN, RuntimeError, NotImplementedError) as error:
        raise NotASpreadsheet(field="file") from error
    plain = start.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise HasEntities(field="file")
    if b"macroEnabled" in plain:
        raise HasMacros(field="file")


def _prolog(file: IO[bytes]) -> bytes:
    """What stands before the first element, however long, and a little of what follows it."""
    held = b""
    while piece := file.read(4_000):
        held += piece.replace(b"\0", b"")
        plain = re.sub(rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)", b"", held, flags=re.DOTALL)
        if re.search(rb"<[^!?]", plain) or len(held) > PROLOG_MOST:
            break
    return held


def _read_new(content: bytes) -> Iterator[tuple[str, Sheet]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            for one in book.worksheets:
                one.reset_dimensions()
                rows = one.iter_rows(values_only=True, max_col=COLUMNS_MOST)
                yield one.title, _sheet(one.title, (map(_text, row) for row in rows))
        finally:
            book.close()


def _read_old(content: bytes) -> Iterator[tuple[str, Sheet]]:
    book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
    for one in book.sheets():
        rows = (map(partial(_old_text, book.datemode), one.row(at)) for at in range(one.nrows))
        yield one.name, _sheet(one.name, rows)


def _sheet(name: str, rows: Iterable[Iterable[str]]) -> Sheet:
    """The first row that holds something has the headings; nothing is looked for after a thousand
    empty rows, and a row after sixty is refused because compilers stop there."""
    headings: dict[int, str] = {}
    lines: list[Line] = []
    filled = 0
    for number, row in enumerate(rows, 1):
        cells = {at: text for at, text in enumerate(row) if text != ""}
        if number - filled > EMPTY_MOST:
            break
        if cells and lines and number - filled > EMPTY_READ:
            raise RowsApart(field="file", sheet=name, row=number, most=EMPTY_READ)
        filled = number if cells else filled
        if not headings:
            headings = {at: text.strip() for at, text in cells.items() if text.strip()}
        elif cells:
            lines.append(Line(number, cells))
        if len(lines) > ROWS_MOST:
            raise TooManyLines(field="file", sheet=name, most=ROWS_MOST)
    return Sheet(name, headings, tuple(lines))


def _text(value: object) -> str:
    """A cell as it is meant: whole numbers without a point, days in ISO form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return re.sub(r"\r\n?", "\n", str(value).replace("\u00a0", " "))[:CELL_MOST]


def _old_text(datemode: int, cell: xlrd.sheet.Cell) -> str:
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return _text(xlrd.xldate_as_datetime(cell.value, datemode))
        except xlrd.xldate.XLDateError:
            return str(cell.value)
    if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR}:
        return ""
    return _text(cell.value)
