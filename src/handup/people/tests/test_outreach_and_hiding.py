"""Campaigns, events and enquiries; who sees whom, and who is hidden from whom."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handup.kernel.crypto import BadPhone
from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, may
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import (
    Campaign,
    Compartment,
    Enquiry,
    OutreachEvent,
    Participation,
    Person,
)
from handup.people.queries import (
    open_enquiries,
    participation_of,
)
from handup.people.rules import codes as c
from handup.people.services import (
    ApplicationIn,
    EnquiryIn,
    apply_to_programme,
    assign_case_officer,
    close_compartment,
    close_enquiry,
    open_compartment,
    record_enquiries,
    record_enquiry,
    record_outreach_event,
    register_person,
    start_campaign,
)
from handup.people.services import outreach as o
from handup.people.services.protection import CompartmentClosed, CompartmentOpen
from handup.people.services.store import EndsBeforeStart
from handup.people.tests.conftest import DAY, person_in
from handup.projects.models import Programme

S = c.ParticipationState
LATER = date(2026, 6, 1)


def test_a_case_officer_gets_the_person_and_her_participation(
    manager: StaffUser, ani: Person, application: Participation
) -> None:
    officer = staff_with("officer", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    assert not may(officer, "people.view_person", ani)
    assign_case_officer(acting_staff=manager, person=ani, case_officer=officer)
    assert list(Person.objects.visible_to(officer)) == [ani]
    assert list(Participation.objects.visible_to(officer)) == [application]


def test_what_a_caseload_worker_registers_joins_her_caseload(programme: Programme) -> None:
    officer = staff_with("officer", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    person = register_person(acting_staff=officer, person=person_in(programme)).person
    assert person.case_officer == officer
    assert list(Person.objects.visible_to(officer)) == [person]


def test_a_second_programme_reaches_the_person_through_her_participation(
    outsider: StaffUser, ani: Person, other_programme: Programme
) -> None:
    assert list(Person.objects.visible_to(outsider)) == []
    everywhere = staff_with("everywhere", Role.CLERK)
    apply_to_programme(
        acting_staff=everywhere,
        application=ApplicationIn(person=ani, programme=other_programme, applied_date=DAY),
    )
    assert list(Person.objects.visible_to(outsider)) == [ani]
    assert may(outsider, "people.view_person", ani)
    assert participation_of(ani.pk, other_programme) is not None


def test_a_hidden_person_exists_for_her_team_only(
    clerk: StaffUser,
    targeting: StaffUser,
    manager: StaffUser,
    focal_point: StaffUser,
    ani: Person,
    application: Participation,
) -> None:
    row = open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[targeting],
        opened_date=DAY,
    )
    for staff in (clerk, manager):
        assert not Person.objects.visible_to(staff).exists()
        assert not Participation.objects.visible_to(staff).exists()
        assert not may(staff, "people.view_person", ani)
    for staff in (targeting, focal_point):
        assert list(Person.objects.visible_to(staff)) == [ani]
    assert not Compartment.objects.visible_to(manager).exists()
    with pytest.raises(CompartmentOpen):
        open_compartment(
            acting_staff=focal_point,
            person=ani,
            kind=c.CompartmentKind.PERSON,
            team=[],
            opened_date=DAY,
        )
    close_compartment(acting_staff=focal_point, compartment=row, closed_date=LATER)
    assert list(Person.objects.visible_to(clerk)) == [ani]
    with pytest.raises(CompartmentClosed):
        close_compartment(acting_staff=focal_point, compartment=row, closed_date=LATER)


def test_another_compartment_leaves_an_ordinary_applicant(
    clerk: StaffUser, focal_point: StaffUser, ani: Person
) -> None:
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.VIOLENCE,
        team=[],
        opened_date=DAY,
    )
    assert list(Person.objects.visible_to(clerk)) == [ani]
    with pytest.raises(NotAllowed):
        open_compartment(
            acting_staff=clerk,
            person=ani,
            kind=c.CompartmentKind.PERSON,
            team=[],
            opened_date=DAY,
        )


@pytest.fixture
def campaign(clerk: StaffUser, programme: Programme) -> Campaign:
    return start_campaign(
        acting_staff=clerk,
        programme=programme,
        code="R1",
        title="Radio",
        channel=c.Channel.MEDIA,
        language="hy",
        start_date=DAY,
        cost_units=250_000,
        currency="AMD",
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, o.CampaignCodeTaken),
        ({"code": "R2", "cost_units": -1}, o.CostBelowZero),
        ({"code": "R2", "currency": ""}, o.CostWithoutCurrency),
        ({"code": "R2", "end_date": date(2026, 3, 1)}, EndsBeforeStart),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(
    clerk: StaffUser,
    programme: Programme,
    campaign: Campaign,
    change: dict[str, Any],
    refusal: type[Refusal],
) -> None:
    told: dict[str, Any] = {
        "code": "R1",
        "title": "Radio",
        "channel": c.Channel.MEDIA,
        "language": "hy",
        "start_date": DAY,
        "cost_units": 1,
        "currency": "AMD",
    }
    with pytest.raises(refusal):
        start_campaign(acting_staff=clerk, programme=programme, **(told | change))
    assert Campaign._base_manager.count() == 1


def test_heads_at_an_event_never_add_to_persons(clerk: StaffUser, campaign: Campaign) -> None:
    row = record_outreach_event(
        acting_staff=clerk,
        campaign=campaign,
        title="Open day",
        event_date=DAY,
        heads={"F": {"15-24": 12, "25-34": 8}, "M": {"15-24": 5}},
    )
    assert row.heads == {"F": {"15-24": 12, "25-34": 8}, "M": {"15-24": 5}}
    assert not Person._base_manager.exists()
    for heads in ({"WOMEN": {"15-24": 1}}, {"F": {"15-24": -1}}):
        with pytest.raises(o.HeadsUnreadable):
            record_outreach_event(
                acting_staff=clerk, campaign=campaign, title="x", event_date=DAY, heads=heads
            )
    assert OutreachEvent._base_manager.count() == 1


def test_an_enquiry_is_due_in_a_week_named_or_not(
    clerk: StaffUser, outsider: StaffUser, programme: Programme, campaign: Campaign
) -> None:
    row = record_enquiry(
        acting_staff=clerk,
        enquiry=EnquiryIn(
            programme=programme, enquiry_date=DAY, campaign=campaign, phone="+37491000000"
        ),
    )
    assert (row.due_date, row.channel, str(row)) == (
        date(2026, 3, 9),
        campaign.channel,
        "Somebody who gave no name",
    )
    assert list(open_enquiries(clerk)) == [row]
    assert list(open_enquiries(outsider)) == []
    with pytest.raises(o.ReasonMissing):
        close_enquiry(acting_staff=clerk, enquiry=row, closed_date=LATER, reason=" ")
    with pytest.raises(OutOfSight):
        close_enquiry(acting_staff=outsider, enquiry=row, closed_date=LATER, reason="x")
    close_enquiry(acting_staff=clerk, enquiry=row, closed_date=LATER, reason="Not reached")
    with pytest.raises(o.EnquiryClosed):
        close_enquiry(acting_staff=clerk, enquiry=row, closed_date=LATER, reason="x")
    assert list(open_enquiries(clerk)) == []


def test_an_enquiry_that_cannot_be_is_refused(
    clerk: StaffUser,
    outsider: StaffUser,
    programme: Programme,
    other_programme: Programme,
    campaign: Campaign,
) -> None:
    told = EnquiryIn(programme=programme, enquiry_date=DAY)
    with pytest.raises(BadPhone):
        record_enquiry(acting_staff=clerk, enquiry=replace(told, phone="none"))
    with pytest.raises(o.OtherProgramme):
        record_enquiry(
            acting_staff=clerk,
            enquiry=replace(told, programme=other_programme, campaign=campaign),
        )
    with pytest.raises(OutOfSight):
        record_enquiry(acting_staff=outsider, enquiry=told)
    with pytest.raises(Faults):
        record_enquiries(acting_staff=clerk, items=[told, replace(told, phone="none")])
    assert not Enquiry._base_manager.exists()
    assert len(record_enquiries(acting_staff=clerk, items=[told, told])) == 2
    one = replace(told, id=new_id())
    assert record_enquiry(acting_staff=clerk, enquiry=one) == record_enquiry(
        acting_staff=clerk, enquiry=one
    )
