"""Campaigns, events, enquiries, notices."""

from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status

from handup.kernel.money import round_to
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import Area, Office
from handup.org.permissions import require
from handup.people import services
from handup.people.api.schemas import (
    CampaignOut,
    CampaignTold,
    ClosingTold,
    EnquiryOut,
    EnquiryTold,
    EventOut,
    EventTold,
    NoticeOut,
    NoticeTold,
    found,
    named,
)
from handup.people.models import Campaign, ConsentNotice, Enquiry, OutreachEvent
from handup.people.queries.outreach import Reached, by_campaign, by_channel, heads
from handup.people.rules.codes import EnquiryState
from handup.people.services import EnquiryIn
from handup.projects.models import BudgetLine, Programme

router = Router()
WantedState = Annotated[EnquiryState | None, Query(None)]


@router.get("/campaigns", response=PageOut[CampaignOut])
def list_campaigns(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Campaigns the caller may see."""
    items, following = page(Campaign.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/campaigns", response={201: CampaignOut})
def start_campaign(
    request: StaffRequest, key: IdempotencyKey, told: CampaignTold
) -> Status[Campaign]:
    """Start a campaign."""
    staff = request.auth_staff
    row = services.start_campaign(
        acting_staff=staff,
        id=key,
        programme=found(Programme, staff, told.programme_id),
        budget_line=named(BudgetLine, staff, told.budget_line_id),
        office=named(Office, staff, told.office_id),
        code=told.code,
        title=told.title,
        channel=told.channel,
        language=told.language,
        start_date=told.start_date,
        end_date=told.end_date,
        cost_units=told.cost_units,
        currency=told.currency or "",
    )
    return Status(201, row)


@router.post("/campaigns/{uuid:campaign_id}/events", response={201: EventOut})
def record_outreach_event(
    request: StaffRequest, campaign_id: UUID, key: IdempotencyKey, told: EventTold
) -> Status[OutreachEvent]:
    """Record an event of a campaign with its heads."""
    staff = request.auth_staff
    row = services.record_outreach_event(
        acting_staff=staff,
        id=key,
        campaign=found(Campaign, staff, campaign_id),
        title=told.title,
        event_date=told.event_date,
        heads={sex.value: bands for sex, bands in told.heads.items()},
        area=named(Area, staff, told.area_id),
        place=told.place,
    )
    return Status(201, row)


@router.get("/enquiries", response=PageOut[EnquiryOut])
def list_enquiries(
    request: StaffRequest,
    after: After = None,
    limit: PageSize = 50,
    state: WantedState = None,
) -> dict[str, object]:
    """Enquiries the caller may see, of one state if asked."""
    rows = Enquiry.objects.visible_to(request.auth_staff)
    rows = rows.filter(state=state.value) if state else rows
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.person_id for row in items if row.person_id], action="LIST")
    return {"items": items, "next": following}


@router.post("/enquiries", response={201: EnquiryOut})
def record_enquiry(
    request: StaffRequest, key: IdempotencyKey, told: EnquiryTold
) -> Status[Enquiry]:
    """Record an enquiry, named or not."""
    staff = request.auth_staff
    enquiry = EnquiryIn(
        id=key,
        programme=found(Programme, staff, told.programme_id),
        campaign=named(Campaign, staff, told.campaign_id),
        area=named(Area, staff, told.area_id),
        office=named(Office, staff, told.office_id),
        enquiry_date=told.enquiry_date,
        channel=told.channel,
        name=told.name,
        phone=told.phone,
        language=told.language,
        wish=told.wish,
    )
    return Status(201, services.record_enquiry(acting_staff=staff, enquiry=enquiry))


@router.post("/enquiries/{uuid:enquiry_id}/closing", response=EnquiryOut)
def close_enquiry(request: StaffRequest, enquiry_id: UUID, told: ClosingTold) -> Enquiry:
    """Close an enquiry that does not become a registration."""
    staff = request.auth_staff
    return services.close_enquiry(
        acting_staff=staff,
        enquiry=found(Enquiry, staff, enquiry_id),
        closed_date=told.closed_date,
        reason=told.reason,
    )


class ReachedOut(Schema):
    """What a campaign or channel came to. Costs in whole smallest units of `currency`, halves up;
    null where not defined. `conversion` in percent with one decimal, as text."""

    campaign_id: UUID | None
    channel: str | None
    enquiries: int
    registrations: int
    conversion: str | None
    cost_units: int | None
    currency: str
    cost_an_enquiry: int | None
    cost_a_registration: int | None


class OutreachOut(Schema):
    """By campaign and by channel; heads counted at events are no persons and never add."""

    by_campaign: list[ReachedOut]
    by_channel: list[ReachedOut]
    heads: int


def _reached(row: Reached) -> dict[str, object]:
    share = row.conversion
    return {
        "campaign_id": row.campaign.pk if row.campaign else None,
        "channel": row.channel.value if row.channel else None,
        "enquiries": row.enquiries,
        "registrations": row.registrations,
        "conversion": None if share is None else f"{round_to(share * 10) / 10:.1f}",
        "cost_units": row.cost_units,
        "currency": row.currency,
        "cost_an_enquiry": None if row.an_enquiry is None else round_to(row.an_enquiry),
        "cost_a_registration": None if row.a_registration is None else round_to(row.a_registration),
    }


@router.get("/outreach-figures", response=OutreachOut)
def outreach_figures(request: StaffRequest, programme_id: UUID | None = None) -> dict[str, object]:
    """Enquiries, registrations and what each cost, of one programme or all."""
    staff = request.auth_staff
    require(staff, "people.view_enquiry")
    programme = named(Programme, staff, programme_id)
    events = heads(staff, programme)
    return {
        "by_campaign": [_reached(row) for row in by_campaign(staff, programme)],
        "by_channel": [_reached(row) for row in by_channel(staff, programme)],
        "heads": sum(
            n for event in events for bands in event.heads.values() for n in bands.values()
        ),
    }


@router.get("/notices", response=PageOut[NoticeOut])
def list_notices(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Notices that are read before consent is given."""
    items, following = page(ConsentNotice.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/notices", response={201: NoticeOut})
def publish_notice(request: StaffRequest, told: NoticeTold) -> Status[ConsentNotice]:
    """Publish a notice; once published it is never changed."""
    staff = request.auth_staff
    row = services.publish_notice(
        acting_staff=staff,
        version=told.version,
        language=told.language,
        text=told.text,
        purposes=told.purposes,
        data_categories=told.data_categories,
        valid_from=told.valid_from,
        programme=named(Programme, staff, told.programme_id),
    )
    return Status(201, row)
