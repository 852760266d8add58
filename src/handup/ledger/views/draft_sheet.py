"""An entry by hand with several lines: accounts, funds and currencies line by line."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Account, Book, Draft, Fund
from handup.ledger.models.drafts import DRAFT_KIND_LABELS
from handup.ledger.rules.words import MANUAL, UNRESTRICTED_ID
from handup.ledger.services import DraftLineIn, Paper
from handup.org.models import ExchangeRate
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Kind

LINES = 10
PARTS = ("account", "fund", "currency", "debit", "credit", "budget_line")
HEAD = ("kind", "happened_date", "remark", "attachment")


def currencies_of(book: Book) -> list[str]:
    """The book's currency first, then those it has rates for."""
    base = book.base_currency
    others = set(
        ExchangeRate.objects.filter(to_currency=base)
        .order_by()
        .values_list("from_currency", flat=True)
        .distinct()
    )
    return [base, *sorted(others - {base})]


class SheetForm(HouseForm):
    """The head of the entry, then its lines; a line without an account is left out."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(DRAFT_KIND_LABELS.items()))
    happened_date = DayField(label=_("Happened on"))
    remark = forms.CharField(label=_("What it is for"), max_length=400)
    attachment = forms.FileField(label=_("The paper it rests on"), required=False, max_length=200)

    def __init__(self, *args: Any, book: Book, **options: Any) -> None:
        """Offer the book's accounts, the funds and the currencies in every line."""
        self.book = book
        super().__init__(*args, **options)
        accounts = Account.objects.filter(book=book, leaf=True, active=True)
        choices: dict[str, list[tuple[str, str]]] = {
            "account": [("", ""), *((row.code, str(row)) for row in accounts)],
            "fund": [
                ("", ""),
                *(
                    (str(fund.pk), fund.name)
                    for fund in Fund.objects.filter(active=True)
                    if fund.pk != UNRESTRICTED_ID
                ),
            ],
            "currency": [(code, code) for code in currencies_of(book)],
        }
        for place in range(1, LINES + 1):
            for part in PARTS:
                self._add(place, part, choices.get(part))

    def _add(self, place: int, part: str, choices: list[tuple[str, str]] | None) -> None:
        label = _("%(part)s of line %(line)s") % {"part": WORDS[part], "line": place}
        field: forms.Field
        if choices is not None:
            field = forms.ChoiceField(label=label, choices=choices, required=False)
        elif part == "budget_line":
            field = forms.CharField(label=label, max_length=80, required=False)
        else:
            currency = self._currency_told(place)
            field = MoneyField(label=label, currency=currency, required=False)
            field.widget.attrs["data-sum"] = f"sum-{part}"
        css = "form-select" if choices is not None else "form-control"
        field.widget.attrs |= {"class": f"cell {css}", "aria-label": str(label)}
        self.fields[f"{part}_{place}"] = field

    def _currency_told(self, place: int) -> str:
        told = str(self.data.get(f"currency_{place}", "")) if self.is_bound else ""
        return told if told in currencies_of(self.book) else self.book.base_currency

    @property
    def head(self) -> list[BoundField]:
        """What is asked once."""
        return [self[name] for name in HEAD]

    @property
    def lines(self) -> list[tuple[int, list[BoundField]]]:
        """The inputs of each line."""
        return [(n, [self[f"{part}_{n}"] for part in PARTS]) for n in range(1, LINES + 1)]

    def clean(self) -> dict[str, Any]:
        """A line has an account and either a debit or a credit, or nothing at all."""
        super().clean()
        told = self.cleaned_data
        for n in range(1, LINES + 1):
            amounts = [told.get(f"{side}_{n}") for side in ("debit", "credit")]
            if told.get(f"account_{n}"):
                if len([amount for amount in amounts if amount]) != 1 and not any(
                    f"{side}_{n}" in self.errors for side in ("debit", "credit")
                ):
                    self.add_error(f"debit_{n}", _("Give an amount either as debit or as credit."))
            elif any(amounts):
                self.add_error(f"account_{n}", _("Choose the account of this line."))
        return told

    def told_lines(self) -> list[DraftLineIn]:
        """The lines with an account."""
        told = self.cleaned_data
        return [
            DraftLineIn(
                told[f"account_{n}"],
                told[f"debit_{n}"] or -told[f"credit_{n}"],
                told[f"currency_{n}"] or "",
                UUID(told[f"fund_{n}"]) if told[f"fund_{n}"] else None,
                told[f"budget_line_{n}"],
            )
            for n in range(1, LINES + 1)
            if told[f"account_{n}"]
        ]


WORDS = {
    "account": _("Account"),
    "fund": _("Fund"),
    "currency": _("Currency"),
    "debit": _("Debit"),
    "credit": _("Credit"),
    "budget_line": _("Budget line"),
}
"""The headings of the sheet, in the order of its columns."""
NUMBERS = frozenset({"debit", "credit"})


class WriteSheet(FormPage):
    """Write an entry of several lines for another person to approve."""

    form_class = SheetForm
    permission = "ledger.draft_entry"
    subject_model = Book
    title = _("Write an entry of several lines")
    verb = _("Send for approval")
    template = "ledger/draft_sheet.html"
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book."""
        return {"book": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today, an entry by hand."""
        return {"happened_date": timezone.localdate(), "kind": MANUAL}

    def context(self) -> dict[str, Any]:
        """The headings."""
        headings: Sequence[tuple[str, Any]] = [
            (Kind.NUMBER.value if part in NUMBERS else "", word) for part, word in WORDS.items()
        ]
        return {"headings": headings}

    def perform(self, values: dict[str, Any]) -> Draft:
        """Keep the draft."""
        form = SheetForm(self.request.POST, self.request.FILES, book=self.subject)
        form.is_valid()
        file = values["attachment"]
        return services.draft_entry(
            acting_staff=self.staff,
            book=self.subject,
            happened_date=values["happened_date"],
            remark=values["remark"],
            kind=values["kind"],
            lines=form.told_lines(),
            paper=Paper(file.name, file.read()) if file else None,
            id=self.new_id,
        )

    def success_url(self, result: Draft) -> str:
        """The draft's page."""
        return reverse("ledger:draft_detail", args=[result.pk])

    def done_message(self, result: Draft) -> str:
        """What was done."""
        return str(_("The entry waits for approval."))
