"""Due dates and the calendar: a day without business moves them as the product says, and a calendar
that changes later moves no schedule that is in force.
"""

from datetime import date
from typing import Any

import pytest

from handup.lending import services
from handup.lending.models import Loan
from handup.lending.tests.cast import START, World, approved, clean, make_product, repay, staff
from handup.lending.tests.test_agreed import agree, rows
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.org.services import enter_closed_day

SATURDAY = date(2025, 2, 15)
MONDAY = date(2025, 2, 17)


def close(world: World, day: date, **place: Any) -> None:
    administrator = staff(f"admin-{StaffUser.objects.count()}", Role.ADMINISTRATOR)
    enter_closed_day(acting_staff=administrator, day=day, name="Holiday", **place)


def lent(world: World, code: str = "WORK", paid_out: date = START, **terms: Any) -> Loan:
    product = make_product(world.cast, world.direct, code, terms=terms)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, product_version=product),
        signed_date=START,
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=paid_out)
    loan.refresh_from_db()
    return loan


def first_due(loan: Loan) -> date:
    due_date: date = loan.dues.get(number=1).due_date
    return due_date


@pytest.mark.parametrize(
    ("rule", "moved"),
    [
        ("NONE", SATURDAY),
        ("NEXT", date(2025, 2, 18)),
        ("PREVIOUS", date(2025, 2, 14)),
        ("NEXT_SAME_MONTH", date(2025, 2, 18)),
    ],
)
def test_a_closed_day_moves_what_is_due_as_the_product_says(
    world: World, rule: str, moved: date
) -> None:
    close(world, SATURDAY)
    close(world, date(2025, 2, 16))
    close(world, MONDAY)
    loan = lent(world, off_day_rule=rule)
    assert loan.agreement is not None
    assert loan.agreement.schedule[0]["due_date"] == moved.isoformat()
    assert first_due(loan) == moved
    clean()


def test_working_days_and_holidays_are_kept_together(world: World) -> None:
    close(world, MONDAY)
    loan = lent(world, working_days=[1, 2, 3, 4, 5])
    assert first_due(loan) == date(2025, 2, 18)


def test_only_the_days_of_the_loans_own_office_count(world: World) -> None:
    other = Office.objects.create(code="FAR", name="Far away")
    close(world, SATURDAY, office=other)
    loan = lent(world)
    assert first_due(loan) == SATURDAY
    close(world, SATURDAY, office=world.office)
    assert first_due(lent(world, "AGAIN")) == date(2025, 2, 16)


def test_interest_keeps_the_unmoved_day_unless_the_product_says_otherwise(world: World) -> None:
    close(world, SATURDAY)
    kept = lent(world, "KEPT", day_count="DAYS_365")
    assert kept.dues.get(number=1).interest_units == 24_46
    moved = lent(world, "MOVED", day_count="DAYS_365", off_day_moves_interest=True)
    assert moved.dues.get(number=1).interest_units == 25_25
    clean()


def test_a_day_entered_later_moves_no_schedule_in_force(world: World) -> None:
    loan = lent(world)
    close(world, SATURDAY)
    assert first_due(loan) == SATURDAY
    repay(world, loan, MONDAY, 113_47)
    loan.refresh_from_db()
    assert first_due(loan) == SATURDAY
    assert loan.next_due_date == date(2025, 3, 15)
    clean()


def test_a_payment_on_the_moved_day_is_not_late(world: World) -> None:
    close(world, SATURDAY)
    loan = lent(world, penalty={"kind": "FIXED", "units": 5_00, "free_days": 0})
    repay(world, loan, date(2025, 2, 16), 113_47)
    split = loan.splits.get(replaced_at=None)
    assert (split.penalty_units, split.interest_units) == (0, 24_00)
    clean()


def test_a_day_entered_after_the_signature_moves_no_signed_schedule(world: World) -> None:
    product = make_product(world.cast, world.direct, "WORK")
    loan = services.sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, product_version=product),
        signed_date=START,
    )
    close(world, SATURDAY)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.agreement is not None
    signed = [row["due_date"] for row in loan.agreement.schedule]
    assert [row.due_date.isoformat() for row in loan.dues.order_by("number")] == signed
    assert first_due(loan) == SATURDAY


@pytest.mark.parametrize("first_due_on", [None, date(2025, 4, 15)])
def test_new_terms_keep_off_closed_days(world: World, first_due_on: date | None) -> None:
    loan = lent(world)
    close(world, date(2025, 5, 15))
    agree(
        world,
        loan,
        services.propose_restructure,
        proposed_date=date(2025, 3, 15),
        instalments=4,
        first_due=first_due_on,
    )
    found = [day for day, _principal, _interest in rows(loan) if day > date(2025, 4, 1)]
    assert found == [date(2025, 4, 15), date(2025, 5, 16), date(2025, 6, 15), date(2025, 7, 15)]
    clean()
