"""The steps of one loan: pay out, repayment, recovery, reversal, write-off, cancelling."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import AdvanceTo
from handup.lending import services
from handup.lending.forms import (
    CancelForm,
    DisburseForm,
    ReasonForm,
    ReceivedForm,
    RepaymentForm,
    ReverseForm,
    WriteOffDecisionForm,
)
from handup.lending.models import EarlierRecord, Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EarlierKind, EventKind, Method, Payer
from handup.lending.rules.terms import read_terms, sends_ahead
from handup.lending.services.days import PROPOSE
from handup.org.permissions import may
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


class LatePage(FormPage):
    """Something that happened on a day; too long ago, it waits for another person."""

    def form_options(self) -> dict[str, Any]:
        """Whether she may back-date."""
        return {**super().form_options(), "late": may(self.staff, PROPOSE, self.subject)}

    def recorded_message(self) -> str:
        """Said when it is recorded."""
        return ""

    def done_message(self, result: Any) -> str:
        """Said when it is stored, or that it waits."""
        if isinstance(result, LoanProposal | EarlierRecord):
            return _now("It waits for somebody else to confirm it.")
        return self.recorded_message()


class EarlierPage(LatePage):
    """The same of what is of no single loan."""

    earlier: ClassVar[EarlierKind]

    def place(self) -> dict[str, Any]:
        """The account or call it belongs to."""
        return {}

    def propose(self, reason: str, value_date: date, told: dict[str, Any]) -> EarlierRecord:
        """Say what happened, and why only now."""
        return services.propose_earlier(
            acting_staff=self.staff,
            kind=self.earlier,
            value_date=value_date,
            told=told,
            proposed_date=timezone.localdate(),
            reason=reason,
            id=self.new_id,
            **self.place(),
        )


class EarlierMoney(EarlierPage):
    """Money that came or went; of a day too long ago, it waits for another person."""

    record: ClassVar[Callable[..., Any]]

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it, or propose it with the reason why only now."""
        reason = values.pop("late_reason", "")
        told = {**values, "method": Method(values["method"])}
        if reason:
            return self.propose(reason, told.pop("value_date"), told)
        return self.record(acting_staff=self.staff, id=self.new_id, **self.place(), **told)


class DatedForm(LatePage, LoanForm):
    """The same of a loan."""

    kind: ClassVar[EventKind]
    day_field: ClassVar[str] = "value_date"
    record: ClassVar[Callable[..., Any]]

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the service is told: what was typed, the way of paying by its code."""
        if "method" in values:
            return {**values, "method": Method(values["method"])}
        return values

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it, or propose it with the reason why only now."""
        reason = values.pop("late_reason", "")
        told = self.told(values)
        if not reason:
            return self.record(acting_staff=self.staff, loan=self.subject, id=self.new_id, **told)
        return services.propose_back_dated(
            acting_staff=self.staff,
            loan=self.subject,
            kind=self.kind,
            value_date=told.pop(self.day_field),
            told=told,
            proposed_date=timezone.localdate(),
            reason=reason,
            id=self.new_id,
        )


class ReceivedPage(DatedForm):
    """Money of a loan that came in; afterwards its receipt."""

    form_class: ClassVar[type[ReceivedForm]] = ReceivedForm
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The loan's currency."""
        return {**super().form_options(), "currency": self.subject.currency}

    def success_url(self, result: Any) -> str:
        """The payment's page, with its receipt; the loan's while it waits."""
        if isinstance(result, LoanProposal | EarlierRecord):
            return super().success_url(result)
        return reverse("lending:event_detail", args=[result.pk])


class RecordRepayment(ReceivedPage):
    """Money came in."""

    form_class = RepaymentForm
    permission = "lending.record_repayment"
    title = _("Record a repayment")
    verb = _("Record repayment")
    kind = EventKind.REPAID
    record = staticmethod(services.report_repayment)

    def form_options(self) -> dict[str, Any]:
        """Whether a payment may say which instalments to come it pays."""
        return {**super().form_options(), "ahead": sends_ahead(read_terms(self.subject.terms))}

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """What was typed; what was left as it is, is not said."""
        payer, ahead = values.pop("payer", ""), values.pop("advance_to", "")
        told = super().told(values)
        if not told.get("separate"):
            told.pop("separate", "")
        if payer and payer != Payer.BORROWER:
            told["payer"] = Payer(payer)
        if ahead:
            told["advance_to"] = AdvanceTo(ahead)
        return told

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The repayment is recorded.")


class RecordRecovery(ReceivedPage):
    """Money came in after the write-off."""

    permission = "lending.record_recovery"
    title = _("Record a recovery")
    verb = _("Record recovery")
    kind = EventKind.RECOVERED
    record = staticmethod(services.record_recovery)

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.pk])

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The recovery is recorded.")


class DisburseLoan(DatedForm):
    """The money is handed over."""

    form_class = DisburseForm
    permission = "lending.disburse_loan"
    title = _("Pay out the loan")
    verb = _("Pay out")
    reads_back = True
    kind = EventKind.DISBURSED
    record = staticmethod(services.disburse_loan)

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The loan is paid out; its schedule counts from that day.")


class CancelLoan(DatedForm):
    """Before any money moved."""

    form_class = CancelForm
    permission = "lending.cancel_loan"
    title = _("Cancel the loan")
    verb = _("Cancel the loan")
    kind = EventKind.CANCELLED
    record = staticmethod(services.cancel_loan)


class ReversePage(LatePage):
    """Take an event of a loan back."""

    form_class = ReverseForm
    subject_model = LoanEvent
    subject: LoanEvent
    reads_back = True
    reverse: ClassVar[Callable[..., LoanEvent]]

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Reverse it, or propose it with the reason why only now."""
        late, event = values.pop("late_reason", ""), self.subject
        if not late:
            return self.reverse(acting_staff=self.staff, event=event, id=self.new_id, **values)
        return services.propose_back_dated(
            acting_staff=self.staff,
            loan=event.loan,
            kind=EventKind.REVERSED,
            value_date=values["value_date"],
            told={"event": event, "reason": values["reason"]},
            proposed_date=timezone.localdate(),
            reason=late,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The loan's page."""
        return reverse("lending:loan_detail", args=[self.subject.loan_id])


class ReverseRepayment(ReversePage):
    """Take a repayment back."""

    reverse = staticmethod(services.reverse_repayment)
    permission = "lending.view_borrower"
    title = _("Reverse a repayment")
    intro = _("It stays visible; later repayments are split anew.")
    verb = _("Reverse the repayment")

    def subject_name(self) -> str:
        """Of which loan, from which day."""
        return f"{self.subject.loan} · {format_day(self.subject.value_date)}"


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
