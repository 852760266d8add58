"""Payslips as PDF."""

from handup.groups.models import Payslip, PayslipApproval, PayslipRun
from handup.groups.paper_payslips import list_pdf, payslip_pdf
from handup.groups.views.collection import note_producers
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.groups.views.payslips import slips_seen


class PayslipPaper(Paper):
    """A producer's payslip."""

    model = Payslip
    permission = "groups.view_member"
    related = ("run__group", "producer__person", "producer__member__member_group")
    name = "payslip"

    def pdf(self, record: Payslip) -> bytes:
        """Set it."""
        note_producers(self.request, [record.producer])
        return payslip_pdf(record)


class PayslipsList(Paper):
    """The list of a period."""

    model = PayslipRun
    permission = "groups.view_member"
    related = ("group",)
    name = "payslips"

    def pdf(self, record: PayslipRun) -> bytes:
        """Set it."""
        slips = slips_seen(self.staff, record)
        note_producers(self.request, [one.producer for one in slips])
        rows = PayslipApproval.objects.visible_to(self.staff).filter(run=record)
        rows = rows.select_related("member__person", "member__member_group")
        note_members(self.request, [row.member for row in rows])
        return list_pdf(record, slips, [row.member.shown_name for row in rows])
