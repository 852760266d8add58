"""Two records of one meeting: key holders and supervisor say which stands, and nothing is lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from handup.groups.errors import CannotBeTakenBack, NotAgreed, PartsInsideMeeting
from handup.groups.models import Fine, Group, GroupFact, InternalLoan, Meeting, Member
from handup.groups.queries import money_now
from handup.groups.rules.facts import closing_code
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.web import factor
from handup.sync import services
from handup.sync.errors import NotASecondRecord, NothingWaits, RecordNotFit, WaitLonger
from handup.sync.models import Choice, Packet
from handup.sync.records import compared, records_apart, waiting_behind_gap
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_seats import seat_of
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said


@pytest.fixture
def second(phone: Phone, group: Group, officer: StaffUser) -> Phone:
    """Another phone of the group, that wrote the same evening down by itself."""
    return enrolled(group, officer)[0]


def choose(group: Group, supervisor: StaffUser, tip: str, choice: Choice, keys: Any = KEYS) -> Any:
    return services.accept_branch(
        acting_staff=supervisor, group=group, tip=tip, choice=choice, confirmed_by=keys
    )


def closed(group: Group) -> list[tuple[str, int]]:
    rows = Meeting.objects.filter(group=group).order_by("number")
    return list(rows.values_list("status", "of_day"))


def two_records(phone: Phone, second: Phone, send: Send) -> None:
    """The first lends and fines; the second has one saver more and none of that."""
    fine, loan = str(new_id()), str(new_id())
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.write("charge_fine", fine_id=fine, member_no=4, kind="LATE", units=50)
    phone.save(1, 2)
    due = (FIRST + timedelta(days=30)).isoformat()
    lent = {"loan_id": loan, "member_no": 1, "units": 400, "periods": 1, "due_date": due}
    phone.write("pay_out_loan", **lent)
    phone.close(600)
    send(phone.packet())
    second.open(FIRST)
    second.roll(range(1, 5))
    second.save(1, 2)
    second.save(2, 1)
    second.close(1500)
    assert said(send(second.packet())) == [("SET_ASIDE", ("SAME_GROUP_AND_DATE",))]


def test_two_records_stand_beside_each_other_line_by_line(
    phone: Phone, second: Phone, group: Group, send: Send
) -> None:
    two_records(phone, second, send)
    ((record, packets),) = records_apart(group)
    assert (record.tip, record.device_id) == (second.tip, second.device_id)
    assert [packet.state for packet in packets] == ["SET_ASIDE"]
    pairs = compared(group, record)
    apart = [(pair.name, dict(pair.about).get("member_no")) for pair in pairs if not pair.is_same]
    assert ("buy_shares", 2) in apart
    assert ("buy_shares", 1) not in apart
    assert ("pay_out_loan", 1) in apart
    assert ("record_attendance", 3) not in apart
    (mine,) = [
        pair for pair in pairs if pair.name == "buy_shares" and dict(pair.about) == {"member_no": 2}
    ]
    assert mine.first is None
    assert mine.second is not None
    assert dict(mine.second.says) == {"shares": 1, "units": 500}


def test_the_first_is_kept_and_what_follows_the_other_is_not_asked_about_again(
    phone: Phone, second: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    two_records(phone, second, send)
    with pytest.raises(NotAgreed):
        choose(group, supervisor, second.tip, Choice.KEEP_FIRST, KEYS[:2])
    with pytest.raises(NotASecondRecord):
        choose(group, supervisor, "0" * 64, Choice.KEEP_FIRST)
    branch = choose(group, supervisor, second.tip, Choice.KEEP_FIRST)
    assert (branch.fact.stream, branch.fact.body["tip"]) == ("OFFICE", second.tip)
    size = len(second.facts)
    held(second, FIRST + WEEK, 2500)
    assert said(send(second.packet(size))) == [("SET_ASIDE", ("CHAIN_FORK",))]
    assert set(Packet.objects.values_list("state", flat=True)) == {"DONE", "NOT_KEPT"}
    assert records_apart(group) == []
    assert money_now(group).cash["LOAN"] == 600
    held(phone, FIRST + WEEK, 1600)
    assert said(send(phone.packet(12)))[-1][0] == "STORED"
    assert proofs() == []


def test_the_second_is_kept_and_everything_of_the_first_is_taken_back(
    phone: Phone,
    second: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
    send: Send,
) -> None:
    """Codes stay those of the phones, the seat moves, and the first phone's next meeting is set
    aside without a question."""
    two_records(phone, second, send)
    with pytest.raises(NotAllowed):
        choose(group, officer, second.tip, Choice.KEEP_SECOND)
    choose(group, supervisor, second.tip, Choice.KEEP_SECOND)
    assert closed(group) == [("NOT_KEPT", 1), ("CLOSED", 1)]
    state = money_now(group)
    assert state.cash == {"LOAN": 1500, "SOCIAL": 0}
    assert state.savings == {str(members[0].pk): 1000, str(members[1].pk): 500}
    assert state.principal == {}
    assert InternalLoan.objects.get().status == "NOT_KEPT"
    assert Fine.objects.get().waived
    kept = Meeting.objects.get(group=group, status="CLOSED")
    assert kept.closing_code == closing_code(second.tip)
    assert seat_of(group) == second.device_id
    size, mine = len(second.facts), len(phone.facts)
    held(second, FIRST + WEEK, 2500)
    held(phone, FIRST + 2 * WEEK, 1600)
    assert said(send(second.packet(size)))[0][0] == "STORED"
    assert said(send(phone.packet(mine))) == [("SET_ASIDE", ("CHAIN_FORK",))]
    assert records_apart(group) == []
    assert money_now(group).cash["LOAN"] == 2500
    assert proofs() == []


def test_both_were_meetings_and_both_phones_go_on(
    phone: Phone, second: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    two_records(phone, second, send)
    choose(group, supervisor, second.tip, Choice.BOTH)
    assert closed(group) == [("CLOSED", 1), ("CLOSED", 2)]
    assert money_now(group).cash["LOAN"] == 2100
    size, mine = len(second.facts), len(phone.facts)
    held(second, FIRST + WEEK, 2500)
    held(phone, FIRST + WEEK, 3100)
    cut = second.packet(size, size + 4)
    assert said(send(second.packet(size + 4), cut))[0][0] == "STORED"
    assert said(send(phone.packet(mine))) == [("SET_ASIDE", ("SAME_GROUP_AND_DATE",))]
    assert money_now(group).cash["LOAN"] == 3100
    assert seat_of(group) == phone.device_id
    assert proofs() == []


def test_records_that_part_inside_a_meeting_are_neither_both_nor_exchanged(
    phone: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    phone.open(FIRST)
    phone.roll(range(1, 5))
    copy = phone.twin()
    phone.save(1, 2)
    phone.close(1000)
    copy.save(2, 1)
    copy.close(500)
    send(phone.packet())
    assert said(send(copy.packet(5))) == [("SET_ASIDE", ("CHAIN_FORK",))]
    for choice in (Choice.BOTH, Choice.KEEP_SECOND):
        with pytest.raises(PartsInsideMeeting):
            choose(group, supervisor, copy.tip, choice)
    assert not GroupFact.objects.filter(name="accept_branch").exists()
    choose(group, supervisor, copy.tip, Choice.KEEP_FIRST)
    assert money_now(group).cash["LOAN"] == 1000
    assert proofs() == []


def test_a_second_record_that_cannot_stand_changes_nothing(
    phone: Phone, second: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    held(phone, FIRST, 1000)
    send(phone.packet())
    second.open(FIRST)
    second.write("record_expense", fund="LOAN", units=900, what="Roof")
    second.close(100)
    send(second.packet())
    with pytest.raises(RecordNotFit):
        choose(group, supervisor, second.tip, Choice.KEEP_SECOND)
    assert closed(group) == [("CLOSED", 1)]
    assert money_now(group).cash["LOAN"] == 1000
    assert Packet.objects.get(state="SET_ASIDE").packet_id is not None
    assert proofs() == []


def gap_of(group: Group, supervisor: StaffUser, keys: Any = KEYS) -> Any:
    return services.accept_gap(acting_staff=supervisor, group=group, confirmed_by=keys)


def test_a_group_goes_on_without_a_meeting_that_never_came_and_it_turns_up(
    phone: Phone, group: Group, members: list[Member], supervisor: StaffUser, send: Send
) -> None:
    """Three meetings of 1,000 each; the second is missing for a month, then comes in two cuts."""
    for week in range(3):
        held(phone, FIRST + week * WEEK, 1000 * (week + 1))
    send(phone.packet(0, 11))
    with pytest.raises(NothingWaits):
        gap_of(group, supervisor)
    last = phone.packet(22)
    assert said(send(last)) == [("HELD", ())]
    with pytest.raises(WaitLonger):
        gap_of(group, supervisor)
    row = Packet.objects.get(state="WAITING")
    Packet.objects.filter(pk=row.pk).update(recorded_at=row.recorded_at - timedelta(days=31))
    waiting = waiting_behind_gap(group)
    assert waiting is not None
    assert waiting.amounts == {"LOAN": 1000, "SOCIAL": 0}
    with pytest.raises(NotAgreed):
        gap_of(group, supervisor, KEYS[:1])
    branch = gap_of(group, supervisor)
    assert branch.fact.body["amounts"] == {"LOAN": 1000, "SOCIAL": 0}
    assert money_now(group).cash["LOAN"] == 3000
    assert sum(money_now(group).savings.values()) == 2000
    assert row.lines.get().flags == ["CHAIN_GAP", "LATE"]
    assert proofs() == []
    one, two = phone.packet(11, 15), phone.packet(15, 22)
    assert said(send(two)) == [("HELD", ())]
    assert said(send(one))[0][0] == "STORED"
    state = money_now(group)
    assert (state.cash["LOAN"], state.savings) == (3000, {str(members[0].pk): 3000})
    branch.refresh_from_db()
    assert branch.ended_at is not None
    assert closed(group) == [("CLOSED", 1)] * 3
    assert said(send(phone.packet()))[0][0] == "ALREADY_STORED"
    size = len(phone.facts)
    held(phone, FIRST + 3 * WEEK, 4000)
    assert said(send(phone.packet(size)))[0][0] == "STORED"
    assert proofs() == []


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_a_supervisor_sees_both_records_on_a_page_and_chooses_there(
    phone: Phone,
    second: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The officer sees the difference and has no button; a number of keys too few is told."""
    monkeypatch.setattr(factor, "is_stale", lambda _request: False)
    two_records(phone, second, send)
    packet = Packet.objects.get(state="SET_ASIDE")
    page, choice = f"/sync/packets/{packet.pk}/", f"/sync/packets/{packet.pk}/choose/"
    seen = signed_in(officer).get(page).content.decode()
    assert "SAME_GROUP_AND_DATE" in seen
    assert "member 2" in seen
    assert choice not in seen
    assert signed_in(officer).get(choice).status_code == 403
    client = signed_in(supervisor)
    assert choice in client.get(page).content.decode()
    keys = {f"key_{slot}": str(members[slot - 1].pk) for slot in (1, 2, 3)}
    told = {"choice": "KEEP_SECOND", "_new_id": str(new_id()), "_read_back": "1"}
    refused = client.post(choice, {**told, **keys, "key_3": ""})
    assert refused.status_code == 422
    assert money_now(group).cash["LOAN"] == 600
    assert client.post(choice, {**told, **keys}).headers["Location"] == page
    assert money_now(group).cash["LOAN"] == 1500
    assert choice not in client.get(page).content.decode()


