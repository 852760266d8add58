"""Pages of payslips: the periods of a group with what is still to be taken off, one period with
every payslip and its working, one payslip."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.groups.models import (
    Deduction,
    Delivery,
    Group,
    Payslip,
    PayslipApproval,
    PayslipLine,
    PayslipRun,
)
from handup.groups.models.payslips import RunState
from handup.groups.services.deductions import DRAFT
from handup.groups.services.paying import PAY
from handup.groups.services.payslips import APPROVE, missing_approvals
from handup.groups.views.collection import deliveries_table, litres, note_producers, way
from handup.groups.views.members_seen import note_members
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money, format_percent
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

REVERSE = "groups.reverse_fact"


def slips_seen(staff: StaffUser, run: PayslipRun) -> list[Payslip]:
    """The payslips of a run whose producers the reader may see, by number."""
    rows = Payslip.objects.visible_to(staff).filter(run=run)
    rows = rows.select_related("run", "producer__person", "producer__member__member_group")
    return list(rows.order_by("producer__number"))


class PayslipsPage(RecordPage):
    """The periods of a group, and what is still to be taken off."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)

    def header(self) -> Header:
        """The next period."""
        group = self.record
        return Header(
            _("Payslips"),
            subtitle=group.name,
            primary=Action(_("Draft the payslips"), "groups:payslips_new", DRAFT, (group.pk,)),
            actions=[
                Action(_("Write down a deduction"), "groups:deduction_new", DRAFT, (group.pk,))
            ],
            crumbs=way(group),
        )

    def tables(self) -> list[Table]:
        """Periods and deductions."""
        group = self.record
        rows = Deduction.objects.visible_to(self.staff).filter(group=group)
        rows = rows.select_related("producer__person", "producer__member__member_group")
        found = list(rows.order_by("-from_date", "producer__number")[:200])
        note_producers(self.request, [row.producer for row in found])
        return [
            Table(
                _("Periods"),
                (
                    Column(
                        "number",
                        _("No."),
                        Kind.LINK,
                        href=lambda row: reverse("groups:payslip_run", args=[row.pk]),
                    ),
                    Column("from_date", _("From"), Kind.DATE),
                    Column("to_date", _("Until"), Kind.DATE),
                    Column("state", _("State")),
                ),
                group.payslip_runs.all(),
                empty=EmptyState(_("No payslips yet"), _("Draft those of the first period.")),
            ),
            _deductions_table(self.staff, group, found),
        ]


def _deductions_table(staff: StaffUser, group: Group, rows: list[Deduction]) -> Table:
    money, reverses = group.currency, may(staff, REVERSE, group)

    def back(row: Deduction) -> bool:
        return reverses and not row.is_reversed and not row.taken_units

    return Table(
        _("What is taken off"),
        (
            Column("from_date", _("Since"), Kind.DATE),
            Column("producer", _("Producer")),
            Column("kind", _("For")),
            Column("units", _("Amount"), Kind.MONEY, currency=money),
            Column("taken_units", _("Taken so far"), Kind.MONEY, currency=money),
            Column("left_units", _("Carried"), Kind.MONEY, currency=money),
            Column("is_reversed", _("Taken back"), Kind.TICK),
            Column(
                "back",
                _("Take back"),
                Kind.LINK,
                value=lambda row: _("Take back") if back(row) else "",
                href=lambda row: (
                    reverse("groups:deduction_back", args=[row.pk]) if back(row) else ""
                ),
            ),
        ),
        rows,
        empty=EmptyState(_("Nothing is taken off"), _("Write down inputs, loans and charges.")),
    )


def run_way(run: PayslipRun) -> tuple[Crumb, ...]:
    """The way to the payslips of a group."""
    page = reverse("groups:payslips", args=[run.group_id])
    return (*way(run.group), Crumb(_("Payslips"), page))


