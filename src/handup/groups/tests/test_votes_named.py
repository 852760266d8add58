"""What a fact of a phone does by a vote stands only where that vote carried by the rules the group
voted (groups.md G3, groups_meeting.md M4)."""

from datetime import date
from typing import Any

import pytest

from handup.groups.rules.book import CycleNow, Place, RecordedBook, Told, Wrong
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.recorded import take

DAY, MEETING = date(2026, 3, 2), "m"
TEN = range(1, 11)
HOLDERS = {1: 8, 2: 9, 3: 10}
KEYS = [{"slot": slot, "member_no": no} for slot, no in HOLDERS.items()]


def book_of(**voted: Any) -> RecordedBook:
    """Ten members in an open meeting, all of them here, under what they voted."""
    least = {"share_value_units": 500, "cash_unit_units": 50, "charge_rate_bps": 0}
    settings = settings_for("SAVINGS", {**least, "social_contribution_units": 50, **voted})
    members = {no: Place(date(2026, 1, 1), None) for no in TEN}
    cycle = CycleNow(1, date(2026, 1, 1), is_open=True)
    book = RecordedBook("XTS", members, lambda _version: settings, keys=HOLDERS, cycle=cycle)
    opened = said("open_meeting", held_date=str(DAY), keys=KEYS)
    here = [said("record_attendance", member_no=no, mark="PRESENT") for no in TEN]
    paid = [said("record_social", member_no=no, units=50) for no in TEN]
    saved = [said("buy_shares", member_no=no, shares=1, units=500) for no in TEN]
    after, faults, _flags = take(book, [opened, *here, *paid, *saved])
    assert not faults
    return after


made = iter(range(10**6))


def said(name: str, **body: Any) -> Told:
    """A fact of the meeting."""
    return Told(
        id=str(next(made)),
        name=name,
        happened_date=DAY,
        meeting_id=MEETING,
        currency="XTS",
        version=1,
        recorded_date=DAY,
        body=body,
    )


def vote(decision: str, yes: int, no: int, abstain: int = 0, members: int = 10) -> Told:
    """A vote of those who are here."""
    counted = {"yes": yes, "no": no, "abstain": abstain, "present": yes + no + abstain}
    return said("record_vote", resolution_id="v", decision=decision, members=members, **counted)


def broken(book: RecordedBook, *facts: Told) -> list[str]:
    """The rules these facts break."""
    breaches: list[Wrong] = []
    _after, faults, _flags = take(book, facts, breaches=breaches)
    assert not faults
    return [one.code for one in breaches]


BY_VOTE = {
    "ELECTION": said("elect_officer", office="CHAIR", member_no=1, resolution_id="v"),
    "GRANT": said("pay_grant", member_no=1, event="illness", units=50, resolution_id="v"),
    "KEY": said(
        "replace_key", slot=1, member_no=7, credential_kind="PIN", keys=KEYS[1:], resolution_id="v"
    ),
    "EXPULSION": said(
        "end_membership", member_no=1, reason="EXPELLED", date=str(DAY), resolution_id="v"
    ),
    "FUND_MOVE": said(
        "move_between_funds", units=50, resolution_id="v", **{"from": "SOCIAL", "to": "LOAN"}
    ),
    "LOAN": said(
        "pay_out_loan",
        loan_id="l",
        member_no=1,
        units=500,
        periods=1,
        due_date="2026-04-01",
        resolution_id="v",
    ),
}


@pytest.mark.parametrize("decision", BY_VOTE)
def test_what_was_voted_down_is_told_where_it_was_done_all_the_same(decision: str) -> None:
    book, done = book_of(), BY_VOTE[decision]
    asked = [said("request_loan", loan_id="l", member_no=1, units=500, periods=1)]
    first = asked if decision == "LOAN" else []
    assert broken(book, *first, vote(decision, 10, 0), done) == []
    assert broken(book, *first, vote(decision, 4, 6), done) == ["VOTE_NOT_PASSED"]
    assert broken(book, *first, vote(decision, 4, 0), done) == ["VOTE_NOT_PASSED"], "no quorum"


def test_the_majority_is_the_one_the_group_voted() -> None:
    key, chair = BY_VOTE["KEY"], BY_VOTE["ELECTION"]
    assert broken(book_of(), vote("KEY", 6, 4), key) == []
    strict = book_of(vote_key="8000 REGISTERED")
    assert broken(strict, vote("KEY", 7, 3), key) == ["VOTE_NOT_PASSED"]
    assert broken(strict, vote("KEY", 8, 2), key) == []
    assert broken(book_of(), vote("ELECTION", 3, 2, 5), chair) == [], "of the votes cast"
    present = book_of(vote_election="HALF_PLUS PRESENT")
    assert broken(present, vote("ELECTION", 3, 2, 5), chair) == ["VOTE_NOT_PASSED"]


