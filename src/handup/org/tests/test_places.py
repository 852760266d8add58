"""Areas and offices: added through every door, renamed, given up; never twice, never deleted."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org import services
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AuditLine, Office, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.services import places
from handup.org.services.places import AreaIn
from handup.org.tests.conftest import with_role

END = date(2025, 6, 30)


@pytest.fixture
def register(administrator: StaffUser) -> list[Area]:
    """A country, a region in it, a village in the region."""
    told = [
        AreaIn("XX", {"en": "Country"}),
        AreaIn("XX-1", {"en": "Region", "fr": "Région"}, "XX", date(2000, 1, 1)),
        AreaIn("XX-1.a", {"hy": "Գյուղ"}, "XX-1"),
    ]
    return services.add_areas(acting_staff=administrator, areas=told)


def test_areas_are_added_from_the_top_down_in_one_go(register: list[Area]) -> None:
    village = Area.objects.get(code="XX-1.a")
    assert (village.level, village.path) == (2, "/XX/XX-1/XX-1.a/")
    assert village.parent == register[1]
    village.save()
    assert village.path == "/XX/XX-1/XX-1.a/"
    assert AuditLine.objects.filter(action="org.add_area").count() == 3


def test_the_same_area_again_is_the_same_and_another_of_its_code_is_refused(
    administrator: StaffUser,
) -> None:
    told = AreaIn("A", {"en": "A"})
    for _again in range(2):
        services.add_areas(acting_staff=administrator, areas=[told])
    assert Area.objects.count() == 1
    with pytest.raises(SameIdOtherContent):
        services.add_areas(acting_staff=administrator, areas=[AreaIn("A", {"en": "B"}, id=told.id)])
    with pytest.raises(places.CodeTaken):
        services.add_areas(acting_staff=administrator, areas=[AreaIn("A", {"en": "B"})])


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (AreaIn("a/b", {"en": "x"}), places.CodeNotPlain),
        (AreaIn(" ", {"en": "x"}), places.CodeNotPlain),
        (AreaIn("b", {"en": " ", "xx": "x"}), places.NameMissing),
        (AreaIn("b", {"en": "x"}, "nowhere"), places.AreaAboveUnknown),
    ],
)
def test_what_is_no_area_is_refused_and_nothing_of_its_batch_is_kept(
    administrator: StaffUser, told: AreaIn, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.add_areas(acting_staff=administrator, areas=[AreaIn("c", {"en": "c"}), told])
    assert not Area.objects.exists()


def test_an_area_given_up_keeps_its_records_and_names_what_came_after_it(
    administrator: StaffUser, register: list[Area]
) -> None:
    _country, region, village = register
    with pytest.raises(places.AreaInUse):
        services.end_area(acting_staff=administrator, area=region, on=END)
    with pytest.raises(places.SuccessorIsItself):
        services.end_area(acting_staff=administrator, area=village, on=END, successor=village)
    services.end_area(acting_staff=administrator, area=village, on=END, successor=region)
    with pytest.raises(places.EndsBeforeItBegins):
        services.end_area(acting_staff=administrator, area=region, on=date(1999, 1, 1))
    ended = Area.objects.get(pk=village.pk)
    assert (ended.valid_to, ended.successor) == (END, region)
    with pytest.raises(places.AreaNotInForce):
        services.end_area(acting_staff=administrator, area=village, on=END)
    with pytest.raises(places.AreaNotInForce):
        services.open_office(acting_staff=administrator, code="o", name="O", area=ended)


def test_an_office_is_opened_once_changed_and_taken_out_of_use(
    administrator: StaffUser, register: list[Area]
) -> None:
    key, region = new_id(), register[1]
    for _again in range(2):
        office = services.open_office(
            acting_staff=administrator, code="north", name="North", area=region, id=key
        )
    with pytest.raises(places.CodeTaken):
        services.open_office(acting_staff=administrator, code="north", name="Other")
    with pytest.raises(places.NameMissing):
        services.open_office(acting_staff=administrator, code="south", name=" ")
    services.change_office(
        acting_staff=administrator, office=office, name="The north", area=None, active=False
    )
    office.refresh_from_db()
    assert (str(office), office.area, office.active) == ("The north", None, False)
    with pytest.raises(NotAllowed):
        services.open_office(acting_staff=with_role("x", Role.MANAGER), code="y", name="Y")


def test_the_pages_lead_from_an_empty_register_to_an_office(
    client: Client, administrator: StaffUser
) -> None:
    client.force_login(administrator)
    empty = client.get(reverse("org:office_list")).content.decode()
    assert reverse("org:office_new") in empty
    for code, parent in (("XX", None), ("XX-1", "XX")):
        above = Area.objects.get(code=parent).pk if parent else ""
        sent = {"code": code, "parent": above, "name_en": f"Place {code}", "_new_id": new_id()}
        assert client.post(reverse("org:area_new"), sent).status_code == 302
    area = Area.objects.get(code="XX-1")
    taken = client.post(reverse("org:area_new"), {"code": "XX", "name_en": "Again"})
    assert "already" in taken.content.decode()
    client.post(
        reverse("org:area_rename", args=[area.pk]), {"name_en": "North", "name_hy": "Հյուսիս"}
    )
    area.refresh_from_db()
    assert area.names == {"en": "North", "hy": "Հյուսիս"}
    sent = {"code": "n", "name": "North office", "area": area.pk, "_new_id": new_id()}
    assert client.post(reverse("org:office_new"), sent).status_code == 302
    office = Office.objects.get()
    client.post(reverse("org:office_change", args=[office.pk]), {"name": "N", "area": area.pk})
    office.refresh_from_db()
    assert (office.name, office.active) == ("N", False)
    end = reverse("org:area_end", args=[area.pk])
    assert end in client.get(reverse("org:area_rename", args=[area.pk])).content.decode()
    assert client.post(end, {"on": "2025-06-30"}).status_code == 302
    assert Area.objects.get(code="XX-1").valid_to == END


def test_the_api_adds_areas_and_opens_offices(client: Client, administrator: StaffUser) -> None:
    client.force_login(administrator)

    def post(path: str, key: object, **body: object) -> int:
        answer = client.post(
            f"/api/v1/org/{path}",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": str(key)},
        )
        return answer.status_code

    key = new_id()
    assert post("areas", key, code="Z", names={"en": "Z"}) == 201
    assert post("areas", key, code="Z", names={"en": "Z"}) == 201
    assert post("areas", new_id(), code="Z", names={"en": "Z"}) == 422
    assert post("offices", new_id(), code="o", name="O", area_id=str(key)) == 201
    assert post("offices", new_id(), code="p", name="P", area_id=str(new_id())) == 404
    assert Office.objects.get().area_id == key
