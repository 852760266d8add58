"""Where each meeting saves the same, only that is taken; and every amount is payable in coins."""

from datetime import date, timedelta
from typing import Any

import pytest

from handup.groups.errors import AmountTooLarge
from handup.groups.models import Group, Meeting, Member
from handup.groups.models.facts import Mark, MeetingKind
from handup.groups.queries import money_now
from handup.groups.rules.loans import AboveLimit
from handup.groups.rules.savings import NotPayableInCoins, NotTheFixedSaving
from handup.groups.services import (
    CashCount,
    MeetingLine,
    NewMember,
    admit_members,
    cancel_meeting,
    close_meeting,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
)
from handup.groups.tests.conftest import new_person
from handup.org.models import StaffUser
from handup.org.tests.standing import standing

FIRST = date(2026, 1, 12)


@standing
def fixed(group: Group, members: list[Member]) -> Group:
    """The group saves 5.00 at each meeting, no more and no less."""
    return voted(group, savings_mode="FIXED")


def voted(group: Group, **settings: Any) -> Group:
    constitution = group.constitutions.get()
    constitution.settings |= settings
    constitution.save(update_fields=["settings"])
    return group


def hold(
    group: Group, officer: StaffUser, week: int, kind: MeetingKind = MeetingKind.ORDINARY
) -> Meeting:
    """The meeting of a week, everybody present."""
    meeting = open_meeting(
        acting_staff=officer, group=group, held_date=FIRST + timedelta(weeks=week), kind=kind
    )
    lines = [MeetingLine(member, Mark.PRESENT) for member in group.members.all()]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    return meeting


def save(meeting: Meeting, officer: StaffUser, member: Member, *units: int) -> None:
    record_meeting_lines(
        acting_staff=officer,
        meeting=meeting,
        lines=[MeetingLine(member, saved_units=amount) for amount in units],
    )


def close(meeting: Meeting, officer: StaffUser) -> None:
    units = money_now(meeting.group).cash["LOAN"]
    counts = (CashCount("LOAN", units),)
    close_meeting(acting_staff=officer, meeting=meeting, counts=counts)


def test_a_fixed_saving_is_one_a_meeting(
    fixed: Group, members: list[Member], officer: StaffUser
) -> None:
    meeting = hold(fixed, officer, 0)
    for units in (499, 501, 250, 1000, 10**15):
        with pytest.raises(NotTheFixedSaving) as refused:
            save(meeting, officer, members[0], units)
        assert refused.value.places == {"value": 500, "allowed": 500}
    with pytest.raises(NotTheFixedSaving):
        save(meeting, officer, members[0], 500, 500)
    assert money_now(fixed).savings == {}
    save(meeting, officer, members[0], 500)
    with pytest.raises(NotTheFixedSaving) as again:
        save(meeting, officer, members[0], 500)
    assert again.value.places["allowed"] == 0
    assert money_now(fixed).savings == {str(members[0].pk): 500}


def test_missed_savings_are_made_good_and_nothing_is_saved_ahead(
    fixed: Group, members: list[Member], officer: StaffUser
) -> None:
    first = hold(fixed, officer, 0)
    save(first, officer, members[0], 500)
    close(first, officer)
    called_off = hold(fixed, officer, 1)
    cancel_meeting(acting_staff=officer, meeting=called_off, reason="snow")
    close(hold(fixed, officer, 2, MeetingKind.BOARD), officer)
    third = hold(fixed, officer, 3)
    with pytest.raises(NotTheFixedSaving):
        save(third, officer, members[0], 1000)
    save(third, officer, members[0], 500)
    with pytest.raises(NotTheFixedSaving):
        save(third, officer, members[1], 1500)
    save(third, officer, members[1], 1000)
    assert money_now(fixed).savings == {str(members[0].pk): 1000, str(members[1].pk): 1000}


def test_a_late_joiner_has_missed_nothing_before_she_joined(
    fixed: Group, members: list[Member], officer: StaffUser
) -> None:
    close(hold(fixed, officer, 0), officer)
    (joiner,) = admit_members(
        acting_staff=officer,
        group=fixed,
        members=[
            NewMember(
                person=new_person(8, fixed.programme, officer),
                joined_date=FIRST + timedelta(weeks=1),
            )
        ],
    )
    second = hold(fixed, officer, 1)
    with pytest.raises(NotTheFixedSaving):
        save(second, officer, joiner, 1000)
    save(second, officer, joiner, 500)
    save(second, officer, members[0], 1000)


def test_what_coins_cannot_pay_is_not_taken(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    voted(group, savings_mode="FREE", cash_unit_units=50)
    meeting = hold(group, officer, 0)
    save(meeting, officer, members[0], 1050)
    for name in ("saved_units", "social_units", "fine_units", "repaid_units"):
        amounts: dict[str, Any] = {name: 1020}
        line = MeetingLine(members[0], **amounts)
        with pytest.raises(NotPayableInCoins) as refused:
            record_meeting_lines(acting_staff=officer, meeting=meeting, lines=[line])
        assert refused.value.places == {"coin": 50}
    with pytest.raises(NotPayableInCoins):
        lend(meeting, officer, members[0], 120)
    assert money_now(group).cash == {"LOAN": 1050, "SOCIAL": 0}


def test_an_amount_no_box_holds_is_refused_before_anything_is_written(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    voted(group, savings_mode="FREE")
    meeting = hold(group, officer, 0)
    facts = meeting.facts.count()
    for units in (2**53, 10**30):
        with pytest.raises(AmountTooLarge):
            save(meeting, officer, members[0], units)
        for name in ("social_units", "fine_units", "repaid_units"):
            amounts: dict[str, Any] = {name: units}
            line = MeetingLine(members[0], **amounts)
            with pytest.raises(AmountTooLarge):
                record_meeting_lines(acting_staff=officer, meeting=meeting, lines=[line])
        counts = (CashCount("LOAN", units, "gold"),)
        with pytest.raises(AmountTooLarge):
            close_meeting(acting_staff=officer, meeting=meeting, counts=counts)
        with pytest.raises(AboveLimit):
            lend(meeting, officer, members[0], units)
    with pytest.raises(AmountTooLarge):
        save(meeting, officer, members[0], 2**52, 2**52)
    assert meeting.facts.count() == facts
    save(meeting, officer, members[0], 2**53 - 1)
    close(meeting, officer)
    assert money_now(group).cash["LOAN"] == 2**53 - 1
    later = hold(group, officer, 1)
    with pytest.raises(AmountTooLarge):
        save(later, officer, members[1], 1)


def lend(meeting: Meeting, officer: StaffUser, member: Member, units: int) -> None:
    pay_out_loan(
        acting_staff=officer, meeting=meeting, member=member, units=units, term_periods=1, yes=3
    )


def test_what_is_left_of_a_share_is_handed_back_in_any_coin(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    voted(group, cash_unit_units=50)
    save(hold(group, officer, 0), officer, members[0], 1020)
    assert money_now(group).savings == {str(members[0].pk): 1000}
