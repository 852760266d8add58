"""The forms of vacancies, placements and looks; of needs, trials and adoptions of technology."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.markets.forms.contracts import line, organisation
from handup.markets.forms.fields import PercentField, Placed, count, offer, one_of
from handup.markets.forms.linkages import Bodies
from handup.markets.models import Commodity
from handup.markets.models import labels as lb
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.forms.fields import area_field, office_field, programme_field
from handup.projects.models import Organisation, Programme


def in_currency(form: forms.Form, name: str, currency: str) -> None:
    """Read an amount in a currency."""
    field = form.fields[name]
    assert isinstance(field, MoneyField)
    field.currency = currency


class VacancyForm(Bodies):
    """Places of work."""

    named = ("employer",)
    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    title = forms.CharField(label=_("Work"), max_length=160)
    job_kind = one_of(lb.JOB_KIND, _("Kind of work"))
    employer = organisation(_("Employer"), required=False)
    employer_name = line(_("Or its name, where it is not kept here"), 160)
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=10_000, initial=1)
    permanent = forms.BooleanField(label=_("Permanent"), required=False)
    wage_units = MoneyField(label=_("Wage"), required=False)
    wage_per = line(_("For"), 40)
    requirements = line(_("What is asked for"))
    opened_date = DayField(label=_("Told on"))
    closes_date = DayField(label=_("Open until"), required=False)
    questions = (
        Question(_("Which work is it?"), ("title", "job_kind", "employer", "employer_name")),
        Question(
            _("On which terms?"), ("places", "permanent", "wage_units", "wage_per", "requirements")
        ),
        Question(
            _("Where and when?"), ("programme", "office", "area", "opened_date", "closes_date")
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Read the wage in the currency of the programme chosen."""
        super().__init__(*args, **options)
        told = str(self["programme"].value() or "")
        rows = {str(pk): code for pk, code in Programme.objects.values_list("pk", "currency")}
        in_currency(self, "wage_units", rows.get(told, ""))


class PersonForm(HouseForm):
    """Who, by her registration number."""

    registration_no = forms.CharField(label=_("Registration number"), max_length=20)
    matched_date = DayField(label=_("Proposed on"))


class NothingMore(HouseForm):
    """Nothing is asked; the button is enough."""


class ReasonForm(HouseForm):
    """Why."""

    reason = forms.CharField(label=_("Why?"), max_length=300)


class BeganForm(HouseForm):
    """When she began."""

    started_date = DayField(label=_("Began on"))


class EndedForm(HouseForm):
    """When a job ended, and why."""

    ended_date = DayField(label=_("Ended on"))
    reason = forms.CharField(label=_("Why?"), max_length=300)


class LookForm(HouseForm):
    """Whether she is still there."""

    month = forms.TypedChoiceField(
        label=_("Months after the first day"), choices=[(6, "6"), (12, "12")], coerce=int
    )
    checked_date = DayField(label=_("Looked at on"))
    still_there = forms.TypedChoiceField(
        label=_("Still there"),
        choices=[("", _("choose")), ("yes", _("yes")), ("no", _("no"))],
        coerce=lambda told: told == "yes",
    )
    other_job = forms.BooleanField(label=_("In another job"), required=False)
    remark = line(_("Remark"))


class TargetForm(Placed):
    """Which share of its jobs a programme aims at for one kind."""

    programme = programme_field()
    job_kind = one_of(lb.JOB_KIND, _("Kind of work"))
    share = PercentField(label=_("Share aimed at, in percent"), max_value=100)


class NeedForm(Placed):
    """What entrepreneurs lack."""

    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    title = forms.CharField(label=_("What is lacking"), max_length=200)
    told_by_whom = forms.CharField(label=_("Told by how many, of which trade"), max_length=200)
    told_date = DayField(label=_("Told on"))
    commodity: Any = forms.ModelChoiceField(
        Commodity.objects.none(), label=_("Product"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the products."""
        super().__init__(*args, **options)
        offer(self, "commodity", Commodity.objects.filter(active=True))


class TrialForm(HouseForm):
    """A technology shown or tried out."""

    technology = forms.CharField(label=_("Technology"), max_length=160)
    kind = one_of(lb.TRIAL_KIND, _("Kind"))
    held_date = DayField(label=_("Held on"))
    place = line(_("Where"), 160)
    supplier = organisation(_("Supplier"), required=False)
    cost_units = MoneyField(label=_("What one costs"), least_units=0, required=False)
    people = count(_("People there"))
    women = count(_("Women among them"))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Offer the organisations; the cost is in the programme's currency."""
        super().__init__(*args, **options)
        offer(self, "supplier", Organisation.objects.filter(active=True))
        in_currency(self, "cost_units", currency)


class AdoptionForm(HouseForm):
    """Who took a technology up."""

    registration_no = line(_("Registration number"), 20)
    organisation = organisation(_("Or the organisation that took it up"), required=False)
    adopted_date = DayField(label=_("Taken up on"))
    cost_units = MoneyField(label=_("What it cost"), least_units=0, required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Offer the organisations; the cost is in the programme's currency."""
        super().__init__(*args, **options)
        offer(self, "organisation", Organisation.objects.filter(active=True))
        in_currency(self, "cost_units", currency)


class ResultForm(HouseForm):
    """What came of a technology, asked later."""

    asked_date = DayField(label=_("Asked on"))
    better_quality = one_of(lb.YES_NO, _("Better quality"), initial=lb.Heard.UNKNOWN.value)
    higher_output = one_of(lb.YES_NO, _("Higher output"), initial=lb.Heard.UNKNOWN.value)
    wider_market = one_of(lb.YES_NO, _("Wider market"), initial=lb.Heard.UNKNOWN.value)
    in_her_words = line(_("In her words"))
