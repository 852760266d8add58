"""The import centre through its pages and its interface."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from handup.desk.models import ColumnMatch, ImportBatch
from handup.desk.services import receive_import
from handup.desk.tests.conftest import csv_of, taker, workbook
from handup.kernel.ids import new_id
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.conftest import with_role
from handup.people.models import Person
from handup.projects.models import Programme

HEAD = ["person id", "first name", "registered on"]
GOOD = workbook({"persons": [HEAD, ["P1", "Anna", date(2024, 1, 10)]]})
BAD = workbook({"persons": [HEAD, ["P1", "", date(2024, 1, 10)]]})


def uploaded(content: bytes, name: str = "intake.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def hand_over(client: Client, importer: StaffUser, programme: Programme) -> Callable[..., str]:
    """Post a file to the form; the address of its page."""

    def post(content: bytes, name: str = "intake.xlsx") -> str:
        client.force_login(importer)
        told = {
            "file": uploaded(content, name),
            "profile": "intake",
            "programme": str(programme.pk),
            "_new_id": str(new_id()),
        }
        answer = client.post("/imports/new/", told)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer.headers["Location"])

    return post


def test_a_good_file_is_checked_on_one_page_and_imported_by_another_click(
    client: Client, hand_over: Callable[..., str]
) -> None:
    page = hand_over(GOOD)
    shown = client.get(page)
    assert b"No fault was found" in shown.content
    assert not Person.objects.exists()
    assert "Take it over" not in shown.content.decode(), "another person does"
    assert client.post(f"{page}commit/", {}).status_code == 422
    assert not Person.objects.exists()
    client.force_login(taker())
    assert "Take it over" in client.get(page).content.decode()
    assert client.get(f"{page}commit/").status_code == 200
    answer = client.post(f"{page}commit/", {})
    assert answer.headers["Location"] == page
    assert Person.objects.count() == 1
    assert b"1 new records" in client.get(page).content
    assert client.get("/imports/").status_code == 200


def test_a_faulty_file_shows_each_cell_and_cannot_be_imported(
    client: Client, hand_over: Callable[..., str]
) -> None:
    page = hand_over(BAD)
    shown = client.get(page).content.decode()
    assert "persons!B2" in shown
    assert "Import it" not in shown
    assert client.post(f"{page}commit/", {}).status_code == 422
    assert not Person.objects.exists()


def test_a_file_that_is_no_workbook_is_refused_beside_the_field(
    client: Client, importer: StaffUser, programme: Programme
) -> None:
    client.force_login(importer)
    told = {"file": uploaded(b"nothing"), "profile": "intake", "programme": str(programme.pk)}
    answer = client.post("/imports/new/", told)
    assert answer.status_code == 422
    assert b"cannot be read as a workbook" in answer.content
    without = client.post("/imports/new/", {"file": uploaded(GOOD), "profile": "intake"})
    assert without.status_code == 422
    assert not ImportBatch.objects.exists()


def test_columns_are_matched_by_choosing_and_remembered(
    client: Client, hand_over: Callable[..., str]
) -> None:
    rows = [["Nr", "Prénom", "registered_date"], ["P1", "Anna", "2024-01-10"]]
    page = hand_over(csv_of(rows), "persons.csv")
    form = client.get(f"{page}columns/").content.decode()
    assert "persons: Nr" in form
    same = {"match_0": "person", "match_1": "person"}
    assert client.post(f"{page}columns/", same).status_code == 422
    assert not ColumnMatch.objects.exists()
    answer = client.post(f"{page}columns/", {"match_0": "person", "match_1": "first_name"})
    assert answer.headers["Location"] == page
    assert b"No fault was found" in client.get(page).content
    assert client.post(f"{page}check/", {}).status_code == 302


def test_who_imports_nothing_sees_nothing_of_it(client: Client, importer: StaffUser) -> None:
    batch = ImportBatch.objects.create(
        profile="intake", name="x.xlsx", sha256="0" * 64, received_by=importer
    )
    client.force_login(with_role("reader", Role.ME_READER))
    assert client.get("/imports/").status_code == 403
    assert client.get(f"/imports/{batch.pk}/").status_code in (403, 404)
    assert client.post(f"/imports/{batch.pk}/commit/", {}).status_code in (403, 404)


def test_the_interface_receives_once_and_imports_once(
    client: Client, importer: StaffUser, programme: Programme
) -> None:
    client.force_login(importer)
    key = str(new_id())

    def post(content: bytes) -> tuple[int, dict[str, object]]:
        told = {"file": uploaded(content), "profile": "intake", "programme": programme.code}
        answer = client.post("/api/v1/desk/imports", told, headers={"Idempotency-Key": key})
        return answer.status_code, answer.json()

    status, batch = post(GOOD)
    assert (status, batch["state"], batch["faults"]) == (201, "VALIDATED", [])
    assert post(GOOD)[1]["id"] == batch["id"]
    assert post(BAD)[0] == 409
    refused = client.post(f"/api/v1/desk/imports/{batch['id']}/commit")
    assert (refused.status_code, Person.objects.count()) == (422, 0)
    client.force_login(taker())
    for _ in range(2):
        answer = client.post(f"/api/v1/desk/imports/{batch['id']}/commit")
        assert (answer.status_code, answer.json()["state"]) == (200, "TAKEN_OVER")
    assert Person.objects.count() == 1
    assert len(client.get("/api/v1/desk/imports").json()["items"]) == 1
    assert client.get(f"/api/v1/desk/imports/{batch['id']}").json()["name"] == "intake.xlsx"


def test_the_interface_lists_faults_and_refuses_to_import_them(
    client: Client, importer: StaffUser, programme: Programme
) -> None:
    batch = receive_import(
        acting_staff=importer,
        name="intake.xlsx",
        content=BAD,
        profile_code="intake",
        programme=programme,
    )
    client.force_login(importer)
    shown = client.get(f"/api/v1/desk/imports/{batch.pk}").json()
    assert [fault["place"] for fault in shown["faults"]] == ["persons!B2"]
    answer = client.post(f"/api/v1/desk/imports/{batch.pk}/commit")
    assert answer.status_code == 422
    assert not Person.objects.exists()


def test_a_programme_out_of_scope_is_as_unknown_as_one_that_does_not_exist(
    client: Client, programme: Programme
) -> None:
    other = Programme.objects.create(code="OTHER", title="Other", currency="AMD")
    client.force_login(scoped(other))
    for code in (programme.code, "NOWHERE"):
        told = {"file": uploaded(GOOD), "profile": "intake", "programme": code}
        answer = client.post(
            "/api/v1/desk/imports", told, headers={"Idempotency-Key": str(new_id())}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "PROGRAMME_UNKNOWN")
    assert not ImportBatch.objects.exists()


def scoped(programme: Programme) -> StaffUser:
    """A clerk of one programme."""
    staff = StaffUser.objects.create_user("scoped", display_name="Scoped")
    today = timezone.localdate()
    Grant.objects.create(
        staff=staff,
        role=Role.CLERK,
        scope=ScopeKind.PROJECT,
        programme_id=programme.pk,
        starts=today,
        ends=today,
    )
    return staff
