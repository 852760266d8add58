"""A trainer whose qualification lapsed leads a course only beside one whose holds."""

from datetime import date

import pytest

from handup.org import installation
from handup.org.models import StaffUser
from handup.training import qualified, services
from handup.training.models import Cohort, CohortTrainer, Qualification
from handup.training.rules.ladder import Field, Level
from handup.training.services import refusals
from handup.training.tests.test_qualifications import stand

BEFORE, PAST, HOLDS = date(2024, 1, 1), date(2026, 1, 31), date(2028, 1, 1)


def registered(officer: StaffUser, staff: StaffUser, until: date) -> Qualification:
    row = services.register_qualification(acting_staff=officer, field=Field.TRAINER, staff=staff)
    stand(row, Level.QUALIFIED, BEFORE, until)
    return row


def test_a_lapsed_trainer_assists_and_leads_only_beside_one_who_is_qualified(
    cohort: Cohort, officer: StaffUser, second: StaffUser, trainer: StaffUser
) -> None:
    row = registered(officer, trainer, PAST)

    def name(staff: StaffUser, leads: bool) -> CohortTrainer:
        return services.name_trainer(acting_staff=officer, cohort=cohort, staff=staff, leads=leads)

    with pytest.raises(refusals.TrainerLapsed, match="31"):
        name(trainer, True)
    assert not cohort.trainers.exists()
    name(trainer, False)
    name(second, True)
    with pytest.raises(refusals.TrainerLapsed):
        name(trainer, True)  # nobody knows of the second what she is qualified for
    registered(officer, second, HOLDS)
    assert name(trainer, True).leads
    assert qualified.lapsed_holder(Field.TRAINER, trainer.pk, PAST) is None, "her last day"
    assert qualified.lapsed_holder(Field.TRAINER, trainer.pk, HOLDS) == row
    installation.put("training.lapsed_stopped", False)
    assert qualified.lapsed_holder(Field.TRAINER, trainer.pk, HOLDS) is None


def test_who_stands_on_no_register_is_not_stopped(
    cohort: Cohort, officer: StaffUser, trainer: StaffUser
) -> None:
    assert services.name_trainer(
        acting_staff=officer, cohort=cohort, staff=trainer, leads=True
    ).leads


def test_a_candidate_whose_step_ran_out_was_never_qualified_and_is_not_stopped(
    cohort: Cohort, officer: StaffUser, trainer: StaffUser
) -> None:
    row = services.register_qualification(acting_staff=officer, field=Field.TRAINER, staff=trainer)
    stand(row, Level.CANDIDATE, BEFORE, PAST)
    assert qualified.lapsed_holder(Field.TRAINER, trainer.pk, HOLDS) is None
    assert services.name_trainer(
        acting_staff=officer, cohort=cohort, staff=trainer, leads=True
    ).leads
