"""What lending adds to the pages of a person, an enterprise, a group and a plan, to the journey,
and to what is done with a person's records.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handup.groups import sections as group_sections
from handup.groups.models import Group
from handup.kernel.named_lists import add_once
from handup.lending.models import (
    Application,
    ArrearsContact,
    BankLine,
    BorrowerLine,
    Collateral,
    CreditPassport,
    DecisionCondition,
    EnterpriseGrant,
    GuaranteeCall,
    GuaranteeMove,
    Guarantor,
    Loan,
    LoanAccount,
    LoanEvent,
    OldLoan,
    PaymentOrder,
    SavingsMove,
    SecurityCall,
    StatementLine,
)
from handup.lending.models.earlier import blank_earlier
from handup.lending.models.labels import APPLICATION_STATES, LOAN_STATES
from handup.lending.models.statements import parts_of_lines
from handup.lending.person_cash import blank_stray, held_collected
from handup.lending.person_documents import blank_documents, held_documents
from handup.lending.services import keeping
from handup.lending.signatories import BORROWING
from handup.lending.views.links import (
    application_state,
    days_late,
    late_words,
    loan_code,
    loan_href,
    loan_state,
)
from handup.lending.views.passports import passport_table
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Action, Moment, Table
from handup.people import sections, subject
from handup.people.models import Enterprise
from handup.plans import sections as plan_sections
from handup.plans.models import Plan
from handup.plans.rules.states import PlanState

APPLY = gettext_lazy("Apply for a loan")


def _apply(**told: str) -> Action:
    """The way to the form, with what is known filled in."""
    href = f"{reverse('lending:application_new')}?{urlencode(told)}"
    return Action(APPLY, permission="lending.apply_for_loan", href=href)


def actions(staff: StaffUser, person_id: UUID) -> Sequence[Action]:
    """Apply for a loan, with her number filled in; the address names her by her id."""
    passport = Action(
        _("Make a credit passport"), "lending:passport_new", "lending.issue_passport", (person_id,)
    )
    line = Action(_("Messages to her telephone"), "lending:line", "lending.view_line", (person_id,))
    return (_apply(borrower=str(person_id)), passport, line)


def enterprise_actions(staff: StaffUser, enterprise_id: UUID) -> Sequence[Action]:
    """Apply for a loan of an enterprise that is not closed."""
    rows = Enterprise.objects.filter(pk=enterprise_id, closed_date=None)
    return [_apply(borrower=code) for code in rows.values_list("code", flat=True)]


def group_actions(staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Apply for a loan from outside for a group that is active."""
    rows = Group.objects.filter(pk=group_id, status__in=BORROWING)
    return [_apply(borrower=code) for code in rows.values_list("code", flat=True)]


