"""Savings, guarantees and collections of earlier days through the API: what waits, and the word of
another person. They are proposed where they are recorded, with late_reason.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Schema, Status

from handup.lending import services
from handup.lending.api.access import router, seen
from handup.lending.api.schemas import Reason
from handup.lending.api.terms import Strict
from handup.lending.models import EarlierRecord
from handup.lending.rules.codes import EarlierKind
from handup.lending.services.days import CONFIRM
from handup.lending.services.earlier import persons_of, waiting_earlier
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require


class EarlierOut(Schema):
    """What waits for another person; made_id: the record it became."""

    id: UUID
    kind: str
    account_id: UUID | None
    call_id: UUID | None
    value_date: date
    units: int
    currency: str
    reason: str
    state: str
    made: UUID | None

    @staticmethod
    def resolve_reason(row: EarlierRecord) -> str:
        """What was said, or what it looks like."""
        return row.why


class EarlierDecision(Strict):
    """Another person's word; reason: why it is declined."""

    approve: bool = True
    reason: Reason = ""


def propose(
    request: StaffRequest,
    key: UUID,
    kind: EarlierKind,
    late_reason: str,
    value_date: date,
    told: dict[str, Any],
    **place: Any,
) -> Status[EarlierRecord]:
    """Propose it: 202, since nothing is recorded before another person confirms it."""
    made = services.propose_earlier(
        acting_staff=request.auth_staff,
        kind=kind,
        value_date=value_date,
        told=told,
        proposed_date=timezone.localdate(),
        reason=late_reason,
        id=key,
        **place,
    )
    return Status(202, made)


@router.get("/earlier-records", response=list[EarlierOut])
def list_earlier_records(request: StaffRequest) -> list[EarlierRecord]:
    """What others said of earlier days and the caller may confirm, the oldest first."""
    require(request.auth_staff, CONFIRM)
    rows = waiting_earlier(request.auth_staff)
    persons = [person for row in rows for person in persons_of(row)]
    reads.note(request, persons, action="LIST")
    return rows


@router.post("/earlier-records/{uuid:record_id}/decision", response={201: EarlierOut})
def decide_earlier_record(
    request: StaffRequest, record_id: UUID, key: IdempotencyKey, told: EarlierDecision
) -> Status[EarlierRecord]:
    """Confirm or decline it; the same word again changes nothing."""
    row = services.decide_earlier(
        acting_staff=request.auth_staff,
        record=seen(EarlierRecord, request, record_id),
        decided_date=timezone.localdate(),
        **told.dict(),
    )
    return Status(201, row)
