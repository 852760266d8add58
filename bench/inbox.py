"""The inbox: meetings that phones recorded, taken in the batch form.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from bench import Figure, benchmark, clock

MEMBERS = 25
PLACES = 100
FIRST = date(2026, 1, 12)


def _recorded(phone: Any, day: date, box: int) -> int:
    """One meeting of sixty facts: 25 members marked, each saves, three contribute, both boxes are
    counted; returns the box after it."""
    phone.open(day)
    phone.roll(range(1, MEMBERS + 1))
    for number in range(1, MEMBERS + 1):
        phone.save(number, 1)
    for number in range(1, 4):
        phone.write("record_social", member_no=number, units=10)
    phone.write("record_minute", item="Next week the road")
    box += MEMBERS * 500
    phone.close(box, 30 * (box // (MEMBERS * 500)))
    return box


@benchmark()
def meetings_of_sixty_facts() -> Iterator[Figure]:
    """A hundred groups, ten meetings each, sent 50 packets at a time; then all of them again."""
    from handup.groups.models import GroupFact
    from handup.groups.models.group import GroupKind
    from handup.groups.services import NewGroup, NewMember, admit_members, register_groups
    from handup.groups.tests.conftest import FORMED, new_person, staff_with
    from handup.org.models import Area
    from handup.org.rules.access import Role
    from handup.projects.models import Programme
    from handup.sync import services
    from handup.sync.tests.conftest import enrolled

    programme = Programme.objects.create(code="BENCH", title="Bench", currency="XTS")
    officer = staff_with("bench-officer", Role.FIELD_OFFICER, programme=programme.pk)
    area = Area.objects.create(code="BENCH", names={"en": "Village"}, level=2)
    settings = {"share_value_units": 500, "charge_rate_bps": 1000}
    people = [new_person(number, programme, officer) for number in range(MEMBERS)]
    groups = register_groups(
        acting_staff=officer,
        programme=programme,
        groups=[
            NewGroup(f"Group {number}", GroupKind.SAVINGS, area, FORMED, "XTS", settings)
            for number in range(PLACES)
        ],
    )
    packets: list[list[Any]] = []
    for group in groups:
        members = [NewMember(person=person, joined_date=FORMED) for person in people]
        admit_members(acting_staff=officer, group=group, members=members)
        phone, _done = enrolled(group, officer)
        box = 0
        for week in range(10):
            start = len(phone.facts)
            box = _recorded(phone, FIRST + timedelta(days=7 * week), box)
            assert len(phone.facts) - start == 60
        packets.append(phone.packets(range(60, 600, 60)))
    parcels = [packet for week in zip(*packets, strict=True) for packet in week]
    facts = 60 * len(parcels)
    for name in ("facts of meetings", "facts sent again"):
        with clock() as measured:
            for start in range(0, len(parcels), 50):
                services.receive_packets(parcels[start : start + 50], acting_staff=officer)
        yield Figure(name, facts / measured.seconds, "per second", facts)
    assert GroupFact.objects.filter(stream="MEETING").count() == facts
