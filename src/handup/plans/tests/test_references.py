"""Beside the figures: certificates, time in the trade, what others say, and how it is known."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.org.web.forms import NEW_ID
from handup.people.models import Enterprise
from handup.plans import persons, refusals
from handup.plans.models import HouseholdLine, Plan, PlanReference
from handup.plans.rules.references import Opinion, Source
from handup.plans.services import record_reference
from handup.plans.standing import standing_of
from handup.plans.tests.conftest import DAY

LATER = DAY + timedelta(days=10)


def say(staff: StaffUser, plan: Plan, opinion: Opinion = Opinion.GOOD, on: date = DAY) -> None:
    record_reference(
        acting_staff=staff, plan=plan, source=Source.NEIGHBOUR, opinion=opinion, asked_date=on
    )


def test_what_is_known_stands_as_of_a_day(written: Plan, adviser: StaffUser) -> None:
    before = standing_of(written, DAY)
    assert (before.certificates, dict(before.references)) == ((), {})
    for opinion, on in ((Opinion.GOOD, DAY), (Opinion.GOOD, DAY), (Opinion.BAD, LATER)):
        say(adviser, written, opinion, on)
    assert dict(standing_of(written, DAY).references) == {("NEIGHBOUR", "GOOD"): 2}
    assert standing_of(written, LATER).references[("NEIGHBOUR", "BAD")] == 1
    assert sum(before.evidence.values()) == HouseholdLine.objects.filter(units__gt=0).count() > 0


def test_years_in_the_trade_are_whole_and_unknown_where_nobody_knows(written: Plan) -> None:
    enterprise = written.enterprise
    if enterprise is None:
        enterprise = Enterprise.objects.create(name="Bakery", registered_date=DAY)
        written.enterprise = enterprise
    for start, months in (
        (None, None),
        (date(DAY.year - 2, DAY.month, DAY.day), 24),
        (DAY - timedelta(days=1), 0),
        (LATER, None),
    ):
        enterprise.start_date = start
        assert standing_of(written, DAY).trade_months == months


def test_a_reference_is_kept_once_and_refused_by_name(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    told: dict[str, Any] = {
        "acting_staff": adviser, "plan": written, "source": Source.OTHER_LENDER,
        "opinion": Opinion.MIXED, "asked_date": DAY, "id": new_id(),
    }  # fmt: skip
    assert record_reference(**told) == record_reference(**told)
    with pytest.raises(SameIdOtherContent):
        record_reference(**told | {"opinion": Opinion.GOOD})
    with pytest.raises(refusals.AskedBeforeThePlan):
        say(adviser, written, on=written.started_date - timedelta(days=1))
    with pytest.raises(refusals.InTheFuture):
        say(adviser, written, on=timezone.localdate() + timedelta(days=1))
    with pytest.raises((NotAllowed, OutOfSight)):
        say(outsider, written)
    with pytest.raises(NotAllowed):
        say(staff_with("committee", Role.COMMITTEE), written)
    assert PlanReference.objects.count() == 1


def test_what_others_said_is_told_to_her_and_goes_with_her(
    written: Plan, adviser: StaffUser
) -> None:
    say(adviser, written, Opinion.BAD)
    her = written.person_id
    assert her is not None
    assert list(persons.held(her)["What others say"]) == [{"a neighbour": "advises against it"}]
    persons.blank(her)
    assert not PlanReference.objects.exists()


def test_references_on_the_page_and_over_the_api(
    client: Client, written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(adviser)
    page = reverse("plans:record_reference", args=[written.pk])
    told = {
        "source": "NEIGHBOUR", "opinion": "MIXED", "asked_date": DAY.isoformat(),
        NEW_ID: str(new_id()),
    }  # fmt: skip
    assert client.post(page, {**told, "opinion": "FINE"}).status_code == 422
    for _press in range(2):
        assert client.post(page, told).status_code == 302
    shown = client.get(reverse("plans:plan_detail", args=[written.pk])).content.decode()
    assert "a neighbour: has doubts (1)" in shown
    base = f"/api/v1/plans/plans/{written.pk}"
    body = {"source": "TRADE", "opinion": "GOOD", "asked_date": DAY.isoformat()}
    made = client.post(
        f"{base}/references",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert made.status_code == 201
    found = client.get(f"{base}/standing?on={DAY}").json()
    assert [(row["source"], row["count"]) for row in found["references"]] == [
        ("NEIGHBOUR", 1),
        ("TRADE", 1),
    ]
    client.force_login(outsider)
    assert client.get(f"{base}/standing?on={DAY}").status_code == 404
    assert client.get(page).status_code == 404
