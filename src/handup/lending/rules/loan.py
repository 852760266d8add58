"""A loan is a fold: terms and dated events give rows, splits, balances and arrears as of any day.
Pure.

`fold(events, as_of)` sorts events by (date, rank, time of recording, id) and applies them one after
the other; the order of arrival does not matter. `apply_event` is the same step taken alone, so an
event after all others needs no replay: fold(events) = apply_event(fold(all but the last), last),
and a state can be kept (`copied`, `kernel.credit.snapshot`) and gone on with.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from types import MappingProxyType

from handup.kernel.credit.allocation import ORDER, PLACE, Charge, PaymentSplit
from handup.kernel.credit.booking import booked_order
from handup.kernel.credit.changes import (
    Moratorium,
    Restructuring,
    Settled,
    apply_hand_over,
    apply_moratorium,
    apply_reschedule,
    apply_restructure,
)
from handup.kernel.credit.codes import ChargeVisibility, Component
from handup.kernel.credit.early import pay_early, pay_off, payoff_on, withdraw
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.standing import PLAIN, ZERO, Parts
from handup.kernel.credit.terms import Allocation, Terms
from handup.kernel.errors import Refusal
from handup.lending.rules.codes import Effect, EventKind, LoanState
from handup.lending.rules.cures import cures_until
from handup.lending.rules.events import (
    MONEY_IN,
    PAYMENTS,
    Event,
    PlannedRow,
    effective,
    order,
    rows_from_json,
    rows_to_json,
)
from handup.lending.rules.premiums import owed_on, paid_of_rows, unpaid_on, with_instalments
from handup.lending.rules.state import DueRow, EffectRow, SplitRow, State

__all__ = [
    "ENGINE_VERSION",
    "FEE",
    "INTEREST",
    "MONEY_IN",
    "PAYMENTS",
    "PENALTY",
    "PRINCIPAL",
    "AfterWriteOff",
    "BeforeOpening",
    "DueRow",
    "EffectRow",
    "Event",
    "EventNotApplied",
    "Parts",
    "PlannedRow",
    "SplitRow",
    "State",
    "apply_event",
    "effective",
    "fold",
    "order",
    "resume",
    "rows_from_json",
    "rows_to_json",
    "run",
    "seen_on",
]

ENGINE_VERSION = "8"
PENALTY, FEE, INTEREST, PRINCIPAL = range(4)
_AFTER_WRITE_OFF = MONEY_IN | {EventKind.RECOVERED, EventKind.TRANSFERRED}
_TOLD_BY_ROWS = PAYMENTS | {
    EventKind.AGREED,
    EventKind.OPENING_POSITION,
    EventKind.WRITTEN_OFF,
    EventKind.RECOVERED,
}
_OPENING = (EventKind.AGREED, EventKind.OPENING_POSITION, EventKind.DISBURSED)
_BEFORE_TIME = frozenset(
    {
        EventKind.EARLY_REPAID,
        EventKind.PAID_OFF,
        EventKind.REFINANCED,
        EventKind.WITHDRAWN,
        EventKind.INSURANCE_PAID,
    }
)
_ENDS_AS = {
    EventKind.REFINANCED: LoanState.REFINANCED,
    EventKind.WITHDRAWN: LoanState.CANCELLED,
}
"""Money that closes a loan otherwise than by repaying it."""
_OVER = (LoanState.WRITTEN_OFF, LoanState.CANCELLED, LoanState.REFINANCED, LoanState.TRANSFERRED)


class EventNotApplied(Refusal):
    """A {kind} event says too little to be applied to a loan."""


class BeforeOpening(Refusal):
    """{date} is before the position this loan was taken over with."""


class AfterWriteOff(Refusal):
    """This loan was written off; only money that is recovered can follow."""


def fold(
    events: Iterable[Event],
    as_of: date | None = None,
    known_at: datetime | None = None,
    *,
    terms: Terms = PLAIN,
    allocation: Allocation | None = None,
) -> State:
    """Replay a loan's events up to and including a day; `known_at` asks what was known then.

    The rows are those seen on that day, or on the day of the last event when none is given.
    """
    return seen_on(run(events, as_of, known_at, terms=terms, allocation=allocation), as_of)


def run(
    events: Iterable[Event],
    as_of: date | None = None,
    known_at: datetime | None = None,
    *,
    terms: Terms = PLAIN,
    allocation: Allocation | None = None,
) -> State:
    """As fold, but left standing at its last event, to go on from there."""
    state = State(allocation, terms)
    known = list(events)
    live = effective(known, as_of, known_at)
    if terms.charge_visibility is ChargeVisibility.BY_BOOKING:
        live = _as_booked(known, live)
    for event in live:
        apply_event(state, event)
    return state


def resume(state: State, events: Iterable[Event]) -> State | None:
    """Go on from a state with events that all come after it; None when one of them does not."""
    other = state.live.copied()
    for event in sorted(events, key=order):
        if event.kind is EventKind.REVERSED or not _comes_after(other, event):
            return None
        apply_event(other, event)
    return other


def _comes_after(state: State, event: Event) -> bool:
    return state.last_order is None or order(event) > state.last_order


def seen_on(state: State, day: date | None) -> State:
    """The state at the end of a day, with the plan and the penalties of that day."""
    on = day or state.last_value_date
    return state if on is None else state.seen_on(on)


def _as_booked(known: Sequence[Event], live: Sequence[Event]) -> list[Event]:
    """The order in which splits of imported history came about (allocation as booked)."""
    chosen = {event.id for event in live}
    booked = sorted(
        (
            event
            for event in known
            if event.kind is EventKind.REVERSED
            or event.kind in MONEY_IN
            or event.kind is EventKind.CHARGED
        ),
        key=lambda event: event.seq,
    )
    played = booked_order(
        booked,
        kept=lambda event: event.id in chosen,
        is_charge=lambda event: event.kind is EventKind.CHARGED,
        is_reversal=lambda event: event.kind is EventKind.REVERSED,
        day=lambda event: (
            event.due_date or event.value_date
            if event.kind is EventKind.CHARGED
            else event.value_date
        ),
    )
    opening: list[Event] = []
    for event in live:
        if event.kind in MONEY_IN or event.kind is EventKind.CHARGED:
            continue
        if event.kind in _OPENING and all(item.kind is not event.kind for item in opening):
            opening.append(event)
        else:
            played.insert(_place(played, event), event)
    return [*opening, *played]


def _place(played: Sequence[Event], event: Event) -> int:
    """Where an event belongs by its date: before the money that came after it, and behind the
    charges made before it.
    """
    own = order(event)
    before = (
        place
        for place, item in enumerate(played)
        if item.kind is not EventKind.CHARGED and order(item) > own
    )
    behind = (
        place
        for place, item in enumerate(played, 1)
        if item.kind is EventKind.CHARGED and order(item) < own
    )
    return max(next(before, len(played)), max(behind, default=0))


def apply_event(state: State, event: Event) -> list[SplitRow]:
    """Apply one event that comes after all applied before; return the splits it made.

    Raises EventNotApplied for one that says too little, and what a change of the loan refuses
    (AfterWriteOff, NothingToReschedule, EarlierThanDue, TrancheNotPlanned, BadTerms, NegativeRow).
    """
    assert state.source is None, "a state only seen on a day cannot be gone on with"
    handler = _HANDLERS.get(event.kind)
    if handler is None:
        raise EventNotApplied(kind=event.kind.value)
    if state.stopped and event.kind not in _AFTER_WRITE_OFF:
        raise AfterWriteOff()
    opened = bool(state.ledger.rows)
    made = handler(state, event)
    state.splits.extend(made)
    if event.kind not in _TOLD_BY_ROWS and (opened or event.kind is not EventKind.DISBURSED):
        state.changed = True
    state.last_value_date = event.value_date
    state.last_recorded_at = event.recorded_at
    state.last_order = order(event)
    return made


def _open_rows(state: State, event: Event) -> list[SplitRow]:
    """Put the schedule in force; what an opening position says was paid becomes its splits."""
    day = event.value_date
    if event.kind is EventKind.OPENING_POSITION and state.moved:
        raise BeforeOpening(date=state.last_value_date)
    state.disbursed_date = state.disbursed_date or event.since or day
    state.state = LoanState.ACTIVE
    if event.kind is EventKind.DISBURSED and state.ledger.rows:
        state.disburse(day, event.units, event.capitalised)
        return []
    if event.restructured is not None:
        state.restructured, state.restructured_date = True, event.restructured
    if event.frozen or event.rests:
        state.frozen, state.rests, state.changed = list(event.frozen), list(event.rests), True
        state.lateness.pauses = state.frozen.copy()
    state.open(day, event.rows, event.units, event.capitalised, event.since)
    made = [SplitRow(event.id, day, row.number, row.paid) for row in event.rows if any(row.paid)]
    _restate(state, day)
    return made


def _splits(event: Event, split: PaymentSplit) -> list[SplitRow]:
    event_id, day = event.id, event.value_date
    by_row: dict[int, list[int]] = {}
    for number, component, units in split.pieces:
        parts = by_row.get(number)
        if parts is None:
            parts = by_row[number] = [0, 0, 0, 0]
        parts[PLACE[component]] += units
    made = [
        SplitRow(event_id, day, number, (parts[0], parts[1], parts[2], parts[3]))
        for number, parts in by_row.items()
    ]
    if split.overpaid:
        made.append(SplitRow(event_id, day, None, ZERO, split.overpaid))
    return made


def _did(state: State, event: Event, what: Effect, component: Component | None, units: int) -> None:
    """Note what an event did besides settling rows."""
    if units:
        state.effects.append(EffectRow(event.id, event.value_date, what, component, units))


def _did_parts(state: State, event: Event, what: Effect, parts: Sequence[int]) -> None:
    for component, units in zip(ORDER, parts, strict=True):
        _did(state, event, what, component, units)


def _pay(state: State, event: Event) -> list[SplitRow]:
    if state.stopped:
        return _recover(state, event)
    key, day, units = "", event.value_date, event.units
    early, dropped, waived = state.early_fees, state.fees_dropped, state.waived
    agreed = state.last_due_date if event.kind in _BEFORE_TIME else None
    share, asked = _insured(state)
    had = paid_of_rows(state, asked, share)
    if event.kind is EventKind.EARLY_REPAID:
        split = pay_early(state, key, day, units, event.effect)
    elif event.kind in (EventKind.PAID_OFF, EventKind.REFINANCED):
        split = pay_off(state, key, day, units)
    elif event.kind is EventKind.WITHDRAWN:
        split = withdraw(state, key, day, units)
        for what, back in zip(
            (Effect.FEE_BACK, Effect.PREMIUM_BACK), event.given_back, strict=False
        ):
            _did(state, event, what, None, back)
    elif event.kind is EventKind.INSURANCE_PAID and units >= payoff_on(state, day).total:
        split = pay_off(state, key, day, units)
    else:
        split = state.pay(key, day, units, event.advance_to)
    _did(state, event, Effect.PREMIUM, None, paid_of_rows(state, asked, share) - had)
    _did(state, event, Effect.CHARGED, Component.FEE, state.early_fees - early)
    let_go = [after - before for after, before in zip(state.waived, waived, strict=True)]
    let_go[FEE] += state.fees_dropped - dropped
    _did_parts(state, event, Effect.WAIVED, let_go)
    _restate(state, day)
    if state.state is LoanState.SETTLED and agreed is not None:
        state.agreed_until = agreed
    ended = _ENDS_AS.get(event.kind)
    if ended is not None and state.state is LoanState.SETTLED:
        state.state = ended
    return _splits(event, split)


def _insured(state: State) -> tuple[Fraction, dict[int, int]]:
    """The share of premiums in the fee of each instalment, and that fee by row."""
    if not with_instalments(state.terms):
        return Fraction(0), {}
    return owed_on(state.terms, state.disbursed), state.tariff.copy()


def _restate(state: State, on: date) -> None:
    """Running or repaid, by whether anything is left to pay."""
    if state.state in _OVER:
        return
    left = state.anything_left
    if not left and state.by_balance is not None:
        left = state.by_balance.unpaid > 0 or state.seen_on(on).anything_left
    if left:
        state.state, state.settled_date = LoanState.ACTIVE, None
    elif state.state is LoanState.ACTIVE:
        state.state, state.settled_date = LoanState.SETTLED, on


def _recover(state: State, event: Event) -> list[SplitRow]:
    rest = state.recover(event.units)
    if not rest:
        return []
    state.money_in += rest
    state.overpaid += rest
    return [SplitRow(event.id, event.value_date, None, ZERO, rest)]


def _charge(state: State, event: Event) -> list[SplitRow]:
    if event.component is None:
        raise EventNotApplied(kind=event.kind.value)
    due_date = event.due_date or event.value_date
    state.charge(Charge(event.component, due_date, event.units, event.sort_date))
    _did(state, event, Effect.CHARGED, event.component, event.units)
    _restate(state, event.value_date)
    return []


def _waive(state: State, event: Event) -> list[SplitRow]:
    if event.component in (None, Component.PRINCIPAL):
        raise EventNotApplied(kind=event.kind.value)
    waived = state.waive(event.component, event.value_date, event.units)
    _did(state, event, Effect.WAIVED, event.component, waived)
    _restate(state, event.value_date)
    return []


def _refund(state: State, event: Event) -> list[SplitRow]:
    lent = state.refund(event.value_date, event.units)
    _did(state, event, Effect.REFUNDED, None, event.units - lent)
    _did(state, event, Effect.LENT, None, lent)
    _restate(state, event.value_date)
    return []


def _change(state: State, event: Event) -> list[SplitRow]:
    day, agreed = event.value_date, event.agreed
    if isinstance(agreed, Request):
        apply_reschedule(state, day, agreed)
    elif isinstance(agreed, Moratorium):
        apply_moratorium(state, day, agreed)
    elif isinstance(agreed, Restructuring):
        state.arrears_before = max(state.seen_on(day).arrears_days(day), state.arrears_before)
        state.cures = cures_until(state, day)
        settled = _on_new_terms(state, event, agreed)
        _did_parts(state, event, Effect.CAPITALISED, settled.capitalised)
        _did_parts(state, event, Effect.CARRIED, settled.carried)
        _did_parts(state, event, Effect.WAIVED, settled.waived)
        state.restructured = True
        state.restructured_date = state.restructured_date or day
        state.restarted_date, state.restarted_by = day, event.id
    else:
        raise EventNotApplied(kind=event.kind.value)
    _restate(state, day)
    return []


def _on_new_terms(state: State, event: Event, agreed: Restructuring) -> Settled:
    """Put a loan on new terms. A premium that becomes principal with the unpaid fees is owed to the
    insurer from now on; one that is carried over, when she pays it.
    """
    day, last = event.value_date, state.ledger.next_number()
    share, asked = _insured(state)
    premium = unpaid_on(state.seen_on(day), asked, share, day)
    settled = apply_restructure(state, day, agreed)
    if settled.capitalised[FEE]:
        _did(state, event, Effect.PREMIUM, None, min(premium, settled.capitalised[FEE]))
    if premium and settled.carried[FEE]:
        first = next(row for row in state.plan_rows() if row.number >= last)
        whole = settled.carried[FEE]
        state.fees_carried[first.number] = whole, min(premium, whole)
    return settled


def _write_off(state: State, event: Event) -> list[SplitRow]:
    state.write_off(event.value_date)
    fees = sum(state.charged_open(row) for row in state.ledger.rows)
    _did(state, event, Effect.WRITTEN_OFF, Component.FEE, fees)
    state.state = LoanState.WRITTEN_OFF
    return []


def _take_recovery(state: State, event: Event) -> list[SplitRow]:
    return _recover(state, event)


def _end(state: State, event: Event) -> list[SplitRow]:
    if event.kind is EventKind.CANCELLED:
        state.state = LoanState.CANCELLED
        return []
    _did_parts(state, event, Effect.HANDED_OVER, apply_hand_over(state, event.value_date))
    state.state = LoanState.TRANSFERRED
    return []


def _nothing(_state: State, _event: Event) -> list[SplitRow]:
    return []


_HANDLERS: Mapping[EventKind, Callable[[State, Event], list[SplitRow]]] = MappingProxyType(
    {
        EventKind.AGREED: _nothing,
        EventKind.OPENING_POSITION: _open_rows,
        EventKind.DISBURSED: _open_rows,
        **dict.fromkeys(MONEY_IN, _pay),
        EventKind.CHARGED: _charge,
        EventKind.WAIVED: _waive,
        EventKind.REFUNDED: _refund,
        EventKind.RESCHEDULED: _change,
        EventKind.RESTRUCTURED: _change,
        EventKind.MORATORIUM: _change,
        EventKind.WRITTEN_OFF: _write_off,
        EventKind.RECOVERED: _take_recovery,
        EventKind.TRANSFERRED: _end,
        EventKind.CANCELLED: _end,
    }
)
