"""Pages of value chains: the list, a chain with its map and margins, one round, its entry."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets import queries, services
from handup.markets.forms import chains as f
from handup.markets.models import ChainActor, ChainRound, Commodity, ValueChain
from handup.markets.models import labels as lb
from handup.markets.queries import RoundMargins
from handup.markets.rules.chains import Link
from handup.markets.views.drawing import Stop, chain_map
from handup.markets.views.words import exact_money, exact_percent
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.projects.models import Programme

NEW_CHAIN = Action(_("Open a value chain"), "markets:chain_new", "markets.open_chain")


class ChainList(ListPage):
    """Value chains."""

    model = ValueChain
    permission = "markets.view_chain"
    title = _("Value chains")
    related = ("commodity", "programme", "area")
    columns = (
        Column("title", _("Chain"), Kind.LINK, sort="title", url_name="markets:chain_detail"),
        Column("commodity", _("Product")),
        Column("area", _("Area")),
        Column("programme", _("Programme")),
        Column("code", _("Code"), sort="code", shown=False),
    )
    filters = (
        Search(("title", "code", "commodity__name")),
        Choice(
            "commodity",
            _("Product"),
            lambda staff: [(row.pk, row) for row in Commodity.objects.all()],
            field="commodity_id",
        ),
        Choice(
            "programme",
            _("Programme"),
            lambda staff: [(row.pk, row) for row in Programme.objects.visible_to(staff)],
            field="programme_id",
        ),
    )
    order = "title"
    primary = NEW_CHAIN
    actions = (Action(_("Compare the chains"), "markets:chain_compare_all", "markets.view_chain"),)
    empty = EmptyState(
        _("No value chain yet"),
        _("A chain says who handles a product, at which price, and what each of them earns."),
        NEW_CHAIN,
    )


class ChainNew(FormPage):
    """Open a value chain."""

    form_class = f.ChainForm
    permission = "markets.open_chain"
    title = _("Open a value chain")
    verb = _("Open the chain")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> ValueChain:
        """Open it."""
        return services.open_chain(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: ValueChain) -> str:
        """Its page."""
        return reverse("markets:chain_detail", args=[result.pk])


MARGIN_COLUMNS = (
    Column("name", _("Actor")),
    Column("price", _("Sells for"), Kind.FIGURE),
    Column("buying", _("Bought for, with what is lost"), Kind.FIGURE),
    Column("cost", _("Own costs"), Kind.FIGURE),
    Column("net", _("Earns"), Kind.FIGURE),
    Column("net_percent", _("Of its price"), Kind.FIGURE),
    Column("marketing", _("Adds to the price"), Kind.FIGURE),
    Column("share", _("Share of the final price"), Kind.FIGURE),
)


class MarginRow:
    """One actor of a round in words."""

    def __init__(self, link: Link, currency: str) -> None:
        """Write the link out in the chain's currency."""
        flow, margin = link.flow, link.margin
        self.name = flow.name
        self.price = format_money(flow.price_units, currency)
        self.buying = exact_money(margin.buying_cost, currency)
        self.cost = format_money(flow.own_cost_units, currency)
        self.net = exact_money(margin.net_margin, currency)
        self.net_percent = exact_percent(margin.net_margin_percent)
        self.marketing = exact_money(margin.marketing_margin, currency)
        self.share = exact_percent(margin.share_of_final_percent)


def margin_table(told: RoundMargins, chain: ValueChain) -> Table:
    """The margins of a round, actors in the order of the goods."""
    title = _t("Prices and margins per %(unit)s, %(day)s") % {
        "unit": chain.unit_words,
        "day": format_day(told.round.taken_date),
    }
    rows = [MarginRow(link, chain.currency) for link in told.along.links]
    return Table(title, MARGIN_COLUMNS, rows)


def tiles_of(told: RoundMargins, chain: ValueChain) -> list[Tile]:
    """What a round says at a glance."""
    along = told.along
    if not along.links:
        return []
    first = along.links[0].flow.name
    losers = ", ".join(link.flow.name for link in along.losers)
    return [
        Tile(
            _t("Final price"),
            format_money(along.final_price, chain.currency),
            of=_t("per %(unit)s") % {"unit": chain.unit_words},
        ),
        Tile(
            _t("Of the final price to %(actor)s") % {"actor": first},
            exact_percent(along.first_share),
            how=_t("Its selling price, divided by the price of the last actor."),
        ),
        Tile(
            _t("Lost on the way"),
            exact_percent(along.lost_percent),
            how=_t("Of what the first actor sells, never sold by the last one."),
            tone=Tone.WARN if along.lost_percent else Tone.PLAIN,
        ),
        Tile(
            _t("Actors who lose money"),
            format_number(len(along.losers)),
            of=losers or Tile.of_all(len(along.links)),
            tone=Tone.BAD if along.losers else Tone.GOOD,
        ),
    ]


