"""Run in the data folder of the browser tests: a market and a signed contract of a field officer,
or what the office holds of the price and the goods told of them. Answers as JSON."""

import json
import sys
from typing import Any

from django.utils import timezone

from handup.markets.models import Delivery, PriceObservation
from handup.markets.models.labels import BaseUnit
from handup.markets.services import register_commodity
from handup.markets.services.prices import assign_prices, open_market
from handup.markets.tests.ground import signed_contract
from handup.org.models import Office, StaffUser
from handup.org.services.files import files_of
from handup.projects.models import Programme
from handup.sync.models import WorkFact, WorkPicture
from handup.sync.services import offer_enrolment

FACTS = ("record_price", "deliver_on_contract")


def make() -> dict[str, str]:
    """Maize to ask at a market, 2 000 kg of milk under a contract with 3 000.00 paid before."""
    today = timezone.localdate()
    boss = StaffUser.objects.get(username="manager")
    officer = StaffUser.objects.get(username="field-officer")
    programme, _made = Programme.objects.get_or_create(
        code="SELL", defaults={"title": "Sell", "currency": "XTS"}
    )
    office, _made = Office.objects.get_or_create(code="HILL", defaults={"name": "Hill"})
    maize = register_commodity(acting_staff=boss, code="MAIZE", name="Maize", base_unit=BaseUnit.KG)
    market = open_market(
        acting_staff=boss, programme=programme, office=office, code="HILL", name="Hill market"
    )
    assign_prices(
        acting_staff=boss,
        market=market,
        commodity=maize,
        collector=officer,
        every_days=7,
        from_date=today,
    )
    row = signed_contract(boss, programme, office, today)
    _row, code = offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="Phone of the market"
    )
    return {"code": code, "contract": str(row.pk)}


def tell() -> dict[str, Any]:
    """The prices and deliveries, their facts, and the pictures of the deliveries."""
    deliveries = list(Delivery.objects.filter(contract__code="C-1"))
    prices = PriceObservation.objects.filter(market__code="HILL")
    pictures = WorkPicture.objects.filter(fact__name__in=FACTS)
    facts = WorkFact.objects.filter(name__in=FACTS)
    return {
        "facts": sorted(facts.values_list("name", "state")),
        "prices": [[row.commodity.name, row.level, row.quotes, row.availability] for row in prices],
        "deliveries": [
            [row.slip, row.delivered, row.rejected, row.reject_reason, row.value_units]
            for row in deliveries
        ],
        "files": [file.content_type for file in files_of(*deliveries)],
        "sent": [[row.shows, 1_000 < row.size <= 200_000] for row in pictures],
    }


def main(action: str) -> None:
    """Do one thing and say what came of it."""
    sys.stdout.write(json.dumps(make() if action == "make" else tell()))
