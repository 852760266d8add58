"""Asking for a borrower's next loan: what it may be, and only what changed is asked."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.again_form import AgainForm
from handup.lending.forms import CRITERIA
from handup.lending.rules.codes import ApplicationState, Outcome
from handup.lending.rules.eligibility import Grid
from handup.lending.rules.repeat import LoanStep, least
from handup.lending.services.again import ASK, NextLoan, next_loan
from handup.lending.services.one_page import any_on_one_page
from handup.lending.services.taken_over import MARK, Before, FoundAgain, told_before
from handup.lending.views.products import step_words
from handup.lending.views.steps import LoanForm
from handup.org.permissions import may
from handup.org.web.money import as_decimal
from handup.org.web.refusals import message_of

ASKED = ("units", "instalments", "purpose", "submitted_date", "plan_version")


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

    @cached_property
    def before(self) -> Before | None:
        """What was told for the loan before."""
        found = self.following
        if isinstance(found, Refusal):
            return None
        return told_before(self.subject, found.version, self.staff)

    @cached_property
    def criteria(self) -> tuple[str, ...]:
        """The marks a small loan is appraised by at once; none where she may not or none is."""
        found = self.following
        if isinstance(found, Refusal) or not any_on_one_page([found.version]):
            return ()
        if not may(self.staff, "lending.appraise_application"):
            return ()
        weights = Grid.of(found.version.grid).weights
        return tuple(name for name in CRITERIA if name in weights) or tuple(CRITERIA)

    def form_options(self) -> dict[str, Any]:
        """The currency of the loan before, who looks for a plan, what is found and its days."""
        return {
            "currency": self.subject.currency,
            "staff": self.staff,
            "criteria": self.criteria,
            "days": self.before.days if self.before else {},
        }

    def initial(self) -> dict[str, Any]:
        """All of the loan before, within what the next one may be."""
        loan, found = self.subject, self.following
        before = None if loan.agreement is None else loan.agreement.application
        most: tuple[int | None, int | None] = (None, None)
        if isinstance(found, NextLoan):
            most = (found.most_units, found.most_instalments)
        units = least(loan.approved_units, most[0])
        told = self.before.values if self.before else {}
        return {
            "units": as_decimal(units or loan.approved_units, loan.currency),
            "instalments": None if before is None else least(before.instalments, most[1]),
            "purpose": "" if before is None else before.purpose,
            "submitted_date": timezone.localdate(),
            "note": told.get("note", ""),
            **{name: mark for name, mark in told.items() if name.startswith(MARK)},
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Apply; of a small loan with what was found."""
        told = {name: values[name] for name in ASKED}
        return services.apply_again(
            acting_staff=self.staff,
            loan=self.subject,
            id=self.new_id,
            found=self._found(values),
            **{**told, "savings_units": values["savings_units"] or 0},
        )

    def _found(self, values: dict[str, Any]) -> FoundAgain | None:
        """What was found, where anything is recommended."""
        if not values.get("recommendation"):
            return None
        marks = {name: values.get(f"{MARK}{name}") for name in self.criteria}
        return FoundAgain(
            Outcome(values["recommendation"]),
            values["recommended_units"],
            {name: int(mark) if mark else None for name, mark in marks.items()},
            values["note"],
            values["reason"],
        )

    def success_url(self, result: Any) -> str:
        """The application's page."""
        return reverse("lending:application_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        if result.state == ApplicationState.APPRAISED:
            return _now("Application %(code)s is appraised.") % {"code": result.code}
        return _now("Application %(code)s waits for appraisal.") % {"code": result.code}