def test_the_choice_by_api_and_going_on_by_page(
    phone: Phone,
    second: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(factor, "is_stale", lambda _request: False)
    two_records(phone, second, send)
    api, client = f"/api/v1/sync/groups/{group.pk}", signed_in(supervisor)
    told = client.get(f"{api}/records").json()
    assert (told["records"][0]["tip"], told["gap"]) == (second.tip, None)
    body = {"tip": second.tip, "choice": "KEEP_FIRST", "confirmed_by": KEYS}
    text = "application/json"
    assert signed_in(officer).post(f"{api}/records", body, content_type=text).status_code == 403
    assert client.post(f"{api}/records", body, content_type=text).json()["choice"] == "KEEP_FIRST"
    assert client.get(f"{api}/records").json()["records"] == []
    held(phone, FIRST + WEEK, 1600)
    held(phone, FIRST + 2 * WEEK, 2600)
    send(phone.packet(len(phone.facts) - 11))
    row = Packet.objects.get(state="WAITING")
    Packet.objects.filter(pk=row.pk).update(recorded_at=row.recorded_at - timedelta(days=40))
    assert client.get(f"{api}/records").json()["gap"]["amounts"] == {"LOAN": 1000, "SOCIAL": 0}
    gap = f"/sync/groups/{group.pk}/gap/"
    assert gap in client.get(f"/sync/groups/{group.pk}/phones/").content.decode()
    assert "10.00" in client.get(gap).content.decode()
    keys = {f"key_{slot}": str(members[slot - 1].pk) for slot in (1, 2, 3)}
    done = {"_new_id": str(new_id()), "_read_back": "1", **keys}
    assert client.post(gap, done).status_code == 302
    assert money_now(group).cash["LOAN"] == 2600
    assert proofs() == []


def test_only_what_leads_to_where_the_group_went_on_fills_its_gap(
    phone: Phone, second: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    """Another phone begins where the gap does with a meeting of its own: it waits. The first half
    of the missing meeting waits for the other."""
    for week in range(3):
        held(phone, FIRST + week * WEEK, 1000 * (week + 1))
    send(phone.packet(0, 11), phone.packet(22))
    row = Packet.objects.get(state="WAITING")
    Packet.objects.filter(pk=row.pk).update(recorded_at=row.recorded_at - timedelta(days=31))
    gap_of(group, supervisor)
    second.prev, second.first_seq = phone.chain[11], 12
    held(second, FIRST + WEEK, 99_000, shares=196)
    assert said(send(second.packet())) == [("HELD", ())]
    assert (money_now(group).cash["LOAN"], sum(money_now(group).savings.values())) == (3000, 2000)
    assert said(send(phone.packet(11, 15))) == [("HELD", ())]
    assert said(send(phone.packet(15, 22)))[0][0] == "STORED"
    assert (money_now(group).cash["LOAN"], sum(money_now(group).savings.values())) == (3000, 3000)
    assert closed(group) == [("CLOSED", 1)] * 3
    assert proofs() == []
    assert {outcome for outcome, _flags in said(send(second.packet()))} == {"SET_ASIDE"}


def test_two_gaps_are_closed_one_after_the_other(
    phone: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    """The second and the fourth of five meetings never came; then both turn up."""
    for week in range(5):
        held(phone, FIRST + week * WEEK, 1000 * (week + 1))
    send(phone.packet(0, 11), phone.packet(44), phone.packet(22, 33))
    for row in Packet.objects.filter(state="WAITING"):
        Packet.objects.filter(pk=row.pk).update(recorded_at=row.recorded_at - timedelta(days=31))
    for place, cash in ((22, 3000), (44, 5000)):
        waiting = waiting_behind_gap(group)
        assert waiting is not None
        assert (waiting.to, waiting.amounts["LOAN"]) == (phone.chain[place], 1000)
        gap_of(group, supervisor)
        assert money_now(group).cash["LOAN"] == cash
    assert waiting_behind_gap(group) is None
    assert proofs() == []
    send(phone.packet(33, 44), phone.packet(11, 22))
    assert money_now(group).cash["LOAN"] == 5000
    assert sum(money_now(group).savings.values()) == 5000
    assert closed(group) == [("CLOSED", 1)] * 5
    assert proofs() == []


def test_only_fines_that_were_written_are_taken_back_and_once(
    phone: Phone, second: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, send: Send
) -> None:
    """A fine of an earlier meeting, half paid there. The first record pays the rest and closes; the
    second pays it too and is open still; a third replaces both: she owes half again."""
    fine = str(new_id())
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.write("charge_fine", fine_id=fine, member_no=4, kind="LATE", units=50)
    phone.write("pay_fine", fine_id=fine, member_no=4, units=20)
    phone.close(20)
    start, size = phone.tip, len(phone.facts)
    third = enrolled(group, officer)[0]
    for other in (second, third):
        other.prev, other.first_seq = start, size + 1
    phone.open(FIRST + WEEK)
    phone.write("pay_fine", fine_id=fine, member_no=4, units=30)
    phone.close(50)
    send(phone.packet())
    assert Fine.objects.get().paid_units == 50
    second.open(FIRST + WEEK)
    second.write("pay_fine", fine_id=fine, member_no=4, units=30)
    assert said(send(second.packet()))[0][0] == "SET_ASIDE"
    choose(group, supervisor, second.tip, Choice.KEEP_SECOND)
    assert Fine.objects.get().paid_units == 20
    third.open(FIRST + WEEK)
    third.save(1, 1)
    third.close(520)
    assert said(send(third.packet()))[0][0] == "SET_ASIDE"
    choose(group, supervisor, third.tip, Choice.KEEP_SECOND)
    assert (Fine.objects.get().paid_units, Fine.objects.get().waived) == (20, False)
    assert money_now(group).cash["LOAN"] == 520
    assert closed(group) == [("CLOSED", 1), ("NOT_KEPT", 1), ("NOT_KEPT", 1), ("CLOSED", 1)]
    assert proofs() == []


def test_a_first_record_that_put_itself_right_is_taken_back_whole(
    phone: Phone, second: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    """What it reversed of its own goes with it; what it reversed of an earlier meeting cannot."""
    undo = {"reason": "Wrong", "keys": KEYS, "told": True, "cash_effect": "MOVES_TODAY"}
    held(phone, FIRST, 1000)
    saved, start, size = phone.facts[5]["id"], phone.tip, len(phone.facts)
    second.prev, second.first_seq = start, size + 1
    phone.open(FIRST + WEEK)
    phone.roll(range(1, 5))
    phone.write("reverse_fact", fact_id=phone.save(1, 3), **undo)
    phone.save(1, 1)
    phone.close(1500)
    held(second, FIRST + WEEK, 2000)
    send(phone.packet())
    assert said(send(second.packet()))[0][0] == "SET_ASIDE"
    choose(group, supervisor, second.tip, Choice.KEEP_SECOND)
    assert money_now(group).cash["LOAN"] == 2000
    assert sum(money_now(group).savings.values()) == 2000
    assert proofs() == []
    later = second.twin()
    later.device_id, later.key, later.facts = phone.device_id, phone.key, []
    later.prev, later.first_seq = second.tip, 1
    second.open(FIRST + 2 * WEEK)
    second.write("reverse_fact", fact_id=saved, **undo)
    second.close(1000)
    send(second.packet())
    held(later, FIRST + 2 * WEEK, 3000)
    send(later.packet())
    with pytest.raises(CannotBeTakenBack, match="reverse_fact"):
        choose(group, supervisor, later.tip, Choice.KEEP_SECOND)
    assert money_now(group).cash["LOAN"] == 1000
    assert proofs() == []
