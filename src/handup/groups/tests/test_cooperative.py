"""A group becomes a cooperative: vote, registration, papers, statutes, shares out of savings; and
the share accounts after it."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from handup.groups.errors import MeetingOpen, NotAMember
from handup.groups.models import Cycle, Group, Meeting, Member, ShareMove, Statutes
from handup.groups.models.group import GroupKind
from handup.groups.models.money import InternalLoan
from handup.groups.queries import money_now
from handup.groups.rules.votes import NoQuorum
from handup.groups.services import cooperative, shares
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.cooperative import PAPERS, Registration
from handup.groups.tests.conftest import close, save, staff_with
from handup.groups.verify import CHECKS
from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance, balances_by_subject
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

DAY = date(2026, 2, 2)
CARRIED = Votes(DAY, yes=4)
REGISTERED = Registration("COOP 17", DAY, frozenset(PAPERS))
SETTINGS = {"share_price_units": 1_000, "shares_subscribed_min": 1}


@standing
def saved(meeting: Meeting, members: list[Member], officer: StaffUser) -> Group:
    """Four members with 25.00 each in the box, nothing lent, the cycle closed."""
    save(meeting, officer, dict.fromkeys(members, 2_500))
    close(meeting, officer, 10_000)
    Cycle.objects.filter(group=meeting.group).update(status="CLOSED")
    return meeting.group


def test_a_group_becomes_a_cooperative_and_savings_become_shares_by_name(
    saved: Group, members: list[Member], officer: StaffUser
) -> None:
    one, two, three, _four = members
    make = partial(
        cooperative.become_cooperative,
        acting_staff=officer,
        group=saved,
        votes=CARRIED,
        registration=REGISTERED,
        settings=SETTINGS,
        shares={one.pk: 2, two.pk: 1},
    )
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (NoQuorum, {"votes": Votes(DAY, yes=1)}),
        (NotCarried, {"votes": Votes(DAY, yes=3, no=1)}),
        (cooperative.PaperMissing, {"registration": replace(REGISTERED, papers=frozenset())}),
        (cooperative.NotRegistered, {"registration": replace(REGISTERED, number=" ")}),
        (cooperative.NotRegistered, {"registration": replace(REGISTERED, on=date(2026, 2, 1))}),
        (cooperative.SharesAboveSavings, {"shares": {three.pk: 3}}),
        (NotAMember, {"shares": {new_id(): 1}}),
        (Faults, {"settings": {}}),
        (Faults, {"settings": SETTINGS | {"reserve_bps": 9_500}}),
        (Faults, {"settings": SETTINGS | {"reserve_min_bps": 2_000}}),
        (NotAllowed, {"acting_staff": staff_with("reader", Role.ME_READER)}),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            make(**wrong)
    saved.refresh_from_db()
    assert (saved.kind, Statutes.objects.count(), ShareMove.objects.count()) == ("SAVINGS", 0, 0)
    key = new_id()
    statutes = make(id=key)
    assert make(id=key) == statutes
    with pytest.raises(SameIdOtherContent):
        make(id=key, settings=SETTINGS | {"shares_subscribed_min": 2})
    for other in (
        {"shares": {one.pk: 1, two.pk: 1}},
        {"registration": replace(REGISTERED, number="COOP 18")},
    ):
        with pytest.raises(SameIdOtherContent):
            make(id=key, **other)
    saved.refresh_from_db()
    assert (saved.kind, saved.registration_no) == (GroupKind.COOP_PRIMARY, "COOP 17")
    assert saved.registration_date == DAY
    capital = balances_by_subject(saved.book, "SHARE_CAPITAL", "member")
    assert capital == {one.pk: -2_000, two.pk: -1_000}
    money = money_now(saved)
    assert money.cash["LOAN"] == 10_000  # no cash moved
    kept = [money.savings[str(member.pk)] for member in members]
    assert kept == [500, 1_500, 2_500, 2_500]
    assert Entry.objects.filter(book=saved.book, kind="SHARES_FROM_SAVINGS").count() == 1
    with pytest.raises(cooperative.NotAGroupOfSavers):
        make()
    for check in CHECKS:
        assert list(check.run()) == [], check.code


def test_an_open_meeting_or_a_share_out_to_come_is_in_the_way(
    meeting: Meeting, officer: StaffUser
) -> None:
    make = partial(
        cooperative.become_cooperative,
        acting_staff=officer,
        group=meeting.group,
        votes=CARRIED,
        registration=REGISTERED,
        settings=SETTINGS,
        shares={},
    )
    with pytest.raises(MeetingOpen):
        make()
    close(meeting, officer, 0)
    with pytest.raises(cooperative.ShareOutFirst):
        make()
    assert not InternalLoan.objects.exists()
    Cycle.objects.filter(group=meeting.group).update(status="CLOSED")
    assert make().version == 1  # nobody takes shares out of savings: no entry at all
    assert not Entry.objects.filter(book=meeting.group.book).exists()
    assert list(CHECKS[1].run()) == []


@standing
def coop(saved: Group, members: list[Member], officer: StaffUser) -> Group:
    """A cooperative of four, the first of whom holds two shares of 10.00."""
    cooperative.become_cooperative(
        acting_staff=officer,
        group=saved,
        votes=CARRIED,
        registration=REGISTERED,
        settings=SETTINGS,
        shares={members[0].pk: 2},
    )
    return Group.objects.select_related("book").get(pk=saved.pk)


def test_shares_are_subscribed_paid_paid_back_and_taken_back(
    coop: Group, members: list[Member], officer: StaffUser
) -> None:
    supervisor = staff_with("supervisor", Role.GROUP_SUPERVISOR)
    one = Member.objects.get(pk=members[1].pk)
    account = partial(shares.share_account, one)
    told: dict[str, Any] = {"acting_staff": officer, "member": one, "on": DAY}
    with pytest.raises(shares.PaidAboveSubscribed):
        shares.pay_shares(**told, units=1)
    with pytest.raises(shares.FewerThanStatutes):
        shares.subscribe_shares(**told, shares=0)
    shares.subscribe_shares(**told, shares=3)
    key = new_id()
    paid = shares.pay_shares(**told, units=2_500, id=key)
    assert shares.pay_shares(**told, units=2_500, id=key) == paid
    assert account() == (3, 2_500)
    assert shares.unpaid_of(coop, {one.pk: one}, 1_000) == {one.pk: 500}
    with pytest.raises(shares.PaidAboveSubscribed):
        shares.pay_shares(**told, units=501)
    with pytest.raises(shares.RedeemedAboveHeld):
        shares.redeem_shares(**told, shares=3)
    back = shares.redeem_shares(**told, shares=2)
    assert account() == (1, 500)
    assert balance(coop.book, "CASH") == 10_000 + 2_500 - 2_000
    with pytest.raises(shares.UsedSince):  # she would be paid twice
        shares.take_back_shares(acting_staff=supervisor, move=paid, on=DAY)
    assert (account(), balance(coop.book, "CASH")) == ((1, 500), 10_500)
    later = told | {"member": members[2], "on": date(2026, 3, 1)}
    shares.subscribe_shares(**later, shares=1)
    with pytest.raises(shares.PaidAboveSubscribed):  # she had subscribed nothing on that day
        shares.pay_shares(**later | {"on": DAY}, units=100)
    shares.take_back_shares(acting_staff=supervisor, move=back, on=DAY)
    assert account() == (3, 2_500)
    assert balance(coop.book, "SHARE_CAPITAL", ("member", one.pk)) == -2_500
    first = ShareMove.objects.get(kind="FROM_SAVINGS")
    with pytest.raises(shares.NotASale):
        shares.take_back_shares(acting_staff=supervisor, move=first, on=DAY)
    for check in CHECKS:
        assert list(check.run()) == [], check.code
    with pytest.raises(DatabaseError), transaction.atomic():
        ShareMove.objects.filter(pk=paid.pk).update(units=1)
    ShareMove.objects.create(
        group=coop, member=one, kind="PAID", moved_date=DAY, units=1, fact=paid.fact
    )
    assert [check.code for check in CHECKS if list(check.run())] == [
        "GROUP_SHARES",
        "GROUP_SHARE_MOVES",
    ]


def test_statutes_have_versions_and_the_price_of_a_share_stays(
    coop: Group, group: Group, officer: StaffUser
) -> None:
    adopt = partial(cooperative.adopt_statutes, acting_staff=officer, group=coop, votes=CARRIED)
    later = date(2026, 3, 1)
    with pytest.raises(cooperative.StatutesBackwards):
        adopt(settings={}, from_date=DAY)
    with pytest.raises(cooperative.PriceStays):
        adopt(settings={"share_price_units": 2_000}, from_date=later)
    row = adopt(settings={"dividend_cap_bps": 600}, from_date=later)
    assert (row.version, row.settings["share_price_units"]) == (2, 1_000)
    assert shares.statutes_on(coop, DAY).version == 1
    with pytest.raises(SameIdOtherContent):
        adopt(settings={"dividend_cap_bps": 700}, from_date=later, id=row.pk)
    assert shares.statutes_on(coop, later).settings["dividend_cap_bps"] == 600
    Group.objects.filter(pk=coop.pk).update(kind=GroupKind.ASSOCIATION)
    with pytest.raises(cooperative.NotACooperative):
        adopt(settings={}, from_date=date(2026, 4, 1))


def told_on_the_web(members: list[Member]) -> dict[str, Any]:
    """What the form asks for: everybody takes one share."""
    return {
        "share_price_units": "10",
        "shares_subscribed_min": "1",
        "min_holding_months": "0",
        "dividend_method": "BY_DAYS",
        "refund_unpaid_shares_first": "on",
        "from_date": "2026-02-02",
        "decided_date": "2026-02-02",
        "yes": "4",
        "no": "0",
        "abstain": "0",
        "registration_no": "COOP 17",
        "papers": list(PAPERS),
        "_read_back": "1",
        "_new_id": str(new_id()),
        **dict.fromkeys(("reserve_bps", "education_bps", "dividend_bps", "dividend_cap_bps"), "10"),
        "reserve_min_bps": "0",
        "education_max_bps": "100",
        "withholding_tax_bps": "0",
        "dividend_rate_bps": "0",
        "dividend_from": "POOL",
        "payslip_period_days": "10",
        "non_member_refund_years": "3",
        "assessment_every_months": "12",
        "refund_cash_bps": "100",
        "take_home_floor_bps": "40",
        **{f"shares_{member.pk}": "1" for member in members},
    }


def test_becoming_one_and_paying_for_shares_on_the_web(
    client: Client, saved: Group, members: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)
    of = partial(reverse, args=[saved.pk])
    form = client.get(of("groups:cooperative_new")).content.decode()
    assert "Shares of 1 · Member 1" in form
    told = told_on_the_web(members)
    assert client.post(of("groups:cooperative_new"), told).status_code == 302
    saved.refresh_from_db()
    assert saved.kind == GroupKind.COOP_PRIMARY
    kept = Statutes.objects.get().settings
    assert (kept["dividend_cap_bps"], kept["payslip_period_days"]) == (1_000, 10)
    assert (kept["non_member_refund_years"], kept["assessment_every_months"]) == (3, 12)
    new = {"member": str(members[0].pk), "on": "2026-02-02", "_new_id": str(new_id())}
    client.post(of("groups:shares_subscribe"), new | {"shares": "2"})
    pay = new | {"units": "20", "place": "BOX", "_read_back": "1", "_new_id": str(new_id())}
    client.post(of("groups:shares_pay"), pay)
    assert shares.share_account(members[0]) == (3, 3_000)
    page = client.get(of("groups:shares")).content.decode().replace("\u00a0", " ")
    assert "XTS 60.00" in page or "60.00 XTS" in page
    again = client.post(
        f"/api/v1/groups/members/{members[1].pk}/shares/redemptions",
        {"shares": 1, "on": "2026-02-02"},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (again.status_code, again.json()["units"]) == (201, -1_000)
    later = client.get(of("groups:shares"), {"on": "2026-02-01"}).content.decode()
    assert "60.00" not in later, "the day before nobody held a share"
    assert 'value="2026-02-01"' in later
    assert client.get(of("groups:shares"), {"on": "never"}).status_code == 200
    paper = client.get(of("groups:shares_paper"), {"on": "2026-02-02"})
    assert paper.content.startswith(b"%PDF")
    assert "Versions of the statutes" in client.get(of("groups:group_detail")).content.decode()
