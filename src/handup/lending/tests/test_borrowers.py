"""Who may borrow: a household through its head, an enterprise through its owners, a group through
those who hold an office.
"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from handup.groups.models import Group, Member, OfficeTerm
from handup.groups.models.group import GroupKind, GroupStatus
from handup.groups.services import NewGroup, NewMember, admit_members, register_group
from handup.lending import errors, services
from handup.lending.models import Application, SavingsAccount
from handup.lending.tests.cast import START, World, applied, make_person, running, staff
from handup.lending.tests.plans import ready_plan, version_of
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.people.models import Consent, Enterprise, Household, Membership, Ownership, Person
from handup.people.queries.merging import number_asked
from handup.people.services.store import PersonErased
from handup.projects.models import Organisation

LONG_AGO = date(2024, 1, 1)


@standing
def workshop(world: World) -> Enterprise:
    """An enterprise of two owners who both showed papers and agreed."""
    row = Enterprise.objects.create(
        code="E1000000009",
        name="Sewing house",
        trade="sewing",
        programme=world.programme,
        office=world.office,
        case_officer=world.cast.officer,
        registered_date=LONG_AGO,
        registered_by=world.cast.advisor,
    )
    partner = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    for person in (world.person, partner):
        Ownership.objects.create(enterprise=row, person=person, share_bps=5_000, from_date=LONG_AGO)
    return row


@standing
def group(world: World) -> Group:
    """An active savings group of two members, one of them its chair."""
    supervisor = staff("supervisor", Role.FIELD_OFFICER, Role.GROUP_SUPERVISOR)
    found = register_group(
        acting_staff=supervisor,
        programme=world.programme,
        group=NewGroup(
            name="Morning star",
            kind=GroupKind.SAVINGS,
            area=Area.objects.create(code="V1", names={"en": "Village"}, level=2),
            formed_date=LONG_AGO,
            currency="USD",
            officer=world.cast.officer,
            office=world.office,
            settings={"share_value_units": 500, "charge_rate_bps": 1_000},
        ),
    )
    Group.objects.filter(pk=found.pk).update(status=GroupStatus.ACTIVE)
    found.refresh_from_db()
    people = [world.person, unknown_person(world)]
    admit_members(
        acting_staff=supervisor,
        group=found,
        members=[NewMember(person=person, joined_date=LONG_AGO) for person in people],
    )
    chair = Member.objects.get(group=found, person=world.person)
    OfficeTerm.objects.create(group=found, office="chair", member=chair, from_date=LONG_AGO)
    return found


def unknown_person(world: World) -> Person:
    """Somebody who showed no paper and agreed to nothing."""
    return Person.objects.create(
        registration_no="7000000001",
        display_name="Participant 0009",
        sort_key="participant 0009",
        birth_date=date(1990, 1, 1),
        programme=world.programme,
        office=world.office,
        registered_date=LONG_AGO,
        registered_by=world.cast.advisor,
    )


def asks(world: World, **borrower: Any) -> Application:
    return applied(world, person=None, office=None, officer=None, **borrower)


def stops(world: World, **borrower: Any) -> list[str]:
    """What stops an application of this borrower."""
    with pytest.raises(errors.StopRule) as refused:
        asks(world, **borrower)
    assert not Application.objects.exists()
    found: Any = refused.value.places["stops"]
    return list(found)


# --- an enterprise --------------------------------------------------------------------------------


def test_an_enterprise_borrows_through_its_owners(world: World, workshop: Enterprise) -> None:
    row = asks(world, enterprise=workshop)
    assert (row.borrower, row.person) == (workshop, None)
    assert (row.office, row.officer) == (world.office, world.cast.officer)


def test_every_owner_must_have_agreed(world: World, workshop: Enterprise) -> None:
    Consent.objects.filter(person__display_name="Participant 0002", purpose="SERVICE").delete()
    assert stops(world, enterprise=workshop) == ["NO_CONSENT"]


def test_the_youngest_owner_must_be_of_age(world: World, workshop: Enterprise) -> None:
    Person.objects.filter(display_name="Participant 0002").update(birth_date=date(2010, 1, 1))
    assert stops(world, enterprise=workshop) == ["UNDER_AGE"]


def test_an_owner_who_left_is_not_asked(world: World, workshop: Enterprise) -> None:
    Consent.objects.filter(person__display_name="Participant 0002").delete()
    left = START - timedelta(days=11)
    Ownership.objects.filter(person__display_name="Participant 0002").update(to_date=left)
    assert asks(world, enterprise=workshop).pk is not None
    assert asks(world, enterprise=workshop, submitted_date=START).pk is not None
    with pytest.raises(errors.StopRule):
        asks(world, enterprise=workshop, submitted_date=left)


def test_an_enterprise_nobody_owns_has_nobody_to_sign(world: World, workshop: Enterprise) -> None:
    Ownership.objects.all().delete()
    assert stops(world, enterprise=workshop) == ["NO_SIGNATORY"]


def test_a_closed_enterprise_does_not_borrow(world: World, workshop: Enterprise) -> None:
    Enterprise.objects.update(closed_date=LONG_AGO)
    assert stops(world, enterprise=workshop) == ["NOT_ACTIVE"]


def test_the_arrears_of_an_owner_stop_her_enterprise(world: World, workshop: Enterprise) -> None:
    running(world)
    later = START + timedelta(days=90)
    with pytest.raises(errors.StopRule) as refused:
        asks(world, enterprise=workshop, submitted_date=later)
    assert refused.value.places["stops"] == ["ACTIVE_ARREARS"]


def test_an_enterprise_rests_on_its_own_plan(world: World, workshop: Enterprise) -> None:
    own = ready_plan(world, person=world.person, enterprise=workshop)
    ready_plan(world, person=world.person)
    assert asks(world, enterprise=workshop).plan_version == version_of(own)


# --- a group --------------------------------------------------------------------------------------


def test_a_group_borrows_through_who_holds_an_office(world: World, group: Group) -> None:
    row = asks(world, group=group)
    assert (row.borrower, row.officer, row.office) == (group, world.cast.officer, world.office)


def test_without_an_office_all_members_sign(world: World, group: Group) -> None:
    OfficeTerm.objects.all().delete()
    assert stops(world, group=group) == ["NO_IDENTITY", "NO_CONSENT"]


def test_a_group_that_is_forming_or_closed_does_not_borrow(world: World, group: Group) -> None:
    for status in (GroupStatus.FORMING, GroupStatus.CLOSED, GroupStatus.DORMANT):
        Group.objects.update(status=status)
        assert stops(world, group=group) == ["NOT_ACTIVE"]


def test_a_group_of_nobody_has_nobody_to_sign(world: World, group: Group) -> None:
    OfficeTerm.objects.all().delete()
    Member.objects.update(left_date=LONG_AGO)
    assert stops(world, group=group) == ["NO_SIGNATORY"]


def test_a_group_rests_on_the_plan_of_its_legal_body(world: World, group: Group) -> None:
    body = Organisation.objects.create(code="COOP", name="Morning star cooperative")
    Group.objects.update(legal_body=body)
    group.refresh_from_db()
    plan = ready_plan(world, organisation=body)
    ready_plan(world)
    assert asks(world, group=group).plan_version == version_of(plan)


def test_many_borrowers_cost_a_fixed_number_of_statements(
    world: World,
    workshop: Enterprise,
    group: Group,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    def items(times: int) -> list[services.ApplicationIn]:
        return [
            services.ApplicationIn(
                programme=world.programme,
                product_version=world.product,
                units=100_00,
                instalments=6,
                purpose="Cloth",
                submitted_date=START,
                **borrower,
            )
            for borrower in ({"enterprise": workshop}, {"group": group})
            for _ in range(times)
        ]

    with django_assert_max_num_queries(45):
        rows = services.apply_for_loans(items(10), acting_staff=world.cast.advisor)
    assert len(rows) == 20


# --- the doors ------------------------------------------------------------------------------------


@pytest.fixture
def clerk(world: World) -> StaffUser:
    """An advisor who also sees groups and enterprises."""
    return staff("clerk_of_all", Role.ADVISOR, Role.FIELD_OFFICER, Role.MANAGER)


def sent(client: Client, who: StaffUser, world: World, number: str, **changes: object) -> Any:
    fields: dict[str, object] = {
        "borrower": number,
        "product_version": str(world.product.pk),
        "amount": "900",
        "instalments": "6",
        "purpose": "Cloth",
        "submitted_date": timezone.localdate().isoformat(),
        **changes,
    }
    return do(client, who, "application_new", **fields)


def test_one_form_takes_the_number_of_any_borrower(
    client: Client, world: World, clerk: StaffUser, workshop: Enterprise, group: Group
) -> None:
    home = Household.objects.create(
        code="H1000000005",
        programme=world.programme,
        office=world.office,
        registered_date=LONG_AGO,
        registered_by=clerk,
    )
    Membership.objects.create(
        household=home, person=world.person, role="HEAD", relation="SELF", from_date=LONG_AGO
    )
    for number, borrower in (
        (world.person.registration_no, world.person),
        (workshop.code.lower(), workshop),
        (group.code, group),
        (home.code, world.person),
    ):
        answer = sent(client, clerk, world, number)
        assert answer.status_code == 302, answer.content.decode()[-2000:]
        assert Application.objects.latest("recorded_at").borrower == borrower
    page = at(client, clerk, "application_detail", Application.objects.get(group=group).pk)
    assert reverse("groups:group_detail", args=[group.pk]) in page.content.decode()


def test_a_number_out_of_sight_is_as_unknown_as_a_wrong_one(
    client: Client, world: World, workshop: Enterprise, group: Group
) -> None:
    words = "No person, household, enterprise or group with this number is in your care."
    numbers = [world.person.registration_no, workshop.code, group.code, "H9", "999"]
    for number in numbers:
        answer = sent(client, world.cast.outsider, world, number)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Application.objects.exists()


def test_a_household_without_a_head_is_refused_beside_the_field(
    client: Client, world: World, clerk: StaffUser
) -> None:
    Household.objects.create(
        code="H1000000005",
        programme=world.programme,
        registered_date=LONG_AGO,
        registered_by=clerk,
    )
    answer = sent(client, clerk, world, "H1000000005")
    assert "Nobody heads this household today" in answer.content.decode()
    assert not Application.objects.exists()


def test_what_stops_a_group_is_said_on_the_form(
    client: Client, world: World, clerk: StaffUser, group: Group
) -> None:
    Group.objects.update(status=GroupStatus.FORMING)
    answer = sent(client, clerk, world, group.code)
    assert answer.status_code == 422
    assert "the group or enterprise is not active" in answer.content.decode()
    assert not Application.objects.exists()


def test_who_belongs_to_no_programme_is_told_so(
    client: Client, world: World, clerk: StaffUser, workshop: Enterprise
) -> None:
    Enterprise.objects.update(programme=None)
    answer = sent(client, clerk, world, workshop.code)
    assert answer.status_code == 422
    assert "belongs to no programme" in answer.content.decode()
    assert not Application.objects.exists()


def test_the_pages_of_enterprise_and_group_lead_to_the_form_and_show_their_loans(
    client: Client, world: World, clerk: StaffUser, workshop: Enterprise, group: Group
) -> None:
    rows = {
        reverse("people:enterprise_detail", args=[workshop.pk]): (
            workshop.code,
            asks(world, enterprise=workshop),
        ),
        reverse("groups:group_detail", args=[group.pk]): (group.code, asks(world, group=group)),
    }
    client.force_login(clerk)
    for address, (code, row) in rows.items():
        page = client.get(address).content.decode()
        assert f"borrower={code}" in page
        assert row.code in page
    Enterprise.objects.update(closed_date=LONG_AGO)
    Group.objects.update(status=GroupStatus.CLOSED)
    for address, (code, _row) in rows.items():
        assert f"borrower={code}" not in client.get(address).content.decode()


def test_the_address_of_the_form_names_a_person_by_her_id_and_the_form_shows_her_number(
    client: Client, world: World, clerk: StaffUser
) -> None:
    """A number stands on the card in her hand; an address lies in histories and logs."""
    person, form = world.person, reverse("lending:application_new")
    client.force_login(clerk)
    page = client.get(reverse("people:person_detail", args=[person.pk])).content.decode()
    assert f"{form}?borrower={person.pk}" in page
    assert f"={person.registration_no}" not in page
    filled = client.get(form, {"borrower": str(person.pk)}).content.decode()
    assert f'value="{person.registration_no}"' in filled
    nobody = "0198c0de-0000-7000-8000-000000000000"
    unknown = client.get(form, {"borrower": nobody}).content.decode()
    (box,) = re.findall('<input[^>]*name="borrower"[^>]*>', unknown)
    assert "value=" not in box
    rows, outsider = Person.objects, StaffUser.objects.create_user("nobody")
    assert number_asked(rows.visible_to(clerk), str(person.pk)) == person.registration_no
    assert number_asked(rows.visible_to(outsider), str(person.pk)) == ""
    assert number_asked(rows.visible_to(clerk), "G-17") == "G-17"


def test_the_api_takes_an_enterprise_and_a_group(
    client: Client, world: World, clerk: StaffUser, workshop: Enterprise, group: Group
) -> None:
    told: dict[str, Any] = {
        "programme_id": str(world.programme.pk),
        "product_version_id": str(world.product.pk),
        "units": 900_00,
        "instalments": 6,
        "purpose": "Cloth",
        "submitted_date": START.isoformat(),
    }
    for key, pk in (("enterprise_id", workshop.pk), ("group_id", group.pk)):
        answer = post(client, clerk, "/applications", **{**told, key: str(pk)})
        assert answer.status_code == 201, answer.content
    Group.objects.update(status=GroupStatus.CLOSED)
    again = post(client, clerk, "/applications", **told, group_id=str(group.pk))
    assert (again.status_code, again.json()["code"]) == (422, "STOP_RULE")
    assert Application.objects.count() == 2


def test_whoever_was_erased_opens_no_account_and_asks_for_no_loan(world: World) -> None:
    world.person.erased_date = LONG_AGO
    world.person.save(update_fields=["erased_date"])
    with pytest.raises(PersonErased):
        services.open_savings(
            acting_staff=world.cast.officer,
            lender=world.direct,
            programme=world.programme,
            opened_date=LONG_AGO,
            person=world.person,
        )
    with pytest.raises(PersonErased):
        applied(world)
    assert not SavingsAccount.objects.exists()
    assert not Application.objects.exists()
