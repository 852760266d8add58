"""Households: one sheet, dated heads and members, splits; enterprises and their owners."""

from datetime import date
from typing import Any

import pytest

from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Enterprise, Household, Membership, Ownership, Person
from handup.people.queries import (
    category_facts,
    heads_on,
    household_members_on,
    households_of,
    owners_on,
)
from handup.people.queries.categories import category_facts_on
from handup.people.rules import codes as c
from handup.people.services import (
    EnterpriseIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    OwnerIn,
    change_head,
    close_enterprise,
    join_household,
    leave_household,
    record_household_fact,
    record_status,
    register_enterprise,
    register_enterprises,
    register_household,
    register_households,
    register_person,
    registration,
    set_poverty_line,
    split_household,
)
from handup.people.services import enterprises as e
from handup.people.services import households as h
from handup.people.services import members as m
from handup.people.services.days import DayToCome
from handup.people.tests.conftest import DAY, person_in
from handup.projects.models import Programme

HEAD = c.HouseholdRole.HEAD
LATER = date(2026, 6, 1)


def child(programme: Programme, first: str, birth: date) -> MemberIn:
    told = person_in(programme, first, birth_date=birth, sex=c.Sex.M)
    return MemberIn(told, relation=c.Kinship.CHILD)


@pytest.fixture
def home(clerk: StaffUser, ani: Person, programme: Programme) -> Household:
    """Ani heads a household with three children, registered on one sheet."""
    told = HouseholdIn(
        members=(
            MemberIn(ani, HEAD),
            child(programme, "Aram", date(2010, 1, 1)),
            child(programme, "Davit", date(2012, 1, 1)),
            child(programme, "Gor", date(2016, 1, 1)),
        ),
        registered_date=DAY,
        programme=programme,
        area=ani.area,
        fact=HouseholdFactIn(
            DAY, adults=1, children=3, monthly_income_units=60_000, currency="AMD"
        ),
    )
    return register_household(acting_staff=clerk, household=told).household


def test_the_family_is_registered_on_one_sheet(ani: Person, home: Household) -> None:
    members = list(household_members_on(home.pk, on=DAY))
    first = members[0]
    assert (first.person.display_name, first.role, first.relation) == (
        "Ani Sargsyan",
        "HEAD",
        "SELF",
    )
    assert len(members) == 4
    assert Person._base_manager.count() == 4
    assert households_of([ani.pk], on=DAY) == {ani.pk: home.pk}
    assert heads_on([home.pk], on=DAY) == {home.pk: ani.pk}
    assert home.code.startswith("H")


def test_categories_are_computed_from_the_sheet_never_typed(
    manager: StaffUser, ani: Person, home: Household, programme: Programme
) -> None:
    before = category_facts([ani.pk], on=DAY)[ani.pk]
    assert before.categories == {"WOMAN_HEAD", "LARGE_FAMILY"}
    assert before.unknown == {"LOW_INCOME"}
    set_poverty_line(
        acting_staff=manager,
        programme=programme,
        from_date=DAY,
        per_head_units=15_000,
        currency="AMD",
        source="statistics office",
    )
    after = category_facts([ani.pk], on=DAY)[ani.pk]
    assert after.categories == {"WOMAN_HEAD", "LARGE_FAMILY", "LOW_INCOME"}
    son = Person._base_manager.get(display_name__startswith="Gor")
    facts = category_facts([son.pk], on=DAY)[son.pk]
    assert facts.categories == {"LARGE_FAMILY", "LOW_INCOME"}
    assert (facts.age, facts.age_band) == (10, "0-14")


def test_a_line_in_another_currency_compares_nothing(
    manager: StaffUser, ani: Person, home: Household, programme: Programme
) -> None:
    set_poverty_line(
        acting_staff=manager,
        programme=programme,
        from_date=DAY,
        per_head_units=15_000,
        currency="USD",
        source="x",
    )
    assert "LOW_INCOME" in category_facts([ani.pk], on=DAY)[ani.pk].unknown
    with pytest.raises(h.BelowZero):
        set_poverty_line(
            acting_staff=manager,
            programme=programme,
            from_date=LATER,
            per_head_units=-1,
            currency="AMD",
            source="x",
        )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"members": ()}, h.NobodyInHousehold),
        ({"fact": HouseholdFactIn(DAY, monthly_income_units=5)}, h.CurrencyMissing),
        (
            {"fact": HouseholdFactIn(DAY, monthly_income_units=-5, currency="AMD")},
            h.BelowZero,
        ),
    ],
)
def test_a_sheet_that_cannot_be_is_refused(
    clerk: StaffUser, ani: Person, change: dict[str, Any], refusal: type[Refusal]
) -> None:
    told: dict[str, Any] = {
        "members": (MemberIn(ani, HEAD),),
        "registered_date": DAY,
        "programme": ani.programme,
    }
    with pytest.raises(refusal):
        register_household(acting_staff=clerk, household=HouseholdIn(**(told | change)))
    assert not Household._base_manager.exists()


