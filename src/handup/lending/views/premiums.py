"""Premiums owed to insurers: what is due to whom, put together, handed on, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import MoneyOfForm, ReasonForm
from handup.lending.guarantee_forms import PayGuaranteeForm
from handup.lending.models import Lender, PremiumPayment
from handup.lending.nameless import hide_names, shown
from handup.lending.rules.codes import Method
from handup.lending.services import premiums as services
from handup.org import reads
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import EmptyState
from handup.org.web.money import as_decimal, format_day, format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.projects.models import Organisation


@dataclass(frozen=True, slots=True)
class DueLine:
    """What is due of one fee, and to whom."""

    fee_code: str
    insurer: Any
    loans: int
    units: int
    first: date | None


def due_lines(lender: Lender) -> list[DueLine]:
    """What is due of each fee of a lender's loans today."""
    named = services.insurers_of(lender)
    by_code: dict[str, list[services.Premium]] = {code: [] for code in named}
    for item in services.premiums_due(lender):
        by_code.setdefault(item.fee_code, []).append(item)
    return [
        DueLine(
            code,
            named[code].organisation if code in named else None,
            len(items),
            sum(item.units for item in items),
            min((item.disbursed_date for item in items), default=None),
        )
        for code, items in sorted(by_code.items())
    ]


def payment_state(row: PremiumPayment) -> State:
    """Where a payment to an insurer stands."""
    if row.taken_back_date is not None:
        return State(_("Taken back"), Tone.PLAIN)
    if row.paid_date is not None:
        return State(_("Handed on"), Tone.GOOD)
    return State(_("Waits for another person"), Tone.WARN)


class PremiumsPage(RecordPage):
    """Of one lender: what is due to which insurer, and what was handed on."""

    model = Lender
    permission = "lending.view_premium"
    related = ("book",)

    def header(self) -> Header:
        """The lender, and the next steps."""
        pk = (self.record.pk,)
        return Header(
            _("Premiums owed to insurers"),
            self.record.name,
            primary=Action(
                _("Put together a payment"),
                "lending:premiums_prepare",
                "lending.prepare_premiums",
                pk,
            ),
            actions=(
                Action(
                    _("Say who the insurer is"),
                    "lending:premium_insurer",
                    "lending.name_insurer",
                    pk,
                ),
            ),
            crumbs=(Crumb(self.record.name, reverse("lending:lender_detail", args=pk)),),
        )

    def tables(self) -> Sequence[Table]:
        """Due, and handed on."""
        money = self.record.currency
        rows = self.record.premium_payments.select_related("insurer", "prepared_by", "paid_by")
        due = Table(
            _("Due now"),
            (
                Column("fee_code", _("Premium")),
                Column(
                    "insurer",
                    _("Insurer"),
                    value=lambda line: line.insurer or _("not named yet"),
                ),
                Column("loans", _("Loans"), Kind.NUMBER),
                Column("first", _("Oldest pay-out"), Kind.DATE),
                Column("units", _("Due"), Kind.MONEY, currency=money),
            ),
            due_lines(self.record),
            EmptyState(_("Nothing is due"), _("No loan holds a premium that is owed on.")),
        )
        paid = Table(
            _("Payments to insurers"),
            (
                Column(
                    "through_date",
                    _("Of loans paid out until"),
                    Kind.LINK,
                    value=lambda row: format_day(row.through_date),
                    url_name="lending:premium_payment",
                ),
                Column("insurer", _("Insurer"), value=lambda row: str(row.insurer)),
                Column("units", _("Amount"), Kind.MONEY, currency=money),
                Column("paid_date", _("Handed on"), Kind.DATE),
                Column("state", _("State"), Kind.STATE, value=payment_state),
            ),
            rows,
            EmptyState(_("Nothing handed on yet"), _("A payment is put together first.")),
        )
        return [due, paid]


