"""The roles of a part of the work, given to one staff user by one button."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.models import Grant
from handup.org.rules.parts import ROLES_OF, Part
from handup.org.services.team import give_part
from handup.org.web import labels
from handup.org.web.forms import HouseForm
from handup.org.web.settings.staff import OnStaff

PARTS = {
    Part.FIELD: _("Goes out to the people: registers, trains, advises, lends, keeps the accounts"),
    Part.OFFICE: _("Leads: opens programmes, appraises, decides, pays out, reads the results"),
}


def roles_in_words(part: Part) -> str:
    """The roles of a part, as a person reads them."""
    return ", ".join(str(labels.role(role)) for role in ROLES_OF[part])


class PartForm(HouseForm):
    """Which part she does."""

    part = forms.ChoiceField(
        label=_("Her part of the work"),
        choices=[(part.value, label) for part, label in PARTS.items()],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        help_text=_("Only where one person does the work of several."),
    )


class GivePart(OnStaff):
    """All roles of one part of a small house, over everything, for a year."""

    form_class = PartForm
    permission = "org.give_grant"
    title = _("Give the roles of her part")
    intro = _("For a house of two or three: each part holds what the other may not do alone.")
    verb = _("Give these roles")
    template = "org/part.html"

    def perform(self, values: dict[str, Any]) -> list[Grant]:
        """Give them."""
        return give_part(
            acting_staff=self.staff,
            staff=self.subject,
            part=Part(values["part"]),
            reason=values["reason"],
        )

    def context(self) -> dict[str, Any]:
        """Whom it is about, and what each part holds."""
        told = [(label, roles_in_words(part)) for part, label in PARTS.items()]
        return {**super().context(), "parts": told}

    def done_message(self, result: list[Grant]) -> str:
        """How many."""
        return ngettext("%(count)s role is given.", "%(count)s roles are given.", len(result)) % {
            "count": len(result)
        }
