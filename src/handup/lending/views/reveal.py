"""Account numbers of others: closed on every page, shown one at a time to who says what for.
Each look is written into the read log and counted.
"""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan, PaymentOrder, StatementLine
from handup.org import limits, reads
from handup.org.permissions import may
from handup.org.web.forms import FormPage, HouseForm

SEES = "lending.view_loan_account"
CLOSED = "•••"


class RevealAccountForm(HouseForm):
    """Why an account number is needed; it is written into the read log."""

    PURPOSES = (
        ("PAY", _("to pay it out")),
        ("MATCH", _("to find whose money it is")),
        ("ANSWER", _("to answer the bank")),
        ("CORRECT", _("to correct it")),
    )
    purpose = forms.ChoiceField(label=_("Why do you need it?"), choices=PURPOSES)


def closed(number: str) -> str:
    """How a number stands on a page: that there is one, not which."""
    return CLOSED if number else ""


def reveal_href(staff: Any, name: str, pk: UUID, number: str) -> str:
    """The way to the number; none where there is none, or for who may not see it."""
    if not number or not may(staff, SEES):
        return ""
    return reverse(f"lending:{name}", args=[pk])


class RevealAccount(FormPage):
    """Ask why an account number is needed, write it down, then show it once."""

    form_class = RevealAccountForm
    permission = SEES
    title = _("Show the account number")
    verb = _("Show it")
    number: ClassVar[str] = ""
    back: ClassVar[str] = ""

    def loan(self) -> Loan | None:
        """Whose account it is, as far as it is known."""
        return getattr(self.subject, "loan", None)

    def back_url(self) -> str:
        """The page it was closed on."""
        return reverse(f"lending:{self.back}", args=[self.subject.pk])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show it, once the purpose is known."""
        form = self.form_class(request.POST)
        if not form.is_valid():
            self.new_id = self.subject.pk
            return self._show(form)
        limits.require_within(request, "reveal")
        loan = self.loan()
        known = loan is not None and loan.person_id is not None
        reads.note(
            request,
            persons=[loan.person_id] if loan is not None and known else [],
            action="REVEAL",
            highest="S",
            purpose=form.cleaned_data["purpose"],
        )
        context: Mapping[str, Any] = {
            "title": _("Account number"),
            "value": getattr(self.subject, self.number),
            "back": self.back_url(),
        }
        answer: HttpResponse = render(request, "lending/revealed.html", dict(context))
        return answer


class RevealOrderAccount(RevealAccount):
    """The account a payment order pays to."""

    subject_model = PaymentOrder
    number = "creditor_account"

    def back_url(self) -> str:
        """The file it is in."""
        return reverse("lending:payments_detail", args=[self.subject.batch_id])


class RevealLineAccount(RevealAccount):
    """The account of the other side of a line nothing explained."""

    subject_model = StatementLine
    number = "payer_account"
    back = "bank_line"
