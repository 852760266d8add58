"""Erases one person of a small world in a database of its own; a program.

    python -m tests.erasing

It prints one line of JSON: where former values of hers were found before and after, the figures
before and after, and how the request ended.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import django

HERS = {
    "name": "Zarouhi Ter-Avetikian",
    "first": "Zarouhi",
    "last": "Ter-Avetikian",
    "father": "Melkonik",
    "phone": "+37491987654",
    "address": "Fourth yard behind the mill",
    "number": "QX7788991",
    "issuer": "Office 077 of Nerkin",
    "birth": "1987-03-19",
    "enquiry": "Zarouhi of the mill",
    "signatory": "Melkonik Ter-Avetikian",
    "purpose": "Loom of the late aunt Satenik",
    "business": "Zarouhi and daughters",
    "question": "I want to be forgotten by all of you",
    "paper": "a scanned letter of Zarouhi",
}


def prepare() -> Any:
    """Tables, a world with two persons of one household, and everything of hers."""
    django.setup()
    from handup.cli.migrate import make_tables

    make_tables()
    from handup.lending.tests.cast import applied, make_person, make_world, still_open

    world = make_world()
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    _hers(world.person, world)
    other.area = world.person.area
    other.save()
    _home(world, other)
    application = still_open(applied(world, purpose=HERS["purpose"]))
    return world, other, application


def _hers(person: Any, world: Any) -> None:
    from handup.org.classes import DataClass
    from handup.org.models import Area
    from handup.org.services.files import store_file
    from handup.people.models import Enquiry, LegalStatus, PersonDocument, PersonName

    staff, day = world.cast.advisor, date(2024, 1, 1)
    country = Area.objects.create(code="C", names={"en": "Country"}, level=1)
    town = Area.objects.create(code="T", names={"en": "Town"}, level=2, parent=country)
    person.area = Area.objects.create(code="V", names={"en": "Village"}, level=3, parent=town)
    person.display_name, person.father_name = HERS["name"], HERS["father"]
    person.phone, person.address = HERS["phone"], HERS["address"]
    person.birth_date, person.birth_precision = date.fromisoformat(HERS["birth"]), "DAY"
    person.sex = "F"
    person.save()
    PersonName.objects.create(
        person=person, kind="REGISTERED", script="LATIN",
        first_name=HERS["first"], last_name=HERS["last"],
        normal_first="zaruhi", normal_last="teravetikyan",
    )  # fmt: skip
    paper = PersonDocument.objects.create(
        person=person, kind="PASSPORT", number=HERS["number"], issuer=HERS["issuer"],
        seen_by=staff, seen_date=day,
    )  # fmt: skip
    LegalStatus.objects.create(
        person=person, status="REFUGEE", from_date=date(2021, 7, 7), document=paper,
        recorded_by=staff,
    )  # fmt: skip
    Enquiry.objects.create(
        programme=world.programme, name=HERS["enquiry"], phone=HERS["phone"], enquiry_date=day,
        due_date=day, taken_by=staff, person=person, wish=HERS["question"],
    )  # fmt: skip
    person.consents.update(signatory=HERS["signatory"])
    content = HERS["paper"].encode()
    store_file(
        acting_staff=staff, owner=person, name="letter.txt", content=content, klass=DataClass.O
    )


def _home(world: Any, other: Any) -> None:
    """She heads a household of three children told; both take part and own something."""
    from handup.people.models import (
        Enterprise,
        Household,
        HouseholdFact,
        Membership,
        Ownership,
        Participation,
    )

    staff, day = world.cast.advisor, date(2024, 2, 1)
    common = {"programme": world.programme, "registered_date": day, "registered_by": staff}
    home = Household.objects.create(code="H1", **common)
    HouseholdFact.objects.create(household=home, fact_date=day, adults=2, children=3, told_to=staff)
    for person, role in ((world.person, "HEAD"), (other, "MEMBER")):
        Membership.objects.create(household=home, person=person, role=role, from_date=day)
        Participation.objects.create(
            person=person, programme=world.programme, applied_date=date(2024, 3, 1),
            started_date=date(2024, 3, 5), state="ACTIVE",
            decision={"facts": {"birth_date": HERS["birth"]}} if person is world.person else {},
        )  # fmt: skip
    business = Enterprise.objects.create(
        code="E1", name=HERS["business"], trade="Weaving", **common
    )
    Ownership.objects.create(enterprise=business, person=world.person, from_date=day)


def figures(world: Any) -> dict[str, Any]:
    """The trial balance and every indicator of the programme with its breakdowns."""
    from django.utils import timezone

    from handup.ledger.statements import trial_balance
    from handup.results.definitions import DEFINITIONS
    from handup.results.report import compute_report
    from handup.results.services import choose_indicators

    choose_indicators(
        acting_staff=world.cast.manager, programme=world.programme, codes=list(DEFINITIONS)
    )
    today = timezone.localdate()
    lines = compute_report(world.programme, today).lines
    return {
        "trial": [str(row) for row in trial_balance(world.book, today).rows],
        "indicators": {
            line.code: [line.numerator, line.denominator, str(line.figure.breakdowns)]
            for line in lines
        },
    }


def counted(world: Any) -> list[Any]:
    """Under which records of erased persons the borrower's loans and statuses stand now."""
    from handup.people.models import LegalStatus, Person

    taking_part = Person.objects.filter(participations__programme=world.programme)
    key = taking_part.exclude(erased_date=None).get()
    statuses = LegalStatus.objects.filter(person=key).values_list("status", flat=True)
    return [key.sex, str(key.birth_date), list(statuses), str(key)]


