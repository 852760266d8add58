"""Pages of money before its time, and of charges, waivers and refunds of one loan."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import Component, EarlyEffect
from handup.kernel.credit.payoff import Payoff
from handup.kernel.errors import Refusal
from handup.lending import charge_forms, services
from handup.lending.models import Loan, LoanProposal, PayoffQuote
from handup.lending.models.labels import COMPONENTS
from handup.lending.rules.codes import EventKind, Method
from handup.lending.services.charges import WAIVABLE, unpaid_of
from handup.lending.services.payoff import payoff_of
from handup.lending.services.withdrawal import fees_back, may_withdraw_until, withdrawal_of
from handup.lending.views.steps import DatedForm, LoanForm, ReversePage
from handup.org import reads
from handup.org.web.columns import Column, Kind
from handup.org.web.lists import Action
from handup.org.web.money import as_decimal, format_day, format_money
from handup.org.web.pages import Fact, FactGroup, Header, PaperPage, Table

DAYS_AHEAD = timedelta(days=7)


def payoff_facts(parts: Payoff, currency: str) -> list[Fact]:
    """The parts of what closes a loan, and their sum."""
    named = (
        (_("Principal"), parts.principal),
        (_("Interest"), parts.interest),
        (_("Fees"), parts.fee),
        (_("Penalties"), parts.penalty),
    )
    found = [Fact(label, format_money(units, currency)) for label, units in named if units]
    return [*found, Fact(_("To be paid in all"), format_money(parts.total, currency))]


def day_asked(request: HttpRequest) -> date:
    """The day an address names, else today."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate()


class MoneyForm(LoanForm):
    """A step of one loan that names an amount in its currency."""

    template = "lending/change_form.html"
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The loan's currency."""
        return {**super().form_options(), "currency": self.subject.currency}

    def money(self, units: int) -> str:
        """An amount of the loan in words."""
        return format_money(units, self.subject.currency)

    def context(self) -> dict[str, Any]:
        """Which loan, whose, and what else there is to know."""
        loan = self.subject
        if loan.person_id is not None:
            reads.note(self.request, persons=[loan.person_id], highest="P")
        facts = [
            Fact(_("Borrower"), loan.borrower),
            Fact(_("Outstanding"), self.money(loan.principal_units)),
        ]
        group = FactGroup(_now("Loan %(code)s") % {"code": loan.code}, facts)
        return {"says": [group, *self.says()]}

    def says(self) -> Sequence[FactGroup]:
        """What else there is to know before it is done."""
        return ()

    def typed(self, units: int) -> str:
        """An amount as it is typed."""
        return str(as_decimal(units, self.subject.currency))


class QuotePayoff(LoanForm):
    """Tell the borrower what closes her loan."""

    form_class = charge_forms.QuoteForm
    permission = "lending.quote_payoff"
    title = _("Quote what pays the loan off")
    verb = _("Make the quote")

    def initial(self) -> dict[str, Any]:
        """A week ahead, in the language of the agreement."""
        signed = self.subject.agreement
        language = signed.language if signed is not None else get_language()
        return {"valid_date": timezone.localdate() + DAYS_AHEAD, "language": language}

    def perform(self, values: dict[str, Any]) -> Any:
        """Quote."""
        return services.quote_payoff(
            acting_staff=self.staff,
            loan=self.subject,
            quoted_date=timezone.localdate(),
            id=self.new_id,
            **values,
        )

    def success_url(self, result: Any) -> str:
        """The paper."""
        return reverse("lending:payoff_paper", args=[result.pk])


class PayOffLoan(MoneyForm, DatedForm):
    """Money came in that closes the loan."""

    form_class = charge_forms.PayOffForm
    permission = "lending.record_repayment"
    title = _("Pay the loan off")
    verb = _("Record the payoff")
    kind = EventKind.PAID_OFF
    record = staticmethod(services.pay_off_loan)

    @property
    def day(self) -> date:
        """The day asked for, today unless the address says another."""
        return day_asked(self.request)

    @cached_property
    def parts(self) -> Payoff | Refusal:
        """What closes the loan on that day, or why nothing does."""
        try:
            return payoff_of(self.subject, self.day)
        except Refusal as refusal:
            return refusal

    def initial(self) -> dict[str, Any]:
        """What closes it today."""
        found: dict[str, Any] = {"value_date": self.day}
        if isinstance(self.parts, Payoff):
            found["units"] = self.typed(self.parts.total)
        quote = self.request.GET.get("quote")
        return {**found, "quote": quote} if quote else found

    def context(self) -> dict[str, Any]:
        """The day it is worked out for."""
        return {**super().context(), "day": self.day}

    def says(self) -> Sequence[FactGroup]:
        """The parts of it."""
        if not isinstance(self.parts, Payoff):
            return ()
        title = _now("On %(day)s") % {"day": format_day(self.day)}
        return [FactGroup(title, payoff_facts(self.parts, self.subject.currency))]

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """With the quote it was paid on, if any."""
        quote = values.pop("quote")
        rows: QuerySet[PayoffQuote] = PayoffQuote.objects.filter(loan=self.subject, pk=quote)
        return {**super().told(values), "quote": rows.first()}

    def success_url(self, result: Any) -> str:
        """The payment, with its receipt; the loan while it waits."""
        if isinstance(result, LoanProposal):
            return super().success_url(result)
        return reverse("lending:event_detail", args=[result.pk])

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The loan is paid off.")


