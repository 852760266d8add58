"""The doors through which a laptop takes one area along: which there are, how much one holds, and
the area itself."""

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from handup.org import reads
from handup.org.interface import StaffRequest
from handup.sync.area_packs import (
    MOST_COHORTS,
    MOST_GROUPS,
    area_of,
    pack_of,
    size_of,
)
from handup.sync.caseload import MOST_PERSONS, areas_carried
from handup.sync.market_schemas import WorkNamed
from handup.sync.phones_seen import work_phone_of
from handup.sync.work_api import WorkKnown, WorkSession

router = Router(tags=["sync"])


class WorkAreas(Schema):
    """The areas somebody may take along; `areas_left`: how many more there are."""

    areas: list[WorkNamed]
    areas_left: int


class WorkAreaSize(Schema):
    """How much of an area the reader may see, and how much a device carries at most. Where it does
    not fit, `persons` counts those who live there alone."""

    persons: int
    groups: int
    cohorts: int
    most_persons: int
    most_groups: int
    most_cohorts: int
    fits: bool


class WorkAreaMember(Schema):
    """A member of a group, by her number in it."""

    member_no: int
    name: str


class WorkAreaGroup(Schema):
    """A group of the area, and its members."""

    id: UUID
    name: str
    members: list[WorkAreaMember]


class WorkArea(Schema):
    """An area as a laptop carries it, as of a day, for so many days: its groups, the sessions of
    its courses whose attendance the reader records, and who lives there."""

    area_id: UUID
    name: str
    as_of: date
    keep_days: int
    groups: list[WorkAreaGroup]
    sessions: list[WorkSession]
    persons: list[WorkKnown]


@router.get("/work/areas", response=WorkAreas)
def list_work_areas(request: StaffRequest) -> dict[str, Any]:
    """The areas that the holder of this laptop may take along."""
    work_phone_of(request)
    areas, left = areas_carried(request.auth_staff)
    return {"areas": [{"id": row.pk, "name": str(row)} for row in areas], "areas_left": left}


@router.get("/work/areas/{area_id}/size", response=WorkAreaSize)
def show_work_area_size(request: StaffRequest, area_id: UUID) -> dict[str, Any]:
    """How much an area holds, told before it is fetched."""
    work_phone_of(request)
    size = size_of(request.auth_staff, area_of(request.auth_staff, area_id))
    return {
        "persons": size.persons,
        "groups": size.groups,
        "cohorts": size.cohorts,
        "most_persons": MOST_PERSONS,
        "most_groups": MOST_GROUPS,
        "most_cohorts": MOST_COHORTS,
        "fits": size.fits,
    }


@router.get("/work/areas/{area_id}", response=WorkArea)
def show_work_area(request: StaffRequest, area_id: UUID) -> dict[str, Any]:
    """Everything of an area that the holder of this laptop may see, for work without the office.
    What is more than a device carries is refused."""
    work_phone_of(request)
    pack, persons = pack_of(request.auth_staff, area_of(request.auth_staff, area_id))
    reads.note(request, persons=persons, action="LIST", highest="P")
    return pack
