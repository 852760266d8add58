"""The page on which an administrator takes away the second factor of somebody who lost it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.services.lost_factors import KnownBy, take_factor_away
from handup.org.web.forms import HouseForm
from handup.org.web.settings.staff import OnStaff

KNOWN_BY = (
    (KnownBy.PAPER_SEEN.value, _("Her identity document was seen")),
    (KnownBy.WORKS_HERE.value, _("Both of us work with her")),
)


class LostFactorForm(HouseForm):
    """How she was known, and by whom else."""

    known_by = forms.ChoiceField(
        label=_("How she was known, standing before you"),
        choices=KNOWN_BY,
        widget=forms.RadioSelect,
    )
    vouched_by = forms.ModelChoiceField(
        StaffUser.objects.filter(is_active=True).order_by("display_name"),
        label=_("Who else knows her and stood by"),
    )


class TakeFactorAway(OnStaff):
    """She lost her second factor and came in person."""

    form_class = LostFactorForm
    permission = "org.register_staff"
    title = _("Take away a lost second factor")
    intro = _(
        "Only while she stands before you; never by telephone or letter. She signs in with her "
        "password and sets up a new one."
    )
    verb = _("Take it away")

    def perform(self, values: dict[str, Any]) -> StaffUser:
        """Take it away."""
        return take_factor_away(
            acting_staff=self.staff,
            staff=self.subject,
            known_by=KnownBy(values["known_by"]),
            vouched_by=values["vouched_by"],
        )

    def done_message(self, result: StaffUser) -> str:
        """What comes next."""
        return _now("Her second factor is taken away. She sets up a new one when she signs in.")
