"""Deliveries under a contract: goods handed over with what their paper slip says, and payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import ContractGrade, Delivery, PriceObservation, SupplyContract
from handup.markets.models.labels import PriceKind
from handup.markets.models.prices import STANDING
from handup.markets.rules.contracts import (
    TAKES_GOODS,
    ContractState,
    deduction,
    is_too_much,
    linked_price,
    normal_slip,
)
from handup.markets.rules.prices import is_old
from handup.markets.services.chains import DayAhead
from handup.markets.services.contracts import ContractNotThere, QuantityMissing
from handup.markets.services.prices import limits_for
from handup.markets.services.store import add, change, held
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


class MoreRefusedThanDelivered(Refusal):
    """More cannot be refused than was handed over."""


class MoreThanAgreed(Refusal):
    """With this, more than 110 % of what was agreed is handed over. Write why."""


class RefusalReasonMissing(Refusal):
    """Write why goods were refused."""


class NoPriceToFollow(Refusal):
    """There is no price yet that this contract could follow on that day."""


class PriceTooOld(Refusal):
    """The newest price of this market is {days} days old. Ask for a new one, or write why it still
    holds.
    """


class SlipTaken(Refusal):
    """A delivery with slip {slip} is written down already for this contract. Look whether it is the
    same one.
    """


class PriceOtherwise(Refusal):
    """It was written down at {told}, and the contract says {price} for this grade on that day."""


class GradeOfAnotherContract(Refusal):
    """This grade belongs to another contract."""


class PaidAlready(Refusal):
    """This delivery is paid already."""


def price_on(contract: SupplyContract, grade: ContractGrade, day: date, *, reason: str = "") -> int:
    """The price of a grade on a day: as agreed, or the newest of the market it follows in the
    contract's currency, of this grade or, where none is told, of no grade.

    Raises NoPriceToFollow, and PriceTooOld without a reason (projects_and_markets.md 4.5).
    """
    if contract.price_kind == PriceKind.FIXED:
        return grade.price_units
    rows = PriceObservation._base_manager.filter(
        market=contract.market_id,
        commodity=contract.commodity_id,
        level=contract.level,
        currency=contract.currency,
        state__in=STANDING,
        observed_date__lte=day,
    ).exclude(price_milli=None)
    own = rows.filter(grade=grade.name)
    told = own if own.exists() else rows.filter(grade="")
    newest = told.order_by("-observed_date", "-id").first()
    price: Fraction | None = newest.price if newest else None
    if newest is None or price is None:
        raise NoPriceToFollow
    limits = limits_for(contract.programme_id, contract.commodity)
    if is_old(newest.observed_date, day, limits) and not reason.strip():
        raise PriceTooOld(field="reason", days=(day - newest.observed_date).days)
    return linked_price(price, contract.premium_units, contract.floor_units, contract.ceiling_units)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What stands on the paper slip of a weighing: its number, who handed over for the producers
    and who took over for the buyer. price_units: for one base unit; None where none was told.
    """

    slip: str = ""
    given_by: str = ""
    taken_by: str = ""
    price_units: int | None = None


