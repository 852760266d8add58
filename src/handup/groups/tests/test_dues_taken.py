"""Dues of an association: voted, written down, taken with a receipt, waived, taken back; arrears
and the vote (groups_cooperatives.md K9)."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import DuesInArrears, InTheFuture
from handup.groups.models import DuesInvoice, DuesPayment, DuesTariff, Group, GroupFact, Member
from handup.groups.models.dues import Place, WaiverReason
from handup.groups.models.group import GroupKind
from handup.groups.rules.votes import NoQuorum
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    dues,
    elect_officer,
    register_group,
)
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.outside import TakenBackAlready, TakenBackBefore
from handup.groups.standing import standings, votes_on
from handup.groups.tests.conftest import new_person, staff_with
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.projects.models import Programme

FORMED = date(2024, 1, 5)
VOTED = date(2024, 2, 1)
TODAY = date(2026, 3, 1)


@standing
def association(programme: Programme, officer: StaffUser, area: Area) -> Group:
    """A business association of three: two joined on the 10th, one on the 20th of January 2024."""
    group = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name="Traders",
            kind=GroupKind.ASSOCIATION,
            area=area,
            formed_date=FORMED,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 1, "charge_rate_bps": 0},
        ),
    )
    admit_members(
        acting_staff=officer,
        group=group,
        members=[
            NewMember(
                person=new_person(100 + day, programme, officer), joined_date=date(2024, 1, day)
            )
            for day in (9, 10, 20)
        ],
    )
    return group


@standing
def tariff(association: Group, officer: StaffUser) -> DuesTariff:
    """100.00 a year."""
    return dues.vote_dues(
        acting_staff=officer,
        group=association,
        tariff=dues.Tariff("MEMBER", VOTED, 10_000),
        votes=Votes(VOTED, yes=2, no=1),
    )


@standing
def supervisor(programme: Programme) -> StaffUser:
    return staff_with("supervisor", Role.GROUP_SUPERVISOR, programme=programme.pk)


def members_of(group: Group) -> list[Member]:
    return list(group.members.select_related("group").order_by("member_no"))


def test_dues_are_owed_by_year_paid_oldest_first_and_stand_in_the_book(
    association: Group, tariff: DuesTariff, officer: StaffUser, supervisor: StaffUser
) -> None:
    first, second, third = members_of(association)
    rows = dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    assert [(row.member.member_no, row.due_date) for row in rows] == [
        (1, date(2025, 1, 1)),
        (1, date(2026, 1, 1)),
        (2, date(2025, 1, 1)),
        (2, date(2026, 1, 1)),
        (3, date(2025, 2, 1)),
        (3, date(2026, 2, 1)),
    ]
    assert dues.invoice_dues(acting_staff=officer, group=association, until=TODAY) == []
    take = partial(
        dues.take_dues, acting_staff=officer, member=first, units=15_000, paid_date=TODAY
    )
    key = new_id()
    paid = take(id=key)
    assert take(id=key) == paid
    assert DuesPayment.objects.count() == 1
    with pytest.raises(SameIdOtherContent):
        take(id=key, units=14_999)
    with pytest.raises(dues.MoreThanOwed):
        take(units=5_001)
    with pytest.raises(InTheFuture):
        take(units=1, paid_date=date(2999, 1, 1))
    told = [(row.paid_units, row.left_units) for row in first.dues.order_by("due_date")]
    assert told == [(10_000, 0), (5_000, 5_000)]
    assert balance(association.book, "CASH") == 15_000
    assert balance(association.book, "FEE_INCOME", ("member", first.pk)) == -15_000
    banked = dues.take_dues(
        acting_staff=officer, member=second, units=10_000, paid_date=TODAY, place=Place.BANK
    )
    assert (paid.number, banked.number) == (1, 2)
    assert balance(association.book, "BANK") == 10_000
    with pytest.raises(TakenBackBefore):
        dues.take_back_dues(acting_staff=supervisor, payment=banked, on=VOTED)
    back = dues.take_back_dues(acting_staff=supervisor, payment=banked, on=TODAY)
    assert back.is_reversed
    with pytest.raises(TakenBackAlready):
        dues.take_back_dues(acting_staff=supervisor, payment=banked, on=TODAY)
    assert balance(association.book, "BANK") == 0
    assert sum(row.paid_units for row in second.dues.all()) == 0
    with pytest.raises(NotAllowed):
        dues.take_back_dues(acting_staff=officer, payment=paid, on=TODAY)
    for check in CHECKS:
        assert list(check.run()) == [], check.code
    last = third.dues.order_by("due_date").last()
    assert last is not None
    DuesInvoice.objects.filter(pk=last.pk).update(paid_units=1)
    assert [c.code for c in CHECKS if list(c.run())] == ["GROUP_DUES"]


def test_who_is_in_arrears_neither_votes_nor_stands_until_it_is_paid_or_waived(
    association: Group, tariff: DuesTariff, officer: StaffUser, supervisor: StaffUser
) -> None:
    first, _second, third = members_of(association)
    dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    dues.take_dues(acting_staff=officer, member=first, units=20_000, paid_date=TODAY)
    rows = {row.member.member_no: row for row in standings(association, TODAY)}
    shown = {
        number: (row.standing.days_overdue, row.standing.may_be_dropped, row.may_vote)
        for number, row in rows.items()
        if row.standing
    }
    assert shown == {1: (0, False, True), 2: (424, True, False), 3: (393, True, False)}
    assert votes_on(association, TODAY) == 1
    stand = partial(elect_officer, acting_staff=officer, group=association, office="chair")
    with pytest.raises(DuesInArrears):
        stand(member=third, from_date=TODAY)
    for row in third.dues.all():
        waived = partial(dues.waive_dues, dues=row, reason=WaiverReason.HARDSHIP, on=TODAY)
        with pytest.raises(NotAllowed):
            waived(acting_staff=officer)
        assert waived(acting_staff=supervisor).left_units == 0
        assert waived(acting_staff=supervisor).waived_units == 10_000
    with pytest.raises(dues.NothingLeft):
        dues.waive_dues(acting_staff=supervisor, dues=row, reason=WaiverReason.MISTAKE, on=TODAY)
    assert votes_on(association, TODAY) == 2
    assert stand(member=third, from_date=TODAY).member == third
    assert GroupFact.objects.filter(name="waive_dues").count() == 2
    assert not Entry.objects.filter(book=association.book).exclude(kind="DUES_PAID").exists()
    for check in CHECKS:
        assert list(check.run()) == [], check.code


def test_a_tariff_needs_its_vote_and_holds_from_a_later_day(
    association: Group, officer: StaffUser
) -> None:
    new = dues.Tariff("MEMBER", VOTED, 10_000)
    vote = partial(dues.vote_dues, acting_staff=officer, group=association, tariff=new)
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (NoQuorum, {"votes": Votes(VOTED, yes=1)}),
        (NotCarried, {"votes": Votes(VOTED, yes=1, no=1)}),
        (dues.TariffBeforeVote, {"votes": Votes(TODAY, yes=3)}),
        (
            dues.TariffOutOfRange,
            {"votes": Votes(VOTED, yes=3), "tariff": dues.Tariff("MEMBER", VOTED, -1)},
        ),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            vote(**wrong)
    with pytest.raises(dues.NoTariff):
        dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    assert not DuesTariff.objects.exists()
    key = new_id()
    row = vote(votes=Votes(VOTED, yes=3), id=key)
    assert vote(votes=Votes(VOTED, yes=3), id=key) == row
    with pytest.raises(SameIdOtherContent):
        vote(votes=Votes(VOTED, yes=2), id=key)
    with pytest.raises(dues.TariffBackwards):
        vote(votes=Votes(VOTED, yes=3))
    member = members_of(association)[0]
    with pytest.raises(dues.NoTariff):
        dues.set_dues_category(
            acting_staff=officer, member=member, category="FIRM", from_date=date(2025, 6, 1)
        )
    later = dues.Tariff("MEMBER", date(2025, 6, 1), 12_000)
    vote(tariff=later, votes=Votes(VOTED, yes=3))
    firm = dues.Tariff("FIRM", date(2025, 6, 1), 50_000)
    vote(tariff=firm, votes=Votes(VOTED, yes=3))
    dues.set_dues_category(
        acting_staff=officer, member=member, category="FIRM", from_date=date(2025, 6, 1)
    )
    dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    rows = association.dues.order_by("due_date").values_list("member__member_no", "units")
    owed = {number: [units for no, units in rows if no == number] for number in (1, 2)}
    assert owed == {1: [10_000, 50_000], 2: [10_000, 12_000]}


def test_another_day_of_the_month_or_no_dues_at_all_puts_nobody_into_arrears(
    association: Group, tariff: DuesTariff, officer: StaffUser
) -> None:
    """A new tariff with another day limit writes no year twice; who owes nothing votes."""
    first, _second, third = members_of(association)
    dues.invoice_dues(acting_staff=officer, group=association, until=TODAY)
    for member in members_of(association):
        dues.take_dues(acting_staff=officer, member=member, units=20_000, paid_date=TODAY)
    free = dues.Tariff("HONORARY", date(2024, 3, 1), 0)
    later = dues.Tariff("MEMBER", date(2026, 2, 15), 12_000, day_limit=31)
    for new in (free, later):
        dues.vote_dues(
            acting_staff=officer, group=association, tariff=new, votes=Votes(VOTED, yes=3)
        )
    assert dues.invoice_dues(acting_staff=officer, group=association, until=TODAY) == []
    told = {row.pk: row.standing for row in standings(association, TODAY)}
    late = {pk: (one.due_date, one.days_overdue) for pk, one in told.items() if one}
    assert late[third.pk] == (date(2027, 2, 1), 0)
    assert late[first.pk] == (date(2027, 1, 1), 0)
    dues.set_dues_category(
        acting_staff=officer, member=first, category="HONORARY", from_date=date(2026, 6, 1)
    )
    assert votes_on(association, date(2030, 1, 2)) == 1
    with pytest.raises(dues.TooFarAhead):
        dues.invoice_dues(acting_staff=officer, group=association, until=date(2126, 1, 1))


def test_dues_on_their_pages_and_over_the_api(
    client: Client, association: Group, officer: StaffUser, supervisor: StaffUser
) -> None:
    client.force_login(officer)
    of = partial(reverse, args=[association.pk])
    told = {
        "category": "MEMBER",
        "units": "100",
        "from_date": "2024-02-01",
        "day_limit": "15",
        "drop_after_days": "90",
        "needed_to_vote": "on",
        "decided_date": "2024-02-01",
        "yes": "3",
        "no": "0",
        "abstain": "0",
        "_read_back": "1",
        "_new_id": str(new_id()),
    }
    assert client.post(of("groups:dues_vote"), told)["Location"] == of("groups:dues")
    client.post(of("groups:dues_invoice"), {"until": "2026-03-01"})
    member = members_of(association)[0]
    pay = {"member": str(member.pk), "units": "150", "paid_date": "2026-03-01", "place": "BOX"}
    client.post(of("groups:dues_take"), pay | {"_read_back": "1"})
    payment = DuesPayment.objects.get()
    page = client.get(of("groups:dues")).content.decode()
    for word in ("May be dropped by a resolution", "Member 109", "3 of 3 in favour"):
        assert word in page
    assert "Take back" not in page  # not hers to press
    paper = client.get(reverse("groups:dues_receipt", args=[payment.pk]))
    assert paper.content.startswith(b"%PDF")
    api = f"/api/v1/groups/groups/{association.pk}/dues"
    rows = {row["member_id"]: row for row in client.get(api).json()}
    assert rows[str(member.pk)]["owed_units"] == 5_000
    sent = client.post(
        f"/api/v1/groups/members/{member.pk}/dues/payments",
        {"units": 5_000, "on": "2026-03-01"},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (sent.status_code, sent.json()["number"]) == (201, 2)
    client.force_login(supervisor)
    assert "Take back" in client.get(of("groups:dues")).content.decode()
    row = members_of(association)[1].dues.first()
    assert row is not None
    waiver = {"reason": "HARDSHIP", "on": "2026-03-01", "_read_back": "1"}
    client.post(reverse("groups:dues_waive", args=[row.pk]), waiver)
    back = {"on": "2026-03-01", "_read_back": "1"}
    client.post(reverse("groups:dues_back", args=[payment.pk]), back)
    row.refresh_from_db()
    payment.refresh_from_db()
    assert (row.left_units, payment.is_reversed) == (0, True)
