"""Goods handed over under a contract, weighed away from the office. What differs from what stands
at the office (the price, a slip that is there already, more than agreed) waits for another person.
"""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from handup.markets.models import SupplyContract
from handup.markets.services.deliveries import HandedOver, record_delivery
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.sync.errors import NotThatContract
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services import work_pictures as pictures
from handup.sync.services.work_told import WorkTold, is_word

NAME = "deliver_on_contract"
MOST_GOODS, MOST_UNITS = 10**12, 10**13
TEXTS = {"reject_reason": 300, "reason": 300, "given_by": 120, "taken_by": 120}


def is_delivery(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was weighed: `contract`, `grade`, `delivered`, `rejected`, the
    `slip` on paper, who handed over and took over, `price_units` as the phone showed it."""
    delivered: Any = body.get("delivered")
    price = body.get("price_units")
    return (
        is_device_id(body.get("contract"))
        and is_device_id(body.get("grade"))
        and is_number(delivered, 1, MOST_GOODS)
        and is_number(body.get("rejected", 0), 0, delivered)
        and is_word(body.get("slip"), most=40)
        and all(is_word(body.get(name, ""), most=most, least=0) for name, most in TEXTS.items())
        and (price is None or is_number(price, 1, MOST_UNITS))
        and pictures.are_told(body.get("pictures", []))
    )


def is_seen(body: Mapping[str, Any], staff: StaffUser) -> bool:
    """Whether somebody may read the contract this is about: only then was it looked at."""
    row = SupplyContract.objects.visible_to(staff).filter(pk=body["contract"]).first()
    return row is not None and may(staff, "markets.view_contract", row)


def deliver(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record it at the price of the contract. Raises NotThatContract."""
    body = told.body
    contract = SupplyContract.objects.visible_to(staff).filter(pk=body["contract"]).first()
    grade = contract.grades.filter(pk=body["grade"]).first() if contract is not None else None
    if contract is None or grade is None:
        raise NotThatContract
    row.office_id = contract.office_id
    looked = str(_("Another person looked at it and took it.")) if told.is_looked_at else ""
    delivery = record_delivery(
        acting_staff=staff,
        contract=contract,
        grade=grade,
        delivered_date=told.happened_date,
        delivered=body["delivered"],
        rejected=body.get("rejected", 0),
        reject_reason=body.get("reject_reason", "").strip(),
        reason=body.get("reason", "").strip() or looked,
        on_paper=HandedOver(
            body["slip"],
            body.get("given_by", ""),
            body.get("taken_by", ""),
            None if told.is_looked_at else body.get("price_units"),
        ),
        today=timezone.localdate(),
        id=told.id,
    )
    pictures.expect(row, delivery, body.get("pictures", []))
    return WorkState.DONE