def test_two_heads_and_the_same_person_twice_are_refused(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    second = MemberIn(person_in(programme, "Nare"), HEAD)
    for members, refusal in (
        ((MemberIn(ani, HEAD), second), h.SecondHead),
        ((MemberIn(ani), MemberIn(ani)), h.SamePersonTwice),
    ):
        with pytest.raises(refusal):
            register_household(
                acting_staff=clerk,
                household=HouseholdIn(members=members, registered_date=DAY, programme=programme),
            )
    assert not Household._base_manager.exists()
    assert Person._base_manager.count() == 1


def test_a_member_of_two_households_is_kept_and_warned_of(
    clerk: StaffUser, ani: Person, home: Household, programme: Programme
) -> None:
    told = HouseholdIn(members=(MemberIn(ani),), registered_date=LATER, programme=programme)
    again = register_household(acting_staff=clerk, household=told)
    assert again.members_elsewhere == (ani,)
    assert Membership._base_manager.filter(person=ani, to_date=None).count() == 2
    assert households_of([ani.pk], on=LATER) == {ani.pk: again.household.pk}


def test_a_new_head_keeps_the_former_on_record(
    clerk: StaffUser, ani: Person, home: Household
) -> None:
    aram = Person._base_manager.get(display_name__startswith="Aram")
    change_head(
        acting_staff=clerk,
        household=home,
        new_head=aram,
        change_date=LATER,
        former_head_relation=c.Kinship.PARENT,
    )
    assert heads_on([home.pk], on=date(2026, 5, 31)) == {home.pk: ani.pk}
    assert heads_on([home.pk], on=LATER) == {home.pk: aram.pk}
    assert household_members_on(home.pk, on=LATER).count() == 4
    facts = category_facts([ani.pk, aram.pk], on=LATER)
    assert "WOMAN_HEAD" not in facts[ani.pk].categories
    assert "CHILD_HEAD" in facts[aram.pk].categories
    assert "WOMAN_HEAD" in category_facts([ani.pk], on=DAY)[ani.pk].categories


def test_a_head_that_cannot_be_is_refused(
    clerk: StaffUser, ani: Person, home: Household, programme: Programme
) -> None:
    stranger = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    aram = Person._base_manager.get(display_name__startswith="Aram")
    for head, day, refusal in (
        (stranger, LATER, m.NotAMember),
        (ani, LATER, m.AlreadyHead),
        (aram, DAY, m.ChangeBeforeStart),
    ):
        with pytest.raises(refusal):
            change_head(acting_staff=clerk, household=home, new_head=head, change_date=day)
    assert heads_on([home.pk], on=LATER) == {home.pk: ani.pk}
    assert Membership._base_manager.filter(household=home).count() == 4


def test_an_outsider_changes_no_head(outsider: StaffUser, ani: Person, home: Household) -> None:
    with pytest.raises(OutOfSight):
        change_head(acting_staff=outsider, household=home, new_head=ani, change_date=LATER)


def test_joining_and_leaving_are_dated(
    clerk: StaffUser, ani: Person, home: Household, programme: Programme
) -> None:
    grandmother = register_person(
        acting_staff=clerk, person=person_in(programme, "Nare", birth_date=date(1950, 1, 1))
    ).person
    row = join_household(
        acting_staff=clerk,
        household=home,
        person=grandmother,
        from_date=LATER,
        relation=c.Kinship.PARENT,
    )
    with pytest.raises(h.SamePersonTwice):
        join_household(acting_staff=clerk, household=home, person=grandmother, from_date=LATER)
    assert households_of([grandmother.pk], on=DAY) == {}
    with pytest.raises(m.ChangeBeforeStart):
        leave_household(acting_staff=clerk, membership=row, last_date=DAY)
    head = home.memberships.get(role=HEAD)
    with pytest.raises(m.HeadLeaves):
        leave_household(acting_staff=clerk, membership=head, last_date=LATER)
    on_another_desk = Membership._base_manager.get(pk=row.pk)
    leave_household(acting_staff=clerk, membership=row, last_date=LATER)
    for read in (row, on_another_desk):
        with pytest.raises(m.HasLeft):
            leave_household(acting_staff=clerk, membership=read, last_date=date(2026, 6, 20))
    assert households_of([grandmother.pk], on=LATER) == {grandmother.pk: home.pk}
    assert households_of([grandmother.pk], on=date(2026, 6, 2)) == {}


def test_nobody_comes_or_leaves_on_a_day_to_come_and_no_stay_overlaps_another(
    clerk: StaffUser, home: Household, programme: Programme
) -> None:
    nare = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    ahead = date(2199, 1, 1)
    row = join_household(acting_staff=clerk, household=home, person=nare, from_date=LATER)
    with pytest.raises(h.SamePersonTwice):
        join_household(acting_staff=clerk, household=home, person=nare, from_date=DAY)
    with pytest.raises(DayToCome):
        join_household(acting_staff=clerk, household=home, person=nare, from_date=ahead)
    with pytest.raises(DayToCome):
        leave_household(acting_staff=clerk, membership=row, last_date=ahead)
    row.refresh_from_db()
    assert row.to_date is None
    head = home.memberships.get(role=HEAD)
    with pytest.raises(m.HeadLeaves):
        split_household(
            acting_staff=clerk,
            household=home,
            members=[MemberIn(head.person, HEAD)],
            split_date=LATER,
        )
    with pytest.raises(DayToCome):
        split_household(
            acting_staff=clerk, household=home, members=[MemberIn(nare, HEAD)], split_date=ahead
        )
    assert Household._base_manager.count() == 1


def test_a_split_household_keeps_its_past(
    clerk: StaffUser, home: Household, programme: Programme
) -> None:
    aram = Person._base_manager.get(display_name__startswith="Aram")
    new = split_household(
        acting_staff=clerk,
        household=home,
        members=[MemberIn(aram, HEAD)],
        split_date=LATER,
    )
    assert households_of([aram.pk], on=DAY) == {aram.pk: home.pk}
    assert households_of([aram.pk], on=LATER) == {aram.pk: new.pk}
    assert household_members_on(home.pk, on=LATER).count() == 3
    stranger = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    with pytest.raises(m.NotAMember):
        split_household(
            acting_staff=clerk, household=home, members=[MemberIn(stranger)], split_date=LATER
        )
    assert Household._base_manager.count() == 2


def test_what_is_told_later_counts_from_that_day(
    clerk: StaffUser, ani: Person, home: Household
) -> None:
    told = HouseholdFactIn(LATER, adults=1, children=2, monthly_income_units=9, currency="AMD")
    one = new_id()
    record_household_fact(acting_staff=clerk, household=home, fact=told, id=one)
    record_household_fact(acting_staff=clerk, household=home, fact=told, id=one)
    assert home.facts.count() == 2
    facts = category_facts([ani.pk], on=LATER)[ani.pk]
    assert facts.home is not None
    assert facts.home.income_units == 9
    with pytest.raises(h.CurrencyMissing):
        record_household_fact(
            acting_staff=clerk, household=home, fact=HouseholdFactIn(LATER, monthly_income_units=1)
        )
    assert home.facts.count() == 2


def test_many_households_are_registered_at_once(clerk: StaffUser, programme: Programme) -> None:
    items = [
        HouseholdIn(
            members=(MemberIn(person_in(programme, "Participant", f"{n:04}"), HEAD),),
            registered_date=DAY,
            programme=programme,
        )
        for n in range(20)
    ]
    homes = register_households(acting_staff=clerk, items=items)
    heads = heads_on([home.pk for home in homes], on=DAY)
    assert len(set(heads.values())) == 20
    with pytest.raises(Faults):
        register_households(
            acting_staff=clerk,
            items=[*items, HouseholdIn(members=(), registered_date=DAY, programme=programme)],
        )
    assert Household._base_manager.count() == 20
    assert Person._base_manager.count() == 20


def bakery(ani: Person, **more: Any) -> EnterpriseIn:
    told: dict[str, Any] = {
        "trade": "bakery",
        "owners": (OwnerIn(ani),),
        "registered_date": DAY,
        "start_date": date(2024, 5, 1),
        "workers_family": 1,
        "workers_paid": 2,
        "workers_women": 2,
        "programme": ani.programme,
        "job_kind": c.JobKind.PROCESSING,
    }
    return EnterpriseIn(**(told | more))


def test_an_enterprise_is_registered_with_its_owner(clerk: StaffUser, ani: Person) -> None:
    row = register_enterprise(acting_staff=clerk, enterprise=bakery(ani))
    assert str(row) == f"bakery {row.code}"
    owner = owners_on(row.pk, on=date(2024, 5, 1)).get()
    assert (owner.person, owner.share_bps) == (ani, 10_000)
    assert not owners_on(row.pk, on=date(2024, 4, 30)).exists()


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"trade": " "}, e.TradeMissing, "trade"),
        ({"owners": ()}, e.OwnersMissing, "owners"),
        ({"workers_women": 4}, e.WomenOverWorkers, "workers_women"),
        ({"start_date": date(2026, 3, 3)}, e.StartInFuture, "start_date"),
    ],
)
def test_an_enterprise_that_cannot_be_is_refused(
    clerk: StaffUser, ani: Person, change: dict[str, Any], refusal: type[Refusal], field: str
) -> None:
    with pytest.raises(refusal) as caught:
        register_enterprise(acting_staff=clerk, enterprise=bakery(ani, **change))
    assert caught.value.field == field
    assert not Enterprise._base_manager.exists()


