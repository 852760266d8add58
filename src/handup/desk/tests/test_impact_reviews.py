"""Impact assessments wait on the first page of who writes, advises, decides, and on the board."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.desk import board, safety
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import ImpactAssessment, ImpactRisk
from handup.people.services import impact as s
from handup.people.tests.test_impact import WORDS, advised, decided, risk_in


@pytest.fixture
def director(db: None) -> StaffUser:
    return staff_with("director", Role.DIRECTOR)


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return staff_with("dpo", Role.DPO)


@pytest.fixture
def manager(db: None) -> StaffUser:
    return staff_with("manager", Role.MANAGER)


@pytest.fixture
def draft(manager: StaffUser) -> ImpactAssessment:
    return s.start_impact_assessment(acting_staff=manager, told=WORDS)


def test_the_next_look_and_late_measures_are_tasks_and_stand_on_the_board(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    today = timezone.localdate()

    def queue(permission: str, staff: StaffUser, on: date) -> list[str]:
        tasks = next(tell for code, _title, tell, _url in safety.QUEUES if code == permission)
        return [str(task.title) for task in tasks(staff, on)]

    def figure() -> tuple[int, int]:
        found = next(one for one in board.figures(dpo) if one.code == "IMPACT")
        return found.count, found.late

    s.add_impact_risk(acting_staff=manager, assessment=draft, told=risk_in())
    name = f"{draft.code}-1 · {draft.title}"
    assert (queue(s.ADVISE, dpo, today), queue(s.DECIDE, director, today)) == ([name], [])
    advised(dpo, draft)
    assert (queue(s.ADVISE, dpo, today), queue(s.DECIDE, director, today)) == ([], [name])
    ImpactRisk.objects.all().delete()
    row = decided(manager, director, dpo, draft)
    measure = row.risks.get().measure
    assert queue(s.DRAFT, manager, today) == []
    assert queue(s.DRAFT, manager, today + timedelta(days=11)) == [measure]
    assert queue(s.DRAFT, manager, today + timedelta(days=340)) == [name, measure]
    assert figure() == (0, 0)
    ImpactAssessment.objects.update(review_date=today - timedelta(days=1))
    assert figure() == (1, 1)
    s.renew_impact_assessment(acting_staff=manager, assessment=row)
    assert figure() == (0, 0)
