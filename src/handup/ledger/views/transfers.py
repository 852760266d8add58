"""Money from one book to another, typed once: both sides wait for one other person."""

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Account, Book, Draft, Fund
from handup.ledger.rules.words import CashKind
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField


class TransferForm(HouseForm):
    """From which account, into which, how much."""

    happened_date = DayField(label=_("Happened on"))
    from_account = forms.ChoiceField(label=_("Taken from"))
    to_account = forms.ChoiceField(
        label=_("Into"), help_text=_("Money accounts of the other books come first.")
    )
    amount_units = MoneyField(label=_("Amount"))
    fund = forms.ChoiceField(label=_("Fund"), required=False)
    remark = forms.CharField(label=_("What it is for"), max_length=400)

    def __init__(self, *args: Any, book: Book, others: list[Book], **options: Any) -> None:
        """Offer the accounts of this book and of the others she may write in."""
        super().__init__(*args, **options)
        own = Account.objects.filter(book=book, leaf=True, active=True)
        choices: dict[str, list[Any]] = {
            "from_account": [("", ""), *((row.code, str(row)) for row in _money_first(own))],
            "to_account": [
                ("", ""),
                *(
                    (
                        other.name,
                        [
                            (f"{other.pk} {row.code}", str(row))
                            for row in _money_first(
                                Account.objects.filter(book=other, leaf=True, active=True)
                            )
                        ],
                    )
                    for other in others
                ),
            ],
            "fund": [
                ("", _("Unrestricted")),
                *(
                    (str(fund.pk), fund.name)
                    for fund in Fund.objects.filter(active=True).exclude(kind="UNRESTRICTED")
                ),
            ],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
        amount = self.fields["amount_units"]
        assert isinstance(amount, MoneyField)
        amount.currency = book.base_currency


def _money_first(accounts: Any) -> list[Account]:
    return sorted(accounts, key=lambda row: (row.cash_kind == CashKind.NONE, row.code))


class MoveMoney(FormPage):
    """Move money from this book to another."""

    form_class = TransferForm
    permission = "ledger.draft_entry"
    subject_model = Book
    title = _("Money to another book")
    intro = _("Both books get their side at once, when another person has approved it.")
    verb = _("Send for approval")
    reads_back = True
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """This book and those that may receive: with an account between books."""
        others = (
            Book.objects.visible_to(self.staff)
            .filter(roles__role="INTERBOOK")
            .exclude(pk=self.subject.pk)
            .distinct()
        )
        return {"book": self.subject, "others": list(others.order_by("code")[:50])}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"happened_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Draft:
        """Keep both sides."""
        taker, code = values["to_account"].split(" ", 1)
        return services.draft_transfer(
            acting_staff=self.staff,
            giver=self.subject,
            taker=Book.objects.visible_to(self.staff).get(pk=taker),
            from_account=values["from_account"],
            to_account=code,
            units=values["amount_units"],
            happened_date=values["happened_date"],
            remark=values["remark"],
            fund=UUID(values["fund"]) if values["fund"] else None,
            id=self.new_id,
        )

    def success_url(self, result: Draft) -> str:
        """The giver's side."""
        return reverse("ledger:draft_detail", args=[result.pk])

    def done_message(self, result: Draft) -> str:
        """What was done."""
        return str(_("Both sides wait for approval."))
