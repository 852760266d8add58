"""Cash that was taken in for a loan which ended since its sheet was made counts where its debt goes
on.
"""

from datetime import timedelta
from typing import Any

from handup.lending import services
from handup.lending.models import Loan
from handup.lending.rules.codes import EventKind, LenderMode
from handup.lending.services import CollectedIn
from handup.lending.tests.cast import World, clean, make_person, running
from handup.lending.tests.test_collection import DAY, collect
from handup.lending.tests.test_transfers import lender, moved
from handup.org.tests.standing import standing


@standing
def other(world: World) -> Loan:
    """A second borrower's loan."""
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    return running(world, person=person)


def test_cash_taken_for_a_loan_that_ended_since_is_written_down(
    world: World, loan: Loan, other: Loan
) -> None:
    """One loan of the sheet was written off, one moved to another lender, one was paid off by a new
    loan: the whole money is counted and each counts where its debt goes on.
    """
    money: dict[str, Any] = {"reason": "gone", "proposed_date": DAY}
    lost = services.propose_write_off(acting_staff=world.cast.officer, loan=other, **money)
    services.write_off_loan(acting_staff=world.cast.manager, proposal=lost, value_date=DAY)
    there = lender(world, "THERE", LenderMode.DIRECT, world.book)
    new = moved(world, loan, there, proposed_date=DAY - timedelta(days=1))
    again = moved(world, new, world.direct, proposed_date=DAY)
    row = collect(
        world,
        CollectedIn(loan.pk, 50_00),
        CollectedIn(other.pk, 100_00),
        held_date=DAY - timedelta(days=2),
        data_date=DAY - timedelta(days=2),
    )
    kept = {line.loan_id: line.event for line in row.lines.select_related("event")}
    paid, recovered = kept[loan.pk], kept[other.pk]
    assert paid is not None
    assert recovered is not None
    assert (paid.loan_id, paid.kind, paid.value_date) == (again.pk, EventKind.REPAID, DAY)
    assert (recovered.loan_id, recovered.kind, recovered.units) == (other.pk, "RECOVERED", 100_00)
    clean()
