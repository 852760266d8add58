"""Loans that move to another lender: taken off one book as of a day, and gone on with in the other,
or gone from our sight.

The receiving lender states what it takes over: how many loans, what was lent, and the principal,
interest and fees owed. Only when our own figures of that day say the same is anything proposed, and
again before it is done. Each loan has its proposal, all of one batch; another person approves.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from handup.kernel.credit.allocation import FEE, INTEREST, PRINCIPAL
from handup.kernel.credit.changes import passed_on
from handup.kernel.credit.codes import Component
from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Book
from handup.ledger.rules.words import UNRESTRICTED_ID, RunKind
from handup.ledger.services import EntryIn
from handup.ledger.services.taken_over import Standing, take_over_accrual
from handup.lending.errors import (
    CurrencyMismatch,
    LenderNotActive,
    NoLoans,
)
from handup.lending.happened import events_of
from handup.lending.models import EventEffect, Lender, Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import Effect, EventKind, Method, Parked, ProposalState
from handup.lending.rules.events import pauses_to_json, rows_to_json
from handup.lending.rules.going_on import opening_rows, penalty_kept
from handup.lending.rules.loan import State
from handup.lending.rules.terms import write_terms
from handup.lending.services import posting
from handup.lending.services.agreed import check_running
from handup.lending.services.calling import member_of
from handup.lending.services.happening import happen
from handup.lending.services.limits import hold_to_limits
from handup.lending.services.loans import DisbursementIn
from handup.lending.services.moratoria import batch_of
from handup.lending.services.orders import refuse_ordered
from handup.lending.services.proposals import (
    Approved,
    ChangeDecisionIn,
    ChangeIn,
    Payload,
    Way,
    decide_changes,
    propose_changes,
)
from handup.lending.services.repayments import lock_loans
from handup.lending.services.replaying import replay
from handup.lending.services.rows import insert_rows, next_codes
from handup.lending.services.security import move_security
from handup.lending.services.store import Writer, new_event, state_as_of
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require_all
from handup.org.web.money import format_money, format_number

STEP = "lending.transfer_loan"
MOST = 500


class ControlSum(Faults):
    """{count} totals differ from what the other lender states; nothing was moved."""

    code = "CONTROL_SUM"


class SameLender(Refusal):
    """The loan {code} is already of {lender}."""


class TooManyTogether(Refusal):
    """{count} loans are too many to move in one go; move at most {most}."""


class OtherTransferDate(Refusal):
    """The totals were agreed as of {date}; the loans move on that day."""


class PenaltyOpen(Refusal):
    """A penalty of the loan {code} was charged by hand or is paid in part. Collect or waive it
    before the loan moves.
    """


class StandsJointly(Refusal):
    """The loan {code} stands in the joint group {name}, whose members answer to this lender; it
    cannot go on under another.
    """


class FiguresChanged(Refusal):
    """Something happened to the loan {code} since: its totals of {date} are others now."""


class MovesTogether(Refusal):
    """The totals were agreed for {count} loans together; decide on all of them, or propose anew."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What is taken over: how many loans, what was lent on them, and what they owe."""

    loans: int = 0
    disbursed_units: int = 0
    principal_units: int = 0
    interest_units: int = 0
    fee_units: int = 0

    def __add__(self, other: "Controls") -> "Controls":
        return Controls(*(sum(pair) for pair in zip(astuple(self), astuple(other), strict=True)))


def controls_of(loans: Iterable[Loan], on: date) -> Controls:
    """Our own totals of some loans at the end of a day."""
    found = Controls()
    for loan in loans:
        found += _figures(state_as_of(loan, on), on)
    return found


def _figures(state: State, on: date) -> Controls:
    owed = passed_on(state.live, on)
    return Controls(1, state.disbursed, owed[PRINCIPAL], owed[INTEREST], owed[FEE])


