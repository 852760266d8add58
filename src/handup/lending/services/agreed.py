"""Agreed changes of a running loan: instalments moved, terms made anew, a moratorium.

Each takes two persons (`proposals`). What a person entered lies in the proposal; what is agreed is
built from it for the day the change counts from, when it is proposed, looked at, and approved.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, Repayment
from handup.kernel.credit.validity import check_tolerance
from handup.kernel.ids import new_id
from handup.lending.errors import BeforeDisbursement, FutureDate, NotChangeable
from handup.lending.happened import event_of, events_of
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.agreed import (
    NewTerms,
    moratorium_of,
    reschedule_request,
    restructuring_of,
)
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import Agreed, Event, agreed_to_json
from handup.lending.rules.loan import fold
from handup.lending.rules.preview import Preview, preview
from handup.lending.rules.terms import read_terms
from handup.lending.services import proposals
from handup.lending.services.happening import happen
from handup.lending.services.proposals import Approved, Payload, Way
from handup.lending.services.store import Writer
from handup.org.calendar import closed_days
from handup.org.models import StaffUser

KINDS = (EventKind.RESCHEDULED, EventKind.RESTRUCTURED, EventKind.MORATORIUM)


def propose_reschedule(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    proposed_date: date,
    reason: str,
    from_date: date,
    shift_to: date | None = None,
    principal_grace: int = 0,
    extra_instalments: int = 0,
    rate_ppm: int | None = None,
    alone: bool = False,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose to move the instalments due from a day on, to let principal wait, to add instalments,
    or another rate a year; or to move the first of them `alone`. Balances stay as they are. Another
    person decides.

    Raises what proposals.propose_changes does, and NotChangeable, NothingAsked, OutsideRange,
    MovesAlone, NothingToReschedule, EarlierThanDue, PastNextDue, FutureDate and what a schedule
    refuses.
    """
    payload = reschedule_payload(
        from_date, shift_to, principal_grace, extra_instalments, rate_ppm, alone
    )
    return _propose(acting_staff, loan, EventKind.RESCHEDULED, proposed_date, reason, payload, id)


def reschedule_payload(
    from_date: date,
    shift_to: date | None = None,
    principal_grace: int = 0,
    extra_instalments: int = 0,
    rate_ppm: int | None = None,
    alone: bool = False,
) -> dict[str, Any]:
    """What is asked when instalments move, as its proposal keeps it."""
    return {
        "from_date": from_date.isoformat(),
        "shift_to": _text(shift_to),
        "principal_grace": principal_grace,
        "extra_instalments": extra_instalments,
        "rate_ppm": rate_ppm,
        **({"alone": True} if alone else {}),
    }


