"""The API door of prices by short message: who of a group wants them, and sending one."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_group, found_member, found_one
from handup.groups.models import Group, PriceLine
from handup.groups.price_sent import sent_to
from handup.groups.services import price_lines as services
from handup.markets.models import PriceObservation
from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.permissions import OutOfSight
from handup.people.rules.codes import ConsentMethod

router = Router(tags=["groups"])
MOST_GROUPS = 500


class PriceLineTold(Schema):
    """What a member agreed to."""

    language: Literal["en", "hy", "mn", "rw", "fr", "ru"]
    agreed_date: date
    agreed_how: ConsentMethod


class PriceLineOut(Schema):
    """That a member wants prices on her telephone, and whether that still stands."""

    id: UUID
    member_id: UUID
    language: str
    agreed_date: date
    agreed_how: str
    ended_at: datetime | None
    by_herself: bool


class PriceSendTold(Schema):
    """The groups a price is sent to."""

    group_ids: Annotated[list[UUID], Field(max_length=MOST_GROUPS)]


class PriceSentOut(Schema):
    """How many messages were written now, and the groups they go to."""

    messages: int
    group_ids: list[UUID]


class SentToOut(Schema):
    """What became of the messages to one group."""

    name: str
    sent: int
    waiting: int
    not_sent: int


@router.get("/groups/{uuid:group_id}/price-lines", response=PageOut[PriceLineOut])
def list_price_lines(
    request: StaffRequest, group_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Who of a group wants, or wanted, prices on her telephone."""
    staff = request.auth_staff
    rows = PriceLine.objects.visible_to(staff).filter(member__group=found_group(staff, group_id))
    items, following = page(rows.select_related("member"), after, limit)
    reads.note(request, persons=[row.member.person_id for row in items if row.member.person_id])
    return {"items": items, "next": following}


@router.post("/members/{uuid:member_id}/price-line", response={201: PriceLineOut})
def start_price_line(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: PriceLineTold
) -> Status[PriceLine]:
    """Send a member prices, because she wants them."""
    member = found_member(request.auth_staff, member_id)
    row = services.start_price_line(
        acting_staff=request.auth_staff, member=member, id=key, **told.dict()
    )
    reads.note(request, persons=[member.person_id] if member.person_id else [])
    return Status(201, row)


@router.post("/price-lines/{uuid:line_id}/end", response={201: PriceLineOut})
def end_price_line(request: StaffRequest, line_id: UUID, key: IdempotencyKey) -> Status[PriceLine]:
    """Send her none any more."""
    rows = PriceLine.objects.visible_to(request.auth_staff).select_related("member")
    row = found_one(rows, line_id)
    reads.note(request, persons=[row.member.person_id] if row.member.person_id else [])
    return Status(201, services.end_price_line(acting_staff=request.auth_staff, line=row))


@router.post("/prices/{uuid:price_id}/messages", response={201: PriceSentOut})
def send_price(
    request: StaffRequest, price_id: UUID, key: IdempotencyKey, told: PriceSendTold
) -> Status[dict[str, object]]:
    """Send a published price to those of some groups who want prices, each telephone once."""
    staff = request.auth_staff
    wanted = set(told.group_ids)
    groups = list(Group.objects.visible_to(staff).filter(pk__in=wanted).order_by("pk"))
    if len(groups) != len(wanted):
        raise OutOfSight
    sent = services.send_price(
        acting_staff=staff,
        groups=groups,
        price=found_one(PriceObservation.objects.visible_to(staff), price_id),
        today=timezone.localdate(),
    )
    return Status(
        201, {"messages": sent.messages, "group_ids": [group.pk for group in sent.groups]}
    )


@router.get("/prices/{uuid:price_id}/messages", response=list[SentToOut])
def list_price_messages(request: StaffRequest, price_id: UUID) -> list[object]:
    """What became of the messages about a price, by group."""
    staff = request.auth_staff
    return [*sent_to(staff, found_one(PriceObservation.objects.visible_to(staff), price_id))]
