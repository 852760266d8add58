"""A phase's logframe: complete before it begins, targets revised and never lost, how far it is."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from handup.lending.tests.cast import running, staff
from handup.org import installation
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Budget, BudgetLine, Phase
from handup.projects.rules.states import PhaseStatus
from handup.projects.services import change_phase_status
from handup.projects.services.programmes import PhaseNotReadyToBegin
from handup.results import services as s
from handup.results.logframes import lines_of, missing_to_begin
from handup.results.models import FrozenFigure, LogframeRow, RowIndicator, Snapshot, Target
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.rules.logframe import (
    Assumption,
    Colour,
    Revised,
    RowLevel,
    achievement,
    colour_of,
    cost_per_result,
    in_force,
    number_of,
    target_for,
)
from handup.results.services import freezing, logframe
from handup.results.tests.test_frozen import House, browser
from handup.results.trend import frozen_over_time

END, NEXT = date(2026, 6, 30), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("value", "target", "baseline", "up", "wanted"),
    [
        (33, 40, 12, True, Fraction(75)),
        (33, 40, None, True, Fraction(165, 2)),
        (20, 10, 30, False, Fraction(50)),
        (20, 10, None, False, None),
        (5, 12, 12, True, None),
        (None, 40, 12, True, None),
        (33, None, 12, True, None),
        (1, 0, None, True, None),
        (10, 40, 12, True, Fraction(-50, 7)),
    ],
)
def test_how_much_of_the_way_was_gone(
    value: int | None, target: int | None, baseline: int | None, up: bool, wanted: Fraction | None
) -> None:
    def exact(number: int | None) -> Fraction | None:
        return None if number is None else Fraction(number)

    found = achievement(exact(value), exact(target), exact(baseline), is_up_better=up)
    assert found == wanted


@pytest.mark.parametrize(
    ("reached", "colour"),
    [
        (90, "REACHED"),
        (Fraction(8999, 100), "NEARLY"),
        (70, "NEARLY"),
        (69, "BELOW"),
        (None, "UNDEFINED"),
    ],
)
def test_three_steps_and_one_that_is_none(reached: Any, colour: str) -> None:
    exact = None if reached is None else Fraction(reached)
    assert colour_of(exact, good=90, fair=70) is Colour(colour)


def test_a_result_of_nothing_has_no_cost() -> None:
    assert cost_per_result(1000, Fraction(0)) is None
    assert cost_per_result(None, Fraction(4)) is None
    assert cost_per_result(1000, Fraction(4)) == 250


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 250,5", Fraction(2501, 2)),
        ("1\u202f250", Fraction(1250)),
        ("12,5", Fraction(25, 2)),
        ("0,125", Fraction(1, 8)),
        ("1,250", None),
        ("-12,500,000", None),
        ("-3", Fraction(-3)),
        ("1e5", Fraction(100_000)),
        ("1e999999999", None),
        ("1e-999999999", None),
        ("0e999999999", Fraction(0)),
        ("nan", None),
        ("", None),
        ("many", None),
        ("9" * 30, None),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, number: Fraction | None) -> None:
    assert number_of(text) == number


def test_the_last_revision_of_the_period_a_day_lies_in_is_in_force() -> None:
    rows = [
        Revised(END, "", 1, "10"),
        Revised(END, "", 2, "12"),
        Revised(NEXT, "", 1, "20"),
        Revised(END, "sex=F", 1, "6"),
    ]
    assert {key: one.value for key, one in in_force(rows).items()} == {
        (END, ""): "12",
        (NEXT, ""): "20",
        (END, "sex=F"): "6",
    }
    for day, value in (
        (date(2026, 1, 1), "12"),
        (END, "12"),
        (NEXT, "20"),
        (date(2030, 1, 1), "20"),
    ):
        found = target_for(rows, day)
        assert found is not None
        assert found.value == value
    assert target_for([], END) is None


class Framed:
    """A prepared phase of the house's programme, and who writes its logframe."""

    def __init__(self) -> None:
        self.house = House()
        self.officer, self.manager = self.house.officer, self.house.world.cast.manager
        self.leader = staff("begins", Role.MANAGER)
        self.phase = Phase.objects.create(
            programme=self.house.programme, code="II", title="Second phase"
        )

    def row(self, level: RowLevel, parent: LogframeRow | None = None, **more: Any) -> LogframeRow:
        values = {"statement": f"{level.value.title()} of the phase", "means": "register", **more}
        return s.add_logframe_row(
            acting_staff=self.officer, phase=self.phase, level=level, parent=parent, **values
        )

    def indicator(self, row: LogframeRow, code: str = "MED-FIN-01", **more: Any) -> RowIndicator:
        values = more or {"baseline": "12", "baseline_year": 2024}
        return s.add_row_indicator(acting_staff=self.officer, row=row, code=code, **values)

    def target(self, one: RowIndicator, value: str, end: date = END, **more: Any) -> Target:
        return s.set_target(
            acting_staff=self.officer, indicator=one, period_end=end, value=value, **more
        )

    def begin(self) -> Phase:
        return change_phase_status(
            acting_staff=self.leader, phase=self.phase, status=PhaseStatus.ACTIVE
        )


