"""Whoever was served last five years ago is proposed for erasure; only two persons erase her."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import retention
from handup.org.models import RetentionListing, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.retention import approve_retention, list_due
from handup.org.tests.staff import staff_with
from handup.people import subject
from handup.people.models import (
    Alias,
    CaseTeamMember,
    Compartment,
    Household,
    Membership,
    Participation,
    Person,
    SubjectRequest,
)
from handup.people.queries.requests import overdue
from handup.people.rules.codes import CompartmentKind
from handup.people.rules.requests import RequestKind, RequestState
from handup.people.services import (
    erasure,
    open_compartment,
    register_person,
    requests,
    unserved,
)
from handup.people.tests.conftest import person_in, signed_in
from handup.projects.models import Programme

RULE = "PARTICIPANTS"
YEARS = timedelta(days=5 * 365)


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return staff_with("dpo", Role.DPO)


def today() -> date:
    return timezone.localdate()


def before() -> date:
    return retention.before(retention.rules[RULE], today())


@pytest.fixture
def gone(clerk: StaffUser, programme: Programme) -> Person:
    """Registered and served last more than five years ago."""
    day = today() - YEARS - timedelta(days=2)
    told = person_in(programme, registered_date=day)
    person = register_person(acting_staff=clerk, person=told).person
    Participation._base_manager.create(
        person=person, programme=programme, applied_date=day, state="EXITED"
    )
    return person


def test_every_domain_that_meets_persons_is_asked() -> None:
    found = {model._meta.label for model, _paths, _days in unserved.dated()}
    assert found > {
        "people.Participation", "people.Referral", "people.Grievance", "training.Enrolment",
        "plans.Visit", "groups.Member", "lending.Loan", "markets.JobPlacement",
        "people.Membership",
    }  # fmt: skip
    assert not found & unserved.NO_SERVICE


def test_a_day_by_which_something_ends_or_is_to_be_done_is_no_service() -> None:
    days = {f"{model._meta.label}.{day}" for model, _paths, each in unserved.dated()
            for day in each}  # fmt: skip
    assert days > {
        "people.Consent.given_date", "people.Grievance.decided_date", "plans.Visit.visit_date",
        "training.Certificate.issued_date", "lending.LoanDue.settled_date",
    }  # fmt: skip
    assert not days & {
        "people.Consent.expires_date", "people.Grievance.resolve_date", "plans.Visit.planned_date",
        "training.Certificate.valid_to", "lending.LoanDue.due_date", "people.Enquiry.due_date",
        "lending.CreditPassport.valid_to", "lending.PayoffQuote.valid_date",
        "surveys.Case.due_date",
        "lending.Loan.last_due_date", "lending.ArrearsContact.promised_date",
    }  # fmt: skip


def proposed(dpo: StaffUser) -> int:
    """What the approval of a listing of today would propose."""
    chosen = unserved.choose(before(), today())
    return unserved.propose(dpo, before(), today(), chosen)


@pytest.mark.parametrize("kind", [CompartmentKind.VIOLENCE, CompartmentKind.PERSON])
def test_nobody_is_proposed_or_erased_in_the_middle_of_a_restricted_case(
    gone: Person, dpo: StaffUser, focal_point: StaffUser, kind: CompartmentKind
) -> None:
    director = staff_with("director", Role.DIRECTOR, Role.FOCAL_POINT)
    chosen = unserved.choose(before(), today())
    assert chosen == [gone.pk]
    opened = gone.registered_date
    case = open_compartment(
        acting_staff=focal_point, person=gone, kind=kind, team=[director], opened_date=opened
    )
    Compartment._base_manager.filter(pk=case.pk).update(opened_date=opened)
    CaseTeamMember._base_manager.update(joined_date=opened)
    assert unserved.due(before()) == 0, "worked on, whatever its days; hidden, she is not counted"
    assert unserved.propose(dpo, before(), today(), chosen) == 0, "opened since they were chosen"
    asked = requests.SubjectRequestIn(kind=RequestKind.ERASURE, received_date=today(), person=gone)
    row = requests.record_subject_request(acting_staff=focal_point, request=asked)
    SubjectRequest._base_manager.update(state=RequestState.IDENTIFIED.value)
    row = erasure.approve_erasure(acting_staff=director, request=row, on=today())
    assert (row.state, row.hold_reason, row.approved_by) == ("HELD", "COMPLAINT", None)


def test_a_closed_case_keeps_her_as_long_as_it_is_kept_itself(
    gone: Person, focal_point: StaffUser
) -> None:
    kept = retention.before(retention.rules["CLOSED_CASES"], today())
    case = Compartment._base_manager.create(
        person=gone, kind="VIOLENCE", opened_by=focal_point, opened_date=gone.registered_date
    )
    year_ago = today() - timedelta(days=366)
    Participation._base_manager.update(applied_date=year_ago - timedelta(days=900))
    for closed, whom in ((kept, {gone.pk}), (kept - timedelta(days=1), set())):
        Compartment._base_manager.filter(pk=case.pk).update(closed_date=closed)
        assert set(unserved.in_a_case()) == whom


def test_whose_record_was_made_one_with_anothers_is_served_by_either(
    gone: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Person._base_manager.get(pk=gone.pk)
    old.id, old.registration_no, old.merged_date = new_id(), "OLD", today()
    old.save(force_insert=True)
    Alias._base_manager.create(old=old, person=gone)
    monkeypatch.setattr(subject, "serving", [lambda: [old.pk]])
    assert unserved.due(before()) == 0


def test_whoever_answers_a_proposal_may_and_is_here_and_nobody_is_late_with_one(
    gone: Person, dpo: StaffUser, clerk: StaffUser
) -> None:
    assert gone.programme is not None
    here, left = (
        staff_with(name, Role.ADVISOR, scope=ScopeKind.PROJECT, programme_id=gone.programme_id)
        for name in ("here", "left")
    )
    left.is_active = False
    left.save()
    wanted = {}
    for officer, handler in ((here, here), (left, None), (dpo, None), (None, None)):
        told = person_in(gone.programme, f"Of {officer}", registered_date=gone.registered_date)
        one = register_person(acting_staff=clerk, person=told).person
        Person._base_manager.filter(pk=one.pk).update(case_officer=officer)
        wanted[one.pk] = handler
    assert proposed(dpo) == 5
    rows = SubjectRequest._base_manager.exclude(person=gone)
    assert {row.person_id: row.handler for row in rows} == wanted
    rows.update(due_date=date(2020, 1, 1))
    assert not overdue(rows).exists()
    assert {row.answer_by for row in rows} == {None}
    told = signed_in(dpo).get("/api/v1/people/subject-requests").json()["items"]
    assert {one["due_date"] for one in told} == {None}
    assert (
        b"It was to be answered"
        not in signed_in(dpo)
        .get(reverse("people:subjectrequest_detail", args=[rows[0].pk]))
        .content
    )
    rows.update(by_rule=False)
    assert overdue(rows).count() == 4


def test_a_fact_since_then_or_a_service_that_goes_on_keeps_her(
    gone: Person, clerk: StaffUser
) -> None:
    assert unserved.unserved(before(), today()) == [gone.pk]
    taking = Participation._base_manager.filter(person=gone)
    taking.update(state="PAUSED")
    assert unserved.due(before()) == 0, "it is only interrupted"
    taking.update(state="EXITED", applied_date=before())
    assert unserved.due(before()) == 0
    taking.update(applied_date=before() - timedelta(days=1))
    assert unserved.due(before()) == 1
    home = Household._base_manager.create(
        code="H1", registered_date=gone.registered_date, registered_by=clerk
    )
    Membership._base_manager.create(household=home, person=gone, from_date=today())
    assert unserved.due(before()) == 0


def test_she_is_proposed_once_and_erased_by_two_only(gone: Person, dpo: StaffUser) -> None:
    list_due(today())
    listing = RetentionListing.objects.get(rule=RULE)
    assert listing.found == 1
    done = approve_retention(acting_staff=dpo, listing=listing, on=today())
    assert done.blanked == 1
    row = SubjectRequest._base_manager.get(person=gone)
    assert (row.kind, row.state, row.by_rule) == (
        RequestKind.ERASURE,
        RequestState.IDENTIFIED,
        True,
    )
    gone.refresh_from_db()
    assert gone.erased_date is None, "nothing of hers is changed by a proposal"
    assert unserved.due(before()) == 0, "nobody is proposed twice"
    director = staff_with("director", Role.DIRECTOR)
    for staff in (dpo, director):
        row = erasure.approve_erasure(acting_staff=staff, request=row, on=today())
    assert row.state == RequestState.APPROVED


def test_a_proposal_that_was_refused_rests_for_a_year(gone: Person, dpo: StaffUser) -> None:
    proposed(dpo)
    row = SubjectRequest._base_manager.get(person=gone)
    requests.refuse_request(acting_staff=staff_with("case", Role.MANAGER), request=row,
                            answer="She came back", on=today())  # fmt: skip
    assert unserved.unserved(before(), today()) == []
    later = today() + timedelta(days=366)
    assert unserved.unserved(before() + timedelta(days=366), later) == [gone.pk]


def test_one_approval_proposes_no_more_than_two_can_look_at(
    gone: Person, dpo: StaffUser, clerk: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unserved, "AT_ONCE", 1)
    assert gone.programme is not None
    told = person_in(gone.programme, "Bella", registered_date=gone.registered_date)
    register_person(acting_staff=clerk, person=told)
    assert unserved.due(before()) == 2
    assert proposed(dpo) == 1
    assert unserved.due(before()) == 1
