"""What a member takes home on paper: the receipt of her dues, her statement of a surplus."""

from django.utils.translation import gettext as _

from handup.groups.models import DuesInvoice, DuesPayment, SurplusLine
from handup.groups.paper import set_paper
from handup.org.web.money import format_day, format_money, format_number


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


def statement_pdf(line: SurplusLine) -> bytes:
    """What a member gets of a year's surplus: the whole, its parts, hers, and a line to sign."""
    year, currency = line.year, line.year.group.currency

    def row(word: str, units: int) -> tuple[str, str]:
        return word, format_money(units, currency)

    whole = [
        row(_("Surplus of the year"), year.net_units),
        row(_("To the reserve"), year.reserve_units + year.non_member_units),
        row(_("To education"), year.education_units),
        row(_("Dividend on shares"), year.dividend_units),
        row(_("Refund by use"), year.refund_units),
    ]
    hers = [
        row(_("Refund by use"), line.refund_units),
        row(_("of it for shares not yet paid"), line.to_shares_units),
        row(_("of it kept in her name"), line.kept_units),
        row(_("Dividend"), line.dividend_units),
        row(_("less tax"), line.tax_units),
        row(_("Paid out"), line.due_units),
    ]
    used = line.member.uses.filter(year=year.year).order_by("line")
    uses = [(one.line, format_number(one.quantity)) for one in used]
    facts = [(_("Member"), str(line.member)), (_("Year"), str(year.year))]
    if line.paid_date:
        facts.append((_("Paid out on"), format_day(line.paid_date)))
    if year.is_reversed:
        facts.append((_("State"), _("taken back; not valid")))
    heads = (_("What"), _("Amount"))
    tables = [
        (_("The cooperative"), heads, whole),
        (_("Used by the member"), (_("Line of service"), _("Quantity")), uses),
        (_("The member"), heads, hers),
    ]
    title = _("Statement of the surplus of %(year)s") % {"year": year.year}
    return set_paper(title, year.group.name, facts, tables, (_("Treasurer"), _("Member")))
