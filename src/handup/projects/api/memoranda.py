"""The API door of what was signed with partners and what each side owes."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    Units,
    page,
)
from handup.org.permissions import require
from handup.projects import services
from handup.projects.api.schemas import Day, Line, found, named
from handup.projects.models import Document, Memorandum, Obligation, Organisation, Programme
from handup.projects.rules.duties import MemorandumKind, ObligationKind

router = Router(tags=["projects"])
Words = Annotated[Text, Field(max_length=300)]


class MemorandumTold(Schema):
    """What was signed with a partner, until when."""

    organisation_id: UUID
    kind: MemorandumKind
    title: Line
    signed_date: Day
    last_date: Day | None = None
    reference: Annotated[Text, Field(max_length=80)] = ""
    document_id: UUID | None = None
    remark: LongText = ""


class MemorandumOut(Schema):
    """What was signed with a partner."""

    id: UUID
    programme_id: UUID
    organisation_id: UUID
    kind: str
    title: str
    reference: str
    signed_date: date
    last_date: date | None
    ended_date: date | None
    end_reason: str
    document_id: UUID | None
    remark: str


class ObligationTold(Schema):
    """What one side owes: the partner, or the programme when no party is named. Whole smallest
    units; again every so many months when told, until a day or the last of the memorandum."""

    kind: ObligationKind
    what: Words
    due_date: Day
    party_id: UUID | None = None
    amount_units: Units | None = None
    currency: Currency | None = None
    every_months: Annotated[int, Field(ge=0, le=120)] = 0
    until_date: Day | None = None


class ObligationOut(Schema):
    """What one side owes by a day, and what came of it."""

    id: UUID
    memorandum_id: UUID
    party_id: UUID | None
    kind: str
    what: str
    due_date: date
    amount_units: int | None
    currency: str
    done_date: date | None
    result: str
    document_id: UUID | None


class MetTold(Schema):
    """That it was done, and what came of it."""

    done_date: Day
    result: Words
    document_id: UUID | None = None


class EndTold(Schema):
    """That a memorandum ends before its last day, and why."""

    ended_date: Day
    reason: Words


@router.get("/memoranda", response=PageOut[MemorandumOut])
def list_memoranda(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What was signed with partners."""
    staff = request.auth_staff
    require(staff, "projects.view_memorandum")
    items, following = page(Memorandum.objects.visible_to(staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/memoranda", response={201: MemorandumOut})
def record_memorandum(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: MemorandumTold
) -> Status[Memorandum]:
    """Record what was signed with a partner."""
    staff = request.auth_staff
    row = services.record_memorandum(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        memorandum=services.MemorandumIn(
            organisation=found(Organisation, staff, told.organisation_id),
            document=named(Document, staff, told.document_id),
            id=key,
            **told.dict(exclude={"organisation_id", "document_id"}),
        ),
    )
    return Status(201, row)


@router.post("/memoranda/{uuid:memorandum_id}/end", response=MemorandumOut)
def end_memorandum(request: StaffRequest, memorandum_id: UUID, told: EndTold) -> Memorandum:
    """End a memorandum before its last day."""
    staff = request.auth_staff
    return services.end_memorandum(
        acting_staff=staff,
        memorandum=found(Memorandum, staff, memorandum_id),
        today=timezone.localdate(),
        **told.dict(),
    )


@router.get("/memoranda/{uuid:memorandum_id}/obligations", response=PageOut[ObligationOut])
def list_obligations(
    request: StaffRequest, memorandum_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What each side owes under a memorandum."""
    staff = request.auth_staff
    require(staff, "projects.view_memorandum")
    memorandum = found(Memorandum, staff, memorandum_id)
    rows = Obligation.objects.visible_to(staff).filter(memorandum=memorandum)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/memoranda/{uuid:memorandum_id}/obligations", response={201: list[ObligationOut]})
def record_obligation(
    request: StaffRequest, memorandum_id: UUID, key: IdempotencyKey, told: ObligationTold
) -> Status[list[Obligation]]:
    """Record what one side owes: one row for each day it falls due."""
    staff = request.auth_staff
    rows = services.record_obligation(
        acting_staff=staff,
        memorandum=found(Memorandum, staff, memorandum_id),
        obligation=services.ObligationIn(
            party=named(Organisation, staff, told.party_id),
            currency=told.currency or "",
            id=key,
            **told.dict(exclude={"party_id", "currency"}),
        ),
    )
    return Status(201, rows)


@router.post("/obligations/{uuid:obligation_id}/met", response=ObligationOut)
def meet_obligation(request: StaffRequest, obligation_id: UUID, told: MetTold) -> Obligation:
    """Record that what was owed was done."""
    staff = request.auth_staff
    return services.meet_obligation(
        acting_staff=staff,
        obligation=found(Obligation, staff, obligation_id),
        document=named(Document, staff, told.document_id),
        today=timezone.localdate(),
        **told.dict(exclude={"document_id"}),
    )
