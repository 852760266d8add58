"""For which loan cash counts that was taken in for one that has ended since its sheet was made
(lending.md 7: cash already taken is written down, not refused).

A loan that moved to another lender here, or was paid off by a new one, goes on in that loan; what
comes in for one written off is a recovery. Where nothing goes on, the cash is in the till all the
same: it lies on suspense as cash of nobody known, with the loan it was taken for (`stray.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from handup.lending.models import Loan, LoanEvent, StrayCash
from handup.lending.rules.codes import EventKind, LoanState, Method
from handup.lending.services.closing import record_recovery
from handup.lending.services.repayments import RepaymentIn, lock_loans, record_repayments
from handup.lending.services.stray import keep_stray, stray_of_loan
from handup.org.models import StaffUser

GONE_ON = frozenset({LoanState.TRANSFERRED, LoanState.REFINANCED})
_TAKE = frozenset({LoanState.ACTIVE, LoanState.SETTLED})
GOING_ON = (EventKind.TRANSFERRED.value, EventKind.REFINANCED.value)


@dataclass(frozen=True, slots=True)
class Taken:
    """What cash became, by the loan it was taken for: payments, or cash of nobody known."""

    events: dict[UUID, LoanEvent] = field(default_factory=dict)
    stray: dict[UUID, StrayCash] = field(default_factory=dict)


def record_cash(
    items: Sequence[RepaymentIn], loans: Mapping[UUID, Loan], staff: StaffUser, permission: str
) -> Taken:
    """Write down cash taken in for loans, by the loan it was taken for; `loans` are locked.

    Raises what record_repayments and record_recovery refuse, LenderKeepsNone.
    """
    found = going_on(loans)
    taken = Taken()
    repaid: dict[UUID, RepaymentIn] = {}
    for item in items:
        loan = found[item.loan]
        if loan.state == LoanState.WRITTEN_OFF:
            taken.events[item.loan] = _recovered(item, loan, staff, permission)
        elif loan.state not in _TAKE:
            taken.stray[item.loan] = stray_of_loan(loan, item.units, item.value_date, staff)
        elif loan.pk == item.loan:
            repaid[item.loan] = item
        else:
            first = loan.takes_from or item.value_date
            repaid[item.loan] = replace(item, loan=loan.pk, value_date=max(item.value_date, first))
    made = record_repayments(list(repaid.values()), acting_staff=staff, permission=permission)
    keep_stray(list(taken.stray.values()), staff)
    taken.events.update(zip(repaid, made, strict=True))
    return taken


def going_on(loans: Mapping[UUID, Loan]) -> dict[UUID, Loan]:
    """The loans in which these go on, locked: each itself while it runs."""
    found = dict(loans)
    while ended := {pk: loan for pk, loan in found.items() if loan.state in GONE_ON}:
        events = LoanEvent.objects.filter(
            loan__in=[loan.pk for loan in ended.values()], kind__in=GOING_ON, reversed_by=None
        )
        into = {event.loan_id: event.payload.get("into") for event in events}
        there = lock_loans(UUID(pk) for pk in into.values() if pk)
        known = {pk: into.get(loan.pk) for pk, loan in ended.items()}
        gone_on = {pk: there[UUID(new)] for pk, new in known.items() if new}
        if not gone_on:
            break
        found |= gone_on
    return found


def _recovered(item: RepaymentIn, loan: Loan, staff: StaffUser, permission: str) -> LoanEvent:
    """Money for a loan written off, on the day of the write-off where it came in before."""
    rows = loan.events.filter(kind=EventKind.WRITTEN_OFF.value, reversed_by=None)
    day = rows.order_by("value_date").values_list("value_date", flat=True).last()
    return record_recovery(
        acting_staff=staff,
        loan=loan,
        value_date=max(item.value_date, day or item.value_date),
        units=item.units,
        method=Method.CASH,
        reference=item.reference,
        source=item.source,
        id=item.id,
        permission=permission,
    )
