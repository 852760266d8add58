"""The API door of `projects`: the same services as the pages."""

from fractions import Fraction
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query, Router, Status

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import Area
from handup.projects import queries, search, services
from handup.projects.api import schemas as s
from handup.projects.api.drawing import router as drawing
from handup.projects.api.handover import router as handovers
from handup.projects.api.memoranda import router as memoranda
from handup.projects.api.missions import router as missions
from handup.projects.api.schemas import found, named
from handup.projects.models import (
    AreaLink,
    Budget,
    Document,
    FundingAgreement,
    Lesson,
    LessonApplication,
    Organisation,
    Partner,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.services import BudgetLineIn, StatedFigureIn

router = Router(tags=["projects"])
router.add_router("", drawing)
router.add_router("", handovers)
router.add_router("", memoranda)
router.add_router("", missions)
WantedProgramme = Annotated[UUID | None, Query(None)]


@router.get("/programmes", response=PageOut[s.ProgrammeOut])
def list_programmes(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every programme."""
    items, following = page(Programme.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes", response={201: s.ProgrammeOut})
def open_programme(
    request: StaffRequest, key: IdempotencyKey, told: s.ProgrammeTold
) -> Status[Programme]:
    """Open a programme."""
    row = services.open_programme(acting_staff=request.auth_staff, id=key, **told.dict())
    return Status(201, row)


@router.post("/programmes/{uuid:programme_id}/phases", response={201: s.PhaseOut})
def open_phase(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: s.PhaseTold
) -> Status[Phase]:
    """Open a phase."""
    staff = request.auth_staff
    row = services.open_phase(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        id=key,
        code=told.code,
        title=told.title,
        status=told.status,
        approval_date=told.approval_date,
        start=told.start.rough() if told.start else None,
        end=told.end.rough() if told.end else None,
        remark=told.remark,
    )
    return Status(201, row)


@router.get("/phases", response=PageOut[s.PhaseOut])
def list_phases(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every phase."""
    items, following = page(Phase.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/phases/{uuid:phase_id}/status", response=s.PhaseOut)
def change_phase_status(request: StaffRequest, phase_id: UUID, told: s.StatusTold) -> Phase:
    """Move a phase one step."""
    staff = request.auth_staff
    phase = found(Phase, staff, phase_id)
    return services.change_phase_status(acting_staff=staff, phase=phase, status=told.status)


@router.get("/organisations", response=PageOut[s.OrganisationOut])
def list_organisations(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The register of institutions."""
    items, following = page(Organisation.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/organisations", response={201: s.OrganisationOut})
def register_organisation(
    request: StaffRequest, key: IdempotencyKey, told: s.OrganisationTold
) -> Status[Organisation]:
    """Enter an institution into the register."""
    staff = request.auth_staff
    row = services.register_organisation(
        acting_staff=staff,
        id=key,
        area=named(Area, staff, told.area_id),
        **told.dict(exclude={"area_id"}),
    )
    return Status(201, row)


@router.post("/programmes/{uuid:programme_id}/partners", response={201: s.PartnerOut})
def add_partner(request: StaffRequest, programme_id: UUID, told: s.PartnerTold) -> Status[Partner]:
    """Name a partner of a programme."""
    staff = request.auth_staff
    row = services.add_partner(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        organisation=found(Organisation, staff, told.organisation_id),
        phase=named(Phase, staff, told.phase_id),
        **told.dict(exclude={"organisation_id", "phase_id"}),
    )
    return Status(201, row)


@router.post("/programmes/{uuid:programme_id}/areas", response={201: s.AreaLinkOut})
def add_area(request: StaffRequest, programme_id: UUID, told: s.AreaTold) -> Status[AreaLink]:
    """Say where a programme works or whom it serves."""
    staff = request.auth_staff
    row = services.add_area(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        area=found(Area, staff, told.area_id),
        phase=named(Phase, staff, told.phase_id),
        **told.dict(exclude={"area_id", "phase_id"}),
    )
    return Status(201, row)


@router.post("/programmes/{uuid:programme_id}/financing", response={201: s.FundingOut})
def record_funding(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: s.FundingTold
) -> Status[FundingAgreement]:
    """Record who pays, how much, on which terms."""
    staff = request.auth_staff
    row = services.record_funding(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        funder=found(Organisation, staff, told.funder_id),
        phase=named(Phase, staff, told.phase_id),
        id=key,
        **told.dict(exclude={"funder_id", "phase_id"}),
    )
    return Status(201, row)


@router.get("/stated-figures", response=PageOut[s.FigureOut])
def list_stated_figures(
    request: StaffRequest,
    after: After = None,
    limit: PageSize = 50,
    programme_id: WantedProgramme = None,
) -> dict[str, object]:
    """Figures as others printed them."""
    rows: QuerySet[StatedFigure, StatedFigure] = StatedFigure.objects.visible_to(request.auth_staff)
    if programme_id is not None:
        rows = rows.filter(programme_id=programme_id)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/stated-figures", response={201: s.FigureOut})
def record_stated_figure(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: s.FigureTold
) -> Status[StatedFigure]:
    """Record a figure as a source prints it."""
    staff = request.auth_staff
    figure = StatedFigureIn(
        id=key,
        programme=found(Programme, staff, programme_id),
        phase=named(Phase, staff, told.phase_id),
        as_of=told.as_of.rough() if told.as_of else None,
        **told.dict(exclude={"phase_id", "as_of"}),
    )
    return Status(201, services.record_stated_figure(acting_staff=staff, figure=figure))


@router.post("/phases/{uuid:phase_id}/budgets", response={201: s.BudgetOut})
def prepare_budget(request: StaffRequest, phase_id: UUID, told: s.BudgetTold) -> Status[Budget]:
    """Prepare the next version of a phase's budget."""
    staff = request.auth_staff
    lines = [
        BudgetLineIn(
            rate=None if line.rate is None else Fraction(line.rate),
            **line.dict(exclude={"rate"}),
        )
        for line in told.lines
    ]
    row = services.prepare_budget(
        acting_staff=staff,
        phase=found(Phase, staff, phase_id),
        reporting_currency=told.reporting_currency,
        lines=lines,
        reason=told.reason,
        rates_confirmed=told.rates_confirmed,
    )
    return Status(201, row)


@router.post("/budgets/{uuid:budget_id}/approval", response=s.BudgetOut)
def approve_budget(request: StaffRequest, budget_id: UUID, told: s.ApprovalTold) -> Budget:
    """Approve a budget somebody else prepared."""
    staff = request.auth_staff
    budget = found(Budget, staff, budget_id)
    return services.approve_budget(
        acting_staff=staff, budget=budget, approved_date=told.approved_date, reason=told.reason
    )


@router.get("/programmes/{uuid:programme_id}/documents", response=PageOut[s.DocumentOut])
def list_documents(
    request: StaffRequest, programme_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Documents of a programme the caller may read."""
    staff = request.auth_staff
    rows = queries.documents_for(staff, found(Programme, staff, programme_id))
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/library", response=s.FoundOut)
def search_library(
    request: StaffRequest,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    kind: Annotated[str, Query(max_length=20)] = "",
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> search.Found:
    """Documents, lessons, studies and curricula by their words, in any script; every word is the
    beginning of one, quotes make a phrase. `following` is the `start` of the next page.
    """
    return search.find(request.auth_staff, q, kind=kind, start=start)


@router.post("/documents/{uuid:document_id}/publication", response=s.DocumentOut)
def publish_document(request: StaffRequest, document_id: UUID) -> Document:
    """Make a draft final; another person added it."""
    staff = request.auth_staff
    document = found(Document, staff, document_id)
    return services.publish_document(acting_staff=staff, document=document)


@router.get("/lessons", response=PageOut[s.LessonOut])
def list_lessons(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Lessons the caller may read."""
    items, following = page(Lesson.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/lessons", response={201: s.LessonOut})
def propose_lesson(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: s.LessonTold
) -> Status[Lesson]:
    """Propose a lesson."""
    staff = request.auth_staff
    row = services.propose_lesson(
        acting_staff=staff,
        programme=found(Programme, staff, programme_id),
        id=key,
        phase=named(Phase, staff, told.phase_id),
        evidence=named(Document, staff, told.evidence_id),
        **told.dict(exclude={"phase_id", "evidence_id"}),
    )
    return Status(201, row)


@router.post("/lessons/{uuid:lesson_id}/decision", response=s.LessonOut)
def decide_lesson(request: StaffRequest, lesson_id: UUID, told: s.LessonDecision) -> Lesson:
    """Accept a lesson, leave it unapplied with a reason, or close its review."""
    staff = request.auth_staff
    lesson = found(Lesson, staff, lesson_id)
    return services.decide_lesson(
        acting_staff=staff, lesson=lesson, state=told.state, reason=told.reason
    )


@router.post("/lessons/{uuid:lesson_id}/applications", response={201: s.ApplicationOut})
def apply_lesson(
    request: StaffRequest, lesson_id: UUID, key: IdempotencyKey, told: s.ApplicationTold
) -> Status[LessonApplication]:
    """Record where a lesson was applied and what changed."""
    staff = request.auth_staff
    row = services.apply_lesson(
        acting_staff=staff,
        lesson=found(Lesson, staff, lesson_id),
        id=key,
        target_phase=named(Phase, staff, told.target_phase_id),
        **told.dict(exclude={"target_phase_id"}),
    )
    return Status(201, row)
