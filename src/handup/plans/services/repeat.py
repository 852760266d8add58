"""A plan made again from an earlier one: what stayed the same is taken over, the rest is asked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.depth import deepen
from handup.plans.models import FinanceAsk, Plan
from handup.plans.refusals import InTheFuture, LoanAskedAnew, NegativeAmount, OwnerErased
from handup.plans.rules.states import Kept
from handup.plans.services.copying import take_over
from handup.plans.services.numbers import free_numbers
from handup.plans.services.parts import MONEY
from handup.plans.services.plans import check_enterprise, check_start


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatIn:
    """The new plan's first month and day, what changed since, and how much is asked for now (None:
    as before). What changed is not taken over: it is asked again, filled with what it was.
    """

    start_month: date
    started_date: date
    changed: Collection[Kept] = ()
    loan_units: int | None = None
    id: UUID | None = None


def repeat_plan(*, acting_staff: StaffUser, plan: Plan, told: RepeatIn) -> Plan:
    """Start a plan of the same owner from an earlier one (rulings 5): nothing is asked twice that
    stayed the same. The earlier plan stays as it is.

    Raises NegativeAmount, InTheFuture, MonthTooFar, LoanAskedAnew, OwnerErased, NotHerEnterprise
    (sold since), SameIdOtherContent.
    """
    require(acting_staff, "plans.start_plan", plan)
    known = already_stored(
        Plan, told.id, acting_staff, repeats=plan, started_date=told.started_date
    )
    if known is not None:
        return known
    if told.loan_units is not None and told.loan_units <= 0:
        raise NegativeAmount(field="loan_units")
    if told.loan_units is not None and not _keeps_loan(plan, told):
        raise LoanAskedAnew(field="loan_units")
    if plan.person is not None and plan.person.erased_date is not None:
        raise OwnerErased(field="plan")
    if told.started_date > timezone.localdate():
        raise InTheFuture(field="started_date", date=told.started_date.isoformat())
    check_start(told.start_month)
    if plan.person is not None and plan.enterprise is not None:
        check_enterprise(plan.person, plan.enterprise)
    row = Plan(
        id=told.id or new_id(),
        number=free_numbers(1)[0],
        repeats=plan,
        adviser=acting_staff,
        start_month=told.start_month.replace(day=1),
        started_date=told.started_date,
        **{name: getattr(plan, name) for name in SAME},
    )
    if Kept.COSTING not in told.changed:
        for name in (*MONEY, "season_bps", "drawings_from"):
            setattr(row, name, getattr(plan, name))
    with transaction.atomic():
        row.save(force_insert=True)
        take_over(plan, row, set(Kept) - set(told.changed), told.loan_units)
        deepen(row, told.started_date)
        audit.record(
            acting_staff,
            "plans.repeat_plan",
            row,
            {"repeats": str(plan.pk), "changed": " ".join(sorted(told.changed))},
        )
    return row


def _keeps_loan(plan: Plan, told: RepeatIn) -> bool:
    """Whether the loan of the plan before is taken over, so that another amount has its terms."""
    return Kept.FINANCE not in told.changed and FinanceAsk.objects.filter(plan=plan).exists()


SAME = (
    *("programme", "office", "person", "enterprise", "organisation", "title", "idea"),
    *("depth", "currency", "horizon_months", "capacity_bps"),
)
