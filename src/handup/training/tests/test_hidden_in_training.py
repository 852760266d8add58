"""Whom a reader may not know of is neither named nor counted: tasks, costs, applications."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Participation, Person
from handup.people.rules.codes import CompartmentKind
from handup.people.services import open_compartment
from handup.projects.models import Programme
from handup.training import services
from handup.training.models import Cohort, Enrolment, FollowUp, Session, Workshop
from handup.training.rules.states import EnrolmentState
from handup.training.services import refusals
from handup.training.services.invitations import invite_following
from handup.training.tests.conftest import START, MakePerson, attend, member_of_staff, terms
from handup.training.tests.test_api import Caller
from handup.training.tests.test_enrolments import waiting


def hide(person: Person, *team: StaffUser) -> None:
    """Only the protection focal point and this team know of her from now on."""
    known = StaffUser.objects.filter(username="protection").first()
    open_compartment(
        acting_staff=known or member_of_staff("protection", Role.FOCAL_POINT),
        person=person,
        kind=CompartmentKind.PERSON,
        team=team,
        opened_date=date(2026, 1, 6),
    )


def test_handing_out_tells_of_nobody_hidden(
    cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment], officer: StaffUser
) -> None:
    services.name_trainer(acting_staff=officer, cohort=cohort, staff=officer, leads=True)
    for session in sessions:
        attend(officer, enrolled[0], session, session.minutes_planned)
    hide(enrolled[1].person)
    status, rows = Caller(officer).post(f"/cohorts/{cohort.pk}/follow-ups", on=START)
    assert status == 201
    assert [row["enrolment_id"] for row in rows] == [str(enrolled[2].pk)]
    assert FollowUp.objects.count() == 2, "hers is a task too, for who knows of her"


def test_a_place_that_somebody_hidden_takes_is_free_for_whoever_may_not_know_of_her(
    officer: StaffUser, cohort: Cohort, enrolled: list[Enrolment], person: MakePerson
) -> None:
    """A course refused as full with a place free would tell that somebody is hidden."""
    Cohort.objects.filter(pk=cohort.pk).update(capacity=len(enrolled))
    cohort.refresh_from_db()
    hide(enrolled[1].person)
    told: dict[str, Any] = {"acting_staff": officer, "cohort": cohort, "enrolled_date": START}
    services.enrol_in_cohort(**told, person=person())
    with pytest.raises(refusals.CohortFull):
        services.enrol_in_cohort(**told, person=person())


def test_a_place_that_became_free_goes_to_somebody_she_sees_waiting(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    """Else nobody is invited while somebody waits; hidden ones after her take no place of hers."""
    first, seen, last = waiting(officer, cohort, person, "90", "80", "70")
    for row in (first, last):
        hide(row.person)
    invited = invite_following(officer, cohort, 1, START)
    assert [row.pk for row in invited] == [first.pk, seen.pk]


def test_an_apprentice_nobody_may_know_of_fills_no_workshop(
    apprentices: list[Enrolment], workshop: Workshop, officer: StaffUser
) -> None:
    Workshop.objects.filter(pk=workshop.pk).update(max_apprentices=1)
    services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[0], workshop))
    hide(apprentices[0].person)
    workshop.refresh_from_db()
    services.sign_apprenticeship(acting_staff=officer, terms=terms(apprentices[1], workshop))
    assert workshop.agreements.count() == 2


def test_costs_are_divided_by_those_the_funnel_counts(
    completed: list[Enrolment], cohort: Cohort, programme: Programme, officer: StaffUser
) -> None:
    """300.00 over three who started, of whom one is hidden: 150.00 for each this reader counts."""
    services.record_cost(
        acting_staff=officer,
        programme=programme,
        cohort=cohort,
        title="Trainers",
        cost_date=date(2026, 4, 1),
        amount_units=30_000,
        currency="AMD",
    )
    api = Caller(officer)
    address = f"/programmes/{programme.pk}/costs?on=2026-05-01"
    assert api.get(address)[1]["per_participant"] == 10_000
    hide(completed[0].person)
    assert api.get(address)[1]["per_participant"] == 15_000


@pytest.mark.parametrize("hidden", [False, True])
def test_a_button_tells_of_no_hidden_applicant(
    cohort: Cohort, person: MakePerson, officer: StaffUser, settings: Any, hidden: bool
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    applicant = person("Only one")
    services.record_application(
        acting_staff=officer, cohort=cohort, person=applicant, applied_date=date(2026, 2, 1)
    )
    if hidden:
        hide(applicant)
    web = Client()
    web.force_login(officer)
    shown = web.get(reverse("training:cohort_detail", args=[cohort.pk])).content.decode()
    assert (reverse("training:cohort_decide", args=[cohort.pk]) in shown) is not hidden


def test_a_tracer_round_counts_nobody_hidden(
    completed: list[Enrolment], programme: Programme, officer: StaffUser
) -> None:
    hide(completed[0].person)
    api = Caller(officer)
    status, row = api.post(
        f"/programmes/{programme.pk}/tracer-rounds", month=6, opened_date="2026-10-01"
    )
    assert status == 201
    assert "due" not in row
    counts = api.get(f"/tracer-rounds/{row['id']}")[1]
    assert (counts["asked"], len(counts["answers"])) == (1, 1)


@pytest.mark.parametrize("why", ["hidden", "left"])
def test_the_next_is_invited_without_a_word_of_who_is_hidden_or_left(
    cohort: Cohort, person: MakePerson, officer: StaffUser, why: str
) -> None:
    first, second = waiting(officer, cohort, person, "90", "40")
    if why == "hidden":
        hide(first.person)
    else:
        Participation.objects.create(
            person=first.person,
            programme=cohort.programme,
            state="EXITED",
            reason="DIED",
            applied_date=date(2026, 1, 5),
            ended_date=date(2026, 2, 1),
        )
    web = Client()
    web.force_login(officer)
    sent = web.post(reverse("training:cohort_invite", args=[cohort.pk]), {"day": "2026-02-12"})
    assert sent.status_code == 302, sent.content.decode()
    assert Enrolment.objects.get(pk=second.pk).state == EnrolmentState.INVITED
    assert Enrolment.objects.get(pk=first.pk).state == EnrolmentState.WAITING
