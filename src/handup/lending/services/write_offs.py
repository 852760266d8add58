"""Loans that nobody expects to be repaid: proposed by one person, approved or declined by another.

The batch forms are the services, the single forms call them with one: a committee takes a list of
bad loans off the books in one sitting.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.services import post_entries
from handup.lending.errors import (
    AlreadyProposed,
    BeforeDisbursement,
    NothingOutstanding,
    ProposalDecided,
)
from handup.lending.happened import event_of, events_of
from handup.lending.models import EventEffect, Loan, LoanDue, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.rules.loan import apply_event
from handup.lending.services import posting
from handup.lending.services.days import check_agreed_day
from handup.lending.services.repayments import lock_loans
from handup.lending.services.replaying import replay, stored_did
from handup.lending.services.rows import in_chunks
from handup.lending.services.store import (
    Writer,
    comes_last,
    held,
    live_dues,
    new_event,
    project,
    refuse_moved,
)
from handup.org import audit
from handup.org.bulk import insert_rows, update_rows
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require_all
from handup.org.plain import rows_where

DECIDED = ("state", "decided_by", "decided_date", "decided_reason", "event")


@dataclass(frozen=True, slots=True)
class WriteOffIn:
    """One loan that somebody proposes to write off."""

    loan: Loan
    proposed_date: date
    reason: str
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WriteOffDecisionIn:
    """Another person's word on a proposal. `reason`: why one person does both, where she may."""

    proposal: LoanProposal
    value_date: date
    approve: bool = True
    reason: str = ""
    id: UUID | None = None