def propose_restructure(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    proposed_date: date,
    reason: str,
    instalments: int,
    every: int | None = None,
    unit: DueUnit | None = None,
    first_due: date | None = None,
    rate_ppm: int | None = None,
    method: Method | None = None,
    repayment: Repayment | None = None,
    grace_principal: int = 0,
    interest: Treatment = Treatment.CAPITALISE,
    fee: Treatment = Treatment.CARRY,
    penalty: Treatment = Treatment.WAIVE,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose new terms for all that a loan owes; what is None stays as it is. Another person
    decides; the loan then counts as restructured.

    Raises what proposals.propose_changes does, and NotChangeable, OutsideRange, FirstDueTooEarly,
    Faults (terms that do not hold), TermsNotOffered, FutureDate and what a schedule refuses.
    """
    payload = restructure_payload(
        instalments,
        every=every,
        unit=unit,
        first_due=first_due,
        rate_ppm=rate_ppm,
        method=method,
        repayment=repayment,
        grace_principal=grace_principal,
        interest=interest,
        fee=fee,
        penalty=penalty,
    )
    return _propose(acting_staff, loan, EventKind.RESTRUCTURED, proposed_date, reason, payload, id)


def restructure_payload(
    instalments: int,
    *,
    every: int | None = None,
    unit: DueUnit | None = None,
    first_due: date | None = None,
    rate_ppm: int | None = None,
    method: Method | None = None,
    repayment: Repayment | None = None,
    grace_principal: int = 0,
    interest: Treatment = Treatment.CAPITALISE,
    fee: Treatment = Treatment.CARRY,
    penalty: Treatment = Treatment.WAIVE,
) -> dict[str, Any]:
    """What is asked of new terms, as their proposal keeps it."""
    return {
        "instalments": instalments,
        "every": every,
        "unit": unit and unit.value,
        "first_due": _text(first_due),
        "rate_ppm": rate_ppm,
        "method": method and method.value,
        "repayment": repayment and repayment.value,
        "grace_principal": grace_principal,
        "interest": interest.value,
        "fee": fee.value,
        "penalty": penalty.value,
    }


def propose_moratorium(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    proposed_date: date,
    reason: str,
    begins: date,
    until: date,
    scope: Scope = Scope.ALL,
    interest_runs: bool = True,
    ageing_runs: bool = False,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose that no instalment falls due between two days. Another person decides.

    Raises what proposals.propose_changes does, and NotChangeable, EndsBeforeItBegins,
    NothingToReschedule, FutureDate and what a schedule refuses.
    """
    payload = moratorium_payload(begins, until, scope, interest_runs, ageing_runs)
    return _propose(acting_staff, loan, EventKind.MORATORIUM, proposed_date, reason, payload, id)


def moratorium_payload(
    begins: date,
    until: date,
    scope: Scope = Scope.ALL,
    interest_runs: bool = True,
    ageing_runs: bool = False,
) -> dict[str, Any]:
    """What is asked of a loan in a moratorium, as its proposal keeps it."""
    return {
        "begins": begins.isoformat(),
        "until": until.isoformat(),
        "scope": scope.value,
        "interest_runs": interest_runs,
        "ageing_runs": ageing_runs,
    }


def _propose(
    staff: StaffUser,
    loan: Loan,
    kind: EventKind,
    day: date,
    reason: str,
    payload: dict[str, Any],
    id: UUID | None,
) -> LoanProposal:
    return proposals.propose_change(
        acting_staff=staff,
        loan=loan,
        kind=kind,
        proposed_date=day,
        reason=reason,
        payload=payload,
        id=id,
    )


# --- what is agreed, for a day --------------------------------------------------------------------


def preview_of(loan: Loan, kind: EventKind, payload: Payload, on: date) -> Preview:
    """What a change would do if it counted from a day. Raises what the change refuses."""
    events = events_of([loan.pk])[loan.pk]
    return preview(events, _event(loan, kind, payload, on, events), read_terms(loan.terms))


def preview_done(proposal: LoanProposal) -> Preview:
    """What a change did when it was approved, by what was known then; what it would do from its
    day while it waits. Raises what it refuses now.
    """
    loan, stored = proposal.loan, proposal.event
    if stored is None:
        kind = EventKind(proposal.kind)
        return preview_of(loan, kind, proposal.payload, proposal.proposed_date)
    done = event_of(stored)
    known = [
        event
        for event in events_of([loan.pk])[loan.pk]
        if event.seq < done.seq or event.kind is EventKind.AGREED
    ]
    return preview(known, done, read_terms(loan.terms))


def agreed_of(
    loan: Loan, kind: EventKind, payload: Payload, on: date, events: list[Event]
) -> Agreed:
    """What a proposal says, built for the day it counts from."""
    if kind is EventKind.RESCHEDULED:
        return reschedule_request(
            from_date=date.fromisoformat(payload["from_date"]),
            shift_to=_day(payload["shift_to"]),
            principal_grace=payload["principal_grace"],
            extra_instalments=payload["extra_instalments"],
            rate_ppm=payload["rate_ppm"],
            alone=payload.get("alone", False),
        )
    if kind is EventKind.MORATORIUM:
        return moratorium_of(
            day=on,
            begins=date.fromisoformat(payload["begins"]),
            until=date.fromisoformat(payload["until"]),
            scope=Scope(payload["scope"]),
            interest_runs=payload["interest_runs"],
            ageing_runs=payload["ageing_runs"],
        )
    state = fold(events, on, terms=read_terms(loan.terms))
    return restructuring_of(
        state,
        on,
        _new_terms(payload),
        interest=Treatment(payload["interest"]),
        fee=Treatment(payload["fee"]),
        penalty=Treatment(payload["penalty"]),
        closed=closed_days(loan.office_id, first=on),
    )


def _new_terms(payload: Payload) -> NewTerms:
    unit, method, repayment = payload["unit"], payload["method"], payload["repayment"]
    return NewTerms(
        instalments=payload["instalments"],
        rate_ppm=payload["rate_ppm"],
        every=payload["every"],
        unit=DueUnit(unit) if unit else None,
        method=Method(method) if method else None,
        repayment=Repayment(repayment) if repayment else None,
        grace_principal=payload["grace_principal"],
        first_due=_day(payload["first_due"]),
    )


def _event(
    loan: Loan, kind: EventKind, payload: Mapping[str, Any], on: date, events: list[Event]
) -> Event:
    """The change as an event that is not stored; the last of its day."""
    check_running(loan, on)
    agreed = agreed_of(loan, kind, payload, on, events)
    now = timezone.now()
    return Event(new_id(), kind, on, now, now, seq=loan.event_count + 1, agreed=agreed)


def check_running(loan: Loan, on: date) -> None:
    """Refuse a change of a loan that does not run on a day, or of a day to come."""
    if loan.state != LoanState.ACTIVE or loan.disbursed_date is None:
        raise NotChangeable(code=loan.code, state=loan.get_state_display())
    if on > timezone.localdate():
        raise FutureDate(field="value_date", date=on)
    if on < loan.disbursed_date:
        raise BeforeDisbursement(field="value_date", date=on, disbursed=loan.disbursed_date)


def _check(kind: EventKind, loan: Loan, payload: Payload, on: date) -> None:
    """Try the change on a copy; what the fold refuses is refused before anything is stored, and
    instalments so small that none would ever be late.
    """
    events = events_of([loan.pk])[loan.pk]
    change = _event(loan, kind, payload, on, events)
    state = fold([*events, change], terms=read_terms(loan.terms))
    state.check()
    check_tolerance(state.terms, [sum(row.due) for row in state.ledger.rows if row.left])


def _carry_out(asked: Approved) -> LoanEvent:
    kind, loan = EventKind(asked.proposal.kind), asked.loan
    events = events_of([loan.pk])[loan.pk]
    agreed = agreed_of(loan, kind, asked.payload, asked.value_date, events)
    event, _state = happen(
        Writer(timezone.now()),
        loan,
        kind,
        asked.staff,
        asked.value_date,
        payload={"agreed": agreed_to_json(agreed)},
        id=asked.id,
        reason=asked.reason,
    )
    return event


def _way(kind: EventKind, decide: str) -> Way:
    def check(loan: Loan, payload: Payload, on: date) -> None:
        _check(kind, loan, payload, on)

    def preview(loan: Loan, payload: Payload, on: date) -> Preview:
        return preview_of(loan, kind, payload, on)

    return Way(
        kind,
        "lending.propose_change",
        decide,
        check,
        _carry_out,
        preview=preview,
        done=preview_done,
    )


WAYS = (
    _way(EventKind.RESCHEDULED, "lending.reschedule_loan"),
    _way(EventKind.RESTRUCTURED, "lending.restructure_loan"),
    _way(EventKind.MORATORIUM, "lending.declare_moratorium"),
)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
