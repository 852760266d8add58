"""Pages of buying together: the orders of a group, one order with its working, its paper."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import BulkLine, BulkOrder, Group
from handup.groups.models.bulk import BulkState
from handup.groups.paper_bulk import landed_text, order_pdf
from handup.groups.rules.bulk import landed_cost
from handup.groups.services import bulk as services
from handup.groups.services import bulk_back as back
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money, format_number, format_percent
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

KEEP = services.PERMISSION
NEXT: dict[str, tuple[Any, str]] = {
    BulkState.OPEN: (_("Record the vote on the order"), "bulk_lock"),
    BulkState.LOCKED: (_("Order from the supplier"), "bulk_place"),
    BulkState.ORDERED: (_("Write down what came"), "bulk_receive"),
    BulkState.RECEIVED: (_("Hand out and charge"), "bulk_settle"),
    BulkState.SETTLED: (_("Pay the supplier"), "bulk_supplier"),
}
"""What comes next in each state."""


def lines_seen(staff: StaffUser, order: BulkOrder) -> list[BulkLine]:
    """The lines of an order whose members the reader may see, by member number."""
    rows = BulkLine.objects.visible_to(staff).filter(order=order)
    rows = rows.select_related("order", "member__person", "member__member_group")
    return list(rows.order_by("member__member_no"))


def is_whole(staff: StaffUser, order: BulkOrder) -> bool:
    """Tell whether the sums of an order may be told: before the goods are here they are those of
    the lines shown; after that only to who sees everybody, as the sums less the lines shown would
    be the figure of one who is not."""
    if order.state not in (BulkState.RECEIVED, BulkState.SETTLED):
        return True
    seen = BulkLine.objects.visible_to(staff).filter(order=order, quantity__gt=0)
    return seen.count() == order.lines.filter(quantity__gt=0).count()


class BulkPage(RecordPage):
    """The orders of a group."""

    model = Group
    permission = "groups.view_member"

    def header(self) -> Header:
        """A new order."""
        group = self.record
        return Header(
            _("Buying together"),
            subtitle=group.name,
            primary=Action(_("Open an order"), "groups:bulk_new", KEEP, (group.pk,)),
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def tables(self) -> list[Table]:
        """Every order with its price against the price of buying alone."""
        money = self.record.currency

        def cost(row: BulkOrder) -> int | None:
            return row.cost_units if is_whole(self.staff, row) else None

        return [
            Table(
                _("Orders"),
                (
                    Column(
                        "item",
                        _("Goods"),
                        Kind.LINK,
                        href=lambda row: reverse("groups:bulk_order", args=[row.pk]),
                    ),
                    Column("opened_date", _("Opened on"), Kind.DATE),
                    Column("state", _("State")),
                    Column("price_units", _("Price of a unit"), Kind.MONEY, currency=money),
                    Column("single_price_units", _("Bought alone"), Kind.MONEY, currency=money),
                    Column("cost", _("Cost with freight"), Kind.MONEY, value=cost, currency=money),
                ),
                self.record.bulk_orders.select_related("group"),
                empty=EmptyState(_("Nothing was bought together yet"), _("Open the first order.")),
            )
        ]


class BulkOrderPage(RecordPage):
    """One order: who orders and pays in what, and the working of what each is charged."""

    model = BulkOrder
    permission = "groups.view_member"
    related = ("group",)

    def header(self) -> Header:
        """What comes next."""
        row: BulkOrder = self.record
        label, name = NEXT.get(row.state, (None, ""))
        if row.state == BulkState.SETTLED and row.paid_units == row.cost_units:
            label, name = None, ""
        actions = []
        if row.state == BulkState.OPEN:
            actions.append(Action(_("Write down who orders"), "groups:bulk_line", KEEP, (row.pk,)))
        if row.state in (BulkState.OPEN, BulkState.LOCKED, BulkState.ORDERED):
            actions.append(Action(_("Cancel the order"), "groups:bulk_cancel", KEEP, (row.pk,)))
        if back.step_of(row) is not None:
            actions.append(
                Action(_("Take back what was recorded"), "groups:bulk_back", back.BACK, (row.pk,))
            )
        actions.append(
            Action(_("Print the order sheet"), "groups:bulk_sheet", self.permission, (row.pk,))
        )
        return Header(
            row.item,
            subtitle=row.group.name,
            primary=Action(label, f"groups:{name}", KEEP, (row.pk,)) if label else None,
            actions=actions,
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(row.group.name, reverse("groups:group_detail", args=[row.group_id])),
                Crumb(_("Buying together"), reverse("groups:bulk", args=[row.group_id])),
            ),
        )

    def tiles(self) -> list[Tile]:
        """What one unit costs landed, against buying alone."""
        row: BulkOrder = self.record
        alone = Tile(
            _("One unit bought alone"), format_money(row.single_price_units, row.group.currency)
        )
        if not is_whole(self.staff, row):
            price = format_money(row.price_units, row.group.currency)
            return [Tile(_("Price of a unit"), price), alone]
        seen = sum(line.quantity for line in lines_seen(self.staff, row))
        count = row.received_quantity or seen  # before it came, nobody is counted who is not shown
        landed = landed_cost(row.price_units, row.freight_units, count)
        told = _now("(%(price)s × %(count)s + freight %(freight)s) ÷ %(count)s")
        working = told % {
            "price": format_money(row.price_units, row.group.currency),
            "count": format_number(count),
            "freight": format_money(row.freight_units, row.group.currency),
        }
        return [
            Tile(_("One unit landed"), landed_text(landed, row), how=working if landed else ""),
            alone,
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The state, the vote, what came and what is paid; nothing that would tell a hidden
        member's part."""
        row: BulkOrder = self.record
        money = row.group.currency
        found = [Fact(_("State"), row.get_state_display()), Fact(_("Unit"), row.unit)]
        if row.voted_price_units is not None:
            found.append(Fact(_("Price voted"), format_money(row.voted_price_units, money)))
        found.append(Fact(_("Paid in first"), format_percent(f"{row.deposit_bps / 100:g}")))
        if not is_whole(self.staff, row):
            return [FactGroup(_("The order"), found)]
        if row.voted_freight_units is not None:
            found.append(Fact(_("Freight voted"), format_money(row.voted_freight_units, money)))
        if row.received_quantity:
            found.append(Fact(_("Received"), format_number(row.received_quantity)))
        if row.freight_reason:
            found.append(Fact(_("Why the freight is above"), row.freight_reason))
        if row.state == BulkState.SETTLED:
            found += [
                Fact(_("Cost with freight"), format_money(row.cost_units, money)),
                Fact(
                    _("To the store"),
                    f"{format_number(row.stock_quantity)} · {format_money(row.stock_units, money)}",
                ),
                Fact(_("Left over, borne by the group"), format_money(row.rounding_units, money)),
                Fact(_("Paid to the supplier"), format_money(row.paid_units, money)),
                Fact(_("Of it by the group itself"), format_money(row.borne_units, money)),
            ]
        return [FactGroup(_("The order"), found)]

    def tables(self) -> list[Table]:
        """The members' lines."""
        row: BulkOrder = self.record
        lines = lines_seen(self.staff, row)
        note_members(self.request, [line.member for line in lines])
        return [_lines_table(self.staff, row, lines, _working(row))]