class WithdrawLoan(MoneyForm, DatedForm):
    """The borrower gives the loan back."""

    form_class = charge_forms.WithdrawForm
    permission = "lending.withdraw_loan"
    title = _("Record that the borrower withdraws")
    intro = _("She pays back what was lent and the interest to the day; the loan ends.")
    verb = _("Record the withdrawal")
    kind = EventKind.WITHDRAWN
    record = staticmethod(services.withdraw_loan)

    @property
    def day(self) -> date:
        """The day asked for, today unless the address says another."""
        return day_asked(self.request)

    @cached_property
    def parts(self) -> Payoff | Refusal:
        """What she gives back on that day, or why she may not."""
        try:
            return withdrawal_of(self.subject, self.day)
        except Refusal as refusal:
            return refusal

    @cached_property
    def back(self) -> int:
        """What of her fees comes back."""
        return fees_back(self.subject, self.day).total

    def initial(self) -> dict[str, Any]:
        """What it takes today."""
        found: dict[str, Any] = {"value_date": self.day}
        if isinstance(self.parts, Payoff):
            found["units"] = self.typed(self.parts.total - self.back)
        return found

    def context(self) -> dict[str, Any]:
        """The day it is worked out for."""
        return {**super().context(), "day": self.day}

    def says(self) -> Sequence[FactGroup]:
        """The parts of it, and until when she may."""
        if not isinstance(self.parts, Payoff):
            return [FactGroup(_("Not possible"), [Fact(_("Why"), str(self.parts))])]
        title = _now("On %(day)s") % {"day": format_day(self.day)}
        facts = payoff_facts(self.parts, self.subject.currency)
        if self.back:
            currency = self.subject.currency
            facts.append(Fact(_("Fees given back"), format_money(self.back, currency)))
            handed = format_money(self.parts.total - self.back, currency)
            facts.append(Fact(_("To be handed over"), handed))
        facts.append(Fact(_("The borrower may withdraw until"), may_withdraw_until(self.subject)))
        return [FactGroup(title, facts)]

    def success_url(self, result: Any) -> str:
        """The payment, with its receipt; the loan while it waits."""
        if isinstance(result, LoanProposal):
            return super().success_url(result)
        return reverse("lending:event_detail", args=[result.pk])

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("The loan is given back and cancelled.")


class PayEarly(MoneyForm, DatedForm):
    """Money came in before it was due."""

    form_class = charge_forms.EarlyForm
    permission = "lending.record_repayment"
    title = _("Record money paid early")
    intro = _("It changes the instalments to come, from the day it was paid.")
    verb = _("Record it")
    kind = EventKind.EARLY_REPAID
    record = staticmethod(services.record_early_repayment)

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """With what becomes of the instalments to come."""
        effect = values.pop("effect")
        return {**super().told(values), "effect": EarlyEffect(effect) if effect else None}

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("It is recorded; the schedule counts from that day.")


class ChargeLoan(MoneyForm, DatedForm):
    """Ask a fee or a penalty by hand."""

    form_class = charge_forms.ChargeForm
    permission = "lending.charge_loan"
    title = _("Charge a fee or a penalty")
    verb = _("Charge it")
    kind = EventKind.CHARGED
    record = staticmethod(services.charge_loan)

    def initial(self) -> dict[str, Any]:
        """Today."""
        today = timezone.localdate()
        return {"value_date": today, "due_date": today}

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """With which of them it is."""
        return {**values, "component": Component(values["component"])}

    def recorded_message(self) -> str:
        """Said when it is stored."""
        return _now("It is charged, and stands in the schedule.")


