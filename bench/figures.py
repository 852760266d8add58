"""Every figure of a programme with its lines, as its pages count it from the records: 100,000
persons who were served a million times (results.md 6).

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

import resource
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from bench import Figure, benchmark, clock, with_database
from bench.books import portfolio

PERSONS = 100_000
LOANS = 10_000
HOMES, COHORTS, SESSIONS = PERSONS // 4, PERSONS // 50, 8
SERVICES = PERSONS * (SESSIONS + 2)  # the day she began, a visit, and each session
DAY = date(2025, 12, 31)
AT_ONCE = 500
SPAN = 300


def _stored(model: Any, rows: Iterator[Any]) -> None:
    """Store rows piece by piece, so that the memory told of is that of the counting."""
    while some := list(islice(rows, 5_000)):
        model._base_manager.bulk_create(some, batch_size=AT_ONCE)


def _began(number: int) -> date:
    return date(2024, 1, 1) + timedelta(days=number % SPAN)


def _areas() -> list[Any]:
    """Twelve areas with ten places each."""
    from handup.org.models import Area

    areas = [Area.objects.create(code=f"A{n}", names={"en": f"A{n}"}, level=1) for n in range(12)]
    return [
        Area.objects.create(code=f"P{n}", names={"en": f"P{n}"}, level=2, parent=areas[n % 12])
        for n in range(120)
    ]


def _persons(world: Any, ids: list[Any]) -> None:
    """Persons of both sexes and all ages, four in a home that one of them heads, a third with a
    legal status.
    """
    from handup.people.models import Household, LegalStatus, Membership, Participation, Person

    places, by = _areas(), world.cast.advisor
    since = date(2024, 1, 1)
    homes = [Household(code=f"H{n}", registered_date=since, registered_by=by,
                       programme=world.programme, area=places[n % 120])
             for n in range(HOMES)]  # fmt: skip
    _stored(Household, iter(homes))
    _stored(Person, (
        Person(
            id=pk, registration_no=f"{n:012}", display_name=f"Person {n}", sort_key=f"person {n}",
            sex="F" if n % 5 < 3 else "M", birth_date=date(1950 + n % 57, 1 + n % 12, 1 + n % 28),
            birth_precision="DAY", area=places[n // 4 % 120], programme=world.programme,
            office=world.office, registered_date=since, registered_by=by,
        )
        for n, pk in enumerate(ids)
    ))  # fmt: skip
    _stored(Membership, (
        Membership(person_id=pk, household=homes[n // 4], from_date=since,
                   role="MEMBER" if n % 4 else "HEAD")
        for n, pk in enumerate(ids)
    ))  # fmt: skip
    _stored(LegalStatus, (
        LegalStatus(person_id=pk, status=("REFUGEE", "IDP")[n % 2], from_date=since, recorded_by=by)
        for n, pk in enumerate(ids) if n % 3 == 0
    ))  # fmt: skip
    _stored(Participation, (
        Participation(person_id=pk, programme=world.programme, household=homes[n // 4],
                      office=world.office, state="ACTIVE", applied_date=since,
                      started_date=_began(n))
        for n, pk in enumerate(ids)
    ))  # fmt: skip


def _courses(world: Any, ids: list[Any]) -> None:
    """Each in a course of fifty with eight sessions; four of five completed it."""
    from handup.training.models import Cohort, Course, Curriculum, Enrolment, Session

    text = Curriculum.objects.create(code="C", language="en", title="C",
                                     prepared_by=world.cast.advisor)  # fmt: skip
    course = Course.objects.create(code="C", title="C", curriculum=text)
    cohorts = [Cohort(code=f"C{n}", course=course, programme=world.programme, capacity=50,
                      office=world.office, starts_date=_began(n),
                      ends_date=_began(n) + timedelta(days=60),
                      closed_date=_began(n) + timedelta(days=60), state="CLOSED")
               for n in range(COHORTS)]  # fmt: skip
    _stored(Cohort, iter(cohorts))
    _stored(Session, (
        Session(cohort=one, number=number, session_date=one.starts_date + timedelta(7 * number),
                minutes_planned=60, minutes_held=60, state="HELD")
        for one in cohorts for number in range(1, SESSIONS + 1)
    ))  # fmt: skip
    _stored(Enrolment, (
        Enrolment(person_id=pk, cohort=cohorts[n % COHORTS],
                  state="COMPLETED" if n % 5 else "DROPPED_OUT",
                  completed_date=cohorts[n % COHORTS].ends_date if n % 5 else None)
        for n, pk in enumerate(ids)
    ))  # fmt: skip
    _attendance(world)


def _attendance(world: Any) -> None:
    from django.db import connection

    is_large = connection.vendor == "postgresql"
    own = "gen_random_uuid()" if is_large else "lower(hex(randomblob(16)))"
    by = world.cast.advisor.pk
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO training_attendance (id, recorded_at, received_at, session_id,"
            " enrolment_id, minutes, mark, method, reason, recorded_by_id)"
            f" SELECT {own}, s.recorded_at, s.recorded_at, s.id, e.id, 60, 'PRESENT', 'MANUAL',"
            " '', %s FROM training_session s JOIN training_enrolment e"
            " ON e.cohort_id = s.cohort_id",
            [by if is_large else by.hex],
        )


def _visits(world: Any, ids: list[Any]) -> None:
    from handup.plans.models import Visit

    _stored(Visit, (
        Visit(person_id=pk, programme=world.programme, kind="ADVICE", state="DONE",
              visit_date=_began(n) + timedelta(days=90), visitor=world.cast.advisor)
        for n, pk in enumerate(ids)
    ))  # fmt: skip


def _lent(ids: list[Any]) -> None:
    """Give every loan to a person of its own."""
    from django.db import connection, transaction

    from handup.lending.models import Loan

    with transaction.atomic():
        for place, pk in enumerate(Loan._base_manager.order_by("id").values_list("pk", flat=True)):
            Loan._base_manager.filter(pk=pk).update(person_id=ids[place % PERSONS])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@benchmark()
def of_a_million_services() -> Iterator[Figure]:
    """All indicators of the catalogue, totals and lines, as the pages count them."""
    from handup.kernel.ids import new_ids
    from handup.results.definitions import DEFINITIONS
    from handup.results.facts import Facts

    world = portfolio(copies=LOANS, spread=360)
    ids = new_ids(PERSONS)
    _persons(world, ids)
    _courses(world, ids)
    _visits(world, ids)
    _lent(ids)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    facts = Facts(world.programme, DAY)
    with clock(with_database) as measured:
        rows = facts.table("service")
    services = len(rows)
    assert services >= SERVICES, services
    yield Figure("services read", measured.seconds, "s", services)
    yield Figure("services read", measured.processor, "s processor", services)
    reading = measured
    with clock(with_database) as measured:
        found = {code: item.compute(facts) for code, item in DEFINITIONS.items()}
    assert found["MED-OUT-01"].numerator == PERSONS
    told = sum(len(breakdown.lines) for one in found.values() for breakdown in one.breakdowns)
    title = "all indicators with their lines, from the records"
    yield Figure(title, reading.seconds + measured.seconds, "s", services)
    yield Figure(title, reading.processor + measured.processor, "s processor", services)
    yield Figure("indicators that counted something",
                 sum(one.numerator != 0 for one in found.values()), "indicators", told)  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("memory before", before, "MB", services)
    yield Figure("memory at the most", peak, "MB", services)
