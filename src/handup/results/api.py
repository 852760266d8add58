"""The API door of `results`: a programme's figures as of a day, counts beside every share."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.projects.models import Programme
from handup.results import (
    api_analyses,
    api_built,
    api_crossing,
    api_exchange,
    api_feed,
    api_logframes,
    api_reports,
    api_tables,
    api_typed,
    services,
)
from handup.results.models import FrozenFigure, Snapshot
from handup.results.releases import report_for
from handup.results.services import choose_indicators, set_reporting_day

router = Router(tags=["results"])
router.add_router("", api_reports.router)
router.add_router("", api_exchange.router)
router.add_router("", api_analyses.router)
router.add_router("", api_logframes.router)
router.add_router("", api_tables.router)
router.add_router("", api_typed.router)
router.add_router("", api_feed.router)
router.add_router("", api_built.router)
router.add_router("", api_crossing.router)


class ProgrammeOut(Schema):
    """A programme whose figures can be read."""

    id: UUID
    code: str
    title: str


@router.get("/programmes", response=PageOut[ProgrammeOut])
def list_programmes(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Programmes whose figures she may read."""
    require(request.auth_staff, "results.view_figure")
    rows = Programme.objects.reached_with(request.auth_staff, "results.view_figure")
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/programmes/{uuid:programme_id}/report", response=dict[str, Any])
def show_report(request: StaffRequest, programme_id: UUID, as_of: date) -> dict[str, Any]:
    """The programme's figures up to the end of a day: both counts, intervals, breakdowns."""
    require(request.auth_staff, "results.view_figure")
    rows = Programme.objects.reached_with(request.auth_staff, "results.view_figure")
    programme = rows.filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    return report_for(request.auth_staff, programme, as_of).as_json()


class FiguresChosen(Schema):
    """The figures a programme shows, in order, and the day they are shown for (null: today)."""

    codes: Annotated[list[Annotated[Text, Field(max_length=40)]], Field(max_length=200)]
    day: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))] | None = None


@router.post("/programmes/{uuid:programme_id}/figures", response=FiguresChosen)
def choose_figures(request: StaffRequest, programme_id: UUID, told: FiguresChosen) -> FiguresChosen:
    """Choose which figures a programme shows; the same again changes nothing."""
    require(request.auth_staff, "results.choose_indicators")
    programme = Programme.objects.visible_to(request.auth_staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    with transaction.atomic():
        choose_indicators(acting_staff=request.auth_staff, programme=programme, codes=told.codes)
        set_reporting_day(acting_staff=request.auth_staff, programme=programme, day=told.day)
    return told


class SnapshotOut(Schema):
    """A snapshot: its day, its state, and once it is frozen its checksum."""

    id: UUID
    programme_id: UUID
    number: int
    day: date
    state: str
    sha256: str
    reason: str
    supersedes_id: UUID | None = None


class FrozenFigureOut(Schema):
    """A figure of a snapshot: both counts, its interval, its lines. One without a value, because a
    rate is missing, has no counts; `conversion` names the rate."""

    id: UUID
    code: str
    definition: str
    state: str
    numerator: int | None
    denominator: int | None
    currency: str
    value: str
    low: str
    high: str
    lines: dict[str, Any]
    periods: dict[str, Any]
    conversion: dict[str, Any]
    variants: dict[str, Any]
    note: str
    sent_back_reason: str

    @staticmethod
    def resolve_numerator(figure: FrozenFigure) -> int | None:
        """Its count; null where it has no value."""
        return None if figure.has_gap else figure.numerator

    @staticmethod
    def resolve_denominator(figure: FrozenFigure) -> int | None:
        """What it is counted of, likewise."""
        return None if figure.has_gap else figure.denominator


class FrozenTypedOut(Schema):
    """A typed value of a snapshot: of a share both counts, and the value it was taken from."""

    code: str
    typed_id: UUID
    period_end: date
    numerator: int | None
    denominator: int | None
    value: str


class FrozenTargetOut(Schema):
    """What a logframe promised of an indicator when the snapshot was frozen; `achieved` in per
    cent, empty where that is not defined."""

    phase_code: str
    level: str
    statement: str
    code: str
    baseline: str
    baseline_year: int | None
    baseline_reason: str
    target: str
    period_end: date | None
    achieved: str


class SnapshotWithFigures(SnapshotOut):
    """A snapshot with all of its figures, what was typed, and once it is frozen what was
    promised."""

    figures: list[FrozenFigureOut]
    typed: list[FrozenTypedOut]
    targets: list[FrozenTargetOut]


class SnapshotIn(Schema):
    """A snapshot to be computed; one that takes the place of a frozen one names it and says why."""

    id: UUID
    day: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))]
    supersedes: UUID | None = None
    reason: Annotated[Text, Field(max_length=500)] = ""


class CodesIn(Schema):
    """Which figures are passed on; the reason where one person does both."""

    codes: Annotated[
        list[Annotated[Text, Field(max_length=40)]], Field(min_length=1, max_length=200)
    ]
    reason: Annotated[Text, Field(max_length=300)] = ""


