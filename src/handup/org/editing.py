"""Lists that are edited in a spreadsheet: taken out as a workbook, read again as differences.

A domain says which list, which columns, and the one service that takes a change:

    editing.register(EditableList(code="people.person", model=Person, key="registration_no", ...))

A row is recognised by its key (its number or code) and carries the line of the record's history it
was made from: what differs from that line was changed in the spreadsheet, what differs from it in
the house was changed here meanwhile, and where both did, nobody is overwritten.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from simple_history.utils import get_history_model_for_model

from handup.kernel.errors import Fault, Refusal
from handup.kernel.sheet_faults import NotAChoice, ValueMissing
from handup.kernel.sheet_forms import read_filled_workbook
from handup.kernel.sheet_text import NOT_IN_XML, meant_text, safe_text
from handup.kernel.sheets import (
    CellKind,
    Column,
    Limits,
    Reading,
    SheetRow,
    SheetSpec,
)
from handup.org.models import House, StaffUser
from handup.org.permissions import may
from handup.org.scope import without_opened

ROWS_MOST = 5_000
CELLS_MOST = 5_000
CHUNK = 500
VERSION = "version"
LIMITS = Limits(bytes_most=10_000_000, rows_most=ROWS_MOST, columns_most=200)
HEADING = _("Version (leave as it is)")
GREY = PatternFill("solid", fgColor="E7E5E0")


class TooManyToEdit(Refusal):
    """At most {most} rows are edited at once. Narrow the list first."""


class TooManyChanges(Refusal):
    """The file changes more than {most} cells. Load it in pieces."""


class ListUnknown(Refusal):
    """There is no list of that name which can be edited."""


class RowUnknown(Refusal):
    """{value} stands for no record of this list."""


class VersionUnknown(Refusal):
    """This row does not say which state it was made from. Take the list out again."""


class ColumnNotKnown(Refusal):
    """This list has no column {column}. It was not read."""


class ColumnNotTaken(Refusal):
    """{column} is not changed in a list. What stands in the house was left."""


def _plain(value: object) -> str:
    """A value as the plain text it is compared by."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return NOT_IN_XML.sub("", str(value)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableColumn:
    """One column of a list that is edited.

    `name` is the field; `held` gives its plain text from a record or a line of its history;
    `choices` are stored codes with their words; `written` and `parsed` turn plain text into what
    stands in the file and back (a place as name and code); `locked` columns are shown and never
    taken.
    """

    name: str
    label: str | Promise
    kind: CellKind = CellKind.TEXT
    required: bool = False
    locked: bool = False
    choices: Sequence[tuple[str, str | Promise]] = ()
    held: Callable[[Any], object] | None = None
    written: Callable[[str], str] | None = None
    parsed: Callable[[StaffUser, str], str] | None = None
    max_length: int = 200
    lowest: int | None = None
    highest: int | None = None

    def text_of(self, row: Any) -> str:
        """The plain text of this column in a record or a line of its history."""
        return _plain(self.held(row) if self.held else getattr(row, self.name))

    def in_file(self, text: str) -> Any:
        """What stands in the file for a plain text, in the active language."""
        if text == "":
            return None
        if self.kind is CellKind.WHOLE:
            return int(text)
        if self.kind is CellKind.DATE:
            return date.fromisoformat(text)
        if self.choices:
            return safe_text(force_str(dict(self.choices).get(text, text)))
        return safe_text(self.written(text) if self.written else text)

    def from_file(self, staff: StaffUser, value: object) -> str:
        """The plain text for what stands in the file. Raises NotAChoice and what `parsed` does."""
        text = _plain(value)
        if text == "" or self.kind is not CellKind.TEXT:
            return text
        if self.choices:
            code = said_codes(self.choices).get(text.casefold())
            if code is None:
                wanted = ", ".join(force_str(label) for _code, label in self.choices)
                raise NotAChoice(column=force_str(self.label), value=text, choices=wanted)
            return code
        return self.parsed(staff, text) if self.parsed else text

    def spec(self) -> Column:
        """How the column is read: by its name or its heading in any language."""
        return Column(
            self.name,
            said(self.label),
            self.kind,
            max_length=self.max_length,
            lowest=self.lowest,
            highest=self.highest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EditableList:
    """A list that is edited: its records, their key, its columns, and who takes a change how.

    `change(staff, record, {column: plain text})` calls the domain's one service. `persons` says
    that its records are persons, for the read log.
    """

    code: str
    title: str | Promise
    model: type[House]
    key: str
    key_label: str | Promise
    permission: str
    url_name: str
    columns: Sequence[EditableColumn]
    change: Callable[[StaffUser, Any, Mapping[str, str]], object]
    related: tuple[str, ...] = ()
    persons: bool = False

    def column(self, name: str) -> EditableColumn:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def rows(self, staff: StaffUser) -> QuerySet[Any, Any]:
        """The records she may see, without those she opened in an emergency."""
        rows: Any = self.model.objects.visible_to(without_opened(staff))
        found: QuerySet[Any, Any] = rows.select_related(*self.related)
        return found

    def history(self) -> QuerySet[Any, Any]:
        """The lines of the records' history."""
        lines: QuerySet[Any, Any] = get_history_model_for_model(self.model)._base_manager.all()
        return lines.select_related(*self.related)


lists: dict[str, EditableList] = {}


def register(*added: EditableList) -> None:
    """Add lists; one that is there already is put in its place."""
    lists.update((one.code, one) for one in added)


def list_for(staff: StaffUser, code: str) -> EditableList:
    """The list of that code, for who may change its records. Raises ListUnknown."""
    found = lists.get(code)
    if found is None or not may(staff, found.permission):
        raise ListUnknown(field="code")
    return found


@lru_cache(maxsize=512)
def _in_every_language(label: str | Promise) -> tuple[str, ...]:
    told = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            told.append(force_str(label))
    return tuple(dict.fromkeys(told))


def said(label: str | Promise) -> tuple[str, ...]:
    """A label in every language of the house, the reader's first: a colleague may have taken the
    list out in hers.
    """
    return (force_str(label), *_in_every_language(label))


def said_codes(choices: Sequence[tuple[str, str | Promise]]) -> dict[str, str]:
    """Code by each way to write it, without case; words two codes share stand for none."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for code, label in choices:
        for text in said(label):
            if found.setdefault(text.casefold(), code) != code:
                shared.add(text.casefold())
    found = {text: code for text, code in found.items() if text not in shared}
    return found | {code.casefold(): code for code, _label in choices}


def versions_of(of: EditableList, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The last line of history of each record."""
    rows = of.history().order_by().filter(id__in=ids).values_list("id")
    return dict(rows.annotate(last=Max("history_id")))


def workbook(of: EditableList, rows: Iterable[Any]) -> bytes:
    """The rows as a workbook to be edited, in the active language; grey columns are not taken.

    Raises TooManyToEdit.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=force_str(of.title)[:31])
    sheet.freeze_panes = "B2"
    headings = [of.key_label, *(column.label for column in of.columns), HEADING]
    locked = [True, *(column.locked for column in of.columns), True]
    for place, heading in enumerate(headings, 1):
        wide = max(14, len(force_str(heading)) + 2)
        sheet.column_dimensions[get_column_letter(place)].width = wide
    heading_cells = [WriteOnlyCell(sheet, value=safe_text(force_str(text))) for text in headings]
    for cell in heading_cells:
        cell.font = Font(bold=True)
    sheet.append(heading_cells)
    for values in _lines(of, rows):
        cells = [WriteOnlyCell(sheet, value=value) for value in values]
        for cell, is_locked in zip(cells, locked, strict=True):
            if is_locked:
                cell.fill = GREY
        sheet.append(cells)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _lines(of: EditableList, rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Each row's values; the version is read before the record, so that a change in between is
    seen as one that was made meanwhile.
    """
    ids = [row.pk for _count, row in zip(range(ROWS_MOST + 1), rows, strict=False)]
    if len(ids) > ROWS_MOST:
        raise TooManyToEdit(most=ROWS_MOST)
    for start in range(0, len(ids), CHUNK):
        piece = ids[start : start + CHUNK]
        versions = versions_of(of, piece)
        records = of.model._base_manager.select_related(*of.related).in_bulk(piece)
        for pk in piece:
            record = records[pk]
            texts = [column.in_file(column.text_of(record)) for column in of.columns]
            yield [getattr(record, of.key), *texts, versions.get(pk)]


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that differs from what it was made from."""

    record: UUID
    row: int
    place: str
    column: str
    version: int
    was: str
    wanted: str


@dataclass(slots=True)
class Differences:
    """What an edited list changes, and what of it cannot be read."""

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def differences(of: EditableList, staff: StaffUser, content: bytes) -> Differences:
    """Compare a loaded workbook with what its rows were made from; nothing is written.

    Raises NotAWorkbook, FileTooLarge, TooManyRows, EmptyTable, TooManyChanges.
    """
    spec = SheetSpec(
        (
            Column(of.key, said(of.key_label), required=True, unique=True),
            *(column.spec() for column in of.columns),
            Column(VERSION, said(HEADING), CellKind.WHOLE),
        )
    )
    reading = read_filled_workbook(content, spec, LIMITS)
    found = Differences(faults=list(reading.faults))
    for heading in reading.unknown_headings:
        refusal = ColumnNotKnown(column=heading)
        found.faults.append(Fault(refusal.code, refusal.said(), heading))
    for start in range(0, len(reading.rows), CHUNK):
        _compare(of, staff, reading, reading.rows[start : start + CHUNK], found)
        if len(found.changes) > CELLS_MOST:
            raise TooManyChanges(most=CELLS_MOST, field="file")
    return found


def _compare(
    of: EditableList,
    staff: StaffUser,
    reading: Reading,
    rows: Sequence[SheetRow],
    found: Differences,
) -> None:
    keys = [str(row.values[of.key]) for row in rows]
    records = {str(getattr(r, of.key)): r for r in of.rows(staff).filter(**{f"{of.key}__in": keys})}
    asked = [row.values[VERSION] for row in rows if isinstance(row.values[VERSION], int)]
    lines = {line.history_id: line for line in of.history().filter(history_id__in=asked)}

    def fault(row: SheetRow, column: str, refusal: Refusal, value: object) -> None:
        place = f"{reading.letters.get(column, '')}{row.number}"
        text = _plain(value)[:100]
        found.faults.append(
            Fault(refusal.code, refusal.said(), place, row.number, column, text or None)
        )

    for row, key in zip(rows, keys, strict=True):
        record = records.get(key)
        version = row.values[VERSION]
        line = lines.get(version) if isinstance(version, int) else None
        if record is None:
            fault(row, of.key, RowUnknown(value=key), key)
        elif line is None or line.id != record.pk:
            fault(row, VERSION, VersionUnknown(), version)
        else:
            for column in of.columns:
                if column.name not in reading.letters:
                    continue
                try:
                    wanted = _wanted(column, staff, line, row.values[column.name])
                except Refusal as refusal:
                    fault(row, column.name, refusal, row.values[column.name])
                    continue
                if wanted is not None and wanted != column.text_of(record):
                    place = f"{reading.letters[column.name]}{row.number}"
                    was = column.text_of(line)
                    found.changes.append(
                        Change(
                            record.pk, row.number, place, column.name, line.history_id, was, wanted
                        )
                    )


def _wanted(column: EditableColumn, staff: StaffUser, line: Any, value: object) -> str | None:
    """What a cell asks for; None where it says what it was made from. Raises ColumnNotTaken,
    ValueMissing, NotAChoice and what the column's own reading does.
    """
    was = column.text_of(line)
    told = _plain(value)
    if told == meant_text(_plain(column.in_file(was))):
        return None
    if column.locked:
        raise ColumnNotTaken(column=force_str(column.label))
    if told == "" and column.required:
        raise ValueMissing(column=force_str(column.label))
    wanted = column.from_file(staff, value)
    return None if wanted == was else wanted
