"""Chains beside each other, and one chain on two days."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import decimal_text
from handup.markets import queries
from handup.markets.models import ChainRound, ValueChain
from handup.markets.queries import RoundMargins
from handup.markets.rules.chains import Step, compare
from handup.markets.views.words import changed_money, exact_percent, signed
from handup.org.web.charts import Bar, Chart
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, FiguresPage, Header, Table


class ChainsCompared(FiguresPage):
    """Every chain the reader may see, by its newest round."""

    permission = "markets.view_chain"
    title = _("Chains compared")
    intro = _(
        "Shares can be compared between chains of any product and currency; prices only within one."
    )

    @cached_property
    def rounds(self) -> list[RoundMargins]:
        """The newest round of each chain."""
        return queries.latest_of_each(self.staff)

    def header(self) -> Header:
        """The way back to the list."""
        crumbs = (Crumb(_("Value chains"), reverse("markets:chain_list")),)
        return Header(self.title, self.intro, crumbs=crumbs)

    def charts(self) -> Sequence[Chart]:
        """What the first actor of each chain gets."""
        told = [row for row in self.rounds if row.along.first_share is not None]
        if not told:
            return []
        best = max(told, key=lambda row: row.along.first_share or 0)
        title = _t("Of the final price, the first actor gets most in %(chain)s: %(share)s") % {
            "chain": best.round.chain.title,
            "share": exact_percent(best.along.first_share),
        }
        bars = [
            Bar(
                row.round.chain.title,
                round(float(row.along.first_share or 0), 1),
                exact_percent(row.along.first_share),
                reverse("markets:chain_detail", args=[row.round.chain_id]),
            )
            for row in told
        ]
        return [Chart(title, _t("Share of the final price, percent"), bars=bars)]

    def tables(self) -> Sequence[Table]:
        """Everything that can be compared."""
        return [
            Table(
                _("By the newest round of each"),
                (
                    Column(
                        "chain",
                        _("Chain"),
                        value=lambda row: row.round.chain.title,
                        href=lambda row: reverse("markets:chain_detail", args=[row.round.chain_id]),
                    ),
                    Column("day", _("Day"), value=lambda row: format_day(row.round.taken_date)),
                    Column(
                        "actors",
                        _("Actors"),
                        Kind.FIGURE,
                        value=lambda row: format_number(len(row.along.links)),
                    ),
                    Column("price", _("Final price"), Kind.FIGURE, value=final_price),
                    Column(
                        "share",
                        _("To the first actor"),
                        Kind.FIGURE,
                        value=lambda row: exact_percent(row.along.first_share),
                    ),
                    Column(
                        "lost",
                        _("Lost on the way"),
                        Kind.FIGURE,
                        value=lambda row: exact_percent(row.along.lost_percent),
                    ),
                    Column(
                        "losers",
                        _("Lose money"),
                        value=lambda row: ", ".join(link.flow.name for link in row.along.losers),
                    ),
                ),
                self.rounds,
                EmptyState(_("No round yet"), _("Record prices and costs on a chain's page.")),
            )
        ]


def final_price(row: RoundMargins) -> str:
    """The price of the last actor and what it is for."""
    chain = row.round.chain
    return f"{format_money(row.along.final_price, chain.currency)} / {chain.unit_words}"


class ChainCompared(FiguresPage):
    """One chain on two days: `before` and `after` name rounds; left out, the two newest."""

    permission = "markets.view_chain"
    chain: ValueChain
    before: RoundMargins | None = None
    after: RoundMargins | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the chain and the rounds."""
        staff: Any = request.user
        rows = ValueChain.objects.visible_to(staff).select_related("commodity")
        found = rows.filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.chain = found
        rounds = list(queries.rounds_that_count(found)[:200])
        after = _named(rounds, request.GET.get("after", ""), 0)
        earlier = [row for row in rounds if after is None or row.pk != after.pk]
        before = _named(earlier, request.GET.get("before", ""), 0)
        told = {row.round.pk: row for row in queries.margins_of([r for r in (before, after) if r])}
        self.before = told.get(before.pk) if before else None
        self.after = told.get(after.pk) if after else None
        return super().get(request, *args, **kwargs)

    def header(self) -> Header:
        """Which chain, which days."""
        days = ""
        if self.before and self.after:
            days = _t("%(before)s and %(after)s") % {
                "before": format_day(self.before.round.taken_date),
                "after": format_day(self.after.round.taken_date),
            }
        return Header(
            _t("Two days compared: %(chain)s") % {"chain": self.chain.title},
            days,
            crumbs=(
                Crumb(_("Value chains"), reverse("markets:chain_list")),
                Crumb(self.chain.title, reverse("markets:chain_detail", args=[self.chain.pk])),
            ),
        )

    def context(self) -> dict[str, Any]:
        """The title of the page."""
        return {"title": self.header().title}

    def tables(self) -> Sequence[Table]:
        """Actor by actor, and the rounds there are."""
        steps: Sequence[Step] = ()
        if self.before and self.after:
            steps = compare(self.before.along, self.after.along)
        money = self.chain.currency
        return [
            Table(
                _t("Per %(unit)s") % {"unit": self.chain.unit_words},
                (
                    Column("name", _("Actor")),
                    Column("was", _("Price before"), Kind.FIGURE, value=_price("before", money)),
                    Column("now", _("Price after"), Kind.FIGURE, value=_price("after", money)),
                    Column("change", _("Change"), Kind.FIGURE, value=price_change),
                    Column("net", _("Earns more"), Kind.FIGURE, value=_net_change(money)),
                    Column("share", _("Share of the final price"), Kind.FIGURE, value=share_change),
                ),
                steps,
                EmptyState(
                    _("Nothing to compare yet"), _("Two rounds on different days are needed.")
                ),
            ),
            self._days(),
        ]

    def _days(self) -> Table:
        newest = self.after.round.pk if self.after else None
        here = reverse("markets:chain_compare", args=[self.chain.pk])
        return Table(
            _("Compare with another day"),
            (
                Column(
                    "day",
                    _("Day"),
                    value=lambda row: format_day(row.taken_date),
                    href=lambda row: f"{here}?before={row.pk}",
                ),
                Column("source", _("Source")),
            ),
            [row for row in queries.rounds_that_count(self.chain)[:200] if row.pk != newest],
            EmptyState(_("No other day")),
        )


def _named(rounds: Sequence[ChainRound], text: str, place: int) -> ChainRound | None:
    try:
        wanted = UUID(text)
    except ValueError:
        return rounds[place] if len(rounds) > place else None
    return next((row for row in rounds if row.pk == wanted), None)


def _price(side: str, currency: str) -> Any:
    def shown(step: Step) -> str:
        link = getattr(step, side)
        return "" if link is None else format_money(link.flow.price_units, currency)

    return shown


def price_change(step: Step) -> str:
    """By how many percent the price moved."""
    return signed(exact_percent(step.price_change_percent), step.price_change_percent)


def _net_change(currency: str) -> Any:
    return lambda step: changed_money(step.net_change, currency)


def share_change(step: Step) -> str:
    """By how many points the share moved."""
    if step.share_change is None:
        return exact_percent(None)
    points = format_number(Decimal(decimal_text(step.share_change, 1)))
    return _t("%(change)s points") % {"change": signed(points, step.share_change)}
