"""What a collector of prices carries: the markets where she asks, for which products, in which
units."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from handup.markets.models import PriceDuty, PriceObservation
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits

ASK = "markets.record_price"
MOST = 300


def prices_of(reader: StaffUser) -> list[dict[str, Any]]:
    """The prices a reader asks for now: each product at each market, with its units and the day by
    which it is to be asked again, the most overdue first."""
    if not grants_for(reader, ASK):
        return []
    today = timezone.localdate()
    rows = (
        PriceDuty.objects.reached_with(reader, ASK)
        .filter(collector=reader, from_date__lte=today, market__active=True)
        .filter(Q(to_date=None) | Q(to_date__gte=today))
        .select_related("market", "commodity")
        .prefetch_related("commodity__units")
    )
    duties = list(rows[:MOST])
    asked = _last_asked(duties)
    told = [_told(row, asked.get((row.market_id, row.commodity_id))) for row in duties]
    return sorted(told, key=lambda one: (one["due_date"], one["market"], one["product"]))


def _last_asked(duties: list[PriceDuty]) -> Mapping[tuple[Any, Any], Any]:
    rows = PriceObservation.objects.filter(
        market__in={row.market_id for row in duties},
        commodity__in={row.commodity_id for row in duties},
    )
    last = rows.values_list("market", "commodity").annotate(day=Max("observed_date"))
    return {(market, commodity): day for market, commodity, day in last.order_by()}


def _told(row: PriceDuty, asked: Any) -> dict[str, Any]:
    due = row.from_date if asked is None else asked + timedelta(days=row.every_days)
    return {
        "market_id": row.market_id,
        "market": row.market.name,
        "currency": row.market.currency,
        "currency_digits": currency_digits(row.market.currency),
        "commodity_id": row.commodity_id,
        "product": row.commodity.name,
        "base_unit": row.commodity.get_base_unit_display(),
        "units": [{"id": unit.pk, "name": unit.name} for unit in row.commodity.units.all()],
        "due_date": due,
    }
