"""Instalments that fall due on a day that was closed after the loan was signed. A change of the
calendar moves no signed schedule (lending_engine.md E2): whoever may proposes to move them, and
another person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from handup.kernel.credit.codes import OffDayRule
from handup.kernel.credit.dates import off_day
from handup.kernel.credit.terms import Terms
from handup.lending.models import Loan, LoanDue
from handup.lending.rules.codes import LoanState, ProposalState
from handup.lending.rules.terms import read_terms
from handup.lending.services.agreed import KINDS
from handup.org.calendar import Calendar

AHEAD_DAYS = 366
"""How far ahead instalments are looked at: the days of every year are closed once a year."""


@dataclass(frozen=True, slots=True)
class OnClosedDay:
    """The next instalment of a loan that is due on a closed day, and to which day it can move; None
    where that is for those who meet to say.
    """

    due_date: date
    moves_to: date | None


def on_closed_days(loans: QuerySet[Loan], on: date) -> dict[UUID, OnClosedDay]:
    """Of each running loan that nobody proposed to move yet, its first such instalment after a day,
    within AHEAD_DAYS. Loans whose terms leave due dates where they are have none.
    """
    offices = loans.order_by().values_list("office_id", flat=True).distinct()
    calendar = Calendar.of(set(offices), first=on)
    until = on + timedelta(days=AHEAD_DAYS)
    days = sorted(day for day in calendar.anywhere() if on < day <= until)
    if not days:
        return {}
    waits = Loan.objects.filter(
        proposals__kind__in=[kind.value for kind in KINDS],
        proposals__state=ProposalState.PROPOSED.value,
    )
    running = loans.filter(state=LoanState.ACTIVE.value).exclude(pk__in=waits.values("pk"))
    rows = LoanDue.objects.filter(
        loan__in=running.order_by().values("pk"),
        due_date__in=days,
        replaced_at=None,
        to_date=None,
        settled_date=None,
    )
    return _first_of_each(
        rows.order_by("loan_id", "due_date").values_list(
            "loan_id", "loan__office_id", "loan__terms", "due_date"
        ),
        calendar,
    )


def _first_of_each(
    rows: Iterable[tuple[UUID, UUID | None, dict[str, object], date]], calendar: Calendar
) -> dict[UUID, OnClosedDay]:
    found: dict[UUID, OnClosedDay] = {}
    for loan, office, data, day in rows:
        closed = calendar.closed(office)
        if loan in found or day not in closed:
            continue
        terms = read_terms(data)
        if terms.off_day_rule is not OffDayRule.NONE:
            found[loan] = OnClosedDay(day, _moves_to(terms, day, closed))
    return found


def _moves_to(terms: Terms, day: date, closed: frozenset[date]) -> date | None:
    """The day its terms say, or the next open one: an instalment that was agreed moves to no
    earlier day.
    """
    if terms.off_day_rule is OffDayRule.NEXT_MEETING:
        return None
    moved = off_day(terms, day, closed)
    return (
        moved if moved > day else off_day(replace(terms, off_day_rule=OffDayRule.NEXT), day, closed)
    )
