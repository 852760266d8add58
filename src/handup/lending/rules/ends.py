"""Which last due date a loan was agreed to have until when: charges due later, changes of its plan
and money that shortens it move that day, and a past day is answered as it was agreed then. Pure.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import NamedTuple

from handup.kernel.credit.codes import ChargeVisibility
from handup.kernel.credit.terms import Terms
from handup.lending.rules.events import Event, effective
from handup.lending.rules.loan import apply_event, fold
from handup.lending.rules.state import State
from handup.lending.rules.terms import rows_say_all


class End(NamedTuple):
    """The last due date agreed until a day, not included."""

    to_date: date
    due_date: date


def ends_of(state: State, events: Sequence[Event]) -> list[End]:
    """The last due dates of a loan before the one it has now, by the day they were moved; `state`:
    all its events folded.
    """
    if not state.changed and rows_say_all(state.terms):
        return []  # it has the one it began with
    live = effective(events)
    told = _played if _in_order(live, state.terms) else _folded
    found = list(told(live, state.terms))
    return [
        End(day, before)
        for (_, before), (day, after) in pairwise(found)
        if before is not None and before != after
    ]


def _in_order(live: Sequence[Event], terms: Terms) -> bool:
    """Whether what was known of the loan on a day is what its events before make of it."""
    if terms.charge_visibility is ChargeVisibility.BY_BOOKING:
        return False
    return all(first.value_date <= then.value_date for first, then in pairwise(live))


def _played(live: Sequence[Event], terms: Terms) -> Iterator[tuple[date, date | None]]:
    """Each day of an event with the last due date agreed at its end, by one play of all."""
    state = State(terms=terms)
    for day, happened in groupby(live, key=lambda event: event.value_date):
        for event in happened:
            apply_event(state, event)
        seen = state if state.by_balance is None else state.seen_on(day)
        yield day, seen.last_due_date


def _folded(live: Sequence[Event], terms: Terms) -> Iterator[tuple[date, date | None]]:
    """The same by a fold for each day: a charge may count from before it was made."""
    for day in sorted({event.value_date for event in live}):
        yield day, fold(live, day, terms=terms).last_due_date
