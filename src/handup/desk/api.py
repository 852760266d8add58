"""The API door of `desk`: the import centre, and the whole way of a person or an enterprise."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from handup.desk import doubles, services
from handup.desk.board_api import router as board
from handup.desk.models import ImportBatch, ImportPair
from handup.desk.rules.imports import RejectReason
from handup.desk.ways import Owner, ways
from handup.kernel.importing.reading import LIMITS
from handup.kernel.sheet_faults import FileTooLarge
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.people.models import Enterprise, Person
from handup.people.queries.merging import current_id
from handup.people.rules.duplicates import MatchReason, MatchState

router = Router(tags=["desk"])
router.add_router("", board)


class FaultOut(Schema):
    """One fault with its cell."""

    place: str
    code: str
    message: str


class BatchOut(Schema):
    """A file that was handed over, and what its import would do or did."""

    id: UUID
    profile: str
    programme_id: UUID | None
    name: str
    sha256: str
    state: str
    counts: dict[str, dict[str, int]]
    fault_count: int
    without_key: int
    imported_at: datetime | None
    rejected_at: datetime | None
    reject_reason: str


class PairOut(Schema):
    """A row that may be a record, or another row, told from the person who decides."""

    id: UUID
    key: str
    other_key: str
    person_id: UUID | None
    verdict: str
    chance_ppm: int
    parts: list[dict[str, str | int]]
    state: str
    reason: str

    @staticmethod
    def resolve_person_id(pair: ImportPair) -> UUID | None:
        """The record compared with."""
        return pair.record


class PairDecisionIn(Schema):
    """What a row is: the same, another, or not known yet."""

    state: MatchState
    reason: MatchReason
    decided_date: date


class RejectIn(Schema):
    """Why a file is not taken over."""

    reason: RejectReason


class BatchWithFaults(BatchOut):
    """The same with its faults."""

    faults: list[FaultOut]

    @staticmethod
    def resolve_faults(batch: ImportBatch) -> list[dict[str, str]]:
        """The faults as far as they are kept."""
        return [
            {"place": fault.place, "code": fault.code, "message": fault.message}
            for fault in services.faults_of(batch)
        ]


def _batch(request: StaffRequest, batch_id: UUID) -> ImportBatch:
    require(request.auth_staff, "desk.view_import")
    found = ImportBatch.objects.visible_to(request.auth_staff).filter(pk=batch_id).first()
    if found is None:
        raise OutOfSight
    return found


@router.get("/imports", response=PageOut[BatchOut])
def list_imports(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Files that were handed over."""
    require(request.auth_staff, "desk.view_import")
    rows = ImportBatch.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/imports/{uuid:batch_id}", response=BatchWithFaults)
def show_import(request: StaffRequest, batch_id: UUID) -> ImportBatch:
    """One file with its faults."""
    return _batch(request, batch_id)


