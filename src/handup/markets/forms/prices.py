"""The forms of markets and prices."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from handup.markets.forms.fields import Placed, offer, one_of
from handup.markets.models import Commodity, CommodityUnit, MarketPlace
from handup.markets.models import labels as lb
from handup.markets.rules.prices import Limits
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.forms.fields import area_field, office_field, programme_field


class MarketForm(Placed):
    """A market to enter."""

    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.CharField(label=_("Code"), max_length=40)
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        required=False,
        help_text=_("Left open: the programme's."),
    )
    remark = forms.CharField(label=_("Remark"), max_length=300, required=False)
    questions = (
        Question(_("Which market is it?"), ("name", "code", "area", "remark")),
        Question(_("Where does it belong?"), ("programme", "office", "currency")),
    )


class DutyForm(HouseForm):
    """Who asks for a price, and how often."""

    commodity: Any = forms.ModelChoiceField(Commodity.objects.none(), label=_("Product"))
    collector: Any = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Who asks"))
    every_days = forms.IntegerField(
        label=_("Every so many days"), min_value=1, max_value=366, initial=7
    )
    from_date = DayField(label=_("From"))
    to_date = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer products and colleagues."""
        super().__init__(*args, **options)
        offer(self, "commodity", Commodity.objects.filter(active=True))
        offer(self, "collector", StaffUser.objects.filter(is_active=True).order_by("display_name"))


class QuotesField(MoneyField):
    """Several prices as they were told, one a line or with a semicolon between."""

    widget = forms.Textarea(attrs={"rows": 3, "inputmode": "decimal"})

    def clean(self, value: Any) -> Any:
        """Each in smallest units."""
        parts = [part for part in str(value or "").replace("\n", ";").split(";") if part.strip()]
        if not parts and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return [MoneyField.clean(self, part.strip()) for part in parts]


class PriceForm(HouseForm):
    """A price as it was told."""

    observed_date = DayField(label=_("Day"))
    commodity: Any = forms.ModelChoiceField(Commodity.objects.none(), label=_("Product"))
    variety = forms.CharField(label=_("Variety"), max_length=60, required=False)
    grade = forms.CharField(label=_("Grade"), max_length=40, required=False)
    level = one_of(lb.PRICE_LEVEL, _("Sold"))
    availability = one_of(lb.AVAILABILITY, _("To be had"), initial=lb.Availability.GOOD.value)
    quotes = QuotesField(
        label=_("Prices asked"),
        required=False,
        help_text=_("Ask three sellers or more; one price a line."),
    )
    unit: Any = forms.ModelChoiceField(
        CommodityUnit.objects.none(),
        label=_("Per"),
        required=False,
        empty_label=_("kg, l or piece"),
    )
    unit_told = forms.CharField(
        label=_("Per another unit"),
        max_length=60,
        required=False,
        help_text=_(
            "As they say it. Until somebody weighs it, the price is kept but not compared."
        ),
    )
    questions = (
        Question(_("What is sold?"), ("observed_date", "commodity", "variety", "grade", "level")),
        Question(_("At which price?"), ("availability", "quotes", "unit", "unit_told")),
    )

    def __init__(self, *args: Any, market: MarketPlace, **options: Any) -> None:
        """Offer the products, and their units by product."""
        super().__init__(*args, **options)
        offer(self, "commodity", Commodity.objects.filter(active=True))
        units = CommodityUnit.objects.select_related("commodity").order_by(
            "commodity__name", "name"
        )
        offer(self, "unit", units)
        field: Any = self.fields["unit"]
        field.label_from_instance = lambda row: f"{row.commodity}: {row.name}"
        quotes = self.fields["quotes"]
        assert isinstance(quotes, MoneyField)
        quotes.currency = market.currency


class ReasonForm(HouseForm):
    """Why."""

    reason = forms.CharField(
        label=_("Why?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class LimitsForm(Placed):
    """From where a price is doubted."""

    programme = programme_field()
    commodity: Any = forms.ModelChoiceField(
        Commodity.objects.none(), label=_("Product"), required=False, empty_label=_("all of them")
    )
    ln_milli = forms.IntegerField(
        label=_("Doubted from a change of (thousandths of ln)"),
        min_value=1,
        max_value=3_000,
        help_text=_("300 doubts what is about 35 % above or 26 % below the ones before it."),
    )
    least_quotes = forms.IntegerField(label=_("Least number asked"), min_value=1, max_value=20)
    look_back = forms.IntegerField(
        label=_("Held against so many before it"), min_value=1, max_value=20
    )
    old_days = forms.IntegerField(label=_("Too old after so many days"), min_value=1, max_value=366)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the products."""
        super().__init__(*args, **options)
        offer(self, "commodity", Commodity.objects.filter(active=True))


def limits_of(told: dict[str, Any]) -> Limits:
    """The limits a form told."""
    return Limits(told["ln_milli"], told["least_quotes"], told["look_back"], told["old_days"])


class IndexForm(HouseForm):
    """The consumer price index of a month."""

    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    month = DayField(label=_("A day of the month"))
    index = forms.DecimalField(
        label=_("Index"), max_digits=9, decimal_places=3, min_value=0, max_value=1_000_000
    )
    source = forms.CharField(label=_("Source"), max_length=200)
