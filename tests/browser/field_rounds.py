"""Run in the data folder of the browser tests: a course with a session held yesterday, a loan that
is due, a settlement with a programme, and the code of the phone of the officer who goes there; or
what the office holds of her round. Answers as JSON."""

import json
import sys
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from handup.groups.models import NeedsMeeting
from handup.lending.models import CollectionLine
from handup.lending.tests import cast
from handup.org.models import Area, Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.projects.models import Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment
from handup.training import services as training
from handup.training.models import Attendance

OFFICER = "round-officer"


def known(username: str, *held: Role, **_scope: Any) -> StaffUser:
    """The person of the site with this name, else a new one, with these roles everywhere."""
    found, _made = StaffUser.objects.get_or_create(
        username=username, defaults={"display_name": username.title()}
    )
    today = timezone.localdate()
    for role in held:
        Grant.objects.get_or_create(
            staff=found,
            role=role,
            defaults={
                "scope": ScopeKind.ALL,
                "starts": today - timedelta(days=1),
                "ends": today + timedelta(days=30),
            },
        )
    return found


def make() -> dict[str, str]:
    """Everything the officer carries."""
    today = timezone.localdate()
    with patch.object(cast, "staff", known):
        world = cast.make_world()
        loan = cast.running(world)
    officer = known(OFFICER, Role.FIELD_OFFICER, Role.TRAINING_OFFICER)
    loan.officer = officer
    loan.save(update_fields=("officer",))
    Area.objects.get_or_create(code="RND", defaults={"names": {"en": "Roundhill"}})
    people = session_of(officer, world.programme, world.office, today - timedelta(days=1))
    dana = cast.make_person(world.programme, world.office, officer, "Hill Dana")
    _row, code = offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="Phone of the round"
    )
    return {"code": code, "card": people[1].registration_no, "walk_in": dana.registration_no}


def session_of(
    officer: StaffUser,
    programme: Programme,
    office: Office,
    day: date,
    code: str = "RND",
    area: Area | None = None,
) -> list[Person]:
    """A session that was held; returns its three people."""
    second = StaffUser.objects.get(username="training-officer")
    made = training.draft_curriculum(
        acting_staff=officer, code=code, title="Costing", language="en"
    )
    training.add_module(
        acting_staff=officer,
        curriculum=made,
        title="Costing",
        plans=[training.PlanIn("Cost price", 90)],
    )
    training.submit_curriculum(acting_staff=officer, curriculum=made)
    approved = training.approve_curriculum(acting_staff=second, curriculum=made, approved_date=day)
    course = training.offer_course(
        acting_staff=officer, curriculum=approved, code=code, title="Costing"
    )
    cohort = training.open_cohort(
        acting_staff=officer,
        course=course,
        programme=programme,
        code=f"{code}-1",
        title="Costing at the hill",
        capacity=5,
        office=office,
        area=area,
        starts_date=day,
        ends_date=day + timedelta(days=9),
    )
    people = [
        cast.make_person(programme, office, officer, name)
        for name in ("Hill Anahit", "Hill Bat", "Hill Claudine")
    ]
    training.enrol_persons(
        acting_staff=officer,
        items=[
            training.EnrolmentIn(cohort=cohort, person=one, enrolled_date=day) for one in people
        ],
    )
    row = training.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=day, minutes_planned=90
    )
    training.hold_session(acting_staff=officer, session=row, minutes_held=90, on=day)
    return people


def tell() -> dict[str, Any]:
    """What came of the round."""
    facts = WorkFact.objects.filter(staff__username=OFFICER)
    came = Attendance.objects.filter(enrolment__cohort__code="RND-1")
    needs = NeedsMeeting.objects.filter(area__code="RND").first()
    return {
        "facts": sorted(facts.values_list("name", "state", "reason")),
        "came": sorted(
            came.values_list("enrolment__person__display_name", "mark", "enrolment__walk_in")
        ),
        "paid": list(CollectionLine.objects.values_list("units", flat=True)),
        "needs": needs
        and [needs.women, needs.men, [[one.what, one.women, one.men] for one in needs.needs.all()]],
    }


def main(word: str) -> None:
    """Make it, or tell of it."""
    sys.stdout.write(json.dumps({"make": make, "tell": tell}[word]()))
