"""What a facility or a guarantee still holds, asked while the lender is locked."""

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
    if lender.mode not in LIMITED:
        return None
    left = facts.limits(lender, on)
    if left.facility_units is not None and left.facility_units < 0:
        return Stop.LIMIT_FACILITY
    if left.guarantee_units is not None and left.guarantee_units < 0:
        return Stop.LIMIT_GUARANTEE
    return None


def hold_to_limits(lender: Lender, on: date) -> None:
    """Lock the lender and refuse when its loans exceed facility or guarantee. Raises StopRule."""
    if lender.mode in LIMITED:
        stop = overdrawn(lock_lender(lender.pk), on)
        if stop is not None:
            raise StopRule(reasons=str(STOP_LABELS[stop]))
