"""A meeting from opening to closing: who came, what came in, what was lent, and the counted box."""

from datetime import timedelta

import pytest
from django.utils import timezone

from handup.groups.errors import (
    AmountBelowZero,
    DifferenceNeedsReason,
    FundCountedTwice,
    FundNotCounted,
    FutureMeeting,
    MeetingBeforeCycle,
    MeetingBeforeLast,
    MeetingHasMoney,
    MeetingNotOpen,
    MeetingOpen,
    NextMeetingBefore,
    NothingOwed,
    NothingToLend,
    NotMarked,
    NotPresent,
    SameGroupAndDate,
    UnknownFund,
)
from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.facts import Mark, MeetingStatus
from handup.groups.queries import money_now
from handup.groups.rules.savings import AboveMaximum
from handup.groups.services import (
    CashCount,
    MeetingLine,
    cancel_meeting,
    close_meeting,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
)
from handup.groups.tests.conftest import FIRST, FORMED, close, mark, save
from handup.groups.tests.test_bulk_back import hiding
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight


def test_savings_post_when_the_meeting_closes_and_not_before(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 1500, members[1]: 2500})
    book = meeting.group.book
    assert balance(book, "SAVINGS") == 0
    assert money_now(meeting.group).savings[str(members[0].pk)] == 1500
    closed = close(meeting, officer, 4000)
    assert closed.status == MeetingStatus.CLOSED
    assert balance(book, "SAVINGS") == -4000
    assert balance(book, "SAVINGS", ("member", members[1].pk)) == -2500
    assert balance(book, "CASH") == 4000
    assert money_now(meeting.group).cash["LOAN"] == 4000
    assert len(closed.closing_code.split()) == 4


def test_money_that_is_no_whole_share_is_handed_back(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 1700})
    fact = meeting.facts.get(name="buy_shares")
    assert (fact.body["shares"], fact.body["units"]) == (3, 1500)


def test_more_shares_than_allowed_are_refused_and_nothing_is_recorded(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 1500})
    before = GroupFact.objects.count()
    with pytest.raises(AboveMaximum) as refused:
        save(meeting, officer, {members[1]: 500, members[0]: 1500})
    assert refused.value.places == {"allowed": 5}
    assert GroupFact.objects.count() == before


