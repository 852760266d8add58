"""Pages of the markets: the list, one market with its newest prices, its board on paper, who asks
there, and prices over time.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.markets.forms import prices as f
from handup.markets.models import Commodity, MarketPlace, PriceDuty, PriceObservation
from handup.markets.models import labels as lb
from handup.markets.queries import prices as queries
from handup.markets.queries.prices import MonthPrice
from handup.markets.rules.prices import Limits
from handup.markets.services import prices as services
from handup.markets.views.prices import PRICE_COLUMNS, price_words, quote_words
from handup.markets.views.words import exact_money
from handup.org.web.charts import Chart, Series
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import currency_digits, format_day, format_month, format_number
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    FiguresPage,
    Header,
    PaperPage,
    RecordPage,
    State,
    Table,
)

NEW_MARKET = Action(_("Enter a market"), "markets:market_new", "markets.open_market")
MOST_LINES = 4
MONTHS = 24


class MarketList(ListPage):
    """The places where prices are told."""

    model = MarketPlace
    permission = "markets.view_price"
    title = _("Markets")
    related = ("area", "programme")
    columns = (
        Column("name", _("Market"), Kind.LINK, sort="name", url_name="markets:market_detail"),
        Column("area", _("Area")),
        Column("programme", _("Programme")),
        Column("currency", _("Currency")),
        Column("code", _("Code"), sort="code", shown=False),
    )
    filters = (Search(("name", "code")),)
    order = "name"
    primary = NEW_MARKET
    actions = (Action(_("Prices to ask"), "markets:duty_list", "markets.view_price"),)
    empty = EmptyState(
        _("No market yet"), _("Prices are told at a market: enter the first one."), NEW_MARKET
    )


class OpenMarket(FormPage):
    """Enter a market."""

    form_class = f.MarketForm
    permission = "markets.open_market"
    title = _("Enter a market")
    verb = _("Enter")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> MarketPlace:
        """Enter it."""
        return services.open_market(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: MarketPlace) -> str:
        """Its page."""
        return reverse("markets:market_detail", args=[result.pk])


class MarketPage(RecordPage):
    """A market: its newest prices, who asks there."""

    model = MarketPlace
    permission = "markets.view_price"
    related = ("area", "programme", "office")
    record: MarketPlace

    def header(self) -> Header:
        """Its name; record, publish, print."""
        row = self.record

        def act(label: Any, name: str, permission: str, *, post: bool = False) -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,), post=post)

        return Header(
            row.name,
            subtitle=str(row.area or ""),
            primary=act(_("Record a price"), "price_new", "markets.record_price"),
            actions=(
                act(_("Say who asks"), "duty_new", "markets.assign_prices"),
                act(_("Publish the prices"), "price_publish", "markets.publish_prices", post=True),
                act(_("Price board"), "price_board", "markets.view_price"),
            ),
            crumbs=(Crumb(_("Markets"), reverse("markets:market_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where it lies."""
        row = self.record
        return [
            FactGroup(
                _("The market"),
                [
                    Fact(_("Area"), row.area),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Currency"), row.currency),
                    Fact(_("Remark"), row.remark),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Newest prices, who asks."""
        prices = PriceObservation.objects.visible_to(self.staff).filter(market=self.record)
        duties = queries.live_duties(self.staff, on=timezone.localdate())
        return [
            Table(
                _("Newest prices"),
                [column for column in PRICE_COLUMNS if column.shown and column.name != "market"],
                prices.select_related("commodity", "market", "unit").order_by(
                    "-observed_date", "-id"
                )[:20],
                EmptyState(_("No price yet"), _("Ask three sellers or more.")),
                Action(
                    _("All prices"),
                    href=f"{reverse('markets:price_list')}?market={self.record.pk}",
                ),
            ),
            Table(
                _("Who asks here"),
                DUTY_COLUMNS[1:],
                duties.filter(market=self.record).select_related("commodity", "collector"),
                EmptyState(_("Nobody yet")),
            ),
        ]


def due_state(duty: PriceDuty) -> State:
    """Whether a price is due, in words."""
    due = queries.due_date(duty)
    if due <= timezone.localdate():
        return State(_t("due since %(day)s") % {"day": format_day(due)}, Tone.WARN)
    return State(_t("next on %(day)s") % {"day": format_day(due)}, Tone.PLAIN)


DUTY_COLUMNS = (
    Column(
        "market",
        _("Market"),
        Kind.LINK,
        href=lambda row: reverse("markets:market_detail", args=[row.market_id]),
    ),
    Column("commodity", _("Product")),
    Column("collector", _("Who asks")),
    Column("every_days", _("Every so many days"), Kind.NUMBER),
    Column("last_date", _("Last asked"), Kind.DATE),
    Column("due", _("Due"), Kind.STATE, value=due_state),
)


class DutyList(ListPage):
    """Prices to ask: whose product was last asked longest ago comes first."""

    model = PriceDuty
    permission = "markets.view_price"
    title = _("Prices to ask")
    columns = DUTY_COLUMNS
    filters = (Search(("market__name", "commodity__name", "collector__display_name")),)
    order = "from_date"
    empty = EmptyState(
        _("Nothing to ask"), _("On a market's page somebody says who asks what, and how often.")
    )

    def rows(self) -> Any:
        """The duties that hold today."""
        staff: Any = self.request.user
        rows = queries.live_duties(staff, on=timezone.localdate())
        return rows.select_related("market", "commodity", "collector")


class AssignPrices(FormPage):
    """Say who asks for a price, and how often."""

    form_class = f.DutyForm
    permission = "markets.assign_prices"
    title = _("Say who asks")
    verb = _("Save")
    subject_model = MarketPlace
    subject: MarketPlace

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"from_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> PriceDuty:
        """Say it."""
        return services.assign_prices(
            acting_staff=self.staff, market=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: PriceDuty) -> str:
        """The market."""
        return reverse("markets:market_detail", args=[self.subject.pk])


class PublishPrices(View):
    """One button publishes what is not doubted at a market."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Publish it."""
        staff: Any = request.user
        market = MarketPlace.objects.visible_to(staff).filter(pk=pk).first()
        if market is None:
            raise Http404
        services.publish_prices(acting_staff=staff, market=market, on=timezone.localdate())
        return HttpResponseRedirect(reverse("markets:market_detail", args=[pk]))


class PriceBoard(PaperPage):
    """One page of a market to hang up: the newest published prices, in the units people use."""

    model = MarketPlace
    permission = "markets.view_price"
    related = ("area",)
    record: MarketPlace

    def header(self) -> Header:
        """Market and day."""
        return Header(
            _t("Prices at %(market)s") % {"market": self.record},
            subtitle=format_day(timezone.localdate()),
        )

    def tables(self) -> Sequence[Table]:
        """The newest published price of each product."""
        since = timezone.localdate() - timedelta(days=Limits().old_days)
        return [
            Table(
                _t("Published since %(day)s") % {"day": format_day(since)},
                (
                    Column("commodity", _("Product")),
                    Column("grade", _("Grade")),
                    Column("level", _("Sold")),
                    Column("told", _("As told"), value=quote_words),
                    Column("price", _("Price"), Kind.FIGURE, value=price_words),
                    Column("availability", _("To be had")),
                    Column("observed_date", _("Day"), Kind.DATE),
                ),
                queries.board_of(self.record, since=since),
                EmptyState(_("Nothing published"), _("Prices go on the board once published.")),
            )
        ]


class PriceSeries(FiguresPage):
    """The price of a product over the months, one line a market."""

    permission = "markets.view_price"
    title = _("Prices over time")
    template = "markets/series.html"

    @cached_property
    def commodity(self) -> Commodity | None:
        """The product asked for; without one, that of the newest price."""
        try:
            wanted = UUID(self.request.GET.get("commodity", ""))
        except ValueError:
            rows = queries.standing(self.staff).select_related("commodity")
            newest = rows.order_by("-observed_date", "-id").first()
            return newest.commodity if newest else None
        return Commodity.objects.filter(pk=wanted).first()

    @cached_property
    def level(self) -> str:
        """Where it is sold."""
        told = self.request.GET.get("level", "")
        known = {level.value for level in lb.PriceLevel}
        return told if told in known else lb.PriceLevel.RETAIL.value

    @cached_property
    def months(self) -> list[MonthPrice]:
        """The medians by month and market of the two years that end with the newest price."""
        if self.commodity is None:
            return []
        sold = queries.standing(self.staff).filter(commodity=self.commodity, level=self.level)
        newest = sold.order_by("-observed_date").values_list("observed_date", flat=True).first()
        since = (newest or timezone.localdate()) - timedelta(days=31 * MONTHS)
        return queries.monthly(self.staff, commodity=self.commodity, level=self.level, since=since)

    def header(self) -> Header:
        """Of what."""
        return Header(
            self.title,
            f"{self.commodity}" if self.commodity else "",
            crumbs=(Crumb(_("Prices"), reverse("markets:price_list")),),
        )

    def context(self) -> dict[str, Any]:
        """What can be chosen."""
        return {
            "commodities": Commodity.objects.filter(active=True),
            "levels": lb.choices(lb.PRICE_LEVEL),
            "commodity": self.commodity,
            "level": self.level,
        }

    def charts(self) -> Sequence[Chart]:
        """Up to four markets, those with most months first."""
        if not self.months or self.commodity is None:
            return []
        months = sorted({row.month for row in self.months})
        by_market: dict[MarketPlace, dict[date, MonthPrice]] = {}
        for row in self.months:
            by_market.setdefault(row.market, {})[row.month] = row
        most = sorted(by_market.items(), key=lambda item: (-len(item[1]), item[0].name))
        lines = [
            Series(
                market.name,
                [_main(held[month]) if month in held else None for month in months],
            )
            for market, held in most[:MOST_LINES]
        ]
        first, last = self.months[0], self.months[-1]
        title = _t("%(product)s: %(last)s in the newest month, %(first)s in the oldest") % {
            "product": self.commodity,
            "first": exact_money(first.price, first.market.currency),
            "last": exact_money(last.price, last.market.currency),
        }
        units = _t("%(currency)s per %(unit)s, median of the month") % {
            "currency": last.market.currency,
            "unit": self.commodity.get_base_unit_display(),
        }
        return [
            Chart(
                title,
                units,
                _t("Prices told at the markets"),
                points=[format_month(month) for month in months],
                series=lines,
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Every month and market, with the price in money of the newest index."""
        return [
            Table(
                _("By month"),
                (
                    Column("month", _("Month"), value=lambda row: format_month(row.month)),
                    Column("market", _("Market")),
                    Column(
                        "price",
                        _("Price"),
                        Kind.FIGURE,
                        value=lambda row: exact_money(row.price, row.market.currency),
                    ),
                    Column(
                        "real",
                        _("In money of the newest index"),
                        Kind.FIGURE,
                        value=lambda row: exact_money(row.real, row.market.currency),
                    ),
                    Column(
                        "told",
                        _("Prices told"),
                        Kind.FIGURE,
                        value=lambda row: format_number(row.told),
                    ),
                ),
                list(reversed(self.months)),
                EmptyState(_("No price yet"), _("Choose another product or where it is sold.")),
            )
        ]


def _main(row: MonthPrice) -> float:
    """A price in main units, for the drawing."""
    units: int = 10 ** currency_digits(row.market.currency)
    return round(float(row.price / units), 2)
