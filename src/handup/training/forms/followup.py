"""Forms of asking after participants: contacts, ends of tasks, drop-out cases."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm
from handup.training.models.followup import CONTACT_WAY, FOLLOW_UP_END
from handup.training.models.labels import DROPOUT_REASON, choices
from handup.training.rules.followup import SAID, ContactWay, FollowUpEnd
from handup.training.rules.states import DropoutReason


class ContactForm(HouseForm):
    """One attempt to reach a person."""

    contact_date = DayField(label=_("Day"))
    way = forms.TypedChoiceField(label=_("How"), choices=choices(CONTACT_WAY), coerce=ContactWay)
    reached = forms.BooleanField(label=_("She was reached"), required=False)
    told = forms.CharField(label=_("What was said"), max_length=300, required=False)


class HandOverForm(HouseForm):
    """To whom a task goes."""

    assigned_to = forms.CharField(label=_("Sign-in name of who asks from now on"), max_length=150)

    def clean_assigned_to(self) -> StaffUser:
        """Somebody who works here now."""
        name = self.cleaned_data["assigned_to"].strip()
        found: StaffUser | None = StaffUser.objects.filter(username=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody signs in as %(name)s."), params={"name": name})
        return found


class EndFollowUpForm(HouseForm):
    """What was found."""

    ended_date = DayField(label=_("Day"))
    end = forms.TypedChoiceField(
        label=_("What you found"),
        choices=[(code.value, label) for code, label in FOLLOW_UP_END.items() if code in SAID],
        coerce=FollowUpEnd,
    )


class DropoutForm(HouseForm):
    """Why somebody is about to leave."""

    opened_date = DayField(label=_("Day"))
    reason = forms.TypedChoiceField(
        label=_("Reason"), choices=choices(DROPOUT_REASON), coerce=DropoutReason
    )
    reason_text = forms.CharField(
        label=_("In words"),
        max_length=300,
        required=False,
        help_text=_("A case about safety is then seen by the protection role alone."),
    )


class CloseCaseForm(HouseForm):
    """How a case ended."""

    closed_date = DayField(label=_("Day"))
    left = forms.TypedChoiceField(
        label=_("What happened"),
        choices=[("0", _("She came back")), ("1", _("She left the course"))],
        coerce=lambda given: given == "1",
    )
