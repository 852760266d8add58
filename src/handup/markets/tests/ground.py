"""What several tests stand on: the chain of the worked table, milk from farm to shop."""

from datetime import date

from handup.markets.models import ChainRound, ValueChain
from handup.markets.models.labels import BaseUnit, Stage
from handup.markets.services import (
    FlowIn,
    add_actor,
    open_chain,
    record_round,
    register_commodity,
)
from handup.org.models import Office, StaffUser
from handup.projects.models import Programme

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