def hold_to_controls(stated: Controls, ours: Controls, currency: str) -> None:
    """Refuse unless every total agrees. Raises ControlSum with each that differs."""
    faults = []
    for item in fields(Controls):
        theirs, own = getattr(stated, item.name), getattr(ours, item.name)
        if theirs == own:
            continue
        words = [
            format_number(units) if item.name == "loans" else format_money(units, currency)
            for units in (theirs, own)
        ]
        text = _("They state %(theirs)s, our books say %(ours)s.") % dict(
            zip(("theirs", "ours"), words, strict=True)
        )
        faults.append(Fault(ControlSum.code, text, place=item.name))
    if faults:
        raise ControlSum(faults)


def propose_transfers(
    *,
    acting_staff: StaffUser,
    loans: Sequence[Loan],
    to: Lender,
    proposed_date: date,
    reason: str,
    controls: Controls,
    goes_on: bool = True,
    method: Method = Method.BANK,
    id: UUID | None = None,
) -> UUID:
    """Propose to move loans to another lender as of a day; returns the batch. goes_on: each is
    kept here under its new lender. method: how we are paid where they leave our books, or pay where
    they come onto them.

    Raises NotAllowed, OutOfSight, NoLoans, TooManyTogether, SameLender, LenderNotActive,
    CurrencyMismatch, ControlSum, PenaltyOpen, StandsJointly, NotChangeable, AlreadyOrdered,
    FutureDate, ReasonNeeded, AlreadyProposed, SameIdOtherContent.
    """
    batch = id or new_id()
    payload = {
        "to": str(to.pk),
        "date": proposed_date.isoformat(),
        "goes_on": goes_on,
        "method": method.value,
    }
    if _proposed_before(batch, loans, payload, acting_staff):
        return batch
    if not loans:
        raise NoLoans(field="loans")
    if len(loans) > MOST:
        raise TooManyTogether(field="loans", count=len(loans), most=MOST)
    require_all(acting_staff, WAY.propose, loans)
    with transaction.atomic():
        locked = lock_loans(loan.pk for loan in loans)
        states = {pk: state_as_of(loan, proposed_date) for pk, loan in locked.items()}
        figures = {pk: _figures(state, proposed_date) for pk, state in states.items()}
        hold_to_controls(controls, sum(figures.values(), Controls()), loans[0].currency)
        items = [
            ChangeIn(
                locked[loan.pk],
                EventKind.TRANSFERRED,
                proposed_date,
                reason,
                {**payload, "owed": list(astuple(figures[loan.pk]))},
                uuid5(batch, loan.pk.hex),
                batch,
                checked=True,
            )
            for loan in loans
        ]
        for item in items:
            _hold_to_agreed(item.loan, item.payload, proposed_date)
            _hold(item.loan, item.payload, proposed_date, states[item.loan.pk])
        propose_changes(items, acting_staff=acting_staff)
    return batch


def together(rows: QuerySet[Loan]) -> list[Loan]:
    """The loans that are to move in one go, by their numbers. Raises TooManyTogether before any of
    them is looked at closely.
    """
    found = list(rows.order_by("code")[: MOST + 1])
    if len(found) > MOST:
        raise TooManyTogether(field="loans", count=rows.count(), most=MOST)
    return found


def _proposed_before(
    batch: UUID, loans: Sequence[Loan], payload: Payload, staff: StaffUser
) -> bool:
    """Whether this very move is stored; without loans named, whatever of it is left to move.
    Raises SameIdOtherContent.
    """
    rows = list(LoanProposal.objects.filter(batch=batch).select_related("loan"))
    if not rows:
        return False
    require_all(staff, WAY.propose, [row.loan for row in rows])
    told = [{name: row.payload.get(name) for name in payload} for row in rows]
    others = {loan.pk for loan in loans} != {row.loan_id for row in rows}
    if (loans and others) or any(each != payload for each in told):
        raise SameIdOtherContent(field="id")
    return True


def transfers_of(batch: UUID, staff: StaffUser | None = None) -> Any:
    """The proposals of a batch, or those of them that somebody may see."""
    return batch_of(batch, staff, EventKind.TRANSFERRED)


