"""Lending through its services: application to disbursement, single repayments, the batch form.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from bench import Figure, benchmark, clock

TERMS = {"instalments": 24}


def from_application_to_disbursement(world: Any, people: Sequence[Any]) -> list[Any]:
    """Lend to some persons through the five services, each called once for all of them."""
    from handup.lending import services
    from handup.lending.rules.codes import Outcome
    from handup.lending.services import (
        AgreementIn,
        ApplicationIn,
        AppraisalIn,
        DecisionIn,
        DisbursementIn,
    )
    from handup.lending.tests.cast import START

    cast = world.cast
    asked = [
        ApplicationIn(
            programme=world.programme,
            product_version=world.product,
            units=900_00,
            instalments=24,
            purpose="Sewing machine",
            submitted_date=START - timedelta(days=10),
            person=person,
            office=world.office,
            officer=cast.officer,
            advisor=cast.advisor,
        )
        for person in people
    ]
    rows = services.apply_for_loans(asked, acting_staff=cast.advisor)
    services.appraise_applications(
        [AppraisalIn(row, START - timedelta(days=5), Outcome.APPROVE) for row in rows],
        acting_staff=cast.appraiser,
    )
    services.decide_applications(
        [DecisionIn(row, Outcome.APPROVE, START - timedelta(days=3)) for row in rows],
        acting_staff=cast.committee,
    )
    loans = services.sign_agreements(
        [AgreementIn(row, START) for row in rows], acting_staff=cast.officer
    )
    services.disburse_loans(
        [DisbursementIn(loan.pk, START) for loan in loans], acting_staff=cast.manager
    )
    return loans


@benchmark()
def one_loan_at_a_time() -> Iterator[Figure]:
    """A 24-month loan from application to disbursement, one at a time and as a committee's day of
    50 of them; then repayments at the counter.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from handup.kernel.ids import new_id
    from handup.lending import services
    from handup.lending.tests.cast import fill, make_person, make_product, make_world

    world = make_world()
    fill(world.book, 1_000_000_00, world.cast.manager)
    world.product = make_product(world.cast, world.direct, "BENCH", terms=TERMS)
    loans, day = 150, 50
    people = [
        make_person(world.programme, world.office, world.cast.advisor, f"Participant {number:04}")
        for number in range(2 * loans + 2)
    ]
    from_application_to_disbursement(world, [people.pop()])
    with CaptureQueriesContext(connection) as seen:
        from_application_to_disbursement(world, [people.pop()])
    yield Figure("application to disbursement, statements", len(seen), "statements", 1)
    made: list[Any] = []
    with clock() as measured:
        for person in people[:loans]:
            made += from_application_to_disbursement(world, [person])
    yield Figure("application to disbursement", loans / measured.seconds, "per second", loans)
    with clock() as measured:
        for start in range(loans, 2 * loans, day):
            from_application_to_disbursement(world, people[start : start + day])
    yield Figure(
        f"application to disbursement, {day} at once", loans / measured.seconds, "per second", loans
    )
    today, rounds = timezone.localdate(), 4
    with clock() as measured:
        for _ in range(rounds):
            for loan in made:
                services.record_repayment(
                    acting_staff=world.cast.cashier,
                    loan=loan,
                    value_date=today,
                    units=40_00,
                    id=new_id(),
                )
    yield Figure(
        "record_repayment", rounds * loans / measured.seconds, "per second", rounds * loans
    )
    with CaptureQueriesContext(connection) as seen:
        services.record_repayment(
            acting_staff=world.cast.cashier,
            loan=made[0],
            value_date=today,
            units=40_00,
            id=new_id(),
        )
    yield Figure("record_repayment, statements", len(seen), "statements", 1)


@benchmark()
def a_whole_portfolio() -> Iterator[Figure]:
    """Loans of an existing book and their repayments, as the demonstration loads them."""
    from handup.lending import services
    from handup.lending.queries import portfolio_at_risk
    from handup.lending.rules.codes import Source
    from handup.lending.services import ExistingLoanIn, RepaymentIn
    from handup.lending.tests.cast import fill, make_person, make_world

    world = make_world()
    fill(world.book, 10_000_000_00, world.cast.manager)
    loans, months, start = 1_000, 11, date(2024, 1, 15)
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    items = [
        ExistingLoanIn(
            lender=world.direct,
            programme=world.programme,
            terms={"currency": "USD", "rate_ppm": 180_000, "instalments": 12},
            units=1_000_00 + number,
            disbursed_date=start + timedelta(days=number % 28),
            officer=world.cast.officer,
            person=person,
            office=world.office,
            external_reference=f"B{number:05}",
        )
        for number in range(loans)
    ]
    with clock() as measured:
        made = services.enter_loans(items, acting_staff=world.cast.accountant)
    yield Figure("enter_loans in batches", loans / measured.seconds, "per second", loans)
    paid = [
        RepaymentIn(loan.pk, start + timedelta(days=30 * month), 91_00, source=Source.IMPORT)
        for month in range(1, months + 1)
        for loan in made
        if loan.disbursed_date is not None and loan.disbursed_date < start + timedelta(days=29)
    ]
    with clock() as measured:
        services.record_repayments(paid, acting_staff=world.cast.accountant)
    yield Figure(
        "record_repayments in batches", len(paid) / measured.seconds, "per second", len(paid)
    )
    with clock() as measured:
        portfolio_at_risk(start + timedelta(days=200))
    yield Figure("portfolio at risk of any day", measured.seconds * 1000, "ms", loans)
