"""What outreach came to: cost an enquiry and a registration, unknown kept, heads no persons; an
enquiry is due as chosen; a household that splits.
"""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from handup.org.models import Setting, StaffUser
from handup.people import choices_made
from handup.people.models import Campaign, Enquiry, Household, Membership, Person
from handup.people.queries.outreach import by_campaign, by_channel, heads
from handup.people.rules import codes as c
from handup.people.services import (
    EnquiryIn,
    HouseholdIn,
    MemberIn,
    record_enquiry,
    record_outreach_event,
    register_household,
    register_person,
    start_campaign,
)
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme


@pytest.fixture
def radio(manager: StaffUser, programme: Programme) -> Campaign:
    return start_campaign(
        acting_staff=manager,
        programme=programme,
        code="R",
        title="Radio",
        channel=c.Channel.MEDIA,
        language="hy",
        start_date=DAY,
        cost_units=10_000,
        currency="AMD",
    )


def ask(
    staff: StaffUser,
    programme: Programme,
    campaign: Campaign | None = None,
    channel: c.Channel = c.Channel.UNKNOWN,
    on: date = DAY,
    name: str = "",
) -> Enquiry:
    told = EnquiryIn(
        programme=programme, enquiry_date=on, campaign=campaign, channel=channel, name=name
    )
    return record_enquiry(acting_staff=staff, enquiry=told)


def test_cost_is_by_enquiries_that_name_the_campaign_and_unknown_keeps_its_row(
    clerk: StaffUser, manager: StaffUser, programme: Programme, radio: Campaign
) -> None:
    for _time in range(3):
        ask(clerk, programme, radio, c.Channel.MEDIA)
    first = ask(clerk, programme, radio, c.Channel.LEADER)
    Enquiry._base_manager.filter(pk=first.pk).update(state="REGISTERED")
    ask(clerk, programme)
    named, unnamed = by_campaign(manager)
    assert (named.enquiries, named.registrations) == (4, 1)
    assert named.an_enquiry == 2_500
    assert named.a_registration == 10_000
    assert (unnamed.campaign, unnamed.enquiries, unnamed.an_enquiry) == (None, 1, None)
    told = {row.channel: (row.enquiries, row.registrations) for row in by_channel(manager)}
    assert told == {
        c.Channel.MEDIA: (3, 0),
        c.Channel.LEADER: (1, 1),
        c.Channel.UNKNOWN: (1, 0),
    }


def test_nothing_asked_is_not_defined_and_unknown_stays(
    manager: StaffUser, radio: Campaign
) -> None:
    named, _unnamed = by_campaign(manager)
    assert (named.an_enquiry, named.a_registration, named.conversion) == (None, None, None)
    assert [row.channel for row in by_channel(manager)] == [c.Channel.UNKNOWN]


def test_heads_at_an_event_are_no_persons(manager: StaffUser, radio: Campaign) -> None:
    record_outreach_event(
        acting_staff=manager,
        campaign=radio,
        title="Open day",
        event_date=DAY,
        heads={"F": {"25-34": 40}, "M": {"25-34": 15}},
    )
    page = signed_in(manager).get(reverse("people:outreach_figures")).content.decode()
    assert "Open day" in page
    assert len(heads(manager)) == 1
    assert not Person._base_manager.exists()
    assert [row.enquiries for row in by_channel(manager)] == [0]


def test_the_page_opens_to_enquiries_and_is_for_those_who_see_them(
    clerk: StaffUser, trainer: StaffUser, programme: Programme, radio: Campaign
) -> None:
    ask(clerk, programme, radio, c.Channel.MEDIA)
    page = signed_in(clerk).get(reverse("people:outreach_figures")).content.decode()
    assert f"{reverse('people:enquiry_list')}?channel=MEDIA" in page
    assert "not known" in page
    assert signed_in(trainer).get(reverse("people:outreach_figures")).status_code == 403


def test_an_enquiry_is_due_as_the_installation_chose(
    clerk: StaffUser, programme: Programme
) -> None:
    assert ask(clerk, programme).due_date == DAY + timedelta(7)
    Setting.objects.create(key=choices_made.ENQUIRY_DAYS, value=3)
    assert ask(clerk, programme).due_date == DAY + timedelta(3)


def test_members_move_out_and_both_households_keep_their_past(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    told = person_in(programme, "Davit", "Sargsyan", sex=c.Sex.M)
    davit = register_person(acting_staff=clerk, person=told).person
    home = register_household(
        acting_staff=clerk,
        household=HouseholdIn(
            members=(MemberIn(ani, c.HouseholdRole.HEAD), MemberIn(davit)),
            registered_date=DAY,
            programme=programme,
        ),
    ).household
    client = signed_in(clerk)
    page = reverse("people:split_household", args=[home.pk])
    later = DAY + timedelta(30)
    sent = {"leaving": [str(davit.pk)], "split_date": later.isoformat()}
    stays = client.post(page, sent | {"new_head": str(ani.pk)})
    assert (stays.status_code, Household._base_manager.count()) == (422, 1)
    answer = client.post(page, sent | {"new_head": str(davit.pk)})
    new = Household._base_manager.exclude(pk=home.pk).get()
    assert answer["Location"] == reverse("people:household_detail", args=[new.pk])
    rows = Membership._base_manager.filter(person=davit).order_by("from_date")
    assert [(row.household_id, row.role, row.to_date) for row in rows] == [
        (home.pk, "MEMBER", later - timedelta(1)),
        (new.pk, "HEAD", None),
    ]
    assert Membership._base_manager.get(person=ani).to_date is None
