"""Referring a person to somebody outside."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm
from handup.people.forms.fields import one_of
from handup.people.models import Referral
from handup.people.models import labels as lb
from handup.people.rules.referrals import MOVES, WITH_REASON, ReferralState
from handup.people.rules.sharing import SHARING
from handup.projects.models import Organisation


class ReferralForm(HouseForm):
    """To whom she is sent, and for what."""

    recipient: Any = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Whom is she referred to?")
    )
    purpose = one_of(
        {code: lb.CONSENT_PURPOSE[code] for code in SHARING}, _("What did she agree to?")
    )
    need = forms.CharField(
        label=_("What does she need there?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    made_date = DayField(label=_("Day"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the organisations there are."""
        super().__init__(*args, **options)
        field = self.fields["recipient"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(active=True).order_by("name")


class SendReferralForm(HouseForm):
    """The day it goes; a focal point may say why it goes without consent or agreement."""

    on = DayField(label=_("Day"))
    override = forms.CharField(
        label=_("Why without her consent or an agreement"),
        max_length=500,
        required=False,
        help_text=_("Leave empty where there are both. What you write is logged."),
    )

    def __init__(self, *args: Any, overrides: bool, **options: Any) -> None:
        """Only a focal point may answer for it herself."""
        super().__init__(*args, **options)
        if not overrides:
            del self.fields["override"]


class MoveReferralForm(HouseForm):
    """What became of a referral."""

    to_state = forms.ChoiceField(label=_("What became of it?"))
    answer = forms.CharField(
        label=_("What they answered, or why"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    on = DayField(label=_("Day"))

    def __init__(self, *args: Any, referral: Referral, **options: Any) -> None:
        """Offer only steps that lead on from here."""
        super().__init__(*args, **options)
        state = ReferralState(referral.state)
        field = self.fields["to_state"]
        assert isinstance(field, forms.ChoiceField)
        steps = MOVES[state] - {ReferralState.SENT}
        field.choices = [(to.value, word) for to, word in lb.REFERRAL_STATE.items() if to in steps]
        self.fields["answer"].required = bool(steps) and steps <= WITH_REASON


class FirstForm(HouseForm):
    """Since when she comes first; nobody asks why."""

    from_date = DayField(label=_("Since"))
