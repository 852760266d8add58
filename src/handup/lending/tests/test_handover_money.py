"""What goes to another house is held equal to the last unit, currency by currency, and only the
numbers of the programme go with it.
"""

import pytest

from handup.lending.handover_mover import NUMBERED
from handup.lending.models import Loan, LoanEvent
from handup.lending.services.rows import LETTERS, number_of
from handup.lending.tests.cast import World, make_world
from handup.lending.tests.test_handover import prepared
from handup.people.models import Person
from handup.projects import handover
from handup.projects.carrying.gather import gather
from handup.projects.carrying.totals import totals
from handup.projects.models import FundingAgreement, Organisation
from handup.projects.rules.handover import Total, differences


@pytest.fixture
def house(db: None) -> tuple[World, list[Person]]:
    """A house whose programme is handed over: her with a running loan, two without."""
    world = make_world()
    return world, prepared(world)[1]


def test_money_that_is_one_unit_less_in_the_other_house_is_a_difference(
    house: tuple[World, list[Person]],
) -> None:
    world, persons = house
    row = FundingAgreement.objects.create(
        programme=world.programme,
        funder=Organisation.objects.get(code="OWN"),
        kind="GRANT",
        currency="RWF",
        amount_units=543_000_000,
    )
    going = gather(handover.movers, world.programme, [one.pk for one in persons])
    here = totals(handover.movers, going.rows)
    assert Total("projects.FundingAgreement amount_units", 1, 543_000_000, "RWF") in here
    loan = Loan.objects.get()
    paid = list(LoanEvent.objects.values_list("units", flat=True))
    events = Total("lending.LoanEvent units", len(paid), sum(paid), loan.currency)
    assert events in here
    assert sum(paid) > 0
    FundingAgreement.objects.filter(pk=row.pk).update(amount_units=542_999_999)
    assert differences(here, totals(handover.movers, going.rows)) == (
        "projects.FundingAgreement amount_units RWF: 1 / 543000000 ≠ 1 / 542999999",
    )


def test_a_number_is_known_by_its_letter_and_check_digit() -> None:
    assert set(NUMBERED) == set(LETTERS)
    assert number_of("LOAN", "L0000034") == 3
    assert number_of("LOAN", "L0000035") == number_of("LOAN", "S0000034") == 0
