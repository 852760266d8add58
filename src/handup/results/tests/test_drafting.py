"""The first draft of a report: sections of a template, filled from records."""

from typing import Any

import pytest
from django.urls import reverse

from handup.lending.tests.cast import running
from handup.projects.models import Budget, BudgetLine, Lesson, Programme
from handup.results import drafting
from handup.results.drafting import FILLED, UnknownTemplate, draft_text, templates, to_write
from handup.results.frozen_targets import BaselineOfAFew, NoSuchPromise, SeveralPromises
from handup.results.models import (
    FrozenEstimate,
    FrozenTarget,
    LogframeRow,
    RowIndicator,
    Snapshot,
    Target,
)
from handup.results.telling import TooFewToTell, blocks, figures_of
from handup.results.tests.exchanging import phase_of
from handup.results.tests.test_frozen import DAY, House, browser
from handup.results.verify import snapshots_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    made = House()
    running(made.world, 400_00)
    for at in range(5):
        made.lend(f"Borrower {at}")
    return made


@pytest.fixture
def snapshot(house: House) -> Snapshot:
    return house.frozen()


def test_each_section_of_each_template_is_known() -> None:
    told = templates()
    assert set(told) == {"standard", "short"}
    assert {section for sections in told.values() for section in sections} <= set(FILLED)
    assert told["standard"][0] == "SUMMARY"
    assert len(told["standard"]) == 8


def test_a_draft_is_filled_from_the_records(house: House, snapshot: Snapshot) -> None:
    Programme.objects.filter(pk=house.programme.pk).update(objectives="Lasting work.")
    snapshot.refresh_from_db()
    phase = phase_of(house.programme)
    row = LogframeRow.objects.create(phase=phase, level="OUTPUT", position=1, statement="Loans")
    RowIndicator.objects.create(row=row, code="MED-FIN-01", position=1)
    Lesson.objects.create(
        programme=house.programme,
        statement="Follow up early.",
        state="ACCEPTED",
        proposed_by=house.officer,
    )
    text = draft_text(Snapshot.objects.get(pk=snapshot.pk), "en")
    assert "# Summary" in text
    assert "Lasting work." in text
    assert "## Loans\n\n- Loans" in text or "## Loans\n\n- " in text
    assert "- Follow up early." in text
    assert text.count("{{ MED-FIN-01 }}") == 2
    shown = [one.text for one in blocks(text, figures_of(snapshot))]
    assert any(one.endswith(": 6") for one in shown)


def test_baseline_target_and_achievement_are_frozen_and_told(house: House) -> None:
    phases = [phase_of(house.programme, code) for code in ("1", "2")]
    for phase, value in zip(phases, ("10", "12"), strict=True):
        row = LogframeRow.objects.create(phase=phase, level="OUTPUT", position=1, statement="Loans")
        lent = RowIndicator.objects.create(row=row, code="MED-FIN-01", position=1, baseline="0")
        Target.objects.create(
            indicator=lent, period_end=DAY, value=value, revision=1, set_by=house.officer
        )
        few = RowIndicator.objects.create(row=row, code="MED-OUT-01", position=2, baseline="3")
        Target.objects.create(
            indicator=few, period_end=DAY, value="40", revision=1, set_by=house.officer
        )
    none = RowIndicator.objects.create(row=row, code="MED-TRN-03", position=3)
    Target.objects.create(
        indicator=none, period_end=DAY, value="80", revision=1, set_by=house.officer
    )
    snapshot = house.frozen()
    assert not list(snapshots_hold())
    Target.objects.create(
        indicator=lent, period_end=DAY, value="99", revision=2, reason="x", set_by=house.officer
    )
    RowIndicator.objects.filter(pk=lent.pk).update(baseline="1")
    figures = figures_of(snapshot)
    told = [one.text for one in blocks(draft_text(snapshot, "en").split("# Results")[1], figures)]
    name = "Loans disbursed, number"
    assert f"{name}: 6; baseline 0; target 10; achieved 60.0 %".replace(" %", "%") in [
        one.replace("\xa0", " ").replace(" %", "%") for one in told
    ]
    assert any("target 12; achieved 50" in one for one in told)
    assert [one for one in told if one.startswith("Loans (")] == [
        "Loans (phase 1)",
        "Loans (phase 2)",
    ]
    assert any(one.endswith("no figure yet; target 80.0%") for one in told), told
    few_told = next(one for one in told if "target 40" in one)
    assert "baseline" not in few_told, "three persons are not told"
    assert "achieved" not in few_told, "nor what tells them"
    for text, refusal in (
        ("{{ MED-FIN-01 | target }}", SeveralPromises),
        ("{{ MED-FIN-01 | target | phase=3 }}", NoSuchPromise),
        ("{{ MED-FIN-01 | target | count }}", NoSuchPromise),
        ("{{ MED-OUT-01 | achieved }}", BaselineOfAFew),
        ("{{ MED-FIN-01v | target }}", NoSuchPromise),
    ):
        with pytest.raises(refusal):
            blocks(text, figures)
    FrozenTarget.objects.filter(snapshot=snapshot, target="12").update(target="13")
    assert list(snapshots_hold()), "a promise that was changed is found out"


