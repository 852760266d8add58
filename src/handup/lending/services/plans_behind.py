"""The business plan a loan rests on: chosen when the loan is asked for, held beside it, and told
when its money was paid out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.credit.terms import Terms
from handup.lending.errors import (
    PlanNotReady,
    PlanOfAnother,
    PlanOfOtherCurrency,
    PlanReplaced,
    PlanTaken,
)
from handup.lending.models import Application, Loan, LoanEvent
from handup.lending.rules.codes import ApplicationState, LoanState, Source
from handup.lending.rules.expiry import OPEN_STATES
from handup.lending.rules.plan_checks import LoanAsked, PlanCheck, plan_checks
from handup.lending.rules.schedules import planned
from handup.lending.rules.terms import read_terms
from handup.org.models import StaffUser
from handup.org.prepared import prepared
from handup.plans.models import Plan, PlanVersion
from handup.plans.models.labels import PLAN_STATE
from handup.plans.queries import ReadyPlan, ready_by_owner
from handup.plans.rules.figures import VersionFigures
from handup.plans.rules.states import PlanState
from handup.plans.services import FinancedIn, mark_plans_financed, take_back_financed

EVIDENCED = frozenset({Source.BANK_FILE.value, Source.IMPORT.value, Source.DEMONSTRATION.value})


def choose_plans(rows: Sequence[Application]) -> None:
    """Put the plan each application rests on in its place: the version it names, else the newest
    of the borrower that is ready on the day, in the product's currency and behind no other open
    application. The advisor is who advised the plan.

    The plans are locked, so that two who apply at once do not both take one. Raises PlanOfAnother,
    PlanReplaced, PlanNotReady, PlanOfOtherCurrency, PlanTaken.
    """
    ready = _ready(rows)
    ids = {plan.plan_id for plans in ready.values() for plan in plans}
    ids |= {row.plan_version.plan_id for row in rows if row.plan_version is not None}
    if not ids:
        return
    plans = Plan.objects.select_for_update(of=("self",)).in_bulk(ids)
    taken = _taken(ids)
    for row in rows:
        own, version = ready.get(row.pk, []), row.plan_version
        found = _newest(row, own, taken) if version is None else _named(row, version, own, taken)
        if found is not None:
            row.plan_version_id = found.version_id
            row.advisor_id = plans[found.plan_id].advised_by_id or row.advisor_id
            taken[found.plan_id] = (row.code, row.expires_date)


def _owners(row: Application) -> Mapping[str, UUID]:
    """Whose plan it may be, by the plan's own column: a group's plan is that of its legal body."""
    if row.group is not None:
        body = row.group.legal_body_id
        return {} if body is None else {"organisation_id": body}
    found = {"enterprise_id": row.enterprise_id, "person_id": row.person_id}
    return {column: pk for column, pk in found.items() if pk is not None}


def _ready(rows: Sequence[Application]) -> dict[UUID, list[ReadyPlan]]:
    """The plans each applicant ever had ready, oldest first."""
    wanted: dict[str, set[UUID]] = {}
    for row in rows:
        for column, pk in _owners(row).items():
            wanted.setdefault(column, set()).add(pk)
    by_owner = {column: ready_by_owner(column, ids) for column, ids in wanted.items()}
    found: dict[UUID, list[ReadyPlan]] = {}
    for row in rows:
        plans = {
            plan.plan_id: plan
            for column, pk in _owners(row).items()
            for plan in by_owner[column].get(pk, ())
        }
        found[row.pk] = sorted(plans.values(), key=lambda plan: plan.ready_from)
    return found


Taken = dict[UUID, tuple[str, date]]
"""Plans behind an open application or a loan that is not paid out: its number, and until when."""


def _taken(plan_ids: Iterable[UUID]) -> Taken:
    found: Taken = {}
    for plan_id, code, expires_date, state in _waiting_on(list(plan_ids)):
        until = date.max if state == ApplicationState.SIGNED else expires_date
        if plan_id not in found or until > found[plan_id][1]:
            found[plan_id] = code, until
    return found


def _holder(taken: Taken, plan_id: UUID, on: date) -> str:
    """The number of the application a plan stands behind on a day; empty for none."""
    code, until = taken.get(plan_id, ("", date.min))
    return code if on <= until else ""


def refuse_taken(row: Application, on: date) -> None:
    """Refuse to ask again with a plan that stands behind another application by now. Raises
    PlanTaken.
    """
    _refuse_held([(row, on)], "submitted_date")


def refuse_taken_since(days: Iterable[tuple[Application, date]]) -> None:
    """Refuse to sign on a day before it expired what another application took the plan of since
    then. Raises PlanTaken.
    """
    today = timezone.localdate()
    _refuse_held([pair for pair in days if pair[0].expires_date < today], "signed_date")


def _refuse_held(days: Sequence[tuple[Application, date]], field: str) -> None:
    ids = {row.plan_version_id for row, _on in days if row.plan_version_id is not None}
    if not ids:
        return
    plan_of = dict(PlanVersion.objects.filter(pk__in=ids).values_list("pk", "plan_id"))
    plans = Plan.objects.select_for_update(of=("self",)).in_bulk(plan_of.values())
    taken = _taken(plans)
    for row, on in days:
        if row.plan_version_id is not None:
            plan = plans[plan_of[row.plan_version_id]]
            code = _holder(taken, plan.pk, on)
            if code and code != row.code:
                raise PlanTaken(field=field, number=plan.number, code=code)


@prepared
def _waiting_on(plan_ids: list[UUID]) -> QuerySet[Any, Any]:
    rows = Application.objects.filter(plan_version__plan__in=plan_ids)
    signed = rows.filter(
        state=ApplicationState.SIGNED.value, agreement__loan__state=LoanState.AGREED.value
    )
    both = rows.filter(state__in=OPEN_STATES) | signed
    return both.values_list("plan_version__plan_id", "code", "expires_date", "state")


def _newest(row: Application, plans: Sequence[ReadyPlan], taken: Taken) -> ReadyPlan | None:
    for plan in reversed(plans):
        fits = plan.holds(row.submitted_date) and plan.currency == row.currency
        free = not _holder(taken, plan.plan_id, row.submitted_date)
        if fits and not plan.financed and free:
            return plan
    return None


def _named(
    row: Application, version: PlanVersion, plans: Sequence[ReadyPlan], taken: Taken
) -> ReadyPlan:
    """The version an application names, when it may rest on it."""
    plan = version.plan
    where: dict[str, Any] = {"field": "plan_version", "number": plan.number}
    if not any(getattr(plan, column) == pk for column, pk in _owners(row).items()):
        raise PlanOfAnother(**where)
    held = next((item for item in plans if item.plan_id == plan.pk), None)
    if held is None or held.financed or not held.holds(row.submitted_date):
        state = str(PLAN_STATE[PlanState(plan.state)])
        raise PlanNotReady(**where, date=row.submitted_date, state=state)
    if held.version_id != version.pk:
        raise PlanReplaced(**where)
    if plan.currency != row.currency:
        raise PlanOfOtherCurrency(**where, plan=plan.currency, product=row.currency)
    if code := _holder(taken, plan.pk, row.submitted_date):
        raise PlanTaken(**where, code=code)
    return held


def loan_asked(terms: Terms, units: int, start: date) -> LoanAsked:
    """The loan as its product would make it when it is paid out on that day."""
    plan = planned(terms, units, start)
    return LoanAsked(
        units=units,
        withheld_units=plan.taken.withheld_units,
        start=start,
        due=tuple((row.due_date, row.principal + row.interest + row.fee) for row in plan.rows),
    )


def checks_of(row: Application, plan: VersionFigures | None) -> tuple[PlanCheck, ...]:
    """The loan asked for beside the plan it rests on; nothing without one."""
    if plan is None:
        return ()
    terms = read_terms(row.product_version.terms, instalments=row.instalments)
    return plan_checks(plan, loan_asked(terms, row.asked_units, row.submitted_date))


FROZEN_NOT = frozenset(
    {
        *("months", "start_month", "plan_id", "version_id", "advised_by_id", "reviewed_by_id"),
        *("plan_dscr", "lowest_dscr", "indebtedness_percent"),
    }
)
"""Ids go as text, and what is among the facts is not kept twice."""


def frozen_plan(plan: VersionFigures | None, checks: Sequence[PlanCheck]) -> dict[str, Any]:
    """The plan's figures and the comparisons as an appraisal keeps them, by the version's
    fingerprint."""
    if plan is None:
        return {}
    figures = {key: value for key, value in asdict(plan).items() if key not in FROZEN_NOT}
    return {
        "plan": {**figures, "version_id": str(plan.version_id)},
        "plan_checks": [asdict(check) for check in checks],
    }


def mark_paid_out(events: Sequence[LoanEvent], staff: StaffUser) -> None:
    """Say of the plans behind loans that their money was paid out.

    Raises what plans refuse (NotInThisState, NoLongerFresh), unless a bank or an older book says
    that the money is already out: then a plan that is not ready is left as it is.
    """
    by_loan = {event.loan_id: event for event in events}
    items = []
    for loan_id, plan in _plans_of(by_loan):
        event = by_loan[loan_id]
        happened = event.source in EVIDENCED
        if plan.state == PlanState.FINANCED or (happened and not _is_ready(plan)):
            continue
        items.append(FinancedIn(plan, event.value_date, happened=happened))
    if items:
        mark_plans_financed(items, acting_staff=staff)


def stands_again(event: LoanEvent, staff: StaffUser) -> None:
    """Say of the plan behind a loan whose withdrawal was reversed that it is financed after all."""
    paid_out = event.loan.disbursed_date
    assert paid_out is not None
    plans = [plan for _loan, plan in _plans_of([event.loan_id])]
    ready = [FinancedIn(plan, paid_out, happened=True) for plan in plans if _is_ready(plan)]
    if ready:
        mark_plans_financed(ready, acting_staff=staff)


def _is_ready(plan: Plan) -> bool:
    """Whether it was ready, also when its prices are to be confirmed by now."""
    return plan.state in {PlanState.READY, PlanState.EXPIRED}


def take_back(event: LoanEvent, staff: StaffUser) -> None:
    """Say of the plan behind a loan that its payment was reversed, or given back by a borrower who
    withdraws: it is ready again.
    """
    plans = [plan for _loan, plan in _plans_of([event.loan_id])]
    financed = [plan for plan in plans if plan.state == PlanState.FINANCED]
    if financed:
        take_back_financed(acting_staff=staff, plans=financed)


def _plans_of(loan_ids: Iterable[UUID]) -> list[tuple[UUID, Plan]]:
    behind: dict[UUID, UUID] = dict(_resting(list(loan_ids)))
    if not behind:
        return []
    plans = Plan.objects.select_for_update(of=("self",)).in_bulk(set(behind.values()))
    return [(loan_id, plans[plan_id]) for loan_id, plan_id in behind.items()]


@prepared
def _resting(loan_ids: list[UUID]) -> QuerySet[Any, Any]:
    """Loans and the plan each rests on."""
    path = "agreement__application__plan_version"
    rows = Loan.objects.filter(pk__in=loan_ids, **{f"{path}__isnull": False})
    return rows.order_by().values_list("pk", f"{path}__plan_id")
