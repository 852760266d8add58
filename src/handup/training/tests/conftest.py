"""The cast of the training tests: an officer, a second officer, a trainer, a manager, an outsider,
and one cohort that runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Book
from handup.ledger.rules.journal import LineIn, Source
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book, post_entry
from handup.org.models import Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests import standing as shared
from handup.org.tests.standing import standing
from handup.people.models import Person
from handup.projects.models import Programme
from handup.training import services
from handup.training.models import (
    ApprenticeshipAgreement,
    Cohort,
    Course,
    Curriculum,
    Enrolment,
    Session,
    SupportRule,
    Workshop,
)
from handup.training.rules.attendance import Mark
from handup.training.rules.states import CourseType, PassRule
from handup.training.rules.support import SupportKind, SupportUnit

_django_db_helper = shared.helper


START = date(2026, 3, 2)
MakePerson = Callable[..., Person]


def member_of_staff(
    username: str, *roles: Role, scope: ScopeKind = ScopeKind.ALL, office: Office | None = None
) -> StaffUser:
    """A staff user with these roles, everywhere unless said otherwise."""
    staff = StaffUser.objects.create_user(username, None, display_name=username.title())
    for role in roles:
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=scope,
            office=office,
            starts=date(2020, 1, 1),
            ends=date(2040, 1, 1),
        )
    return staff


@pytest.fixture
def years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which what takes a year or two after completion has come."""
    told = datetime(2028, 1, 15, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: told)


@standing
def officer(db: None) -> StaffUser:
    """The training officer."""
    return member_of_staff("officer", Role.TRAINING_OFFICER)


@standing
def second(db: None) -> StaffUser:
    """Another training officer."""
    return member_of_staff("second", Role.TRAINING_OFFICER)


@standing
def manager(db: None) -> StaffUser:
    """The manager."""
    return member_of_staff("manager", Role.MANAGER)


@standing
def trainer(db: None) -> StaffUser:
    """A trainer who sees her own cohorts."""
    return member_of_staff("trainer", Role.TRAINER, scope=ScopeKind.CASELOAD)


@standing
def outsider(db: None) -> StaffUser:
    """A bank's clerk: she has nothing to do with training."""
    return member_of_staff("outsider", Role.BANK_CLERK)


@standing
def programme(db: None) -> Programme:
    """A programme."""
    return Programme.objects.create(code="MED", title="Small enterprises", currency="AMD")


@standing
def office(db: None) -> Office:
    """The branch office."""
    return Office.objects.create(code="north", name="North")


@pytest.fixture
def person(programme: Programme, office: Office, officer: StaffUser) -> MakePerson:
    """Makes persons, one a call."""

    def make(name: str = "", **fields: object) -> Person:
        number = Person.objects.count() + 1
        shown = name or f"Participant {number:04d}"
        values: dict[str, object] = {
            "registration_no": f"{number:08d}",
            "display_name": shown,
            "sort_key": shown.lower(),
            "programme": programme,
            "office": office,
            "registered_date": date(2026, 1, 5),
            "registered_by": officer,
        }
        return Person.objects.create(**(values | fields))

    return make


@standing
def curriculum(officer: StaffUser, second: StaffUser) -> Curriculum:
    """An approved curriculum with two session plans."""
    row = services.draft_curriculum(
        acting_staff=officer, code="BUS", title="Start a small business", language="en"
    )
    services.add_module(
        acting_staff=officer,
        curriculum=row,
        title="Costing",
        plans=[services.PlanIn("Cost price", 180), services.PlanIn("Selling price", 120)],
    )
    services.submit_curriculum(acting_staff=officer, curriculum=row)
    return services.approve_curriculum(
        acting_staff=second, curriculum=row, approved_date=date(2026, 1, 10)
    )


@standing
def course(curriculum: Curriculum, officer: StaffUser) -> Course:
    """A business course passed by attendance and a test."""
    return services.offer_course(
        acting_staff=officer,
        curriculum=curriculum,
        code="BUS",
        title="Start a small business",
        pass_rule=PassRule.TEST,
    )


@standing
def cohort(course: Course, programme: Programme, office: Office, officer: StaffUser) -> Cohort:
    """An open cohort of five places."""
    return services.open_cohort(
        acting_staff=officer,
        course=course,
        programme=programme,
        code="2026-A",
        title="Spring course",
        capacity=5,
        office=office,
        starts_date=START,
        ends_date=START + timedelta(days=30),
    )


@standing
def sessions(cohort: Cohort, officer: StaffUser) -> list[Session]:
    """Three sessions that were held: 180, 120 and 60 minutes."""
    rows = []
    for number, minutes in enumerate((180, 120, 60)):
        row = services.schedule_session(
            acting_staff=officer,
            cohort=cohort,
            session_date=START + timedelta(days=number),
            minutes_planned=minutes,
        )
        services.hold_session(
            acting_staff=officer, session=row, minutes_held=minutes, on=START + timedelta(days=9)
        )
        rows.append(row)
    cohort.refresh_from_db()
    return rows


@standing
def enrolled(cohort: Cohort, person: MakePerson, officer: StaffUser) -> list[Enrolment]:
    """Three persons on the roll, who agreed to have their names printed."""
    return services.enrol_persons(
        acting_staff=officer,
        items=[
            services.EnrolmentIn(
                cohort=cohort,
                person=person(name),
                enrolled_date=date(2026, 2, 20),
                agrees_to_name=True,
            )
            for name in ("Anahit Sargsyan", "Bat Erdene", "Claudine Uwase")
        ],
    )