def test_shares_are_parts_of_one_whole(clerk: StaffUser, ani: Person, programme: Programme) -> None:
    nare = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    for owners, refusal in (
        ((OwnerIn(ani, 6_000), OwnerIn(nare, 4_001)), e.SharesOverWhole),
        ((OwnerIn(ani, 0),), e.ShareOutOfRange),
        ((OwnerIn(ani, 10), OwnerIn(ani, 20)), e.OwnerTwice),
    ):
        with pytest.raises(refusal):
            register_enterprise(acting_staff=clerk, enterprise=bakery(ani, owners=owners))
    assert not Ownership._base_manager.exists()
    row = register_enterprise(
        acting_staff=clerk,
        enterprise=bakery(ani, owners=(OwnerIn(ani, 6_000), OwnerIn(nare, 4_000))),
    )
    assert [owner.share_bps for owner in owners_on(row.pk, on=DAY)] == [6_000, 4_000]


def test_a_batch_of_enterprises_is_sent_twice_and_stored_once(
    clerk: StaffUser, ani: Person
) -> None:
    items = [bakery(ani, id=new_id()), bakery(ani, trade="tailor", id=new_id())]
    first = register_enterprises(acting_staff=clerk, items=items)
    assert register_enterprises(acting_staff=clerk, items=items) == first
    assert Enterprise._base_manager.count() == 2
    single = bakery(ani, id=new_id())
    one = register_enterprise(acting_staff=clerk, enterprise=single)
    assert register_enterprise(acting_staff=clerk, enterprise=single) == one
    with pytest.raises(Faults) as caught:
        register_enterprises(acting_staff=clerk, items=[bakery(ani), bakery(ani, trade="")])
    assert [fault.row for fault in caught.value.faults] == [2]
    assert Enterprise._base_manager.count() == 3


