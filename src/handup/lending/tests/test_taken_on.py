"""Figures of loans that came from elsewhere: each counts once, since it is here; what fell due on a
day fell due as it stood on it.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import LazySettings
from django.db import connection

from handup.lending import fallen_due, figure_loans, figures, queries, services
from handup.lending.columns.copying import make_copy
from handup.lending.models import Lender, Loan
from handup.lending.rules import ratios
from handup.lending.rules.ratios import Ratio
from handup.lending.tests import old_books
from handup.lending.tests.cast import World, repay
from handup.lending.tests.test_transfers import DAY, moved, other, paying

__all__ = ["other", "paying"]

FIRST = date(2025, 1, 1)
DAYS = (
    date(2025, 2, 20),
    DAY - timedelta(days=1),
    DAY,
    date(2025, 4, 15),
    date(2025, 6, 30),
    date(2026, 3, 1),
)
INSTALMENT = 113_47


def same(ratio: Ratio, rule: Ratio) -> None:
    assert (ratio.numerator, ratio.denominator) == (rule.numerator, rule.denominator), ratio.id
    if rule.denominator_ids:
        assert ratio.loans == len(rule.denominator_ids), ratio.id


def opens_to(behind: tuple[str, list[Any]]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(*behind)
        return len(set(cursor.fetchall()))


def holds_with_the_rule(on: date) -> None:
    """Sums in the database, the rule over positions and rows, and the sets behind agree."""
    positions = queries.positions(on)
    found = figures.portfolio(on)
    assert found.principal == sum(item.principal_units for item in positions)
    assert [found.principal] == figures.gross_at([on])
    assert found.ageing() == ratios.ageing(positions)
    due = fallen_due.due_between(FIRST, on)
    same(fallen_due.on_time(due), queries.on_time(FIRST, on))
    same(fallen_due.repaid_principal(due), queries.repaid_principal(on))
    same(figures.repaid_number(on), queries.repaid_number(on))
    received, payers = figures.received_between(FIRST, on)
    same(fallen_due.recovery_current(received, payers, due), queries.recovery_current(FIRST, on))
    assert opens_to(fallen_due.due_of(FIRST, on, in_time=False)) == due.loans
    assert opens_to(fallen_due.due_of(FIRST, on, in_time=True)) == due.on_time_loans
    assert opens_to(fallen_due.ever_due_of(on)) == due.all_loans
    assert opens_to(figure_loans.ended_of(on, repaid=False)) == figures.repaid_number(on).loans


def test_a_loan_that_moved_counts_once_on_every_day(
    world: World, paying: Loan, other: Lender, settings: LazySettings, tmp_path: Path
) -> None:
    """Paid in part and in advance before it moves; reports of days before stay what they were."""
    repay(world, paying, date(2025, 3, 10), 150_00)
    earlier = [day for day in DAYS if day < DAY]
    before = [(figures.portfolio(day), fallen_due.due_between(FIRST, day)) for day in earlier]
    whole = figures.cohorts(figures.cube(DAY))
    new = moved(world, paying, other)
    assert before == [
        (figures.portfolio(day), fallen_due.due_between(FIRST, day)) for day in earlier
    ]
    repay(world, new, date(2025, 5, 1), 60_00)
    for day in DAYS:
        holds_with_the_rule(day)
    assert [figures.cube(day).standing().loans for day in DAYS] == [1] * len(DAYS)
    half = fallen_due.due_between(FIRST, date(2025, 6, 30))
    assert (half.due, half.loans) == (5 * INSTALMENT, 2)
    assert half.paid_on_time == 2 * INSTALMENT + 36_53
    paid = sum(row.principal_units for row in paying.splits.filter(replaced_at=None))
    paid += sum(row.principal_units for row in new.splits.filter(value_date__gt=DAY))
    assert half.principal_paid == paid
    assert half.ever_due == half.principal
    (cohort,) = figures.cohorts(figures.cube(DAY))
    assert (cohort.loans, cohort.lent) == (whole[0].loans, whole[0].lent) == (1, 1_200_00)
    settings.DATA_DIR, settings.COLUMNS = tmp_path, True
    make_copy()
    for day in DAYS:
        assert figures.cube(day).standing() == figures.cube(day, copied=False).standing(), day
    assert figures.cube(DAY).copied_at is not None


def test_a_loan_taken_over_as_it_stood_has_no_history_here(world: World) -> None:
    lists, _p = old_books.book_of(world, old_books.half_even)
    old_books.signed(world, old_books.decided(world, lists, {"preset": "handup-declining"}))
    cut = old_books.CUTOVER
    for day in (date(2025, 3, 1), cut, date(2025, 12, 31)):
        holds_with_the_rule(day)
    assert figures.portfolio(date(2025, 3, 1)).loans == 0
    half = fallen_due.due_between(FIRST, cut)
    early = Loan.objects.filter(dues__due_date__lt=cut).distinct()
    assert early.exists()
    assert fallen_due.on_time(half).percent in (None, 100)
    cumulative = fallen_due.repaid_cumulative(half)
    assert cumulative.percent is not None
    assert 0 < cumulative.percent <= 100
    year = fallen_due.repaid_cumulative(fallen_due.due_between(FIRST, date(2025, 12, 31)))
    assert year.numerator == half.principal_paid
    assert year.denominator > cumulative.denominator


def test_what_fell_due_and_was_moved_afterwards_fell_due_on_its_day(
    world: World, loan: Loan
) -> None:
    spring = (date(2025, 2, 1), date(2025, 3, 31))
    before = fallen_due.due_between(*spring)
    proposal = services.propose_reschedule(
        acting_staff=world.cast.officer,
        loan=loan,
        proposed_date=date(2025, 3, 20),
        reason="Ill",
        from_date=date(2025, 2, 15),
        shift_to=date(2025, 4, 15),
    )
    services.decide_change(
        acting_staff=world.cast.manager, proposal=proposal, value_date=date(2025, 3, 20)
    )
    due = fallen_due.due_between(*spring)
    assert (due.due, due.loans, due.paid_on_time) == (2 * INSTALMENT, 1, 0)
    assert due.due == before.due
    for day in (*DAYS, date(2025, 3, 20), spring[1]):
        holds_with_the_rule(day)
