"""Acts of a loan on a day too long ago for one person: one says what happened and why only now,
another confirms it (lending.md 4.1, 4.4). Imports and lines of statements keep their own days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.credit.codes import AdvanceTo, Component, EarlyEffect
from handup.kernel.errors import Refusal
from handup.lending.errors import NotReversible
from handup.lending.models import Loan, LoanEvent, LoanProposal, PayoffQuote
from handup.lending.rules.codes import EventKind, LoanState, Method, Payer, Source
from handup.lending.rules.events import RECEIVED, SEVERAL_WAIT
from handup.lending.services import proposals
from handup.lending.services.charges import charge_loan
from handup.lending.services.closing import cancel_loan, record_recovery, reverse_loan_event
from handup.lending.services.days import CONFIRM, PROPOSE
from handup.lending.services.insurance import record_insurance
from handup.lending.services.loans import disburse_loan
from handup.lending.services.paying_parts import pay_out_tranche
from handup.lending.services.payoff import pay_off_loan, record_early_repayment
from handup.lending.services.proposals import Approved, Payload, Way
from handup.lending.services.repayments import lock_loans, record_repayment
from handup.lending.services.reversals import reverse_repayment
from handup.lending.services.telling import check_told, hold_to_earlier, try_once, written
from handup.lending.services.tranches import next_parts
from handup.lending.services.withdrawal import withdraw_loan
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Organisation


class NotBackDatable(Refusal):
    """{kind} is not recorded for an earlier day this way."""


class PayOutChanged(Refusal):
    """Something else would be paid out now than was proposed. Decline it and propose it again."""


def _pay_out(*, loan: Loan, **told: Any) -> LoanEvent:
    """The whole loan or its first part, else the part that comes next."""
    if loan.state == LoanState.AGREED:
        return disburse_loan(loan=loan, **told)
    return pay_out_tranche(loan=loan, **told)


def _insured(*, value_date: date, **told: Any) -> LoanEvent:
    """What an insurer paid counts from the day of what it pays for."""
    return record_insurance(event_date=value_date, **told)


def _reverse(*, loan: Loan, event: LoanEvent, permission: str = "", **told: Any) -> LoanEvent:
    """Take an event back; before it is confirmed, as who may do so of its kind."""
    if event.loan_id != loan.pk:
        raise NotReversible(field="event", kind=event.get_kind_display())
    received = EventKind(event.kind) in RECEIVED
    reverse: Callable[..., LoanEvent] = reverse_repayment if received else reverse_loan_event
    asked = {"permission": permission} if permission else {}
    return reverse(event=event, **asked, **told)


def _paid_next(loan: Loan) -> dict[str, int]:
    """Which part of a loan is paid out next, and how much that is; one of one part has part 1.
    Raises NoTrancheLeft.
    """
    part = next_parts([loan]).get(loan.pk)
    if part is not None:
        return {"part": part.number, "units": part.units}
    return {"part": 1, "units": loan.approved_units} if loan.state == LoanState.AGREED else {}


@dataclass(frozen=True, slots=True)
class Act:
    """What records a kind of event, the permission it asks (empty: what its service asks for), what
    it may be told and must be. fixed: what the loan itself says of it when it is proposed, and must
    still say when it is confirmed.
    """

    permission: str
    record: Callable[..., LoanEvent]
    told: frozenset[str]
    needs: frozenset[str] = frozenset()
    fixed: Callable[[Loan], Mapping[str, int]] | None = None


_UNITS, _REASON = frozenset({"units"}), frozenset({"reason"})
_CHARGE = frozenset({"component", "units", "due_date", "reason"})
_RECEIVED = frozenset({"units", "method", "reference"})
ACTS: Mapping[EventKind, Act] = {
    EventKind.REPAID: Act(
        "lending.record_repayment", record_repayment, _RECEIVED | {"advance_to", "payer"}, _UNITS
    ),
    EventKind.EARLY_REPAID: Act(
        "lending.record_repayment", record_early_repayment, _RECEIVED | {"effect"}, _UNITS
    ),
    EventKind.PAID_OFF: Act(
        "lending.record_repayment", pay_off_loan, _RECEIVED | {"quote"}, _UNITS
    ),
    EventKind.RECOVERED: Act("lending.record_recovery", record_recovery, _RECEIVED, _UNITS),
    EventKind.DISBURSED: Act(
        "lending.disburse_loan",
        _pay_out,
        frozenset({"method", "reference", "reason"}),
        fixed=_paid_next,
    ),
    EventKind.CHARGED: Act(
        "lending.charge_loan",
        charge_loan,
        _CHARGE,
        _CHARGE,
    ),
    EventKind.CANCELLED: Act("lending.cancel_loan", cancel_loan, _REASON, _REASON),
    EventKind.REVERSED: Act("", _reverse, _REASON | {"event"}, _REASON | {"event"}),
    EventKind.WITHDRAWN: Act("lending.withdraw_loan", withdraw_loan, _RECEIVED, _UNITS),
    EventKind.INSURANCE_PAID: Act(
        "lending.record_insurance",
        _insured,
        _RECEIVED | {"insurer", "received_date"},
        frozenset({"units", "insurer", "received_date"}),
    ),
}
FIXED = ("part", "units")
"""What a pay-out names beyond what was told."""

_READ: Mapping[str, Callable[[Any], Any]] = {
    "value_date": date.fromisoformat,
    "due_date": date.fromisoformat,
    "received_date": date.fromisoformat,
    "insurer": lambda pk: Organisation.objects.get(pk=pk),
    "event": lambda pk: LoanEvent.objects.select_related("loan").get(pk=pk),
    "advance_to": AdvanceTo,
    "payer": Payer,
    "method": Method,
    "component": Component,
    "effect": EarlyEffect,
}


def propose_back_dated(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    kind: EventKind,
    value_date: date,
    told: Mapping[str, Any],
    proposed_date: date,
    reason: str,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose an event of a day too long ago for one person; another confirms it, and it counts
    from its own day. told: what the service of that kind is told besides loan and day; reason: why
    it is recorded only now. It is tried at once, so that what cannot be is refused to who knows it.

    Raises NotAllowed, OutOfSight, NotBackDatable, NotToldOfIt, ToldTooLittle, NotBackDated,
    FutureDate, ReasonNeeded, SameIdOtherContent and what the service of that kind refuses.
    """
    require(acting_staff, PROPOSE, loan)
    act = ACTS.get(kind)
    if act is None:
        raise NotBackDatable(field="kind", kind=kind)
    check_told(told, act.told, act.needs)
    hold_to_earlier(value_date)
    with transaction.atomic():
        if act.fixed is not None:
            loan = lock_loans([loan.pk])[loan.pk]
        stored = LoanProposal._base_manager.filter(pk=id).first() if id is not None else None
        if stored is None:
            whole = {"value_date": value_date, **told}
            try_once(partial(_record, act, loan, whole, acting_staff))
        return proposals.propose_change(
            acting_staff=acting_staff,
            loan=loan,
            kind=kind,
            proposed_date=proposed_date,
            reason=reason,
            payload={**written({"value_date": value_date, **told}), **_fixed(act, loan, stored)},
            id=id,
        )