def tables(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """Her loans and applications, as far as the reader may see them."""
    mine = _tables(staff, Q(person_id=person_id), _("Loans"))
    return [*mine, *passport_table(staff, person_id)]


def enterprise_tables(staff: StaffUser, enterprise_id: UUID) -> Sequence[Table]:
    """The same of an enterprise."""
    return _tables(staff, Q(enterprise_id=enterprise_id), _("Loans"))


def group_tables(staff: StaffUser, group_id: UUID) -> Sequence[Table]:
    """The same of a group: what it borrows from outside, not what it lends to its members."""
    return _tables(staff, Q(group_id=group_id), _("Loans from outside"))


def _tables(staff: StaffUser, borrower: Q, title: str) -> Sequence[Table]:
    found = []
    loans = Loan.objects.visible_to(staff).filter(borrower).select_related("lender")
    if loans:
        columns = (
            Column("code", _("Number"), Kind.LINK, url_name="lending:loan_detail"),
            Column("lender.name", _("Lender")),
            Column("approved_units", _("Lent"), Kind.MONEY),
            Column("principal_units", _("Outstanding"), Kind.MONEY),
            Column("next_due_date", _("Next due"), Kind.DATE),
            Column("days_late", _("Days late"), Kind.NUMBER, value=days_late),
            Column("state", _("State"), Kind.STATE, value=loan_state),
        )
        found.append(Table(title, columns, loans))
    rows = Application.objects.visible_to(staff).filter(borrower)
    if rows:
        asked = (
            Column("code", _("Number"), Kind.LINK, url_name="lending:application_detail"),
            Column("asked_units", _("Asked"), Kind.MONEY),
            Column("purpose", _("What for")),
            Column("submitted_date", _("Asked on"), Kind.DATE),
            Column("state", _("State"), Kind.STATE, value=application_state),
        )
        found.append(Table(_("Loan applications"), asked, rows))
    return found


def plan_actions(staff: StaffUser, plan: Plan) -> Sequence[Action]:
    """Apply for the loan a ready plan counts on, with its figures filled in."""
    owner = str(plan.person_id or "")
    return (_apply(plan=plan.number, borrower=owner),) if plan.state == PlanState.READY else ()


def plan_tables(staff: StaffUser, plan: Plan) -> Sequence[Table]:
    """The applications that rest on a plan, with their loans."""
    rows = Application.objects.visible_to(staff).filter(plan_version__plan=plan)
    rows = rows.select_related("agreement__loan", "plan_version")
    if not rows:
        return ()
    columns = (
        Column("code", _("Application"), Kind.LINK, url_name="lending:application_detail"),
        Column("plan_version.number", _("Version"), Kind.NUMBER),
        Column("asked_units", _("Asked"), Kind.MONEY),
        Column("submitted_date", _("Asked on"), Kind.DATE),
        Column("state", _("State"), Kind.STATE, value=application_state),
        Column("loan", _("Loan"), Kind.LINK, value=loan_code, href=loan_href),
    )
    return (Table(_("Loan applications"), columns, rows),)


def moments(staff: StaffUser, person_id: UUID) -> Sequence[Moment]:
    """Asked, paid out, repaid: the steps of her loans for her journey."""
    found: list[Moment] = []
    for row in Application.objects.visible_to(staff).filter(person_id=person_id):
        href = reverse("lending:application_detail", args=[row.pk])
        found.append(Moment(row.submitted_date, _("Asked for a loan"), row.purpose, href))
    for loan in Loan.objects.visible_to(staff).filter(person_id=person_id):
        href = reverse("lending:loan_detail", args=[loan.pk])
        if loan.disbursed_date:
            text = format_money(loan.disbursed_units, loan.currency)
            found.append(Moment(loan.disbursed_date, _("Loan paid out"), text, href))
        if loan.settled_date:
            found.append(Moment(loan.settled_date, _("Loan repaid"), loan.code, href))
        elif loan.next_due_date:
            found.append(_next_due(loan, loan.next_due_date, href))
    return found


def _next_due(loan: Loan, due: date, href: str) -> Moment:
    """The oldest instalment not yet paid: still to come, or how late it is."""
    late = days_late(loan)
    if late is None:
        return Moment(due, _("Instalment due"), loan.code, href, ahead=True)
    state = late_words(late)
    return Moment(due, _("Instalment due"), f"{loan.code} \u00b7 {state.label}", href, state.tone)


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What lending holds of a person."""
    mine = Q(person_id=person_id)
    return {
        _("Loan applications"): [
            {
                _("Number"): row.code,
                _("Asked"): format_money(row.asked_units, row.currency),
                _("What for"): row.purpose,
                _("Asked on"): format_day(row.submitted_date),
                _("State"): str(dict(APPLICATION_STATES)[row.state_now]),
            }
            for row in Application._base_manager.filter(mine)
        ],
        _("Loans"): [
            {
                _("Number"): loan.code,
                _("Lent"): format_money(loan.approved_units, loan.currency),
                _("Outstanding"): format_money(loan.principal_units, loan.currency),
                _("Paid out"): format_day(loan.disbursed_date) if loan.disbursed_date else "",
                _("State"): str(dict(LOAN_STATES)[loan.state]),
            }
            for loan in Loan._base_manager.filter(mine)
        ],
        _("Talks about her loans"): [
            {
                _("Number"): talk.loan.code,
                _("Day"): format_day(talk.contact_date),
                _("How"): talk.get_channel_display(),
                _("What was said"): talk.note,
            }
            for talk in ArrearsContact._base_manager.filter(
                loan__person_id=person_id
            ).select_related("loan")
        ],
        _("Messages to her telephone"): [
            {
                _("Agreed on"): format_day(row.agreed_date),
                _("Language"): row.get_language_display(),
                _("Ended on"): format_day(row.ended_at.date()) if row.ended_at else "",
            }
            for row in BorrowerLine._base_manager.filter(mine)
        ],
        _("Credit passports"): [
            {
                _("Issued on"): format_day(row.issued_date),
                _("Valid until"): format_day(row.valid_to),
            }
            for row in CreditPassport._base_manager.filter(mine)
        ],
        **held_documents(person_id),
        **_held_of_money(person_id),
        **held_collected(person_id),
        **_held_behind(person_id),
        **_held_at_banks(person_id),
    }


def _held_of_money(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What moved on her loans and savings, with what was written beside it."""
    return {
        _("What happened to her loans"): [
            {
                _("Loan"): row.loan.code,
                _("Day"): format_day(row.value_date),
                _("What"): row.get_kind_display(),
                _("Amount"): format_money(row.units, row.loan.currency),
                _("Reference"): row.reference,
                _("Reason"): row.reason,
            }
            for row in LoanEvent._base_manager.filter(loan__person_id=person_id)
            .select_related("loan")
            .order_by("loan_id", "seq")
        ],
        _("Her savings at banks"): [
            {
                _("Number"): row.account.code,
                _("Day"): format_day(row.value_date),
                _("What"): row.get_kind_display(),
                _("Amount"): format_money(row.units, row.account.currency),
                _("Reference"): row.reference,
                _("Reason"): row.reason,
            }
            for row in SavingsMove._base_manager.filter(account__person_id=person_id)
            .select_related("account")
            .order_by("value_date", "id")
        ],
        _("Called from a guarantee for her loans"): [
            {
                _("Loan"): row.loan.code,
                _("Day"): format_day(row.called_date),
                _("Called for"): format_money(row.units, row.loan.currency),
                _("Number of its letter"): row.reference,
                _("Reason"): row.withdrawn_reason,
                _("Money of this call"): "; ".join(
                    f"{move.value_date} {move.units} {move.reference} {move.reason}".strip()
                    for move in row.moves.all()
                ),
            }
            for row in GuaranteeCall._base_manager.filter(loan__person_id=person_id)
            .select_related("loan")
            .prefetch_related("moves")
        ],
        _("Her payments on bank statements"): [
            {
                _("Day"): format_day(row.book_date) if row.book_date else "",
                _("Amount"): format_money(units, row.currency),
                _("From or to"): row.name,
                _("Account number"): row.payer_account,
                _("Reference"): row.end_to_end,
                _("Text"): row.text,
            }
            for row, units in _lines_of(person_id)
        ],
    }


def _lines_of(person_id: UUID) -> list[tuple[StatementLine, int]]:
    """Her lines of bank statements, with how much of each is hers: of one that pays for several
    loans only her part, of one that takes such a line back as much again.
    """
    loans = list(Loan._base_manager.filter(person_id=person_id).values_list("pk", flat=True))
    parts = parts_of_lines(loans)
    rows = StatementLine._base_manager.filter(
        Q(loan__in=loans)
        | Q(order__loan__in=loans)
        | Q(event__loan__in=loans)
        | Q(pk__in=parts)
        | Q(pair__loan__in=loans)
        | Q(pair__in=parts)
    )
    found = []
    for row in rows.order_by("book_date", "id"):
        part = parts.get(row.pk, row.units)
        if row.pair_id in parts:
            part = -parts[row.pair_id]
        found.append((row, part))
    return found


def _held_at_banks(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """The accounts she is paid to, what was ordered for her, and her loans of old portfolios."""
    hers = Q(loan__person_id=person_id)
    return {
        _("Accounts she is paid to"): [
            {
                _("Loan"): row.loan.code,
                _("Account holder"): row.holder,
                _("Account number"): row.number,
            }
            for row in LoanAccount._base_manager.filter(hers).select_related("loan")
        ],
        _("Payments to her"): [
            {
                _("Loan"): row.loan.code,
                _("Paid to"): row.creditor_name,
                _("Account number"): row.creditor_account,
                _("Amount"): format_money(row.units, row.loan.currency),
            }
            for row in PaymentOrder._base_manager.filter(hers).select_related("loan")
        ],
        _("Loans of old portfolios"): [
            {
                _("Number"): row.key,
                _("Lent"): format_money(row.units, row.book.currency),
                _("Paid out"): format_day(row.disbursed_date),
            }
            for row in OldLoan._base_manager.filter(person_id=person_id).select_related(
                "book__lender"
            )
        ],
    }


def _held_behind(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What she answers for, and what of hers is pledged."""
    return {
        _("Loans she answers for"): [
            {
                _("Number"): row.anchor.code,
                _("Agreed on"): format_day(row.agreed_date),
                _("Given back"): format_day(row.released_date) if row.released_date else "",
            }
            for row in Guarantor._base_manager.filter(person_id=person_id).select_related(
                "application", "loan"
            )
        ],
        _("Pledged for loans"): [
            {
                _("Number"): item.anchor.code,
                _("What it is"): item.description,
                _("Value"): format_money(item.value_units, item.currency),
            }
            for item in Collateral._base_manager.filter(
                Q(owner_id=person_id)
                | Q(owner=None, application__person_id=person_id)
                | Q(owner=None, loan__person_id=person_id)
            ).select_related("application", "loan")
        ],
    }


def blank(person_id: UUID) -> None:
    """Blank what was written about her; amounts and dates of money stay, as books must."""
    rows = Application._base_manager.filter(person_id=person_id)
    for row in rows:
        row.appraisals.update(note="", facts={}, overrides=[])
        row.votes.update(reason="")
        row.decisions.update(reason="", conditions="")
        items = DecisionCondition._base_manager.filter(decision__application=row)
        items.update(text="", lift_reason="")
        row.guarantors.update(release_reason="")
        row.collateral.update(description="", owner_name="", release_reason="")
        row.ties.update(note="")
        blank_documents(row)
    rows.update(purpose="", told_before={})
    for loan in Loan._base_manager.filter(person_id=person_id):
        loan.proposals.update(reason="", decided_reason="", payload={})
        loan.events.update(reason="", reference="")
        loan.tranches.update(condition="")
        loan.security_calls.update(reason="")
        loan.guarantee_calls.update(reference="", withdrawn_reason="")
        loan.guarantors.update(release_reason="")
        loan.collateral.update(description="", owner_name="", release_reason="")
        loan.contacts.update(note="")
    Guarantor._base_manager.filter(person_id=person_id).update(release_reason="")
    SecurityCall._base_manager.filter(guarantor__person_id=person_id).update(reason="")
    pledged = Collateral._base_manager.filter(owner_id=person_id)
    pledged.update(description="", owner_name="", release_reason="")
    out = GuaranteeMove._base_manager.filter(call__loan__person_id=person_id)
    out.update(reference="", reason="")
    moves = SavingsMove._base_manager.filter(
        Q(account__person_id=person_id) | Q(loan__person_id=person_id)
    )
    moves.update(reference="", reason="")
    blank_earlier(person_id)
    _blank_at_banks(person_id)
    blank_stray(person_id)
    CreditPassport._base_manager.filter(person_id=person_id).update(printed_name="", code_text="")
    live = BorrowerLine._base_manager.filter(person_id=person_id, ended_at=None)
    live.update(ended_at=timezone.now())
    grants = EnterpriseGrant._base_manager.filter(person_id=person_id)
    for grant in grants:
        grant.tranches.update(condition="", use_note="")
        grant.assets.update(check_note="")
    grants.update(purpose="", criteria_met=[], decision_reason="")


def _blank_at_banks(person_id: UUID) -> None:
    """Her name and account in what banks were told and what they sent; a closed order is not sent
    again, and a row of a file keeps its number and amount.
    """
    for account in LoanAccount._base_manager.filter(loan__person_id=person_id):
        account.holder = account.number = account.bic = ""
        account.save(update_fields=("holder", "number", "number_hash", "bic"))
    for order in PaymentOrder._base_manager.filter(loan__person_id=person_id):
        order.creditor_name = order.creditor_account = order.creditor_bic = ""
        order.answer_text = ""
        order.save(
            update_fields=("creditor_name", "creditor_account", "creditor_bic", "answer_text")
        )
    lines = BankLine._base_manager.filter(loan__person_id=person_id)
    lines.update(raw={}, reference="", fault_message="")
    paid = StatementLine._base_manager.filter(
        pk__in=[row.pk for row, _part in _lines_of(person_id)]
    )
    keeping.blank_faults(list(paid.exclude(faults=[]).values_list("pk", "faults")))
    paid.update(**keeping.BLANK)


def register() -> None:
    """Add all of it to the named lists of people, once."""
    add_once(sections.record_actions, actions)
    add_once(sections.record_sections, tables)
    add_once(sections.record_moments, moments)
    add_once(sections.enterprise_actions, enterprise_actions)
    add_once(sections.enterprise_sections, enterprise_tables)
    add_once(group_sections.group_actions, group_actions)
    add_once(group_sections.group_sections, group_tables)
    add_once(plan_sections.plan_actions, plan_actions)
    add_once(plan_sections.plan_sections, plan_tables)
    add_once(subject.collect, held)
    add_once(subject.erase, blank)
