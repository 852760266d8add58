"""A bank calls on a guarantee fund for a late loan; the fund pays, and what the bank recovers later
comes back pro rata. The borrower owes the bank all of it the whole time: her loan does not change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Book, Entry
from handup.ledger.services import Part, Source, fact_lines, post_entry, reverse_entry
from handup.lending.errors import (
    AlreadyReversed,
    AmountNotPositive,
    BeforeItsEvent,
    BookMissing,
    FutureDate,
    NotRunning,
)
from handup.lending.facts import out_of
from handup.lending.models import Guarantee, GuaranteeCall, GuaranteeMove, Loan
from handup.lending.rules.codes import GuaranteeMoveKind as Kind
from handup.lending.rules.codes import LenderMode, LoanState, Method
from handup.lending.rules.codes import Source as Door
from handup.lending.rules.guarantees import callable_units, share_back
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.guarantee_funds import fund_of
from handup.lending.services.limits import lock_lender
from handup.lending.services.repayments import lock_loans
from handup.lending.services.store import refuse_moved, state_as_of
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

DOMAIN = "lending"
SOURCE_KIND = "GUARANTEE"
PURPOSE = "GUARANTEE"
"""Entries of guarantees carry it, so that they are told from those of loan events."""
SUBJECT = "guarantee_call"


class NotGuaranteed(Refusal):
    """{code} is not a loan of a bank whose loans are guaranteed."""


class NoGuaranteeThen(Refusal):
    """No guarantee for {lender} was in force on {date}."""


class NotLateEnough(Refusal):
    """{code} was {days} days late then; the guarantee may be called after {needed}."""


class MoreThanCovered(Refusal):
    """Only {left} of this loan is still covered by the guarantee."""


class FundTooSmall(Refusal):
    """Only {left} is left in the guarantee fund."""


class CallOpen(Refusal):
    """A call for {code} is already waiting to be paid."""


class CallNotOpen(Refusal):
    """This call is already paid, or was withdrawn."""


class CallNotPaid(Refusal):
    """This call is not paid, so nothing of it can come back."""


class MoreThanPaid(Refusal):
    """Of what the fund paid only {left} is still to come back."""


class CameBackSince(Refusal):
    """Part of this payment has come back since; take that back first."""


def standing_moves(call: GuaranteeCall, kind: Kind) -> list[GuaranteeMove]:
    """Moves of one kind that were not taken back."""
    return list(call.moves.filter(kind=kind.value, reversed_by=None))


def out_units(call: GuaranteeCall) -> int:
    """What was paid on a call and has not come back."""
    return int(call.moves.aggregate(n=Sum("units"))["n"] or 0)


def out_by_loan(loans: Sequence[UUID]) -> dict[UUID, int]:
    """What was paid for each of some loans and has not come back."""
    moves = GuaranteeMove.objects.filter(call__loan__in=loans).order_by()
    return dict(moves.values_list("call__loan").annotate(n=Sum("units")))


def is_open(call: GuaranteeCall) -> bool:
    """Whether a call waits to be paid."""
    return call.withdrawn_date is None and not standing_moves(call, Kind.PAID)


def with_standing(rows: QuerySet[GuaranteeCall]) -> QuerySet[Any]:
    """Calls with what says where each stands: `paid`, and `out`, what has not come back of it."""
    return rows.annotate(paid=Exists(_paid()), out=out_of("call"))


def waiting_loans(loans: Collection[UUID]) -> set[UUID]:
    """Those of some loans for which a call waits to be paid."""
    rows = GuaranteeCall.objects.filter(~Exists(_paid()), loan__in=loans, withdrawn_date=None)
    return set(rows.order_by().values_list("loan", flat=True))


def _paid() -> QuerySet[GuaranteeMove]:
    """The payment of an outer call, where it was not taken back."""
    return GuaranteeMove.objects.filter(call=OuterRef("pk"), kind=Kind.PAID.value, reversed_by=None)


def in_force(loan: Loan, on: date) -> Guarantee:
    """The guarantee that covers a loan on a day. Raises NotGuaranteed, NoGuaranteeThen."""
    if loan.lender.mode != LenderMode.BANK_GUARANTEED:
        raise NotGuaranteed(code=loan.code)
    rows = loan.lender.guarantees.filter(
        Q(expiry_date=None) | Q(expiry_date__gte=on), signed_date__lte=on
    )
    found = rows.order_by("-cover_bps", "signed_date", "pk").first()
    if found is None:
        raise NoGuaranteeThen(field="called_date", lender=loan.lender.name, date=on)
    return found


@dataclass(frozen=True, slots=True)
class Demand:
    """What a bank may call for a loan on a day."""

    guarantee: Guarantee
    principal_units: int
    arrears_days: int
    most_units: int


def demand(loan: Loan, on: date) -> Demand:
    """What may be called for a late loan on a day. Raises NotGuaranteed, NoGuaranteeThen,
    LoanMoved, NotRunning, NotLateEnough."""
    guarantee = in_force(loan, on)
    return _owed(loan, guarantee, guarantee.cover_bps, on)


def _owed(loan: Loan, guarantee: Guarantee, cover_bps: int, on: date) -> Demand:
    """What a guarantee stands for of a late loan on a day. Raises as demand, and LoanMoved."""
    refuse_moved(loan)
    if loan.state != LoanState.ACTIVE:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    state = state_as_of(loan, on)
    late = state.arrears_days(on)
    if late <= guarantee.call_after_days:
        raise NotLateEnough(code=loan.code, days=late, needed=guarantee.call_after_days)
    out = GuaranteeMove.objects.filter(call__loan=loan).aggregate(n=Sum("units"))["n"] or 0
    return Demand(guarantee, state.principal, late, callable_units(state.principal, cover_bps, out))


def _hold_to_debt(loan: Loan, call: GuaranteeCall, on: date) -> None:
    """Refuse to pay more than is covered of what a locked loan owes on a day and owes today. Raises
    NotRunning, NotLateEnough, MoreThanCovered.
    """
    for day in (on, timezone.localdate()):
        most = _owed(loan, call.guarantee, call.cover_bps, day).most_units
        if call.units > most:
            raise MoreThanCovered(left=format_money(most, loan.currency))


def call_guarantee(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    called_date: date,
    units: int | None = None,
    reference: str = "",
    id: UUID | None = None,
) -> GuaranteeCall:
    """Take down that the bank calls the guarantee for a loan that is late long enough; units: what
    it asks for, all that is covered where nothing is said. No more is called than the loan owed
    that day and still owes today.

    Raises NotAllowed, OutOfSight, FutureDate, NotGuaranteed, NoGuaranteeThen, NotRunning,
    NotLateEnough, CallOpen, AmountNotPositive, MoreThanCovered, SameIdOtherContent.
    """
    require(acting_staff, "lending.call_guarantee", loan)
    told = {"loan": loan, "called_date": called_date, "reference": reference.strip()}
    if units is not None:
        told["units"] = units
    if (known := already_stored(GuaranteeCall, id, acting_staff, **told)) is not None:
        return known
    if called_date > timezone.localdate():
        raise FutureDate(field="called_date", date=called_date)
    with transaction.atomic():
        locked = lock_loans([loan.pk])[loan.pk]
        lock_lender(locked.lender_id)
        found = demand(locked, called_date)
        if any(is_open(row) for row in locked.guarantee_calls.all()):
            raise CallOpen(code=locked.code)
        today = _owed(locked, found.guarantee, found.guarantee.cover_bps, timezone.localdate())
        most = min(found.most_units, today.most_units)
        asked = most if units is None else units
        if asked <= 0:
            raise AmountNotPositive(field="units")
        if asked > most:
            raise MoreThanCovered(field="units", left=format_money(most, locked.currency))
        row = GuaranteeCall.objects.create(
            id=id or new_id(),
            guarantee=found.guarantee,
            loan=locked,
            called_date=called_date,
            units=asked,
            principal_units=found.principal_units,
            arrears_days=found.arrears_days,
            cover_bps=found.guarantee.cover_bps,
            reference=reference.strip(),
            recorded_by=acting_staff,
        )
        audit.record(acting_staff, "lending.call_guarantee", row, {"loan": str(loan.pk)})
    return row


def withdraw_guarantee_call(
    *, acting_staff: StaffUser, call: GuaranteeCall, withdrawn_date: date, reason: str
) -> GuaranteeCall:
    """Let a call go that is not paid: the bank took it back, or we refuse it. Raises NotAllowed,
    OutOfSight, ReasonNeeded, CallNotOpen, BeforeItsEvent.
    """
    require(acting_staff, "lending.call_guarantee", call.loan)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = _hold(call)
        if not is_open(row):
            raise CallNotOpen()
        _check_day(withdrawn_date, row.called_date, "withdrawn_date")
        row.withdrawn_date, row.withdrawn_by = withdrawn_date, acting_staff
        row.withdrawn_reason = reason.strip()
        row.save(update_fields=("withdrawn_date", "withdrawn_by", "withdrawn_reason"))
        audit.record(acting_staff, "lending.withdraw_guarantee_call", row)
    return row


def pay_guarantee_call(
    *,
    acting_staff: StaffUser,
    call: GuaranteeCall,
    value_date: date,
    method: Method = Method.BANK,
    reference: str = "",
    reason: str = "",
    source: Door = Door.WEB,
    id: UUID | None = None,
    permission: str = "lending.pay_guarantee",
) -> GuaranteeMove:
    """Pay the bank what it called for, by another person than who took the call down; posted to the
    book of the fund, as long as the loan still owes it. reason: why one person does both, where one
    is all there is.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, CallNotOpen, FutureDate,
    BackDated, BeforeItsEvent, NotRunning, NotLateEnough, MoreThanCovered, FundTooSmall,
    BookMissing, SameIdOtherContent and what the ledger refuses.
    """
    require(acting_staff, permission, call.loan)
    told = {"call": call, **_told(Kind.PAID, value_date, method, reference)}
    if (known := already_stored(GuaranteeMove, id, acting_staff, **told)) is not None:
        return known
    with transaction.atomic():
        loan = lock_loans([call.loan_id])[call.loan_id]
        row = _hold(call)
        if not is_open(row):
            raise CallNotOpen()
        _check_money_day(value_date, row.called_date, source)
        require_other_person(
            acting_staff,
            row.recorded_by_id,
            step="lending.pay_guarantee",
            amount=row.units,
            reason=reason,
            obj=row.loan,
        )
        _hold_to_debt(loan, row, value_date)
        left = fund_of(row.guarantee).money
        if row.units > left:
            raise FundTooSmall(left=format_money(left, row.guarantee.currency))
        return _move(row, Kind.PAID, row.units, acting_staff, value_date, method, reference, id=id)


def record_guarantee_recovery(
    *,
    acting_staff: StaffUser,
    call: GuaranteeCall,
    recovered_units: int,
    value_date: date,
    method: Method = Method.BANK,
    reference: str = "",
    source: Door = Door.WEB,
    id: UUID | None = None,
    permission: str = "lending.record_guarantee_recovery",
) -> GuaranteeMove:
    """Take in the fund's share of what the bank recovered from a borrower for whom it paid:
    the cover of all it recovered so far, less what came back of it, at most what the fund paid.

    Raises NotAllowed, OutOfSight, CallNotPaid, FutureDate, BackDated, BeforeItsEvent,
    AmountNotPositive, MoreThanPaid, BookMissing, SameIdOtherContent.
    """
    require(acting_staff, permission, call.loan)
    told = {"call": call, **_told(Kind.RECOVERED, value_date, method, reference)}
    told["recovered_units"] = recovered_units
    if (known := already_stored(GuaranteeMove, id, acting_staff, **told)) is not None:
        return known
    with transaction.atomic():
        row = _hold(call)
        paid = standing_moves(row, Kind.PAID)
        if not paid:
            raise CallNotPaid()
        _check_money_day(value_date, paid[0].value_date, source)
        out = out_units(row)
        if not out:
            raise MoreThanPaid(field="recovered_units", left=format_money(0, row.loan.currency))
        before = standing_moves(row, Kind.RECOVERED)
        recovered = recovered_units + sum(move.recovered_units or 0 for move in before)
        came = -sum(move.units for move in before)
        share = share_back(recovered, row.cover_bps, came, out)
        if recovered_units <= 0 or not share:
            raise AmountNotPositive(field="recovered_units")
        return _move(
            row,
            Kind.RECOVERED,
            -share,
            acting_staff,
            value_date,
            method,
            reference,
            recovered_units=recovered_units,
            id=id,
        )


def reverse_guarantee_move(
    *,
    acting_staff: StaffUser,
    move: GuaranteeMove,
    value_date: date,
    reason: str,
    source: Door = Door.WEB,
    id: UUID | None = None,
    permission: str = "lending.reverse_guarantee",
) -> GuaranteeMove:
    """Take back a payment or a recovery that was wrong; after a payment the call waits again.
    Raises NotAllowed, OutOfSight, ReasonNeeded, AlreadyReversed, FutureDate, BackDated,
    BeforeItsEvent, CameBackSince, FundTooSmall, SameIdOtherContent.
    """
    require(acting_staff, permission, move.call.loan)
    told = {"reverses": move, "value_date": value_date, "reason": reason.strip()}
    if (known := already_stored(GuaranteeMove, id, acting_staff, **told)) is not None:
        return known
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        call = _hold(move.call)
        if move.reverses_id is not None or GuaranteeMove.objects.filter(reverses=move).exists():
            raise AlreadyReversed()
        _check_money_day(value_date, move.value_date, source)
        if move.kind == Kind.PAID and standing_moves(call, Kind.RECOVERED):
            raise CameBackSince()
        left = fund_of(call.guarantee).money
        if left + move.units < 0:
            raise FundTooSmall(left=format_money(left, call.guarantee.currency))
        return _move(
            call,
            Kind.REVERSED,
            -move.units,
            acting_staff,
            value_date,
            None,
            move.reference,
            reason=reason.strip(),
            reverses=move,
            id=id,
        )


def _told(kind: Kind, value_date: date, method: Method, reference: str) -> dict[str, object]:
    """What is stored of money as it was told."""
    return {
        "kind": kind.value,
        "value_date": value_date,
        "method": method.value,
        "reference": reference.strip(),
    }


def _hold(call: GuaranteeCall) -> GuaranteeCall:
    """Lock the lender of a call, then read the call anew: what its fund holds stays so."""
    lock_lender(call.guarantee.lender_id)
    rows = GuaranteeCall.objects.select_related("guarantee__lender", "guarantee__book", "loan")
    return rows.get(pk=call.pk)


def _check_day(on: date, first: date, field: str) -> None:
    if on > timezone.localdate():
        raise FutureDate(field=field, date=on)
    if on < first:
        raise BeforeItsEvent(field=field, date=on, event=first)


def _check_money_day(on: date, first: date, source: Door) -> None:
    """Hold money to the days of one person, unless two agreed on it."""
    _check_day(on, first, "value_date")
    check_date(on, timezone.localdate(), evidenced=source in EVIDENCED)


def _move(
    call: GuaranteeCall,
    kind: Kind,
    units: int,
    staff: StaffUser,
    value_date: date,
    method: Method | None,
    reference: str,
    *,
    id: UUID | None,
    recovered_units: int | None = None,
    reason: str = "",
    reverses: GuaranteeMove | None = None,
) -> GuaranteeMove:
    row = GuaranteeMove.objects.create(
        id=id or new_id(),
        call=call,
        kind=kind.value,
        value_date=value_date,
        units=units,
        recovered_units=recovered_units,
        method=method.value if method is not None else "",
        reference=reference.strip(),
        reason=reason,
        recorded_by=staff,
        reverses=reverses,
    )
    _post(call, row, staff)
    audit.record(staff, f"lending.guarantee_{kind.value.lower()}", row, {"call": str(call.pk)})
    return row


def book_of(guarantee: Guarantee) -> Book:
    """The book the fund's payments are kept in. Raises BookMissing."""
    book = guarantee.book or guarantee.lender.book
    if book is None:
        raise BookMissing(lender=guarantee.lender.name)
    return book


def _post(call: GuaranteeCall, row: GuaranteeMove, staff: StaffUser) -> None:
    """A claim on the bank against money, or the other way round."""
    source = Source(DOMAIN, SOURCE_KIND, row.pk, PURPOSE)
    if row.reverses is not None:
        entry = Entry.objects.get(
            source_domain=DOMAIN, source_id=row.reverses.pk, source_purpose=PURPOSE
        )
        reverse_entry(
            acting_staff=staff,
            entry=entry,
            happened_date=row.value_date,
            source=source,
            already_happened=True,
        )
        return
    paid = row.units > 0
    kind = "GUARANTEE_CALLED" if paid else "GUARANTEE_RECOVERED"
    subject = (SUBJECT, call.pk)
    sides = (subject, None) if paid else (None, subject)
    post_entry(
        acting_staff=staff,
        book=book_of(call.guarantee),
        kind=kind,
        source=source,
        lines=fact_lines(
            kind,
            {"AMOUNT": Part(abs(row.units), *sides)},
            money_role="CASH" if row.method == Method.CASH else "BANK",
            currency=call.guarantee.currency,
            branch=call.loan.office_id,
        ),
        happened_date=row.value_date,
        branch=call.loan.office_id,
        already_happened=not paid,
    )
