"""The inbox without a database: shared cases, the chain, and packets in any order, twice, cut,
forked or carried by anyone."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.groups.rules.book import Place, RecordedBook, Told
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.facts import chain_hash, closing_code
from handup.groups.rules.recorded import take
from handup.kernel.ids import new_id
from handup.sync.rules.adapters import ADAPTERS
from handup.sync.rules.facts import Linked, read_fact
from handup.sync.rules.packets import Packet, UnreadablePacket, is_signed, read_packet
from handup.sync.rules.stream import Judged, Line, Reception
from handup.sync.rules.upload import Row, Shelf, Upload, look
from handup.sync.rules.words import Bad, Flag, Outcome
from handup.sync.tests.phone import KEYS, Key, Phone

GROUP = "01890a5d-ac96-774b-bcce-b302099a8057"
FIRST = date(2026, 3, 2)
MEMBERS = (1, 2, 3, 4)
SETTINGS = settings_for("SAVINGS", {"share_value_units": 500, "charge_rate_bps": 1000})
KEY = Key()


def test_every_shared_case_comes_out(shared: Path) -> None:
    file = shared / "data" / "vectors" / "sync.meeting_upload.json"
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    assert len(cases) >= 16
    for case in cases:
        assert ADAPTERS["sync.meeting_upload"](case["given"]) == case["expect"], case["id"]


def test_an_id_twice_in_one_upload_is_one_fact_and_with_other_content_none() -> None:
    day = date(2026, 4, 8)
    same = Upload("m1", "G1", day, day, (Row("a", "x", 5), Row("a", "x", 5)), 5)
    verdict = look(same, Shelf(), late_after_days=14)
    assert (verdict.outcome, len(verdict.new), verdict.savings_total) == (Outcome.STORED, 1, 5)
    other = replace(same, rows=(Row("a", "x", 5), Row("a", "y", 5)))
    assert look(other, Shelf(), late_after_days=14).flags == (Flag.SAME_ID_OTHER_CONTENT,)


def test_the_first_thing_wrong_is_told() -> None:
    """Another meeting of the day before a changed fact, a changed fact before a wrong row."""
    day = date(2026, 4, 8)
    shelf = Shelf({"a": "x"})
    shelf.put_meeting("m0", "G1", day)
    wrong = Row("b", "z", 1, (Bad("BAD_CONTENT", "b"),))
    upload = Upload("m1", "G1", day, day, (Row("a", "y"), wrong))
    assert look(upload, shelf, late_after_days=14).flags == (Flag.SAME_GROUP_AND_DATE,)
    shelf.days.clear()
    assert look(upload, shelf, late_after_days=14).flags == (Flag.SAME_ID_OTHER_CONTENT,)
    shelf.contents.clear()
    verdict = look(upload, shelf, late_after_days=14)
    assert (verdict.flags, verdict.faults[0].fact) == ((Flag.INVALID_ROW,), "b")


def told_fact(id: str, **body: int) -> dict[str, Any]:
    """The two facts printed in groups_meeting.md 8."""
    return {
        "id": id,
        "name": "buy_shares",
        "group_id": GROUP,
        "stream": "MEETING",
        "meeting_id": "01890a5d-ac96-7000-8000-0000000000aa",
        "device_id": "01890a5d-0000-7000-8000-00000000000d",
        "happened_date": "2026-03-02",
        "recorded_at": "2026-03-02T10:15:00+08:00",
        "recorded_by": 3,
        "currency": "MNT",
        "constitution_version": 1,
        "body": body,
    }


def test_the_printed_chain_comes_out() -> None:
    previous = "0" * 64
    printed = (
        (
            told_fact("01890a5d-ac97-7000-8000-000000000001", member_no=7, shares=4, units=2000),
            "2e2a5112bf1387da82aff7dd0e89441a877e44de673dcfe954cbd1611b4f3345",
            "67e65f2d874210c25522169c47c2c5fd049babf85f9a6f2ef64bb88898ade338",
            "079 697 449 154",
        ),
        (
            told_fact("01890a5d-ac98-7000-8000-000000000002", member_no=9, shares=1, units=500),
            "96278a1e89fed5acd3eb434d01985992408d58531f18f7f61a8c51ef5cb43956",
            "1a196e6c0f1081a2f877fddba4d68d3de3b55e6526b68110ccbf8d7833b246db",
            "729 792 156 066",
        ),
    )
    for told, content, chain, code in printed:
        device = str(told["device_id"])
        fact = read_fact(told, group_id=GROUP, device_id=device)
        assert (fact.faults, fact.content) == ((), content)
        previous = chain_hash(previous, fact.content)
        assert (previous, closing_code(previous)) == (chain, code)


GOOD = told_fact("01890a5d-ac97-7000-8000-000000000001", member_no=7, shares=4, units=2000)
LENT = {
    "loan_id": GOOD["id"],
    "member_no": 7,
    "units": 10,
    "periods": 1,
    "due_date": "2026-04-02",
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "01890a5d-ac97-4000-8000-000000000001"}, "BAD_ID"),
        ({"id": "01890A5D-AC97-7000-8000-000000000001"}, "BAD_ID"),
        ({"meeting_id": "m1"}, "BAD_ID"),
        ({"name": "steal_box"}, "UNKNOWN_FACT"),
        ({"name": ["buy_shares"], "meeting_id": None}, "BAD_CONTENT"),
        ({"constitution_version": 2**40}, "BAD_CONTENT"),
        ({"happened_date": "2026-02-30"}, "BAD_CONTENT"),
        ({"recorded_at": "2026-03-02T10:15:00"}, "BAD_CONTENT"),
        ({"recorded_at": "2026-03-02T25:15:00+08:00"}, "BAD_CONTENT"),
        ({"recorded_by": True}, "BAD_CONTENT"),
        ({"device_id": GROUP}, "BAD_CONTENT"),
        ({"extra": 1}, "BAD_CONTENT"),
        ({"body": {"member_no": 7, "shares": 4}}, "BAD_CONTENT"),
        ({"body": {"member_no": 7, "shares": 4, "units": -1}}, "BAD_CONTENT"),
        ({"body": {"member_no": 7, "shares": 1, "units": 0}}, "BAD_CONTENT"),
        ({"name": "pay_out_loan", "body": {**LENT, "working": {"a": ["\x00"]}}}, "BAD_CONTENT"),
        ({"name": "pay_out_loan", "body": {**LENT, "working": {"\x00": 1}}}, "BAD_CONTENT"),
        ({"body": {"member_no": 7, "shares": 4, "units": 2**53}}, "BAD_CONTENT"),
        ({"body": {"member_no": 7, "shares": 4, "units": 2.5}}, "BAD_CONTENT"),
        ({"body": {"member_no": None, "shares": 4, "units": 1}}, "BAD_CONTENT"),
        ({"body": {"member_no": 7, "shares": 4, "units": 1, "tip": 1}}, "BAD_CONTENT"),
        ({"body": [[[[[[[[1]]]]]]]]}, "BAD_CONTENT"),
        (
            {"name": "pass_step", "body": {"step": "SOCIAL", "reason": "re\u0301sume\u0301"}},
            "BAD_CONTENT",
        ),
        ({"name": "close_action", "body": {"item": "a\x00"}}, "BAD_CONTENT"),
        ({"name": "close_action", "body": {"item": "\ud800"}}, "BAD_CONTENT"),
        (
            {
                "name": "record_repayment",
                "body": {
                    "loan_id": GOOD["id"],
                    "member_no": 7,
                    "units": 10,
                    "charge": 4,
                    "principal": 5,
                },
            },
            "PARTS_DO_NOT_SUM",
        ),
        (
            {
                "name": "record_count",
                "body": {
                    "way": "OUT",
                    "fund": "LOAN",
                    "counter": 1,
                    "coins": [[500, 3]],
                    "total_units": 1400,
                },
            },
            "PARTS_DO_NOT_SUM",
        ),
    ],
)
def test_a_fact_that_is_none_is_told_with_its_place(change: dict[str, Any], code: str) -> None:
    fact = read_fact({**GOOD, **change}, group_id=GROUP, device_id=str(GOOD["device_id"]))
    assert code in {fault.code for fault in fact.faults}


def test_what_moves_money_moves_some_and_a_count_may_find_none() -> None:
    """Nothing is no payment; an empty box is counted, and a loan's charge may be nothing."""
    zero = ("record_saving", {"member_no": 7, "units": 0})
    fine = ("charge_fine", {"fine_id": GOOD["id"], "member_no": 7, "kind": "LATE", "units": 0})
    none = ("record_expense", {"fund": "LOAN", "units": 0, "what": "Book"})
    box = ("record_count", {"way": "OUT", "fund": "LOAN", "counter": 1, "total_units": 0})
    paid = {"loan_id": GOOD["id"], "member_no": 7, "units": 10, "charge": 0, "principal": 10}
    for (name, body), count in (
        (zero, 1),
        (none, 1),
        (fine, 1),
        (box, 0),
        (("record_repayment", paid), 0),
        (("pay_out_loan", {**LENT, "working": {"limit": [1, "x"]}}), 0),
    ):
        fact = {**GOOD, "name": name, "body": body}
        read = read_fact(fact, group_id=GROUP, device_id=str(GOOD["device_id"]))
        assert len(read.faults) == count, name


