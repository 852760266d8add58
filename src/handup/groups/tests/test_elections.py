"""Several stand for several seats: two counters, most votes, a tie, the lot, terms of half a board;
on paper, on the page without JavaScript and over the API."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.errors import DuesInArrears, NoSuchOffice, NotAMember, TermLimit, TwoOffices
from handup.groups.models import BallotCount, Candidate, Election, Group, Member, OfficeTerm
from handup.groups.rules.elections import (
    BallotsOutOfRange,
    NotAllOnTheSheet,
    TalliesDisagree,
    Tally,
    VotesOutOfRange,
    decide,
    require_sound,
    stem_of,
    terms_end,
)
from handup.groups.rules.votes import NoQuorum
from handup.groups.services import NewMember, admit_members, elect_officer, elections
from handup.groups.services.elections import Sheet
from handup.groups.tests.conftest import FORMED, new_person
from handup.groups.tests.test_bulk_back import hiding
from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing

DAY = date(2026, 2, 2)
SEATS = ("BOARD_1", "BOARD_2", "BOARD_3", "BOARD_4")


@standing
def voters(group: Group, members: list[Member], officer: StaffUser) -> list[Member]:
    """Ten members."""
    more = [
        NewMember(person=new_person(number, group.programme, officer), joined_date=FORMED)
        for number in range(5, 11)
    ]
    return [*members, *admit_members(acting_staff=officer, group=group, members=more)]


def called(
    group: Group, officer: StaffUser, standing: list[Member], *seats: str, on: date = DAY
) -> Election:
    return elections.call_election(
        acting_staff=officer, group=group, seats=seats, candidates=standing, on=on
    )


def votes_for(election: Election, *counts: int) -> dict[Any, int]:
    rows = elections.in_round(election)
    return {row.pk: count for row, count in zip(rows, counts, strict=True)}


def count(
    election: Election,
    officer: StaffUser,
    counters: list[Member],
    *counts: int,
    ballots: int = 10,
    on: date = DAY,
) -> Election:
    votes = votes_for(election, *counts)
    first, second = (Sheet(one, ballots, 0, votes) for one in counters)
    return elections.record_ballots(
        acting_staff=officer, election=election, on=on, first=first, second=second
    )


def test_most_votes_win_and_a_tie_at_the_last_seat_leaves_it_open() -> None:
    assert decide({"a": 5, "b": 3, "c": 2}, 2).elected == ("a", "b")
    tie = decide({"a": 5, "b": 3, "c": 3, "d": 1}, 2)
    assert (tie.elected, tie.tied, tie.seats_open) == (("a",), ("b", "c"), 1)
    level = decide({"a": 4, "b": 4, "c": 1}, 2)
    assert (level.elected, level.seats_open) == (("a", "b"), 0), "a tie within the seats is none"
    assert decide({"a": 4, "b": 0}, 2).elected == ("a",), "nobody is elected without a vote"
    assert decide({"a": 0, "b": 0}, 1) == decide({}, 1)
    level = decide({"a": 2, "b": 0, "c": 0}, 2, again=True)
    assert (level.elected, level.tied, level.seats_open) == (("a",), ("b", "c"), 1)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=9), st.integers(1, 6))
def test_seats_are_given_to_nobody_with_fewer_votes_than_somebody_without(
    votes: dict[str, int], seats: int
) -> None:
    told = decide(votes, seats)
    assert len(told.elected) + told.seats_open <= seats
    assert not set(told.elected) & set(told.tied)
    assert (told.seats_open > 0) == bool(told.tied)
    assert len(told.tied) > told.seats_open or not told.tied
    least = min((votes[pk] for pk in told.elected), default=10)
    assert all(votes[pk] <= least for pk in votes if pk not in told.elected)


def test_a_sheet_that_cannot_be_true_is_named() -> None:
    sound = partial(require_sound, standing=("a", "b"), seats=2, there=10)
    sound(Tally(10, 1, {"a": 9, "b": 9}))
    for wrong, refusal in (
        (Tally(10, 0, {"a": 1}), NotAllOnTheSheet),
        (Tally(10, 0, {"a": 1, "b": 1, "c": 1}), NotAllOnTheSheet),
        (Tally(11, 0, {"a": 1, "b": 1}), BallotsOutOfRange),
        (Tally(5, 6, {"a": 0, "b": 0}), BallotsOutOfRange),
        (Tally(5, -1, {"a": 0, "b": 0}), BallotsOutOfRange),
        (Tally(10, 2, {"a": 9, "b": 0}), VotesOutOfRange),
        (Tally(10, 0, {"a": -1, "b": 0}), VotesOutOfRange),
    ):
        with pytest.raises(refusal):
            sound(wrong)
    with pytest.raises(VotesOutOfRange):
        require_sound(Tally(3, 0, {"a": 2, "b": 2}), standing=("a", "b"), seats=1, there=10)


def test_half_of_a_first_board_of_two_years_is_elected_anew_after_one() -> None:
    ends = terms_end(DAY, 24, seats=SEATS, is_first=True)
    assert ends == [add_months(DAY, 24)] * 2 + [add_months(DAY, 12)] * 2
    assert set(terms_end(DAY, 24, seats=SEATS, is_first=False)) == {add_months(DAY, 24)}
    assert set(terms_end(DAY, 12, seats=SEATS, is_first=True)) == {add_months(DAY, 12)}
    officers = ("CHAIRPERSON", "TREASURER")
    assert set(terms_end(DAY, 24, seats=officers, is_first=True)) == {add_months(DAY, 24)}
    three = terms_end(DAY, 36, seats=SEATS[:3], is_first=True)
    assert three == [add_months(DAY, 36)] * 2 + [add_months(DAY, 12)]
    assert [stem_of(one) for one in ("BOARD_1", "CHAIR", "_1", "BOARD_x")] == [
        "BOARD",
        "CHAIR",
        "_1",
        "BOARD_x",
    ]


def test_those_with_most_votes_take_the_seats(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    election = called(group, officer, voters[:4], "BOARD_1", "BOARD_2")
    done = count(election, officer, voters[8:], 3, 7, 4, 5)
    assert (done.state, done.decided_date) == ("DECIDED", DAY)
    held = OfficeTerm.objects.filter(group=group).order_by("office")
    assert list(held.values_list("office", "member__member_no", "from_date", "due_date")) == [
        ("BOARD_1", 2, DAY, add_months(DAY, 12)),
        ("BOARD_2", 4, DAY, add_months(DAY, 12)),
    ]
    told = [fact.body for fact in group.facts.filter(name="elect_officer").order_by("seq")]
    assert [body["office"] for body in told] == ["BOARD_1", "BOARD_2"]
    ballot = group.facts.get(name="record_ballot").body
    assert (ballot["ballots"], ballot["seats"], len(ballot["counters"])) == (10, 2, 2)


def test_two_counters_must_agree_and_a_wrong_count_keeps_nothing(
    group: Group, voters: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    election = called(group, officer, voters[:3], "CHAIRPERSON")
    one, two = voters[8:]
    votes = votes_for(election, 5, 3, 1)
    other = votes_for(election, 5, 2, 2)
    record = partial(elections.record_ballots, acting_staff=officer, election=election, on=DAY)
    good = Sheet(one, 10, 1, votes)
    with pytest.raises(TalliesDisagree) as apart:
        record(first=good, second=Sheet(two, 10, 1, other))
    assert (apart.value.places["count"], apart.value.field) == (2, "ballots_2")
    for second in (Sheet(two, 9, 0, votes), Sheet(two, 10, 0, votes)):
        with pytest.raises(TalliesDisagree):
            record(first=good, second=second)
    for second in (Sheet(one, 10, 1, votes), Sheet(voters[0], 10, 1, votes)):
        with pytest.raises(elections.SameCounter):
            record(first=good, second=second)
    wrong = Sheet(two, 10, 1, votes_for(election, 10, 0, 0))
    with pytest.raises(VotesOutOfRange) as many:
        record(first=good, second=wrong)
    assert many.value.field == f"votes_{next(iter(votes))}_2"
    few = votes_for(election, 1, 0, 0)
    with pytest.raises(NoQuorum):
        record(first=Sheet(one, 4, 0, few), second=Sheet(two, 4, 0, few))
    with pytest.raises(elections.CountedBefore):
        record(first=good, second=good, on=DAY - timedelta(days=1))
    with pytest.raises((NotAllowed, OutOfSight)):
        record(acting_staff=outsider, first=good, second=Sheet(two, 10, 1, votes))
    assert not BallotCount.objects.exists()
    assert not group.facts.filter(name="record_ballot").exists()
    key = new_id()
    told: dict[str, Any] = {"first": good, "second": Sheet(two, 10, 1, votes), "id": key}
    assert record(**told).state == "DECIDED"
    assert record(**told).state == "DECIDED", "sent twice it is counted once"
    with pytest.raises(SameIdOtherContent):
        record(first=Sheet(one, 10, 1, other), second=Sheet(two, 10, 1, other), id=key)
    for one_sheet, other_sheet in (
        (good, Sheet(two, 10, 1, other)),
        (Sheet(two, 10, 1, votes), Sheet(one, 10, 1, votes)),
    ):
        with pytest.raises(SameIdOtherContent):
            record(first=one_sheet, second=other_sheet, id=key)
    with pytest.raises(elections.NotCounting):
        record(first=good, second=Sheet(two, 10, 1, votes))
    assert BallotCount.objects.count() == 1


def test_a_tie_goes_to_a_second_round_and_then_to_the_lot(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    election = called(group, officer, voters[:5], "BOARD_1", "BOARD_2")
    election = count(election, officer, voters[8:], 8, 4, 4, 3, 1)
    assert (election.state, elections.seats_open(election)) == ("SECOND_ROUND", 1)
    assert [row.member.member_no for row in elections.in_round(election)] == [2, 3]
    assert not OfficeTerm.objects.exists(), "nobody takes a seat before all are given"
    later = DAY + timedelta(days=7)
    stale = dict.fromkeys(election.candidates.values_list("pk", flat=True), 1)
    again = partial(elections.record_ballots, acting_staff=officer, election=election, on=later)
    one, two = (Sheet(voters[place], 10, 0, stale) for place in (8, 9))
    with pytest.raises(NotAllOnTheSheet):
        again(first=one, second=two)
    election = count(election, officer, voters[8:], 5, 5, on=later)
    assert election.state == "LOT"
    lot = partial(elections.record_lot, acting_staff=officer, election=election, on=later)
    tied = elections.in_round(election)
    lost = election.candidates.get(member=voters[3])
    for wrong in ([], tied, [lost]):
        with pytest.raises(elections.WrongLot):
            lot(drawn=wrong)
    with pytest.raises(elections.NotCounting):
        count(election, officer, voters[8:], 5, 5, on=later)
    election = lot(drawn=[tied[1]])
    assert lot(drawn=[tied[1]]) == election
    with pytest.raises(elections.NoLot):
        lot(drawn=[tied[0]])
    rows = election.candidates.exclude(rank=None).order_by("rank")
    told = list(rows.values_list("member__member_no", "by_lot", "term__office"))
    assert told == [(1, False, "BOARD_1"), (3, True, "BOARD_2")]
    assert group.facts.get(name="record_lot").body["drawn"] == [str(voters[2].pk)]


def test_a_second_round_without_a_vote_goes_to_the_lot(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    election = called(group, officer, voters[:2], "BOARD_1")
    count(election, officer, voters[8:], 5, 5)
    assert count(election, officer, voters[8:], 0, 0).state == "LOT"
    tied = elections.in_round(Election.objects.get(pk=election.pk))
    assert len(tied) == 2
    elections.record_lot(acting_staff=officer, election=election, drawn=tied[1:], on=DAY)
    assert OfficeTerm.objects.get(office="BOARD_1").member == voters[1]


def test_where_nobody_has_a_vote_the_holder_goes_on(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    held = OfficeTerm.objects.create(
        group=group, office="BOARD_1", member=voters[5], from_date=FORMED, due_date=DAY
    )
    election = called(group, officer, voters[:2], "BOARD_1")
    assert count(election, officer, voters[8:], 0, 0).state == "DECIDED"
    held.refresh_from_db()
    assert held.to_date is None


def test_who_may_not_stand_and_seats_that_are_not_up_are_named(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    call = partial(
        elections.call_election,
        acting_staff=officer,
        group=group,
        seats=("BOARD_1",),
        candidates=voters[:2],
        on=DAY,
    )
    elect_officer(
        acting_staff=officer,
        group=group,
        office="TREASURER",
        member=voters[5],
        from_date=FORMED,
    )
    refused: tuple[tuple[type[Exception], dict[str, Any]], ...] = (
        (elections.NoSeats, {"seats": ()}),
        (elections.NoSeats, {"seats": ("BOARD_1", "BOARD_1")}),
        (NoSuchOffice, {"seats": ("KEY_HOLDER_1",)}),
        (elections.SeatHeld, {"seats": ("TREASURER",)}),
        (elections.TooFewStand, {"candidates": voters[:1]}),
        (elections.TooFewStand, {"candidates": [voters[0], voters[0]]}),
        (TwoOffices, {"candidates": [voters[0], voters[5]]}),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            call(**wrong)
    Member.objects.filter(pk=voters[6].pk).update(left_date=DAY)
    voters[6].refresh_from_db()
    with pytest.raises(NotAMember):
        call(candidates=[voters[0], voters[6]])
    assert not Election.objects.exists()
    key = new_id()
    row = call(id=key)
    assert call(id=key) == row
    with pytest.raises(SameIdOtherContent):
        call(id=key, candidates=voters[1:3])
    with pytest.raises(elections.SeatVotedOn):
        call()
    cancel = partial(elections.cancel_election, acting_staff=officer, election=row, on=DAY)
    assert cancel() == cancel()
    assert call().state == "OPEN"


def test_terms_in_a_row_count_over_all_seats_of_a_board(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    day = DAY
    for seat in ("BOARD_1", "BOARD_2"):
        election = called(group, officer, voters[:2], seat, on=day)
        count(election, officer, voters[8:], 9, 1, on=day)
        day += timedelta(days=1)
        term = OfficeTerm.objects.get(office=seat)
        OfficeTerm.objects.filter(pk=term.pk).update(to_date=day, due_date=day)
    with pytest.raises(TermLimit):
        called(group, officer, voters[:2], "BOARD_3", on=day)


def test_who_owes_dues_does_not_stand(
    group: Group, voters: list[Member], officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elections, "may_stand", lambda member, _on: member.member_no != 2)
    with pytest.raises(DuesInArrears):
        called(group, officer, voters[:2], "BOARD_1")
    assert called(group, officer, voters[2:4], "BOARD_1").state == "OPEN"


def test_whoever_left_meanwhile_is_not_elected(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    election = called(group, officer, voters[:2], "BOARD_1")
    Member.objects.filter(pk=voters[0].pk).update(left_date=DAY)
    with pytest.raises(NotAMember):
        count(election, officer, voters[8:], 9, 1)
    assert not OfficeTerm.objects.exists()


def test_whoever_took_another_office_meanwhile_does_not_hold_two(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    chair = called(group, officer, voters[:2], "CHAIRPERSON")
    money = called(group, officer, voters[:3], "TREASURER")
    count(chair, officer, voters[8:], 9, 1)
    with pytest.raises(TwoOffices) as both:
        count(money, officer, voters[8:], 6, 3, 1)
    assert both.value.field == "on"
    assert not BallotCount.objects.filter(election=money).exists(), "nothing is kept"
    assert not OfficeTerm.objects.filter(office="TREASURER").exists()
    assert count(money, officer, voters[8:], 3, 6, 1).state == "DECIDED", "who is not elected may"
    board = called(group, officer, voters[3:5], "BOARD_1")
    count(board, officer, voters[8:], 5, 5)
    count(board, officer, voters[8:], 5, 5)
    elect_officer(
        acting_staff=officer, group=group, office="SECRETARY", member=voters[3], from_date=DAY
    )
    tied = elections.in_round(Election.objects.get(pk=board.pk))
    with pytest.raises(TwoOffices):
        elections.record_lot(acting_staff=officer, election=board, drawn=[tied[0]], on=DAY)
    assert not OfficeTerm.objects.filter(office="BOARD_1").exists()


def test_an_election_on_its_pages_and_on_paper(
    client: Client, group: Group, voters: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)
    page = reverse("groups:elections", args=[group.pk])
    assert "Call an election" in client.get(page).content.decode()
    new = reverse("groups:election_new", args=[group.pk])
    sent = {
        "seats": ["CHAIRPERSON"],
        "candidates": [str(voters[0].pk), str(voters[1].pk)],
        "on": DAY.isoformat(),
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    assert client.post(new, sent | {"candidates": [str(voters[0].pk)]}).status_code == 422
    answer = client.post(new, sent)
    row = Election.objects.get()
    address = reverse("groups:election", args=[row.pk])
    assert answer.headers["Location"] == address
    for name in ("election_ballot", "election_minutes"):
        paper = client.get(reverse(f"groups:{name}", args=[row.pk]))
        assert paper.content.startswith(b"%PDF")
    form = reverse("groups:election_count", args=[row.pk])
    asked = client.get(form).content.decode()
    assert "up to 1 names" in asked
    one, two = elections.in_round(row)
    sheet = {"on": DAY.isoformat(), "_read_back": "1", "_new_id": str(new_id())}
    for no in (1, 2):
        sheet |= {f"counter_{no}": str(voters[7 + no].pk), f"ballots_{no}": "10"}
        sheet |= {f"spoiled_{no}": "1", f"votes_{one.pk}_{no}": "6", f"votes_{two.pk}_{no}": "3"}
    told = client.post(form, sheet | {f"votes_{two.pk}_2": "2"})
    assert "differ on 1 lines" in told.content.decode()
    assert 'value="6"' in told.content.decode(), "nothing typed is lost"
    assert client.post(form, sheet).headers["Location"] == address
    shown = client.get(address).content.decode()
    assert "chairperson" in shown
    assert "Member 1" in shown
    assert "elected until" in client.get(page).content.decode().lower()
    with hiding(voters[1]):
        assert client.get(address).status_code == 404, "her votes are the others' rest"
        assert address not in client.get(page).content.decode()
        api = client.get(f"/api/v1/groups/groups/{group.pk}/elections").json()
        assert api == []
    client.force_login(outsider)
    for path in (page, address, form):
        assert client.get(path).status_code == 404


def test_a_lot_and_a_cancelling_on_their_pages(
    client: Client, group: Group, voters: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)
    row = called(group, officer, voters[:2], "CHAIRPERSON")
    row = count(count(row, officer, voters[8:], 5, 5), officer, voters[8:], 4, 4)
    form = reverse("groups:election_lot", args=[row.pk])
    assert "Seats open: 1" in client.get(form).content.decode()
    drawn = elections.in_round(row)[1]
    sent = {"drawn": [str(drawn.pk)], "on": DAY.isoformat(), "_read_back": "1"}
    assert client.post(form, sent).status_code == 302
    assert "by lot" in client.get(reverse("groups:election", args=[row.pk])).content.decode()
    other = called(group, officer, voters[2:4], "SECRETARY")
    end = reverse("groups:election_cancel", args=[other.pk])
    assert client.post(end, {"on": DAY.isoformat(), "_read_back": "1"}).status_code == 302
    assert Election.objects.get(pk=other.pk).state == "CANCELLED"


def test_an_election_over_the_api(
    client: Client, group: Group, voters: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)

    def send(path: str, body: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/groups/{path}",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )

    told = send(
        f"groups/{group.pk}/elections",
        {
            "seats": ["BOARD_1"],
            "candidate_ids": [str(one.pk) for one in voters[:2]],
            "on": DAY.isoformat(),
        },
    )
    assert told.status_code == 201
    pk = told.json()["id"]
    ids = [row["id"] for row in told.json()["candidates"]]

    def sheet(counter: Member, *votes: int) -> dict[str, Any]:
        counted = dict(zip(ids, votes, strict=True))
        return {"counter_id": str(counter.pk), "ballots": 10, "spoiled": 0, "votes": counted}

    body = {
        "on": DAY.isoformat(),
        "first": sheet(voters[8], 5, 5),
        "second": sheet(voters[9], 5, 4),
    }
    assert send(f"elections/{pk}/ballots", body).json()["code"] == "TALLIES_DISAGREE"
    body["second"] = sheet(voters[9], 5, 5)
    assert send(f"elections/{pk}/ballots", body).json()["state"] == "SECOND_ROUND"
    assert send(f"elections/{pk}/ballots", body).json()["state"] == "LOT"
    lot = send(f"elections/{pk}/lot", {"drawn_ids": [ids[1]], "on": DAY.isoformat()}).json()
    assert (lot["state"], lot["candidates"][0]["by_lot"]) == ("DECIDED", True)
    over = send(f"elections/{pk}/cancellation", {"on": DAY.isoformat()})
    assert over.status_code in (409, 422)
    (listed,) = client.get(f"/api/v1/groups/groups/{group.pk}/elections").json()
    assert [count["round"] for count in listed["counts"]] == [1, 2]
    assert Candidate.objects.filter(by_lot=True).count() == 1


def test_where_somebody_hidden_stands_or_counted_the_election_is_kept_whole_from_a_reader(
    group: Group, voters: list[Member], officer: StaffUser
) -> None:
    election = called(group, officer, voters[:2], "BOARD_1")
    count(election, officer, voters[8:10], 6, 4)

    def seen() -> tuple[int, int]:
        staff = StaffUser.objects.get(pk=officer.pk)
        return (
            Election.objects.visible_to(staff).count(),
            BallotCount.objects.visible_to(staff).count(),
        )

    assert seen() == (1, 1)
    for member in (voters[0], voters[8], voters[9]):  # who stands, and both who counted
        with hiding(member):
            assert seen() == (0, 0)
    with hiding(voters[5]):
        assert seen() == (1, 1), "whoever only votes tells nothing"
