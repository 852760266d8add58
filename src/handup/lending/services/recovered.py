"""A loan written off that was paid back after all: nothing of it is owed any more."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from handup.lending.happened import events_of
from handup.lending.models import Loan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.events import Event
from handup.lending.rules.loan import fold
from handup.lending.rules.terms import read_terms


def recovered_date(loan: Loan) -> date | None:
    """The day on which all that was written off had come in; None while anything is owed, and for a
    loan that is not written off.
    """
    return recovered_dates([loan]).get(loan.pk)


def recovered_dates(loans: Iterable[Loan]) -> dict[UUID, date]:
    """The same of many loans, those recovered in full only."""
    lost = [loan for loan in loans if loan.state == LoanState.WRITTEN_OFF]
    if not lost:
        return {}
    events = events_of([loan.pk for loan in lost])
    days = ((loan.pk, _recovered(loan, events[loan.pk])) for loan in lost)
    return {pk: day for pk, day in days if day is not None}


def _recovered(loan: Loan, events: list[Event]) -> date | None:
    state = fold(events, terms=read_terms(loan.terms))
    left = sum(state.written_off_parts) - state.recovered
    return state.last_value_date if left <= 0 else None
