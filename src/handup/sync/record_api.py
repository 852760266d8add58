"""The API door of the choice between two records of a meeting, for supervisors."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from handup.groups.models import Group
from handup.org.interface import StaffRequest, Text
from handup.org.permissions import OutOfSight, require
from handup.sync import services
from handup.sync.errors import LinesOnlyOfLines
from handup.sync.models import Branch, Choice
from handup.sync.records import compared, records_apart, waiting_behind_gap

router = Router(tags=["sync"])


class SideOut(Schema):
    """One line of two records: what it is about, and what each says (null: it has no such line),
    with the id of its fact."""

    name: str
    about: dict[str, Any]
    first: dict[str, Any] | None
    second: dict[str, Any] | None
    first_id: UUID | None
    second_id: UUID | None


class RecordOut(Schema):
    """A second record of a group, named by the hash of its last fact."""

    tip: str
    device_id: UUID
    lines: list[SideOut]


class GapOut(Schema):
    """A meeting that waits for facts before it: how long, and by how much each box was above the
    book, in smallest units."""

    to: str
    days: int
    amounts: dict[str, int]


class RecordsOut(Schema):
    """What of a group waits for a choice."""

    records: list[RecordOut]
    gap: GapOut | None


class KeyIn(Schema):
    """A key holder who agreed."""

    slot: Annotated[int, Field(ge=1, le=7)]
    member_no: Annotated[int, Field(ge=1)]


class ChoiceIn(Schema):
    """Which record stands, and who agreed. Line by line (LINES) the first stands, but for its facts
    in `drop`, and with those of the second in `take`; `reason`: why the box then differs."""

    tip: Annotated[str, Field(min_length=64, max_length=64)]
    choice: Choice
    confirmed_by: list[KeyIn] = Field(max_length=7)
    drop: list[UUID] = Field(default=[], max_length=500)
    take: list[UUID] = Field(default=[], max_length=500)
    reason: Annotated[Text, Field(max_length=300)] = ""


class GapIn(Schema):
    """Who agreed to go on without what is missing."""

    confirmed_by: list[KeyIn] = Field(max_length=7)


class ChoiceOut(Schema):
    """A choice as it was written down."""

    id: UUID
    choice: str
    tip: str


def _group(request: StaffRequest, pk: UUID, permission: str) -> Group:
    group = Group.objects.visible_to(request.auth_staff).filter(pk=pk).first()
    if group is None:
        raise OutOfSight
    require(request.auth_staff, permission, group)
    return group


@router.get("/groups/{group}/records", response=RecordsOut)
def records(request: StaffRequest, group: UUID) -> dict[str, Any]:
    """Second records of a group beside the first, line by line, and what waits for a gap."""
    found = _group(request, group, "sync.view_packet")
    return {
        "records": [
            {
                "tip": record.tip,
                "device_id": record.device_id,
                "lines": [
                    {
                        "name": pair.name,
                        "about": dict(pair.about),
                        "first": dict(pair.first.says) if pair.first else None,
                        "second": dict(pair.second.says) if pair.second else None,
                        "first_id": pair.first.id if pair.first else None,
                        "second_id": pair.second.id if pair.second else None,
                    }
                    for pair in compared(found, record)
                ],
            }
            for record, _rows in records_apart(found)
        ],
        "gap": waiting_behind_gap(found),
    }


@router.post("/groups/{group}/records", response=ChoiceOut)
def choose(request: StaffRequest, group: UUID, told: ChoiceIn) -> Branch:
    """Say which of two records stands, or choose line by line."""
    of = _group(request, group, "sync.choose_record")
    keys = [key.dict() for key in told.confirmed_by]
    if told.choice == Choice.LINES:
        return services.accept_lines(
            acting_staff=request.auth_staff,
            group=of,
            tip=told.tip,
            drop=told.drop,
            take=told.take,
            confirmed_by=keys,
            reason=told.reason,
        )
    if told.drop or told.take:
        raise LinesOnlyOfLines(field="drop" if told.drop else "take")
    return services.accept_branch(
        acting_staff=request.auth_staff,
        group=of,
        tip=told.tip,
        choice=told.choice,
        confirmed_by=keys,
    )


@router.post("/groups/{group}/gap", response=ChoiceOut)
def go_on(request: StaffRequest, group: UUID, told: GapIn) -> Branch:
    """Go on without a meeting that never came."""
    return services.accept_gap(
        acting_staff=request.auth_staff,
        group=_group(request, group, "sync.choose_record"),
        confirmed_by=[key.dict() for key in told.confirmed_by],
    )
