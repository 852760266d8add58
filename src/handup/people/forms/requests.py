"""Requests about data held of a person."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.forms.fields import one_of
from handup.people.models import labels as lb
from handup.people.rules.requests import BY_HAND, RequestKind

OF_A_PERSON = {
    kind: word for kind, word in lb.REQUEST_KIND.items() if kind != RequestKind.AUTHORITY
}


def _text(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), **options
    )


class RequestForm(HouseForm):
    """What a person asks about her own data."""

    kind = one_of(OF_A_PERSON, _("What does she ask?"))
    details = _text(_("In her words"), required=False)
    asker = forms.CharField(
        label=_("Who asks for her"),
        max_length=200,
        required=False,
        help_text=_("Only when it is not she herself: a guardian, or somebody with a mandate."),
    )
    language = forms.CharField(
        label=_("Language she is answered in"),
        max_length=10,
        required=False,
        help_text=_("As a code: en, hy, mn, rw."),
    )
    handler: Any = forms.ModelChoiceField(
        StaffUser.objects.none(),
        label=_("Who answers"),
        required=False,
        empty_label=_("her case officer"),
    )
    received_date = DayField(label=_("Day she asked"))
    questions = (
        Question(_("What does she ask?"), ("kind", "details")),
        Question(_("Who asks?"), ("asker", "language")),
        Question(_("Who answers, from when?"), ("handler", "received_date")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Everybody who works here may answer; the service looks whether she reaches it."""
        super().__init__(*args, **options)
        field = self.fields["handler"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.working()


class AuthorityForm(HouseForm):
    """What an authority asks about somebody; it is refused, and written down."""

    asker = forms.CharField(label=_("Which authority, and who came"), max_length=200)
    details = _text(_("What was asked, and on what ground"))
    received_date = DayField(label=_("Day"))


class IdentityForm(HouseForm):
    """How it was made sure that she is who she says."""

    identity = one_of(lb.IDENTITY_CHECK, _("How was it made sure that it is she?"))
    on = DayField(label=_("Day"))


class AnswerForm(HouseForm):
    """What she is answered."""

    answer = _text(_("What is she answered?"))
    on = DayField(label=_("Day"))


class ApprovalForm(HouseForm):
    """Approval of an erasure."""

    on = DayField(label=_("Day"))
    reason = forms.CharField(
        label=_("Why you approve it twice"),
        max_length=200,
        required=False,
        help_text=_("Only where one person does every step; it is reported."),
    )


class HoldForm(HouseForm):
    """A hold that no record shows."""

    reason = one_of(
        {code: word for code, word in lb.HOLD_REASON.items() if code in BY_HAND},
        _("What keeps her data?"),
    )
    until = DayField(label=_("Until"), required=False, help_text=_("Empty: until it is lifted."))
    on = DayField(label=_("Day"))


class DayForm(HouseForm):
    """The day of a step that asks for nothing else."""

    on = DayField(label=_("Day"))
