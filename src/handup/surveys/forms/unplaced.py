"""The form that places answers on a case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import HouseForm


class PlaceForm(HouseForm):
    """Whose answers these are."""

    number = forms.CharField(
        label=_("Number of whom the answers are, or the key of the case"), max_length=40
    )
