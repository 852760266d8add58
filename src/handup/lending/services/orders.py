"""Where a file of payment orders stands follows from its orders; a loan on its way through a bank
is paid out by nobody else.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from handup.lending.errors import AlreadyOrdered
from handup.lending.models import Loan, PaymentBatch, PaymentOrder
from handup.lending.rules.banking.codes import LIVE_ORDERS, BatchState, OrderState
from handup.lending.rules.codes import LoanState
from handup.lending.services.tranches import next_tranche
from handup.org.prepared import prepared

DONE = {OrderState.CONFIRMED.value, OrderState.RETURNED.value}
OVER = {OrderState.REJECTED.value, OrderState.CANCELLED.value}


LIVE = sorted(state.value for state in LIVE_ORDERS)


class PayingOut(Protocol):
    """A loan about to be paid out, and the id its event will have: an order's own, or another."""

    @property
    def loan(self) -> UUID: ...
    @property
    def id(self) -> UUID | None: ...


def refuse_on_its_way(loan: Loan) -> None:
    """Refuse what would overtake money that may still go out for a loan. Raises AlreadyOrdered."""
    if PaymentOrder.objects.filter(loan=loan, state__in=LIVE).exists():
        raise AlreadyOrdered(code=loan.code)


def refuse_ordered(items: Sequence[PayingOut]) -> None:
    """Refuse to pay out a loan that a payment order may still pay. Raises AlreadyOrdered."""
    ids = {item.id for item in items}
    for pk, code in _live_orders([item.loan for item in items]):
        if pk not in ids:
            raise AlreadyOrdered(code=code)


@prepared
def _live_orders(loans: list[UUID]) -> QuerySet[Any, Any]:
    live = PaymentOrder.objects.filter(loan__in=loans, state__in=LIVE)
    return live.order_by().values_list("pk", "loan__code")


def paid_otherwise(order: PaymentOrder) -> bool:
    """Whether what an order was to pay needs it no more: the loan, or the part that came next."""
    if order.event_id is not None:
        return False
    loan, part = order.loan, order.tranche
    if part is None or part.number == 1:
        return loan.state != LoanState.AGREED
    following = next_tranche(loan) if loan.state == LoanState.ACTIVE else None
    return following is None or following.pk != part.pk


def settle_batches(ids: Collection[UUID]) -> None:
    """Set the state of batches that were sent from what became of their orders."""
    for batch in PaymentBatch.objects.filter(pk__in=ids):
        states = set(
            PaymentOrder.objects.filter(batch=batch).order_by().values_list("state", flat=True)
        )
        state = _state(states)
        if state is not None and state != batch.state:
            batch.state = state
            batch.save(update_fields=("state",))


def _state(states: set[str]) -> str | None:
    if states <= OVER:
        return BatchState.REJECTED.value
    if states <= DONE | OVER:
        return BatchState.CONFIRMED.value
    if states & OVER:
        return BatchState.PARTLY.value
    if OrderState.ACCEPTED.value in states and OrderState.SENT.value not in states:
        return BatchState.ACCEPTED.value
    return None
