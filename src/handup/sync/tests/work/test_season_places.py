"""Where herders are found, carried by a phone and told on it without a network."""

from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import Area, Grant, StaffUser
from handup.org.rules.access import ScopeKind
from handup.people.exposed import on_her_device
from handup.people.models import Person, SeasonPlace
from handup.people.permissions import PERMISSIONS as PLACES
from handup.people.queries.places import last_told, places_told
from handup.people.rules.codes import Season
from handup.people.services import PlaceIn, record_place
from handup.plans.permissions import PERMISSIONS as VISITS
from handup.sync import persons, services
from handup.sync.hemisphere import is_southern
from handup.sync.models import WorkFact
from handup.sync.tests.work.test_attendance import own_phone
from handup.sync.tests.work.test_corrections import hers, unseen
from handup.sync.tests.work.test_people import notice, out, told

__all__ = ["hers", "notice", "out"]
SPRING = "Дөрвөлжин, left of the ovoo"


def place(who: object, season: str = "NEXT", **more: Any) -> dict[str, Any]:
    body = {"person": str(who), "season": season, "place": SPRING, "about_date": "2026-03-20"}
    return told("record_place", body | more)


def sent(out: StaffUser, *facts: Any) -> list[tuple[str, str]]:
    answers = services.receive_work(facts, acting_staff=out, device=own_phone(out).device)
    return [(answer.state, answer.reason) for answer in answers]


def test_a_phone_carries_where_each_of_her_caseload_is_found(
    out: StaffUser, hers: Person, client: Client
) -> None:
    summer = Area.objects.create(code="T", names={"en": "Tariat"})
    on = date(2026, 3, 2)
    for item in (
        PlaceIn(Season.SUMMER, on, area=summer),
        PlaceIn(Season.NEXT, on, place="The old bridge", about_date=on),
        PlaceIn(Season.NEXT, date(2026, 3, 9), place=SPRING, about_date=date(2026, 3, 20)),
    ):
        record_place(acting_staff=out, person=hers, told=item)
    headers = {"Authorization": f"Bearer {own_phone(out).token}"}
    pack = client.get("/api/v1/sync/work", headers=headers).json()
    (known,) = pack["persons"]
    assert pack["south"] is False
    later, earlier = "2026-03-09", "2026-03-02"
    assert known["places"] == [
        {"season": "NEXT", "area": "", "place": SPRING, "about_date": "2026-03-20",
         "told_date": later},
        {"season": "SUMMER", "area": "Tariat", "place": "", "about_date": None,
         "told_date": earlier},
    ]  # fmt: skip


NAMED = {
    "sex": "Person.sex",
    "birth": "Person.birth_date",
    "father_name": "Person.father_name",
    "area": "Person.area",
}


def test_what_is_exposed_when_a_phone_is_lost_names_all_it_carries_of_a_person(
    out: StaffUser, hers: Person, client: Client
) -> None:
    told = PlaceIn(Season.SUMMER, date(2026, 3, 2), place=SPRING)
    record_place(acting_staff=out, person=hers, told=told)
    phone = own_phone(out)
    headers = {"Authorization": f"Bearer {phone.token}"}
    (known,) = client.get("/api/v1/sync/work", headers=headers).json()["persons"]
    Person.objects.filter(pk=hers.pk).update(case_officer=out)
    exposed = on_her_device(phone.device)
    assert exposed.persons == {str(hers.pk)}
    assert {NAMED[field] for field in known["known"]} <= exposed.fields
    assert {f"SeasonPlace.{field}" for field in known["places"][0]} <= exposed.fields


def test_a_place_told_on_the_phone_is_stored_once_on_its_day(out: StaffUser, hers: Person) -> None:
    area = Area.objects.create(code="T", names={"en": "Tariat"})
    facts = [place(hers.pk), place(hers.pk, "WINTER", area=str(area.pk), about_date=None)]
    for _time in range(2):
        assert sent(out, *facts) == [("DONE", ""), ("DONE", "")]
    row = SeasonPlace.objects.get(season="NEXT")
    assert (str(row.pk), row.person, row.place, row.told_to) == (facts[0]["id"], hers, SPRING, out)
    assert (row.told_date, row.about_date) == (date(2026, 3, 2), date(2026, 3, 20))
    assert SeasonPlace.objects.get(season="WINTER").area == area
    assert set(WorkFact.objects.values_list("told", flat=True)) == {""}


