"""Appraisals another person decided by count as evidence; who lapsed appraises nothing."""

from datetime import date, timedelta
from typing import Any

import pytest

from handup.lending import services
from handup.lending.errors import AppraiserLapsed
from handup.lending.models import Appraisal
from handup.lending.rules.codes import Outcome
from handup.lending.tests.cast import START, World, applied, approved
from handup.training import qualified
from handup.training.models import Qualification
from handup.training.rules.ladder import Proof


def holder(world: World, until: date) -> Qualification:
    staff = world.cast.appraiser
    row: Qualification = Qualification.objects.create(
        field="APPRAISER", name=staff.display_name, staff=staff, level="QUALIFIED",
        granted_date=date(2020, 1, 1), valid_to=until,
    )  # fmt: skip
    return row


def test_what_another_person_decided_as_it_was_recommended_counts(world: World) -> None:
    row = holder(world, START + timedelta(days=900))
    waiting = applied(world)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=waiting,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.DECLINE,
    )

    def counted(on: date | None = None) -> int:
        return qualified.proofs_of([row], on)[row.pk][Proof.APPRAISAL_COSIGNED]

    assert counted() == 0
    approved(world)
    assert counted() == 1
    assert counted(START - timedelta(days=4)) == 0, "not decided yet"
    assert qualified.active([row], START) == {row.pk}


def test_an_appraiser_who_lapsed_appraises_nothing(world: World) -> None:
    day = START - timedelta(days=5)
    row = holder(world, day - timedelta(days=1))
    application = applied(world)
    told: dict[str, Any] = {
        "acting_staff": world.cast.appraiser,
        "application": application,
        "appraised_date": day,
        "recommendation": Outcome.APPROVE,
    }
    with pytest.raises(AppraiserLapsed):
        services.appraise_application(**told)
    assert not Appraisal.objects.exists()
    Qualification.objects.filter(pk=row.pk).update(valid_to=day)
    services.appraise_application(**told)
