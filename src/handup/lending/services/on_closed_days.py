"""Instalments that fall due on a day that was closed after the loan was signed. A change of the
calendar moves no signed schedule (lending_engine.md E2): whoever may proposes to move them, and
another person decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery

from handup.kernel.credit.codes import OffDayRule
from handup.kernel.credit.dates import off_day
from handup.kernel.credit.terms import Terms
from handup.lending.models import Loan, LoanDue
from handup.lending.rules.codes import LoanState, ProposalState
from handup.lending.rules.terms import read_terms
from handup.lending.services.agreed import KINDS
from handup.lending.still_here import loans_here
from handup.org.calendar import Calendar, Entered, entered_days

AHEAD_DAYS = 366
"""How far ahead instalments are looked at: the days of every year are closed once a year."""


def dues_on_closed_days(loans: QuerySet[Loan], on: date) -> QuerySet[LoanDue]:
    """The open instalments after a day, within AHEAD_DAYS, that fall on a day closed after their
    loan was signed; of running loans that nobody proposed to change yet and whose terms move what
    is due on a closed day.
    """
    entered = entered_days(on + timedelta(days=1), on + timedelta(days=AHEAD_DAYS))
    closed = [_on(each) for each in entered if each.withdrawn_at is None]
    if not closed:
        return LoanDue.objects.none()
    waits = Loan.objects.filter(
        proposals__kind__in=[kind.value for kind in KINDS],
        proposals__state=ProposalState.PROPOSED.value,
    )
    running = (
        loans_here(loans)
        .filter(state=LoanState.ACTIVE.value)
        .exclude(terms__has_key="off_day_rule", terms__off_day_rule=OffDayRule.NONE.value)
        .exclude(pk__in=waits.values("pk"))
    )
    rows = LoanDue.objects.filter(
        loan__in=running.order_by().values("pk"), replaced_at=None, to_date=None, settled_date=None
    )
    known = [_on(each) & _known_at_signing(each) for each in entered]
    return rows.filter(_any(closed)).exclude(pk__in=rows.filter(_any(known)).values("pk"))


def first_on_closed_days(loans: QuerySet[Loan], on: date, most: int) -> dict[UUID, date]:
    """The first such instalment of each of some loans, the next first, of no more than so many."""
    rows = dues_on_closed_days(loans, on).order_by().values_list("loan_id")
    found = rows.annotate(day=Min("due_date")).order_by("day", "loan__code")
    return dict(found.values_list("loan_id", "day")[:most])


def with_closed_days(loans: QuerySet[Loan], on: date) -> QuerySet[Any]:
    """Those of some loans with such an instalment, with the day of the first (`closed_date`)."""
    rows = dues_on_closed_days(loans, on)
    own = rows.filter(loan=OuterRef("pk")).order_by("due_date")
    found = loans.filter(pk__in=rows.order_by().values("loan_id"))
    return found.annotate(closed_date=Subquery(own.values("due_date")[:1]))


def moves_to(loans: Iterable[Loan], days: Mapping[UUID, date]) -> dict[UUID, date | None]:
    """The day that what is due on a closed day can move to, by loan; None where that is for those
    who meet to say.
    """
    rows = [loan for loan in loans if loan.pk in days]
    if not rows:
        return {}
    calendar = Calendar.of({loan.office_id for loan in rows}, first=min(days.values()))
    return {
        loan.pk: _moves_to(read_terms(loan.terms), days[loan.pk], calendar.closed(loan.office_id))
        for loan in rows
    }


def _any(conditions: Iterable[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found


def _on(entered: Entered) -> Q:
    """The rows due on a day, where it is closed."""
    due = Q(due_date__in=entered.days)
    if entered.office_id is not None:
        return due & Q(loan__office_id=entered.office_id)
    if entered.area is not None:
        return due & Q(loan__office__area__path__startswith=entered.area)
    return due


def _known_at_signing(entered: Entered) -> Q:
    """The rows of loans that were signed while a day stood in the calendar."""
    known = Q(loan__recorded_at__gte=entered.recorded_at)
    if entered.withdrawn_at is not None:
        known &= Q(loan__recorded_at__lt=entered.withdrawn_at)
    return known


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
