"""Who asked and did not come: names go after a year, the count stays."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.org.models import RetentionListing, StaffUser, StoredFile
from handup.org.retention import Rule
from handup.org.rules.access import Role
from handup.org.services.files import path_of
from handup.org.services.retention import (
    KeptTooShort,
    UnknownPeriod,
    approve_retention,
    list_due,
    set_periods,
)
from handup.org.tests.staff import staff_with
from handup.people import keeping
from handup.people.models import (
    CASE_TABLES,
    Enquiry,
    Grievance,
    Participation,
    Person,
    SubjectRequest,
)
from handup.people.rules import codes as c
from handup.people.rules.grievances import GrievanceKind, GrievanceState
from handup.people.rules.requests import RequestKind
from handup.people.services import EnquiryIn, record_enquiry, requests
from handup.people.services import protection as p
from handup.people.services.grievances import GrievanceIn, move_grievance, record_grievance
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


AGO, LATER = timedelta(days=3_000), timedelta(days=1)


def ruled(code: str) -> Rule:
    return next(rule for rule in keeping.RULES if rule.code == code)


def test_a_closed_case_goes_with_all_that_lies_in_it_unless_a_court_holds_it(
    clerk: StaffUser, ani: Person
) -> None:
    today = timezone.localdate()
    focal = staff_with("focal", Role.FOCAL_POINT)
    rule, soon = ruled("CLOSED_CASES"), today + LATER
    for kind in (c.CompartmentKind.VIOLENCE, c.CompartmentKind.HEALTH):
        case = p.open_compartment(
            acting_staff=focal, person=ani, kind=kind, team=(), opened_date=today
        )
        p.add_case_note(acting_staff=focal, compartment=case, text="At her aunt's", day=today)
        paper = p.add_case_document(
            acting_staff=focal, compartment=case, name="Letter", content=b"of the doctor"
        )
        if kind is c.CompartmentKind.VIOLENCE:
            assert rule.due(soon) == 0, "it is open"
            p.close_compartment(acting_staff=focal, compartment=case, closed_date=today)
            assert paper.file is not None
            lies = path_of(paper.file)
    assert (rule.due(today), rule.due(soon)) == (0, 1)
    request = requests.record_subject_request(
        acting_staff=clerk,
        request=requests.SubjectRequestIn(
            kind=RequestKind.ERASURE, received_date=today, person=ani
        ),
    )
    SubjectRequest.objects.filter(pk=request.pk).update(hold_reason="COURT", held_until=today)
    assert rule.due(soon) == 0
    SubjectRequest.objects.filter(pk=request.pk).update(held_until=today - LATER)
    assert lies.exists()
    assert rule.blank(soon) == 1
    left = {table.__name__: table._base_manager.count() for table in CASE_TABLES}
    assert left == {
        "Compartment": 1, "CaseTeamMember": 1, "CaseNote": 1, "CaseAction": 0, "CaseDocument": 1,
        "CaseMove": 0,
    }  # fmt: skip
    assert StoredFile.objects.count() == 1
    assert rule.blank(soon) == 0


def test_what_was_said_in_a_complaint_that_is_over_is_blanked_and_still_counts(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    officer = staff_with("complaints", Role.COMPLAINTS_OFFICER)
    said = GrievanceIn(
        kind=GrievanceKind.PAYMENT, text="The cashier shouted at me", programme=programme,
        received_date=timezone.localdate() - LATER, person=ani, contact="+37491777666",
    )  # fmt: skip
    row = record_grievance(acting_staff=officer, grievance=said).grievance
    rule, soon = ruled("CLOSED_COMPLAINTS"), timezone.localdate() + LATER
    assert rule.due(soon) == 0
    withdrawn, today = GrievanceState.WITHDRAWN, timezone.localdate()
    move_grievance(
        acting_staff=officer, grievance=row, to_state=withdrawn, step_date=today, note="Sorry"
    )
    assert (rule.due(timezone.localdate()), rule.due(soon)) == (0, 1)
    assert rule.blank(soon) == 1
    row = Grievance._base_manager.get(pk=row.pk)
    assert (row.text, row.contact, row.state) == ("", "", withdrawn)
    assert {step.note for step in row.steps.all()} == {""}
    assert rule.due(soon) == 0


def test_what_a_refused_application_was_decided_by_goes_and_the_reason_stays(
    ani: Person, programme: Programme
) -> None:
    row, _new = Participation._base_manager.get_or_create(
        person=ani, programme=programme, defaults={"applied_date": timezone.localdate() - AGO}
    )
    row.state, row.reason = "NOT_ELIGIBLE", "UNDER_AGE"
    row.decided_date = timezone.localdate() - AGO
    row.decision, row.sealed_facts = {"facts": {"age": 17}}, {"disability": "YES"}
    row.save()
    rule = ruled("REFUSED_APPLICATIONS")
    day = timezone.localdate() - timedelta(days=rule.days)
    assert (rule.due(day), rule.blank(day), rule.due(day)) == (1, 1, 0)
    row.refresh_from_db()
    assert (row.decision, row.reason) == ({}, "UNDER_AGE")
    assert not row.sealed_facts
    assert not Participation.history.filter(id=row.pk).exclude(decision={}).exists()
