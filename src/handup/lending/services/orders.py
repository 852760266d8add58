"""Where a file of payment orders stands follows from its orders."""

from collections.abc import Collection
from uuid import UUID

from handup.lending.models import PaymentBatch, PaymentOrder
from handup.lending.rules.banking.codes import BatchState, OrderState

DONE = {OrderState.CONFIRMED.value, OrderState.RETURNED.value}
OVER = {OrderState.REJECTED.value, OrderState.CANCELLED.value}


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
