"""The calendar of closed days: whose they are, who enters them, that nothing is overwritten."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import services
from handup.org.calendar import Calendar, closed_days
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AuditLine, ClosedDay, Office, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.services.calendar import AlreadyClosed, AlreadyWithdrawn, OnePlaceOnly

MAY = date(2025, 5, 1)
FIRST = date(2025, 1, 1)


@pytest.fixture
def places(db: None) -> tuple[Area, Area, Office, Office]:
    """A region with a village in it, an office in the village and one without an area."""
    region = Area.objects.create(code="R", names={"en": "Region"})
    village = Area.objects.create(code="V", names={"en": "Village"}, parent=region)
    there = Office.objects.create(code="THERE", name="There", area=village)
    elsewhere = Office.objects.create(code="ELSE", name="Elsewhere")
    return region, village, there, elsewhere


def enter(
    staff: StaffUser,
    day: date = MAY,
    *,
    office: Office | None = None,
    area: Area | None = None,
    every_year: bool = False,
    id: UUID | None = None,
) -> ClosedDay:
    return services.enter_closed_day(
        acting_staff=staff,
        day=day,
        name="Holiday",
        office=office,
        area=area,
        every_year=every_year,
        id=id,
    )


def test_a_day_holds_for_everybody_for_an_area_or_for_one_office(
    administrator: StaffUser, places: tuple[Area, Area, Office, Office]
) -> None:
    region, _village, there, elsewhere = places
    enter(administrator, MAY)
    enter(administrator, date(2025, 6, 2), area=region)
    enter(administrator, date(2025, 7, 3), office=elsewhere)
    calendar = Calendar.of([there.pk, elsewhere.pk, None], first=FIRST)
    assert calendar.closed(there.pk) == {MAY, date(2025, 6, 2)}
    assert calendar.closed(elsewhere.pk) == {MAY, date(2025, 7, 3)}
    assert calendar.closed(None) == {MAY}


def test_a_day_of_every_year_is_closed_in_each_from_its_own_on(administrator: StaffUser) -> None:
    enter(administrator, date(2024, 2, 29), every_year=True)
    enter(administrator, date(2026, 1, 6), every_year=True)
    found = closed_days(None, first=date(2025, 3, 1))
    assert [day for day in sorted(found) if day.year < 2029] == [
        date(2026, 1, 6), date(2027, 1, 6), date(2028, 1, 6), date(2028, 2, 29),
    ]  # fmt: skip


def test_only_an_administrator_enters_a_day(officer: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        enter(officer)
    assert not ClosedDay.objects.exists()


def test_a_day_is_entered_once_for_one_place(
    administrator: StaffUser, places: tuple[Area, Area, Office, Office]
) -> None:
    region, _village, there, _elsewhere = places
    with pytest.raises(OnePlaceOnly):
        enter(administrator, office=there, area=region)
    key = new_id()
    row = enter(administrator, id=key)
    assert enter(administrator, id=key) == row
    with pytest.raises(SameIdOtherContent):
        enter(administrator, date(2025, 5, 2), id=key)
    with pytest.raises(AlreadyClosed):
        enter(administrator)
    enter(administrator, office=there)
    assert ClosedDay.objects.count() == 2
    assert AuditLine.objects.filter(action="org.enter_closed_day").count() == 2


def test_a_withdrawn_day_is_open_again(administrator: StaffUser) -> None:
    row = enter(administrator)
    services.withdraw_closed_day(acting_staff=administrator, closed_day=row)
    assert closed_days(None, first=FIRST) == frozenset()
    calendar = Calendar.of([None], first=FIRST)
    assert calendar.closed(None, known_at=row.recorded_at) == {MAY}
    assert calendar.closed(None, known_at=row.recorded_at - timedelta(seconds=1)) == frozenset()
    with pytest.raises(AlreadyWithdrawn):
        services.withdraw_closed_day(acting_staff=administrator, closed_day=row)
    enter(administrator)
    assert ClosedDay.objects.count() == 2


def test_the_calendar_is_kept_on_its_page(client: Client, administrator: StaffUser) -> None:
    client.force_login(administrator)
    sent = {"_new_id": str(new_id()), "day": "2025-05-01", "name": "Labour day", "every_year": "on"}
    answer = client.post(reverse("org:closed_day_new"), sent)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    page = client.get(reverse("org:closed_day_list")).content.decode()
    assert "Labour day" in page
    row = ClosedDay.objects.get()
    shown = client.get(reverse("org:closed_day_withdraw", args=[row.pk])).content.decode()
    assert "everywhere" in shown
    client.post(reverse("org:closed_day_withdraw", args=[row.pk]), {"_new_id": str(new_id())})
    row.refresh_from_db()
    assert row.withdrawn_by == administrator
    assert "Labour day" not in client.get(reverse("org:closed_day_list")).content.decode()


def test_the_calendar_comes_through_the_api(client: Client, administrator: StaffUser) -> None:
    client.force_login(administrator)
    today = timezone.localdate().isoformat()
    told = {"day": today, "name": "Flood", "office_id": str(new_id())}
    path = "/api/v1/org/closed-days"

    def send(body: dict[str, str]) -> int:
        headers = {"Idempotency-Key": str(new_id())}
        answer = client.post(path, body, content_type="application/json", headers=headers)
        return answer.status_code

    assert send(told) == 404
    del told["office_id"]
    assert send(told) == 201
    assert send(told) == 422
    listed = client.get(path).json()["items"]
    assert [(item["day"], item["name"]) for item in listed] == [(today, "Flood")]
