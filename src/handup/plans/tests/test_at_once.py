"""Two persons act on one plan at once: the second acts on what stands, not on what she saw."""

import pytest

from handup.org.models import StaffUser
from handup.plans import refusals
from handup.plans.models import Plan, PlanVersion
from handup.plans.rules.states import PlanState
from handup.plans.services import approve_plan, return_plan, submit_plan
from handup.plans.tests.conftest import DAY
from handup.plans.tests.test_plan_services import LATER, advised


def test_a_plan_returned_meanwhile_is_not_approved(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    advised(written, adviser)
    seen = Plan.objects.get(pk=written.pk)
    return_plan(acting_staff=adviser, plan=written, comment="The oven costs more.")
    with pytest.raises(refusals.NotInThisState):
        approve_plan(acting_staff=reviewer, plan=seen, reviewed_date=LATER)
    stands = Plan.objects.get(pk=written.pk)
    assert (stands.state, stands.reviewed_by) == (PlanState.RETURNED, None)
    assert stands.first_ready_date is None


def test_a_plan_is_not_handed_in_twice(written: Plan, adviser: StaffUser) -> None:
    seen = Plan.objects.get(pk=written.pk)
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    with pytest.raises(refusals.NotInThisState):
        submit_plan(acting_staff=adviser, plan=seen, submitted_date=DAY)
    assert PlanVersion.objects.filter(plan=written).count() == 1
