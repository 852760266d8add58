"""Two records of one meeting, chosen line by line: what is kept stands once, and the books hold."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from handup.groups.errors import CycleIsOver, DifferenceNeedsReason, LineNotFit, MeetingGoesOn
from handup.groups.models import Cycle, Fine, Group, GroupFact, InternalLoan, Meeting, Member
from handup.groups.queries import money_now
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.web import factor
from handup.sync import services
from handup.sync.errors import NotASecondRecord
from handup.sync.models import Choice, Packet
from handup.sync.records import lines_apart, records_apart
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said


def choose(group: Group, supervisor: StaffUser, tip: str, **told: Any) -> Any:
    told = {"drop": (), "take": (), "confirmed_by": KEYS, **told}
    return services.accept_lines(acting_staff=supervisor, group=group, tip=tip, **told)


def parted(phone: Phone, send: Send) -> tuple[Phone, dict[str, UUID], dict[str, UUID]]:
    """A meeting whose phone was replaced from its copy half-way, and both went on: what each wrote
    behind the roll call, by a word. A loan of 400 and a fine of 50 stand from the week before."""
    loan, fine = str(new_id()), str(new_id())
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(1, 2)
    phone.write("charge_fine", fine_id=fine, member_no=4, kind="LATE", units=50)
    due = (FIRST + timedelta(days=30)).isoformat()
    phone.write("pay_out_loan", loan_id=loan, member_no=1, units=400, periods=1, due_date=due)
    phone.close(600)
    phone.open(FIRST + WEEK, 2)
    phone.roll(range(1, 5))
    copy, size = phone.twin(), len(phone.facts)
    back = {"loan_id": loan, "member_no": 1, "charge": 0, "overpaid": 0}
    first = {
        "late": phone.write("record_attendance", member_no=3, mark="LATE"),
        "one": phone.save(1, 2),
        "fine": phone.write("pay_fine", fine_id=fine, member_no=4, units=50),
        "repaid": phone.write("record_repayment", **back, units=100, principal=100),
    }
    phone.close(1750)
    second = {
        "late": copy.write("record_attendance", member_no=3, mark="EXCUSED"),
        "one": copy.save(1, 1),
        "two": copy.save(2, 1),
        "fine": copy.write("pay_fine", fine_id=fine, member_no=4, units=20),
        "repaid": copy.write("record_repayment", **back, units=200, principal=200),
    }
    copy.close(1820)
    send(phone.packet())
    assert said(send(copy.packet(size))) == [("SET_ASIDE", ("CHAIN_FORK",))]
    ids = [{word: UUID(id) for word, id in told.items()} for told in (first, second)]
    return copy, ids[0], ids[1]


def test_lines_of_either_record_stand_once_and_the_difference_is_signed(
    phone: Phone, group: Group, members: list[Member], supervisor: StaffUser, send: Send
) -> None:
    """500 less of the first member, 500 of the second, 30 less of the fine, 100 more paid back:
    the box is counted as before, so 70 are signed as missing. The phone goes on as it counted."""
    copy, first, second = parted(phone, send)
    drop = [first[word] for word in ("late", "one", "fine", "repaid")]
    told = {"drop": drop, "take": list(second.values())}
    with pytest.raises(DifferenceNeedsReason):
        choose(group, supervisor, copy.tip, **told)
    assert not GroupFact.objects.filter(name="accept_branch").exists()
    assert money_now(group).savings == {str(members[0].pk): 2000}
    branch = choose(group, supervisor, copy.tip, **told, reason="Two lists were kept")
    assert (branch.choice, branch.fact.stream) == ("LINES", "OFFICE")
    state = money_now(group)
    assert state.cash == {"LOAN": 1750, "SOCIAL": 0}
    assert state.savings == {str(members[0].pk): 1500, str(members[1].pk): 500}
    assert list(state.principal.values()) == [200]
    assert (Fine.objects.get().paid_units, InternalLoan.objects.get().status) == (20, "OPEN")
    (signed,) = GroupFact.objects.filter(name="record_difference")
    assert (signed.body["difference"], signed.body["reason"]) == (-70, "Two lists were kept")
    meeting = Meeting.objects.get(number=2)
    assert meeting.attendance.get(member=members[2]).mark == "EXCUSED"
    assert {fact.pk for fact in meeting.facts.exclude(reversed_by=None)} == set(drop)
    assert records_apart(group) == []
    assert proofs() == []
    size = len(phone.facts)
    held(phone, FIRST + 2 * WEEK, 2750)
    assert said(send(phone.packet(size)))[0][0] == "STORED"
    assert sum(money_now(group).savings.values()) == 3000
    held(copy, FIRST + 3 * WEEK, 2820)
    assert said(send(copy.packet(len(copy.facts) - 11))) == [("SET_ASIDE", ("CHAIN_FORK",))]
    assert set(Packet.objects.values_list("state", flat=True)) == {"DONE", "NOT_KEPT"}
    assert proofs() == []


def test_what_cannot_stand_changes_nothing(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
    send: Send,
) -> None:
    """The fine would be paid twice; a member would be marked twice; a line is of neither record;
    whoever may not choose does not; somebody has left since; the cycle is over."""
    copy, _first, second = parted(phone, send)
    why = {"reason": "Two lists"}
    for told, refusal in (
        ({"take": [second["fine"]]}, LineNotFit),
        ({"take": [second["late"]]}, LineNotFit),
        ({"drop": [second["one"]]}, NotASecondRecord),
        ({"take": [new_id()]}, NotASecondRecord),
    ):
        with pytest.raises(refusal):
            choose(group, supervisor, copy.tip, **told, **why)
    with pytest.raises(NotAllowed):
        choose(group, officer, copy.tip, take=[second["two"]], **why)
    Member.objects.filter(pk=members[1].pk).update(left_date=FIRST + 2 * WEEK)
    three = [{"slot": slot, "member_no": number} for slot, number in ((1, 1), (2, 3), (3, 4))]
    late: dict[str, Any] = {"take": [second["two"]], "confirmed_by": three, **why}
    with pytest.raises(LineNotFit, match="NOT_A_MEMBER"):
        choose(group, supervisor, copy.tip, **late)
    Cycle.objects.filter(group=group).update(status="CLOSED")
    with pytest.raises(CycleIsOver):
        choose(group, supervisor, copy.tip, **late)
    assert not GroupFact.objects.filter(stream="OFFICE", name="reverse_fact").exists()
    assert Fine.objects.get().paid_units == 50
    assert [record.tip for record, _rows in records_apart(group)] == [copy.tip]


def test_nothing_is_chosen_while_the_group_sits(
    phone: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    copy, _first, second = parted(phone, send)
    size = len(phone.facts)
    phone.open(FIRST + 2 * WEEK, 3)
    send(phone.packet(size))
    with pytest.raises(MeetingGoesOn):
        choose(group, supervisor, copy.tip, take=[second["two"]], reason="Two lists")


def test_a_supervisor_chooses_line_by_line_on_a_page(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each line that differs is asked once; what a record does not have reads "nothing"."""
    monkeypatch.setattr(factor, "is_stale", lambda _request: False)
    parted(phone, send)
    packet = Packet.objects.get(state="SET_ASIDE")
    page, lines = f"/sync/packets/{packet.pk}/", f"/sync/packets/{packet.pk}/lines/"
    client, other = Client(), Client()
    client.force_login(supervisor)
    other.force_login(officer)
    assert lines in client.get(page).content.decode()
    assert lines not in other.get(page).content.decode()
    assert other.get(lines).status_code == 403
    shown = client.get(lines).content.decode()
    assert "buy shares: member 2" in shown
    assert "First record: nothing" in shown
    ((record, _rows),) = records_apart(group)
    apart = lines_apart(group, record)
    assert apart is not None
    assert len(apart.lines) == 5
    told = {f"line_{line.key}": "FIRST" for line in apart.lines}
    (two,) = [line for line in apart.lines if line.first is None]
    told |= {f"line_{two.key}": "SECOND", "_new_id": str(new_id()), "_read_back": "1"}
    told |= {f"key_{slot}": str(members[slot - 1].pk) for slot in (1, 2, 3)}
    assert client.post(lines, told).status_code == 422
    told["reason"] = "She paid after the phone was changed"
    assert client.post(lines, told).headers["Location"] == page
    assert money_now(group).savings[str(members[1].pk)] == 500
    assert money_now(group).cash["LOAN"] == 1750
    assert lines not in client.get(page).content.decode()
    assert client.get(lines).status_code == 200
    assert proofs() == []