def propose_write_off(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    proposed_date: date,
    reason: str,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose to write one loan off: the batch form with one. See propose_write_offs."""
    item = WriteOffIn(loan, proposed_date, reason, id)
    return propose_write_offs([item], acting_staff=acting_staff)[0]


def propose_write_offs(
    items: Sequence[WriteOffIn], *, acting_staff: StaffUser
) -> list[LoanProposal]:
    """Propose to write loans off; another person approves. At most 500 in one transaction.

    Raises NotAllowed, OutOfSight, LoanMoved, NothingOutstanding, AlreadyProposed, ReasonNeeded,
    SameIdOtherContent.
    """
    made: list[LoanProposal] = []
    for chunk in in_chunks(items):
        require_all(acting_staff, "lending.propose_write_off", [item.loan for item in chunk])
        with transaction.atomic():
            made += _propose(chunk, acting_staff)
    return made


def _propose(items: Sequence[WriteOffIn], staff: StaffUser) -> list[LoanProposal]:
    made: list[LoanProposal] = []
    new: list[LoanProposal] = []
    waiting: set[UUID] = set()
    for item in items:
        stored = already_stored(
            LoanProposal, item.id, staff, loan=item.loan, proposed_date=item.proposed_date
        )
        if stored is not None:
            made.append(stored)
            continue
        _check_proposed(item)
        if item.loan.pk in waiting:
            raise AlreadyProposed()
        waiting.add(item.loan.pk)
        new.append(_proposal(item, staff))
        made.append(new[-1])
    open_ones = LoanProposal.objects.filter(
        loan__in=waiting, kind=EventKind.WRITTEN_OFF, state=ProposalState.PROPOSED
    )
    if waiting and open_ones.exists():
        raise AlreadyProposed()
    insert_rows(new)
    audit.record_many(
        audit.line(staff, "lending.propose_write_off", row, {"loan": str(row.loan_id)})
        for row in new
    )
    return made


def _check_proposed(item: WriteOffIn) -> None:
    if not item.reason.strip():
        raise ReasonNeeded(field="reason")
    refuse_moved(item.loan)
    if item.loan.state != LoanState.ACTIVE or item.loan.principal_units <= 0:
        raise NothingOutstanding(code=item.loan.code)


def _proposal(item: WriteOffIn, staff: StaffUser) -> LoanProposal:
    return LoanProposal(
        id=item.id or new_id(),
        loan=item.loan,
        kind=EventKind.WRITTEN_OFF.value,
        reason=item.reason.strip(),
        proposed_by=staff,
        proposed_date=item.proposed_date,
        state=ProposalState.PROPOSED.value,
    )


def write_off_loan(
    *,
    acting_staff: StaffUser,
    proposal: LoanProposal,
    value_date: date,
    approve: bool = True,
    reason: str = "",
    id: UUID | None = None,
) -> LoanEvent | None:
    """Decide on one proposed write-off: the batch form with one. See write_off_loans."""
    item = WriteOffDecisionIn(proposal, value_date, approve, reason, id)
    return write_off_loans([item], acting_staff=acting_staff)[0]


def write_off_loans(
    items: Sequence[WriteOffDecisionIn], *, acting_staff: StaffUser
) -> list[LoanEvent | None]:
    """Approve (or decline) proposed write-offs, at most 500 in one transaction: the loans leave the
    portfolio, their debts go on. Returns the event of each, None for one that was declined.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, ProposalDecided, FutureDate, BackDated,
    NothingOutstanding, BeforeDisbursement, SameIdOtherContent.
    """
    events: list[LoanEvent | None] = []
    for chunk in in_chunks(items):
        loans = [item.proposal.loan for item in chunk]
        require_all(acting_staff, "lending.write_off_loan", loans)
        with transaction.atomic():
            events += _decide(chunk, acting_staff)
    return events


def _decide(items: Sequence[WriteOffDecisionIn], staff: StaffUser) -> list[LoanEvent | None]:
    loans = lock_loans(item.proposal.loan_id for item in items)
    ids = [item.proposal.pk for item in items]
    rows = {row.pk: row for row in rows_where(LoanProposal, "id", ids, lock=True)}
    dues = live_dues({item.proposal.loan_id for item in items if item.approve})
    writer = Writer(timezone.now())
    events: list[LoanEvent | None] = []
    decided: list[LoanProposal] = []
    for item in items:
        loan, row = loans[item.proposal.loan_id], rows[item.proposal.pk]
        stored = already_stored(
            LoanEvent, item.id, staff, loan=loan.pk, kind=EventKind.WRITTEN_OFF.value
        )
        if stored is not None:
            if not item.approve or row.event_id != stored.pk:
                raise SameIdOtherContent(field="proposal")
            events.append(stored)
            continue
        _check_decided(item, loan, row, staff)
        event = _write_off(writer, loan, dues[loan.pk], item, row, staff) if item.approve else None
        row.state = (ProposalState.APPROVED if item.approve else ProposalState.DECLINED).value
        row.decided_by, row.decided_date, row.event = staff, item.value_date, event
        row.decided_reason = item.reason.strip()
        decided.append(row)
        events.append(event)
    writer.flush()
    _post([row for row in decided if row.event is not None], loans, staff)
    update_rows(LoanProposal, DECIDED, decided)
    audit.record_many(
        audit.line(
            staff, "lending.write_off_loan", row, {"loan": str(row.loan_id), "state": row.state}
        )
        for row in decided
    )
    return events


def _check_decided(
    item: WriteOffDecisionIn, loan: Loan, row: LoanProposal, staff: StaffUser
) -> None:
    if row.state != ProposalState.PROPOSED:
        raise ProposalDecided()
    require_other_person(
        staff,
        row.proposed_by_id,
        step="lending.write_off_loan",
        amount=loan.principal_units,
        reason=item.reason,
        obj=row,
    )


def _write_off(
    writer: Writer,
    loan: Loan,
    dues: dict[int, LoanDue],
    item: WriteOffDecisionIn,
    row: LoanProposal,
    staff: StaffUser,
) -> LoanEvent:
    check_agreed_day(item.value_date, row.proposed_date, staff, timezone.localdate(), loan)
    if loan.state != LoanState.ACTIVE or loan.principal_units <= 0:
        raise NothingOutstanding(code=loan.code)
    if loan.last_value_date is not None and item.value_date < loan.last_value_date:
        raise BeforeDisbursement(
            field="value_date", date=item.value_date, disbursed=loan.last_value_date
        )
    last = comes_last(loan, item.value_date, writer.now)
    event = new_event(
        loan,
        EventKind.WRITTEN_OFF,
        staff,
        writer.now,
        item.value_date,
        loan.principal_units,
        item.id,
        row.reason,
    )
    writer.events.append(event)
    if not last:
        writer.flush_events()
        replay(writer, loan, events_of([loan.pk])[loan.pk])
        return event
    state = held(loan, dues).state
    apply_event(state, event_of(event))
    project(loan, state)
    writer.loans[loan.pk] = loan
    return event


def _post(rows: Sequence[LoanProposal], loans: dict[UUID, Loan], staff: StaffUser) -> None:
    """Post what was written off: together where no allowance can be used up, else one by one, since
    each may use what the one before left.
    """
    together = []
    left: dict[tuple[UUID, UUID | None, str], int] = {}
    changed = [row.event for row in rows if loans[row.loan_id].changed]
    did: dict[UUID, list[EventEffect]] = defaultdict(list)
    if changed:
        for effect in EventEffect.objects.filter(event__in=changed):
            did[effect.event_id].append(effect)
    for row in rows:
        loan, event = loans[row.loan_id], row.event
        book = posting.book_of(loan.lender)
        if book is None or event is None:
            continue
        held = book.pk, loan.fund_id, loan.currency
        if held not in left:
            left[held] = posting.allowance_left(book, loan)
        if left[held]:
            allowance = posting.allowance_left(book, loan, event.value_date)
            fees = stored_did(did[event.pk])
            entry = posting.write_off_entry(book, loan, event, allowance, fees)
            post_entries([entry], acting_staff=staff)
        else:
            fees = stored_did(did[event.pk])
            together.append(posting.write_off_entry(book, loan, event, 0, fees))
    if together:
        post_entries(together, acting_staff=staff)
