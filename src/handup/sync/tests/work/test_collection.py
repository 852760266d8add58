"""Money collected on an officer's own phone: recorded once, in the till, and waiting for a second
person where it looks recorded already."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.models import Collection, EarlierRecord, Loan
from handup.lending.tests.cast import World, make_world, running
from handup.org.models import StaffUser
from handup.sync import services
from handup.sync.models import WorkFact
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.work_queries import work_of


@pytest.fixture
def world(db: None) -> World:
    """A programme with its lenders, product and borrower."""
    return make_world()


@pytest.fixture
def loan(world: World) -> Loan:
    """A running loan."""
    return running(world)


def collected(loan: Loan, units: int, **more: Any) -> dict[str, Any]:
    """One loan's payment on a round of today, counted."""
    day = timezone.localdate().isoformat()
    body = {"data_date": day, "counted_units": units}
    body |= {"lines": [{"loan": str(loan.pk), "units": units}]}
    return {
        "id": str(new_id()),
        "name": "record_collection",
        "happened_date": day,
        "recorded_at": f"{day}T10:15:00+00:00",
        "body": body | more,
    }


def test_a_round_is_recorded_once_and_the_same_money_again_waits(world: World, loan: Loan) -> None:
    cashier: StaffUser = world.cast.cashier
    device = own_phone(cashier).device
    first = collected(loan, 50_00)
    wrong = collected(loan, 50_00, counted_units=49_00)
    old = (timezone.localdate() - timedelta(days=60)).isoformat()
    again = collected(loan, 50_00, data_date=old)
    answers = services.receive_work([first, wrong], acting_staff=cashier, device=device)
    assert states(answers) == ["DONE", "WAITING"], answers
    answers = services.receive_work([first, again], acting_staff=cashier, device=device)
    assert states(answers) == ["DONE", "HANDED_ON"], answers
    assert (Collection.objects.count(), EarlierRecord.objects.count()) == (1, 1)
    assert WorkFact.objects.get(pk=first["id"]).office_id == loan.office_id


def test_the_pack_names_the_loans_of_its_holder_with_what_is_due(world: World, loan: Loan) -> None:
    cashier: StaffUser = world.cast.cashier
    loan.officer = cashier
    loan.save(update_fields=("officer",))
    pack, persons = work_of(cashier)
    (told,) = pack["loans"]
    assert (told["loan_id"], told["code"], told["currency"]) == (loan.pk, loan.code, loan.currency)
    assert told["due_units"] + told["late_units"] > 0
    assert loan.person_id in persons