@pytest.mark.parametrize(
    "more",
    [
        {"season": "LENT"},
        {"season": ["NEXT"]},
        {"place": " "},
        {"place": "x" * 121},
        {"place": 7},
        {"area": "Tariat"},
        {"about_date": "20 March"},
        {"person": "7"},
    ],
)
def test_what_is_no_place_is_refused(out: StaffUser, hers: Person, more: dict[str, Any]) -> None:
    assert sent(out, place(hers.pk, **more)) == [("REFUSED", "BAD_CONTENT")]
    assert not WorkFact.objects.exists()


def test_what_cannot_be_taken_waits_with_its_reason(out: StaffUser, hers: Person) -> None:
    stranger = sent(out, place(new_id()))
    nowhere = sent(out, place(hers.pk, area=str(new_id())))
    before = sent(out, place(hers.pk, about_date="2026-02-20"))
    assert [state for ((state, _why),) in (stranger, nowhere, before)] == ["WAITING"] * 3
    assert "about when she is seen there next" in before[0][1]
    assert not SeasonPlace.objects.exists()
    assert "Дөрвөлжин" in str(persons.held(hers.pk))
    persons.erase(hers.pk)
    assert "Дөрвөлжин" not in str(persons.held(hers.pk))


def test_of_whom_the_officer_may_not_know_nothing_is_told_or_taken(
    out: StaffUser, hers: Person, client: Client
) -> None:
    record_place(
        acting_staff=out, person=hers, told=PlaceIn(Season.SUMMER, date(2026, 3, 2), place=SPRING)
    )
    headers = {"Authorization": f"Bearer {own_phone(out).token}"}
    with unseen(hers, out):
        assert "ovoo" not in client.get("/api/v1/sync/work", headers=headers).content.decode()
        ((state, reason),) = sent(out, place(hers.pk))
    assert (state, "Nobody you know" in reason) == ("WAITING", True)
    Grant.objects.filter(staff=out).update(scope=ScopeKind.CASELOAD)
    Person.objects.filter(pk=hers.pk).update(case_officer=None)
    ((state, _reason),) = sent(out, place(hers.pk))
    assert state == "WAITING"
    assert SeasonPlace.objects.count() == 1


def test_whoever_visits_may_tell_where_she_is_found() -> None:
    assert VISITS["plans.record_visit"] <= PLACES["people.record_place"]


@pytest.mark.parametrize(
    ("day", "is_off"), [("1970-01-01", True), ("2099-01-01", True), ("2099-01-01", False)]
)
def test_what_a_wrong_clock_dates_was_told_on_the_day_it_came(
    out: StaffUser, hers: Person, day: str, is_off: bool
) -> None:
    """Neither lost behind what was told before, nor waiting for a day in 2099."""
    before = PlaceIn(Season.WINTER, date(2026, 3, 2), place="Khar us")
    record_place(acting_staff=out, person=hers, told=before)
    fact = told("record_place", {"person": str(hers.pk), "season": "WINTER", "place": SPRING}, day)
    now = timezone.now()
    (answer,) = services.receive_work(
        [fact],
        acting_staff=out,
        device=own_phone(out).device,
        sent_at=datetime.fromisoformat(fact["recorded_at"]) if is_off else now,
    )
    assert (answer.state, answer.reason) == ("DONE", "")
    row = SeasonPlace.objects.get(pk=fact["id"])
    assert (row.told_date, row.place) == (timezone.localdate(now), SPRING)
    (found,) = last_told(places_told(out, [hers.pk], on=timezone.localdate())[hers.pk])
    assert found == row


@pytest.mark.parametrize(
    ("zone", "south"),
    [
        ("Africa/Johannesburg", True),
        ("America/La_Paz", True),
        ("Asia/Ulaanbaatar", False),
        ("Asia/Yerevan", False),
        ("UTC", False),
    ],
)
def test_seasons_turn_about_where_the_house_lies_south(zone: str, south: bool) -> None:
    assert is_southern(zone) is south
