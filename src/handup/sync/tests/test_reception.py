"""Every answer of the inbox to a packet, told as field cases (groups_meeting.md 5), in memory."""

from datetime import date, timedelta

import pytest

from handup.groups.rules.facts import closing_code
from handup.kernel.ids import new_id
from handup.sync.rules.words import Flag, Outcome
from handup.sync.tests.phone import KEYS, Key, Phone
from handup.sync.tests.test_rules import FIRST, GROUP, MEMBERS, Server, outcomes

KEY = Key()
WEEK = timedelta(days=7)


def held(phone: Phone, day: date, loan: int, shares: int = 2, number: int = 1) -> None:
    """A meeting in which the first member buys shares; `loan` is the box after it."""
    phone.open(day, number)
    phone.roll(MEMBERS)
    phone.save(1, shares)
    phone.close(loan)


@pytest.fixture
def phone() -> Phone:
    """The recorder's phone with one meeting of eleven facts."""
    phone = Phone(GROUP, key=KEY)
    held(phone, FIRST, 1000)
    return phone


def test_the_same_packet_twice_is_a_success_that_changes_nothing(phone: Phone) -> None:
    server = Server(phone.device_id, FIRST)
    (first,) = server.send(phone.packet())
    assert (first.outcome, first.savings_total, len(first.new)) == (Outcome.STORED, 1000, 11)
    head = server.reception.head
    (again,) = server.send(phone.packet())
    assert (again.outcome, again.new, again.savings_total) == (Outcome.ALREADY_STORED, (), 1000)
    assert (server.reception.head, len(server.stored)) == (head, 11)


def test_a_meeting_whose_forerunner_has_not_come_waits_for_it(phone: Phone) -> None:
    held(phone, FIRST + WEEK, 2000, number=2)
    server = Server(phone.device_id, FIRST + WEEK)
    assert outcomes(server.send(phone.packet(11))) == ["HELD"]
    assert server.book.figures.cash["LOAN"] == 0
    assert outcomes(server.send(phone.packet(0, 11))) == ["STORED"]
    assert (server.book.figures.cash["LOAN"], server.reception.head) == (2000, phone.tip)
    assert server.reception.held == []


def test_two_phones_with_one_meeting_post_one(phone: Phone) -> None:
    """The second keeps its own record of the evening; it is set aside whatever it says."""
    server = Server(phone.device_id, FIRST)
    server.send(phone.packet())
    second = Phone(GROUP, key=KEY)
    held(second, FIRST, 1500, shares=3)
    (line,) = server.send(second.packet())
    assert (line.outcome, line.flags) == (Outcome.SET_ASIDE, (Flag.SAME_GROUP_AND_DATE,))
    assert server.book.figures.cash["LOAN"] == 1000


def test_a_copied_phone_that_goes_on_by_itself_forks_and_its_branch_follows(phone: Phone) -> None:
    copy = phone.twin()
    held(phone, FIRST + WEEK, 2000, number=2)
    held(copy, FIRST + 2 * WEEK, 1500, shares=1, number=2)
    held(copy, FIRST + 3 * WEEK, 2000, shares=1, number=3)
    server = Server(phone.device_id, FIRST + WEEK)
    server.send(phone.packet())
    lines = server.send(copy.packet(11))
    assert outcomes(lines) == ["SET_ASIDE", "SET_ASIDE"]
    assert {line.flags for line in lines} == {(Flag.CHAIN_FORK,)}
    assert (server.book.figures.cash["LOAN"], server.reception.head) == (2000, phone.tip)


def test_a_phone_without_the_seat_appends_nothing(phone: Phone) -> None:
    server = Server(str(new_id()), FIRST)
    (line,) = server.send(phone.packet())
    assert (line.outcome, line.flags) == (Outcome.SET_ASIDE, (Flag.NOT_THE_RECORDER,))
    assert server.stored == []


def test_the_seat_is_handed_over_in_the_chain(phone: Phone) -> None:
    """The new phone's meeting may arrive before the hand-over does."""
    new = Phone(GROUP, key=KEY)
    phone.write("hand_over_recorder", to_device_id=new.device_id, tip=phone.tip, keys=KEYS)
    new.prev, new.first_seq = phone.tip, len(phone.facts) + 1
    held(new, FIRST + WEEK, 2000, number=2)
    server = Server(phone.device_id, FIRST + WEEK)
    assert outcomes(server.send(new.packet())) == ["HELD"]
    assert outcomes(server.send(phone.packet())) == ["STORED", "STORED"]
    assert (server.reception.head, server.reception.seat) == (new.tip, new.device_id)
    held(phone, FIRST + 2 * WEEK, 2500, number=3)
    (line,) = server.send(phone.packet(12))
    assert line.outcome is Outcome.SET_ASIDE


def test_a_lost_phone_is_followed_by_one_that_knows_the_code(phone: Phone) -> None:
    new = Phone(GROUP, key=KEY)
    server = Server(phone.device_id, FIRST, new.device_id)
    server.send(phone.packet())
    for code, outcome in (
        ("000 000 000 000", Outcome.SET_ASIDE),
        (closing_code(phone.tip), Outcome.STORED),
    ):
        new = Phone(GROUP, new.device_id, key=KEY)
        new.write("restore_group", source="SLIP", code=code, keys=KEYS)
        held(new, FIRST + WEEK, 2000, number=2)
        assert server.send(new.packet())[-1].outcome is outcome
    assert (server.reception.head, server.reception.seat) == (new.tip, new.device_id)
    assert server.book.figures.cash["LOAN"] == 2000


