"""Contracts through the services, the pages and the API: the worked table, and what is refused."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.kernel.money import decimal_text_or_none
from handup.markets.models import (
    ContractNote,
    Delivery,
    PriceObservation,
    SupplyContract,
)
from handup.markets.models.labels import BaseUnit, NoteKind, PriceKind, PriceLevel
from handup.markets.queries import contracts as queries
from handup.markets.rules.contracts import Answer, ContractState, Point
from handup.markets.services import contracts as services
from handup.markets.services import deliveries, prices, register_commodity
from handup.org.devices import SameIdOtherContent
from handup.org.models import Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.projects.models import Organisation, Programme

DAY = date(2026, 3, 2)
CLEAR = {point.value: Answer(clear=True) for point in Point}


def offer(staff: StaffUser, programme: Programme, office: Office, **more: Any) -> SupplyContract:
    """A contract over 2 000 kg with an advance of 300 000, paid within ten days."""
    seller = Organisation.objects.create(code="COOP", name="Hill cooperative")
    buyer = Organisation.objects.create(code="BUY", name="Town dairy")
    milk = register_commodity(acting_staff=staff, code="M", name="Milk", base_unit=BaseUnit.KG)
    terms = services.Terms(
        quantity=2_000,
        place="Hill store",
        starts=DAY,
        ends=DAY + timedelta(days=90),
        advance_units=300_000,
        payment_days=10,
        **more,
    )
    return services.offer_contract(
        acting_staff=staff,
        programme=programme,
        office=office,
        code="C-1",
        seller=seller,
        buyer=buyer,
        commodity=milk,
        terms=terms,
        grades={"A": 600, "B": 540},
    )


@pytest.fixture
def contract(officer: StaffUser, programme: Programme, office: Office) -> SupplyContract:
    return offer(officer, programme, office)


def signed(staff: StaffUser, row: SupplyContract) -> SupplyContract:
    row = services.check_contract(acting_staff=staff, contract=row, answers=CLEAR, on=DAY)
    return services.sign_contract(
        acting_staff=staff, contract=row, signed_by="Vera Hill", signed_date=DAY, today=DAY
    )


def deliver(staff: StaffUser, row: SupplyContract, **told: Any) -> Delivery:
    grade = row.grades.get(name=told.pop("of", "A"))
    asked: dict[str, Any] = {"delivered_date": DAY, "today": DAY, "delivered": 500, "grade": grade}
    asked |= told
    return deliveries.record_delivery(acting_staff=staff, contract=row, **asked)


def test_the_worked_contract_to_its_last_number(
    officer: StaffUser, contract: SupplyContract
) -> None:
    row = signed(officer, contract)
    assert (row.state, row.witness) == ("SIGNED", officer)
    first = deliver(officer, row, delivered=500, rejected=20, reject_reason="sour")
    deliver(officer, row, of="B", delivered=480)
    deliver(officer, row, delivered=700, rejected=35, reject_reason="sour", planned_date=DAY)
    rows = queries.deliveries_of(row)
    assert [one.deduction_units for one in rows] == [86_400, 77_760, 119_700]
    assert queries.advance_left(row, rows) == 16_140
    told = queries.kept_of(row, rows)
    assert decimal_text_or_none(told.fulfilment_percent, 1) == "81.3"
    assert first.payable_units == 201_600
    row.refresh_from_db()
    assert row.state == "RUNNING"
    later = DAY + timedelta(days=14)
    deliveries.pay_delivery(
        acting_staff=officer, delivery=first, paid_date=later, paid_units=201_600, today=later
    )
    assert queries.delay_of(queries.deliveries_of(row)) == 4
    with pytest.raises(deliveries.PaidAlready):
        deliveries.pay_delivery(
            acting_staff=officer, delivery=first, paid_date=later, paid_units=1, today=later
        )


def test_a_contract_is_signed_only_after_every_point_and_by_the_producers(
    officer: StaffUser, contract: SupplyContract, outsider: StaffUser, bank_clerk: StaffUser
) -> None:
    def sign(staff: StaffUser, who: str = "Vera Hill") -> SupplyContract:
        return services.sign_contract(
            acting_staff=staff, contract=contract, signed_by=who, signed_date=DAY, today=DAY
        )

    with pytest.raises(services.ContractNotThere):
        sign(officer)
    open_points = CLEAR | {"PRICE": Answer(clear=False)}
    with pytest.raises(services.PointsOpen, match="price"):
        services.check_contract(
            acting_staff=officer, contract=contract, answers=open_points, on=DAY
        )
    services.check_contract(acting_staff=officer, contract=contract, answers=CLEAR, on=DAY)
    with pytest.raises(services.SignatureMissing):
        sign(officer, " ")
    with pytest.raises(OutOfSight):
        sign(outsider)
    with pytest.raises(NotAllowed):
        sign(bank_clerk)
    assert not SupplyContract.objects.visible_to(outsider).exists()
    contract.refresh_from_db()
    assert contract.state == "CHECKED"


def test_a_delivery_is_refused_as_long_as_something_is_wrong_with_it(
    officer: StaffUser, contract: SupplyContract
) -> None:
    with pytest.raises(services.ContractNotThere):
        deliver(officer, contract)
    row = signed(officer, contract)
    for refusal, told in (
        (deliveries.MoreRefusedThanDelivered, {"rejected": 501}),
        (deliveries.RefusalReasonMissing, {"rejected": 1}),
        (services.QuantityMissing, {"delivered": 0}),
        (deliveries.MoreThanAgreed, {"delivered": 2_201}),
    ):
        with pytest.raises(refusal):
            deliver(officer, row, **told)
    assert not Delivery.objects.exists()
    deliver(officer, row, delivered=2_201, reason="A good season")
    key = new_id()
    told_once = deliver(officer, row, delivered=5, reason="Seed", id=key)
    assert deliver(officer, row, delivered=5, reason="Seed", id=key) == told_once
    with pytest.raises(SameIdOtherContent):
        deliver(officer, row, delivered=50, reason="Seed", id=key)
    ended = services.move_contract(
        acting_staff=officer, contract=row, state=ContractState.FULFILLED, reason="All came"
    )
    with pytest.raises(services.ContractNotThere):
        deliver(officer, ended)
    with pytest.raises(services.ContractMoveNotPossible):
        services.move_contract(
            acting_staff=officer, contract=ended, state=ContractState.RUNNING, reason="Again"
        )


def test_a_price_that_follows_a_market_is_the_newest_one_and_never_above_its_ceiling(
    officer: StaffUser, programme: Programme, office: Office
) -> None:
    market = prices.open_market(
        acting_staff=officer, programme=programme, office=office, code="H", name="Hill market"
    )
    row = signed(
        officer,
        offer(
            officer,
            programme,
            office,
            price_kind=PriceKind.MARKET,
            market=market,
            level=PriceLevel.WHOLESALE,
            premium_units=20,
            ceiling_units=650,
        ),
    )
    with pytest.raises(deliveries.NoPriceToFollow):
        deliver(officer, row)
    for days, price in ((0, 600), (1, 640)):
        prices.record_price(
            acting_staff=officer,
            market=market,
            observed_date=DAY + timedelta(days=days),
            price=prices.PriceIn(row.commodity, PriceLevel.WHOLESALE, [price] * 3),
            today=DAY + timedelta(days=9),
        )
    assert deliver(officer, row).price_units == 620
    tomorrow = DAY + timedelta(days=1)
    assert deliver(officer, row, delivered_date=tomorrow, today=tomorrow).price_units == 650
    graded = prices.PriceIn(row.commodity, PriceLevel.WHOLESALE, [10] * 3, grade="B")
    prices.record_price(
        acting_staff=officer, market=market, observed_date=tomorrow, price=graded, today=tomorrow
    )
    late = {"delivered_date": DAY + timedelta(days=32), "today": DAY + timedelta(days=32)}
    with pytest.raises(deliveries.PriceTooOld, match="31 days"):
        deliver(officer, row, **late)
    assert deliver(officer, row, reason="Nothing changed", **late).price_units == 650
    PriceObservation.objects.update(currency="USD")
    with pytest.raises(deliveries.NoPriceToFollow):
        deliver(officer, row)
    market.currency = "USD"
    terms = services.Terms(
        quantity=1, place="Hill store", starts=DAY, ends=DAY,
        price_kind=PriceKind.MARKET, market=market, level=PriceLevel.WHOLESALE,
    )  # fmt: skip
    with pytest.raises(services.MarketOfOtherCurrency):
        services.offer_contract(
            acting_staff=officer, programme=programme, office=office, code="C-2",
            seller=row.seller, buyer=row.buyer, commodity=row.commodity, terms=terms,
            grades={"A": 600},
        )  # fmt: skip


def test_both_sides_are_heard_of_a_default(officer: StaffUser, contract: SupplyContract) -> None:
    with pytest.raises(services.NothingSaid):
        services.note_default(
            acting_staff=officer,
            contract=contract,
            kind=NoteKind.SIDE_SELLING,
            seen_date=DAY,
            today=DAY,
        )
    services.note_default(
        acting_staff=officer,
        contract=contract,
        kind=NoteKind.SIDE_SELLING,
        seen_date=DAY,
        today=DAY,
        producers_say="He paid late",
        buyer_says="They sold at the road",
    )
    assert ContractNote.objects.get().buyer_says == "They sold at the road"


def test_a_contract_goes_the_way_of_its_pages(
    client: Client, officer: StaffUser, contract: SupplyContract
) -> None:
    client.force_login(officer)
    answers = {point.value: "yes" for point in Point} | {"PRICE": "no", "PRICE_note": "annex"}
    client.post(reverse("markets:contract_check", args=[contract.pk]), answers)
    client.post(
        reverse("markets:contract_sign", args=[contract.pk]),
        {"signed_by": "Vera Hill", "signed_date": "2026-03-02"},
    )
    client.post(
        reverse("markets:delivery_new", args=[contract.pk]),
        {
            "delivered_date": "2026-03-02",
            "grade": str(contract.grades.get(name="A").pk),
            "delivered": "500",
            "rejected": "20",
            "reject_reason": "sour",
            "_new_id": str(new_id()),
            "_read_back": "1",
        },
    )
    row = Delivery.objects.get()
    assert client.get(reverse("markets:delivery_pay", args=[row.pk])).status_code == 200
    page = client.get(reverse("markets:contract_detail", args=[contract.pk])).content.decode()
    assert "24.0%" in page  # 480 of 2 000
    assert "annex" in page
    assert "C-1" in client.get(reverse("markets:contract_list")).content.decode()
    assert client.get(reverse("markets:contract_new")).status_code == 200
    kept = client.get(f"/api/v1/markets/contracts/{contract.pk}/kept").json()
    assert (kept["fulfilment_percent"], kept["advance_left_units"]) == ("24.0", 213_600)
    sent = client.post(
        f"/api/v1/markets/contracts/{contract.pk}/deliveries",
        json.dumps({"grade": "C", "delivered_date": "2026-03-02", "delivered": 1}),
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (sent.status_code, sent.json()["code"]) == (422, "GRADE_OF_ANOTHER_CONTRACT")
