"""The roster on paper with a code to its page, and as a file confirmed before it counts."""

import csv
import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from pytest_django import Settings

from handup.kernel.sheet_faults import NotATable, NotAWorkbook
from handup.org.limits import EXPORTS_A_DAY
from handup.org.models import ReadEntry, Setting, StaffUser
from handup.org.web import factor
from handup.training.models import Attendance, Enrolment, Session
from handup.training.paper import roster_pdf, roster_rows, site_address
from handup.training.roster_file import read_roster
from handup.training.tests.test_hidden_in_training import hide

NUMBERS = ("00000001", "00000002", "00000003")


@pytest.fixture(autouse=True)
def without_second_factor(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_each_bad_cell_is_named_by_its_column_and_row() -> None:
    content = workbook(
        ("Name", "Number", "Minutes"),
        ("A", 1, 90),
        ("B", "00000002", "A"),
        ("C", "00000003", "half"),
        ("D", "00000009", 60),
        ("E", "00000002", 30),
    )
    found = read_roster(content, NUMBERS)
    assert found.cells == {"00000001": "90", "00000002": "a"}
    assert [fault.place.rpartition("!")[2] for fault in found.faults] == ["C4", "B5", "B6"]
    assert "half" in found.faults[0].message
    assert "00000009" in found.faults[1].message


def test_a_csv_with_semicolons_and_other_headings_is_read() -> None:
    found = read_roster("Nom;Numéro;Minutes\nA;00000001;e\nB;00000002;\n".encode(), NUMBERS)
    assert (found.cells, found.faults) == ({"00000001": "e"}, ())


def rewritten(content: bytes, **changed: bytes) -> bytes:
    """A workbook with other content in its sheet."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            new.writestr(name, changed["sheet"] if is_sheet else old.read(name))
    return held.getvalue()


def test_a_damaged_or_hostile_file_is_refused_never_a_fault() -> None:
    good = workbook(("Number", "Minutes"), (1, 90))
    sheet = zipfile.ZipFile(io.BytesIO(good)).read("xl/worksheets/sheet1.xml")
    hostile = (
        rewritten(good, sheet=sheet[: len(sheet) // 2]),
        rewritten(good, sheet=sheet.replace(b'r="A2"', b'r="ZZZZ99"')),
        rewritten(good, sheet=sheet.replace(b"<v>90</v>", b"<v>abc</v>")),
        rewritten(good, sheet=sheet.replace(b"<v>90</v>", b"<v>" + b"9" * 5000 + b"</v>")),
        b'Number,Minutes\n"' + b"a" * 140_000,
    )
    assert read_roster(good, NUMBERS).cells == {"00000001": "90"}
    for content in hostile:
        with pytest.raises((NotAWorkbook, NotATable)):
            read_roster(content, NUMBERS)
    endless = rewritten(good, sheet=sheet.replace(b"<v>90</v>", b"<v>1e999</v>"))
    (fault,) = read_roster(endless, NUMBERS).faults
    assert (fault.code, fault.place) == ("ROSTER_CELL_UNCLEAR", "B2")


def test_a_file_without_the_minutes_or_with_a_person_twice_says_so() -> None:
    (fault,) = read_roster(b"Number,Minuts\n00000001,90\n", NUMBERS).faults
    assert (fault.code, fault.message) == ("COLUMN_MISSING", "The column Minutes is missing.")
    (fault,) = read_roster(b"Who,Minutes\n00000001,90\n", NUMBERS).faults
    assert fault.code == "COLUMN_MISSING"
    twice = read_roster(b"Number,Minutes\n1,90\n00000001,45\n", NUMBERS)
    assert twice.cells == {"00000001": "90"}
    assert [(fault.code, fault.place) for fault in twice.faults] == [("VALUE_TWICE", "A3")]


def test_a_file_that_was_refused_is_no_export(
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.force_login(officer)
    where = reverse("training:roster_table", args=[sessions[0].pk])
    with monkeypatch.context() as patched:
        patched.setattr(factor, "is_stale", lambda request: True)
        assert client.get(where).status_code == 302
    assert not ReadEntry.objects.filter(action="EXPORT").exists(), "nothing left the house"
    for _time in range(EXPORTS_A_DAY):
        assert client.get(where).status_code == 200
    assert client.get(where).status_code == 429
    assert ReadEntry.objects.filter(action="EXPORT").count() == EXPORTS_A_DAY


def test_a_file_fills_the_roster_and_stores_nothing_until_it_is_saved(
    sessions: list[Session], enrolled: list[Enrolment], officer: StaffUser, client: Client
) -> None:
    session = sessions[0]
    client.force_login(officer)
    table = client.get(reverse("training:roster_table", args=[session.pk]))
    sheet = load_workbook(io.BytesIO(table.content)).active
    rows = [tuple(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == ("Number", "Name", "Minutes")
    assert [row[0] for row in rows[1:]] == [row.person.registration_no for row in enrolled]
    filled = workbook(rows[0], (rows[1][0], "", 45), (rows[2][0], "", "a"), ("x", "", 1))
    load = reverse("training:roster_load", args=[session.pk])
    page = client.post(load, {"file": SimpleUploadedFile("r.xlsx", filled)})
    shown = page.content.decode()
    assert page.status_code == 422
    assert "A4: Nobody with the number x is on this roster." in shown
    roster = reverse("training:roster", args=[session.pk])
    assert f'action="{roster}"' in shown
    assert f'name="cell-{enrolled[0].pk}" value="45"' in shown
    assert not Attendance.objects.exists(), "nothing is stored until it is confirmed"
    typed = {f"cell-{enrolled[0].pk}": "45", f"cell-{enrolled[1].pk}": "a"}
    assert client.post(roster, typed).status_code == 302
    found = Attendance.objects.order_by("enrolment__person__sort_key")
    assert [(row.minutes, row.mark, row.method) for row in found] == [
        (45, "PRESENT", "ROSTER"),
        (0, "ABSENT", "ROSTER"),
    ]
    bad = client.post(load, {"file": SimpleUploadedFile("r.xlsx", b"PK no workbook")})
    assert bad.status_code == 422
    assert "Error" in bad.content.decode()


def test_the_paper_has_the_order_of_the_page_and_its_code(
    sessions: list[Session], enrolled: list[Enrolment], officer: StaffUser, client: Client
) -> None:
    session = sessions[0]
    Setting.objects.create(key="site.address", value="https://handup.example/")
    path = reverse("training:roster", args=[session.pk])
    assert site_address(path) == f"https://handup.example/training/sessions/{session.pk}/"
    client.force_login(officer)
    paper = client.get(reverse("training:roster_paper", args=[session.pk]))
    assert paper.content[:5] == b"%PDF-"
    assert ReadEntry.objects.filter(action="PRINT").count() == 1
    few = roster_pdf(session, enrolled[:1])
    assert few != roster_pdf(session, enrolled[1:2]), "it holds who is on it"
    assert reverse("training:roster_load", args=[session.pk]) in client.get(path).content.decode()


def test_paper_and_file_hold_nobody_hidden_and_stay_closed_to_an_outsider(
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    outsider: StaffUser,
    client: Client,
) -> None:
    hidden = enrolled[1].person
    hide(hidden)
    client.force_login(officer)
    where = reverse("training:roster_table", args=[sessions[0].pk])
    answer: Any = client.get(where, {"kind": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    numbers = [row[0] for row in csv.reader(io.StringIO(text))][1:]
    assert numbers == [enrolled[0].person.registration_no, enrolled[2].person.registration_no]
    filled = workbook(("Number", "Minutes"), (hidden.registration_no, 30))
    page = client.post(
        reverse("training:roster_load", args=[sessions[0].pk]),
        {"file": SimpleUploadedFile("r.xlsx", filled)},
    )
    told = f"Nobody with the number {hidden.registration_no} is on this roster."
    assert told in page.content.decode(), "as of anybody who is not on it"
    client.force_login(outsider)
    for name in ("roster_table", "roster_paper", "roster_load"):
        answer = client.get(reverse(f"training:{name}", args=[sessions[0].pk]))
        assert answer.status_code in {403, 404}


def test_whoever_prints_it_a_hidden_person_is_on_no_paper_and_in_no_file(
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An officer of her case team sees her on the page; the paper lies in the room."""
    hidden = enrolled[1].person
    hide(hidden, officer)
    kept = [enrolled[0].person_id, enrolled[2].person_id]
    printed: list[list[UUID]] = []

    def keeping(rows: list[Enrolment]) -> list[list[str]]:
        printed.append([row.person_id for row in rows])
        return roster_rows(rows)

    monkeypatch.setattr("handup.training.paper.roster_rows", keeping)
    client.force_login(officer)
    page = client.get(reverse("training:roster", args=[sessions[0].pk])).content.decode()
    assert hidden.registration_no in page
    paper = client.get(reverse("training:roster_paper", args=[sessions[0].pk]))
    assert (paper.status_code, printed) == (200, [kept])
    where = reverse("training:roster_table", args=[sessions[0].pk])
    answer: Any = client.get(where, {"kind": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert hidden.registration_no not in text
    assert enrolled[2].person.registration_no in text


def test_the_paper_has_room_for_who_is_not_on_it(enrolled: list[Enrolment]) -> None:
    lines = roster_rows(enrolled[:2])
    assert [line[0] for line in lines] == ["1", "2", "3", "4", "5"]
    assert [line[1] for line in lines[2:]] == ["", "", ""]