class PremiumPaymentPage(RecordPage):
    """One payment to an insurer, loan by loan."""

    model = PremiumPayment
    permission = "lending.view_premium"
    related = ("lender", "insurer", "prepared_by", "paid_by", "taken_back_by")

    def header(self) -> Header:
        """How much to whom, and the next step."""
        row, pk = self.record, (self.record.pk,)
        waits = row.paid_date is None and row.taken_back_date is None
        pay = Action(_("Hand it on"), "lending:premiums_pay", "lending.pay_premiums", pk)
        code = "lending.prepare_premiums" if waits else "lending.pay_premiums"
        back = Action(_("Take back"), "lending:premiums_back", code, pk)
        page = reverse("lending:lender_premiums", args=[row.lender_id])
        return Header(
            format_money(row.units, row.currency),
            str(row.insurer),
            state=payment_state(row),
            primary=pay if waits else None,
            actions=(back,) if row.taken_back_date is None else (),
            crumbs=(Crumb(_("Premiums owed to insurers"), page),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who did what when."""
        row = self.record
        return [
            FactGroup(
                _("Payment"),
                [
                    Fact(_("Of loans paid out until"), row.through_date),
                    Fact(_("Put together on"), row.prepared_date),
                    Fact(_("Put together by"), row.prepared_by),
                    Fact(_("Handed on"), row.paid_date),
                    Fact(_("Handed on by"), row.paid_by),
                    Fact(_("How"), row.get_method_display()),
                    Fact(_("Reference"), row.reference),
                    Fact(_("Taken back on"), row.taken_back_date),
                    Fact(_("Reason"), row.reason),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Each loan with its premium, as far as the reader may see it."""
        lines = self.record.lines.visible_to(self.staff).select_related(
            "loan__person", "loan__enterprise", "loan__group"
        )
        found = list(lines)
        persons = [line.loan.person_id for line in found if line.loan.person_id is not None]
        hide_names(self.staff, [line.loan for line in found])
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        columns = (
            Column(
                "loan",
                _("Loan"),
                Kind.LINK,
                value=lambda line: line.loan.code,
                href=lambda line: reverse("lending:loan_detail", args=[line.loan_id]),
            ),
            Column("borrower", _("Borrower"), value=lambda line: shown(line.loan)),
            Column("fee_code", _("Premium")),
            Column("paid_out", _("Paid out"), Kind.DATE, value=_paid_out),
            Column("units", _("Amount"), Kind.MONEY, currency=self.record.currency),
        )
        return [Table(_("Loans"), columns, found)]


def _paid_out(line: Any) -> Any:
    return line.loan.disbursed_date


class InsurerForm(HouseForm):
    """To whom the premiums of a fee are owed."""

    fee_code = forms.ChoiceField(label=_("Premium"))
    insurer = forms.ModelChoiceField(label=_("Insurer"), queryset=Organisation.objects.none())

    def __init__(self, *args: Any, codes: Sequence[str], insurers: Any, **options: Any) -> None:
        """Offer the premiums there are, and the organisations the reader may see."""
        super().__init__(*args, **options)
        fee, insurer = self.fields["fee_code"], self.fields["insurer"]
        assert isinstance(fee, forms.ChoiceField)
        assert isinstance(insurer, forms.ModelChoiceField)
        fee.choices = [(code, code) for code in codes]
        insurer.queryset = insurers


class PrepareForm(MoneyOfForm):
    """What is put together for an insurer."""

    insurer = forms.ModelChoiceField(label=_("Insurer"), queryset=Organisation.objects.none())
    through_date = DayField(label=_("Of loans paid out until"))
    units = MoneyField(
        label=_("Amount"), help_text=_("As it is due; another amount is refused by name.")
    )

    def __init__(self, *args: Any, insurers: Any, **options: Any) -> None:
        """Offer the insurers of this lender."""
        super().__init__(*args, **options)
        insurer = self.fields["insurer"]
        assert isinstance(insurer, forms.ModelChoiceField)
        insurer.queryset = insurers


class LenderStep(FormPage):
    """A step on the premiums of one lender."""

    subject_model = Lender

    def success_url(self, result: Any) -> str:
        """The premiums of the lender."""
        return reverse("lending:lender_premiums", args=[self.subject.pk])


class NameInsurer(LenderStep):
    """Say to whom premiums are owed."""

    form_class = InsurerForm
    permission = "lending.name_insurer"
    title = _("Say who the insurer is")
    intro = _("What is not handed on yet is owed to this insurer too.")
    verb = _("Keep it")

    def form_options(self) -> dict[str, Any]:
        """The premiums of this lender's products."""
        return {
            "codes": services.fee_codes(self.subject),
            "insurers": Organisation.objects.visible_to(self.staff),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.name_insurer(
            acting_staff=self.staff, lender=self.subject, id=self.new_id, **values
        )


class PreparePremiums(LenderStep):
    """Put together what is due to an insurer."""

    form_class = PrepareForm
    permission = "lending.prepare_premiums"
    title = _("Put together a payment to an insurer")
    intro = _("Another person hands it on.")
    verb = _("Put it together")
    reads_back = True

    @cached_property
    def lines(self) -> list[DueLine]:
        """What is due today."""
        return due_lines(self.subject)

    def form_options(self) -> dict[str, Any]:
        """The insurers that were named."""
        named = {line.insurer.pk for line in self.lines if line.insurer is not None}
        return {
            "currency": self.subject.currency,
            "insurers": Organisation.objects.filter(pk__in=named),
        }

    def initial(self) -> dict[str, Any]:
        """All that is due today, where it is due to one insurer."""
        found: dict[str, Any] = {"through_date": timezone.localdate()}
        insurers = {line.insurer for line in self.lines if line.insurer is not None}
        if len(insurers) == 1:
            found["insurer"] = insurers.pop().pk
            units = sum(line.units for line in self.lines if line.insurer is not None)
            found["units"] = str(as_decimal(units, self.subject.currency)) if units > 0 else ""
        return found

    def lead(self) -> str:
        """What is due to whom."""
        money = self.subject.currency
        return "; ".join(
            f"{line.insurer or _now('not named yet')}: {format_money(line.units, money)}"
            for line in self.lines
        )

    def perform(self, values: dict[str, Any]) -> Any:
        """Put it together."""
        return services.prepare_premiums(
            acting_staff=self.staff, lender=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The payment's page."""
        return reverse("lending:premium_payment", args=[result.pk])


class PaymentStep(FormPage):
    """A step on one payment; afterwards its page."""

    subject_model = PremiumPayment

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def subject_name(self) -> str:
        """How much to whom."""
        units = format_money(self.subject.units, self.subject.currency)
        return f"{self.subject.insurer}: {units}"

    def success_url(self, result: Any) -> str:
        """The payment's page."""
        return reverse("lending:premium_payment", args=[self.subject.pk])


class PayPremiums(PaymentStep):
    """Hand premiums on."""

    form_class = PayGuaranteeForm
    permission = "lending.pay_premiums"
    title = _("Hand premiums on to the insurer")
    verb = _("Record the payment")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Hand them on."""
        told = {**values, "method": Method(values["method"])}
        return services.pay_premiums(acting_staff=self.staff, payment=self.subject, **told)


class TakeBackPremiums(PaymentStep):
    """Take a payment to an insurer back."""

    form_class = ReasonForm
    permission = "lending.prepare_premiums"
    title = _("Take back")
    intro = _("The premiums are due again.")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_premiums(acting_staff=self.staff, payment=self.subject, **values)
