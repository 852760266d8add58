"""What an insurer pays when something insured happens to a borrower or her business: it counts on
the debt of that day, the rest is the family's (lending.md 4.3).

Nothing is owed to the insurer for it: the premium was the price. What is beyond the debt lies with
us as overpaid, and is handed to the family like any money beyond what is owed (`charges`).
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.credit.early import payoff_on
from handup.kernel.credit.payoff import Payoff
from handup.kernel.errors import Refusal
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    CurrencyMismatch,
    LoanWrittenOff,
    NotRunning,
)
from handup.lending.models import Loan, LoanEvent
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.happening import happen
from handup.lending.services.repayments import lock_loans
from handup.lending.services.same import stored_event
from handup.lending.services.store import Writer, state_as_of
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Organisation


class PaidBeforeItHappened(Refusal):
    """{date} is before {event}, the day of what the insurer pays for."""


def debt_of(loan: Loan, event_date: date) -> Payoff:
    """What closed a loan on the day something happened, by what is known now; what was paid for it
    later does not count. Raises NotRunning, LoanWrittenOff, BeforeDisbursement.
    """
    _check_loan(loan, event_date)
    return payoff_on(state_as_of(loan, event_date), event_date)


def record_insurance(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    insurer: Organisation,
    event_date: date,
    received_date: date,
    units: int,
    method: Method = Method.BANK,
    reference: str = "",
    source: Source = Source.WEB,
    currency: str = "",
    id: UUID | None = None,
    permission: str = "lending.record_insurance",
) -> LoanEvent:
    """Record what an insurer paid for a loan, for something of a day. It counts on the debt as of
    that day; enough of it closes the loan, and what is beyond is overpaid. The books have the money
    on the day it was received. Repayments since then are split anew. permission: of the step this
    is part of. The day of the event is held to the same days as that of the money: the loan is
    split anew from it.

    Raises NotAllowed, OutOfSight, NotRunning, LoanWrittenOff, BeforeDisbursement,
    PaidBeforeItHappened, AmountNotPositive, CurrencyMismatch, FutureDate, BackDated,
    SameIdOtherContent, and what later events of the loan refuse after it.
    """
    require(acting_staff, permission, loan)
    content = {"loan": loan.pk, "kind": EventKind.INSURANCE_PAID.value, "value_date": event_date}
    payload = {"insurer": str(insurer.pk), "received_date": received_date.isoformat()}
    also = {"method": method.value, "reference": reference}
    stored = stored_event(acting_staff, id, payload, **content, **also, units=units)
    if stored is not None:
        return stored
    if units <= 0:
        raise AmountNotPositive(field="units")
    if received_date < event_date:
        raise PaidBeforeItHappened(field="received_date", date=received_date, event=event_date)
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        if currency and currency != locked.currency:
            raise CurrencyMismatch(field="currency", expected=locked.currency, given=currency)
        known, today = source in EVIDENCED, timezone.localdate()
        check_date(received_date, today, evidenced=known, field="received_date")
        check_date(event_date, today, evidenced=known, field="event_date")
        _check_loan(locked, event_date)
        event, _state = happen(
            Writer(timezone.now()),
            locked,
            EventKind.INSURANCE_PAID,
            acting_staff,
            event_date,
            units=units,
            payload=payload,
            id=id,
            method=method.value,
            reference=reference,
            source=source,
        )
        facts = {"loan": str(loan.pk), "insurer": str(insurer.pk)}
        audit.record(acting_staff, "lending.record_insurance", event, facts)
    return event


def _check_loan(loan: Loan, event_date: date) -> None:
    if loan.state == LoanState.WRITTEN_OFF:
        raise LoanWrittenOff(code=loan.code)
    if loan.disbursed_date is None or loan.state not in (LoanState.ACTIVE, LoanState.SETTLED):
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    if event_date < loan.disbursed_date:
        raise BeforeDisbursement(field="event_date", date=event_date, disbursed=loan.disbursed_date)