def test_a_flipped_byte_is_refused() -> None:
    """Whatever is changed in a signed packet, its signature fits no longer."""
    phone = Phone(GROUP, key=KEY)
    phone.open(FIRST)
    phone.save(1, 2)
    packet = phone.packet()
    assert is_signed(read_packet(packet), KEY.public)
    text = json.dumps(packet)
    other = str(new_id())
    for before, after in (
        ('"units": 1000', '"units": 1001'),
        ('"shares": 2', '"shares": 3'),
        (packet["prev_hash"], "1" + packet["prev_hash"][1:]),
        (packet["id"], other),
        (packet["facts"][0]["id"], other),
        (packet["signature"], packet["signature"][:-8] + "AAAAAA=="),
        (packet["signature"], "no base64"),
        ('"first_seq": 1', '"first_seq": 2'),
    ):
        changed = text.replace(before, after)
        assert changed != text
        assert not is_signed(read_packet(json.loads(changed)), KEY.public), before
    assert not is_signed(read_packet(packet), Key().public)


def test_an_envelope_that_is_none_is_not_opened() -> None:
    phone = Phone(GROUP, key=KEY)
    phone.open(FIRST)
    packet = phone.packet()
    changes: tuple[dict[str, Any], ...] = (
        {"facts": []},
        {"facts": [1]},
        {"facts": packet["facts"] * 501},
        {"stream": "OFFICE"},
        {"prev_hash": "0"},
        {"first_seq": 0},
        {"id": 7},
        {"more": 1},
    )
    for change in changes:
        with pytest.raises(UnreadablePacket):
            read_packet({**packet, **change})
    with pytest.raises(UnreadablePacket):
        read_packet([packet])


