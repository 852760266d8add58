"""Files of payment orders: drafted from signed loans, checked, released, fetched, answered."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.lending import services
from handup.lending.bank_shown import hidden_rows, persons_of, without_hidden
from handup.lending.bankforms import (
    AnswerForm,
    NothingMoreForm,
    PaymentsForm,
    PerhapsReasonForm,
    ReasonOnlyForm,
)
from handup.lending.models import BankAccount, Loan, LoanTranche, PaymentBatch, PaymentOrder
from handup.lending.models.banklabels import BATCH_STATES
from handup.lending.nameless import named_only
from handup.lending.rules.banking.codes import BatchState, OrderState
from handup.lending.services.payments import CANCELLABLE, SENT, payable
from handup.lending.services.tranches import next_parts
from handup.lending.uploads import bank_message
from handup.lending.views.funds import fund_name
from handup.lending.views.reveal import closed, reveal_href
from handup.lending.views.statements import accounts
from handup.org import reads
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Tone,
    Total,
)
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State, Table

TONES = {
    BatchState.CONFIRMED.value: Tone.GOOD,
    BatchState.ACCEPTED.value: Tone.GOOD,
    BatchState.REJECTED.value: Tone.BAD,
    BatchState.PARTLY.value: Tone.WARN,
    BatchState.RELEASED.value: Tone.INFO,
    BatchState.SENT.value: Tone.INFO,
}
ORDER_TONES = {
    OrderState.CONFIRMED.value: Tone.GOOD,
    OrderState.ACCEPTED.value: Tone.GOOD,
    OrderState.REJECTED.value: Tone.BAD,
    OrderState.RETURNED.value: Tone.BAD,
}
ANSWER = Action(_("Bring the bank's answer"), "lending:answer_new", "lending.import_payment_status")


class BatchList(ListPage):
    """Files of payment orders."""

    model = PaymentBatch
    permission = "lending.view_payment_batch"
    title = _("Payments to borrowers")
    related = ("account",)
    columns = (
        Column("message_id", _("Number"), Kind.LINK, url_name="lending:payments_detail"),
        Column("account.name", _("From account")),
        Column("execution_date", _("To be paid on"), Kind.DATE, sort="execution_date"),
        Column("orders_total", _("Payments"), Kind.NUMBER),
        Column(
            "total_units", _("Total"), Kind.MONEY, sort="total_units", currency="account.currency"
        ),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
    )
    filters = (
        Choice("account", _("Account"), accounts),
        Choice("state", _("State"), BATCH_STATES),
        DateRange("paid", _("To be paid on"), "execution_date"),
    )
    order = "-pk"
    totals = (Total(_("Total"), "seen_units", Kind.MONEY, "account__currency"),)
    as_seen = staticmethod(without_hidden)
    actions = (ANSWER,)
    empty = EmptyState(
        _("No payments yet"), _("Open an account of ours to pay signed loans out through its bank.")
    )

    def rows(self) -> Any:
        """With what each comes to without payments to persons hidden from the reader."""
        staff: Any = self.request.user
        rows, hidden = super().rows(), hidden_rows(staff, PaymentOrder)
        if hidden is None:
            return rows.annotate(seen_units=F("total_units"))
        sums = hidden.filter(batch=OuterRef("pk")).order_by().values("batch")
        off = Subquery(sums.annotate(units=Sum("units")).values("units"))
        return rows.annotate(seen_units=F("total_units") - Coalesce(off, 0))


def _step(batch: PaymentBatch) -> Action | None:
    """What is done next with a batch."""
    steps = {
        BatchState.DRAFT: Action(
            _("Check the payments"), "lending:payments_check", "lending.prepare_payments"
        ),
        BatchState.CHECKED: Action(
            _("Release the payments"), "lending:payments_release", "lending.release_payments"
        ),
        BatchState.RELEASED: Action(
            _("Fetch the file for the bank"), "lending:payments_send", "lending.prepare_payments"
        ),
        BatchState.SENT: ANSWER,
    }
    found = steps.get(BatchState(batch.state))
    if found is None or found is ANSWER:
        return found
    return Action(found.label, found.url_name, found.permission, args=(batch.pk,))


class BatchPage(RecordPage):
    """One file of payment orders: where it stands, each payment, the next step."""

    model = PaymentBatch
    permission = "lending.view_payment_batch"
    related = ("account", "prepared_by", "checked_by", "released_by")

    def header(self) -> Header:
        """Number, total, next step."""
        row = self.record
        without_hidden(self.staff, [row])
        actions = []
        if row.state in (*SENT, BatchState.CONFIRMED):
            actions.append(
                Action(
                    _("Fetch the file again"),
                    "lending:payments_send",
                    "lending.prepare_payments",
                    args=(row.pk,),
                )
            )
        if row.state in CANCELLABLE:
            actions.append(
                Action(
                    _("Cancel the payments"),
                    "lending:payments_cancel",
                    "lending.prepare_payments",
                    args=(row.pk,),
                )
            )
        return Header(
            row.message_id,
            ngettext(
                "%(count)s payment, %(money)s", "%(count)s payments, %(money)s", row.orders_total
            )
            % {
                "count": row.orders_total,
                "money": format_money(row.total_units, row.account.currency),
            },
            state=State(row.get_state_display(), TONES.get(row.state, Tone.PLAIN)),
            primary=_step(row),
            actions=actions,
            crumbs=(Crumb(_("Payments to borrowers"), reverse("lending:payments_list")),),
        )

    def timeline(self) -> Sequence[Moment]:
        """Who did what."""
        row = self.record
        found = [Moment(row.prepared_date, _("Prepared"), str(row.prepared_by))]
        if row.checked_by:
            found.append(Moment(row.prepared_date, _("Checked"), str(row.checked_by)))
        if row.released_by:
            found.append(Moment(row.released_date, _("Released"), str(row.released_by)))
        found.append(
            Moment(
                row.execution_date,
                _("To be paid"),
                ahead=row.state not in (BatchState.CONFIRMED, BatchState.CANCELLED),
            )
        )
        return found

    def facts(self) -> Sequence[FactGroup]:
        """Account and answer."""
        row = self.record
        return [
            FactGroup(
                _("File"),
                [
                    Fact(_("From account"), row.account.name),
                    Fact(_("Form"), row.get_version_display()),
                    Fact(_("The bank's answer"), f"{row.answer_code} {row.answer_text}".strip()),
                    Fact(_("Fingerprint"), row.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Each payment."""
        rows = PaymentOrder.objects.visible_to(self.staff).filter(batch=self.record)
        orders = list(rows.select_related("loan__fund").order_by("row"))
        reads.note(self.request, persons_of(orders), action="LIST", highest="P")
        columns = (
            Column("row", _("Number"), Kind.NUMBER),
            Column(
                "loan",
                _("Loan"),
                value=lambda order: order.loan.code,
                href=lambda order: reverse("lending:loan_detail", args=[order.loan_id]),
            ),
            Column("creditor_name", _("Paid to")),
            Column(
                "creditor_account",
                _("Account"),
                value=lambda order: closed(order.creditor_account),
                href=lambda order: reveal_href(
                    self.staff, "order_account", order.pk, order.creditor_account
                ),
            ),
            Column("units", _("Amount"), Kind.MONEY, currency=self.record.account.currency),
            Column("fund", _("Fund"), value=lambda order: fund_name(order.loan)),
            Column("state", _("State"), Kind.STATE, tones=ORDER_TONES),
            Column(
                "answer",
                _("Answer"),
                value=lambda order: f"{order.answer_code} {order.answer_text}".strip(),
            ),
        )
        total = format_money(self.record.total_units, self.record.account.currency)
        return [Table(_("Payments"), columns, orders, footer=("", "", "", _now("Total"), total))]


