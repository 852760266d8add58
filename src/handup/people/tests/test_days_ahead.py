"""No step is written down before its day has come."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.org.models import StaffUser
from handup.people.models import (
    Consent,
    ConsentEnding,
    ConsentNotice,
    OutreachEvent,
    Participation,
    Person,
)
from handup.people.rules import codes as c
from handup.people.services import (
    ApplicationIn,
    EnquiryIn,
    EnterpriseIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    OwnerIn,
    apply_to_programme,
    change_head,
    close_enquiry,
    decide_eligibility,
    give_consent,
    move_participation,
    record_enquiry,
    record_household_fact,
    record_outreach_event,
    register_enterprise,
    register_household,
    register_person,
    start_campaign,
    withdraw_consent,
)
from handup.people.services.days import DayToCome
from handup.people.tests.conftest import agreed, person_in
from handup.projects.models import Programme


@pytest.fixture
def ahead() -> date:
    return timezone.localdate() + timedelta(days=1)


def test_nobody_is_registered_tomorrow_nor_born_then(
    clerk: StaffUser, programme: Programme, ahead: date
) -> None:
    late = ahead + timedelta(days=400)
    for told in (
        person_in(programme, registered_date=ahead),
        person_in(programme, registered_date=late, birth_date=ahead),
    ):
        with pytest.raises(DayToCome) as refused:
            register_person(acting_staff=clerk, person=told)
        assert refused.value.field == "registered_date"
    assert not Person.objects.exists()


def test_consent_is_neither_given_nor_withdrawn_ahead(
    clerk: StaffUser, ani: Person, notice: ConsentNotice, ahead: date
) -> None:
    """A withdrawal of next year would leave the consent in force until then."""
    bank = c.ConsentPurpose.SHARE_BANK
    with pytest.raises(DayToCome):
        give_consent(acting_staff=clerk, person=ani, consent=agreed(notice, bank, ahead))
    held = Consent.objects.get()
    with pytest.raises(DayToCome) as refused:
        withdraw_consent(acting_staff=clerk, consent=held, withdrawn_date=ahead)
    assert refused.value.field == "withdrawn_date"
    assert not ConsentEnding.objects.exists()
    withdraw_consent(acting_staff=clerk, consent=held, withdrawn_date=timezone.localdate())
    assert ConsentEnding.objects.count() == 1


def test_an_application_is_neither_made_nor_decided_nor_moved_ahead(
    clerk: StaffUser, targeting: StaffUser, ani: Person, programme: Programme, ahead: date,
    rule: object,
) -> None:  # fmt: skip
    told = ApplicationIn(person=ani, programme=programme, applied_date=ahead)
    with pytest.raises(DayToCome):
        apply_to_programme(acting_staff=clerk, application=told)
    assert not Participation.objects.exists()
    row = apply_to_programme(
        acting_staff=clerk,
        application=ApplicationIn(
            person=ani, programme=programme, applied_date=timezone.localdate()
        ),
    )
    with pytest.raises(DayToCome):
        decide_eligibility(acting_staff=targeting, participation=row, decided_date=ahead)
    with pytest.raises(DayToCome):
        move_participation(
            acting_staff=targeting,
            participation=row,
            to_state=c.ParticipationState.EXITED,
            reason=c.Reason.MOVED.value,
            on=ahead,
        )
    row.refresh_from_db()
    assert row.state == c.ParticipationState.APPLIED


def test_outreach_and_a_new_head_lie_behind_too(
    clerk: StaffUser, manager: StaffUser, ani: Person, programme: Programme, ahead: date
) -> None:
    told = EnquiryIn(programme=programme, enquiry_date=ahead, name="Narine")
    with pytest.raises(DayToCome):
        record_enquiry(acting_staff=clerk, enquiry=told)
    asked = record_enquiry(
        acting_staff=clerk, enquiry=replace(told, enquiry_date=timezone.localdate())
    )
    with pytest.raises(DayToCome):
        close_enquiry(acting_staff=clerk, enquiry=asked, closed_date=ahead, reason="No answer")
    campaign = start_campaign(
        acting_staff=manager, programme=programme, code="C1", title="Radio",
        channel=c.Channel.MEDIA, language="en", start_date=ahead,
    )  # fmt: skip
    with pytest.raises(DayToCome):
        record_outreach_event(
            acting_staff=manager, campaign=campaign, title="Open day", event_date=ahead,
            heads={"F": {"18-24": 3}},
        )  # fmt: skip
    assert not OutreachEvent.objects.exists()
    mari = register_person(acting_staff=clerk, person=person_in(programme, "Mari")).person
    sheet = HouseholdIn(
        members=(MemberIn(ani, c.HouseholdRole.HEAD), MemberIn(mari)),
        registered_date=timezone.localdate() - timedelta(days=3),
        programme=programme,
    )
    home = register_household(acting_staff=clerk, household=sheet).household
    with pytest.raises(DayToCome):
        change_head(acting_staff=clerk, household=home, new_head=mari, change_date=ahead)
    with pytest.raises(DayToCome):
        register_household(acting_staff=clerk, household=replace(sheet, registered_date=ahead))
    assert home.memberships.get(role=c.HouseholdRole.HEAD).person == ani


def test_a_business_and_what_a_home_tells_lie_behind_too(
    clerk: StaffUser, ani: Person, programme: Programme, ahead: date
) -> None:
    shop = EnterpriseIn(trade="Bakery", owners=(OwnerIn(ani),), registered_date=ahead)
    with pytest.raises(DayToCome) as refused:
        register_enterprise(acting_staff=clerk, enterprise=shop)
    assert refused.value.field == "registered_date"
    today = timezone.localdate()
    members = (MemberIn(ani, c.HouseholdRole.HEAD),)
    sheet = HouseholdIn(members=members, registered_date=today, programme=programme)
    home = register_household(acting_staff=clerk, household=sheet).household
    told = HouseholdFactIn(fact_date=ahead, adults=1)
    with pytest.raises(DayToCome):
        record_household_fact(acting_staff=clerk, household=home, fact=told)
    assert not home.facts.exists()
