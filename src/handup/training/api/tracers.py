"""The API door to tracer rounds: open, answer, ask again, the published counts."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.training import services
from handup.training.api.base import Day, router, seen
from handup.training.models import TracerResponse, TracerRound
from handup.training.rules.tracers import TracerOutcome
from handup.training.tracer_queries import report_of, rows_of

Money = Annotated[int, Field(ge=0, lt=2**53)]


class RoundTold(Schema):
    """A round to open; income in smallest units of the programme's currency."""

    month: Annotated[int, Field(ge=1, le=60)]
    opened_date: Day
    threshold_units: Money = 0
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class RoundOut(Schema):
    """A round."""

    id: UUID
    programme_id: UUID
    month: int
    opened_date: date
    seed: int
    threshold_units: int
    currency: str


class TracerTold(Schema):
    """What a graduate answered."""

    asked_date: Day
    outcome: TracerOutcome
    started_date: Day | None = None
    income_units: Money | None = None
    permanent: bool = False


class TracerOut(Schema):
    """One graduate of a round; the income is not given out."""

    id: UUID
    enrolment_id: UUID
    back_check_of_id: UUID | None
    asked_date: date | None
    outcome: str
    placed: bool
    permanent: bool


class ReportOut(Schema):
    """What is published of a round: counts, whose shares each reader can make."""

    asked: int
    answered: int
    placed: int
    rechecked: int
    agreed: int
    answers: list[TracerOut]


@router.get("/tracer-rounds", response=PageOut[RoundOut])
def list_tracer_rounds(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Rounds the caller may see."""
    require(request.auth_staff, "training.view_tracer")
    items, following = page(TracerRound.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/tracer-rounds", response={201: RoundOut})
def open_tracer_round(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: RoundTold
) -> Status[TracerRound]:
    """Open a round of all who are due, or of a sample."""
    row = services.open_tracer_round(
        acting_staff=request.auth_staff,
        programme=seen(Programme, request.auth_staff, programme_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.get("/tracer-rounds/{uuid:round_id}", response=ReportOut)
def show_tracer_round(request: StaffRequest, round_id: UUID) -> dict[str, object]:
    """The counts and the graduates of a round."""
    require(request.auth_staff, "training.view_tracer")
    row = seen(TracerRound, request.auth_staff, round_id)
    answers = rows_of(row, request.auth_staff)
    persons = [one.enrolment.person_id for one in answers]
    reads.note(request, persons=persons, action="LIST", highest="S")
    counts = report_of(answers)
    return {
        "asked": counts.asked,
        "answered": counts.answered,
        "placed": counts.placed,
        "rechecked": counts.rechecked,
        "agreed": counts.agreed,
        "answers": answers,
    }


@router.post("/tracer-rounds/{uuid:round_id}/back-checks", response={201: list[TracerOut]})
def draw_back_checks(request: StaffRequest, round_id: UUID) -> Status[list[TracerResponse]]:
    """Draw a tenth of the answers to be asked again by others."""
    row = seen(TracerRound, request.auth_staff, round_id)
    staff = request.auth_staff
    drawn = services.draw_back_checks(acting_staff=staff, round=row)
    ids = {one.pk for one in drawn}
    found = [one for one in rows_of(row, staff) if one.pk in ids]
    persons = [one.enrolment.person_id for one in found]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return Status(201, found)


@router.post("/tracer-answers/{uuid:answer_id}", response=TracerOut)
def record_tracer(request: StaffRequest, answer_id: UUID, told: TracerTold) -> TracerResponse:
    """Record what a graduate answered; the same twice is once."""
    row = seen(TracerResponse, request.auth_staff, answer_id)
    return services.record_tracer(acting_staff=request.auth_staff, response=row, **told.dict())
