"""The API door to what a course led to: certificates, apprenticeships, placements, the funnel."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.models import Area
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.projects.models import Programme
from handup.training import queries, services
from handup.training.api.base import (
    Count,
    Day,
    Name,
    Reason,
    Title,
    router,
    seen,
    seen_or_none,
)
from handup.training.models import (
    ApprenticeshipAgreement,
    Certificate,
    Cohort,
    Enrolment,
    Placement,
    Workshop,
)
from handup.training.rules.funnel import APPRENTICESHIP, JOURNEY
from handup.training.rules.states import (
    AgreementForm,
    CertificateKind,
    CourseType,
    PlacementKind,
)

Amount = Annotated[int, Field(ge=0, lt=2**53)]
Few = Annotated[int, Field(ge=0, le=200)]


class CertificateOut(Schema):
    """A certificate."""

    id: UUID
    serial: str
    address: str
    enrolment_id: UUID
    kind: str
    printed_name: str
    issued_date: date
    valid_to: date | None
    state: str
    code_text: str


class CertificateTold(Schema):
    """A certificate to issue."""

    issued_date: Day
    kind: CertificateKind = CertificateKind.COMPLETION
    printed_name: Reason = ""
    reason: Reason = ""
    sealed: bool = False


class StruckOut(Schema):
    """How many papers were struck."""

    struck: int


class StrikeTold(Schema):
    """Why and when papers printed ahead are struck."""

    day: Day
    reason: Reason


class RevocationTold(Schema):
    """The revocation of a certificate."""

    revoked_date: Day
    reason: Reason


class ReplacementTold(Schema):
    """A corrected name."""

    issued_date: Day
    printed_name: Title


class WorkshopTold(Schema):
    """A workshop to register."""

    name: Title
    trade: Annotated[Name, Field(max_length=80)]
    master_name: Name
    area_id: UUID | None = None
    vetted_date: Day | None = None
    max_apprentices: Annotated[int, Field(ge=1, le=20)] = 3


class WorkshopOut(Schema):
    """A workshop."""

    id: UUID
    name: str
    trade: str
    vetted_date: date | None
    max_apprentices: int


class TermsTold(Schema):
    """Terms of an apprenticeship; amounts in the smallest unit of the currency."""

    workshop_id: UUID
    trade: Annotated[Name, Field(max_length=80)]
    start_date: Day
    signed_date: Day
    currency: Currency
    term_months: Few = 6
    hours_week: Few = 40
    form: AgreementForm = AgreementForm.WRITTEN
    witnesses: Reason = ""
    guardian_name: Annotated[Reason, Field(max_length=120)] = ""
    fee_by_apprentice_units: Amount = 0
    allowance_units: Amount = 0
    meals_units: Amount = 0
    wage_units: Amount = 0
    programme_fee_units: Amount = 0
    stipend_units: Amount = 0
    living_cost_units: Amount = 0
    shortfall_acknowledged: bool = False


class AgreementOut(Schema):
    """An apprenticeship."""

    id: UUID
    enrolment_id: UUID
    workshop_id: UUID
    trade: str
    state: str
    start_date: date
    term_months: int
    currency: str
    programme_fee_units: int
    stipend_units: int
    living_cost_units: int


class StartTold(Schema):
    """The day an apprentice began."""

    started_date: Day


class GraduationTold(Schema):
    """The final assessment; a level from 0 to 3 for each required skill, in the order of the card
    where the trade has one. Where a log is kept it says on how many days she came; on how many she
    was due is told always.
    """

    assessed_date: Day
    assessor_name: Name
    assessor_workshop_id: UUID | None = None
    skills: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(max_length=100)]
    log_attended: Count = 0
    log_due: Count = 0


class PlacementTold(Schema):
    """Where a graduate works."""

    kind: PlacementKind
    started_date: Day
    claimed_date: Day
    currency: Currency
    month: Few = 6
    employer: Reason = ""
    income_units: Amount | None = None
    permanent: bool = False


class PlacementOut(Schema):
    """A placement."""

    id: UUID
    enrolment_id: UUID
    kind: str
    started_date: date
    month: int
    permanent: bool
    state: str


class VerdictTold(Schema):
    """What another person found."""

    verified_date: Day
    rejected: bool = False
    reason: Reason = ""


class FunnelLineOut(Schema):
    """One step of the funnel with its counts; a share over nothing is null."""

    step: str
    count: int
    previous: int | None
    first: int
    of_previous: str | None
    of_first: str | None


@router.get("/certificates", response=PageOut[CertificateOut])
def list_certificates(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Certificates the caller may see."""
    require(request.auth_staff, "training.view_certificate")
    rows = Certificate.objects.visible_to(request.auth_staff).select_related("enrolment")
    items, following = page(rows, after, limit)
    persons = [row.enrolment.person_id for row in items]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/enrolments/{uuid:enrolment_id}/certificates", response={201: CertificateOut})
