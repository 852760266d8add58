"""Payslips on paper: one for the producer, and the list of a period to sign."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from handup.groups.models import Payslip, PayslipRun
from handup.groups.paper import Row, set_paper
from handup.groups.paper_collection import litres_text, shown_test
from handup.org.web.money import format_day, format_money, format_percent


def payslip_pdf(slip: Payslip) -> bytes:
    """What one producer delivered in a period, what it earned, what is taken off and carried, what
    she takes home, with a line to sign."""
    run, currency = slip.run, slip.run.group.currency
    facts = [
        (_("Producer"), str(slip.producer)),
        (_("Period"), f"{format_day(run.from_date)} \u2013 {format_day(run.to_date)}"),
        (_("Litres taken in"), litres_text(slip.volume_ml)),
        (_("Litres rejected"), litres_text(slip.rejected_ml)),
        (_("Gross"), format_money(slip.gross_units, currency)),
        (_("Taken off"), format_money(slip.taken_units, currency)),
        (_("Taken home at least"), format_percent(Decimal(run.floor_bps) / 100)),
        (_("Taken home"), format_money(slip.net_units, currency)),
        (_("State"), str(run.get_state_display())),
    ]
    if slip.paid_date:
        facts.append((_("Paid on"), format_day(slip.paid_date)))
    brought = [
        (
            f"{format_day(row.delivered_date)} · {row.get_shift_display()}",
            litres_text(row.volume_ml),
            shown_test(row.fat_bps, 100),
            shown_test(row.clr_x100, 100),
            format_money(row.amount_units, currency)
            if row.is_payable
            else str(row.get_reason_display()),
        )
        for row in slip.deliveries.order_by("delivered_date", "-shift")
    ]
    off = [
        (
            str(line.deduction.get_kind_display()),
            format_money(line.due_units, currency),
            format_money(line.taken_units, currency),
            format_money(line.carried_units, currency),
        )
        for line in slip.lines.select_related("deduction").order_by("recorded_at", "pk")
    ]
    heads = (_("Day"), _("Litres"), _("Fat, percent"), _("Lactometer"), _("Amount"))
    kinds = (_("For"), _("Due"), _("Taken"), _("Carried"))
    tables: list[tuple[str, Row, Sequence[Row]]] = [
        (_("Delivered"), heads, brought),
        (_("What is taken off"), kinds, off),
    ]
    title = _("Payslip %(number)s") % {"number": run.number}
    return set_paper(title, run.group.name, facts, tables, (_("Treasurer"), _("Producer")))


def list_pdf(run: PayslipRun, slips: Sequence[Payslip], officers: Sequence[str]) -> bytes:
    """The payslips of a period with room to sign. slips and officers: those the reader may see."""
    currency = run.group.currency
    facts = [
        (_("Period"), f"{format_day(run.from_date)} \u2013 {format_day(run.to_date)}"),
        (_("State"), str(run.get_state_display())),
        (_("Gross"), format_money(sum(one.gross_units for one in slips), currency)),
        (_("Taken home"), format_money(sum(one.net_units for one in slips), currency)),
        (_("Approved by"), ", ".join(officers) or "\u2013"),
    ]
    heads = (
        _("Producer"),
        _("Litres"),
        _("Gross"),
        _("Taken off"),
        _("Taken home"),
        _("Signature or mark"),
    )
    rows = [
        (
            str(slip.producer),
            litres_text(slip.volume_ml),
            format_money(slip.gross_units, currency),
            format_money(slip.taken_units, currency),
            format_money(slip.net_units, currency),
            "\u2003" * 6,
        )
        for slip in slips
    ]
    title = _("Payslips %(number)s") % {"number": run.number}
    signed = (_("Treasurer"), _("Chair"))
    return set_paper(title, run.group.name, facts, [(_("Payslips"), heads, rows)], signed)
