"""The form pages of plans: each makes one service call."""

from typing import Any
from uuid import uuid5

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.dates import add_months
from handup.org.web.columns import Label
from handup.org.web.forms import FormPage, HouseForm
from handup.people.models import Enterprise, Ownership, Person
from handup.plans import services
from handup.plans.forms import filled, parts, starts, steps
from handup.plans.models import ActualMonth, Plan, Visit
from handup.plans.rules.states import Depth, Kept, SignedBy, VisitKind


class StartPlan(FormPage):
    """Start the plan of a person."""

    form_class = parts.StartForm
    permission = "plans.start_plan"
    subject_model = Person
    person_path = "pk"
    title = _("Start a business plan")
    verb = _("Start the plan")

    subject: Person

    def form_options(self) -> dict[str, Any]:
        """Her enterprises."""
        owned = Ownership.objects.filter(person=self.subject, to_date=None)
        rows = owned.select_related("enterprise")
        return {"enterprises": [(str(row.enterprise_id), str(row.enterprise)) for row in rows]}

    def initial(self) -> dict[str, Any]:
        """Today, and next month."""
        today = timezone.localdate()
        return {"started_date": today, "start_month": today.replace(day=1), "horizon_months": 12}

    def perform(self, values: dict[str, Any]) -> Plan:
        """Start it in the person's programme."""
        chosen = values.pop("enterprise", "")
        depth = Depth(values.pop("depth", "") or Depth.LIGHT)
        programme = self.subject.programme
        assert programme is not None, "a person is registered by a programme"
        return services.start_plan(
            acting_staff=self.staff,
            id=self.new_id,
            person=self.subject,
            programme=programme,
            currency=programme.currency,
            enterprise=get_object_or_404(Enterprise, pk=chosen) if chosen else None,
            depth=depth,
            **values,
        )

    def success_url(self, result: Plan) -> str:
        """The plan."""
        return reverse("plans:plan_detail", args=[result.pk])