def map_of(actors: Sequence[ChainActor], told: RoundMargins | None, currency: str) -> Any:
    """The drawing of a chain: with prices once a round was taken."""
    links = {link.flow.key: link for link in told.along.links} if told else {}
    stops = []
    for actor in actors:
        link = links.get(str(actor.pk))
        where = str(actor.area) if actor.area else str(actor.get_stage_display())
        share = link.margin.share_of_final_percent if link else None
        lost = link.flow.loss_bps if link else 0
        stops.append(
            Stop(
                actor.name,
                where,
                format_money(link.flow.price_units, currency) if link else "",
                int(share * 10) if share is not None else 0,
                _t("%(share)s lost") % {"share": f"{format_number(lost / 100)} %"} if lost else "",
            )
        )
    return chain_map(stops)


class ChainPage(RecordPage):
    """A chain: its map, the newest margins, who works in it, the rounds."""

    model = ValueChain
    permission = "markets.view_chain"
    related = ("commodity", "programme", "area", "office")
    template = "markets/chain.html"
    record: ValueChain

    @cached_property
    def newest(self) -> list[RoundMargins]:
        """The newest round, as a list of at most one."""
        return queries.margins_of(list(queries.rounds_that_count(self.record)[:1]))

    @cached_property
    def actors(self) -> list[ChainActor]:
        """Its actors in the order of the goods."""
        return list(self.record.actors.select_related("area").order_by("position"))

    def header(self) -> Header:
        """Its title and the next round."""
        row = self.record

        def act(label: Any, name: str, permission: str) -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,))

        ask = act(_("Record prices and costs"), "round_new", "markets.record_round")
        name = act(_("Name an actor"), "actor_new", "markets.open_chain")
        compare = act(_("Compare two days"), "chain_compare", "markets.view_chain")
        return Header(
            row.title,
            subtitle=row.summary,
            primary=ask if self.actors else name,
            actions=(name, compare) if self.newest else (name,) if self.actors else (),
            crumbs=(Crumb(_("Value chains"), reverse("markets:chain_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """The newest round at a glance."""
        return tiles_of(self.newest[0], self.record) if self.newest else []

    def context(self) -> dict[str, Any]:
        """The map."""
        told = self.newest[0] if self.newest else None
        hint = _t("The bar under each price is its share of the final price.")
        return {
            "map": map_of(self.actors, told, self.record.currency),
            "map_hint": hint if told else _t("No prices yet."),
        }

    def facts(self) -> Sequence[FactGroup]:
        """Product, place, women and youth."""
        row = self.record
        return [
            FactGroup(
                _("The chain"),
                [
                    Fact(
                        _("Product"),
                        row.commodity,
                        href=reverse("markets:commodity_detail", args=[row.commodity_id]),
                    ),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Area"), row.area),
                    Fact(_("Prices are per"), row.unit_words),
                    Fact(_("What women do in it"), row.women_role),
                    Fact(_("What young people do in it"), row.youth_role),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Margins, actors, rounds."""
        newest = [margin_table(self.newest[0], self.record)] if self.newest else []
        return [*newest, self._actors(), self._rounds()]

    def _actors(self) -> Table:
        return Table(
            _("Who handles the goods"),
            (
                Column("position", _("Place"), Kind.NUMBER),
                Column("name", _("Actor")),
                Column("stage", _("What they do")),
                Column("area", _("Area")),
                Column("people", _("How many"), Kind.NUMBER),
                Column("women", _("Women"), Kind.NUMBER),
                Column("youth", _("Young people"), Kind.NUMBER),
                Column("constraint", _("What holds them back")),
                Column("intervention", _("What is done about it")),
            ),
            self.actors,
            EmptyState(_("No actor yet"), _("Name them in the order of the goods.")),
        )

    def _rounds(self) -> Table:
        return Table(
            _("Rounds"),
            (
                Column(
                    "taken_date",
                    _("Day"),
                    Kind.LINK,
                    value=lambda row: format_day(row.taken_date),
                    url_name="markets:round_detail",
                ),
                Column("source", _("Source")),
                Column("taken_by", _("Recorded by")),
                Column("state", _("State"), Kind.STATE, value=round_state),
            ),
            self.record.rounds.select_related("taken_by", "replaced_by"),
            EmptyState(_("No round yet"), _("Margins are worked out as soon as there is one.")),
        )


def round_state(row: ChainRound) -> State:
    """Whether a round counts."""
    if hasattr(row, "replaced_by"):
        return State(_("replaced"), Tone.PLAIN)
    return State(_("counts"), Tone.GOOD)


class ActorNew(FormPage):
    """Name an actor of a chain."""

    form_class = f.ActorForm
    permission = "markets.open_chain"
    title = _("Name an actor")
    verb = _("Name them")
    subject_model = ValueChain
    subject: ValueChain

    def form_options(self) -> dict[str, Any]:
        """The areas in force."""
        return {"areas": f.areas_in_force()}

    def perform(self, values: dict[str, Any]) -> ChainActor:
        """Name them."""
        told = values | {"stage": lb.Stage(values["stage"])}
        return services.add_actor(
            acting_staff=self.staff, chain=self.subject, id=self.new_id, **told
        )

    def success_url(self, result: ChainActor) -> str:
        """The chain."""
        return reverse("markets:chain_detail", args=[self.subject.pk])


class RoundNew(FormPage):
    """Record prices and costs along a chain."""

    form_class = f.RoundForm
    permission = "markets.record_round"
    title = _("Record prices and costs")
    verb = _("Record")
    subject_model = ValueChain
    subject: ValueChain
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Of which chain."""
        return {"chain": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"taken_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> ChainRound:
        """Record it."""
        return services.record_round(
            acting_staff=self.staff,
            chain=self.subject,
            taken_date=values["taken_date"],
            source=values["source"],
            remark=values["remark"],
            flows=f.flows_of(self.subject, values),
            today=timezone.localdate(),
            replaces=self.replaced(),
            id=self.new_id,
        )

    def replaced(self) -> ChainRound | None:
        """Which round it replaces: none, for a new one."""
        return None

    def success_url(self, result: ChainRound) -> str:
        """The chain."""
        return reverse("markets:chain_detail", args=[self.subject.pk])


class RoundCorrect(RoundNew):
    """Replace a round that was wrong; it stays and counts no more."""

    title = _("Correct a round")
    intro = _("The round as it was stays in the list; from now on the new figures count.")
    verb = _("Replace it")

    def find_subject(self, pk: Any) -> Any:
        """The chain of the round."""
        row = ChainRound.objects.visible_to(self.staff).filter(pk=pk).first()
        return None if row is None else row.chain

    def replaced(self) -> ChainRound | None:
        """The round of the address."""
        return ChainRound.objects.get(pk=self.kwargs["pk"])

    def initial(self) -> dict[str, Any]:
        """What the round says now."""
        row = self.replaced()
        if row is None:
            raise Http404
        return f.filled(row)


class RoundPage(RecordPage):
    """One round: what every actor told and earns."""

    model = ChainRound
    permission = "markets.view_chain"
    related = ("chain", "chain__commodity", "taken_by", "replaced_by", "replaces")
    record: ChainRound

    @cached_property
    def told(self) -> RoundMargins:
        """Its margins."""
        return queries.margins_of([self.record])[0]

    def header(self) -> Header:
        """Chain and day; a wrong one can be replaced."""
        row = self.record
        correct = Action(
            _("Correct a round"), "markets:round_correct", "markets.record_round", args=(row.pk,)
        )
        return Header(
            format_day(row.taken_date),
            subtitle=row.chain.title,
            state=round_state(row),
            actions=() if hasattr(row, "replaced_by") else (correct,),
            crumbs=(
                Crumb(_("Value chains"), reverse("markets:chain_list")),
                Crumb(row.chain.title, reverse("markets:chain_detail", args=[row.chain_id])),
            ),
        )

    def tiles(self) -> Sequence[Tile]:
        """At a glance."""
        return tiles_of(self.told, self.record.chain)

    def facts(self) -> Sequence[FactGroup]:
        """Where the figures come from."""
        row = self.record
        return [
            FactGroup(
                _("The round"),
                [
                    Fact(_("Source"), row.source),
                    Fact(_("Recorded by"), row.taken_by),
                    Fact(_("Remark"), row.remark),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The margins, and how much was sold."""
        return [
            margin_table(self.told, self.record.chain),
            Table(
                _("Sold in the season"),
                (
                    Column("actor", _("Actor")),
                    Column("volume", _("How much"), Kind.NUMBER),
                    Column("remark", _("Remark")),
                ),
                [flow for flow in self.told.flows if flow.volume is not None or flow.remark],
                EmptyState(_("Nobody told how much")),
            ),
        ]
