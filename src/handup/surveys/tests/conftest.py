"""The cast of the survey tests: an M&E officer, a second one, an interviewer, an outsider."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Case, QuestionnaireVersion, Round
from handup.surveys.rules.codes import RoundKind

OPENS = date(2026, 6, 1)
MakePerson = Callable[..., Person]


def member_of_staff(username: str, *roles: Role, scope: ScopeKind = ScopeKind.ALL) -> StaffUser:
    """A staff user with these roles."""
    staff = StaffUser.objects.create_user(username, None, display_name=username.title())
    today = timezone.localdate()
    for role in roles:
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=scope,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=30),
        )
    return staff


@pytest.fixture
def officer(db: None) -> StaffUser:
    """The M&E officer."""
    return member_of_staff("monitor", Role.ME_OFFICER)


@pytest.fixture
def second(db: None) -> StaffUser:
    """A second M&E officer."""
    return member_of_staff("second", Role.ME_OFFICER)


@pytest.fixture
def interviewer(db: None) -> StaffUser:
    """An interviewer who sees her own cases."""
    return member_of_staff("interviewer", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)


@pytest.fixture
def outsider(db: None) -> StaffUser:
    """A bank's clerk."""
    return member_of_staff("outsider", Role.BANK_CLERK)


@pytest.fixture
def programme(db: None) -> Programme:
    """A programme."""
    return Programme.objects.create(code="MED", title="Small enterprises", currency="AMD")


@pytest.fixture
def person(programme: Programme, officer: StaffUser) -> MakePerson:
    """Makes persons, one a call."""
    made = iter(range(1, 10_000))

    def make() -> Person:
        number = next(made)
        return Person.objects.create(
            registration_no=f"{number:08d}",
            display_name=f"Participant {number:04d}",
            sort_key=f"participant {number:04d}",
            programme=programme,
            registered_date=date(2026, 1, 5),
            registered_by=officer,
        )

    return make


@pytest.fixture
def version(officer: StaffUser) -> QuestionnaireVersion:
    """The shipped impact questionnaire."""
    return services.install_questionnaire(acting_staff=officer, code="impact")


@pytest.fixture
def planned(version: QuestionnaireVersion, programme: Programme, officer: StaffUser) -> Round:
    """A planned round with a known seed."""
    return services.plan_round(
        acting_staff=officer,
        questionnaire=version.questionnaire,
        programme=programme,
        name="Follow-up 2026",
        kind=RoundKind.FOLLOW_UP,
        opens_date=OPENS,
        closes_date=OPENS + timedelta(days=30),
        seed="2026-follow-up",
    )


@pytest.fixture
def cases(
    planned: Round, person: MakePerson, officer: StaffUser, interviewer: StaffUser
) -> list[Case]:
    """An open round with four cases of one interviewer."""
    rows = services.draw_sample(
        acting_staff=officer,
        round=planned,
        eligible=[services.EligibleIn(subject=person(), interviewer=interviewer) for _ in range(4)],
    )
    services.open_round(acting_staff=officer, round=planned)
    return sorted(rows, key=lambda row: str(row.subject))


def answers(income: str = "BETTER", life: str = "SAME", **more: str) -> list[services.AnswerIn]:
    """Answers to the two required questions, and more by name."""
    found = [
        services.AnswerIn(name="income_change", value=income),
        services.AnswerIn(name="life_change", value=life),
    ]
    return found + [services.AnswerIn(name=name, value=value) for name, value in more.items()]


def interview(
    case: Case, version: QuestionnaireVersion, *given: services.AnswerIn, **more: object
) -> services.SubmissionIn:
    """One set of answers of 10 June."""
    values: dict[str, object] = {
        "case": case,
        "version": version,
        "answers": list(given) or answers(),
        "answered_date": date(2026, 6, 10),
    }
    return services.SubmissionIn(**(values | more))  # type: ignore[arg-type]
