"""The API door of a group's constitution: its versions, and a voted change."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups import services
from handup.groups.api_found import found_group
from handup.groups.models import Constitution
from handup.groups.rules.constitution import completed
from handup.org.interface import After, PageOut, PageSize, StaffRequest, page

router = Router(tags=["groups"])
Counted = Annotated[int, Field(ge=0, le=100_000)]


class ConstitutionOut(Schema):
    """One version of the rules, whole."""

    id: UUID
    version: int
    effective_date: date
    settings: dict[str, int | bool | str]

    @staticmethod
    def resolve_settings(row: Constitution) -> dict[str, Any]:
        """What came later stands at its default."""
        return dict(completed(row.settings))


class ConstitutionIn(Schema):
    """A voted change: the next version, only the settings that change, and the count."""

    version: Annotated[int, Field(ge=2, le=10_000)]
    settings: dict[str, int | bool | str] = Field(max_length=90)
    effective_date: date
    yes: Counted
    no: Counted = 0
    abstain: Counted = 0


@router.get("/groups/{uuid:group_id}/constitutions", response=PageOut[ConstitutionOut])
def list_constitutions(
    request: StaffRequest, group_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The versions of a group's rules."""
    group = found_group(request.auth_staff, group_id)
    rows = Constitution.objects.visible_to(request.auth_staff).filter(group=group)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/groups/{uuid:group_id}/constitutions", response={201: ConstitutionOut})
def change_rules(
    request: StaffRequest, group_id: UUID, told: ConstitutionIn
) -> Status[Constitution]:
    """Adopt the next version by a vote. The version it names is adopted once."""
    row = services.change_rules(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        **told.dict(),
    )
    return Status(201, row)
