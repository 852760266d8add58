"""A loan from the box: voted by those who are there, within limit and box, and paid back."""

from datetime import timedelta
from typing import Any

import pytest

from handup.groups.errors import (
    BorrowerNotThere,
    CycleClosing,
    NotAMember,
    NothingOwed,
    TooManyLoans,
    VoteNotPassed,
)
from handup.groups.models import InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.models.group import LeaveReason
from handup.groups.queries import money_now
from handup.groups.rules.loans import AboveLimit
from handup.groups.rules.votes import (
    ConflictOfInterest,
    MoreVotesThanPresent,
    NoQuorum,
    VotesBelowZero,
)
from handup.groups.services import (
    MeetingLine,
    end_membership,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
)
from handup.groups.tests.conftest import FIRST, close, mark, save
from handup.ledger.queries import balance
from handup.org.models import StaffUser


def lend(meeting: Meeting, officer: StaffUser, member: Member, **vote: Any) -> InternalLoan:
    return pay_out_loan(
        acting_staff=officer, meeting=meeting, member=member, units=100, term_periods=1, **vote
    )


def test_a_loan_is_voted_within_three_times_the_savings_and_the_box(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2500))
    with pytest.raises(AboveLimit) as refused:
        pay_out_loan(
            acting_staff=officer,
            meeting=meeting,
            member=members[0],
            units=7501,
            term_periods=3,
            yes=3,
        )
    assert refused.value.places["limit"] == 7500
    loan = pay_out_loan(
        acting_staff=officer,
        meeting=meeting,
        member=members[0],
        units=7500,
        term_periods=3,
        yes=3,
    )
    assert (loan.basis, loan.rate_bps, loan.due_date) == (
        "FLAT_PER_PERIOD",
        1000,
        FIRST + timedelta(days=90),
    )
    with pytest.raises(AboveLimit) as bound:
        pay_out_loan(
            acting_staff=officer,
            meeting=meeting,
            member=members[1],
            units=5000,
            term_periods=1,
            yes=3,
        )
    most = {"most": "XTS\xa025.00"}
    assert bound.value.places == {"limit": 2500, "bound_by": "FUND_CASH"} | most
    close(meeting, officer, 2500)
    assert balance(meeting.group.book, "LOANS", ("internal_loan", loan.pk)) == 7500


def test_without_enough_votes_or_members_no_loan_is_paid_out(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2500))
    with pytest.raises(VoteNotPassed) as refused:
        pay_out_loan(
            acting_staff=officer,
            meeting=meeting,
            member=members[0],
            units=100,
            term_periods=1,
            yes=2,
            no=1,
        )
    assert refused.value.places == {"yes": 2, "needed": 3}
    with pytest.raises(NoQuorum):
        pay_out_loan(
            acting_staff=officer,
            meeting=meeting,
            member=members[0],
            units=100,
            term_periods=1,
            yes=0,
            abstain=1,
        )
    assert not InternalLoan.objects.exists()
    assert money_now(meeting.group).cash["LOAN"] == 10_000


def test_a_loan_gets_no_more_votes_than_members_are_there(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members[:3], 2500))
    mark(
        meeting,
        officer,
        {members[1]: Mark.LATE, members[2]: Mark.REPRESENTED, members[3]: Mark.ABSENT},
    )
    with pytest.raises(MoreVotesThanPresent) as refused:
        lend(meeting, officer, members[0], yes=2, no=0, abstain=1)
    assert refused.value.places == {"votes": 3, "there": 2}
    with pytest.raises(MoreVotesThanPresent):
        lend(meeting, officer, members[0], yes=1000)
    with pytest.raises(VotesBelowZero):
        lend(meeting, officer, members[0], yes=3, no=-2)
    assert not InternalLoan.objects.exists()
    mark(meeting, officer, {members[2]: Mark.PRESENT, members[3]: Mark.PRESENT})
    loan = lend(meeting, officer, members[0], yes=3)
    assert loan.resolution is not None
    assert (loan.resolution.yes, loan.resolution.present, loan.resolution.members) == (3, 4, 4)