def test_one_bad_row_refuses_the_meeting_and_lists_every_bad_row(phone: Phone) -> None:
    server = Server(phone.device_id, FIRST)
    phone.facts[1]["body"]["member_no"] = 99
    phone.facts[5]["body"]["units"] = 999
    (line,) = server.send(phone.packet())
    assert (line.outcome, line.flags) == (Outcome.REFUSED, (Flag.INVALID_ROW,))
    assert {(fault.code, fault.fact) for fault in line.faults} >= {
        ("UNKNOWN_MEMBER", phone.facts[1]["id"]),
        ("PARTS_DO_NOT_SUM", phone.facts[5]["id"]),
    }
    assert (server.stored, server.book.figures.cash["LOAN"]) == ([], 0)


def test_what_waits_for_a_member_is_taken_once_she_is_known(phone: Phone) -> None:
    server = Server(phone.device_id, FIRST)
    gone = server.book.members.pop(4)
    (line,) = server.send(phone.packet())
    assert {fault.code for fault in line.faults} == {"UNKNOWN_MEMBER"}
    server.book.members[4] = gone
    for _packet, lines in server.reception.release(server.received):
        server.note(lines)
    assert (server.reception.head, server.book.figures.cash["LOAN"]) == (phone.tip, 1000)


def test_late_is_never_refused(phone: Phone) -> None:
    (line,) = Server(phone.device_id, FIRST + timedelta(days=400)).send(phone.packet())
    assert (line.outcome, line.flags) == (Outcome.STORED, (Flag.LATE,))


def test_figures_sent_along_are_compared_and_never_believed() -> None:
    phone = Phone(GROUP, key=KEY)
    phone.open(FIRST)
    phone.roll(MEMBERS)
    phone.save(1, 2)
    phone.close(1000, savings_units=1500)
    (line,) = Server(phone.device_id, FIRST).send(phone.packet())
    assert (line.outcome, line.flags) == (Outcome.STORED, (Flag.TOTAL_CORRECTED,))


def test_a_broken_rule_is_flagged_once_the_money_has_moved() -> None:
    """Paid out above the limit, to a member marked absent, with one key: stored, and told."""
    phone = Phone(GROUP, key=KEY)
    phone.open(FIRST, keys=KEYS[:1])
    phone.roll(MEMBERS)
    phone.write("record_attendance", member_no=4, mark="ABSENT")
    phone.save(1, 2)
    due, loan = (FIRST + timedelta(days=30)).isoformat(), str(new_id())
    phone.write("pay_out_loan", loan_id=loan, member_no=4, units=900, periods=1, due_date=due)
    phone.close(100)
    server = Server(phone.device_id, FIRST)
    (line,) = server.send(phone.packet())
    assert line.outcome is Outcome.STORED
    assert line.flags == (Flag.RULE_BREACH, Flag.OPENED_WITHOUT_KEYS)
    assert server.book.figures.principal == {loan: 900}


@pytest.mark.parametrize("counted", [900, 1100])
def test_a_box_that_is_not_what_the_facts_say_needs_its_difference(counted: int) -> None:
    phone = Phone(GROUP, key=KEY)
    held(phone, FIRST, counted)
    (line,) = Server(phone.device_id, FIRST).send(phone.packet())
    assert [fault.code for fault in line.faults] == ["DOES_NOT_BALANCE"]


def test_a_box_never_falls_below_nothing(phone: Phone) -> None:
    phone.open(FIRST + WEEK, 2)
    phone.write("record_expense", fund="LOAN", units=1001, what="Roof")
    (_first, line) = Server(phone.device_id, FIRST + WEEK).send(phone.packet())
    assert [fault.code for fault in line.faults] == ["DOES_NOT_BALANCE"]


def test_a_reversal_moves_todays_box_and_leaves_the_old_code(phone: Phone) -> None:
    saved = phone.facts[5]["id"]
    server = Server(phone.device_id, FIRST + WEEK)
    server.send(phone.packet())
    code = closing_code(server.reception.head)
    phone.open(FIRST + WEEK, 2)
    phone.roll(MEMBERS)
    undo = {"reason": "She paid 500", "keys": KEYS, "told": True, "cash_effect": "MOVES_TODAY"}
    phone.write("reverse_fact", fact_id=saved, **undo)
    phone.save(1, 1)
    phone.close(500)
    (line,) = server.send(phone.packet(11))
    assert (line.outcome, line.flags) == (Outcome.STORED, ())
    assert server.book.figures.savings == {1: 500}
    assert closing_code(phone.chain[11]) == code
    size = len(phone.facts)
    phone.open(FIRST + 2 * WEEK, 3)
    phone.write("reverse_fact", fact_id=saved, **undo)
    (line,) = server.send(phone.packet(size))
    assert [fault.code for fault in line.faults] == ["ALREADY_REVERSED"]


def test_the_same_id_with_other_content_is_refused_and_the_first_stands(phone: Phone) -> None:
    server = Server(phone.device_id, FIRST)
    server.send(phone.packet())
    phone.facts[5]["body"] = {"member_no": 1, "shares": 3, "units": 1500}
    (line,) = server.send(phone.packet())
    assert (line.outcome, line.flags) == (Outcome.REFUSED, (Flag.SAME_ID_OTHER_CONTENT,))
    assert [fault.fact for fault in line.faults] == [phone.facts[5]["id"]]
    assert server.book.figures.savings == {1: 1000}


def test_a_fact_of_another_day_than_its_meeting_is_none(phone: Phone) -> None:
    server = Server(phone.device_id, FIRST)
    phone.facts[2]["happened_date"] = (FIRST + WEEK).isoformat()
    (line,) = server.send(phone.packet())
    assert (line.outcome, line.flags) == (Outcome.REFUSED, (Flag.INVALID_ROW,))
    assert [(fault.code, fault.field) for fault in line.faults] == [
        ("BAD_CONTENT", "happened_date")
    ]
    assert server.stored == []
