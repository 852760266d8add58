"""A laptop takes one area along: what its holder may see of it and nothing else, never more than a
device carries, and that is told before anything is fetched."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handup.groups.models import Group, Member
from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, NewMember, admit_members, register_group
from handup.org import exposure
from handup.org.models import Area, AuditLine, Device, DeviceState, Grant, ReadEntry, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.projects.models import Programme
from handup.sync import area_packs, services
from handup.sync.errors import DeviceEnded, NotAWorkPhone, NotThatArea
from handup.sync.models import AreaChoice
from handup.sync.tests.phone import Key
from handup.sync.tests.work.test_attendance import attended, own_phone, states
from handup.training.models import Attendance, Cohort, Enrolment, Session
from handup.training.tests.conftest import MakePerson, member_of_staff

DOOR = "/api/v1/sync/work/areas"


@pytest.fixture
def places(db: None) -> tuple[Area, Area]:
    """A district with a village in it, and another district."""
    hill = Area.objects.create(code="HILL", names={"en": "Hill"})
    Area.objects.create(code="UP", names={"en": "Upper Hill"}, level=2, parent=hill)
    return hill, Area.objects.create(code="SHORE", names={"en": "Shore"})


@pytest.fixture
def out(db: None) -> StaffUser:
    """A field officer who also trains, everywhere."""
    return member_of_staff("out", Role.FIELD_OFFICER, Role.TRAINING_OFFICER)


@pytest.fixture
def group(out: StaffUser, places: tuple[Area, Area], programme: Programme) -> Group:
    """A savings group of the district."""
    return register_group(
        acting_staff=out,
        programme=programme,
        group=NewGroup(
            name="Orchard road",
            kind=GroupKind.SAVINGS,
            area=places[0],
            formed_date=timezone.localdate(),
            currency="AMD",
            officer=out,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )


@pytest.fixture
def full(
    group: Group,
    out: StaffUser,
    places: tuple[Area, Area],
    person: MakePerson,
    cohort: Cohort,
    sessions: list[Session],
    enrolled: list[Enrolment],
) -> dict[str, Person]:
    """Ani lives in the village and is a member; Bat is a member from the shore; Dana lives on the
    shore; the course of the district meets today."""
    hill, shore = places
    people = {
        "ani": person("Ani", area=Area.objects.get(code="UP")),
        "bat": person("Bat", area=shore),
        "dana": person("Dana", area=shore),
    }
    joining = [
        NewMember(person=people[name], joined_date=group.formed_date) for name in ("ani", "bat")
    ]
    admit_members(acting_staff=out, group=group, members=joining)
    Cohort.objects.filter(pk=cohort.pk).update(area=hill)
    Session.objects.filter(pk=sessions[0].pk).update(session_date=timezone.localdate())
    return people


def asked(client: Client, token: str, path: str = "") -> tuple[int, dict[str, Any]]:
    """What the door answers a device."""
    answer = client.get(DOOR + path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def test_an_area_is_counted_first_and_then_carried_whole(
    full: dict[str, Person],
    places: tuple[Area, Area],
    out: StaffUser,
    sessions: list[Session],
    enrolled: list[Enrolment],
    client: Client,
) -> None:
    phone, hill = own_phone(out), places[0]
    token = phone.token
    status, told = asked(client, token)
    assert (status, told["areas_left"]) == (200, 0)
    assert [row["name"] for row in told["areas"]] == ["Hill", "Upper Hill", "Shore"]
    status, size = asked(client, token, f"/{hill.pk}/size")
    counted = {"persons": 2 + len(enrolled), "groups": 1, "cohorts": 1, "fits": True}
    most = {"most_persons": 500, "most_groups": 100, "most_cohorts": 40}
    assert (status, size) == (200, counted | most)
    before = ReadEntry.objects.count()
    status, pack = asked(client, token, f"/{hill.pk}")
    assert status == 200, pack
    assert (pack["name"], pack["keep_days"]) == ("Hill", 30)
    assert pack["as_of"] == timezone.localdate().isoformat()
    assert [row["name"] for row in pack["persons"]] == ["Ani"]
    (group,) = pack["groups"]
    members = [{"member_no": 1, "name": "Ani"}, {"member_no": 2, "name": "Bat"}]
    assert (group["name"], group["members"]) == ("Orchard road", members)
    (session,) = pack["sessions"]
    assert (session["session_id"], len(session["people"])) == (str(sessions[0].pk), len(enrolled))
    assert "Dana" not in str(pack)
    entry = ReadEntry.objects.order_by("pk").last()
    assert ReadEntry.objects.count() == before + 1
    assert entry is not None
    assert len(entry.persons) == 2 + len(enrolled)
    exposed = exposure.of_device(phone.device).persons
    assert {str(full["ani"].pk), str(full["bat"].pk)} < exposed
    assert str(full["dana"].pk) not in exposed


def test_what_a_laptop_records_of_its_area_is_stored_as_ever(
    full: dict[str, Person],
    places: tuple[Area, Area],
    out: StaffUser,
    enrolled: list[Enrolment],
    client: Client,
) -> None:
    phone = own_phone(out)
    _status, pack = asked(client, phone.token, f"/{places[0].pk}")
    held = Session.objects.get(pk=pack["sessions"][0]["session_id"])
    facts = [
        attended(held, {"enrolment": row["enrolment_id"]}) for row in pack["sessions"][0]["people"]
    ]
    answers = services.receive_work(facts, acting_staff=out, device=phone.device)
    assert states(answers) == ["DONE"] * len(enrolled)
    again = services.receive_work(facts, acting_staff=out, device=phone.device)
    assert states(again) == ["DONE"] * len(enrolled)
    assert Attendance.objects.filter(session=held).count() == len(enrolled)


def test_what_is_too_much_for_a_device_is_refused_with_its_numbers(
    full: dict[str, Person],
    places: tuple[Area, Area],
    out: StaffUser,
    enrolled: list[Enrolment],
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token, hill = own_phone(out).token, places[0]
    monkeypatch.setattr(area_packs, "MOST_PERSONS", 1 + len(enrolled))
    _status, size = asked(client, token, f"/{hill.pk}/size")
    assert (size["persons"], size["fits"]) == (2 + len(enrolled), False)
    status, told = asked(client, token, f"/{hill.pk}")
    assert status == 422
    assert f"Hill holds {2 + len(enrolled)} persons, 1 groups and 1 courses" in str(told)
    assert "persons" not in told


def test_an_area_shows_nobody_whom_its_holder_may_not_see(
    full: dict[str, Person],
    group: Group,
    places: tuple[Area, Area],
    programme: Programme,
    client: Client,
) -> None:
    """Of her own caseload alone, of her own area alone, of a group's phone nothing."""
    own = member_of_staff("own", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    Person.objects.filter(pk=full["ani"].pk).update(case_officer=own)
    hill, shore = places
    token = own_phone(own).token
    _status, pack = asked(client, token, f"/{hill.pk}")
    assert [row["name"] for row in pack["persons"]] == ["Ani"]
    assert (pack["groups"], pack["sessions"]) == ([], [])
    of_shore = member_of_staff("shore", Role.FIELD_OFFICER)
    Grant.objects.filter(staff=of_shore).update(scope=ScopeKind.AREA, area=shore)
    there = own_phone(of_shore).token
    assert [row["name"] for row in asked(client, there)[1]["areas"]] == ["Shore"]
    for path in (f"/{hill.pk}", f"/{hill.pk}/size", f"/{uuid4()}"):
        status, told = asked(client, there, path)
        assert (status, "not one of yours" in str(told)) == (422, True)
    _row, code = services.offer_enrolment(
        acting_staff=group.officer or own, group=group, holder=own, label="Of the group"
    )
    of_group = services.enrol_phone(code=code, public_key=Key().public).token
    assert asked(client, of_group, f"/{hill.pk}")[0] == 422


def test_an_area_takes_as_many_questions_of_the_database_however_many_its_members(
    full: dict[str, Person],
    group: Group,
    places: tuple[Area, Area],
    out: StaffUser,
    person: MakePerson,
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as seen:
            area_packs.pack_of(out, places[0])
        return len(seen)

    area_packs.pack_of(out, places[0])
    few = questions()
    more = [
        NewMember(person=person(f"More {no}", area=places[0]), joined_date=group.formed_date)
        for no in range(8)
    ]
    admit_members(acting_staff=out, group=group, members=more)
    assert Member.objects.filter(group=group).count() == 10
    assert questions() == few


def wanted(client: Client, token: str) -> tuple[str | None, str] | None:
    """The area a device hears that the office chose for it."""
    headers = {"Authorization": f"Bearer {token}"}
    told = client.get("/api/v1/sync/work", headers=headers).json()["wanted_area"]
    return told and (told["id"], told["name"])


def test_the_office_chooses_the_area_a_device_takes_along(
    full: dict[str, Person],
    places: tuple[Area, Area],
    out: StaffUser,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone, hill = own_phone(out), places[0]
    manager = member_of_staff("chooses", Role.MANAGER, Role.ADMINISTRATOR)
    desk = Client()
    desk.force_login(manager)
    page = reverse("sync:device_area", args=[phone.device.pk])
    assert wanted(client, phone.token) is None
    assert desk.post(page, {"area": str(hill.pk)}).status_code == 302
    assert wanted(client, phone.token) == (str(hill.pk), "Hill")
    shown = desk.get(reverse("org:device_detail", args=[phone.device.pk])).content.decode()
    assert "Area to take along" in shown
    assert page in shown
    monkeypatch.setattr(area_packs, "MOST_PERSONS", 1)
    assert "Choose a smaller area" in desk.post(page, {"area": str(hill.pk)}).content.decode()
    assert desk.post(page, {"area": ""}).status_code == 302
    assert wanted(client, phone.token) == (None, "")
    lines = AuditLine.objects.filter(action="sync.choose_area").order_by("id")
    assert [line.facts for line in lines] == [{"area": str(hill.pk)}, {"area": ""}]


def test_nobody_chooses_an_area_that_is_not_its_holders_or_for_a_device_that_carries_none(
    group: Group, places: tuple[Area, Area], out: StaffUser
) -> None:
    hill, shore = places
    manager = member_of_staff("chooses", Role.MANAGER)
    of_shore = member_of_staff("shore", Role.FIELD_OFFICER)
    Grant.objects.filter(staff=of_shore).update(scope=ScopeKind.AREA, area=shore)
    there = own_phone(of_shore).device
    with pytest.raises(NotThatArea):
        services.choose_area(acting_staff=manager, device=there, area=hill)
    with pytest.raises(NotAllowed):
        services.choose_area(acting_staff=of_shore, device=there, area=shore)
    _row, code = services.offer_enrolment(
        acting_staff=out, group=group, holder=out, label="Of the group"
    )
    of_group = services.enrol_phone(code=code, public_key=Key().public).device
    with pytest.raises(NotAWorkPhone):
        services.choose_area(acting_staff=manager, device=of_group, area=hill)
    Device.objects.filter(pk=there.pk).update(state=DeviceState.LOST)
    there.refresh_from_db()
    with pytest.raises(DeviceEnded):
        services.choose_area(acting_staff=manager, device=there, area=shore)
    assert not AreaChoice.objects.exists()
