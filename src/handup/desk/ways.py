"""The way of a business in one line: the plan, the application that rests on it, the loan, the
visits; each opens, as far as the reader may see it. What she may not see holds the line together
all the same: a loan stands with its plan for a reader of both, though not of the application.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from handup.lending.models import Application, Loan
from handup.lending.rules.codes import LoanState
from handup.lending.views.links import LOAN_TONES, application_state, loan_of
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import State
from handup.org.web.money import format_day, format_money
from handup.plans.models import Plan, Visit
from handup.plans.models.labels import PLAN_STATE
from handup.plans.rules.states import PlanState, VisitState, ready_until
from handup.plans.views.lists import PLAN_TONES

Text = str | Promise
LATEST_VISITS = 3


@dataclass(frozen=True)
class Stop:
    """One step of the line: what it is, where it opens, its state, what to know of it."""

    label: Text
    links: Sequence[tuple[str, str]] = ()
    state: State | None = None
    note: Text = ""
    shown: bool = True
    """Whether the reader would see it here if it were there."""


@dataclass(frozen=True)
class Sight:
    """Which of the steps the reader may see at all: where not, nothing says that none is there."""

    plans: bool = True
    applications: bool = True
    loans: bool = True
    visits: bool = True

    @classmethod
    def of(cls, staff: StaffUser) -> "Sight":
        """What her roles include."""
        return cls(*(may(staff, model.VIEW) for model in (Plan, Application, Loan, Visit)))


@dataclass(frozen=True)
class Way:
    """One line: what there is of each step, and the day by which lines are put in order."""

    day: date
    plan: Plan | None = None
    application: Application | None = None
    loan: Loan | None = None
    visits: Sequence[Visit] = ()
    sight: Sight = Sight()

    @property
    def stops(self) -> Sequence[Stop]:
        """The four steps as a page shows them."""
        return (
            replace(_plan(self.plan), shown=self.sight.plans),
            replace(_application(self.application), shown=self.sight.applications),
            replace(_loan(self.loan), shown=self.sight.loans),
            replace(_visit_stop(self.visits), shown=self.sight.visits),
        )


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose ways: how plans, applications and loans name her, or the enterprise."""

    plans: Q
    applications: Q
    loans: Q

    @classmethod
    def person(cls, pk: UUID) -> "Owner":
        """A person: what she asked for herself, and what rests on a plan of hers."""
        mine = Q(person_id=pk)
        return cls(mine, mine | Q(plan_version__plan__person_id=pk), mine)

    @classmethod
    def enterprise(cls, pk: UUID) -> "Owner":
        """An enterprise: what it asked for, and what rests on a plan of it."""
        own = Q(enterprise_id=pk)
        return cls(own, own | Q(plan_version__plan__enterprise_id=pk), own)


def ways(staff: StaffUser, owner: Owner) -> list[Way]:
    """Every line of this owner the reader may see, the newest first."""
    sight = Sight.of(staff)
    plans = {row.pk: row for row in Plan.objects.visible_to(staff).filter(owner.plans)}
    asked = list(
        Application.objects.visible_to(staff)
        .filter(owner.applications)
        .select_related("plan_version__plan", "agreement__loan")
    )
    seen = {row.pk: row for row in Loan.objects.visible_to(staff).filter(_loans(owner, asked))}
    visits = _visits(staff, plans)
    found: list[Way] = []
    for row in asked:
        behind = row.plan_version.plan_id if row.plan_version is not None else None
        plan = plans.get(behind) if behind is not None else None
        signed = loan_of(row)
        loan = seen.pop(signed.pk, None) if signed is not None else None
        made = visits.get(plan.pk, []) if plan is not None else []
        found.append(Way(row.submitted_date, plan, row, loan, made, sight))
    used = {row.plan_version.plan_id for row in asked if row.plan_version is not None}
    behind_loans = _plans_behind(seen)
    for loan in seen.values():
        plan = plans.get(behind_loans[loan.pk]) if loan.pk in behind_loans else None
        made = visits.get(plan.pk, []) if plan is not None else []
        found.append(Way(loan.agreed_date, plan, None, loan, made, sight))
    used |= set(behind_loans.values())
    unused = [plan for pk, plan in plans.items() if pk not in used]
    found += [
        Way(plan.started_date, plan, visits=visits.get(plan.pk, []), sight=sight) for plan in unused
    ]
    return sorted(found, key=lambda way: way.day, reverse=True)


