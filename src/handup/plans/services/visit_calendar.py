"""Visits planned after a loan, and visits drawn to be made again by somebody else."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from handup.kernel.crypto import keyed_hash
from handup.kernel.ids import new_id
from handup.org import audit, keys
from handup.org.bulk import update_rows
from handup.org.models import Setting, StaffUser
from handup.org.permissions import grants_for, require
from handup.org.scope import hidden_from, without_opened
from handup.plans.models import Plan, Visit
from handup.plans.models.labels import PLAN_STATE
from handup.plans.refusals import (
    InTheFuture,
    NobodyToVisit,
    NothingToCheckAgain,
    NotInThisState,
    UntilBeforeFrom,
    VisitorCannotGo,
)
from handup.plans.rules.states import PlanState, VisitKind, VisitState
from handup.plans.rules.visit_calendar import Intervals, days_after_loan, drawn_again
from handup.projects.models import Programme

SETTING = "plans.visit_calendar"
WITH_THE_PAYMENT = ""
"""The reason of a visit that was cancelled with the payment of its loan: nobody gave one."""


# Lending tells of which product, by its code, the loan is that financed a plan.
products: list[Callable[[Plan], str]] = []


def intervals(product: str = "") -> Intervals:
    """When visits are made after a loan of a product, as this installation set it for the product,
    else for all: {"monthly": 6, "products": {"CODE": {"monthly": 3}}}. What is set to no number
    counts as not set.
    """
    row: Setting | None = Setting.objects.filter(key=SETTING).first()
    told: dict[str, Any] = row.value if row is not None and isinstance(row.value, dict) else {}
    by_product = told.get("products")
    own = by_product.get(product) if product and isinstance(by_product, dict) else None
    told = told | (own if isinstance(own, dict) else {})
    usual = Intervals()
    names = [one.name for one in fields(Intervals)]
    given = {name: told[name] for name in names if type(told.get(name)) is int}
    return replace(usual, **{name: min(max(value, 1), 120) for name, value in given.items()})


def intervals_of(plan: Plan) -> Intervals:
    """When visits are made after the loan that financed a plan."""
    told = (tell(plan) for tell in products)
    return intervals(next((code for code in told if code), ""))


def plan_visits_after_loan(
    *, acting_staff: StaffUser, plan: Plan, visitor: StaffUser | None = None
) -> list[Visit]:
    """Plan the visits the loan of a financed plan calls for; a day of a kind that is planned
    already is not planned twice. Returns the new ones.

    Raises NotInThisState (not financed), NobodyToVisit (the plan of an organisation),
    VisitorCannotGo (also of her adviser, who goes where nobody is named: he may have left).
    """
    require(acting_staff, "plans.schedule_visits", plan)
    goes = visitor or plan.adviser
    _refuse_visitor(goes, plan.person_id)
    with transaction.atomic():
        held: Plan = Plan.objects.select_for_update().get(pk=plan.pk)
        if held.state != PlanState.FINANCED or held.decided_date is None:
            raise NotInThisState(state=str(PLAN_STATE[PlanState(held.state)]))
        if plan.person is None or plan.person.erased_date is not None:
            raise NobodyToVisit
        kept = held.visits.exclude(state=VisitState.CANCELLED, reason=WITH_THE_PAYMENT)
        there = set(kept.values_list("kind", "planned_date"))
        rows = [
            Visit(
                id=new_id(),
                person=plan.person,
                programme=plan.programme,
                plan=plan,
                kind=kind.value,
                planned_date=day,
                planned_by=acting_staff,
                visitor=goes,
            )
            for kind, day in days_after_loan(held.decided_date, intervals_of(held))
            if (kind.value, day) not in there
        ]
        Visit.objects.bulk_create(rows)
        audit.record_many(audit.line(acting_staff, "plans.schedule_visits", row) for row in rows)
    return rows


def _refuse_visitor(visitor: StaffUser, person_id: UUID | None = None) -> None:
    """Refuse to send whoever could not record the visit. Raises VisitorCannotGo."""
    goes = visitor.is_active and grants_for(visitor, "plans.record_visit")
    if not goes or person_id in hidden_from(visitor):
        raise VisitorCannotGo(field="visitor", name=str(visitor))


def cancel_visits_after_loan(plan: Plan, paid_out: date, staff: StaffUser) -> None:
    """Take the visits off that the loan of a plan called for: its payment was taken back. What was
    made or missed stays, and so do visits somebody planned for another day. Part of that step: the
    caller locks the plan and has asked for the permission.
    """
    called = Q(kind=VisitKind.LOAN_USE)
    for kind, day in days_after_loan(paid_out, intervals_of(plan)):
        called |= Q(kind=kind, planned_date=day)
    planned = Visit.objects.filter(called, plan=plan, state=VisitState.PLANNED)
    rows = list(planned.select_for_update().order_by("pk"))
    for row in rows:
        row.state, row.reason = VisitState.CANCELLED.value, WITH_THE_PAYMENT
    update_rows(Visit, ("state", "reason"), rows)
    told = {"state": VisitState.CANCELLED.value}
    audit.record_many(audit.line(staff, "plans.take_back_financed", row, told) for row in rows)


def draw_visits_again(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    from_date: date,
    until_date: date,
    visitor: StaffUser,
    planned_date: date,
    seed: int | None = None,
) -> list[Visit]:
    """Draw a twentieth of the visits others made in these days, to be made again by `visitor`; a
    visit is drawn once, and a draw asked for again draws nobody more. Only visits to whom both the
    drawer and the visitor may know are among them.

    Raises UntilBeforeFrom, InTheFuture, NothingToCheckAgain, VisitorCannotGo.
    """
    require(acting_staff, "plans.draw_visits_again", programme)
    _refuse_visitor(visitor)
    if until_date < from_date:
        raise UntilBeforeFrom(field="until_date")
    if until_date > timezone.localdate():
        raise InTheFuture(field="until_date", date=until_date.isoformat())
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        made = Visit.objects.visible_to(without_opened(acting_staff)).filter(
            programme=programme,
            state=VisitState.DONE,
            visit_date__gte=from_date,
            visit_date__lte=until_date,
            person__erased_date=None,
        )
        others = made.exclude(kind=VisitKind.BACK_CHECK).exclude(visitor=visitor)
        others = others.exclude(person__in=hidden_from(visitor))
        asked = list(others.values_list("pk", flat=True))
        by = _seed(programme, from_date, until_date) if seed is None else seed
        chosen = drawn_again(asked, by)
        fresh = list(others.filter(pk__in=chosen, back_check=None).select_related("person", "plan"))
        if not fresh:
            raise NothingToCheckAgain
        return _again(fresh, acting_staff, visitor, planned_date)


def _seed(programme: Programme, from_date: date, until_date: date) -> int:
    """The seed of a draw: nobody can foresee it, and the same days draw the same, so that a draw
    asked for twice draws nobody more.
    """
    key = keys.load().lasting_key(SETTING)
    return int(keyed_hash(key, f"{programme.pk}:{from_date}:{until_date}")[:12], 16)


def _again(visits: Sequence[Visit], staff: StaffUser, visitor: StaffUser, day: date) -> list[Visit]:
    rows = [
        Visit(
            id=new_id(),
            person=visit.person,
            programme_id=visit.programme_id,
            plan=visit.plan,
            kind=VisitKind.BACK_CHECK.value,
            planned_date=day,
            planned_by=staff,
            visitor=visitor,
            back_check_of=visit,
        )
        for visit in visits
    ]
    Visit.objects.bulk_create(rows)
    audit.record_many(audit.line(staff, "plans.draw_visits_again", row) for row in rows)
    return rows
