"""Run in the data folder of the browser tests: a dairy with a point, two producers and a chart by
fat, and the code of its collector's own phone; or what the office holds of it. Answers as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.groups.models import Delivery, GateEntry, Group
from handup.groups.models.group import GroupKind
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    collection,
    register_group,
)
from handup.ledger.queries import balances_by_subject
from handup.org.models import Area, StaffUser
from handup.people.models import Person
from handup.projects.models import Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment

NAME = "White river"
FACTS = ("record_delivery", "record_gate", "take_back_delivery")


def make() -> dict[str, str]:
    """Milk is paid 1.00 a litre and percent of fat."""
    today = timezone.localdate()
    formed = today - timedelta(days=60)
    officer = StaffUser.objects.get(username="field-officer")
    programme, _made = Programme.objects.get_or_create(
        code="DAIRY", defaults={"title": "Dairy", "currency": "XTS"}
    )
    area, _made = Area.objects.get_or_create(code="M1", defaults={"names": {"en": "Village"}})
    group = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name=NAME,
            kind=GroupKind.COOP_PRIMARY,
            area=area,
            formed_date=formed,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    people = [
        Person.objects.create(
            registration_no=f"MILK{number}",
            display_name=f"Producer {number}",
            sort_key=f"producer {number}",
            programme=programme,
            registered_date=formed,
            registered_by=officer,
        )
        for number in (1, 2)
    ]
    members = admit_members(
        acting_staff=officer,
        group=group,
        members=[NewMember(person=person, joined_date=formed) for person in people],
    )
    for member in members:
        collection.register_producer(
            acting_staff=officer, group=group, member=member, from_date=formed
        )
    terms = {"pricing": "FAT_POINTS", "per_fat_point_x100": 10_000}
    collection.publish_rate_chart(acting_staff=officer, group=group, from_date=formed, terms=terms)
    collection.open_point(acting_staff=officer, group=group, name="Bridge", on=formed)
    _row, code = offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="Pad of the point"
    )
    return {"code": code}


def tell() -> dict[str, Any]:
    """Every delivery as it stands, what is owed to each producer, the gate."""
    group = Group.objects.get(name=NAME)
    rows = Delivery.objects.filter(group=group).order_by("producer__number", "volume_ml")
    owed = balances_by_subject(group.book, "PRODUCERS", "producer")
    return {
        "deliveries": [
            [row.producer.number, row.volume_ml, row.fat_bps, row.reason, row.is_reversed]
            for row in rows.select_related("producer")
        ],
        "owed": sorted(owed.values()),
        "gate": list(GateEntry.objects.values_list("volume_ml", flat=True)),
        "facts": sorted(WorkFact.objects.filter(name__in=FACTS).values_list("name", "state")),
    }


def main(word: str) -> None:
    """Make the dairy, or tell of it."""
    sys.stdout.write(json.dumps({"make": make, "tell": tell}[word]()))