def test_an_enterprise_is_closed_once_and_not_before_it_began(
    clerk: StaffUser, ani: Person
) -> None:
    row = register_enterprise(acting_staff=clerk, enterprise=bakery(ani))
    with pytest.raises(e.StartInFuture):
        close_enterprise(acting_staff=clerk, enterprise=row, closed_date=date(2024, 4, 30))
    with pytest.raises(DayToCome):
        close_enterprise(acting_staff=clerk, enterprise=row, closed_date=date(2199, 1, 1))
    on_another_desk = Enterprise._base_manager.get(pk=row.pk)
    close_enterprise(acting_staff=clerk, enterprise=row, closed_date=LATER)
    for read in (row, on_another_desk):
        with pytest.raises(e.AlreadyClosed):
            close_enterprise(acting_staff=clerk, enterprise=read, closed_date=date(2026, 6, 20))


def test_a_trainer_registers_no_enterprise_and_an_outsider_none_here(
    trainer: StaffUser, outsider: StaffUser, ani: Person
) -> None:
    with pytest.raises(NotAllowed):
        register_enterprise(acting_staff=trainer, enterprise=bakery(ani))
    with pytest.raises(OutOfSight):
        register_enterprise(acting_staff=outsider, enterprise=bakery(ani))
    assert not Enterprise._base_manager.exists()


def test_a_number_that_a_household_has_already_is_drawn_again(
    clerk: StaffUser, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([home.code[1:], "1234567897"])
    monkeypatch.setattr(registration, "random_number", lambda _length: next(drawn))
    assert registration.registration_numbers(1, Household, "H") == ["H1234567897"]


def test_each_person_is_counted_on_a_day_of_her_own(
    clerk: StaffUser, home: Household, ani: Person, programme: Programme
) -> None:
    told = HouseholdFactIn(LATER, adults=1, children=4)
    record_household_fact(acting_staff=clerk, household=home, fact=told)
    record_status(acting_staff=clerk, person=ani, status=c.LegalStatusKind.REFUGEE, from_date=LATER)
    others = [row.person_id for row in Membership._base_manager.filter(household=home)]
    for day in (date(2026, 3, 1), DAY, LATER):
        days = dict.fromkeys(others, LATER) | {ani.pk: day}
        found = category_facts_on(days)
        assert found == category_facts(others, on=LATER) | category_facts([ani.pk], on=day)
    assert "REFUGEE" in category_facts([ani.pk], on=LATER)[ani.pk].statuses
    assert not category_facts([ani.pk], on=DAY)[ani.pk].statuses
