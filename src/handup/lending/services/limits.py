"""What a facility or a guarantee still holds, asked while the lender is locked."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from handup.lending import facts
from handup.lending.errors import StopRule
from handup.lending.models import Lender
from handup.lending.models.labels import STOP_LABELS
from handup.lending.rules.codes import LenderMode
from handup.lending.rules.eligibility import Stop

LIMITED = frozenset({LenderMode.BANK_FACILITY.value, LenderMode.BANK_GUARANTEED.value})
"""Lenders who lend no more than a facility or a guarantee holds."""


def lock_lender(lender_id: UUID) -> Lender:
    """Lock a lender until the transaction ends, so that what is counted of it stays counted."""
    return Lender.objects.select_for_update(no_key=True).get(pk=lender_id)


def overdrawn(lender: Lender, on: date) -> Stop | None:
    """The limit that signed and paid-out loans together already exceed on a day, if any."""
    return overdrawn_on(lender, {on})


def overdrawn_on(lender: Lender, days: Collection[date]) -> Stop | None:
    """The limit that is exceeded on the first of these days on which one is, if any."""
    if lender.mode not in LIMITED:
        return None
    left_on = facts.limits_on(lender, days)
    for on in sorted(days):
        left = left_on[on]
        if left.facility_units is not None and left.facility_units < 0:
            return Stop.LIMIT_FACILITY
        if left.guarantee_units is not None and left.guarantee_units < 0:
            return Stop.LIMIT_GUARANTEE
    return None


def hold_to_limits(pairs: Iterable[tuple[Lender, date]]) -> None:
    """Lock each lender and refuse when its loans exceed facility or guarantee on one of its days.

    Raises StopRule.
    """
    days: dict[UUID, set[date]] = {}
    for lender, on in pairs:
        if lender.mode in LIMITED:
            days.setdefault(lender.pk, set()).add(on)
    for lender_id in sorted(days):
        stop = overdrawn_on(lock_lender(lender_id), days[lender_id])
        if stop is not None:
            raise StopRule(reasons=str(STOP_LABELS[stop]))
