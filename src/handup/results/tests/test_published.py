"""What leaves the staff: one day, totals of enough persons, and no other door to a count."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending.tests.cast import World, make_world, running, staff
from handup.org import declared, installation
from handup.org.rules.access import Role
from handup.results.published import (
    is_large_enough,
    published,
    published_day,
    quarter_before,
    report_for,
)
from handup.results.report import FunnelLine, make_report
from handup.results.rules.engine import FactRow, ValueKind, measure
from handup.results.services import choose_indicators, set_reporting_day

DAY = date(2026, 1, 31)


def rows(count: int, first: int = 0) -> list[FactRow]:
    return [FactRow(str(one), DAY, "person", str(one)) for one in range(first, first + count)]


@pytest.mark.parametrize(
    ("counted", "base", "k", "shown"),
    [
        (4, None, 5, False),
        (5, None, 5, True),
        (0, None, 5, True),
        (5, 9, 5, False),
        (5, 10, 5, True),
        (10, 10, 5, True),
        (0, 4, 5, False),
        (9, 20, 10, False),
        (10, 20, 10, True),
    ],
)
def test_a_total_a_base_and_what_lies_between_stand_for_enough(
    counted: int, base: int | None, k: int, shown: bool
) -> None:
    under = None if base is None else rows(base)
    kind = ValueKind.COUNT_DISTINCT if base is None else ValueKind.RATIO
    assert is_large_enough(measure(kind, rows(counted), under, ("sex",)), k) is shown


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 3, 31)),
        (date(2026, 12, 31), date(2026, 9, 30)),
    ],
)
def test_a_quarter_is_published_when_it_is_over(on: date, day: date) -> None:
    assert quarter_before(on) == day


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    codes = ("MED-OUT-01", "MED-FIN-01", "MED-FIN-01v")
    choose_indicators(acting_staff=made.cast.manager, programme=made.programme, codes=codes)
    return made


def test_a_funder_cannot_take_one_day_from_the_next(world: World) -> None:
    """Whatever day she asks for, at every door, she reads the one that is published."""
    funder = staff("funder", Role.FUNDER)
    client = Client()
    client.force_login(funder)
    set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=DAY)
    pk = world.programme.pk
    running(world)
    told = set()
    for day in (DAY - timedelta(days=400), DAY, DAY + timedelta(days=1)):
        assert report_for(funder, world.programme, day).as_of == DAY
        asked = {"as_of": day.isoformat()}
        told.add(client.get(f"/api/v1/results/programmes/{pk}/report", asked).content)
        address = reverse("results:report_file", args=[pk, day, "csv"])
        file = client.get(address)
        assert DAY.isoformat() in file["Content-Disposition"]
        told.add(file.content)
        assert client.get(reverse("results:benefits", args=[pk]), asked).context["as_of"] == DAY
    assert len(told) == 2, "one answer for every day, at each of the two doors"
    inside = report_for(world.cast.manager, world.programme, DAY + timedelta(days=1))
    assert inside.as_of == DAY + timedelta(days=1)
    set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=None)
    assert published_day(world.programme) == quarter_before(timezone.localdate())


def test_the_smallest_count_is_the_setting_of_the_house(world: World) -> None:
    report = make_report(world.programme, DAY)
    line = replace(
        report.lines[0], figure=measure(ValueKind.COUNT_DISTINCT, rows(8), None, ("sex",))
    )
    steps = tuple(FunnelLine("X", count, None) for count in (30, 20, 10))
    report = replace(report, lines=(line,), funnel=steps)
    assert len(published(report).lines) == 1
    assert published(report).funnel == steps
    assert published(report).lines[0].figure.breakdowns == ()
    installation.put("protection.smallest_shown", 11)
    assert published(report).lines == ()
    assert published(report).funnel == ()


def test_every_door_of_a_funder_is_known() -> None:
    """A permission given to funders that counts persons goes through `published`: name it here
    once it does."""
    held = {code for code, who in declared.declared().items() if Role.FUNDER in who}
    assert held == FUNDERS


FUNDERS = {
    *(f"markets.view_{name}" for name in ("chain", "commodity", "linkage", "policy", "price")),
    *(f"markets.view_{name}" for name in ("study", "support", "technology")),
    *(f"people.view_{name}" for name in ("alias", "instrument", "notice", "rule", "scorecard")),
    *(f"projects.view_{name}" for name in ("budget", "document", "lesson", "organisation")),
    *("projects.view_programme", "projects.view_stated_figure", "results.view_figure"),
    *("org.report_incident", "plans.view_segment", "surveys.view_questionnaire"),
    "training.view_curriculum",
}
