"""Forms that start a plan: of an organisation, or again from an earlier one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField
from handup.people.forms.fields import PlaceFields, office_field, programme_field
from handup.plans.models import Plan
from handup.plans.models.labels import DEPTH, KEPT, choices
from handup.plans.rules.states import Depth
from handup.projects.models import Organisation


class OrganisationStartForm(PlaceFields, HouseForm):
    """Whose plan, and what it is about."""

    organisation: Any = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Cooperative, association or other organisation")
    )
    programme = programme_field()
    office = office_field()
    title = forms.CharField(label=_("What is the business?"), max_length=200)
    idea = forms.CharField(
        label=_("The idea, and who benefits"), required=False, widget=forms.Textarea
    )
    start_month = DayField(label=_("First month of the plan"))
    horizon_months = forms.IntegerField(label=_("Months"), min_value=1, max_value=60, initial=12)
    depth = forms.ChoiceField(
        label=_("How deep?"), choices=choices(DEPTH), required=False, initial=Depth.LIGHT.value
    )
    started_date = DayField(label=_("Day"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer what she may see."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.visible_to(staff)


class RepeatForm(HouseForm):
    """What changed since the plan before."""

    start_month = DayField(label=_("First month of the plan"))
    changed = forms.MultipleChoiceField(
        label=_("What changed?"),
        choices=choices(KEPT),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("What is not ticked is taken over as it was."),
    )
    started_date = DayField(label=_("Day"))

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        """Ask for the loan in the plan's currency."""
        super().__init__(*args, **options)
        self.fields["loan_units"] = MoneyField(
            label=_("Loan asked for now"),
            currency=plan.currency,
            required=False,
            help_text=_("Left empty: as before."),
            least_units=1,
        )
