"""Forms of payslips: deductions, a period drafted, approved, paid, dropped and taken back."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import (
    Deduction,
    InternalLoan,
    Member,
    Payslip,
    PayslipRun,
    Producer,
)
from handup.groups.models.dues import Place
from handup.groups.models.payslips import DeductionKind
from handup.groups.rules.money import LOAN
from handup.groups.services import deductions, paying, payslips
from handup.groups.views.bulk_forms import CancelForm, CurrencyForm
from handup.groups.views.collection import note_producers, producers_seen
from handup.groups.views.dues import DayForm
from handup.groups.views.members_seen import note_members
from handup.groups.views.payslips import REVERSE
from handup.groups.views.ruling import OfGroup, offer
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.money import format_money


class OfPayslips(OfGroup):
    """A form about the payslips of a group."""

    permission = deductions.DRAFT

    def success_url(self, result: Any) -> str:
        """The payslips of the group."""
        return reverse("groups:payslips", args=[self.subject.pk])


class DeductionForm(CurrencyForm):
    """What is taken off whose payslips."""

    producer = forms.ModelChoiceField(label=_("Producer"), queryset=Producer.objects.none())
    kind = forms.ChoiceField(label=_("For"), choices=DeductionKind.choices)
    loan = forms.ChoiceField(
        label=_("Which loan?"),
        required=False,
        help_text=_("Only where a loan is repaid."),
    )
    units = MoneyField(label=_("Amount in all"))
    on = DayField(label=_("Since"))

    def __init__(self, *args: Any, producers: Any, loans: Any, **options: Any) -> None:
        """Offer producers and their loans."""
        super().__init__(*args, **options)
        offer(self, "producer", producers)
        self.loans = {str(row.pk): row for row in loans}
        words = [
            (pk, f"{row.member} · {format_money(row.principal_units, row.group.currency)}")
            for pk, row in self.loans.items()
        ]
        chosen = self.fields["loan"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", "\u2013"), *words]

    def clean_loan(self) -> InternalLoan | None:
        """The loan itself."""
        return self.loans.get(str(self.cleaned_data["loan"]))


class RecordDeduction(OfPayslips):
    """Write down what is taken off a producer's payslips."""

    form_class = DeductionForm
    title = _("Write down a deduction")
    intro = _("Taken off her payslips until it is paid; what one cannot bear is carried.")
    verb = _("Write down")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Whom the reader may see."""
        rows = producers_seen(self.staff, self.subject, delivering=True)
        note_producers(self.request, rows)
        members = [row.member_id for row in rows if row.member_id]
        persons = [row.person_id for row in rows if row.person_id]
        loans = InternalLoan.objects.visible_to(self.staff).filter(
            Q(member__in=members) | Q(member__person__in=persons),
            group=self.subject,
            fund=LOAN,
            status="OPEN",
        )
        return {
            "producers": Producer.objects.filter(pk__in=[row.pk for row in rows]).select_related(
                "person", "member__member_group"
            ),
            "loans": loans.select_related("member__person", "member__member_group", "group"),
            "currency": self.subject.currency,
        }

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        values["kind"] = DeductionKind(values["kind"])
        return deductions.record_deduction(acting_staff=self.staff, id=self.new_id, **values)


class TakeBackDeduction(FormPage):
    """Take a deduction back of which nothing was taken yet."""

    form_class = DayForm
    permission = REVERSE
    subject_model: ClassVar[Any] = Deduction
    subject: Any
    person_path = "producer__person_id"
    title = _("Take a deduction back")
    verb = _("Take back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return deductions.take_back_deduction(
            acting_staff=self.staff, deduction=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """The payslips of the group."""
        return reverse("groups:payslips", args=[self.subject.group_id])


class PeriodForm(HouseForm):
    """The days of a period."""

    from_date = DayField(label=_("From"))
    to_date = DayField(label=_("Until"))


class DraftPayslips(OfPayslips):
    """Draft the payslips of a period."""

    form_class = PeriodForm
    title = _("Draft the payslips")
    intro = _("Every delivery until the last day that is on no payslip yet. Nothing is posted.")
    verb = _("Draft them")

    def initial(self) -> dict[str, Any]:
        """The next period."""
        first, last = payslips.next_period(self.subject, timezone.localdate())
        return {"from_date": first, "to_date": last}

    def perform(self, values: dict[str, Any]) -> Any:
        """Draft them."""
        return payslips.draft_payslips(
            acting_staff=self.staff, group=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The period."""
        return reverse("groups:payslip_run", args=[result.pk])


