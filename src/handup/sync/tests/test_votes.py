"""A vote has one id, and a loan leans on a vote of its own group alone."""

from datetime import timedelta
from typing import Any

import pytest

from handup.groups.models import Group, InternalLoan, Member, Resolution
from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, NewMember, admit_members, register_group
from handup.groups.tests.conftest import FORMED, new_person
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_services import FIRST, WEEK, proofs, said

VOTES = {"decision": "LOAN", "yes": 3, "no": 0, "abstain": 1, "present": 4, "members": 4}


@pytest.fixture
def other(group: Group, officer: StaffUser) -> Phone:
    """The phone of another group of the same officer."""
    second = register_group(
        acting_staff=officer,
        programme=group.programme,
        group=NewGroup(
            name="Evening star",
            kind=GroupKind.SAVINGS,
            area=group.area,
            formed_date=FORMED,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    people = [new_person(number, group.programme, officer) for number in range(11, 15)]
    new = [NewMember(person=person, joined_date=FORMED) for person in people]
    admit_members(acting_staff=officer, group=second, members=new)
    return enrolled(second, officer)[0]


def open_with_savings(phone: Phone, weeks: int = 0) -> None:
    """A meeting of four, open, in which the first member bought shares."""
    phone.open(FIRST + weeks * WEEK)
    phone.roll(range(1, 5))
    phone.save(1, 4)


def lend(phone: Phone, vote: str) -> str:
    """Lend the first member what a vote allowed; returns the loan's id."""
    loan, due = str(new_id()), (phone.day + timedelta(days=60)).isoformat()
    terms: dict[str, Any] = {"member_no": 1, "units": 900, "periods": 2, "due_date": due}
    phone.write("pay_out_loan", loan_id=loan, resolution_id=vote, **terms)
    return loan


def faults(answers: list[Any]) -> list[str]:
    """The codes of all faults of the last packet."""
    return [fault.code for line in answers[-1].lines for fault in line.faults]


@pytest.mark.parametrize("cut", [None, 7])
def test_two_votes_of_one_meeting_have_two_ids(
    phone: Phone, group: Group, send: Send, cut: int | None
) -> None:
    """In one packet, and when the first was stored before."""
    vote = str(new_id())
    open_with_savings(phone)
    phone.write("record_vote", resolution_id=vote, **VOTES)
    phone.write("record_vote", resolution_id=vote, **VOTES)
    answers = [send(packet) for packet in phone.packets([cut] if cut else [])]
    assert said(answers[-1]) == [("REFUSED", ("INVALID_ROW",))]
    assert faults(answers[-1]) == ["BAD_ID"]


def test_a_vote_of_another_groups_open_meeting_keeps_its_id(
    phone: Phone, other: Phone, group: Group, members: list[Member], send: Send
) -> None:
    """Both meetings would close upon one record."""
    vote = str(new_id())
    for each in (phone, other):
        open_with_savings(each)
        each.write("record_vote", resolution_id=vote, **VOTES)
        each.close(2000)
    send(phone.packet(0, 8))
    assert faults(send(other.packet())) == ["BAD_ID"]
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    assert Resolution.objects.get().group == group


def test_a_loan_names_a_vote_of_an_earlier_meeting_and_none_of_another_group(
    phone: Phone, other: Phone, group: Group, members: list[Member], send: Send
) -> None:
    """The other group's loan is paid out already: it is kept, and leans on no vote."""
    vote = str(new_id())
    open_with_savings(phone)
    phone.write("record_vote", resolution_id=vote, **VOTES)
    phone.close(2000)
    send(phone.packet())
    size = len(phone.facts)
    open_with_savings(phone, 1)
    mine = lend(phone, vote)
    phone.close(3100)
    open_with_savings(other)
    hers = lend(other, vote)
    other.close(1100)
    send(phone.packet(size), other.packet())
    assert str(InternalLoan.objects.get(pk=mine).resolution_id) == vote
    assert InternalLoan.objects.get(pk=hers).resolution is None
    assert proofs() == []
