"""One record of each kind the addresses of `surveys` name, for the tests that walk every
address.
"""

from datetime import date
from functools import cache
from unittest.mock import patch

from django.db.models import Model
from django.utils import timezone

from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import compiling, services
from handup.surveys.models import (
    ArrivingFile,
    BackCheck,
    Case,
    Flag,
    QuestionnaireVersion,
    RoundFlag,
    Submission,
    UnplacedAnswers,
    UnplacedFile,
)
from handup.surveys.rules.codes import FlagRule, RoundKind
from handup.surveys.tests.conftest import member_of_staff
from handup.surveys.tests.sheets import CASES, questionnaire

DAY = date(2026, 3, 2)
run_once = cache(compiling.run_compiler)
sheet = cache(questionnaire)


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A round with one answered case, and one of a compiled questionnaire still to be asked."""
    programme = Programme.objects.create(code="WALK-S", title="Walk", currency="XTS")
    version = services.install_questionnaire(acting_staff=staff, code="impact")
    person = Person.objects.create(
        registration_no="78000001",
        display_name="Walker",
        sort_key="walker",
        programme=programme,
        office=office,
        registered_date=DAY,
        registered_by=staff,
    )
    round = services.plan_round(
        acting_staff=staff,
        questionnaire=version.questionnaire,
        programme=programme,
        name="Walk",
        kind=RoundKind.VISIT,
        opens_date=DAY,
        closes_date=DAY,
    )
    (case,) = services.draw_sample(
        acting_staff=staff, round=round, eligible=[services.EligibleIn(subject=person)]
    )
    services.open_round(acting_staff=staff, round=round)
    submission = services.record_submission(
        acting_staff=staff,
        submission=services.SubmissionIn(
            case=case,
            version=version,
            answers=[
                services.AnswerIn(name="income_change", value="SAME"),
                services.AnswerIn(name="life_change", value="SAME"),
            ],
            answered_date=DAY,
        ),
    )
    watched = _watched(staff, submission)
    compiled = _compiled(staff, programme, person)
    paper = services.keep_paper(acting_staff=staff, case=compiled[-1], typed={})
    return [
        *compiled,
        *watched,
        paper,
        *_unplaced(staff, programme),
        version.questionnaire,
        version,
        round,
        case,
        submission,
        person,
    ]


def _unplaced(staff: StaffUser, programme: Programme) -> list[Model]:
    """Answers that belong to no case, with a file."""
    unplaced = UnplacedAnswers.objects.create(
        programme=programme,
        sent_by=staff,
        reason="CASE_UNKNOWN",
        keyed_sum="walk",
        body="<household id='household' version='2026-1'/>",
    )
    file = UnplacedFile.objects.create(
        answers=unplaced, name="walk.jpg", keyed_sum="walk", content="d2Fsaw=="
    )
    return [unplaced, file]


def _watched(staff: StaffUser, submission: Submission) -> list[Model]:
    """What shows over the answers and over their round, the same to be asked again, and a picture
    on its way.
    """
    flag = Flag.objects.create(submission=submission, rule=FlagRule.DURATION.value)
    over = RoundFlag.objects.create(
        round=submission.round, rule=FlagRule.STRAIGHT_LINE.value, interviewer=staff
    )
    check = BackCheck.objects.create(
        submission=submission, due_date=DAY, question_names=["income_change"]
    )
    arriving = ArrivingFile.objects.create(
        submission=submission, name="walk.jpg", device="walk", sent_by=staff, size=9,
        keyed_sum="walk", agreed_at=timezone.now(),
    )  # fmt: skip
    return [flag, over, check, arriving]


def _compiled(
    staff: StaffUser, programme: Programme, person: Person
) -> tuple[QuestionnaireVersion, Case]:
    """A questionnaire from its spreadsheet, the round that asks it and one case."""
    with patch.object(compiling, "run_compiler", run_once):
        version = services.upload_questionnaire(
            acting_staff=staff, content=sheet(CASES), filename="household.xlsx"
        )
    second = member_of_staff("walk-publisher", Role.ME_OFFICER)
    services.publish_version(acting_staff=second, version=version)
    round = services.plan_round(
        acting_staff=staff,
        questionnaire=version.questionnaire,
        programme=programme,
        name="Walk with a phone",
        kind=RoundKind.BASELINE,
        opens_date=DAY,
        closes_date=DAY,
    )
    (case,) = services.draw_sample(
        acting_staff=staff,
        round=round,
        eligible=[services.EligibleIn(subject=person, interviewer=staff)],
    )
    services.open_round(acting_staff=staff, round=round)
    return version, case
