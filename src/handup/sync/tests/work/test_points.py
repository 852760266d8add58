"""Milk collected on phones of a point: each delivery posts by itself, from several phones at once,
in any order, and what does not fit waits."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.groups.models import CollectionPoint, Delivery, GateEntry, Group, GroupFact, Producer
from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, NewMember, admit_members, collection, register_group
from handup.groups.tests.conftest import FORMED, new_person, staff_with
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.queries import balances_by_subject
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.models import WorkFact
from handup.sync.persons import held
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.work_queries import work_of

DAY = "2026-02-02"


@pytest.fixture
def dairy(db: None) -> Group:
    """A dairy cooperative whose milk is 40 a litre."""
    programme = Programme.objects.create(code="DAIRY", title="Dairy", currency="XTS")
    officer = staff_with("dairy", Role.FIELD_OFFICER, programme=programme.pk)
    group = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name="White river",
            kind=GroupKind.COOP_PRIMARY,
            area=Area.objects.create(code="D1", names={"en": "Village"}, level=2),
            formed_date=FORMED,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    members = admit_members(
        acting_staff=officer,
        group=group,
        members=[
            NewMember(person=new_person(number, programme, officer), joined_date=FORMED)
            for number in (601, 602)
        ],
    )
    for member in members:
        collection.register_producer(
            acting_staff=officer, group=group, member=member, from_date=FORMED
        )
    terms = {"pricing": "PER_LITRE", "per_litre_x100": 4_000}
    collection.publish_rate_chart(acting_staff=officer, group=group, from_date=FORMED, terms=terms)
    collection.open_point(acting_staff=officer, group=group, name="Bridge", on=FORMED)
    return group


def collector(group: Group, name: str) -> StaffUser:
    return staff_with(name, Role.CLERK, programme=group.programme_id)


def told(name: str, body: dict[str, Any], id: str = "") -> dict[str, Any]:
    return {
        "id": id or str(new_id()),
        "name": name,
        "happened_date": DAY,
        "recorded_at": f"{DAY}T06:15:00+08:00",
        "body": body,
    }


def delivered(point: CollectionPoint, producer: Producer, ml: int, **more: Any) -> dict[str, Any]:
    body = {"point": str(point.pk), "producer": str(producer.pk), "shift": "MORNING"}
    return told("record_delivery", body | {"volume_ml": ml} | more)


def test_several_phones_of_one_point_post_each_delivery_once(dairy: Group) -> None:
    point, (one, two) = dairy.points.get(), dairy.producers.order_by("number")
    first, second = (collector(dairy, name) for name in ("ann", "ben"))
    phones = {who: own_phone(who).device for who in (first, second)}

    def send(who: StaffUser, *facts: dict[str, Any]) -> list[str]:
        return states(services.receive_work(facts, acting_staff=who, device=phones[who]))

    mine = [delivered(point, one, 10_000, fat_bps=410), delivered(point, two, 5_000, reason="SOUR")]
    theirs = [delivered(point, two, 7_000)]
    assert send(first, mine[0]) == ["DONE"]
    assert send(second, *theirs) == ["DONE"]
    assert send(first, *mine) == ["DONE", "DONE"]
    assert send(second, *theirs) == ["DONE"], "sent again, it pays once"
    assert balances_by_subject(dairy.book, "PRODUCERS", "producer") == {
        one.pk: -400,
        two.pk: -280,
    }
    facts = GroupFact.objects.filter(stream=f"POINT:{point.pk}", name="record_delivery")
    assert list(facts.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert WorkFact.objects.filter(state="DONE").count() == 3
    assert [one for check in CHECKS for one in check.run()] == []


def test_what_does_not_fit_waits_alone_and_keeps_nothing_else_out(dairy: Group) -> None:
    point, (one, two) = dairy.points.get(), dairy.producers.order_by("number")
    clerk = collector(dairy, "ann")
    device = own_phone(clerk).device
    officer = staff_with("boss", Role.FIELD_OFFICER, programme=dairy.programme_id)
    other = collection.open_point(
        acting_staff=officer, group=dairy, name="Hill", collector=officer, on=FORMED
    )
    good = delivered(point, one, 10_000)
    facts = [
        delivered(point, one, 10_000, fat_bps=1_600),
        delivered(other, two, 10_000),
        delivered(point, one, 0),
        delivered(point, one, 10_000, shift="NOON"),
        delivered(point, one, 10_000, reason="BLUE"),
        told("record_delivery", good["body"] | {"producer": str(new_id())}),
        told("take_back_delivery", {"delivery": str(new_id())}),
        good,
        told("record_gate", {"point": str(point.pk), "volume_ml": 10_000}),
    ]
    answers = services.receive_work(facts, acting_staff=clerk, device=device)
    waits = "WAITING"
    assert states(answers) == [waits, waits, *["REFUSED"] * 3, waits, waits, "DONE", "DONE"]
    assert "between 0 and 15" in answers[0].reason
    assert "only its collector" in answers[1].reason
    assert Delivery.objects.get().amount_units == 400
    assert one.person_id is not None
    (kept,) = held(one.person_id)["Deliveries recorded away and not taken"]
    assert '"fat_bps": 1600' in kept["As it came"], "whoever asks for her file is told"
    assert GateEntry.objects.get().state == "WITHIN_TOLERANCE"


def test_what_was_taken_back_at_the_point_before_the_office_heard_of_it_is_taken_back(
    dairy: Group,
) -> None:
    point, one = dairy.points.get(), dairy.producers.order_by("number")[0]
    clerk = collector(dairy, "ann")
    device = own_phone(clerk).device
    wrong, right = delivered(point, one, 90_000), delivered(point, one, 9_000)
    back = told("take_back_delivery", {"delivery": wrong["id"]})
    answers = services.receive_work([wrong, back, right], acting_staff=clerk, device=device)
    assert states(answers) == ["DONE"] * 3
    assert balances_by_subject(dairy.book, "PRODUCERS", "producer") == {one.pk: -360}


def test_a_delivery_the_office_had_needs_who_may_take_it_back_on_a_later_day(dairy: Group) -> None:
    point, one = dairy.points.get(), dairy.producers.order_by("number")[0]
    clerk = collector(dairy, "ann")
    device = own_phone(clerk).device
    wrong = delivered(point, one, 90_000)
    back = told("take_back_delivery", {"delivery": wrong["id"]})
    back["recorded_at"] = (timezone.now() + timedelta(minutes=1)).isoformat(timespec="seconds")
    answers = services.receive_work([wrong, back], acting_staff=clerk, device=device)
    assert states(answers) == ["DONE", "WAITING"]
    roles = (Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR)
    boss = staff_with("boss", *roles, programme=dairy.programme_id)
    device = own_phone(boss).device
    again = told("take_back_delivery", {"delivery": wrong["id"]})
    answers = services.receive_work([again], acting_staff=boss, device=device)
    assert states(answers) == ["DONE"]
    assert balances_by_subject(dairy.book, "PRODUCERS", "producer") == {}


def test_the_pack_carries_the_points_of_its_holder_with_producers_and_chart(dairy: Group) -> None:
    clerk = collector(dairy, "ann")
    officer = staff_with("boss", Role.FIELD_OFFICER, programme=dairy.programme_id)
    collection.open_point(
        acting_staff=officer, group=dairy, name="Hill", collector=officer, on=FORMED
    )
    pack, persons = work_of(clerk)
    (point,) = pack["points"]
    assert (point["name"], point["currency"]) == ("Bridge", "XTS")
    assert [row["number"] for row in point["producers"]] == [1, 2]
    assert [row["terms"]["per_litre_x100"] for row in point["charts"]] == [4_000]
    assert {row.person_id for row in dairy.producers.all()} <= set(persons)
    assert [row["name"] for row in work_of(officer)[0]["points"]] == ["Bridge", "Hill"]
    trainer = staff_with("trainer", Role.TRAINER, programme=dairy.programme_id)
    assert work_of(trainer)[0]["points"] == []


def test_a_large_group_leaves_the_producers_of_another_theirs(
    dairy: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.sync.points.MOST_PRODUCERS", 1)
    (point,) = work_of(collector(dairy, "ann"))[0]["points"]
    assert [row["number"] for row in point["producers"]] == [1]
