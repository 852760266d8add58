"""A facility or guarantee that ran out, or is used up, lends no more."""

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.ledger.services import LineIn, Source, post_entry
from handup.lending import facts, services
from handup.lending.errors import StopRule
from handup.lending.models import (
    Application,
    Decision,
    Facility,
    Guarantee,
    Lender,
    Loan,
    LoanEvent,
)
from handup.lending.rules.codes import EventKind, LenderMode, LoanState
from handup.lending.rules.eligibility import Stop
from handup.lending.services.limits import overdrawn_on
from handup.lending.tests.cast import (
    START,
    World,
    approved,
    guaranteed,
    make_person,
    make_product,
    running,
    signed,
    staff,
)
from handup.org.rules.access import Role
from handup.org.tests.standing import standing


@standing
def facility(world: World) -> Lender:
    """A bank that lends up to 1,000.00 of our money."""
    lender = services.open_lender(
        acting_staff=world.cast.manager,
        code="FAC",
        name="Third bank",
        mode=LenderMode.BANK_FACILITY,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
        book=world.book,
    )
    services.place_facility(
        acting_staff=world.cast.director,
        lender=lender,
        limit_units=1_000_00,
        signed_date=date(2020, 1, 1),
        expiry_date=START,
    )
    world.product = make_product(world.cast, lender, "FACP")
    return lender


def sign(world: World, application: Application) -> Loan:
    return services.sign_agreement(
        acting_staff=world.cast.officer, application=application, signed_date=START
    )


def test_an_expired_or_missing_facility_holds_nothing(world: World, facility: Lender) -> None:
    assert facts.limits(facility, START).facility_units == 1_000_00
    assert facts.limits(facility, START + timedelta(days=1)).facility_units == 0
    Facility.objects.all().delete()
    assert facts.limits(facility, START).facility_units == 0


def test_more_than_the_facility_is_stopped_at_appraisal(world: World, facility: Lender) -> None:
    with pytest.raises(StopRule, match="facility"):
        approved(world, 1_000_01)
    assert not Decision.objects.exists()


def test_what_expired_before_the_money_went_is_not_paid_out(world: World, facility: Lender) -> None:
    loan = signed(world, 1_000_00)
    with pytest.raises(StopRule):
        services.disburse_loan(
            acting_staff=world.cast.manager, loan=loan, value_date=START + timedelta(days=1)
        )
    assert not LoanEvent.objects.filter(kind=EventKind.DISBURSED).exists()


def test_two_who_were_approved_for_the_same_room_do_not_both_sign(world: World) -> None:
    lender = guaranteed(world, deposit_units=500_00)
    world.product = make_product(world.cast, lender, "GUAP")
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    first, second = approved(world, 1_000_00), approved(world, 1_000_00, person=other)
    loan = sign(world, first)
    with pytest.raises(StopRule):
        sign(world, second)
    assert Loan.objects.count() == 1
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert facts.limits(lender, START).guarantee_units == 0


def test_a_guarantee_that_ran_out_is_below_zero_by_what_it_covered(world: World) -> None:
    lender = guaranteed(world)
    world.product = make_product(world.cast, lender, "GUAP")
    running(world, 1_000_00)
    Guarantee.objects.update(expiry_date=START - timedelta(days=1))
    assert facts.limits(lender, START).guarantee_units == -1_000_00


def write_off(world: World, pairs: list[tuple[Loan, date]]) -> None:
    proposals = services.propose_write_offs(
        [services.WriteOffIn(loan, day, "Gone") for loan, day in pairs],
        acting_staff=world.cast.officer,
    )
    services.write_off_loans(
        [
            services.WriteOffDecisionIn(row, day)
            for row, (_loan, day) in zip(proposals, pairs, strict=True)
        ],
        acting_staff=staff(f"by{pairs[0][1].day}", Role.FINANCE_MANAGER),
    )


@pytest.mark.parametrize("together", [False, True])
def test_an_allowance_is_used_once_by_write_offs_of_earlier_days(
    world: World, together: bool
) -> None:
    post_entry(
        acting_staff=world.cast.manager,
        book=world.book,
        kind="PROVISION",
        source=Source("test", "PROVISION", new_id()),
        lines=[
            LineIn(units=500_00, account_role="IMPAIRMENT"),
            LineIn(units=-500_00, account_role="ALLOWANCE"),
        ],
        happened_date=date(2025, 2, 1),
    )
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    loans = (running(world, 500_00), running(world, 500_00, person=other))
    days = (date(2025, 6, 10), date(2025, 6, 5))
    if together:
        write_off(world, list(zip(loans, days, strict=True)))
    else:
        for pair in zip(loans, days, strict=True):
            write_off(world, [pair])
    assert balance(world.book, "ALLOWANCE") == 0
    assert balance(world.book, "IMPAIRMENT") == 1_000_00


def test_many_days_of_one_lender_are_judged_from_one_reading_of_its_loans(
    world: World, facility: Lender, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    services.place_facility(
        acting_staff=world.cast.director,
        lender=facility,
        limit_units=300_00,
        signed_date=START - timedelta(days=5),
        expiry_date=START + timedelta(days=5),
    )
    loan = signed(world, 900_00)
    days = [START + timedelta(days=offset) for offset in range(-10, 11)]
    with django_assert_num_queries(2):
        found = facts.limits_on(facility, days)
    assert found == {on: facts.limits(facility, on) for on in days}
    assert [found[on].facility_units for on in (days[0], START, days[11], days[-1])] == [
        100_00,
        400_00,
        -600_00,
        -900_00,
    ]
    assert overdrawn_on(facility, days[:11]) is None
    assert overdrawn_on(facility, days) is Stop.LIMIT_FACILITY
    assert loan.state == LoanState.AGREED


def test_one_day_on_which_the_facility_has_run_out_refuses_the_whole_batch(
    world: World, facility: Lender
) -> None:
    loans = [
        signed(
            world,
            100_00,
            person=make_person(
                world.programme, world.office, world.cast.advisor, f"Participant {number:04}"
            ),
        )
        for number in range(2)
    ]
    with pytest.raises(StopRule, match="facility"):
        services.disburse_loans(
            [
                services.DisbursementIn(loan.pk, START + timedelta(days=offset))
                for offset, loan in enumerate(loans)
            ],
            acting_staff=world.cast.cashier,
        )
    assert not LoanEvent.objects.filter(kind=EventKind.DISBURSED).exists()
