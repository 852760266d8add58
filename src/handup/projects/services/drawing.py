"""Money asked of a funder and paid, and the procurement plan (rulings 30)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import CURRENCIES, format_money
from handup.projects.models import (
    FundingAgreement,
    Organisation,
    Programme,
    Purchase,
    Withdrawal,
)
from handup.projects.rules.drawing import (
    NEXT,
    WITH_A_CONTRACT,
    PurchaseKind,
    PurchaseMethod,
    PurchaseState,
    WithdrawalState,
)
from handup.projects.services.memoranda import DoneAhead
from handup.projects.services.store import add, change


class NumberTaken(Refusal):
    """The number {number} is taken already."""


class AmountMissing(Refusal):
    """Write an amount above nothing."""


class CurrencyUnknown(Refusal):
    """{currency} is no currency code."""


class MoreThanAgreed(Refusal):
    """Of what was agreed, {left} are left. More cannot be asked."""


class MoreThanAsked(Refusal):
    """More was paid than was asked. Check both amounts."""


class EndedAlready(Refusal):
    """This request was answered already."""


class BeforeItWasAsked(Refusal):
    """This day lies before the request, on {asked}."""


class WhyMissing(Refusal):
    """Say why."""


class StepNotPossible(Refusal):
    """A purchase that is {state} cannot go there."""


class StepBack(Refusal):
    """This day lies before the last step, on {last}."""


class ContractMissing(Refusal):
    """Name the supplier and the amount of the contract."""


def ask_withdrawal(
    *,
    acting_staff: StaffUser,
    funding: FundingAgreement,
    number: str,
    asked_units: int,
    asked_date: date,
    today: date,
    id: UUID | None = None,
) -> Withdrawal:
    """Record a request for money under an agreement, in the smallest units of its currency.

    Raises AmountMissing, DoneAhead, NumberTaken, MoreThanAgreed (what was paid and what is still
    asked together), SameIdOtherContent.
    """
    require(acting_staff, "projects.ask_withdrawal", funding)
    told: dict[str, Any] = {
        "funding": funding,
        "number": number.strip(),
        "asked_units": asked_units,
        "asked_date": asked_date,
    }
    if (known := already_stored(Withdrawal, id, acting_staff, **told)) is not None:
        return known
    if asked_units <= 0 or not number.strip():
        raise AmountMissing(field="asked_units")
    if asked_date > today:
        raise DoneAhead(field="asked_date")
    with transaction.atomic():
        held = FundingAgreement.objects.select_for_update(of=("self",)).get(pk=funding.pk)
        if held.withdrawals.filter(number=number.strip()).exists():
            raise NumberTaken(field="number", number=number.strip())
        if held.amount_units is not None:
            left = held.amount_units - drawn_units(held)
            if asked_units > left:
                raise MoreThanAgreed(
                    field="asked_units", left=format_money(max(0, left), held.currency)
                )
        row = Withdrawal(
            id=id or new_id(), currency=held.currency, recorded_by=acting_staff, **told
        )
        add(acting_staff, "projects.ask_withdrawal", row)
    return row


def drawn_units(funding: FundingAgreement) -> int:
    """What was paid under an agreement and what is still asked, in its smallest units."""
    rows = funding.withdrawals.exclude(state=WithdrawalState.REFUSED)
    paid = rows.aggregate(sum=Sum("paid_units"))["sum"] or 0
    asked = rows.filter(state=WithdrawalState.ASKED).aggregate(sum=Sum("asked_units"))["sum"] or 0
    return int(paid) + int(asked)


def end_withdrawal(
    *,
    acting_staff: StaffUser,
    withdrawal: Withdrawal,
    state: WithdrawalState,
    ended_date: date,
    today: date,
    paid_units: int | None = None,
    reason: str = "",
) -> Withdrawal:
    """Record that the funder paid a request, or refused it. Less than asked needs a reason. The
    same answer again is the same.

    Raises EndedAlready, AmountMissing, MoreThanAsked, WhyMissing, DoneAhead, BeforeItWasAsked.
    """
    require(acting_staff, "projects.end_withdrawal", withdrawal)
    if ended_date > today:
        raise DoneAhead(field="ended_date")
    if ended_date < withdrawal.asked_date:
        raise BeforeItWasAsked(field="ended_date", asked=withdrawal.asked_date)
    paid = paid_units if state is WithdrawalState.PAID else None
    if state is WithdrawalState.PAID:
        if not paid or paid < 0:
            raise AmountMissing(field="paid_units")
        if paid > withdrawal.asked_units:
            raise MoreThanAsked(field="paid_units")
    if (paid or 0) < withdrawal.asked_units and not reason.strip():
        raise WhyMissing(field="reason")
    with transaction.atomic():
        row: Withdrawal = Withdrawal.objects.select_for_update(of=("self",)).get(pk=withdrawal.pk)
        told: dict[str, Any] = {
            "state": state.value,
            "paid_units": paid,
            "ended_date": ended_date,
            "reason": reason.strip(),
        }
        if row.state != WithdrawalState.ASKED:
            if not _stands(row, told):
                raise EndedAlready
            return row
        change(acting_staff, "projects.end_withdrawal", row, **told)
    return row


def _stands(row: Withdrawal | Purchase, told: Mapping[str, Any]) -> bool:
    """Whether this very answer is the one that is kept: it was only sent again."""
    return all(getattr(row, name) == value for name, value in told.items())


def plan_purchase(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    number: str,
    what: str,
    kind: PurchaseKind,
    method: PurchaseMethod,
    planned_units: int,
    currency: str,
    planned_date: date,
    id: UUID | None = None,
) -> Purchase:
    """Put a line into the procurement plan. Raises AmountMissing, CurrencyUnknown, NumberTaken."""
    require(acting_staff, "projects.plan_purchase", programme)
    told: dict[str, Any] = {
        "programme": programme,
        "number": number.strip(),
        "what": what.strip(),
        "kind": PurchaseKind(kind).value,
        "method": PurchaseMethod(method).value,
        "planned_units": planned_units,
        "currency": currency,
        "planned_date": planned_date,
    }
    if (known := already_stored(Purchase, id, acting_staff, **told)) is not None:
        return known
    if planned_units <= 0 or not (number.strip() and what.strip()):
        raise AmountMissing(field="planned_units")
    if currency not in CURRENCIES:
        raise CurrencyUnknown(field="currency", currency=currency)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        if Purchase.objects.filter(programme=programme, number=number.strip()).exists():
            raise NumberTaken(field="number", number=number.strip())
        row = Purchase(id=id or new_id(), recorded_by=acting_staff, **told)
        add(acting_staff, "projects.plan_purchase", row)
    return row


def move_purchase(
    *,
    acting_staff: StaffUser,
    purchase: Purchase,
    state: PurchaseState,
    state_date: date,
    today: date,
    supplier: Organisation | None = None,
    signed_units: int | None = None,
    reason: str = "",
) -> Purchase:
    """Take a purchase one step on: suppliers asked, contract signed, delivered, cancelled.

    A contract names its supplier and amount; who cancels says why. The same step again is the same.
    Raises StepNotPossible, StepBack, ContractMissing, WhyMissing, DoneAhead.
    """
    require(acting_staff, "projects.plan_purchase", purchase)
    if state_date > today:
        raise DoneAhead(field="state_date")
    if state is PurchaseState.CANCELLED and not reason.strip():
        raise WhyMissing(field="reason")
    with transaction.atomic():
        row: Purchase = Purchase.objects.select_for_update(of=("self",)).get(pk=purchase.pk)
        told: dict[str, Any] = {
            "state": state.value,
            "state_date": state_date,
            "supplier": supplier if state is PurchaseState.SIGNED else row.supplier,
            "signed_units": signed_units if state is PurchaseState.SIGNED else row.signed_units,
            "reason": reason.strip(),
        }
        if _stands(row, told):
            return row
        if state not in NEXT[PurchaseState(row.state)]:
            raise StepNotPossible(field="state", state=row.get_state_display())
        if row.state_date is not None and state_date < row.state_date:
            raise StepBack(field="state_date", last=row.state_date)
        units = told["signed_units"]
        if state in WITH_A_CONTRACT and (told["supplier"] is None or not units or units < 0):
            raise ContractMissing(field="supplier")
        change(acting_staff, "projects.move_purchase", row, **told)
    return row
