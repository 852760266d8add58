"""Steps of an apprenticeship go by what is stored, not by what a page read before."""

from datetime import date, timedelta

import pytest

from handup.org.models import StaffUser
from handup.training import services
from handup.training.models import ApprenticeshipAgreement, Cohort, Enrolment, GraduateOffer
from handup.training.rules.states import ApprenticeshipState, DropoutReason, EnrolmentState
from handup.training.services import refusals
from handup.training.tests.conftest import START
from handup.training.tests.test_apprentice_months import judged


def end(officer: StaffUser, row: ApprenticeshipAgreement) -> None:
    services.end_apprenticeship(
        acting_staff=officer,
        agreement=row,
        ended_date=START + timedelta(days=60),
        reason="Moved away",
    )


def graduate(officer: StaffUser, row: ApprenticeshipAgreement) -> None:
    services.graduate_apprentices(acting_staff=officer, items=[judged(row, skills=[2])])


def test_who_ended_meanwhile_does_not_graduate_and_the_other_way_round(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> None:
    first, second = agreements
    stale = ApprenticeshipAgreement.objects.get(pk=first.pk)
    end(officer, first)
    with pytest.raises(refusals.NotInThisState):
        graduate(officer, stale)
    stale = ApprenticeshipAgreement.objects.get(pk=second.pk)
    graduate(officer, second)
    with pytest.raises(refusals.NotInThisState):
        end(officer, stale)
    assert [ApprenticeshipAgreement.objects.get(pk=row.pk).state for row in agreements] == [
        ApprenticeshipState.TERMINATED,
        ApprenticeshipState.GRADUATED,
    ]
    assert GraduateOffer.objects.filter(agreement=first).count() == 0


def test_who_dropped_out_or_whose_cohort_is_closed_does_not_graduate(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> None:
    first, second = agreements
    services.end_enrolment(
        acting_staff=officer,
        enrolment=Enrolment.objects.get(pk=first.enrolment_id),
        state=EnrolmentState.DROPPED_OUT,
        ended_date=START + timedelta(days=60),
        reason=DropoutReason.ILLNESS,
    )
    with pytest.raises(refusals.NotEnrolled):
        graduate(officer, first)
    assert Enrolment.objects.get(pk=first.enrolment_id).state == EnrolmentState.DROPPED_OUT
    Cohort.objects.filter(pk=second.enrolment.cohort_id).update(state="CLOSED")
    with pytest.raises(refusals.CohortClosed):
        graduate(officer, second)
    assert Enrolment.objects.get(pk=second.enrolment_id).completed_date is None


def test_nobody_starts_on_a_day_to_come(
    agreements: list[ApprenticeshipAgreement], officer: StaffUser
) -> None:
    row = agreements[0]
    ApprenticeshipAgreement.objects.filter(pk=row.pk).update(state="SIGNED", started_date=None)
    row.refresh_from_db()
    with pytest.raises(refusals.AfterToday):
        services.start_apprenticeships(
            acting_staff=officer, agreements=[row], started_date=date(2199, 1, 1)
        )


def test_who_leaves_keeps_what_was_told_of_her_meanwhile(
    enrolled: list[Enrolment], officer: StaffUser
) -> None:
    row = enrolled[0]
    stale = Enrolment.objects.get(pk=row.pk)
    Enrolment.objects.filter(pk=row.pk).update(referral_source="her neighbour")
    services.end_enrolment(
        acting_staff=officer,
        enrolment=stale,
        state=EnrolmentState.DROPPED_OUT,
        ended_date=START,
        reason=DropoutReason.ILLNESS,
    )
    row.refresh_from_db()
    assert (row.state, row.referral_source) == ("DROPPED_OUT", "her neighbour")
