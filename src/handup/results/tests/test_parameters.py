"""Figures with other parameters: frozen beside the figure, in the checksum, and told outside only
where no few persons make the difference."""

from datetime import date

import pytest
from django.urls import reverse

from handup.lending.tests.cast import running
from handup.results import services as s
from handup.results.definitions import DEFINITIONS, definition
from handup.results.facts import Facts
from handup.results.freezing import changed, variants_of
from handup.results.models import Narrative, Snapshot
from handup.results.report import report_line
from handup.results.rules.expressions import Asked
from handup.results.services.narratives import TellsOfAFew
from handup.results.tests.test_frozen import House, browser, figure
from handup.results.verify import snapshots_hold

pytestmark = pytest.mark.django_db
CODE = "MED-FIN-04"
CODES = ("MED-OUT-01", "MED-FIN-01", CODE)


@pytest.fixture
def late() -> House:
    """Six loans of which nothing was repaid: four of them old, two lent in November."""
    house = House()
    running(house.world, 400_00)
    for at in range(5):
        house.lend(f"Borrower {at}", date(2025, 2, 20) if at < 3 else date(2025, 11, 10))
    s.choose_indicators(
        acting_staff=house.world.cast.manager,
        programme=house.programme,
        codes=CODES,
    )
    return house


def test_the_catalogue_names_the_other_parameters() -> None:
    told = {code: one.alternatives for code, one in DEFINITIONS.items() if one.alternatives}
    assert told == {
        CODE: (("days", 60), ("days", 90)),
        "MED-GRP-06": (("area_level", 1),),
        "MED-ENT-03": (("months", 24), ("months", 36)),
        "MED-IMP-02": (("top_answers", 1),),
        "MED-CSH-03": (("within_days", 1), ("within_days", 14)),
    }


def test_par_over_sixty_and_ninety_days_stands_beside_that_over_thirty(late: House) -> None:
    snapshot = late.snapshot()
    risk = figure(snapshot, CODE)
    told = {key: one["numerator"] for key, one in risk.variants.items()}
    assert list(told) == ["days=60", "days=90"]
    assert risk.numerator >= told["days=60"] >= told["days=90"]
    page = browser(late.officer).get(reverse("results:frozen_detail", args=[risk.pk]))
    text = page.content.decode()
    assert "more than 90 days late" in text
    assert "{{ MED-FIN-04 | days=90 }}" in text
    s.check_figures(acting_staff=late.checker, snapshot=snapshot, codes=CODES)
    s.approve_figures(acting_staff=late.director, snapshot=snapshot, codes=CODES)
    s.freeze_snapshot(acting_staff=late.director, snapshot=snapshot)
    assert list(snapshots_hold()) == []
    risk.variants["days=90"]["numerator"] += 1
    risk.save(update_fields=["variants"])
    assert len(list(snapshots_hold())) == 1


def test_what_differs_by_a_few_persons_does_not_leave(late: House) -> None:
    facts = Facts(late.programme, date(2026, 2, 20))
    line = report_line(definition(CODE), facts)
    over = {days: definition(CODE).compute(facts, _asked(facts, days)) for days in (30, 60, 90)}
    moved = len(changed(over[30], over[60])), len(changed(over[60], over[90]))
    assert any(0 < one < 5 for one in moved), "the case has persons between two limits"
    told = variants_of(line, facts)
    for days, one in ((60, moved[0]), (90, moved[1])):
        if 0 < one < 5:
            assert not told[f"days={days}"]["may_leave"]


def _asked(facts: Facts, days: int) -> Asked:
    return Asked(facts.cut_off, params={"days": days})


def test_a_variant_that_moved_by_a_few_since_another_report_stops_this_one(late: House) -> None:
    def frozen(day: date, count: int) -> Snapshot:
        snapshot = late.snapshot(day)
        s.check_figures(acting_staff=late.checker, snapshot=snapshot, codes=CODES)
        s.approve_figures(acting_staff=late.director, snapshot=snapshot, codes=CODES)
        told = {
            "numerator": count, "denominator": 60, "currency": "", "value": "50.0", "lines": {},
            "may_leave": True,
        }  # fmt: skip
        found = s.freeze_snapshot(acting_staff=late.director, snapshot=snapshot)
        snapshot.figures.filter(code="MED-FIN-01").update(
            code="MED-IMP-02", numerator=40, denominator=60, value="66.7",
            variants={"top_answers=1": told}, may_leave=True,
        )  # fmt: skip
        return found

    def report(snapshot: Snapshot) -> Narrative:
        text = "Better: {{ MED-IMP-02 | top_answers=1 }}."
        row = s.write_narrative(
            acting_staff=late.officer, snapshot=snapshot, title="R", language="en", text=text
        )
        return s.check_narrative(acting_staff=late.officer, narrative=row)

    first = report(frozen(date(2026, 1, 31), 30))
    s.approve_narrative(acting_staff=late.director, narrative=first)
    with pytest.raises(TellsOfAFew):
        report(frozen(date(2026, 2, 28), 32))
    report(frozen(date(2026, 3, 31), 35))
