"""What the funds of a book owe each other, and settling it: one person types, another approves."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.interfund import FundOwes, between_funds
from handup.ledger.models import Account, Book, Draft, Fund
from handup.ledger.rules.words import CashKind
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import Action, Crumb, Header, RecordPage, Table


class BetweenFunds(RecordPage):
    """Which fund owes, which is owed, and what of it waits for approval."""

    model = Book
    permission = "ledger.view_account"

    def header(self) -> Header:
        """What, of which book; settling."""
        book = self.record
        settle = Action(
            _("Settle between funds"),
            "ledger:interfund_settle",
            "ledger.draft_entry",
            args=(book.pk,),
        )
        crumbs = (Crumb(book.name, reverse("ledger:book_detail", args=[book.pk])),)
        return Header(_("What funds owe each other"), book.name, primary=settle, crumbs=crumbs)

    def tables(self) -> Sequence[Table]:
        """A line a fund and currency."""
        money: dict[str, Any] = {"kind": Kind.MONEY, "currency": "currency"}
        columns = (
            Column(
                "fund.name",
                _("Fund"),
                Kind.LINK,
                href=lambda row: reverse("ledger:fund_detail", args=[row.fund.pk]),
            ),
            Column("owes", _("Owes others"), value=lambda row: max(-row.units, 0), **money),
            Column("owed", _("Is owed"), value=lambda row: max(row.units, 0), **money),
            Column("waiting_units", _("Waits for approval"), **money),
        )
        empty = EmptyState(
            _("No fund owes another"), _("What one fund pays or takes on for another stands here.")
        )
        return [Table(_("By fund"), columns, between_funds(self.record), empty)]


class SettleForm(HouseForm):
    """Who pays whom how much, out of which account."""

    debtor = forms.ModelChoiceField(label=_("The fund that owes"), queryset=Fund.objects.none())
    creditor = forms.ModelChoiceField(
        label=_("The fund that is owed"), queryset=Fund.objects.none()
    )
    account_code = forms.ChoiceField(
        label=_("Within the account"),
        help_text=_("No money leaves it: what lies there belongs to the other fund after that."),
    )
    units = MoneyField(label=_("Amount"))
    happened_date = DayField(label=_("On"))
    remark = forms.CharField(label=_("What it is for"), max_length=400)

    def __init__(self, *args: Any, book: Book, owing: Sequence[FundOwes], **options: Any) -> None:
        """Offer the funds that owe and are owed, and the accounts that hold money."""
        super().__init__(*args, **options)
        offered = {
            "debtor": [item.fund.pk for item in owing if item.units < 0],
            "creditor": [item.fund.pk for item in owing if item.units > 0],
        }
        for name, ids in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Fund.objects.filter(pk__in=ids)
        accounts = Account.objects.filter(book=book, leaf=True, active=True)
        account = self.fields["account_code"]
        assert isinstance(account, forms.ChoiceField)
        account.choices = [
            (row.code, str(row))
            for row in accounts.exclude(cash_kind=CashKind.NONE).order_by("code")
        ]
        amount = self.fields["units"]
        assert isinstance(amount, MoneyField)
        amount.currency = book.base_currency


class SettleBetweenFunds(FormPage):
    """Settle what one fund owes another."""

    form_class = SettleForm
    permission = "ledger.draft_entry"
    subject_model = Book
    title = _("Settle between funds")
    intro = _("Another person approves it; then both funds have it.")
    verb = _("Send for approval")
    reads_back = True
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book and what its funds owe each other in its own money."""
        base = self.subject.base_currency
        owing = [item for item in between_funds(self.subject) if item.currency == base]
        return {"book": self.subject, "owing": owing}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"happened_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Draft:
        """Keep it for approval."""
        return services.settle_between_funds(
            acting_staff=self.staff, book=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Draft) -> str:
        """The draft."""
        return reverse("ledger:draft_detail", args=[result.pk])

    def done_message(self, result: Draft) -> str:
        """What was done."""
        return str(_("It waits for another person's approval."))
