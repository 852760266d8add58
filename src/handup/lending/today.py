"""What lending puts on a role's work list of the day, ordered by the harm of delay."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from handup.lending.models import Application, Loan, LoanProposal
from handup.lending.rules.codes import ApplicationState, LoanState, ProposalState
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Tone
from handup.org.web.lists import Action
from handup.org.web.money import format_money
from handup.org.web.pages import Task, TaskGroup

MOST = 20


def tasks(staff: StaffUser, on: date) -> list[TaskGroup]:
    """The groups of tasks a staff member has on a day; empty groups are left out."""
    found = [
        _instalments(staff, on),
        _loans(staff, on),
        *(_applications(staff, *step) for step in STEPS),
        _proposals(staff),
    ]
    return [group for group in found if group is not None and group.tasks]


STEPS = (
    (ApplicationState.APPROVED, "lending.sign_agreement", "lending:sign"),
    (ApplicationState.APPRAISED, "lending.decide_application", "lending:decide"),
    (ApplicationState.SUBMITTED, "lending.appraise_application", "lending:appraise"),
)


def _instalments(staff: StaffUser, on: date) -> TaskGroup | None:
    """Instalments due or late, the longest late first."""
    if not may(staff, "lending.record_repayment"):
        return None
    rows = Loan.objects.visible_to(staff).filter(state=LoanState.ACTIVE, next_due_date__lte=on)
    loans = list(
        rows.select_related("person", "enterprise", "group").order_by("next_due_date")[:MOST]
    )
    late = sum(1 for loan in loans if loan.next_due_date != on)
    title = _("%(due)s loans with money due, %(late)s of them late") % {
        "due": len(loans),
        "late": late,
    }
    more = Action(_("All late loans"), "lending:arrears", "lending.view_loan")
    return TaskGroup(title, [_loan_task(loan, on) for loan in loans], more)


def _loan_task(loan: Loan, on: date) -> Task:
    assert loan.next_due_date is not None
    days = (on - loan.next_due_date).days
    text = _("%(days)s days late") % {"days": days} if days else _("due today")
    return Task(
        str(loan.borrower),
        f"{loan.code} – {text}",
        reverse("lending:loan_detail", args=[loan.pk]),
        Action(_("Record repayment"), "lending:record_repayment", args=(loan.pk,)),
        Tone.BAD if days > 30 else Tone.WARN if days else Tone.PLAIN,
        loan.next_due_date,
    )


def _loans(staff: StaffUser, on: date) -> TaskGroup | None:
    """Signed loans that wait for their money."""
    if not may(staff, "lending.disburse_loan"):
        return None
    rows = Loan.objects.visible_to(staff).filter(state=LoanState.AGREED, agreed_date__lte=on)
    loans = rows.select_related("person", "enterprise", "group").order_by("agreed_date")[:MOST]
    found = [
        Task(
            str(loan.borrower),
            f"{loan.code} – {format_money(loan.approved_units, loan.currency)}",
            reverse("lending:loan_detail", args=[loan.pk]),
            Action(_("Pay out"), "lending:disburse_loan", args=(loan.pk,)),
            due=loan.agreed_date,
        )
        for loan in loans
    ]
    return TaskGroup(_("%(count)s signed loans to pay out") % {"count": len(found)}, found)


def _applications(
    staff: StaffUser, state: ApplicationState, permission: str, url_name: str
) -> TaskGroup | None:
    """Applications that wait for a step this reader may take."""
    if not may(staff, permission):
        return None
    rows: Any = Application.objects.visible_to(staff).filter(state=state)
    rows = rows.select_related("person", "enterprise", "group").order_by("submitted_date")[:MOST]
    verbs = {
        ApplicationState.SUBMITTED: _("Appraise"),
        ApplicationState.APPRAISED: _("Decide"),
        ApplicationState.APPROVED: _("Sign the agreement"),
    }
    found = [
        Task(
            str(row.borrower),
            f"{row.code} – {format_money(row.asked_units, row.currency)}",
            reverse("lending:application_detail", args=[row.pk]),
            Action(verbs[state], url_name, args=(row.pk,)),
            due=row.submitted_date,
        )
        for row in rows
    ]
    title = _("%(count)s applications: %(verb)s") % {"count": len(found), "verb": verbs[state]}
    return TaskGroup(title, found)


def _proposals(staff: StaffUser) -> TaskGroup | None:
    """Write-offs that wait for this reader's word."""
    if not may(staff, "lending.write_off_loan"):
        return None
    rows = LoanProposal.objects.visible_to(staff).filter(state=ProposalState.PROPOSED)
    found = [
        Task(
            row.loan.code,
            row.reason,
            reverse("lending:loan_detail", args=[row.loan_id]),
            Action(_("Decide"), "lending:write_off", args=(row.pk,)),
            due=row.proposed_date,
        )
        for row in rows.exclude(proposed_by=staff).select_related("loan")[:MOST]
    ]
    return TaskGroup(_("%(count)s proposed write-offs") % {"count": len(found)}, found)
