"""What was told outside counts for all that is told later: in files, in reports."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handup.kernel.ids import new_id
from handup.lending.models import Loan
from handup.org.devices import SameIdOtherContent
from handup.org.models import ExchangeRate
from handup.projects.models import Phase, Programme
from handup.projects.rates import RATE_ONE
from handup.results import services as s
from handup.results.exchange.figures import Told, leaving
from handup.results.exchange.plans import plans_of
from handup.results.models import (
    FrozenFigure,
    LogframeRow,
    Narrative,
    PublicTable,
    ReleasedFigure,
    RowIndicator,
    Snapshot,
    Target,
)
from handup.results.releases import published_report
from handup.results.rules.claims import placeholders
from handup.results.rules.iati.states import ExchangeKind
from handup.results.services.exchange import (
    LaterPublished,
    ToldMeanwhile,
    build_exchange,
    publish_exchange,
)
from handup.results.services.narratives import TellsOfAFew, _variant_may_be_told
from handup.results.tests.exchanging import phase_of, profile_of
from handup.results.tests.test_exchange import built, folder, house, passed, snapshot
from handup.results.tests.test_frozen import House
from handup.results.tests.test_narratives import written

pytestmark = pytest.mark.django_db

__all__ = ["folder", "house", "snapshot"]


def test_a_file_whose_figures_were_told_otherwise_meanwhile_is_built_again(house: House) -> None:
    profile_of(house.officer, house.programme)
    waiting = passed(house, built(house, house.frozen()))
    house.lend("One more", date(2026, 2, 10))
    later = passed(house, built(house, house.frozen(date(2026, 2, 28))))
    assert (waiting.figures["MED-FIN-01"]["numerator"], later.number) == (8, 2)
    assert later.figures["MED-FIN-01"]["numerator"] == 9
    publish_exchange(acting_staff=house.director, file=waiting)
    with pytest.raises(ToldMeanwhile, match="MED-FIN-01"):
        publish_exchange(acting_staff=house.director, file=later)
    later = passed(house, built(house, later.snapshot))
    assert (later.figures["MED-FIN-01"]["numerator"], later.number) == (8, 3)
    publish_exchange(acting_staff=house.director, file=later)


def test_an_older_file_does_not_replace_a_later_one(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    first = passed(house, built(house, snapshot))
    Programme.objects.filter(pk=house.programme.pk).update(title="Another title")
    second = passed(house, built(house, snapshot))
    publish_exchange(acting_staff=house.director, file=second)
    with pytest.raises(LaterPublished):
        publish_exchange(acting_staff=house.director, file=first)


def test_what_a_report_told_counts_as_told_before(house: House, snapshot: Snapshot) -> None:
    Narrative.objects.create(
        programme=house.programme,
        snapshot=snapshot,
        title="Sent",
        language="en",
        text="{{ MED-FIN-01 }} loans",
        state="SENT",
        written_by=house.officer,
    )
    house.lend("One more", date(2026, 2, 10))
    told = {one.code: one for one in leaving(house.frozen(date(2026, 2, 28))).told}
    assert (told["MED-FIN-01"].numerator, told["MED-FIN-01"].renewed) == (8, False)


def test_an_amount_of_few_groups_is_not_told(house: House, snapshot: Snapshot) -> None:
    row = snapshot.figures.get(code="MED-FIN-01v")
    groups = row.rows.filter(is_base=False)
    groups.exclude(pk__in=groups[:4]).delete()
    groups.update(kind="group")
    assert ("MED-FIN-01v", "FEW") in leaving(snapshot).left_out


def test_an_estimate_is_told_as_it_was_frozen() -> None:
    one = Told("MED-ENT-03", 60, 80, "", "", "", {}, shown="71.4")
    again = replace(one, code="MED-ENT-04")
    assert {one.is_estimate, again.is_estimate} == {True, False}
    assert {one.value, again.value} == {"71.4", "75.0"}


def test_a_text_with_a_sign_no_xml_holds_is_told_without_it(
    house: House, snapshot: Snapshot
) -> None:
    Programme.objects.filter(pk=house.programme.pk).update(summary="Loans\x0b and\x01 advice")
    profile_of(house.officer, house.programme)
    file = built(house, snapshot)
    assert "Loans and advice" in file.content
    assert passed(house, file).findings == []


def test_two_targets_of_one_day_that_differ_are_not_told_for_the_whole(house: House) -> None:
    second = phase_of(house.programme, "2")
    for phase, value in ((Phase.objects.get(code="1"), "12"), (second, "30")):
        row = LogframeRow.objects.create(phase=phase, level="OUTPUT", position=1, statement="Loans")
        sign = RowIndicator.objects.create(row=row, code="MED-FIN-01", position=1)
        for day, told in ((date(2026, 1, 31), value), (date(2026, 12, 31), "40")):
            Target.objects.create(
                indicator=sign, period_end=day, value=told, revision=1, set_by=house.officer
            )
    targets = plans_of(house.frozen())["MED-FIN-01"].targets
    assert {day: [one.value for one in told] for day, told in targets.items()} == {
        date(2026, 12, 31): ["40"]
    }


def test_partners_are_told_what_a_file_or_a_report_told(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    file = passed(house, built(house, snapshot))
    publish_exchange(acting_staff=house.director, file=file)
    Narrative.objects.create(
        programme=house.programme,
        snapshot=snapshot,
        title="Sent",
        language="en",
        text="{{ MED-OUT-01 }} persons",
        state="SENT",
        written_by=house.officer,
    )
    house.lend("One more", date(2026, 2, 10))
    s.set_reporting_day(
        acting_staff=house.world.cast.manager, programme=house.programme, day=date(2026, 2, 28)
    )
    told = {line.code: line.numerator for line in published_report(house.programme).lines}
    assert (told["MED-FIN-01"], told["MED-OUT-01"]) == (8, 8)


def test_a_line_that_moved_by_few_since_a_public_table_is_not_told(
    house: House, snapshot: Snapshot
) -> None:
    lines = [{"code": code, "numerator": 8, "denominator": None} for code in "FM"]
    row = snapshot.figures.get(code="MED-FIN-01")
    row.numerator, row.lines = 16, {"sex": {"overlapping": False, "lines": lines}}
    row.save()

    def told() -> dict[str, list[tuple[str, int]]]:
        return next(one for one in leaving(snapshot).told if one.code == "MED-FIN-01").lines

    report = written(house, snapshot, "{{ MED-FIN-01 | sex=F }} loans")
    assert told() == {"sex": [("F", 8), ("M", 8)]}
    PublicTable.objects.create(
        programme=house.programme,
        snapshot=snapshot,
        day=snapshot.day,
        code="MED-FIN-01",
        row_dimension="sex",
        smallest=5,
        published_by=house.director,
        basis={},
        table={
            "outcome": "PUBLISHED",
            "total": 16,
            "rows": [["F"], ["M"]],
            "columns": [[""]],
            "cells": [[6], [10]],
            "row_totals": [6, 10],
            "column_totals": [16],
        },
    )
    assert told() == {}, "two women more than the table told"
    with pytest.raises(TellsOfAFew):
        s.check_narrative(acting_staff=house.officer, narrative=report)


def test_the_same_id_asks_for_the_same_file(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    key = new_id()
    first = build_exchange(acting_staff=house.officer, snapshot=snapshot, id=key)
    assert build_exchange(acting_staff=house.officer, snapshot=snapshot, id=key) == first
    with pytest.raises(SameIdOtherContent):
        build_exchange(acting_staff=house.officer, snapshot=snapshot, kind=ExchangeKind.ADX, id=key)


def test_one_loan_in_a_second_currency_is_not_told_by_the_rates(house: House) -> None:
    """All was lent and told in drams; then one loan in dollars turns the figure into dollars."""
    code = "MED-FIN-01v"
    Loan.objects.update(currency="AMD")
    first = house.frozen()
    Narrative.objects.create(
        programme=house.programme, snapshot=first, title="Sent", language="en",
        text=f"{{{{ {code} }}}} lent", state="SENT", written_by=house.officer,
    )  # fmt: skip
    told_first = {one.code: one for one in leaving(first).told}[code]
    paid_out = Loan.objects.exclude(disbursed_date=None)
    days: set[Any] = set(paid_out.values_list("disbursed_date", flat=True))
    house.lend("In dollars", date(2026, 2, 10))
    for day in days:
        ExchangeRate.objects.create(
            from_currency="USD", to_currency="AMD", rate_date=day, numerator=2 * RATE_ONE,
            source="central bank",
        )  # fmt: skip
    row = house.snapshot(date(2026, 2, 28))
    row.figures.update(note="another currency")
    later = house.passed(row)
    assert later.figures.get(code=code).currency == "USD"
    told = {one.code: one for one in leaving(later).told}[code]
    assert (told.currency, told.numerator) == ("AMD", told_first.numerator)
    assert told.renewed is False
    with pytest.raises(TellsOfAFew):
        s.check_narrative(
            acting_staff=house.officer,
            narrative=written(house, later, f"Lent: {{{{ {code} }}}}."),
        )
    ReleasedFigure.objects.create(
        programme=house.programme, day=first.day, of_day=first.day, code=code,
        numerator=told_first.numerator, currency="AMD",
    )  # fmt: skip
    Narrative.objects.all().delete()
    s.set_reporting_day(
        acting_staff=house.world.cast.manager, programme=house.programme, day=later.day
    )
    line = published_report(house.programme).line(code)
    assert (line.currency, line.numerator) == ("AMD", told_first.numerator)


def test_an_amount_with_another_parameter_is_compared_with_other_reports(house: House) -> None:
    """One more loan late by more than ninety days: what the share of all moved by is hers."""
    code, key = "MED-FIN-04", "days=90"

    def frozen(day: date) -> Snapshot:
        row = house.snapshot(day)
        row.figures.update(note="looked at")
        found = house.passed(row)
        FrozenFigure.objects.create(
            snapshot=found, code=code, definition="", numerator=1, denominator=2, currency="USD",
            value="50.00", may_leave=True,
            variants={key: {
                "numerator": 1, "denominator": 2, "currency": "USD", "value": "50.00",
                "lines": {}, "may_leave": True,
            }},
        )  # fmt: skip
        return found

    first, later = frozen(date(2026, 1, 31)), frozen(date(2026, 2, 1))
    text = f"Late: {{{{ {code} | {key} }}}}."
    row = written(house, first, text)
    Narrative.objects.filter(pk=row.pk).update(state="SENT")
    one = placeholders(text)[0]
    mine = written(house, later, text)
    assert _variant_may_be_told(mine, one, 5), "nobody moved between the two days"
    Snapshot.objects.filter(pk=first.pk).update(day=date(2025, 5, 1))
    assert not _variant_may_be_told(mine, one, 20), "those who moved are fewer than twenty"
