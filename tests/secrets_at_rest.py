"""Fills a small world with seeded secrets through services and pages, then looks for them in every
byte that is kept: database files and journals, tables, sessions, jobs, files, heads, a backup; a
program.

    python -m tests.secrets_at_rest

It prints one line of JSON: where each secret was found, before keys are rotated and after, what a
name that is not sealed was found in (the search does find), and whether the secrets are still read
and found by their exact form.
"""

import argparse
import base64
import json
import re
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import django

from tests.erasing import all_files, all_tables

SECRETS = {
    "phone": "+37491555771",
    "address": "Blue gate behind the second mill, Verin Artik",
    "document": "QX5550177Z",
    "contact": "through the baker Hovsep of Verin Artik",
    "complaint": "The officer asked for money before he signed",
    "sensitive": "He came to her house at night and would not leave",
    "enquiry phone": "+37493444882",
    "file": "a letter of the doctor about her broken arm",
    "file name": "doctor-letter-broken-arm.txt",
    "case kind": "TRAFFICKING",
    "case reason": "Taken over the border with a promise of work in a hotel",
    "case note": "She sleeps at her aunt's in the upper village",
    "case action": "Find a room with the sisters in the north",
    "case outcome": "Safe with the sisters since the spring",
    "case paper": "statement to the police of the fourth district",
    "case paper name": "Statement to the police",
}
OPEN_NAME = "Zarmandukht Vosgerichian"


def prepare() -> dict[str, Any]:
    """Tables, and a person of whom every secret is told."""
    django.setup()
    from handup.cli.migrate import make_tables

    make_tables()
    from django.utils import timezone

    from handup.lending.tests.cast import make_world, staff
    from handup.org.rules.access import Role

    world, today = make_world(), timezone.localdate()
    focal, clerk = staff("her focal point", Role.FOCAL_POINT), staff("her clerk", Role.CLERK)
    person = _registered(world, clerk, today)
    _complaints(world, clerk, person, today)
    case = _case(focal, person, today)
    _pages(clerk, focal, person, case)
    return {"person": person, "case": case}


def _registered(world: Any, clerk: Any, today: Any) -> Any:
    from handup.org.classes import DataClass
    from handup.org.services.files import store_file
    from handup.people import services as s
    from handup.people.rules import codes as c
    from handup.people.services.registration import PaperIn

    first, last = OPEN_NAME.split()
    person = s.register_person(
        acting_staff=clerk,
        person=s.PersonIn(
            names=(s.NameIn(first, last),),
            registered_date=today,
            phone=SECRETS["phone"],
            address=SECRETS["address"],
            programme=world.programme,
            papers=(PaperIn(kind=c.PaperKind.PASSPORT, number=SECRETS["document"]),),
        ),
    ).person
    s.record_enquiry(
        acting_staff=clerk,
        enquiry=s.EnquiryIn(
            programme=world.programme, enquiry_date=today, phone=SECRETS["enquiry phone"]
        ),
    )
    store_file(
        acting_staff=clerk,
        owner=person,
        name=SECRETS["file name"],
        content=SECRETS["file"].encode(),
        klass=DataClass.S,
    )
    return person


def _complaints(world: Any, clerk: Any, person: Any, today: Any) -> None:
    from handup.people.rules import grievances as g
    from handup.people.services.grievances import GrievanceIn, record_grievance

    told = {"programme": world.programme, "received_date": today, "person": person}
    record_grievance(
        acting_staff=clerk,
        grievance=GrievanceIn(
            kind=g.GrievanceKind.STAFF,
            text=SECRETS["complaint"],
            contact=SECRETS["contact"],
            **told,
        ),
    )
    record_grievance(
        acting_staff=clerk,
        grievance=GrievanceIn(
            kind=g.GrievanceKind.STAFF,
            text=SECRETS["sensitive"],
            sensitivity=g.Sensitivity.STAFF_CONDUCT,
            **told,
        ),
    )


def _case(focal: Any, person: Any, today: Any) -> Any:
    from handup.people.rules.codes import CompartmentKind
    from handup.people.services import protection as p

    case = p.open_compartment(
        acting_staff=focal,
        person=person,
        kind=CompartmentKind.TRAFFICKING,
        team=(),
        opened_date=today,
        reason=SECRETS["case reason"],
    )
    p.add_case_note(acting_staff=focal, compartment=case, text=SECRETS["case note"], day=today)
    due = today + timedelta(days=9)
    p.add_case_action(acting_staff=focal, compartment=case, what=SECRETS["case action"], due=due)
    p.add_case_document(
        acting_staff=focal,
        compartment=case,
        name=SECRETS["case paper name"],
        content=SECRETS["case paper"].encode(),
    )
    p.close_compartment(
        acting_staff=focal,
        compartment=case,
        closed_date=today,
        outcome=SECRETS["case outcome"],
    )
    return case


