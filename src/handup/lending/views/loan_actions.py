"""What can be done with a running loan, by what it is about; only what its state and the reader's
grants allow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY
from handup.lending.models import Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.loan import State
from handup.lending.services.again import AFTER, ASK
from handup.lending.services.withdrawal import may_withdraw_until
from handup.lending.views.insurance import insurance_action
from handup.lending.views.savings import set_off_action
from handup.lending.views.tranches import tranche_actions
from handup.org.models import StaffUser
from handup.org.web.columns import Label
from handup.org.web.lists import Action


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Some actions under a few words."""

    title: Label
    actions: Sequence[Action]


Asked = Callable[[Loan, State, date], ActionGroup]


def _money(loan: Loan, state: State, on: date) -> ActionGroup:
    pk = (loan.pk,)
    found: list[Action] = []
    if loan.state == LoanState.ACTIVE:
        found = [
            Action(_("Quote the payoff"), "lending:quote_payoff", "lending.quote_payoff", pk),
            Action(_("Pay off"), "lending:pay_off_loan", "lending.record_repayment", pk),
        ]
        if not any(state.overdue(on)):
            found.append(
                Action(_("Pay part early"), "lending:early_new", "lending.record_repayment", pk)
            )
        found += tranche_actions(loan)
    if state.overpaid and loan.overpaid_units:
        found.append(
            Action(_("Hand money back"), "lending:propose_refund", "lending.propose_refund", pk)
        )
    found += [action for action in (insurance_action(loan), set_off_action(loan)) if action]
    return ActionGroup(_("Money"), found)


def _charges(loan: Loan, state: State, _on: date) -> ActionGroup:
    pk = (loan.pk,)
    if loan.state != LoanState.ACTIVE:
        return ActionGroup("", ())
    found = [Action(_("Charge"), "lending:charge_loan", "lending.charge_loan", pk)]
    if any(row.due[place] > row.paid[place] for row in state.rows for place in _WAIVABLE):
        found.append(Action(_("Waive"), "lending:propose_waiver", "lending.propose_waiver", pk))
    return ActionGroup(_("Fees, penalties and interest"), found)


def _terms(loan: Loan, _state: State, _on: date) -> ActionGroup:
    if loan.state != LoanState.ACTIVE:
        return ActionGroup("", ())
    pk = (loan.pk,)
    agree = Action(_("Agree a change"), "lending:change_new", "lending.propose_change", pk)
    return ActionGroup(_("Instalments and terms"), [agree])


def _ending(loan: Loan, _state: State, on: date) -> ActionGroup:
    pk = (loan.pk,)
    found: list[Action] = []
    if loan.state == LoanState.AGREED:
        found.append(Action(_("Cancel"), "lending:cancel_loan", "lending.cancel_loan", pk))
    until = may_withdraw_until(loan)
    if until is not None and on <= until:
        found.append(
            Action(_("Record a withdrawal"), "lending:withdraw_loan", "lending.withdraw_loan", pk)
        )
    if loan.state == LoanState.ACTIVE:
        found.append(
            Action(
                _("Propose write-off"),
                "lending:propose_write_off",
                "lending.propose_write_off",
                pk,
            )
        )
    return ActionGroup(_("End of the loan"), found)


def _following(loan: Loan, _state: State, _on: date) -> ActionGroup:
    if loan.state not in AFTER or loan.product_version_id is None:
        return ActionGroup("", ())
    again = Action(_("Ask for the next loan"), "lending:loan_again", ASK, (loan.pk,))
    return ActionGroup(_("The next loan"), [again])


_WAIVABLE = (PENALTY, FEE, INTEREST)
GROUPS: list[Asked] = [_money, _charges, _terms, _ending, _following]
"""In the order they are shown."""


def action_groups(
    staff: StaffUser, loan: Loan, state: State, on: date, behind: Sequence[Action] = ()
) -> list[ActionGroup]:
    """The groups with anything this reader may do; `behind`: with those who stand behind it. Of a
    loan that a successor keeps, none.
    """
    if loan.moved_date is not None:
        return []
    asked = [group(loan, state, on) for group in GROUPS]
    asked.append(ActionGroup(_("Those behind the loan"), behind))
    found = []
    for group in asked:
        allowed = [action for action in group.actions if action.allowed(staff, loan)]
        if allowed:
            found.append(ActionGroup(group.title, allowed))
    return found
