"""The API door of a hand-over: the same services as the pages."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.projects.api.schemas import Day, Line, found, named
from handup.projects.carrying.sending import confirm_transfer
from handup.projects.models import (
    Document,
    Handover,
    HandoverOption,
    Organisation,
    Programme,
    ReadinessItem,
    TransferBatch,
    TransferStay,
)
from handup.projects.queries import documents_for
from handup.projects.rules.handover import (
    HandoverState,
    ReadinessSection,
    ReadinessState,
    Way,
    following,
)
from handup.projects.services import handover as services

router = Router()
Years = Annotated[int, Field(ge=0, le=20)]


class HandoverTold(Schema):
    """A hand-over to begin."""

    title: Line
    starts: Day
    set_up_years: Years = 2
    expansion_years: Years = 3
    handover_years: Years = 2
    exit_area_id: UUID | None = None


class HandoverOut(Schema):
    """A hand-over, its readiness in percent, and what the next gate still asks for."""

    id: UUID
    programme_id: UUID
    title: str
    state: str
    successor_id: UUID | None
    way: str
    starts: date
    set_up_years: int
    expansion_years: int
    handover_years: int
    exit_area_id: UUID | None
    registration_no: str
    registered_date: date | None
    stopped_date: date | None
    stop_reason: str
    readiness: str
    missing: list[str]

    @staticmethod
    def resolve_readiness(row: Handover) -> str:
        """The weight met of the weight that applies."""
        return services.score_text(row)

    @staticmethod
    def resolve_missing(row: Handover) -> list[str]:
        """What the next gate still asks for."""
        to = following(HandoverState(row.state))
        return [] if to is None else list(services.missing_for(row, to))


class BatchOut(Schema):
    """A package for the successor: its seal, its control totals, whether the other house proved
    them equal."""

    id: UUID
    packed_date: date
    state: str
    sha256: str
    parts: int
    going: int
    staying: int
    totals: list[tuple[str, int, int, str]]
    successor_id: UUID | None
    receiver: str
    moved_date: date | None


class StayOut(Schema):
    """A person who is not handed over, and why."""

    id: UUID
    person_id: UUID
    reason: str


class ReceiptTold(Schema):
    """The receipt the successor's house signed, as it came, and its public key."""

    receipt: Annotated[str, Field(max_length=1_000_000)]
    receiver: Annotated[Text, Field(max_length=64)]
    on: Day


class OptionTold(Schema):
    """One way of lending, compared."""

    way: Way
    cost: LongText
    risk: LongText
    law: LongText
    reach: LongText


class OptionOut(OptionTold):
    """One way of lending, as it was compared."""

    id: UUID


class PapersTold(Schema):
    """To whom, which way, by which papers; what is not named stays as it is."""

    successor_id: UUID | None = None
    way: Way | None = None
    study_id: UUID | None = None
    decision_id: UUID | None = None
    legal_advice_id: UUID | None = None
    registration_no: Annotated[Text, Field(max_length=80)] = ""
    registered_date: Day | None = None


class ItemOut(Schema):
    """One item of the readiness."""

    id: UUID
    section: str
    code: str
    text: str
    hard: bool
    weight: int
    gate: str
    state: str
    evidence_id: UUID | None
    evidence_text: str
    owner_id: UUID | None
    due_date: date | None
    assessed_date: date | None

    @staticmethod
    def resolve_text(row: ReadinessItem) -> str:
        """The item in words."""
        return str(row)


class ItemTold(Schema):
    """An item of one's own."""

    section: ReadinessSection
    code: Annotated[Text, Field(max_length=40, min_length=1, pattern=r"^[A-Za-z0-9_-]+$")]
    title: Line
    gate: HandoverState
    hard: bool = False
    weight: Annotated[int, Field(ge=1, le=100)] = 1


class AssessmentTold(Schema):
    """How far an item is, and by what that is seen."""

    state: ReadinessState
    on: Day
    evidence_id: UUID | None = None
    evidence_text: LongText = ""
    owner_id: UUID | None = None
    due_date: Day | None = None


class GateTold(Schema):
    """The next gate: the day, and the minutes of the successor's board."""

    on: Day
    minutes_id: UUID | None = None
    reason: LongText = ""


class BackTold(Schema):
    """Back to a state it has passed."""

    to: HandoverState
    on: Day
    reason: LongText


class StopTold(Schema):
    """A stop of disbursement."""

    on: Day
    reason: LongText


def _paper(staff: StaffUser, handover: Handover, pk: UUID | None) -> Document | None:
    if pk is None:
        return None
    row = documents_for(staff, handover.programme).filter(pk=pk).first()
    return row or found(Document, staff, pk)


def _owner(pk: UUID | None) -> StaffUser | None:
    if pk is None:
        return None
    row = StaffUser.objects.filter(pk=pk, is_active=True).first()
    if row is None:
        raise OutOfSight
    return row