def told(link: Linked) -> Told:
    fact = link.fact
    return Told(
        id=fact.id,
        name=fact.name,
        happened_date=fact.happened_date,
        meeting_id=fact.meeting_id,
        currency=str(fact.told["currency"]),
        version=1,
        recorded_date=date.fromisoformat(fact.recorded_at[:10]),
        body=fact.body,
    )


class Server:
    """One group's inbox in memory: a reception whose facts go through the group's book."""

    def __init__(self, seat: str, on: date = date(2026, 4, 30), *phones: str) -> None:
        self.on = on
        self.book = RecordedBook(
            "XTS", {no: Place(date(2026, 1, 1)) for no in MEMBERS}, lambda _version: SETTINGS
        )
        self.hashes: set[str] = set()
        self.stored: list[Linked] = []
        self.reception = Reception(
            Shelf(),
            late_after_days=14,
            seat=seat,
            phones=frozenset(phones),
            is_known=self.hashes.__contains__,
            judge=self.judge,
        )

    def judge(self, run: Any) -> Judged:
        self.book, wrong, flags = take(self.book, [told(link) for link in run])
        faults = tuple(Bad(item.code, item.fact, item.field, item.value) for item in wrong)
        return Judged(faults, frozenset(Flag(flag) for flag in flags))

    def send(self, packet: dict[str, Any]) -> list[Line]:
        lines = self.reception.receive(read_packet(packet), self.on)
        self.note(lines)
        for _packet, more in self.reception.release(self.received):
            self.note(more)
        return lines

    def received(self, _packet: Packet) -> date:
        return self.on

    def note(self, lines: list[Line]) -> None:
        for line in lines:
            self.stored += line.new
            self.hashes.update(link.chain for link in line.new)


