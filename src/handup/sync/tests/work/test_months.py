"""How a month of a plan went, told on a phone: stored once, unknown where nobody knows, never of
somebody the phone's holder does not see."""

from datetime import date
from typing import Any

import pytest

from handup.org.models import Device, StaffUser
from handup.people.models import Person
from handup.plans.models import ActualMonth, Plan, Visit
from handup.plans.rules.states import PlanState
from handup.plans.services import submit_plan
from handup.plans.tests.conftest import (
    DAY,
    adviser,
    alice,
    bakery,
    outsider,
    plan,
    programme,
    written,
)
from handup.sync.models import WorkState
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.tests.work.test_plans import send
from handup.sync.work_queries import work_of

__all__ = ["adviser", "alice", "bakery", "outsider", "plan", "programme", "written"]

APRIL = "2026-04-01"


@pytest.fixture
def device(adviser: StaffUser) -> Device:
    return own_phone(adviser).device


@pytest.fixture
def running(written: Plan, adviser: StaffUser) -> Plan:
    """A plan that was financed."""
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    Plan.objects.filter(pk=written.pk).update(state=PlanState.FINANCED)
    written.refresh_from_db()
    return written


def month(plan: Plan, /, **more: Any) -> dict[str, Any]:
    body = {"person": str(plan.person_id), "plan": str(plan.pk), "visit": None, "month": APRIL}
    return told("record_actual_month", {**body, "sales_units": 900_00, **more}, "2026-05-04")


def test_the_phone_carries_planned_sales_and_what_is_told(
    running: Plan, adviser: StaffUser, device: Device
) -> None:
    (one,) = work_of(adviser)[0]["followed"]
    assert (one["plan_id"], one["told"], len(one["sales"])) == (running.pk, [], 6)
    version = running.versions.get()
    assert one["sales"] == [row["sales"] for row in version.results["months"]]
    assert states(send(adviser, device, month(running))) == ["DONE"]
    assert work_of(adviser)[0]["followed"][0]["told"] == [date(2026, 4, 1)]
    Plan.objects.update(state=PlanState.DRAFT)
    assert work_of(adviser)[0]["followed"] == []


def test_a_month_is_stored_once_at_its_visit_and_unknown_stays_unknown(
    running: Plan, adviser: StaffUser, device: Device
) -> None:
    words = {"person": str(running.person_id), "kind": "COACHING", "situation": "Sells well"}
    visit = told("record_visit", words, "2026-05-04")
    fact = month(running, visit=visit["id"], profit_told_units=-5_00, workers=2)
    assert states(send(adviser, device, visit, fact)) == ["DONE", "DONE"]
    assert states(send(adviser, device, fact)) == ["DONE"]
    row = ActualMonth.objects.get()
    assert (str(row.pk), row.visit, row.recorded_by) == (
        fact["id"], Visit.objects.get(), adviser,
    )  # fmt: skip
    assert (row.sales_units, row.profit_told_units, row.workers, row.rent_units) == (
        900_00, -5_00, 2, None,
    )  # fmt: skip
    (answer,) = send(adviser, device, month(running, sales_units=1))
    assert answer.state == WorkState.WAITING
    assert "already told" in answer.reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"sales_units": -1},
        {"sales_units": None},
        {"sales_units": 2**53},
        {"profit_told_units": -(2**53)},
        {"working_days": 32},
        {"month": "April"},
        {"plan": "P1"},
        {"visit": "V1"},
    ],
)
def test_a_month_that_cannot_be_read_is_refused(
    running: Plan, adviser: StaffUser, device: Device, wrong: dict[str, Any]
) -> None:
    assert states(send(adviser, device, month(running, **wrong))) == ["REFUSED"]
    assert not ActualMonth.objects.exists()


def test_nobody_tells_of_a_plan_she_does_not_see_nor_of_whoever_was_erased(
    running: Plan, adviser: StaffUser, outsider: StaffUser, device: Device, alice: Person
) -> None:
    assert states(send(outsider, own_phone(outsider).device, month(running))) == ["WAITING"]
    outside = month(running, month="2027-04-01")
    assert states(send(adviser, device, outside)) == ["WAITING"]
    Person.objects.filter(pk=alice.pk).update(erased_date=DAY)
    (answer,) = send(adviser, device, month(running))
    assert answer.state in {WorkState.LEFT_OUT, WorkState.WAITING}
    assert not ActualMonth.objects.exists()
