"""What share of the market price producers got under a contract."""

from datetime import timedelta
from fractions import Fraction

from django.test import Client
from django.urls import reverse

from handup.markets.models import PriceObservation, SupplyContract
from handup.markets.models.labels import PriceLevel
from handup.markets.queries import contracts as queries
from handup.markets.services import prices
from handup.markets.tests.test_contracts import DAY, contract, deliver, signed
from handup.org.models import Office, StaffUser
from handup.projects.models import Programme

_fixture = contract


def asked(
    staff: StaffUser, row: SupplyContract, programme: Programme, office: Office, told: list[int]
) -> None:
    """Wholesale prices at one market, a week apart, from the day of the first delivery."""
    market = prices.open_market(
        acting_staff=staff, programme=programme, office=office, code="H", name="Hill market"
    )
    for place, price in enumerate(told):
        day = DAY + timedelta(days=7 * place)
        prices.record_price(
            acting_staff=staff,
            market=market,
            observed_date=day,
            price=prices.PriceIn(row.commodity, PriceLevel.WHOLESALE, [price] * 3),
            today=DAY + timedelta(days=90),
        )


def delivered(staff: StaffUser, row: SupplyContract) -> None:
    """1 625 accepted for 946 200 in all: 582.28 on average, over two weeks."""
    last = DAY + timedelta(days=14)
    deliver(staff, row, delivered=500, rejected=20, reject_reason="sour")
    deliver(staff, row, of="B", delivered=480)
    deliver(
        staff,
        row,
        delivered=700,
        rejected=35,
        reject_reason="sour",
        delivered_date=last,
        today=last,
    )


def test_they_got_97_percent_of_the_middle_price_asked_meanwhile(
    officer: StaffUser,
    contract: SupplyContract,
    programme: Programme,
    office: Office,
    client: Client,
) -> None:
    row = signed(officer, contract)
    assert queries.reference_of(row, [], officer) is None
    delivered(officer, row)
    rows = queries.deliveries_of(row)
    assert queries.reference_of(row, rows, officer) is None
    asked(officer, row, programme, office, [620, 600, 580, 100])
    reference = queries.reference_of(row, rows, officer)
    assert reference is not None
    assert (reference.price, reference.prices) == (Fraction(600), 3)
    client.force_login(officer)
    page = reverse("markets:contract_detail", args=[row.pk])
    shown = client.get(page).content.decode()
    assert "Their share of the market price" in shown
    assert "97.0" in shown
    PriceObservation.objects.update(currency="USD")
    assert "Their share" not in client.get(page).content.decode()
