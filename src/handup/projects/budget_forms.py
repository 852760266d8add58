"""The form of a budget: its lines as copied from a spreadsheet, every fault with its line."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm, MoneyField
from handup.projects.services.money import BudgetLineIn

DIGITS = 10
"""Of a rate, before and after the point."""
RATE_SIGNS = 40
COLUMNS = ("code", "title", "amount", "parent", "year", "currency", "rate", "rate_date", "source")
MOST_FAULTS = 20
MOST_LINES = 500
T = TypeVar("T")


class BudgetForm(HouseForm):
    """The next version of a phase's budget."""

    reporting_currency = forms.CharField(
        label=_("Currency of the report"), min_length=3, max_length=3
    )
    lines = forms.CharField(
        label=_("Lines of the budget, one a line"),
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_(
            "Code; title; amount; code of the line above it; year; and for an amount in another"
            " currency: currency; how much of it one unit of the report is worth; day of that rate;"
            " where the rate was read. With the day alone, the rate is that of the register."
            " Copied from a spreadsheet, the columns come by themselves."
        ),
    )
    rates_confirmed = forms.BooleanField(
        label=_("I looked again: rates far from those of the register are right"), required=False
    )
    reason = forms.CharField(
        label=_("Why it is revised"),
        max_length=1_000,
        required=False,
        help_text=_("Asked for from the second version on."),
    )

    def clean_reporting_currency(self) -> str:
        """Take the code in capitals."""
        return str(self.cleaned_data["reporting_currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """Read the lines; every fault is told with its line."""
        values = super().clean() or {}
        if "lines" in values and "reporting_currency" in values:
            rows, faults = read_lines(values["lines"], values["reporting_currency"])
            for fault in faults[:MOST_FAULTS]:
                self.add_error("lines", fault)
            if not faults:
                values["lines"] = rows
        return values


def read_lines(text: str, reporting: str) -> tuple[list[BudgetLineIn], list[str]]:
    """Read the lines, cut by tab or semicolon: the rows in order, and every fault with its line."""
    told = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    rows: list[BudgetLineIn] = []
    faults: list[str] = []
    if len(told) > MOST_LINES:
        return [], [_now("A budget has at most %(count)s lines.") % {"count": MOST_LINES}]
    for number, line in told:
        cells = [cell.strip() for cell in line.split("\t" if "\t" in line else ";")]
        try:
            rows.append(_line(cells, reporting))
        except ValidationError as wrong:
            at = _now("Line %(number)s: ") % {"number": number}
            faults += [at + message for message in wrong.messages]
    return rows, faults


def _line(cells: list[str], reporting: str) -> BudgetLineIn:
    while len(cells) > 3 and not cells[-1]:
        cells = cells[:-1]
    if not 3 <= len(cells) <= len(COLUMNS):
        raise ValidationError(_("write at least code, title and amount"))
    told = dict(zip(COLUMNS, (*cells, *("",) * len(COLUMNS)), strict=False))
    if not (0 < len(told["code"]) <= 40 and 0 < len(told["title"]) <= 200):
        raise ValidationError(_("write a code and a title"))
    currency = (told["currency"] or reporting).upper()
    if len(currency) != 3:
        raise ValidationError(_("a currency has three letters"))
    return BudgetLineIn(
        code=told["code"],
        title=told["title"],
        currency=currency,
        amount_units=MoneyField(currency=currency, least_units=0).clean(told["amount"]),
        parent_code=told["parent"],
        year=_read(told["year"], _year, _("a year has four digits")),
        rate=_read(told["rate"], _rate, _("write the rate in digits, for example 510.25")),
        rate_date=DayField(required=False).clean(told["rate_date"]),
        rate_source=told["source"][:200],
    )


def _read(text: str, turn: Callable[[str], T], otherwise: Any) -> T | None:
    if not text:
        return None
    try:
        return turn(text)
    except (ValueError, InvalidOperation):
        raise ValidationError(otherwise) from None


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ValueError(text)
    return int(text)


def _rate(text: str) -> Fraction:
    value = Decimal(text.replace(",", ".").replace(" ", ""))
    if not value.is_finite() or not -DIGITS <= value.adjusted() < DIGITS or len(text) > RATE_SIGNS:
        raise ValueError(text)
    return Fraction(value)
