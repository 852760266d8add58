"""Who imports, and small files."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

import openpyxl
import pytest

from handup.desk import doubles
from handup.desk.models import ImportBatch, ImportPair
from handup.desk.services import receive_import
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people import services as p
from handup.people.models import Person
from handup.people.rules import codes as c
from handup.people.rules.duplicates import MatchReason as R
from handup.people.rules.duplicates import MatchState as S
from handup.projects.models import Programme
from handup.projects.services import open_programme

Rows = Sequence[Sequence[object]]
HEAD = ["person id", "first name", "last name", "sex", "date of birth", "phone", "registered on"]
DAY = date(2026, 3, 2)
ROWS: Rows = [
    HEAD,
    ["P1", "Հովհաննես", "Գրիգորյան", "M", date(1980, 5, 2), "+37491000001", DAY],
    ["P2", "Anahit", "Sargsyan", "F", date(1985, 7, 9), "+37491000002", DAY],
    ["P3", "Anahid", "Sarkissian", "F", date(1985, 7, 9), "+37491000002", DAY],
    ["P4", "Gor", "Petrosyan", "M", date(1991, 2, 3), "", DAY],
]
HOMES: Rows = [
    ["household id", "head person id", "other members", "registered on"],
    ["H1", "P1", "P3;P4", DAY],
]


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


@pytest.fixture
def known(importer: StaffUser, programme: Programme) -> Person:
    """Somebody the file will bring again, written by other letters."""
    return p.register_person(
        acting_staff=with_role("clerk", Role.CLERK),
        person=p.PersonIn(
            names=(p.NameIn("Hovhannes", "Grigoryan"),),
            registered_date=date(2026, 1, 5),
            sex=c.Sex.M,
            birth_date=date(1980, 5, 2),
            phone="+37491000001",
            programme=programme,
        ),
    ).person


@pytest.fixture
def adjudicator(db: None) -> StaffUser:
    """Who says whether two records are one person."""
    return with_role("adjudicator", Role.ADJUDICATOR)


def handed_over(importer: StaffUser, programme: Programme) -> ImportBatch:
    return receive_import(
        acting_staff=importer,
        name="intake.xlsx",
        content=workbook({"persons": ROWS, "households": HOMES}),
        profile_code="intake",
        programme=programme,
    )


def decide(staff: StaffUser, pair: ImportPair, state: S, reason: R) -> ImportPair:
    return doubles.decide_pair(
        acting_staff=staff, pair=pair, state=state, reason=reason, decided_date=DAY
    )
