"""Allocation as it was booked: for imported history whose splits followed the order of arrival.

A payment is split when it is booked, with the charges booked so far. All is replayed in order of
date when a payment is dated before the latest one, a payment is reversed, or a charge is due on or
before the latest payment's date; a later charge alone changes no earlier split.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

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
