"""The work on losses, on the desk: loans to put forward to be written off, and those to decide."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan, LoanProposal
from handup.lending.nameless import named_only
from handup.lending.rules.codes import EventKind, ProposalState
from handup.lending.services.losses import to_write_off
from handup.org.models import StaffUser
from handup.org.web.lists import Action, Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Task

MOST = 6
"""One more than are shown, to know whether there are more."""


def to_propose(staff: StaffUser, today: date) -> list[Task]:
    """Loans late for so long that somebody proposes to write them off, the longest first."""
    rows = to_write_off(named_only(Loan.objects.visible_to(staff), staff), today)
    return [
        Task(
            f"{row.code} · {row.borrower}",
            _("Unpaid since %(day)s") % {"day": format_day(row.next_due_date or today)},
            reverse("lending:loan_detail", args=[row.pk]),
            Action(
                _("Propose write-off"),
                "lending:propose_write_off",
                "lending.propose_write_off",
                args=(row.pk,),
            ),
            tone=Tone.WARN,
            person=row.person_id,
        )
        for row in rows.select_related("person", "enterprise", "group").order_by(
            "next_due_date", "code"
        )[:MOST]
    ]


def to_decide(staff: StaffUser, today: date) -> list[Task]:
    """Proposed write-offs; never those the reader proposed herself."""
    rows = LoanProposal.objects.visible_to(staff).filter(
        state=ProposalState.PROPOSED, kind=EventKind.WRITTEN_OFF
    )
    return [
        Task(
            row.loan.code,
            row.reason,
            reverse("lending:loan_detail", args=[row.loan_id]),
            Action(_("Decide"), "lending:write_off", "lending.write_off_loan", args=(row.pk,)),
            due=row.proposed_date,
            person=row.loan.person_id,
        )
        for row in rows.exclude(proposed_by=staff)
        .select_related("loan")
        .order_by("proposed_date")[:MOST]
    ]
