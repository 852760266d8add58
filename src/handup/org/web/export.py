"""A list as CSV or as a workbook, holding exactly the rows and columns the reader sees.

A text cell that a spreadsheet would run as a formula (it starts with = + - @ of either width, a tab
or a line end) gets a leading apostrophe, so that a name typed by a stranger can never become a
command on the reader's computer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.encoding import force_str
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from handup.kernel.sheet_text import NOT_IN_XML, RUNS_AS_FORMULA, safe_text
from handup.org.editing import EditableList, workbook
from handup.org.web.columns import Column

__all__ = ["NOT_IN_XML", "RUNS_AS_FORMULA", "as_csv", "as_workbook", "safe_text"]
FORMATS = ("csv", "xlsx")
TO_EDIT = "edit"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return str(value)
    return safe_text(str(value))


def _workbook_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | float | Decimal | date):
        return value
    return safe_text(NOT_IN_XML.sub("", str(value)))


class _Echo:
    """A file that hands back what is written to it, so that rows can be streamed."""

    def write(self, value: str) -> str:
        return value


def _csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    yield str(writer.writerow([safe_text(h) for c in columns for h in c.headings()]))
    for row in rows:
        yield str(writer.writerow([_csv_value(v) for c in columns for v in c.exported(row)]))


def as_csv(columns: Sequence[Column], rows: Iterable[Any], title: str) -> HttpResponseBase:
    """The rows as UTF-8 CSV (with a byte order mark: spreadsheets read the letters right)."""
    response = StreamingHttpResponse(
        _csv_lines(columns, rows), content_type="text/csv; charset=utf-8"
    )
    return _attached(response, title, "csv")


def as_workbook(columns: Sequence[Column], rows: Iterable[Any], title: str) -> HttpResponseBase:
    """The rows as an XLSX workbook with a bold, frozen heading."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=_sheet_title(title))
    sheet.freeze_panes = "A2"
    heading = []
    for column in columns:
        for text in column.headings():
            cell = WriteOnlyCell(sheet, value=safe_text(text))
            cell.font = Font(bold=True)
            heading.append(cell)
    sheet.append(heading)
    for row in rows:
        sheet.append([_workbook_value(v) for c in columns for v in c.exported(row)])
    stream = io.BytesIO()
    book.save(stream)
    return _attached(HttpResponse(stream.getvalue(), content_type=XLSX), title, "xlsx")


def to_edit(of: EditableList, rows: Iterable[Any]) -> HttpResponseBase:
    """The rows as a workbook to be edited and loaded again. Raises TooManyToEdit."""
    content = workbook(of, rows)
    return _attached(HttpResponse(content, content_type=XLSX), force_str(of.title), "xlsx")


def _sheet_title(title: str) -> str:
    kept = "".join(" " if sign in "[]:*?/\\" else sign for sign in title)
    return kept[:31].strip() or "Handup"


def _attached(response: HttpResponseBase, title: str, ending: str) -> HttpResponseBase:
    name = slugify(title) or "handup"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
