"""A group's own vote counts every member; whoever writes it down is told of those she knows
(protection.md R5, docs/decisions/0020)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.errors import VoteNotPassed
from handup.groups.models import Constitution, Group, Meeting, Member
from handup.groups.rules.elections import BallotsOutOfRange
from handup.groups.rules.votes import MoreVotesThanPresent, NoQuorum
from handup.groups.services import change_rules
from handup.groups.services.passing import TooFewVotes
from handup.groups.tests.conftest import save
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_elections import called, count, voters
from handup.groups.tests.test_lending import lend
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser

__all__ = ("voters",)


def changed(group: Group, officer: StaffUser, yes: int, no: int = 0) -> Constitution:
    return change_rules(
        acting_staff=StaffUser.objects.get(pk=officer.pk),
        group=group,
        version=group.constitutions.count() + 1,
        settings={"fine_late_units": 70},
        effective_date=timezone.localdate() + timedelta(days=9),
        yes=yes,
        no=no,
        abstain=0,
    )


def told(refusal: type[Refusal], group: Group, officer: StaffUser, yes: int, no: int) -> object:
    """What the refusal of a vote tells."""
    with pytest.raises(refusal) as refused:
        changed(group, officer, yes, no)
    return refused.value.places


def test_a_vote_is_refused_by_the_count_its_reader_knows(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    """Four fifths of four are four, of the three she knows three."""
    with hiding(members[3]):
        assert told(VoteNotPassed, group, officer, 2, 1) == {"yes": 2, "needed": 3}
        assert told(NoQuorum, group, officer, 1, 0) == {
            "present": 1, "registered": 3, "needed": 2,
        }  # fmt: skip
        assert told(MoreVotesThanPresent, group, officer, 5, 0) == {"votes": 5, "there": 3}
        assert told(TooFewVotes, group, officer, 3, 0) == {}, "no number of whom she does not know"
        assert group.constitutions.count() == 1
        changed(group, officer, 4)
    assert told(VoteNotPassed, group, officer, 3, 0) == {"yes": 3, "needed": 4}
    assert group.constitutions.count() == 2


def test_how_many_had_a_vote_is_told_as_far_as_a_reader_knows(
    group: Group, members: list[Member], officer: StaffUser, client: Client
) -> None:
    changed(group, officer, 4)
    resolution = group.resolutions.get()
    client.force_login(officer)
    address = reverse("groups:group_detail", args=[group.pk])
    assert "4 of 4 in favour" in client.get(address).content.decode()
    group.resolutions.update(yes=3, present=3)
    with hiding(members[3]):
        assert "3 of 3 in favour" in client.get(address).content.decode()
    assert "3 of 4 in favour" in client.get(address).content.decode()
    resolution.refresh_from_db()
    assert resolution.members == 4, "the group's own count stays"


def test_the_vote_on_a_loan_tells_of_nobody_hidden(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2500))
    with hiding(members[3]):
        reader = StaffUser.objects.get(pk=officer.pk)
        with pytest.raises(MoreVotesThanPresent) as refused:
            lend(meeting, reader, members[0], yes=4)
        assert refused.value.places == {"votes": 5, "there": 3}
        loan = lend(meeting, reader, members[0], yes=3)
    assert loan.resolution is not None
    assert (loan.resolution.present, loan.resolution.members) == (4, 4)


def test_ballots_are_refused_by_the_votes_a_reader_knows(
    group: Group, voters: list[Member], officer: StaffUser, client: Client
) -> None:
    """Of ten votes she knows eight: a quorum of half asks four of them, five of all."""
    election = called(group, officer, voters[:2], "BOARD_1")
    counters = voters[8:10]
    with hiding(voters[5]), hiding(voters[6]):
        reader = StaffUser.objects.get(pk=officer.pk)
        with pytest.raises(BallotsOutOfRange) as out:
            count(election, reader, counters, 6, 4, ballots=11)
        assert out.value.places == {"there": 8}
        with pytest.raises(NoQuorum) as short:
            count(election, reader, counters, 2, 1, ballots=3)
        assert short.value.places == {"present": 3, "registered": 8, "needed": 4}
        with pytest.raises(TooFewVotes):
            count(election, reader, counters, 3, 1, ballots=4)
        count(election, reader, counters, 3, 2, ballots=5)
        client.force_login(officer)
        address = f"/api/v1/groups/groups/{group.pk}/elections"
        (row,) = client.get(address).json()
        assert [one["registered"] for one in row["counts"]] == [8]
    assert election.counts.get().registered == 10
