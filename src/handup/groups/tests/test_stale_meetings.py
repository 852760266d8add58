"""Whoever holds an older copy of a meeting cannot write into it once it is closed or cancelled."""

from datetime import date

import pytest

from handup.groups.errors import MeetingNotOpen
from handup.groups.models import GroupFact, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark, MeetingStatus
from handup.groups.queries import money_now
from handup.groups.services import (
    CashCount,
    MeetingLine,
    cancel_meeting,
    close_meeting,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
)
from handup.ledger.models import Entry
from handup.org.models import StaffUser
from handup.org.tests.standing import standing

FIRST = date(2026, 1, 12)
CLOSED = (CashCount("LOAN", 2000), CashCount("SOCIAL", 0))


@standing
def stale(members: list[Member], officer: StaffUser) -> Meeting:
    """A copy of a meeting read while it was open; meanwhile another clerk has closed it."""
    opened = open_meeting(acting_staff=officer, group=members[0].group, held_date=FIRST)
    record_meeting_lines(
        acting_staff=officer,
        meeting=opened,
        lines=[MeetingLine(member, Mark.PRESENT, saved_units=500) for member in members],
    )
    copy = Meeting.objects.select_related("group").get(pk=opened.pk)
    close_meeting(acting_staff=officer, meeting=opened, counts=CLOSED)
    assert copy.status == MeetingStatus.OPEN
    return copy


def test_savings_are_not_lost_in_a_meeting_that_was_closed_meanwhile(
    stale: Meeting, members: list[Member], officer: StaffUser
) -> None:
    facts = GroupFact.objects.count()
    with pytest.raises(MeetingNotOpen):
        record_meeting_lines(
            acting_staff=officer, meeting=stale, lines=[MeetingLine(members[0], saved_units=500)]
        )
    assert GroupFact.objects.count() == facts
    assert money_now(stale.group).cash["LOAN"] == 2000


def test_no_loan_is_paid_out_in_a_meeting_that_was_closed_meanwhile(
    stale: Meeting, members: list[Member], officer: StaffUser
) -> None:
    with pytest.raises(MeetingNotOpen):
        pay_out_loan(
            acting_staff=officer,
            meeting=stale,
            member=members[0],
            units=500,
            term_periods=1,
            yes=3,
        )
    assert not InternalLoan.objects.exists()


def test_a_closed_meeting_is_neither_closed_again_nor_cancelled(
    stale: Meeting, officer: StaffUser
) -> None:
    entries = Entry.objects.count()
    with pytest.raises(MeetingNotOpen):
        close_meeting(acting_staff=officer, meeting=stale, counts=CLOSED)
    with pytest.raises(MeetingNotOpen):
        cancel_meeting(acting_staff=officer, meeting=stale, reason="rain")
    assert Meeting.objects.get().status == MeetingStatus.CLOSED
    assert Entry.objects.count() == entries


def test_a_cancelled_meeting_takes_no_money_from_an_older_copy(
    members: list[Member], officer: StaffUser
) -> None:
    opened = open_meeting(acting_staff=officer, group=members[0].group, held_date=FIRST)
    copy = Meeting.objects.get(pk=opened.pk)
    assert cancel_meeting(acting_staff=officer, meeting=opened, reason="rain").status == "CANCELLED"
    with pytest.raises(MeetingNotOpen):
        record_meeting_lines(
            acting_staff=officer,
            meeting=copy,
            lines=[MeetingLine(members[0], Mark.PRESENT, saved_units=500)],
        )
    assert not GroupFact.objects.filter(name="buy_shares").exists()
