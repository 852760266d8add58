"""Deliveries under a contract weighed on a phone: carried with their prices, stored once at the
price of the contract, and what differs waits for another person."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.markets.models import Delivery, SupplyContract
from handup.markets.rules.contracts import ContractState
from handup.markets.services import contracts
from handup.markets.tests.ground import signed_contract
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.models import WorkFact
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import member_of_staff

TODAY = timezone.localdate()


@pytest.fixture
def boss(db: None) -> StaffUser:
    """Who offers contracts and looks at what waits."""
    return member_of_staff("boss", Role.MANAGER)


@pytest.fixture
def out(db: None) -> StaffUser:
    """A field officer at the store, who decides elsewhere."""
    return member_of_staff("out", Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR)


@pytest.fixture
def contract(boss: StaffUser, programme: Programme, office: Office) -> SupplyContract:
    """2 000 kg of two grades, an advance of 300 000, signed."""
    return signed_contract(boss, programme, office, TODAY)


def weighed(row: SupplyContract, delivered: int, slip: str, **more: Any) -> dict[str, Any]:
    """Goods of grade A as the phone tells them."""
    body = {
        "contract": str(row.pk),
        "grade": str(row.grades.get(name="A").pk),
        "delivered": delivered,
        "slip": slip,
        "given_by": "Vera",
        "taken_by": "Ani",
        "price_units": 600,
    }
    return told("deliver_on_contract", body | more, TODAY.isoformat())


def test_the_phone_carries_contracts_that_take_goods_and_how_far_they_came(
    boss: StaffUser, out: StaffUser, contract: SupplyContract
) -> None:
    device = own_phone(out).device
    fact = weighed(contract, 500, "17", rejected=20, reject_reason="sour")
    assert states(services.receive_work([fact, fact], acting_staff=out, device=device)) == [
        "DONE",
        "DONE",
    ]
    row = Delivery.objects.get()
    assert (str(row.pk), row.slip, row.given_by, row.taken_by) == (fact["id"], "17", "Vera", "Ani")
    assert (row.value_units, row.deduction_units) == (288_000, 86_400)
    (one,) = work_of(out)[0]["contracts"]
    assert [(grade["name"], grade["price_units"]) for grade in one["grades"]] == [
        ("A", 600),
        ("B", 540),
    ]
    assert (one["seller"], one["buyer"], one["delivered"]) == (
        "Hill cooperative",
        "Town dairy",
        500,
    )
    assert (one["advance_left_units"], one["own"]) == (213_600, [row.pk])
    (hers,) = work_of(boss)[0]["contracts"]
    assert hers["own"] == [], "what another told is counted, and not hers"
    contracts.move_contract(
        acting_staff=boss, contract=contract, state=ContractState.FULFILLED, reason="All came"
    )
    assert work_of(out)[0]["contracts"] == []


def test_what_differs_from_the_contract_waits_and_another_person_takes_it_at_its_price(
    boss: StaffUser, out: StaffUser, contract: SupplyContract, client: Client, settings: Any
) -> None:
    device = own_phone(out).device
    facts = [
        weighed(contract, 500, "AB 17"),
        weighed(contract, 500, "ab17"),
        weighed(contract, 400, "18", price_units=650),
        weighed(contract, 1_800, "19"),
        weighed(contract, 10, "20", rejected=11),
        weighed(contract, 0, "21"),
        weighed(contract, 10**13, "22"),
        weighed(contract, 10, ""),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    waits, refused = ["WAITING"] * 3, ["REFUSED"] * 4
    assert states(answers) == ["DONE", *waits, *refused]
    assert "ab17" in answers[1].reason
    assert "6.50" in answers[2].reason
    assert Delivery.objects.count() == 1
    dear = WorkFact.objects.get(pk=facts[2]["id"])
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(boss)
    page = client.get(f"/sync/work/{dear.pk}/").content.decode()
    assert f"/markets/contracts/{contract.pk}/" in page
    same = services.take_work_again(acting_staff=out, fact=dear)
    assert same.state == "WAITING", "nobody looks at her own"


def test_another_person_takes_it_and_the_contract_says_the_price(
    boss: StaffUser, out: StaffUser, contract: SupplyContract
) -> None:
    device = own_phone(out).device
    fact = weighed(contract, 400, "18", price_units=650)
    services.receive_work([fact], acting_staff=out, device=device)
    row = WorkFact.objects.get(pk=fact["id"])
    assert services.take_work_again(acting_staff=boss, fact=row).state == "DONE"
    kept = Delivery.objects.get()
    assert (kept.price_units, kept.recorded_by) == (600, out)
    assert kept.reason
