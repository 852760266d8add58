"""The API door of the house: who am I, offices, areas, exchange rates, tokens, lost devices."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org import services
from handup.org.asking_api import router as asking
from handup.org.edited_api import router as edited
from handup.org.filters_api import router as filters
from handup.org.incident_api import router as incidents
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    Units,
    page,
)
from handup.org.models import Area, AreaClass, ClosedDay, Device, ExchangeRate, Office, Settlement
from handup.org.models.records import RateKind
from handup.org.permissions import OutOfSight, require
from handup.org.services.house import RateIn
from handup.org.services.places import AreaIn
from handup.org.services.settlements import SettlementIn

router = Router(tags=["org"])
router.add_router("", incidents)
router.add_router("", edited)
router.add_router("", filters)
router.add_router("", asking)


class GrantOut(Schema):
    """A live grant."""

    role: str
    scope: str
    ends: date
    office_id: UUID | None
    programme_id: UUID | None


class MeOut(Schema):
    """Who the caller is."""

    id: UUID
    username: str
    display_name: str
    language: str
    grants: list[GrantOut]


class OfficeOut(Schema):
    """A branch office."""

    id: UUID
    code: str
    name: str
    area_id: UUID | None
    active: bool


class AreaOut(Schema):
    """A place of the area register."""

    id: UUID
    code: str
    names: dict[str, str]
    level: int
    parent_id: UUID | None


class OfficeNew(Schema):
    """An office to open."""

    code: Annotated[Text, Field(min_length=1, max_length=40)]
    name: Annotated[Text, Field(min_length=1, max_length=120)]
    area_id: UUID | None = None


class AreaNew(Schema):
    """An area to add: names per language, the code of the area it lies in."""

    code: Annotated[Text, Field(min_length=1, max_length=60)]
    names: dict[str, Annotated[Text, Field(max_length=120)]]
    parent_code: Annotated[Text, Field(max_length=60)] = ""
    valid_from: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2150, 12, 31))] | None = None
    settlement: Settlement | None = None


class SettlementOut(Schema):
    """Since when an area is a town (URBAN) or countryside (RURAL); null: since ever."""

    id: UUID
    area_id: UUID
    settlement: Settlement
    from_date: date | None


class SettlementNew(Schema):
    """What an area is, and since when; null: as far back as anything is known."""

    area_id: UUID
    settlement: Settlement
    since: Annotated[date, Field(ge=date(1900, 1, 1), le=date(2150, 12, 31))] | None = None


class RateOut(Schema):
    """An exchange rate: `numerator` is the rate times 10^10."""

    id: UUID
    from_currency: str
    to_currency: str
    rate_date: date
    kind: str
    numerator: int
    source: str


class NewRate(Schema):
    """An exchange rate as told."""

    from_currency: Currency
    to_currency: Currency
    rate_date: date
    kind: RateKind = RateKind.SPOT
    numerator: Units
    source: Annotated[Text, Field(max_length=200)]
    confirmed: bool = False


class DeviceOut(Schema):
    """A device and where it stands."""

    id: UUID
    label: str
    state: str


@router.get("/me", response=MeOut)
def me(request: StaffRequest) -> MeOut:
    """Who this token or session acts as, and what it may reach."""
    staff = request.auth_staff
    return MeOut(
        id=staff.pk,
        username=staff.username,
        display_name=staff.display_name,
        language=staff.language,
        grants=[
            GrantOut(
                role=grant.role.value,
                scope=grant.scope.value,
                ends=grant.ends,
                office_id=grant.office_id,
                programme_id=grant.programme_id,
            )
            for grant in staff.access
        ],
    )


@router.get("/offices", response=PageOut[OfficeOut])
def list_offices(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Branch offices."""
    items, following = page(Office.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/areas", response=PageOut[AreaOut])
def list_areas(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Places of the area register."""
    items, following = page(Area.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/offices", response={201: OfficeOut})
def open_office(request: StaffRequest, key: IdempotencyKey, told: OfficeNew) -> Status[Office]:
    """Open a branch office."""
    require(request.auth_staff, "org.open_office")
    area = Area.objects.filter(pk=told.area_id).first() if told.area_id else None
    if told.area_id and area is None:
        raise OutOfSight
    row = services.open_office(
        acting_staff=request.auth_staff, id=key, code=told.code, name=told.name, area=area
    )
    return Status(201, row)


@router.post("/areas", response={201: AreaOut})
def add_area(request: StaffRequest, key: IdempotencyKey, told: AreaNew) -> Status[Area]:
    """Add an area to the register."""
    item = AreaIn(
        code=told.code,
        names=told.names,
        parent_code=told.parent_code,
        valid_from=told.valid_from,
        id=key,
        settlement=told.settlement.value if told.settlement else "",
    )
    return Status(201, services.add_areas(acting_staff=request.auth_staff, areas=[item])[0])


@router.get("/settlements", response=PageOut[SettlementOut])
def list_settlements(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Which areas are towns or countryside, and since when."""
    rows = AreaClass.objects.visible_to(request.auth_staff).filter(replaced_at=None)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/settlements", response={201: SettlementOut})
def tell_settlement(
    request: StaffRequest, key: IdempotencyKey, told: SettlementNew
) -> Status[AreaClass]:
    """Say that an area is a town or countryside; what was told of the same day is replaced."""
    require(request.auth_staff, "org.add_area")
    area = Area.objects.filter(pk=told.area_id).first()
    if area is None:
        raise OutOfSight
    item = SettlementIn(area.code, told.settlement.value, told.since, key)
    return Status(201, services.tell_settlements(acting_staff=request.auth_staff, told=[item])[0])


@router.get("/rates", response=PageOut[RateOut])
def list_rates(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Exchange rates."""
    items, following = page(ExchangeRate.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/rates", response={201: RateOut})
def record_rate(request: StaffRequest, key: IdempotencyKey, rate: NewRate) -> Status[ExchangeRate]:
    """Record a dated rate with its source; a rate is never overwritten."""
    told = RateIn(**rate.dict(), id=key)
    stored = services.record_rates(acting_staff=request.auth_staff, rates=[told])
    return Status(201, stored[0])


class ClosedDayOut(Schema):
    """A day without business; of everybody where it names no place."""

    id: UUID
    day: date
    name: str
    every_year: bool
    office_id: UUID | None
    area_id: UUID | None


class ClosedDayNew(Schema):
    """A day to enter."""

    day: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))]
    name: Annotated[str, Field(min_length=1, max_length=120, pattern="^[^\\x00]*$")]
    every_year: bool = False
    office_id: UUID | None = None
    area_id: UUID | None = None


@router.get("/closed-days", response=PageOut[ClosedDayOut])
def list_closed_days(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The calendar of days without business."""
    require(request.auth_staff, "org.view_calendar")
    rows = ClosedDay.objects.visible_to(request.auth_staff).filter(withdrawn_at=None)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/closed-days", response={201: ClosedDayOut})
def enter_closed_day(
    request: StaffRequest, key: IdempotencyKey, told: ClosedDayNew
) -> Status[ClosedDay]:
    """Enter a day without business; signed schedules keep their days."""
    require(request.auth_staff, "org.enter_closed_day")
    office = Office.objects.filter(pk=told.office_id).first() if told.office_id else None
    area = Area.objects.filter(pk=told.area_id).first() if told.area_id else None
    if (told.office_id and office is None) or (told.area_id and area is None):
        raise OutOfSight
    row = services.enter_closed_day(
        acting_staff=request.auth_staff,
        id=key,
        day=told.day,
        name=told.name,
        every_year=told.every_year,
        office=office,
        area=area,
    )
    return Status(201, row)


@router.post("/devices/{uuid:device_id}/lost", response=DeviceOut)
def report_device_lost(request: StaffRequest, device_id: UUID) -> Device:
    """Report a device lost: its tokens die at once."""
    device = Device.objects.filter(pk=device_id, staff=request.auth_staff).first()
    device = device or Device.objects.visible_to(request.auth_staff).filter(pk=device_id).first()
    if device is None:
        raise OutOfSight
    return services.report_device_lost(acting_staff=request.auth_staff, device=device)
