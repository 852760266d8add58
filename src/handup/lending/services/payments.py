"""Files of payment orders: prepared, checked, released by another person, sent, answered.

DRAFT → CHECKED → RELEASED → SENT → ACCEPTED or REJECTED (pain.002) → CONFIRMED (statement). A loan
counts as paid out when the statement shows it, or at release where the account says so. The file
is written from its stored rows, so it can be written again to the same bytes.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.lending.bank_shown import hidden_rows
from handup.lending.errors import (
    AccountNotNamed,
    AlreadyOrdered,
    BatchNotReady,
    CurrencyMismatch,
    FutureDate,
    LoanOfAnotherBook,
    NoPayments,
    NotAgreed,
    PaymentUnknown,
)
from handup.lending.models import (
    BankAccount,
    Loan,
    LoanAccount,
    LoanEvent,
    LoanTranche,
    PaymentBatch,
    PaymentOrder,
)
from handup.lending.models.banklabels import BATCH_STATES
from handup.lending.rules.banking import answers, pain
from handup.lending.rules.banking.codes import (
    BatchState,
    BookWhen,
    OrderState,
    PainVersion,
)
from handup.lending.rules.banking.letters import written
from handup.lending.rules.codes import LenderMode, LoanState, Source
from handup.lending.rules.terms import read_terms, taken_at
from handup.lending.services import plans_behind
from handup.lending.services.beside import hands_of
from handup.lending.services.conditions import hold_before_pay_out, refuse_stopped
from handup.lending.services.loans import PAY_OUT, DisbursementIn
from handup.lending.services.orders import LIVE, paid_otherwise, settle_batches
from handup.lending.services.parting import part_off_hidden
from handup.lending.services.paying_parts import pay_orders
from handup.lending.services.repayments import lock_loans
from handup.lending.services.reversals import reverse_event
from handup.lending.services.rows import insert_rows, next_codes
from handup.lending.services.statement_posting import method_of
from handup.lending.services.tranches import hold_tranches, in_parts, next_parts, ready_to_pay
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import may, require
from handup.org.services.files import sum_of_sealed
from handup.org.web.money import currency_digits

RELEASE = "lending.release_payments"
CANCELLABLE = (BatchState.DRAFT, BatchState.CHECKED, BatchState.RELEASED)
SENT = (BatchState.SENT, BatchState.ACCEPTED, BatchState.PARTLY)


def payable(account: BankAccount) -> QuerySet[Loan]:
    """Signed loans that may be paid out from an account, and running ones whose next part waits for
    nothing any more; no order pays them yet.
    """
    ordered = PaymentOrder.objects.filter(state__in=LIVE).values("loan")
    agreed = Q(state=LoanState.AGREED.value)
    begun = Q(state=LoanState.ACTIVE.value, pk__in=ready_to_pay().values("loan"))
    return Loan.objects.filter(
        agreed | begun,
        lender__book=account.book_id,
        lender__mode=LenderMode.DIRECT.value,
        currency=account.currency,
        moved_date=None,
    ).exclude(pk__in=ordered)


def prepare_payments(
    *,
    acting_staff: StaffUser,
    account: BankAccount,
    loans: Sequence[Loan],
    execution_date: date,
    on: date,
    id: UUID | None = None,
) -> PaymentBatch:
    """Draft the orders that pay out signed loans, or the next part of running ones, each to the
    account named for it.

    Raises NotAllowed, OutOfSight, NoPayments, NotAgreed, NoTrancheLeft, TrancheHeldUp,
    CurrencyMismatch, LoanOfAnotherBook, AlreadyOrdered, AccountNotNamed, ConditionOpen,
    DisbursementStopped.
    """
    require(acting_staff, "lending.prepare_payments", account)
    known = already_stored(
        PaymentBatch, id, acting_staff, account=account, execution_date=execution_date
    )
    if known is not None:
        return known
    if not loans:
        raise NoPayments(field="loans")
    with transaction.atomic():
        locked = lock_loans(loan.pk for loan in loans)
        _check_payable(account, list(locked.values()))
        accounts = _accounts(locked)
        (number,) = next_codes("PAYMENT", 1)
        parts = next_parts(locked.values())
        hold_tranches(parts.values())
        batch = PaymentBatch(
            id=id or new_id(),
            account=account,
            message_id=number,
            version=account.pain_version,
            execution_date=execution_date,
            prepared_by=acting_staff,
            prepared_date=on,
        )
        orders = [
            _order(batch, row, loan, accounts[loan.pk], parts.get(loan.pk))
            for row, loan in enumerate(sorted(locked.values(), key=lambda each: each.code), 1)
        ]
        batch.orders_total = len(orders)
        batch.total_units = sum(order.units for order in orders)
        batch.save(force_insert=True)
        insert_rows(orders)
        # No count: a payee hidden later is parted off, and two counts would tell of her.
        audit.record(acting_staff, "lending.prepare_payments", batch)
    return batch


def _check_payable(account: BankAccount, loans: Sequence[Loan]) -> None:
    for loan in loans:
        if loan.state != LoanState.AGREED and not in_parts(loan):
            raise NotAgreed(field="loans", code=loan.code, state=loan.get_state_display())
        if loan.currency != account.currency:
            raise CurrencyMismatch(field="loans", expected=loan.currency, given=account.currency)
        own = loan.lender.mode == LenderMode.DIRECT and loan.lender.book_id == account.book_id
        if not own:
            raise LoanOfAnotherBook(field="loans", code=loan.code)
    ordered = PaymentOrder.objects.filter(loan__in=[loan.pk for loan in loans], state__in=LIVE)
    first = ordered.values_list("loan__code", flat=True).first()
    if first is not None:
        raise AlreadyOrdered(field="loans", code=first)
    refuse_stopped(loan.programme_id for loan in loans)
    hold_before_pay_out([loan for loan in loans if loan.state == LoanState.AGREED])


def _accounts(loans: dict[UUID, Loan]) -> dict[UUID, LoanAccount]:
    """The account of each loan named last. Raises AccountNotNamed."""
    found: dict[UUID, LoanAccount] = {}
    for account in LoanAccount.objects.filter(loan__in=list(loans)).order_by("id"):
        found[account.loan_id] = account
    for pk, loan in loans.items():
        if pk not in found:
            raise AccountNotNamed(field="loans", code=loan.code)
    return found


def _order(
    batch: PaymentBatch, row: int, loan: Loan, account: LoanAccount, part: LoanTranche | None
) -> PaymentOrder:
    id = new_id()
    kept = 0  # fees are kept back of the first part
    if part is None or part.number == 1:
        kept = taken_at(read_terms(loan.terms), loan.approved_units).withheld_units
    return PaymentOrder(
        id=id,
        batch=batch,
        loan=loan,
        tranche=part,
        row=row,
        end_to_end=pain.event_code(id),
        units=(part.units if part is not None else loan.approved_units) - kept,
        creditor_name=written(account.holder, pain.LONGEST_NAME, plain=batch.account.plain_letters),
        creditor_account=account.number,
        creditor_bic=account.bic,
    )


def batch_facts(batch: PaymentBatch, staff: StaffUser | None = None) -> pain.Batch:
    """The stored rows of a batch as its file says them; with `staff` as far as she may know of whom
    they pay.
    """
    account = batch.account
    orders = batch.orders.select_related("loan").order_by("row")
    hidden = hidden_rows(staff, PaymentOrder) if staff is not None else None
    if hidden is not None:
        orders = orders.exclude(pk__in=hidden.values("pk"))
    return pain.Batch(
        message_id=batch.message_id,
        created_at=batch.released_at or batch.recorded_at,
        execution_date=batch.execution_date,
        currency=account.currency,
        digits=currency_digits(account.currency),
        payer=pain.Party(account.holder, account.number, account.bic),
        payments=[
            pain.Payment(
                order.end_to_end,
                order.units,
                pain.Party(order.creditor_name, order.creditor_account, order.creditor_bic),
                f"Loan {order.loan.code}",
            )
            for order in orders
        ],
        version=PainVersion(batch.version),
        plain=account.plain_letters,
        service_level=account.service_level,
    )


def _in_state(batch: PaymentBatch, *states: BatchState) -> PaymentBatch:
    """The batch, locked, when it is in one of these states. Raises BatchNotReady."""
    locked = (
        PaymentBatch.objects.select_for_update(of=("self",))
        .select_related("account__book")
        .get(pk=batch.pk)
    )
    if locked.state not in states:
        labels = dict(BATCH_STATES)
        raise BatchNotReady(
            state=labels[locked.state], needed=", ".join(str(labels[each]) for each in states)
        )
    return locked


def _as_she_sees(batch: PaymentBatch, staff: StaffUser) -> PaymentBatch:
    """The locked batch without payments to persons hidden from her: they have files of their own
    from now on.
    """
    part_off_hidden(batch, staff, lambda each: pain.write(batch_facts(each)))
    return batch


def check_payments(*, acting_staff: StaffUser, batch: PaymentBatch) -> PaymentBatch:
    """Look for all a bank would refuse; without a fault the batch is checked.

    Raises NotAllowed, OutOfSight, BatchNotReady, Faults, NotAgreed.
    """
    require(acting_staff, "lending.prepare_payments", batch)
    with transaction.atomic():
        locked = _as_she_sees(_in_state(batch, BatchState.DRAFT), acting_staff)
        if found := pain.faults(batch_facts(locked)):
            raise Faults(found)
        locked.state = BatchState.CHECKED.value
        locked.checked_by = acting_staff
        locked.save(update_fields=("state", "checked_by"))
        audit.record(acting_staff, "lending.check_payments", locked)
    return locked


def release_payments(
    *, acting_staff: StaffUser, batch: PaymentBatch, on: date, reason: str = ""
) -> PaymentBatch:
    """Let the money go: another person than who prepared it, and none who advised, appraised or
    decided one of its loans. Where the account says so, the loans are paid out in the books now.

    Raises NotAllowed, OutOfSight, BatchNotReady, SamePerson, ReasonNeeded, NotAgreed, FutureDate,
    DisbursementStopped and what disburse_loans refuses.
    """
    require(acting_staff, RELEASE, batch)
    if on > timezone.localdate():
        raise FutureDate(field="on", date=on)
    with transaction.atomic():
        locked = _as_she_sees(_in_state(batch, BatchState.CHECKED), acting_staff)
        orders = list(locked.orders.select_related("loan", "tranche").order_by("row"))
        require_other_person(
            acting_staff,
            locked.prepared_by_id,
            step=RELEASE,
            amount=locked.total_units,
            reason=reason,
            obj=locked,
        )
        _no_hand_in(acting_staff, orders, reason)
        if locked.account.book_when == BookWhen.RELEASED:
            _book(locked, orders, acting_staff, on, reason)
        locked.state = BatchState.RELEASED.value
        locked.released_by = acting_staff
        locked.released_date, locked.released_at = on, timezone.now().replace(microsecond=0)
        locked.sha256 = sum_of_sealed(pain.write(batch_facts(locked)))
        locked.save(
            update_fields=("state", "released_by", "released_date", "released_at", "sha256")
        )
        audit.record(
            acting_staff,
            RELEASE,
            locked,
        )
    return locked


def _no_hand_in(staff: StaffUser, orders: Sequence[PaymentOrder], reason: str) -> None:
    loans = [order.loan for order in orders]
    refuse_stopped(loan.programme_id for loan in loans)
    hold_before_pay_out([loan for loan in loans if loan.state == LoanState.AGREED])
    hands = hands_of(loans)
    for order in orders:
        loan = order.loan
        if paid_otherwise(order):
            raise NotAgreed(code=loan.code, state=loan.get_state_display())
        require_other_person(
            staff,
            *hands.get(loan.pk, ()),
            step=PAY_OUT,
            amount=loan.approved_units,
            reason=reason,
            obj=loan,
        )


def _book(
    batch: PaymentBatch, orders: Sequence[PaymentOrder], staff: StaffUser, on: date, reason: str
) -> None:
    paid = [
        DisbursementIn(
            order.loan_id,
            on,
            method_of(batch.account),
            order.end_to_end,
            reason=reason,
            id=order.pk,
        )
        for order in orders
    ]
    events = pay_orders(orders, paid, acting_staff=staff, permission=RELEASE)
    for order, event in zip(orders, events, strict=True):
        order.event = event
        order.save(update_fields=("event",))


def send_payments(*, acting_staff: StaffUser, batch: PaymentBatch) -> bytes:
    """The file for the bank; the first time it counts as sent. Raises NotAllowed, OutOfSight,
    BatchNotReady, NotAgreed (a loan needs its money no more: the batch is cancelled),
    DisbursementStopped.
    """
    require(acting_staff, "lending.prepare_payments", batch)
    with transaction.atomic():
        locked = _in_state(batch, BatchState.RELEASED, *SENT, BatchState.CONFIRMED)
        if locked.state == BatchState.RELEASED:
            _as_she_sees(locked, acting_staff)
        content = pain.write(batch_facts(locked, acting_staff))
        if locked.state == BatchState.RELEASED:
            _hold_to_loans(locked)
            locked.state = BatchState.SENT.value
            locked.save(update_fields=("state",))
            locked.orders.filter(state=OrderState.WAITING.value).update(state=OrderState.SENT.value)
        audit.record(acting_staff, "lending.send_payments", locked)
    return content


def _hold_to_loans(batch: PaymentBatch) -> None:
    """Refuse to send money that a loan needs no more, or is not to have, whatever came between.
    Raises NotAgreed, DisbursementStopped.
    """
    refuse_stopped(batch.orders.values_list("loan__programme", flat=True))
    for order in batch.orders.select_related("loan", "tranche", "event__reversed_by"):
        if paid_otherwise(order) or (order.event is not None and _is_taken_back(order.event)):
            raise NotAgreed(code=order.loan.code, state=order.loan.get_state_display())


def _is_taken_back(event: LoanEvent) -> bool:
    return getattr(event, "reversed_by", None) is not None


def cancel_payments(
    *, acting_staff: StaffUser, batch: PaymentBatch, on: date, reason: str
) -> PaymentBatch:
    """Give up a batch that was not sent; loans it already paid out in the books are as before.

    Raises NotAllowed, OutOfSight, BatchNotReady, ReasonNeeded.
    """
    require(acting_staff, "lending.prepare_payments", batch)
    with transaction.atomic():
        locked = _as_she_sees(_in_state(batch, *CANCELLABLE), acting_staff)
        for order in locked.orders.select_related("loan", "event__loan", "event__reversed_by"):
            _drop(order, OrderState.CANCELLED, acting_staff, on, reason, Source.WEB)
        locked.state = BatchState.CANCELLED.value
        locked.answer_text = reason.strip()[:300]
        locked.save(update_fields=("state", "answer_text"))
        audit.record(acting_staff, "lending.cancel_payments", locked)
    return locked


def _drop(
    order: PaymentOrder,
    state: OrderState,
    staff: StaffUser,
    on: date,
    reason: str,
    source: Source = Source.BANK_FILE,
) -> None:
    """An order that will not be paid: take its disbursement back where one was booked."""
    if order.event is not None and not _is_taken_back(order.event):
        reverse_event(
            acting_staff=staff,
            event=order.event,
            reason=reason or state.value,
            value_date=max(on, order.event.value_date),
            id=None,
            action="lending.reverse_by_statement",
            source=source,
        )
        if "tranche" not in order.event.payload:
            plans_behind.take_back(order.event, staff)
    order.state = state.value
    order.save(update_fields=("state", "answer_code", "answer_text"))


def import_payment_status(*, acting_staff: StaffUser, content: bytes, on: date) -> PaymentBatch:
    """Note what the bank answered (pain.002) for a batch and its orders; the same again changes
    nothing.

    Raises NotAllowed, PaymentUnknown, BatchNotReady and what the reader refuses.
    """
    require(acting_staff, "lending.import_payment_status")
    answer = answers.read(content)
    found = PaymentBatch.objects.filter(message_id=answer.message_id).first()
    if found is None or not may(acting_staff, "lending.import_payment_status", found):
        raise PaymentUnknown(field="file", message=answer.message_id)
    with transaction.atomic():
        batch = _in_state(found, *SENT, BatchState.REJECTED, BatchState.CONFIRMED)
        told = {each.end_to_end: each for each in answer.payments}
        for order in batch.orders.select_related("loan", "event__loan", "event__reversed_by"):
            one = told.get(order.end_to_end)
            code = one.code if one is not None else answer.code
            order.answer_code = (one.reason if one is not None else answer.reason) or code
            order.answer_text = one.text if one is not None else answer.text
            _answered(order, code, acting_staff, on)
        batch.answer_code, batch.answer_text = answer.code[:10], answer.text
        batch.save(update_fields=("answer_code", "answer_text"))
        settle_batches({batch.pk})
        audit.record(
            acting_staff, "lending.import_payment_status", batch, {"answer": batch.answer_code}
        )
    batch.refresh_from_db()
    return batch


def _answered(order: PaymentOrder, code: str, staff: StaffUser, on: date) -> None:
    """Move one order on by its code; what is over stays as it is."""
    if order.state not in (OrderState.SENT, OrderState.ACCEPTED):
        return
    if code in answers.REJECTED:
        _drop(order, OrderState.REJECTED, staff, on, order.answer_text or order.answer_code)
    elif code in answers.ACCEPTED:
        order.state = OrderState.ACCEPTED.value
        order.save(update_fields=("state", "answer_code", "answer_text"))
