"""Allocation as it was booked: for imported history whose splits followed the order of arrival.

A payment is split when it is booked, with the charges booked so far. All is replayed in order of
date when a payment is dated before the latest one, a payment is reversed, or a charge is due on or
before the latest payment's date; a later charge alone changes no earlier split.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, TypeVar

from handup.kernel.credit.allocation import Allocated, Charge, Instalment, Ledger, Payment
from handup.kernel.credit.terms import Allocation


class Reversal(NamedTuple):
    """The payment of that key is taken back."""

    key: str


Booked = Charge | Payment | Reversal


def allocate_as_booked(
    allocation: Allocation, instalments: Sequence[Instalment], events: Iterable[Booked]
) -> Allocated:
    """Play charges, payments and reversals in the order in which they were booked.

    Splits come in that order too, without reversed payments.
    """
    ledger = Ledger(allocation, instalments)
    charges: list[Charge] = []
    payments: list[Payment] = []
    for event in events:
        latest = max((payment.date for payment in payments), default=None)
        if isinstance(event, Charge):
            charges.append(event)
            replay = latest is not None and event.due_date <= latest
        elif isinstance(event, Payment):
            payments.append(event)
            replay = latest is not None and event.date < latest
        else:
            payments = [payment for payment in payments if payment.key != event.key]
            replay = True
        if replay:
            ledger = _replayed(allocation, instalments, charges, payments)
        elif isinstance(event, Charge):
            ledger.charge(event)
        elif isinstance(event, Payment):
            ledger.pay(event)
    result = ledger.result()
    splits = {split.key: split for split in result.splits}
    return replace(result, splits=tuple(splits[payment.key] for payment in payments))


def _replayed(
    allocation: Allocation,
    instalments: Sequence[Instalment],
    charges: Iterable[Charge],
    payments: Iterable[Payment],
) -> Ledger:
    ledger = Ledger(allocation, instalments)
    for charge in charges:
        ledger.charge(charge)
    for payment in sorted(payments, key=lambda payment: payment.date):
        ledger.pay(payment)
    return ledger


Item = TypeVar("Item")


def booked_order(
    events: Iterable[Item],
    *,
    kept: Callable[[Item], bool],
    is_charge: Callable[[Item], bool],
    is_reversal: Callable[[Item], bool],
    day: Callable[[Item], date],
) -> list[Item]:
    """The order to play booked events in so that splits come out as they were booked.

    `events` come in the order of booking; `kept` are those that count (dated by then and never
    reversed), `day` is a payment's date or a charge's due date. Up to the last replay all charges
    come first and payments by date; what was booked after it follows as it was booked.
    """
    charges: list[Item] = []
    payments: list[Item] = []
    after: list[Item] = []
    latest: date | None = None
    for event in events:
        if is_reversal(event):
            replay = True
        elif not kept(event):
            continue
        elif is_charge(event):
            replay = latest is not None and day(event) <= latest
            after.append(event)
        else:
            replay = latest is not None and day(event) < latest
            latest = day(event) if latest is None else max(latest, day(event))
            after.append(event)
        if replay:
            charges += [item for item in after if is_charge(item)]
            payments += [item for item in after if not is_charge(item)]
            after = []
    return [*charges, *sorted(payments, key=day), *after]
