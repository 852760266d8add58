"""The cast of people's tests: a programme, its staff, an outsider of another programme, one
participant."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from handup.org.models import Area, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests import standing as shared
from handup.org.tests.staff import staff_with
from handup.org.tests.standing import standing
from handup.people.models import ConsentNotice, EligibilityRule, Participation, Person
from handup.people.rules import codes as c
from handup.people.services import (
    ApplicationIn,
    ConsentIn,
    NameIn,
    PersonIn,
    apply_to_programme,
    publish_notice,
    publish_rule,
    register_person,
)
from handup.projects.models import Programme

_django_db_helper = shared.helper


DAY = date(2026, 3, 2)


@standing
def area(db: None) -> Area:
    country = Area.objects.create(code="C", names={"en": "Country"}, level=1)
    return Area.objects.create(code="C1", names={"en": "First town"}, level=2, parent=country)


@standing
def office(area: Area) -> Office:
    return Office.objects.create(code="O1", name="First office", area=area)


@standing
def programme(db: None) -> Programme:
    return Programme.objects.create(code="P1", title="First programme", currency="AMD")


@standing
def other_programme(db: None) -> Programme:
    return Programme.objects.create(code="P2", title="Second programme", currency="AMD")


@standing
def clerk(programme: Programme) -> StaffUser:
    return staff_with(
        "clerk", Role.CLERK, Role.OUTREACH, scope=ScopeKind.PROJECT, programme_id=programme.pk
    )


@standing
def targeting(programme: Programme) -> StaffUser:
    return staff_with(
        "targeting", Role.TARGETING_OFFICER, scope=ScopeKind.PROJECT, programme_id=programme.pk
    )


@standing
def manager(db: None) -> StaffUser:
    return staff_with("manager", Role.MANAGER)


@standing
def focal_point(db: None) -> StaffUser:
    return staff_with("focal", Role.FOCAL_POINT)


@standing
def trainer(programme: Programme) -> StaffUser:
    return staff_with("trainer", Role.TRAINER, scope=ScopeKind.PROJECT, programme_id=programme.pk)


@standing
def outsider(other_programme: Programme) -> StaffUser:
    """A clerk of another programme: her role would do, her scope does not reach."""
    return staff_with(
        "outsider",
        Role.CLERK,
        Role.TARGETING_OFFICER,
        scope=ScopeKind.PROJECT,
        programme_id=other_programme.pk,
    )


@standing
def notice(manager: StaffUser, programme: Programme) -> ConsentNotice:
    return publish_notice(
        acting_staff=manager,
        version="1",
        language="en",
        text="We ask your name to serve you.",
        purposes=[c.ConsentPurpose.SERVICE, c.ConsentPurpose.SHARE_BANK],
        data_categories=["name", "telephone"],
        valid_from=date(2026, 1, 1),
        programme=programme,
    )


@standing
def rule(manager: StaffUser, programme: Programme) -> EligibilityRule:
    return publish_rule(
        acting_staff=manager,
        programme=programme,
        title="Grown up and of a target group",
        valid_from=date(2026, 1, 1),
        tree={
            "all": [
                {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"},
                {
                    "any": [
                        {
                            "fact": "statuses",
                            "op": "has_any",
                            "value": ["REFUGEE"],
                            "reason": "NO_TARGET_STATUS",
                        },
                        {
                            "fact": "woman_head",
                            "op": "==",
                            "value": True,
                            "reason": "NO_TARGET_STATUS",
                        },
                    ]
                },
            ]
        },
        appeal_route="Ask the complaints officer.",
    )


def agreed(
    notice: ConsentNotice, purpose: c.ConsentPurpose = c.ConsentPurpose.SERVICE, on: date = DAY
) -> ConsentIn:
    return ConsentIn(
        purpose=purpose, notice=notice, method=c.ConsentMethod.SIGNATURE, given_date=on
    )


def person_in(
    programme: Programme, first: str = "Ani", last: str = "Sargsyan", **more: Any
) -> PersonIn:
    told: dict[str, Any] = {
        "names": (NameIn(first, last),),
        "registered_date": DAY,
        "sex": c.Sex.F,
        "birth_date": date(1985, 5, 6),
        "programme": programme,
    }
    return PersonIn(**(told | more))


@standing
def ani(clerk: StaffUser, programme: Programme, notice: ConsentNotice, area: Area) -> Person:
    """The participant: registered with consent to be served."""
    told = person_in(programme, consents=(agreed(notice),), area=area, phone="+37491123456")
    return register_person(acting_staff=clerk, person=told).person


@standing
def application(clerk: StaffUser, ani: Person, programme: Programme) -> Participation:
    return apply_to_programme(
        acting_staff=clerk,
        application=ApplicationIn(person=ani, programme=programme, applied_date=DAY),
    )


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def desk(clerk: StaffUser) -> Client:
    return signed_in(clerk)


def told(programme: Programme, **more: Any) -> dict[str, Any]:
    return {
        "first_name": "Ani",
        "last_name": "Sargsyan",
        "sex": "F",
        "programme": str(programme.pk),
        "registered_date": "2026-03-02",
        "birth_date": "1985-05-06",
        "purposes": ["SERVICE"],
        "method": "MARK",
        "statuses": ["REFUGEE"],
    } | more