def issue_certificate(
    request: StaffRequest, enrolment_id: UUID, key: IdempotencyKey, told: CertificateTold
) -> Status[Certificate]:
    """Issue a certificate to who completed and agreed to have the name printed.

    A `sealed` one is printed while the course runs; it becomes valid when the course closes and
    she completed it.
    """
    row = services.issue_certificate(
        acting_staff=request.auth_staff,
        enrolment=seen(Enrolment, request.auth_staff, enrolment_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.post("/cohorts/{uuid:cohort_id}/sealed-certificates/strike", response=StruckOut)
def strike_sealed(request: StaffRequest, cohort_id: UUID, told: StrikeTold) -> dict[str, int]:
    """Strike the papers printed ahead that nobody earned; the cohort is closed."""
    struck = services.strike_sealed(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        reason=told.reason,
        on=told.day,
    )
    return {"struck": struck}


@router.post("/certificates/{uuid:certificate_id}/revoke", response=CertificateOut)
def revoke_certificate(
    request: StaffRequest, certificate_id: UUID, told: RevocationTold
) -> Certificate:
    """Revoke a certificate with a reason."""
    row = seen(Certificate, request.auth_staff, certificate_id)
    return services.revoke_certificate(
        acting_staff=request.auth_staff, certificate=row, **told.dict()
    )


@router.post("/certificates/{uuid:certificate_id}/replace", response={201: CertificateOut})
def replace_certificate(
    request: StaffRequest, certificate_id: UUID, told: ReplacementTold
) -> Status[Certificate]:
    """Replace a certificate by one with a corrected name."""
    row = seen(Certificate, request.auth_staff, certificate_id)
    new = services.replace_certificate(
        acting_staff=request.auth_staff, certificate=row, **told.dict()
    )
    return Status(201, new)


@router.post("/workshops", response={201: WorkshopOut})
def register_workshop(
    request: StaffRequest, key: IdempotencyKey, told: WorkshopTold
) -> Status[Workshop]:
    """Register a workshop that takes apprentices."""
    values = told.dict()
    row = services.register_workshop(
        acting_staff=request.auth_staff,
        area=seen_or_none(Area, request.auth_staff, values.pop("area_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/enrolments/{uuid:enrolment_id}/apprenticeships", response={201: AgreementOut})
def sign_apprenticeship(
    request: StaffRequest, enrolment_id: UUID, key: IdempotencyKey, told: TermsTold
) -> Status[ApprenticeshipAgreement]:
    """Sign an apprenticeship of an enrolled person."""
    values = told.dict()
    terms = services.AgreementIn(
        enrolment=seen(Enrolment, request.auth_staff, enrolment_id),
        workshop=seen(Workshop, request.auth_staff, values.pop("workshop_id")),
        id=key,
        **values,
    )
    return Status(201, services.sign_apprenticeship(acting_staff=request.auth_staff, terms=terms))


@router.post("/apprenticeships/{uuid:agreement_id}/start", response=AgreementOut)
def start_apprenticeship(
    request: StaffRequest, agreement_id: UUID, told: StartTold
) -> ApprenticeshipAgreement:
    """Say that an apprentice began in the workshop."""
    row = seen(ApprenticeshipAgreement, request.auth_staff, agreement_id)
    return services.start_apprenticeships(
        acting_staff=request.auth_staff, agreements=[row], started_date=told.started_date
    )[0]


@router.post("/apprenticeships/{uuid:agreement_id}/graduate", response=AgreementOut)
def graduate_apprentice(
    request: StaffRequest, agreement_id: UUID, told: GraduationTold
) -> ApprenticeshipAgreement:
    """Record the final assessment of an apprentice."""
    row = seen(ApprenticeshipAgreement, request.auth_staff, agreement_id)
    values = told.dict()
    workshop = seen_or_none(Workshop, request.auth_staff, values.pop("assessor_workshop_id"))
    item = services.GraduationIn(agreement=row, assessor_workshop=workshop, **values)
    return services.graduate_apprentices(acting_staff=request.auth_staff, items=[item])[0]


@router.post("/enrolments/{uuid:enrolment_id}/placements", response={201: PlacementOut})
def record_placement(
    request: StaffRequest, enrolment_id: UUID, key: IdempotencyKey, told: PlacementTold
) -> Status[Placement]:
    """Record where a graduate works; it waits for another person's check."""
    item = services.PlacementIn(
        enrolment=seen(Enrolment, request.auth_staff, enrolment_id), id=key, **told.dict()
    )
    return Status(201, services.record_placement(acting_staff=request.auth_staff, placement=item))


@router.post("/placements/{uuid:placement_id}/verify", response=PlacementOut)
def verify_placement(request: StaffRequest, placement_id: UUID, told: VerdictTold) -> Placement:
    """Verify or reject a placement, by another person than who recorded it."""
    row = seen(Placement, request.auth_staff, placement_id)
    return services.verify_placement(acting_staff=request.auth_staff, placement=row, **told.dict())


@router.get("/programmes/{uuid:programme_id}/funnel", response=list[FunnelLineOut])
def show_funnel(
    request: StaffRequest,
    programme_id: UUID,
    apprenticeships: bool = False,
    on: Day | None = None,
) -> list[object]:
    """The funnel of a programme's courses, or of its apprenticeships, by a day (today)."""
    require(request.auth_staff, "training.view_cohort")
    programme = seen(Programme, request.auth_staff, programme_id)
    kinds = {kind for kind in CourseType if (kind is CourseType.APPRENTICESHIP) == apprenticeships}
    lines = queries.funnel_lines(
        programme_id=programme.pk,
        steps=APPRENTICESHIP if apprenticeships else JOURNEY,
        on=on or timezone.localdate(),
        course_types=kinds,
        without=hidden_from(request.auth_staff),
    )
    return list(lines)
