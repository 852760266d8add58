"""Selections over the programme interface: propose, depart from the order, decide."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.people.api.schemas import Day, Line, Word, found
from handup.people.models import Selection, SelectionLine, TargetingRun
from handup.people.rules.codes import Reason
from handup.people.rules.selection import Outcome
from handup.people.services import selection

router = Router()
Small = Annotated[int, Field(ge=1, le=30_000)]


class SelectionTold(Schema):
    """A sitting of the committee; the names of the members present."""

    title: Annotated[Line, Field(min_length=1)]
    held_date: Day
    places: Small
    quorum: Annotated[int, Field(ge=1, le=50)]
    members: Annotated[list[Word], Field(max_length=50)]


class SelectionOut(Schema):
    """A selection."""

    id: UUID
    run_id: UUID
    title: str
    state: str
    held_date: date
    places: int
    quorum: int
    decided_date: date | None


class LineTold(Schema):
    """What is proposed of one person; members who may not vote by their number from 1."""

    outcome: Outcome
    reason: Reason | None = None
    conflicts: Annotated[list[Annotated[int, Field(ge=1, le=50)]], Field(max_length=50)] = []


class LineOut(Schema):
    """One person of the list, in the order of the run."""

    id: UUID
    row_id: UUID
    place: int
    outcome: str
    reason: str
    conflicts: list[int]


class DecidedTold(Schema):
    """The day, and why one person did both where one is all there is."""

    decided_date: Day
    reason: Annotated[Text, Field(max_length=300)] = ""


@router.get("/selections", response=PageOut[SelectionOut])
def list_selections(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Selections of the programmes the caller works for."""
    items, following = page(Selection.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/targeting-runs/{uuid:run_id}/selections", response={201: SelectionOut})
def propose_selection(
    request: StaffRequest, run_id: UUID, key: IdempotencyKey, told: SelectionTold
) -> Status[Selection]:
    """Propose whom the committee takes from a run."""
    staff = request.auth_staff
    row = selection.propose_selection(
        acting_staff=staff,
        run=found(TargetingRun, staff, run_id),
        title=told.title,
        held_date=told.held_date,
        places=told.places,
        quorum=told.quorum,
        members=told.members,
        id=key,
    )
    return Status(201, row)


@router.get("/selections/{uuid:selection_id}/lines", response=PageOut[LineOut])
def list_lines(
    request: StaffRequest, selection_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The list of a selection, as far as the caller may see it."""
    staff = request.auth_staff
    held = found(Selection, staff, selection_id)
    rows = SelectionLine.objects.visible_to(staff).filter(selection=held).select_related("row")
    items, following = page(rows, after, limit)
    number = {line.pk: line.place for line in selection.lines_of(held, staff)}
    for row in items:
        row.place = number.get(row.pk, row.place)
    reads.note(request, persons=[row.row.person_id for row in items], action="LIST")
    return {"items": items, "next": following}


@router.post("/selection-lines/{uuid:line_id}", response=LineOut)
def set_line(request: StaffRequest, line_id: UUID, told: LineTold) -> SelectionLine:
    """Say what is proposed of one person."""
    staff = request.auth_staff
    return selection.set_line(
        acting_staff=staff,
        line=found(SelectionLine, staff, line_id),
        outcome=told.outcome,
        reason=told.reason.value if told.reason else "",
        conflicts=told.conflicts,
    )


@router.post("/selections/{uuid:selection_id}/decision", response=SelectionOut)
def decide_selection(request: StaffRequest, selection_id: UUID, told: DecidedTold) -> Selection:
    """Decide it; somebody else than who proposed it."""
    staff = request.auth_staff
    return selection.decide_selection(
        acting_staff=staff,
        selection=found(Selection, staff, selection_id),
        decided_date=told.decided_date,
        reason=told.reason,
    )
