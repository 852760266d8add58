"""Where herders are found by season, and where they are seen next: the last told counts, for her
and whom she lives with; nobody hears it of whom she may not know."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AuditLine, ReadEntry, StaffUser
from handup.org.permissions import OutOfSight
from handup.people import subject
from handup.people.erasing import erase
from handup.people.file import whole
from handup.people.models import Household, Person, SeasonPlace
from handup.people.queries import last_told, places_told
from handup.people.rules import codes as c
from handup.people.rules.codes import Season
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    PlaceIn,
    open_compartment,
    record_place,
    register_household,
    register_person,
)
from handup.people.services.days import DayToCome
from handup.people.services.places import DayTooFar, NameTooLong, NowhereNamed, WhenSeen
from handup.people.tests.conftest import DAY, person_in
from handup.projects.models import Programme

CAMP = "Хар ус, Dolgor's spring"


@pytest.fixture
def bold(clerk: StaffUser, programme: Programme) -> Person:
    """He lives with Ani."""
    return register_person(acting_staff=clerk, person=person_in(programme, "Bold")).person


@pytest.fixture
def home(clerk: StaffUser, programme: Programme, ani: Person, bold: Person) -> Household:
    """Ani heads it."""
    head, member = c.HouseholdRole.HEAD, c.HouseholdRole.MEMBER
    told = HouseholdIn(
        members=(MemberIn(ani, head), MemberIn(bold, member)),
        registered_date=DAY,
        programme=programme,
    )
    return register_household(acting_staff=clerk, household=told).household


def camp(
    season: Season = Season.WINTER,
    on: date = DAY,
    *,
    area: Area | None = None,
    place: str = CAMP,
    about_date: date | None = None,
) -> PlaceIn:
    """Somebody's camp, as it was told."""
    return PlaceIn(season, on, area, place, about_date)


def shown(reader: StaffUser, person: Person) -> list[tuple[str, str, str]]:
    """What counts of a person's places today."""
    rows = places_told(reader, [person.pk], on=timezone.localdate())
    return [
        (row.season, str(row.area or ""), row.place) for row in last_told(rows.get(person.pk, ()))
    ]


def test_the_last_told_of_each_season_counts_and_what_was_told_before_stays(
    clerk: StaffUser, ani: Person, area: Area
) -> None:
    at = DAY + timedelta(days=40)
    record_place(acting_staff=clerk, person=ani, told=camp())
    record_place(acting_staff=clerk, person=ani, told=camp(Season.SUMMER, place=" North \n side "))
    moved = camp(on=DAY + timedelta(days=9), area=area, place="")
    record_place(acting_staff=clerk, person=ani, told=moved)
    record_place(acting_staff=clerk, person=ani, told=camp(Season.NEXT, about_date=at))
    assert sorted(shown(clerk, ani)) == [
        ("NEXT", "", CAMP),
        ("SUMMER", "", "North side"),
        ("WINTER", "First town", ""),
    ]
    assert SeasonPlace.objects.filter(person=ani, season="WINTER").count() == 2
    lines = AuditLine.objects.filter(action="people.record_place", object_id=str(ani.pk))
    assert [line.facts for line in lines.order_by("id")] == [
        {"season": "WINTER"}, {"season": "SUMMER"}, {"season": "WINTER"}, {"season": "NEXT"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        (camp(place="  "), NowhereNamed),
        (camp(place="x" * 121), NameTooLong),
        (camp(on=date(2999, 1, 1)), DayToCome),
        (camp(Season.NEXT), WhenSeen),
        (camp(Season.NEXT, about_date=DAY - timedelta(days=1)), WhenSeen),
        (camp(Season.NEXT, about_date=date(2062, 3, 2)), DayTooFar),
        (camp(about_date=date(1926, 11, 1)), DayTooFar),
    ],
)
def test_a_place_nobody_could_find_is_refused_and_nothing_is_recorded(
    clerk: StaffUser, ani: Person, told: PlaceIn, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        record_place(acting_staff=clerk, person=ani, told=told)
    assert not SeasonPlace.objects.exists()


def test_the_same_told_twice_is_one_and_an_outsider_records_nothing(
    clerk: StaffUser, outsider: StaffUser, ani: Person
) -> None:
    id = new_id()
    for _time in range(2):
        record_place(acting_staff=clerk, person=ani, told=camp(), id=id)
    with pytest.raises(SameIdOtherContent):
        record_place(acting_staff=clerk, person=ani, told=camp(place="Elsewhere"), id=id)
    with pytest.raises(OutOfSight):
        record_place(acting_staff=outsider, person=ani, told=camp())
    assert SeasonPlace.objects.get().place == CAMP
    assert shown(outsider, ani) == []


def test_whom_she_lives_with_is_found_there_too_and_nobody_hears_it_of_who_is_hidden(
    clerk: StaffUser, focal_point: StaffUser, home: Household, ani: Person, bold: Person
) -> None:
    record_place(acting_staff=clerk, person=ani, told=camp())
    own = camp(on=DAY + timedelta(days=3), place="The soum centre")
    record_place(acting_staff=clerk, person=bold, told=own)
    assert shown(clerk, ani) == shown(clerk, bold) == [("WINTER", "", "The soum centre")]
    open_compartment(
        acting_staff=focal_point,
        person=bold,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    assert shown(clerk, ani) == [("WINTER", "", CAMP)]
    assert shown(clerk, bold) == []


def test_they_stand_on_the_pages_of_the_person_and_of_the_household(
    desk: Client, home: Household, ani: Person, bold: Person
) -> None:
    told = {"season": "WINTER", "place": CAMP, "told_date": "2026-03-02"}
    answer = desk.post(reverse("people:place_new", args=[ani.pk]), told | {"place": " "})
    assert "Say where: the settlement, or what the place is called." in answer.content.decode()
    for name, pk, more in (
        ("place_new", ani.pk, {}),
        ("home_place_new", home.pk, {"season": "SUMMER", "person": str(bold.pk)}),
    ):
        assert desk.post(reverse(f"people:{name}", args=[pk]), told | more).status_code == 302
    assert sorted(SeasonPlace.objects.values_list("season", "person")) == [
        ("SUMMER", bold.pk),
        ("WINTER", ani.pk),
    ]
    for name, pk in (("person_detail", ani.pk), ("household_detail", home.pk)):
        page = desk.get(reverse(f"people:{name}", args=[pk])).content.decode()
        assert "Where she is found" in page
        assert page.count("Dolgor&#x27;s spring") == 2
        entry = ReadEntry.objects.order_by("pk").last()
        assert entry is not None
        assert str(bold.pk) in entry.persons, "who told it is shown, so it is written down"


def test_it_is_told_to_her_and_goes_when_she_is_erased(clerk: StaffUser, ani: Person) -> None:
    record_place(acting_staff=clerk, person=ani, told=camp())
    assert subject.collect
    assert CAMP in str(whole(ani.pk))
    erase(ani.pk)
    assert not SeasonPlace.objects.exists()