def _pages(clerk: Any, focal: Any, person: Any, case: Any) -> None:
    """Search, reveal, correct, export, read the case, let the jobs of the night run."""
    from django.test import Client

    from handup.org import nightly, sessions

    for staff in (clerk, focal):
        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        client.force_login(staff)
        session = client.session
        session[sessions.FACTOR] = time()
        session.save()
        for text in (SECRETS["phone"], SECRETS["document"], SECRETS["address"]):
            assert client.post("/people/persons/", {"q": text}, follow=True).status_code == 200
        shown = client.post(f"/people/persons/{person.pk}/reveal/phone/", {"purpose": "CALL"})
        assert SECRETS["phone"] in shown.content.decode(), shown.status_code
        assert client.get("/people/persons/", {"export": "csv"}).getvalue()
        assert client.get(f"/people/cases/{case.pk}/").status_code == (
            200 if staff is focal else 404
        )
        refused = {"first_name": "", "phone": SECRETS["phone"], "address": SECRETS["address"]}
        assert client.post("/people/persons/new/", refused).status_code in (403, 422)
    for run in nightly.jobs:
        run.enqueue()


def forms_of(value: str) -> set[bytes]:
    """How a text may lie in bytes: as it is, as JSON, in digits, in hexadecimal, in base64."""
    raw = value.encode()
    found = {raw, json.dumps(value)[1:-1].encode(), value.encode("utf-16-le"), raw.hex().encode()}
    if value.startswith("+"):
        found.add(value[1:].encode())
    for shift in range(3):  # whatever lies before it in the same base64
        text = base64.b64encode(b"\0" * shift + raw)
        found.add(text[4 if shift else 0 : -4])
    return found


def where_found(value: str, places: dict[str, bytes]) -> list[str]:
    """The files and tables that hold a text."""
    forms = forms_of(value)
    return sorted(
        Path(name).name for name, held in places.items() if any(form in held for form in forms)
    )


def every_byte() -> dict[str, bytes]:
    """All that is kept, with a backup made now."""
    from django.conf import settings
    from django.db import connection

    from handup.cli import backup

    folder = Path(settings.DATA_DIR)
    number = len(list(folder.glob("copy*")))
    backup.run(argparse.Namespace(folder=str(folder / f"copy{number}"), rotate=False))
    places = {str(path): path.read_bytes() for path in all_files(folder)}
    if connection.vendor == "postgresql":
        places |= all_tables(connection)
    return places


def rotated() -> list[str]:
    """New keys, everything sealed anew, old keys taken away; which keys hold something then."""
    from handup.org import keys, rotation
    from handup.org.keys import Ring

    for ring in Ring:
        keys.add_key(ring)
    rotation.rotate()
    counts = rotation.count_by_key()
    for ring in Ring:
        for key_id in keys.ids(ring)[1:]:
            assert counts[key_id] == 0, key_id
            keys.remove_key(ring, key_id)
    return sorted(counts)


def read_again(world: dict[str, Any]) -> dict[str, Any]:
    """Her secrets, read and looked up by their exact form."""
    from handup.org.encryption import lookup_hash
    from handup.people.models import Compartment, Person, PersonDocument

    person = Person.objects.get(pk=world["person"].pk)
    case = Compartment.objects.get(pk=world["case"].pk)
    number = lookup_hash(PersonDocument, "number_hash", "qx 555-0177 z")
    phone = lookup_hash(Person, "phone_hash", "+374 91 55 57 71")
    return {
        "phone": person.phone,
        "case note": case.notes.get().text,
        "found by number": PersonDocument.objects.filter(number_hash=number).count(),
        "found by phone": Person.objects.filter(phone_hash=phone).count(),
    }


def main() -> None:
    """Do it and print what came of it."""
    world = prepare()
    before = every_byte()
    keys_held = rotated()
    after = every_byte()
    print(
        json.dumps(
            {
                "places": len(before),
                "name": [re.sub(r"\d+", "", name) for name in where_found(OPEN_NAME, before)],
                "before": {what: where_found(text, before) for what, text in SECRETS.items()},
                "after": {what: where_found(text, after) for what, text in SECRETS.items()},
                "keys": keys_held,
                "read": read_again(world),
            }
        )
    )


if __name__ == "__main__":
    main()
