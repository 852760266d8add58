"""Pictures of visits and deliveries, sent by a phone part by part: kept as files of the visit,
without what tells where they were taken, never of people who did not agree, and taken away when
she asks."""

import base64
import io
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from PIL import Image

from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.services.files import files_of, read_file
from handup.people import subject
from handup.people.models import Person
from handup.plans.models import Visit
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.models import WorkPicture
from handup.sync.services.work_pictures import take_picture_away
from handup.sync.tests.work.test_attendance import own_phone
from handup.sync.tests.work.test_people import told
from handup.training.tests.conftest import MakePerson, member_of_staff

AGREED = "2026-03-02T10:05:00+04:00"
PLACE_TAG = 34_853


def photograph() -> bytes:
    """A picture that says where it was taken."""
    image = Image.new("RGB", (40, 30), (90, 120, 60))
    data = image.getexif()
    data.get_ifd(PLACE_TAG)[1] = "N"
    data[271] = "Telephone of Nare"
    target = io.BytesIO()
    image.save(target, "JPEG", exif=data)
    return target.getvalue()


class Phone:
    """A field officer's own phone."""

    def __init__(self, staff: StaffUser, client: Client) -> None:
        self.staff, self.client = staff, client
        self.enrolled = own_phone(staff)

    def visit(self, person: Person, *pictures: dict[str, Any]) -> tuple[str, str]:
        """The id of a visit with pictures, and what became of it."""
        body = {"person": str(person.pk), "visit": None, "kind": "ADVICE", "situation": "It grows"}
        fact = told("record_visit", body | {"pictures": list(pictures)})
        (answer,) = services.receive_work(
            [fact], acting_staff=self.staff, device=self.enrolled.device
        )
        return fact["id"], answer.state

    def send(self, fact: str, name: str, whole: bytes, start: int = 0, end: int = 10**6) -> Any:
        """One part of a picture."""
        body = {
            "instance": f"fact:{fact}", "name": name, "size": len(whole), "agreed_at": None,
            "sha256": sha256(whole).hexdigest(), "offset": start,
            "part": base64.b64encode(whole[start:end]).decode(),
        }  # fmt: skip
        return self.client.post(
            "/api/v1/sync/work/pictures",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.enrolled.token}"},
        )


@pytest.fixture
def phone(db: None, client: Client) -> Phone:
    """The phone of whoever visits."""
    return Phone(member_of_staff("visits", Role.FIELD_OFFICER, Role.ADVISOR), client)


@pytest.fixture
def nare(person: MakePerson, programme: Programme) -> Person:
    """Who is visited."""
    return person("Nare", programme=programme)


def test_a_picture_of_a_visit_comes_part_by_part_and_is_a_file_of_the_visit(
    phone: Phone, nare: Person
) -> None:
    paper = {"name": "one.jpg", "shows": "DOCUMENT", "agreed_at": None}
    fact, state = phone.visit(nare, paper)
    assert state == "DONE"
    whole = photograph()
    half = len(whole) // 2
    assert phone.send(fact, "one.jpg", whole, end=0).json()["received"] == 0
    assert phone.send(fact, "one.jpg", whole, end=half).json()["received"] == half
    assert phone.send(fact, "one.jpg", whole, end=half).json()["received"] == half
    assert phone.send(fact, "two.jpg", whole).status_code in {404, 409, 422}
    visit = Visit.objects.get(pk=fact)
    assert files_of(visit) == []
    proof = {"received": len(whole), "sha256": sha256(whole).hexdigest(), "reason": ""}
    assert phone.send(fact, "one.jpg", whole, half).json() == proof
    assert phone.send(fact, "one.jpg", whole, half).json() == proof, "kept once, proved again"
    (file,) = files_of(visit)
    kept = Image.open(io.BytesIO(read_file(file)))
    assert (kept.size, len(kept.getexif())) == ((40, 30), 0), "nothing tells where it was taken"
    assert (file.klass, str(file.name)) == ("S", "document-2026-03-02.jpg")
    row = WorkPicture.objects.get(fact_id=UUID(fact))
    assert (row.content, row.person, row.agreed_at) == ("", nare, None)
    other = photograph()[:-2] + b"\xff\xd9\x00"
    assert phone.send(fact, "one.jpg", other).json()["reason"] == "NOT_KEPT"


def test_people_are_in_a_picture_only_when_they_agreed(phone: Phone, nare: Person) -> None:
    shown = {"name": "one.jpg", "shows": "PEOPLE", "agreed_at": AGREED}
    for wrong in (
        {"agreed_at": None}, {"agreed_at": ""}, {"agreed_at": "2026-03-02T10:05:00"},
        {"agreed_at": 5}, {"shows": "MOON"}, {"name": "../x"}, {"name": ""}, {"name": None},
    ):  # fmt: skip
        assert phone.visit(nare, shown | wrong)[1] == "REFUSED", wrong
    assert phone.visit(nare, shown, shown)[1] == "REFUSED", "one name twice"
    many = [shown | {"name": f"{number}.jpg"} for number in range(6)]
    assert phone.visit(nare, *many)[1] == "REFUSED"
    assert not Visit.objects.filter(person=nare).exists()
    fact, state = phone.visit(nare, shown)
    assert (state, WorkPicture.objects.get(fact_id=UUID(fact)).agreed_at is not None) == (
        "DONE",
        True,
    )


def test_another_persons_phone_sends_no_picture_of_it(
    phone: Phone, nare: Person, client: Client
) -> None:
    fact, _state = phone.visit(nare, {"name": "one.jpg", "shows": "PLACE", "agreed_at": None})
    other = Phone(member_of_staff("other", Role.FIELD_OFFICER, Role.ADVISOR), client)
    whole = photograph()
    assert other.send(fact, "one.jpg", whole).status_code == 404
    assert phone.send("no-id", "one.jpg", whole).status_code == 404
    assert not StoredFile.objects.filter(object_id=fact).exists()


def test_a_picture_goes_when_she_asks_and_with_her_erasure(
    phone: Phone, nare: Person, client: Client, settings: Any
) -> None:
    shown = {"name": "one.jpg", "shows": "PEOPLE", "agreed_at": AGREED}
    fact, _state = phone.visit(nare, shown, shown | {"name": "two.jpg"})
    whole = photograph()
    phone.send(fact, "one.jpg", whole)
    phone.send(fact, "two.jpg", whole, end=50)
    visit = Visit.objects.get(pk=fact)
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(phone.staff)
    (file,) = files_of(visit)
    assert f"/files/{file.pk}/" in client.get(f"/plans/visits/{fact}/").content.decode()
    page = client.get(f"/sync/work/{fact}/").content.decode()
    assert f"/sync/work/pictures/{file.pk}/away/" in page
    client.post(f"/sync/work/pictures/{file.pk}/away/", {"reason": "She asked"})
    assert files_of(visit) == []
    assert client.get(f"/files/{file.pk}/").status_code == 404
    assert phone.send(fact, "one.jpg", whole).json()["reason"] == "She asked", "it comes no more"
    for forget in subject.erase:
        if forget.__module__ == "handup.sync.persons":
            forget(nare.pk)
    second = WorkPicture.objects.get(fact_id=UUID(fact), received=50)
    assert (second.content, second.name, second.agreed_at) == ("", "", None)
    with pytest.raises(NotAllowed):
        take_picture_away(acting_staff=member_of_staff("none"), picture=second, reason="x")
