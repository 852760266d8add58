"""What is usual comes from visits; a plan is held against it, and judged by what is taken."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.duties import SamePerson
from handup.org.models import Area, AuditLine, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Enterprise, Ownership, Person
from handup.plans import refusals, verify
from handup.plans.models import ActualMonth, Benchmark, CrossCheck, Plan, PlanVersion, Visit
from handup.plans.nightly import renew_benchmarks_at_night
from handup.plans.queries import current_version, figures_of, plan_facts
from handup.plans.rules.actuals import MonthTold
from handup.plans.rules.benchmarks import (
    Basis,
    Finding,
    Measure,
    Usual,
    adjust,
    check,
    observed,
    quantile,
    usual_markup,
    usual_of,
)
from handup.plans.rules.evaluate import evaluate
from handup.plans.rules.household import Section, SheetLine, Span
from handup.plans.rules.inputs import PlanInputs, ProductIn, as_json, from_json
from handup.plans.rules.states import PlanState, SignedBy, VisitKind, VisitState
from handup.plans.services import (
    advise_plan,
    let_claim_stand,
    return_plan,
    save_household_sheet,
    submit_plan,
    work_out_benchmarks,
)
from handup.plans.services.benchmarks import renew_benchmarks
from handup.plans.tests.conftest import DAY, LINES
from handup.projects.models import Programme

TOLD = date(2026, 2, 10)


class Village:
    """Six bakers who told twelve months at twelve visits: a mark-up of 10 to 21 %."""

    def __init__(self, programme: Programme, adviser: StaffUser) -> None:
        self.programme, self.adviser = programme, adviser
        region = Area.objects.create(code="R")
        self.area = Area.objects.create(code="V", parent=region, level=2)
        self.office = Office.objects.create(code="O9", name="Second office")
        self.plans = [self.baker(n) for n in range(6)]
        for n in range(12):
            self.visit(
                self.plans[n % 6], 10_000_00 * (110 + n) // 100, drawings_units=60_000_00 + n
            )

    def baker(self, n: int) -> Plan:
        person = Person.objects.create(
            registration_no=f"20000{n:04d}",
            display_name=f"Baker {n}",
            sort_key=f"baker {n}",
            programme=self.programme,
            office=self.office,
            area=self.area,
            registered_date=DAY,
            registered_by=self.adviser,
        )
        enterprise = Enterprise.objects.create(
            code=f"B{n}",
            trade="Bakery",
            programme=self.programme,
            registered_date=DAY,
            registered_by=self.adviser,
        )
        return Plan.objects.create(
            number=f"9{n}",
            programme=self.programme,
            adviser=self.adviser,
            person=person,
            enterprise=enterprise,
            title="Bread",
            currency="XTS",
            start_month=date(2025, 1, 1),
            horizon_months=24,
            started_date=DAY,
        )

    def visit(self, plan: Plan, sales: int, on: date = TOLD, **more: Any) -> ActualMonth:
        assert plan.person is not None
        visit = Visit.objects.create(
            person=plan.person,
            programme=self.programme,
            plan=plan,
            kind=VisitKind.COACHING.value,
            state=VisitState.DONE.value,
            visit_date=on,
            visitor=self.adviser,
        )
        month = date(2025, 1 + plan.actual_months.count(), 1)
        return ActualMonth.objects.create(
            plan=plan,
            visit=visit,
            month=month,
            sales_units=sales,
            materials_units=10_000_00,
            recorded_by=self.adviser,
            **more,
        )


@pytest.fixture
def village(programme: Programme, adviser: StaffUser) -> Village:
    return Village(programme, adviser)


def usual(programme: Programme, measure: Measure, area: Area | None = None) -> tuple[int, ...]:
    row = Benchmark.objects.get(programme=programme, measure=measure.value, area=area)
    return row.low, row.middle, row.high, row.visits


def test_the_range_goes_from_the_tenth_to_the_ninetieth_of_a_hundred() -> None:
    assert quantile([10, 20], Fraction(1, 2)) == 15
    assert usual_of(list(range(11)), 5) == Usual(1, 5, 9, 11)
    assert usual_of([1] * 9, 9) is None
    assert usual_of([1] * 99, 4) is None


def test_a_visit_tells_the_mean_of_the_months_that_are_known() -> None:
    months = [
        MonthTold(sales=150, materials=100, stock=7, drawings=30),
        MonthTold(sales=130, materials=100, stock=10),
        MonthTold(sales=900),
    ]
    assert observed(months) == {
        Measure.MARKUP: 4_000,
        Measure.STOCK: 9,
        Measure.SPENDING: 30,
    }
    whole = MonthTold(1_000, 400, 100, 50, 20, 10, 20, drawings=300)
    assert observed([whole])[Measure.INCOME] == 400
    assert observed([whole])[Measure.NET_INCOME] == 100


def test_trades_have_a_usual_mark_up_before_any_visit() -> None:
    found = {code: usual_markup(code) for code in ("4711", "4771", "5610", "1071", "9602", "")}
    percents = {code: None if one is None else one.middle for code, one in found.items()}
    assert percents == {
        "4711": 1_500,
        "4771": 2_500,
        "5610": 5_000,
        "1071": 5_000,
        "9602": None,
        "": None,
    }


SHOP = PlanInputs(
    "XTS",
    2,
    2,
    miscellaneous_bps=0,
    sheet=(
        SheetLine(Section.SALES, Span.MONTH, 160_000),
        SheetLine(Section.COST_OF_SALES, Span.MONTH, 100_000),
        SheetLine(Section.HOUSEHOLD_EXPENSE, Span.MONTH, 20_000),
    ),
)


def test_what_is_claimed_too_high_is_cut_and_what_is_spent_too_little_is_made_up() -> None:
    known = {
        Measure.MARKUP: (Basis.AREA, Usual(2_000, 3_000, 5_000, 12)),
        Measure.SPENDING: (Basis.WIDER_AREA, Usual(25_000, 30_000, 40_000, 12)),
        Measure.INCOME: (Basis.AREA, Usual(60_000, 60_000, 60_000, 12)),
    }
    found = {item.measure: item for item in check(SHOP, known)}
    assert (found[Measure.MARKUP].finding, found[Measure.MARKUP].adjusted) == (
        Finding.ABOVE_RANGE,
        130_000,
    )
    assert (found[Measure.SPENDING].finding, found[Measure.SPENDING].adjusted) == (
        Finding.BELOW_RANGE,
        30_000,
    )
    assert found[Measure.INCOME].finding is Finding.IN_RANGE, "the ends belong to the range"
    assert found[Measure.NET_INCOME].finding is Finding.NO_BENCHMARK
    reckoned = adjust(SHOP, list(found.values()))
    claimed, taken = evaluate(SHOP).budget, evaluate(reckoned).budget
    assert claimed is not None
    assert taken is not None
    assert (claimed.net_cash, taken.net_cash) == (40_000, 0)
    assert adjust(SHOP, check(SHOP, {})) == SHOP


def test_prices_fall_in_proportion_and_the_sum_is_exact() -> None:
    shop = replace(SHOP, sheet=(), products=(ProductIn("bread", 7, 3, 1, (3_000, 4_500)),))
    known = {Measure.MARKUP: (Basis.AREA, Usual(0, 5_000, 10_000, 12))}
    (found,) = check(shop, known)
    assert (found.claimed, found.adjusted) == (13_043, 35), "53 sold for 23 bought, halves up"
    reckoned = adjust(shop, [found])
    assert sum(row.sales for row in evaluate(reckoned).cash.rows) == Fraction(105, 2) * 35 / 53
    assert from_json(as_json(reckoned)) == reckoned
    assert "price_share" not in as_json(shop), "what was frozen before keeps its fingerprint"


def test_nothing_bought_cannot_be_checked() -> None:
    gift = replace(SHOP, sheet=(SheetLine(Section.SALES, Span.MONTH, 5),))
    known = {Measure.MARKUP: (Basis.AREA, Usual(0, 1, 2, 12))}
    (found, *_rest) = check(gift, known)
    assert (found.finding, found.adjusted) == (Finding.NO_PURCHASES, None)


def test_what_is_usual_comes_from_the_visits_of_two_years(
    village: Village, programme: Programme
) -> None:
    village.visit(village.plans[0], 90_000_00, on=DAY - timedelta(days=731))
    village.visit(village.plans[0], 90_000_00, on=DAY + timedelta(days=1))
    wrong = village.visit(village.plans[1], 90_000_00, profit_told_units=5)
    ActualMonth.objects.filter(pk=wrong.pk).update(
        **dict.fromkeys(
            ("wages_units", "rent_units", "transport_units", "tax_units", "other_units"), 0
        )
    )
    renew_benchmarks(programme, DAY)
    expected = (1_110, 1_550, 1_990, 12)
    assert usual(programme, Measure.MARKUP) == expected
    assert usual(programme, Measure.MARKUP, village.area) == expected
    assert usual(programme, Measure.MARKUP, village.area.parent) == expected
    assert usual(programme, Measure.SPENDING)[3] == 12
    assert not Benchmark.objects.filter(measure=Measure.INCOME).exists()
    Visit.objects.filter(plan=village.plans[0]).update(state=VisitState.CANCELLED, visit_date=None)
    Visit.objects.filter(plan=village.plans[1]).update(state=VisitState.CANCELLED, visit_date=None)
    renew_benchmarks(programme, DAY)
    assert not Benchmark.objects.exists(), "eight visits to four businesses tell nothing"


def test_of_whom_nobody_may_know_nothing_counts(
    village: Village, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = frozenset({village.plans[0].person_id})
    monkeypatch.setattr("handup.plans.services.benchmarks.hidden_from_all", lambda: hidden)
    renew_benchmarks(programme, DAY)
    assert usual(programme, Measure.MARKUP)[3] == 10


def test_at_night_every_programme_is_worked_out_anew(
    village: Village, programme: Programme
) -> None:
    village.visit(village.plans[0], 11_000_00, on=date(2026, 11, 1))
    renew_benchmarks_at_night.call()
    assert usual(programme, Measure.MARKUP)[3] == 13


@pytest.fixture
def claimed(village: Village, written: Plan, adviser: StaffUser, bakery: Enterprise) -> PlanVersion:
    """Alice's plan handed in where bakers tell a mark-up of 11 to 20 % and live on 60,000."""
    Enterprise.objects.filter(pk=bakery.pk).update(area=village.area)
    bakery.refresh_from_db()
    written.enterprise = bakery
    renew_benchmarks(written.programme, DAY)
    return submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)


