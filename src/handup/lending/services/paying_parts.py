"""The next part of a running loan: a payment of its own, from which its schedule is fixed anew; and
payment orders, which pay whole loans as well as parts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.ledger.services import post_entries
from handup.lending.errors import BeforeDisbursement, NotRunning
from handup.lending.happened import events_of
from handup.lending.models import Loan, LoanEvent, LoanTranche, PaymentOrder
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.rules.terms import NOTHING_TAKEN
from handup.lending.services import posting
from handup.lending.services.beside import hands_of
from handup.lending.services.conditions import refuse_stopped
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.funds import hold_to_money
from handup.lending.services.limits import hold_to_limits
from handup.lending.services.loans import PAY_OUT, DisbursementIn, disburse_loans
from handup.lending.services.never_lent import refuse_lending_savings
from handup.lending.services.orders import refuse_ordered
from handup.lending.services.repayments import lock_loans
from handup.lending.services.replaying import Change, replay
from handup.lending.services.store import Writer, new_event
from handup.lending.services.tranches import NoTrancheLeft, hold_tranches, next_tranche
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require


def pay_out_tranche(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    method: Method = Method.BANK,
    reference: str = "",
    source: Source = Source.WEB,
    reason: str = "",
    id: UUID | None = None,
    by_statement: bool = False,
    permission: str = PAY_OUT,
) -> LoanEvent:
    """Pay out the next part of a running loan; what follows of its schedule is worked out anew.

    by_statement: the bank says so in its file, so the permission is that of importing it.
    permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, NotRunning, NoTrancheLeft,
    TrancheHeldUp, DisbursementStopped (by the institution that hands over), AlreadyOrdered (a
    payment order may still pay it), BeforeDisbursement, FutureDate, BackDated,
    FundShort, StopRule (facility or guarantee is used up), TrancheNotPlanned (nothing is due after
    that day), SameIdOtherContent and what the ledger refuses.
    """
    require(acting_staff, "lending.import_bank_file" if by_statement else permission, loan)
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        told: dict[str, object] = {"loan": locked, "value_date": value_date}
        told |= {} if by_statement else {"method": method.value, "reference": reference}
        if (known := already_stored(LoanEvent, id, acting_staff, **told)) is not None:
            return known
        evidenced = by_statement or source in EVIDENCED
        tranche = _payable(locked, value_date, evidenced=evidenced)
        hold_to_limits([(locked.lender, value_date)])
        if not by_statement:  # what a bank has paid out is a fact
            refuse_stopped([locked.programme_id])
            hold_tranches([tranche])
            refuse_ordered([DisbursementIn(locked.pk, value_date, id=id)])
            require_other_person(
                acting_staff,
                *hands_of([locked]).get(locked.pk, ()),
                step=PAY_OUT,
                amount=tranche.units,
                reason=reason,
                obj=locked,
            )
        writer = Writer(timezone.now())
        event = _part_event(locked, tranche, acting_staff, writer.now, value_date, id)
        event.method, event.reference, event.source = method.value, reference, source.value
        writer.events.append(event)
        writer.flush_events()
        _state, changes = replay(writer, locked, events_of([locked.pk])[locked.pk])
        writer.flush()
        _post(locked, event, changes, acting_staff, happened=by_statement)
        if not by_statement:
            refuse_lending_savings([locked])
        audit.record(
            acting_staff, PAY_OUT, event, {"loan": str(loan.pk), "tranche": tranche.number}
        )
    return event


def _part_event(
    loan: Loan,
    tranche: LoanTranche,
    acting_staff: StaffUser,
    now: datetime,
    value_date: date,
    id: UUID | None,
) -> LoanEvent:
    kind, units = EventKind.DISBURSED, tranche.units
    event = new_event(loan, kind, acting_staff, now, value_date, units, id)
    event.payload = {"tranche": tranche.number}
    return event


def pay_orders(
    orders: Sequence[PaymentOrder],
    paid: Sequence[DisbursementIn],
    *,
    acting_staff: StaffUser,
    by_statement: bool = False,
    permission: str = PAY_OUT,
) -> list[LoanEvent]:
    """Pay out what payment orders pay, each as told: a whole loan or its first part, or a later
    part of one that runs. Raises what disburse_loans and pay_out_tranche refuse.
    """
    pairs = list(zip(orders, paid, strict=True))
    whole = [item for order, item in pairs if not _later(order)]
    events = disburse_loans(
        whole, acting_staff=acting_staff, by_statement=by_statement, permission=permission
    )
    made = {event.loan_id: event for event in events}
    for order, item in pairs:
        if _later(order):
            made[order.loan_id] = pay_out_tranche(
                acting_staff=acting_staff,
                loan=order.loan,
                value_date=item.value_date,
                method=item.method,
                reference=item.reference,
                source=item.source,
                reason=item.reason,
                id=item.id,
                by_statement=by_statement,
                permission=permission,
            )
    return [made[order.loan_id] for order in orders]


def _later(order: PaymentOrder) -> bool:
    return order.tranche is not None and order.tranche.number > 1


def _post(
    loan: Loan,
    event: LoanEvent,
    changes: Sequence[Change],
    acting_staff: StaffUser,
    *,
    happened: bool,
) -> None:
    """The part in the books, and what it moved of payments dated after it."""
    book = posting.book_of(loan.lender)
    if book is None:
        return
    paid = posting.disbursement_entry(book, loan, event, NOTHING_TAKEN, happened=happened)
    moved = posting.moved_entry(book, loan, event, changes)
    hold_to_money([paid])
    post_entries([paid, *([moved] if moved else ())], acting_staff=acting_staff)


def _payable(loan: Loan, value_date: date, *, evidenced: bool) -> LoanTranche:
    """The part to be paid next, if it may be paid on that day."""
    if loan.state != LoanState.ACTIVE or loan.disbursed_date is None:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    tranche = next_tranche(loan)
    if tranche is None:
        raise NoTrancheLeft(code=loan.code)
    if value_date < loan.disbursed_date:
        raise BeforeDisbursement(field="value_date", date=value_date, disbursed=loan.disbursed_date)
    check_date(value_date, timezone.localdate(), evidenced=evidenced)
    return tranche
