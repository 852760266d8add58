"""Settled at the office: who left is paid, the next of kin of who died with two keys, a cycle is
shared out, what stayed open is paid when a debtor pays."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import VoteNotPassed
from handup.groups.models import GroupFact, GroupKey, InternalLoan, Meeting, Member, NextOfKin
from handup.groups.models.facts import Mark, MeetingKind
from handup.groups.models.group import LeaveReason
from handup.groups.models.kin import KinRelation
from handup.groups.persons import blank
from handup.groups.persons import held as in_her_file
from handup.groups.queries import last_share_out, money_now
from handup.groups.rules.settling import claims_paid
from handup.groups.services import (
    MeetingLine,
    elect_officer,
    end_membership,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
)
from handup.groups.services.kin import KinMissing, NamedLater, name_next_of_kin
from handup.groups.services.lending import LoanAboveLimit
from handup.groups.services.office_settling import (
    KeysNeeded,
    MoreThanOpen,
    NoNextOfKin,
    NoShareOut,
    NothingOpen,
    NotLeft,
    PaidAlready,
    TwoKeysNeeded,
    key_holders,
    pay_claims,
    pay_leaver,
    share_out_cycle,
)
from handup.groups.tests.conftest import FIRST, close, mark, save
from handup.groups.verify import CHECKS
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.balances import balances_of_roles
from handup.org.devices import SameIdOtherContent
from handup.org.models import ReadEntry, StaffUser
from handup.org.permissions import OutOfSight

WEEK = timedelta(days=7)
SECOND = FIRST + WEEK


def proofs_hold() -> None:
    assert [one for check in CHECKS for one in check.run()] == []


def owed_to_members(meeting: Meeting) -> dict[str, int]:
    """What the book says members have coming, by role."""
    told: dict[str, int] = {}
    for item in balances_of_roles(meeting.group.book, ("CLAIMS", "MEMBERS_DUE")):
        told[item.role] = told.get(item.role, 0) - item.units
    return {role: units for role, units in told.items() if units}


@pytest.fixture
def keys(members: list[Member], officer: StaffUser) -> list[Member]:
    """The first three members hold the keys."""
    for number, member in enumerate(members[:3], start=1):
        elect_officer(
            acting_staff=officer,
            group=member.group,
            office=f"KEY_HOLDER_{number}",
            member=member,
            from_date=FIRST,
        )
    return members[:3]


@pytest.fixture
def four_keys(keys: list[Member], members: list[Member], officer: StaffUser) -> list[Member]:
    """The fourth member holds a key too, so that three are left where one of them leaves."""
    elect_officer(
        acting_staff=officer,
        group=members[3].group,
        office="KEY_HOLDER_4",
        member=members[3],
        from_date=FIRST,
    )
    return members


@pytest.fixture
def second(meeting: Meeting, members: list[Member], officer: StaffUser) -> Meeting:
    """Four saved 10.00 each, the last borrowed 30.00 of it; the second meeting is open."""
    save(meeting, officer, dict.fromkeys(members, 1_000))
    pay_out_loan(
        acting_staff=officer,
        meeting=meeting,
        member=members[3],
        units=3_000,
        term_periods=1,
        yes=3,
    )
    mark(meeting, officer, {})
    close(meeting, officer, 1_000)
    return opened(meeting, members, officer, SECOND)


def opened(
    meeting: Meeting, members: list[Member], officer: StaffUser, on: date, **told: Any
) -> Meeting:
    later = open_meeting(acting_staff=officer, group=meeting.group, held_date=on, **told)
    here = [one for one in members if Member.objects.get(pk=one.pk).left_date is None]
    mark(later, officer, dict.fromkeys(here, Mark.PRESENT))
    return later


def leave(officer: StaffUser, member: Member, reason: LeaveReason) -> None:
    end_membership(acting_staff=officer, member=member, left_date=SECOND, reason=reason)


def test_a_leaver_is_paid_her_savings_as_far_as_the_box_goes_and_claims_the_rest(
    second: Meeting,
    members: list[Member],
    four_keys: list[Member],
    officer: StaffUser,
    outsider: StaffUser,
) -> None:
    pay = partial(
        pay_leaver, acting_staff=officer, meeting=second, member=members[0], keys=four_keys
    )
    with pytest.raises(NotLeft):
        pay()
    leave(officer, members[0], LeaveReason.MOVED)
    with pytest.raises(OutOfSight):
        pay(acting_staff=outsider)
    for too_few in ((), members[:3], [members[1], members[1], members[3]]):
        with pytest.raises(KeysNeeded) as refused:
            pay(keys=too_few)
        assert refused.value.places["needed"] == 3
    assert not GroupFact.objects.filter(name="pay_leaver").exists()
    record_meeting_lines(
        acting_staff=officer, meeting=second, lines=[MeetingLine(members[3], repaid_units=100)]
    )
    key = new_id()
    fact = pay(id=key)
    assert pay(id=key) == fact
    with pytest.raises(SameIdOtherContent):
        pay(member=members[1], id=key)
    told = {name: fact.body[name] for name in ("saved", "gain", "net", "paid", "claim")}
    assert told == {"saved": 1_000, "gain": 0, "net": 1_000, "paid": 1_000, "claim": 0}
    with pytest.raises(PaidAlready):
        pay()
    assert money_now(second.group).cash["LOAN"] == 100
    close(second, officer, 100)
    assert str(members[0].pk) not in money_now(second.group).savings
    proofs_hold()


def test_who_died_owing_is_settled_and_her_next_of_kin_paid_with_two_keys(
    second: Meeting, members: list[Member], keys: list[Member], officer: StaffUser
) -> None:
    back = [MeetingLine(members[3], repaid_units=2_500)]
    record_meeting_lines(acting_staff=officer, meeting=second, lines=back)
    close(second, officer, 3_500)
    third = opened(second, members[:3], officer, SECOND + WEEK)
    mark(third, officer, {members[3]: Mark.ABSENT})
    on = SECOND + 2 * WEEK
    close(third, officer, 3_500)
    with pytest.raises(KinMissing):
        name_next_of_kin(
            acting_staff=officer, member=members[3], name=" ", relation=KinRelation.CHILD, on=FIRST
        )
    end_membership(acting_staff=officer, member=members[3], left_date=on, reason=LeaveReason.DIED)
    last = opened(third, members[:3], officer, on)
    pay = partial(pay_leaver, acting_staff=officer, meeting=last, member=members[3])
    with pytest.raises(NoNextOfKin):
        pay(keys=keys)
    kin = NextOfKin.objects.create(
        member=members[3], name="Dorj", relation=KinRelation.CHILD, named_date=FIRST
    )
    for too_few in ([], keys[:1], [keys[0], members[3]]):
        with pytest.raises(TwoKeysNeeded):
            pay(keys=too_few)
    assert not GroupFact.objects.filter(name="pay_leaver").exists()
    fact = pay(keys=keys[1:])
    assert fact.body["next_of_kin"] == str(kin.pk)
    assert len(fact.body["keys"]) == 2
    # 10.00 saved less 5.00 still owed; no period is over, so no charge.
    assert (fact.body["net"], fact.body["paid"]) == (500, 500)
    close(last, officer, 3_000)
    assert InternalLoan.objects.get().status == "REPAID"
    assert "Dorj" not in str(GroupFact.objects.values_list("body", flat=True))
    proofs_hold()


def test_who_left_or_died_confirms_nothing_with_the_key_she_held(
    second: Meeting, members: list[Member], keys: list[Member], officer: StaffUser
) -> None:
    for slot, member in enumerate(keys, start=1):  # as a phone keeps them: leaving ends none
        GroupKey.objects.create(
            group=second.group,
            slot=slot,
            member=member,
            credential_kind="PIN",
            from_date=FIRST,
            fact=list(second.facts.order_by("seq"))[slot - 1],
        )
    on = SECOND + WEEK
    close(second, officer, 1_000)
    end_membership(acting_staff=officer, member=keys[0], left_date=on, reason=LeaveReason.DIED)
    NextOfKin.objects.create(
        member=keys[0], name="Dorj", relation=KinRelation.CHILD, named_date=FIRST
    )
    last = opened(second, members[1:], officer, on)
    assert key_holders(last.group, on) == keys[1:]
    pay = partial(pay_leaver, acting_staff=officer, meeting=last, member=keys[0])
    with pytest.raises(TwoKeysNeeded):
        pay(keys=keys[:2])
    assert len(pay(keys=keys).body["keys"]) == 2


def test_what_is_left_open_in_this_meeting_is_not_lent_to_somebody_else(
    second: Meeting, members: list[Member], four_keys: list[Member], officer: StaffUser
) -> None:
    constitution = second.group.constitutions.get()
    constitution.settings |= {"keys_needed": 2}
    type(constitution).objects.filter(pk=constitution.pk).update(settings=constitution.settings)
    close(second, officer, 1_000)
    on = SECOND + WEEK
    for member in members[:2]:
        end_membership(acting_staff=officer, member=member, left_date=on, reason=LeaveReason.MOVED)
    later = opened(second, members[2:], officer, on)
    paid = [
        pay_leaver(acting_staff=officer, meeting=later, member=member, keys=four_keys)
        for member in members[:2]
    ]
    assert [fact.body["claim"] for fact in paid] == [0, 1_000]
    back = [MeetingLine(members[3], repaid_units=1_500)]
    record_meeting_lines(acting_staff=officer, meeting=later, lines=back)
    lend = partial(
        pay_out_loan, acting_staff=officer, meeting=later, member=members[2], term_periods=1, yes=1
    )
    with pytest.raises(LoanAboveLimit) as refused:
        lend(units=501)
    assert refused.value.places["limit"] == 500
    with pytest.raises(VoteNotPassed):
        lend(units=500)
    pay_claims(acting_staff=officer, meeting=later, units=1_000)
    with pytest.raises(VoteNotPassed):
        lend(units=500)


def test_a_next_of_kin_is_named_once_a_time_stays_sealed_and_is_forgotten_with_her(
    client: Client, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    member, key = members[0], new_id()
    name = partial(
        name_next_of_kin,
        acting_staff=officer,
        member=member,
        name="Dorj",
        relation=KinRelation.CHILD,
        on=SECOND,
        id=key,
    )
    first = name()
    assert name() == first
    with pytest.raises(SameIdOtherContent):
        name(name="Bat")
    with pytest.raises(NamedLater):
        name(on=FIRST, id=None)
    client.force_login(officer)
    address = reverse("groups:kin_new", args=[member.pk])
    sent = {"name": "Saruul", "relation": "SPOUSE", "phone": "", "on": SECOND.isoformat()}
    assert client.post(address, sent | {"_read_back": "1"}).status_code == 302
    assert [row.name for row in member.kin.filter(ended_date=None)] == ["Saruul"]
    page = client.get(reverse("groups:group_detail", args=[member.group_id])).content.decode()
    assert address in page
    assert "Saruul" not in page
    client.force_login(outsider)
    assert client.get(address).status_code == 404
    assert member.person_id is not None
    assert [
        row["Name"] for row in in_her_file(member.person_id)["Next of kin she named to a group"]
    ] == [
        "Dorj",
        "Saruul",
    ]
    blank(member.person_id)
    assert {row.name for row in member.kin.all()} == {""}


def test_a_cycle_is_shared_out_at_the_office_and_what_stays_open_is_paid_in_proportion(
    second: Meeting, members: list[Member], keys: list[Member], officer: StaffUser
) -> None:
    with pytest.raises(NoShareOut):
        share_out_cycle(acting_staff=officer, meeting=second, keys=keys)
    close(second, officer, 1_000)
    group = second.group
    day = SECOND + WEEK
    sharing = opened(second, members, officer, day, kind=MeetingKind.SHARE_OUT)
    share = partial(share_out_cycle, acting_staff=officer, meeting=sharing)
    with pytest.raises(KeysNeeded):
        share(keys=keys[:2])
    key = new_id()
    fact = share(keys=keys, id=key)
    assert share(keys=keys, id=key) == fact
    # 10.00 in the box and 30.00 owed: 10.00 each; the borrower owes 20.00 more than hers.
    assert fact.body["distributable"] == 4_000
    lines = {row["member"]: row for row in fact.body["lines"]}
    assert [lines[str(one.pk)]["now"] for one in members] == [334, 333, 333, 0]
    with pytest.raises(Refusal):
        save(sharing, officer, {members[0]: 500})
    close(sharing, officer, 0)
    group.refresh_from_db()
    assert list(group.cycles.values_list("status", flat=True)) == ["CLOSED"]
    assert last_share_out(group) == 4_000
    assert owed_to_members(sharing) == {"CLAIMS": 2_000}
    proofs_hold()
    group.cycles.create(number=2, start_date=day)
    later = opened(sharing, members, officer, day + WEEK)
    with pytest.raises(NothingOpen):
        pay_claims(acting_staff=officer, meeting=later, units=1)
    back = [MeetingLine(members[3], repaid_units=1_000)]
    record_meeting_lines(acting_staff=officer, meeting=later, lines=back)
    with pytest.raises(MoreThanOpen):
        pay_claims(acting_staff=officer, meeting=later, units=1_001)
    once = new_id()
    paid = pay_claims(acting_staff=officer, meeting=later, units=1_000, id=once)
    again = pay_claims(acting_staff=officer, meeting=later, units=1_000, id=once)
    assert {row.pk for row in paid} == {row.pk for row in again}
    assert sum(row.body["units"] for row in paid) == 1_000
    assert {row.body["units"] for row in paid} <= {333, 334}
    close(later, officer, 0)
    assert owed_to_members(later) == {"CLAIMS": 1_000}
    proofs_hold()


def test_what_is_paid_on_claims_sums_back_and_gives_nobody_more_than_hers() -> None:
    claims = {1: 700, 2: 200, 5: 100}
    assert claims_paid(claims, 500, 1) == {1: 350, 2: 100, 5: 50}
    assert claims_paid(claims, 500, 100) == {1: 400, 2: 100, 5: 0}
    assert claims_paid(claims, 5_000, 1) == claims


def test_who_reads_whom_a_dead_member_named_is_written_down_as_sealed(
    client: Client, second: Meeting, members: list[Member], keys: list[Member], officer: StaffUser
) -> None:
    close(second, officer, 1_000)
    on = SECOND + WEEK
    end_membership(acting_staff=officer, member=members[3], left_date=on, reason=LeaveReason.DIED)
    NextOfKin.objects.create(
        member=members[3], name="Dorj", relation=KinRelation.CHILD, named_date=FIRST
    )
    last = opened(second, members[:3], officer, on)
    client.force_login(officer)
    address = reverse("groups:leaver_pay", args=[last.pk])
    assert "Dorj" not in client.get(address).content.decode()
    assert "S" not in ReadEntry.objects.values_list("highest", flat=True)
    sent = {"member": str(members[3].pk), "keys": [str(key.pk) for key in keys]}
    assert "Dorj" in client.post(address, sent).content.decode()
    assert "S" in ReadEntry.objects.values_list("highest", flat=True)


def test_a_meeting_settles_on_its_pages_and_over_the_api(
    client: Client,
    second: Meeting,
    members: list[Member],
    four_keys: list[Member],
    officer: StaffUser,
) -> None:
    leave(officer, members[1], LeaveReason.MOVED)
    client.force_login(officer)
    page = client.get(reverse("groups:meeting_detail", args=[second.pk])).content.decode()
    address = reverse("groups:leaver_pay", args=[second.pk])
    assert address in page
    assert "Member 2" in client.get(address).content.decode()
    sent: dict[str, Any] = {
        "member": str(members[1].pk),
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "3 key holders confirm this." in refused.content.decode()
    sent |= {"keys": [str(four_keys[place].pk) for place in (0, 2, 3)]}
    assert client.post(address, sent).status_code == 302
    assert second.facts.get(name="pay_leaver").body["paid"] == 1_000
    claims = reverse("groups:claims_pay", args=[second.pk])
    assert "Nobody has anything coming" in client.get(claims).content.decode()
    refused = client.post(claims, {"units": "5", "_read_back": "1"})
    assert refused.status_code == 422
    sharing = reverse("groups:share_out", args=[second.pk])
    assert client.post(sharing, {"_read_back": "1"}).status_code == 422


def test_fines_of_the_social_fund_go_to_it_when_who_owes_them_leaves_or_shares(
    second: Meeting, members: list[Member], four_keys: list[Member], officer: StaffUser
) -> None:
    """Two fines of 50 are owed; 30.00 is lent, 10.00 lies in the box."""
    group = second.group
    constitution = group.constitutions.get()
    told = constitution.settings | {"fine_fund": "SOCIAL"}
    type(constitution).objects.filter(pk=constitution.pk).update(settings=told)
    mark(second, officer, dict.fromkeys(members[:2], Mark.LATE))
    assert [fine.units for fine in group.fines.all()] == [50, 50]
    close(second, officer, 1_000)
    on = SECOND + WEEK
    end_membership(acting_staff=officer, member=members[0], left_date=on, reason=LeaveReason.MOVED)
    later = opened(second, members[1:], officer, on, kind=MeetingKind.SHARE_OUT)
    fact = pay_leaver(acting_staff=officer, meeting=later, member=members[0], keys=four_keys)
    assert (fact.body["net"], fact.body["paid"], fact.body["fines_to"]) == (950, 950, "SOCIAL")
    assert money_now(group).cash == {"LOAN": 0, "SOCIAL": 50}
    back = [MeetingLine(members[3], repaid_units=2_300)]
    record_meeting_lines(acting_staff=officer, meeting=later, lines=back)
    shared = share_out_cycle(acting_staff=officer, meeting=later, keys=four_keys)
    # The fine is no part of what is divided: 20.00 or so in the box, 7.00 and its charge owed.
    cash = money_now(group).cash
    assert cash["SOCIAL"] == 100 + shared.body["to_social"]
    lines = {row["member"]: row for row in shared.body["lines"]}
    own = lines[str(members[1].pk)]
    assert (own["fines"][0]["units"], own["net"]) == (50, own["gross"] - 50)
    close(later, officer, cash["LOAN"], cash["SOCIAL"])
    assert money_now(group).cash == cash
    assert [fine.paid_units for fine in group.fines.all()] == [50, 50]
    roles = balances_of_roles(group.book, ("PENALTY_INCOME",))
    assert sum(-item.units for item in roles) == 100
    proofs_hold()
