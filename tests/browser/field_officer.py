"""Run in the data folder of the browser tests: what a field officer's own phone needs to register
persons and visit them, or what the server holds of it. Answers as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.groups.models import Member
from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, register_group
from handup.org.models import Area, StaffUser
from handup.people.models import Household, Person
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import publish_notice
from handup.plans.models import Visit
from handup.plans.rules.states import VisitKind
from handup.plans.services import schedule_visits
from handup.projects.models import Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment

FACTS = ("admit_member", "correct_person", "record_visit", "register_household", "register_person")
READ = "We write down who you are, to serve you."


def make() -> dict[str, str]:
    """A notice, a settlement, a group, somebody known with a visit planned, the phone's code."""
    today = timezone.localdate()
    officer = StaffUser.objects.get(username="field-officer")
    programme, _made = Programme.objects.get_or_create(
        code="OUT", defaults={"title": "Out", "currency": "XTS"}
    )
    area, _made = Area.objects.get_or_create(code="OUT1", defaults={"names": {"en": "Ashtarak"}})
    register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name="Orchard road",
            kind=GroupKind.SAVINGS,
            area=area,
            formed_date=today - timedelta(days=30),
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    publish_notice(
        acting_staff=StaffUser.objects.get(username="manager"),
        version="field-1",
        language="en",
        text=READ,
        purposes=[ConsentPurpose.SERVICE, ConsentPurpose.CONTACT_LATER],
        data_categories=["identity", "contact"],
        valid_from=today - timedelta(days=1),
    )
    known = Person.objects.create(
        registration_no="OUT00001",
        display_name="Ani Petrosyan",
        sort_key="petrosyan ani",
        programme=programme,
        case_officer=officer,
        registered_date=today,
        registered_by=officer,
    )
    schedule_visits(
        acting_staff=officer,
        person=known,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[today],
    )
    _row, code = offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="Own phone"
    )
    return {"code": code}


def tell() -> dict[str, Any]:
    """Everything that came of the phone's facts."""
    person = Person.objects.filter(display_name="Nare Sahakyan").first()
    home = Household.objects.first()
    visit = Visit.objects.get(person__registration_no="OUT00001")
    father = visit.person.father_name
    return {
        "facts": sorted(WorkFact.objects.filter(name__in=FACTS).values_list("name", "state")),
        "born": person and str(person.birth_date),
        "phone": person and person.phone,
        "area": person and person.area and person.area.code,
        "consents": person and sorted(person.consents.values_list("purpose", "method")),
        "members": home
        and sorted(home.memberships.values_list("person__display_name", "role", "relation")),
        "joined": list(
            Member.objects.filter(person=person).values_list("group__name", "member_no")
        ),
        "father": father,
        "visit": [visit.state, visit.situation, visit.next_step, str(visit.visit_date)],
    }


def main(action: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make() if action == "make" else tell()))
