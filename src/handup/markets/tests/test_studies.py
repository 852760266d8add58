"""Market studies: what was found, what became of it, and the business that was started."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.markets.models import Finding, Opportunity, OpportunityStart, Study
from handup.markets.models.labels import OpportunityState
from handup.markets.services import studies
from handup.markets.services.chains import DayAhead
from handup.markets.services.prices import EndsBeforeItStarts, PriceReasonMissing
from handup.org.models import Office, StaffUser
from handup.org.permissions import OutOfSight
from handup.people.models import Person
from handup.people.subject import collect, erase
from handup.plans.models import Plan
from handup.projects import search
from handup.projects.models import Programme

DAY = date(2026, 3, 2)


@pytest.fixture
def study(officer: StaffUser, programme: Programme, office: Office) -> Study:
    return studies.start_study(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Vegetables in town",
        question="What would the town buy that nobody brings?",
        started_date=DAY,
    )


@pytest.fixture
def broccoli(officer: StaffUser, study: Study) -> Opportunity:
    return studies.record_opportunity(
        acting_staff=officer,
        study=study,
        product="Broccoli",
        buyers="Two restaurants and a shop",
        volume="40 kg a week",
        price_units=1_200,
        price_per="kg",
        next_action="Tell the groups",
    )


@pytest.fixture
def plan(officer: StaffUser, programme: Programme, office: Office) -> Plan:
    person = Person.objects.create(
        registration_no="100000025",
        display_name="Dora Baker",
        sort_key="baker dora",
        programme=programme,
        office=office,
        registered_date=DAY,
        registered_by=officer,
    )
    return Plan.objects.create(
        number="P-1",
        programme=programme,
        office=office,
        adviser=officer,
        person=person,
        title="Broccoli field",
        currency="RWF",
        start_month=date(2026, 4, 1),
        started_date=DAY,
    )


def test_a_study_is_done_once_something_was_found(officer: StaffUser, study: Study) -> None:
    with pytest.raises(studies.NothingFound):
        studies.finish_study(acting_staff=officer, study=study, finished_date=DAY)
    for statement in ("Broccoli comes from far away", "Leafy greens sell out by nine"):
        studies.record_finding(acting_staff=officer, study=study, statement=statement)
    with pytest.raises(EndsBeforeItStarts):
        studies.finish_study(
            acting_staff=officer, study=study, finished_date=DAY - timedelta(days=1)
        )
    done = studies.finish_study(acting_staff=officer, study=study, finished_date=DAY)
    assert done.state == "DONE"
    assert [row.position for row in Finding.objects.all()] == [1, 2]
    with pytest.raises(studies.StudyIsDone):
        studies.record_finding(acting_staff=officer, study=study, statement="Too late")


def test_a_study_is_found_by_its_opportunities_and_the_day_it_was_done(
    officer: StaffUser, study: Study, broccoli: Opportunity
) -> None:
    (hit,) = search.find(officer, "broccoli restaur").hits
    assert (hit.object_id, hit.dated) == (study.pk, DAY)
    studies.record_finding(acting_staff=officer, study=study, statement="It comes from far away")
    later = DAY + timedelta(days=9)
    studies.finish_study(acting_staff=officer, study=study, finished_date=later)
    assert [hit.dated for hit in search.find(officer, "broccoli").hits] == [later]


def test_a_start_is_traced_once_to_the_study_it_came_from(
    officer: StaffUser, broccoli: Opportunity, plan: Plan
) -> None:
    with pytest.raises(studies.WhoStarted):
        studies.trace_start(acting_staff=officer, opportunity=broccoli, started_date=DAY, today=DAY)
    with pytest.raises(DayAhead):
        studies.trace_start(
            acting_staff=officer,
            opportunity=broccoli,
            started_date=DAY + timedelta(days=1),
            today=DAY,
            plan=plan,
        )
    row = studies.trace_start(
        acting_staff=officer,
        opportunity=broccoli,
        started_date=DAY,
        today=DAY,
        plan=plan,
        remark="heard it at the meeting",
    )
    broccoli.refresh_from_db()
    assert (broccoli.state, row.person_id) == ("TAKEN_UP", plan.person_id)
    with pytest.raises(studies.TracedAlready):
        studies.trace_start(
            acting_staff=officer, opportunity=broccoli, started_date=DAY, today=DAY, plan=plan
        )
    assert OpportunityStart.objects.count() == 1


def test_what_is_held_of_a_person_is_told_and_blanked(
    officer: StaffUser, broccoli: Opportunity, plan: Plan
) -> None:
    row = studies.trace_start(
        acting_staff=officer,
        opportunity=broccoli,
        started_date=DAY,
        today=DAY,
        plan=plan,
        remark="her sister told her",
    )
    assert plan.person_id is not None
    told = [part(plan.person_id) for part in collect if part.__module__ == "handup.markets.persons"]
    assert "her sister told her" in str(told)
    for part in erase:
        if part.__module__ == "handup.markets.persons":
            part(plan.person_id)
    row.refresh_from_db()
    assert row.remark == ""


def test_an_opportunity_is_followed_or_dropped_with_a_reason(
    officer: StaffUser, outsider: StaffUser, broccoli: Opportunity, plan: Plan
) -> None:
    with pytest.raises(studies.NextStepMissing):
        studies.follow_opportunity(
            acting_staff=officer, opportunity=broccoli, state=OpportunityState.OPEN
        )
    with pytest.raises(PriceReasonMissing):
        studies.follow_opportunity(
            acting_staff=officer, opportunity=broccoli, state=OpportunityState.DROPPED
        )
    with pytest.raises(OutOfSight):
        studies.trace_start(
            acting_staff=outsider, opportunity=broccoli, started_date=DAY, today=DAY, plan=plan
        )
    studies.follow_opportunity(
        acting_staff=officer,
        opportunity=broccoli,
        state=OpportunityState.DROPPED,
        reason="The restaurants closed",
    )
    with pytest.raises(studies.OpportunityIsDropped):
        studies.trace_start(
            acting_staff=officer, opportunity=broccoli, started_date=DAY, today=DAY, plan=plan
        )
    assert not OpportunityStart.objects.exists()


def test_a_study_goes_the_way_of_its_pages(
    client: Client, officer: StaffUser, outsider: StaffUser, study: Study, plan: Plan
) -> None:
    client.force_login(officer)
    client.post(
        reverse("markets:finding_new", args=[study.pk]),
        {"statement": "Broccoli comes from far away", "_new_id": str(new_id())},
    )
    client.post(
        reverse("markets:opportunity_new", args=[study.pk]),
        {
            "product": "Broccoli",
            "buyers": "Two restaurants",
            "price_units": "1200",
            "price_per": "kg",
            "next_action": "Tell the groups",
            "_new_id": str(new_id()),
        },
    )
    row = Opportunity.objects.get()
    started = {"plan_number": "P-1", "started_date": "2026-03-02", "_new_id": str(new_id())}
    client.post(reverse("markets:start_new", args=[row.pk]), started)
    page = client.get(reverse("markets:opportunity_detail", args=[row.pk])).content.decode()
    assert "P-1 Broccoli field" in page
    assert (
        "Broccoli comes from far away"
        in client.get(reverse("markets:study_detail", args=[study.pk])).content.decode()
    )
    for name in ("study_list", "opportunity_list"):
        assert (
            "Vegetables in town"
            in client.get(reverse(f"markets:{name}"), {"columns": "title,study"}).content.decode()
        )
    person = client.get(reverse("people:person_detail", args=[plan.person_id])).content.decode()
    assert "Market opportunities taken up" in person
    client.force_login(outsider)
    page = client.get(reverse("markets:opportunity_detail", args=[row.pk])).content.decode()
    assert "Broccoli" in page
    assert "P-1 Broccoli field" not in page
    missing = client.post(reverse("markets:start_new", args=[row.pk]), started)
    assert missing.status_code == 404
