"""The agreement is signed: on which day, paid out when, in which parts."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.forms import SignForm
from handup.lending.rules.terms import read_terms
from handup.lending.services.seasons import suggested_shares
from handup.lending.views.applications import ApplicationStep


class Sign(ApplicationStep):
    """The agreement is signed."""

    form_class = SignForm
    permission = "lending.sign_agreement"
    title = _("Sign the agreement")
    intro = _("Schedule, cost and yearly rate are worked out and kept with it.")
    verb = _("Sign")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today; where the product is repaid in shares, those her plan's seasons suggest."""
        today = timezone.localdate()
        found: dict[str, Any] = {"signed_date": today, "start_date": today}
        if shares := suggested_shares(self.subject, today):
            found["shares_bps"] = " ".join(f"{share / 100:g}" for share in shares)
        return found

    def form_options(self) -> dict[str, Any]:
        """The product's terms."""
        return {"terms": read_terms(self.subject.product_version.terms)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Sign."""
        return services.sign_agreement(
            acting_staff=self.staff, application=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The new loan's page."""
        return reverse("lending:loan_detail", args=[result.pk])
