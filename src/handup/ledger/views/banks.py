"""A bank account set against the bank's statement: the same but for lines still on the way."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.labels import kind_label
from handup.ledger.models import Account, Line, Reconciliation
from handup.ledger.queries import balance_before
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Column, Kind
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Table

MOST_OPEN_LINES = 200


@dataclass(frozen=True, slots=True)
class BooksSay:
    """What the books say an account holds at the end of a day."""

    day: date
    units: int
    currency: str


def may_be_on_the_way(account: Account, currency: str) -> QuerySet[Line]:
    """Lines the bank may not show yet: what came since it was last reconciled, and what was still
    on the way then; the newest first.
    """
    lines = Line.objects.filter(account=account, currency=currency)
    last = account.reconciliations.filter(currency=currency).first()
    if last is not None:
        lines = lines.filter(
            Q(entry__seq__gt=last.last_seq)
            | Q(entry__entry_date__gt=last.through)
            | Q(pk__in=last.open_lines)
        )
    return lines.select_related("entry").order_by("-entry__entry_date", "-entry__seq", "no")


class ReconcileForm(HouseForm):
    """The bank's balance, and the lines it does not show yet."""

    through = DayField(label=_("Day of the statement"))
    statement_units = MoneyField(label=_("Balance the bank states"), least_units=None)
    open_lines = forms.MultipleChoiceField(
        label=_("In the books, not yet at the bank"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, account: Account, **options: Any) -> None:
        """Offer the lines that may be on the way."""
        super().__init__(*args, **options)
        amount = self.fields["statement_units"]
        assert isinstance(amount, MoneyField)
        amount.currency = account.currency or account.book.base_currency
        field = self.fields["open_lines"]
        assert isinstance(field, forms.MultipleChoiceField)
        rows = list(may_be_on_the_way(account, amount.currency)[: MOST_OPEN_LINES + 1])
        field.choices = [(str(row.pk), _named(row)) for row in rows[:MOST_OPEN_LINES]]
        if len(rows) > MOST_OPEN_LINES:
            field.help_text = _("The newest %(count)s; reconcile an earlier day first for others.")
            field.help_text %= {"count": MOST_OPEN_LINES}


def _named(row: Line) -> str:
    """A line as a person knows it: its day, what it was, its amount."""
    what = kind_label(row.entry.kind)
    return f"{format_day(row.entry.entry_date)}, {what}, {format_money(row.units, row.currency)}"


class ReconcileBank(FormPage):
    """Set a bank account against the bank's statement."""

    form_class = ReconcileForm
    permission = "ledger.reconcile_bank"
    subject_model = Account
    title = _("Reconcile with the bank")
    intro = _("The bank's balance and the lines still on the way must come to the books'.")
    verb = _("Reconcile")
    template = "ledger/bank.html"
    subject: Account

    def form_options(self) -> dict[str, Any]:
        """The account."""
        return {"account": self.subject}

    def initial(self) -> dict[str, Any]:
        """The end of the last month."""
        return {"through": timezone.localdate().replace(day=1) - timedelta(days=1)}

    def context(self) -> dict[str, Any]:
        """What the books say at the ends of the last months and today."""
        account = self.subject
        currency = account.currency or account.book.base_currency
        today = timezone.localdate()
        days = [today]
        for _month in range(3):
            days.append(days[-1].replace(day=1) - timedelta(days=1))
        rows = [
            BooksSay(day, balance_before(account, day + timedelta(days=1))[currency], currency)
            for day in days
        ]
        columns = (
            Column("day", _("Day"), Kind.DATE),
            Column("units", _("The books say"), Kind.MONEY),
        )
        return {"tables": [Table(_("By the books"), columns, rows)]}

    def perform(self, values: dict[str, Any]) -> Reconciliation:
        """Reconcile it."""
        return services.reconcile_bank(
            acting_staff=self.staff, account=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Reconciliation) -> str:
        """The account's page."""
        return reverse("ledger:account_detail", args=[result.account_id])

    def done_message(self, result: Reconciliation) -> str:
        """What was done."""
        return str(_("The account is reconciled."))