def test_social_money_lies_in_its_own_fund(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    record_meeting_lines(
        acting_staff=officer,
        meeting=meeting,
        lines=[MeetingLine(member, saved_units=500, social_units=20) for member in members],
    )
    assert money_now(meeting.group).cash == {"LOAN": 2000, "SOCIAL": 80}
    close(meeting, officer, 2000, 80)
    assert money_now(meeting.group).cash == {"LOAN": 2000, "SOCIAL": 80}


def test_a_latecomer_owes_her_fine_until_she_pays_it(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    record_meeting_lines(
        acting_staff=officer, meeting=meeting, lines=[MeetingLine(members[0], Mark.LATE)]
    )
    fine = members[0].fines.get()
    assert (fine.units, fine.paid_units) == (50, 0)
    with pytest.raises(NothingOwed):
        record_meeting_lines(
            acting_staff=officer, meeting=meeting, lines=[MeetingLine(members[0], fine_units=51)]
        )
    record_meeting_lines(
        acting_staff=officer, meeting=meeting, lines=[MeetingLine(members[0], fine_units=50)]
    )
    fine.refresh_from_db()
    assert fine.paid_units == 50
    close(meeting, officer, 50)
    assert balance(meeting.group.book, "PENALTY_INCOME") == -50


def test_an_absent_member_cannot_pay_in(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    record_meeting_lines(
        acting_staff=officer, meeting=meeting, lines=[MeetingLine(members[0], Mark.ABSENT)]
    )
    with pytest.raises(NotPresent):
        save(meeting, officer, {members[0]: 500})
    record_meeting_lines(
        acting_staff=officer,
        meeting=meeting,
        lines=[MeetingLine(members[0], Mark.REPRESENTED, saved_units=500)],
    )
    assert money_now(meeting.group).cash["LOAN"] == 500


def test_a_box_that_differs_needs_a_reason_and_then_equals_the_book(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 1000})
    with pytest.raises(DifferenceNeedsReason) as refused:
        close(meeting, officer, 950)
    assert refused.value.places == {"counted": 950, "expected": 1000}
    assert not Entry.objects.filter(book=meeting.group.book).exists()
    close_meeting(
        acting_staff=officer,
        meeting=meeting,
        counts=(CashCount("LOAN", 950, "A note was missing"), CashCount("SOCIAL", 0)),
    )
    book = meeting.group.book
    assert balance(book, "CASH") == 950
    assert balance(book, "CASH_DIFFERENCE") == 50
    assert money_now(meeting.group).cash["LOAN"] == 950


def test_every_fund_that_holds_money_is_counted_once(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    record_meeting_lines(
        acting_staff=officer,
        meeting=meeting,
        lines=[MeetingLine(members[0], saved_units=1000, social_units=20)],
    )
    loan, social = CashCount("LOAN", 1000), CashCount("SOCIAL", 20)
    for counts, refusal, field in (
        ((), FundNotCounted, "counted_LOAN"),
        ((loan,), FundNotCounted, "counted_SOCIAL"),
        ((loan, social, CashCount("LOAN", 900, "lost")), FundCountedTwice, "counted_LOAN"),
        ((loan, social, CashCount("GOLD", 5, "found")), UnknownFund, None),
    ):
        with pytest.raises(refusal) as refused:
            close_meeting(acting_staff=officer, meeting=meeting, counts=counts)
        assert refused.value.field == field
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.OPEN
    assert not meeting.facts.filter(name__in=("record_count", "record_difference")).exists()
    assert not Entry.objects.filter(book=meeting.group.book).exists()
    assert close(meeting, officer, 1000, 20).status == MeetingStatus.CLOSED


def test_an_empty_fund_needs_no_count(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 1000})
    closed = close_meeting(acting_staff=officer, meeting=meeting, counts=(CashCount("LOAN", 1000),))
    assert closed.facts.get(name="close_meeting").body["totals"] == {"LOAN": 1000, "SOCIAL": 0}


def test_a_meeting_closes_only_when_everybody_is_marked(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    opened = open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    record_meeting_lines(
        acting_staff=officer, meeting=opened, lines=[MeetingLine(members[0], Mark.PRESENT)]
    )
    with pytest.raises(NotMarked) as refused:
        close(opened, officer, 0)
    assert refused.value.places == {"count": 3}
    with hiding(members[3]):  # whom she may not know of she can neither mark nor learn of
        with pytest.raises(NotMarked) as refused:
            close(opened, officer, 0)
        assert refused.value.places == {"count": 2}
        lines = [MeetingLine(member, Mark.ABSENT) for member in members[1:3]]
        record_meeting_lines(acting_staff=officer, meeting=opened, lines=lines)
        assert close(opened, officer, 0).status == MeetingStatus.CLOSED


def test_meetings_follow_one_another(
    meeting: Meeting, officer: StaffUser, members: list[Member]
) -> None:
    group = meeting.group
    with pytest.raises(MeetingOpen):
        open_meeting(acting_staff=officer, group=group, held_date=FIRST + timedelta(days=7))
    close(meeting, officer, 0)
    with pytest.raises(SameGroupAndDate):
        open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    with pytest.raises(MeetingBeforeLast):
        open_meeting(acting_staff=officer, group=group, held_date=FIRST - timedelta(days=1))
    with pytest.raises(FutureMeeting):
        open_meeting(
            acting_staff=officer, group=group, held_date=timezone.localdate() + timedelta(days=1)
        )
    with pytest.raises(MeetingNotOpen):
        save(meeting, officer, {members[0]: 500})
    assert group.meetings.count() == 1


def test_a_meeting_lies_in_its_cycle_and_the_next_one_after_it(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    with pytest.raises(MeetingBeforeCycle) as refused:
        open_meeting(acting_staff=officer, group=group, held_date=FORMED - timedelta(days=1))
    assert refused.value.places == {"start": FORMED}
    assert not group.meetings.exists()
    meeting = open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    mark(meeting, officer, dict.fromkeys(members, Mark.PRESENT))
    for day in (FIRST, FORMED):
        with pytest.raises(NextMeetingBefore):
            close_meeting(acting_staff=officer, meeting=meeting, counts=(), next_date=day)
    assert group.meetings.get().status == MeetingStatus.OPEN


def test_the_same_sheet_sent_twice_counts_once(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet = new_id()
    for _time in range(2):
        record_meeting_lines(
            acting_staff=officer,
            meeting=meeting,
            lines=[MeetingLine(members[0], saved_units=500)],
            id=sheet,
        )
    assert money_now(meeting.group).cash["LOAN"] == 500


def test_a_meeting_with_money_is_never_cancelled(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 500})
    with pytest.raises(MeetingHasMoney):
        cancel_meeting(acting_staff=officer, meeting=meeting, reason="rain")
    assert meeting.status == MeetingStatus.OPEN


def test_a_meeting_without_money_can_be_cancelled_and_the_day_is_free_again(
    meeting: Meeting, officer: StaffUser
) -> None:
    cancel_meeting(acting_staff=officer, meeting=meeting, reason="rain")
    again = open_meeting(acting_staff=officer, group=meeting.group, held_date=FIRST)
    assert again.number == 2


def test_an_outsider_neither_sees_nor_opens_a_meeting(
    meeting: Meeting, outsider: StaffUser
) -> None:
    assert not Group.objects.visible_to(outsider).exists()
    assert not Meeting.objects.visible_to(outsider).exists()
    with pytest.raises(OutOfSight):
        open_meeting(
            acting_staff=outsider, group=meeting.group, held_date=FIRST + timedelta(days=7)
        )


def test_amounts_below_zero_are_refused_everywhere(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    with pytest.raises(AmountBelowZero):
        save(meeting, officer, {members[0]: -500})
    with pytest.raises(AmountBelowZero):
        close(meeting, officer, -1)
    with pytest.raises(NothingToLend):
        pay_out_loan(
            acting_staff=officer,
            meeting=meeting,
            member=members[0],
            units=0,
            term_periods=1,
            yes=4,
        )
    assert money_now(meeting.group).cash == {"LOAN": 0, "SOCIAL": 0}
