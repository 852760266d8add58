"""What is usual survives wrong days, huge numbers and one business that tells most."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.people.models import Enterprise
from handup.plans.models import ActualMonth, Benchmark, Plan
from handup.plans.rules.actuals import MonthTold
from handup.plans.rules.benchmarks import Measure, observed, usual_of
from handup.plans.rules.states import PlanState
from handup.plans.services import (
    let_claim_stand,
    submit_plan,
    work_out_benchmarks,
)
from handup.plans.services.benchmarks import renew_benchmarks
from handup.plans.tests.conftest import DAY
from handup.plans.tests.test_benchmarks import Village
from handup.projects.models import Programme


@pytest.fixture
def village(programme: Programme, adviser: StaffUser) -> Village:
    return Village(programme, adviser)


@pytest.mark.parametrize("on", ["0001-01-01", "2099-01-01", "2020-01-01"])
def test_a_wrong_day_takes_no_benchmark_away(
    village: Village, programme: Programme, adviser: StaffUser, on: str
) -> None:
    assert work_out_benchmarks(acting_staff=adviser, programme=programme, on=timezone.localdate())
    before = Benchmark.objects.count()
    client = Client()
    client.force_login(adviser)
    sent = client.post(
        "/api/v1/plans/benchmarks",
        {"programme_id": str(programme.pk), "on": on},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert 400 <= sent.status_code < 500, sent.content
    assert Benchmark.objects.count() == before > 0


def test_what_is_mostly_one_business_is_not_told(village: Village, programme: Programme) -> None:
    assert usual_of(list(range(12)), 5, 6) is not None
    assert usual_of(list(range(12)), 5, 7) is None
    for _time in range(8):
        village.visit(village.plans[0], 11_000_00, on=DAY - timedelta(days=3))
    renew_benchmarks(programme, DAY)
    assert Benchmark.objects.get(area=None, measure="MARKUP").visits == 20, "ten of twenty"
    village.visit(village.plans[0], 11_000_00, on=DAY - timedelta(days=3))
    renew_benchmarks(programme, DAY)
    assert not Benchmark.objects.filter(measure="MARKUP").exists(), "eleven of twenty-one"


def test_a_slip_of_the_pen_at_a_visit_stops_no_night(
    village: Village, programme: Programme
) -> None:
    assert Measure.MARKUP not in observed([MonthTold(sales=2**52, materials=1)])
    months = ActualMonth.objects.filter(plan__in=village.plans)
    months.update(sales_units=2**52, materials_units=1)
    renew_benchmarks(programme, DAY)
    assert not Benchmark.objects.filter(measure="MARKUP").exists()
    assert Benchmark.objects.filter(measure="SPENDING").exists()


def test_who_signed_the_advice_lets_no_claim_of_it_stand(
    village: Village, written: Plan, adviser: StaffUser, reviewer: StaffUser, bakery: Enterprise
) -> None:
    Enterprise.objects.filter(pk=bakery.pk).update(area=village.area)
    renew_benchmarks(written.programme, DAY)
    plan = Plan.objects.get(pk=written.pk)
    version = submit_plan(acting_staff=adviser, plan=plan, submitted_date=DAY)
    Plan.objects.filter(pk=plan.pk).update(
        state=PlanState.ADVISED, advised_by=reviewer, advised_date=date(2026, 3, 3)
    )
    check = version.checks.get(measure="MARKUP")
    check.version.plan.refresh_from_db()
    with pytest.raises(SamePerson):
        let_claim_stand(acting_staff=reviewer, check=check, reason="I saw it")
    check.refresh_from_db()
    assert check.is_adjusted
