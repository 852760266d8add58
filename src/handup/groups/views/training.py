"""Enrol a group in a course in one act."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.groups.services import training as services
from handup.groups.views.ruling import OfGroup, offer
from handup.org.web.forms import DayField, HouseForm
from handup.training.models import Cohort
from handup.training.rules.states import CohortState

ALL, HEADS = "ALL", "HEADS"
TAKES_IN = (CohortState.PLANNED, CohortState.OPEN, CohortState.RUNNING)


class EnrolForm(HouseForm):
    """Which cohort, and who of the group."""

    cohort = forms.ModelChoiceField(label=_("Which cohort?"), queryset=Cohort.objects.none())
    who = forms.ChoiceField(
        label=_("Who of the group?"),
        choices=((ALL, _("all members")), (HEADS, _("those who hold an office"))),
    )
    reason = forms.CharField(
        label=_("Why is what the course asks for first waived?"),
        max_length=200,
        required=False,
        help_text=_("Only where it is."),
    )
    on = DayField(label=_("On"))

    def __init__(self, *args: Any, cohorts: Any, **options: Any) -> None:
        """Offer the cohorts that still take people in."""
        super().__init__(*args, **options)
        offer(self, "cohort", cohorts)


class EnrolGroup(OfGroup):
    """Put the members of a group on the roll of a cohort."""

    form_class = EnrolForm
    permission = "training.enrol_in_cohort"
    title = _("Enrol the group in a course")
    intro = _("All are enrolled together, or nobody. Who is on the roll already stays on it.")
    verb = _("Enrol them")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The cohorts of the group's programme that she may see."""
        rows = Cohort.objects.visible_to(self.staff).filter(state__in=TAKES_IN)
        return {"cohorts": rows.filter(programme=self.subject.programme_id)}

    def initial(self) -> dict[str, Any]:
        """All of them, today."""
        return {"who": ALL, "on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Enrol them."""
        return services.enrol_group(
            acting_staff=self.staff,
            group=self.subject,
            cohort=values["cohort"],
            on=values["on"],
            heads_only=values["who"] == HEADS,
            reason=values["reason"],
        )

    def done_message(self, result: Any) -> str:
        """How many are on the roll now."""
        told = ngettext(
            "%(count)s of the group is on the roll.",
            "%(count)s of the group are on the roll.",
            len(result),
        )
        return told % {"count": len(result)}
