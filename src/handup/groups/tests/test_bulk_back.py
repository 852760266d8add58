"""What was recorded of a bulk order and is wrong, what must lie here before it goes out, what the
group bears itself, and who does not read a hidden member's part."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import BulkLine, Group, GroupFact, Meeting, Member
from handup.groups.models.bulk import Missing
from handup.groups.models.dues import Place
from handup.groups.persons import holds as holds_of
from handup.groups.queries import BULK_FUND_ID, FUND_IDS, money_now
from handup.groups.services import bulk, deposits
from handup.groups.services import bulk_back as back
from handup.groups.services.assembly import Votes
from handup.groups.services.bulk import (
    DepositMissing,
    FreightNeedsReason,
    NothingToReturn,
    OrderTooLarge,
    PriceMissing,
)
from handup.groups.services.deposits import NotPaidInYet
from handup.groups.services.outside import FundOverdrawn, TakenBackBefore
from handup.groups.services.recorder import book_now
from handup.groups.tests.conftest import close, mark, save, staff_with
from handup.groups.tests.test_bulk import DAY, FEED, holds, order_of, received, told
from handup.groups.verify import claims_are_of_members, deposits_match, suppliers_match
from handup.ledger.balances import balances_of_roles
from handup.ledger.queries import balance, balances_by_subject
from handup.org import scope
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Programme

VOTES = Votes(DAY, yes=4)


@pytest.fixture
def supervisor(programme: Programme) -> StaffUser:
    """Who may take back what was recorded."""
    return staff_with("supervisor", Role.GROUP_SUPERVISOR, programme=programme.pk)


def lies(group: Group, fund: UUID, role: str = "CASH") -> int:
    held = balances_of_roles(group.book, (role,))
    return sum(item.units for item in held if item.fund == fund)


def test_what_came_was_a_hundred_and_seventy_and_is_taken_back_for_seventeen(
    group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    row = received(order_of(group, officer, members, [10, 4, 6]), officer, 170)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    take = partial(back.take_back_bulk, acting_staff=supervisor, on=DAY)
    step = back.step_of(row)
    assert step is not None
    with pytest.raises(NotAllowed):
        back.take_back_bulk(acting_staff=officer, order=row, fact=step, on=DAY)
    with pytest.raises(TakenBackBefore):
        back.take_back_bulk(acting_staff=supervisor, order=row, fact=step, on=date(2026, 2, 1))
    row = take(order=row, fact=step)
    assert (row.state, row.cost_units, row.stock_quantity) == ("RECEIVED", 0, 0)
    assert told(row) == [(10, 0, 0, 10_000), (4, 0, 0, 4_000), (6, 0, 0, 6_000)]
    assert balance(group.book, "PAYABLE") == 0
    holds()
    with pytest.raises(back.NotTheNewest):
        take(order=row, fact=step)
    came = back.step_of(row)
    assert came is not None
    row = take(order=row, fact=came)
    assert (row.state, row.received_quantity, row.freight_units) == ("ORDERED", 0, 300)
    row = bulk.receive_bulk(acting_staff=officer, order=row, quantity=17, freight_units=300, on=DAY)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    assert told(row) == [(10, 9, 9_159, 10_000), (4, 3, 3_053, 4_000), (6, 5, 5_088, 6_000)]
    holds()


def test_what_was_ordered_and_voted_is_taken_back_step_by_step(
    group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    row = order_of(group, officer, members, [2])
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    row = bulk.place_bulk(
        acting_staff=officer, order=row, price_units=900, freight_units=200, on=DAY
    )
    for state, price, freight in (("LOCKED", 1_000, 300), ("OPEN", 1_000, 300)):
        fact = back.step_of(row)
        assert fact is not None
        row = back.take_back_bulk(acting_staff=supervisor, order=row, fact=fact, on=DAY)
        assert (row.state, row.price_units, row.freight_units) == (state, price, freight)
    assert (row.resolution, row.voted_price_units) == (None, None)
    assert back.step_of(row) is None
    holds()


def test_payments_go_back_before_what_was_handed_out_and_deposits_are_corrected(
    group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    row = received(order_of(group, officer, members, [10, 4, 6]), officer, 17)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    settled = back.step_of(row)
    assert settled is not None
    row = deposits.pay_supplier(acting_staff=officer, order=row, units=17_300, on=DAY)
    take = partial(back.take_back_bulk, acting_staff=supervisor, order=row, on=DAY)
    with pytest.raises(back.PaidSince):
        take(fact=settled)
    line = row.lines.order_by("member__member_no")[0]
    (paid_in,) = back.deposits_of(line)
    with pytest.raises(back.PaidSince):
        back.take_back_deposit(acting_staff=supervisor, line=line, fact=paid_in, on=DAY)
    (payment,) = back.payments_of(row)
    assert take(fact=payment).paid_units == 0
    assert lies(group, BULK_FUND_ID) == 20_000
    line = back.take_back_deposit(acting_staff=supervisor, line=line, fact=paid_in, on=DAY)
    assert (line.deposit_units, line.open_units) == (0, -9_159)
    with pytest.raises(NotPaidInYet):
        deposits.pay_supplier(acting_staff=officer, order=row, units=17_300, on=DAY)
    deposits.pay_deposit(acting_staff=officer, line=line, units=9_159, on=DAY)
    holds()


def test_taken_back_goods_bring_the_money_of_the_following_order_back(
    group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    row = order_of(group, officer, members, [10, 4, 6], if_missing=Missing.BACK_ORDER)
    row = bulk.settle_bulk(acting_staff=officer, order=received(row, officer, 17), on=DAY)
    settled = back.step_of(row)
    assert settled is not None
    row = back.take_back_bulk(acting_staff=supervisor, order=row, fact=settled, on=DAY)
    (following,) = row.followed_by.all()
    assert following.state == "CANCELLED"
    assert [deposit for *_rest, deposit in told(row)] == [10_000, 4_000, 6_000]
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    following = row.followed_by.get(state="OPEN")
    line = following.lines.all()[0]
    deposits.pay_deposit(acting_staff=officer, line=line, units=1, on=DAY)
    settled = back.step_of(row)
    assert settled is not None
    with pytest.raises(back.FollowedSince):
        back.take_back_bulk(acting_staff=supervisor, order=row, fact=settled, on=DAY)
    holds()


def test_the_deposit_an_order_needs_lies_here_until_the_goods_come(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    half = replace(FEED, deposit_bps=5_000)
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=half, on=DAY)
    line = bulk.order_bulk(acting_staff=officer, order=row, member=members[0], quantity=3, on=DAY)
    take = partial(deposits.pay_deposit, acting_staff=officer, line=line, on=DAY)
    give = partial(deposits.return_deposit, acting_staff=officer, line=line, on=DAY)
    take(units=1_499)
    with pytest.raises(DepositMissing):
        bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    take(units=101)
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    with pytest.raises(NothingToReturn):
        give(units=101)
    give(units=100)
    row = bulk.place_bulk(
        acting_staff=officer, order=row, price_units=1_000, freight_units=300, on=DAY
    )
    with pytest.raises(NothingToReturn):
        give(units=1)
    line.refresh_from_db()
    assert line.deposit_units == 1_500
    with pytest.raises(PriceMissing):
        bulk.open_bulk_order(
            acting_staff=officer, group=group, offer=replace(FEED, deposit_bps=10_001), on=DAY
        )
    holds()


def test_freight_above_the_one_voted_is_voted_anew_or_told_why(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = order_of(group, officer, members, [10])
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    place = partial(bulk.place_bulk, acting_staff=officer, price_units=1_000, on=DAY)
    row = place(order=row, freight_units=30_000)
    assert (row.state, row.voted_freight_units) == ("OPEN", 300)
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    row = place(order=row, freight_units=30_000)
    assert row.state == "ORDERED"
    receive = partial(bulk.receive_bulk, acting_staff=officer, order=row, quantity=10, on=DAY)
    for reason in ("", "  "):
        with pytest.raises(FreightNeedsReason):
            receive(freight_units=30_001, freight_reason=reason)
    row = receive(freight_units=30_001, freight_reason="The bridge was closed")
    assert (row.state, row.freight_reason) == ("RECEIVED", "The bridge was closed")


def test_a_sum_that_no_order_has_is_refused_wherever_it_is_typed(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    dear = replace(FEED, price_units=10**7, freight_units=0, deposit_bps=0)
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=dear, on=DAY)
    order = partial(bulk.order_bulk, acting_staff=officer, order=row, on=DAY)
    order(member=members[0], quantity=10**8 - 1)
    with pytest.raises(OrderTooLarge):
        order(member=members[1], quantity=2)
    order(member=members[1], quantity=1)
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    place = partial(bulk.place_bulk, acting_staff=officer, order=row, on=DAY)
    with pytest.raises(OrderTooLarge):
        place(price_units=10**7 + 1, freight_units=0)
    row = place(price_units=10**7, freight_units=0)
    receive = partial(bulk.receive_bulk, acting_staff=officer, order=row, on=DAY)
    with pytest.raises(OrderTooLarge):
        receive(quantity=10**12, freight_units=0)
    row = receive(quantity=10**8, freight_units=0)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    assert row.cost_units == 10**15
    holds()


def test_what_the_group_bears_is_paid_out_of_its_own_money_as_far_as_that_reaches(
    meeting: Meeting, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 500))
    mark(meeting, officer, {})
    close(meeting, officer, 2_000)
    group = meeting.group
    order_of(group, officer, members[2:3], [1])
    row = received(order_of(group, officer, members, [2, 2]), officer, 6)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    assert (row.stock_quantity, row.stock_units, row.cost_units) == (2, 2_100, 6_300)
    for line in row.lines.all():
        deposits.pay_deposit(acting_staff=officer, line=line, units=100, on=DAY)
    pay = partial(deposits.pay_supplier, acting_staff=officer, order=row, on=DAY)
    with pytest.raises(FundOverdrawn):
        pay(units=6_300)
    row = pay(units=6_200)
    assert (row.paid_units, row.borne_units) == (6_200, 2_000)
    assert (lies(group, FUND_IDS["LOAN"]), lies(group, BULK_FUND_ID)) == (0, 1_000)
    assert money_now(group).cash["LOAN"] == 0, "the count of the next meeting finds it so"
    assert book_now(group, reader=officer).figures.broken() == []
    holds()
    (payment,) = back.payments_of(row)
    row = back.take_back_bulk(acting_staff=supervisor, order=row, fact=payment, on=DAY)
    assert (row.borne_units, lies(group, FUND_IDS["LOAN"])) == (0, 2_000)
    holds()


def test_the_proofs_find_what_no_service_does(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = received(order_of(group, officer, members, [2]), officer, 2)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    BulkLine.objects.update(deposit_units=2_001)
    assert len(list(deposits_match())) == 1
    type(row).objects.update(paid_units=5, borne_units=4)
    assert [one.stored for one in suppliers_match()] == ["2295", "4"]
    assert list(claims_are_of_members()) == []


def test_who_left_is_not_erased_while_money_lies_here_or_is_owed(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = received(order_of(group, officer, members, [2]), officer, 2)
    person = members[0].person_id
    assert person is not None
    Member.objects.filter(pk=members[0].pk).update(left_date=DAY, status="LEFT")
    assert [hold.reason for hold in holds_of(person, DAY)] == ["SAVINGS"]
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    assert [hold.reason for hold in holds_of(person, DAY)] == ["SAVINGS"]
    line = row.lines.get()
    deposits.pay_deposit(acting_staff=officer, line=line, units=-line.open_units, on=DAY)
    assert list(holds_of(person, DAY)) == []


@contextmanager
def hiding(member: Member) -> Iterator[None]:
    """A member hidden by a case team."""

    def hides_her(_staff: StaffUser) -> list[tuple[UUID, None]]:
        assert member.person_id is not None
        return [(member.person_id, None)]

    scope.exceptions.append(hides_her)
    scope.hidden_changed()
    yield
    scope.exceptions.remove(hides_her)
    scope.hidden_changed()


def test_nobody_reads_a_hidden_members_part_from_the_whole(
    client: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = received(order_of(group, officer, members, [10, 4, 6]), officer, 17)
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=DAY)
    client.force_login(officer)
    pages = [
        reverse("groups:bulk", args=[group.pk]),
        reverse("groups:bulk_order", args=[row.pk]),
        reverse("groups:bulk_supplier", args=[row.pk]),
    ]
    whole = [client.get(page).content.decode() for page in pages]
    assert all("173" in page for page in whole)
    with hiding(members[1]):
        for page in pages:
            shown = client.get(page).content.decode()
            for told_of_all in ("173.00", "10.18", "30.53", "Freight voted", "173"):
                assert told_of_all not in shown
            assert "Feed" in shown
        paper = client.get(reverse("groups:bulk_sheet", args=[row.pk]))
        assert paper.content.startswith(b"%PDF")


def test_the_supervisor_takes_back_on_the_page_what_was_wrong(
    client: Client, group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    row = received(order_of(group, officer, members, [10]), officer, 170)
    client.force_login(officer)
    address = reverse("groups:bulk_back", args=[row.pk])
    assert client.get(address).status_code in {403, 404}
    client.force_login(supervisor)
    assert address in client.get(reverse("groups:bulk_order", args=[row.pk])).content.decode()
    fact = back.step_of(row)
    assert fact is not None
    sent = {"fact": str(fact.pk), "on": DAY.isoformat(), "_read_back": "1"}
    assert client.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert row.state == "ORDERED"
    line = row.lines.get()
    address = reverse("groups:bulk_deposit_back", args=[line.pk])
    assert "100.00" in client.get(address).content.decode()
    other = GroupFact.objects.filter(name="order_bulk").latest("seq")
    wrong = client.post(address, {**sent, "fact": str(other.pk)})
    assert wrong.status_code == 422
    (paid_in,) = back.deposits_of(line)
    assert client.post(address, {**sent, "fact": str(paid_in.pk)}).status_code == 302
    assert line.order.lines.get().deposit_units == 0
    assert balances_by_subject(group.book, "DEPOSITS", "member") == {}
    holds()


def test_a_cancelled_order_gives_back_at_the_bank_and_on_the_phone(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=FEED, on=DAY)
    line = bulk.order_bulk(acting_staff=officer, order=row, member=members[0], quantity=3, on=DAY)
    for place in (Place.BANK, Place.MOBILE):
        deposits.pay_deposit(acting_staff=officer, line=line, units=1_500, on=DAY, place=place)
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    row = deposits.cancel_bulk(acting_staff=officer, order=row, on=DAY)
    assert row.state == "CANCELLED"
    assert [lies(group, BULK_FUND_ID, role) for role in ("CASH", "BANK", "MOBILE")] == [0, 0, 0]
    holds()


def test_a_cancelled_order_gives_no_more_back_than_lies_here(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=FEED, on=DAY)
    order = partial(bulk.order_bulk, acting_staff=officer, order=row, quantity=3, on=DAY)
    one, two = (order(member=member) for member in members[:2])
    pay = partial(deposits.pay_deposit, acting_staff=officer, on=DAY)
    pay(line=one, units=3_000, place=Place.BANK)
    pay(line=two, units=3_000, place=Place.BOX)
    deposits.return_deposit(acting_staff=officer, line=one, units=1_000, on=DAY, place=Place.BOX)
    deposits.return_deposit(acting_staff=officer, line=two, units=500, on=DAY, place=Place.BANK)
    money = (lies(group, BULK_FUND_ID), lies(group, BULK_FUND_ID, "BANK"))
    assert money == (2_000, 2_500)
    row = deposits.cancel_bulk(acting_staff=officer, order=row, on=DAY)
    assert row.state == "CANCELLED"
    assert [lies(group, BULK_FUND_ID, role) for role in ("CASH", "BANK")] == [0, 0]
    assert not any(line.deposit_units for line in row.lines.all())
    holds()


def test_a_price_mistyped_to_the_supplier_is_taken_back_while_nothing_followed(
    client: Client, group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    row = order_of(group, officer, members, [2])
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=VOTES)
    place = partial(bulk.place_bulk, acting_staff=officer, freight_units=300, on=DAY)
    row = place(order=row, price_units=10_000)
    assert (row.state, row.price_units) == ("OPEN", 10_000)
    step = back.step_of(row)
    assert step is not None
    client.force_login(supervisor)
    page = client.get(reverse("groups:bulk_order", args=[row.pk])).content.decode()
    assert reverse("groups:bulk_back", args=[row.pk]) in page
    row = back.take_back_bulk(acting_staff=supervisor, order=row, fact=step, on=DAY)
    assert (row.state, row.price_units, row.freight_units) == ("LOCKED", 1_000, 300)
    row = place(order=row, price_units=10_000)
    line = row.lines.get()
    deposits.pay_deposit(acting_staff=officer, line=line, units=500, on=DAY)
    assert back.step_of(row) is None, "a deposit came after it"
    holds()
