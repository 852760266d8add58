"""Joining, leaving and holding office on days that can be true; two clerks at once."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.utils import timezone

from handup.groups.errors import (
    CycleBefore,
    CycleOpen,
    InTheFuture,
    JoinedAgainBefore,
    JoinedBefore,
    JoinsTooLate,
    LeftBefore,
    NobodyNamed,
    NoSuchOffice,
    NotAMember,
    NumberTaken,
    OwnMember,
    TermBefore,
    TermLimit,
    TwoOffices,
)
from handup.groups.models import Group, Member
from handup.groups.models.facts import Mark
from handup.groups.models.group import GroupKind, LeaveReason, MemberStatus
from handup.groups.queries import payers_on
from handup.groups.services import (
    CashCount,
    MeetingLine,
    NewGroup,
    NewMember,
    admit_members,
    close_meeting,
    elect_officer,
    end_membership,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
    register_group,
    start_cycle,
)
from handup.groups.tests.conftest import FORMED, new_person
from handup.kernel.errors import Refusal
from handup.org.models import Area, StaffUser
from handup.projects.models import Programme

FIRST = date(2026, 1, 12)
DAY = timedelta(days=1)


def hold(group: Group, officer: StaffUser, members: list[Member], held: date = FIRST) -> None:
    """A closed meeting in which each member saved 25.00 and the first borrowed 70.00."""
    meeting = open_meeting(acting_staff=officer, group=group, held_date=held)
    lines = [MeetingLine(member, Mark.PRESENT, saved_units=2500) for member in members]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    pay_out_loan(
        acting_staff=officer, meeting=meeting, member=members[0], units=7000, term_periods=1, yes=3
    )
    close_meeting(acting_staff=officer, meeting=meeting, counts=(CashCount("LOAN", 3000),))


def leave(officer: StaffUser, member: Member, on: date) -> Member:
    return end_membership(
        acting_staff=officer, member=member, left_date=on, reason=LeaveReason.MOVED
    )


def test_a_newcomer_is_somebody_and_joins_on_a_day_that_can_be_true(
    group: Group, members: list[Member], officer: StaffUser, programme: Programme
) -> None:
    person = new_person(9, programme, officer)
    cases: list[tuple[NewMember, type[Refusal]]] = [
        (NewMember(FORMED), NobodyNamed),
        (NewMember(FORMED, person=person, member_group=group), NobodyNamed),
        (NewMember(FORMED, member_group=group), OwnMember),
        (NewMember(FORMED - DAY, person=person), JoinedBefore),
        (NewMember(timezone.localdate() + DAY, person=person), InTheFuture),
        (NewMember(FORMED, person=person, member_no=3), NumberTaken),
        (NewMember(FORMED, person=person, member_no=0), NumberTaken),
    ]
    for new, refusal in cases:
        with pytest.raises(refusal):
            admit_members(acting_staff=officer, group=group, members=[new])
    assert group.members.count() == 4
    first = NewMember(FORMED, person=person, member_no=9)
    second = NewMember(FORMED, person=new_person(10, programme, officer))
    admitted = admit_members(acting_staff=officer, group=group, members=[first, second])
    assert [member.member_no for member in admitted] == [9, 10]


def test_nobody_joins_late_in_a_cycle_where_the_group_shares_out(
    group: Group, members: list[Member], officer: StaffUser, programme: Programme
) -> None:
    def join(number: int, week: int) -> list[Member]:
        new = NewMember(
            FORMED + (week * 7 - 1) * DAY, person=new_person(number, programme, officer)
        )
        return admit_members(acting_staff=officer, group=group, members=[new])

    join(20, 8)
    with pytest.raises(JoinsTooLate) as refused:
        join(21, 9)
    assert refused.value.places == {"weeks": 8}
    goes_on = group.constitutions.get()
    goes_on.settings["cycle_kind"] = "CONTINUING"
    goes_on.save()
    join(22, 9)
    assert group.members.count() == 6


def test_only_the_offices_a_group_voted_are_taken_and_two_only_where_it_says_so(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    rules = group.constitutions.get()
    rules.settings |= {"offices": "Chairperson, box keeper", "two_offices_allowed": True}
    rules.save()
    elect = partial(elect_officer, acting_staff=officer, group=group, from_date=FIRST)
    with pytest.raises(NoSuchOffice):
        elect(office="TREASURER", member=members[0])
    for office in ("BOX_KEEPER", "CHAIRPERSON", "KEY_HOLDER_1"):
        elect(office=office, member=members[0])
    assert group.office_terms.filter(to_date=None, member=members[0]).count() == 3


def test_nobody_is_a_member_twice_on_one_day(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    leave(officer, members[3], FIRST)
    person = members[3].person
    with pytest.raises(JoinedAgainBefore) as refused:
        admit_members(acting_staff=officer, group=group, members=[NewMember(FORMED, person=person)])
    assert refused.value.places == {"left": FIRST}
    admit_members(acting_staff=officer, group=group, members=[NewMember(FIRST, person=person)])
    assert group.members.filter(person=person).count() == 2


def test_a_member_leaves_after_what_she_took_part_in(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    hold(group, officer, members)
    for day, refusal in (
        (FORMED - DAY, LeftBefore),
        (FIRST - DAY, LeftBefore),
        (timezone.localdate() + DAY, InTheFuture),
    ):
        with pytest.raises(refusal):
            leave(officer, members[1], day)
    assert group.members.filter(left_date=None).count() == 4
    assert leave(officer, members[1], FIRST).status == MemberStatus.LEFT


def test_who_owes_more_than_she_saved_leaves_owing(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    hold(group, officer, members)
    assert leave(officer, members[0], FIRST + DAY).status == MemberStatus.LEFT_OWING


def test_who_left_owing_pays_back_and_does_nothing_else(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    hold(group, officer, members)
    leave(officer, members[0], FIRST + DAY)
    leave(officer, members[1], FIRST + DAY)
    later = open_meeting(acting_staff=officer, group=group, held_date=FIRST + 7 * DAY)
    lines = [MeetingLine(member, Mark.PRESENT) for member in members[2:]]
    record_meeting_lines(acting_staff=officer, meeting=later, lines=lines)
    for line in (
        MeetingLine(members[0], Mark.PRESENT, repaid_units=7000),
        MeetingLine(members[0], repaid_units=7000, saved_units=500),
        MeetingLine(members[0], social_units=5),
        MeetingLine(members[1], repaid_units=1),
    ):
        with pytest.raises(NotAMember):
            record_meeting_lines(acting_staff=officer, meeting=later, lines=[line])
    assert payers_on(group, later.held_date).count() == 3
    record_meeting_lines(
        acting_staff=officer, meeting=later, lines=[MeetingLine(members[0], repaid_units=7000)]
    )
    close_meeting(acting_staff=officer, meeting=later, counts=(CashCount("LOAN", 10_000),))
    assert group.internal_loans.get().status == "REPAID"
    assert payers_on(group, later.held_date).count() == 2


def test_a_membership_ends_once_whichever_copy_says_so(
    members: list[Member], officer: StaffUser
) -> None:
    copy = Member.objects.get(pk=members[0].pk)
    leave(officer, members[0], FIRST)
    with pytest.raises(NotAMember):
        leave(officer, copy, FORMED)
    assert Member.objects.get(pk=copy.pk).left_date == FIRST


def test_an_office_passes_on_forwards(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    def elect(member: Member, on: date) -> None:
        elect_officer(
            acting_staff=officer, group=group, office="chair", member=member, from_date=on
        )

    with pytest.raises(TermBefore):
        elect(members[0], FORMED - DAY)
    elect(members[0], FIRST)
    with pytest.raises(TermBefore) as refused:
        elect(members[1], FIRST - DAY)
    assert refused.value.places == {"since": FIRST}
    copy = Member.objects.get(pk=members[2].pk)
    leave(officer, members[2], FIRST)
    with pytest.raises(NotAMember):
        elect(copy, FIRST + DAY)
    assert group.office_terms.get().member == members[0]


def test_nobody_holds_an_office_three_terms_in_a_row(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    def elect(member: Member, days: int, office: str = "CHAIRPERSON") -> None:
        on = FIRST + days * DAY
        elect_officer(acting_staff=officer, group=group, office=office, member=member, from_date=on)

    one, two, *_others = members
    elect(one, 0)
    elect(one, 1)
    with pytest.raises(TermLimit) as refused:
        elect(one, 2)
    assert refused.value.places == {"member": one.member_no, "terms": 2}
    held = group.office_terms.filter(to_date=None)
    assert held.get().from_date == FIRST + DAY, "what was refused did not happen"
    with pytest.raises(TwoOffices):
        elect(one, 2, "TREASURER")
    elect(two, 2)
    elect(one, 3)
    elect(one, 4)
    with pytest.raises(TermLimit):
        elect(one, 5)
    for days in range(4):
        elect(two, days, "KEY_HOLDER_1")


def test_an_office_ends_with_the_membership(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    elect_officer(
        acting_staff=officer, group=group, office="chair", member=members[0], from_date=FIRST
    )
    with pytest.raises(LeftBefore):
        leave(officer, members[0], FIRST - DAY)
    leave(officer, members[0], FIRST + DAY)
    assert group.office_terms.get().to_date == FIRST + DAY
    elect_officer(
        acting_staff=officer, group=group, office="chair", member=members[1], from_date=FIRST + DAY
    )


def test_a_cycle_starts_when_the_one_before_is_closed_and_never_before_its_meetings(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    hold(group, officer, members)
    with pytest.raises(CycleOpen) as refused:
        start_cycle(acting_staff=officer, group=group, start_date=FIRST + DAY)
    assert refused.value.places == {"number": 1}
    group.cycles.update(status="CLOSED")
    with pytest.raises(CycleBefore):
        start_cycle(acting_staff=officer, group=group, start_date=FIRST - DAY)
    cycle = start_cycle(acting_staff=officer, group=group, start_date=FIRST + DAY)
    assert (cycle.number, cycle.planned_end_date) == (2, FIRST + DAY + timedelta(weeks=52))


def test_a_group_is_formed_by_today_and_gets_a_code_nobody_bears(
    programme: Programme, officer: StaffUser, area: Area
) -> None:
    def register(name: str, formed: date = FORMED, code: str = "") -> Group:
        settings = {"share_value_units": 100, "charge_rate_bps": 200}
        new = NewGroup(name, GroupKind.SHG, area, formed, "XTS", settings, code=code)
        return register_group(acting_staff=officer, programme=programme, group=new)

    with pytest.raises(InTheFuture):
        register("Not yet", timezone.localdate() + DAY)
    assert not Group.objects.exists()
    register("By hand", code="TEST-G2")
    group = register("Next")
    assert group.code == "TEST-G3"
    assert group.cycles.get().planned_end_date is None
