"""Asking for a borrower's next loan: what it may be, and only what changed is asked."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.forms import MoneyOfForm, PlanNumberField
from handup.lending.rules.repeat import LoanStep, least
from handup.lending.services.again import ASK, NextLoan, next_loan
from handup.lending.views.products import step_words
from handup.lending.views.steps import LoanForm
from handup.org.web.forms import DayField, MoneyField, Question
from handup.org.web.money import as_decimal
from handup.org.web.refusals import message_of


class AgainForm(MoneyOfForm):
    """What changed since the loan before."""

    units = MoneyField(label=_("Amount asked"))
    instalments = forms.IntegerField(label=_("Instalments"), min_value=1, max_value=600)
    purpose = forms.CharField(label=_("What for"), max_length=200)
    submitted_date = DayField(label=_("Asked on"))
    plan_version = PlanNumberField(
        label=_("Number of the business plan"),
        help_text=_("Left empty, the newest plan that is ready is taken."),
    )
    savings_units = MoneyField(
        label=_("Savings seen"),
        required=False,
        help_text=_("Only what somebody saw in a passbook or account."),
    )
    questions = (
        Question(_("What changed?"), ("units", "instalments", "purpose", "submitted_date")),
        Question(_("What is there already?"), ("plan_version", "savings_units"), folded=True),
    )

    def __init__(self, *args: Any, staff: Any, **options: Any) -> None:
        """Find plans the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["plan_version"]
        assert isinstance(field, PlanNumberField)
        field.staff = staff


class AskAgain(LoanForm):
    """The next loan of who borrows with this one."""

    form_class = AgainForm
    permission = ASK
    person_path = "person_id"
    title = _("Ask for the next loan")
    verb = _("Apply")
    reads_back = True

    @cached_property
    def following(self) -> NextLoan | Refusal:
        """What it may be today, or why there is none."""
        try:
            return next_loan(self.subject, timezone.localdate())
        except Refusal as refusal:
            return refusal

    def lead(self) -> Any:
        """The number of the loan and what it may be."""
        found = self.following
        if isinstance(found, Refusal):
            return message_of(found)
        limits = step_words(
            LoanStep(found.number, found.most_units, found.most_instalments),
            self.subject.currency,
        )
        text = _now("Loan number %(number)s of this borrower.") % {"number": found.number}
        return f"{text} {limits}." if limits else text

    def form_options(self) -> dict[str, Any]:
        """The currency of the loan before, and who looks for a plan."""
        return {"currency": self.subject.currency, "staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """All of the loan before, within what the next one may be."""
        loan, found = self.subject, self.following
        before = None if loan.agreement is None else loan.agreement.application
        most: tuple[int | None, int | None] = (None, None)
        if isinstance(found, NextLoan):
            most = (found.most_units, found.most_instalments)
        units = least(loan.approved_units, most[0])
        return {
            "units": as_decimal(units or loan.approved_units, loan.currency),
            "instalments": None if before is None else least(before.instalments, most[1]),
            "purpose": "" if before is None else before.purpose,
            "submitted_date": timezone.localdate(),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Apply."""
        return services.apply_again(
            acting_staff=self.staff,
            loan=self.subject,
            id=self.new_id,
            **{**values, "savings_units": values["savings_units"] or 0},
        )

    def success_url(self, result: Any) -> str:
        """The application's page."""
        return reverse("lending:application_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("Application %(code)s waits for appraisal.") % {"code": result.code}
