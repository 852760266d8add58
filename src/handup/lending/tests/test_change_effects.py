"""What a change of a loan adds to its principal: kept with its day, earned by the runs, replaced
when an earlier fact arrives later.
"""

from datetime import date

import pytest

from handup.kernel.credit.changes import Treatment
from handup.kernel.credit.codes import Component
from handup.ledger.models import RunDetail
from handup.ledger.services import post_accrual
from handup.lending.models import EventEffect, Loan
from handup.lending.rules.accrual import InterestRow, Restart, accrued
from handup.lending.rules.codes import Effect, EventKind
from handup.lending.rules.events import Event
from handup.lending.tests.cast import World
from handup.lending.tests.loans import event, repaid, restructured, reversal, terms
from handup.lending.tests.test_changed_rows import agrees, paid_out, store, stored_loan
from handup.lending.verify_runs import targets_are_the_fold
from handup.org.tests.standing import standing

TERMS = terms()
NEW = terms(instalments=4, rate_ppm=120_000)
DAY = date(2025, 3, 20)
MARCH = date(2025, 3, 31)


@standing
def ours(world: World) -> Loan:
    loan = stored_loan(world, TERMS, world.direct)
    store(world, loan, [paid_out(TERMS), repaid(date(2025, 2, 15), 90_000)])
    return loan


def anew(interest: Treatment = Treatment.CAPITALISE) -> Event:
    return restructured(DAY, NEW, interest=interest)


def kept(loan: Loan, what: Effect = Effect.CAPITALISED) -> int:
    """How much unpaid interest the loan's changes added to its principal, carried, handed over."""
    rows = EventEffect.objects.filter(loan=loan, what=what, component=Component.INTEREST)
    return sum(row.units for row in rows.filter(replaced_at=None))


def target(world: World, loan: Loan, through: date) -> int:
    """What the runs gave the loan by a day, which is what its events say."""
    post_accrual(acting_staff=world.cast.accountant, book=world.book, through=through)
    assert not list(targets_are_the_fold())
    details = RunDetail.objects.filter(subject_id=loan.pk, through__lte=through)
    return details.latest("run_no").target_units


# --- the rule -------------------------------------------------------------------------------------


def test_interest_of_new_rows_runs_from_the_day_of_the_change() -> None:
    rows = [InterestRow(date(2025, 2, 15), 300), InterestRow(date(2025, 4, 20), 310)]
    lent = date(2025, 1, 15)
    plain, carried = Restart(DAY), Restart(DAY, carried_units=62)
    assert accrued(rows, lent, DAY, plain) == 300
    assert accrued(rows, lent, MARCH, plain) == 300 + 110
    assert accrued(rows, lent, DAY, carried) == 362
    assert accrued(rows, lent, MARCH, carried) == 362 + 88
    assert accrued(rows, lent, date(2025, 4, 20), carried) == 610
    assert accrued(rows, lent, MARCH) == 300 + 213


# --- as it is stored ------------------------------------------------------------------------------


def test_what_was_added_is_earned_and_counts_on(world: World, ours: Loan) -> None:
    store(world, ours, [anew()])
    added = kept(ours)
    assert added == ours.capitalised_units > 0
    on_day = target(world, ours, DAY)
    assert on_day == ours.interest_paid_units + added
    later = target(world, ours, MARCH)
    first = ours.dues.filter(replaced_at=None, to_date=None, due_date__gt=DAY).first()
    assert first is not None
    days = (first.due_date - DAY).days
    assert later - on_day == pytest.approx(first.interest_units * 11 / days, abs=1)


@pytest.mark.parametrize("treated", Treatment)
def test_runs_give_each_loan_what_its_events_say(
    world: World, ours: Loan, treated: Treatment
) -> None:
    before = target(world, ours, date(2025, 2, 28))
    store(world, ours, [anew(treated)])
    on_day = target(world, ours, DAY)
    assert on_day > before or treated is Treatment.WAIVE
    for through in (MARCH, date(2025, 4, 30), date(2025, 12, 31)):
        target(world, ours, through)
    store(world, ours, [repaid(date(2025, 8, 1), 900_000)])
    whole = target(world, ours, date(2026, 1, 31))
    assert whole == ours.interest_paid_units + kept(ours)
    agrees(ours, [anew()])


def test_a_payment_that_arrives_later_replaces_what_was_added(world: World, ours: Loan) -> None:
    change = anew()
    store(world, ours, [change])
    first = kept(ours)
    late = repaid(date(2025, 3, 10), 50_000)
    store(world, ours, [late])
    assert 0 < kept(ours) < first
    store(world, ours, [reversal(late, DAY)])
    assert kept(ours) == first
    store(world, ours, [reversal(change, DAY)])
    assert not kept(ours)
    target(world, ours, MARCH)


def test_a_loan_handed_over_has_earned_what_went_with_it(world: World, ours: Loan) -> None:
    store(world, ours, [event(EventKind.TRANSFERRED, DAY)])
    gone = kept(ours, Effect.HANDED_OVER)
    assert (ours.principal_units, ours.state) == (0, "TRANSFERRED")
    assert gone > 0
    for through in (DAY, MARCH, date(2025, 12, 31)):
        assert target(world, ours, through) == ours.interest_paid_units + gone
    agrees(ours, [event(EventKind.TRANSFERRED, DAY)])
