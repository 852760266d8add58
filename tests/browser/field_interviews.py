"""Run in the data folder of the browser tests: an officer's own phone with one interview to hold,
its questionnaire asking a place, a code and a picture; or what the server holds of it. Answers as
JSON."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Submission
from handup.surveys.rules.codes import RoundKind
from handup.surveys.tests.conftest import member_of_staff
from handup.surveys.tests.sheets import CASES, SETTINGS, questionnaire
from handup.sync.services import offer_enrolment

ASKED = (
    *CASES[:-2],
    ("geopoint", "stall", "Where is the stall?"),
    ("barcode", "tag", "Code on the stall"),
    *CASES[-2:],
)
SHEET = (SETTINGS[0], ("stalls", "Stalls", "2026-1"))


def make() -> dict[str, str]:
    """A case of the officer in an open round, and the code of her phone."""
    today = timezone.localdate()
    asks = StaffUser.objects.get(username="field-officer")
    officer = member_of_staff("stall-monitor", Role.ME_OFFICER)
    second = member_of_staff("stall-second", Role.ME_OFFICER)
    programme = Programme.objects.create(code="STALL", title="Stalls", currency="XTS")
    person = Person.objects.create(
        registration_no="STA00001",
        display_name="Arpi Adamyan",
        sort_key="adamyan arpi",
        programme=programme,
        case_officer=asks,
        registered_date=today,
        registered_by=officer,
    )
    version = services.upload_questionnaire(
        acting_staff=officer, content=questionnaire(ASKED, settings=SHEET), filename="stalls.xlsx"
    )
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=officer,
        questionnaire=version.questionnaire,
        programme=programme,
        name="Baseline",
        kind=RoundKind.BASELINE,
        opens_date=today,
        closes_date=today + timedelta(days=30),
    )
    eligible = [services.EligibleIn(subject=person, interviewer=asks)]
    services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    _row, code = offer_enrolment(acting_staff=asks, group=None, holder=asks, label="Own phone")
    return {"code": code}


def tell() -> dict[str, Any]:
    """Every set of answers that came of it."""
    rows = Submission.objects.filter(version__questionnaire__code="stalls").order_by("pk")
    return {
        "sets": [
            {
                "state": row.state,
                "channel": row.channel,
                "faults": row.faults,
                "answers": {
                    one.question.name: one.value for one in row.answers.select_related("question")
                },
                "pictures": [
                    [one.name, one.file.size, one.file.content_type, one.agreed_at is not None]
                    for one in row.attachments.select_related("file")
                ],
            }
            for row in rows
        ]
    }


def main(action: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make() if action == "make" else tell()))
