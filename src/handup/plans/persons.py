"""What plans add to the page of a person, to her journey, and to what is done with her records."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handup.kernel.named_lists import add_once
from handup.org.models import StaffUser
from handup.org.web.columns import Column
from handup.org.web.money import format_day
from handup.org.web.pages import Action, Moment, Table
from handup.people import merging, sections, subject
from handup.plans.models import (
    ActionPoint,
    ActualMonth,
    CrossCheck,
    FinanceAsk,
    HouseholdSheet,
    Plan,
    PlanAnswer,
    PlanDifference,
    PlanReference,
    PlanVersion,
    Scenario,
    Screening,
    Visit,
)
from handup.plans.models.labels import PLAN_STATE
from handup.plans.models.part_labels import ANSWER, HARM
from handup.plans.rules.states import PlanState, VisitState
from handup.plans.views.lists import PLAN_TONES, VISIT_TONES

START = gettext_lazy("Start a business plan")


def actions(staff: StaffUser, person_id: UUID) -> Sequence[Action]:
    """Start a plan."""
    return (Action(START, "plans:plan_new", "plans.start_plan", args=(person_id,)),)


def tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """Her plans and visits, as far as the reader may see them."""
    found = []
    plans = Plan.objects.visible_to(staff).filter(person_id=person_id)
    if plans:
        found.append(
            Table(
                _("Business plans"),
                (
                    Column("title", _("Business"), "link", url_name="plans:plan_detail"),
                    Column("state", _("State"), "state", tones=PLAN_TONES),
                    Column("started_date", _("Started"), "date"),
                    Column("ready_date", _("Ready since"), "date"),
                ),
                plans,
            )
        )
    visits = Visit.objects.visible_to(staff).filter(person_id=person_id).select_related("visitor")
    if visits:
        found.append(
            Table(
                _("Visits"),
                (
                    Column("kind", _("Why"), href=_visit_href),
                    Column("planned_date", _("Planned for"), "date"),
                    Column("visit_date", _("Visited on"), "date"),
                    Column("state", _("State"), "state", tones=VISIT_TONES),
                ),
                visits,
            )
        )
    return found


def _visit_href(visit: Visit) -> str:
    return reverse("plans:visit_detail", args=[visit.pk])


def moments(staff: StaffUser, person_id: UUID) -> Sequence[Moment]:
    """The steps of her plans and the visits made, for her journey."""
    found: list[Moment] = []
    for plan in Plan.objects.visible_to(staff).filter(person_id=person_id):
        href = reverse("plans:plan_detail", args=[plan.pk])
        found.append(Moment(plan.started_date, _("Business plan started"), plan.title, href))
        if plan.first_ready_date:
            found.append(Moment(plan.first_ready_date, _("Business plan ready"), plan.title, href))
        if plan.decided_date:
            word = PLAN_STATE[PlanState(plan.state)]
            found.append(Moment(plan.decided_date, _("Business plan"), word, href))
    visits = Visit.objects.visible_to(staff).filter(person_id=person_id, state=VisitState.DONE)
    found += [
        Moment(visit.visit_date, _("Visit"), visit.get_kind_display(), _visit_href(visit))
        for visit in visits
    ]
    return found


def move(merge: merging.Merge) -> None:
    """Give the plans and visits of a person registered twice to the record that stays."""
    merge.give(Plan)
    merge.give(Visit)


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What plans hold of a person."""
    plans = Plan._base_manager.filter(person_id=person_id)
    visits = Visit._base_manager.filter(person_id=person_id)
    return {
        _("Business plans"): [
            {
                _("Number"): plan.number,
                _("Business"): plan.title,
                _("The idea, and who benefits"): plan.idea,
                _("State"): str(PLAN_STATE[PlanState(plan.state)]),
                _("Started"): format_day(plan.started_date),
                _("Statement of the adviser"): plan.statement,
            }
            for plan in plans
        ],
        _("What her plans say in words"): _words(plans),
        _("What others say"): [
            {row.get_source_display(): row.get_opinion_display()}
            for row in PlanReference._base_manager.filter(plan__in=plans)
        ],
        _("Visits"): [
            {
                _("Visited on"): format_day(visit.visit_date) if visit.visit_date else "",
                _("Situation"): visit.situation,
                _("What was done"): visit.action,
                _("Next step"): visit.next_step,
            }
            for visit in visits
        ],
    }


def _words(plans: QuerySet[Plan]) -> list[Mapping[str, str]]:
    """The answers, steps and what-ifs of her plans."""
    found: list[Mapping[str, str]] = [
        {str(row.get_topic_display()): row.answer or _("not known yet")}
        for row in PlanAnswer._base_manager.filter(plan__in=plans)
    ]
    for screening in Screening._base_manager.filter(plan__in=plans):
        found += [
            {
                str(HARM[item.harm]): " · ".join(
                    filter(None, (str(ANSWER[item.answer]), item.measure))
                )
            }
            for item in screening.screened()
        ]
    found += [
        {_("What is to be done"): row.what, _("By whom"): row.who}
        for row in ActionPoint._base_manager.filter(plan__in=plans)
    ]
    found += [
        {_("What may happen?"): row.name} for row in Scenario._base_manager.filter(plan__in=plans)
    ]
    return found


TEXTS = ("title", "idea", "statement", "witness", "comment", "open_points")
VISIT_TEXTS = ("place", "situation", "explanation", "action", "next_step", "reason")


def blank(person_id: UUID) -> None:
    """Blank what plans hold of a person; that there was a plan, and its dates, stay."""
    plans = Plan._base_manager.filter(person_id=person_id)
    ids = list(plans.values_list("pk", flat=True))
    HouseholdSheet._base_manager.filter(plan__in=ids).delete()
    for plan in plans:
        for rows in (plan.investments, plan.products, plan.costs):
            rows.all().delete()
    for words in (PlanAnswer, Screening, Scenario, ActionPoint):
        words._base_manager.filter(plan__in=ids).delete()
    told = ActualMonth._base_manager.filter(plan__in=ids)
    while told.exists():  # a corrected month points to its correction: the oldest go first
        told.filter(replaces=None).delete()
    FinanceAsk._base_manager.filter(plan__in=ids).update(purpose="")
    PlanReference._base_manager.filter(plan__in=ids).delete()
    CrossCheck._base_manager.filter(version__plan__in=ids).delete()
    PlanDifference._base_manager.filter(version__plan__in=ids).update(found=[], note="")
    PlanVersion._base_manager.filter(plan__in=ids).update(inputs={}, results={}, adjusted={})
    plans.update(**dict.fromkeys(TEXTS, ""), season_bps=[], capital_units=0, liabilities_units=0)
    visits = Visit._base_manager.filter(person_id=person_id)
    visits.update(**dict.fromkeys(VISIT_TEXTS, ""))


def register() -> None:
    """Add all of it to the named lists of people, once."""
    add_once(sections.record_actions, actions)
    add_once(sections.record_sections, tables)
    add_once(sections.record_moments, moments)
    add_once(merging.on_merge, move)
    add_once(subject.collect, held)
    add_once(subject.erase, blank)
