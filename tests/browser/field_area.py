"""Run in the data folder of the browser tests: a district with a group, a course that met
yesterday, and somebody who lives there, and the code of a laptop of the officer who goes there; or
what the office holds of it. Answers as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, NewMember, admit_members, register_group
from handup.lending.tests import cast
from handup.org.models import Area, Office, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment
from handup.training.models import Attendance
from tests.browser.field_rounds import known, session_of

OFFICER = "area-officer"


def make() -> dict[str, str]:
    """Everything of the district of Highland."""
    today = timezone.localdate()
    officer = known(OFFICER, Role.FIELD_OFFICER, Role.TRAINING_OFFICER)
    assert StaffUser.objects.filter(username="training-officer").exists()
    programme = Programme.objects.create(code="AREA", title="Far away", currency="XTS")
    office = Office.objects.create(code="area", name="Far office")
    land = Area.objects.create(code="HIGH", names={"en": "Highland"})
    village = Area.objects.create(code="HIGH1", names={"en": "High village"}, parent=land)
    yesterday = today - timedelta(days=1)
    people = session_of(officer, programme, office, yesterday, "HIGH", land)
    resident = cast.make_person(programme, office, officer, "Village Erdene")
    resident.area = village
    resident.save()
    group = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name="Highland savers",
            kind=GroupKind.SAVINGS,
            area=village,
            formed_date=yesterday,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    joining = [NewMember(person=one, joined_date=yesterday) for one in [*people[:2], resident]]
    admit_members(acting_staff=officer, group=group, members=joining)
    _row, code = offer_enrolment(acting_staff=officer, group=None, holder=officer, label="Laptop")
    return {"code": code}


def tell() -> dict[str, Any]:
    """What came of the laptop's facts."""
    facts = WorkFact.objects.filter(staff__username=OFFICER)
    came = Attendance.objects.filter(enrolment__cohort__code="HIGH-1")
    return {
        "facts": sorted(facts.values_list("name", "state", "reason")),
        "came": sorted(came.values_list("enrolment__person__display_name", "mark", "minutes")),
    }


def main(word: str) -> None:
    """Make it, or tell of it."""
    sys.stdout.write(json.dumps({"make": make, "tell": tell}[word]()))
