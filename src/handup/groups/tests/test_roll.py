"""The roll of a meeting fits what happened in it: money, loans and votes of those who came."""

from datetime import date

import pytest

from handup.groups.errors import (
    MoneyOfTheAbsent,
    NoRepresentatives,
    NotMarked,
    VotedByMore,
)
from handup.groups.models import Group, Meeting, MeetingAttendance, Member
from handup.groups.models.facts import Mark, MeetingStatus
from handup.groups.models.group import LeaveReason
from handup.groups.services import (
    MeetingLine,
    close_meeting,
    end_membership,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
)
from handup.org.models import StaffUser
from handup.org.tests.standing import standing

FIRST = date(2026, 1, 12)


@standing
def meeting(group: Group, members: list[Member], officer: StaffUser) -> Meeting:
    """A meeting nobody is marked in yet."""
    return open_meeting(acting_staff=officer, group=group, held_date=FIRST)


def mark(meeting: Meeting, officer: StaffUser, mark: Mark, *members: Member) -> None:
    lines = [MeetingLine(member, mark) for member in members]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)


def save(meeting: Meeting, officer: StaffUser, *members: Member) -> None:
    lines = [MeetingLine(member, saved_units=2500) for member in members]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)


def test_whoever_paid_in_cannot_be_marked_absent_afterwards(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    mark(meeting, officer, Mark.PRESENT, *members)
    save(meeting, officer, members[0])
    for wrong in (Mark.ABSENT, Mark.EXCUSED):
        with pytest.raises(MoneyOfTheAbsent) as refused:
            mark(meeting, officer, wrong, members[0])
        assert refused.value.field == f"mark_{members[0].pk}"
    assert MeetingAttendance.objects.get(member=members[0]).mark == Mark.PRESENT
    mark(meeting, officer, Mark.REPRESENTED, members[0])
    mark(meeting, officer, Mark.ABSENT, members[1])


def test_a_mark_corrected_on_the_same_sheet_counts_as_it_ends(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    lines = [
        MeetingLine(members[0], Mark.PRESENT, saved_units=500),
        MeetingLine(members[0], Mark.ABSENT),
    ]
    with pytest.raises(MoneyOfTheAbsent):
        record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    assert not meeting.facts.exclude(name="open_meeting").exists()


def test_a_borrower_and_the_voters_stay_on_the_roll(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    mark(meeting, officer, Mark.PRESENT, *members)
    save(meeting, officer, members[0])
    pay_out_loan(
        acting_staff=officer, meeting=meeting, member=members[0], units=500, term_periods=1, yes=3
    )
    with pytest.raises(MoneyOfTheAbsent):
        mark(meeting, officer, Mark.REPRESENTED, members[0])
    with pytest.raises(VotedByMore) as refused:
        mark(meeting, officer, Mark.ABSENT, members[3])
    assert refused.value.places == {"votes": 4, "there": 3}
    mark(meeting, officer, Mark.LATE, members[3])


def test_a_leaver_does_not_hide_who_is_not_marked(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    mark(meeting, officer, Mark.PRESENT, *members[:3])
    end_membership(
        acting_staff=officer, member=members[0], left_date=FIRST, reason=LeaveReason.MOVED
    )
    with pytest.raises(NotMarked) as refused:
        close_meeting(acting_staff=officer, meeting=meeting, counts=())
    assert refused.value.places == {"count": 1}
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.OPEN


def test_nobody_is_represented_where_the_rules_do_not_allow_it(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    constitution = meeting.group.constitutions.get()
    constitution.settings["representative_allowed"] = False
    constitution.save(update_fields=["settings"])
    with pytest.raises(NoRepresentatives):
        mark(meeting, officer, Mark.REPRESENTED, members[0])
    assert not meeting.attendance.exists()
