"""Pages of collecting produce: the points, producers and rate charts of a group, one point with its
days, one producer with her month."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import (
    CollectionPoint,
    Delivery,
    GateEntry,
    Group,
    Producer,
    RateChart,
)
from handup.groups.models.collection import GateState
from handup.groups.queries import days_not_whole
from handup.groups.services.collection import KEEP
from handup.groups.services.deliveries import COLLECT, same_shift_twice
from handup.groups.services.outside import PRODUCER
from handup.ledger.queries import balances_by_subject
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile


def litres(ml: int | None) -> str:
    """A volume as it is read, in litres."""
    return format_number(Decimal(ml or 0) / 1000)


def hundredths(value: int | None, divisor: int = 100) -> str:
    """A test as it is read; a dash where it was not made."""
    return "\u2013" if value is None else format_number(Decimal(value) / divisor)


def note_producers(request: Any, producers: Iterable[Producer]) -> None:
    """Put the producers a page shows into the read log."""
    persons = [one.person_id for one in producers if one.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")


def producers_seen(staff: StaffUser, group: Group, *, delivering: bool = False) -> list[Producer]:
    """The producers of a group whom the reader may see, by number; only those whose number goes on
    when they are asked for as `delivering`."""
    rows = Producer.objects.visible_to(staff).filter(group=group)
    if delivering:
        rows = rows.filter(ended_date=None)
    return list(rows.select_related("person", "member__member_group").order_by("number"))


def owed_to(group: Group) -> dict[Any, int]:
    """What the group owes each producer, by her id, from its book."""
    held = balances_by_subject(group.book, "PRODUCERS", PRODUCER)
    return {pk: -units for pk, units in held.items()}


def way(group: Group) -> tuple[Crumb, ...]:
    """The way to the collection of a group."""
    return (
        Crumb(_("Groups"), reverse("groups:group_list")),
        Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
        Crumb(_("Collection"), reverse("groups:collection", args=[group.pk])),
    )


class CollectionPage(RecordPage):
    """Where a group takes produce in, from whom, and what it pays."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)

    def header(self) -> Header:
        """A new producer; points and charts beside."""
        group = self.record
        told = ((_("Open a point"), "point_new"), (_("Publish a rate chart"), "chart_new"))
        payslips = Action(_("Payslips"), "groups:payslips", self.permission, (group.pk,))
        return Header(
            _("Collection"),
            subtitle=group.name,
            primary=Action(_("Register a producer"), "groups:producer_new", KEEP, (group.pk,)),
            actions=[
                payslips,
                *(Action(label, f"groups:{name}", KEEP, (group.pk,)) for label, name in told),
            ],
            crumbs=way(group)[:-1],
        )

    def _month(self) -> Any:
        first = timezone.localdate().replace(day=1)
        rows = Delivery.objects.visible_to(self.staff).filter(group=self.record)
        return rows.filter(is_reversed=False, delivered_date__gte=first)

    def tiles(self) -> list[Tile]:
        """This month, and what is owed to those the reader sees."""
        group = self.record
        sums = self._month().aggregate(
            taken=Sum("volume_ml", filter=Q(reason="")),
            rejected=Sum("volume_ml", filter=~Q(reason="")),
            units=Sum("amount_units"),
        )
        owed = owed_to(group)
        seen = [one.pk for one in producers_seen(self.staff, group)]
        return [
            Tile(_("Litres taken in this month"), litres(sums["taken"])),
            Tile(_("Litres rejected this month"), litres(sums["rejected"])),
            Tile(_("Earned this month"), format_money(sums["units"] or 0, group.currency)),
            Tile(
                _("Owed to producers"),
                format_money(sum(owed.get(pk, 0) for pk in seen), group.currency),
                how=_("Delivered and not yet paid, from the book."),
            ),
        ]

    def tables(self) -> list[Table]:
        """Points, producers with their month, gates to look into, charts."""
        group = self.record
        return [
            self._points(),
            self._producers(),
            gates_table(
                self.staff,
                group,
                GateEntry.objects.visible_to(self.staff).filter(
                    group=group, state=GateState.OUT_OF_TOLERANCE, is_reversed=False
                ),
                _("Gate entries to look into"),
            ),
            Table(
                _("Rate charts"),
                (
                    Column("from_date", _("Holds from"), Kind.DATE),
                    Column("pricing", _("Paid"), value=RateChart.get_pricing_display),
                    Column("price", _("Price"), value=lambda row: price_words(row, group.currency)),
                ),
                group.rate_charts.all(),
                empty=EmptyState(_("No rate chart yet"), _("Publish what is paid.")),
            ),
        ]

    def _points(self) -> Table:
        rows = CollectionPoint.objects.visible_to(self.staff).filter(group=self.record)
        return Table(
            _("Points"),
            (
                Column(
                    "name",
                    _("Point"),
                    Kind.LINK,
                    href=lambda row: reverse("groups:point", args=[row.pk]),
                ),
                Column(
                    "collector",
                    _("Collector"),
                    value=lambda row: row.collector.display_name if row.collector else "\u2013",
                ),
                Column("ended_date", _("Closed on"), Kind.DATE),
            ),
            rows.select_related("collector"),
            empty=EmptyState(_("No point yet"), _("Open the first point.")),
        )

    def _producers(self) -> Table:
        group = self.record
        rows = producers_seen(self.staff, group)
        note_producers(self.request, rows)
        sums = self._month().order_by().values_list("producer")
        month = {
            pk: (ml or 0, units)
            for pk, ml, units in sums.annotate(
                ml=Sum("volume_ml", filter=Q(reason="")), units=Sum("amount_units")
            )
        }
        owed = owed_to(group)
        return Table(
            _("Producers"),
            (
                Column("number", _("No."), Kind.NUMBER),
                Column(
                    "shown_name",
                    _("Name"),
                    Kind.LINK,
                    href=lambda row: reverse("groups:producer", args=[row.pk]),
                ),
                Column("member", _("Member"), Kind.TICK, value=lambda row: row.member_id),
                Column(
                    "ml",
                    _("Litres this month"),
                    value=lambda row: litres(month.get(row.pk, (0, 0))[0]),
                ),
                Column(
                    "earned",
                    _("Earned this month"),
                    Kind.MONEY,
                    value=lambda row: month.get(row.pk, (0, 0))[1],
                    currency=group.currency,
                ),
                Column(
                    "owed",
                    _("Not yet paid"),
                    Kind.MONEY,
                    value=lambda row: owed.get(row.pk, 0),
                    currency=group.currency,
                ),
            ),
            rows,
            empty=EmptyState(_("No producers yet"), _("Register the first one.")),
        )