def test_a_plan_keeps_claim_and_adjustment_and_is_judged_by_what_is_taken(
    claimed: PlanVersion, written: Plan
) -> None:
    checks = {row.measure: row for row in claimed.checks.all()}
    markup, spending = checks["MARKUP"], checks["SPENDING"]
    # sales 189,000, bought 144,900: a mark-up of 30.43 %; 15.5 % is usual
    assert (markup.claimed, markup.finding, markup.basis) == (3_043, "ABOVE_RANGE", "AREA")
    assert markup.adjusted == 167_359_50
    # spends 27,333.12 of the usual 60,000
    assert (spending.claimed, spending.finding) == (27_333_12, "BELOW_RANGE")
    assert claimed.results["budget"]["net_cash"] == 37_433_57
    reckoned = claimed.adjusted["budget"]["net_cash"]
    assert reckoned < 0
    assert claimed.adjusted["budget"]["sales"] == 167_359_50
    figures = figures_of([claimed.pk])[claimed.pk]
    assert (figures.net_cash_units, figures.loan_units) == (reckoned, 60_000_00)
    facts = plan_facts(written)
    assert facts is not None
    assert (facts.net_cash, facts.is_adjusted) == (reckoned, True)
    assert [item.measure for item in facts.checks if item.adjusted] == ["MARKUP", "SPENDING"]
    assert list(verify.changed_versions()) == []
    PlanVersion.objects.filter(pk=claimed.pk).update(adjusted={})
    assert [one.computed for one in verify.changed_versions()] == [
        "differs in what is reckoned with"
    ]


