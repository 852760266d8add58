"""What the collection refuses and does not tell: a hidden producer, one id twice, charts of any
shape, digits that would be lost, a group that ended."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import GroupClosed
from handup.groups.models import CollectionPoint, Delivery, GateEntry, Group, Member, Producer
from handup.groups.models.collection import Shift
from handup.groups.services import deliveries
from handup.groups.services.deliveries import CanIn
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_collection import DAY, LITRE, point, producers
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser

__all__ = ("point", "producers")


def test_a_hidden_producer_is_not_read_from_what_was_declared(
    client: Client,
    point: CollectionPoint,
    producers: list[Producer],
    members: list[Member],
    officer: StaffUser,
) -> None:
    deliveries.record_deliveries(
        acting_staff=officer,
        point=point,
        on=DAY,
        shift=Shift.MORNING,
        cans=[CanIn(producers[0], 12_000), CanIn(producers[1], 31_000)],
    )
    deliveries.record_gate(acting_staff=officer, point=point, volume_ml=20_000, on=DAY)
    client.force_login(officer)
    pages = [reverse("groups:point", args=[point.pk])]
    pages.append(reverse("groups:collection", args=[point.group_id]))
    for page in pages:
        shown = client.get(page).content.decode()
        assert ">43<" in shown.replace(" ", "").replace("\n", "")
        assert "-53.49" in shown or "\u221253.49" in shown
    with hiding(members[1]):
        for page in pages:
            shown = client.get(page).content.decode()
            assert ">43<" not in shown.replace(" ", "").replace("\n", "")
            assert "53.49" not in shown
        listed = client.get(
            f"/api/v1/groups/points/{point.pk}/deliveries", {"on": DAY.isoformat()}
        ).json()
        assert [row["volume_ml"] for row in listed] == [12_000]
        gate = GateEntry.objects.get()
        told = client.post(
            f"/api/v1/groups/gate/{gate.pk}/finding",
            {"finding": "SAMPLES", "on": DAY.isoformat()},
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        ).json()
        assert (told["volume_ml"], told["declared_ml"]) == (20_000, None)


def test_one_id_is_one_delivery_and_a_chart_of_any_shape_is_refused_by_name(
    client: Client, point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    same = new_id()
    cans = [CanIn(producers[0], 1_000, id=same), CanIn(producers[1], 2_000, id=same)]
    record = partial(
        deliveries.record_deliveries, acting_staff=officer, point=point, on=DAY, shift=Shift.MORNING
    )
    with pytest.raises(SameIdOtherContent):
        record(cans=cans)
    assert not Delivery.objects.exists()
    first, again = record(cans=[cans[0], cans[0]])
    assert (first, Delivery.objects.count()) == (again, 1)
    client.force_login(officer)
    for terms in (
        {"pricing": ["PER_LITRE"]},
        {"pricing": "GRID", "grid": 7},
        {"pricing": "GRID", "grid": {"fat_bps": 1}},
        LITRE | {"premiums": 7},
        LITRE | {"premiums": [{"of": [], "bound": 1, "per_litre_x100": 1}]},
    ):
        answer = client.post(
            f"/api/v1/groups/groups/{point.group_id}/rate-charts",
            {"from_date": "2026-03-01", "terms": terms},
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )
        assert answer.status_code in (400, 409, 422), terms
        assert answer.json()["faults"], terms


def test_a_price_is_refused_where_it_would_lose_its_last_digits(
    client: Client, group: Group, officer: StaffUser
) -> None:
    client.force_login(officer)
    page = reverse("groups:chart_new", args=[group.pk])
    told = {"from_date": "2026-02-01", "pricing": "GRID", "grid": "3.5 8.0 410"}
    for wrong in (
        {"grid": "3.555 8.0 410"},
        {"grid": "3.5 8.0 410.123456"},
        {"premiums": "COLD 10.25 5"},
    ):
        answer = client.post(page, told | wrong)
        assert "Line 1 has more digits" in answer.content.decode(), wrong
    assert not group.rate_charts.exists()


def test_a_group_that_ended_owes_nobody_for_new_milk(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    Group.objects.filter(pk=point.group_id).update(status="CLOSED")
    with pytest.raises(GroupClosed):
        deliveries.record_deliveries(
            acting_staff=officer,
            point=point,
            on=DAY,
            shift=Shift.MORNING,
            cans=[CanIn(producers[0], 1_000)],
        )
    assert balance(point.group.book, "PURCHASES") == 0
