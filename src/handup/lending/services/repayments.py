"""Repayments: the batch form is the service, the single form calls it. How one is taken back:
`reversals.py`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.credit.codes import AdvanceTo
from handup.kernel.ids import new_id
from handup.ledger.models import Book
from handup.ledger.services import EntryIn, post_entries
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    CurrencyMismatch,
    LoanUnknown,
    LoanWrittenOff,
    NothingSentAhead,
    NotRunning,
)
from handup.lending.happened import event_of, events_of
from handup.lending.models import Lender, Loan, LoanEvent
from handup.lending.rules.codes import EventKind, LoanState, Method, Parked, Payer, Source
from handup.lending.rules.loan import Parts, SplitRow, apply_event
from handup.lending.rules.terms import read_terms, sends_ahead
from handup.lending.services import happening, lines, posting, savings_kept, savings_shares
from handup.lending.services.days import EVIDENCED, check_day, earliest_day
from handup.lending.services.near import Dues, near_dues, settle
from handup.lending.services.replaying import replay
from handup.lending.services.rows import in_chunks
from handup.lending.services.store import (
    Held,
    Writer,
    add_splits,
    comes_last,
    held,
    live_dues,
    project,
    refuse_moved,
    sum_parts,
)
from handup.org import audit, statements
from handup.org.bulk import unsaved
from handup.org.devices import SameIdOtherContent, look_for
from handup.org.models import StaffUser
from handup.org.permissions import require_all
from handup.org.plain import asked, asked_through, named

BATCH = 500
RECORD = "lending.record_repayment"


@dataclass(frozen=True, slots=True)
class RepaymentIn:
    """Money that came in for a loan, in smallest units of its currency.

    id: made by the device, kept before sending; the same twice changes nothing. recorded_at: when
    the device wrote it down. currency: refused when it is not the loan's; empty = the loan's.
    advance_to: the instalments to come that what is more than due settles, None = as the terms say.
    payer: who brought it. till: of cash that lay on suspense, the office in whose till it is ("" =
    of none); None = other money.
    """

    loan: UUID
    value_date: date
    units: int
    method: Method | Parked = Method.CASH
    reference: str = ""
    kind: EventKind = EventKind.REPAID
    source: Source = Source.WEB
    currency: str = ""
    id: UUID | None = None
    recorded_at: datetime | None = None
    advance_to: AdvanceTo | None = None
    payer: Payer = Payer.BORROWER
    till: str | None = None

    def payload(self, saved: int) -> dict[str, Any]:
        """What its event says beyond its columns; nothing in most cases."""
        found: dict[str, Any] = {"saved": saved} if saved else {}
        if self.advance_to is not None:
            found["advance_to"] = self.advance_to.value
        if self.payer is not Payer.BORROWER:
            found["payer"] = self.payer.value
        if self.till is not None:
            found["till"] = self.till
        return found


def record_repayment(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    kind: EventKind = EventKind.REPAID,
    source: Source = Source.WEB,
    currency: str = "",
    id: UUID | None = None,
    recorded_at: datetime | None = None,
    advance_to: AdvanceTo | None = None,
    payer: Payer = Payer.BORROWER,
    permission: str = RECORD,
) -> LoanEvent:
    """Record one repayment: the batch form with one. See record_repayments."""
    item = RepaymentIn(
        loan=loan.pk,
        value_date=value_date,
        units=units,
        method=method,
        reference=reference,
        kind=kind,
        source=source,
        currency=currency,
        id=id,
        recorded_at=recorded_at,
        advance_to=advance_to,
        payer=payer,
    )
    return record_repayments([item], acting_staff=acting_staff, permission=permission)[0]


def record_repayments(
    items: Sequence[RepaymentIn],
    *,
    acting_staff: StaffUser,
    by_statement: bool = False,
    permission: str = RECORD,
) -> list[LoanEvent]:
    """Record repayments and return their events in order; at most 500 in one transaction,
    those of one loan together.

    Each is split over the loan's rows by its terms, posted to the books when the loan is an asset
    of ours, and written to the audit trail. by_statement: the bank says so in its file, so the
    permission is that of importing it; permission: else that of the step this is part of. A payment
    dated before the latest event replays its loan. A repeated id with the same content returns the
    stored event.

    Raises NotAllowed, OutOfSight, LoanUnknown, AmountNotPositive, FutureDate, BackDated,
    BeforeDisbursement, NotRunning, LoanWrittenOff, CurrencyMismatch, NothingSentAhead,
    SameIdOtherContent, BookMissing and what the ledger refuses.
    """
    needed = "lending.import_bank_file" if by_statement else permission
    made: dict[int, LoanEvent] = {}
    by_loan = sorted(range(len(items)), key=lambda place: (items[place].loan, place))
    for places in in_chunks(by_loan, BATCH):
        with statements.together(), transaction.atomic():
            events = _record([items[place] for place in places], acting_staff, needed)
        made.update(zip(places, events, strict=True))
    return [made[place] for place in range(len(items))]


def _record(items: Sequence[RepaymentIn], staff: StaffUser, permission: str) -> list[LoanEvent]:
    ids = [item.id for item in items if item.id is not None]
    locked = ask_for_loans(item.loan for item in items)
    none = look_for(LoanEvent, ids)  # after the loans are locked: who sends twice waits for herself
    loans = locked()
    require_all(staff, permission, loans.values())
    stored: dict[UUID, LoanEvent] = {} if none() else LoanEvent.objects.in_bulk(ids)
    wants = lines.ask_for_lines(loans.values())
    writer = Writer(timezone.now())
    today = timezone.localdate()
    told = (item.value_date for item in items if item.source not in EVIDENCED)
    earliest = earliest_day(today, told)
    result: list[LoanEvent | None] = [None] * len(items)
    fresh: dict[UUID, list[tuple[LoanEvent, int]]] = defaultdict(list)
    saved = savings_shares.shares(loans, items, stored)
    for place, item in enumerate(items):
        loan = loans.get(item.loan)
        if loan is None:
            raise LoanUnknown(field="loan", code=item.loan)
        known = stored.get(item.id) if item.id is not None else None
        if known is not None:
            _same(known, item)
            result[place] = known
            continue
        _check(item, loan, today, earliest)
        event = _event(item, loan, staff, writer.now, saved.get(place, 0))
        if item.id is not None:
            stored[item.id] = event
        fresh[loan.id].append((event, place))
        result[place] = event
    _apply(writer, loans, fresh, staff)
    told_of = (event for pairs in fresh.values() for event, _place in pairs)
    lines.note_receipts(told_of, loans, wants())
    if saved:
        new = [event for pairs in fresh.values() for event, _place in pairs]
        savings_kept.keep_saved(
            [(event, loans[event.loan_id]) for event in new if event.payload.get("saved")], staff
        )
    return [event for event in result if event is not None]


def lock_loans(ids: Iterable[UUID]) -> dict[UUID, Loan]:
    """Read loans with their lender and book, locked until the transaction ends; loans of one lender
    share its instance.
    """
    return ask_for_loans(ids)()


def ask_for_loans(ids: Iterable[UUID]) -> Callable[[], dict[UUID, Loan]]:
    """Ask for what `lock_loans` reads; what is returned reads it."""
    told = set(ids)
    loans_asked = asked(Loan, "id", told, also='ORDER BY "id"', lock=True)
    lenders_asked = asked_through(Lender, Loan, "lender_id", told)

    def read() -> dict[UUID, Loan]:
        loans = loans_asked()
        lenders = {row.pk: row for row in lenders_asked()}
        for lender in lenders.values():
            if lender.book_id is not None:  # posting reads and locks its head anew
                lender.book = named(Book, lender.book_id)
        for loan in loans:
            loan.lender = lenders[loan.lender_id]
        return {loan.pk: loan for loan in loans}

    return read


def _same(known: LoanEvent, item: RepaymentIn) -> None:
    told = item.payload(0)
    same = (
        known.loan_id == item.loan
        and known.value_date == item.value_date
        and known.received_units == item.units
        and known.kind == item.kind
        and known.method == item.method
        and (item.source in EVIDENCED or known.reference == item.reference)
        and all(known.payload.get(name) == told.get(name) for name in ("advance_to", "payer"))
    )
    if not same:
        raise SameIdOtherContent(field="id")


def _check(item: RepaymentIn, loan: Loan, today: date, earliest: date) -> None:
    if item.units <= 0:
        raise AmountNotPositive(field="units")
    if item.advance_to is not None and not sends_ahead(read_terms(loan.terms)):
        raise NothingSentAhead(field="advance_to", code=loan.code)
    if item.currency and item.currency != loan.currency:
        raise CurrencyMismatch(field="currency", expected=loan.currency, given=item.currency)
    check_day(item.value_date, today, earliest, evidenced=item.source in EVIDENCED)
    refuse_moved(loan)
    if loan.state == LoanState.WRITTEN_OFF:
        raise LoanWrittenOff(code=loan.code)
    if loan.disbursed_date is None or loan.state not in (LoanState.ACTIVE, LoanState.SETTLED):
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    if item.value_date < loan.disbursed_date:
        raise BeforeDisbursement(
            field="value_date", date=item.value_date, disbursed=loan.disbursed_date
        )


def _event(
    item: RepaymentIn, loan: Loan, staff: StaffUser, now: datetime, saved: int = 0
) -> LoanEvent:
    loan.event_count += 1
    return unsaved(
        LoanEvent,
        id=item.id or new_id(),
        recorded_at=min(item.recorded_at or now, now),  # a clock ahead of ours says now
        received_at=now,
        loan_id=loan.id,
        kind=item.kind.value,
        value_date=item.value_date,
        recorded_by_id=staff.pk,
        source=item.source.value,
        seq=loan.event_count,
        units=item.units - saved,
        method=item.method.value,
        reference=item.reference,
        payload=item.payload(saved),
    )


def _apply(
    writer: Writer,
    loans: dict[UUID, Loan],
    fresh: dict[UUID, list[tuple[LoanEvent, int]]],
    staff: StaffUser,
) -> None:
    """Apply new payments loan by loan, then write, post and audit them."""
    in_order: list[UUID] = []
    to_replay: list[UUID] = []
    for loan_id, new in fresh.items():
        new.sort(key=lambda pair: (pair[0].value_date, pair[0].recorded_at, pair[0].id))
        first = new[0][0]
        last = comes_last(loans[loan_id], first.value_date, first.recorded_at)
        (in_order if last else to_replay).append(loan_id)
    near = _near(loans, fresh, in_order)
    far = [loan_id for loan_id in in_order if loan_id not in near]
    dues = live_dues(far) if far else {}
    entries: list[tuple[int, EntryIn]] = []
    books: Books = {}
    for loan_id, rows in near.items():
        loan = loans[loan_id]
        for event, place in fresh[loan_id]:
            writer.events.append(event)
            _post(entries, books, loan, event, place, settle(writer, loan, rows, event), 0)
        writer.moved.append(loan)
    for loan_id in far:
        item = held(loans[loan_id], dues[loan_id])
        for event, place in fresh[loan_id]:
            made = apply_event(item.state, event_of(event))
            _note(writer, item, event, made)
            _post(entries, books, item.loan, event, place, *_sums(made))
        project(item.loan, item.state)
        writer.loans[loan_id] = item.loan
    for loan_id in to_replay:
        writer.events += [event for event, _place in fresh[loan_id]]
    writer.flush_events()
    for loan_id in to_replay:
        entries += _replayed(writer, loans[loan_id], fresh[loan_id])
    writer.flush()
    if entries:
        entries.sort(key=lambda pair: pair[0])
        post_entries([entry for _place, entry in entries], acting_staff=staff)
    audit.record_many(
        audit.line(staff, RECORD, event, {"loan": str(event.loan_id)})
        for new in fresh.values()
        for event, _place in new
    )


def _near(
    loans: dict[UUID, Loan],
    fresh: dict[UUID, list[tuple[LoanEvent, int]]],
    in_order: Sequence[UUID],
) -> dict[UUID, Dues]:
    """The rows that the payments end within; loans whose payments reach further are read whole."""
    payments = {pk: [event for event, _place in fresh[pk]] for pk in in_order}
    return near_dues((loans[pk] for pk in in_order), payments)


def _note(writer: Writer, item: Held, event: LoanEvent, made: Sequence[SplitRow]) -> None:
    writer.events.append(event)
    add_splits(writer, item, made)


Books = dict[UUID, Book | None]
"""The book of each lender, looked up once for a batch."""


def _post(
    entries: list[tuple[int, EntryIn]],
    books: Books,
    loan: Loan,
    event: LoanEvent,
    place: int,
    parts: Parts,
    overpaid: int,
) -> None:
    lender = loan.lender_id
    if lender not in books:
        books[lender] = posting.book_of(loan.lender)
    book = books[lender]
    if book is not None:
        entries.append((place, posting.repayment_entry(book, loan, event, parts, overpaid)))


def _sums(made: Iterable[SplitRow]) -> tuple[Parts, int]:
    """What one payment settled over all its rows, and what of it found none."""
    splits = list(made)
    return sum_parts(splits), sum(split.overpaid for split in splits)


def _replayed(
    writer: Writer, loan: Loan, new: Sequence[tuple[LoanEvent, int]]
) -> list[tuple[int, EntryIn]]:
    """Replay a loan after payments that do not come last; post each, and what earlier ones
    changed by it.
    """
    state, changes = replay(writer, loan, events_of([loan.pk])[loan.pk])
    places = {event.id: place for event, place in new}
    entries = happening.entries_of(loan, [event for event, _place in new], state, changes)
    return [(places[entry.source.id], entry) for entry in entries]