class ProposeWaiver(MoneyForm):
    """Propose to let go of unpaid interest, fees or penalties."""

    form_class = charge_forms.WaiverForm
    permission = "lending.propose_waiver"
    title = _("Propose a waiver")
    intro = _("Somebody else decides. Principal is never waived.")
    verb = _("Propose it")

    @cached_property
    def unpaid(self) -> dict[Component, int]:
        """What is unpaid of each today."""
        today = timezone.localdate()
        return {part: unpaid_of(self.subject, part, today) for part in WAIVABLE}

    def initial(self) -> dict[str, Any]:
        """The first part of which anything is unpaid."""
        first = next((part for part, units in self.unpaid.items() if units), None)
        return {} if first is None else {"component": first.value}

    def says(self) -> Sequence[FactGroup]:
        """What is unpaid of each."""
        labels = dict(COMPONENTS)
        facts = [Fact(labels[part.value], self.money(units)) for part, units in self.unpaid.items()]
        return [FactGroup(_("Unpaid today, due or not"), facts)]

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        return services.propose_waiver(
            acting_staff=self.staff,
            loan=self.subject,
            proposed_date=timezone.localdate(),
            id=self.new_id,
            **{**values, "component": Component(values["component"])},
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("It waits for somebody else to decide.")


class ProposeRefund(MoneyForm):
    """Propose to hand overpaid money back."""

    form_class = charge_forms.RefundForm
    permission = "lending.propose_refund"
    title = _("Hand overpaid money back")
    intro = _("Somebody else approves it and hands it out.")
    verb = _("Propose it")

    def initial(self) -> dict[str, Any]:
        """All of it."""
        return {"units": self.typed(self.subject.overpaid_units)}

    def says(self) -> Sequence[FactGroup]:
        """How much lies with us."""
        fact = Fact(_("More than was owed"), self.money(self.subject.overpaid_units))
        return [FactGroup(_("With us today"), [fact])]

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose."""
        return services.propose_refund(
            acting_staff=self.staff,
            loan=self.subject,
            proposed_date=timezone.localdate(),
            id=self.new_id,
            **{**values, "method": Method(values["method"])},
        )

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("It waits for somebody else to hand it out.")


class ReverseEvent(ReversePage):
    """Take back what was not a payment."""

    permission = "lending.view_borrower"
    title = _("Reverse what was done")
    intro = _("It stays visible; everything after it is worked out anew.")
    verb = _("Reverse it")
    reverse = staticmethod(services.reverse_loan_event)


def quote_table(loan: Loan) -> Sequence[Table]:
    """The quotes that were made, the newest first."""
    rows = list(loan.payoff_quotes.select_related("quoted_by"))
    if not rows:
        return ()
    columns = (
        Column("valid_date", _("To be paid by"), Kind.DATE),
        Column(
            "total_units",
            _("Pays the loan off"),
            Kind.MONEY,
            currency=loan.currency,
            href=lambda row: reverse("lending:payoff_paper", args=[row.pk]),
        ),
        Column("quoted_date", _("Made on"), Kind.DATE),
        Column("quoted_by.display_name", _("By")),
    )
    return (Table(_("Quotes of the payoff"), columns, rows),)


class PayoffPaper(PaperPage):
    """What closes a loan, as it is handed to the borrower in her language."""

    model = PayoffQuote
    permission = "lending.view_borrower"
    related = ("loan__person", "loan__enterprise", "loan__group", "loan__lender", "quoted_by")
    person_path = "loan__person_id"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The whole paper in the language it was asked in."""
        quote = PayoffQuote.objects.filter(pk=kwargs["pk"]).only("language").first()
        with translation.override(quote.language if quote is not None else get_language()):
            return super().get(request, *args, **kwargs)

    def header(self) -> Header:
        """Loan, and the amount."""
        quote = self.record
        pay = Action(
            _("Record the payoff"),
            permission="lending.record_repayment",
            href=f"{reverse('lending:pay_off_loan', args=[quote.loan_id])}?quote={quote.pk}",
        )
        return Header(
            _now("Paying off loan %(code)s") % {"code": quote.loan.code},
            format_money(quote.total_units, quote.loan.currency),
            actions=(pay,),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who, how much, until when."""
        quote, loan = self.record, self.record.loan
        parts = Payoff(
            quote.principal_units, quote.interest_units, quote.fee_units, quote.penalty_units
        )
        return [
            FactGroup(
                _("Loan"),
                [
                    Fact(_("Borrower"), loan.borrower),
                    Fact(_("Lender"), loan.lender),
                    Fact(_("Made on"), quote.quoted_date),
                    Fact(_("By"), quote.quoted_by),
                ],
            ),
            FactGroup(_("What pays the loan off"), payoff_facts(parts, loan.currency)),
            FactGroup(
                _("Until when"),
                [
                    Fact(
                        _("To be paid by"),
                        quote.valid_date,
                        hint=_("Later it is more: ask for a new quote."),
                    ),
                    Fact(
                        _("Paid sooner"),
                        _("It costs less; what you paid too much is given back."),
                    ),
                ],
            ),
        ]

    def context(self) -> dict[str, Any]:
        """The quote's own number proves it."""
        return {"code": str(self.record.pk)}
