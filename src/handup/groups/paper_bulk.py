"""The order sheet of buying together on paper."""

from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext as _

from handup.groups.models import BulkLine, BulkOrder
from handup.groups.paper import set_paper
from handup.groups.rules.bulk import landed_cost
from handup.kernel.money import round_to
from handup.org.web.money import format_day, format_money, format_number


def landed_text(landed: Fraction | None, order: BulkOrder) -> str:
    """What one unit costs landed, rounded half up to the smallest unit of money."""
    if landed is None:
        return "\u2013"
    return format_money(round_to(landed), order.group.currency)


def order_pdf(order: BulkOrder, lines: Sequence[BulkLine], *, is_whole: bool) -> bytes:
    """Who orders how many, paid in what, gets what for how much, with room to sign. lines: those
    the reader may see; is_whole: whether that is everybody, else no sum of all is told."""
    group, currency = order.group, order.group.currency
    count = order.received_quantity or sum(line.quantity for line in lines)
    landed = landed_cost(order.price_units, order.freight_units, count)
    facts = [
        (_("Opened on"), format_day(order.opened_date)),
        (_("State"), str(order.get_state_display())),
        (_("Unit"), order.unit),
        (_("Price of a unit"), format_money(order.price_units, currency)),
        (_("One unit bought alone"), format_money(order.single_price_units, currency)),
    ]
    if is_whole:
        facts += [
            (_("Freight"), format_money(order.freight_units, currency)),
            (_("Units of all"), format_number(count)),
            (_("One unit landed"), landed_text(landed, order)),
        ]
    heads = (
        _("Member"),
        _("Ordered"),
        _("Paid in"),
        _("Gets"),
        _("Charged"),
        _("Signature or mark"),
    )
    rows = [
        (
            str(line.member),
            format_number(line.quantity),
            format_money(line.deposit_units, currency),
            format_number(line.received_quantity) if line.received_quantity else "",
            format_money(line.charge_units, currency) if line.charge_units else "",
            "\u2003" * 6,
        )
        for line in lines
    ]
    title = _("Order sheet: %(item)s") % {"item": order.item}
    signed = (_("Supplier"), _("Treasurer"))
    return set_paper(title, group.name, facts, [(_("Who orders"), heads, rows)], signed)
