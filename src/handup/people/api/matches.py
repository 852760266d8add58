"""Who may be registered twice: the queue, the decision, two records made one and taken apart."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import require
from handup.people.api.schemas import Day, Line, found
from handup.people.models import Match, MatchModel, MergeRecord
from handup.people.queries.merging import later_rows
from handup.people.rules.duplicates import MatchReason, MatchState
from handup.people.services import decide_match, merge_persons, unmerge_persons
from handup.people.services.match_models import adopt_model, propose_model

router = Router()
WantedState = Annotated[MatchState | None, Query(None)]
Names = Annotated[list[Annotated[Text, Field(max_length=120)]], Field(max_length=500)]


class MatchOut(Schema):
    """Two records that may be one person, with what each field weighs (thousandths of a bit)."""

    id: UUID
    first_id: UUID
    second_id: UUID
    verdict: str
    guard: str
    chance_ppm: int
    bits_milli: int
    parts: list[dict[str, str | int]]
    model: str
    state: str
    reason: str
    proposed_state: str
    decided_date: date | None


class DecisionTold(Schema):
    """One person or two, and why."""

    state: MatchState
    reason: MatchReason
    decided_date: Day
    why_alone: Line = ""


class MergeTold(Schema):
    """Make the two one; `picked` are the fields taken from the record that goes."""

    merged_date: Day
    picked: Names = []
    why_alone: Line = ""


class UnmergeTold(Schema):
    """Take them apart; `to_other` are later rows of the other person."""

    undone_date: Day
    reason: MatchReason
    to_other: Names = []
    why_alone: Line = ""


class MergeOut(Schema):
    """Two records made one: the id that stays and the one that stays valid for it."""

    id: UUID
    survivor_id: UUID
    merged_id: UUID
    match_id: UUID
    merged_date: date
    looks: list[str]
    looked_date: date | None
    undone_date: date | None


class LaterOut(Schema):
    """A row that came since the merge: its name for `to_other`, and what it is."""

    code: str
    kind: str


@router.get("/matches", response=PageOut[MatchOut])
def list_matches(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Pairs the caller may see, of one state if asked."""
    rows = Match.objects.visible_to(request.auth_staff)
    items, following = page(rows.filter(state=state.value) if state else rows, after, limit)
    persons = [person for row in items for person in (row.first_id, row.second_id)]
    reads.note(request, persons=persons, action="LIST")
    return {"items": items, "next": following}


class ModelOut(Schema):
    """One version of the weights; `content` is the whole of it, bits by field and level."""

    id: UUID
    version: str
    state: str
    records: int
    candidates: int
    rounds: int
    settled: bool
    content: dict[str, object]
    proposed_date: date


class AdoptionTold(Schema):
    """Whether to compare by it from now on."""

    adopted: bool
    why_alone: Line = ""


@router.get("/match-models", response=PageOut[ModelOut])
def list_models(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Versions of the weights of the duplicate check."""
    require(request.auth_staff, "people.view_match_model")
    items, following = page(MatchModel.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/match-models", response={201: ModelOut})
def propose_weights(request: StaffRequest) -> Status[MatchModel]:
    """Estimate weights from everybody registered; nothing changes until another adopts them."""
    row = propose_model(acting_staff=request.auth_staff, on=timezone.localdate())
    return Status(201, row)


@router.post("/match-models/{uuid:model_id}/adoption", response={201: ModelOut})
def adopt_weights(request: StaffRequest, model_id: UUID, told: AdoptionTold) -> Status[MatchModel]:
    """Adopt weights somebody else proposed, or do not."""
    staff = request.auth_staff
    row = adopt_model(
        acting_staff=staff,
        model=found(MatchModel, staff, model_id),
        adopted=told.adopted,
        why_alone=told.why_alone,
    )
    return Status(201, row)


@router.post("/matches/{uuid:match_id}/decision", response={201: MatchOut})
def decide(request: StaffRequest, match_id: UUID, told: DecisionTold) -> Status[Match]:
    """Say what two records are; where it takes two persons, the first decision waits."""
    staff = request.auth_staff
    row = decide_match(
        acting_staff=staff,
        match=found(Match, staff, match_id),
        state=told.state,
        reason=told.reason,
        decided_date=told.decided_date,
        why_alone=told.why_alone,
    )
    return Status(201, row)


@router.post("/matches/{uuid:match_id}/merge", response={201: MergeOut})
def merge(request: StaffRequest, match_id: UUID, told: MergeTold) -> Status[MergeRecord]:
    """Make the two records of a match decided to be one person one."""
    staff = request.auth_staff
    row = merge_persons(
        acting_staff=staff,
        match=found(Match, staff, match_id),
        merged_date=told.merged_date,
        picked=told.picked,
        why_alone=told.why_alone,
    )
    return Status(201, row)


@router.get("/merges", response=PageOut[MergeOut])
def list_merges(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Merges the caller may see."""
    items, following = page(MergeRecord.objects.visible_to(request.auth_staff), after, limit)
    persons = [person for row in items for person in (row.survivor_id, row.merged_id)]
    reads.note(request, persons=persons, action="LIST")
    return {"items": items, "next": following}


@router.get("/merges/{uuid:merge_id}/later", response=list[LaterOut])
def list_later_rows(request: StaffRequest, merge_id: UUID) -> list[dict[str, str]]:
    """What came for the record that stays since the merge, as far as the caller may see it."""
    staff = request.auth_staff
    record = found(MergeRecord, staff, merge_id)
    reads.note(request, persons=[record.survivor_id], action="VIEW")
    return [{"code": row.code, "kind": row.kind} for row in later_rows(record, staff)]


@router.post("/merges/{uuid:merge_id}/undo", response={201: MergeOut})
def undo(request: StaffRequest, merge_id: UUID, told: UnmergeTold) -> Status[MergeRecord]:
    """Take two records apart again."""
    staff = request.auth_staff
    row = unmerge_persons(
        acting_staff=staff,
        record=found(MergeRecord, staff, merge_id),
        undone_date=told.undone_date,
        reason=told.reason,
        to_other=told.to_other,
        why_alone=told.why_alone,
    )
    return Status(201, row)
