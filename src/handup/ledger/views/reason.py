"""The question asked where one person does two steps."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import HouseForm


class ReasonForm(HouseForm):
    """Why one person does two steps, where the institution is that small."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=300,
        help_text=_("Only needed where one person does several steps."),
    )
