"""Somebody registered twice is on two pathways, or got a grant: one goes on, no money is lost."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import merging as lending_merging
from handup.lending import pathway_persons
from handup.lending.models import EnterpriseGrant, GraduationDecision, Pathway, PathwayEnrolment
from handup.lending.services import pathways
from handup.lending.tests.cast import World, make_person
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pathways import DAY, FIVE, LATER, goat
from handup.org.tests.standing import standing
from handup.people import merging
from handup.people.models import Alias, Person


@standing
def pathway(world: World) -> Pathway:
    """The five criteria of the other tests, two of which must be met."""
    return pathways.open_pathway(
        acting_staff=world.cast.manager,
        programme=world.programme,
        name="First steps",
        criteria=FIVE,
        needed=2,
        from_date=date(2025, 1, 1),
    )


@standing
def row(world: World, pathway: Pathway) -> PathwayEnrolment:
    """The borrower of the world, since 3 February 2025."""
    return pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor, pathway=pathway, person=world.person, enrolled_date=DAY
    )


def test_of_two_running_pathways_the_earlier_goes_on_and_a_grant_paid_asks_for_two_hands(
    world: World, pathway: Pathway, row: PathwayEnrolment
) -> None:
    same = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    other = pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor, pathway=pathway, person=same, enrolled_date=LATER
    )
    assert lending_merging.booked([world.person.pk, same.pk]) == set()
    given = goat(world, row)
    assert lending_merging.booked([world.person.pk, same.pk]) == {world.person.pk}
    sealed: dict[str, Any] = {"criteria_met": []}
    later = EnterpriseGrant.objects.create(
        code="G-X", programme=world.programme, officer=world.cast.advisor, purpose="Kit",
        currency="USD", approved_units=1, person=same, pathway=other,
        **sealed,
    )  # fmt: skip
    graduation_waits = GraduationDecision.objects.create(
        enrolment=other, proposed_date=LATER, proposed_by=world.cast.advisor
    )

    today = timezone.localdate()
    merge = merging.Merge(same.pk, world.person.pk, today, world.cast.manager.pk)
    for move in (lending_merging.move, pathway_persons.move):
        move(merge)
    for held in (row, other, later, graduation_waits):
        held.refresh_from_db()
    assert (row.person, row.state, row.ended_date) == (same, "RUNNING", None)
    assert (other.state, other.ended_date, other.end_reason) == ("LEFT", today, "DUPLICATE")
    assert (later.pathway, graduation_waits.state) == (row, "DECLINED")
    assert "SAME_PATHWAY" in merge.looks
    (told,) = [
        told
        for told in pathway_persons.held(same.pk)["Pathways out of extreme poverty"]
        if told["Number"] == other.code
    ]
    assert told["Why it ended"] == "registered twice"
    with pytest.raises(pathways.AlreadyOnPathway):
        pathways.enrol_in_pathway(
            acting_staff=world.cast.advisor, pathway=pathway, person=same, enrolled_date=LATER
        )

    merging.restore(same.pk, world.person.pk, merge.moved, merge.changes, merge.made)
    for held in (row, other, later, graduation_waits):
        held.refresh_from_db()
    assert (row.person, other.person, other.state, other.end_reason) == (
        world.person, same, "RUNNING", "",
    )  # fmt: skip
    assert (later.pathway, graduation_waits.state) == (other, "PROPOSED")
    given.refresh_from_db()
    assert (given.person, given.pathway) == (world.person, row)


def test_what_no_longer_fits_stays_when_a_merge_is_taken_back(
    world: World, pathway: Pathway, row: PathwayEnrolment
) -> None:
    same = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    other = pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor, pathway=pathway, person=same, enrolled_date=LATER
    )
    today = timezone.localdate()
    merge = merging.Merge(same.pk, world.person.pk, today, world.cast.manager.pk)
    pathway_persons.move(merge)
    row.refresh_from_db()
    pathways.leave_pathway(
        acting_staff=world.cast.advisor, enrolment=row, left_date=today, reason="Moved away"
    )
    again = pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor, pathway=pathway, person=same, enrolled_date=today
    )
    left = merging.restore(same.pk, world.person.pk, merge.moved, merge.changes, merge.made)
    assert "lending.pathwayenrolment.state" in left
    other.refresh_from_db()
    again.refresh_from_db()
    assert (other.state, again.state, again.person) == ("LEFT", "RUNNING", same)


def test_a_device_that_holds_her_earlier_id_finds_her(client: Client, world: World) -> None:
    old = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    Alias.objects.create(old=old, person=world.person)
    Person._base_manager.filter(pk=old.pk).update(merged_date=DAY)
    told: dict[str, Any] = {
        "programme_id": str(world.programme.pk),
        "person_id": str(old.pk),
        "purpose": "A goat",
        "criteria": ["No land"],
        "proposed_date": DAY.isoformat(),
        "tranches": [{"units": 20_00, "planned_date": DAY.isoformat()}],
    }
    answer = post(client, world.cast.advisor, "/grants", **told)
    assert (answer.status_code, EnterpriseGrant.objects.get().person) == (201, world.person)
