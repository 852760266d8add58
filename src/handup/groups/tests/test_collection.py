"""Milk is collected: points, producers, dated charts, deliveries priced and posted one by one, the
gate, and taking back; on the page without JavaScript, over the API, by whom."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.models import (
    CollectionPoint,
    Delivery,
    GateEntry,
    Group,
    GroupFact,
    Member,
    Producer,
)
from handup.groups.models.collection import Finding, Rejection, Shift
from handup.groups.rules.rate_chart import TestOutOfRange as OutOfRange
from handup.groups.services import collection, deliveries, surplus
from handup.groups.services.collection import ChartInUse, ChartsOverlap, PointThere, ProducerThere
from handup.groups.services.deliveries import CanIn, GateKnown, NoChart, NothingToExplain
from handup.groups.services.outside import TakenBackAlready
from handup.groups.tests.conftest import FORMED, new_person, staff_with
from handup.groups.tests.test_rate_chart import AXES
from handup.groups.verify import CHECKS, chains_hold
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance, balances_by_subject
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.people.services.erasure import holds_of

DAY = date(2026, 2, 2)
LITRE = {"pricing": "PER_LITRE", "per_litre_x100": 4_000}


def proofs_hold() -> None:
    assert [one for check in CHECKS for one in check.run()] == []


@standing
def clerk(group: Group) -> StaffUser:
    """The clerk of the cooperative, who decides nothing."""
    return staff_with("clerk", Role.CLERK, programme=group.programme_id)


@standing
def supervisor(group: Group) -> StaffUser:
    """Who takes back what others wrote."""
    return staff_with("super", Role.GROUP_SUPERVISOR, programme=group.programme_id)


@standing
def point(group: Group, officer: StaffUser) -> CollectionPoint:
    """A point of nobody, with milk at 40 a litre."""
    collection.publish_rate_chart(acting_staff=officer, group=group, from_date=FORMED, terms=LITRE)
    return collection.open_point(acting_staff=officer, group=group, name="Bridge", on=FORMED)


@standing
def producers(group: Group, members: list[Member], officer: StaffUser) -> list[Producer]:
    """Two members, and somebody who is none."""
    register = partial(
        collection.register_producer, acting_staff=officer, group=group, from_date=FORMED
    )
    stranger = new_person(77, group.programme, officer)
    return [*(register(member=one) for one in members[:2]), register(person=stranger)]


def test_each_delivery_posts_by_itself_and_a_rejected_can_pays_nothing(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    group = point.group
    one, two, stranger = producers
    record = partial(
        deliveries.record_deliveries, acting_staff=officer, point=point, on=DAY, shift=Shift.MORNING
    )
    cans = [
        CanIn(one, 12_500, fat_bps=410, temp_c10=85, id=new_id()),
        CanIn(two, 8_000, reason=Rejection.SOUR, id=new_id()),
        CanIn(stranger, 3_001, id=new_id()),
    ]
    rows = record(cans=cans)
    assert [row.amount_units for row in rows] == [500, 0, 120]
    assert record(cans=cans) == rows, "sent twice it pays once"
    with pytest.raises(SameIdOtherContent):
        record(cans=[CanIn(one, 12_600, fat_bps=410, temp_c10=85, id=cans[0].id)])
    assert balances_by_subject(group.book, "PRODUCERS", "producer") == {
        one.pk: -500,
        stranger.pk: -120,
    }
    assert balance(group.book, "PURCHASES") == 620
    assert Entry.objects.filter(kind="PRODUCE_TAKEN").count() == 2
    facts = GroupFact.objects.filter(name="record_delivery")
    assert set(facts.values_list("stream", flat=True)) == {f"POINT:{point.pk}"}
    assert [fact.seq for fact in facts.order_by("seq")] == [1, 2, 3]
    assert list(chains_hold()) == []
    assert (stranger.member_id, stranger.person_id is None) == (None, False)
    proofs_hold()


def test_one_wrong_can_keeps_the_whole_shift_out_and_names_its_producer(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    one, two, _stranger = producers
    with pytest.raises(OutOfRange) as refused:
        deliveries.record_deliveries(
            acting_staff=officer,
            point=point,
            on=DAY,
            shift=Shift.MORNING,
            cans=[CanIn(one, 5_000), CanIn(two, 5_000, fat_bps=4_100)],
        )
    assert refused.value.field == f"fat_bps_{two.pk}"
    assert not Delivery.objects.exists()
    assert not GroupFact.objects.filter(name="record_delivery").exists()


def test_a_chart_counts_from_its_day_and_deliveries_keep_theirs(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    group, (one, *_others) = point.group, producers
    publish = partial(collection.publish_rate_chart, acting_staff=officer, group=group)
    record = partial(deliveries.record_deliveries, acting_staff=officer, point=point)
    (before,) = record(on=DAY, shift=Shift.EVENING, cans=[CanIn(one, 10_000)])
    with pytest.raises(ChartsOverlap):
        publish(from_date=FORMED, terms=LITRE)
    with pytest.raises(ChartInUse):
        publish(from_date=DAY, terms=LITRE)
    key = new_id()
    chart = publish(from_date=DAY + timedelta(days=1), terms=AXES, id=key)
    assert publish(from_date=DAY + timedelta(days=1), terms=AXES, id=key) == chart
    can = CanIn(one, 10_000, fat_bps=400, clr_x100=2_800)
    (after,) = record(on=DAY + timedelta(days=1), shift=Shift.MORNING, cans=[can])
    assert (before.amount_units, before.chart_id != chart.pk) == (400, True)
    # 10.31 kg at 4 % fat and 8.20 % solids: 10.31 x (4 x 555 + 8.2 x 370) / 100
    assert (after.amount_units, after.chart_id) == (542, chart.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(chart).objects.filter(pk=chart.pk).update(terms=LITRE)
    with pytest.raises(DatabaseError), transaction.atomic():
        Delivery.objects.filter(pk=after.pk).update(amount_units=1)


def test_nothing_is_taken_in_before_a_chart_holds(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    stand = partial(collection.open_point, acting_staff=officer, group=group, on=FORMED)
    one = collection.register_producer(
        acting_staff=officer, group=group, member=members[0], from_date=FORMED
    )
    collection.publish_rate_chart(acting_staff=officer, group=group, from_date=DAY, terms=LITRE)
    record = partial(
        deliveries.record_deliveries,
        acting_staff=officer,
        point=stand(name="Ford"),
        shift=Shift.MORNING,
        cans=[CanIn(one, 1_000)],
    )
    with pytest.raises(NoChart):
        record(on=DAY - timedelta(days=1))
    (row,) = record(on=DAY)
    assert row.amount_units == 40


def test_a_wrong_delivery_is_taken_back_and_written_anew(
    point: CollectionPoint,
    producers: list[Producer],
    officer: StaffUser,
    supervisor: StaffUser,
) -> None:
    one, *_others = producers
    record = partial(
        deliveries.record_deliveries, acting_staff=officer, point=point, on=DAY, shift=Shift.MORNING
    )
    wrong, rejected = record(cans=[CanIn(one, 90_000), CanIn(one, 1_000, reason=Rejection.DIRTY)])
    assert deliveries.same_shift_twice([wrong, rejected]) == {wrong.pk, rejected.pk}
    back = partial(deliveries.take_back_delivery, on=DAY)
    with pytest.raises(NotAllowed):
        back(acting_staff=officer, delivery=wrong)
    for row in (wrong, rejected):
        assert back(acting_staff=supervisor, delivery=row).is_reversed
        with pytest.raises(TakenBackAlready):
            back(acting_staff=supervisor, delivery=row)
    record(cans=[CanIn(one, 9_000)])
    assert balances_by_subject(point.group.book, "PRODUCERS", "producer") == {one.pk: -360}
    today = timezone.localdate()
    (slip,) = record(on=today, cans=[CanIn(one, 9_000)])
    assert deliveries.take_back_delivery(acting_staff=officer, delivery=slip, on=today).is_reversed
    proofs_hold()


def test_the_gate_opens_a_case_beyond_the_tolerance_and_a_late_can_closes_it(
    point: CollectionPoint,
    producers: list[Producer],
    officer: StaffUser,
    supervisor: StaffUser,
) -> None:
    one, two, _stranger = producers
    record = partial(
        deliveries.record_deliveries, acting_staff=officer, point=point, on=DAY, shift=Shift.MORNING
    )
    record(cans=[CanIn(one, 30_000), CanIn(two, 20_000, reason=Rejection.WARM)])
    gate = partial(deliveries.record_gate, acting_staff=officer, point=point, on=DAY)
    key = new_id()
    row = gate(volume_ml=51_001, id=key)
    assert (row.declared_ml, row.state) == (50_000, "OUT_OF_TOLERANCE"), "rejected cans included"
    assert gate(volume_ml=51_001, id=key) == row
    with pytest.raises(GateKnown):
        gate(volume_ml=51_000)
    explain = partial(
        deliveries.explain_gate, acting_staff=officer, finding=Finding.MEASURE, on=DAY
    )
    assert explain(entry=row).state == "EXPLAINED"
    record(cans=[CanIn(one, 1_000)])
    row.refresh_from_db()
    assert (row.declared_ml, row.state, row.finding) == (51_000, "WITHIN_TOLERANCE", "")
    with pytest.raises(NothingToExplain):
        explain(entry=row)
    back = partial(deliveries.take_back_gate, acting_staff=supervisor, entry=row, on=DAY)
    assert back().is_reversed
    with pytest.raises(TakenBackAlready):
        back()
    assert gate(volume_ml=52_020).state == "WITHIN_TOLERANCE", "2 percent exactly"
    proofs_hold()


def test_points_and_producers_are_there_once(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser, members: list[Member]
) -> None:
    group = point.group
    with pytest.raises(PointThere):
        collection.open_point(acting_staff=officer, group=group, name=" Bridge ", on=FORMED)
    register = partial(
        collection.register_producer, acting_staff=officer, group=group, from_date=FORMED
    )
    with pytest.raises(ProducerThere):
        register(member=members[0])
    with pytest.raises(ProducerThere):
        register(person=members[0].person)
    third = register(person=members[2].person)
    assert (third.number, third.member) == (4, members[2]), "a person who is a member is one"
    assert [one.number for one in producers] == [1, 2, 3]


def test_a_clerk_collects_at_his_point_and_decides_nothing(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser, clerk: StaffUser
) -> None:
    group = point.group
    other = staff_with("other", Role.CLERK, programme=group.programme_id)
    his = collection.open_point(
        acting_staff=officer, group=group, name="Hill", collector=other, on=FORMED
    )
    record = partial(
        deliveries.record_deliveries, on=DAY, shift=Shift.MORNING, cans=[CanIn(producers[0], 1_000)]
    )
    for who, where in ((clerk, point), (other, his), (officer, his)):
        assert record(acting_staff=who, point=where)[0].amount_units == 40
    with pytest.raises(deliveries.NotYourPoint):
        record(acting_staff=clerk, point=his)
    with pytest.raises(NotAllowed):
        collection.open_point(acting_staff=clerk, group=group, name="Lake", on=FORMED)
    with pytest.raises(NotAllowed):
        surplus.record_uses(acting_staff=clerk, group=group, year=2025, line="Milk", uses={})


def test_the_pad_is_kept_once_says_what_it_comes_to_and_loses_nothing(
    client: Client, point: CollectionPoint, producers: list[Producer], clerk: StaffUser
) -> None:
    client.force_login(clerk)
    one, two, stranger = producers
    pad = reverse("groups:pad", args=[point.pk])
    page = client.get(f"{pad}?on=2026-02-02").content.decode()
    assert 'value="2026-02-02"' in page
    for row in producers:
        assert f'name="volume_ml_{row.pk}"' in page
    told = {
        "on": "2026-02-02",
        "shift": "MORNING",
        f"volume_ml_{one.pk}": "12,5",
        f"fat_bps_{one.pk}": "41",
        f"volume_ml_{two.pk}": "8",
        f"reason_{two.pk}": "SOUR",
        "_new_id": str(new_id()),
    }
    told[f"volume_ml_{one.pk}"] = "12.5"
    wrong = client.post(pad, told)
    assert wrong.status_code == 422
    assert "between 0 and 15" in wrong.content.decode()
    assert 'value="12.5"' in wrong.content.decode(), "nothing typed is lost"
    assert not Delivery.objects.exists()
    told[f"fat_bps_{one.pk}"] = "4.1"
    for _twice in range(2):
        done = client.post(pad, told, follow=True)
    shown = done.content.decode()
    assert "2 deliveries are kept" in shown
    assert sorted(Delivery.objects.values_list("volume_ml", "reason", "amount_units")) == [
        (8_000, "SOUR", 0),
        (12_500, "", 500),
    ]
    assert not Delivery.objects.filter(producer=stranger).exists()
    for name in ("day_list", "empty_pad"):
        paper = client.get(reverse(f"groups:{name}", args=[point.pk]), {"on": "2026-02-02"})
        assert paper.content.startswith(b"%PDF")


def test_collection_on_its_pages(
    client: Client, group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)

    def send(name: str, pk: Any, /, **told: str) -> None:
        sent = told | {"_read_back": "1", "_new_id": str(new_id())}
        answer = client.post(reverse(f"groups:{name}", args=[pk]), sent)
        assert answer.status_code == 302, answer.content.decode()[:3000]

    day, today = "2026-02-02", timezone.localdate().isoformat()
    stranger = new_person(78, group.programme, officer)
    send("point_new", group.pk, name="Bridge", on=day, collector=str(officer.pk))
    send("producer_new", group.pk, member=str(members[0].pk), from_date=day)
    number = stranger.registration_no
    send("producer_new", group.pk, registration_no=number, from_date=day)
    nobody = client.post(reverse("groups:producer_new", args=[group.pk]), {"from_date": day})
    assert nobody.status_code == 422
    send(
        "chart_new",
        group.pk,
        from_date=day,
        pricing="GRID",
        grid="3.5 8.0 4.10\n4.0 8.0 4.50",
        premiums="COLD 10 0.05",
        snf_lactometer_x10000="0.25",
        snf_fat_x10000="0.21",
        snf_constant_x10000="0.36",
    )
    point, (one, two) = CollectionPoint.objects.get(), Producer.objects.order_by("number")
    pad = {f"volume_ml_{row.pk}": "10" for row in (one, two)}
    pad |= {f"fat_bps_{row.pk}": "4" for row in (one, two)}
    pad |= {f"clr_x100_{row.pk}": "28" for row in (one, two)}
    send("pad", point.pk, on=today, shift="MORNING", **pad, **{f"temp_c10_{one.pk}": "8"})
    assert sorted(Delivery.objects.values_list("amount_units", flat=True)) == [4_500, 4_550]
    send("gate_new", point.pk, on=today, litres="10")
    gate = GateEntry.objects.get()
    shown = client.get(reverse("groups:collection", args=[group.pk])).content.decode()
    for word in ("90.50", "Member 78", "Gate entries to look into", "Bridge", "table of 2 steps"):
        assert word in shown
    send("gate_explain", gate.pk, on=today, finding="SPILLED")
    first = Delivery.objects.get(producer=two)
    shown = client.get(reverse("groups:point", args=[point.pk])).content.decode()
    assert "spilled or spoiled on the way" in shown
    send("delivery_back", first.pk, on=today)
    page = client.get(reverse("groups:producer", args=[two.pk])).content.decode()
    assert "taken back" in page
    assert stranger.display_name in page
    client.force_login(outsider)
    for name, pk in (("collection", group.pk), ("point", point.pk), ("producer", two.pk)):
        assert client.get(reverse(f"groups:{name}", args=[pk])).status_code == 404
    proofs_hold()


def test_collection_over_the_api_under_the_ids_of_the_device(
    client: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)

    def post(path: str, told: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/groups/{path}",
            told,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )

    day = "2026-02-02"
    of = f"groups/{group.pk}"
    point = post(f"{of}/points", {"name": "Bridge", "on": day, "collector": "officer"}).json()
    assert post(f"{of}/points", {"name": "X", "on": day, "collector": "nobody"}).status_code == 404
    made = post(f"{of}/producers", {"member_id": str(members[0].pk), "from_date": day}).json()
    chart = post(f"{of}/rate-charts", {"from_date": day, "terms": LITRE})
    assert (chart.status_code, chart.json()["terms"]) == (201, LITRE)
    can = {"id": str(new_id()), "producer_id": made["id"], "volume_ml": 10_000}
    shift = {"on": day, "shift": "EVENING", "cans": [can]}
    path = f"points/{point['id']}/deliveries"
    for _twice in range(2):
        sent = post(path, shift)
        assert (sent.status_code, sent.json()[0]["amount_units"]) == (201, 400)
    assert Delivery.objects.get().pk.hex == can["id"].replace("-", "")
    again = post(path, {**shift, "cans": [can | {"volume_ml": 9_000}]})
    assert again.json()["code"] == "SAME_ID_OTHER_CONTENT"
    unknown = post(path, {**shift, "cans": [can | {"producer_id": str(new_id())}]})
    assert unknown.status_code == 404
    gate = post(f"points/{point['id']}/gate", {"on": day, "volume_ml": 12_000}).json()
    assert gate["state"] == "OUT_OF_TOLERANCE"
    told = post(f"gate/{gate['id']}/finding", {"finding": "SAMPLES", "on": day}).json()
    assert told["state"] == "EXPLAINED"
    listed = client.get(f"/api/v1/groups/{path}", {"on": day}).json()
    assert [row["volume_ml"] for row in listed] == [10_000]
    assert [row["name"] for row in client.get(f"/api/v1/groups/{of}/points").json()] == ["Bridge"]
    assert len(client.get(f"/api/v1/groups/{of}/producers").json()) == 1
    assert len(client.get(f"/api/v1/groups/{of}/rate-charts").json()) == 1


def test_who_is_owed_for_milk_is_not_forgotten(
    point: CollectionPoint, producers: list[Producer], officer: StaffUser
) -> None:
    stranger = producers[2]
    assert stranger.person_id is not None
    assert list(holds_of(stranger.person_id, DAY)) == []
    deliveries.record_deliveries(
        acting_staff=officer,
        point=point,
        on=DAY,
        shift=Shift.MORNING,
        cans=[CanIn(stranger, 1_000)],
    )
    assert [hold.reason for hold in holds_of(stranger.person_id, DAY)] == ["SAVINGS"]
