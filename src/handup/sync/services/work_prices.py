"""A price that an officer asked for at a market away from the office."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from handup.markets.models import Commodity, CommodityUnit, MarketPlace
from handup.markets.models.labels import Availability, PriceLevel
from handup.markets.services.prices import PriceIn, record_price
from handup.org.models import StaffUser
from handup.sync.errors import NotThatMarket
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_told import WorkTold

MOST_QUOTES, MOST_UNITS = 20, 10**13


def is_price(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was asked: `market`, `commodity`, `level`, `quotes` in smallest
    units for one `unit` (none: the base unit), `availability`."""
    quotes = body.get("quotes")
    return (
        is_device_id(body.get("market"))
        and is_device_id(body.get("commodity"))
        and ("unit" not in body or is_device_id(body["unit"]))
        and body.get("level") in list(PriceLevel)
        and body.get("availability", Availability.GOOD) in list(Availability)
        and isinstance(quotes, list)
        and len(quotes) <= MOST_QUOTES
        and all(is_number(units, 1, MOST_UNITS) for units in quotes)
    )


def ask(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record it; a doubted one waits in `markets` for a second person. Raises NotThatMarket."""
    body = told.body
    market = MarketPlace.objects.visible_to(staff).filter(pk=body["market"]).first()
    product = Commodity.objects.filter(pk=body["commodity"]).first()
    units = CommodityUnit.objects.filter(commodity=product)
    unit = units.filter(pk=body["unit"]).first() if "unit" in body else None
    if market is None or product is None or (unit is None and "unit" in body):
        raise NotThatMarket
    row.office_id = market.office_id
    record_price(
        acting_staff=staff,
        market=market,
        observed_date=told.happened_date,
        price=PriceIn(
            product,
            PriceLevel(body["level"]),
            body["quotes"],
            unit=unit,
            availability=Availability(body.get("availability", Availability.GOOD)),
            id=told.id,
        ),
        today=timezone.localdate(),
    )
    return WorkState.DONE