@pytest.fixture
def framed(db: None) -> Framed:
    return Framed()


def test_a_phase_begins_only_when_its_logframe_is_complete(framed: Framed) -> None:
    def refused() -> str:
        with pytest.raises(PhaseNotReadyToBegin) as told:
            framed.begin()
        framed.phase.refresh_from_db()
        assert framed.phase.status == PhaseStatus.PIPELINE
        return str(told.value.places["missing"])

    assert "a logframe" in refused()
    goal = framed.row(RowLevel.GOAL, means="")
    outcome = framed.row(RowLevel.OUTCOME, goal, means="")
    assert (
        refused()
        == "Outcome of the phase: an indicator; Outcome of the phase: the means of verification"
    )
    s.change_logframe_row(
        acting_staff=framed.officer, row=outcome, statement="Families earn", means="survey"
    )
    one = framed.indicator(outcome, baseline_reason="never asked before")
    assert refused() == "Families earn: a target"
    framed.target(one, "20", line="sex=F")
    assert refused() == "Families earn: a target", "a line alone is no target of the whole"
    framed.target(one, "40")
    assert missing_to_begin(framed.phase) == []
    assert framed.begin().status == PhaseStatus.ACTIVE


def test_a_row_belongs_to_the_level_above_it(framed: Framed) -> None:
    goal = framed.row(RowLevel.GOAL)
    with pytest.raises(logframe.ParentOfOtherLevel):
        framed.row(RowLevel.OUTPUT, goal)
    elsewhere = Phase.objects.create(
        programme=framed.house.programme, code="III", title="Third phase"
    )
    other = s.add_logframe_row(
        acting_staff=framed.officer, phase=elsewhere, level=RowLevel.GOAL, statement="Else"
    )
    with pytest.raises(logframe.RowOfOtherPhase):
        framed.row(RowLevel.OUTCOME, other)
    with pytest.raises(logframe.StatementMissing):
        framed.row(RowLevel.GOAL, statement="  ")
    outcome = framed.row(RowLevel.OUTCOME, goal)
    with pytest.raises(logframe.RowHasRowsBelow):
        s.remove_logframe_row(acting_staff=framed.officer, row=goal, reason="wrong")
    s.remove_logframe_row(acting_staff=framed.officer, row=outcome, reason="wrong")
    assert [one.row.pk for one in lines_of(framed.phase, None)] == [goal.pk]
    with pytest.raises(logframe.RowRemoved):
        framed.indicator(outcome)