class RunPage(RecordPage):
    """The payslips of one period: what each producer gets, who approved, what comes next."""

    model = PayslipRun
    permission = "groups.view_member"
    related = ("group__book", "drafted_by")

    def header(self) -> Header:
        """Approve, then pay."""
        run: PayslipRun = self.record
        args = (run.pk,)
        primary, actions = None, []
        if run.state == RunState.DRAFT:
            primary = Action(_("Record an approval"), "groups:payslips_approve", APPROVE, args)
            actions.append(Action(_("Drop the draft"), "groups:payslips_drop", DRAFT, args))
        elif run.state == RunState.APPROVED:
            primary = Action(_("Pay everybody"), "groups:payslips_pay", PAY, args)
        if run.state in (RunState.APPROVED, RunState.PAID):
            actions.append(Action(_("Take back"), "groups:payslips_back", REVERSE, args))
        actions.append(Action(_("Print the list"), "groups:payslips_list", self.permission, args))
        return Header(
            _("Payslips %(number)s") % {"number": run.number},
            subtitle=run.group.name,
            primary=primary,
            actions=actions,
            crumbs=run_way(run),
        )

    def tiles(self) -> list[Tile]:
        """What the reader sees of it."""
        run: PayslipRun = self.record
        slips = slips_seen(self.staff, run)
        money = run.group.currency
        return [
            Tile(_("Gross"), format_money(sum(one.gross_units for one in slips), money)),
            Tile(_("Taken off"), format_money(sum(one.taken_units for one in slips), money)),
            Tile(
                _("Taken home"),
                format_money(sum(one.net_units for one in slips), money),
                how=_("Gross less what is taken off."),
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Period, floor, order."""
        run: PayslipRun = self.record
        words = dict(Deduction._meta.get_field("kind").flatchoices)
        order = ", ".join(str(words.get(kind, kind)) for kind in run.deduction_order.split())
        return [
            FactGroup(
                _("The period"),
                [
                    Fact(_("From"), run.from_date),
                    Fact(_("Until"), run.to_date),
                    Fact(_("State"), run.get_state_display()),
                    Fact(_("Taken home at least"), format_percent(Decimal(run.floor_bps) / 100)),
                    Fact(_("Taken off in this order"), order),
                    Fact(_("Drafted by"), run.drafted_by.display_name),
                ],
            )
        ]

    def tables(self) -> list[Table]:
        """Payslips and approvals."""
        run: PayslipRun = self.record
        slips = slips_seen(self.staff, run)
        note_producers(self.request, [one.producer for one in slips])
        approvals = PayslipApproval.objects.visible_to(self.staff).filter(run=run)
        approvals = approvals.select_related("member__person", "member__member_group")
        note_members(self.request, [one.member for one in approvals])
        return [
            _slips_table(self.staff, run, slips),
            Table(
                _("Approved by"),
                (
                    Column("member.shown_name", _("Officer")),
                    Column("approved_date", _("On"), Kind.DATE),
                ),
                approvals,
                empty=EmptyState(
                    _("Nobody approved yet"), _("Two officers approve, nobody for himself.")
                ),
            ),
        ]


def _slips_table(staff: StaffUser, run: PayslipRun, slips: list[Payslip]) -> Table:
    money, pays = run.group.currency, may(staff, PAY, run.group)
    missing = missing_approvals(run) if run.state == RunState.DRAFT else set()

    def state(slip: Payslip) -> Any:
        if slip.pk in missing:
            return _("needs another officer")
        return _("paid") if slip.paid_date else ""

    def pay(slip: Payslip) -> bool:
        may_now = run.state == RunState.APPROVED and slip.paid_date is None
        return pays and may_now and slip.net_units > 0

    return Table(
        _("Payslips"),
        (
            Column(
                "producer",
                _("Producer"),
                Kind.LINK,
                href=lambda slip: reverse("groups:payslip", args=[slip.pk]),
            ),
            Column("volume_ml", _("Litres"), value=lambda slip: litres(slip.volume_ml)),
            Column("rejected_ml", _("Rejected"), value=lambda slip: litres(slip.rejected_ml)),
            Column("gross_units", _("Gross"), Kind.MONEY, currency=money),
            Column("taken_units", _("Taken off"), Kind.MONEY, currency=money),
            Column("net_units", _("Taken home"), Kind.MONEY, currency=money),
            Column("state", _("State"), value=state),
            Column("paid_date", _("Paid on"), Kind.DATE),
            Column(
                "pay",
                _("Next"),
                Kind.LINK,
                value=lambda slip: _("Pay") if pay(slip) else "",
                href=lambda slip: (
                    reverse("groups:payslip_pay", args=[slip.pk]) if pay(slip) else ""
                ),
            ),
        ),
        slips,
    )


def lines_of(slip: Payslip) -> list[PayslipLine]:
    """What is taken off a payslip, in the order in which it was."""
    return list(slip.lines.select_related("deduction").order_by("recorded_at", "pk"))


class SlipPage(RecordPage):
    """One payslip: deliveries, what is taken off, what is carried, what she takes home."""

    model = Payslip
    permission = "groups.view_member"
    related = ("run__group__book", "producer__person", "producer__member__member_group")
    person_path = "producer__person_id"

    def header(self) -> Header:
        """Her paper, her money."""
        slip: Payslip = self.record
        args, run = (slip.pk,), slip.run
        may_pay = run.state == RunState.APPROVED and slip.paid_date is None and slip.net_units
        actions = [Action(_("Print the payslip"), "groups:payslip_paper", self.permission, args)]
        if slip.paid_date:
            back = Action(_("Take the payment back"), "groups:payslip_back", REVERSE, args)
            actions.append(back)
        return Header(
            slip.producer.shown_name,
            subtitle=f"{run.group.name} · {run.number}",
            primary=Action(_("Pay"), "groups:payslip_pay", PAY, args) if may_pay else None,
            actions=actions,
            crumbs=(
                *run_way(run),
                Crumb(
                    _("Payslips %(number)s") % {"number": run.number},
                    reverse("groups:payslip_run", args=[run.pk]),
                ),
            ),
        )

    def tiles(self) -> list[Tile]:
        """The working."""
        slip: Payslip = self.record
        money = slip.run.group.currency
        return [
            Tile(_("Gross"), format_money(slip.gross_units, money)),
            Tile(_("Taken off"), format_money(slip.taken_units, money)),
            Tile(
                _("Taken home"),
                format_money(slip.net_units, money),
                how=_("At least %(percent)s of the gross.")
                % {"percent": format_percent(Decimal(slip.run.floor_bps) / 100)},
            ),
        ]

    def tables(self) -> list[Table]:
        """What is taken off, and the deliveries."""
        slip: Payslip = self.record
        group = slip.run.group
        rows = list(
            Delivery.objects.filter(payslip=slip)
            .select_related("producer__person", "producer__member__member_group")
            .order_by("delivered_date", "shift")
        )
        return [
            Table(
                _("What is taken off"),
                (
                    Column("deduction.kind", _("For"), value=kind_of),
                    Column("due_units", _("Due"), Kind.MONEY, currency=group.currency),
                    Column("taken_units", _("Taken"), Kind.MONEY, currency=group.currency),
                    Column("carried_units", _("Carried"), Kind.MONEY, currency=group.currency),
                ),
                lines_of(slip),
                empty=EmptyState(_("Nothing is taken off"), _("She takes home all of it.")),
            ),
            deliveries_table(self.staff, group, rows, _("Delivered")),
        ]


def kind_of(line: PayslipLine) -> str:
    """What a line is for, in words."""
    return str(line.deduction.get_kind_display())
