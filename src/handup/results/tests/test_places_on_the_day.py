"""Where somebody lived on the day of what was counted."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from handup.lending.tests.cast import make_person
from handup.org.models import Area, AreaClass
from handup.people.models import Household, Membership, Person
from handup.results.columns import duck
from handup.results.columns.asking import ask
from handup.results.columns.writing import write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue, definition
from handup.results.facts import Facts
from handup.results.gathering import Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked
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


def test_town_or_countryside_is_that_of_the_place_on_the_day(tmp_path: Path) -> None:
    """Frozen on the day of the event: who was served in the countryside stays there when her place
    becomes a town. The page and the columns count the same.
    """
    house = House()
    region = Area.objects.create(code="LORI", names={"en": "Lori"}, level=1)
    place = Area.objects.create(code="L-1", names={"en": "Place"}, level=2, parent=region)
    for area, kind, since in ((region, "RURAL", None), (place, "URBAN", date(2025, 2, 25))):
        AreaClass.objects.create(area=area, settlement=kind, from_date=since, told_by=house.officer)
    for name, day in (("Ani", date(2025, 2, 20)), ("Gor", date(2025, 3, 1))):
        house.lend(name, day)
    Person.objects.update(area=place)
    joined(house.programme, *Person.objects.all())
    facts = Facts(house.programme, DAY)
    figure = definition("MED-FIN-01").compute(facts)
    lines = {one.dimension: one.lines for one in figure.breakdowns}
    assert {one.code: one.numerator for one in lines["urban_rural"]} == {"RURAL": 1, "URBAN": 1}
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    codes = ("MED-OUT-01", "MED-FIN-01", "MED-FIN-01v", "MED-FIN-04", "MED-FIN-03b")
    with duck.opened([written.folder]) as (lake, fetch):
        found = ask(lake, fetch, codes, Asked(DAY), ["urban_rural"], at_once=len(codes))
    for code in codes:
        ours = compute(DECLARED[code], catalogue(), facts, Asked(DAY), ["urban_rural"])
        assert {
            key: (one.numerator, one.denominator)
            for key, one in found[code].lines["urban_rural"].items()
        } == {
            one.code: (one.numerator, one.denominator)
            for told in ours.breakdowns
            for one in told.lines
        }, code
    AreaClass.objects.all().delete()
    plain = definition("MED-FIN-01").compute(Facts(house.programme, DAY))
    assert "urban_rural" not in {one.dimension for one in plain.breakdowns}
