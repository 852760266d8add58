"""A week of milk at one cooperative: two points, a dated rate chart, deliveries and a can that is
rejected, the gate, feed taken off, payslips approved and paid; bran bought together; filled cards.

Constructed values throughout: no source prints a delivery, a price or a mark.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from handup.demo.chance import number
from handup.demo.foundation import Ground
from handup.demo.grouping import GroupWorld
from handup.demo.people import Progress
from handup.groups import services as groups
from handup.groups.models import CollectionPoint, Group, Member, Producer
from handup.groups.models.collection import Finding, GateState, Rejection, Shift
from handup.groups.models.payslips import DeductionKind
from handup.groups.models.scoring import Given
from handup.groups.scorecards import card_of
from handup.groups.services import (
    bulk,
    collection,
    deductions,
    deliveries,
    deposits,
    paying,
    payslips,
    scoring,
)
from handup.groups.services.assembly import Votes
from handup.org.rules.access import Role

BEGAN = date(2005, 4, 4)
"""The Monday of the week that is told."""
DAYS = 7
PRODUCERS = 6
POINTS = ("Bridge", "School")
CHART = {
    "pricing": "TWO_AXIS",
    "fat_per_kg_x100": 4_500_00 * 100,
    "snf_per_kg_x100": 2_300_00 * 100,
    "kg_per_litre_x10000": 10_300,
    "snf_lactometer_x10000": 2_500,
    "snf_fat_x10000": 2_500,
    "snf_constant_x10000": 4_400,
    "premiums": [{"of": "COLD", "bound": 80, "per_litre_x100": 10_00 * 100}],
}
FEED, BRAN = 9_000_00, bulk.Offer("Bran", "bag", 4_000_00, 3_400_00, 4_500_00)
LOST_AT_THE_GATE = 6
"""The day (from 0) on which the cans of the second point arrive 5 % short."""
STEPS = 3


def load_dairy(ground: Ground, world: GroupWorld, progress: Progress) -> None:
    """Load what one cooperative and one self-help group did in the spring."""
    cooperative = world.cooperatives[1]
    collect_milk(ground, cooperative)
    progress(1)
    buy_bran(ground, cooperative)
    progress(1)
    fill_cards(ground, cooperative, world.groups[0])
    progress(1)


def members_of(group: Group) -> list[Member]:
    """The members in the order of their numbers."""
    return list(group.members.select_related("group", "person").order_by("member_no"))


def collect_milk(ground: Ground, group: Group) -> None:
    """A week of deliveries at two points, and the payslips for it."""
    officer, members = ground.cast[Role.FIELD_OFFICER], members_of(group)
    for office, member in zip(("treasurer", "secretary"), members[-2:], strict=True):
        groups.elect_officer(
            acting_staff=officer, group=group, office=office, member=member, from_date=BEGAN
        )
    collection.publish_rate_chart(acting_staff=officer, group=group, from_date=BEGAN, terms=CHART)
    points = [
        collection.open_point(acting_staff=officer, group=group, name=name, on=BEGAN)
        for name in POINTS
    ]
    producers = [
        collection.register_producer(
            acting_staff=officer, group=group, member=member, from_date=BEGAN
        )
        for member in members[1 : PRODUCERS + 1]
    ]
    for day in range(DAYS):
        for place, point in enumerate(points):
            deliver(ground, point, producers[place::2], place, day)
    deductions.record_deduction(
        acting_staff=officer,
        producer=producers[0],
        kind=DeductionKind.INPUTS,
        units=FEED,
        on=BEGAN,
    )
    pay(ground, group, members)


def deliver(
    ground: Ground, point: CollectionPoint, producers: Sequence[Producer], place: int, day: int
) -> None:
    """One morning at a point, and what arrived of it at the gate."""
    officer, on = ground.cast[Role.FIELD_OFFICER], BEGAN + timedelta(days=day)
    cans = []
    for turn, producer in enumerate(producers):
        seed = f"milk-{point.name}-{day}"
        sour = (place, day, turn) == (0, 3, 1)
        cans.append(
            deliveries.CanIn(
                producer,
                volume_ml=4_000 + 250 * number(seed, turn, 17),
                fat_bps=360 + 5 * number(f"{seed}-fat", turn, 21),
                clr_x100=2_700 + 10 * number(f"{seed}-clr", turn, 21),
                temp_c10=60 + number(f"{seed}-cold", turn, 60),
                reason=Rejection.SOUR if sour else None,
            )
        )
    deliveries.record_deliveries(
        acting_staff=officer, point=point, on=on, shift=Shift.MORNING, cans=cans
    )
    declared = deliveries.declared_ml(point, on)
    short = (place, day) == (1, LOST_AT_THE_GATE)
    entry = deliveries.record_gate(
        acting_staff=officer,
        point=point,
        volume_ml=declared * (95 if short else 99) // 100,
        on=on,
    )
    if entry.state == GateState.OUT_OF_TOLERANCE:
        deliveries.explain_gate(acting_staff=officer, entry=entry, finding=Finding.SPILLED, on=on)


def pay(ground: Ground, group: Group, members: Sequence[Member]) -> None:
    """The payslips of the week: drafted, approved by two officers, paid."""
    officer, last = ground.cast[Role.FIELD_OFFICER], BEGAN + timedelta(days=DAYS - 1)
    on = last + timedelta(days=1)
    run = payslips.draft_payslips(acting_staff=officer, group=group, from_date=BEGAN, to_date=last)
    for member in members[-2:]:
        run = payslips.approve_payslips(acting_staff=officer, run=run, member=member, on=on)
    paying.pay_all(acting_staff=officer, run=run, on=on)


def buy_bran(ground: Ground, group: Group) -> None:
    """Bran bought together, seventeen of twenty bags came."""
    officer, day = ground.cast[Role.FIELD_OFFICER], BEGAN + timedelta(days=14)
    members = members_of(group)
    order = bulk.open_bulk_order(acting_staff=officer, group=group, offer=BRAN, on=day)
    for member, bags in zip(members[:3], (10, 4, 6), strict=True):
        line = bulk.order_bulk(
            acting_staff=officer, order=order, member=member, quantity=bags, on=day
        )
        deposits.pay_deposit(acting_staff=officer, line=line, units=bags * 4_200_00, on=day)
    order = bulk.lock_bulk(acting_staff=officer, order=order, votes=Votes(day, yes=len(members)))
    order = bulk.place_bulk(
        acting_staff=officer,
        order=order,
        on=day,
        price_units=BRAN.price_units,
        freight_units=BRAN.freight_units,
    )
    came = day + timedelta(days=5)
    order = bulk.receive_bulk(
        acting_staff=officer,
        order=order,
        on=came,
        quantity=17,
        freight_units=BRAN.freight_units,
    )
    order = bulk.settle_bulk(acting_staff=officer, order=order, on=came)
    deposits.pay_supplier(acting_staff=officer, order=order, units=order.cost_units, on=came)


def fill_cards(ground: Ground, cooperative: Group, group: Group) -> None:
    """The development ladder of the cooperative, the ten points of the self-help group."""
    for code, one in (("LADDER", cooperative), ("TEN_POINTS", group)):
        marks = {
            asked.no: scoring.MarkIn(
                Given.SCORED, asked.points - number(f"card-{code}", asked.no, asked.points // 2 + 1)
            )
            for asked in card_of(code).criteria
        }
        scoring.assess_group(
            acting_staff=ground.cast[Role.FIELD_OFFICER],
            group=one,
            card_code=code,
            marks=marks,
            people_count=11,
            on=BEGAN + timedelta(days=30),
        )
