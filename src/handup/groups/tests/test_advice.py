"""A group is advised at a visit; no plan is needed and nobody is named."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.errors import InTheFuture
from handup.groups.models import AdviceVisit, Group
from handup.groups.services import advice as s
from handup.groups.tests.conftest import FORMED, staff_with
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.web.forms import NEW_ID

DAY = FORMED + timedelta(days=20)
SAID = s.AdviceIn(" Feed runs out in May ", "Buy feed together", next_date=DAY + timedelta(days=30))


def record(staff: StaffUser, group: Group, **more: Any) -> AdviceVisit:
    told: dict[str, Any] = {"visit_date": DAY, "women": 9, "men": 2, "advice": SAID, **more}
    return s.record_advice_visit(acting_staff=staff, group=group, **told)


def test_a_visit_is_kept_once_with_what_was_advised(group: Group, officer: StaffUser) -> None:
    key = new_id()
    visit = record(officer, group, id=key)
    assert (visit.situation, visit.visitor) == ("Feed runs out in May", officer)
    assert record(officer, group, id=key) == visit
    with pytest.raises(SameIdOtherContent):
        record(officer, group, id=key, men=3)
    assert AdviceVisit.objects.count() == 1


def test_what_cannot_be_is_refused_by_name(
    group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    cases: tuple[tuple[type[Exception], dict[str, Any]], ...] = (
        (s.NobodyThere, {"women": 0, "men": 0}),
        (s.NobodyThere, {"women": 10**12}),
        (s.AdviceMissing, {"advice": s.AdviceIn("Feed runs out", " ")}),
        (s.BeforeItWasFormed, {"visit_date": FORMED - timedelta(days=1)}),
        (s.NextNotLater, {"advice": s.AdviceIn("A", "B", next_date=DAY)}),
        (InTheFuture, {"visit_date": tomorrow, "advice": s.AdviceIn("A", "B")}),
    )
    for refusal, more in cases:
        with pytest.raises(refusal):
            record(officer, group, **more)
    with pytest.raises(OutOfSight):
        record(outsider, group)
    reader = staff_with("reader-advice", Role.AUDITOR, programme=group.programme_id)
    with pytest.raises(NotAllowed):
        record(reader, group)
    assert not AdviceVisit.objects.exists()


def test_advice_on_its_pages_and_over_the_api(
    client: Client, group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)
    page = reverse("groups:advice_new", args=[group.pk])
    told = {
        "visit_date": DAY.isoformat(), "women": "9", "men": "2", "situation": "Feed runs out",
        "action": "Buy together", NEW_ID: str(new_id()),
    }  # fmt: skip
    assert client.post(page, {**told, "women": "0", "men": "0"}).status_code == 422
    for _press in range(2):
        assert client.post(page, told).status_code == 302
    assert AdviceVisit.objects.count() == 1
    detail = reverse("groups:group_detail", args=[group.pk])
    assert "Buy together" in client.get(detail).content.decode()
    listed = reverse("groups:advice_list")
    assert "Buy together" in client.post(listed, {"q": "feed"}, follow=True).content.decode()
    assert "Buy together" not in client.post(listed, {"q": "milk"}, follow=True).content.decode()
    base = "/api/v1/groups"
    body = {"visit_date": DAY.isoformat(), "women": 4, "men": 0, "situation": "S", "action": "A"}
    answer = client.post(
        f"{base}/groups/{group.pk}/advice-visits",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (answer.status_code, answer.json()["women"]) == (201, 4)
    assert len(client.get(f"{base}/advice-visits").json()["items"]) == 2
    client.force_login(outsider)
    assert client.get(f"{base}/advice-visits").json()["items"] == []
    assert "Buy together" not in client.get(listed).content.decode()
    assert client.get(page).status_code == 404
