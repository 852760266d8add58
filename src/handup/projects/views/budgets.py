"""Preparing a budget: its lines as copied from a spreadsheet."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Fault, Faults
from handup.org.web.forms import FormPage
from handup.projects import services
from handup.projects.budget_forms import BudgetForm
from handup.projects.models import Budget, Phase


class BudgetNew(FormPage):
    """Prepare the next version of a phase's budget."""

    form_class = BudgetForm
    permission = "projects.prepare_budget"
    title = _("Prepare a budget")
    intro = _("It is a draft until somebody else approves it; the lines under a line add up to it.")
    verb = _("Prepare the budget")
    subject_model = Phase
    subject: Phase

    def initial(self) -> dict[str, Any]:
        """In the programme's currency."""
        return {"reporting_currency": self.subject.programme.currency}

    def perform(self, values: dict[str, Any]) -> Budget:
        """Prepare it; a fault of a line is told with the line as it was written."""
        try:
            return services.prepare_budget(
                acting_staff=self.staff, phase=self.subject, id=self.new_id, **values
            )
        except Faults as found:
            places = self._places()
            said = [
                Fault(
                    fault.code,
                    _t("Line %(number)s: ") % {"number": places[(fault.row or 1) - 1]}
                    + fault.message,
                    place="lines",
                )
                for fault in found.faults
            ]
            raise Faults(said, field="lines") from found

    def _places(self) -> list[int]:
        """The numbers of the written lines that are not empty."""
        written = self.request.POST.get("lines", "").splitlines()
        return [number for number, line in enumerate(written, 1) if line.strip()]

    def success_url(self, result: Budget) -> str:
        """Its page."""
        return reverse("projects:budget_detail", args=[result.pk])
