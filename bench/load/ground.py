"""Makes what a load stands on, in fresh surroundings, as a program of its own:

    python -m bench.load.ground FOLDER PHONES STAFF PACKETS

Groups of six with a phone each, staff who are signed in, and each phone's packets ready to send: 20
facts, one meeting a packet. Writes `phones.jsonl` (one phone a line) and `staff.json` into FOLDER.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

MEMBERS, FACTS = 6, 20
SHARE = 500
LISTS = ("/", "/groups/", "/people/persons/", "/sync/packets/")


def write_meetings(phone: Any, packets: int) -> list[Any]:
    """So many weekly meetings of twenty facts, each a packet signed by the phone."""
    from handup.groups.tests.conftest import FIRST

    for number in range(1, packets + 1):
        phone.open(FIRST + timedelta(days=7 * (number - 1)), number=number)
        phone.roll(range(1, MEMBERS + 1))
        for member in range(1, MEMBERS + 1):
            phone.save(member, 1, SHARE)
        phone.write("record_minute", item="The path to the spring is mended.")
        phone.write("record_minute", item="Next week at the school.")
        phone.close(number * MEMBERS * SHARE)
    assert len(phone.facts) == FACTS * packets
    made: list[Any] = phone.packets(range(FACTS, FACTS * packets, FACTS))
    return made


def _signed_in(staff: Any) -> str:
    """The key of a session of hers, opened with a second factor."""
    from django.test import Client

    from handup.org.sessions import FACTOR

    client = Client()
    client.force_login(staff)
    session = client.session
    session[FACTOR] = time.time()
    session.save()
    return str(session.session_key)


def _groups(count: int, programme: Any, officers: list[Any]) -> list[Any]:
    """Savings groups with six members each, spread over the officers."""
    from django.db import transaction

    from handup.groups.models.group import GroupKind
    from handup.groups.services import NewGroup, NewMember, admit_members, register_groups
    from handup.groups.tests.conftest import FORMED, new_person
    from handup.org.models import Area

    area = Area.objects.create(code="LOAD", names={"en": "Village"}, level=2)
    settings = {"share_value_units": SHARE, "charge_rate_bps": 1000}
    made = []
    for number in range(count):
        officer = officers[number % len(officers)]
        new = NewGroup(
            f"Group {number}", GroupKind.SAVINGS, area, FORMED, "XTS", settings, officer=officer
        )
        with transaction.atomic():
            (group,) = register_groups(acting_staff=officer, programme=programme, groups=[new])
            first = number * MEMBERS
            people = [new_person(first + n, programme, officer) for n in range(MEMBERS)]
            members = [NewMember(person=one, joined_date=FORMED) for one in people]
            admit_members(acting_staff=officer, group=group, members=members)
        made.append((group, officer, [str(one.pk) for one in people]))
    return made


def make(folder: Path, phones: int, staff: int, packets: int) -> None:
    """Fill an empty database and write what the load needs to know."""
    from handup.cli.migrate import make_tables
    from handup.groups.tests.conftest import staff_with
    from handup.org import keys
    from handup.org.rules.access import Role
    from handup.projects.models import Programme
    from handup.sync.tests.conftest import enrolled

    make_tables()
    keys.load()
    programme = Programme.objects.create(code="LOAD", title="Load", currency="XTS")
    officers = [
        staff_with(f"officer-{number}", Role.FIELD_OFFICER, programme=programme.pk)
        for number in range(staff)
    ]
    pages: dict[Any, list[str]] = {officer.pk: list(LISTS) for officer in officers}
    with (folder / "phones.jsonl").open("w", encoding="utf-8") as file:
        for group, officer, people in _groups(phones, programme, officers):
            pages[officer.pk] += [f"/groups/{group.pk}/", f"/people/persons/{people[0]}/"]
            phone, done = enrolled(group, officer)
            bodies = write_meetings(phone, packets)
            file.write(json.dumps({"token": done.token, "packets": bodies}) + "\n")
    told = [{"session": _signed_in(one), "pages": pages[one.pk]} for one in officers]
    (folder / "staff.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    django.setup()
    make(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:5]))
