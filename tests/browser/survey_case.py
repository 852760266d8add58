"""Run in the data folder of the browser tests: somebody to be asked a questionnaire from a
spreadsheet, or what the server holds of her answers. Answers as JSON."""

import json
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Submission
from handup.surveys.rules.codes import RoundKind
from handup.surveys.tests.conftest import member_of_staff
from handup.surveys.tests.sheets import CASES, questionnaire


def make() -> dict[str, str]:
    """A case of the field officer in an open round."""
    today = timezone.localdate()
    asks = StaffUser.objects.get(username="field-officer")
    officer = member_of_staff("survey-monitor", Role.ME_OFFICER)
    second = member_of_staff("survey-second", Role.ME_OFFICER)
    programme = Programme.objects.create(code="ASK", title="Asked", currency="XTS")
    person = Person.objects.create(
        registration_no="ASK00001",
        display_name="Nare",
        sort_key="nare",
        programme=programme,
        case_officer=asks,
        registered_date=today,
        registered_by=officer,
    )
    content = questionnaire([row for row in CASES if row[0] != "image"])
    version = services.upload_questionnaire(
        acting_staff=officer, content=content, filename="household.xlsx"
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
    (case,) = services.draw_sample(acting_staff=officer, round=round, eligible=eligible)
    services.open_round(acting_staff=officer, round=round)
    return {"case": str(case.pk)}


def held(case: str) -> dict[str, Any]:
    """Every set of answers of a case."""
    rows = Submission.objects.filter(case=UUID(case)).order_by("pk")
    return {
        "sets": [
            {
                "state": row.state,
                "channel": row.channel,
                "faults": row.faults,
                "answers": {
                    f"{one.question.name}-{one.repeat_index}": one.value
                    for one in row.answers.select_related("question")
                },
            }
            for row in rows
        ]
    }


def main(action: str, *words: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make() if action == "make" else held(*words)))
