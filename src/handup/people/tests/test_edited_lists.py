"""A list taken out, edited in a spreadsheet, loaded again: every change is seen before it is
written, nobody is overwritten, and who may not see a person neither sends nor receives her
(rulings 35).
"""

import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from openpyxl import load_workbook

from handup.kernel.ids import new_id
from handup.org import editing, keeping
from handup.org.devices import SameIdOtherContent
from handup.org.editing import ListUnknown
from handup.org.models import Area, AuditLine, EditedCell, EditedList, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.edited import (
    ReviewEnded,
    end_edited_list,
    faults_of,
    receive_edited_list,
    take_edited_cells,
)
from handup.org.tests.staff import staff_with
from handup.people.editing import ENTERPRISES, PERSONS, forget_edited
from handup.people.models import Enterprise, Person
from handup.people.rules import codes as c
from handup.people.services import (
    EnterpriseIn,
    OwnerIn,
    correct_person,
    register_enterprise,
    register_person,
)
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.people.tests.test_hidden_homes import hide
from handup.projects.models import Programme

pytestmark = pytest.mark.django_db
Edits = Mapping[tuple[str, str], Any]


def taken_out(of: editing.EditableList, staff: StaffUser) -> bytes:
    return editing.workbook(of, list(of.rows(staff).order_by(of.key)))