def _fixed(act: Act, loan: Loan, stored: LoanProposal | None) -> Mapping[str, int]:
    """What the loan says of it now; of one sent again, what it said the first time."""
    if act.fixed is None:
        return {}
    if stored is not None:
        return {name: stored.payload[name] for name in FIXED if name in stored.payload}
    return act.fixed(loan)


def _record(act: Act, loan: Loan, told: Mapping[str, Any], staff: StaffUser) -> LoanEvent:
    return act.record(
        acting_staff=staff,
        loan=loan,
        source=Source.BACK_DATED,
        permission=act.permission,
        **told,
    )


def read_told(loan: Loan, payload: Payload) -> dict[str, Any]:
    """What was told, from its JSON values."""
    found = {name: _READ[name](v) if name in _READ else v for name, v in payload.items()}
    if "quote" in found:
        found["quote"] = PayoffQuote.objects.filter(loan=loan, pk=UUID(found["quote"])).first()
    return found


def _carry_out(asked: Approved) -> LoanEvent:
    """Record it, on its own day, as the one who confirms it. Raises PayOutChanged."""
    act = ACTS[EventKind(asked.proposal.kind)]
    told = read_told(asked.loan, asked.payload)
    if act.fixed is not None:
        proposed = {name: told.pop(name, None) for name in FIXED}
        if proposed != act.fixed(asked.loan):
            raise PayOutChanged()
    return act.record(
        acting_staff=asked.staff,
        loan=asked.loan,
        source=Source.BACK_DATED,
        permission=CONFIRM,
        id=asked.id,
        **told,
    )


def _nothing(_loan: Loan, _payload: Payload, _on: date) -> None:
    """It was tried when it was proposed, and is judged by its own service when it is confirmed."""


WAYS = tuple(
    Way(
        kind,
        PROPOSE,
        CONFIRM,
        _nothing,
        _carry_out,
        releases_money=True,
        several=kind.value in SEVERAL_WAIT,
    )
    for kind in ACTS
)
