"""Cash of nobody known through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from handup.lending import services
from handup.lending.api.access import router, seen
from handup.lending.api.bankschemas import PartNew
from handup.lending.api.schemas import Amount, Day, Reason, Short
from handup.lending.api.terms import Strict
from handup.lending.models import Lender, Loan, StrayCash, StrayWord
from handup.lending.rules.stray import StrayKind
from handup.lending.services.stray import waiting_stray
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require


class StrayOut(Schema):
    """Cash in the till that is of nobody known, in smallest units; state WAITING, PROPOSED, PLACED,
    RETURNED or INCOME.
    """

    id: UUID
    lender_id: UUID
    currency: str
    units: int
    received_date: date
    told: str
    receipt: str
    state: str
    loan_id: UUID | None


class StrayWordOut(Schema):
    """What was said of it, and whether it is in force."""

    id: UUID
    stray_id: UUID
    kind: str
    state: str
    proposed_by_id: UUID
    decided_by_id: UUID | None


class StrayNew(Strict):
    """Cash that was taken in."""

    lender_id: UUID
    units: Amount
    received_date: Day
    told: Reason
    receipt: Short = ""


class StrayWordNew(Strict):
    """What becomes of it; parts only where it pays loans."""

    kind: StrayKind
    parts: Annotated[list[PartNew], Field(max_length=100)] = []
    reason: Reason = ""


class StrayDecision(Strict):
    """Whether the caller agrees."""

    agree: bool
    reason: Reason = ""


class StrayUndo(Strict):
    """Why it is taken back."""

    reason: Reason


@router.get("/stray-cash", response=PageOut[StrayOut])
def list_stray_cash(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Cash of nobody known that lies on suspense."""
    require(request.auth_staff, "lending.view_stray_cash")
    rows = waiting_stray(request.auth_staff).order_by().select_related("loan")
    items, following = page(rows, after, limit)
    persons = [row.loan.person_id for row in items if row.loan and row.loan.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/stray-cash", response={201: StrayOut})
def take_stray_cash(
    request: StaffRequest, key: IdempotencyKey, told: StrayNew
) -> Status[StrayCash]:
    """Take cash in that is of nobody known."""
    values = told.dict()
    lender = seen(Lender, request, values.pop("lender_id"))
    made = services.take_stray_cash(
        acting_staff=request.auth_staff, lender=lender, id=key, **values
    )
    return Status(201, made)


@router.post("/stray-cash/{uuid:stray_id}/words", response={201: StrayWordOut})
def place_stray_cash(
    request: StaffRequest, stray_id: UUID, key: IdempotencyKey, told: StrayWordNew
) -> Status[StrayWord]:
    """Say what becomes of it; another person agrees."""
    parts = [services.PartIn(seen(Loan, request, part.loan_id), part.units) for part in told.parts]
    made = services.place_stray_cash(
        acting_staff=request.auth_staff,
        stray=seen(StrayCash, request, stray_id),
        kind=told.kind,
        parts=parts,
        on=timezone.localdate(),
        reason=told.reason,
        id=key,
    )
    return Status(201, made)


@router.post("/stray-words/{uuid:word_id}/decision", response={200: StrayWordOut})
def decide_stray_cash(
    request: StaffRequest, word_id: UUID, key: IdempotencyKey, told: StrayDecision
) -> StrayWord:
    """Agree, or not, to what another person said of it."""
    service = services.confirm_stray_cash if told.agree else services.decline_stray_cash
    return service(
        acting_staff=request.auth_staff,
        word=seen(StrayWord, request, word_id),
        on=timezone.localdate(),
        reason=told.reason,
    )


@router.post("/stray-cash/{uuid:stray_id}/undoing", response={200: StrayOut})
def undo_stray_cash(
    request: StaffRequest, stray_id: UUID, key: IdempotencyKey, told: StrayUndo
) -> StrayCash:
    """Take back what it became."""
    return services.undo_stray_cash(
        acting_staff=request.auth_staff,
        stray=seen(StrayCash, request, stray_id),
        on=timezone.localdate(),
        reason=told.reason,
    )
