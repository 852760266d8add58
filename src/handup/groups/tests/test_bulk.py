"""Buying together: what one unit costs landed, short and long deliveries, deposits by name, the
price that was voted, and the pages."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.models import BulkLine, BulkOrder, Group, Meeting, Member
from handup.groups.models.bulk import Missing
from handup.groups.models.dues import Place
from handup.groups.queries import BULK_FUND_ID, money_now
from handup.groups.rules.bulk import NothingReceived, hand_out, landed_cost
from handup.groups.services import bulk, deposits
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.bulk import (
    DepositMissing,
    NothingToReturn,
    Offer,
    OrderNotThere,
    PriceMissing,
)
from handup.groups.services.deposits import (
    DepositOutOfRange,
    MoreThanCost,
    NotPaidInYet,
)
from handup.groups.services.outside import FundOverdrawn
from handup.groups.services.recorder import book_now
from handup.groups.tests.conftest import close, mark, save
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance, balances_by_subject
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight

DAY = date(2026, 2, 2)
FEED = Offer("Feed", "bag", 1_000, 300, 1_250)


def order_of(
    group: Group, officer: StaffUser, members: list[Member], counts: list[int], **missing: Missing
) -> BulkOrder:
    """An order with so many bags a member, each with her deposit of the price."""
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=FEED, on=DAY)
    for member, count in zip(members, counts, strict=False):
        line = bulk.order_bulk(
            acting_staff=officer, order=row, member=member, quantity=count, on=DAY, **missing
        )
        deposits.pay_deposit(acting_staff=officer, line=line, units=count * 1_000, on=DAY)
    return row


def received(row: BulkOrder, officer: StaffUser, count: int) -> BulkOrder:
    """The order voted, placed at its price, and so many bags here."""
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=Votes(DAY, yes=3, no=1))
    row = bulk.place_bulk(
        acting_staff=officer, order=row, price_units=1_000, freight_units=300, on=DAY
    )
    return bulk.receive_bulk(
        acting_staff=officer, order=row, quantity=count, freight_units=300, on=DAY
    )


def told(row: BulkOrder) -> list[tuple[int, int, int, int]]:
    rows = row.lines.order_by("member__member_no")
    return [
        (line.quantity, line.received_quantity, line.charge_units, line.deposit_units)
        for line in rows
    ]


def holds() -> None:
    assert [one for check in CHECKS for one in check.run()] == []


def test_seventeen_for_ten_four_and_six_are_nine_three_and_five() -> None:
    handed = hand_out([10, 4, 6], 17, price=1_000, freight=300, cash_unit=50)
    assert [one.received for one in handed.members] == [9, 3, 5]
    assert [one.missing for one in handed.members] == [1, 1, 1]
    assert [one.charge for one in handed.members] == [9_150, 3_050, 5_100]
    assert (handed.total, handed.leftover, handed.stock) == (17_300, 0, 0)
    assert handed.landed * 17 == 17_300


def test_what_nobody_ordered_goes_to_the_store_at_the_same_cost() -> None:
    handed = hand_out([2, 2], 5, price=1_000, freight=7, cash_unit=10)
    assert [(one.received, one.charge) for one in handed.members] == [(2, 2_000), (2, 2_000)]
    assert (handed.stock, handed.stock_units, handed.leftover) == (1, 1_000, 7)
    with pytest.raises(NothingReceived):
        hand_out([2], 0, price=1_000, freight=0, cash_unit=1)
    assert landed_cost(1_000, 300, 0) is None


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=12).filter(any),
    st.integers(1, 3_000),
    st.integers(1, 10**7),
    st.integers(0, 10**7),
    st.sampled_from([1, 5, 50, 100]),
)
def test_charges_store_and_leftover_are_the_whole_cost(
    ordered: list[int], came: int, price: int, freight: int, coin: int
) -> None:
    handed = hand_out(ordered, came, price=price, freight=freight, cash_unit=coin)
    charged = sum(one.charge for one in handed.members)
    assert charged + handed.stock_units + handed.leftover == price * came + freight
    assert sum(one.received for one in handed.members) + handed.stock == came
    assert all(0 <= one.received <= one.ordered for one in handed.members)
    assert 0 <= handed.leftover < coin


def test_a_short_delivery_is_shared_charged_and_paid_back(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    before = money_now(group).cash
    row = received(order_of(group, officer, members, [10, 4, 6]), officer, 17)
    lines, handed = bulk.rehearse(row)
    assert [one.received for one in handed.members] == [9, 3, 5]
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    assert told(row) == [(10, 9, 9_159, 10_000), (4, 3, 3_053, 4_000), (6, 5, 5_088, 6_000)]
    assert (row.cost_units, row.stock_quantity, row.rounding_units) == (17_300, 0, 0)
    assert -balance(group.book, "PAYABLE") == 17_300
    deposits.pay_supplier(acting_staff=officer, order=row, units=17_300, on=DAY)
    with pytest.raises(MoreThanCost):
        deposits.pay_supplier(acting_staff=officer, order=row, units=1, on=DAY)
    for line in lines:
        line.refresh_from_db()
        deposits.return_deposit(acting_staff=officer, line=line, units=line.open_units, on=DAY)
    with pytest.raises(NothingToReturn):
        deposits.return_deposit(acting_staff=officer, line=lines[0], units=1, on=DAY)
    assert [line.open_units for line in row.lines.all()] == [0, 0, 0]
    assert balances_by_subject(group.book, "DEPOSITS", "member") == {}
    assert balance(group.book, "CASH") == 0
    assert money_now(group).cash == before, "nothing of it lies in the loan fund"
    holds()


def test_who_waits_finds_the_rest_and_her_money_in_the_next_order(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = order_of(group, officer, members, [10, 4, 6], if_missing=Missing.BACK_ORDER)
    row = bulk.settle_bulk(acting_staff=officer, order=received(row, officer, 17), on=DAY)
    (following,) = row.followed_by.all()
    assert (following.state, following.item, following.price_units) == ("OPEN", "Feed", 1_000)
    assert told(following) == [(1, 0, 0, 841), (1, 0, 0, 947), (1, 0, 0, 912)]
    assert [line.open_units for line in row.lines.all()] == [0, 0, 0]
    holds()


def test_a_price_above_the_one_voted_opens_the_order_again(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = order_of(group, officer, members, [2])
    with pytest.raises(NotCarried):
        bulk.lock_bulk(acting_staff=officer, order=row, votes=Votes(DAY, yes=2, no=2))
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=Votes(DAY, yes=4))
    place = partial(bulk.place_bulk, acting_staff=officer, freight_units=300, on=DAY)
    row = place(order=row, price_units=1_001)
    assert (row.state, row.price_units, row.voted_price_units) == ("OPEN", 1_001, 1_000)
    with pytest.raises(OrderNotThere):
        place(order=row, price_units=1_001)
    with pytest.raises(DepositMissing):
        bulk.lock_bulk(acting_staff=officer, order=row, votes=Votes(DAY, yes=4))
    deposits.pay_deposit(acting_staff=officer, line=row.lines.get(), units=2, on=DAY)
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=Votes(DAY, yes=4))
    assert place(order=row, price_units=1_001).state == "ORDERED"
    with pytest.raises(OrderNotThere):
        bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)


def test_deposits_are_within_the_order_once_and_given_back_when_it_is_cancelled(
    group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    row = order_of(group, officer, members, [2, 1])
    line = bulk.order_bulk(acting_staff=officer, order=row, member=members[2], quantity=1, on=DAY)
    with pytest.raises(DepositMissing):
        bulk.lock_bulk(acting_staff=officer, order=row, votes=Votes(DAY, yes=4))
    id, take = new_id(), partial(deposits.pay_deposit, acting_staff=officer, line=line, on=DAY)
    for wrong in (0, -1, 1_301):
        with pytest.raises(DepositOutOfRange):
            take(units=wrong)
    entries = Entry.objects.count()
    assert [take(units=500, id=id).deposit_units for _sent in range(2)] == [500, 500]
    assert Entry.objects.count() == entries + 1
    with pytest.raises(SameIdOtherContent):
        take(units=501, id=id)
    with pytest.raises(OutOfSight):
        deposits.pay_deposit(acting_staff=outsider, line=line, units=1, on=DAY)
    with pytest.raises(NothingToReturn):
        bulk.order_bulk(acting_staff=officer, order=row, member=members[2], quantity=0, on=DAY)
    row = deposits.cancel_bulk(acting_staff=officer, order=row, on=DAY)
    assert (row.state, [one.deposit_units for one in row.lines.all()]) == ("CANCELLED", [0, 0, 0])
    assert balance(group.book, "CASH") == 0
    with pytest.raises(DepositOutOfRange):
        take(units=1)
    holds()


@pytest.mark.parametrize(
    "offer",
    [
        Offer("", "bag", 1, 0, 0),
        Offer("Feed", " ", 1, 0, 0),
        Offer("Feed", "bag", 0, 0, 0),
        Offer("Feed", "bag", 1, -1, 0),
        Offer("Feed", "bag", 10**13, 0, 0),
    ],
)
def test_an_order_names_what_it_is_and_costs(
    group: Group, members: list[Member], officer: StaffUser, offer: Offer
) -> None:
    with pytest.raises(PriceMissing):
        bulk.open_bulk_order(acting_staff=officer, group=group, offer=offer, on=DAY)
    assert not BulkOrder.objects.exists()


def test_an_order_on_its_pages_from_opening_to_paying_the_supplier(
    client: Client, group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)
    day = DAY.isoformat()
    bought = {"item": "Feed", "unit": "bag", "price_units": "10", "freight_units": "3", "on": day}
    bought["deposit_percent"] = "100"
    opened = reverse("groups:bulk_new", args=[group.pk])
    client.post(opened, bought | {"single_price_units": "12.50", "_new_id": str(new_id())})
    row = BulkOrder.objects.get()

    def send(name: str, pk: Any, **told: str) -> None:
        sent = told | {"_read_back": "1", "_new_id": str(new_id())}
        answer = client.post(reverse(f"groups:{name}", args=[pk]), sent)
        assert answer.status_code == 302, answer.content.decode()[:3000]

    for member, count in zip(members, ("10", "4", "6"), strict=False):
        send(
            "bulk_line", row.pk, member=str(member.pk), quantity=count, if_missing="REFUND", on=day
        )
    for line in BulkLine.objects.all():
        send("bulk_deposit", line.pk, units=str(line.quantity * 10), on=day, place="BOX")
    send("bulk_lock", row.pk, decided_date=day, yes="4", no="0", abstain="0")
    send("bulk_place", row.pk, price_units="10", freight_units="3", on=day)
    send("bulk_receive", row.pk, quantity="17", freight_units="3", on=day)
    page = reverse("groups:bulk_order", args=[row.pk])
    shown = client.get(page).content.decode()
    assert "10.18" in shown
    assert "12.50" in shown
    assert "91.59" in shown, "the working stands before it is posted"
    send("bulk_settle", row.pk, on=day)
    send("bulk_supplier", row.pk, units="173", on=day, place=Place.BOX.value)
    row.refresh_from_db()
    assert (row.state, row.paid_units) == ("SETTLED", 17_300)
    first = BulkLine.objects.order_by("member__member_no")[0]
    send("bulk_return", first.pk, units="8.41", on=day, place="BOX")
    assert "Feed" in client.get(reverse("groups:bulk", args=[group.pk])).content.decode()
    sheet = client.get(reverse("groups:bulk_sheet", args=[row.pk]))
    assert sheet.content.startswith(b"%PDF")
    client.force_login(outsider)
    assert client.get(page).status_code == 404
    holds()


def test_its_money_lies_in_a_fund_of_its_own(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    order_of(group, officer, members, [1])
    (entry,) = Entry.objects.filter(kind="DEPOSIT_TAKEN")
    assert set(entry.lines.values_list("fund_id", flat=True)) == {BULK_FUND_ID}


def test_the_supplier_is_paid_out_of_what_came_in_for_the_order_and_not_of_savings(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    other = order_of(group, officer, members[1:2], [5])
    little = replace(FEED, deposit_bps=1)
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=little, on=DAY)
    line = bulk.order_bulk(acting_staff=officer, order=row, member=members[0], quantity=3, on=DAY)
    deposits.pay_deposit(acting_staff=officer, line=line, units=1, on=DAY)
    row = bulk.settle_bulk(acting_staff=officer, order=received(row, officer, 3), on=DAY)
    pay = partial(deposits.pay_supplier, acting_staff=officer, order=row, on=DAY)
    with pytest.raises(NotPaidInYet):
        pay(units=3_300)
    line.refresh_from_db()
    deposits.pay_deposit(acting_staff=officer, line=line, units=3_299, on=DAY)
    assert pay(units=3_300).paid_units == 3_300
    assert balance(group.book, "CASH") == sum(one.deposit_units for one in other.lines.all())
    holds()


def test_what_lies_at_the_bank_is_given_back_there_and_is_no_money_of_the_group(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 1_000))
    mark(meeting, officer, {})
    close(meeting, officer, 1_000 * len(members))
    group, saved = meeting.group, 1_000 * len(members)
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=FEED, on=DAY)
    line = bulk.order_bulk(acting_staff=officer, order=row, member=members[0], quantity=3, on=DAY)
    take = partial(deposits.pay_deposit, acting_staff=officer, line=line, on=DAY)
    take(units=2_000, place=Place.BANK)
    figures = book_now(group, reader=officer).figures
    assert (figures.away, figures.broken()) == ({}, [])
    with pytest.raises(FundOverdrawn):
        deposits.return_deposit(acting_staff=officer, line=line, units=1, on=DAY)
    take(units=1_000, place=Place.BOX)
    deposits.cancel_bulk(acting_staff=officer, order=row, on=DAY)
    assert [balance(group.book, role) for role in ("CASH", "BANK")] == [saved, 0]
    holds()
