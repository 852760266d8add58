"""What an application's and a loan's page show of all that stands behind the loan, gathered in one
place: each part adds its tables, actions and the persons they name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.lending.models import (
    Application,
    Collateral,
    Guarantor,
    JointMember,
    Loan,
    SecurityCall,
)
from handup.lending.rules.codes import ApplicationState, LoanState
from handup.lending.rules.security import cap_units
from handup.lending.services.security import Anchor
from handup.lending.views.calls import call_table, may_be_called
from handup.lending.views.conditions import condition_table, open_note
from handup.lending.views.documents import document_action, document_table, missing_note
from handup.lending.views.follow_up import contact_action, contact_table
from handup.lending.views.guarantees import guarantee_action, guarantee_tables
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
        *document_table(staff, row),
        *security_tables(staff, row, loan),
        *joint_tables(staff, row),
    ]


def security_tables(staff: StaffUser, anchor: Anchor, loan: Loan | None) -> list[Table]:
    """Guarantors and collateral of an application, or of a loan that was entered without one."""
    return [*guarantor_table(staff, anchor, loan), *collateral_table(staff, anchor, loan)]


def notes(staff: StaffUser, row: Application) -> Sequence[tuple[Tone, Label]]:
    """What was not seen yet; what still holds up the signature or the payment of an approved
    loan.
    """
    waiting = (ApplicationState.APPROVED, ApplicationState.SIGNED)
    return open_note(staff, row) if row.state_now in waiting else missing_note(row)


def application_actions(row: Application) -> tuple[Action, ...]:
    """What may be added to an application that is not closed."""
    tie = Action(_("Declare a tie"), "lending:tie_new", "lending.declare_tie", (row.pk,))
    found = (*security_actions(row), *document_action(row), tie)
    if row.state != ApplicationState.APPROVED:
        return found
    offer = Action(
        _("Print the offer"), "lending:offer_paper", "lending.view_application", (row.pk,)
    )
    return (offer, *found)


def loan_notes(staff: StaffUser, loan: Loan) -> Sequence[tuple[Tone, Label]]:
    """What still holds up the payment of a signed loan."""
    if loan.state != LoanState.AGREED or loan.agreement is None:
        return ()
    return open_note(staff, loan.agreement.application)


def loan_tables(staff: StaffUser, loan: Loan) -> list[Table]:
    """The tables below a loan."""
    found = [
        *contact_table(staff, loan),
        *call_table(staff, loan),
        *guarantee_tables(staff, loan),
    ]
    if loan.agreement is not None:
        return found + application_tables(staff, loan.agreement.application, loan)
    return found + security_tables(staff, loan, loan)


def loan_actions(staff: StaffUser, loan: Loan, days_late: int) -> tuple[Action, ...]:
    """What may be done on a loan with those who stand behind it."""
    found = contact_action(loan) + guarantee_action(loan, days_late)
    if loan.state in (LoanState.AGREED, LoanState.ACTIVE):
        found += security_actions(loan if loan.agreement is None else loan.agreement.application)
    if days_late and may_be_called(staff, loan):
        pk = (loan.pk,)
        found += (
            Action(_("Call who answers for it"), "lending:call_new", "lending.call_security", pk),
        )
    return found


def persons_securing(staff: StaffUser, anchor: Anchor) -> list[UUID]:
    """Who answers for it or pledged something, as far as the reader may see."""
    guarantors = Guarantor.objects.visible_to(staff).filter(hanging_on(anchor))
    pledges = Collateral.objects.visible_to(staff).filter(hanging_on(anchor))
    return _known(
        (
            *guarantors.values_list("person_id", flat=True),
            *pledges.values_list("owner_id", flat=True),
        )
    )


def _known(found: Iterable[UUID | None]) -> list[UUID]:
    return [pk for pk in found if pk is not None]


def persons_behind(staff: StaffUser, row: Application) -> list[UUID]:
    """The persons those tables name to this reader, for the read log."""
    found: list[UUID | None] = [*persons_securing(staff, row)]
    members = JointMember.objects.visible_to(staff)
    member = members.filter(application=row).first()
    if member is not None:
        rows = members.filter(joint_group=member.joint_group_id).order_by()
        found += rows.values_list("application__person_id", flat=True)
    return _known(found)


def persons_of_loan(staff: StaffUser, loan: Loan) -> list[UUID]:
    """The same for a loan, with whom was called."""
    calls = SecurityCall.objects.visible_to(staff).filter(loan=loan).order_by()
    called = calls.values_list("guarantor__person_id", "member__application__person_id")
    found = _known(person for pair in called for person in pair)
    if loan.agreement is None:
        return found + persons_securing(staff, loan)
    return found + persons_behind(staff, loan.agreement.application)


def highest_shown(staff: StaffUser) -> str:
    """The highest class a loan's page shows her: what was said in talks is sensitive."""
    return "S" if may(staff, "lending.view_follow_up") else "P"


