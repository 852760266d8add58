"""Campaigns, events and enquiries: how people come to a programme, without retyping anything
later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.people import choices_made
from handup.people.models import Campaign, Enquiry, OutreachEvent
from handup.people.rules import codes as c
from handup.people.services.days import refuse_to_come
from handup.people.services.store import (
    audit_all,
    change,
    check_span,
    insert,
    phone_faults,
    refuse_all,
    refused_by,
)
from handup.projects.models import BudgetLine, Programme

SEXES = frozenset(sex.value for sex in c.Sex)


class CampaignCodeTaken(Refusal):
    """This programme already has a campaign with the code {code}."""


class CostBelowZero(Refusal):
    """A cost cannot be below zero."""


class CostWithoutCurrency(Refusal):
    """Write the currency of the cost."""


class HeadsUnreadable(Refusal):
    """Count heads as whole numbers by sex and age band."""


class EnquiryClosed(Refusal):
    """This enquiry is closed already."""


class ReasonMissing(Refusal):
    """Write why."""


class OtherProgramme(Refusal):
    """This campaign belongs to another programme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnquiryIn:
    """One enquiry, named or not. `channel` is what the enquirer says; a campaign may be known
    beside it."""

    programme: Programme
    enquiry_date: date
    channel: c.Channel = c.Channel.UNKNOWN
    campaign: Campaign | None = None
    name: str = ""
    phone: str = ""
    language: str = ""
    wish: str = ""
    area: Area | None = None
    office: Office | None = None
    id: UUID | None = None


def start_campaign(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    code: str,
    title: str,
    channel: c.Channel,
    language: str,
    start_date: date,
    end_date: date | None = None,
    cost_units: int | None = None,
    currency: str = "",
    budget_line: BudgetLine | None = None,
    office: Office | None = None,
    id: UUID | None = None,
) -> Campaign:
    """Start a campaign. Raises CampaignCodeTaken, CostBelowZero, CostWithoutCurrency,
    EndsBeforeStart."""
    require(acting_staff, "people.start_campaign")
    told: dict[str, Any] = {
        "programme": programme,
        "code": code,
        "title": title,
        "channel": channel.value,
    }
    told |= {"language": language, "start_date": start_date, "end_date": end_date}
    told |= {"cost_units": cost_units, "currency": currency, "budget_line": budget_line}
    known = already_stored(Campaign, id, acting_staff, **told)
    if known is not None:
        require(acting_staff, "people.start_campaign", known)
        return known
    check_span(start_date, end_date, field="end_date")
    if cost_units is not None and cost_units < 0:
        raise CostBelowZero(field="cost_units")
    if cost_units is not None and not currency:
        raise CostWithoutCurrency(field="currency")
    if Campaign._base_manager.filter(programme=programme, code=code).exists():
        raise CampaignCodeTaken(field="code", code=code)
    row = Campaign(
        id=id or new_id(),
        programme=programme,
        code=code,
        title=title,
        channel=channel.value,
        language=language,
        budget_line=budget_line,
        cost_units=cost_units,
        currency=currency,
        start_date=start_date,
        end_date=end_date,
        office=office or acting_staff.home_office,
        started_by=acting_staff,
    )
    require(acting_staff, "people.start_campaign", row)
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.start_campaign", row)
    return row


