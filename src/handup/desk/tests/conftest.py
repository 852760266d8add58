"""Who imports, and small files."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

import openpyxl
import pytest

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.projects.models import Programme
from handup.projects.services import open_programme

Rows = Sequence[Sequence[object]]


@pytest.fixture
def importer(db: None) -> StaffUser:
    """One who may register, lend and open programmes."""
    return with_role("importer", Role.INTEGRATION, Role.MANAGER, Role.FINANCE_MANAGER)


def taker() -> StaffUser:
    """Another one, who takes over what was handed over."""
    found: StaffUser | None = StaffUser.objects.filter(username="taker").first()
    return found or with_role("taker", Role.INTEGRATION, Role.MANAGER, Role.FINANCE_MANAGER)


@pytest.fixture
def programme(importer: StaffUser) -> Programme:
    """An open programme."""
    return open_programme(
        acting_staff=importer, code="MED-1", title="Small enterprises", currency="USD"
    )


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    """A workbook of these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def csv_of(rows: Rows, delimiter: str = ",") -> bytes:
    """A CSV file of these rows."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()
