"""Any day is answered from the dated rows, and equals the fold; verify finds what was tampered."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from handup.lending import queries, services, verify
from handup.lending.models import Loan, LoanDue
from handup.lending.rules.codes import LoanState
from handup.lending.rules.ratios import Position
from handup.lending.services import RepaymentIn
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, make_person, repay, running
from handup.org import verify as house
from handup.org.tests.standing import standing

FEBRUARY, MARCH, APRIL = date(2025, 2, 15), date(2025, 3, 15), date(2025, 4, 15)


@standing
def other(world: World) -> Loan:
    """A second loan that is paid in time."""
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    loan = running(world, person=person)
    instalment = loan.dues.get(number=1).due_units
    for day in (FEBRUARY, MARCH):
        repay(world, loan, day, instalment)
    return loan


def position(loan: Loan, on: date) -> Position | None:
    return next((item for item in queries.positions(on) if item.loan_id == loan.pk), None)


@pytest.mark.parametrize("days", [0, 20, 31, 32, 60, 61, 91, 200, 400])
def test_positions_of_any_day_are_the_folds(
    world: World, loan: Loan, other: Loan, days: int
) -> None:
    repay(world, loan, date(2025, 3, 1), 150_00)
    repay(world, loan, date(2025, 2, 20), 20_00)
    on = date(2025, 1, 15) + timedelta(days=days)
    for item in (loan, other):
        state = state_as_of(item, on)
        found = position(item, on)
        assert found is not None
        assert found.principal_units == state.principal
        assert found.arrears_days == state.arrears_days(on)
        assert found.overdue_units == sum(state.overdue(on))
        assert found.overdue_principal_units == state.overdue(on)[3]


def test_before_it_was_paid_out_a_loan_has_no_position(loan: Loan) -> None:
    assert queries.positions(date(2025, 1, 14)) == []


def test_a_day_as_it_was_known_then(world: World, loan: Loan) -> None:
    before = timezone.now()
    repay(world, loan, FEBRUARY, 113_47)
    now = position(loan, MARCH)
    then = queries.positions(MARCH, known_at=before)
    assert now is not None
    assert now.principal_units < then[0].principal_units == 1_200_00
    state = state_as_of(loan, MARCH, before)
    assert state.principal == 1_200_00
    assert queries.positions(MARCH, known_at=datetime(2020, 1, 1, tzinfo=UTC)) == []


def test_portfolio_at_risk_of_any_day(world: World, loan: Loan, other: Loan) -> None:
    par = queries.portfolio_at_risk(date(2025, 3, 18), 30)
    assert par.numerator_ids == (loan.pk,)
    assert par.numerator == 1_200_00
    assert set(par.denominator_ids) == {loan.pk, other.pk}
    assert queries.portfolio_at_risk(date(2025, 3, 17), 30).numerator == 0


def test_a_portfolio_is_the_readers_own(world: World, loan: Loan, other: Loan) -> None:
    mine = Loan.objects.filter(pk=other.pk)
    assert queries.portfolio_at_risk(APRIL, 30, mine).denominator_ids == (other.pk,)
    assert queries.positions(APRIL, Loan.objects.none()) == []


def test_who_is_late_longest_comes_first(world: World, loan: Loan, other: Loan) -> None:
    late = queries.loans_in_arrears(date(2025, 4, 20))
    assert [item.loan.pk for item in late] == [loan.pk, other.pk]
    assert [item.position.arrears_days for item in late] == [64, 5]


def test_the_sheet_of_a_day_parts_due_from_late(world: World, loan: Loan, other: Loan) -> None:
    lines = {line.loan.pk: line for line in queries.due_on(APRIL)}
    instalment = loan.dues.get(number=3).due_units
    assert (lines[loan.pk].due_units, lines[other.pk].due_units) == (instalment, instalment)
    assert lines[loan.pk].late_units == 2 * instalment
    assert lines[other.pk].late_units == 0
    assert lines[loan.pk].total_units == 3 * instalment
    assert queries.due_on(APRIL, officer=UUID(int=1)) == []
    assert len(queries.due_on(APRIL, officer=world.cast.officer.pk)) == 2


def test_the_ratios_of_a_period(world: World, loan: Loan, other: Loan) -> None:
    repay(world, loan, date(2025, 3, 20), loan.dues.get(number=1).due_units)
    on_time = queries.on_time(date(2025, 2, 1), date(2025, 3, 31))
    assert on_time.percent_text == "50.0"
    repaid = queries.repaid_principal(date(2025, 3, 31))
    assert repaid.percent_text == "74.8"
    assert repaid.denominator == sum(
        due.principal_units for due in LoanDue.objects.filter(due_date__lte=date(2025, 3, 31))
    )
    current = queries.recovery_current(date(2025, 3, 1), date(2025, 3, 31))
    assert current.percent_text == "100.0"
    assert set(current.numerator_ids) == {loan.pk, other.pk}


def test_repaid_by_number_keeps_write_offs_below_the_line(
    world: World, loan: Loan, other: Loan
) -> None:
    rest = sum(due.due_units - due.paid_units for due in other.dues.all())
    repay(world, other, date(2025, 6, 1), rest)
    proposal = services.propose_write_off(
        acting_staff=world.cast.manager, loan=loan, proposed_date=APRIL, reason="Left"
    )
    services.write_off_loan(
        acting_staff=world.cast.director, proposal=proposal, value_date=timezone.localdate()
    )
    ratio = queries.repaid_number(date(2026, 2, 1))
    assert (ratio.numerator, ratio.denominator) == (1, 2)
    assert ratio.numerator_ids == (other.pk,)
    today = timezone.localdate()
    lost = queries.write_off_ratio(today, today, [FEBRUARY])
    assert lost.numerator == 1_200_00
    assert position(loan, today) is None
    assert position(loan, APRIL) is not None


def test_splits_of_a_loan_in_order(world: World, other: Loan) -> None:
    assert [split.number for split in queries.splits_of(other)] == [1, 2]


def tamper(sql: str, pk: UUID) -> None:
    """Change a row behind the program's back."""
    key = pk if connection.features.has_native_uuid_field else pk.hex
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])


def failing() -> set[str]:
    """The lending checks that find something."""
    return {
        outcome.check.code
        for outcome in house.run_checks(only=[check.code for check in verify.CHECKS])
        if not outcome.holds
    }


def test_verify_is_clean_after_ordinary_work(world: World, loan: Loan, other: Loan) -> None:
    services.record_repayments(
        [RepaymentIn(loan.pk, day, 37_11) for day in (APRIL, FEBRUARY, MARCH)],
        acting_staff=world.cast.accountant,
    )
    assert failing() == set()


def test_verify_finds_a_changed_projection(loan: Loan) -> None:
    tamper("UPDATE lending_loan SET principal_units = 1 WHERE id = %s", loan.pk)
    assert failing() == {"LENDING_ACCOUNTS", "LENDING_LOANS", "LENDING_ALL_LOANS"}


def test_verify_finds_a_changed_row(world: World, other: Loan) -> None:
    due = other.dues.get(number=1)
    tamper("UPDATE lending_loandue SET interest_paid_units = 0 WHERE id = %s", due.pk)
    assert failing() == {"LENDING_SPLITS"}


def test_verify_finds_a_loan_settled_by_hand(loan: Loan) -> None:
    Loan.objects.filter(pk=loan.pk).update(state=LoanState.SETTLED)
    assert failing() == {"LENDING_LOANS", "LENDING_ALL_LOANS"}
