"""What lending says of plans: their loan was paid out, was taken back, or will not come.

Called by lending inside the transaction of its own step, whose permission is that of lending: a
bank's clerk who brings the bank's file pays out without being let into plans.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.plans.models import Plan
from handup.plans.models.labels import PLAN_STATE
from handup.plans.refusals import NoLongerFresh, NotInThisState
from handup.plans.rules.states import PlanState, ready_until
from handup.plans.services.plans import check_step
from handup.plans.services.visit_calendar import cancel_visits_after_loan


@dataclass(frozen=True, slots=True)
class FinancedIn:
    """One plan and the day its money came, or was refused.

    happened: the money is already in her hands, as a bank's file says; a plan whose prices are no
    longer fresh is financed all the same.
    """

    plan: Plan
    on: date
    financed: bool = True
    happened: bool = False


def mark_financed(
    *, acting_staff: StaffUser, plans: Iterable[Plan], on: date, financed: bool = True
) -> list[Plan]:
    """Say of plans that they were financed on one day, or were not. See mark_plans_financed."""
    items = [FinancedIn(plan, on, financed) for plan in plans]
    return mark_plans_financed(items, acting_staff=acting_staff)


def mark_plans_financed(items: Sequence[FinancedIn], *, acting_staff: StaffUser) -> list[Plan]:
    """Say of ready plans that they were financed, or were not, each on its own day.

    Raises NotInThisState, NoLongerFresh when a plan was no longer ready on that day.
    """
    for item in items:
        state = PlanState.FINANCED if item.financed else PlanState.NOT_FINANCED
        check_step(item.plan, state)
        _check_fresh(item)
        item.plan.state = state.value
        item.plan.decided_date = item.on
    return _store([item.plan for item in items], acting_staff, "plans.mark_financed")


def _check_fresh(item: FinancedIn) -> None:
    if not item.financed or item.happened or item.plan.ready_date is None:
        return
    if item.on > (until := ready_until(item.plan.ready_date)):
        raise NoLongerFresh(date=until.isoformat())


def take_back_financed(*, acting_staff: StaffUser, plans: Iterable[Plan]) -> list[Plan]:
    """Say of financed plans that the payment was reversed: they are ready again, and the visits
    their loans called for are not made.

    Raises NotInThisState.
    """
    found = list(plans)
    with transaction.atomic():
        for plan in found:
            if plan.state != PlanState.FINANCED:
                raise NotInThisState(state=str(PLAN_STATE[PlanState(plan.state)]))
            if plan.decided_date is not None:
                cancel_visits_after_loan(plan, plan.decided_date, acting_staff)
            plan.state = PlanState.READY.value
            plan.decided_date = None
        return _store(found, acting_staff, "plans.take_back_financed")


def _store(plans: list[Plan], staff: StaffUser, action: str) -> list[Plan]:
    with transaction.atomic():
        update_rows(Plan, ("state", "decided_date"), plans)
        audit.record_many(audit.line(staff, action, plan, {"state": plan.state}) for plan in plans)
    return plans
