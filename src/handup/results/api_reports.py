"""The API door of reports to donors."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, WholeText, page
from handup.org.permissions import OutOfSight, require
from handup.results import services
from handup.results.models import Narrative, Snapshot

router = Router(tags=["results"])


class NarrativeOut(Schema):
    """A report: the text as it was written, and how far it is."""

    id: UUID
    programme_id: UUID
    snapshot_id: UUID
    title: str
    language: str
    text: str
    state: str
    sent_to: str
    sent_date: date | None
    sent_back_reason: str


class TextIn(Schema):
    """A title and a text; a figure stands as {{ code }}."""

    title: Annotated[Text, Field(max_length=200)]
    text: WholeText


class NarrativeIn(TextIn):
    """A report to begin, in one language."""

    id: UUID
    language: Annotated[Text, Field(max_length=5)]


class SignIn(Schema):
    """Whether numbers typed by hand are signed for."""

    signed_numbers: bool = False


class PassIn(Schema):
    """Why one person does both steps, where she is the only one."""

    reason: Annotated[Text, Field(max_length=300)] = ""


class WhyBack(Schema):
    """Why it goes back."""

    reason: Annotated[Text, Field(max_length=500)]


class SentIn(Schema):
    """To whom it was sent, and when."""

    sent_to: Annotated[Text, Field(max_length=200)]
    sent_date: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))]


def _narrative(request: StaffRequest, pk: UUID) -> Narrative:
    rows = Narrative.objects.visible_to(request.auth_staff)
    row = rows.select_related("programme", "snapshot").filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


@router.get("/reports", response=PageOut[NarrativeOut])
def list_narratives(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Reports of the programmes she reads."""
    require(request.auth_staff, "results.view_snapshot")
    items, following = page(Narrative.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/reports/{uuid:report_id}", response=NarrativeOut)
def show_narrative(request: StaffRequest, report_id: UUID) -> Narrative:
    """One report."""
    require(request.auth_staff, "results.view_snapshot")
    return _narrative(request, report_id)


@router.post("/snapshots/{uuid:snapshot_id}/reports", response={201: NarrativeOut})
def write_narrative(
    request: StaffRequest, snapshot_id: UUID, told: NarrativeIn
) -> Status[Narrative]:
    """Begin a report over a frozen snapshot; the same again answers the same."""
    require(request.auth_staff, "results.write_report")
    snapshot = Snapshot.objects.visible_to(request.auth_staff).filter(pk=snapshot_id).first()
    if snapshot is None:
        raise OutOfSight
    row = services.write_narrative(
        acting_staff=request.auth_staff, snapshot=snapshot, **told.dict()
    )
    return Status(201, row)


@router.post("/reports/{uuid:report_id}/text", response=NarrativeOut)
def edit_narrative(request: StaffRequest, report_id: UUID, told: TextIn) -> Narrative:
    """Write on at a draft."""
    require(request.auth_staff, "results.write_report")
    row = _narrative(request, report_id)
    return services.edit_narrative(acting_staff=request.auth_staff, narrative=row, **told.dict())


@router.post("/reports/{uuid:report_id}/read", response=NarrativeOut)
def read_narrative(request: StaffRequest, report_id: UUID) -> Narrative:
    """Say as a second person that it claims no cause."""
    require(request.auth_staff, "results.check_figures")
    row = _narrative(request, report_id)
    return services.read_narrative(acting_staff=request.auth_staff, narrative=row)


@router.post("/reports/{uuid:report_id}/check", response=NarrativeOut)
def check_narrative(request: StaffRequest, report_id: UUID, told: SignIn) -> Narrative:
    """Pass a draft through the gate of words."""
    require(request.auth_staff, "results.write_report")
    row = _narrative(request, report_id)
    return services.check_narrative(
        acting_staff=request.auth_staff, narrative=row, signed_numbers=told.signed_numbers
    )


@router.post("/reports/{uuid:report_id}/approve", response=NarrativeOut)
def approve_narrative(request: StaffRequest, report_id: UUID, told: PassIn) -> Narrative:
    """Approve a report somebody else wrote."""
    require(request.auth_staff, "results.approve_report")
    row = _narrative(request, report_id)
    return services.approve_narrative(
        acting_staff=request.auth_staff, narrative=row, reason=told.reason
    )


@router.post("/reports/{uuid:report_id}/back", response=NarrativeOut)
def send_back_narrative(request: StaffRequest, report_id: UUID, told: WhyBack) -> Narrative:
    """Send a report back to be written on."""
    require(request.auth_staff, "results.approve_report")
    row = _narrative(request, report_id)
    return services.send_back_narrative(
        acting_staff=request.auth_staff, narrative=row, reason=told.reason
    )


@router.post("/reports/{uuid:report_id}/sent", response=NarrativeOut)
def send_narrative(request: StaffRequest, report_id: UUID, told: SentIn) -> Narrative:
    """Write down that an approved report was sent."""
    require(request.auth_staff, "results.write_report")
    row = _narrative(request, report_id)
    return services.send_narrative(acting_staff=request.auth_staff, narrative=row, **told.dict())