def _working(order: BulkOrder) -> dict[Any, Any]:
    """What each line would get and be charged, once the goods are here and not yet handed out."""
    if order.state != BulkState.RECEIVED:
        return {}
    try:
        lines, handed = services.rehearse(order)
    except Refusal:
        return {}
    return {line.pk: one for line, one in zip(lines, handed.members, strict=True)}


def _lines_table(
    staff: StaffUser, order: BulkOrder, lines: list[BulkLine], working: dict[Any, Any]
) -> Table:
    money, keeps = order.group.currency, may(staff, KEEP, order.group)
    corrects = may(staff, back.BACK, order.group)

    def act(line: BulkLine) -> tuple[str, str]:
        if not keeps:
            return "", ""
        done = order.state in (BulkState.SETTLED, BulkState.CANCELLED)
        if done and line.open_units > 0:
            return _now("Give back"), reverse("groups:bulk_return", args=[line.pk])
        if not done or line.open_units < 0:
            return _now("Take money"), reverse("groups:bulk_deposit", args=[line.pk])
        return "", ""

    def got(line: BulkLine) -> int:
        return working[line.pk].received if line.pk in working else line.received_quantity

    def charged(line: BulkLine) -> int:
        return working[line.pk].charge if line.pk in working else line.charge_units

    return Table(
        _("Who orders"),
        (
            Column("member.shown_name", _("Member")),
            Column("quantity", _("Ordered"), Kind.NUMBER),
            Column("if_missing", _("If less comes")),
            Column("deposit_units", _("Paid in"), Kind.MONEY, currency=money),
            Column("received_quantity", _("Gets"), Kind.NUMBER, value=got),
            Column("charge_units", _("Charged"), Kind.MONEY, value=charged, currency=money),
            Column(
                "left",
                _("Hers, or still to pay"),
                Kind.MONEY,
                value=lambda line: line.deposit_units - charged(line),
                currency=money,
            ),
            Column(
                "act",
                _("Next"),
                Kind.LINK,
                value=lambda line: act(line)[0],
                href=lambda line: act(line)[1],
            ),
            *_correcting(corrects=corrects),
        ),
        lines,
        empty=EmptyState(_("Nobody ordered yet"), _("Write down who orders.")),
    )


def _correcting(*, corrects: bool) -> list[Column]:
    """A way to take a deposit back, for whoever may."""
    if not corrects:
        return []
    return [
        Column(
            "correct",
            _("Correct"),
            Kind.LINK,
            value=lambda line: _now("Take back"),
            href=lambda line: reverse("groups:bulk_deposit_back", args=[line.pk]),
        )
    ]


class OrderSheet(Paper):
    """The order sheet, for the supplier and for handing out."""

    model = BulkOrder
    permission = "groups.view_member"
    related = ("group",)
    name = "order"

    def pdf(self, record: BulkOrder) -> bytes:
        """Set it."""
        lines = lines_seen(self.staff, record)
        note_members(self.request, [line.member for line in lines])
        return order_pdf(record, lines, is_whole=is_whole(self.staff, record))
