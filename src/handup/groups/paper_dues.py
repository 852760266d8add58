"""The receipt of a member's dues, in any script."""

from django.utils.translation import gettext as _

from handup.groups.models import DuesInvoice, DuesPayment
from handup.groups.paper import set_paper
from handup.org.web.money import format_day, format_money


def receipt_pdf(payment: DuesPayment) -> bytes:
    """Who paid how much for which year, with the number of the receipt and a line to sign."""
    group, currency = payment.group, payment.group.currency
    parts = {part["dues"]: part["units"] for part in payment.fact.body["parts"]}
    years = DuesInvoice.objects.filter(pk__in=parts).order_by("due_date")
    facts = [
        (_("Receipt"), str(payment.number)),
        (_("Paid on"), format_day(payment.paid_date)),
        (_("Member"), str(payment.member)),
        (_("Amount"), format_money(payment.units, currency)),
        (_("Paid into"), str(payment.get_place_display())),
    ]
    if payment.is_reversed:
        facts.append((_("State"), _("taken back; not valid")))
    heads = (_("Dues of the year due on"), _("Owed"), _("Paid with this receipt"), _("Left"))
    rows = [
        (
            format_day(row.due_date),
            format_money(row.units, currency),
            format_money(parts[str(row.pk)], currency),
            format_money(row.left_units, currency),
        )
        for row in years
    ]
    title = _("Receipt %(number)s") % {"number": payment.number}
    return set_paper(title, group.name, facts, [(_("Dues"), heads, rows)], (_("Received by"),))