def test_figures_are_told_where_the_logframe_names_none_of_them(house: House) -> None:
    row = LogframeRow.objects.create(
        phase=phase_of(house.programme), level="OUTPUT", position=1, statement="Plans"
    )
    RowIndicator.objects.create(row=row, code="MED-TRN-03", position=1)
    snapshot = house.frozen()
    assert FrozenTarget.objects.filter(snapshot=snapshot).exists()
    assert "{{ MED-FIN-01 }}" in draft_text(snapshot, "en").split("# Results")[1].split("\n# ")[0]


def test_what_was_promised_stands_on_the_page_of_the_snapshot(house: House) -> None:
    row = LogframeRow.objects.create(
        phase=phase_of(house.programme), level="OUTPUT", position=1, statement="Loans"
    )
    lent = RowIndicator.objects.create(
        row=row, code="MED-FIN-01", position=1, baseline="2", baseline_year=2023
    )
    Target.objects.create(
        indicator=lent, period_end=DAY, value="8", revision=1, set_by=house.officer
    )
    client, snapshot = browser(house.officer), house.snapshot()
    address = reverse("results:snapshot_detail", args=[snapshot.pk])
    assert "By the end of" not in client.get(address).text
    house.passed(snapshot)
    page = client.get(address).text
    assert "2 (2023)" in page
    assert "66.7" in page
    told = client.get(f"/api/v1/results/snapshots/{snapshot.pk}").json()["targets"]
    assert [(one["baseline"], one["target"], one["achieved"]) for one in told] == [
        ("2", "8", "66.7")
    ]


def test_before_the_figures_are_frozen_the_page_opens_empty(house: House) -> None:
    address = reverse("results:narrative_new", args=[house.snapshot().pk])
    opened = browser(house.officer).get(address)
    assert opened.status_code == 200
    assert "{{ MED-FIN-01v }}" not in opened.text


def test_no_heading_stands_over_nothing_and_the_page_says_what_is_left_to_write(
    house: House, snapshot: Snapshot
) -> None:
    text = draft_text(snapshot, "en")
    lines = [line for line in text.splitlines() if line]
    for place, line in enumerate(lines):
        if line.startswith("# "):
            assert lines[place + 1 : place + 2], f"{line} stands over nothing"
            assert not lines[place + 1].startswith("# ")
    assert "# Next period" not in text
    left = to_write(snapshot)
    assert ("Next period" in left, "Summary" in left) == (True, False)
    page = browser(house.officer).get(reverse("results:narrative_new", args=[snapshot.pk]))
    assert f"write them if you can: {', '.join(left)}" in page.text


def test_what_may_not_leave_is_not_in_a_draft(house: House, snapshot: Snapshot) -> None:
    snapshot.figures.filter(code="MED-FIN-01").update(may_leave=False)
    text = draft_text(snapshot, "en", "short")
    assert "{{ MED-FIN-01 }}" not in text
    assert "# Finance" not in text