def rows_of_hers(person_id: Any) -> list[str]:
    """The tables in which something still stands under her id."""
    from handup.people.merging import person_columns
    from handup.people.models import Person

    return sorted(
        model._meta.label
        for model, column in person_columns(Person)
        if model._base_manager.filter(**{f"{column}_id": person_id}).exists()
    )


def where_found() -> dict[str, list[str]]:
    """In which files and tables each value of hers stands, as plain bytes."""
    from django.conf import settings
    from django.db import connection

    found: dict[str, list[str]] = {}
    places = {str(path): path.read_bytes() for path in all_files(Path(settings.DATA_DIR))}
    if connection.vendor == "postgresql":
        places |= all_tables(connection)
    for what, value in HERS.items():
        forms = {value.encode(), json.dumps(value)[1:-1].encode()}
        found[what] = [
            Path(place).name
            for place, held in places.items()
            if any(form in held for form in forms)
        ]
    return found


def all_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def all_tables(connection: Any) -> dict[str, bytes]:
    held = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{name}" AS t')
            held[name] = "\n".join(row[0] for row in cursor.fetchall()).encode()
        held |= _heaps(cursor)
    return held


def _heaps(cursor: Any) -> dict[str, bytes]:
    """The files of the tables themselves, where this process may read them."""
    cursor.execute("CHECKPOINT")
    cursor.execute("SHOW data_directory")
    top = Path(cursor.fetchone()[0])
    cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
    folder = top / "base" / str(cursor.fetchone()[0])
    try:
        return {f"heap {path.name}": path.read_bytes() for path in all_files(folder)}
    except PermissionError:
        return {}


def ask(world: Any, application: Any) -> dict[str, Any]:
    """From what she asks to the certificate; the open application holds her first."""
    from django.utils import timezone

    from handup.lending.models import Application
    from handup.lending.tests.cast import staff
    from handup.org.rules.access import Role
    from handup.people.rules import requests as r
    from handup.people.services import erasure, requests

    dpo, today = staff("dpo", Role.DPO), timezone.localdate()
    clerk = staff("desk", Role.CLERK)
    row = requests.record_subject_request(
        acting_staff=clerk,
        request=requests.SubjectRequestIn(
            kind=r.RequestKind.ERASURE,
            received_date=today,
            person=world.person,
            details=HERS["question"],
        ),
    )
    row = requests.identify_asker(
        acting_staff=clerk, request=row, identity=r.IdentityCheck.DOCUMENT, on=today
    )
    states = [row.state]
    row = erasure.approve_erasure(acting_staff=dpo, request=row, on=today)
    states.append(row.state)
    Application.objects.filter(pk=application.pk).update(state="DECLINED")
    for who in (dpo, world.cast.director):
        row = erasure.approve_erasure(acting_staff=who, request=row, on=today)
        states.append(row.state)
    certificate = erasure.erase_person(acting_staff=dpo, request=row, on=today)
    row.refresh_from_db()
    return {
        "states": [*states, row.state],
        "searched": certificate.searched,
        "found": certificate.found,
        "same": all(before == after for before, after in certificate.figures.values()),
    }


def main() -> None:
    """Do it and print what came of it."""
    world, other, application = prepare()
    before, held = figures(world), where_found()
    ended = ask(world, application)
    after, left = figures(world), where_found()
    other.refresh_from_db()
    world.person.refresh_from_db()
    print(
        json.dumps(
            {
                **ended,
                "trial": before["trial"] == after["trial"] and len(before["trial"]) > 0,
                "indicators": [before["indicators"], after["indicators"]],
                "before": held,
                "after": left,
                "other": other.display_name,
                "tombstone": [str(world.person), world.person.sex, world.person.birth_date],
                "counted": counted(world),
                "hers": rows_of_hers(world.person.pk),
            }
        )
    )


if __name__ == "__main__":
    main()
