"""The borrower thinks better of it: for some days after the money was paid out she may give it back
with the interest of those days, and the loan ends (lending.md 5; EU 2008/48, article 14).
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.credit.allocation import INTEREST
from handup.kernel.credit.early import accrued_interest, withdrawal_on
from handup.kernel.credit.payoff import Payoff
from handup.kernel.errors import Refusal
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    CurrencyMismatch,
    NotRunning,
)
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.rules.given_back import GivenBack, given_back
from handup.lending.rules.terms import read_terms
from handup.lending.services import plans_behind
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.happening import happen
from handup.lending.services.orders import refuse_on_its_way
from handup.lending.services.repayments import lock_loans
from handup.lending.services.same import stored_event
from handup.lending.services.store import Writer, state_as_of
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


class WithdrawalOver(Refusal):
    """The loan {code} could be withdrawn from until {date}; it is paid off like any other now."""


class NoWithdrawal(Refusal):
    """The terms of the loan {code} give no days to withdraw in."""


class InterestPaidAhead(Refusal):
    """{units} of interest of the loan {code} were paid before they were earned. Take that payment
    back and count its money towards what the borrower gives back.
    """


class LessThanWithdrawal(Refusal):
    """Withdrawing from the loan {code} on {date} takes {needed}."""


class MoreThanWithdrawal(Refusal):
    """Withdrawing from the loan {code} on {date} takes {needed}; give the rest back."""


def may_withdraw_until(loan: Loan) -> date | None:
    """The last day on which the borrower of a running loan may withdraw from it; None where the
    terms give no days, and for a loan that is not paid out or not running.
    """
    days = read_terms(loan.terms).withdrawal_days
    if not days or loan.state != LoanState.ACTIVE or loan.disbursed_date is None:
        return None
    return loan.disbursed_date + timedelta(days=days)


def withdrawal_of(loan: Loan, on: date) -> Payoff:
    """What the borrower gives back who withdraws on a day. Raises NotRunning, BeforeDisbursement,
    NoWithdrawal, WithdrawalOver, InterestPaidAhead.
    """
    if loan.state != LoanState.ACTIVE or loan.disbursed_date is None:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    if on < loan.disbursed_date:
        raise BeforeDisbursement(field="value_date", date=on, disbursed=loan.disbursed_date)
    until = may_withdraw_until(loan)
    if until is None:
        raise NoWithdrawal(code=loan.code)
    if on > until:
        raise WithdrawalOver(field="value_date", code=loan.code, date=until)
    state = state_as_of(loan, on)
    ahead = state.paid(INTEREST) - accrued_interest(state, on)
    if ahead > 0:
        raise InterestPaidAhead(code=loan.code, units=format_money(ahead, loan.currency))
    return withdrawal_on(state, on)


def fees_back(loan: Loan, on: date) -> GivenBack:
    """The fees of a loan paid out that come back when its borrower withdraws on a day."""
    first = loan.events.filter(kind=EventKind.DISBURSED.value, reversed_by=None)
    event = first.order_by("value_date", "seq").first()
    if event is None:
        return GivenBack()
    terms = read_terms(loan.terms)
    rows = state_as_of(loan, on).rows
    return given_back(terms, event.payload, loan.approved_units, event.value_date, rows)


def withdraw_loan(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    currency: str = "",
    id: UUID | None = None,
    permission: str = "lending.withdraw_loan",
) -> LoanEvent:
    """Record that the borrower gives the loan back within the days of her right: principal and
    interest to the day, no fee and no penalty, less the fees that her terms give back. The loan is
    cancelled, and the plan behind it is ready again.

    units: what she hands over. Other fees stay paid. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, NotRunning, BeforeDisbursement, NoWithdrawal, WithdrawalOver,
    InterestPaidAhead, LessThanWithdrawal, MoreThanWithdrawal, AmountNotPositive, CurrencyMismatch,
    FutureDate, BackDated, AlreadyOrdered (a payment order may still pay a part of it: that is
    cancelled first), SameIdOtherContent.
    """
    require(acting_staff, permission, loan)
    content = {"loan": loan.pk, "kind": EventKind.WITHDRAWN.value, "value_date": value_date}
    also = {"method": method.value, "reference": reference}
    stored = stored_event(acting_staff, id, {}, **content, **also)
    if stored is not None:
        if stored.received_units != units:
            raise SameIdOtherContent(field="units")
        return stored
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        _check(locked, units, currency)
        check_date(value_date, timezone.localdate(), evidenced=source in EVIDENCED)
        parts, back = withdrawal_of(locked, value_date), fees_back(locked, value_date)
        refuse_on_its_way(locked)
        asked = parts.total - back.total
        if units != asked:
            wrong = LessThanWithdrawal if units < asked else MoreThanWithdrawal
            needed = format_money(asked, locked.currency)
            raise wrong(field="units", code=locked.code, date=value_date, needed=needed)
        event, _state = happen(
            Writer(timezone.now()),
            locked,
            EventKind.WITHDRAWN,
            acting_staff,
            value_date,
            units=parts.total,
            payload={"payoff": list(parts), **({"given_back": list(back)} if back.total else {})},
            id=id,
            method=method.value,
            reference=reference,
            source=source,
        )
        plans_behind.take_back(event, acting_staff)
        audit.record(acting_staff, "lending.withdraw_loan", event, {"loan": str(loan.pk)})
    return event


def _check(loan: Loan, units: int, currency: str) -> None:
    if units <= 0:
        raise AmountNotPositive(field="units")
    if currency and currency != loan.currency:
        raise CurrencyMismatch(field="currency", expected=loan.currency, given=currency)