def test_line_by_line_over_the_api(
    phone: Phone, group: Group, members: list[Member], supervisor: StaffUser, send: Send
) -> None:
    copy, first, second = parted(phone, send)
    client, api = Client(), f"/api/v1/sync/groups/{group.pk}/records"
    client.force_login(supervisor)
    sides = client.get(api).json()["records"][0]["lines"]
    ids = {(side["first_id"], side["second_id"]) for side in sides}
    assert (str(first["fine"]), str(second["fine"])) in ids
    body = {
        "tip": copy.tip,
        "choice": Choice.LINES,
        "confirmed_by": KEYS,
        "drop": [str(first["one"])],
        "take": [str(second["one"]), str(second["two"])],
    }
    sent = client.post(api, body, content_type="application/json")
    assert sent.json()["choice"] == "LINES"
    state = money_now(group)
    assert state.savings == {str(members[0].pk): 1500, str(members[1].pk): 500}
    assert not GroupFact.objects.filter(name="record_difference").exists()
    assert proofs() == []


def test_a_sign_no_database_keeps_is_refused_in_the_reason(
    phone: Phone, group: Group, members: list[Member], supervisor: StaffUser, send: Send
) -> None:
    copy, _first, second = parted(phone, send)
    client = Client()
    client.force_login(supervisor)
    body = {"tip": copy.tip, "choice": Choice.LINES, "confirmed_by": KEYS}
    body |= {"take": [str(second["two"])], "reason": "Two\x00lists"}
    sent = client.post(
        f"/api/v1/sync/groups/{group.pk}/records", body, content_type="application/json"
    )
    assert sent.status_code == 422
    assert not GroupFact.objects.filter(name="accept_branch").exists()


def test_lines_told_with_another_choice_are_refused_not_passed_over(
    phone: Phone, group: Group, members: list[Member], supervisor: StaffUser, send: Send
) -> None:
    copy, _first, second = parted(phone, send)
    client = Client()
    client.force_login(supervisor)
    body = {"tip": copy.tip, "choice": Choice.KEEP_FIRST, "confirmed_by": KEYS}
    address = f"/api/v1/sync/groups/{group.pk}/records"
    wrong = body | {"take": [str(second["two"])]}
    sent = client.post(address, wrong, content_type="application/json")
    assert (sent.status_code, sent.json()["code"]) == (422, "LINES_ONLY_OF_LINES")
    assert not GroupFact.objects.filter(name="accept_branch").exists()
    assert client.post(address, body, content_type="application/json").status_code == 200