def test_who_reviews_lets_a_claim_stand_with_the_reason(
    claimed: PlanVersion, written: Plan, adviser: StaffUser, reviewer: StaffUser, officer: StaffUser
) -> None:
    markup = claimed.checks.get(measure="MARKUP")
    told: dict[str, Any] = {"check": markup, "on": DAY}
    with pytest.raises(SamePerson):
        let_claim_stand(acting_staff=adviser, reason="She says so.", **told)
    with pytest.raises(NotAllowed):
        let_claim_stand(acting_staff=officer, reason="Seen.", **told)
    with pytest.raises(refusals.ReasonMissing):
        let_claim_stand(acting_staff=reviewer, reason=" ", **told)
    markup.refresh_from_db()
    assert markup.is_adjusted
    let_claim_stand(acting_staff=reviewer, reason="Her own mill.", **told)
    with pytest.raises(refusals.ClaimStands):
        let_claim_stand(acting_staff=reviewer, reason="Again.", **told)
    claimed.refresh_from_db()
    assert claimed.adjusted["budget"]["sales"] == 189_000_00
    assert claimed.adjusted["budget"]["net_cash"] < claimed.results["budget"]["net_cash"]
    facts = plan_facts(written)
    assert facts is not None
    assert [item.override_reason for item in facts.checks if item.override_reason] == [
        "Her own mill."
    ]
    assert list(verify.changed_versions()) == []
    assert AuditLine.objects.filter(action="plans.let_claim_stand").count() == 1
    return_plan(acting_staff=reviewer, plan=written, comment="Once more.")
    with pytest.raises(refusals.NotInThisState):
        let_claim_stand(
            acting_staff=reviewer, reason="Late.", check=claimed.checks.get(measure="SPENDING")
        )


