"""The page on which what an insurer paid for a loan is recorded."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import FeeKind
from handup.kernel.credit.payoff import Payoff
from handup.kernel.errors import Refusal
from handup.lending import charge_forms, services
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.terms import read_terms
from handup.lending.services.insurance import debt_of
from handup.lending.views.changes import MoneyForm, day_asked, payoff_facts
from handup.lending.views.steps import DatedForm
from handup.org.web.lists import Action
from handup.org.web.money import format_day
from handup.org.web.pages import Fact, FactGroup
from handup.projects.models import Organisation


def insurance_action(loan: Loan) -> Action | None:
    """Recording what an insurer paid: of a running loan with a premium, and of one taken over, of
    which it is not known.
    """
    insured = any(fee.kind is FeeKind.INSURANCE for fee in read_terms(loan.terms).fees)
    if loan.state != LoanState.ACTIVE or not (insured or loan.opening_date is not None):
        return None
    return Action(
        _("Record an insurer's payment"),
        "lending:insurance_new",
        "lending.record_insurance",
        (loan.pk,),
    )


class RecordInsurance(MoneyForm, DatedForm):
    """An insurer paid for a loan."""

    form_class = charge_forms.InsuranceForm
    permission = "lending.record_insurance"
    title = _("Record what an insurer paid")
    intro = _("It counts on the debt of the day something happened; the rest is the family's.")
    verb = _("Record the payment")
    kind = EventKind.INSURANCE_PAID
    day_field = "event_date"
    record = staticmethod(services.record_insurance)

    @property
    def day(self) -> date:
        """The day asked for, today unless the address says another."""
        return day_asked(self.request)

    @cached_property
    def debt(self) -> Payoff | Refusal:
        """What was owed on that day, or why nothing is recorded of it."""
        try:
            return debt_of(self.subject, self.day)
        except Refusal as refusal:
            return refusal

    def initial(self) -> dict[str, Any]:
        """What was owed on the day asked for, received today."""
        found: dict[str, Any] = {"event_date": self.day, "received_date": timezone.localdate()}
        if isinstance(self.debt, Payoff):
            found["units"] = self.typed(self.debt.total)
        return found

    def form_options(self) -> dict[str, Any]:
        """The currency, and who may be the insurer."""
        organisations = Organisation.objects.visible_to(self.staff).order_by("name")
        return {**super().form_options(), "organisations": organisations}

    def context(self) -> dict[str, Any]:
        """The day it is worked out for."""
        return {**super().context(), "day": self.day}

    def says(self) -> Sequence[FactGroup]:
        """The debt of that day by its parts."""
        if not isinstance(self.debt, Payoff):
            return [FactGroup(_("Not possible"), [Fact(_("Why"), str(self.debt))])]
        title = _now("Owed on %(day)s") % {"day": format_day(self.day)}
        return [FactGroup(title, payoff_facts(self.debt, self.subject.currency))]

    def success_url(self, result: Any) -> str:
        """The payment, with its receipt; the loan while it waits."""
        if isinstance(result, LoanProposal):
            return super().success_url(result)
        return reverse("lending:event_detail", args=[result.pk])

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The payment is recorded; what is beyond the debt can be handed back.")
