"""Where somebody lived on the day of what was counted."""

from datetime import date, timedelta

import pytest

from handup.lending.tests.cast import make_person
from handup.org.models import Area
from handup.people.models import Household, Membership, Person
from handup.results.gathering import Source
from handup.results.tests.exchanging import joined
from handup.results.tests.test_frozen import DAY, House

pytestmark = pytest.mark.django_db
MOVED = date(2025, 7, 1)


def test_who_moved_to_another_household_counts_where_she_lived_on_the_day() -> None:
    house = House()
    top = Area.objects.create(code="AM", names={"en": "Armenia"}, level=0)
    lori, gegh = (
        Area.objects.create(code=code, names={"en": code}, level=1, parent=top)
        for code in ("LORI", "GEGH")
    )
    cast, world = house.world.cast, house.world
    moves, stays = (
        make_person(house.programme, world.office, cast.advisor, name) for name in ("Ani", "Gor")
    )
    Person.objects.filter(pk__in=[moves.pk, stays.pk]).update(area=gegh)
    joined(house.programme, moves, stays)
    homes = [
        Household.objects.create(
            code=f"H{at}", area=area, registered_date=MOVED, registered_by=cast.advisor
        )
        for at, area in enumerate((lori, gegh, None))
    ]
    until = MOVED - timedelta(days=1)
    for home, who, first, last in (
        (homes[0], moves, date(2024, 1, 1), until),
        (homes[1], moves, MOVED, date(2025, 9, 30)),
        (homes[2], moves, date(2025, 10, 1), None),
        (homes[0], stays, date(2024, 1, 1), None),
    ):
        Membership.objects.create(household=home, person=who, from_date=first, to_date=last)
    source = Source(house.programme, DAY)

    def area(person: Person, day: date) -> object:
        return source.person_cells(person.pk, day)["area1"]

    assert [area(moves, day) for day in (until, MOVED)] == ["LORI", "GEGH"]
    assert area(moves, date(2023, 1, 1)) == "GEGH", "before anything is known: her own place"
    assert area(moves, date(2025, 12, 1)) == "GEGH", "a household whose place is not known"
    assert area(stays, until) == "GEGH", "who never moved counts where she is registered"