def transfer_loans(
    *,
    acting_staff: StaffUser,
    batch: UUID,
    approve: bool = True,
    value_date: date,
    reason: str = "",
) -> list[LoanEvent | None]:
    """Approve or decline a whole batch, in one transaction: all of it moves or nothing.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, OtherTransferDate, FiguresChanged,
    MovesTogether, StopRule (the other lender's facility is used up), LaterRunPosted and what else
    is refused.
    """
    waiting = transfers_of(batch).filter(state=ProposalState.PROPOSED)
    rows = list(waiting.select_related("loan__lender").order_by("loan__code"))
    seen = transfers_of(batch, acting_staff).filter(state=ProposalState.PROPOSED)
    if seen.count() != len(rows):
        raise OutOfSight
    items = [
        ChangeDecisionIn(row, value_date, approve, reason, uuid5(row.pk, batch.hex)) for row in rows
    ]
    return decide_changes(items, acting_staff=acting_staff)


# --- one loan -------------------------------------------------------------------------------------


def _check(loan: Loan, payload: Payload, on: date) -> State:
    """Refuse what cannot move on a day; returns the loan as it stands then."""
    _hold_to_agreed(loan, payload, on)
    state = state_as_of(loan, on)
    _hold(loan, payload, on, state)
    return state


def _hold_to_agreed(loan: Loan, payload: Payload, on: date) -> None:
    check_running(loan, on)
    agreed = date.fromisoformat(payload["date"])
    if on != agreed:
        raise OtherTransferDate(field="value_date", date=agreed)
    to = Lender.objects.get(pk=UUID(payload["to"]))
    if to.pk == loan.lender_id:
        raise SameLender(field="to", code=loan.code, lender=to.name)
    if not to.lends_on(on):
        raise LenderNotActive(field="to", lender=to.name, date=on)
    if to.currency != loan.currency:
        raise CurrencyMismatch(field="to", expected=loan.currency, given=to.currency)


def _hold(loan: Loan, payload: Payload, on: date, state: State) -> None:
    if penalty_kept(state):
        raise PenaltyOpen(code=loan.code)
    if payload["goes_on"]:
        _check_alone(loan)
    refuse_ordered([DisbursementIn(loan.pk, on)])
    if _figures(state, on) != Controls(*payload["owed"]):
        raise FiguresChanged(code=loan.code, date=on)
    if loan.last_value_date is not None and loan.last_value_date > on:
        raise FiguresChanged(code=loan.code, date=on)


def _check_alone(loan: Loan) -> None:
    member = member_of(loan)
    if member is not None:
        raise StandsJointly(code=loan.code, name=member.joint_group.name)


def _carry_out(asked: Approved) -> LoanEvent:
    """Open the loan where it goes on, and take it off the book it leaves; both are posted
    together.
    """
    loan, on, told = asked.loan, asked.value_date, asked.payload
    to = Lender.objects.select_related("book").get(pk=UUID(told["to"]))
    state = asked.checked
    assert isinstance(state, State)
    owed = passed_on(state.live, on)
    old_book, new_book = posting.book_of(loan.lender), posting.book_of(to)
    both = told["goes_on"] and old_book is not None and new_book is not None
    method = Parked.INTERBOOK.value if both else told["method"]
    event_id = asked.id or new_id()
    payload = {"to": str(to.pk)}
    also: list[EntryIn] = []
    if told["goes_on"]:
        new = _new_loan(loan, to, state, on)
        opening = _open(new, loan, state, asked, method)
        payload["into"] = str(new.pk)
        move_security(loan, new, asked.staff, on, asked.reason)
        one_book = both and old_book == new_book
        if one_book:
            payload["one_book"] = "yes"
        elif new_book is not None:
            entry = posting.taken_over_entry(new_book, new, opening, owed, event_id)
            also = [entry] if entry is not None else []
    event, _state = happen(
        Writer(timezone.now()),
        loan,
        EventKind.TRANSFERRED,
        asked.staff,
        on,
        units=owed[PRINCIPAL],
        payload=payload,
        id=event_id,
        reason=asked.reason,
        method=method,
        also=also,
    )
    hold_to_limits([(to, on)])
    return event


