"""Pages of produce processed and sold: what a group sold to whom, its batches with yield, cost and
margin, one batch, one sale."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, ProcessingBatch, ProduceSale
from handup.groups.paper import set_paper
from handup.groups.rules.sales import Batch
from handup.groups.services import processing
from handup.groups.services import sales as services
from handup.groups.views.papers import Paper
from handup.kernel.money import round_to
from handup.org.permissions import may
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

VIEW = "groups.view_group"


def quantity(milli: int, measure: str) -> str:
    """A quantity with its unit."""
    words = {"LITRE": _now("%(n)s l"), "KILO": _now("%(n)s kg"), "PIECE": _now("%(n)s pieces")}
    return words[measure] % {"n": format_number(Decimal(milli) / 1000)}


def each(units: Fraction | None, currency: str) -> str:
    """An amount for one unit, rounded half up to the smallest unit; a dash where there is none."""
    return "\u2013" if units is None else format_money(round_to(units), currency)


def worked(row: ProcessingBatch) -> Batch:
    """A batch as the rule reads it."""
    return Batch(row.input_milli, row.output_milli, row.cost_units)


def way(group: Group) -> tuple[Crumb, ...]:
    """The way to what a group sells."""
    return (
        Crumb(_("Groups"), reverse("groups:group_list")),
        Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
        Crumb(_("Processing and sales"), reverse("groups:sales", args=[group.pk])),
    )


def state_of(row: ProduceSale) -> str:
    """Whether a sale is paid."""
    if row.is_reversed:
        return _now("taken back")
    left = services.owed_of(row)
    return format_money(left, row.group.currency) if left else _now("paid")


class SalesPage(RecordPage):
    """What a group processed and sold."""

    model = Group
    permission = VIEW
    related = ("book",)

    def header(self) -> Header:
        """Sell, process."""
        args = (self.record.pk,)
        return Header(
            _("Processing and sales"),
            subtitle=self.record.name,
            primary=Action(_("Write down a sale"), "groups:sale_new", services.SELL, args),
            actions=[
                Action(_("Write down a batch"), "groups:batch_new", processing.PROCESS, args),
                Action(_("Print the list"), "groups:sales_paper", VIEW, args),
            ],
            crumbs=way(self.record)[:2],
        )

    def tiles(self) -> list[Tile]:
        """What buyers owe."""
        rows = self.record.produce_sales.filter(is_reversed=False)
        owed = sum(services.owed_of(row) for row in rows)
        how = _("What buyers took, less what they paid.")
        return [Tile(_("Owed by buyers"), format_money(owed, self.record.currency), how=how)]

    def tables(self) -> list[Table]:
        """Sales and batches."""
        return [sales_table(self.record, self.record.produce_sales.all()), self._batches()]

    def _batches(self) -> Table:
        money = self.record.currency
        return Table(
            _("Batches"),
            (
                Column(
                    "number",
                    _("Batch"),
                    Kind.LINK,
                    value=str,
                    href=lambda row: reverse("groups:batch", args=[row.pk]),
                ),
                Column("made_date", _("Made on"), Kind.DATE),
                Column("out", _("Came out"), value=lambda r: quantity(r.output_milli, r.measure)),
                Column("cost", _("Cost of one"), value=lambda r: each(worked(r).cost_each, money)),
                Column(
                    "stock",
                    _("In store"),
                    value=lambda r: quantity(processing.stock_of(r).milli, r.measure),
                ),
            ),
            self.record.batches.filter(is_reversed=False),
            empty=EmptyState(_("No batch yet"), _("Write down what was made of the produce.")),
        )


def sales_table(group: Group, rows: Any) -> Table:
    """Sales, the newest first."""
    return Table(
        _("Sales"),
        (
            Column(
                "number",
                _("Sale"),
                Kind.LINK,
                value=str,
                href=lambda row: reverse("groups:sale", args=[row.pk]),
            ),
            Column("sold_date", _("Sold on"), Kind.DATE),
            Column("buyer", _("Buyer")),
            Column("taken", _("Taken"), value=lambda r: quantity(r.taken_milli, r.measure)),
            Column("amount_units", _("Amount"), Kind.MONEY, currency=group.currency),
            Column("state", _("Owed"), value=state_of),
        ),
        rows.select_related("buyer", "group"),
        empty=EmptyState(_("Nothing sold yet"), _("Write down the first sale.")),
    )


class SalesPaper(Paper):
    """What a group sold, on paper."""

    model = Group
    permission = VIEW
    name = "sales"

    def pdf(self, record: Group) -> bytes:
        """Set it."""
        rows = record.produce_sales.filter(is_reversed=False).select_related("buyer", "group")
        heads = (_now("Sale"), _now("On"), _now("Buyer"), _now("Taken"), _now("Rejected"))
        lines = [
            (
                str(row),
                format_day(row.sold_date),
                str(row.buyer),
                quantity(row.taken_milli, row.measure),
                quantity(row.rejected_milli, row.measure),
                format_money(row.amount_units, record.currency),
                state_of(row),
            )
            for row in rows
        ]
        tables = [(_now("Sales"), (*heads, _now("Amount"), _now("Owed")), lines)]
        return set_paper(_now("Produce sold"), record.name, [], tables, (_now("Treasurer"),))


class SalePage(RecordPage):
    """One sale: what the buyer took and rejected, what he owes and paid."""

    model = ProduceSale
    permission = VIEW
    related = ("group__book", "buyer", "batch")

    def header(self) -> Header:
        """Take his payment."""
        row: ProduceSale = self.record
        args = (row.pk,)
        owes = services.owed_of(row) > 0
        pay = Action(_("Write down a payment"), "groups:sale_pay", services.SELL, args)
        back = Action(_("Take the sale back"), "groups:sale_back", processing.BACK, args)
        return Header(
            str(row),
            subtitle=f"{row.group.name} · {row.buyer}",
            primary=pay if owes else None,
            actions=[
                Action(_("Print the note"), "groups:sale_note", VIEW, args),
                *(() if row.is_reversed else (back,)),
            ],
            crumbs=way(row.group),
        )

    def facts(self) -> list[FactGroup]:
        """How the amount is worked out."""
        return [FactGroup(_("The sale"), [Fact(*one) for one in told_of(self.record)])]

    def tables(self) -> list[Table]:
        """What was paid."""
        row: ProduceSale = self.record
        backs = may(self.staff, processing.BACK, row.group)
        return [
            Table(
                _("Payments"),
                (
                    Column(
                        "paid_date",
                        _("Paid on"),
                        Kind.LINK if backs else Kind.TEXT,
                        value=lambda one: format_day(one.paid_date),
                        href=lambda one: reverse("groups:sale_payment_back", args=[one.pk]),
                    ),
                    Column("units", _("Amount"), Kind.MONEY, currency=row.group.currency),
                    Column("place", _("Where"), value=lambda one: one.get_place_display()),
                    Column("is_reversed", _("Taken back"), Kind.TICK),
                ),
                row.payments.all(),
                empty=EmptyState(_("Nothing paid yet")),
            )
        ]


def told_of(row: ProduceSale) -> list[tuple[str, str]]:
    """A sale in words: brought, rejected, taken, at which price, what it comes to."""
    money = row.group.currency
    told = [
        (_now("Sold on"), format_day(row.sold_date)),
        (_now("Brought"), quantity(row.brought_milli, row.measure)),
    ]
    if row.rejected_milli:
        why = f"{quantity(row.rejected_milli, row.measure)} · {row.get_reason_display()}"
        told.append((_now("Rejected"), why))
    told += [
        (_now("Taken"), quantity(row.taken_milli, row.measure)),
        (_now("Price of one"), each(Fraction(row.price_x100, 100), money)),
        (_now("Amount"), format_money(row.amount_units, money)),
        (_now("Still owed"), state_of(row)),
    ]
    return told


class SaleNote(Paper):
    """A sale on paper, for the buyer to sign."""

    model = ProduceSale
    permission = VIEW
    related = ("group", "buyer")
    name = "note"

    def pdf(self, record: ProduceSale) -> bytes:
        """Set it."""
        facts = [(_now("Buyer"), str(record.buyer)), (_now("Product"), record.product)]
        title = _now("Sale %(number)s") % {"number": record.number}
        signed = (_now("For the group"), _now("For the buyer"))
        return set_paper(title, record.group.name, [*facts, *told_of(record)], [], signed)


class BatchPage(RecordPage):
    """One batch: yield, cost, margin, what is in store, where it went."""

    model = ProcessingBatch
    permission = VIEW
    related = ("group__book",)

    def header(self) -> Header:
        """Sell of it, or write down what spoiled."""
        row: ProcessingBatch = self.record
        args, left = (row.pk,), processing.stock_of(row).milli
        sell = Action(_("Sell of this batch"), "groups:batch_sell", services.SELL, args)
        lose = Action(_("Something spoiled"), "groups:batch_loss", processing.PROCESS, args)
        back = Action(_("Take the batch back"), "groups:batch_back", processing.BACK, args)
        return Header(
            str(row),
            subtitle=row.group.name,
            primary=sell if left else None,
            actions=[*((lose,) if left else ()), *(() if row.is_reversed else (back,))],
            crumbs=way(row.group),
        )

    def notes(self) -> list[tuple[Tone, Any]]:
        """That a cost may be typed wrong."""
        if self.record.is_reversed or not processing.costs_more_than_bought(self.record):
            return []
        text = _(
            "What went into the batches is said to have cost more than the group ever bought."
            " Look whether a number has noughts too many; then take the batch back and write it"
            " again."
        )
        return [(Tone.WARN, text)]

    def facts(self) -> list[FactGroup]:
        """What went in and came out; what it cost; what it brought."""
        row: ProcessingBatch = self.record
        money, batch, stock = row.group.currency, worked(row), processing.stock_of(row)
        made = [
            Fact(_("Made on"), format_day(row.made_date)),
            Fact(
                _("Made of"),
                f"{row.input_product} · {quantity(row.input_milli, row.input_measure)}",
            ),
            Fact(_("Lost on the way"), quantity(row.lost_milli, row.input_measure)),
            Fact(_("Came out"), quantity(row.output_milli, row.measure)),
            Fact(
                _("Out of 100 that went in"),
                format_number(Decimal(round_to(batch.yield_share * 10_000)) / 100),
            ),
        ]
        costs = [
            Fact(_("Cost of what went in"), format_money(row.input_units, money)),
            Fact(_("Packaging"), format_money(row.packaging_units, money)),
            Fact(_("Other costs"), format_money(row.other_units, money)),
            Fact(_("Cost of one"), each(batch.cost_each, money)),
        ]
        margin = batch.margin_each(stock.sold_milli, stock.sold_units)
        sold = [
            Fact(_("Sold"), quantity(stock.sold_milli, row.measure)),
            Fact(_("For"), format_money(stock.sold_units, money)),
            Fact(_("Margin of one sold"), each(margin, money)),
            Fact(_("In store"), quantity(stock.milli, row.measure)),
            Fact(_("What that cost"), format_money(stock.units, money)),
        ]
        return [
            FactGroup(_("Made"), made),
            FactGroup(_("Cost"), costs),
            FactGroup(_("Sold and in store"), sold),
        ]

    def tables(self) -> list[Table]:
        """Where it went."""
        row: ProcessingBatch = self.record
        return [
            sales_table(row.group, row.sales.all()),
            Table(
                _("Spoiled"),
                (
                    Column(
                        "lost_date",
                        _("On"),
                        Kind.LINK,
                        value=lambda one: format_day(one.lost_date),
                        href=lambda one: reverse("groups:loss_back", args=[one.pk]),
                    ),
                    Column(
                        "quantity",
                        _("How much"),
                        value=lambda one: quantity(one.quantity_milli, row.measure),
                    ),
                    Column("cost_units", _("Cost"), Kind.MONEY, currency=row.group.currency),
                    Column("is_reversed", _("Taken back"), Kind.TICK),
                ),
                row.losses.all(),
                empty=EmptyState(_("Nothing spoiled")),
            ),
        ]