def test_a_borrower_is_there_herself_and_abstains(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members[:3], 2500))
    with pytest.raises(ConflictOfInterest) as refused:
        lend(meeting, officer, members[0], yes=4, abstain=0)
    assert refused.value.field == "abstain"
    for member, given in (
        (members[0], Mark.REPRESENTED),
        (members[3], Mark.EXCUSED),
        (members[3], Mark.ABSENT),
    ):
        mark(meeting, officer, {member: given})
        with pytest.raises(BorrowerNotThere):
            lend(meeting, officer, member, yes=2)
    assert not InternalLoan.objects.exists()
    assert money_now(meeting.group).cash["LOAN"] == 7500
    mark(meeting, officer, {members[0]: Mark.LATE, members[3]: Mark.PRESENT})
    assert lend(meeting, officer, members[0], yes=3).principal_units == 100


def test_who_left_during_the_meeting_neither_borrows_nor_votes(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2500))
    end_membership(
        acting_staff=officer, member=members[0], left_date=FIRST, reason=LeaveReason.MOVED
    )
    with pytest.raises(NotAMember):
        lend(meeting, officer, members[0], yes=2)
    with pytest.raises(MoreVotesThanPresent) as refused:
        lend(meeting, officer, members[1], yes=3)
    assert refused.value.places == {"votes": 4, "there": 3}
    assert not InternalLoan.objects.exists()


def test_a_repayment_pays_the_charge_first_and_settles_the_loan(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2500))
    loan = pay_out_loan(
        acting_staff=officer,
        meeting=meeting,
        member=members[0],
        units=4000,
        term_periods=3,
        yes=3,
    )
    close(meeting, officer, 6000)
    later = open_meeting(
        acting_staff=officer, group=meeting.group, held_date=FIRST + timedelta(days=60)
    )
    record_meeting_lines(
        acting_staff=officer,
        meeting=later,
        lines=[
            MeetingLine(member, Mark.PRESENT, repaid_units=1000 if place == 0 else 0)
            for place, member in enumerate(members)
        ],
    )
    body = later.facts.get(name="record_repayment").body
    assert (body["charge"], body["principal"]) == (800, 200)
    with pytest.raises(NothingOwed):
        record_meeting_lines(
            acting_staff=officer,
            meeting=later,
            lines=[MeetingLine(members[0], repaid_units=3801)],
        )
    record_meeting_lines(
        acting_staff=officer, meeting=later, lines=[MeetingLine(members[0], repaid_units=3800)]
    )
    close(later, officer, 10_800)
    loan.refresh_from_db()
    assert loan.status == "REPAID"
    book = meeting.group.book
    assert balance(book, "LOANS") == 0
    assert balance(book, "INTEREST_INCOME") == -800


def test_a_loan_paid_back_in_the_meeting_makes_room_for_the_next(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    constitution = meeting.group.constitutions.get()
    constitution.settings["loans_open_max"] = 1
    constitution.save(update_fields=["settings"])
    save(meeting, officer, dict.fromkeys(members, 2500))
    lend(meeting, officer, members[0], yes=3)
    with pytest.raises(TooManyLoans):
        lend(meeting, officer, members[0], yes=3)
    record_meeting_lines(
        acting_staff=officer, meeting=meeting, lines=[MeetingLine(members[0], repaid_units=100)]
    )
    lend(meeting, officer, members[0], yes=3)
    close(meeting, officer, 9900)
    states = InternalLoan.objects.order_by("id").values_list("status", flat=True)
    assert list(states) == ["REPAID", "OPEN"]


def test_nothing_is_lent_when_the_cycle_comes_to_its_end(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2500))
    meeting.group.cycles.update(status="CLOSING")
    with pytest.raises(CycleClosing):
        lend(meeting, officer, members[0], yes=3)
    assert not InternalLoan.objects.exists()
