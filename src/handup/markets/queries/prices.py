"""Prices over time and on a board, and which of them are due to be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from handup.markets.models import (
    Commodity,
    MarketPlace,
    PriceDuty,
    PriceIndex,
    PriceObservation,
)
from handup.markets.models.labels import PriceState
from handup.markets.models.prices import STANDING, first_of
from handup.markets.rules.prices import median, real_price
from handup.org.models import StaffUser


def standing(staff: StaffUser) -> QuerySet[PriceObservation, PriceObservation]:
    """Return the prices a reader may see that count: not doubted, not rejected."""
    return PriceObservation.objects.visible_to(staff).filter(state__in=STANDING)


@dataclass(frozen=True, slots=True)
class MonthPrice:
    """The median of a month at one market, and the same in money of the newest index."""

    month: date
    market: MarketPlace
    price: Fraction
    real: Fraction | None
    told: int


def monthly(staff: StaffUser, *, commodity: Commodity, level: str, since: date) -> list[MonthPrice]:
    """Return the medians of a product by month and market, oldest month first, markets by name."""
    rows = (
        standing(staff)
        .filter(commodity=commodity, level=level, observed_date__gte=since)
        .exclude(price_milli=None)
        .select_related("market")
        .order_by("market__name", "observed_date")
    )
    held: dict[tuple[date, object], list[PriceObservation]] = {}
    for row in rows:
        held.setdefault((first_of(row.observed_date), row.market_id), []).append(row)
    index = _index_of({row.currency for row in rows})
    found = []
    for (month, _market), told in sorted(held.items(), key=lambda item: item[0][0]):
        price = median([row.price for row in told if row.price is not None])
        if price is not None:
            real = _real(price, told[0].currency, month, index)
            found.append(MonthPrice(month, told[0].market, price, real, len(told)))
    return found


Indexes = dict[str, dict[date, int]]


def _index_of(currencies: Iterable[str]) -> Indexes:
    found: Indexes = {}
    for row in PriceIndex._base_manager.filter(currency__in=set(currencies)):
        found.setdefault(row.currency, {})[row.month] = row.index_milli
    return found


def _real(price: Fraction, currency: str, month: date, index: Indexes) -> Fraction | None:
    held = index.get(currency, {})
    if month not in held:
        return None
    return real_price(price, held[month], held[max(held)])


def board_of(market: MarketPlace, *, since: date) -> list[PriceObservation]:
    """Return what the board of a market shows: the newest published price of each product, grade
    and level that is not too old.
    """
    rows = (
        PriceObservation._base_manager.filter(
            market=market, state=PriceState.PUBLISHED.value, observed_date__gte=since
        )
        .select_related("commodity", "unit")
        .order_by("commodity__name", "level", "grade", "-observed_date", "-id")
    )
    newest: dict[tuple[object, str, str], PriceObservation] = {}
    for row in rows:
        newest.setdefault((row.commodity_id, row.level, row.grade), row)
    return list(newest.values())


def with_last(rows: QuerySet[PriceDuty, PriceDuty]) -> QuerySet[PriceDuty, PriceDuty]:
    """Add to duties the day their product was last asked for at their market: `last_date`."""
    told = (
        PriceObservation._base_manager.filter(
            market=OuterRef("market"), commodity=OuterRef("commodity")
        )
        .order_by()
        .values("market")
        .annotate(last=Max("observed_date"))
    )
    return rows.annotate(last_date=Subquery(told.values("last")))


def due_date(duty: PriceDuty) -> date:
    """The day a duty is due next; it has been read through `with_last`."""
    last: date | None = getattr(duty, "last_date", None)
    return duty.from_date if last is None else last + timedelta(days=duty.every_days)


def live_duties(staff: StaffUser, *, on: date) -> QuerySet[PriceDuty, PriceDuty]:
    """Return the duties that hold on a day, with when each was last done."""
    rows = PriceDuty.objects.visible_to(staff).filter(
        Q(to_date=None) | Q(to_date__gte=on), from_date__lte=on, market__active=True
    )
    return with_last(rows).order_by(F("last_date").asc(nulls_first=True), "pk")
