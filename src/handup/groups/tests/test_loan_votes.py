"""Who is registered for the vote on a loan from the box: whoever has a vote that day, and nobody
else (groups_cooperatives.md K5, K9).
"""

from datetime import timedelta
from typing import Any

import pytest

from handup.groups.models import Group, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.rules.votes import ConflictOfInterest, MoreVotesThanPresent, NoQuorum
from handup.groups.services import MeetingLine, dues, firms, open_meeting, record_meeting_lines
from handup.groups.tests.conftest import FIRST, save
from handup.groups.tests.test_delegates import by_size
from handup.groups.tests.test_dues_taken import TODAY, association, members_of, tariff
from handup.groups.tests.test_firms import LATER, named
from handup.groups.tests.test_lending import lend
from handup.groups.tests.test_tiers import union
from handup.org.models import StaffUser

__all__ = ("association", "tariff", "union")


def met(officer: StaffUser, group: Group, members: list[Member], **more: Any) -> Meeting:
    """A meeting of a group on TODAY or another day, these there, each with savings of hers."""
    meeting = open_meeting(acting_staff=officer, group=group, held_date=more.get("on", TODAY))
    absent = [row for row in members_of(group) if row not in members]
    lines = [MeetingLine(row, Mark.PRESENT) for row in members]
    lines += [MeetingLine(row, Mark.ABSENT) for row in absent]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    save(meeting, officer, dict.fromkeys(members, 5_000))
    return meeting


def counted(loan: InternalLoan) -> tuple[int, int]:
    """How many votes were there, and how many were registered."""
    assert loan.resolution is not None
    return loan.resolution.present, loan.resolution.members


def test_a_firm_nobody_votes_for_is_not_registered(association: Group, officer: StaffUser) -> None:
    first, firm, third = members_of(association)
    named(officer, firm)
    firms.end_representative(acting_staff=officer, member=firm, on=LATER)
    meeting = met(officer, association, [first, firm, third])
    with pytest.raises(MoreVotesThanPresent):
        lend(meeting, officer, firm, yes=2, abstain=1)
    its_own = lend(meeting, officer, firm, yes=2, abstain=0)
    assert counted(its_own) == (2, 2), "who has no vote abstains from nothing"


def test_a_member_in_arrears_is_not_registered(
    association: Group, tariff: Any, officer: StaffUser
) -> None:
    first, second, third = members_of(association)
    dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    for member in (first, second):
        dues.take_dues(acting_staff=officer, member=member, units=20_000, paid_date=TODAY)
    meeting = met(officer, association, [first, third])
    with pytest.raises(MoreVotesThanPresent):
        lend(meeting, officer, first, yes=1, abstain=1)
    assert counted(lend(meeting, officer, third, yes=1, abstain=0)) == (1, 2)


def test_where_all_are_in_arrears_nobody_lends(
    association: Group, tariff: Any, officer: StaffUser
) -> None:
    rows = members_of(association)
    dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    meeting = met(officer, association, rows)
    with pytest.raises(MoreVotesThanPresent):
        lend(meeting, officer, rows[0], yes=2, abstain=1)
    assert not InternalLoan.objects.exists()


def test_in_an_upper_tier_the_delegates_are_the_register(union: Group, officer: StaffUser) -> None:
    """Two delegates of the first group, one of each of the three others."""
    by_size(union, officer)
    first, *others = members_of(union)
    meeting = met(officer, union, [first, *others[:2]], on=FIRST + timedelta(days=30))
    with pytest.raises(ConflictOfInterest):
        lend(meeting, officer, first, yes=3, abstain=1)
    with pytest.raises(MoreVotesThanPresent):
        lend(meeting, officer, others[0], yes=4, abstain=1)
    with pytest.raises(NoQuorum):
        lend(meeting, officer, others[0], yes=1, abstain=1)
    assert counted(lend(meeting, officer, others[0], yes=3, abstain=1)) == (4, 5)
