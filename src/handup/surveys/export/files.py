"""Exports as files: a workbook in words with a code book, text files, files for SPSS."""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO

from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from handup.kernel.sheet_text import NOT_IN_XML, safe_text
from handup.surveys.export.columns import MAIN, Column, Kind, Layout
from handup.surveys.export.rows import Cell, Exported, as_text
from handup.surveys.rules import sav

IN_MEMORY = 8_000_000
# A code that is a number of its own; other digits than 0-9 are words.
PLAIN = re.compile(r"-?[0-9]{1,8}")
NO_ANSWER = ("DONT_KNOW", "REFUSED", "dont_know", "refused")


def numbers_of(column: Column) -> dict[str, int]:
    """The number each code has in a file for SPSS: its own where all codes are numbers, else its
    place among those of all versions; "don't know" and "refused" come last, below nothing.
    """
    codes = list(dict.fromkeys([*column.known, *(code for code, _word in column.codes)]))
    plain = [code for code in codes if code not in NO_ANSWER]
    own = all(PLAIN.fullmatch(code) for code in plain)
    own = own and len({int(code) for code in plain}) == len(plain)
    found = {code: int(code) if own else n for n, code in enumerate(plain, 1)}
    free = iter(range(-8, -1000, -1))
    for code in codes:
        if code in NO_ANSWER:
            found[code] = next(number for number in free if number not in found.values())
    return found