def _named(loan: Loan, part: LoanTranche | None) -> str:
    """A loan among others, with what of it would be paid."""
    units = loan.approved_units if part is None else part.units
    money = format_money(units, loan.currency)
    if part is not None:
        money = _now("part %(number)s, %(money)s") % {"number": part.number, "money": money}
    return f"{loan.code} – {loan.borrower}, {money}"


class PreparePayments(FormPage):
    """Choose the signed loans that are paid out from an account."""

    form_class = PaymentsForm
    permission = "lending.prepare_payments"
    subject_model = BankAccount
    title = _("Pay loans out")
    verb = _("Draft the payments")
    template = "lending/payments.html"

    def _loans(self) -> Any:
        seen = payable(self.subject) & Loan.objects.visible_to(self.staff)
        rows = named_only(seen, self.staff)
        return rows.select_related("person", "enterprise", "group").order_by("code")

    def form_options(self) -> dict[str, Any]:
        """The loans with an account, in words."""
        named = list(self._loans().filter(accounts__isnull=False).distinct())
        persons = [loan.person_id for loan in named if loan.person_id is not None]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        parts = next_parts(named)
        return {"loans": [(str(loan.pk), _named(loan, parts.get(loan.pk))) for loan in named]}

    def initial(self) -> dict[str, Any]:
        """Today, all of them."""
        named = self._loans().filter(accounts__isnull=False).distinct()
        return {
            "execution_date": timezone.localdate(),
            "loans": [str(pk) for pk in named.values_list("pk", flat=True)],
        }

    def context(self) -> dict[str, Any]:
        """Loans whose borrower's account is not known yet."""
        nameless = list(self._loans().filter(accounts__isnull=True))
        persons = [loan.person_id for loan in nameless if loan.person_id is not None]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return {"nameless": nameless, "account": self.subject}

    def perform(self, values: dict[str, Any]) -> Any:
        """Draft them."""
        return services.prepare_payments(
            acting_staff=self.staff,
            account=self.subject,
            loans=list(self._loans().filter(pk__in=values["loans"])),
            execution_date=values["execution_date"],
            on=timezone.localdate(),
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("lending:payments_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The payments are drafted.")


class BatchStep(FormPage):
    """A step of one batch; afterwards its page."""

    form_class: ClassVar[type[HouseForm]] = NothingMoreForm
    permission = "lending.prepare_payments"
    subject_model = PaymentBatch

    def find_subject(self, pk: UUID) -> Any:
        """The batch with its account."""
        rows = PaymentBatch.objects.visible_to(self.staff).select_related("account__book")
        return rows.filter(pk=pk).first()

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("lending:payments_detail", args=[self.subject.pk])


class CheckPayments(BatchStep):
    """Look for all a bank would refuse."""

    title = _("Check the payments")
    intro = _("Names, accounts, amounts and numbers are looked at as the bank will.")
    verb = _("Check the payments")

    def perform(self, values: dict[str, Any]) -> Any:
        """Check."""
        return services.check_payments(acting_staff=self.staff, batch=self.subject)

    def done_message(self, result: Any) -> str:
        """Said when nothing was found."""
        return _now("Nothing is wrong; another person may release the payments.")


class ReleasePayments(BatchStep):
    """Let the money go."""

    form_class = PerhapsReasonForm
    permission = "lending.release_payments"
    title = _("Release the payments")
    intro = _("You let this money go. Who prepared the payments or decided a loan cannot.")
    verb = _("Release the payments")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Release."""
        return services.release_payments(
            acting_staff=self.staff,
            batch=self.subject,
            on=timezone.localdate(),
            reason=values["reason"],
        )

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        return _now("The payments are released; the file can be fetched for the bank.")


class SendPayments(BatchStep):
    """Fetch the file for the bank."""

    title = _("Fetch the file for the bank")
    intro = _("The payments count as sent from now on. The file can be fetched again.")
    verb = _("Fetch the file")

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it."""
        seen = PaymentOrder.objects.visible_to(self.staff)
        orders = seen.filter(batch=self.subject, loan__person__isnull=False)
        reads.note(
            self.request,
            persons=list(orders.values_list("loan__person_id", flat=True)),
            action="EXPORT",
            highest="S",
            purpose="pain.001",
        )
        return services.send_payments(acting_staff=self.staff, batch=self.subject)

    def answer(self, result: Any) -> HttpResponseBase:
        """The file."""
        return HttpResponse(
            result,
            content_type="application/xml",
            headers={
                "Content-Disposition": f'attachment; filename="{self.subject.message_id}.xml"'
            },
        )


class CancelPayments(BatchStep):
    """Give up a batch that was not sent."""

    form_class = ReasonOnlyForm
    title = _("Cancel the payments")
    intro = _("No money goes; the loans can be paid out another way.")
    verb = _("Cancel the payments")

    def perform(self, values: dict[str, Any]) -> Any:
        """Cancel."""
        return services.cancel_payments(
            acting_staff=self.staff, batch=self.subject, on=timezone.localdate(), **values
        )

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        return _now("The payments are cancelled.")


class BringAnswer(FormPage):
    """Upload what the bank answered."""

    form_class = AnswerForm
    permission = "lending.import_payment_status"
    title = _("Bring the bank's answer")
    intro = _("The file names the payments it answers to; the same file again changes nothing.")
    verb = _("Note the answer")

    def perform(self, values: dict[str, Any]) -> Any:
        """Note it."""
        return services.import_payment_status(
            acting_staff=self.staff, content=bank_message(values["file"]), on=timezone.localdate()
        )

    def success_url(self, result: Any) -> str:
        """The batch it answers to."""
        return reverse("lending:payments_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is noted."""
        return _now("The bank's answer is noted.")
