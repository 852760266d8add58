"""What several tests stand on: the chain of the worked table, milk from farm to shop, and a signed
contract for it."""

from datetime import date, timedelta

from handup.markets.models import ChainRound, SupplyContract, ValueChain
from handup.markets.models.labels import BaseUnit, Stage
from handup.markets.rules.contracts import Answer, Point
from handup.markets.services import (
    FlowIn,
    add_actor,
    contracts,
    open_chain,
    record_round,
    register_commodity,
)
from handup.org.models import Office, StaffUser
from handup.projects.models import Organisation, Programme

DAY = date(2026, 3, 2)
MILK = ((600, 410, 0), (750, 60, 200), (1_400, 380, 500), (1_800, 120, 300))


def milk_chain(staff: StaffUser, programme: Programme, office: Office | None) -> ValueChain:
    """The chain with its four actors."""
    milk = register_commodity(acting_staff=staff, code="MILK", name="Milk", base_unit=BaseUnit.L)
    chain = open_chain(
        acting_staff=staff,
        programme=programme,
        office=office,
        commodity=milk,
        code="MILK",
        title="Milk from farm to shop",
    )
    for stage, name in (
        (Stage.PRODUCTION, "Producer"),
        (Stage.COLLECTION, "Collector"),
        (Stage.PROCESSING, "Processor"),
        (Stage.RETAIL, "Retailer"),
    ):
        add_actor(acting_staff=staff, chain=chain, stage=stage, name=name, people=20, women=12)
    return chain


def flows(chain: ValueChain, told: tuple[tuple[int, int, int], ...] = MILK) -> list[FlowIn]:
    """What its actors told."""
    actors = chain.actors.order_by("position")
    return [FlowIn(actor, *numbers) for actor, numbers in zip(actors, told, strict=True)]


def milk_round(staff: StaffUser, chain: ValueChain, day: date = DAY) -> ChainRound:
    """A round of the worked table."""
    return record_round(
        acting_staff=staff,
        chain=chain,
        taken_date=day,
        flows=flows(chain),
        source="12 farmers asked",
        today=day,
    )


def signed_contract(
    boss: StaffUser, programme: Programme, office: Office, on: date
) -> SupplyContract:
    """2 000 kg of milk of two grades, an advance of 300 000, signed."""
    milk = register_commodity(acting_staff=boss, code="MILK", name="Milk", base_unit=BaseUnit.KG)
    row = contracts.offer_contract(
        acting_staff=boss,
        programme=programme,
        office=office,
        code="C-1",
        seller=Organisation.objects.create(code="COOP", name="Hill cooperative"),
        buyer=Organisation.objects.create(code="BUY", name="Town dairy"),
        commodity=milk,
        terms=contracts.Terms(
            quantity=2_000,
            place="Hill store",
            starts=on,
            ends=on + timedelta(days=90),
            advance_units=300_000,
            payment_days=10,
        ),
        grades={"A": 600, "B": 540},
    )
    clear = {point.value: Answer(clear=True) for point in Point}
    contracts.check_contract(acting_staff=boss, contract=row, answers=clear, on=on)
    return contracts.sign_contract(
        acting_staff=boss, contract=row, signed_by="Vera", signed_date=on, today=on
    )
