"""Open a workbook, a CSV file, or a zip or folder of CSV files, and read the tables of a profile.

Nothing is written here; every fault is named with its sheet or file and its cell.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import openpyxl

from handup.kernel.errors import Fault, Refusal
from handup.kernel.importing.profiles import Profile, TableSpec
from handup.kernel.sheet_faults import FileTooLarge, NotATable, NotAWorkbook, WrongEncoding
from handup.kernel.sheets import (
    USUAL_LIMITS,
    Limits,
    Reading,
    SheetRow,
    SheetSpec,
    Value,
    read_csv,
    read_workbook,
)

LIMITS = Limits(bytes_most=10_000_000)
MEMBERS_MOST = 200
BROKEN = (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError, EOFError)
FORMULA_START = re.compile(r"[=@\t\r]|[+-](?![\d\s().+/-]+$)")


class LooksLikeFormula(Refusal):
    """{column} begins with {sign}, as a formula does. Write it without."""


class SignUnreadable(Refusal):
    """{column} holds a sign that cannot be stored. Type the cell anew."""


class TableMissing(Refusal):
    """{table} is missing."""


class NoTableKnown(Refusal):
    """No table of this profile was found. It knows: {known}."""


class FolderUnreadable(Refusal):
    """{path} is neither a file nor a folder that can be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table that was read, and how to name its cells."""

    table: str
    number: int
    values: Mapping[str, Value]
    letters: Mapping[str, str]
    where: str

    def place(self, column: str | None) -> str:
        """The cell of a column, or the row when the column is not known."""
        letter = self.letters.get(column or "", "")
        return f"{self.where}!{letter}{self.number}"

    def text(self, column: str) -> str:
        """The cell as text, empty when there is none."""
        value = self.values.get(column)
        return "" if value is None else str(value)


@dataclass(slots=True)
class Source:
    """The tables of a file; `broken` holds what could be read of rows with faults."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    broken: dict[str, list[Line]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    not_read: tuple[str, ...] = ()


def read_source(content: bytes, name: str, profile: Profile) -> Source:
    """Read every table of the profile that the file holds.

    Raises FileTooLarge, NotAWorkbook, NoTableKnown.
    """
    check_size(len(content))
    source = Source()
    tables: dict[str, bytes] | None
    if not content.startswith(b"PK"):
        if name.lower().endswith((".xlsx", ".xls", ".zip")):
            raise NotAWorkbook(field="file")
        _require_text(content, profile)
        # A profile of one table takes a single file whatever its name.
        alone = len(profile.tables) == 1
        tables = {profile.tables[0].name.casefold() if alone else _stem(name): content}
    else:
        tables = _members(content)
    if tables is None:
        _read_sheets(source, content, profile)
    else:
        _read_files(source, tables, profile)
    if not source.lines and not source.faults:
        known = ", ".join(table.name for table in profile.tables)
        raise NoTableKnown(field="file", known=known)
    return source


