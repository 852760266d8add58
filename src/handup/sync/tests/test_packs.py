"""What a phone carries down, how it goes on where the server stands, and its last contact."""

from datetime import timedelta
from typing import Any

from django.test import Client

from handup.groups.models import Group, GroupFact, Member
from handup.groups.tests.conftest import staff_with
from handup.kernel.ids import new_id
from handup.org.models import Device, StaffUser
from handup.org.rules.access import Role
from handup.org.services.devices import report_device_lost
from handup.sync.models import DeviceKey
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_api import BASE, Door
from handup.sync.tests.test_services import FIRST, WEEK, held


def holds_c4(pack: dict[str, Any]) -> bool:
    """What the group has is what it owes and keeps."""
    figures = pack["figures"]
    has = sum(pack["cash"].values()) + figures["away"]
    has += sum(loan["principal"] for loan in pack["loans"])
    owes = sum(row["savings"] for row in pack["members"])
    owes += figures["overpaid_total"] + figures["outside_debt"] + figures["retained"]
    kept = figures["social"] + figures["income"] - figures["expense"] + figures["differences"]
    return bool(has == owes + kept)


def test_a_pack_holds_what_a_phone_needs_to_go_on(
    group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """Terms, totals and dates; the same with the meeting open as when it is closed."""
    phone, done = enrolled(group, officer)
    door, loan = Door(done.token), str(new_id())
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(1, 4)
    phone.write("record_social", member_no=1, units=20)
    due = FIRST + timedelta(days=60)
    ask = {"loan_id": loan, "member_no": 1, "units": 900, "periods": 2}
    phone.write("pay_out_loan", **ask, due_date=due.isoformat())
    phone.write("record_expense", fund="LOAN", units=30, what="Book")
    phone.write("record_difference", way="OUT", fund="LOAN", difference=-3, reason="Coins")
    size = len(phone.facts)
    phone.close(1067, 20)
    packs = []
    for packet in phone.packets({size}):
        send(packet)
        packs += door.get("/pack").json()["packs"]
    for pack in packs:
        (lent,) = pack["loans"]
        assert (lent["units"], lent["rate_bps"], lent["periods"]) == (900, 1000, 2)
        assert (lent["basis"], lent["period_days"]) == ("FLAT_PER_PERIOD", 30)
        assert (lent["principal"], lent["due_date"]) == (900, due.isoformat())
        assert pack["cash"] == {"LOAN": 1067, "SOCIAL": 20}
        figures = pack["figures"]
        assert (figures["social"], figures["expense"], figures["differences"]) == (20, 30, -3)
        assert pack["currency_digits"] == 2
        own = DeviceKey.objects.get(device_id=phone.device_id)
        assert {"device_id": str(phone.device_id), "public_key": own.public_key} in pack["phones"]
        assert holds_c4(pack)
    assert [pack["last_held_date"] for pack in packs] == [None, FIRST.isoformat()]
    assert [pack["next_number"] for pack in packs] == [2, 2]
    assert packs[1]["closed_hash"] == packs[1]["head_hash"], "nothing follows the closing"


def test_a_phone_reads_the_stored_facts_of_its_own_group(
    phone: Phone, group: Group, officer: StaffUser, send: Send
) -> None:
    held(phone, FIRST, 1000)
    held(phone, FIRST + WEEK, 2000)
    send(phone.packet())
    _other, done = enrolled(group, officer)
    door = Door(done.token)
    facts = door.get(f"/stream?group={group.pk}&after_seq=11").json()["facts"]
    assert [fact["seq"] for fact in facts] == list(range(12, 23))
    assert [fact["told"] for fact in facts] == phone.facts[11:]
    assert facts[-1]["chain_hash"] == phone.tip
    assert door.get(f"/stream?group={new_id()}").status_code == 422


def test_a_lost_phone_sends_its_work_and_is_told_to_wipe(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    """Its token opens nothing; what it wrote before it was lost is taken; it says when it is
    empty."""
    phone, done = enrolled(group, officer)
    held(phone, FIRST, 1000)
    report_device_lost(acting_staff=officer, device=done.device)
    door = Door(done.token)
    assert door.get("/pack").status_code == 401

    def last(**told: Any) -> Any:
        return door.client.post(
            f"{BASE}/farewell", told, content_type="application/json", headers=door.headers
        )

    answer = last(packets=[phone.packet()]).json()
    assert answer["wipe"] is True
    assert answer["receipts"][0]["lines"][0]["flags"] == ["DEVICE_REVOKED", "LATE"]
    assert GroupFact.objects.filter(stream="MEETING").count() == 11
    assert Device.objects.get(pk=done.device.pk).state == "LOST"
    assert last(is_wiped=True).json() == {"wipe": True, "receipts": [], "answers": []}
    assert Device.objects.get(pk=done.device.pk).state == "WIPED"


def test_the_last_contact_is_for_phones_alone_and_wipes_none_in_use(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    _phone, done = enrolled(group, officer)
    staff_with("other", Role.ADMINISTRATOR)
    for headers, status in (({}, 422), ({"Authorization": "Bearer hu_x"}, 422)):
        answer = Client().post(
            f"{BASE}/farewell", {}, content_type="application/json", headers=headers
        )
        assert answer.status_code == status
    door = Door(done.token)
    answer = door.client.post(
        f"{BASE}/farewell",
        {"is_wiped": True},
        content_type="application/json",
        headers=door.headers,
    )
    assert answer.json() == {"wipe": False, "receipts": [], "answers": []}
    assert Device.objects.get(pk=done.device.pk).state == "ACTIVE"
