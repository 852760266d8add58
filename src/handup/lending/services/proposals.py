"""Changes of a loan that take two persons: one proposes, another approves or declines.

A kind of change says how it is agreed (`Way`) and is registered once; the steps are then the same
for all of them: what is asked lies in the proposal as JSON, is judged when it is proposed and again
when it is approved, and approving it makes the event. A write-off has its own way
(`services/write_offs.py`), since a committee takes many loans off the books in one sitting.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.errors import AlreadyProposed, NotAProposal, ProposalDecided
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, ProposalState
from handup.lending.rules.preview import Preview
from handup.lending.services.days import check_agreed_day
from handup.lending.services.repayments import lock_loans
from handup.lending.services.rows import in_chunks
from handup.lending.services.store import refuse_moved
from handup.lending.still_here import proposals_here
from handup.org import audit, duties
from handup.org.bulk import insert_rows, update_rows
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import may, require_all
from handup.org.plain import rows_where
from handup.org.rules.duties import Duty

DECIDED = ("state", "decided_by", "decided_date", "decided_reason", "event")
Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Approved:
    """A proposal that another person has just approved; its loan is locked. checked: what the check
    of its kind worked out of the loan just before.
    """

    loan: Loan
    payload: Payload
    reason: str
    value_date: date
    staff: StaffUser
    id: UUID | None
    proposal: LoanProposal
    checked: object = None


def outstanding(loan: Loan, payload: Payload) -> int:
    """The amount a duty is asked for: what the payload names, else what is outstanding."""
    units = payload.get("units")
    return units if isinstance(units, int) else loan.principal_units


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of change is agreed.

    propose, decide: the permissions; `decide` is also the step of the duty. check: refuses what
    cannot be on a day (loan, payload, day); what it returns is handed to carry_out, which makes the
    event, inside the transaction. several: more than one of a loan may wait. finish: what is done
    once for the events of one transaction. preview: what it would do to a loan on a day; done: what
    a proposal did, or would do from its own day; None where nothing is shown.
    """

    kind: EventKind
    propose: str
    decide: str
    check: Callable[[Loan, Payload, date], object]
    carry_out: Callable[[Approved], LoanEvent]
    amount: Callable[[Loan, Payload], int] = outstanding
    releases_money: bool = False
    several: bool = False
    finish: Callable[[Sequence[LoanEvent], StaffUser], None] = lambda _events, _staff: None
    preview: Callable[[Loan, Payload, date], Preview] | None = None
    done: Callable[[LoanProposal], Preview] | None = None


WAYS: dict[EventKind, Way] = {}


def register(*ways: Way) -> None:
    """Add kinds of change and their duties; called once, when the application starts."""
    for way in ways:
        WAYS[way.kind] = way
        duties.register(Duty(way.decide, releases_money=way.releases_money))


def way_of(kind: str) -> Way:
    """How a kind of change is agreed. Raises NotAProposal."""
    try:
        return WAYS[EventKind(kind)]
    except (KeyError, ValueError):
        raise NotAProposal(kind=kind) from None


def kinds_shown() -> list[str]:
    """The kinds of change whose effect on the loan is shown."""
    return [way.kind.value for way in WAYS.values() if way.done is not None]


def effect_of(proposal: LoanProposal) -> Preview:
    """What a change did when it was approved, or would do from its day.

    Raises NotAProposal and what the kind of change refuses now.
    """
    done = way_of(proposal.kind).done
    if done is None:
        raise NotAProposal(kind=proposal.kind)
    return done(proposal)


def preview_change(proposal: LoanProposal, on: date) -> Preview:
    """What a change would do from a day.

    Raises NotAProposal and what the kind of change refuses now.
    """
    preview = way_of(proposal.kind).preview
    if preview is None:
        raise NotAProposal(kind=proposal.kind)
    return preview(proposal.loan, proposal.payload, on)