def price_words(chart: RateChart, currency: str) -> str:
    """The main prices of a chart, in words."""
    terms = chart.terms

    def money(kept: str) -> str:
        return f"{format_number(Decimal(terms[kept]) / 100)}"

    words = {
        "per_litre_x100": _("a litre"),
        "per_fat_point_x100": _("a litre and percent of fat"),
        "fat_per_kg_x100": _("a kilogram of fat"),
        "snf_per_kg_x100": _("a kilogram of solids"),
    }
    told = [f"{money(kept)} {word}" for kept, word in words.items() if kept in terms]
    if "grid" in terms:
        told.append(str(_("table of %(n)s steps") % {"n": len(terms["grid"])}))
    if "premiums" in terms:
        told.append(str(_("premiums: %(n)s") % {"n": len(terms["premiums"])}))
    return " · ".join(told)


def gates_table(staff: StaffUser, group: Group, rows: Any, title: Any) -> Table:
    """Gate entries: arrived against declared; where somebody is hidden, not what was declared."""
    keeps = may(staff, KEEP, group)
    reverses = may(staff, "groups.reverse_fact", group)

    hidden = days_not_whole(staff, group)

    def declared(row: GateEntry) -> str:
        part = (row.point_id, row.arrived_date) in hidden
        return "\u2013" if part else litres(row.declared_ml)

    def share(row: GateEntry) -> str:
        if not row.declared_ml or (row.point_id, row.arrived_date) in hidden:
            return "\u2013"
        return hundredths((row.volume_ml - row.declared_ml) * 10_000 // row.declared_ml)

    def explain(row: GateEntry) -> bool:
        return keeps and not row.is_reversed and row.state == GateState.OUT_OF_TOLERANCE

    return Table(
        title,
        (
            Column("arrived_date", _("On"), Kind.DATE),
            Column("point", _("Point")),
            Column("declared_ml", _("Litres declared"), value=declared),
            Column("volume_ml", _("Litres at the gate"), value=lambda row: litres(row.volume_ml)),
            Column("share", _("Difference, percent"), value=share),
            Column("state", _("State")),
            Column("finding", _("Found")),
            Column("is_reversed", _("Taken back"), Kind.TICK),
            Column(
                "explain",
                _("Next"),
                Kind.LINK,
                value=lambda row: _("Explain") if explain(row) else "",
                href=lambda row: (
                    reverse("groups:gate_explain", args=[row.pk]) if explain(row) else ""
                ),
            ),
            Column(
                "back",
                _("Take back"),
                Kind.LINK,
                value=lambda row: _("Take back") if reverses and not row.is_reversed else "",
                href=lambda row: (
                    reverse("groups:gate_back", args=[row.pk])
                    if reverses and not row.is_reversed
                    else ""
                ),
            ),
        ),
        rows.select_related("point"),
        empty=EmptyState(_("Nothing to show"), _("Write down what arrives.")),
    )


def deliveries_table(staff: StaffUser, group: Group, rows: list[Delivery], title: Any) -> Table:
    """Deliveries with their tests and amounts; who may takes a wrong one back."""
    twice = same_shift_twice(rows)
    reverses = may(staff, "groups.reverse_fact", group)
    collects = may(staff, COLLECT, group)
    today = timezone.localdate()

    def back(row: Delivery) -> bool:
        may_now = reverses or (collects and row.delivered_date == today)
        return may_now and not row.is_reversed

    def flag(row: Delivery) -> Any:
        if row.is_reversed:
            return _("taken back")
        return _("twice in this shift") if row.pk in twice else ""

    return Table(
        title,
        (
            Column("delivered_date", _("On"), Kind.DATE),
            Column("shift", _("Shift")),
            Column("producer", _("Producer")),
            Column("volume_ml", _("Litres"), value=lambda row: litres(row.volume_ml)),
            Column("fat", _("Fat, percent"), value=lambda row: hundredths(row.fat_bps)),
            Column("clr", _("Lactometer"), value=lambda row: hundredths(row.clr_x100)),
            Column("temp", _("°C"), value=lambda row: hundredths(row.temp_c10, 10)),
            Column("reason", _("Rejected because")),
            Column("amount_units", _("Amount"), Kind.MONEY, currency=group.currency),
            Column("flag", _("Remark"), value=flag),
            Column(
                "back",
                _("Take back"),
                Kind.LINK,
                value=lambda row: _("Take back") if back(row) else "",
                href=lambda row: (
                    reverse("groups:delivery_back", args=[row.pk]) if back(row) else ""
                ),
            ),
        ),
        rows,
        empty=EmptyState(_("Nothing was delivered yet"), _("Open the pad of the day.")),
    )


def deliveries_seen(staff: StaffUser, **wanted: Any) -> list[Delivery]:
    """Deliveries whose producers the reader may see, the newest first."""
    rows = Delivery.objects.visible_to(staff).filter(**wanted)
    rows = rows.select_related("producer__person", "producer__member__member_group")
    return list(rows.order_by("-delivered_date", "-shift", "producer__number")[:200])


class PointPage(RecordPage):
    """A point: what was brought lately, and what arrived at the gate."""

    model = CollectionPoint
    permission = "groups.view_member"
    related = ("group", "collector")

    def header(self) -> Header:
        """The pad of the day."""
        row: CollectionPoint = self.record
        args = (row.pk,)
        return Header(
            row.name,
            subtitle=row.group.name,
            primary=Action(_("Open the pad of the day"), "groups:pad", COLLECT, args),
            actions=[
                Action(_("Write down the gate"), "groups:gate_new", COLLECT, args),
                Action(_("Print the list of the day"), "groups:day_list", self.permission, args),
                Action(_("Print an empty pad"), "groups:empty_pad", self.permission, args),
            ],
            crumbs=way(row.group),
        )

    def facts(self) -> list[FactGroup]:
        """Whose point it is."""
        row: CollectionPoint = self.record
        who = row.collector.display_name if row.collector else _("whoever may collect")
        return [FactGroup(_("The point"), [Fact(_("Collector"), who)])]

    def tables(self) -> list[Table]:
        """Deliveries and gate entries."""
        row: CollectionPoint = self.record
        rows = deliveries_seen(self.staff, point=row)
        note_producers(self.request, [one.producer for one in rows])
        gates = GateEntry.objects.visible_to(self.staff).filter(point=row)
        return [
            deliveries_table(self.staff, row.group, rows, _("Delivered")),
            gates_table(self.staff, row.group, gates.order_by("-arrived_date"), _("At the gate")),
        ]


class ProducerPage(RecordPage):
    """A producer: her month to date and what is not yet paid."""

    model = Producer
    permission = "groups.view_member"
    related = ("group__book", "person", "member__member_group")
    person_path = "person_id"

    def header(self) -> Header:
        """Who she is."""
        row: Producer = self.record
        return Header(
            row.shown_name,
            subtitle=f"{row.group.name} · {row.number}",
            actions=[]
            if row.ended_date
            else [Action(_("Give the number up"), "groups:number_end", KEEP, (row.pk,))],
            crumbs=way(row.group),
        )

    def facts(self) -> list[FactGroup]:
        """Since when, and until when, the number holds."""
        row: Producer = self.record
        told = [Fact(_("Delivers since"), format_day(row.from_date))]
        if row.ended_date:
            told.append(Fact(_("Gave the number up on"), format_day(row.ended_date)))
        return [FactGroup(_("The number"), told)]

    def tiles(self) -> list[Tile]:
        """Her month."""
        row: Producer = self.record
        first = timezone.localdate().replace(day=1)
        sums = row.deliveries.filter(is_reversed=False, delivered_date__gte=first).aggregate(
            taken=Sum("volume_ml", filter=Q(reason="")),
            rejected=Sum("volume_ml", filter=~Q(reason="")),
            units=Sum("amount_units"),
        )
        money = row.group.currency
        return [
            Tile(_("Litres taken in this month"), litres(sums["taken"])),
            Tile(_("Litres rejected this month"), litres(sums["rejected"])),
            Tile(_("Earned this month"), format_money(sums["units"] or 0, money)),
            Tile(
                _("Not yet paid"),
                format_money(owed_to(row.group).get(row.pk, 0), money),
                how=_("Delivered and not yet paid, from the book."),
            ),
        ]

    def tables(self) -> list[Table]:
        """What she brought."""
        row: Producer = self.record
        rows = deliveries_seen(self.staff, producer=row)
        return [deliveries_table(self.staff, row.group, rows, _("Delivered"))]


def day_asked(text: str | None) -> date:
    """The day an address asks for; today where it asks for none that is one."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return timezone.localdate()
