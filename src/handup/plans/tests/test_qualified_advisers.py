"""Plans reviewed count as evidence by themselves; an adviser who lapsed signs only with a qualified
one.
"""

from datetime import date

import pytest

from handup.org.models import StaffUser
from handup.plans import refusals
from handup.plans.models import Plan
from handup.plans.rules.states import PlanState
from handup.plans.services import approve_plan
from handup.plans.tests.test_plan_services import LATER, advised, ready
from handup.training import qualified
from handup.training.models import Qualification, QualificationProof, QualificationStep
from handup.training.rules.ladder import Proof

SINCE, UNTIL = date(2024, 3, 1), date(2028, 3, 1)


def holder(staff: StaffUser, until: date, level: str = "QUALIFIED") -> Qualification:
    row: Qualification = Qualification.objects.create(
        field="ADVISOR", name=staff.display_name, staff=staff, level=level,
        granted_date=SINCE, valid_to=until,
    )  # fmt: skip
    stand(row, until, level)
    return row


def stand(row: Qualification, until: date, level: str) -> None:
    assert row.staff is not None
    QualificationStep.objects.create(
        qualification=row, level=level, granted_date=SINCE, valid_to=until, granted_by=row.staff
    )


def test_a_plan_that_somebody_qualified_reviewed_counts_by_itself_and_once(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    row = holder(adviser, UNTIL, "CANDIDATE")
    plan = ready(written, adviser, reviewer)

    def counted(on: date | None = None) -> int:
        return qualified.proofs_of([row], on)[row.pk][Proof.PLAN_REVIEWED]

    assert counted() == 0, "nobody knows that the reviewer is qualified"
    judge = holder(reviewer, UNTIL, "CANDIDATE")
    assert counted() == 0
    stand(judge, UNTIL, "QUALIFIED")
    assert counted() == 1
    assert counted(date(2026, 1, 1)) == 0, "not reviewed yet"
    QualificationProof.objects.create(
        qualification=row, proof=Proof.PLAN_REVIEWED, proof_date=LATER,
        reference=plan.number.lower(), recorded_by=reviewer,
    )  # fmt: skip
    assert counted() == 1, "written down by hand it is the same plan"


def test_the_plan_of_an_adviser_who_lapsed_is_reviewed_by_somebody_qualified(
    written: Plan, adviser: StaffUser, reviewer: StaffUser
) -> None:
    holder(adviser, date(2025, 12, 31))
    plan = advised(written, adviser)
    with pytest.raises(refusals.AdviserLapsed):
        approve_plan(acting_staff=reviewer, plan=plan, reviewed_date=LATER)
    plan.refresh_from_db()
    assert plan.state == PlanState.ADVISED
    holder(reviewer, UNTIL)
    assert approve_plan(acting_staff=reviewer, plan=plan, reviewed_date=LATER).state == "READY"