def record_outreach_event(
    *,
    acting_staff: StaffUser,
    campaign: Campaign,
    title: str,
    event_date: date,
    heads: Mapping[str, Mapping[str, int]],
    area: Area | None = None,
    place: str = "",
    id: UUID | None = None,
) -> OutreachEvent:
    """Record an event with heads counted {sex: {age band: number}}; heads never add to persons.

    Raises HeadsUnreadable, DayToCome.
    """
    require(acting_staff, "people.record_outreach_event", campaign)
    counted = {sex: dict(bands) for sex, bands in heads.items()}
    told: dict[str, Any] = {
        "campaign": campaign,
        "title": title,
        "event_date": event_date,
        "heads": counted,
    }
    known = already_stored(OutreachEvent, id, acting_staff, **told, area=area, place=place)
    if known is not None:
        return known
    refuse_to_come("event_date", event_date)
    counts = [count for bands in heads.values() for count in bands.values()]
    if set(heads) - SEXES or any(isinstance(n, bool) or n < 0 for n in counts):
        raise HeadsUnreadable(field="heads")
    row = OutreachEvent(
        id=id or new_id(),
        campaign=campaign,
        title=title,
        event_date=event_date,
        area=area,
        place=place,
        heads=counted,
        recorded_by=acting_staff,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.record_outreach_event", row, {"heads": sum(counts)})
    return row


def _faults_of(item: EnquiryIn) -> Iterator[Refusal]:
    if item.campaign is not None and item.campaign.programme_id != item.programme.pk:
        yield OtherProgramme(field="campaign")
    yield from refused_by(refuse_to_come, "enquiry_date", item.enquiry_date)
    yield from phone_faults(item.phone)


def _channel(item: EnquiryIn) -> str:
    """Through what she heard of it: as told, else as the campaign she names reaches people."""
    known: str = item.channel.value
    if item.campaign is not None and item.channel is c.Channel.UNKNOWN:
        known = item.campaign.channel
    return known


def _row(item: EnquiryIn, staff: StaffUser, days: int) -> Enquiry:
    return Enquiry(
        id=item.id or new_id(),
        programme=item.programme,
        campaign=item.campaign,
        channel=_channel(item),
        language=item.language,
        name=item.name.strip(),
        phone=item.phone,
        wish=item.wish.strip(),
        enquiry_date=item.enquiry_date,
        due_date=item.enquiry_date + timedelta(days=days),
        area=item.area,
        office=item.office or staff.home_office,
        taken_by=staff,
    )


def _store(items: Sequence[EnquiryIn], staff: StaffUser, *, single: bool) -> list[Enquiry]:
    refusals = [(row, fault) for row, item in enumerate(items) for fault in _faults_of(item)]
    refuse_all(refusals, single=single)
    days = choices_made.number(choices_made.ENQUIRY_DAYS)
    rows = [_row(item, staff, days) for item in items]
    for place in {(row.office_id, row.area_id, row.programme_id): row for row in rows}.values():
        require(staff, "people.record_enquiry", place)
    with transaction.atomic():
        insert(rows, staff)
        audit_all(staff, "people.record_enquiry", rows)
    return rows


def record_enquiries(*, acting_staff: StaffUser, items: Sequence[EnquiryIn]) -> list[Enquiry]:
    """Record many enquiries in one transaction. Raises Faults by row."""
    require(acting_staff, "people.record_enquiry")
    return _store(items, acting_staff, single=False)


def record_enquiry(*, acting_staff: StaffUser, enquiry: EnquiryIn) -> Enquiry:
    """Record one enquiry; it is due for an answer in so many days
    as the installation chose (usually 7). Raises BadPhone, OtherProgramme, DayToCome."""
    require(acting_staff, "people.record_enquiry")
    known = already_stored(
        Enquiry,
        enquiry.id,
        acting_staff,
        programme=enquiry.programme,
        enquiry_date=enquiry.enquiry_date,
        channel=_channel(enquiry),
        campaign=enquiry.campaign,
        name=enquiry.name.strip(),
        wish=enquiry.wish.strip(),
    )
    if known is not None:
        require(acting_staff, "people.record_enquiry", known)
        return known
    return _store([enquiry], acting_staff, single=True)[0]


def close_enquiry(
    *, acting_staff: StaffUser, enquiry: Enquiry, closed_date: date, reason: str
) -> Enquiry:
    """Close an enquiry that does not become a registration. Raises EnquiryClosed, ReasonMissing,
    DayToCome.
    """
    require(acting_staff, "people.close_enquiry", enquiry)
    if enquiry.state != c.EnquiryState.OPEN:
        raise EnquiryClosed
    if not reason.strip():
        raise ReasonMissing(field="reason")
    refuse_to_come("closed_date", closed_date)
    with transaction.atomic():
        change(
            enquiry,
            acting_staff,
            state=c.EnquiryState.CLOSED.value,
            closed_date=closed_date,
            closed_reason=reason.strip(),
        )
        audit.record(acting_staff, "people.close_enquiry", enquiry, {"as": "CLOSED"})
    return enquiry
