"""An enterprise registered, what was written of it corrected, the day it stopped."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm, Question
from handup.people.forms import households as f
from handup.people.forms.fields import PlaceFields, area_field, one_of
from handup.people.models import Enterprise
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.services import close_enterprise, correct_enterprise, register_enterprise
from handup.people.views.desk import OfPerson, today


class CorrectionForm(HouseForm, PlaceFields):
    """Correct what was written of an enterprise; the history keeps what it was."""

    trade = forms.CharField(label=_("What does it do?"), max_length=120)
    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    job_kind = one_of(lb.JOB_KIND, _("Kind of work"), required=False)
    formality = one_of(lb.FORMALITY, _("Registration"), initial=c.Formality.NOT_KNOWN.value)
    start_date = DayField(label=_("Started on"), required=False)
    workers_family = forms.IntegerField(
        label=_("Family members working"), min_value=0, max_value=9_999
    )
    workers_paid = forms.IntegerField(label=_("Paid workers"), min_value=0, max_value=99_999)
    workers_women = forms.IntegerField(label=_("Women among them"), min_value=0, max_value=99_999)
    area = area_field()
    questions = (
        Question(_("What is it?"), ("trade", "name", "job_kind", "formality", "start_date")),
        Question(_("Who works there?"), ("workers_family", "workers_paid", "workers_women")),
        Question(_("Where?"), ("area",)),
    )

    def __init__(self, *args: Any, staff: StaffUser, present: Area | None, **options: Any) -> None:
        """Offer the settlements she may name, and the one that is written."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        field = self.fields["area"]
        assert isinstance(field, forms.ModelChoiceField)
        if present is not None and field.queryset is not None:
            field.queryset = field.queryset | Area.objects.filter(pk=present.pk)


class EnterpriseCorrect(FormPage):
    """Correct what was written."""

    form_class = CorrectionForm
    subject_model = Enterprise
    permission = "people.register_enterprise"
    title = _("Correct what was written")
    verb = _("Correct")
    subject: Enterprise

    def form_options(self) -> dict[str, Any]:
        """Its places."""
        return {"staff": self.staff, "present": self.subject.area}

    def initial(self) -> dict[str, Any]:
        """What is written now."""
        row = self.subject
        return {name: getattr(row, name) for name in self.form_class.base_fields} | {
            "area": row.area_id
        }

    def perform(self, values: dict[str, Any]) -> Enterprise:
        """Correct it."""
        kind = values.pop("job_kind")
        return correct_enterprise(
            acting_staff=self.staff,
            enterprise=self.subject,
            formality=c.Formality(values.pop("formality")),
            job_kind=c.JobKind(kind) if kind else None,
            **values,
        )


class ClosingForm(HouseForm):
    """The day an enterprise stopped."""

    closed_date = DayField(label=_("Closed on"))


class EnterpriseClose(FormPage):
    """Record that an enterprise stopped."""

    form_class = ClosingForm
    subject_model = Enterprise
    permission = "people.register_enterprise"
    title = _("It has stopped")
    intro = _("Its history stays. Loans and plans of it are not changed.")
    verb = _("Record that it stopped")
    subject: Enterprise

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"closed_date": today()}

    def perform(self, values: dict[str, Any]) -> Enterprise:
        """Record it."""
        return close_enterprise(
            acting_staff=self.staff, enterprise=self.subject, closed_date=values["closed_date"]
        )


class EnterpriseNew(OfPerson):
    """Register an enterprise of a person."""

    form_class = f.EnterpriseForm
    permission = "people.register_enterprise"
    title = _("Register her enterprise")
    verb = _("Register the enterprise")

    def form_options(self) -> dict[str, Any]:
        """Whose enterprise it is."""
        return {"staff": self.staff, "person": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today, where she lives, in her programme."""
        return {
            "registered_date": today(),
            "area": self.subject.area_id,
            "programme": self.subject.programme_id,
        }

    def perform(self, values: dict[str, Any]) -> Enterprise:
        """Register it."""
        told = f.EnterpriseForm(self.request.POST, **self.form_options())
        told.is_valid()
        return register_enterprise(
            acting_staff=self.staff, enterprise=told.enterprise_in(self.new_id)
        )