def _plans_behind(loans: Iterable[UUID]) -> dict[UUID, UUID]:
    """The plan behind each loan whose application the reader may not see."""
    plan = "agreement__application__plan_version__plan"
    rows = Loan.objects.filter(pk__in=list(loans)).exclude(**{plan: None})
    return dict(rows.values_list("pk", plan))


def _loans(owner: Owner, asked: Iterable[Application]) -> Q:
    signed = [loan.pk for row in asked if (loan := loan_of(row)) is not None]
    return owner.loans | Q(pk__in=signed)


def _visits(staff: StaffUser, plans: Iterable[UUID]) -> dict[UUID, list[Visit]]:
    found: dict[UUID, list[Visit]] = {}
    rows = Visit.objects.visible_to(staff).filter(plan__in=list(plans))
    newest = [F(name).desc(nulls_last=True) for name in ("visit_date", "planned_date")]
    for row in rows.exclude(state=VisitState.CANCELLED).order_by(*newest, "id"):
        if row.plan_id is not None:
            found.setdefault(row.plan_id, []).append(row)
    return found


def _plan(plan: Plan | None) -> Stop:
    if plan is None:
        return Stop(_("Business plan"))
    state = PlanState(plan.state)
    note = ""
    if state is PlanState.READY and plan.ready_date is not None:
        note = _("until %(day)s") % {"day": format_day(ready_until(plan.ready_date))}
    elif plan.decided_date is not None:
        note = format_day(plan.decided_date)
    return Stop(
        _("Business plan"),
        [(plan.title or plan.number, reverse("plans:plan_detail", args=[plan.pk]))],
        State(PLAN_STATE[state], PLAN_TONES[plan.state]),
        note,
    )


def _application(row: Application | None) -> Stop:
    if row is None:
        return Stop(_("Loan application"))
    return Stop(
        _("Loan application"),
        [(row.code, reverse("lending:application_detail", args=[row.pk]))],
        application_state(row),
        _("%(amount)s asked on %(day)s")
        % {
            "amount": format_money(row.asked_units, row.currency),
            "day": format_day(row.submitted_date),
        },
    )


def _loan(loan: Loan | None) -> Stop:
    if loan is None:
        return Stop(_("Loan"))
    places = {
        "lent": format_money(loan.disbursed_units or loan.approved_units, loan.currency),
        "left": format_money(loan.principal_units, loan.currency),
    }
    running = loan.state == LoanState.ACTIVE
    text = _("%(left)s of %(lent)s not yet repaid") if running else "%(lent)s"
    return Stop(
        _("Loan"),
        [(loan.code, reverse("lending:loan_detail", args=[loan.pk]))],
        State(loan.get_state_display(), LOAN_TONES[loan.state]),
        text % places,
    )


def _visit_stop(visits: Sequence[Visit]) -> Stop:
    done = [row for row in visits if row.state == VisitState.DONE]
    planned = [row for row in visits if row.state == VisitState.PLANNED]
    ahead = min(planned, key=lambda row: row.planned_date or date.max, default=None)
    shown = [*done[:LATEST_VISITS], *([ahead] if ahead is not None else [])]
    note = ""
    if ahead is not None and ahead.planned_date is not None:
        note = _("next on %(day)s") % {"day": format_day(ahead.planned_date)}
    return Stop(_("Visits"), [_visit_link(row) for row in shown], None, note)


def _visit_link(visit: Visit) -> tuple[str, str]:
    day: Any = visit.visit_date or visit.planned_date
    when = format_day(day) if day else ""
    text = f"{visit.get_kind_display()}, {when}" if when else str(visit.get_kind_display())
    return text, reverse("plans:visit_detail", args=[visit.pk])
