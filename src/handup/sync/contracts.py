"""What a phone carries of contracts under which its holder takes goods in: the parties, the grades
with their price of today, and how far each contract has come."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.markets.models import ContractGrade, SupplyContract
from handup.markets.rules.contracts import TAKES_GOODS
from handup.markets.services.deliveries import price_on
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits

DELIVER = "markets.record_delivery"
MOST, MOST_OWN = 30, 200


def contracts_of(reader: StaffUser) -> list[dict[str, Any]]:
    """The contracts that take goods and for which a reader records deliveries; `own`: the last
    deliveries she told herself, so that her phone counts none of them twice."""
    if not grants_for(reader, DELIVER):
        return []
    rows = (
        SupplyContract.objects.reached_with(reader, DELIVER)
        .filter(state__in=TAKES_GOODS)
        .select_related("seller", "buyer", "commodity")
        .prefetch_related("grades", "deliveries")
        .order_by("ends", "code", "pk")
    )
    return [_told(row, reader) for row in rows[:MOST]]


def _told(row: SupplyContract, reader: StaffUser) -> dict[str, Any]:
    came = list(row.deliveries.all())
    kept_back = sum(one.deduction_units for one in came)
    own: list[UUID] = [one.pk for one in came if one.recorded_by_id == reader.pk]
    return {
        "contract_id": row.pk,
        "code": row.code,
        "product": row.commodity.name,
        "unit": row.unit,
        "seller": str(row.seller),
        "buyer": str(row.buyer),
        "place": row.place,
        "currency": row.currency,
        "currency_digits": currency_digits(row.currency),
        "quantity": row.quantity,
        "delivered": sum(one.delivered for one in came),
        "advance_left_units": row.advance_units - kept_back,
        "advance_cap_bps": row.advance_cap_bps,
        "payment_days": row.payment_days,
        "grades": [
            {"id": grade.pk, "name": grade.name, "price_units": _price(row, grade)}
            for grade in row.grades.all()
        ],
        "own": own[-MOST_OWN:],
    }


def _price(row: SupplyContract, grade: ContractGrade) -> int | None:
    """The price of today; None where the contract follows a market that has no fresh one."""
    try:
        return price_on(row, grade, timezone.localdate())
    except Refusal:
        return None
