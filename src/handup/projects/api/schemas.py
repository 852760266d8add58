"""What the API of projects takes and gives."""

from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model
from ninja import Schema
from pydantic import Field

from handup.org.interface import (
    Currency,
    LongText,
    Text,
    Units,
)
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.projects.models import (
    Budget,
)
from handup.projects.models.labels import (
    Bound,
    Confidence,
    FundingKind,
    OrgKind,
    PartnerRole,
    Reach,
    TargetKind,
)
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import LessonState, PhaseStatus

M = TypeVar("M", bound=Model)
Code = Annotated[Text, Field(max_length=40, min_length=1)]
Line = Annotated[Text, Field(max_length=200)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))]
Number = Annotated[Decimal, Field(max_digits=15, decimal_places=3)]


def found(model: type[M], staff: StaffUser, pk: UUID) -> M:
    """Return the record the caller may see. Raises OutOfSight, as for one that does not exist."""
    row: M | None = model._default_manager.visible_to(staff).filter(pk=pk).first()  # type: ignore[attr-defined]  # every model of the house has the scoped manager
    if row is None:
        raise OutOfSight
    return row


def named(model: type[M], staff: StaffUser, pk: UUID | None) -> M | None:
    """The same for a reference that may be left out."""
    return None if pk is None else found(model, staff, pk)


class RoughTold(Schema):
    """A date with how exactly it is known."""

    day: Day
    precision: Precision = Precision.DAY

    def rough(self) -> RoughDate:
        """Return it for the service."""
        return RoughDate(self.day, self.precision)


class ProgrammeTold(Schema):
    """A programme to open."""

    code: Code
    title: Line
    currency: Currency
    default_language: Annotated[Text, Field(max_length=10)] = "en"
    summary: LongText = ""
    objectives: LongText = ""
    sector: Annotated[Text, Field(max_length=120)] = ""
    terms: Line = ""


class ProgrammeOut(Schema):
    """A programme."""

    id: UUID
    code: str
    title: str
    currency: str
    sector: str
    objectives: str
    terms: str


class PhaseTold(Schema):
    """A phase to open."""

    code: Code
    title: Line
    status: PhaseStatus = PhaseStatus.PIPELINE
    approval_date: Day | None = None
    start: RoughTold | None = None
    end: RoughTold | None = None
    remark: LongText = ""


class PhaseOut(Schema):
    """A phase with its dates as exactly as they are known."""

    id: UUID
    programme_id: UUID
    code: str
    title: str
    status: str
    approval_date: date | None
    start_date: date | None
    start_precision: str
    end_date: date | None
    end_precision: str


class StatusTold(Schema):
    """The next status of a phase."""

    status: PhaseStatus


class OrganisationTold(Schema):
    """An institution."""

    code: Code
    name: Line
    kinds: Annotated[list[OrgKind], Field(min_length=1, max_length=12)]
    short_name: Annotated[Text, Field(max_length=60)] = ""
    country_code: Annotated[Text, Field(max_length=2)] = ""
    area_id: UUID | None = None
    registration_no: Annotated[Text, Field(max_length=60)] = ""


class OrganisationOut(Schema):
    """An institution."""

    id: UUID
    code: str
    name: str
    short_name: str
    country_code: str


class PartnerTold(Schema):
    """A partner with its role."""

    organisation_id: UUID
    role: PartnerRole
    phase_id: UUID | None = None
    from_date: Day | None = None
    to_date: Day | None = None
    remark: LongText = ""


class AreaTold(Schema):
    """Where a programme works."""

    area_id: UUID
    reach: Reach
    phase_id: UUID | None = None
    from_date: Day | None = None
    to_date: Day | None = None


class AreaLinkOut(Schema):
    """An area of a programme."""

    id: UUID
    area_id: UUID
    phase_id: UUID | None
    reach: str
    from_date: date | None
    to_date: date | None


class FundingTold(Schema):
    """Who pays, in whole smallest units; without an amount when none is known."""

    funder_id: UUID
    kind: FundingKind
    currency: Currency
    amount_units: Units | None = None
    phase_id: UUID | None = None
    terms: Line = ""
    signed_date: Day | None = None
    conditions: LongText = ""
    reference: Annotated[Text, Field(max_length=80)] = ""


class FundingOut(Schema):
    """What was agreed with who pays."""

    id: UUID
    programme_id: UUID
    phase_id: UUID | None
    funder_id: UUID
    kind: str
    currency: str
    amount_units: int | None
    terms: str
    signed_date: date | None
    reference: str


