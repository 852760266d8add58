"""The API door of figures a house built for itself: the same definition as lines of text."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.projects.models import Programme
from handup.results import services
from handup.results.building import figure_of
from handup.results.facts import Facts
from handup.results.models import BuiltIndicator
from handup.results.report import conversion_json, reporting_day
from handup.results.rules.building import MOST_SIGNS, read_code
from handup.results.services.building import BUILD

router = Router(tags=["results"])


class BuiltOut(Schema):
    """A figure of the house's own: its definition as lines of text."""

    id: UUID
    programme_id: UUID
    code: str
    name: str
    definition: str
    state: str


class BuiltIn(Schema):
    """A name and the lines of a definition."""

    name: Annotated[Text, Field(min_length=1, max_length=160)]
    definition: Annotated[str, Field(min_length=1, max_length=MOST_SIGNS)]


class StepIn(Schema):
    """Why one person does both steps, where she is the only one."""

    reason: Annotated[Text, Field(max_length=300)] = ""


def _row(request: StaffRequest, built_id: UUID) -> BuiltIndicator:
    rows = BuiltIndicator.objects.visible_to(request.auth_staff).select_related("programme")
    found = rows.filter(pk=built_id).first()
    if found is None:
        raise OutOfSight
    return found


@router.get("/built-indicators", response=PageOut[BuiltOut])
def list_built(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Figures of the house's own, of the programmes she reads."""
    require(request.auth_staff, BUILD)
    rows = BuiltIndicator.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/built-indicators", response={201: BuiltOut})
def build(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: BuiltIn
) -> Status[BuiltIndicator]:
    """Keep a definition as a draft."""
    staff = request.auth_staff
    require(staff, BUILD)
    programme = Programme.objects.visible_to(staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    row = services.build_indicator(
        acting_staff=staff,
        programme=programme,
        name=told.name,
        definition=told.definition,
        id=key,
    )
    return Status(201, row)


@router.post("/built-indicators/{uuid:built_id}/activate", response=BuiltOut)
def activate(request: StaffRequest, built_id: UUID, told: StepIn) -> BuiltIndicator:
    """Put a draft in use."""
    return services.activate_indicator(
        acting_staff=request.auth_staff, indicator=_row(request, built_id), reason=told.reason
    )


@router.post("/built-indicators/{uuid:built_id}/retire", response=BuiltOut)
def retire(request: StaffRequest, built_id: UUID) -> BuiltIndicator:
    """Retire it."""
    return services.retire_indicator(
        acting_staff=request.auth_staff, indicator=_row(request, built_id)
    )


@router.get("/built-indicators/{uuid:built_id}/figure", response=dict[str, Any])
def count(
    request: StaffRequest, built_id: UUID, as_of: date | None = None, since: date | None = None
) -> dict[str, Any]:
    """Count it: both counts and the lines of each split."""
    staff = request.auth_staff
    require(staff, BUILD)
    row = _row(request, built_id)
    day = as_of or reporting_day(row.programme) or timezone.localdate()
    facts = Facts(row.programme, day, hidden_from(staff))
    figure = figure_of(read_code(row.definition), facts, since)
    return {
        "code": row.code,
        "as_of": day.isoformat(),
        "since": since.isoformat() if since else None,
        "numerator": None if figure.has_gap else figure.numerator,
        "denominator": None if figure.has_gap else figure.denominator,
        "value": figure.percent_text(),
        "currency": figure.currency or None,
        "conversion": conversion_json(figure.conversion),
        "by": {
            breakdown.dimension: [
                {
                    "code": line.code,
                    "numerator": line.numerator,
                    "denominator": line.denominator,
                }
                for line in breakdown.lines
            ]
            for breakdown in figure.breakdowns
        },
    }
