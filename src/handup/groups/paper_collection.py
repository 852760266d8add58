"""The collection of a day on paper: what was brought to a point, and an empty pad to write on."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from handup.groups.models import CollectionPoint, Delivery, Producer
from handup.groups.paper import set_paper
from handup.org.web.money import format_day, format_money, format_number


def litres_text(ml: int) -> str:
    """Litres, as they are read."""
    return format_number(Decimal(ml) / 1000)


def shown_test(value: int | None, divisor: int) -> str:
    """A test, as it is read; nothing where it was not made."""
    return "" if value is None else format_number(Decimal(value) / divisor)


def day_list_pdf(point: CollectionPoint, on: date, rows: Sequence[Delivery]) -> bytes:
    """What was brought to a point on a day. rows: those the reader may see, none taken back."""
    currency = point.group.currency
    taken = sum(row.volume_ml for row in rows if row.is_payable)
    rejected = sum(row.volume_ml for row in rows if not row.is_payable)
    facts = [
        (_("Day"), format_day(on)),
        (_("Litres taken in"), litres_text(taken)),
        (_("Litres rejected"), litres_text(rejected)),
        (_("Amount"), format_money(sum(row.amount_units for row in rows), currency)),
    ]
    heads = (
        _("Producer"),
        _("Shift"),
        _("Litres"),
        _("Fat, percent"),
        _("Lactometer"),
        _("°C"),
        _("Amount"),
    )
    lines = [
        (
            str(row.producer),
            str(row.get_shift_display()),
            litres_text(row.volume_ml),
            shown_test(row.fat_bps, 100),
            shown_test(row.clr_x100, 100),
            shown_test(row.temp_c10, 10),
            format_money(row.amount_units, currency)
            if row.is_payable
            else str(row.get_reason_display()),
        )
        for row in rows
    ]
    title = _("Collection at %(point)s") % {"point": point.name}
    tables = [(_("Delivered"), heads, lines)]
    return set_paper(title, point.group.name, facts, tables, (_("Collector"),))


def empty_pad_pdf(point: CollectionPoint, producers: Sequence[Producer]) -> bytes:
    """A pad to write on where there is no phone: a line a producer."""
    heads = (
        _("Producer"),
        _("Litres"),
        _("Fat, percent"),
        _("Lactometer"),
        _("°C"),
        _("Rejected because"),
    )
    blank = "\u2003" * 4
    lines = [(str(row), *[blank] * 5) for row in producers]
    facts = [(_("Day"), ""), (_("Shift"), "")]
    title = _("Pad of %(point)s") % {"point": point.name}
    tables = [(_("Delivered"), heads, lines)]
    return set_paper(title, point.group.name, facts, tables, (_("Collector"),))
