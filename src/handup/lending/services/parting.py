"""Payments to persons hidden from whoever takes a step on their file go on in files of their own.

Who may not know of a person checks, releases, fetches or gives up what she sees and nothing else:
before her step each hidden payment becomes a file of its own, in the same state, for somebody who
may know. Its message is no number of the series: a gap in that would tell.
"""

from collections.abc import Callable

from handup.kernel.ids import new_id
from handup.lending.bank_shown import hidden_rows
from handup.lending.models import PaymentBatch, PaymentOrder
from handup.lending.rules.banking import pain
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.services.files import sum_of_sealed

Written = Callable[[PaymentBatch], bytes]


def part_off_hidden(batch: PaymentBatch, staff: StaffUser, write: Written) -> None:
    """Give each payment of a locked batch that is hidden from her a batch of its own; what is left
    is numbered and added up anew. write: makes the file of a batch, for its fingerprint.
    """
    rows = hidden_rows(staff, PaymentOrder)
    parted = list(rows.filter(batch=batch).order_by("row")) if rows is not None else []
    for order in parted:
        own = _own_batch(batch, order)
        own.save(force_insert=True)
        order.batch, order.row = own, 1
        order.save(update_fields=("batch", "row"))
        _seal(own, write)
        audit.record(staff, "lending.part_off_payment", order)
    if not parted:
        return
    left = list(batch.orders.order_by("row"))
    for row, order in enumerate(left, 1):
        PaymentOrder.objects.filter(pk=order.pk).update(row=row)
    batch.orders_total = len(left)
    batch.total_units = sum(order.units for order in left)
    batch.save(update_fields=("orders_total", "total_units"))
    _seal(batch, write)


def _own_batch(batch: PaymentBatch, order: PaymentOrder) -> PaymentBatch:
    id = new_id()
    return PaymentBatch(
        id=id,
        account=batch.account,
        message_id=pain.event_code(id),
        version=batch.version,
        execution_date=batch.execution_date,
        state=batch.state,
        orders_total=1,
        total_units=order.units,
        prepared_by_id=batch.prepared_by_id,
        prepared_date=batch.prepared_date,
        checked_by_id=batch.checked_by_id,
        released_by_id=batch.released_by_id,
        released_date=batch.released_date,
        released_at=batch.released_at,
    )


def _seal(batch: PaymentBatch, write: Written) -> None:
    """The fingerprint of a file that was released."""
    if batch.released_at is not None:
        batch.sha256 = sum_of_sealed(write(batch))
        batch.save(update_fields=("sha256",))
