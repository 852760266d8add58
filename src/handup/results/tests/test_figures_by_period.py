"""Figures of what happened are frozen by period: whoever comes again counts in each period she came
in, in files for other systems and in reports; and no two periods tell of a few."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from handup.people.models import Person
from handup.plans.models import Visit
from handup.results import services as s
from handup.results.annex import annex_of
from handup.results.exchange.figures import leaving
from handup.results.exchange.periods import of_period
from handup.results.freezing import snapshot_sum
from handup.results.models import Snapshot
from handup.results.rules.adx import Period, SpanOfTime, period_ending, period_named
from handup.results.rules.iati.states import ExchangeKind
from handup.results.services.exchange import publish_exchange
from handup.results.services.narratives import TellsOfAFew
from handup.results.telling import NoSuchPart, NoSuchPeriod, TooFewToTell, blocks, figures_of
from handup.results.tests.exchanging import profile_of
from handup.results.tests.test_exchange import built, folder, house, passed
from handup.results.tests.test_frozen import House, browser, figure
from handup.results.tests.test_narratives import written
from handup.results.wording import period_words

pytestmark = pytest.mark.django_db
__all__ = ["folder", "house"]
MONTH, YEAR = "2026-01-01/P1M", "2026-01-01/P1Y"


def come_again(house: House, count: int, on: date) -> None:
    """So many of those who were lent to before are visited on a day."""
    for person in Person.objects.filter(loans__isnull=False).distinct().order_by("id")[:count]:
        Visit.objects.create(
            person=person, programme=house.programme, kind="ADVICE", state="DONE",
            visit_date=on, visitor=house.world.cast.advisor,
        )  # fmt: skip


@pytest.fixture
def again(house: House) -> Snapshot:
    """Eight were lent to in 2025; in January three of them come again, and six new ones."""
    come_again(house, 3, date(2026, 1, 12))
    for at in range(6):
        house.lend(f"New {at}", date(2026, 1, 20))
    return house.frozen()


def test_whoever_comes_again_counts_in_each_period(house: House, again: Snapshot) -> None:
    reached = figure(again, "MED-OUT-01")
    assert list(reached.periods) == [MONTH], "a year does not end in January"
    assert (reached.numerator, reached.periods[MONTH]["numerator"]) == (14, 9)
    assert reached.periods[MONTH]["may_leave"] is True
    assert figure(again, "MED-FIN-01").periods[MONTH]["numerator"] == 6
    assert figure(again, "MED-FIN-05a").periods == {}, "what a day shows has no period"
    profile_of(house.officer, house.programme, dataset="MED", org_unit="OU1")
    file = built(house, again, kind=ExchangeKind.CSV, span=SpanOfTime.MONTH)
    assert "MED-OUT-01,202601,OU1,,,9" in file.content.splitlines()
    assert file.figures["MED-OUT-01"]["spans"] == {MONTH: [9, None]}
    publish_exchange(acting_staff=house.director, file=passed(house, file))


def test_periods_stand_in_the_checksum_and_on_the_page(house: House, again: Snapshot) -> None:
    row = figure(again, "MED-OUT-01")
    page = browser(house.officer).get(reverse("results:frozen_detail", args=[row.pk]))
    text = page.content.decode()
    assert "In the periods that end on this day" in text
    assert '<td data-label="Period">Jan 2026' in text
    assert "{{ MED-OUT-01 | 2026-01 }}" in text, "what a report writes for it"
    assert snapshot_sum(again) == again.sha256
    row.periods[MONTH]["numerator"] = 8
    row.save()
    assert snapshot_sum(again) != again.sha256


def test_a_snapshot_of_before_keeps_its_checksum(house: House, again: Snapshot) -> None:
    again.figures.update(periods={})
    before = snapshot_sum(again)
    again.figures.filter(code="MED-OUT-01").update(periods={MONTH: {"numerator": 1}})
    assert snapshot_sum(again) != before
    again.figures.update(periods={})
    left_out = dict(
        of_period(again, leaving(again), period_ending(again.day, SpanOfTime.MONTH)).left_out
    )
    assert left_out["MED-OUT-01"] == "PERIOD", "nothing was frozen of it"


def test_a_period_tells_nothing_by_its_difference_to_all_time(house: House) -> None:
    come_again(house, 6, date(2026, 1, 12))
    for at in range(6):
        house.lend(f"New {at}", date(2026, 1, 20))
    come_again(house, 8, date(2026, 1, 25))
    snapshot = house.frozen()
    row = figure(snapshot, "MED-OUT-01")
    assert (row.numerator, row.periods[MONTH]["numerator"]) == (14, 14)
    row.periods[MONTH]["numerator"] = 11
    row.save()
    found = of_period(snapshot, leaving(snapshot), period_ending(snapshot.day, SpanOfTime.MONTH))
    assert dict(found.left_out)["MED-OUT-01"] == "FEW", "three came before January alone"


def test_a_report_names_a_period(house: House, again: Snapshot) -> None:
    figures = figures_of(again)
    [block] = blocks("{{ MED-OUT-01 | 2026-01 }} of {{ MED-OUT-01 }}", figures)
    assert block.text == "9 of 14"
    [block] = blocks("{{ MED-OUT-01 | 2026-01 | sex=NOT_RECORDED }}", figures)
    assert block.text.isdigit()
    with pytest.raises(NoSuchPeriod, match="2026-01"):
        blocks("{{ MED-OUT-01 | 2025 }}", figures)
    with pytest.raises(NoSuchPart):
        blocks("{{ MED-OUT-01 | 2026-01 | 2025 }}", figures)
    figures["MED-OUT-01"].periods[MONTH]["may_leave"] = False
    with pytest.raises(TooFewToTell):
        blocks("{{ MED-OUT-01 | 2026-01 }}", figures)


def test_a_report_does_not_tell_of_a_few_by_a_period(house: House, again: Snapshot) -> None:
    row = figure(again, "MED-OUT-01")
    row.periods[MONTH]["numerator"] = 11
    row.save()
    report = written(house, again, "{{ MED-OUT-01 | 2026-01 }} persons")
    with pytest.raises(TellsOfAFew):
        s.check_narrative(acting_staff=house.officer, narrative=report)
    row.periods[MONTH]["numerator"] = 7
    row.save()
    assert s.check_narrative(acting_staff=house.officer, narrative=report).state == "CHECKED"


def of_sexes(women: int, men: int) -> dict[str, object]:
    """A breakdown by sex as it is frozen."""
    lines = [
        {"code": code, "numerator": count, "denominator": None}
        for code, count in (("F", women), ("M", men))
    ]
    return {"sex": {"overlapping": False, "lines": lines}}


def test_no_line_of_a_period_tells_of_a_few(house: House, again: Snapshot) -> None:
    row = figure(again, "MED-OUT-01")
    row.numerator, row.lines = 40, of_sexes(18, 22)
    row.periods[MONTH].update(numerator=30, lines=of_sexes(16, 14))
    row.save()
    period = period_ending(again.day, SpanOfTime.MONTH)
    told = {one.code: one for one in of_period(again, leaving(again), period).told}
    assert told["MED-OUT-01"].spans == {MONTH: (30, None)}
    assert told["MED-OUT-01"].lines == {}, "two women came before January alone"
    for text in (
        "{{ MED-OUT-01 | 2026-01 | sex=F }} women",
        "{{ MED-OUT-01 | 2026-01 | table=sex }}",
    ):
        report = written(house, again, text)
        with pytest.raises(TellsOfAFew):
            s.check_narrative(acting_staff=house.officer, narrative=report)
    row.periods[MONTH].update(numerator=25, lines=of_sexes(11, 14))
    row.save()
    [whole] = [one for one in of_period(again, leaving(again), period).told if one.code == row.code]
    assert dict(whole.lines["sex"]) == {"F": 11, "M": 14}
    assert s.check_narrative(acting_staff=house.officer, narrative=report).state == "CHECKED"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026", Period(date(2026, 1, 1), date(2026, 12, 31), SpanOfTime.YEAR)),
        ("2026-h2", Period(date(2026, 7, 1), date(2026, 12, 31), SpanOfTime.HALF_YEAR)),
        ("2026S1", Period(date(2026, 1, 1), date(2026, 6, 30), SpanOfTime.HALF_YEAR)),
        ("2024-Q1", Period(date(2024, 1, 1), date(2024, 3, 31), SpanOfTime.QUARTER)),
        ("202402", Period(date(2024, 2, 1), date(2024, 2, 29), SpanOfTime.MONTH)),
        ("0000", None),
        ("2026-13", None),
        ("2026-Q5", None),
        ("sex=F", None),
        ("count", None),
        ("٢٠٢٦", None),
    ],
)
def test_periods_as_people_write_them(text: str, period: Period | None) -> None:
    assert period_named(text) == period
    if period is not None:
        assert period_named(period.name) == period_named(period.dhis2) == period


def test_a_period_is_written_as_the_language_does() -> None:
    halves = {name: period_named(name) for name in ("2005-H1", "2005-Q2", "2005-07", "2005")}
    with translation.override("en"):
        shown = {name: period and period_words(period) for name, period in halves.items()}
    assert shown == {
        "2005-H1": "Jan 2005 \u2013 Jun 2005",
        "2005-Q2": "Q2 2005",
        "2005-07": "Jul 2005",
        "2005": "2005",
    }
    with translation.override("fr"):
        assert period_words(Period(date(2005, 4, 1), date(2005, 6, 30), SpanOfTime.QUARTER)) == (
            "T2 2005"
        )


def test_the_annex_explains_a_period_by_its_own_counts(house: House, again: Snapshot) -> None:
    report = written(house, again, "{{ MED-OUT-01 | 2026-01 }} and {{ MED-FIN-01 }}")
    told = {line.name: line.counts for line in annex_of(report)}
    assert told == {"Persons reached (Jan 2026)": "9", "Loans disbursed, number": "14"}