def test_where_too_few_holders_are_left_members_confirm_and_vote_as_for_other_rules() -> None:
    """Two of three keys are lost: five members confirm, and eight of ten vote for it."""

    def given(*members: int) -> Told:
        keys = [KEYS[2], *({"member_no": no} for no in members)]
        body = {"slot": 1, "member_no": 7, "credential_kind": "PIN", "resolution_id": "v"}
        return said("replace_key", **body, keys=keys)

    book = book_of()
    assert broken(book, vote("KEY", 8, 2), given(1, 2, 3, 4)) == []
    assert broken(book, vote("KEY", 7, 3), given(1, 2, 3, 4)) == ["VOTE_NOT_PASSED"]
    assert broken(book, vote("KEY", 8, 2), given(1, 2, 3)) == ["NOT_AGREED"]
    assert broken(book, vote("KEY", 8, 2), given(1, 2, 3, 11)) == ["NOT_AGREED"], "a stranger"
    never = book_of(members_instead_of_keys=0)
    assert broken(never, vote("KEY", 8, 2), given(1, 2, 3, 4, 5)) == ["NOT_AGREED"]


def test_the_phone_says_how_many_votes_there_are_and_is_not_believed_when_it_says_too_few() -> None:
    """Six of ten vote for it, and the phone says that they are six in all."""
    key = BY_VOTE["KEY"]
    strict = book_of(vote_key="8000 REGISTERED")
    told = vote("KEY", 6, 0, members=6)
    after, faults, flags = take(strict, [told])
    assert (faults, flags) == ((), frozenset({"SHOWN_DIFFERS"}))
    assert after.voted["v"][1].registered == 10
    assert broken(strict, told, key) == ["VOTE_NOT_PASSED"]


def test_who_stands_has_terms_left_and_owes_no_dues() -> None:
    """Two terms in a row at most; a counter's office has no terms and goes beside any."""
    chair, book = BY_VOTE["ELECTION"], book_of()
    won = vote("ELECTION", 10, 0)
    assert broken(book, won, chair, chair) == []
    assert broken(book, won, chair, chair, chair) == ["TERM_LIMIT"]
    other = said("elect_officer", office="CHAIR", member_no=2, resolution_id="v")
    assert broken(book, won, chair, chair, other, chair) == [], "not in a row"
    counter = said("elect_officer", office="COUNTER_1", member_no=1, resolution_id="v")
    assert broken(book, won, chair, *[counter] * 4) == []
    second = said("elect_officer", office="SECRETARY", member_no=1, resolution_id="v")
    assert broken(book, won, chair, second) == ["HAS_AN_OFFICE"]
    both = book_of(two_offices_allowed=True)
    assert broken(both, won, chair, second) == []
    book.votes = lambda _on: {1: 0}
    assert broken(book, won, chair) == ["DUES_IN_ARREARS"]
    called = said("call_election", election_id="e", seats=["TREASURER"], candidates=[1, 2])
    assert broken(book, called) == ["DUES_IN_ARREARS"]
    book.votes = lambda _on: {}
    book.terms["TREASURER", 2] = 2
    assert broken(book, called) == ["TERM_LIMIT"]


def test_savings_taken_back_under_a_loan_are_told_and_no_more_loans_than_allowed_are_lent() -> None:
    book = book_of(loans_open_max=1, loan_multiple_x100=200)
    lent = [said("request_loan", loan_id="l", member_no=1, units=500, periods=1), BY_VOTE["LOAN"]]
    book, faults, flags = take(book, [vote("LOAN", 10, 0), *lent])
    assert (faults, flags) == ((), frozenset())
    more = said(
        "pay_out_loan",
        loan_id="m",
        member_no=1,
        units=500,
        periods=1,
        due_date="2026-04-01",
        resolution_id="v",
    )
    assert broken(book, more) == ["ABOVE_LIMIT"], "within her savings, but a second one"
    (bought,) = (one for one in book.read.values() if is_share_of(one, 1))
    body = {"fact_id": bought.id, "reason": "wrong member", "keys": KEYS, "told": True}
    _after, faults, flags = take(book, [said("reverse_fact", cash_effect="MOVES_TODAY", **body)])
    assert (faults, flags) == ((), frozenset({"RULE_BREACH"}))


def is_share_of(fact: Told, member_no: int) -> bool:
    """Whether a fact is a member's purchase of shares."""
    return fact.name == "buy_shares" and fact.body["member_no"] == member_no
