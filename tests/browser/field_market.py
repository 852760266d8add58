"""Run in the data folder of the browser tests: a market where an officer asks for a price, a signed
contract under which she takes goods in, and the code of her own phone; or what the office holds of
it. Answers as JSON."""

import io
import json
import sys
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image

from handup.markets.models import Delivery, PriceObservation, SupplyContract
from handup.markets.models.labels import BaseUnit
from handup.markets.rules.contracts import Answer, Point
from handup.markets.services import contracts, register_commodity
from handup.markets.services.prices import assign_prices, open_market
from handup.org.models import StaffUser
from handup.org.services.files import files_of, read_file
from handup.projects.models import Organisation, Programme
from handup.sync.models import WorkFact
from handup.sync.services import offer_enrolment

FACTS = ("deliver_on_contract", "record_price")
CODE = "FIELD-7"


def make() -> dict[str, str]:
    """Barley at 2.40 and 2.00 a kilogram, an advance of 100.00."""
    today = timezone.localdate()
    boss = StaffUser.objects.get(username="manager")
    officer = StaffUser.objects.get(username="field-officer")
    programme, _made = Programme.objects.get_or_create(
        code="MARKET", defaults={"title": "Market", "currency": "XTS"}
    )
    barley = register_commodity(
        acting_staff=boss, code="BARLEY", name="Barley", base_unit=BaseUnit.KG
    )
    market = open_market(acting_staff=boss, programme=programme, code="HILL", name="Hill market")
    assign_prices(
        acting_staff=boss,
        market=market,
        commodity=barley,
        collector=officer,
        every_days=7,
        from_date=today - timedelta(days=1),
    )
    contract = contracts.offer_contract(
        acting_staff=boss,
        programme=programme,
        code=CODE,
        seller=Organisation.objects.create(code="FM-COOP", name="Hill cooperative"),
        buyer=Organisation.objects.create(code="FM-BUY", name="Town mill"),
        commodity=barley,
        terms=contracts.Terms(
            quantity=1_000,
            place="Hill store",
            starts=today,
            ends=today + timedelta(days=90),
            advance_units=10_000,
            payment_days=7,
        ),
        grades={"A": 240, "B": 200},
    )
    clear = {point.value: Answer(clear=True) for point in Point}
    contracts.check_contract(acting_staff=boss, contract=contract, answers=clear, on=today)
    contracts.sign_contract(
        acting_staff=boss, contract=contract, signed_by="Vera", signed_date=today, today=today
    )
    _row, code = offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="Phone of the market"
    )
    return {"code": code}


def tell() -> dict[str, Any]:
    """The price, the delivery with its picture, and what became of the facts."""
    contract = SupplyContract.objects.get(code=CODE)
    prices = PriceObservation.objects.filter(market__code="HILL")
    rows = Delivery.objects.filter(contract=contract)
    return {
        "prices": [[row.level, row.quotes] for row in prices],
        "deliveries": [
            [
                row.delivered,
                row.rejected,
                row.slip,
                row.given_by,
                row.taken_by,
                row.value_units,
                row.deduction_units,
            ]
            for row in rows
        ],
        "pictures": [_told(read_file(file)) for row in rows for file in files_of(row)],
        "facts": sorted(WorkFact.objects.filter(name__in=FACTS).values_list("name", "state")),
    }


def _told(content: bytes) -> list[Any]:
    image = Image.open(io.BytesIO(content))
    return [image.format, max(image.size), len(image.getexif()), len(content) <= 200_000]


def main(word: str) -> None:
    """Make the market and the contract, or tell of them."""
    sys.stdout.write(json.dumps({"make": make, "tell": tell}[word]()))