class OfRun(FormPage):
    """A form about the payslips of one period; it goes back to their page."""

    subject_model: ClassVar[Any] = PayslipRun
    subject: Any

    def initial(self) -> dict[str, Any]:
        """Today, at the box."""
        return {"on": timezone.localdate(), "place": Place.BOX.value}

    def success_url(self, result: Any) -> str:
        """The period."""
        return reverse("groups:payslip_run", args=[self.subject.pk])


class ApprovalForm(DayForm):
    """Which officer."""

    member = forms.ModelChoiceField(label=_("Which officer?"), queryset=Member.objects.none())

    def __init__(self, *args: Any, officers: Any, **options: Any) -> None:
        """Offer who holds an office."""
        super().__init__(*args, **options)
        offer(self, "member", officers)


class ApprovePayslips(OfRun):
    """Record that an officer approved."""

    form_class = ApprovalForm
    permission = payslips.APPROVE
    title = _("Record an approval")
    intro = _("Two officers approve each payslip, nobody for himself. The second one posts them.")
    verb = _("Record the approval")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Officers of today, as far as the reader may see them."""
        group = self.subject.group
        held = payslips.officers_on(group, timezone.localdate())
        rows = Member.objects.visible_to(self.staff).filter(group=group, pk__in=held)
        rows = rows.select_related("person", "member_group").order_by("member_no")
        note_members(self.request, rows)
        return {"officers": rows}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return payslips.approve_payslips(acting_staff=self.staff, run=self.subject, **values)


class NothingForm(HouseForm):
    """Nothing more is asked."""


class DropPayslips(OfRun):
    """Drop a draft."""

    form_class = NothingForm
    permission = deductions.DRAFT
    title = _("Drop the draft")
    intro = _("Its deliveries wait for the next payslips.")
    verb = _("Drop it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Drop it."""
        return payslips.drop_payslips(acting_staff=self.staff, run=self.subject)


class TakeBackPayslips(OfRun):
    """Take approved payslips back."""

    form_class = DayForm
    permission = REVERSE
    title = _("Take payslips back")
    intro = _("Only while nobody was paid. Their deliveries wait for the next payslips.")
    verb = _("Take back")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Take them back."""
        return payslips.take_back_payslips(acting_staff=self.staff, run=self.subject, **values)


class PayForm(CancelForm):
    """When, and from where it is paid."""


class PayPayslips(OfRun):
    """Pay everybody of a period."""

    form_class = PayForm
    permission = paying.PAY
    title = _("Pay everybody")
    intro = _("Everybody of the period who was not paid yet.")
    verb = _("Pay")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay them."""
        values["place"] = Place(values["place"])
        return paying.pay_all(acting_staff=self.staff, run=self.subject, **values)


class OfSlip(FormPage):
    """A form about one payslip; it goes back to its page."""

    subject_model: ClassVar[Any] = Payslip
    subject: Any
    person_path = "producer__person_id"
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today, at the box."""
        return {"on": timezone.localdate(), "place": Place.BOX.value}

    def lead(self) -> Any:
        """How much."""
        return format_money(self.subject.net_units, self.subject.run.group.currency)

    def success_url(self, result: Any) -> str:
        """The payslip."""
        return reverse("groups:payslip", args=[self.subject.pk])


class PayPayslip(OfSlip):
    """Pay a producer."""

    form_class = PayForm
    permission = paying.PAY
    title = _("Pay a payslip")
    verb = _("Pay")

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay her."""
        values["place"] = Place(values["place"])
        return paying.pay_payslip(acting_staff=self.staff, slip=self.subject, **values)


class TakeBackPayment(OfSlip):
    """Take a payment back."""

    form_class = DayForm
    permission = REVERSE
    title = _("Take the payment back")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return paying.take_back_payment(acting_staff=self.staff, slip=self.subject, **values)
