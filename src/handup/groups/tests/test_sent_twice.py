"""The same record sent twice changes nothing; the same id with other content is refused loudly."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from handup.groups.models import Group, GroupFact, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.models.group import GroupKind
from handup.groups.queries import money_now
from handup.groups.services import (
    CashCount,
    MeetingLine,
    NewGroup,
    NewMember,
    admit_members,
    close_meeting,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
    register_group,
)
from handup.groups.tests.conftest import FORMED, new_person
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, StaffUser
from handup.org.tests.standing import standing
from handup.projects.models import Programme

FIRST = date(2026, 1, 12)


@standing
def meeting(group: Group, members: list[Member], officer: StaffUser) -> Meeting:
    """A meeting in which each of the four saved 25.00."""
    opened = open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    record_meeting_lines(
        acting_staff=officer,
        meeting=opened,
        lines=[MeetingLine(member, Mark.PRESENT, saved_units=2500) for member in members],
    )
    return opened


def refused(attempts: list[Callable[[], Any]]) -> None:
    """Each attempt is refused, and no fact is written by any."""
    facts = GroupFact.objects.count()
    for attempt in attempts:
        with pytest.raises(SameIdOtherContent):
            attempt()
    assert GroupFact.objects.count() == facts


def test_a_sheet_with_a_known_id_and_other_amounts_is_refused(
    meeting: Meeting, members: list[Member], officer: StaffUser, group: Group
) -> None:
    sheet = new_id()

    def send(*lines: MeetingLine, id: Any = sheet, to: Meeting = meeting) -> list[GroupFact]:
        return record_meeting_lines(acting_staff=officer, meeting=to, lines=lines, id=id)

    line = MeetingLine(members[0], social_units=20)
    assert len(send(line)) == 1
    assert send(line) == []
    refused(
        [
            lambda: send(MeetingLine(members[0], social_units=21)),
            lambda: send(MeetingLine(members[1], social_units=20)),
            lambda: send(line, line),
            lambda: send(),
            lambda: send(line, id=GroupFact.objects.filter(name="buy_shares")[0].pk),
        ]
    )
    assert money_now(group).cash == {"LOAN": 10_000, "SOCIAL": 20}
    counts = (CashCount("LOAN", 10_000), CashCount("SOCIAL", 20))
    close_meeting(acting_staff=officer, meeting=meeting, counts=counts)
    assert send(line) == []
    later = open_meeting(acting_staff=officer, group=group, held_date=date(2026, 1, 19))
    refused([lambda: send(line, to=later)])


def test_a_sheet_that_changed_nothing_does_not_undo_a_later_mark(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    def mark(given: Mark, id: Any = None) -> None:
        record_meeting_lines(
            acting_staff=officer, meeting=meeting, lines=[MeetingLine(members[0], given)], id=id
        )

    sheet = new_id()
    mark(Mark.PRESENT, sheet)
    mark(Mark.LATE)
    mark(Mark.PRESENT, sheet)
    assert meeting.attendance.get(member=members[0]).mark == Mark.LATE
    assert members[0].fines.get().waived is False


def test_a_loan_with_a_known_id_and_other_content_is_refused(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    told: dict[str, Any] = {"member": members[0], "units": 3000, "term_periods": 2, "yes": 3}
    loan_id = new_id()

    def send(**other: Any) -> InternalLoan:
        return pay_out_loan(
            acting_staff=officer, meeting=meeting, id=loan_id, **(told | {"purpose": "cow"} | other)
        )

    assert send() == send()
    refused(
        [
            lambda: send(units=3001),
            lambda: send(member=members[1]),
            lambda: send(term_periods=1),
            lambda: send(yes=2, no=1),
            lambda: send(purpose="goat"),
        ]
    )
    assert InternalLoan.objects.get().principal_units == 3000
    assert money_now(meeting.group).cash["LOAN"] == 7000


def test_a_closing_sent_twice_closes_once_and_another_count_is_refused(
    meeting: Meeting, officer: StaffUser
) -> None:
    closing = new_id()

    def send(units: int, **other: Any) -> Meeting:
        return close_meeting(
            acting_staff=officer,
            meeting=meeting,
            counts=(CashCount("LOAN", units, "lost"),),
            id=closing,
            **other,
        )

    first = send(9_900)
    assert send(9_900).closing_code == first.closing_code
    refused([lambda: send(10_000), lambda: send(9_900, next_date=date(2026, 1, 19))])
    assert money_now(meeting.group).cash["LOAN"] == 9_900


def test_a_meeting_opened_twice_is_one_and_another_day_is_refused(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    key = new_id()

    def send(**other: Any) -> Meeting:
        told: dict[str, Any] = {"group": group, "held_date": FIRST, "place": "Hall"}
        return open_meeting(acting_staff=officer, id=key, **(told | other))

    assert send() == send()
    refused([lambda: send(held_date=date(2026, 1, 13)), lambda: send(place="School")])
    assert group.meetings.count() == 1


def test_a_group_and_a_member_sent_twice_are_one(
    programme: Programme, other_programme: Programme, officer: StaffUser, area: Area
) -> None:
    key, person_key = new_id(), new_id()
    settings = {"share_value_units": 100, "charge_rate_bps": 200}

    def send(name: str = "Once", settings: dict[str, int] = settings) -> Group:
        new = NewGroup(name, GroupKind.SHG, area, FORMED, "XTS", settings, id=key)
        return register_group(acting_staff=officer, programme=programme, group=new)

    group = send()
    assert send() == group
    refused([lambda: send("Twice"), lambda: send(settings={**settings, "charge_rate_bps": 300})])
    persons = [new_person(number, programme, officer) for number in (1, 2)]

    def admit(place: int, joined: date = FORMED) -> list[Member]:
        new = NewMember(joined, person=persons[place], id=person_key)
        return admit_members(acting_staff=officer, group=group, members=[new])

    assert admit(0) == admit(0)
    refused([lambda: admit(1), lambda: admit(0, FIRST)])
    assert group.members.get().person == persons[0]
