"""Pages that plan visits after a loan and draw visits to be made again."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.money import format_day
from handup.plans import services
from handup.plans.models import Plan, Visit
from handup.plans.models.labels import VISIT_KIND
from handup.plans.rules.visit_calendar import days_after_loan
from handup.plans.services.visit_calendar import intervals_of
from handup.projects.models import Programme


def planned_words(count: int) -> str:
    """How many visits were planned."""
    return ngettext("{count} visit is planned.", "{count} visits are planned.", count).format(
        count=count
    )


class VisitorForm(HouseForm):
    """Who goes there."""

    visitor = forms.CharField(label=_("Sign-in name of who visits"), max_length=60, required=False)

    def clean_visitor(self) -> StaffUser | None:
        """Somebody who works here now."""
        name = self.cleaned_data["visitor"].strip()
        if not name:
            return None
        found: StaffUser | None = StaffUser.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody signs in as %(name)s."), params={"name": name})
        return found


class PlanVisits(FormPage):
    """Plan the visits after the loan."""

    form_class = VisitorForm
    permission = "plans.schedule_visits"
    subject_model = Plan
    subject: Plan
    person_path = "person_id"
    title = _("Plan the visits after the loan")
    verb = _("Plan them")

    def lead(self) -> str:
        """The days they would have."""
        paid = self.subject.decided_date
        if paid is None:
            return ""
        days = days_after_loan(paid, intervals_of(self.subject))
        return "; ".join(f"{VISIT_KIND[kind]} {format_day(day)}" for kind, day in days)

    def initial(self) -> dict[str, Any]:
        """Her adviser."""
        return {"visitor": self.subject.adviser.username}

    def perform(self, values: dict[str, Any]) -> list[Visit]:
        """Plan them."""
        return services.plan_visits_after_loan(acting_staff=self.staff, plan=self.subject, **values)

    def done_message(self, result: list[Visit]) -> str:
        """How many are new."""
        return planned_words(len(result)) if result else _t("All of them were planned already.")

    def success_url(self, result: list[Visit]) -> str:
        """The plan."""
        return reverse("plans:plan_detail", args=[self.subject.pk])


class DrawForm(VisitorForm):
    """Which days, who goes again, by when."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    from_date = DayField(label=_("Visits from"))
    until_date = DayField(label=_("until"))
    planned_date = DayField(label=_("To be made again by"))
    field_order = ("programme", "from_date", "until_date", "visitor", "planned_date")

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Programmes she sees."""
        super().__init__(*args, **options)
        self.fields["visitor"].required = True
        field = self.fields["programme"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Programme.objects.visible_to(staff)


class DrawVisits(FormPage):
    """Draw visits to be made again by somebody else."""

    form_class = DrawForm
    permission = "plans.draw_visits_again"
    title = _("Draw visits to make again")
    intro = _("A twentieth of the visits others made in these days, by chance.")
    verb = _("Draw")

    def form_options(self) -> dict[str, Any]:
        """Who draws."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """The month up to today."""
        today = timezone.localdate()
        return {"from_date": today.replace(day=1), "until_date": today}

    def perform(self, values: dict[str, Any]) -> list[Visit]:
        """Draw them."""
        return services.draw_visits_again(acting_staff=self.staff, **values)

    def done_message(self, result: list[Visit]) -> str:
        """How many."""
        return planned_words(len(result))

    def success_url(self, result: list[Visit]) -> str:
        """The list of visits."""
        return reverse("plans:visit_list") + "?kind=BACK_CHECK"
