"""A device's id that is known already: whose it is hears of it, nobody else does."""

from dataclasses import replace

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import (
    Consent,
    ConsentNotice,
    Enterprise,
    Household,
    Participation,
    Person,
)
from handup.people.rules import codes as c
from handup.people.services import (
    EnterpriseIn,
    HouseholdIn,
    MemberIn,
    OwnerIn,
    decide_eligibility,
    give_consent,
    open_compartment,
    register_enterprise,
    register_enterprises,
    register_household,
    register_person,
    register_persons,
)
from handup.people.services.participation import AlreadyDecided
from handup.people.tests.conftest import DAY, agreed, person_in
from handup.projects.models import Programme


@pytest.fixture
def colleague(programme: Programme) -> StaffUser:
    """Another clerk of the same programme."""
    return staff_with("colleague", Role.CLERK, scope=ScopeKind.PROJECT, programme_id=programme.pk)


@pytest.fixture
def mari(clerk: StaffUser, programme: Programme) -> Person:
    return register_person(acting_staff=clerk, person=person_in(programme, "Mari")).person


def test_an_id_is_told_to_whoever_stored_it_or_may_see_it_and_to_nobody_else(
    ani: Person, clerk: StaffUser, colleague: StaffUser, outsider: StaffUser, programme: Programme
) -> None:
    assert already_stored(Person, ani.pk, clerk) == ani
    assert already_stored(Person, ani.pk, colleague) == ani
    with pytest.raises(SameIdOtherContent) as caught:
        already_stored(Person, ani.pk, outsider)
    assert caught.value.field == "id"
    assert already_stored(Person, new_id(), outsider) is None
    named = already_stored(Person, ani.pk, outsider, programme=programme)
    assert named == ani, "whoever may not write there is refused before by the service"


def test_the_id_of_a_hidden_person_is_told_to_whoever_registered_her_alone(
    ani: Person,
    clerk: StaffUser,
    colleague: StaffUser,
    focal_point: StaffUser,
    programme: Programme,
) -> None:
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    assert already_stored(Person, ani.pk, clerk) == ani
    assert already_stored(Person, ani.pk, focal_point) == ani
    for content in ({}, {"programme": programme}):
        with pytest.raises(SameIdOtherContent):
            already_stored(Person, ani.pk, colleague, **content)


def test_a_sheet_sent_again_is_the_same_home_and_another_sheet_is_refused(
    ani: Person, mari: Person, clerk: StaffUser, programme: Programme
) -> None:
    sheet = HouseholdIn(
        id=new_id(),
        members=(MemberIn(ani, c.HouseholdRole.HEAD),),
        registered_date=DAY,
        programme=programme,
    )
    home = register_household(acting_staff=clerk, household=sheet).household
    assert register_household(acting_staff=clerk, household=sheet).household == home
    for other in (
        replace(sheet, members=(MemberIn(mari, c.HouseholdRole.HEAD),)),
        replace(sheet, members=(*sheet.members, MemberIn(person_in(programme, "Nare")))),
    ):
        with pytest.raises(SameIdOtherContent) as caught:
            register_household(acting_staff=clerk, household=other)
        assert caught.value.field == "members"
    assert Household.objects.count() == 1
    assert list(home.memberships.values_list("person", flat=True)) == [ani.pk]
    assert not Person.objects.filter(names__first_name="Nare").exists()


def test_a_business_of_others_is_not_taken_for_hers(
    ani: Person, mari: Person, clerk: StaffUser, outsider: StaffUser, programme: Programme
) -> None:
    told = EnterpriseIn(
        id=new_id(),
        trade="Bread",
        owners=(OwnerIn(ani),),
        registered_date=DAY,
        programme=programme,
    )
    shop = register_enterprise(acting_staff=clerk, enterprise=told)
    assert register_enterprise(acting_staff=clerk, enterprise=told) == shop
    assert register_enterprises(acting_staff=clerk, items=[told]) == [shop]
    hers = replace(told, owners=(OwnerIn(mari),))
    with pytest.raises(SameIdOtherContent):
        register_enterprise(acting_staff=clerk, enterprise=hers)
    assert register_enterprises(acting_staff=clerk, items=[hers]) == [shop], "a list says no more"
    with pytest.raises(SameIdOtherContent):
        register_enterprises(acting_staff=outsider, items=[told])
    assert list(Enterprise.objects.all()) == [shop]


def test_a_list_brings_nobody_in_from_beyond_ones_sight(
    ani: Person, clerk: StaffUser, outsider: StaffUser, programme: Programme,
    other_programme: Programme,
) -> None:  # fmt: skip
    """A sheet of a household or a list that bears the id of somebody elsewhere."""
    told = person_in(programme, id=ani.pk)
    assert register_persons(acting_staff=clerk, items=[told]) == [ani]
    theirs = person_in(other_programme, "Nare", id=ani.pk)
    with pytest.raises(SameIdOtherContent):
        register_persons(acting_staff=outsider, items=[theirs])
    sheet = HouseholdIn(members=(MemberIn(theirs),), registered_date=DAY, programme=other_programme)
    with pytest.raises(SameIdOtherContent):
        register_household(acting_staff=outsider, household=sheet)
    assert not ani.memberships.exists()
    assert Person.objects.get() == ani


def test_another_agreement_under_a_known_id_is_refused(
    ani: Person, clerk: StaffUser, notice: ConsentNotice
) -> None:
    told = replace(agreed(notice, c.ConsentPurpose.SHARE_BANK), id=new_id())
    first = give_consent(acting_staff=clerk, person=ani, consent=told)
    assert give_consent(acting_staff=clerk, person=ani, consent=told) == first
    for other in (
        replace(told, method=c.ConsentMethod.WITNESSED),
        replace(told, given_date=timezone.localdate()),
    ):
        with pytest.raises(SameIdOtherContent):
            give_consent(acting_staff=clerk, person=ani, consent=other)
    assert Consent.objects.filter(purpose=c.ConsentPurpose.SHARE_BANK).count() == 1


def test_an_application_decided_meanwhile_is_not_decided_twice(
    application: Participation, targeting: StaffUser, rule: object
) -> None:
    seen_before = Participation.objects.get(pk=application.pk)
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    moves = application.events.count()
    with pytest.raises(AlreadyDecided):
        decide_eligibility(acting_staff=targeting, participation=seen_before, decided_date=DAY)
    assert application.events.count() == moves
