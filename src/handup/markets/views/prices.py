"""Pages of prices: what was told, one price with its doubts, recording, confirming."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets import sections
from handup.markets.forms import prices as f
from handup.markets.models import Commodity, MarketPlace, PriceIndex, PriceObservation, PriceRule
from handup.markets.models import labels as lb
from handup.markets.rules.prices import Limits
from handup.markets.services import prices as services
from handup.markets.views.words import exact_money
from handup.org.permissions import require_over
from handup.org.rules.access import ScopeKind
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.org.web.money import format_money, format_month
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table

PRICE_TONES = {
    "RECORDED": Tone.INFO,
    "FLAGGED": Tone.WARN,
    "CONFIRMED": Tone.GOOD,
    "PUBLISHED": Tone.GOOD,
    "REJECTED": Tone.BAD,
}
SERIES = Action(_("Prices over time"), "markets:price_series", "markets.view_price")


def price_words(row: PriceObservation) -> str:
    """The price per base unit, or that nobody can say."""
    if row.price is None:
        return ""
    unit = row.commodity.get_base_unit_display()
    return f"{exact_money(row.price, row.currency)} / {unit}"


def doubt_words(row: PriceObservation) -> str:
    """Why it is doubted."""
    words = {code.value: str(word) for code, word in lb.PRICE_DOUBT.items()}
    return ", ".join(words.get(flag, flag) for flag in row.flags)


def quote_words(row: PriceObservation) -> str:
    """What was asked, and for what."""
    told = "; ".join(format_money(quote, row.currency) for quote in row.quotes)
    return f"{told} / {row.unit_words}" if told else ""


PRICE_COLUMNS = (
    Column(
        "commodity",
        _("Product"),
        Kind.LINK,
        value=lambda row: row.commodity.name,
        url_name="markets:price_detail",
    ),
    Column("observed_date", _("Day"), Kind.DATE, sort="observed_date"),
    Column("market", _("Market")),
    Column("level", _("Sold")),
    Column("grade", _("Grade"), shown=False),
    Column("variety", _("Variety"), shown=False),
    Column("price", _("Price"), Kind.FIGURE, value=price_words),
    Column("quotes", _("As told"), value=quote_words, shown=False),
    Column("availability", _("To be had")),
    Column("state", _("State"), Kind.STATE, tones=PRICE_TONES),
    Column("doubts", _("Doubts"), value=doubt_words),
)


class PriceList(ListPage):
    """Every price that was told."""

    model = PriceObservation
    permission = "markets.view_price"
    title = _("Prices")
    related = ("commodity", "market", "unit")
    columns = PRICE_COLUMNS
    filters = (
        Search(("commodity__name", "market__name", "variety")),
        Choice(
            "commodity",
            _("Product"),
            lambda staff: [(row.pk, row) for row in Commodity.objects.all()],
            field="commodity_id",
        ),
        Choice(
            "market",
            _("Market"),
            lambda staff: [(row.pk, row) for row in MarketPlace.objects.visible_to(staff)],
            field="market_id",
        ),
        Choice("level", _("Sold"), lb.choices(lb.PRICE_LEVEL)),
        Choice("state", _("State"), lb.choices(lb.PRICE_STATE)),
        DateRange("observed", _("Day"), "observed_date"),
    )
    order = "-observed_date"
    actions = (
        SERIES,
        Action(_("From where prices are doubted"), "markets:rule_list", "markets.set_price_rule"),
        Action(_("Price index"), "markets:index_list", "markets.record_price_index"),
    )
    empty = EmptyState(
        _("No price yet"), _("Open a market and record what its sellers ask for a product.")
    )


class PricePage(RecordPage):
    """One price: what was told, why it is doubted, who looked at it."""

    model = PriceObservation
    permission = "markets.view_price"
    related = ("commodity", "market", "unit", "observer", "decided_by", "published_by")
    record: PriceObservation

    def header(self) -> Header:
        """What and where; a doubted one is confirmed or rejected."""
        row = self.record

        def act(label: Any, name: str) -> Action:
            return Action(label, f"markets:{name}", "markets.confirm_price", args=(row.pk,))

        waits = row.state == lb.PriceState.FLAGGED
        return Header(
            _t("%(product)s, %(market)s") % {"product": row.commodity, "market": row.market},
            subtitle=price_words(row),
            state=State(row.get_state_display(), PRICE_TONES[row.state]),
            primary=act(_("Confirm the price"), "price_confirm") if waits else None,
            actions=[
                *((act(_("Reject the price"), "price_reject"),) if waits else ()),
                *(one for add in sections.price_actions for one in add(self.staff, row)),
            ],
            crumbs=(Crumb(_("Prices"), reverse("markets:price_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Why it is doubted."""
        return [(Tone.WARN, doubt_words(self.record))] if self.record.flags else []

    def facts(self) -> Sequence[FactGroup]:
        """What was told, and what became of it."""
        row = self.record
        return [
            FactGroup(
                _("What was told"),
                [
                    Fact(_("Day"), row.observed_date),
                    Fact(
                        _("Market"),
                        row.market,
                        href=reverse("markets:market_detail", args=[row.market_id]),
                    ),
                    Fact(_("Sold"), row.get_level_display()),
                    Fact(_("Variety"), row.variety),
                    Fact(_("Grade"), row.grade),
                    Fact(_("Prices asked"), quote_words(row)),
                    Fact(_("Price"), price_words(row)),
                    Fact(_("To be had"), row.get_availability_display()),
                    Fact(_("Asked by"), row.observer),
                ],
            ),
            FactGroup(
                _("What became of it"),
                [
                    Fact(_("Looked at by"), row.decided_by),
                    Fact(_("Looked at on"), row.decided_date),
                    Fact(_("Why"), row.reason),
                    Fact(_("Published by"), row.published_by),
                    Fact(_("Published on"), row.published_date),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """What higher domains know of it: who was told."""
        return [one for add in sections.price_sections for one in add(self.staff, self.record)]


class RecordPrice(FormPage):
    """Record what was asked at a market."""

    form_class = f.PriceForm
    permission = "markets.record_price"
    title = _("Record a price")
    verb = _("Record")
    subject_model = MarketPlace
    subject: MarketPlace

    def form_options(self) -> dict[str, Any]:
        """At which market."""
        return {"market": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"observed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> PriceObservation:
        """Record it."""
        told = services.PriceIn(
            commodity=values["commodity"],
            level=lb.PriceLevel(values["level"]),
            quotes=values["quotes"],
            unit=values["unit"],
            unit_told=values["unit_told"],
            variety=values["variety"],
            grade=values["grade"],
            availability=lb.Availability(values["availability"]),
            id=self.new_id,
        )
        return services.record_price(
            acting_staff=self.staff,
            market=self.subject,
            observed_date=values["observed_date"],
            price=told,
            today=timezone.localdate(),
        )

    def success_url(self, result: PriceObservation) -> str:
        """The price, where it is doubted; else the market."""
        if result.flags:
            return reverse("markets:price_detail", args=[result.pk])
        return reverse("markets:market_detail", args=[self.subject.pk])


class ConfirmPrice(FormPage):
    """Confirm a doubted price somebody else told."""

    form_class = f.ReasonForm
    permission = "markets.confirm_price"
    title = _("Confirm the price")
    verb = _("Confirm")
    subject_model = PriceObservation
    subject: PriceObservation

    def perform(self, values: dict[str, Any]) -> PriceObservation:
        """Confirm it."""
        return services.confirm_price(
            acting_staff=self.staff,
            price=self.subject,
            on=timezone.localdate(),
            reason=values["reason"],
        )

    def success_url(self, result: PriceObservation) -> str:
        """Its page."""
        return reverse("markets:price_detail", args=[self.subject.pk])


class RejectPrice(ConfirmPrice):
    """Reject a doubted price; it stays, and counts for nothing."""

    title = _("Reject the price")
    verb = _("Reject")

    def perform(self, values: dict[str, Any]) -> PriceObservation:
        """Reject it."""
        return services.reject_price(
            acting_staff=self.staff,
            price=self.subject,
            on=timezone.localdate(),
            reason=values["reason"],
        )


NEW_RULE = Action(
    _("Set from where prices are doubted"), "markets:rule_new", "markets.set_price_rule"
)


class RuleList(ListPage):
    """From where prices are doubted, the newest first."""

    model = PriceRule
    permission = "markets.view_price"
    title = _("From where prices are doubted")
    intro = _("The newest of a product counts, else the newest of all products of a programme.")
    related = ("programme", "commodity", "set_by")
    primary = NEW_RULE
    columns = (
        Column("programme", _("Programme")),
        Column("commodity", _("Product"), value=lambda row: row.commodity or _t("all of them")),
        Column("ln_milli", _("Change (thousandths of ln)"), Kind.NUMBER),
        Column("least_quotes", _("Least number asked"), Kind.NUMBER),
        Column("look_back", _("Held against"), Kind.NUMBER),
        Column("old_days", _("Too old after days"), Kind.NUMBER),
        Column("set_by", _("Set by")),
    )
    empty = EmptyState(
        _("Nothing set yet"),
        _(
            "Prices are doubted about 35 % above or 26 % below the four before them, with fewer"
            " than three sellers asked, and after 30 days. A programme sets its own here."
        ),
        NEW_RULE,
    )


class SetPriceRule(FormPage):
    """Set from where prices of a programme are doubted."""

    form_class = f.LimitsForm
    permission = "markets.set_price_rule"
    title = _("Set from where prices are doubted")
    verb = _("Set")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """What holds when nothing is set."""
        usual = Limits()
        return {
            "ln_milli": usual.ln_milli,
            "least_quotes": usual.least_quotes,
            "look_back": usual.look_back,
            "old_days": usual.old_days,
        }

    def perform(self, values: dict[str, Any]) -> PriceRule:
        """Set it."""
        return services.set_price_rule(
            acting_staff=self.staff,
            programme=values["programme"],
            limits=f.limits_of(values),
            commodity=values["commodity"],
        )

    def success_url(self, result: PriceRule) -> str:
        """All of them."""
        return reverse("markets:rule_list")


NEW_INDEX = Action(
    _("Record a price index"),
    "markets:index_new",
    "markets.record_price_index",
    scopes=frozenset({ScopeKind.ALL}),
)


class IndexList(ListPage):
    """The consumer price index by month."""

    model = PriceIndex
    permission = "markets.view_price"
    title = _("Price index")
    columns = (
        Column("month", _("Month"), value=lambda row: format_month(row.month), sort="month"),
        Column("currency", _("Currency"), sort="currency"),
        Column("index", _("Index"), Kind.NUMBER, value=lambda row: row.index_milli / 1_000),
        Column("source", _("Source")),
    )
    order = "-month"
    primary = NEW_INDEX
    empty = EmptyState(
        _("No index yet"),
        _("With it, prices of different years are compared in money of one month."),
        NEW_INDEX,
    )


class RecordPriceIndex(FormPage):
    """Record the consumer price index of a month."""

    form_class = f.IndexForm
    permission = "markets.record_price_index"
    title = _("Record a price index")
    verb = _("Record")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for who may do it for every programme."""
        require_over(self.staff, self.permission)
        return super().dispatch(request, *args, **kwargs)

    def perform(self, values: dict[str, Any]) -> PriceIndex:
        """Record it."""
        return services.record_price_index(
            acting_staff=self.staff,
            currency=values["currency"],
            month=values["month"],
            index_milli=int(values["index"] * 1_000),
            source=values["source"],
        )

    def success_url(self, result: PriceIndex) -> str:
        """All of them."""
        return reverse("markets:index_list")
