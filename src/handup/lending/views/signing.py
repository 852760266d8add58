"""The agreement is signed: on which day, paid out when, in which parts."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.forms import SignForm
from handup.lending.rules.terms import read_terms
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
        """Today."""
        return {"signed_date": timezone.localdate(), "start_date": timezone.localdate()}

    def form_options(self) -> dict[str, Any]:
        """Whether the product pays out in parts, and in which currency."""
        terms = read_terms(self.subject.product_version.terms)
        return {"currency": terms.currency, "tranches_max": terms.tranches_max}

    def perform(self, values: dict[str, Any]) -> Any:
        """Sign."""
        return services.sign_agreement(
            acting_staff=self.staff, application=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The new loan's page."""
        return reverse("lending:loan_detail", args=[result.pk])
