"""A group is handed over whole or not at all; whoever agreed beside somebody who stays is named."""

import pytest

from handup.groups.handover_mover import MeetingStillOpen
from handup.groups.models import Group, Meeting, Member
from handup.groups.services import open_meeting
from handup.groups.tests.conftest import FIRST, close, save
from handup.ledger.errors import BookMoved
from handup.ledger.models import Book, Entry
from handup.ledger.services.upkeep import hand_over_books
from handup.org.models import AuditLine, StaffUser
from handup.people.models import Person
from handup.projects import handover
from handup.projects.carrying.gather import gather, tied
from handup.projects.models import Programme

pytestmark = pytest.mark.django_db


def test_a_group_with_somebody_who_stays_stays_whole_and_names_who_agreed(
    programme: Programme, group: Group, members: list[Member]
) -> None:
    everybody = frozenset(one for member in members if (one := member.person_id) is not None)
    going = gather(handover.movers, programme, everybody)
    assert going.of(Group) == {group.pk}
    assert going.of(Book) == {group.book_id}
    assert tied(handover.movers, going, everybody, frozenset()) == frozenset()
    agreed = everybody - {members[0].person_id}
    going = gather(handover.movers, programme, agreed)
    assert going.of(Person) == agreed
    assert (going.of(Group), going.of(Book), going.of(Member)) == (set(), set(), set())
    stays = everybody - agreed
    assert tied(handover.movers, going, agreed, stays) == agreed
    assert tied(handover.movers, going, agreed, frozenset()) == frozenset()  # hidden, so not named
    left = members[1]
    Member.objects.filter(pk=left.pk).update(left_date=FIRST, status="LEFT")
    assert tied(handover.movers, going, agreed, stays) == agreed - {left.person_id}


def test_a_group_does_not_go_in_the_middle_of_its_meeting(
    programme: Programme, group: Group, members: list[Member], meeting: Meeting
) -> None:
    everybody = frozenset(one for member in members if (one := member.person_id) is not None)
    with pytest.raises(MeetingStillOpen, match="open meeting"):
        gather(handover.movers, programme, everybody)
    gather(handover.movers, programme, everybody - {members[0].person_id})


def test_a_group_that_went_saves_in_the_other_house_only(
    group: Group, members: list[Member], meeting: Meeting, officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 1_000})
    entries = Entry.objects.count()
    assert hand_over_books(acting_staff=officer, books=[group.book_id]) == 1
    assert hand_over_books(acting_staff=officer, books=[group.book_id]) == 0
    with pytest.raises(BookMoved):
        save(meeting, officer, {members[1]: 1_000})
    with pytest.raises(BookMoved, match="recorded by the successor"):
        close(meeting, officer, loan=1_000)
    assert Entry.objects.count() == entries
    Meeting.objects.filter(pk=meeting.pk).update(status="CANCELLED")
    group.book.refresh_from_db()
    with pytest.raises(BookMoved):
        open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    assert AuditLine.objects.filter(action="ledger.hand_over_book").count() == 1