@router.get("/handovers", response=PageOut[HandoverOut])
def list_handovers(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every hand-over the caller may read."""
    items, following_page = page(Handover.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following_page}


@router.post("/programmes/{uuid:programme_id}/handovers", response={201: HandoverOut})
def open_handover(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: HandoverTold
) -> Status[Handover]:
    """Begin to hand a programme over, with the standard checklist."""
    staff = request.auth_staff
    row = services.open_handover(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        id=key,
        exit_area=named(Area, staff, told.exit_area_id),
        **told.dict(exclude={"exit_area_id"}),
    )
    return Status(201, row)


@router.post("/handovers/{uuid:handover_id}/options", response={201: OptionOut})
def compare_option(
    request: StaffRequest, handover_id: UUID, told: OptionTold
) -> Status[HandoverOption]:
    """Write what one way of lending would cost, risk, need by law and reach."""
    staff = request.auth_staff
    row = services.compare_option(
        acting_staff=staff, handover=found(Handover, staff, handover_id), **told.dict()
    )
    return Status(201, row)


@router.post("/handovers/{uuid:handover_id}/papers", response=HandoverOut)
def record_papers(request: StaffRequest, handover_id: UUID, told: PapersTold) -> Handover:
    """Record to whom, which way and by which papers; what is not named stays as it is."""
    staff = request.auth_staff
    row = found(Handover, staff, handover_id)
    values: dict[str, Any] = {
        "successor": row.successor,
        "way": Way(row.way) if row.way else None,
        "study": row.study,
        "decision": row.decision,
        "legal_advice": row.legal_advice,
        "registration_no": row.registration_no,
        "registered_date": row.registered_date,
    }
    for name, value in told.dict(exclude_unset=True).items():
        if name == "successor_id":
            values["successor"] = named(Organisation, staff, value)
        elif name.endswith("_id"):
            values[name.removesuffix("_id")] = _paper(staff, row, value)
        else:
            values[name] = value
    return services.record_handover_papers(acting_staff=staff, handover=row, **values)


@router.get("/handovers/{uuid:handover_id}/items", response=PageOut[ItemOut])
def list_items(
    request: StaffRequest, handover_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The readiness of a hand-over, item by item."""
    staff = request.auth_staff
    handover = found(Handover, staff, handover_id)
    rows = ReadinessItem.objects.visible_to(staff).filter(handover=handover)
    items, following_page = page(rows, after, limit)
    return {"items": items, "next": following_page}


@router.post("/handovers/{uuid:handover_id}/items", response={201: ItemOut})
def add_item(request: StaffRequest, handover_id: UUID, told: ItemTold) -> Status[ReadinessItem]:
    """Add an item of one's own."""
    staff = request.auth_staff
    row = services.add_readiness_item(
        acting_staff=staff, handover=found(Handover, staff, handover_id), **told.dict()
    )
    return Status(201, row)


@router.post("/readiness/{uuid:item_id}/assessment", response=ItemOut)
def assess_item(request: StaffRequest, item_id: UUID, told: AssessmentTold) -> ReadinessItem:
    """Say how far an item is."""
    staff = request.auth_staff
    row = found(ReadinessItem, staff, item_id)
    return services.assess_readiness(
        acting_staff=staff,
        item=row,
        state=told.state,
        on=told.on,
        evidence=_paper(staff, row.handover, told.evidence_id),
        evidence_text=told.evidence_text,
        owner=_owner(told.owner_id),
        due_date=told.due_date,
    )


@router.post("/handovers/{uuid:handover_id}/gate", response=HandoverOut)
def pass_gate(request: StaffRequest, handover_id: UUID, told: GateTold) -> Handover:
    """Pass the next gate; refused with everything still open."""
    staff = request.auth_staff
    row = found(Handover, staff, handover_id)
    minutes = _paper(staff, row, told.minutes_id)
    return services.pass_gate(
        acting_staff=staff, handover=row, on=told.on, minutes=minutes, reason=told.reason
    )


@router.post("/handovers/{uuid:handover_id}/back", response=HandoverOut)
def send_back(request: StaffRequest, handover_id: UUID, told: BackTold) -> Handover:
    """Send it back to a state it has passed, with the reason."""
    staff = request.auth_staff
    return services.send_back_handover(
        acting_staff=staff, handover=found(Handover, staff, handover_id), **told.dict()
    )


@router.post("/handovers/{uuid:handover_id}/stop", response=HandoverOut)
def stop(request: StaffRequest, handover_id: UUID, told: StopTold) -> Handover:
    """Stop disbursement while the successor decides under supervision."""
    staff = request.auth_staff
    return services.stop_disbursement(
        acting_staff=staff, handover=found(Handover, staff, handover_id), **told.dict()
    )


@router.post("/handovers/{uuid:handover_id}/go-on", response=HandoverOut)
def go_on(request: StaffRequest, handover_id: UUID) -> Handover:
    """Let disbursement go on."""
    staff = request.auth_staff
    return services.let_disbursement_go_on(
        acting_staff=staff, handover=found(Handover, staff, handover_id)
    )


@router.get("/handovers/{uuid:handover_id}/batches", response=PageOut[BatchOut])
def list_batches(
    request: StaffRequest, handover_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What was packed for the successor."""
    staff = request.auth_staff
    require(staff, "projects.view_transfer")
    handover = found(Handover, staff, handover_id)
    rows = TransferBatch.objects.visible_to(staff).filter(handover=handover)
    items, following_page = page(rows, after, limit)
    return {"items": items, "next": following_page}


@router.get("/batches/{uuid:batch_id}/stays", response=PageOut[StayOut])
def list_stays(
    request: StaffRequest, batch_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Who is not handed over, and why."""
    staff = request.auth_staff
    require(staff, "projects.view_transfer_stay")
    batch = found(TransferBatch, staff, batch_id)
    rows = TransferStay.objects.visible_to(staff).filter(batch=batch)
    items, following_page = page(rows, after, limit)
    return {"items": items, "next": following_page}


@router.post("/batches/{uuid:batch_id}/receipt", response=BatchOut)
def take_receipt(request: StaffRequest, batch_id: UUID, told: ReceiptTold) -> TransferBatch:
    """Take the successor's receipt: equal totals mark the programme moved, or nothing does."""
    staff = request.auth_staff
    batch = found(TransferBatch, staff, batch_id)
    return confirm_transfer(acting_staff=staff, batch=batch, **told.dict())
