"""Milk is sold to a buyer or made into cheese: yield, cost, margin, what he rejects, owes and pays,
what spoils; in the group's book, on the page without JavaScript and over the API."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.errors import PhoneKeepsRecord
from handup.groups.models import (
    CollectionPoint,
    Group,
    ProcessingBatch,
    Producer,
    ProduceSale,
    SalePayment,
    StockLoss,
)
from handup.groups.models.collection import Rejection, Shift
from handup.groups.models.dues import Place
from handup.groups.models.sales import Measure
from handup.groups.rules.sales import Batch, amount_of, cost_of_part
from handup.groups.services import deliveries, processing, sales
from handup.groups.services.deliveries import CanIn
from handup.groups.services.outside import TakenBackAlready
from handup.groups.services.processing import BatchIn, stock_of
from handup.groups.services.sales import SaleIn
from handup.groups.tests.conftest import staff_with
from handup.groups.tests.test_collection import DAY, clerk, point, producers, supervisor
from handup.groups.verify import CHECKS, chains_hold
from handup.groups.verify_sales import CHECKS as OF_SALES
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance, balances_by_subject
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.projects.models import Organisation

__all__ = ("clerk", "point", "producers", "supervisor")
CHEESE = BatchIn(
    "Milk",
    Measure.LITRE,
    100_000,
    "Cheese",
    Measure.KILO,
    12_000,
    4_000,
    500,
    100,
    lost_milli=2_000,
)
SENT = {
    "input_product": "Milk",
    "input_measure": "LITRE",
    "input_milli": "100",
    "lost_milli": "2",
    "product": "Cheese",
    "measure": "KILO",
    "output_milli": "12.5",
    "input_units": "40.00",
    "packaging_units": "0",
    "other_units": "0",
    "on": DAY.isoformat(),
    "place": "BOX",
    "_read_back": "1",
}
"""A batch as its form sends it."""


def proofs_hold() -> None:
    assert [one for check in (*CHECKS, *OF_SALES) for one in check.run()] == []
    assert list(chains_hold()) == []


@standing
def shop(db: None) -> Organisation:
    """A dairy shop that buys."""
    return Organisation.objects.create(code="SHOP-S", name="Dairy shop")


@standing
def milk(point: CollectionPoint, producers: list[Producer], officer: StaffUser) -> Group:
    """The group took in 110 litres at 40, and owes 4 400 for them."""
    deliveries.record_deliveries(
        acting_staff=officer,
        point=point,
        on=DAY,
        shift=Shift.MORNING,
        cans=[CanIn(producers[0], 60_000), CanIn(producers[1], 50_000)],
    )
    return point.group


def money_in(group: Group, officer: StaffUser, shop: Organisation, units: int) -> None:
    """Money in the box, from milk sold and paid."""
    told = SaleIn(1_000, units * 100, product="Milk")
    sale = sales.sell_produce(acting_staff=officer, group=group, buyer=shop, sale=told, on=DAY)
    sales.take_sale_payment(acting_staff=officer, sale=sale, units=units, on=DAY)


def test_a_batch_shows_its_yield_cost_and_margin() -> None:
    batch = Batch(100_000, 12_000, 4_600)
    assert batch.yield_share == Fraction(12, 100)
    assert batch.cost_each == Fraction(4_600, 12)
    assert batch.margin_each(0, 0) is None
    assert batch.margin_each(2_000, 1_000) == 500 - Fraction(4_600, 12)
    assert amount_of(2_500, 4_050) == 101, "2.5 x 40.50 is 101.25"
    assert amount_of(1_500, 100) == 2, "half up"


@given(
    st.integers(1, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=9), st.booleans()
)
def test_the_costs_of_all_parts_of_a_batch_are_its_whole_cost(
    cost: int, parts: list[int], last_first: bool
) -> None:
    left_milli, left_units, sum_of = sum(parts), cost, 0
    for part in reversed(parts) if last_first else parts:
        went = cost_of_part(left_units, left_milli, part)
        assert 0 <= went <= left_units
        left_units, left_milli, sum_of = left_units - went, left_milli - part, sum_of + went
    assert (left_units, sum_of) == (0, cost)


def test_milk_made_into_cheese_lies_in_store_at_what_it_cost(
    milk: Group, shop: Organisation, officer: StaffUser, outsider: StaffUser
) -> None:
    money_in(milk, officer, shop, 1_000)
    record = partial(
        processing.record_batch, acting_staff=officer, group=milk, batch=CHEESE, on=DAY
    )
    refused: tuple[tuple[str, Any, type[Exception]], ...] = (
        ("product", " ", processing.ProductMissing),
        ("input_milli", 0, processing.QuantityOutOfRange),
        ("output_milli", 10**11, processing.QuantityOutOfRange),
        ("lost_milli", 100_000, processing.MoreLostThanPut),
        ("input_units", 0, processing.CostOutOfRange),
        ("packaging_units", -1, processing.CostOutOfRange),
    )
    for name, value, refusal in refused:
        with pytest.raises(refusal):
            record(batch=replace(CHEESE, **{name: value}))
    with pytest.raises((NotAllowed, OutOfSight)):
        record(acting_staff=outsider)
    assert not ProcessingBatch.objects.exists()
    key = new_id()
    row = record(id=key)
    assert record(id=key) == row
    with pytest.raises(SameIdOtherContent):
        record(id=key, place=Place.BANK)
    assert (row.number, row.cost_units) == (1, 4_600)
    assert balances_by_subject(milk.book, "STOCK", "batch") == {row.pk: 4_600}
    assert balance(milk.book, "PURCHASES") == 400, "what is not in store was a cost of the year"
    assert balance(milk.book, "CASH") == 400
    assert Entry.objects.filter(kind="BATCH_MADE").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        ProcessingBatch.objects.filter(pk=row.pk).update(input_units=1)
    proofs_hold()


def test_what_the_buyer_rejects_pays_nothing_and_stays_in_store(
    milk: Group, shop: Organisation, officer: StaffUser, supervisor: StaffUser
) -> None:
    money_in(milk, officer, shop, 1_000)
    batch = processing.record_batch(acting_staff=officer, group=milk, batch=CHEESE, on=DAY)
    sell = partial(sales.sell_produce, acting_staff=officer, group=milk, buyer=shop, on=DAY)
    told = SaleIn(5_000, 60_000, rejected_milli=1_000, reason=Rejection.DIRTY, batch=batch)
    key = new_id()
    sale = sell(sale=told, id=key)
    assert sell(sale=told, id=key) == sale, "sent twice it is sold once"
    assert (sale.amount_units, sale.cost_units, sale.product) == (2_400, 1_533, "Cheese")
    stock = stock_of(batch)
    assert (stock.milli, stock.units, stock.sold_milli) == (8_000, 3_067, 4_000)
    assert balances_by_subject(milk.book, "RECEIVABLE", "buyer") == {shop.pk: 2_400}
    with pytest.raises(processing.NotInStore):
        sell(sale=SaleIn(8_001, 60_000, batch=batch))
    with pytest.raises(processing.NotInStore):  # as much as is brought lies there, taken or not
        sell(sale=replace(told, brought_milli=8_001, rejected_milli=8_000))
    with pytest.raises(processing.BeforeMade):
        sell(sale=SaleIn(1_000, 60_000, batch=batch), on=DAY - timedelta(days=1))
    for wrong in (
        SaleIn(1_000, 1, product="Milk", rejected_milli=1),
        SaleIn(1_000, 1, product="Milk", reason=Rejection.SOUR),
        SaleIn(1_000, 1, product="Milk", rejected_milli=1_001, reason=Rejection.SOUR),
    ):
        with pytest.raises(sales.RejectedOutOfRange):
            sell(sale=wrong)
    with pytest.raises(sales.PriceOutOfRange):
        sell(sale=SaleIn(10**10, 10**14, product="Milk"))
    all_sour = sell(
        sale=SaleIn(2_000, 4_000, product="Milk", rejected_milli=2_000, reason=Rejection.SOUR)
    )
    assert all_sour.amount_units == 0
    loss = processing.record_stock_loss(
        acting_staff=officer, batch=batch, quantity_milli=8_000, on=DAY
    )
    assert (loss.cost_units, stock_of(batch).milli, stock_of(batch).units) == (3_067, 0, 0)
    assert balances_by_subject(milk.book, "STOCK", "batch") == {}
    proofs_hold()
    with pytest.raises(processing.GoneAlready):
        processing.take_back_batch(acting_staff=supervisor, batch=batch, on=DAY)
    processing.take_back_loss(acting_staff=supervisor, loss=loss, on=DAY)
    for one in (sale, all_sour):
        sales.take_back_sale(acting_staff=supervisor, sale=one, on=DAY)
    processing.take_back_batch(acting_staff=supervisor, batch=batch, on=DAY)
    with pytest.raises(TakenBackAlready):
        processing.take_back_batch(acting_staff=supervisor, batch=batch, on=DAY)
    with pytest.raises(sales.NotOfThisGroup):
        sell(sale=told)
    assert (balance(milk.book, "PURCHASES"), balance(milk.book, "CASH")) == (4_400, 1_000)
    proofs_hold()


def test_a_batch_of_more_than_was_ever_bought_is_told_on_its_page(
    client: Client, milk: Group, officer: StaffUser, supervisor: StaffUser
) -> None:
    """The group bought milk for 4 400."""

    def warned(batch: ProcessingBatch) -> bool:
        page = client.get(reverse("groups:batch", args=[batch.pk]))
        return "more than the group ever bought" in page.content.decode()

    client.force_login(officer)
    plain = replace(CHEESE, packaging_units=0, other_units=0)

    def made(units: int) -> ProcessingBatch:
        told = replace(plain, input_units=units)
        return processing.record_batch(acting_staff=officer, group=milk, batch=told, on=DAY)

    first, second = made(4_000), made(400)
    assert not warned(first)
    assert not warned(second)
    third = made(1)
    assert warned(third)
    assert not warned(second), "what came before is not meant"
    processing.take_back_batch(acting_staff=supervisor, batch=third, on=DAY)
    assert not warned(third)
    processing.take_back_batch(acting_staff=supervisor, batch=second, on=DAY)
    assert warned(made(401)), "what was taken back is not counted as bought"


def test_a_batch_that_moved_no_money_is_taken_back_while_a_phone_keeps_the_box(
    milk: Group, officer: StaffUser, supervisor: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.groups.phones.keepers", [lambda pk: pk == milk.pk])
    record = partial(processing.record_batch, acting_staff=officer, group=milk, on=DAY)
    with pytest.raises(PhoneKeepsRecord):
        record(batch=CHEESE)
    unpaid = replace(CHEESE, packaging_units=0, other_units=0)
    key = new_id()
    row = record(batch=unpaid, id=key)
    assert record(batch=unpaid, id=key) == row
    processing.take_back_batch(acting_staff=supervisor, batch=row, on=DAY)
    assert (balance(milk.book, "STOCK"), balance(milk.book, "PURCHASES")) == (0, 4_400)
    proofs_hold()


def test_a_buyer_pays_in_parts_and_never_more_than_he_owes(
    milk: Group, shop: Organisation, officer: StaffUser, supervisor: StaffUser
) -> None:
    sale = sales.sell_produce(
        acting_staff=officer,
        group=milk,
        buyer=shop,
        sale=SaleIn(100_000, 5_000, product="Milk"),
        on=DAY,
    )
    assert (sale.amount_units, balance(milk.book, "SALES")) == (5_000, -5_000)
    pay = partial(sales.take_sale_payment, acting_staff=officer, sale=sale, on=DAY)
    key = new_id()
    first = pay(units=2_000, id=key)
    assert pay(units=2_000, id=key) == first
    with pytest.raises(SameIdOtherContent):
        pay(units=2_001, id=key)
    for wrong in (0, -1, 3_001):
        with pytest.raises(sales.BuyerOwesLess):
            pay(units=wrong)
    with pytest.raises(sales.PaidBefore):
        pay(units=1, on=DAY - timedelta(days=1))
    with pytest.raises(sales.PaidForAlready):
        sales.take_back_sale(acting_staff=supervisor, sale=sale, on=DAY)
    pay(units=3_000, place=Place.BANK)
    assert sales.owed_of(sale) == 0
    assert (balance(milk.book, "CASH"), balance(milk.book, "BANK")) == (2_000, 3_000)
    proofs_hold()
    with pytest.raises(NotAllowed):
        sales.take_back_payment(acting_staff=officer, payment=first, on=DAY)
    sales.take_back_payment(acting_staff=supervisor, payment=first, on=DAY)
    assert sales.owed_of(sale) == 2_000
    proofs_hold()


def test_a_clerk_sells_and_takes_nothing_back(
    milk: Group, shop: Organisation, clerk: StaffUser
) -> None:
    told = SaleIn(1_000, 100, product="Milk")
    sale = sales.sell_produce(acting_staff=clerk, group=milk, buyer=shop, sale=told, on=DAY)
    with pytest.raises(NotAllowed):
        sales.take_back_sale(acting_staff=clerk, sale=sale, on=DAY)
    reader = staff_with("reads-sales", Role.ME_READER, programme=milk.programme_id)
    with pytest.raises(NotAllowed):
        sales.sell_produce(acting_staff=reader, group=milk, buyer=shop, sale=told, on=DAY)
    assert ProduceSale.objects.count() == 1


def test_processing_and_sales_on_their_pages(
    client: Client,
    milk: Group,
    shop: Organisation,
    officer: StaffUser,
    supervisor: StaffUser,
    outsider: StaffUser,
) -> None:
    client.force_login(officer)
    page = reverse("groups:sales", args=[milk.pk])
    assert "Nothing sold yet" in client.get(page).content.decode()
    batch = SENT | {"_new_id": str(new_id())}
    new = reverse("groups:batch_new", args=[milk.pk])
    assert client.post(new, batch | {"lost_milli": "100"}).status_code == 422
    answer = client.post(new, batch)
    row = ProcessingBatch.objects.get()
    address = reverse("groups:batch", args=[row.pk])
    assert answer.headers["Location"] == address
    sale = {
        "buyer": str(shop.pk),
        "brought_milli": "2.5",
        "price": "6.50",
        "on": DAY.isoformat(),
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    sell = reverse("groups:batch_sell", args=[row.pk])
    assert "more digits" in client.post(sell, sale | {"price": "6.55555"}).content.decode()
    answer = client.post(sell, sale)
    sold = ProduceSale.objects.get()
    assert (sold.amount_units, sold.cost_units) == (1_625, 800)
    assert answer.headers["Location"] == reverse("groups:sale", args=[sold.pk])
    shown = client.get(address).content.decode()
    for told in ("12.5", "3.20", "3.30", "10 kg", "32.00"):
        assert told in shown, told
    pay = reverse("groups:sale_pay", args=[sold.pk])
    paid = {"units": "16.25", "on": DAY.isoformat(), "place": "BOX", "_read_back": "1"}
    assert client.post(pay, paid | {"_new_id": str(new_id())}).status_code == 302
    assert "16.25" in client.get(reverse("groups:sale", args=[sold.pk])).content.decode()
    lose = reverse("groups:batch_loss", args=[row.pk])
    spoiled = {"quantity_milli": "1", "on": DAY.isoformat(), "_read_back": "1"}
    assert client.post(lose, spoiled | {"_new_id": str(new_id())}).status_code == 302
    for name, pk in (("sales_paper", milk.pk), ("sale_note", sold.pk)):
        assert client.get(reverse(f"groups:{name}", args=[pk])).content.startswith(b"%PDF")
    client.force_login(supervisor)
    back = {"on": DAY.isoformat(), "_read_back": "1"}
    payment, loss = SalePayment.objects.get(), StockLoss.objects.get()
    for name, pk in (
        ("sale_payment_back", payment.pk),
        ("sale_back", sold.pk),
        ("loss_back", loss.pk),
        ("batch_back", row.pk),
    ):
        assert client.post(reverse(f"groups:{name}", args=[pk]), back).status_code == 302, name
    proofs_hold()
    client.force_login(outsider)
    for path in (page, address, sell):
        assert client.get(path).status_code == 404


def test_processing_and_sales_over_the_api(
    client: Client, milk: Group, shop: Organisation, supervisor: StaffUser
) -> None:
    client.force_login(supervisor)

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/groups/{path}",
            body,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )

    def send(path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = post(path, body)
        assert answer.status_code == 201, answer.content
        told: dict[str, Any] = answer.json()
        return told

    day = DAY.isoformat()
    butter = {
        "input_product": "Milk",
        "input_measure": "LITRE",
        "input_milli": 50_000,
        "product": "Butter",
        "measure": "KILO",
        "output_milli": 2_000,
        "input_units": 2_000,
        "on": day,
    }
    assert post(f"groups/{milk.pk}/batches", butter | {"product": "But\x00ter"}).status_code == 422
    batch = send(f"groups/{milk.pk}/batches", butter)
    sale = send(
        f"groups/{milk.pk}/sales",
        {
            "buyer_id": str(shop.pk),
            "batch_id": batch["id"],
            "brought_milli": 500,
            "price_x100": 200_000,
            "on": day,
        },
    )
    assert (sale["amount_units"], sale["cost_units"], sale["product"]) == (1_000, 500, "Butter")
    paid = send(f"sales/{sale['id']}/payments", {"units": 400, "on": day})
    lost = send(f"batches/{batch['id']}/losses", {"quantity_milli": 500, "on": day})
    assert lost["cost_units"] == 500
    (listed,) = client.get(f"/api/v1/groups/groups/{milk.pk}/sales").json()
    assert listed["owed_units"] == 600
    (stored,) = client.get(f"/api/v1/groups/groups/{milk.pk}/batches").json()
    assert (stored["left_milli"], stored["left_units"]) == (1_000, 1_000)
    for path in (
        f"sale-payments/{paid['id']}",
        f"sales/{sale['id']}",
        f"stock-losses/{lost['id']}",
        f"batches/{batch['id']}",
    ):
        assert send(f"{path}/reversal", {"on": day})["is_reversed"]
    proofs_hold()
