"""One record of each kind the addresses of `surveys` name, for the tests that walk every
address.
"""

from datetime import date

from django.db.models import Model

from handup.org.models import Office, StaffUser
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import UnplacedAnswers
from handup.surveys.rules.codes import RoundKind

DAY = date(2026, 3, 2)


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A round with one answered case."""
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
    unplaced = UnplacedAnswers.objects.create(
        programme=programme,
        sent_by=staff,
        reason="CASE_UNKNOWN",
        keyed_sum="walk",
        body="<household id='household' version='2026-1'/>",
    )
    return [unplaced, version.questionnaire, version, round, case, submission]
