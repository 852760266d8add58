"""Forms about the quality of data: limits of a round, settling a flag, who asks again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import HouseForm, dress
from handup.surveys.rules.limits import MAY_BE, WHOLE

# What each limit means, in the order of the page.
LIMITS = {
    "least_minutes": _("An interview is short below so many minutes"),
    "least_share_of_median": _("or below this share of the median of its version"),
    "outlier_z": _("An amount is far from all others beyond this distance (modified z)"),
    "jump_factor": _("An amount jumps when it is so many times that of the last round"),
    "same_place": _("Interviews at one place are many beyond"),
    "same_phone": _("One telephone number stands for many beyond"),
    "travel_kmh": _("The way to the next interview is too fast beyond kilometres an hour"),
    "dont_know_percent": _("Many answers are missing beyond per cent of the questions"),
    "heaping_percent": _("Amounts are rounded beyond per cent that end in 000"),
    "icc": _("Answers depend on who asks beyond this correlation"),
    "agreement_percent": _("Back-checks agree too little below per cent"),
    "back_check_percent": _("Asked again, per cent of each interviewer's interviews"),
    "back_check_least": _("but at least so many"),
    "trim": _("A weight is cut beyond so many times the median"),
}


class LimitsForm(HouseForm):
    """The thresholds of a round."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """A field a threshold, within what it may be."""
        super().__init__(*args, **options)
        for name, label in LIMITS.items():
            low, high = MAY_BE[name]
            field: forms.Field
            if name in WHOLE:
                field = forms.IntegerField(label=label, min_value=int(low), max_value=int(high))
            else:
                field = forms.FloatField(label=label, min_value=low, max_value=high)
            dress(field)
            self.fields[name] = field


class SettleForm(HouseForm):
    """What became of a flag."""

    note = forms.CharField(label=_("What was found"), max_length=300, widget=forms.Textarea)


class CheckerForm(HouseForm):
    """Who asks again."""

    checker = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Who asks again"))

    def __init__(self, *args: Any, checkers: Any, **options: Any) -> None:
        """Offer those who may, but for who asked first."""
        super().__init__(*args, **options)
        field = self.fields["checker"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = checkers