def record_delivery(
    *,
    acting_staff: StaffUser,
    contract: SupplyContract,
    grade: ContractGrade,
    delivered_date: date,
    delivered: int,
    today: date,
    rejected: int = 0,
    reject_reason: str = "",
    planned_date: date | None = None,
    reason: str = "",
    on_paper: HandedOver = HandedOver(),
    id: UUID | None = None,
) -> Delivery:
    """Record goods handed over; price, value and what is kept back for the advance follow.

    Raises the refusals of this file: day, grade, goods, slip, price, and what the contract takes.
    """
    require(acting_staff, "markets.record_delivery", contract)
    told = {
        "contract": contract,
        "grade": grade,
        "delivered_date": delivered_date,
        "delivered": delivered,
        "rejected": rejected,
        "slip": on_paper.slip.strip(),
    }
    if (known := already_stored(Delivery, id, acting_staff, **told)) is not None:
        return known
    _check_day(contract, grade, delivered_date, today)
    _check_goods(delivered, rejected, reject_reason)
    with transaction.atomic():
        agreed, earlier = _taking(contract, delivered, reason)
        price = price_on(agreed, grade, delivered_date, reason=reason)
        _check_paper(agreed, earlier, on_paper, price)
        value = (delivered - rejected) * price
        left = agreed.advance_units - sum(row.deduction_units for row in earlier)
        row = Delivery(
            id=id or new_id(),
            contract=agreed,
            delivered_date=delivered_date,
            planned_date=planned_date,
            grade=grade,
            delivered=delivered,
            rejected=rejected,
            reject_reason=reject_reason,
            price_units=price,
            value_units=value,
            deduction_units=deduction(value, left, agreed.advance_cap_bps),
            pay_due_date=delivered_date + timedelta(days=agreed.payment_days),
            reason=reason,
            slip=on_paper.slip.strip(),
            given_by=on_paper.given_by.strip(),
            taken_by=on_paper.taken_by.strip(),
            recorded_by=acting_staff,
        )
        _store_delivery(acting_staff, agreed, row)
    return row


def _taking(
    contract: SupplyContract, delivered: int, reason: str
) -> tuple[SupplyContract, list[Delivery]]:
    """The contract, held, where it takes so many more goods, and what was delivered before."""
    agreed = held(contract)
    if agreed.state not in TAKES_GOODS:
        raise ContractNotThere(state=agreed.get_state_display())
    earlier = list(agreed.deliveries.all())
    before = sum(row.delivered for row in earlier)
    if is_too_much(agreed.quantity, before, delivered) and not reason.strip():
        raise MoreThanAgreed(field="reason")
    return agreed, earlier


def _store_delivery(staff: StaffUser, agreed: SupplyContract, row: Delivery) -> None:
    """Store it; with the first one a signed contract runs."""
    add(staff, "markets.record_delivery", row, {"contract": str(agreed.pk)})
    if agreed.state == ContractState.SIGNED:
        change(staff, "markets.move_contract", agreed, state=ContractState.RUNNING.value)


def _check_paper(
    agreed: SupplyContract, earlier: Sequence[Delivery], on_paper: HandedOver, price: int
) -> None:
    """Whether the slip is new to the contract and says its price."""
    slip = normal_slip(on_paper.slip)
    if slip and slip in {normal_slip(row.slip) for row in earlier}:
        raise SlipTaken(field="slip", slip=on_paper.slip.strip())
    if on_paper.price_units is not None and on_paper.price_units != price:
        raise PriceOtherwise(
            field="price_units",
            told=format_money(on_paper.price_units, agreed.currency),
            price=format_money(price, agreed.currency),
        )


def _check_day(contract: SupplyContract, grade: ContractGrade, day: date, today: date) -> None:
    if grade.contract_id != contract.pk:
        raise GradeOfAnotherContract(field="grade")
    if day > today:
        raise DayAhead(field="delivered_date")


def _check_goods(delivered: int, rejected: int, reject_reason: str) -> None:
    if delivered <= 0:
        raise QuantityMissing(field="delivered")
    if rejected > delivered:
        raise MoreRefusedThanDelivered(field="rejected")
    if rejected and not reject_reason.strip():
        raise RefusalReasonMissing(field="reject_reason")


def pay_delivery(
    *,
    acting_staff: StaffUser,
    delivery: Delivery,
    paid_date: date,
    paid_units: int,
    today: date,
) -> Delivery:
    """Record what the buyer paid for a delivery and when. Raises PaidAlready, DayAhead,
    QuantityMissing.
    """
    require(acting_staff, "markets.record_delivery", delivery)
    if paid_date > today:
        raise DayAhead(field="paid_date")
    if paid_units < 0:
        raise QuantityMissing(field="paid_units")
    with transaction.atomic():
        row = held(delivery)
        if row.paid_date is not None:
            raise PaidAlready
        change(
            acting_staff,
            "markets.pay_delivery",
            row,
            paid_date=paid_date,
            paid_units=paid_units,
        )
    return row
