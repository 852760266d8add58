"""Keys by which costs of several funds are shared, and sharing them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Account, Book, CostKey, Fund, Run
from handup.ledger.rules.words import UNRESTRICTED_ID, AccountType
from handup.ledger.services import ShareIn
from handup.ledger.views.journal import books_of
from handup.ledger.views.runs import PostRun
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_share
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table

SHARES = 8


class KeyList(ListPage):
    """Keys, the newest first."""

    model = CostKey
    permission = "ledger.view_account"
    title = _("Keys of shared costs")
    intro = _("A key says how a cost of several funds is shared, for which days, and why.")
    related = ("book", "pool_fund", "stated_by")
    columns = (
        Column("name", _("Name"), Kind.LINK, url_name="ledger:costkey_detail"),
        Column("book.name", _("Book")),
        Column("starts", _("From"), Kind.DATE, sort="starts"),
        Column("ends", _("Until"), Kind.DATE),
        Column("pool_fund.name", _("Fund")),
        Column("basis", _("What it rests on")),
        Column("stated_by.display_name", _("Stated by"), shown=False),
    )
    filters = (Choice("book", _("Book"), books_of),)
    order = "-starts"
    empty = EmptyState(_("No keys yet"), _("A key begins on the page of its book."))


class KeyPage(RecordPage):
    """One key: what it shares, among whom, and the way to share."""

    model = CostKey
    permission = "ledger.view_account"
    related = ("book", "pool_fund", "stated_by")
    record: CostKey

    def header(self) -> Header:
        """Name, book, and sharing by it."""
        key = self.record
        return Header(
            key.name,
            subtitle=key.book.name,
            primary=Action(
                _("Share the costs"), "ledger:share_costs", "ledger.share_costs", args=(key.pk,)
            ),
            crumbs=(Crumb(_("Keys of shared costs"), reverse("ledger:costkey_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Which costs, for which days, resting on what."""
        key = self.record
        return (
            FactGroup(
                _("What it shares"),
                (
                    Fact(_("From"), key.starts),
                    Fact(_("Until"), key.ends),
                    Fact(_("Costs of the fund"), key.pool_fund),
                    Fact(_("Budget line"), key.pool_line or _("any")),
                    Fact(_("Accounts"), ", ".join(key.account_codes) or _("every expense")),
                    Fact(_("What it rests on"), key.basis),
                    Fact(_("Stated by"), key.stated_by),
                    Fact(_("Stated at"), key.recorded_at),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """The shares."""
        shares = list(self.record.shares.select_related("fund"))
        whole = sum(share.weight for share in shares)
        columns = (
            Column("fund.name", _("Fund")),
            Column("budget_line", _("Budget line")),
            Column("weight", _("Weight"), Kind.NUMBER),
            Column("share", _("Share"), value=lambda row: format_share(row.weight, whole)),
        )
        return (Table(_("Among whom"), columns, shares),)


class KeyForm(HouseForm):
    """What is shared, then the shares; empty lines are left out."""

    name = forms.CharField(label=_("Name"), max_length=120)
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"))
    pool_fund = forms.ChoiceField(label=_("Costs of the fund"))
    pool_line = forms.CharField(
        label=_("Budget line of these costs"),
        max_length=80,
        required=False,
        help_text=_("Empty: whatever stands on the accounts."),
    )
    account_codes = forms.MultipleChoiceField(
        label=_("Accounts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every expense."),
    )
    basis = forms.CharField(
        label=_("What it rests on"),
        max_length=300,
        help_text=_("For example: days worked, by the time sheets of March."),
    )

    def __init__(self, *args: Any, book: Book, **options: Any) -> None:
        """Offer funds and expense accounts, and places for the shares."""
        super().__init__(*args, **options)
        funds = [(str(fund.pk), fund.name) for fund in Fund.objects.filter(active=True)]
        accounts = Account.objects.filter(
            book=book, leaf=True, active=True, type=AccountType.EXPENSE
        )
        choices = {
            "pool_fund": funds,
            "account_codes": [(row.code, str(row)) for row in accounts],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
        for n in range(1, SHARES + 1):
            self._add_share(n, [("", ""), *funds])

    def _add_share(self, n: int, funds: list[tuple[str, str]]) -> None:
        words = {"fund": _("Fund"), "line": _("Budget line"), "weight": _("Weight")}
        fields: dict[str, forms.Field] = {
            "fund": forms.ChoiceField(choices=funds, required=False),
            "line": forms.CharField(max_length=80, required=False),
            "weight": forms.IntegerField(min_value=1, max_value=10**9, required=False),
        }
        for part, field in fields.items():
            field.label = _("%(part)s of share %(n)s") % {"part": words[part], "n": n}
            css = "form-select" if part == "fund" else "form-control"
            field.widget.attrs |= {"class": f"cell {css}", "aria-label": str(field.label)}
            self.fields[f"{part}_{n}"] = field

    @property
    def head(self) -> list[Any]:
        """What is asked once."""
        names = ("name", "starts", "ends", "pool_fund", "pool_line", "account_codes", "basis")
        return [self[name] for name in names]

    @property
    def lines(self) -> list[tuple[int, list[Any]]]:
        """The inputs of each share."""
        parts = ("fund", "line", "weight")
        return [(n, [self[f"{part}_{n}"] for part in parts]) for n in range(1, SHARES + 1)]

    def clean(self) -> dict[str, Any]:
        """A share is told whole or not at all."""
        told = super().clean() or {}
        for n in range(1, SHARES + 1):
            fund, weight = told.get(f"fund_{n}"), told.get(f"weight_{n}")
            if not fund and (weight or told.get(f"line_{n}")):
                self.add_error(f"fund_{n}", _("Choose the fund of this share."))
            elif fund and weight is None and f"weight_{n}" not in self.errors:
                self.add_error(f"weight_{n}", _("Write the weight of this share."))
        return told

    def shares(self) -> list[ShareIn]:
        """The shares with a fund."""
        told = self.cleaned_data
        return [
            ShareIn(UUID(told[f"fund_{n}"]), told[f"weight_{n}"], told[f"line_{n}"])
            for n in range(1, SHARES + 1)
            if told.get(f"fund_{n}")
        ]


class StateKey(FormPage):
    """State a key."""

    form_class = KeyForm
    permission = "ledger.state_cost_key"
    subject_model = Book
    title = _("State a key of shared costs")
    verb = _("State the key")
    template = "ledger/cost_key.html"
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book."""
        return {"book": self.subject}

    def initial(self) -> dict[str, Any]:
        """The last month, costs bound by nobody."""
        first = timezone.localdate().replace(day=1)
        last = first - timedelta(days=1)
        return {
            "starts": last.replace(day=1),
            "ends": last,
            "pool_fund": str(UNRESTRICTED_ID),
        }

    def perform(self, values: dict[str, Any]) -> CostKey:
        """State it."""
        form = KeyForm(self.request.POST, book=self.subject)
        form.is_valid()
        return services.state_cost_key(
            acting_staff=self.staff,
            book=self.subject,
            name=values["name"],
            starts=values["starts"],
            ends=values["ends"],
            basis=values["basis"],
            pool_fund=UUID(values["pool_fund"]),
            pool_line=values["pool_line"],
            account_codes=values["account_codes"],
            shares=form.shares(),
            id=self.new_id,
        )

    def success_url(self, result: CostKey) -> str:
        """The key's page."""
        return reverse("ledger:costkey_detail", args=[result.pk])

    def done_message(self, result: CostKey) -> str:
        """What was done."""
        return str(_("The key is stated; it can now share costs."))


class ShareCosts(PostRun):
    """Share what is left in a key's pool."""

    permission = "ledger.share_costs"
    subject_model = CostKey
    title = _("Share the costs")
    intro = _("What came since the last time is split by the key, to the last unit.")
    verb = _("Share them")

    def initial(self) -> dict[str, Any]:
        """The key's last day, or today while it runs."""
        return {"through": min(self.subject.ends, timezone.localdate())}

    def perform(self, values: dict[str, Any]) -> Run:
        """Share them."""
        return services.share_costs(acting_staff=self.staff, key=self.subject, **values)