def outcomes(lines: list[Line]) -> list[str]:
    return [line.outcome.value for line in lines]


amounts = st.integers(1, 5)
meetings = st.lists(
    st.fixed_dictionaries(
        {
            "shares": st.lists(amounts, min_size=4, max_size=4),
            "social": st.integers(0, 40),
            "lend": st.integers(0, 900),
            "pay": st.integers(0, 700),
            "difference": st.sampled_from([0, 0, 0, -3, 7]),
            "expense": st.integers(0, 30),
            "undo": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)


def record(phone: Phone, plan: list[dict[str, Any]]) -> dict[str, int]:
    """Hold meetings on a phone; returns the boxes as its people would count them (C5, C6)."""
    box = {"LOAN": 0, "SOCIAL": 0}
    loan: tuple[str, int] | None = None
    for number, told_of in enumerate(plan, 1):
        phone.open(FIRST + timedelta(days=7 * number), number)
        phone.roll(MEMBERS)
        saved = 0
        last = ""
        for member, shares in zip(MEMBERS, told_of["shares"], strict=True):
            last = phone.save(member, shares)
            saved += shares * 500
        if told_of["social"]:
            phone.write("record_social", member_no=1, units=told_of["social"])
        paid = 0
        if loan and (paid := min(told_of["pay"], loan[1])):
            phone.write(
                "record_repayment",
                loan_id=loan[0],
                member_no=2,
                units=paid,
                charge=0,
                principal=paid,
            )
            loan = (loan[0], loan[1] - paid)
        lent = told_of["lend"] if loan is None else 0
        if lent:
            loan = (str(new_id()), lent)
            due = (phone.day + timedelta(days=30)).isoformat()
            phone.write(
                "pay_out_loan", loan_id=loan[0], member_no=2, units=lent, periods=1, due_date=due
            )
        if told_of["expense"]:
            phone.write("record_expense", fund="LOAN", units=told_of["expense"], what="Book")
        undone = told_of["shares"][3] * 500 if told_of["undo"] else 0
        if undone:
            phone.write(
                "reverse_fact",
                fact_id=last,
                reason="Miscounted",
                keys=KEYS,
                told=True,
                cash_effect="MOVES_TODAY",
            )
        if told_of["difference"]:
            phone.write(
                "record_difference",
                way="OUT",
                fund="LOAN",
                difference=told_of["difference"],
                reason="Coins",
            )
        box["LOAN"] += saved + paid - lent - told_of["expense"] - undone + told_of["difference"]
        box["SOCIAL"] += told_of["social"]
        phone.close(box["LOAN"], box["SOCIAL"])
    return box


@settings(max_examples=12)
@given(meetings, st.data())
def test_any_order_repetition_cut_and_carrier_gives_the_same_book_and_head(
    plan: list[dict[str, Any]], data: st.DataObject
) -> None:
    phone = Phone(GROUP, key=KEY)
    box = record(phone, plan)
    size = len(phone.facts)
    outsider = phone.twin()
    outsider.device_id = str(new_id())
    outsider.facts = [dict(fact, device_id=outsider.device_id) for fact in phone.facts[:7]]
    outsider.write("record_minute", item="Another tale")
    cuts = data.draw(st.sets(st.integers(1, size - 1), max_size=6))
    parcels = phone.packets(cuts) + phone.packets(data.draw(st.sets(st.integers(1, size - 1))))
    parcels += outsider.packets({3})
    server = Server(phone.device_id)
    for packet in data.draw(st.permutations(parcels)):
        server.send(packet)
    assert (server.reception.head, server.reception.seq) == (phone.tip, size)
    assert [link.fact.id for link in server.stored] == [fact["id"] for fact in phone.facts]
    assert server.book.figures.cash == box
    assert not [line for line in server.reception.held if line.device_id == phone.device_id]
    straight = Server(phone.device_id)
    straight.send(phone.packet())
    assert straight.book.figures == server.book.figures


@settings(max_examples=6)
@given(meetings)
def test_the_identities_hold_after_every_fact(plan: list[dict[str, Any]]) -> None:
    phone = Phone(GROUP, key=KEY)
    record(phone, plan)
    server = Server(phone.device_id)
    links = read_packet(phone.packet()).linked
    for link in links:
        assert not server.judge([link]).faults
        assert server.book.figures.broken() == []
