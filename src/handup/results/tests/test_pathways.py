"""The figures of pathways: who came onto one, who graduated, whose records open."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.lending.models import PathwayEnrolment
from handup.lending.services import pathways
from handup.lending.tests.cast import World, make_person, make_world
from handup.lending.tests.test_pathway_facts import DAY, enrolled
from handup.people.models import Participation
from handup.results.definitions import definition
from handup.results.facts import Facts


@pytest.fixture
def world(db: None) -> World:
    """The small world of the lending tests."""
    return make_world()


def test_the_figures_count_persons_on_pathways_and_open_to_them(
    client: Client, world: World
) -> None:
    row = enrolled(world, fact="BY_HAND")
    Participation.objects.create(
        person=world.person, programme=world.programme, applied_date=date(2024, 1, 1)
    )
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor,
        pathway=row.version.pathway,
        person=other,
        enrolled_date=DAY,
    )
    PathwayEnrolment.objects.filter(pk=row.pk).update(
        state="GRADUATED", ended_date=date(2025, 6, 1)
    )
    before = definition("MED-UPG-02").compute(Facts(world.programme, date(2025, 5, 31)))
    assert (before.numerator, before.denominator) == (0, 2)
    facts = Facts(world.programme, date(2025, 6, 1))
    figure = definition("MED-UPG-02").compute(facts)
    assert (figure.numerator, figure.denominator) == (1, 2)
    without = Facts(world.programme, date(2025, 6, 1), without=[other.pk])
    assert definition("MED-UPG-01").compute(without).numerator == 1
    client.force_login(world.cast.manager)
    rows = reverse("results:rows", args=[world.programme.pk, "MED-UPG-02", "2025-06-01"])
    assert row.code in client.get(rows).content.decode()
