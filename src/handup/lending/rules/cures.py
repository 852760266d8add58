"""How long a restructured loan counts as at risk though it is not late (E1 `restructured_in_par`).

The answer is a list of days on which it does not: it may be cured, and be restructured again.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from handup.kernel.credit.allocation import OpenRow
from handup.kernel.credit.arrears import InForce, cured_on
from handup.kernel.credit.codes import RestructuredInPar, RowKind
from handup.kernel.credit.terms import Terms
from handup.lending.rules.state import Cure, State


def cures_of(state: State, terms: Terms | None = None) -> list[Cure]:
    """The days on which a loan that was restructured does not count for it; `terms` where the state
    does not hold them.
    """
    since = state.restarted_date or state.restructured_date
    if since is None:
        return []
    known = terms or state.terms
    first = None
    if known.restructured_in_par is not RestructuredInPar.ALWAYS:
        first = cured_on(known, list(_rows(state)), since)
    return state.cures if first is None else [*state.cures, Cure(first, None)]


def cures_until(state: State, day: date) -> list[Cure]:
    """The same as they stand when the loan is restructured again on a day."""
    last = day - timedelta(days=1)
    return [
        Cure(cure.first, last if cure.last is None else cure.last)
        for cure in cures_of(state.seen_on(day))
        if cure.first <= last
    ]


def _rows(state: State) -> Iterator[InForce]:
    for row in state.ledger.rows:
        if any(row.due):
            yield _in_force(state, row, None)
    for row, to_date, _tariff in state.past:
        if any(row.due):
            yield _in_force(state, row, to_date)


def _in_force(state: State, row: OpenRow, to_date: date | None) -> InForce:
    settled = row.settled_date
    if settled is None and not row.left:  # a change closed it
        settled = row.from_date
    if state.terms.arrears_tolerance_units and row.left:
        settled = _but_for_the_tolerated(state, row)
    heals = row.kind is RowKind.INSTALMENT and not row.ended
    return InForce(row.due_date, settled, row.from_date, to_date, heals)


def _but_for_the_tolerated(state: State, row: OpenRow) -> date | None:
    """The day since which no more of a row is unpaid than the terms tolerate."""
    left = sum(row.due) - sum(state.lateness.running(row))
    paid = [
        (item.value_date, sum(item.parts)) for item in state.splits if item.number == row.number
    ]
    for value_date, units in [(row.from_date, 0), *sorted(paid)]:
        left -= units
        if left <= state.terms.arrears_tolerance_units:
            return value_date
    return None
