"""Towns and countryside: told of an area since a day, of many at once, and with new areas."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import services
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AreaClass, AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.services import settlements as told_as
from handup.org.services.places import AreaIn
from handup.org.services.settlements import SettlementIn
from handup.org.settlements import Settlements

GREW = date(2025, 1, 1)


@pytest.fixture
def register(administrator: StaffUser) -> dict[str, Area]:
    """A region of the countryside with a village and a place that became a town."""
    told = [
        AreaIn("XX", {"en": "Country"}),
        AreaIn("XX-1", {"en": "Region"}, "XX", settlement="RURAL"),
        AreaIn("XX-1.a", {"en": "Village"}, "XX-1", date(2000, 1, 1)),
        AreaIn("XX-1.b", {"en": "Place"}, "XX-1"),
    ]
    areas = services.add_areas(acting_staff=administrator, areas=told)
    return {area.code: area for area in areas}


def kinds(area: Area) -> list[tuple[date | None, str]]:
    """What is told of an area now."""
    rows = AreaClass.objects.filter(area=area, replaced_at=None).order_by("from_date")
    return list(rows.values_list("from_date", "settlement"))


def test_an_area_is_what_it_was_on_the_day_else_what_it_lies_in_was(
    administrator: StaffUser, register: dict[str, Area]
) -> None:
    grew = SettlementIn("XX-1.b", "URBAN", GREW)
    [row] = services.tell_settlements(acting_staff=administrator, told=[grew])
    assert row.area == register["XX-1.b"]
    held = Settlements()
    place, village = register["XX-1.b"].pk, register["XX-1.a"].pk
    assert [held.on(place, day) for day in (date(2024, 12, 31), GREW)] == ["RURAL", "URBAN"]
    assert held.on(village, GREW) == "RURAL", "as the region it lies in"
    assert held.on(register["XX"].pk, GREW) == held.on(None, GREW) == ""
    lines = AuditLine.objects.filter(action="org.tell_settlement", object_id=str(place))
    assert [line.action for line in lines] == ["org.tell_settlement"]


def test_what_was_told_wrongly_is_replaced_and_the_same_again_changes_nothing(
    administrator: StaffUser, register: dict[str, Area]
) -> None:
    key, area = new_id(), register["XX-1.a"]
    for _again in range(2):
        services.tell_settlements(
            acting_staff=administrator, told=[SettlementIn(area.code, "URBAN", id=key)]
        )
    services.tell_settlements(acting_staff=administrator, told=[SettlementIn(area.code, "URBAN")])
    assert kinds(area) == [(None, "URBAN")]
    assert AreaClass.objects.filter(area=area).count() == 1
    with pytest.raises(SameIdOtherContent):
        services.tell_settlements(
            acting_staff=administrator, told=[SettlementIn(area.code, "RURAL", id=key)]
        )
    services.tell_settlements(acting_staff=administrator, told=[SettlementIn(area.code, "RURAL")])
    assert kinds(area) == [(None, "RURAL")]
    assert AreaClass.objects.filter(area=area).exclude(replaced_at=None).count() == 1


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (SettlementIn("XX-1.a", "TOWN"), told_as.SettlementUnknown),
        (SettlementIn("nowhere", "URBAN"), told_as.AreaOfSettlementUnknown),
        (SettlementIn("XX-1.a", "URBAN", date(1999, 12, 31)), told_as.SettlementOutsideArea),
        (SettlementIn("XX-1.b", "RURAL"), told_as.SettlementTwice),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_of_its_batch_is_kept(
    administrator: StaffUser,
    register: dict[str, Area],
    told: SettlementIn,
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        services.tell_settlements(
            acting_staff=administrator, told=[SettlementIn("XX-1.b", "URBAN"), told]
        )
    assert kinds(register["XX-1.b"]) == []


def test_it_is_told_on_the_page_of_an_area_and_on_a_sheet_of_many(
    administrator: StaffUser, officer: StaffUser, register: dict[str, Area], client: Client
) -> None:
    area = register["XX-1.a"]
    with pytest.raises(NotAllowed):
        services.tell_settlements(acting_staff=officer, told=[SettlementIn(area.code, "URBAN")])
    page, sheet = reverse("org:area_settlement", args=[area.pk]), reverse("org:area_settlements")
    client.force_login(officer)
    assert {client.get(one).status_code for one in (page, sheet)} == {403}
    client.force_login(administrator)
    assert client.post(page, {"settlement": "URBAN", "since": "2020-01-01"}).status_code == 302
    assert kinds(area) == [(date(2020, 1, 1), "URBAN")]
    assert "2020" in client.get(page).content.decode()
    listed = client.get(reverse("org:area_list")).content.decode()
    assert (listed.count(">Town\n"), listed.count(">Countryside\n")) == (1, 1)
    wrong = client.post(sheet, {"lines": "XX-1.b;hamlet\nZZ;town\nXX-1;town\nXX-1;town"})
    said = wrong.content.decode()
    assert [f"Line {number}: " in said for number in range(1, 5)] == [True, True, False, True]
    assert kinds(register["XX-1.b"]) == []
    assert client.post(sheet, {"lines": "XX-1.b\tTown\n\nXX;RURAL"}).status_code == 302
    assert (kinds(register["XX-1.b"]), kinds(register["XX"])) == (
        [(None, "URBAN")],
        [(None, "RURAL")],
    )


def test_a_sheet_of_new_areas_says_which_are_towns(
    administrator: StaffUser, client: Client
) -> None:
    client.force_login(administrator)
    page = reverse("org:area_sheet")
    wrong = client.post(page, {"lines": "A;Land\nB;Place;A;hamlet", "language": "en"})
    assert "Line 2: write town or countryside, not hamlet" in wrong.content.decode()
    assert not Area.objects.exists()
    told = "A;Land\nB;Place;A;Town\nC;Field;A;countryside\nD;Other;A"
    assert client.post(page, {"lines": told, "language": "en"}).status_code == 302
    held = Settlements()
    found = [held.on(area.pk, GREW) for area in Area.objects.order_by("code")]
    assert found == ["", "URBAN", "RURAL", ""]


def test_another_program_tells_and_reads_it(
    administrator: StaffUser, officer: StaffUser, register: dict[str, Area], client: Client
) -> None:
    told: dict[str, Any] = {"area_id": str(register["XX-1.a"].pk), "settlement": "URBAN"}

    def post(key: object, **changed: Any) -> Any:
        return client.post(
            "/api/v1/org/settlements",
            told | changed,
            content_type="application/json",
            headers={"Idempotency-Key": str(key)},
        )

    client.force_login(officer)
    assert post(new_id()).status_code == 403
    client.force_login(administrator)
    key = new_id()
    assert [post(key).status_code, post(key, since=None).status_code] == [201, 201]
    assert post(new_id(), settlement="HAMLET").status_code == 422
    assert post(new_id(), area_id=str(new_id())).status_code == 404
    items = client.get("/api/v1/org/settlements").json()["items"]
    assert {(one["area_id"], one["settlement"], one["from_date"]) for one in items} == {
        (str(register["XX-1"].pk), "RURAL", None),
        (str(register["XX-1.a"].pk), "URBAN", None),
    }