class StartOrganisationPlan(FormPage):
    """Start the plan of a cooperative, an association or another organisation."""

    form_class = starts.OrganisationStartForm
    permission = "plans.start_plan"
    title = _("Start the plan of an organisation")
    intro = _("Of a cooperative or an association: its living costs are monthly lines, or none.")
    verb = _("Start the plan")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today, and this month."""
        today = timezone.localdate()
        return {"started_date": today, "start_month": today.replace(day=1), "horizon_months": 12}

    def perform(self, values: dict[str, Any]) -> Plan:
        """Start it in the programme chosen."""
        depth = Depth(values.pop("depth", "") or Depth.LIGHT)
        return services.start_plan(
            acting_staff=self.staff,
            id=self.new_id,
            currency=values["programme"].currency,
            depth=depth,
            **values,
        )

    def success_url(self, result: Plan) -> str:
        """The plan."""
        return reverse("plans:plan_detail", args=[result.pk])


class RepeatPlan(FormPage):
    """Make a plan again: only what changed is asked."""

    form_class = starts.RepeatForm
    permission = "plans.start_plan"
    subject_model = Plan
    title = _("Make this plan again")
    intro = _("What stayed the same is taken over. What changed is asked again, as it was filled.")
    verb = _("Start the new plan")

    subject: Plan

    def form_options(self) -> dict[str, Any]:
        """The plan's currency."""
        return {"plan": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today, and this month."""
        today = timezone.localdate()
        return {"started_date": today, "start_month": today.replace(day=1)}

    def perform(self, values: dict[str, Any]) -> Plan:
        """Start it."""
        changed = [Kept(code) for code in values.pop("changed")]
        told = services.RepeatIn(changed=changed, id=self.new_id, **values)
        return services.repeat_plan(acting_staff=self.staff, plan=self.subject, told=told)

    def success_url(self, result: Plan) -> str:
        """The new plan."""
        return reverse("plans:plan_detail", args=[result.pk])


class PlanStep(FormPage):
    """A form about one plan; goes back to it."""

    subject_model = Plan

    subject: Plan

    def success_url(self, result: Any) -> str:
        """The plan."""
        return reverse("plans:plan_detail", args=[self.subject.pk])


class EditPlan(PlanStep):
    """A part of a plan, saved over the edition it was filled from; where somebody saved another
    meanwhile, this one is kept beside it.
    """

    def edition(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the service is told of the edition; the key is that of what was written, so that
        something else sent from the same page later is not taken for the same saving.
        """
        told = repr([(name, values[name]) for name in sorted(values)])
        return {"based_on": values.get("based_on"), "key": uuid5(self.new_id, told)}

    def plan_of(self, result: Any) -> Plan:
        """The plan it stands in now."""
        plan: Plan = result if isinstance(result, Plan) else result.plan
        return plan

    def success_url(self, result: Any) -> str:
        """The plan it stands in."""
        return reverse("plans:plan_detail", args=[self.plan_of(result).pk])

    def done_message(self, result: Any) -> str:
        """Where it is kept, when not in its place."""
        if self.plan_of(result).pk == self.subject.pk:
            return super().done_message(result)
        return str(
            _("Somebody saved this plan meanwhile. What you wrote is kept in this draft beside it.")
        )


class SaveHouseholdSheet(EditPlan):
    """What the household earns and spends."""

    form_class = parts.HouseholdForm
    permission = "plans.save_household_sheet"
    title = _("Household sheet")
    verb = _("Save the sheet")
    template = "plans/household_sheet.html"

    def form_options(self) -> dict[str, Any]:
        """The plan's currency."""
        return {"plan": self.subject}

    def initial(self) -> dict[str, Any]:
        """The sheet as it stands."""
        told = filled.household(self.subject) or {"told_date": timezone.localdate()}
        return told | {"based_on": self.subject.edition}

    def perform(self, values: dict[str, Any]) -> Any:
        """Save it."""
        return services.save_household_sheet(
            acting_staff=self.staff, plan=self.subject, **values["sheet"], **self.edition(values)
        )


class SaveCosting(EditPlan):
    """The one-page costing."""

    form_class = parts.CostingForm
    permission = "plans.save_costing"
    title = _("Costing")
    verb = _("Save the costing")

    def form_options(self) -> dict[str, Any]:
        """The plan's months and currency."""
        return {"plan": self.subject}

    def initial(self) -> dict[str, Any]:
        """The costing as it stands."""
        return filled.costing(self.subject) | {"based_on": self.subject.edition}

    def perform(self, values: dict[str, Any]) -> Any:
        """Save it."""
        return services.save_costing(
            acting_staff=self.staff,
            plan=self.subject,
            costing=values["costing"],
            **self.edition(values),
        )


class AskFinance(EditPlan):
    """The loan asked for."""

    form_class = parts.FinanceForm
    permission = "plans.ask_finance"
    title = _("Money asked for")
    verb = _("Save")

    def form_options(self) -> dict[str, Any]:
        """The plan's currency."""
        return {"plan": self.subject}

    def initial(self) -> dict[str, Any]:
        """What it asks for now."""
        return filled.finance(self.subject) | {"based_on": self.subject.edition}

    def perform(self, values: dict[str, Any]) -> Any:
        """Ask for it."""
        return services.ask_finance(
            acting_staff=self.staff,
            plan=self.subject,
            finance=values["finance"],
            **self.edition(values),
        )


class ChooseDraft(PlanStep):
    """Go on with one of the drafts that were written at the same time."""

    form_class = HouseForm
    permission = "plans.save_costing"
    title = _("Go on with this draft")
    intro = _("The others are set aside. They can still be read.")
    verb = _("Go on with it")

    def perform(self, values: dict[str, Any]) -> Plan:
        """Choose it."""
        return services.choose_draft(acting_staff=self.staff, plan=self.subject)


class SubmitPlan(PlanStep):
    """Hand the plan in."""

    form_class = steps.DayForm
    permission = "plans.submit_plan"
    title = _("Hand in the plan")
    verb = _("Hand it in")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Freeze it."""
        return services.submit_plan(
            acting_staff=self.staff, plan=self.subject, submitted_date=values["on"]
        )


class ReturnPlan(PlanStep):
    """Give the plan back."""

    form_class = steps.ReturnForm
    permission = "plans.return_plan"
    title = _("Return the plan")
    verb = _("Return it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Return it."""
        return services.return_plan(acting_staff=self.staff, plan=self.subject, **values)


class AdvisePlan(PlanStep):
    """The adviser's statement."""

    form_class = steps.AdviseForm
    permission = "plans.advise_plan"
    title = _("Advise")
    verb = _("Sign the advice")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"advised_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Advise."""
        signed = SignedBy(values.pop("signed_by"))
        return services.advise_plan(
            acting_staff=self.staff, plan=self.subject, signed_by=signed, **values
        )


class ApprovePlan(PlanStep):
    """The second person's review."""

    form_class = steps.ApproveForm
    permission = "plans.approve_plan"
    title = _("Review the plan")
    verb = _("Confirm the review")

    def initial(self) -> dict[str, Any]:
        """Today, and what was open before."""
        return {"reviewed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve."""
        return services.approve_plan(acting_staff=self.staff, plan=self.subject, **values)


class ConfirmPrices(PlanStep):
    """The prices of a ready plan still hold."""

    form_class = steps.DayForm
    permission = "plans.advise_plan"
    title = _("Confirm the prices")
    verb = _("Prices still hold")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Confirm."""
        return services.confirm_prices(
            acting_staff=self.staff, plan=self.subject, confirmed_date=values["on"]
        )


class RecordVisit(PlanStep):
    """A visit about a plan."""

    form_class = steps.VisitForm
    permission = "plans.record_visit"
    title = _("Record a visit")
    verb = _("Record the visit")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"visit_date": timezone.localdate(), "kind": VisitKind.COACHING.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        person = get_object_or_404(Person, pk=self.subject.person_id)
        return services.record_visit(
            acting_staff=self.staff,
            id=self.new_id,
            person=person,
            programme=self.subject.programme,
            plan=self.subject,
            **{**values, "kind": VisitKind(values["kind"])},
        )


class MakeVisit(FormPage):
    """A planned visit that was made."""

    form_class = steps.VisitForm
    permission = "plans.record_visit"
    subject_model = Visit
    title = _("Record a visit")
    verb = _("Record the visit")

    subject: Visit

    def initial(self) -> dict[str, Any]:
        """As it was planned."""
        return {"visit_date": timezone.localdate(), "kind": self.subject.kind}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_visit(
            acting_staff=self.staff,
            person=self.subject.person,
            programme=self.subject.programme,
            planned=self.subject,
            **{**values, "kind": VisitKind(values["kind"])},
        )

    def success_url(self, result: Visit) -> str:
        """The visit."""
        return reverse("plans:visit_detail", args=[result.pk])


class MissVisit(FormPage):
    """A planned visit that was not made."""

    form_class = steps.MissForm
    permission = "plans.miss_visit"
    subject_model = Visit
    title = _("The visit was not made")
    verb = _("Save")

    subject: Visit

    def perform(self, values: dict[str, Any]) -> Any:
        """Say why."""
        return services.miss_visit(acting_staff=self.staff, visit=self.subject, **values)

    def success_url(self, result: Visit) -> str:
        """The visit."""
        return reverse("plans:visit_detail", args=[result.pk])


class RecordActualMonth(PlanStep):
    """One month as told."""

    form_class = steps.MonthForm
    permission = "plans.record_actual_month"
    title = _("Tell a month")
    verb = _("Record the month")
    template = "plans/month.html"

    def form_options(self) -> dict[str, Any]:
        """The plan's currency."""
        return {"plan": self.subject}

    def lead(self) -> Label:
        """The way to copy the month told last."""
        last = self._last()
        if last is None or "copy" in self.request.GET:
            return self.intro
        return _("Was it as the month before? Copy it and change what differs.")

    def context(self) -> dict[str, Any]:
        """The address that copies the month told last."""
        return {"copy": "" if self._last() is None or "copy" in self.request.GET else "?copy=last"}

    def _last(self) -> ActualMonth | None:
        rows = self.subject.actual_months.filter(replaced_by=None).order_by("-month")
        last: ActualMonth | None = rows.first()
        return last

    def initial(self) -> dict[str, Any]:
        """Nothing, or the month told last, one month on."""
        last = self._last() if self.request.GET.get("copy") == "last" else None
        if last is None:
            return {}
        names = services.MonthIn.__dataclass_fields__
        units = {name: getattr(last, name) for name in names}
        money = {
            name: filled.typed(value, self.subject) if name.endswith("_units") else value
            for name, value in units.items()
        }
        return {**money, "month": add_months(last.month, 1)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_actual_month(
            acting_staff=self.staff,
            id=self.new_id,
            plan=self.subject,
            month=values["month"],
            told=values["told"],
        )
