"""How long a phone keeps what it carries of others: by the nearest area of its holder's office."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from handup.groups.tests.conftest import staff_with
from handup.org.models import Area, AuditLine, Office, Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.models import SnapshotLife
from handup.sync.services.snapshots import DaysOutOfRange, NotYourArea
from handup.sync.snapshot_life import snapshot_days


@pytest.fixture
def places(db: None) -> tuple[Area, Area, Area]:
    """A land, a far province of it, and a district of that."""
    land = Area.objects.create(code="L", names={"en": "Land"}, level=0)
    far = Area.objects.create(code="FAR", names={"en": "Far"}, level=1, parent=land)
    return land, far, Area.objects.create(code="D", names={"en": "District"}, level=2, parent=far)


def officer_in(area: Area | None, name: str) -> StaffUser:
    """A field officer whose office lies there."""
    staff = staff_with(name, Role.FIELD_OFFICER)
    if area is not None:
        staff.home_office = Office.objects.create(code=name.upper(), name=name, area=area)
        staff.save(update_fields=["home_office"])
    return staff


def test_the_nearest_area_counts_and_without_one_what_the_house_says(
    places: tuple[Area, Area, Area],
) -> None:
    land, far, district = places
    manager = staff_with("boss", Role.MANAGER)
    near, away, nowhere = (
        officer_in(area, name)
        for area, name in ((land, "near"), (district, "away"), (None, "nowhere"))
    )

    def days() -> list[int]:
        return [snapshot_days(staff) for staff in (near, away, nowhere)]

    assert days() == [30, 30, 30]
    services.set_snapshot_life(acting_staff=manager, area=far, days=180)
    assert days() == [30, 180, 30]
    services.set_snapshot_life(acting_staff=manager, area=land, days=60)
    assert days() == [60, 180, 30]
    services.set_snapshot_life(acting_staff=manager, area=far, days=90)
    Setting.objects.create(key="sync.snapshot_days", value=20)
    assert days() == [60, 90, 20]
    assert SnapshotLife.objects.count() == 2
    assert AuditLine.objects.filter(action="sync.set_snapshot_life").count() == 3


def test_it_is_14_to_180_days_and_not_everybody_says_it(places: tuple[Area, Area, Area]) -> None:
    manager = staff_with("boss", Role.MANAGER)
    for days in (0, 13, 181):
        with pytest.raises(DaysOutOfRange):
            services.set_snapshot_life(acting_staff=manager, area=places[0], days=days)
    with pytest.raises(NotAllowed):
        services.set_snapshot_life(
            acting_staff=officer_in(places[0], "out"), area=places[0], days=60
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        SnapshotLife.objects.create(area=places[0], days=500, set_by=manager)
    assert not SnapshotLife.objects.exists()


def test_who_manages_one_programme_or_office_says_it_for_no_area(
    places: tuple[Area, Area, Area], programme: Programme
) -> None:
    """It reaches the phones of everybody there; a grant over the area is asked, or over all."""
    land, far, district = places
    for_one = staff_with("one", Role.MANAGER, programme=programme.pk)
    of_area = staff_with("far", Role.MANAGER)
    of_area.grants.update(scope="AREA", area=far)
    client = Client()
    for staff, refused, allowed in ((for_one, places, ()), (of_area, [land], (far, district))):
        client.force_login(staff)
        for area in refused:
            with pytest.raises(NotYourArea):
                services.set_snapshot_life(acting_staff=staff, area=area, days=60)
            sent = {"area": str(area.pk), "days": "60"}
            assert client.post("/sync/snapshots/set/", sent).status_code == 422
        for area in allowed:
            services.set_snapshot_life(acting_staff=staff, area=area, days=60)
    assert {row.area for row in SnapshotLife.objects.all()} == {far, district}
    services.set_snapshot_life(acting_staff=staff_with("boss", Role.MANAGER), area=land, days=90)
    assert {row.area for row in SnapshotLife.objects.visible_to(of_area)} == {far, district}
    assert not SnapshotLife.objects.visible_to(for_one).exists()
    assert client.post("/sync/snapshots/", {"q": "FAR"}, follow=True).status_code == 200


def test_it_is_set_and_listed_on_its_pages(places: tuple[Area, Area, Area]) -> None:
    client = Client()
    client.force_login(staff_with("boss", Role.MANAGER))
    page = client.post("/sync/snapshots/set/", {"area": str(places[1].pk), "days": "500"})
    assert page.status_code == 422
    page = client.post("/sync/snapshots/set/", {"area": str(places[1].pk), "days": "120"})
    assert page.headers["Location"] == "/sync/snapshots/"
    assert "120" in client.get("/sync/snapshots/").content.decode()
    assert "120" not in client.post("/sync/snapshots/", {"q": "x"}, follow=True).content.decode()
    assert "120" in client.post("/sync/snapshots/", {"q": "FAR"}, follow=True).content.decode()
    client.force_login(officer_in(places[0], "out"))
    assert client.get("/sync/snapshots/").status_code == 403
