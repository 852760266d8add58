"""The steps of one loan: pay out, repayment, recovery, reversal, write-off, cancelling."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.forms import (
    DisburseForm,
    ReasonForm,
    RepaymentForm,
    WriteOffDecisionForm,
)
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import Method
from handup.org.web.forms import FormPage
from handup.org.web.money import format_day


class LoanForm(FormPage):
    """A step of one loan; afterwards its page."""

    subject_model = Loan

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.pk])


class RecordRepayment(LoanForm):
    """Money came in."""

    form_class = RepaymentForm
    permission = "lending.record_repayment"
    title = _("Record a repayment")
    verb = _("Record repayment")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The loan's currency."""
        return {"currency": self.subject.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_repayment(
            acting_staff=self.staff,
            loan=self.subject,
            id=self.new_id,
            **{**values, "method": Method(values["method"])},
        )

    def success_url(self, result: Any) -> str:
        """The repayment's page, with its receipt."""
        return reverse("lending:event_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The repayment is recorded.")


class RecordRecovery(RecordRepayment):
    """Money came in after the write-off."""

    permission = "lending.record_recovery"
    title = _("Record a recovery")
    verb = _("Record recovery")

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_recovery(
            acting_staff=self.staff,
            loan=self.subject,
            id=self.new_id,
            **{**values, "method": Method(values["method"])},
        )

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The recovery is recorded.")


class DisburseLoan(LoanForm):
    """The money is handed over."""

    form_class = DisburseForm
    permission = "lending.disburse_loan"
    title = _("Pay out the loan")
    verb = _("Pay out")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay out."""
        return services.disburse_loan(
            acting_staff=self.staff,
            loan=self.subject,
            id=self.new_id,
            **{**values, "method": Method(values["method"])},
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The loan is paid out; its schedule counts from that day.")


class CancelLoan(LoanForm):
    """Before any money moved."""

    form_class = ReasonForm
    permission = "lending.cancel_loan"
    title = _("Cancel the loan")
    verb = _("Cancel the loan")

    def perform(self, values: dict[str, Any]) -> Any:
        """Cancel."""
        return services.cancel_loan(
            acting_staff=self.staff, loan=self.subject, id=self.new_id, **values
        )


class ReverseRepayment(FormPage):
    """Take a repayment back."""

    form_class = ReasonForm
    permission = "lending.view_loan"
    subject_model = LoanEvent
    title = _("Reverse a repayment")
    subject: LoanEvent
    intro = _("It stays visible; later repayments are split anew.")
    verb = _("Reverse the repayment")
    reads_back = True

    def subject_name(self) -> str:
        """Of which loan, from which day."""
        return f"{self.subject.loan} · {format_day(self.subject.value_date)}"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Reverse."""
        return services.reverse_repayment(
            acting_staff=self.staff, event=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.loan_id])


class ProposeWriteOff(LoanForm):
    """Propose; somebody else decides."""

    form_class = ReasonForm
    permission = "lending.propose_write_off"
    title = _("Propose to write the loan off")
    verb = _("Propose write-off")

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        return services.propose_write_off(
            acting_staff=self.staff,
            loan=self.subject,
            proposed_date=values["value_date"],
            reason=values["reason"],
            id=self.new_id,
        )


class DecideWriteOff(FormPage):
    """The second person's word."""

    form_class = WriteOffDecisionForm
    permission = "lending.write_off_loan"
    subject_model = LoanProposal
    title = _("Decide on the write-off")
    verb = _("Decide")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate(), "approve": "yes"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve or decline."""
        return services.write_off_loan(
            acting_staff=self.staff,
            proposal=self.subject,
            value_date=values["value_date"],
            approve=values["approve"] == "yes",
            reason=values["reason"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.loan_id])
