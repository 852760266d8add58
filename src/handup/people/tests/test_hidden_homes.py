"""Whom a compartment hides takes her home and her business out of sight with her."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, may
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed, hidden_from
from handup.org.services import give_token
from handup.org.tests.staff import staff_with
from handup.people.models import (
    Compartment,
    EligibilityRule,
    Enterprise,
    Household,
    HouseholdFact,
    Membership,
    Participation,
    Person,
)
from handup.people.queries import category_facts, facts_for, heads_on
from handup.people.rules import codes as c
from handup.people.services import (
    EnterpriseIn,
    HouseholdIn,
    MemberIn,
    OwnerIn,
    change_head,
    decide_eligibility,
    open_compartment,
    publish_rule,
    register_enterprise,
    register_household,
    register_person,
)
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme


@pytest.fixture
def mari(clerk: StaffUser, programme: Programme) -> Person:
    return register_person(acting_staff=clerk, person=person_in(programme)).person


def hide(person: Person, focal_point: StaffUser) -> Compartment:
    return open_compartment(
        acting_staff=focal_point,
        person=person,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )


def home_of(clerk: StaffUser, programme: Programme, *members: MemberIn) -> Household:
    home = HouseholdIn(members=members, registered_date=DAY, programme=programme)
    return register_household(acting_staff=clerk, household=home).household


def shop_of(clerk: StaffUser, programme: Programme, *owners: OwnerIn) -> Enterprise:
    shop = EnterpriseIn(trade="Bakery", owners=owners, registered_date=DAY, programme=programme)
    return register_enterprise(acting_staff=clerk, enterprise=shop)


def test_who_left_the_case_team_knows_of_the_person_no_longer(
    clerk: StaffUser, focal_point: StaffUser, ani: Person
) -> None:
    """The others of the team stay; her own place in it ended."""
    row = open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[clerk],
        opened_date=DAY,
    )
    assert may(clerk, "people.view_person", ani)
    row.team.filter(staff=clerk).update(left_date=DAY)
    hidden_changed()
    assert list(Person.objects.visible_to(clerk)) == []
    assert not may(clerk, "people.view_person", ani)
    assert list(Person.objects.visible_to(focal_point)) == [ani]


def test_the_home_and_business_of_hidden_persons_only_are_hidden_too(
    clerk: StaffUser, focal_point: StaffUser, programme: Programme, ani: Person, client: Client
) -> None:
    home = home_of(clerk, programme, MemberIn(ani, c.HouseholdRole.HEAD))
    shop = shop_of(clerk, programme, OwnerIn(ani))
    hide(ani, focal_point)
    assert list(Household.objects.visible_to(clerk)) == []
    assert list(Enterprise.objects.visible_to(clerk)) == []
    assert not may(clerk, "people.record_household_fact", home)
    assert not may(clerk, "people.view_enterprise", shop)
    client.force_login(clerk)
    assert client.get(f"/people/households/{home.pk}/").status_code == 404
    assert client.get(f"/people/enterprises/{shop.pk}/").status_code == 404
    assert list(Household.objects.visible_to(focal_point)) == [home]
    assert list(Enterprise.objects.visible_to(focal_point)) == [shop]


def test_a_home_shared_with_others_stays_and_does_not_count_the_hidden_one(
    clerk: StaffUser,
    focal_point: StaffUser,
    programme: Programme,
    ani: Person,
    mari: Person,
    client: Client,
) -> None:
    home = home_of(clerk, programme, MemberIn(mari, c.HouseholdRole.HEAD), MemberIn(ani))
    shop = shop_of(clerk, programme, OwnerIn(mari, 6_000), OwnerIn(ani, 4_000))
    client.force_login(clerk)
    Person.objects.filter(pk=ani.pk).update(display_name="Hidden One")
    assert b"Hidden One" in client.get(f"/people/households/{home.pk}/").content
    hide(ani, focal_point)
    for address in (
        f"/people/households/{home.pk}/",
        f"/people/households/{home.pk}/head/",
        f"/people/enterprises/{shop.pk}/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert b"Hidden One" not in answer.content
        assert str(ani.pk).encode() not in answer.content


def test_a_hidden_member_cannot_be_made_head_by_her_id(
    clerk: StaffUser,
    focal_point: StaffUser,
    programme: Programme,
    ani: Person,
    mari: Person,
    client: Client,
) -> None:
    home = home_of(clerk, programme, MemberIn(mari, c.HouseholdRole.HEAD), MemberIn(ani))
    hide(ani, focal_point)
    client.force_login(clerk)
    told = {
        "new_head": str(ani.pk),
        "former_head_relation": "NOT_KNOWN",
        "change_date": "2026-04-01",
    }
    assert client.post(f"/people/households/{home.pk}/head/", told).status_code == 422
    with pytest.raises(OutOfSight):
        change_head(acting_staff=clerk, household=home, new_head=ani, change_date=DAY)
    heads = Membership._base_manager.filter(household=home, role="HEAD", to_date=None)
    assert [row.person for row in heads] == [mari]


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_hidden_head_stands_in_no_other_heads_way(
    clerk: StaffUser, focal_point: StaffUser, programme: Programme, ani: Person, mari: Person,
    days: int,
) -> None:  # fmt: skip
    """A refusal would tell that she is there, and since when she heads the household."""
    home = home_of(clerk, programme, MemberIn(mari))
    since = DAY + timedelta(days=9)
    Membership.objects.create(household=home, person=ani, role="HEAD", from_date=since)
    hide(ani, focal_point)
    on = since + timedelta(days=days)
    change_head(acting_staff=clerk, household=home, new_head=mari, change_date=on)
    hers = Membership._base_manager.filter(household=home, person=ani)
    told = hers.order_by("from_date").values_list("role", "from_date", "to_date")
    if days > 0:
        assert list(told) == [("HEAD", since, since), ("MEMBER", on, None)]
    else:
        assert list(told) == [("MEMBER", since, None)]
    assert heads_on([home.pk], on=since + timedelta(days=1)) == {home.pk: mari.pk}


@pytest.fixture
def crowded(manager: StaffUser, programme: Programme) -> EligibilityRule:
    """Whoever lives with somebody may take part."""
    return publish_rule(
        acting_staff=manager,
        programme=programme,
        title="Two at home",
        valid_from=DAY,
        tree={"fact": "household_size", "op": ">=", "value": 2, "reason": "NO_TARGET_STATUS"},
    )


def test_the_facts_of_a_home_do_not_tell_of_a_hidden_member(
    clerk: StaffUser, targeting: StaffUser, focal_point: StaffUser, programme: Programme,
    mari: Person, application: Participation, crowded: EligibilityRule, client: Client,
) -> None:  # fmt: skip
    """Neither those shown before a decision nor those it keeps; what the home itself says counts
    whoever lives there."""
    ani = application.person
    home = home_of(clerk, programme, MemberIn(ani, c.HouseholdRole.HEAD), MemberIn(mari))
    hide(mari, focal_point)
    officer = StaffUser.objects.get(pk=targeting.pk)
    shown = signed_in(officer).get("/people/participations/to-decide/").content.decode()
    assert re.search(r"People living there</dt>\s*<dd[^>]*>\s*1\b", shown)
    decide_eligibility(acting_staff=officer, participation=application, decided_date=DAY)
    application.refresh_from_db()
    assert application.decision["facts"] == {"household_size": 1}
    assert application.state == "NOT_ELIGIBLE"
    known = category_facts([ani.pk], on=DAY)[ani.pk].home
    assert known is not None
    assert known.size == 2, "a count that nobody reads beside her counts all"
    HouseholdFact.objects.create(household=home, fact_date=DAY, adults=2, told_to=clerk)
    without = hidden_from(officer)
    told = facts_for([ani.pk], programme=programme, on=DAY, without=without)[ani.pk]
    assert told["household_size"] == 2


def test_a_token_of_the_case_team_never_shows_the_hidden_person(
    focal_point: StaffUser, ani: Person, client: Client
) -> None:
    """A token needs no second factor, and whoever made it for her has seen it."""
    hide(ani, focal_point)
    administrator = staff_with("administrator", Role.ADMINISTRATOR)
    _token, plain = give_token(
        acting_staff=administrator, staff=focal_point, label="laptop", scopes=["*"], days=5
    )
    address = f"/api/v1/people/persons/{ani.pk}"
    assert client.get(address, headers={"Authorization": f"Bearer {plain}"}).status_code == 404
    client.force_login(focal_point)
    assert client.get(address).status_code == 200
