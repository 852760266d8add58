"""Forms of exchange."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import HouseForm


class IatiFileForm(HouseForm):
    """An IATI file."""

    file = forms.FileField(label=_("IATI file (XML)"), max_length=200, allow_empty_file=True)
