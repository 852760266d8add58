"""A ready plan whose prices are half a year old."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.org.models import StaffUser
from handup.plans import refusals
from handup.plans.models import Plan
from handup.plans.nightly import let_plans_expire_at_night
from handup.plans.rules.states import PlanState, SignedBy
from handup.plans.services import (
    FinancedIn,
    advise_plan,
    approve_plan,
    confirm_prices,
    mark_financed,
    mark_plans_financed,
    submit_plan,
)
from handup.plans.services.plans import let_plans_expire
from handup.plans.tests.conftest import DAY
from handup.plans.tests.test_plan_services import ready, submitted
from handup.training import qualified
from handup.training.models import Qualification


def test_a_plan_expires_at_night_and_is_ready_again_when_its_prices_are_confirmed(
    written: Plan, adviser: StaffUser, reviewer: StaffUser, officer: StaffUser
) -> None:
    plan = ready(written, adviser, reviewer)
    assert let_plans_expire(date(2026, 9, 20)) == 0, "its last day still counts"
    assert let_plans_expire(date(2026, 9, 21)) == 1
    assert let_plans_expire(date(2026, 9, 22)) == 0
    plan.refresh_from_db()
    assert plan.state == PlanState.EXPIRED
    with pytest.raises(refusals.NoLongerFresh):
        mark_financed(acting_staff=officer, plans=[plan], on=date(2026, 10, 1))
    today = timezone.localdate()
    confirm_prices(acting_staff=adviser, plan=plan, confirmed_date=today)
    assert (plan.state, plan.ready_date) == (PlanState.READY, today)
    let_plans_expire_at_night.call()
    plan.refresh_from_db()
    assert plan.state == PlanState.READY
    assert let_plans_expire(today + timedelta(days=200)) == 1
    plan.refresh_from_db()
    paid_out = FinancedIn(plan, today + timedelta(days=190), happened=True)
    mark_plans_financed([paid_out], acting_staff=officer)
    plan.refresh_from_db()
    assert plan.state == PlanState.FINANCED


def test_nobody_confirms_prices_on_a_day_to_come(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    plan = ready(written, adviser, reviewer)
    before = plan.ready_date
    with pytest.raises(refusals.InTheFuture):
        confirm_prices(
            acting_staff=adviser,
            plan=plan,
            confirmed_date=timezone.localdate() + timedelta(days=1),
        )
    plan.refresh_from_db()
    assert plan.ready_date == before


def test_no_step_of_a_plan_is_taken_on_a_day_to_come(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(refusals.InTheFuture):
        submit_plan(acting_staff=adviser, plan=written, submitted_date=tomorrow)
    submitted(written, adviser)
    with pytest.raises(refusals.InTheFuture):
        advise_plan(
            acting_staff=adviser,
            plan=written,
            advised_date=tomorrow,
            statement="It holds.",
            signed_by=SignedBy.MARK,
        )
    written.refresh_from_db()
    assert written.state == PlanState.SUBMITTED
    advise_plan(
        acting_staff=adviser,
        plan=written,
        advised_date=DAY,
        statement="It holds.",
        signed_by=SignedBy.MARK,
    )
    with pytest.raises(refusals.InTheFuture):
        approve_plan(acting_staff=reviewer, plan=written, reviewed_date=tomorrow)
    written.refresh_from_db()
    assert (written.state, written.ready_date) == (PlanState.ADVISED, None)


def test_an_adviser_who_signed_a_plan_counts_as_at_work(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    ready(written, adviser, reviewer)
    rows = [
        Qualification.objects.create(
            field="ADVISOR",
            name=staff.display_name,
            staff=staff,
            level="QUALIFIED",
            granted_date=DAY,
            valid_to=date(2028, 3, 1),
        )
        for staff in (adviser, reviewer)
    ]
    at_work = {rows[0].pk}
    assert qualified.active(rows, DAY + timedelta(days=30)) == at_work
    assert qualified.active(rows, DAY - timedelta(days=1)) == set(), "she had not signed yet"
    assert qualified.active(rows, DAY + timedelta(days=400)) == set(), "a year is over"
    other = Qualification.objects.create(field="TRAINER", name="T", staff=adviser)
    assert qualified.active([other], DAY + timedelta(days=30)) == set(), "a plan trains nobody"
