"""How contracts were kept, and what a report may say of policy issues in a period."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from handup.markets.models import Delivery, PolicyEvent, PolicyIssue, SupplyContract
from handup.markets.models.labels import PriceLevel
from handup.markets.queries.prices import standing
from handup.markets.rules.contracts import Delivered, Kept, kept, payment_delay
from handup.markets.rules.policy import Moves, moves
from handup.markets.rules.prices import median
from handup.org.models import StaffUser


def deliveries_of(contract: SupplyContract) -> list[Delivery]:
    """Return the deliveries of a contract in the order they came."""
    return list(contract.deliveries.select_related("grade", "contract"))


def _fact(row: Delivery) -> Delivered:
    return Delivered(row.delivered, row.rejected, row.price_units, row.pay_due_date, row.paid_date)


def kept_of(contract: SupplyContract, rows: list[Delivery]) -> Kept:
    """Add up what was delivered under a contract."""
    return kept(contract.quantity, [_fact(row) for row in rows])


def delay_of(rows: list[Delivery]) -> Fraction | None:
    """Return the days payments were late, weighted by value."""
    return payment_delay([_fact(row) for row in rows])


@dataclass(frozen=True, slots=True)
class Reference:
    """What the product was asked at markets while a contract was delivered: the median of so many
    prices, in smallest units for one base unit.
    """

    price: Fraction
    prices: int
    level: PriceLevel


def reference_of(
    contract: SupplyContract, rows: Sequence[Delivery], staff: StaffUser
) -> Reference | None:
    """Return the reference price of a contract; None while nothing came or no price stands.

    Prices that count, without a grade, in its currency, from the first delivery to the last: of its
    own market and level where it names them, else the wholesale prices of the programme's markets.
    """
    days = [row.delivered_date for row in rows]
    if not days:
        return None
    level = PriceLevel(contract.level) if contract.level else PriceLevel.WHOLESALE
    found = standing(staff).filter(
        commodity=contract.commodity_id,
        level=level.value,
        grade="",
        currency=contract.currency,
        observed_date__range=(min(days), max(days)),
    )
    if contract.market_id is not None:
        found = found.filter(market=contract.market_id)
    else:
        found = found.filter(market__programme=contract.programme_id)
    told = [row.price for row in found if row.price is not None]
    price = median(told)
    return None if price is None else Reference(price, len(told), level)


def advance_left(contract: SupplyContract, rows: list[Delivery]) -> int:
    """Return what is left of the advance."""
    return contract.advance_units - sum(row.deduction_units for row in rows)


def by_stage(staff: StaffUser) -> Counter[int]:
    """Count the issues a reader may see by stage."""
    return Counter(PolicyIssue.objects.visible_to(staff).values_list("stage", flat=True))


def moves_between(staff: StaffUser, first: date, last: date) -> Moves:
    """Count the moves of a period among the issues a reader may see."""
    rows = PolicyEvent.objects.visible_to(staff).filter(event_date__gte=first, event_date__lte=last)
    told = rows.values_list("before", "after")
    return moves([(before, after) for before, after in told if before != after])
