"""A producer number holds from its first day until it is given up: nothing is brought outside it, a
point takes nothing before it opened, and two records with one number each become one."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import NumberGivenUp
from handup.groups.models import CollectionPoint, Delivery, GateEntry, Member, Producer
from handup.groups.models.collection import Finding, GateState, Shift
from handup.groups.models.payslips import DeductionKind
from handup.groups.persons import TwoNumbersInGroup, move
from handup.groups.services import collection, deductions, deliveries
from handup.groups.services.collection import NumberEnded, NumberInUse, NumberNotSettled
from handup.groups.services.deliveries import CanIn, DeliversSince, ExplainedBefore, PointNotOpen
from handup.groups.tests.conftest import FORMED
from handup.groups.tests.test_collection import DAY, point, producers
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.merging import Merge

__all__ = ("point", "producers")
LATER = DAY + timedelta(days=3)


def bring(
    point: CollectionPoint, officer: StaffUser, producer: Producer, on: date = DAY
) -> Delivery:
    (row,) = deliveries.record_deliveries(
        acting_staff=officer,
        point=point,
        on=on,
        shift=Shift.MORNING,
        cans=[CanIn(producer, 10_000)],
    )
    return row


def test_nothing_is_taken_in_before_the_point_opened_or_the_number_began(
    point: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    second = collection.open_point(acting_staff=officer, group=point.group, name="Mill", on=LATER)
    with pytest.raises(PointNotOpen) as early:
        bring(second, officer, producers[0])
    assert early.value.places["day"] == LATER
    with pytest.raises(PointNotOpen):
        deliveries.record_gate(acting_staff=officer, point=second, volume_ml=1_000, on=DAY)
    new = collection.register_producer(
        acting_staff=officer, group=point.group, member=members[3], from_date=LATER
    )
    with pytest.raises(DeliversSince):
        bring(point, officer, new)
    assert not Delivery.objects.exists()
    assert not GateEntry.objects.exists()
    assert bring(second, officer, new, LATER).amount_units == 400


def test_a_difference_at_the_gate_is_not_explained_before_it_came(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    bring(point, officer, producers[0])
    gate = deliveries.record_gate(acting_staff=officer, point=point, volume_ml=5_000, on=DAY)
    explain = partial(
        deliveries.explain_gate, acting_staff=officer, entry=gate, finding=Finding.SPILLED
    )
    with pytest.raises(ExplainedBefore):
        explain(on=DAY - timedelta(days=1))
    gate.refresh_from_db()
    assert gate.state == GateState.OUT_OF_TOLERANCE
    assert explain(on=DAY).state == GateState.EXPLAINED


def test_a_number_is_given_up_once_everything_under_it_is_settled(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser, outsider: StaffUser
) -> None:
    one, two, _stranger = producers
    bring(point, officer, one)
    give_up = partial(collection.give_up_number, acting_staff=officer, on=LATER)
    with pytest.raises(NumberInUse):
        give_up(producer=one, on=DAY - timedelta(days=1))
    with pytest.raises(NumberNotSettled):
        give_up(producer=one)
    off = partial(
        deductions.record_deduction, acting_staff=officer, kind=DeductionKind.CHARGES, on=DAY
    )
    charge = off(producer=two, units=10)
    with pytest.raises(NumberNotSettled):
        give_up(producer=two)
    with pytest.raises((NotAllowed, OutOfSight)):
        give_up(producer=two, acting_staff=outsider)
    assert not point.group.facts.filter(name="give_up_number").exists()
    charge.is_reversed = True
    charge.save(update_fields=("is_reversed",))
    assert give_up(producer=two) == give_up(producer=two)
    assert point.group.facts.filter(name="give_up_number").count() == 1
    with pytest.raises(NumberEnded):
        give_up(producer=two, on=LATER + timedelta(days=1))
    with pytest.raises(NumberGivenUp):
        bring(point, officer, two, LATER)
    with pytest.raises(NumberGivenUp):
        off(producer=two, units=5)
    assert bring(point, officer, two, DAY).producer == two


def test_who_gave_her_number_up_gets_a_new_one(
    point: CollectionPoint, producers: list[Producer], members: list[Member], officer: StaffUser
) -> None:
    register = partial(
        collection.register_producer,
        acting_staff=officer,
        group=point.group,
        member=members[0],
        from_date=LATER,
    )
    with pytest.raises(collection.ProducerThere):
        register()
    collection.give_up_number(acting_staff=officer, producer=producers[0], on=LATER)
    again = register()
    assert (producers[0].number, again.number) == (1, 4)


def test_two_records_become_one_after_one_number_was_given_up(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    one, two, _stranger = producers
    assert two.member_id is not None
    Member.objects.filter(pk=two.member_id).update(left_date=DAY, status="LEFT")
    assert one.person_id is not None
    assert two.person_id is not None
    merge = Merge(one.person_id, two.person_id, LATER, officer.pk)
    with pytest.raises(TwoNumbersInGroup):
        move(merge)
    collection.give_up_number(acting_staff=officer, producer=two, on=LATER)
    move(merge)
    hers = Producer.objects.filter(person=one.person_id).order_by("number")
    assert list(hers.values_list("number", "ended_date")) == [(1, None), (2, LATER)]


def test_a_number_is_given_up_on_its_page_and_over_the_api(
    client: Client, point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    client.force_login(officer)
    one, two, _stranger = producers
    page = reverse("groups:producer", args=[one.pk])
    end = reverse("groups:number_end", args=[one.pk])
    assert end in client.get(page).content.decode()
    sent = {"on": LATER.isoformat(), "_read_back": "1"}
    assert client.post(end, sent).status_code == 302
    shown = client.get(page).content.decode()
    assert "Gave the number up on" in shown
    assert end not in shown
    pad = client.get(reverse("groups:pad", args=[point.pk])).content.decode()
    assert f"volume_ml_{one.pk}" not in pad
    assert f"volume_ml_{two.pk}" in pad
    told = client.post(
        f"/api/v1/groups/producers/{two.pk}/end",
        {"on": FORMED.isoformat()},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (told.status_code, told.json()["ended_date"]) == (201, FORMED.isoformat())