def test_a_baseline_is_a_number_with_its_year_or_a_reason(framed: Framed) -> None:
    row = framed.row(RowLevel.OUTPUT)
    for told, refusal in (
        ({"baseline": "some", "baseline_year": 2024}, logframe.BaselineUnreadable),
        ({"baseline": "", "baseline_reason": " "}, logframe.BaselineMissing),
        ({"baseline": "0"}, logframe.BaselineYearMissing),
    ):
        with pytest.raises(refusal):
            framed.indicator(row, **told)
    with pytest.raises(UnknownIndicator):
        framed.indicator(row, "MED-XX-1")
    framed.indicator(row)
    with pytest.raises(logframe.IndicatorThereAlready):
        framed.indicator(row)


def test_a_target_is_revised_with_a_reason_and_the_old_one_stays(framed: Framed) -> None:
    one = framed.indicator(framed.row(RowLevel.OUTPUT))
    first = framed.target(one, "40")
    with pytest.raises(freezing.ReasonMissing):
        framed.target(one, "50")
    with pytest.raises(logframe.TargetUnchanged):
        framed.target(one, "40,0", reason="again")
    with pytest.raises(logframe.TargetUnreadable):
        framed.target(one, "many")
    second = framed.target(one, "50", reason="a second lender")
    assert (first.revision, second.revision) == (1, 2)
    assert list(Target.objects.values_list("value", flat=True)) == ["40", "50"]
    framed.target(one, "20", line="sex=F")
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.create(
            indicator=one, period_end=END, value="1", revision=3, set_by=framed.officer
        )
    again = uuid4()
    assert (
        framed.target(one, "60", NEXT, id=again).pk == framed.target(one, "60", NEXT, id=again).pk
    )


def test_what_was_frozen_is_held_against_the_target(framed: Framed) -> None:
    running(framed.house.world)
    framed.house.lend("Second")
    output = framed.row(RowLevel.OUTPUT)
    loans, reached = framed.indicator(output), framed.indicator(output, "MED-OUT-01")
    framed.target(loans, "2")
    framed.target(reached, "12")
    snapshot = framed.house.frozen()
    [line] = lines_of(framed.phase, snapshot)
    lent, persons = line.measured
    assert lent.actual == "2"
    assert lent.reached == achievement(Fraction(2), Fraction(2), Fraction(12), is_up_better=True)
    assert lent.reached == 100
    assert lent.colour is Colour.REACHED
    assert persons.reached is None, "the target is what it was before"
    framed.target(loans, "-8", reason="fewer are wanted")
    installation.put("results.fair_from", 40)
    [line] = lines_of(framed.phase, snapshot)
    assert line.measured[0].reached == 50
    assert line.measured[0].colour is Colour.NEARLY


