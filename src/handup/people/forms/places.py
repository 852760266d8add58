"""Where a herder is found in a season, or seen next."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm
from handup.people.forms.fields import PlaceFields, area_field, one_of
from handup.people.models import Household, Person
from handup.people.models import labels as lb
from handup.people.services.places import NAME_MOST


class PlaceForm(HouseForm, PlaceFields):
    """Which season, where, about when."""

    season = one_of(lb.SEASON, _("When"))
    area = area_field()
    place = forms.CharField(
        label=_("What the place is called"),
        max_length=NAME_MOST,
        required=False,
        help_text=_("As neighbours call it; nothing more exact."),
    )
    about_date = DayField(label=_("About the day"), required=False)
    told_date = DayField(label=_("Told on"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer the settlements the reader may name."""
        super().__init__(*args, **options)
        self.fill_places(staff)


class HomePlaceForm(PlaceForm):
    """The same of a household: one of those who live there tells it."""

    person: Any = forms.ModelChoiceField(Person.objects.none(), label=_("Told by"))
    field_order = ("person",)

    def __init__(self, *args: Any, staff: StaffUser, household: Household, **options: Any) -> None:
        """Offer the present members whom the reader may see."""
        super().__init__(*args, staff=staff, **options)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        present = household.memberships.filter(to_date=None).values("person_id")
        field.queryset = Person.objects.visible_to(staff).filter(pk__in=present)