def edited(content: bytes, edits: Edits) -> bytes:
    """The workbook with the cell of (number, heading) changed, as a spreadsheet saves it."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.active
    assert sheet is not None
    headings = {str(cell.value): cell.column for cell in sheet[1]}
    rows = {str(row[0].value): row[0].row for row in sheet.iter_rows(min_row=2)}
    for (number, heading), value in edits.items():
        sheet.cell(rows[number], headings[heading]).value = value
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def loaded(staff: StaffUser, content: bytes, of: editing.EditableList = PERSONS) -> EditedList:
    return receive_edited_list(acting_staff=staff, code=of.code, name="list.xlsx", content=content)


def take_all(staff: StaffUser, row: EditedList) -> Any:
    ids = row.cells.values_list("pk", flat=True)
    return take_edited_cells(acting_staff=staff, edited=row, cells=list(ids))


@pytest.fixture
def lusine(clerk: StaffUser, programme: Programme) -> Person:
    told = person_in(programme, "Lusine", "Petrosyan")
    return register_person(acting_staff=clerk, person=told).person


@pytest.fixture
def bakery(clerk: StaffUser, programme: Programme, ani: Person) -> Enterprise:
    told = EnterpriseIn(
        trade="Baking",
        owners=(OwnerIn(ani),),
        registered_date=DAY,
        programme=programme,
        workers_paid=3,
        workers_women=2,
    )
    return register_enterprise(acting_staff=clerk, enterprise=told)


def test_a_change_is_seen_old_and_new_and_written_when_it_is_taken(
    clerk: StaffUser, ani: Person, lusine: Person, area: Area
) -> None:
    number = ani.registration_no
    Area.objects.create(code="C2", names={"en": "Second town"}, level=2)
    content = edited(
        taken_out(PERSONS, clerk),
        {
            (number, "Father's name"): "Hakob",
            (number, "Birth date"): date(1984, 5, 6),
            (number, "Settlement"): "C2",
            (lusine.registration_no, "Sex"): "man",
        },
    )
    row = loaded(clerk, content)
    found = {(cell.record, cell.column): (cell.was, cell.wanted) for cell in row.cells.all()}
    assert found == {
        (ani.pk, "father_name"): ("", "Hakob"),
        (ani.pk, "birth_date"): ("1985-05-06", "1984-05-06"),
        (ani.pk, "area"): ("C1", "C2"),
        (lusine.pk, "sex"): ("F", "M"),
    }
    ani.refresh_from_db()
    assert (ani.father_name, ani.birth_date) == ("", date(1985, 5, 6))  # seen, not written

    hers = row.cells.filter(record=ani.pk).values_list("pk", flat=True)
    taking = take_edited_cells(acting_staff=clerk, edited=row, cells=list(hers))
    assert (len(taking.taken), len(taking.refused)) == (3, 0)
    ani.refresh_from_db()
    lusine.refresh_from_db()
    assert ani.area is not None
    assert (ani.father_name, ani.birth_date, ani.area.code) == ("Hakob", date(1984, 5, 6), "C2")
    assert lusine.sex == "F"  # not ticked
    trail = AuditLine.objects.filter(action="people.correct_person", object_id=str(ani.pk))
    assert trail.count() == 1  # one call of the domain's service for the whole row
    assert ani.history.count() == 2

    take_all(clerk, row)
    again = loaded(clerk, content)  # the review still lasts: the same
    assert again == row
    end_edited_list(acting_staff=clerk, edited=row)
    third = loaded(clerk, content)  # loaded once more, it changes nothing
    assert (third.cells.count(), third.fault_count, third.ended_at is None) == (0, 0, False)
    with pytest.raises(ReviewEnded):
        take_all(clerk, row)


def test_what_was_changed_here_meanwhile_is_not_overwritten(
    clerk: StaffUser, ani: Person, lusine: Person
) -> None:
    content = edited(
        taken_out(PERSONS, clerk),
        {
            (ani.registration_no, "Father's name"): "Hakob",
            (ani.registration_no, "Sex"): "not answered",
            (lusine.registration_no, "Father's name"): "Levon",
        },
    )

    def correct(person: Person, father: str) -> None:
        correct_person(
            acting_staff=clerk, person=person, sex=c.Sex.F, birth_date=person.birth_date,
            birth_precision=c.BirthPrecision.DAY, father_name=father, phone=person.phone,
            area=person.area, on=DAY,
        )  # fmt: skip

    correct(ani, "Aram")
    row = loaded(clerk, content)
    correct(lusine, "Tigran")  # after it was loaded
    taking = take_all(clerk, row)
    refused = {(cell.record, cell.column) for cell in taking.refused}
    assert refused == {(ani.pk, "father_name"), (lusine.pk, "father_name")}
    assert all("changed here" in cell.reason for cell in taking.refused)
    ani.refresh_from_db()
    lusine.refresh_from_db()
    assert (ani.father_name, ani.sex, lusine.father_name) == ("Aram", "NOT_ANSWERED", "Tigran")
    row.refresh_from_db()
    assert (row.taken_count, row.refused_count) == (1, 2)


def test_what_cannot_be_read_or_taken_is_named_with_its_cell(
    clerk: StaffUser, ani: Person, lusine: Person, area: Area
) -> None:
    one, two = ani.registration_no, lusine.registration_no
    first, second = (2, 3) if one < two else (3, 2)
    content = edited(
        taken_out(PERSONS, clerk),
        {
            (one, "Name"): "Somebody else",
            (one, "Sex"): "wooman",
            (one, "Settlement"): "Nowhere (N1)",
            (one, "Father's name"): "=1+1",
            (two, "Version (leave as it is)"): 999_999,
            (two, "Father's name"): "Levon",
        },
    )
    row = loaded(clerk, content)
    assert row.cells.count() == 0
    assert {fault.place.split("!")[-1] for fault in faults_of(row)} == {f"E{first}", f"G{second}"}
    content = edited(
        taken_out(PERSONS, clerk),
        {
            (one, "Name"): "Somebody else",
            (one, "Sex"): "wooman",
            (one, "Settlement"): "Nowhere (N1)",
            (two, "Birth date"): timezone.localdate() + timedelta(days=9),
            (two, "Father's name"): "Levon",
        },
    )
    row = loaded(clerk, content)
    told = {fault.place: fault.code for fault in faults_of(row)}
    assert told == {
        f"B{first}": "COLUMN_NOT_TAKEN",
        f"C{first}": "NOT_A_CHOICE",
        f"F{first}": "PLACE_NOT_KNOWN",
    }
    taking = take_all(clerk, row)  # the domain's service refuses her whole row, and says why
    assert {cell.place for cell in taking.refused} == {f"D{second}", f"E{second}"}
    assert all("after the day" in cell.reason for cell in taking.refused)
    lusine.refresh_from_db()
    assert lusine.father_name == ""


def test_a_list_is_taken_out_and_loaded_in_any_language(
    clerk: StaffUser, ani: Person, area: Area
) -> None:
    with translation.override("ru"):
        content = taken_out(PERSONS, clerk)
        book = load_workbook(io.BytesIO(content)).active
        assert book is not None
        headings = [cell.value for cell in book[1]]
    with translation.override("hy"):
        row = loaded(clerk, content)
    assert (row.cells.count(), row.fault_count) == (0, 0)
    changed = edited(content, {(ani.registration_no, str(headings[2])): "M"})
    assert [cell.wanted for cell in loaded(clerk, changed).cells.all()] == ["M"]


def test_an_enterprise_is_corrected_by_the_same_way(clerk: StaffUser, bakery: Enterprise) -> None:
    content = edited(
        taken_out(ENTERPRISES, clerk),
        {
            (bakery.code, "Trade"): "=Bakery",
            (bakery.code, "Paid workers"): 1,
            (bakery.code, "Name"): "Sun",
        },
    )
    row = loaded(clerk, content, ENTERPRISES)
    assert row.fault_count == 1  # a formula: the row is named, not read
    content = edited(
        taken_out(ENTERPRISES, clerk),
        {(bakery.code, "Paid workers"): 1, (bakery.code, "Name"): "'-Sun"},
    )
    row = loaded(clerk, content, ENTERPRISES)
    taking = take_all(clerk, row)
    assert {cell.reason for cell in taking.refused} == {
        "More women work here than people. Check the numbers."
    }
    name = row.cells.get(column="name")
    take_edited_cells(acting_staff=clerk, edited=row, cells=[name.pk])
    bakery.refresh_from_db()
    assert (bakery.name, bakery.workers_paid) == ("-Sun", 3)
    out = load_workbook(io.BytesIO(taken_out(ENTERPRISES, clerk))).active
    assert out is not None
    assert out["B2"].value == "'-Sun"  # never a formula, and comes back as it is
    assert loaded(clerk, taken_out(ENTERPRISES, clerk), ENTERPRISES).cells.count() == 0


def test_who_may_not_see_or_change_neither_sends_nor_receives(
    clerk: StaffUser,
    outsider: StaffUser,
    trainer: StaffUser,
    focal_point: StaffUser,
    ani: Person,
    lusine: Person,
) -> None:
    content = edited(
        taken_out(PERSONS, clerk),
        {
            (ani.registration_no, "Father's name"): "Hakob",
            (lusine.registration_no, "Father's name"): "Levon",
        },
    )
    row = loaded(clerk, content)
    foreign = loaded(outsider, content)
    assert {fault.code for fault in faults_of(foreign)} == {"ROW_UNKNOWN"}
    assert foreign.cells.count() == 0
    with pytest.raises(ListUnknown):  # she reads persons and corrects none
        loaded(trainer, content)
    with pytest.raises(NotAllowed):
        loaded(StaffUser.objects.create_user("nobody"), content)

    hide(ani, focal_point)
    clerk = StaffUser.objects.get(pk=clerk.pk)
    page = signed_in(clerk).get(row.get_absolute_url())
    assert "Lusine" in page.content.decode()
    assert "Ani" not in page.content.decode()
    assert ani.registration_no not in page.content.decode()
    sheet = load_workbook(io.BytesIO(taken_out(PERSONS, clerk))).active
    assert sheet is not None
    assert [line[0].value for line in sheet.iter_rows(min_row=2)] == [lusine.registration_no]
    taking = take_all(clerk, row)
    assert [cell.record for cell in taking.refused] == [ani.pk]
    ani.refresh_from_db()
    assert ani.father_name == ""
    late = loaded(clerk, edited(content, {(ani.registration_no, "Father's name"): "Vahan"}))
    assert {fault.code for fault in faults_of(late)} == {"ROW_UNKNOWN"}


def test_the_pages_lead_from_the_list_to_the_review_and_back(
    desk: Client, clerk: StaffUser, outsider: StaffUser, ani: Person, lusine: Person
) -> None:
    listed = desk.get("/people/persons/").content.decode()
    assert "?export=edit" in listed
    assert "/edited-lists/new/people.person/" in listed
    out = desk.get("/people/persons/?export=edit").content
    assert len(EditedList.objects.all()) == 0
    content = edited(out, {(ani.registration_no, "Father's name"): "Hakob"})
    sent = desk.post(
        "/edited-lists/new/people.person/", {"file": SimpleUploadedFile("p.xlsx", content)}
    )
    row = EditedList.objects.get()
    assert (sent.status_code, sent.headers["Location"]) == (302, row.get_absolute_url())
    page = desk.get(row.get_absolute_url()).content.decode()
    assert "<del>–</del>" in page
    assert "<ins>Hakob</ins>" in page
    cell = EditedCell.objects.get()
    desk.post(f"/edited-lists/{row.pk}/take/", {})  # nothing is ticked
    ani.refresh_from_db()
    assert ani.father_name == ""
    assert signed_in(outsider).get(row.get_absolute_url()).status_code == 404
    other = signed_in(outsider).post(f"/edited-lists/{row.pk}/take/", {"cell": str(cell.pk)})
    assert other.status_code == 404
    desk.post(f"/edited-lists/{row.pk}/take/", {"cell": [str(cell.pk), "junk"]})
    ani.refresh_from_db()
    assert ani.father_name == "Hakob"
    desk.post(f"/edited-lists/{row.pk}/end/")
    assert not EditedCell.objects.exists()
    assert desk.get("/edited-lists/").status_code == 200
    assert desk.get("/edited-lists/new/no.such/").status_code == 404


def test_the_api_takes_a_list_out_and_its_changes_in(desk: Client, ani: Person) -> None:
    base = "/api/v1/org"
    codes = [row["code"] for row in desk.get(f"{base}/editable-lists").json()]
    assert codes == ["people.person", "people.enterprise"]
    out = desk.post(f"{base}/editable-lists/people.person/workbook").content
    content = edited(out, {(ani.registration_no, "Father's name"): "Hakob"})
    key = {"Idempotency-Key": str(new_id())}
    made = desk.post(
        f"{base}/edited-lists",
        {"file": SimpleUploadedFile("p.xlsx", content), "code": "people.person"},
        headers=key,
    )
    assert made.status_code == 201, made.content
    (change,) = made.json()["changes"]
    assert (change["was"], change["wanted"], change["here_now"]) == ("", "Hakob", None)
    address = f"{base}/edited-lists/{made.json()['id']}"
    body = {"changes": [change["id"]]}
    taken = desk.post(f"{address}/take", body, content_type="application/json").json()
    assert (taken["taken_count"], taken["changes"]) == (1, [])
    assert desk.post(f"{address}/end").json()["ended_at"]
    assert desk.get(address).json()["taken_count"] == 1


def test_what_was_read_is_kept_no_longer_than_it_is_needed(
    clerk: StaffUser, ani: Person, lusine: Person
) -> None:
    edits = {
        (ani.registration_no, "Father's name"): "Hakob",
        (lusine.registration_no, "Father's name"): "Levon",
    }
    row = loaded(clerk, edited(taken_out(PERSONS, clerk), edits))
    forget_edited(ani.pk)  # as an erasure does
    assert [cell.record for cell in row.cells.all()] == [lusine.pk]
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert (keeping.due(timezone.localdate()), keeping.due(tomorrow)) == (0, 1)
    assert keeping.blank(tomorrow) == 1
    row.refresh_from_db()
    assert (row.name, row.ended_at is None, row.cells.count()) == ("–", False, 0)
    assert keeping.due(tomorrow) == 0


def test_a_list_loaded_under_the_key_of_somebody_else_shows_nothing_of_hers(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    content = edited(taken_out(PERSONS, clerk), {(ani.registration_no, "Father's name"): "Aram"})
    key = new_id()
    another = staff_with("another", Role.CLERK, scope=ScopeKind.PROJECT, programme_id=programme.pk)
    told: dict[str, Any] = {"code": PERSONS.code, "name": "list.xlsx", "content": content}
    first = receive_edited_list(acting_staff=another, id=key, **told)
    assert receive_edited_list(acting_staff=another, id=key, **told) == first
    with pytest.raises(SameIdOtherContent):
        receive_edited_list(acting_staff=clerk, id=key, **told)
    assert EditedList.objects.count() == 1
