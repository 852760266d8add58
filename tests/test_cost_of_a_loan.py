"""What a loan of 24 months costs the database from application to disbursement: the way that
`bench.lending` measures by the clock, counted.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.lending import TERMS, from_application_to_disbursement
from handup.lending.models import LoanDue
from handup.lending.tests.cast import fill, make_person, make_product, make_world

MOST = 66


@pytest.mark.django_db
def test_a_loan_reaches_its_borrower_in_at_most_sixty_six_statements() -> None:
    world = make_world()
    fill(world.book, 10_000_00, world.cast.manager)
    world.product = make_product(world.cast, world.direct, "COUNTED", terms=TERMS)
    people = [
        make_person(world.programme, world.office, world.cast.advisor, f"Participant {number}")
        for number in range(2)
    ]
    from_application_to_disbursement(world, people[:1])
    with CaptureQueriesContext(connection) as seen:
        (loan,) = from_application_to_disbursement(world, people[1:])
    assert LoanDue.objects.filter(loan=loan).count() == 24
    assert len(seen) <= MOST, [query["sql"][:80] for query in seen]
