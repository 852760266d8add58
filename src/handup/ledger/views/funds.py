"""Funds and exchange rates."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Fund
from handup.ledger.models.books import FUND_KIND_LABELS
from handup.ledger.rules.journal import RATE_ONE
from handup.ledger.rules.words import FundKind
from handup.org.models import ExchangeRate
from handup.org.models.records import RateKind
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
)

CURRENCY = r"^[A-Z]{3}$"


class FundList(ListPage):
    """Money bound by agreements."""

    model = Fund
    permission = "ledger.view_fund"
    title = _("Funds")
    intro = _("Every line of the journal belongs to a fund and balances within it.")
    columns = (
        Column("code", _("Code"), sort="code"),
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="ledger:fund_detail"),
        Column("kind", _("Kind"), sort="kind"),
        Column("currency", _("Currency")),
        Column("starts", _("From"), Kind.DATE),
        Column("ends", _("Until"), Kind.DATE),
        Column("active", _("In use"), Kind.TICK),
    )
    filters = (
        Search(("code", "name"), label=_("Name or code")),
        Choice("kind", _("Kind"), list(FUND_KIND_LABELS.items())),
    )
    order = "code"
    primary = Action(_("Open a fund"), "ledger:fund_new", "ledger.open_fund")
    empty = EmptyState(
        _("No funds yet"),
        _("An accountant opens one for each agreement that says what its money is for."),
    )


class FundForm(HouseForm):
    """What a fund is for and how long."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (kind, label)
            for kind, label in FUND_KIND_LABELS.items()
            if kind is not FundKind.UNRESTRICTED
        ],
    )
    currency = forms.RegexField(
        CURRENCY, label=_("Currency"), required=False, help_text=_("Empty: any currency.")
    )
    starts = DayField(label=_("From"), required=False)
    ends = DayField(label=_("Until"), required=False)


class OpenFund(FormPage):
    """Open a fund."""

    form_class = FundForm
    permission = "ledger.open_fund"
    title = _("Open a fund")
    verb = _("Open the fund")

    def perform(self, values: dict[str, Any]) -> Fund:
        """Open it."""
        values["kind"] = FundKind(values["kind"])
        return services.open_fund(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Fund) -> str:
        """The funds."""
        return reverse("ledger:fund_list")

    def done_message(self, result: Fund) -> str:
        """What was done."""
        return str(_("The fund is open."))


def _rate(row: ExchangeRate) -> str:
    """A rate in main units, without zeros at its end."""
    return f"{Decimal(row.numerator) / RATE_ONE:.10f}".rstrip("0").rstrip(".")


class RateList(ListPage):
    """Exchange rates, the newest first; none is ever overwritten."""

    model = ExchangeRate
    permission = "ledger.view_fund"
    title = _("Exchange rates")
    columns = (
        Column("rate_date", _("Day"), Kind.DATE, sort="rate_date"),
        Column("from_currency", _("One")),
        Column("rate", _("is worth"), value=_rate),
        Column("to_currency", _("in")),
        Column("kind", _("Kind")),
        Column("source", _("Source")),
    )
    filters = (
        Choice("kind", _("Kind"), RateKind.choices),
        DateRange("day", _("Day"), "rate_date"),
        Search(("from_currency", "to_currency"), label=_("Currency")),
    )
    order = "-rate_date"
    primary = Action(_("Add a rate"), "ledger:rate_new", "ledger.add_rate")
    empty = EmptyState(
        _("No exchange rates yet"), _("They are needed as soon as a second currency is posted.")
    )


class RateForm(HouseForm):
    """What one main unit of a currency is worth in another."""

    from_currency = forms.RegexField(CURRENCY, label=_("One unit of"))
    rate = forms.DecimalField(
        label=_("is worth"),
        max_digits=15,
        decimal_places=10,
        min_value=Decimal("0.0000000001"),
        max_value=Decimal(900_000),
        localize=True,
    )
    to_currency = forms.RegexField(CURRENCY, label=_("units of"))
    rate_date = DayField(label=_("Day"))
    kind = forms.ChoiceField(label=_("Kind"), choices=RateKind.choices)
    source = forms.CharField(label=_("Source"), max_length=200)
    confirmed = forms.BooleanField(
        label=_("I looked at the source again: the rate is right"),
        required=False,
        help_text=_("Asked for when it is more than a tenth away from the rate before."),
    )


class AddRate(FormPage):
    """Record a rate of a day."""

    form_class = RateForm
    permission = "ledger.add_rate"
    title = _("Add a rate")
    verb = _("Add the rate")

    def initial(self) -> dict[str, date]:
        """Today."""
        return {"rate_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> ExchangeRate:
        """Record it."""
        numerator = int(values.pop("rate") * RATE_ONE)
        return services.add_rate(
            acting_staff=self.staff, numerator=numerator, id=self.new_id, **values
        )

    def success_url(self, result: ExchangeRate) -> str:
        """The rates."""
        return reverse("ledger:rate_list")

    def done_message(self, result: ExchangeRate) -> str:
        """What was done."""
        return str(_("The rate is recorded."))
