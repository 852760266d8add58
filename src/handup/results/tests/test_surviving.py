"""How long enterprises live: the worked curve of twelve, on the page and in a frozen figure."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from handup.kernel.dates import add_months
from handup.results import services as s
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.freezing import variants_of
from handup.results.gathering import Source
from handup.results.report import report_line
from handup.results.rules.expressions import Row
from handup.results.surviving import lived
from handup.results.tests.test_frozen import House, browser, house
from handup.results.tests.worked import worked

pytestmark = pytest.mark.django_db
__all__ = ["house", "worked"]
SERVED, DAY = date(2020, 1, 1), date(2025, 12, 31)


def visits(case: Any) -> list[Row]:
    """The last visit of each of the twelve, whole months after its first service."""
    return [
        {
            "record": str(at),
            "enterprise": str(at),
            "day": add_months(SERVED, int(months)),
            "received": 0,
            "served_day": SERVED,
            "operating": not closed,
        }
        for at, (months, closed) in enumerate(zip(case["months"], case["closed"], strict=True))
    ]


def test_the_curve_has_its_interval_and_tells_who_was_lost(house: House, worked: Any) -> None:
    case = worked["survival"]
    facts = Facts(house.programme, DAY)
    facts.kept["check"] = visits(case)
    found = {one.month: one for one in lived(facts)}
    for one in case["at"]:
        told = found[one["month"]].found
        if told is None:
            continue
        assert told.share == pytest.approx(one["survival"], abs=1e-6)
        assert told.range is not None
        assert told.range.low == pytest.approx(one["low"], abs=1e-6)
        assert told.still_observed == one["still_observed"]
    year = found[12]
    assert year.watched == 12
    lives = list(zip(case["months"], case["closed"], strict=True))
    assert year.closed == sum(bool(closed) and months <= 12 for months, closed in lives)
    assert year.lost == sum(not closed and months < 12 for months, closed in lives)
    line = report_line(definition("MED-ENT-03"), facts)
    assert line.interval == ("39.1", "90.9")
    assert line.value == "74.1"


def test_the_page_shows_it_at_three_months(
    house: House, worked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = visits(worked["survival"])
    read = Source.table

    def table(self: Source, name: str, asked: Any = None) -> list[Row]:
        return rows if name == "check" else read(self, name, asked)

    monkeypatch.setattr(Source, "table", table)
    s.choose_indicators(
        acting_staff=house.world.cast.manager, programme=house.programme, codes=["MED-ENT-03"]
    )
    address = reverse("results:figure", args=[house.programme.pk, "MED-ENT-03", DAY])
    text = browser(house.officer).get(address).content.decode()
    assert "Still open after so many months" in text
    assert "39.1" in text
    assert "50.8" in text


@pytest.mark.parametrize(("closings", "leaves"), [(1, False), (5, True), (0, True)])
def test_two_shares_that_differ_by_few_closings_do_not_both_leave(
    house: House, closings: int, leaves: bool
) -> None:
    lives = [(40, False)] * 12 + [(18, True)] * closings + [(6, True)] * 6 + [(20, False)] * 6
    told: Any = {"months": [months for months, _ in lives], "closed": [shut for _, shut in lives]}
    facts = Facts(house.programme, DAY)
    facts.kept["check"] = visits(told)
    line = report_line(definition("MED-ENT-03"), facts)
    assert variants_of(line, facts)["months=24"]["may_leave"] is leaves