@dataclass(frozen=True, slots=True)
class Named:
    """What the printed agreement says of those who stand behind it, and who they are."""

    groups: tuple[FactGroup, ...] = ()
    persons: tuple[UUID, ...] = ()


def named_in_agreement(staff: StaffUser, loan: Loan) -> Named:
    """Guarantors, collateral and the joint group, as the printed agreement names them to who may
    see them.
    """
    if loan.agreement is None:
        return Named()
    row = loan.agreement.application
    named = (
        _named_guarantors(staff, row, loan),
        _named_pledges(staff, row, loan),
        _named_members(staff, row, loan),
    )
    return Named(
        tuple(group for one in named for group in one.groups),
        tuple(person for one in named for person in one.persons),
    )


def _named_guarantors(staff: StaffUser, row: Application, loan: Loan) -> Named:
    rows = Guarantor.objects.visible_to(staff).filter(application=row, released_date=None)
    found = list(rows.select_related("person", "organisation"))
    facts = [
        Fact(
            str(guarantor),
            format_money(
                cap_units(guarantor.cap_units, guarantor.share_bps, loan.approved_units),
                loan.currency,
            ),
        )
        for guarantor in found
    ]
    if not facts:
        return Named()
    persons = _known(guarantor.person_id for guarantor in found)
    return Named((FactGroup(_("Guarantors answer for at most"), facts),), tuple(persons))


def _named_pledges(staff: StaffUser, row: Application, loan: Loan) -> Named:
    rows = Collateral.objects.visible_to(staff).filter(application=row, released_date=None)
    found = list(rows.select_related("owner"))
    facts = [
        Fact(
            item.description,
            f"{format_money(item.value_units, loan.currency)} · {item.owned_by or loan.borrower}",
        )
        for item in found
    ]
    if not facts:
        return Named()
    group = FactGroup(_("Collateral, its value and its owner"), facts)
    return Named((group,), tuple(_known(item.owner_id for item in found)))


def _named_members(staff: StaffUser, row: Application, loan: Loan) -> Named:
    members = JointMember.objects.visible_to(staff)
    member = members.filter(application=row).select_related("joint_group").first()
    if member is None:
        return Named()
    rows = members.filter(joint_group=member.joint_group).exclude(pk=member.pk)
    others = [
        other.application
        for other in rows.select_related(
            "application__person", "application__enterprise", "application__group"
        )
    ]
    limit = (
        _("without limit")
        if member.cap_units is None
        else format_money(member.cap_units, loan.currency)
    )
    facts = [
        Fact(_("Joint group"), member.joint_group),
        Fact(_("Together with"), ", ".join(str(other.borrower) for other in others)),
        Fact(_("The borrower answers for the others for at most"), limit),
    ]
    group = FactGroup(_("Liable for each other"), facts)
    return Named((group,), tuple(_known(other.person_id for other in others)))
