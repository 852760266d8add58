"""A list page over 100,000 persons, as the server answers it."""

from collections.abc import Iterator
from statistics import median

from bench import Figure, benchmark, clock

PERSONS = 100_000
VISITS = 15
FIRST = (
    "Ani",
    "Bat",
    "Chantal",
    "Davit",
    "Erdene",
    "Fatima",
    "Gor",
    "Hasmik",
    "Immaculée",
    "Jargal",
)
LAST = ("Sargsyan", "Dorj", "Uwase", "Petrosyan", "Ganbold", "Mukamana", "Hakobyan", "Bold")


def fill() -> None:
    """Persons with one name each, spread over three programmes and twenty offices."""
    from datetime import date

    from handup.kernel.names import normal_form
    from handup.org.models import Office, StaffUser
    from handup.people.models import Person, PersonName
    from handup.projects.models import Programme

    staff = StaffUser.objects.create_user("registrar")
    offices = [Office.objects.create(code=f"O{n}", name=f"Office {n}") for n in range(20)]
    programmes = [
        Programme.objects.create(code=f"P{n}", title=f"Programme {n}", currency="USD")
        for n in range(3)
    ]
    persons, names = [], []
    for number in range(PERSONS):
        first, last = FIRST[number % 10], f"{LAST[number % 8]}{number // 400}"
        person = Person(
            registration_no=f"{number:012}",
            display_name=f"{first} {last}",
            sort_key=f"{normal_form(last)} {normal_form(first)}",
            registered_date=date(2024, 1 + number % 12, 1 + number % 28),
            registered_by=staff,
            office=offices[number % 20],
            programme=programmes[number % 3],
        )
        persons.append(person)
        names.append(
            PersonName(
                person=person,
                kind="CIVIL",
                script="LATIN",
                first_name=first,
                last_name=last,
                normal_first=normal_form(first),
                normal_last=normal_form(last),
            )
        )
    Person.objects.bulk_create(persons, batch_size=500)
    PersonName.objects.bulk_create(names, batch_size=500)


@benchmark()
def list_page() -> Iterator[Figure]:
    """The first page, a search and a filter; median time in the server, and what it asks for."""
    from datetime import timedelta

    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from handup.org.models import Grant, StaffUser
    from handup.org.rules.access import Role, ScopeKind

    fill()
    settings.SECOND_FACTOR_REQUIRED = False
    settings.ALLOWED_HOSTS = ["testserver"]
    staff, today = StaffUser.objects.create_user("manager"), timezone.localdate()
    Grant.objects.create(
        staff=staff, role=Role.MANAGER, scope=ScopeKind.ALL, starts=today,
        ends=today + timedelta(days=30),
    )  # fmt: skip
    client = Client()
    client.force_login(staff)
    for name, address in (
        ("first page", "/people/persons/"),
        ("search", client.post("/people/persons/", {"q": "ani dorj1"}).headers["Location"]),
    ):
        assert client.get(address).status_code == 200, address
        seconds = []
        for _ in range(VISITS):
            with clock() as measured:
                client.get(address)
            seconds.append(measured.seconds)
        with CaptureQueriesContext(connection) as sent:
            page = client.get(address, headers={"accept-encoding": "gzip"})
        yield Figure(f"list of persons, {name}", 1000 * median(seconds), "ms", PERSONS)
        yield Figure(f"list of persons, {name}: queries", len(sent), "queries", PERSONS)
        yield Figure(f"list of persons, {name}: page", len(page.content) / 1000, "kB gzipped", 1)


IMPORTED, FAULT_EVERY = 100_000, 1_000


@benchmark()
def import_with_faults() -> Iterator[Figure]:
    """A list of 100,000 persons with a fault in every thousandth row, tried; then mended, tried and
    taken over.
    """
    import resource

    from django.utils import timezone

    from handup.desk.services import commit_import, receive_import
    from handup.desk.tests import large
    from handup.org.rules.access import Role
    from handup.org.tests.staff import staff_with
    from handup.people.rules.duplicates import MatchReason, MatchState
    from handup.projects.models import Programme

    importer = staff_with("importer", Role.INTEGRATION, Role.MANAGER)
    taker = staff_with("taker", Role.INTEGRATION, Role.MANAGER)
    programme = Programme.objects.create(code="P", title="Programme", currency="USD")
    faulty, told = large.with_faults(IMPORTED, FAULT_EVERY)
    for name, content, faults in (
        ("with faults", faulty, len(told)),
        ("mended", large.sound(IMPORTED), 0),
    ):
        with clock() as measured:
            batch = receive_import(
                acting_staff=importer,
                name="persons.csv",
                content=content,
                profile_code="intake",
                programme=programme,
            )
        assert batch.fault_count == faults, batch.fault_count
        yield Figure(f"import of persons, {name}", measured.seconds, "s", IMPORTED)
    batch.pairs.update(  # the adjudicator's work is not measured: invented names are often alike
        state=MatchState.DIFFERENT.value, reason=MatchReason.BOTH_MET.value, decided_by=importer,
        decided_date=timezone.localdate(),
    )  # fmt: skip
    with clock() as measured:
        commit_import(acting_staff=taker, batch=batch)
    yield Figure("import of persons, taken over", measured.seconds, "s", IMPORTED)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield Figure("import of persons, most memory", kilobytes / 1024, "MB", IMPORTED)
