"""What an application's and a loan's page show of all that stands behind the loan, gathered in one
place: each part adds its tables, actions and the persons they name.
"""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.lending.models import Application, Collateral, Guarantor, JointMember, Loan
from handup.lending.rules.codes import ApplicationState, LoanState
from handup.lending.rules.security import cap_units
from handup.lending.services.security import Anchor
from handup.lending.views.calls import call_table, may_be_called
from handup.lending.views.conditions import condition_table, open_note
from handup.lending.views.follow_up import contact_action, contact_table
from handup.lending.views.joint import joint_tables
from handup.lending.views.security import (
    collateral_table,
    guarantor_table,
    hanging_on,
    security_actions,
)
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Label, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Fact, FactGroup, Table


def application_tables(staff: StaffUser, row: Application, loan: Loan | None) -> list[Table]:
    """The tables below an application or its loan."""
    return [
        *condition_table(staff, row),
        *security_tables(staff, row, loan),
        *joint_tables(staff, row),
    ]


def security_tables(staff: StaffUser, anchor: Anchor, loan: Loan | None) -> list[Table]:
    """Guarantors and collateral of an application, or of a loan that was entered without one."""
    return [*guarantor_table(staff, anchor, loan), *collateral_table(staff, anchor, loan)]


def notes(staff: StaffUser, row: Application) -> Sequence[tuple[Tone, Label]]:
    """What still holds up the signature or the payment of an approved loan."""
    waiting = (ApplicationState.APPROVED, ApplicationState.SIGNED)
    return open_note(staff, row) if row.state in waiting else ()


def application_actions(row: Application) -> tuple[Action, ...]:
    """What may be added to an application that is not closed."""
    tie = Action(_("Declare a tie"), "lending:tie_new", "lending.declare_tie", (row.pk,))
    return (*security_actions(row), tie)


def loan_notes(staff: StaffUser, loan: Loan) -> Sequence[tuple[Tone, Label]]:
    """What still holds up the payment of a signed loan."""
    if loan.state != LoanState.AGREED or loan.agreement is None:
        return ()
    return open_note(staff, loan.agreement.application)


def loan_tables(staff: StaffUser, loan: Loan) -> list[Table]:
    """The tables below a loan."""
    found = [*contact_table(staff, loan), *call_table(staff, loan)]
    if loan.agreement is not None:
        return found + application_tables(staff, loan.agreement.application, loan)
    return found + security_tables(staff, loan, loan)


def loan_actions(loan: Loan, days_late: int) -> tuple[Action, ...]:
    """What may be done on a loan with those who stand behind it."""
    found = contact_action(loan)
    if loan.state in (LoanState.AGREED, LoanState.ACTIVE):
        found += security_actions(loan if loan.agreement is None else loan.agreement.application)
    if days_late and may_be_called(loan):
        pk = (loan.pk,)
        found += (
            Action(_("Call who answers for it"), "lending:call_new", "lending.call_security", pk),
        )
    return found


def persons_securing(anchor: Anchor) -> list[UUID]:
    """Who answers for it or pledged something."""
    found: list[UUID | None] = [
        *Guarantor.objects.filter(hanging_on(anchor)).values_list("person_id", flat=True),
        *Collateral.objects.filter(hanging_on(anchor)).values_list("owner_id", flat=True),
    ]
    return [pk for pk in found if pk is not None]


def persons_behind(row: Application) -> list[UUID]:
    """The persons those tables name, for the read log."""
    found: list[UUID | None] = [*persons_securing(row)]
    member = JointMember.objects.filter(application=row).first()
    if member is not None:
        rows = member.joint_group.members.order_by()
        found += list(rows.values_list("application__person_id", flat=True))
    return [pk for pk in found if pk is not None]


def persons_of_loan(loan: Loan) -> list[UUID]:
    """The same for a loan."""
    if loan.agreement is None:
        return persons_securing(loan)
    return persons_behind(loan.agreement.application)


def highest_shown(staff: StaffUser) -> str:
    """The highest class a loan's page shows her: what was said in talks is sensitive."""
    return "S" if may(staff, "lending.view_follow_up") else "P"


def named_in_agreement(loan: Loan) -> Sequence[FactGroup]:
    """Guarantors, collateral and the joint group, as the printed agreement names them."""
    if loan.agreement is None:
        return ()
    row = loan.agreement.application
    found = []
    guarantors = row.guarantors.filter(released_date=None)
    facts = [
        Fact(
            str(guarantor),
            format_money(
                cap_units(guarantor.cap_units, guarantor.share_bps, loan.approved_units),
                loan.currency,
            ),
        )
        for guarantor in guarantors.select_related("person", "organisation")
    ]
    if facts:
        found.append(FactGroup(_("Guarantors answer for at most"), facts))
    pledges = row.collateral.filter(released_date=None).select_related("owner")
    facts = [
        Fact(
            item.description,
            f"{format_money(item.value_units, loan.currency)} · {item.owned_by or loan.borrower}",
        )
        for item in pledges
    ]
    if facts:
        found.append(FactGroup(_("Collateral, its value and its owner"), facts))
    member = JointMember.objects.filter(application=row).select_related("joint_group").first()
    if member is not None:
        others = member.joint_group.members.exclude(pk=member.pk).select_related(
            "application__person", "application__enterprise", "application__group"
        )
        names = [str(other.application.borrower) for other in others]
        limit = (
            _("without limit")
            if member.cap_units is None
            else format_money(member.cap_units, loan.currency)
        )
        facts = [
            Fact(_("Joint group"), member.joint_group),
            Fact(_("Together with"), ", ".join(names)),
            Fact(_("The borrower answers for the others for at most"), limit),
        ]
        found.append(FactGroup(_("Liable for each other"), facts))
    return found
