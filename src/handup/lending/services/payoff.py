"""Money before its time: what pays a loan off, paying it off, and paying part of it early.

Like every payment it has a batch form. What closes a loan is worked out by the fold for the day the
money came; a quote tells it ahead of that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from handup.kernel.credit.codes import EarlyEffect
from handup.kernel.credit.early import payoff_on
from handup.kernel.credit.payoff import Payoff
from handup.kernel.credit.validity import NeverLate
from handup.kernel.ids import new_id
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    CurrencyMismatch,
    LessThanPayoff,
    LoanUnknown,
    NotRunning,
    PastDueFirst,
    QuoteExpired,
    QuoteOfAnother,
    QuoteUntilPast,
    WouldPayOff,
)
from handup.lending.models import Loan, LoanEvent, PayoffQuote
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.rules.loan import State
from handup.lending.services import lines
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.happening import happen
from handup.lending.services.repayments import RECORD, lock_loans
from handup.lending.services.rows import in_chunks
from handup.lending.services.same import stored_event
from handup.lending.services.store import Writer, state_as_of
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.web.money import format_money


@dataclass(frozen=True, slots=True)
class PayoffIn:
    """Money that closes a loan, in smallest units. quote: the one it was paid on, if any; money
    beyond the payoff of the day is overpaid.
    """

    loan: UUID
    value_date: date
    units: int
    method: Method = Method.CASH
    reference: str = ""
    quote: UUID | None = None
    source: Source = Source.WEB
    currency: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EarlyIn:
    """Money paid before it is due, asked for and signed. effect: what becomes of the rows to come;
    none = as the terms say.
    """

    loan: UUID
    value_date: date
    units: int
    effect: EarlyEffect | None = None
    method: Method = Method.CASH
    reference: str = ""
    source: Source = Source.WEB
    currency: str = ""
    id: UUID | None = None


def payoff_of(loan: Loan, on: date) -> Payoff:
    """What closes a running loan at the end of a day. Raises NotRunning, BeforeDisbursement."""
    _check_running(loan, on)
    return payoff_on(state_as_of(loan, on), on)


def quote_payoff(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    quoted_date: date,
    valid_date: date,
    language: str = "",
    id: UUID | None = None,
) -> PayoffQuote:
    """Tell a borrower what closes her loan if it is paid by a day, and keep what was told.

    Raises NotAllowed, OutOfSight, NotRunning, QuoteUntilPast, SameIdOtherContent.
    """
    require(acting_staff, "lending.quote_payoff", loan)
    content = {"loan": loan, "valid_date": valid_date, "quoted_date": quoted_date}
    stored = already_stored(PayoffQuote, id, acting_staff, **content)
    if stored is not None:
        return stored
    if valid_date < quoted_date:
        raise QuoteUntilPast(field="valid_date", date=valid_date)
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        parts = payoff_of(locked, valid_date)
        quote = PayoffQuote.objects.create(
            id=id or new_id(),
            loan=locked,
            quoted_date=quoted_date,
            valid_date=valid_date,
            quoted_by=acting_staff,
            language=language or settings.LANGUAGE_CODE,
            events_known=locked.event_count,
            principal_units=parts.principal,
            interest_units=parts.interest,
            fee_units=parts.fee,
            penalty_units=parts.penalty,
        )
        audit.record(acting_staff, "lending.quote_payoff", quote, {"loan": str(loan.pk)})
    return quote


def pay_off_loan(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    quote: PayoffQuote | None = None,
    source: Source = Source.WEB,
    currency: str = "",
    id: UUID | None = None,
    permission: str = RECORD,
) -> LoanEvent:
    """Pay one loan off: the batch form with one. See pay_off_loans."""
    told = quote.pk if quote is not None else None
    item = PayoffIn(loan.pk, value_date, units, method, reference, told, source, currency, id)
    return pay_off_loans([item], acting_staff=acting_staff, permission=permission)[0]


def pay_off_loans(
    items: Sequence[PayoffIn], *, acting_staff: StaffUser, permission: str = RECORD
) -> list[LoanEvent]:
    """Close loans by their payoff of the day the money came; at most 500 in one transaction.
    permission: of the step this is part of.

    Interest is asked to the day or to the end of the period, with the early fee, as the terms say.
    Raises NotAllowed, OutOfSight, LoanUnknown, NotRunning, AmountNotPositive, FutureDate,
    BackDated, BeforeDisbursement, CurrencyMismatch, LessThanPayoff, QuoteExpired, QuoteOfAnother,
    SameIdOtherContent.
    """
    return _take(items, acting_staff, permission)


def record_early_repayment(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    effect: EarlyEffect | None = None,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    currency: str = "",
    id: UUID | None = None,
    permission: str = RECORD,
) -> LoanEvent:
    """Record one early repayment: the batch form with one. See record_early_repayments."""
    item = EarlyIn(loan.pk, value_date, units, effect, method, reference, source, currency, id)
    return record_early_repayments([item], acting_staff=acting_staff, permission=permission)[0]


def record_early_repayments(
    items: Sequence[EarlyIn], *, acting_staff: StaffUser, permission: str = RECORD
) -> list[LoanEvent]:
    """Record money paid before it is due; the schedule changes from that day on by its effect. At
    most 500 in one transaction.

    Raises as pay_off_loans, and PastDueFirst while anything is past due (what the terms tolerate
    is not; it is served first), WouldPayOff, NeverLate.
    """
    return _take(items, acting_staff, permission)


def _take(
    items: Sequence[PayoffIn | EarlyIn], staff: StaffUser, permission: str
) -> list[LoanEvent]:
    made: list[LoanEvent] = []
    for chunk in in_chunks(items):
        with transaction.atomic():
            loans = lock_loans(item.loan for item in chunk)
            require_all(staff, permission, loans.values())
            writer = Writer(timezone.now())
            for item in chunk:
                if item.loan not in loans:
                    raise LoanUnknown(field="loan", code=item.loan)
                made.append(_one(writer, item, loans[item.loan], staff))
    return made


def _one(writer: Writer, item: PayoffIn | EarlyIn, loan: Loan, staff: StaffUser) -> LoanEvent:
    kind = EventKind.PAID_OFF if isinstance(item, PayoffIn) else EventKind.EARLY_REPAID
    stored = stored_event(
        staff,
        item.id,
        _said(item),
        loan=loan.pk,
        kind=kind.value,
        value_date=item.value_date,
        units=item.units,
        method=item.method.value,
        reference=item.reference,
    )
    if stored is not None:
        return stored
    state = _check(item, loan)
    if isinstance(item, PayoffIn):
        payload = _payoff_payload(item, loan, state)
    else:
        payload = _early_payload(item, loan, state)
    event, after = happen(
        writer,
        loan,
        kind,
        staff,
        item.value_date,
        units=item.units,
        payload=payload,
        id=item.id,
        method=item.method.value,
        reference=item.reference,
        source=item.source,
    )
    if kind is EventKind.EARLY_REPAID:
        _check_lateable(after)
    action = "lending.pay_off_loan" if kind is EventKind.PAID_OFF else "lending.repay_early"
    audit.record(staff, action, event, {"loan": str(loan.pk)})
    lines.note_receipts([event], {loan.pk: loan})
    return event


def _check_lateable(state: State) -> None:
    """Refuse early money that leaves so small instalments that none would ever be late, though more
    is owed than the terms tolerate; it may shorten the loan or pay it off. Raises NeverLate.
    """
    left = [row.left for row in state.ledger.rows if row.left]
    tolerated = state.terms.arrears_tolerance_units
    if tolerated and left and max(left) <= tolerated < sum(left):
        currency = state.terms.currency
        raise NeverLate(
            field="effect",
            due=format_money(max(left), currency),
            tolerated=format_money(tolerated, currency),
        )


def _said(item: PayoffIn | EarlyIn) -> dict[str, str | None]:
    """What was told besides the money."""
    if isinstance(item, PayoffIn):
        return {"quote": str(item.quote) if item.quote is not None else None}
    return {"effect": item.effect.value if item.effect is not None else None}


def _check_running(loan: Loan, on: date) -> None:
    if loan.state != LoanState.ACTIVE or loan.disbursed_date is None:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    if on < loan.disbursed_date:
        raise BeforeDisbursement(field="value_date", date=on, disbursed=loan.disbursed_date)


def _check(item: PayoffIn | EarlyIn, loan: Loan) -> State:
    """Where the loan stands on the day of the money."""
    if item.units <= 0:
        raise AmountNotPositive(field="units")
    if item.currency and item.currency != loan.currency:
        raise CurrencyMismatch(field="currency", expected=loan.currency, given=item.currency)
    evidenced = item.source in EVIDENCED
    check_date(item.value_date, timezone.localdate(), evidenced=evidenced)
    _check_running(loan, item.value_date)
    return state_as_of(loan, item.value_date)


def _payoff_payload(item: PayoffIn, loan: Loan, state: State) -> dict[str, object]:
    parts = payoff_on(state, item.value_date)
    if item.units < parts.total:
        raise LessThanPayoff(
            field="units",
            needed=format_money(parts.total, loan.currency),
            date=item.value_date,
            code=loan.code,
        )
    found: dict[str, object] = {"payoff": list(parts)}
    if item.quote is not None:
        quote = PayoffQuote.objects.filter(pk=item.quote, loan=loan).first()
        if quote is None:
            raise QuoteOfAnother(field="quote", code=loan.code)
        if item.value_date > quote.valid_date:
            raise QuoteExpired(field="quote", date=quote.valid_date)
        found["quote"] = str(quote.pk)
    return found


def _early_payload(item: EarlyIn, loan: Loan, state: State) -> dict[str, object]:
    day = item.value_date
    past_due = sum(state.overdue(day))
    if past_due:
        raise PastDueFirst(code=loan.code, units=format_money(past_due, loan.currency))
    whole = payoff_on(state, day).total
    if item.units >= whole:
        raise WouldPayOff(field="units", needed=format_money(whole, loan.currency))
    return {} if item.effect is None else {"effect": item.effect.value}
