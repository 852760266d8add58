"""Calls on who answers for a late loan: what would be called, what was, and what came in."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.lending.models import Guarantor, JointMember, Loan, SecurityCall
from handup.lending.rules.codes import LoanState, Method
from handup.lending.security_forms import CallForm, CallPaymentForm, WithdrawCallForm
from handup.lending.services import calling
from handup.lending.services import joint as services
from handup.lending.services.security import behind_loan
from handup.lending.views.steps import LoanForm
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.columns import State as Shown
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.org.web.refusals import message_of


def _call_state(row: SecurityCall) -> Shown:
    if row.withdrawn_date is not None:
        return Shown(_("Withdrawn"), Tone.PLAIN)
    if not calling.open_units(row):
        return Shown(_("Paid"), Tone.GOOD)
    late = row.due_date < timezone.localdate()
    return Shown(_("Past its day"), Tone.BAD) if late else Shown(_("Open"), Tone.WARN)


def call_table(staff: StaffUser, loan: Loan) -> Sequence[Table]:
    """The calls made for a loan, what came in on each: the payer's claim on the borrower."""
    rows = SecurityCall.objects.visible_to(staff).filter(loan=loan)
    rows = rows.select_related(
        "guarantor__person",
        "guarantor__organisation",
        "member__application__person",
        "member__application__enterprise",
        "member__application__group",
    ).prefetch_related("payments__event__reversed_by")
    if not rows:
        return ()
    columns = (
        Column("payer", _("Called"), Kind.LINK, url_name="lending:call_detail"),
        Column("called_date", _("On"), Kind.DATE),
        Column("due_date", _("To be paid by"), Kind.DATE),
        Column("units", _("Called for"), Kind.MONEY, currency=loan.currency),
        Column(
            "paid",
            _("Paid, owed to her"),
            Kind.MONEY,
            value=calling.paid_units,
            currency=loan.currency,
        ),
        Column("state", _("State"), value=_call_state),
    )
    return (Table(_("Calls on who answers for the loan"), columns, list(rows)),)


def may_be_called(staff: StaffUser, loan: Loan) -> bool:
    """Whether anybody the reader may see answers for this running loan who could be called."""
    if loan.state != LoanState.ACTIVE:
        return False
    guarantors = Guarantor.objects.visible_to(staff).filter(behind_loan(loan), released_date=None)
    members = JointMember.objects.visible_to(staff).filter(application__agreement__loan=loan)
    return guarantors.exists() or members.exists()


class CallSecurity(LoanForm):
    """Call who answers for a late loan."""

    form_class = CallForm
    permission = "lending.call_security"
    title = _("Call who answers for the loan")
    verb = _("Call them")
    reads_back = True
    template = "lending/call.html"

    @cached_property
    def wanted(self) -> calling.Demand | None:
        """What would be called today; nothing when nobody may be called."""
        try:
            return calling.demand(self.subject, timezone.localdate(), self.staff)
        except Refusal as refusal:
            self.why = message_of(refusal)
            return None

    why = ""

    def initial(self) -> dict[str, Any]:
        """Today, and two weeks to pay."""
        today = timezone.localdate()
        return {"called_date": today, "due_date": today + timedelta(days=14)}

    def context(self) -> dict[str, Any]:
        """Of whom how much."""
        wanted, currency = self.wanted, self.subject.currency
        if wanted is None:
            return {"why": self.why}
        named = [
            *(row.person_id for row, _units in wanted.guarantors),
            *(row.application.person_id for row, _units in wanted.members),
        ]
        reads.note(self.request, persons=[pk for pk in named if pk is not None], action="LIST")
        rows = [
            *((str(row), units) for row, units in wanted.guarantors),
            *((str(row.application.borrower), units) for row, units in wanted.members),
        ]
        columns = (
            Column("name", _("Called"), value=lambda row: row[0]),
            Column("units", _("For"), Kind.MONEY, value=lambda row: row[1], currency=currency),
        )
        empty = EmptyState(_("Nobody is left to call"), _("Every cap is reached."))
        table = Table(_("What would be called today"), columns, rows, empty)
        sums = {
            "shortfall": format_money(wanted.shortfall_units, currency),
            "left": format_money(wanted.uncalled_units, currency),
        }
        text = _now("Overdue and not yet called: %(shortfall)s. Nobody is called for: %(left)s.")
        return {"table": table, "says": text % sums}

    def perform(self, values: dict[str, Any]) -> Any:
        """Call them."""
        return services.call_security(
            acting_staff=self.staff, loan=self.subject, id=self.new_id, **values
        )


class CallPage(RecordPage):
    """One call: who, how much, what came in."""

    model = SecurityCall
    permission = "lending.view_security"
    related = (
        "loan__person",
        "loan__enterprise",
        "loan__group",
        "guarantor__person",
        "guarantor__organisation",
        "member__application__person",
        "called_by",
    )
    person_path = "loan__person_id"

    def header(self) -> Header:
        """Who is called, the payment as next step."""
        row = self.record
        pk = (row.pk,)
        open_one = calling.open_units(row) > 0
        pay = Action(_("Record payment"), "lending:call_payment", "lending.record_repayment", pk)
        withdraw = Action(
            _("Withdraw the call"), "lending:call_withdraw", "lending.call_security", pk
        )
        return Header(
            row.payer,
            format_money(row.units, row.loan.currency),
            state=_call_state(row),
            primary=pay if open_one else None,
            actions=(withdraw,) if open_one else (),
            crumbs=(Crumb(row.loan.code, reverse("lending:loan_detail", args=[row.loan_id])),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The call and the claim."""
        row = self.record
        guarantor = row.guarantor
        person = guarantor.person_id if guarantor is not None else row.member.application.person_id
        if person is not None:
            reads.note(self.request, persons=[person])

        def money(units: int) -> str:
            return format_money(units, row.loan.currency)

        return [
            FactGroup(
                _("Call"),
                [
                    Fact(_("Borrower"), row.loan.borrower),
                    Fact(_("Overdue then"), money(row.shortfall_units)),
                    Fact(_("Called for"), money(row.units)),
                    Fact(_("Called on"), row.called_date),
                    Fact(_("To be paid by"), row.due_date),
                    Fact(_("Called by"), row.called_by),
                    Fact(_("Reason"), row.reason),
                    Fact(_("Paid so far"), money(calling.paid_units(row))),
                    Fact(
                        _("The borrower owes it back to"),
                        row.payer if calling.paid_units(row) else "",
                    ),
                    Fact(_("Withdrawn on"), row.withdrawn_date),
                ],
            )
        ]


class CallStep(FormPage):
    """A step on one call; afterwards its page."""

    subject_model = SecurityCall

    def success_url(self, result: Any) -> str:
        """The call's page."""
        return reverse("lending:call_detail", args=[self.subject.pk])


class PayCall(CallStep):
    """Money came in on a call."""

    form_class = CallPaymentForm
    permission = "lending.record_repayment"
    title = _("Record what was paid on the call")
    verb = _("Record payment")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency."""
        return {"currency": self.subject.loan.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_call_payment(
            acting_staff=self.staff,
            call=self.subject,
            id=self.new_id,
            **{**values, "method": Method(values["method"])},
        )


class WithdrawCall(CallStep):
    """A call is taken back."""

    form_class = WithdrawCallForm
    permission = "lending.call_security"
    title = _("Withdraw the call")
    verb = _("Withdraw the call")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"withdrawn_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.withdraw_call(acting_staff=self.staff, call=self.subject, **values)
