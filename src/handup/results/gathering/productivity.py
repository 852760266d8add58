"""What work brings in, and what producers get beside what the market pays (rulings C26)."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from handup.kernel.money import round_to
from handup.markets.models import Delivery, PriceObservation
from handup.markets.models.labels import PriceLevel
from handup.markets.models.prices import STANDING
from handup.markets.rules.prices import median
from handup.org.scope import leave_out
from handup.plans.models import ActualMonth
from handup.results.gathering.base import Source, seconds
from handup.results.rules.expressions import Cell, Row

BOUGHT = ("materials_units", "rent_units", "transport_units", "other_units")
"""What a business buys from others; wages and taxes are paid out of what it adds."""
MARKET_DAYS = 30
"""A price of the market counts for a delivery up to so many days after it was observed."""
FULLEST_MONTH = 31


def work_month(source: Source) -> Iterator[Row]:
    """Months as told at visits: the value that was added, the days everybody worked, and when it
    was corrected: what was known before stands as it was told.

    Months whose sales, materials, people or days nobody knew are left out; a smaller cost that
    nobody told counts as none.
    """
    rows: Any = ActualMonth._base_manager.filter(
        plan__programme=source.programme,
        sales_units__isnull=False,
        materials_units__isnull=False,
        workers__gt=0,
        working_days__gt=0,
        working_days__lte=FULLEST_MONTH,
    ).select_related("plan__enterprise", "replaced_by")
    for row in leave_out(rows, source.without).order_by("month", "id"):
        plan = row.plan
        day = row.month.replace(day=monthrange(row.month.year, row.month.month)[1])
        person = source.whose(plan.person_id) if plan.person_id else None
        cells: dict[str, Cell] = {
            **source.person_cells(person, day),
            "plan": str(plan.pk),
            "enterprise": str(plan.enterprise_id) if plan.enterprise_id else None,
            "enterprise_sector": plan.enterprise.trade if plan.enterprise else "",
            "currency": plan.currency,
            "value_units": row.sales_units - sum(getattr(row, name) or 0 for name in BOUGHT),
            "worker_days": row.workers * row.working_days,
            "replaced": seconds(row.replaced_by.recorded_at) if row.replaced_by else None,
        }
        yield source.row(row.pk, day, row.recorded_at, cells, person=person, office=plan.office_id)


def delivery(source: Source) -> Iterator[Row]:
    """Goods handed over under contracts: what the buyer took is worth, what was brought would be
    worth, and what the market paid for as much of the same grade; nothing known: no market value.
    """
    rows = Delivery._base_manager.filter(contract__programme=source.programme).select_related(
        "contract__commodity", "grade"
    )
    market = _Market(source)
    for row in rows.order_by("delivered_date", "id"):
        contract = row.contract
        taken = row.delivered - row.rejected
        price = market.price(
            (contract.commodity_id, contract.level or PriceLevel.FARM.value, contract.currency),
            row.grade.name,
            row.delivered_date,
        )
        cells: dict[str, Cell] = {
            "seller": str(contract.seller_id),
            "contract": str(contract.pk),
            "commodity": contract.commodity.code,
            "area1": source.areas.get(contract.area_id, ("", ""))[0] if contract.area_id else "",
            "currency": contract.currency,
            "value_units": taken * row.price_units,
            "offered_units": row.delivered * row.price_units,
            "market_units": None if price is None else round_to(taken * price),
        }
        yield source.row(
            row.pk, row.delivered_date, row.recorded_at, cells, office=contract.office_id
        )


Goods = tuple[Any, str, str]


class _Market:
    """The prices of the programme's markets that count, by product, level, currency and grade."""

    def __init__(self, source: Source) -> None:
        self._told: dict[tuple[Goods, str], list[tuple[date, Fraction]]] = defaultdict(list)
        rows = PriceObservation._base_manager.filter(
            market__programme=source.programme,
            state__in=STANDING,
            price_milli__gt=0,
            observed_date__lte=source.cut_off,
        )
        for row in rows.order_by("observed_date", "id"):
            goods = (row.commodity_id, row.level, row.currency)
            assert row.price is not None
            self._told[goods, _grade(row.grade)].append((row.observed_date, row.price))

    def price(self, goods: Goods, grade: str, day: date) -> Fraction | None:
        """The middle price of the days up to one, of the same grade, else of none in particular;
        units for one base unit.
        """
        for named in dict.fromkeys((_grade(grade), "")):
            told = self._told[goods, named]
            days = [on for on, _price in told]
            first = bisect_left(days, day - timedelta(days=MARKET_DAYS))
            held = told[first : bisect_right(days, day)]
            if held:
                return median([price for _on, price in held])
        return None


def _grade(name: str) -> str:
    return " ".join(name.split()).casefold()
