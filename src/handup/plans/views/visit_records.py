"""The page of one visit."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.org.services.files import files_of
from handup.org.web.files import file_of
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State
from handup.plans.models import Visit
from handup.plans.models.labels import VISIT_STATE
from handup.plans.rules.states import VisitState
from handup.plans.views.lists import VISIT_TONES


class VisitPage(RecordPage):
    """One visit."""

    model = Visit
    permission = "plans.view_visit"
    related = ("person", "visitor", "plan", "programme")
    person_path = "person_id"

    record: Visit

    def header(self) -> Header:
        """Whom, why, and what became of it."""
        visit = self.record
        state = VisitState(visit.state)
        planned = state is VisitState.PLANNED
        return Header(
            str(visit.person),
            subtitle=str(visit.get_kind_display()),
            state=State(VISIT_STATE[state], VISIT_TONES[visit.state]),
            primary=Action(
                _("Record this visit"),
                "plans:make_visit",
                "plans.record_visit",
                args=(visit.pk,),
            )
            if planned
            else None,
            actions=(
                Action(
                    _("It was not made"), "plans:miss_visit", "plans.miss_visit", args=(visit.pk,)
                ),
            )
            if planned
            else (),
            crumbs=(Crumb(_("Visits"), reverse("plans:visit_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What was seen and agreed."""
        visit = self.record
        plan_href = reverse("plans:plan_detail", args=[visit.plan_id]) if visit.plan_id else ""
        return [
            FactGroup(
                _("The visit"),
                [
                    Fact(_("Planned for"), visit.planned_date),
                    Fact(_("Visited on"), visit.visit_date),
                    Fact(_("Who went"), visit.visitor),
                    Fact(_("Where"), visit.place),
                    Fact(_("Plan"), visit.plan, plan_href),
                    Fact(_("Why not"), visit.reason or _why_cancelled(visit)),
                ],
            ),
            FactGroup(
                _("What was seen and agreed"),
                [
                    Fact(_("Situation"), visit.situation),
                    Fact(_("Explanation"), visit.explanation),
                    Fact(_("What was done"), visit.action),
                    Fact(_("Next step"), visit.next_step),
                ],
            ),
            *_pictures(visit),
        ]


def _pictures(visit: Visit) -> list[FactGroup]:
    """The photographs that were taken there."""
    told = [Fact(_("Photograph"), str(file.name), file_of(file)) for file in files_of(visit)]
    return [FactGroup(_("Photographs"), told)] if told else []


def _why_cancelled(visit: Visit) -> Any:
    """Why a visit was cancelled that nobody gave a reason for."""
    if visit.state != VisitState.CANCELLED:
        return ""
    return _("The payment of the loan was taken back.")