def check_size(size: int) -> None:
    """Refuse what is too large before it is in memory. Raises FileTooLarge."""
    if size > LIMITS.bytes_most:
        raise FileTooLarge(field="file", most=LIMITS.bytes_most // 1_000_000)


def _require_text(content: bytes, profile: Profile) -> None:
    """Refuse a single CSV file that is no text at all."""
    try:
        if "\x00" in content.decode(profile.form.encoding):
            raise NotATable(field="file", reason="it is not text")
    except UnicodeDecodeError:
        raise WrongEncoding(field="file", encoding=profile.form.encoding) from None


def folder_as_zip(folder: Path) -> bytes:
    """The CSV files of a folder as one file, the same bytes for the same files."""
    if not folder.is_dir():
        raise FolderUnreadable(path=folder)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() == ".csv" and path.is_file():
                archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return stream.getvalue()


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem.casefold()


def _members(content: bytes) -> dict[str, bytes] | None:
    """The CSV files of a zip by name, None when it is a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            items = archive.infolist()
            if any(item.filename == "[Content_Types].xml" for item in items):
                return None
            if len(items) > MEMBERS_MOST or sum(i.file_size for i in items) > _unpacked():
                raise FileTooLarge(field="file", most=_unpacked() // 1_000_000)
            return {
                _stem(item.filename): archive.read(item)
                for item in items
                if item.filename.lower().endswith(".csv")
                and not item.filename.startswith("__MACOSX")
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        # RuntimeError: locked with a password; NotImplementedError: packed in a way unknown here.
        raise NotAWorkbook(field="file") from None


def _unpacked() -> int:
    return LIMITS.bytes_most * 10


def _read_files(source: Source, tables: Mapping[str, bytes], profile: Profile) -> None:
    for spec in profile.tables:
        name = f"{spec.name}.csv"
        content = tables.get(spec.name.casefold())
        if content is None:
            _missing(source, spec, name)
            continue
        try:
            reading = read_csv(content, SheetSpec(spec.columns), profile.form, LIMITS)
        except Refusal as refusal:
            source.faults.append(Fault(refusal.code, refusal.said(), name))
            continue
        _keep(source, spec, reading, name, f"{name}!")
    known = {spec.name.casefold() for spec in profile.tables}
    source.not_read = tuple(sorted(set(tables) - known))


def _read_sheets(source: Source, content: bytes, profile: Profile) -> None:
    names = _sheet_names(content)
    by_name = {name.strip().casefold(): name for name in names}
    if len(profile.tables) == 1 and len(names) == 1:
        by_name = {profile.tables[0].name.casefold(): names[0]}
    for spec in profile.tables:
        sheet = by_name.get(spec.name.casefold())
        if sheet is None:
            _missing(source, spec, spec.name)
            continue
        try:
            reading = read_workbook(content, SheetSpec(spec.columns, sheet), LIMITS)
        except Refusal as refusal:
            source.faults.append(Fault(refusal.code, refusal.said(), sheet))
            continue
        except BROKEN as error:
            broken = NotATable(reason=error)
            source.faults.append(Fault(broken.code, str(broken), sheet))
            continue
        _keep(source, spec, reading, sheet, "")
    known = {spec.name.casefold() for spec in profile.tables}
    source.not_read = tuple(name for low, name in by_name.items() if low not in known)


def _sheet_names(content: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(i.file_size for i in archive.infolist()) > USUAL_LIMITS.unpacked_most:
                raise FileTooLarge(field="file", most=USUAL_LIMITS.unpacked_most // 1_000_000)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    except BROKEN:
        raise NotAWorkbook(field="file") from None
    try:
        return list(book.sheetnames)
    finally:
        book.close()


def _missing(source: Source, spec: TableSpec, name: str) -> None:
    if not spec.optional:
        refusal = TableMissing(table=name)
        source.faults.append(Fault(refusal.code, refusal.said(), name))


def _keep(source: Source, spec: TableSpec, reading: Reading, where: str, prefix: str) -> None:
    faults = [replace(fault, place=f"{prefix}{fault.place}") for fault in reading.faults]
    lines: list[Line] = []
    broken = [
        Line(spec.name, row.number, row.values, reading.letters, where) for row in reading.broken
    ]
    for row in reading.rows:
        line = Line(spec.name, row.number, row.values, reading.letters, where)
        found = list(_formulas(line, row))
        faults += found
        (broken if found else lines).append(line)
    source.lines[spec.name] = lines
    source.broken[spec.name] = broken
    source.faults += faults
    source.refused[spec.name] = len({fault.row for fault in faults if fault.row is not None})
    source.unknown[spec.name] = reading.unknown_headings


def _formulas(line: Line, row: SheetRow) -> Iterator[Fault]:
    """Texts that a spreadsheet would run when exported again, or that cannot be stored."""
    for name, value in row.values.items():
        if not isinstance(value, str):
            continue
        if FORMULA_START.match(value):
            yield _fault(LooksLikeFormula(column=name, sign=value[0]), line, name)
        elif "\x00" in value:
            yield _fault(SignUnreadable(column=name), line, name)


def _fault(refusal: Refusal, line: Line, name: str) -> Fault:
    shown = line.text(name)[:100].replace("\x00", "")
    return Fault(refusal.code, refusal.said(), line.place(name), line.number, name, shown)
