"""What being late costs, in an example that a borrower can follow: her own first instalment, some
days late (lending.md 6: an agreement prints penalties in an example).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from handup.kernel.credit.terms import Terms
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event, PlannedRow
from handup.lending.rules.loan import FEE, PENALTY, fold

DAYS = 10


class LateCost(NamedTuple):
    """An instalment, how many days late it is paid in the example, and what that adds to it."""

    instalment_units: int
    days: int
    units: int


def late_cost(
    terms: Terms, rows: Sequence[PlannedRow], units: int, start: date, days: int = DAYS
) -> LateCost | None:
    """The cost of paying the first instalment late; None where lateness costs nothing then."""
    noon = datetime.combine(start, time(12), tzinfo=UTC)
    paid_out = Event(UUID(int=1), EventKind.DISBURSED, start, noon, noon, units, rows=tuple(rows))
    asked = next((row for row in rows if row.principal + row.interest + row.fee), None)
    if asked is None or asked.due_date <= start:
        return None
    on = asked.due_date + timedelta(days=days)
    state = fold([paid_out], on, terms=terms)
    due = next(row for row in state.ledger.rows if row.due_date == asked.due_date)
    whole = asked.principal + asked.interest + asked.fee
    added = due.due[PENALTY] + due.due[FEE] - asked.fee
    return LateCost(whole, days, added) if added > 0 else None