class NoteIn(Schema):
    """What is said of a figure."""

    note: Annotated[Text, Field(max_length=500)]


class BackIn(Schema):
    """Why it goes back."""

    reason: Annotated[Text, Field(max_length=500)]


def _snapshot(request: StaffRequest, pk: UUID) -> Snapshot:
    rows = Snapshot.objects.visible_to(request.auth_staff).select_related("programme")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


def _figure(request: StaffRequest, pk: UUID) -> FrozenFigure:
    rows = FrozenFigure.objects.visible_to(request.auth_staff)
    row = rows.select_related("snapshot__programme").filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


def _whole(snapshot: Snapshot) -> dict[str, Any]:
    told = {name: getattr(snapshot, name) for name in SnapshotOut.model_fields}
    return {
        **told,
        "figures": list(snapshot.figures.all()),
        "typed": list(snapshot.typed.all()),
        "targets": list(snapshot.targets.all()),
    }


@router.get("/snapshots", response=PageOut[SnapshotOut])
def list_snapshots(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Snapshots of the programmes she reads."""
    require(request.auth_staff, "results.view_snapshot")
    items, following = page(Snapshot.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/snapshots/{uuid:snapshot_id}", response=SnapshotWithFigures)
def show_snapshot(request: StaffRequest, snapshot_id: UUID) -> dict[str, Any]:
    """One snapshot with its figures."""
    require(request.auth_staff, "results.view_snapshot")
    return _whole(_snapshot(request, snapshot_id))


@router.post("/programmes/{uuid:programme_id}/snapshots", response={201: SnapshotWithFigures})
def compute_snapshot(
    request: StaffRequest, programme_id: UUID, told: SnapshotIn
) -> Status[dict[str, Any]]:
    """Compute the figures of a day with every row behind them; the same again answers the same."""
    staff = request.auth_staff
    require(staff, "results.compute_snapshot")
    programme = Programme.objects.visible_to(staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    row = services.compute_snapshot(
        acting_staff=staff,
        programme=programme,
        day=told.day,
        supersedes=_snapshot(request, told.supersedes) if told.supersedes else None,
        reason=told.reason,
        id=told.id,
    )
    return Status(201, _whole(row))


class AnewIn(Schema):
    """The day a snapshot is computed for anew; left out, its own."""

    day: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))] | None = None


@router.post("/snapshots/{uuid:snapshot_id}/anew", response=SnapshotWithFigures)
def compute_again(request: StaffRequest, snapshot_id: UUID, told: AnewIn) -> dict[str, Any]:
    """Compute a snapshot that is still open anew; every figure is a draft again."""
    require(request.auth_staff, "results.compute_snapshot")
    row = _snapshot(request, snapshot_id)
    return _whole(
        services.compute_again(acting_staff=request.auth_staff, snapshot=row, day=told.day)
    )


@router.post("/snapshots/{uuid:snapshot_id}/check", response=SnapshotWithFigures)
def check_figures(request: StaffRequest, snapshot_id: UUID, told: CodesIn) -> dict[str, Any]:
    """Check drafts somebody else computed."""
    require(request.auth_staff, "results.check_figures")
    row = _snapshot(request, snapshot_id)
    services.check_figures(
        acting_staff=request.auth_staff, snapshot=row, codes=told.codes, reason=told.reason
    )
    return _whole(row)


@router.post("/snapshots/{uuid:snapshot_id}/approve", response=SnapshotWithFigures)
def approve_figures(request: StaffRequest, snapshot_id: UUID, told: CodesIn) -> dict[str, Any]:
    """Approve figures others computed and checked."""
    require(request.auth_staff, "results.approve_figures")
    row = _snapshot(request, snapshot_id)
    services.approve_figures(
        acting_staff=request.auth_staff, snapshot=row, codes=told.codes, reason=told.reason
    )
    return _whole(row)


@router.post("/snapshots/{uuid:snapshot_id}/freeze", response=SnapshotWithFigures)
def freeze_snapshot(request: StaffRequest, snapshot_id: UUID) -> dict[str, Any]:
    """Freeze a snapshot whose figures are all approved."""
    require(request.auth_staff, "results.approve_figures")
    row = _snapshot(request, snapshot_id)
    return _whole(services.freeze_snapshot(acting_staff=request.auth_staff, snapshot=row))


@router.post("/figures/{uuid:figure_id}/note", response=FrozenFigureOut)
def note_figure(request: StaffRequest, figure_id: UUID, told: NoteIn) -> FrozenFigure:
    """Say something about a figure that is still a draft."""
    require(request.auth_staff, "results.compute_snapshot")
    row = _figure(request, figure_id)
    return services.note_figure(acting_staff=request.auth_staff, figure=row, note=told.note)


@router.post("/figures/{uuid:figure_id}/back", response=FrozenFigureOut)
def send_back_figure(request: StaffRequest, figure_id: UUID, told: BackIn) -> FrozenFigure:
    """Send a figure back to whoever computed it."""
    require(request.auth_staff, "results.check_figures")
    row = _figure(request, figure_id)
    return services.send_back_figure(
        acting_staff=request.auth_staff, figure=row, reason=told.reason
    )
