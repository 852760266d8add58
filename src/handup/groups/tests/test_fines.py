"""A fine for a mark is charged once, taken back with the mark, and never paid twice."""

from datetime import date

import pytest

from handup.groups.errors import NothingOwed
from handup.groups.models import Fine, Group, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.queries import money_now
from handup.groups.rules.fines import FinePaid
from handup.groups.services import (
    MeetingLine,
    cancel_meeting,
    open_meeting,
    record_meeting_lines,
)
from handup.org.models import StaffUser
from handup.org.tests.standing import standing

FIRST = date(2026, 1, 12)


@standing
def meeting(group: Group, members: list[Member], officer: StaffUser) -> Meeting:
    """A meeting nobody is marked in yet; a latecomer owes 0.50, who stays away 1.20."""
    constitution = group.constitutions.get()
    constitution.settings["fine_absent_units"] = 120
    constitution.save(update_fields=["settings"])
    return open_meeting(acting_staff=officer, group=group, held_date=FIRST)


def sheet(meeting: Meeting, officer: StaffUser, *lines: MeetingLine) -> None:
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)


def owed(member: Member) -> list[tuple[str, int]]:
    return [
        (fine.kind, fine.units - fine.paid_units)
        for fine in member.fines.filter(waived=False).order_by("recorded_at")
    ]


def test_a_mark_that_goes_back_and_forth_is_fined_once(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    for mark in (Mark.LATE, Mark.PRESENT, Mark.LATE, Mark.LATE):
        sheet(meeting, officer, MeetingLine(members[0], mark))
    assert owed(members[0]) == [("LATE", 50)]
    sheet(meeting, officer, MeetingLine(members[0], Mark.ABSENT))
    assert owed(members[0]) == [("ABSENT", 120)]


def test_a_corrected_mark_takes_its_fine_back(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet(meeting, officer, MeetingLine(members[0], Mark.ABSENT))
    assert owed(members[0]) == [("ABSENT", 120)]
    sheet(meeting, officer, MeetingLine(members[0], Mark.REPRESENTED))
    assert owed(members[0]) == []
    waived = meeting.facts.get(name="waive_fine").body
    assert waived["fine"] == str(Fine.objects.get().pk)
    with pytest.raises(NothingOwed):
        sheet(meeting, officer, MeetingLine(members[0], fine_units=120))


def test_a_paid_fine_holds_its_mark(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet(meeting, officer, MeetingLine(members[0], Mark.LATE, fine_units=20))
    with pytest.raises(FinePaid):
        sheet(meeting, officer, MeetingLine(members[0], Mark.PRESENT))
    assert meeting.attendance.get(member=members[0]).mark == Mark.LATE
    assert owed(members[0]) == [("LATE", 30)]


def test_a_member_who_stands_twice_on_a_sheet_pays_her_fine_once(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet(meeting, officer, MeetingLine(members[0], Mark.LATE))
    with pytest.raises(NothingOwed):
        sheet(
            meeting,
            officer,
            MeetingLine(members[0], fine_units=50),
            MeetingLine(members[0], fine_units=50),
        )
    assert owed(members[0]) == [("LATE", 50)]
    assert money_now(meeting.group).cash["LOAN"] == 0
    sheet(
        meeting,
        officer,
        MeetingLine(members[0], fine_units=30),
        MeetingLine(members[0], fine_units=20),
    )
    assert owed(members[0]) == [("LATE", 0)]
    assert money_now(meeting.group).cash["LOAN"] == 50


def test_two_marks_on_one_sheet_leave_the_fine_of_the_last(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet(
        meeting,
        officer,
        MeetingLine(members[0], Mark.LATE),
        MeetingLine(members[0], Mark.PRESENT),
        MeetingLine(members[0], Mark.ABSENT),
    )
    assert owed(members[0]) == [("ABSENT", 120)]


def test_an_older_fine_is_paid_first(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet(meeting, officer, MeetingLine(members[0], Mark.LATE))
    older = Fine.objects.get()
    Fine.objects.create(
        group=meeting.group,
        member=members[0],
        meeting=meeting,
        kind="DISORDER",
        units=40,
        fact=meeting.facts.get(name="record_attendance"),
    )
    sheet(meeting, officer, MeetingLine(members[0], fine_units=60))
    older.refresh_from_db()
    assert older.paid_units == 50
    assert owed(members[0]) == [("LATE", 0), ("DISORDER", 30)]


def test_a_cancelled_meeting_leaves_no_fine(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet(meeting, officer, MeetingLine(members[0], Mark.LATE))
    cancel_meeting(acting_staff=officer, meeting=meeting, reason="rain")
    assert owed(members[0]) == []
    names = list(meeting.facts.order_by("seq").values_list("name", flat=True))
    assert names[-2:] == ["waive_fine", "cancel_meeting"]
