"""Payback of training is told only beside a comparison group, and only when it is clear."""

from datetime import date
from typing import Any

import pytest

from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.results.models import Analysis
from handup.results.payback import payback_facts
from handup.surveys.models import Round
from handup.training.models import CostLine, Enrolment
from handup.training.tests import samples
from handup.training.tests.conftest import member_of_staff

pytestmark = pytest.mark.django_db
CLOSED = date(2026, 9, 30)


@pytest.fixture
def reader() -> StaffUser:
    return member_of_staff("reader", Role.ME_OFFICER)


@pytest.fixture
def programme(reader: StaffUser) -> Programme:
    """One participant; her training cost 200.00."""
    office = Office.objects.create(code="walk", name="Walk")
    samples.make(reader, office)
    row = Programme.objects.get(code="WALK-T")
    came = Enrolment.objects.filter(cohort__programme=row)
    day = date(2026, 3, 2)
    came.update(
        applied_date=day,
        eligible_date=day,
        invited_date=day,
        enrolled_date=day,
        started_date=day,
    )
    CostLine.objects.filter(programme=row).delete()
    CostLine.objects.create(
        programme=row,
        cohort=row.cohorts.get(),
        title="Trainer",
        cost_date=date(2026, 3, 2),
        amount_units=20_000,
        currency="XTS",
    )
    return row


def shown(programme: Programme, staff: StaffUser, **more: Any) -> list[str]:
    told = {"estimates": [{"value": "2.6", "low": "1.1", "high": "4.1"} | more.pop("main", {})]}
    values: dict[str, Any] = {
        "state": "DONE",
        "kind": "AMOUNT",
        "unit": "XTS",
        "level": "COMPARED",
    }
    row = Analysis(
        programme=programme,
        last_round=Round(closes_date=CLOSED),
        told=told,
        **(values | more),
    )
    return [str(fact.value) for fact in payback_facts(row, staff)]


def test_200_a_participant_and_260_a_week_more_are_back_in_77_weeks(
    programme: Programme, reader: StaffUser
) -> None:
    found = shown(programme, reader)
    assert len(found) == 1
    assert found[0].startswith("76.9 weeks")
    assert "333.3" in found[0]


@pytest.mark.parametrize(
    "case",
    [
        {"level": "CHANGE"},
        {"state": "FIXED"},
        {"unit": "USD"},
        {"kind": "SHARE"},
        {"main": {"low": "-0.2"}},
        {"main": {"value": "-2.6", "low": "-4", "high": "-1"}},
    ],
)
def test_without_a_clear_gain_over_others_no_payback_is_told(
    case: dict[str, Any], programme: Programme, reader: StaffUser
) -> None:
    assert shown(programme, reader, **case) == []


def test_nobody_reads_a_cost_she_may_not_see_or_one_not_converted(
    programme: Programme, reader: StaffUser
) -> None:
    assert shown(programme, member_of_staff("funder", Role.FUNDER)) == []
    CostLine.objects.filter(programme=programme).update(currency="USD")
    assert shown(programme, reader) == []