def test_what_an_analysis_showed_stands_under_impact(house: House, snapshot: Snapshot) -> None:
    main = {"method": "MEAN_CHANGE", "value": "30", "low": "20", "high": "40", "n": 50}
    for code, may_leave in (("PROFIT", True), ("FEW", False)):
        FrozenEstimate.objects.create(
            snapshot=snapshot,
            code=code,
            title="Profit grew",
            level="CHANGE",
            told={"kind": "AMOUNT", "estimates": [main]},
            may_leave=may_leave,
        )
    text = draft_text(snapshot, "en")
    assert "- Profit grew: {{ PROFIT }} ({{ PROFIT | interval }})" in text.split("# Impact")[1]
    assert "FEW" not in text
    assert blocks(text, figures_of(snapshot))


def test_a_draft_speaks_its_language_and_its_template_exists(
    house: House, snapshot: Snapshot
) -> None:
    assert "- Prêts décaissés, nombre: {{ MED-FIN-01 }}" in draft_text(snapshot, "fr")
    with pytest.raises(UnknownTemplate):
        draft_text(snapshot, "en", "none")


def test_spending_is_that_of_the_snapshots_day_with_the_lines_below(
    house: House, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget.objects.create(
        programme=house.programme, phase=phase_of(house.programme), state="APPROVED",
        reporting_currency="USD", prepared_by=house.officer,
    )  # fmt: skip

    def line(code: str, parent: BudgetLine | None, currency: str = "USD") -> BudgetLine:
        return BudgetLine.objects.create(
            budget=budget, code=code, title=f"Line {code}", currency=currency, parent=parent,
            amount_units=900_00, reporting_units=900_00,
        )  # fmt: skip

    above = line("1", None)
    below = [line("1.1", above), line("1.2", above)]
    other = line("2", None)
    abroad = line("2.1", other, "AMD")
    asked: list[Any] = []

    def spent(_budget: Budget, until: Any) -> dict[Any, int | None]:
        asked.append(until)
        return {above.pk: 1_00, below[0].pk: 2_00, below[1].pk: 4_00, other.pk: 0, abroad.pk: 9_00}

    monkeypatch.setattr("handup.results.drafting.spent_of", spent)
    text = "\n".join(drafting._finance(snapshot, [])).replace("\xa0", " ")
    assert asked == [snapshot.day]
    assert "Line 1: planned USD 900.00, spent USD 7.00" in text
    assert "Line 1.2: planned USD 900.00, spent USD 4.00" in text
    assert "Line 2: planned USD 900.00, spent –" in text, "drams are not added to dollars"


def test_the_flow_of_cases_stands_under_impact_unless_a_few_were_lost(
    house: House, snapshot: Snapshot
) -> None:
    main = {"method": "MEAN", "value": "30", "low": "20", "high": "40", "n": 50}
    for code, followed in (("PROFIT", 50), ("NEARLY", 58)):
        flows = [{"treated": None, "eligible": 60, "followed": followed, "difference": None}]
        FrozenEstimate.objects.create(
            snapshot=snapshot, code=code, title=code.title(), level="DESCRIPTIVE", may_leave=True,
            told={"kind": "AMOUNT", "estimates": [main], "flows": flows},
        )  # fmt: skip
    text = draft_text(snapshot, "en")
    figures = figures_of(snapshot)
    told = [one.text for one in blocks(text, figures)]
    assert "Found again: 50 of 60" in told
    assert "NEARLY | followed" not in text
    with pytest.raises(TooFewToTell):
        blocks("{{ NEARLY | followed }}", figures)


def test_each_template_is_offered_on_the_page_of_the_snapshot(
    house: House, snapshot: Snapshot
) -> None:
    Programme.objects.filter(pk=house.programme.pk).update(objectives="Lasting work.")
    client = browser(house.officer)
    page = client.get(reverse("results:snapshot_detail", args=[snapshot.pk])).content.decode()
    address = reverse("results:narrative_new", args=[snapshot.pk])
    for name in templates():
        assert f"{address}?template={name}" in page
    short = client.get(address, {"template": "short"}).content.decode()
    assert "# Results" in short
    assert "# Context" not in short
    other = client.get(address, {"template": "none"}).content.decode()
    assert "# Context" in other
