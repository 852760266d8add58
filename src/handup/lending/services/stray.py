"""Cash of nobody known: taken in, it lies on suspense; later it pays the loans it was for, is
handed back, or becomes income when nobody asked for it long enough. One person says it, another
agrees.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.services import EntryIn, LineIn, Source, post_entries, reverse_entry
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    BeforeItsEvent,
    CurrencyMismatch,
    FutureDate,
    LenderKeepsNone,
    LoanOfAnotherTill,
    MatchDecided,
    NotRunning,
    PartsOfCash,
    StrayNotOpen,
    StrayTooYoung,
    StrayUndone,
)
from handup.lending.models import Lender, Loan, LoanEvent, StrayCash, StrayWord
from handup.lending.rules.banking.codes import MatchState
from handup.lending.rules.codes import LoanState, Parked
from handup.lending.rules.codes import Source as Door
from handup.lending.rules.stray import (
    BECOMES,
    INCOME_DAYS,
    ON_SUSPENSE,
    StrayKind,
    StrayState,
    income_from,
)
from handup.lending.services import posting
from handup.lending.services.days import check_date
from handup.lending.services.repayments import RepaymentIn, record_repayments
from handup.lending.services.reversals import reverse_event
from handup.lending.services.suspense import PartIn
from handup.lending.still_here import cash_here
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import Office, Setting, StaffUser
from handup.org.permissions import grants_for, require, require_all
from handup.org.web.money import format_money

TAKE = "lending.take_stray_cash"
PLACE = "lending.place_stray_cash"
CONFIRM = "lending.confirm_stray_cash"
UNDO = "lending.undo_stray_cash"
SOURCE, TAKEN = "STRAY_CASH", "TAKEN"
INCOME_KEY = "lending.stray_income_days"
KINDS = {
    StrayKind.RETURN: ("CASH_STRAY_HANDED_BACK", "CASH"),
    StrayKind.INCOME: ("CASH_STRAY_INCOME", "OTHER_INCOME"),
}


def income_days() -> int:
    """For how many days cash of nobody known waits before it may be written to income."""
    value: Any = Setting.objects.filter(key=INCOME_KEY).values_list("value", flat=True).first()
    return value if isinstance(value, int) and value >= 0 else INCOME_DAYS


def take_stray_cash(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    units: int,
    received_date: date,
    told: str,
    receipt: str = "",
    office: Office | None = None,
    id: UUID | None = None,
) -> StrayCash:
    """Take cash in that is of nobody known, in smallest units of the lender's currency. It is in
    the till and on suspense the same day. told: who brought it and what was said.

    Raises NotAllowed, OutOfSight, LenderKeepsNone, AmountNotPositive, ReasonNeeded (field `told`),
    FutureDate, BackDated, SameIdOtherContent.
    """
    require(acting_staff, TAKE, lender)
    where = office.pk if office is not None else office_of(acting_staff)
    said = {
        "lender": lender,
        "office": where,
        "units": units,
        "received_date": received_date,
        "receipt": receipt.strip()[:60],
        "told": told.strip()[:300],
    }
    if (known := already_stored(StrayCash, id, acting_staff, **said)) is not None:
        return known
    if units <= 0:
        raise AmountNotPositive(field="units")
    if not told.strip():
        raise ReasonNeeded(field="told")
    check_date(received_date, timezone.localdate(), field="received_date")
    row = StrayCash(
        id=id or new_id(),
        programme_id=lender.programme_id,
        currency=lender.currency,
        recorded_by=acting_staff,
        **{"office_id" if name == "office" else name: value for name, value in said.items()},
    )
    with transaction.atomic():
        keep_stray([row], acting_staff)
    return row


def office_of(staff: StaffUser) -> UUID | None:
    """In whose till she takes money: of her own office, else of the one she works for."""
    if staff.home_office_id is not None:
        return staff.home_office_id
    offices = {grant.office_id for grant in grants_for(staff, TAKE)}
    return offices.pop() if len(offices) == 1 else None


def keep_stray(rows: Sequence[StrayCash], staff: StaffUser) -> None:
    """Store cash of nobody known and post it: money in the till, owed to somebody.

    Raises LenderKeepsNone and what the ledger refuses.
    """
    entries = []
    for row in rows:
        book = posting.book_of(row.lender)
        if book is None:
            raise LenderKeepsNone(lender=row.lender.name)
        row.save(force_insert=True)
        entries.append(_entry(row, "CASH_STRAY", TAKEN, "CASH", "SUSPENSE", row.received_date))
        audit.record(staff, TAKE, row, {"units": row.units})
    post_entries(entries, acting_staff=staff)


def stray_of_loan(
    loan: Loan, units: int, received_date: date, staff: StaffUser, receipt: str = ""
) -> StrayCash:
    """Cash that was taken in for a loan which can take none; not stored yet."""
    return StrayCash(
        id=new_id(),
        lender=loan.lender,
        office_id=loan.office_id,
        programme_id=loan.programme_id,
        currency=loan.currency,
        units=units,
        received_date=received_date,
        loan=loan,
        receipt=receipt,
        recorded_by=staff,
    )


def _entry(row: StrayCash, kind: str, purpose: str, debit: str, credit: str, on: date) -> EntryIn:
    book = posting.book_of(row.lender)
    assert book is not None
    subject = ("stray_cash", row.pk)
    return EntryIn(
        book=book,
        kind=kind,
        source=Source("lending", SOURCE, row.pk, purpose),
        lines=[
            LineIn(row.units, debit, currency=row.currency, subject=subject),
            LineIn(-row.units, credit, currency=row.currency, subject=subject),
        ],
        happened_date=on,
        branch=row.office_id,
        already_happened=purpose == TAKEN,
    )


def place_stray_cash(
    *,
    acting_staff: StaffUser,
    stray: StrayCash,
    kind: StrayKind,
    on: date,
    parts: Sequence[PartIn] = (),
    reason: str = "",
    id: UUID | None = None,
) -> StrayWord:
    """Say what becomes of cash of nobody known: it pays loans (Σ parts is the money), is handed
    back, or is income (after `income_days`). It takes effect when another person agrees.

    Raises NotAllowed, OutOfSight, StrayNotOpen, ReasonNeeded, PartsOfCash, AmountNotPositive,
    LoanOfAnotherTill, CurrencyMismatch, NotRunning, BeforeDisbursement, StrayTooYoung, FutureDate,
    BeforeItsEvent, SameIdOtherContent.
    """
    require(acting_staff, PLACE, stray)
    require_all(acting_staff, PLACE, [part.loan for part in parts])
    told = [{"loan": str(part.loan.pk), "units": part.units} for part in parts]
    said = {"kind": kind, "parts": told, "reason": reason.strip()[:300]}
    if (known := already_stored(StrayWord, id, acting_staff, stray=stray, **said)) is not None:
        return known
    _check_on(on, stray.received_date)
    with transaction.atomic():
        row = _locked(stray)
        if row.state != StrayState.WAITING:
            raise StrayNotOpen(state=row.get_state_display())
        if kind is StrayKind.LOANS:
            _check_parts(row, parts)
        elif not reason.strip():
            raise ReasonNeeded(field="reason")
        _check_age(row, kind, on)
        word = StrayWord(
            id=id or new_id(),
            stray=row,
            proposed_by=acting_staff,
            proposed_date=on,
            **said,
        )
        word.save(force_insert=True)
        _move(row, StrayState.PROPOSED)
        audit.record(acting_staff, PLACE, word, {"kind": kind.value})
    return word


def _locked(stray: StrayCash) -> StrayCash:
    rows = StrayCash.objects.select_for_update(of=("self",)).select_related("lender__book")
    return rows.get(pk=stray.pk)


def _move(row: StrayCash, state: StrayState) -> None:
    row.state = state.value
    row.save(update_fields=("state",))


def _check_on(on: date, received: date | None = None) -> None:
    """Raises FutureDate, and BeforeItsEvent before the day the cash came in."""
    if on > timezone.localdate():
        raise FutureDate(field="on", date=on)
    if received is not None and on < received:
        raise BeforeItsEvent(field="on", date=on, event=received)


def _check_age(row: StrayCash, kind: StrayKind, on: date) -> None:
    """Raises StrayTooYoung."""
    first = income_from(row.received_date, income_days())
    if kind is StrayKind.INCOME and on < first:
        raise StrayTooYoung(field="kind", date=first)


def _check_parts(row: StrayCash, parts: Sequence[PartIn]) -> None:
    if any(part.units <= 0 for part in parts):
        raise AmountNotPositive(field="units")
    total = sum(part.units for part in parts)
    if total != row.units:
        raise PartsOfCash(
            field="units",
            parts=format_money(total, row.currency),
            cash=format_money(row.units, row.currency),
        )
    for part in parts:
        _check_loan(row, part.loan)


def _check_loan(row: StrayCash, loan: Loan) -> None:
    if loan.currency != row.currency:
        raise CurrencyMismatch(field="loan", expected=loan.currency, given=row.currency)
    if not loan.lender.posts_loans or loan.lender.book_id != row.lender.book_id:
        raise LoanOfAnotherTill(field="loan", code=loan.code)
    running = loan.state in (LoanState.ACTIVE, LoanState.SETTLED)
    first = loan.takes_from
    if first is None or not running:
        raise NotRunning(field="loan", code=loan.code, state=loan.get_state_display())
    if row.received_date < first:
        raise BeforeDisbursement(field="loan", date=row.received_date, disbursed=first)


def confirm_stray_cash(
    *, acting_staff: StaffUser, word: StrayWord, on: date, reason: str = ""
) -> StrayWord:
    """Agree to what another person said of cash of nobody known; it takes effect, payments with the
    day the money was taken in. Neither who took it in nor who said so agrees. The same word again
    changes nothing.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, MatchDecided, StrayTooYoung,
    FutureDate, BeforeItsEvent and what the repayments and the ledger refuse.
    """
    require(acting_staff, CONFIRM, word.stray)
    _check_on(on, word.stray.received_date)
    with transaction.atomic():
        row, locked, said = _open_word(word, MatchState.CONFIRMED, acting_staff, reason)
        if said:
            return locked
        require_other_person(
            acting_staff,
            locked.proposed_by_id,
            row.recorded_by_id,
            step=CONFIRM,
            amount=row.units,
            reason=reason,
            obj=locked,
        )
        kind = StrayKind(locked.kind)
        _check_age(row, kind, on)
        if kind is StrayKind.LOANS:
            locked.events = [str(event.pk) for event in _repay(row, locked.parts, acting_staff)]
        else:
            name, role = KINDS[kind]
            post_entries(
                [_entry(row, name, f"W{locked.pk.hex}", "SUSPENSE", role, on)],
                acting_staff=acting_staff,
            )
        _decide(locked, MatchState.CONFIRMED, acting_staff, on, reason)
        _move(row, BECOMES[kind])
        audit.record(acting_staff, CONFIRM, locked, {"kind": locked.kind})
    return locked


def _repay(row: StrayCash, parts: Sequence[Mapping[str, Any]], staff: StaffUser) -> list[LoanEvent]:
    return record_repayments(
        [
            RepaymentIn(
                loan=UUID(part["loan"]),
                value_date=row.received_date,
                units=part["units"],
                method=Parked.SUSPENSE,
                reference=row.receipt,
                source=Door.BACK_DATED,  # two persons vouch for the day
                till="" if row.office_id is None else str(row.office_id),
            )
            for part in parts
        ],
        acting_staff=staff,
        permission=CONFIRM,
    )


def decline_stray_cash(
    *, acting_staff: StaffUser, word: StrayWord, on: date, reason: str
) -> StrayWord:
    """Do not agree; the cash waits again. The same word again changes nothing.

    Raises NotAllowed, OutOfSight, ReasonNeeded, MatchDecided, FutureDate.
    """
    require(acting_staff, CONFIRM, word.stray)
    _check_on(on)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row, locked, said = _open_word(word, MatchState.DECLINED, acting_staff, reason)
        if said:
            return locked
        _decide(locked, MatchState.DECLINED, acting_staff, on, reason)
        _move(row, StrayState.WAITING)
        audit.record(acting_staff, "lending.decline_stray_cash", locked, {"kind": locked.kind})
    return locked


def _open_word(
    word: StrayWord, state: MatchState, staff: StaffUser, reason: str
) -> tuple[StrayCash, StrayWord, bool]:
    """A word that waits, locked; and whether she has said just this of it before. Raises
    MatchDecided.
    """
    row = _locked(word.stray)
    locked = StrayWord.objects.get(pk=word.pk)
    said = (locked.state, locked.decided_by_id, locked.decided_reason)
    if said == (state.value, staff.pk, reason.strip()[:300]):
        return row, locked, True
    if locked.state != MatchState.PROPOSED or row.state != StrayState.PROPOSED:
        raise MatchDecided
    return row, locked, False


def _decide(word: StrayWord, state: MatchState, staff: StaffUser, on: date, reason: str) -> None:
    word.state, word.decided_by, word.decided_date = state.value, staff, on
    word.decided_reason = reason.strip()[:300]
    names = ("state", "decided_by", "decided_date", "decided_reason", "events")
    word.save(update_fields=names)


def undo_stray_cash(
    *, acting_staff: StaffUser, stray: StrayCash, on: date, reason: str
) -> StrayCash:
    """Take back what cash of nobody known became; it waits on suspense again. Neither who took it
    in nor who said or agreed to it does so. The same told again changes nothing.

    Raises NotAllowed, OutOfSight, ReasonNeeded, StrayUndone, SamePerson, FutureDate and what the
    reversal refuses.
    """
    require(acting_staff, UNDO, stray)
    _check_on(on)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = _locked(stray)
        word = row.words.filter(state=MatchState.CONFIRMED.value).first()
        if word is None:
            if _undone_so(row, acting_staff, reason):
                return row
            raise StrayUndone
        require_all(acting_staff, UNDO, Loan.objects.filter(events__in=word.events).distinct())
        require_other_person(
            acting_staff,
            row.recorded_by_id,
            word.proposed_by_id,
            word.decided_by_id,
            step=UNDO,
            amount=row.units,
            reason=reason,
            obj=row,
        )
        _take_apart(row, word, acting_staff, on, reason)
        word.state = MatchState.UNDONE.value
        word.undone_by, word.undone_date = acting_staff, on
        word.undone_reason = reason.strip()[:300]
        word.save(update_fields=("state", "undone_by", "undone_date", "undone_reason"))
        _move(row, StrayState.WAITING)
        audit.record(acting_staff, UNDO, row, {"word": str(word.pk)})
    return row


def _undone_so(row: StrayCash, staff: StaffUser, reason: str) -> bool:
    """Whether the last thing that happened is that she took it back for this reason."""
    last = row.words.order_by("-id").first()
    said = (staff.pk, reason.strip()[:300])
    return last is not None and (last.undone_by_id, last.undone_reason) == said


def _take_apart(row: StrayCash, word: StrayWord, staff: StaffUser, on: date, reason: str) -> None:
    if word.kind == StrayKind.LOANS:
        for event in LoanEvent.objects.filter(pk__in=word.events).select_related("loan"):
            reverse_event(
                acting_staff=staff,
                event=event,
                reason=reason,
                value_date=max(on, event.received_date),
                id=None,
                action=UNDO,
            )
        return
    entry = Entry.objects.get(
        source_domain="lending",
        source_kind=SOURCE,
        source_id=row.pk,
        source_purpose=f"W{word.pk.hex}",
    )
    reverse_entry(
        acting_staff=staff,
        entry=entry,
        happened_date=max(on, entry.happened_date),
        source=Source("lending", SOURCE, row.pk, f"U{word.pk.hex}"),
        already_happened=True,
    )


def waiting_stray(staff: StaffUser) -> QuerySet[StrayCash]:
    """The cash of nobody known she may see that lies on suspense, the oldest first."""
    states = sorted(state.value for state in ON_SUSPENSE)
    rows = cash_here(StrayCash.objects.visible_to(staff))
    return rows.filter(state__in=states).order_by("received_date", "pk")
