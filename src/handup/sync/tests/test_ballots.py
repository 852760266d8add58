"""Ballots counted on the phone of a group: two count, each alone, and what they agree on is the
election's result at the office; a tie, the lot, a count of the office meanwhile, a vote in
secret."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import (
    BallotCount,
    Election,
    Group,
    GroupFact,
    Member,
    OfficeTerm,
    Resolution,
)
from handup.groups.services import elections
from handup.groups.services.elections import Sheet
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_delegates import by_size
from handup.groups.tests.test_tiers import goes_on, union
from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.sync.models import PacketLine
from handup.sync.queries import pack_of
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_api import Door
from handup.sync.tests.test_services import FIRST, WEEK, proofs, said

__all__ = ("goes_on", "union")
GOOD = [("STORED", ("LATE",))]
BROKEN = [("STORED", ("LATE", "RULE_BREACH"))]


def opened(phone: Phone, on: date = FIRST) -> None:
    """A meeting of four."""
    phone.open(on)
    phone.roll(range(1, 5))


def call(phone: Phone, *standing: int, seats: tuple[str, ...] = ("CHAIR",)) -> str:
    """An election called on the phone."""
    id = str(new_id())
    phone.write("call_election", election_id=id, seats=[*seats], candidates=[*standing])
    return id


def sheet(votes: dict[int, int], ballots: int = 4, spoiled: int = 0) -> dict[str, Any]:
    """A sheet of a counter."""
    lines = [{"member_no": no, "votes": count} for no, count in votes.items()]
    return {"ballots": ballots, "spoiled": spoiled, "votes": lines}


def count(
    phone: Phone,
    id: str,
    votes: dict[int, int],
    *,
    round: int = 1,
    attempt: int = 1,
    seats: int = 1,
) -> None:
    """A round that two counted alike."""
    told = {"election_id": id, "round": round, **sheet(votes)}
    for counter in (3, 4):
        phone.write("record_tally", **told, counter=counter, attempt=attempt)
    phone.write("record_ballot", **told, seats=seats, counters=[3, 4])


def broken() -> set[str]:
    """The rules that the facts of all packets broke."""
    return {rule["code"] for line in PacketLine.objects.all() for rule in line.breaches}


def test_what_two_counted_apart_on_the_phone_is_the_result_at_the_office(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    send: Send,
    client: Client,
) -> None:
    opened(phone)
    id = call(phone, 2, 1)
    first = {"election_id": id, "round": 1, "attempt": 1}
    phone.write("record_tally", **first, counter=3, **sheet({1: 3, 2: 1}))
    phone.write("record_tally", **first, counter=4, **sheet({1: 2, 2: 2}))
    count(phone, id, {1: 1, 2: 3}, attempt=2)
    phone.close(0)
    assert said(send(phone.packet())) == GOOD
    assert said(send(phone.packet())) == [("ALREADY_STORED", ("LATE",))]
    row = Election.objects.get()
    assert (str(row.pk), row.state, row.decided_date) == (id, "DECIDED", FIRST)
    votes = row.candidates.values_list("member__member_no", "votes_first", "rank")
    assert sorted(votes) == [(1, 1, None), (2, 3, 1)]
    kept = BallotCount.objects.get()
    assert (kept.registered, kept.ballots, kept.first_counter) == (4, 4, members[2])
    term = OfficeTerm.objects.get()
    assert (term.office, term.member, term.from_date) == ("CHAIR", members[1], FIRST)
    assert term.due_date == add_months(FIRST, 12)
    assert proofs() == []
    client.force_login(officer)
    page = reverse("groups:election", args=[row.pk])
    shown = client.get(page).content.decode()
    assert shown.count("Member 1: 3, 2 · Member 2: 1") == 1, "the first count of the first counter"
    assert shown.count("Member 1: 1, 2 · Member 2: 3") == 2, "both sheets that agreed"
    meeting = reverse("groups:meeting_detail", args=[kept.fact.meeting_id])
    assert page in client.get(meeting).content.decode()
    with hiding(members[3]):
        assert client.get(page).status_code == 404
        assert page not in client.get(meeting).content.decode()


def test_an_election_of_the_office_is_counted_offline_to_the_lot(
    group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    called = elections.call_election(
        acting_staff=officer,
        group=group,
        seats=["BOARD_1"],
        candidates=members[:2],
        on=FIRST,
    )
    phone, done = enrolled(group, officer)
    (pack,) = Door(done.token).get("/pack").json()["packs"]
    (carried,) = pack["elections"]
    assert (carried["election_id"], carried["standing"]) == (str(called.pk), [1, 2])
    assert [member["votes"] for member in pack["members"]] == [1, 1, 1, 1]
    assert pack["delegates"] == 0, "it is a member of no tier above"
    with hiding(members[0]):
        (pack,) = pack_of(done.device, officer)
        assert pack["elections"] == [], "who is hidden stands in no election of a phone"
    opened(phone)
    id = str(called.pk)
    count(phone, id, {1: 2, 2: 2})
    count(phone, id, {1: 2, 2: 2}, round=2)
    end = len(phone.facts)
    phone.write("record_lot", election_id=id, drawn=[2])
    phone.close(0)
    start, rest = phone.packets({end})
    send(start)
    (pack,) = pack_of(done.device, officer)
    assert [one["state"] for one in pack["elections"]] == ["LOT"], "as the open meeting left it"
    assert Election.objects.get().state == "OPEN", "nothing is written before the close"
    send(rest)
    row = Election.objects.get()
    told = row.candidates.order_by("member__member_no")
    assert [(one.votes_first, one.votes_second, one.by_lot) for one in told] == [
        (2, 2, False),
        (2, 2, True),
    ]
    assert (row.state, row.counts.count()) == ("DECIDED", 2)
    assert OfficeTerm.objects.get(office="BOARD_1").member == members[1]
    assert broken() == set()
    assert proofs() == []


def test_delegates_are_elected_by_ballots_as_many_as_the_size_gives(
    union: Group, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """Who chairs the group may speak for it above."""
    by_size(union, officer)
    phone, done = enrolled(group, officer)
    (pack,) = pack_of(done.device, officer)
    assert pack["delegates"] == 2, "four members are two started threes"
    OfficeTerm.objects.create(group=group, office="CHAIR", member=members[0], from_date=FIRST)
    opened(phone, FIRST + WEEK)
    id = call(phone, 1, 2, seats=("DELEGATE_1", "DELEGATE_2"))
    count(phone, id, {1: 4, 2: 3}, seats=2)
    phone.close(0)
    told = said(send(phone.packet()))
    assert (told, broken()) == (GOOD, set())
    terms = OfficeTerm.objects.filter(office__startswith="DELEGATE_").order_by("office")
    assert [term.member for term in terms] == members[:2]


def test_what_the_office_counted_meanwhile_stands(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    called = elections.call_election(
        acting_staff=officer, group=group, seats=["CHAIR"], candidates=members[:2], on=FIRST
    )
    votes = {row.pk: 4 - 4 * place for place, row in enumerate(elections.in_round(called))}
    one, two = (Sheet(counter, 4, 0, votes) for counter in members[2:])
    elections.record_ballots(acting_staff=officer, election=called, on=FIRST, first=one, second=two)
    opened(phone, FIRST + WEEK)
    count(phone, str(called.pk), {1: 0, 2: 4})
    phone.write("record_lot", election_id=str(called.pk), drawn=[2])
    phone.close(0)
    assert said(send(phone.packet())) == BROKEN
    assert broken() == {"ELECTION_OVER"}
    assert OfficeTerm.objects.get(to_date=None).member == members[0]
    assert BallotCount.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("record_ballot", {"votes": {1: 2, 2: 2}}, "TALLIES_DISAGREE"),
        ("record_ballot", {"counters": [3, 3]}, "TALLIES_DISAGREE"),
        ("record_ballot", {"counters": [3, 2]}, "TALLIES_DISAGREE"),
        ("record_tally", {"votes": {1: 9, 2: 0}}, "PARTS_DO_NOT_SUM"),
        ("record_tally", {"spoiled": 5}, "PARTS_DO_NOT_SUM"),
        ("record_tally", {"counter": 8}, "UNKNOWN_MEMBER"),
        ("record_tally", {"election_id": str(new_id())}, "BAD_CONTENT"),
        ("record_tally", {"ballots": 10**9}, "BAD_CONTENT"),
    ],
)
def test_a_sheet_that_cannot_be_true_keeps_nothing(
    phone: Phone, group: Group, send: Send, name: str, body: dict[str, Any], code: str
) -> None:
    opened(phone)
    id = call(phone, 1, 2)
    told: dict[str, Any] = {"election_id": id, "round": 1, **sheet({1: 3, 2: 1})}
    for counter in (3, 4):
        phone.write("record_tally", **told, counter=counter, attempt=1)
    more = (
        {"counter": 3, "attempt": 1} if name == "record_tally" else {"counters": [3, 4], "seats": 1}
    )
    wrong = {**body, **({"votes": sheet(body["votes"])["votes"]} if "votes" in body else {})}
    phone.write(name, **{**told, **more, **wrong})
    phone.close(0)
    (answer,) = send(phone.packet())
    assert [fault.code for line in answer.lines for fault in line.faults] == [code]
    assert not Election.objects.exists()
    assert not GroupFact.objects.filter(group=group, meeting__isnull=False).exists()


def test_what_breaks_a_rule_of_an_election_is_told(
    phone: Phone, group: Group, members: list[Member], send: Send
) -> None:
    """The chair is elected to keep the money too, by three ballots more than there are votes."""
    OfficeTerm.objects.create(group=group, office="CHAIR", member=members[0], from_date=FIRST)
    opened(phone, FIRST + WEEK)
    id = call(phone, 1, 3, seats=("TREASURER",))
    told = {"election_id": id, "round": 1, **sheet({1: 6, 3: 1}, ballots=7)}
    for counter in (3, 4):
        phone.write("record_tally", **told, counter=counter, attempt=1)
    phone.write("record_ballot", **told, seats=1, counters=[3, 4])
    phone.close(0)
    assert said(send(phone.packet())) == BROKEN
    assert broken() == {"MORE_VOTES_THAN_PRESENT", "COUNTER_STANDS", "HAS_AN_OFFICE"}
    assert BallotCount.objects.get().registered == 7, "what happened is written down as it was"


def test_a_vote_counted_in_secret_is_written_with_both_counters(
    phone: Phone, group: Group, send: Send
) -> None:
    opened(phone)
    votes = {"decision": "OTHER", "yes": 3, "no": 0, "abstain": 1, "present": 4, "members": 4}
    for vote, no in ((str(new_id()), 0), (str(new_id()), 1)):
        for counter in (3, 4):
            told = {"ballots": 4, "spoiled": 0, "yes": 3, "no": no}
            phone.write("record_tally", resolution_id=vote, counter=counter, attempt=1, **told)
        end = len(phone.facts)
        phone.write("record_vote", resolution_id=vote, secret=True, counters=[3, 4], **votes)
    assert said(send(phone.packet(0, end))) == GOOD
    (answer,) = send(phone.packet(end))
    assert [fault.code for line in answer.lines for fault in line.faults] == ["TALLIES_DISAGREE"]
    del phone.facts[end:]
    phone.close(0)
    assert said(send(phone.packet(end))) == GOOD
    kept = Resolution.objects.get()
    assert (kept.is_secret, kept.is_passed, kept.yes) == (True, True, 3)


def test_an_id_that_an_election_has_calls_no_other(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    called = elections.call_election(
        acting_staff=officer, group=group, seats=["CHAIR"], candidates=members[:2], on=FIRST
    )
    opened(phone)
    body = {"election_id": str(called.pk), "seats": ["TREASURER"], "candidates": [1, 2]}
    phone.write("call_election", **body)
    phone.close(0)
    (answer,) = send(phone.packet())
    assert [fault.code for line in answer.lines for fault in line.faults] == ["BAD_ID"]
