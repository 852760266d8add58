"""Ratios kept as they were reported, and keeping them."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.models import Lender, RatioRecord
from handup.lending.reported import ratio_name
from handup.lending.rules.ratios import RatioId
from handup.lending.views import loan_choices
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.org.web.money import format_share


def _kept_value(row: RatioRecord) -> str:
    return format_share(row.numerator, row.denominator)


def _name(row: RatioRecord) -> str:
    return str(ratio_name(RatioId(row.ratio), row.parameter))


class RatioList(ListPage):
    """Ratios as they were reported."""

    model = RatioRecord
    permission = "lending.view_lender"
    title = _("Ratios kept")
    intro = _("What was reported, with both numbers; none is ever changed.")
    related = ("lender", "recorded_by")
    columns = (
        Column("name", _("Ratio"), value=_name),
        Column("ratio", _("Definition id"), sort="ratio", shown=False),
        Column("parameter", _("Parameter"), Kind.NUMBER, shown=False),
        Column("cut_off", _("As of"), Kind.DATE, sort="cut_off"),
        Column("starts", _("Period from"), Kind.DATE),
        Column("value", _("Value"), value=_kept_value),
        Column("numerator", _("Numerator"), Kind.NUMBER),
        Column("denominator", _("Denominator"), Kind.NUMBER),
        Column("loans", _("Loans"), Kind.NUMBER),
        Column("currency", _("Currency")),
        Column("lender.name", _("Lender")),
        Column("recorded_by.display_name", _("Kept by"), shown=False),
    )
    filters = (
        Choice("ratio", _("Ratio"), [(item.value, ratio_name(item, "…")) for item in RatioId]),
        DateRange("as_of", _("As of"), "cut_off"),
    )
    order = "-cut_off"
    empty = EmptyState(_("No ratios kept yet"), _("They are kept from the portfolio page."))


class RatioForm(HouseForm):
    """The period, currency and lender of the ratios to keep."""

    since = DayField(label=_("Period from"))
    on = DayField(label=_("As of"))
    currency = forms.ChoiceField(label=_("Currency"))
    lender = forms.ModelChoiceField(
        label=_("Lender"), queryset=Lender.objects.none(), required=False, empty_label=_("all")
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her currencies and lenders."""
        super().__init__(*args, **options)
        currency, lender = self.fields["currency"], self.fields["lender"]
        assert isinstance(currency, forms.ChoiceField)
        assert isinstance(lender, forms.ModelChoiceField)
        currency.choices = loan_choices.of("currency")(staff)
        lender.queryset = Lender.objects.visible_to(staff)


class RecordRatios(FormPage):
    """Keep every ratio as it stands."""

    form_class = RatioForm
    permission = "lending.record_ratios"
    title = _("Keep these ratios")
    intro = _("Each is kept with its definition, both numbers and the day.")
    verb = _("Keep them")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """This year up to today."""
        on = timezone.localdate()
        return {"since": date(on.year, 1, 1), "on": on}

    def perform(self, values: dict[str, Any]) -> list[RatioRecord]:
        """Keep them."""
        return services.record_ratios(acting_staff=self.staff, **values)

    def success_url(self, result: list[RatioRecord]) -> str:
        """The ratios kept."""
        return reverse("lending:ratio_list")

    def done_message(self, result: list[RatioRecord]) -> str:
        """What was done."""
        return str(_("The ratios are kept."))
