"""Run in the data folder of the browser tests: what an office needs to register a person and to
write down a visit, or what it holds of them. Answers as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.org.models import Area, StaffUser
from handup.people.models import Person
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import publish_notice
from handup.plans.models import Visit
from handup.plans.rules.states import VisitKind
from handup.plans.services import schedule_visits
from handup.projects.models import Programme


def make() -> dict[str, str]:
    """A notice, a settlement, and somebody known with a visit planned."""
    today = timezone.localdate()
    officer = StaffUser.objects.get(username="field-officer")
    programme, _made = Programme.objects.get_or_create(
        code="DESK", defaults={"title": "At the desk", "currency": "XTS"}
    )
    Area.objects.get_or_create(code="DESK1", defaults={"names": {"en": "Gavar"}})
    if known := Visit.objects.filter(person__registration_no="DESK0001").first():
        return {"visit": str(known.pk), "programme": programme.title}
    publish_notice(
        acting_staff=StaffUser.objects.get(username="manager"),
        version="desk-1",
        language="en",
        text="We write down who you are, to serve you.",
        purposes=[ConsentPurpose.SERVICE],
        data_categories=["identity", "contact"],
        valid_from=today - timedelta(days=1),
        programme=programme,
    )
    person = Person.objects.create(
        registration_no="DESK0001",
        display_name="Karine Hakobyan",
        sort_key="hakobyan karine",
        programme=programme,
        case_officer=officer,
        registered_date=today,
        registered_by=officer,
    )
    (visit,) = schedule_visits(
        acting_staff=officer,
        person=person,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[today],
    )
    return {"visit": str(visit.pk), "programme": programme.title}


def tell() -> dict[str, Any]:
    """What was registered at the desk, and what became of the visit."""
    visit = Visit.objects.get(person__registration_no="DESK0001")
    return {
        "persons": [
            [row.display_name, str(row.birth_date), row.phone, row.consents.count()]
            for row in Person.objects.filter(display_name="Gohar Avagyan")
        ],
        "visit": [visit.state, str(visit.visit_date), visit.situation, visit.next_step],
    }


def main(action: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make() if action == "make" else tell()))