def test_low_spending_stops_the_advice_until_a_note_explains_it(
    claimed: PlanVersion, written: Plan, adviser: StaffUser
) -> None:
    advice: dict[str, Any] = {"advised_date": DAY, "statement": "Good.", "signed_by": SignedBy.MARK}
    with pytest.raises(refusals.SpendingLow):
        advise_plan(acting_staff=adviser, plan=written, **advice)
    written.refresh_from_db()
    assert written.state == PlanState.SUBMITTED
    return_plan(acting_staff=adviser, plan=written, comment="Why so little?")
    save_household_sheet(
        acting_staff=adviser, plan=written, lines=LINES, told_date=DAY, note="She lives alone."
    )
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    assert advise_plan(acting_staff=adviser, plan=written, **advice).state == PlanState.ADVISED


def test_what_is_usual_is_read_worked_out_and_overruled_on_pages(
    village: Village, written: Plan, reviewer: StaffUser, adviser: StaffUser, bakery: Enterprise
) -> None:
    Ownership.objects.filter(enterprise=bakery).update(from_date=DAY)
    client = Client()
    client.force_login(reviewer)
    empty = client.get(reverse("plans:benchmark_list")).content.decode()
    assert "Nobody knows yet what is usual" in empty
    for n in range(12):
        village.visit(village.plans[n % 6], 12_000_00, on=date(2026, 11, 1))
    answer = client.post(
        reverse("plans:work_out_benchmarks"), {"programme": str(written.programme_id)}
    )
    assert answer.status_code == 302
    page = client.post(reverse("plans:benchmark_list"), {"q": "bak"}, follow=True).content.decode()
    assert "bakery" in page
    assert "20 %" in page
    version = submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    check = version.checks.get(measure="MARKUP")
    shown = client.get(reverse("plans:plan_detail", args=[written.pk])).content.decode()
    stand = reverse("plans:let_claim_stand", args=[check.pk])
    assert "Beside what others tell" in shown
    assert "As a loan is judged" in shown
    assert stand in shown
    assert "claimed 30.4" in client.get(stand).content.decode()
    assert client.post(stand, {"reason": "Her own mill."}).status_code == 302
    assert CrossCheck.objects.get(pk=check.pk).overridden_by == reviewer


def test_what_is_usual_goes_through_the_api(
    village: Village, claimed: PlanVersion, written: Plan, reviewer: StaffUser, outsider: StaffUser
) -> None:
    client = Client()
    client.force_login(reviewer)
    base = "/api/v1/plans"
    rows = client.get(f"{base}/benchmarks").json()["items"]
    assert {row["trade"] for row in rows} == {"bakery"}
    checks = client.get(f"{base}/plans/{written.pk}/checks").json()
    spending = next(row for row in checks if row["measure"] == "SPENDING")
    assert spending["is_adjusted"]

    def post(path: str, told: dict[str, Any]) -> Any:
        key = {"Idempotency-Key": str(new_id())}
        return client.post(f"{base}/{path}", told, content_type="application/json", headers=key)

    stood = post(f"checks/{spending['id']}/stand", {"reason": "She lives alone."})
    assert (stood.status_code, stood.json()["is_adjusted"]) == (200, False)
    told = {"programme_id": str(written.programme_id), "on": "2026-03-02"}
    assert post("benchmarks", told).json() == {"benchmarks": len(rows)}
    with pytest.raises(OutOfSight):
        work_out_benchmarks(acting_staff=outsider, programme=written.programme, on=DAY)
    client.force_login(outsider)
    assert client.get(f"{base}/benchmarks").json()["items"] == []
    assert client.get(f"{base}/plans/{written.pk}/checks").status_code == 404
    version = current_version(written)
    assert version is not None
