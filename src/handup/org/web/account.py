"""A staff user's own account: who she is here, how she signs in, where she is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.web.pages import Fact, FactGroup, FiguresPage, Header


class AccountPage(FiguresPage):
    """What the house knows about the person signed in, and the doors to her sign-in settings."""

    title = _("Your account")
    template = "org/account.html"

    def header(self) -> Header:
        """Her name and user name."""
        return Header(self.staff.display_name or self.staff.username, self.staff.username)

    def context(self) -> dict[str, Sequence[FactGroup]]:
        """Facts with the doors beside them."""
        sign_in = [
            Fact(_("Password"), _("Change it"), reverse("account_change_password")),
            Fact(_("Second factor"), _("Set it up"), reverse("mfa_index")),
        ]
        return {"fact_groups": [FactGroup(_("Signing in"), sign_in)]}
