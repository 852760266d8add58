"""Prices: the markets they are told at, who goes and asks, what was told, when it is doubted."""

from datetime import date
from fractions import Fraction
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import (
    AVAILABILITY,
    PRICE_LEVEL,
    PRICE_STATE,
    Availability,
    PriceState,
    choices,
)
from handup.markets.models.products import MILLI, Commodity, CommodityUnit, market_paths
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.projects.models.programmes import works_inside

STANDING = (PriceState.RECORDED.value, PriceState.CONFIRMED.value, PriceState.PUBLISHED.value)


class MarketPlace(House):
    """A place where prices are told: a village market, a wholesale hall, a road-side."""

    CLASSES = classify(O="id recorded_at programme office area code name currency active remark")
    SCOPE = market_paths()
    VIEW = "markets.view_price"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="market_places")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    currency = models.CharField(_("currency"), max_length=3)
    active = models.BooleanField(_("active"), default=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["MarketPlace"]] = ScopedManager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("market")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_market_per_code_in_a_programme"
            ),
        )

    def __str__(self) -> str:
        return self.name


class PriceDuty(House):
    """Who asks for the price of a product at a market, and how often."""

    CLASSES = classify(
        O="id recorded_at market commodity every_days from_date to_date", I="collector"
    )
    SCOPE = market_paths("market")
    VIEW = "markets.view_price"

    market = models.ForeignKey(MarketPlace, models.PROTECT, related_name="duties")
    commodity = models.ForeignKey(Commodity, models.PROTECT, related_name="+")
    collector = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    every_days = models.PositiveSmallIntegerField(_("every so many days"), default=7)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["PriceDuty"]] = ScopedManager()

    class Meta:
        ordering = ("market", "commodity", "from_date")
        constraints = (
            models.CheckConstraint(condition=Q(every_days__gte=1), name="duty_every_day_or_rarer"),
        )

    def __str__(self) -> str:
        return f"{self.commodity}, {self.market}"


class PriceObservation(House):
    """What was asked for a product at a market on a day. What was told stays as it was told.

    `quotes` are smallest units for one `unit` (none: the base unit; `unit_told`: one nobody here
    knows). `price_milli` is their median in thousandths of the smallest unit per base unit.
    """

    CLASSES = classify(
        O="id recorded_at market observed_date commodity variety grade level unit unit_told quotes"
        " currency price_milli availability flags state",
        I="observer decided_by decided_date reason published_by published_date",
    )
    SCOPE = market_paths("market")
    VIEW = "markets.view_price"

    market = models.ForeignKey(MarketPlace, models.PROTECT, related_name="prices")
    observed_date = models.DateField(_("day"))
    commodity = models.ForeignKey(Commodity, models.PROTECT, related_name="prices")
    variety = models.CharField(_("variety"), max_length=60, blank=True, default="")
    grade = models.CharField(_("grade"), max_length=40, blank=True, default="")
    level = models.CharField(_("sold"), max_length=9, choices=choices(PRICE_LEVEL))
    unit = models.ForeignKey(
        CommodityUnit, models.PROTECT, null=True, blank=True, related_name="prices"
    )
    unit_told = models.CharField(_("unit as told"), max_length=60, blank=True, default="")
    quotes = models.JSONField(_("quotes"), default=list)
    currency = models.CharField(_("currency"), max_length=3)
    price_milli = models.BigIntegerField(_("price"), null=True, blank=True)
    availability = models.CharField(
        _("to be had"),
        max_length=7,
        choices=choices(AVAILABILITY),
        default=Availability.GOOD.value,
    )
    flags = models.JSONField(_("doubts"), default=list, blank=True)
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=choices(PRICE_STATE),
        default=PriceState.RECORDED.value,
    )
    observer = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("looked at on"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=300, blank=True, default="")
    published_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_date = models.DateField(_("published on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["PriceObservation"]] = ScopedManager()

    class Meta:
        ordering = ("-observed_date", "-id")
        indexes = (
            models.Index(
                fields=("market", "commodity", "level", "-observed_date"), name="price_series"
            ),
            models.Index(fields=("state", "-observed_date"), name="price_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.commodity}, {self.market}, {self.observed_date}"

    @property
    def price(self) -> Fraction | None:
        """Smallest units per base unit."""
        return None if self.price_milli is None else Fraction(self.price_milli, MILLI)

    @property
    def unit_words(self) -> str:
        """The unit its quotes are for."""
        if self.unit is not None:
            return self.unit.name
        return self.unit_told or str(self.commodity.get_base_unit_display())


class PriceRule(House):
    """From where a programme doubts a price: of one product, or of all. The newest counts."""

    CLASSES = classify(
        O="id recorded_at programme commodity ln_milli least_quotes look_back old_days", I="set_by"
    )
    SCOPE = ScopePaths(programme="programme_id", known=works_inside)
    VIEW = "markets.view_price"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="price_rules")
    commodity = models.ForeignKey(
        Commodity, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ln_milli = models.PositiveIntegerField(_("doubted from a change of, in thousandths of ln"))
    least_quotes = models.PositiveSmallIntegerField(_("least number of quotes"))
    look_back = models.PositiveSmallIntegerField(_("held against so many before it"))
    old_days = models.PositiveSmallIntegerField(_("too old after so many days"))
    set_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PriceRule"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.programme}: {self.commodity or '*'}"


class PriceIndex(House):
    """The consumer price index of a currency in a month, to compare prices over years."""

    CLASSES = classify(O="id recorded_at currency month index_milli source")
    VIEW = "markets.view_price"

    currency = models.CharField(_("currency"), max_length=3)
    month = models.DateField(_("month"))
    index_milli = models.PositiveIntegerField(_("index, in thousandths"))
    source = models.CharField(_("source"), max_length=200)

    objects: ClassVar[ScopedManager["PriceIndex"]] = ScopedManager()

    class Meta:
        ordering = ("currency", "-month")
        constraints = (
            models.UniqueConstraint(
                fields=("currency", "month"), name="one_price_index_of_a_currency_a_month"
            ),
            models.CheckConstraint(condition=Q(index_milli__gt=0), name="price_index_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.currency} {self.month:%Y-%m}"


def first_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)
