"""Whoever was served last five years ago is proposed for erasure; only two persons erase her."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.org import retention
from handup.org.models import RetentionListing, StaffUser
from handup.org.rules.access import Role
from handup.org.services.retention import approve_retention, list_due
from handup.org.tests.staff import staff_with
from handup.people.models import Household, Membership, Participation, Person, SubjectRequest
from handup.people.rules.requests import RequestKind, RequestState
from handup.people.services import erasure, register_person, requests, unserved
from handup.people.tests.conftest import person_in
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
    unserved.propose(dpo, before(), today())
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
    assert unserved.propose(dpo, before(), today()) == 1
    assert unserved.due(before()) == 1
