"""Run in the data folder of the browser tests: a spoken test of two questions, one of them
recorded, and the code of the phone of the trainer who asks it; or what the office holds of it.
Answers as JSON."""

import json
import sys
import wave
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from handup.org.models import Grant, Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.projects.models import Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment
from handup.training.models import Cohort, TestResult
from handup.training.rules.states import TestKind
from handup.training.services import name_trainer
from handup.training.services.spoken import QuestionIn, set_spoken_test
from handup.training.services.spoken_sounds import record_question
from tests.browser.field_rounds import session_of

ASKER, TITLE = "asker", "Asked aloud"


def recording() -> bytes:
    """Half a second of a tone, as WAV."""
    kept = BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes((b"\x00\x20" * 8 + b"\x00\xe0" * 8) * 250)
    return kept.getvalue()


def make() -> dict[str, str]:
    """A trainer who sees her own cohort alone, and the test of today."""
    today = timezone.localdate()
    boss = StaffUser.objects.get(username="manager")
    asker = StaffUser.objects.create_user(ASKER, display_name="Asker")
    Grant.objects.create(
        staff=asker,
        role=Role.TRAINER,
        scope=ScopeKind.CASELOAD,
        starts=today,
        ends=today + timedelta(days=30),
    )
    programme, _made = Programme.objects.get_or_create(
        code="ALOUD", defaults={"title": "Ask", "currency": "XTS"}
    )
    office, _made = Office.objects.get_or_create(code="HILL", defaults={"name": "Hill"})
    session_of(boss, programme, office, today - timedelta(days=1), "ASK")
    cohort = Cohort.objects.get(code="ASK-1")
    name_trainer(acting_staff=boss, cohort=cohort, staff=asker)
    test = set_spoken_test(
        acting_staff=boss,
        cohort=cohort,
        kind=TestKind.POST,
        title=TITLE,
        questions=[QuestionIn("What is a cost price?", 3), QuestionIn("Who are your buyers?", 2)],
        test_date=today,
    )
    record_question(acting_staff=boss, question=test.questions.get(number=1), content=recording())
    _row, code = offer_enrolment(
        acting_staff=asker, group=None, holder=asker, label="Phone of the trainer"
    )
    return {"code": code}


def tell() -> dict[str, Any]:
    """The sittings with each answer, and the facts they came by."""
    facts = WorkFact.objects.filter(staff__username=ASKER)
    rows = list(TestResult.objects.filter(test__title=TITLE))
    return {
        "facts": sorted(facts.values_list("name", "state")),
        "pages": [f"/training/sittings/{row.pk}/" for row in rows],
        "sittings": [[str(row.enrolment.person), row.score] for row in rows],
        "answers": [
            [one.question.number, one.points, one.answer, one.heard_by.username]
            for row in rows
            for one in row.answers.order_by("question__number")
        ],
    }


def main(action: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make() if action == "make" else tell()))