def test_an_output_tells_what_one_result_cost(
    framed: Framed, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(framed.house.world)
    framed.house.lend("Second")
    budget = Budget.objects.create(
        programme=framed.house.programme,
        phase=framed.phase,
        reporting_currency="USD",
        prepared_by=framed.officer,
    )
    line = BudgetLine.objects.create(
        budget=budget, code="1", title="Loans", currency="USD", amount_units=9, reporting_units=9
    )
    output = framed.row(RowLevel.OUTPUT)
    framed.target(framed.indicator(output), "2")
    with pytest.raises(logframe.BudgetLineElsewhere):
        framed.row(RowLevel.OUTCOME, budget_line=line)
    framed.row(RowLevel.ACTIVITY, output, budget_line=line)
    monkeypatch.setattr("handup.results.logframes.spent_of", lambda _budget, _until: {line.pk: 301})
    found = lines_of(framed.phase, framed.house.frozen())[0]
    assert (found.cost_units, found.cost_each) == (301, 151)
    page = browser(framed.officer).get(reverse("results:logframe", args=[framed.phase.pk]))
    assert "USD\u00a01.51" in page.content.decode()
    RowIndicator.objects.filter(row=output).update(code="MED-FIN-05a")
    shares = FrozenFigure.objects.filter(code="MED-FIN-05a")
    shares.update(numerator=4, denominator=5, value="80.0")
    found = lines_of(framed.phase, Snapshot.objects.get())[0]
    assert found.measured[0].actual == "80.0"
    assert (found.cost_units, found.cost_each) == (301, None), "a share is not so many results"


def test_nothing_is_frozen_while_assumptions_were_not_looked_at(framed: Framed) -> None:
    output = framed.row(RowLevel.OUTPUT, assumption="Banks go on lending")
    framed.target(framed.indicator(output), "2")
    framed.begin()
    with pytest.raises(freezing.AssumptionsNotReviewed):
        framed.house.frozen()
    held = s.review_assumption(acting_staff=framed.officer, row=output, state=Assumption.AT_RISK)
    assert held.reviewed_date == timezone.localdate()
    snapshot = framed.house.programme.snapshots.get()
    assert s.freeze_snapshot(acting_staff=framed.house.director, snapshot=snapshot).sha256
    page = browser(framed.officer).get(reverse("results:logframe", args=[framed.phase.pk]))
    assert "Assumptions that do not hold, or may not: 1." in page.content.decode()
    changed = s.change_logframe_row(
        acting_staff=framed.officer, row=output, statement="x", assumption="Other banks lend"
    )
    assert changed.reviewed_date is None


def test_the_pages_build_a_logframe_from_nothing(framed: Framed) -> None:
    client = browser(framed.officer)
    page = reverse("results:logframe", args=[framed.phase.pk])
    assert "Begin with the goal" in client.get(page).content.decode()

    def post(name: str, pk: Any, **told: str) -> Any:
        return client.post(reverse(f"results:{name}", args=[pk]), {"_new_id": uuid4(), **told})

    bad = post("row_new", framed.phase.pk, level="OUTPUT", statement="")
    assert bad.status_code == 422
    done = post(
        "row_new", framed.phase.pk, level="OUTPUT", statement="Loans given", means="books",
        assumption="Rains come",
    )  # fmt: skip
    assert done.status_code == 302
    row = LogframeRow.objects.get()
    assert "Add an indicator" in client.get(done["Location"]).content.decode()
    bad = post("row_indicator", row.pk, code="MED-FIN-01", baseline="x", baseline_year="2024")
    assert "Write the baseline in digits" in bad.content.decode()
    post("row_indicator", row.pk, code="MED-FIN-01", baseline="12", baseline_year="2024")
    one = RowIndicator.objects.get()
    post("target_new", one.pk, period_end="2026-06-30", value="40")
    post("target_new", one.pk, period_end="2026-06-30", value="50", reason="more money")
    shown = client.get(reverse("results:row_indicator_page", args=[one.pk])).content.decode()
    assert "more money" in shown
    assert post("row_review", row.pk, state="FAILED").status_code == 302
    whole = client.get(page).content.decode()
    for words in ("Loans given", "12 (2024)", "50 (", "Failed", "No figures are frozen yet"):
        assert words in whole, words
    found = client.post(
        reverse("results:logframe_list"), {"q": "second"}, follow=True
    ).content.decode()
    assert "Second phase" in found
    assert (
        "Second phase"
        not in client.post(
            reverse("results:logframe_list"), {"q": "zzz"}, follow=True
        ).content.decode()
    )
    pdf = client.get(reverse("results:logframe_pdf", args=[framed.phase.pk]))
    assert pdf.content.startswith(b"%PDF")
    assert post("row_indicator_remove", one.pk, reason="another one").status_code == 302
    assert post("row_change", row.pk, statement="Loans paid out").status_code == 302
    assert post("row_remove", row.pk, reason="not ours").status_code == 302
    assert "Begin with the goal" in client.get(page).content.decode()


def test_who_may_not_write_it_is_refused(framed: Framed) -> None:
    row = framed.row(RowLevel.OUTPUT)
    reader = staff("reads", Role.ACCOUNTANT)
    with pytest.raises(NotAllowed):
        s.remove_logframe_row(acting_staff=reader, row=row, reason="x")
    page = reverse("results:logframe", args=[framed.phase.pk])
    assert browser(reader).get(page).status_code == 200
    assert browser(staff("gives", Role.FUNDER)).get(page).status_code in {403, 404}
    acts = AuditLine.objects.filter(object_id=str(row.pk)).values_list("action", flat=True)
    assert list(acts) == ["results.add_logframe_row"]


@pytest.mark.parametrize("language", ["en", "fr", "hy"])
def test_each_indicator_has_a_sheet_on_the_page_and_on_paper(framed: Framed, language: str) -> None:
    framed.indicator(framed.row(RowLevel.OUTPUT), "MED-FIN-05b", baseline_reason="new")
    client = browser(framed.officer)
    head = {"Accept-Language": language}
    page = client.get(reverse("results:sheet", args=["MED-FIN-05b"]), headers=head)
    assert "REPAID_PRINCIPAL" in page.content.decode()
    assert framed.phase.title in page.content.decode()
    assert (
        client.get(reverse("results:sheet_pdf", args=["MED-FIN-05b"]), headers=head).content[:4]
        == b"%PDF"
    )
    assert client.get(reverse("results:sheet", args=["MED-XX-1"])).status_code == 404
    found = client.post(
        reverse("results:sheet_list"), {"q": "med-fin-05"}, follow=True
    ).content.decode()
    assert "MED-FIN-05b" in found
    assert "MED-OUT-01" not in found


def test_the_interface_tells_and_builds_it(framed: Framed) -> None:
    client = browser(framed.officer)

    def post(where: str, **told: Any) -> Any:
        body = {"id": str(uuid4()), **told}
        return client.post(
            f"/api/v1/results/{where}", json.dumps(body), content_type="application/json"
        )

    place = f"phases/{framed.phase.pk}/logframe"
    row = post(place, level="OUTPUT", statement="Loans", assumption="Rains come")
    assert row.status_code == 201
    one = post(f"logframe-rows/{row.json()['id']}/indicators", code="MED-FIN-01", baseline="1")
    assert one.status_code == 422
    told = {"code": "MED-FIN-01", "baseline": "1", "baseline_year": 2024}
    one = post(f"logframe-rows/{row.json()['id']}/indicators", **told)
    target = post(f"row-indicators/{one.json()['id']}/targets", period_end="2026-06-30", value="9")
    assert target.json()["revision"] == 1
    post(f"logframe-rows/{row.json()['id']}/review", state="AT_RISK")
    [line] = client.get(f"/api/v1/results/{place}").json()
    assert (line["assumption_state"], line["indicators"][0]["target"]) == ("AT_RISK", "9")
    assert Decimal(line["indicators"][0]["baseline"]) == 1


def test_a_frozen_figure_is_drawn_over_time_beside_its_target(framed: Framed) -> None:
    running(framed.house.world)
    one = framed.indicator(framed.row(RowLevel.OUTPUT))
    first = framed.house.frozen(date(2025, 9, 30))
    lent = first.figures.select_related("snapshot").get(code="MED-FIN-01")
    assert frozen_over_time(lent) is None
    framed.house.lend("Second", date(2025, 11, 3))
    FrozenFigure.objects.update(note="")
    later = framed.house.snapshot(date(2026, 1, 31))
    FrozenFigure.objects.filter(snapshot=later).update(note="more loans")
    framed.house.passed(later)
    framed.target(one, "4", date(2025, 12, 31))
    framed.target(one, "9", END)
    chart = frozen_over_time(lent)
    assert chart is not None
    assert chart.points == ["2025-09-30", "2026-01-31"]
    assert [list(line.values) for line in chart.series] == [[1.0, 2.0], [4.0, 9.0]]
    assert "rose" in str(chart.title)
    page = browser(framed.officer).get(reverse("results:frozen_detail", args=[lent.pk]))
    assert "2025-09-30" in page.content.decode()