def codebook(shape: Layout) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Table, column, how it reads, what it holds, code or number for SPSS, meaning."""
    tables = [(MAIN, shape.main), *shape.repeats.items()]
    for table, columns in tables:
        for column in columns:
            numbers = numbers_of(column)
            yield table, column.name, column.label, column.kind.value, "", ""
            for code, word in column.codes:
                shown = code if str(numbers[code]) == code else f"{code} = {numbers[code]}"
                yield table, column.name, "", "", shown, word
            if column.kind is Kind.TICK:
                yield table, column.name, "", "", "0 / 1", _("no / yes")


CODEBOOK_HEAD = ("table", "column", "label", "holds", "code", "meaning")


def as_workbook(wish: Exported) -> IO[bytes]:
    """A workbook: the sets of answers in words, a sheet a repeat, the code book."""
    shape = wish.layout()
    book = Workbook(write_only=True)
    names = _sheet_names([MAIN, *shape.repeats])
    sheets = {name: book.create_sheet(title=names[name]) for name in [MAIN, *shape.repeats]}
    words = {}
    for name, columns in [(MAIN, shape.main), *shape.repeats.items()]:
        sheets[name].freeze_panes = "B2"
        sheets[name].append([_bold(sheets[name], column.name) for column in columns])
        words[name] = [dict(column.codes) for column in columns]
    for row in wish.told(shape):
        sheets[MAIN].append(_worded(row.main, words[MAIN]))
        for name, lines in row.repeats.items():
            for line in lines:
                sheets[name].append(_worded(line, words[name]))
    notes = book.create_sheet(title="codebook")
    notes.append([_bold(notes, text) for text in CODEBOOK_HEAD])
    for parts in codebook(shape):
        notes.append([safe_text(NOT_IN_XML.sub("", text)) for text in parts])
    target = _spool()
    book.save(target)
    target.seek(0)
    return target


def _bold(sheet: object, text: str) -> WriteOnlyCell:
    found = WriteOnlyCell(sheet, value=safe_text(text))
    found.font = Font(bold=True)
    return found


def _sheet_names(names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        plain = "".join(" " if sign in "[]:*?/\\'" else sign for sign in name)[:28] or "sheet"
        kept, number = plain, 1
        while kept.lower() in {one.lower() for one in found.values()} | {"codebook"}:
            number += 1
            kept = f"{plain}{number}"
        found[name] = kept
    return found


def _worded(cells: Sequence[Cell], words: Sequence[dict[str, str]]) -> list[object]:
    found: list[object] = []
    for value, known in zip(cells, words, strict=True):
        told = known.get(value, value) if isinstance(value, str) and known else value
        if isinstance(told, datetime):
            found.append(told.replace(tzinfo=None))
        elif isinstance(told, str):
            found.append(safe_text(NOT_IN_XML.sub("", told)))
        else:
            found.append(told)
    return found


def as_csv(wish: Exported) -> IO[bytes]:
    """Text files in one archive: the sets of answers, a file a repeat, the code book; codes as they
    are stored.
    """
    shape = wish.layout()
    files = {name: _spool() for name in [MAIN, *shape.repeats]}
    writers = {}
    for name, columns in [(MAIN, shape.main), *shape.repeats.items()]:
        files[name].write(b"\xef\xbb\xbf")
        writers[name] = _Lines(files[name])
        writers[name].add([column.name for column in columns])
    for row in wish.told(shape):
        writers[MAIN].add([_csv_text(value) for value in row.main])
        for name, lines in row.repeats.items():
            for line in lines:
                writers[name].add([_csv_text(value) for value in line])
    notes = _spool()
    notes.write(b"\xef\xbb\xbf")
    told = _Lines(notes)
    told.add(CODEBOOK_HEAD)
    for parts in codebook(shape):
        told.add([safe_text(text) for text in parts])
    return _archive({f"{name}.csv": file for name, file in [*files.items(), ("codebook", notes)]})


def _csv_text(value: Cell) -> str:
    text = as_text(value)
    return safe_text(text) if isinstance(value, str) else text


class _Lines:
    """Writes lines of a text file into a binary one."""

    def __init__(self, target: IO[bytes]) -> None:
        self.target = target

    def add(self, values: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(values)
        self.target.write(line.getvalue().encode())


def as_spss(wish: Exported) -> IO[bytes]:
    """Files for SPSS in one archive: the sets of answers and a file a repeat, with labels."""
    shape = wish.layout()
    made = timezone.localtime()
    repeats = {name: _spool() for name in shape.repeats}
    main = _spool()
    counts = dict.fromkeys(shape.repeats, 0)
    lines = {name: _spool() for name in shape.repeats}
    packers = {name: numbering(columns) for name, columns in shape.repeats.items()}
    numbers = numbering(shape.main)

    def rows() -> Iterator[list[sav.Value]]:
        for row in wish.told(shape):
            for name, given in row.repeats.items():
                for line in given:
                    counts[name] += 1
                    lines[name].write(packs[name](coded(line, packers[name])))
            yield coded(row.main, numbers)

    variables = {name: variables_of(columns) for name, columns in shape.repeats.items()}
    packs = {name: sav.packed(given) for name, given in variables.items()}
    count = wish.rows.count()
    sav.write(main, variables_of(shape.main), rows(), count=count, title=wish.title, made=made)
    for name, target in repeats.items():
        sav.write(target, variables[name], (), count=counts[name], title=wish.title, made=made)
        lines[name].seek(0)
        while piece := lines[name].read(1_000_000):
            target.write(piece)
    return _archive({f"{name}.sav": file for name, file in [(MAIN, main), *repeats.items()]})


def variables_of(columns: Sequence[Column]) -> list[sav.Variable]:
    """Columns as SPSS knows them."""
    names = sav.plain_names([column.name for column in columns])
    return [_variable(name, column) for name, column in zip(names, columns, strict=True)]


def _variable(name: str, column: Column) -> sav.Variable:
    if column.kind is Kind.CODE:
        numbers = numbers_of(column)
        values = [(float(numbers[code]), word) for code, word in column.codes]
        missing = [float(numbers[code]) for code, _word in column.codes if code in NO_ANSWER]
        return sav.Variable(
            name, column.label, values=values, missing=missing, measure=sav.Measure.NOMINAL
        )
    if column.kind is Kind.TICK:
        values = [(0.0, _("no")), (1.0, _("yes"))]
        return sav.Variable(name, column.label, values=values, measure=sav.Measure.NOMINAL)
    formats = {Kind.NUMBER: sav.Format.NUMBER, Kind.DAY: sav.Format.DAY}
    formats |= {Kind.INSTANT: sav.Format.INSTANT, Kind.TEXT: sav.Format.TEXT}
    return sav.Variable(
        name,
        column.label,
        formats[column.kind],
        decimals=column.decimals,
        width=column.width * (4 if column.width > 80 else 2),
    )


def numbering(columns: Sequence[Column]) -> list[dict[str, int]]:
    """The numbers of the codes of each column."""
    return [numbers_of(column) if column.kind is Kind.CODE else {} for column in columns]


def coded(cells: Sequence[Cell], numbers: Sequence[dict[str, int]]) -> list[sav.Value]:
    """Cells as SPSS takes them: codes as numbers; an unknown code is no answer."""
    found: list[sav.Value] = []
    for value, known in zip(cells, numbers, strict=True):
        if known:
            found.append(known.get(str(value)) if value is not None else None)
        else:
            found.append(float(value) if isinstance(value, Decimal) else value)
    return found


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def _archive(files: dict[str, IO[bytes]]) -> IO[bytes]:
    target = _spool()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            file.seek(0)
            with archive.open(name, "w", force_zip64=True) as inside:
                while piece := file.read(1_000_000):
                    inside.write(piece)
            file.close()
    target.seek(0)
    return target


def file_name(wish: Exported, ending: str) -> str:
    """What the file is called."""
    return f"{slugify(wish.name) or 'answers'}.{ending}"


MADE = {
    "xlsx": (
        as_workbook,
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "csv": (as_csv, "zip", "application/zip"),
    "sav": (as_spss, "zip", "application/zip"),
}
