"""Forms about what is usual: work it out, and let a claim stand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import HouseForm
from handup.people.forms.fields import PlaceFields, programme_field


class WorkOutForm(PlaceFields, HouseForm):
    """The programme whose visits are asked."""

    programme = programme_field()

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer the programmes she may see."""
        super().__init__(*args, **options)
        self.fill_places(staff)


class LetStandForm(HouseForm):
    """Why a claim stands."""

    reason = forms.CharField(
        label=_("What was seen that explains it?"), max_length=300, widget=forms.Textarea
    )