def _new_loan(old: Loan, to: Lender, state: State, on: date) -> Loan:
    """The loan under its new lender; its number there is the one it had here."""
    lent = state.disbursed + state.capitalised
    return Loan(
        id=new_id(),
        code=next_codes("LOAN", 1)[0],
        programme_id=old.programme_id,
        lender=to,
        fund_id=to.fund_id,
        office_id=old.office_id,
        officer_id=old.officer_id,
        person_id=old.person_id,
        enterprise_id=old.enterprise_id,
        group_id=old.group_id,
        terms=write_terms(state.terms),
        currency=old.currency,
        approved_units=lent,
        agreed_date=on,
        opening_date=on,
        external_reference=old.code,
    )


def _open(new: Loan, old: Loan, state: State, asked: Approved, method: str) -> LoanEvent:
    """Go on with all its rows, what was paid of them paid; returns its opening position."""
    writer, on, staff = Writer(timezone.now()), asked.value_date, asked.staff
    insert_rows([new])
    units = new.approved_units
    agreed = new_event(new, EventKind.AGREED, staff, writer.now, on, units, None)
    opening = new_event(
        new,
        EventKind.OPENING_POSITION,
        staff,
        writer.now,
        on,
        units,
        None,
        asked.reason,
        method,
    )
    opening.payload = {"rows": rows_to_json(opening_rows(state)), "from": str(old.pk)}
    if state.disbursed_date is not None:
        opening.payload["since"] = state.disbursed_date.isoformat()
    if state.restructured_date is not None:
        opening.payload["restructured"] = state.restructured_date.isoformat()
    for name, pauses in (("frozen", state.frozen), ("rests", state.rests)):
        if pauses:
            opening.payload[name] = pauses_to_json(pauses)
    writer.events += [agreed, opening]
    writer.flush_events()
    replay(writer, new, events_of([new.pk])[new.pk])
    writer.flush()
    return opening


def _finish(events: Sequence[LoanEvent], staff: StaffUser) -> None:
    """See that the whole move was made, and state once for all that moved what they had earned, so
    that the next run of their new book goes on from there.
    """
    _hold_together(events)
    into = {event.payload["into"]: event for event in events if "into" in event.payload}
    loans = Loan.objects.select_related("lender__book").filter(pk__in=into)
    found: dict[tuple[Book, date, RunKind], list[Standing]] = defaultdict(list)
    gone: dict[tuple[UUID, str], int] = {
        (row.event_id, row.component): row.units
        for row in EventEffect.objects.filter(
            event__in=into.values(), what=Effect.HANDED_OVER.value, replaced_at=None
        )
    }
    for loan in loans:
        book, event = posting.book_of(loan.lender), into[str(loan.pk)]
        if book is None:
            continue
        for kind, component, paid in (
            (RunKind.ACCRUAL, Component.INTEREST, loan.interest_paid_units),
            (RunKind.FEES, Component.FEE, loan.fee_paid_units),
        ):
            earned = paid + gone.get((event.pk, component.value), 0)
            if earned:
                standing = Standing(
                    loan.pk,
                    loan.office_id,
                    loan.currency,
                    earned,
                    fund=loan.fund_id or UNRESTRICTED_ID,
                )
                found[book, event.value_date, kind].append(standing)
    for (book, day, kind), standings in found.items():
        take_over_accrual(
            acting_staff=staff,
            book=book,
            through=day,
            subject_kind="loan",
            standings=standings,
            kind=kind,
        )


def _hold_together(events: Sequence[LoanEvent]) -> None:
    """Refuse part of a move: the totals were agreed for all of it. Raises MovesTogether."""
    waiting = LoanProposal.objects.filter(
        kind=EventKind.TRANSFERRED.value, state=ProposalState.PROPOSED
    )
    batches = waiting.filter(loan__in={event.loan_id for event in events}).values("batch")
    whole = LoanProposal.objects.filter(batch__in=batches).count()
    if whole != len(events):
        raise MovesTogether(count=whole)


WAY = Way(EventKind.TRANSFERRED, "lending.propose_change", STEP, _check, _carry_out, finish=_finish)