def noon(day: date) -> datetime:
    """Noon of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def attend(staff: StaffUser, enrolment: Enrolment, session: Session, minutes: int) -> None:
    """Record minutes on the day of the session."""
    services.record_attendance(
        acting_staff=staff,
        session=session,
        enrolment=enrolment,
        minutes=minutes,
        recorded_at=noon(session.session_date),
    )


@standing
def completed(
    cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment], officer: StaffUser
) -> list[Enrolment]:
    """A closed cohort: the first two completed, the third missed the test."""
    test = services.set_test(
        acting_staff=officer,
        cohort=cohort,
        kind="POST",  # type: ignore[arg-type]
        title="Four tasks",
        max_score=20,
        test_date=START + timedelta(days=3),
    )
    for row, score in zip(enrolled, (12, 20, None), strict=True):
        for session in sessions:
            attend(officer, row, session, session.minutes_planned)
        services.record_test(
            acting_staff=officer, test=test, enrolment=row, score=score, sat_date=test.test_date
        )
    services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=date(2026, 4, 1))
    for row in enrolled:
        row.refresh_from_db()
    return enrolled


@standing
def apprentices(
    curriculum: Curriculum, programme: Programme, officer: StaffUser, person: MakePerson
) -> list[Enrolment]:
    """Two persons enrolled for an apprenticeship, found at an open day."""
    course = services.offer_course(
        acting_staff=officer,
        curriculum=curriculum,
        code="APP",
        title="Apprenticeship",
        type=CourseType.APPRENTICESHIP,
        pass_rule=PassRule.GRADUATION,
    )
    cohort = services.open_cohort(
        acting_staff=officer,
        course=course,
        programme=programme,
        code="APP-1",
        capacity=50,
        starts_date=START,
        ends_date=START + timedelta(days=200),
    )
    return services.enrol_persons(
        acting_staff=officer,
        items=[
            services.EnrolmentIn(
                cohort=cohort,
                person=person(birth_date=date(2001, 1, 1)),
                enrolled_date=START,
                open_day_date=date(2026, 2, 1),
                applied_date=date(2026, 2, 1),
            )
            for _ in range(2)
        ],
    )


@standing
def workshop(officer: StaffUser) -> Workshop:
    """A vetted workshop."""
    return services.register_workshop(
        acting_staff=officer,
        name="Carpentry of the market",
        trade="carpentry",
        master_name="Jean Master",
        vetted_date=date(2026, 1, 20),
    )


def terms(enrolment: Enrolment, workshop: Workshop, **more: object) -> services.AgreementIn:
    """Ordinary terms of an apprenticeship."""
    values: dict[str, object] = {
        "enrolment": enrolment,
        "workshop": workshop,
        "trade": "carpentry",
        "start_date": START,
        "signed_date": START,
        "currency": "RWF",
        "programme_fee_units": 30_000,
        "allowance_units": 5_000,
        "stipend_units": 15_000,
        "living_cost_units": 12_000,
    }
    return services.AgreementIn(**(values | more))  # type: ignore[arg-type]


@standing
def agreements(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> list[ApprenticeshipAgreement]:
    """Both apprentices work in the workshop."""
    rows = services.sign_apprenticeships(
        acting_staff=officer, items=[terms(row, workshop) for row in apprentices]
    )
    return services.start_apprenticeships(acting_staff=officer, agreements=rows, started_date=START)


@dataclass
class Payday:
    """Rules of transport and childcare, a book with money, two accountants."""

    transport: SupportRule
    childcare: SupportRule
    book: Book
    accountant: StaffUser
    finance: StaffUser
    session: Session
    first: Enrolment
    second: Enrolment


@standing
def payday(
    sessions: list[Session],
    enrolled: list[Enrolment],
    programme: Programme,
    officer: StaffUser,
    manager: StaffUser,
) -> Payday:
    """Anahit and Bat came to the first session, Claudine did not."""

    def rule(kind: SupportKind, unit: SupportUnit, units: int, most: int) -> SupportRule:
        return services.set_support_rule(
            acting_staff=officer,
            programme=programme,
            kind=kind,
            unit=unit,
            amount_units=units,
            most=most,
            starts=date(2026, 1, 1),
        )

    book = open_book(
        acting_staff=manager,
        code="MED",
        name="Programme",
        kind=BookKind.PROGRAMME,
        base_currency="AMD",
        owner=("test", uuid4()),
        programme_id=programme.pk,
    )
    fill(book, 1_000_000, manager)
    for row, minutes in zip(enrolled, (180, 90, 0), strict=True):
        if minutes:
            attend(officer, row, sessions[0], minutes)
    services.record_attendance(
        acting_staff=officer,
        session=sessions[0],
        enrolment=enrolled[2],
        minutes=0,
        mark=Mark.ABSENT,
    )
    return Payday(
        rule(SupportKind.TRANSPORT, SupportUnit.SESSION, 1_234, 1),
        rule(SupportKind.CHILDCARE, SupportUnit.CHILD, 501, 3),
        book,
        member_of_staff("accountant", Role.ACCOUNTANT),
        member_of_staff("finance", Role.FINANCE_MANAGER),
        sessions[0],
        enrolled[0],
        enrolled[1],
    )


def fill(book: Book, units: int, by: StaffUser) -> None:
    """Put money into the cash box of a book."""
    post_entry(
        acting_staff=by,
        book=book,
        kind="CAPITAL_RECEIVED",
        source=Source("test", "CAPITAL", new_id()),
        lines=[
            LineIn(units=units, account_role="CASH"),
            LineIn(units=-units, account_role="CAPITAL"),
        ],
        happened_date=date(2026, 1, 1),
    )