@dataclass(frozen=True, slots=True)
class ChangeIn:
    """One change of a loan that somebody proposes; payload: what is asked, as JSON values; batch:
    names those proposed together. checked: its kind's check was made in this transaction, of the
    loan when it was locked.
    """

    loan: Loan
    kind: EventKind
    proposed_date: date
    reason: str
    payload: Payload = field(default_factory=dict)
    id: UUID | None = None
    batch: UUID | None = None
    checked: bool = False


@dataclass(frozen=True, slots=True)
class ChangeDecisionIn:
    """Another person's word on a proposal; the change counts from value_date. reason: why it is
    declined, or why one person does both, where she may.
    """

    proposal: LoanProposal
    value_date: date
    approve: bool = True
    reason: str = ""
    id: UUID | None = None


def propose_change(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    kind: EventKind,
    proposed_date: date,
    reason: str,
    payload: Payload | None = None,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose one change of a loan: the batch form with one. See propose_changes."""
    item = ChangeIn(loan, kind, proposed_date, reason, payload or {}, id)
    return propose_changes([item], acting_staff=acting_staff)[0]


def propose_changes(items: Sequence[ChangeIn], *, acting_staff: StaffUser) -> list[LoanProposal]:
    """Propose changes of loans; another person decides. At most 500 in one transaction.

    Raises NotAllowed, OutOfSight, ReasonNeeded, AlreadyProposed, NotAProposal, LoanMoved,
    SameIdOtherContent and what the kind of change refuses.
    """
    made: list[LoanProposal] = []
    for chunk in in_chunks(items):
        for kind in {item.kind for item in chunk}:
            loans = [item.loan for item in chunk if item.kind is kind]
            require_all(acting_staff, way_of(kind).propose, loans)
        with transaction.atomic():
            made += _propose(chunk, acting_staff)
    return made


def _propose(items: Sequence[ChangeIn], staff: StaffUser) -> list[LoanProposal]:
    loans = lock_loans(item.loan.pk for item in items)
    made: list[LoanProposal] = []
    new: dict[tuple[UUID, str], list[LoanProposal]] = {}
    for item in items:
        stored = already_stored(
            LoanProposal,
            item.id,
            staff,
            loan=item.loan,
            kind=item.kind.value,
            proposed_date=item.proposed_date,
            payload=dict(item.payload),
        )
        if stored is not None:
            made.append(stored)
            continue
        if not item.reason.strip():
            raise ReasonNeeded(field="reason")
        loan = loans[item.loan.pk]
        refuse_moved(loan)
        if not item.checked:
            way_of(item.kind).check(loan, item.payload, item.proposed_date)
        key = (loan.pk, item.kind.value)
        waiting = LoanProposal.objects.filter(
            loan=loan, kind=item.kind.value, state=ProposalState.PROPOSED
        )
        if not way_of(item.kind).several and (key in new or waiting.exists()):
            raise AlreadyProposed()
        row = _proposal(item, loan, staff)
        new.setdefault(key, []).append(row)
        made.append(row)
    rows = [row for several in new.values() for row in several]
    insert_rows(rows)
    audit.record_many(
        audit.line(staff, way_of(row.kind).propose, row, {"loan": str(row.loan_id)}) for row in rows
    )
    return made


def _proposal(item: ChangeIn, loan: Loan, staff: StaffUser) -> LoanProposal:
    return LoanProposal(
        id=item.id or new_id(),
        loan=loan,
        kind=item.kind.value,
        batch=item.batch,
        payload=dict(item.payload),
        reason=item.reason.strip(),
        proposed_by=staff,
        proposed_date=item.proposed_date,
        state=ProposalState.PROPOSED.value,
    )


def decide_change(
    *,
    acting_staff: StaffUser,
    proposal: LoanProposal,
    value_date: date,
    approve: bool = True,
    reason: str = "",
    id: UUID | None = None,
) -> LoanEvent | None:
    """Decide on one proposed change: the batch form with one. See decide_changes."""
    item = ChangeDecisionIn(proposal, value_date, approve, reason, id)
    return decide_changes([item], acting_staff=acting_staff)[0]


def decide_changes(
    items: Sequence[ChangeDecisionIn], *, acting_staff: StaffUser
) -> list[LoanEvent | None]:
    """Approve or decline proposed changes, at most 500 in one transaction. Returns the event of
    each, None for one that was declined.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, ProposalDecided, NotAProposal,
    FutureDate, BackDated, SameIdOtherContent and what the kind of change refuses.
    """
    events: list[LoanEvent | None] = []
    for chunk in in_chunks(items):
        for kind in {item.proposal.kind for item in chunk}:
            loans = [item.proposal.loan for item in chunk if item.proposal.kind == kind]
            require_all(acting_staff, way_of(kind).decide, loans)
        with transaction.atomic():
            events += _decide(chunk, acting_staff)
    return events


def _decide(items: Sequence[ChangeDecisionIn], staff: StaffUser) -> list[LoanEvent | None]:
    loans = lock_loans(item.proposal.loan_id for item in items)
    ids = [item.proposal.pk for item in items]
    rows = {row.pk: row for row in rows_where(LoanProposal, "id", ids, lock=True)}
    events: list[LoanEvent | None] = []
    decided: list[LoanProposal] = []
    for item in items:
        row = rows[item.proposal.pk]
        loan = loans[row.loan_id]
        stored = already_stored(LoanEvent, item.id, staff, loan=loan.pk, kind=row.kind)
        if stored is not None:
            if not item.approve or row.event_id != stored.pk:
                raise SameIdOtherContent(field="proposal")
            events.append(stored)
            continue
        event = _carry_out(item, row, loan, staff)
        row.state = (ProposalState.APPROVED if item.approve else ProposalState.DECLINED).value
        row.decided_by, row.decided_date, row.event = staff, item.value_date, event
        row.decided_reason = item.reason.strip()
        decided.append(row)
        events.append(event)
    made = [row.event for row in decided if row.event is not None]
    for kind in sorted({event.kind for event in made}):
        way_of(kind).finish([event for event in made if event.kind == kind], staff)
    update_rows(LoanProposal, DECIDED, decided)
    audit.record_many(
        audit.line(
            staff, way_of(row.kind).decide, row, {"loan": str(row.loan_id), "state": row.state}
        )
        for row in decided
    )
    return events


def _carry_out(
    item: ChangeDecisionIn, row: LoanProposal, loan: Loan, staff: StaffUser
) -> LoanEvent | None:
    if row.state != ProposalState.PROPOSED:
        raise ProposalDecided()
    way = way_of(row.kind)
    require_other_person(
        staff,
        row.proposed_by_id,
        step=way.decide,
        amount=way.amount(loan, row.payload),
        reason=item.reason,
        obj=row,
    )
    if not item.approve:
        if not item.reason.strip():
            raise ReasonNeeded(field="reason")
        return None
    check_agreed_day(item.value_date, row.proposed_date, staff, timezone.localdate(), loan)
    checked = way.check(loan, row.payload, item.value_date)
    return way.carry_out(
        Approved(loan, row.payload, row.reason, item.value_date, staff, item.id, row, checked)
    )


def waiting_proposals(staff: StaffUser) -> list[LoanProposal]:
    """The proposals she may see and decide, the oldest first: of a kind her grants let her decide,
    none that she proposed herself unless her profile lets one person do both.
    """
    kinds = {kind.value: way for kind, way in WAYS.items() if may(staff, way.decide)}
    rows = proposals_here(LoanProposal.objects.visible_to(staff)).filter(
        state=ProposalState.PROPOSED, kind__in=kinds
    )
    return [
        row
        for row in rows.select_related(
            "loan__person", "loan__enterprise", "loan__group", "proposed_by"
        ).order_by("proposed_date", "id")
        if may(staff, kinds[row.kind].decide, row.loan)
        and duties.may_take(
            staff,
            row.proposed_by_id,
            step=kinds[row.kind].decide,
            amount=kinds[row.kind].amount(row.loan, row.payload),
        )
    ]