class PartnerOut(Schema):
    """A partner."""

    id: UUID
    programme_id: UUID
    organisation_id: UUID
    role: str
    from_date: date | None
    to_date: date | None


class FigureTold(Schema):
    """A figure as printed."""

    subject: Annotated[Text, Field(max_length=300)]
    printed: Text
    source: Annotated[Text, Field(max_length=300)]
    number: Number | None = None
    bound: Bound = Bound.EXACT
    step: Number | None = None
    unit: Annotated[Text, Field(max_length=40)] = ""
    reference: Annotated[Text, Field(max_length=40)] = ""
    as_of: RoughTold | None = None
    phase_id: UUID | None = None
    page: Annotated[Text, Field(max_length=40)] = ""
    remark: LongText = ""


class FigureOut(Schema):
    """A figure as printed."""

    id: UUID
    programme_id: UUID
    reference: str
    subject: str
    printed: str
    number: Decimal | None
    bound: str
    unit: str
    source: str
    page: str
    remark: str


class LineTold(Schema):
    """A budget line: amounts in smallest units, the rate as "numerator/denominator" or a
    decimal; with its day alone it is that of the register."""

    code: Code
    title: Line
    currency: Currency
    amount_units: Units
    parent_code: Annotated[Text, Field(max_length=40)] = ""
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    step_units: Annotated[int, Field(ge=1, lt=2**53)] = 1
    reporting_units: Units | None = None
    reporting_step_units: Annotated[int, Field(ge=1, lt=2**53)] = 1
    rate: Annotated[Decimal, Field(max_digits=15, decimal_places=6, lt=10**8)] | None = None
    rate_date: Day | None = None
    rate_source: Line = ""


class BudgetTold(Schema):
    """A budget to prepare."""

    reporting_currency: Currency
    lines: Annotated[list[LineTold], Field(min_length=1, max_length=500)]
    reason: LongText = ""
    rates_confirmed: bool = False


class LineOut(Schema):
    """A budget line; a pair that does not agree names the rate it implies."""

    id: UUID
    code: str
    title: str
    currency: str
    amount_units: int
    reporting_units: int
    pair_agrees: bool
    implied_rate: str


class BudgetOut(Schema):
    """A budget with its lines."""

    id: UUID
    phase_id: UUID
    version: int
    state: str
    reporting_currency: str
    lines: list[LineOut]

    @staticmethod
    def resolve_lines(row: Budget) -> list[object]:
        """Its lines by code."""
        return list(row.lines.order_by("code"))


class ApprovalTold(Schema):
    """On which day a budget is approved; a reason where one person does several steps."""

    approved_date: Day
    reason: Annotated[Text, Field(max_length=300)] = ""


class DocumentOut(Schema):
    """A document of the library."""

    id: UUID
    programme_id: UUID
    title: str
    language: str
    version: int
    access: str
    state: str
    sha256: str


class SnippetOut(Schema):
    """Words around a place: pieces with whether each was asked for, and the page."""

    pieces: list[tuple[str, bool]]
    page: int


class HitOut(Schema):
    """One record found."""

    kind: str
    object_id: UUID
    title: str
    label: str
    dated: date | None
    language: str
    href: str
    snippet: SnippetOut


class FoundOut(Schema):
    """A page of what was found; the count is exact unless there are more."""

    hits: list[HitOut]
    count: int
    more: bool
    following: int | None


class LessonTold(Schema):
    """A lesson to propose."""

    statement: LongText
    topic: Annotated[Text, Field(max_length=80)] = ""
    phase_id: UUID | None = None
    evidence_id: UUID | None = None
    evidence_page: Annotated[Text, Field(max_length=40)] = ""
    confidence: Confidence = Confidence.MEDIUM
    review_date: Day | None = None


class LessonOut(Schema):
    """A lesson."""

    id: UUID
    programme_id: UUID
    statement: str
    topic: str
    state: str
    confidence: str


class LessonDecision(Schema):
    """What is decided of a lesson."""

    state: LessonState
    reason: LongText = ""


class ApplicationTold(Schema):
    """Where a lesson was applied."""

    target_kind: TargetKind
    target: Line
    what_changed: LongText
    applied_date: Day
    decided_by: Line
    target_phase_id: UUID | None = None
    result_seen: LongText = ""


class ApplicationOut(Schema):
    """Where a lesson was applied."""

    id: UUID
    lesson_id: UUID
    target_kind: str
    target: str
    what_changed: str
    applied_date: date