@router.post("/imports", response={201: BatchWithFaults})
def receive_import(
    request: StaffRequest,
    key: IdempotencyKey,
    file: Annotated[UploadedFile, File()],
    profile: Annotated[Text, Form()],
    programme: Annotated[Text, Form()] = "",
) -> Status[ImportBatch]:
    """Hand a file over: it is checked, nothing is written yet."""
    if (file.size or 0) > LIMITS.bytes_most:
        raise FileTooLarge(field="file", most=LIMITS.bytes_most // 1_000_000)
    batch = services.receive_import(
        acting_staff=request.auth_staff,
        name=file.name or "file",
        content=file.read(),
        profile_code=profile,
        programme=services.programme_of(programme, request.auth_staff),
        id=key,
    )
    return Status(201, batch)


@router.post("/imports/{uuid:batch_id}/commit", response=BatchWithFaults)
def commit_import(request: StaffRequest, batch_id: UUID) -> ImportBatch:
    """Take a checked file over, all of it or nothing; a second time changes nothing. Another person
    does it than who handed it over."""
    batch = _batch(request, batch_id)
    return services.commit_import(acting_staff=request.auth_staff, batch=batch)


@router.post("/imports/{uuid:batch_id}/reject", response=BatchWithFaults)
def reject_import(request: StaffRequest, batch_id: UUID, told: RejectIn) -> ImportBatch:
    """Do not take a file over; it is kept for a while only."""
    batch = _batch(request, batch_id)
    return doubles.reject_import(acting_staff=request.auth_staff, batch=batch, reason=told.reason)


@router.get("/import-pairs", response=PageOut[PairOut])
def list_import_pairs(
    request: StaffRequest,
    batch_id: UUID | None = None,
    state: MatchState | None = None,
    after: After = None,
    limit: PageSize = 50,
) -> dict[str, object]:
    """Rows that may be somebody registered, as far as the caller may see the other one."""
    staff = request.auth_staff
    require(staff, "desk.view_pair")
    rows = doubles.seen_pairs(staff).order_by("-id")
    if batch_id is not None:
        rows = rows.filter(batch=batch_id)
    if state is not None:
        rows = rows.filter(state=state.value)
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.record for row in items if row.record], action="VIEW")
    return {"items": items, "next": following}


@router.post("/import-pairs/{uuid:pair_id}/decide", response=PairOut)
def decide_import_pair(request: StaffRequest, pair_id: UUID, told: PairDecisionIn) -> ImportPair:
    """Say whether a row is somebody already there; counts when the file is taken over."""
    staff = request.auth_staff
    require(staff, "desk.decide_pair")
    pair = doubles.seen_pairs(staff).filter(pk=pair_id).first()
    if pair is None:
        raise OutOfSight
    return doubles.decide_pair(
        acting_staff=staff, pair=pair, state=told.state, reason=told.reason,
        decided_date=told.decided_date,
    )  # fmt: skip


class WayOut(Schema):
    """One line of a way: a plan, the application that rests on it, the loan, the visits; null
    where there is none yet, or none the caller may see."""

    day: date
    plan_id: UUID | None
    plan_state: str | None
    application_id: UUID | None
    application_state: str | None
    loan_id: UUID | None
    loan_state: str | None
    visit_ids: list[UUID]


def _lines(staff: StaffUser, owner: Owner) -> list[dict[str, object]]:
    return [
        {
            "day": way.day,
            "plan_id": way.plan.pk if way.plan else None,
            "plan_state": way.plan.state if way.plan else None,
            "application_id": way.application.pk if way.application else None,
            "application_state": way.application.state_now if way.application else None,
            "loan_id": way.loan.pk if way.loan else None,
            "loan_state": way.loan.state if way.loan else None,
            "visit_ids": [visit.pk for visit in way.visits],
        }
        for way in ways(staff, owner)
    ]


@router.get("/persons/{uuid:person_id}/ways", response=list[WayOut])
def show_ways_of_person(request: StaffRequest, person_id: UUID) -> list[dict[str, object]]:
    """Plans, applications, loans and visits of a person, one line each."""
    staff = request.auth_staff
    require(staff, "people.view_person")
    person_id = current_id(person_id)
    if not Person.objects.visible_to(staff).filter(pk=person_id).exists():
        raise OutOfSight
    reads.note(request, persons=[person_id], action="VIEW", highest="P")
    return _lines(staff, Owner.person(person_id))


@router.get("/enterprises/{uuid:enterprise_id}/ways", response=list[WayOut])
def show_ways_of_enterprise(request: StaffRequest, enterprise_id: UUID) -> list[dict[str, object]]:
    """Plans, applications, loans and visits of an enterprise, one line each."""
    staff = request.auth_staff
    require(staff, "people.view_enterprise")
    if not Enterprise.objects.visible_to(staff).filter(pk=enterprise_id).exists():
        raise OutOfSight
    return _lines(staff, Owner.enterprise(enterprise_id))
