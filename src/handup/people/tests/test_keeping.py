"""Who asked and did not come: names go after a year, the count stays."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.org.models import RetentionListing, StaffUser
from handup.org.rules.access import Role
from handup.org.services.retention import (
    KeptTooShort,
    UnknownPeriod,
    approve_retention,
    list_due,
    set_periods,
)
from handup.people import keeping
from handup.people.models import Enquiry
from handup.people.services import EnquiryIn, record_enquiry
from handup.people.tests.conftest import staff_with
from handup.projects.models import Programme


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return staff_with("dpo", Role.DPO)


def asked_on(clerk: StaffUser, programme: Programme, day: date) -> Enquiry:
    row = record_enquiry(
        acting_staff=clerk,
        enquiry=EnquiryIn(
            programme=programme, enquiry_date=timezone.localdate(), name="Nune", wish="A loan."
        ),
    )
    Enquiry.objects.filter(pk=row.pk).update(enquiry_date=day)
    row.refresh_from_db()
    return row


def test_names_of_enquiries_are_due_after_a_year_and_blanked_by_approval_only(
    clerk: StaffUser, programme: Programme, dpo: StaffUser
) -> None:
    today = timezone.localdate()
    old = asked_on(clerk, programme, today - timedelta(days=366))
    new = asked_on(clerk, programme, today - timedelta(days=365))
    list_due(today)
    listing = RetentionListing.objects.get(rule="ENQUIRY_NAMES")
    assert listing.found == 1
    old.refresh_from_db()
    assert old.name == "Nune"
    done = approve_retention(acting_staff=dpo, listing=listing, on=today)
    assert done.blanked == 1
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.name, old.wish, old.programme_id) == ("", "", programme.pk)
    assert new.name == "Nune"
    assert keeping.due(today - timedelta(days=365)) == 0


def test_the_period_is_set_within_its_least_and_counts_from_the_next_night(
    clerk: StaffUser, programme: Programme, dpo: StaffUser
) -> None:
    today = timezone.localdate()
    asked_on(clerk, programme, today - timedelta(days=100))
    with pytest.raises(KeptTooShort):
        set_periods(acting_staff=dpo, days={"ENQUIRY_NAMES": 3})
    with pytest.raises(UnknownPeriod):
        set_periods(acting_staff=dpo, days={"NOTHING": 300})
    assert not RetentionListing.objects.filter(rule="ENQUIRY_NAMES").exists()
    set_periods(acting_staff=dpo, days={"ENQUIRY_NAMES": 90})
    list_due(today)
    assert RetentionListing.objects.get(rule="ENQUIRY_NAMES").found == 1
