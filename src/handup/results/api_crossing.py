"""The API door of intersections: a figure of who stands in several lines at once, or in any."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from handup.org.interface import StaffRequest, Text
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.projects.models import Programme
from handup.results.crossing import crossed, place_of
from handup.results.facts import Facts
from handup.results.published import is_outside
from handup.results.report import codes_of

router = Router(tags=["results"])


class CrossedOut(Schema):
    """The figure of a part. A part of too few has no counts."""

    code: str
    too_few: bool
    numerator: int | None
    denominator: int | None
    value: str | None
    currency: str | None


@router.get("/programmes/{uuid:programme_id}/figures/{code}/crossed", response=CrossedOut)
def count_crossed(
    request: StaffRequest,
    programme_id: UUID,
    code: str,
    as_of: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))],
    line: Annotated[
        list[Annotated[Text, Field(max_length=200)]], Query(min_length=1, max_length=3)
    ],
    any_of: bool = False,
) -> dict[str, Any]:
    """How many stand in all of up to three lines (`sex=F`), or with `any_of` in any of them."""
    staff = request.auth_staff
    require(staff, "results.view_figure")
    rows = Programme.objects.reached_with(staff, "results.view_figure")
    programme = rows.filter(pk=programme_id).first()
    if programme is None or is_outside(staff) or code not in codes_of(programme):
        raise OutOfSight
    facts = Facts(programme, as_of, hidden_from(staff))
    found = crossed(code, facts, [place_of(one) for one in line], any_of=any_of).line
    return {
        "code": code,
        "too_few": found is None,
        "numerator": None if found is None else found.numerator,
        "denominator": None if found is None else found.denominator,
        "value": None if found is None else found.value,
        "currency": None if found is None else found.currency or None,
    }
