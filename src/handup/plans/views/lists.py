"""Lists of plans and of visits."""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tick,
    Tone,
)
from handup.people.queries.persons import by_name
from handup.plans.models import Plan, Visit
from handup.plans.models.labels import DEPTH, PLAN_STATE, VISIT_KIND, VISIT_STATE, choices
from handup.plans.rules.states import PlanState, VisitState

PLAN_TONES = {
    PlanState.DRAFT.value: Tone.PLAIN,
    PlanState.SUBMITTED.value: Tone.INFO,
    PlanState.RETURNED.value: Tone.WARN,
    PlanState.ADVISED.value: Tone.INFO,
    PlanState.REVIEWED.value: Tone.WARN,
    PlanState.READY.value: Tone.GOOD,
    PlanState.FINANCED.value: Tone.GOOD,
    PlanState.NOT_FINANCED.value: Tone.PLAIN,
    PlanState.EXPIRED.value: Tone.WARN,
    PlanState.SET_ASIDE.value: Tone.PLAIN,
}
VISIT_TONES = {
    VisitState.PLANNED.value: Tone.INFO,
    VisitState.DONE.value: Tone.GOOD,
    VisitState.MISSED.value: Tone.WARN,
    VisitState.CANCELLED.value: Tone.PLAIN,
}


def _overdue() -> Q:
    return Q(state=VisitState.PLANNED, planned_date__lt=timezone.localdate())


class PlanList(ListPage):
    """Plans the reader may see."""

    model = Plan
    permission = "plans.view_plan"
    title = _("Plans")
    related = ("person", "organisation", "adviser")
    columns = (
        Column("number", _("Number"), Kind.LINK, sort="number", url_name="plans:plan_detail"),
        Column("owner", _("Whose"), value=lambda plan: str(plan.person or plan.organisation)),
        Column("title", _("Business"), sort="title"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=PLAN_TONES),
        Column("started_date", _("Started"), Kind.DATE, sort="started_date"),
        Column("ready_date", _("Ready since"), Kind.DATE, sort="ready_date"),
        Column("adviser.display_name", _("Adviser"), shown=False),
        Column("depth", _("Depth"), shown=False),
    )
    filters = (
        Search(
            label=_("Number, name or business"),
            using=by_name(
                "person", ("number", "title", "person__display_name", "organisation__name")
            ),
        ),
        Choice("state", _("State"), choices(PLAN_STATE)),
        Choice("depth", _("Depth"), choices(DEPTH)),
        DateRange("started", _("Started"), "started_date"),
        Tick(
            "open",
            _("only those still open"),
            ~Q(state__in=("FINANCED", "NOT_FINANCED", "SET_ASIDE")),
        ),
    )
    order = "-started_date"
    actions = (
        Action(
            _("Start the plan of an organisation"),
            "plans:organisation_plan_new",
            "plans.start_plan",
        ),
    )
    empty = EmptyState(_("No plans yet"), _("A plan is started from the page of a person."))
    person_path = "person_id"


class VisitList(ListPage):
    """Visits the reader may see."""

    model = Visit
    permission = "plans.view_visit"
    title = _("Visits")
    related = ("person", "visitor")
    columns = (
        Column("person", _("Whom"), Kind.LINK, value=str, url_name="plans:visit_detail"),
        Column("kind", _("Why"), sort="kind"),
        Column("planned_date", _("Planned for"), Kind.DATE, sort="planned_date"),
        Column("visit_date", _("Visited on"), Kind.DATE, sort="visit_date"),
        Column("visitor.display_name", _("Who goes")),
        Column("state", _("State"), Kind.STATE, sort="state", tones=VISIT_TONES),
    )
    filters = (
        Choice("kind", _("Why"), choices(VISIT_KIND)),
        Choice("state", _("State"), choices(VISIT_STATE)),
        DateRange("planned", _("Planned for"), "planned_date"),
        Tick("overdue", _("only overdue ones"), lambda rows: rows.filter(_overdue())),
    )
    actions = (
        Action(
            _("Draw visits to make again"), "plans:draw_visits_again", "plans.draw_visits_again"
        ),
    )
    order = "-planned_date"
    empty = EmptyState(_("No visits yet"), _("A visit is recorded from the page of a plan."))
    person_path = "person_id"
