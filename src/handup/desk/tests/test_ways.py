"""Plan, application, loan and visits in one line, for a person and for an enterprise."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from handup.desk.ways import Owner, Stop, ways
from handup.lending.models import Application, Loan
from handup.lending.tests.cast import START, World, applied, make_world, running, staff
from handup.lending.tests.plans import handed_in, ready_plan
from handup.org.models import ReadEntry, StaffUser
from handup.org.rules.access import Role
from handup.people.models import Enterprise, Ownership
from handup.plans.models import Plan, Visit
from handup.plans.rules.states import VisitKind
from handup.plans.services import record_visit, schedule_visits

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The small world of the lending tests."""
    return make_world()


def line(staff: StaffUser, owner: Owner, place: int = 0) -> list[Stop]:
    return list(ways(staff, owner)[place].stops)


def hrefs(stop: Stop) -> list[str]:
    return [href for _text, href in stop.links]


def visited(world: World, plan: Plan) -> list[Visit]:
    adviser = world.cast.advisor
    visits = schedule_visits(
        acting_staff=adviser,
        person=world.person,
        programme=world.programme,
        kind=VisitKind.COACHING,
        planned_dates=[START + timedelta(days=30), START + timedelta(days=60)],
        plan=plan,
    )
    record_visit(
        acting_staff=adviser,
        person=world.person,
        programme=world.programme,
        kind=VisitKind.COACHING,
        visit_date=START + timedelta(days=31),
        planned=visits[0],
        plan=plan,
    )
    return visits


def test_a_loan_stands_in_one_line_with_its_plan_its_application_and_its_visits(
    world: World,
) -> None:
    plan = ready_plan(world)
    loan = running(world)
    visits = visited(world, plan)
    assert loan.agreement is not None
    written, asked, lent, seen = line(world.cast.manager, Owner.person(world.person.pk))
    assert hrefs(written) == [reverse("plans:plan_detail", args=[plan.pk])]
    row = loan.agreement.application
    assert hrefs(asked) == [reverse("lending:application_detail", args=[row.pk])]
    assert hrefs(lent) == [reverse("lending:loan_detail", args=[loan.pk])]
    assert hrefs(seen) == [reverse("plans:visit_detail", args=[visit.pk]) for visit in visits]
    assert "next on" in str(seen.note)
    assert "1,200.00 of" in str(lent.note)


def test_what_has_not_come_yet_is_an_empty_step(world: World) -> None:
    handed_in(world)
    (way,) = ways(world.cast.manager, Owner.person(world.person.pk))
    assert [bool(stop.links) for stop in way.stops] == [True, False, False, False]
    applied(world, submitted_date=START)
    newest, oldest = ways(world.cast.manager, Owner.person(world.person.pk))
    assert [bool(stop.links) for stop in newest.stops] == [False, True, False, False]
    assert [bool(stop.links) for stop in oldest.stops] == [True, False, False, False]


def test_an_old_loan_without_an_application_has_its_line(world: World) -> None:
    loan = running(world)
    Loan.objects.filter(pk=loan.pk).update(agreement=None)
    lines = ways(world.cast.manager, Owner.person(world.person.pk))
    assert [[bool(stop.links) for stop in way.stops] for way in lines] == [
        [False, False, True, False],
        [False, True, False, False],
    ]


def test_who_may_not_see_plans_sees_the_rest_of_the_line(world: World) -> None:
    ready_plan(world)
    running(world)
    money = staff("money", Role.FINANCE_MANAGER)
    written, asked, lent, seen = line(money, Owner.person(world.person.pk))
    assert (written.links, seen.links) == ((), [])
    assert asked.links
    assert lent.links
    assert ways(world.cast.outsider, Owner.person(world.person.pk)) == []


def test_what_a_reader_may_not_see_still_holds_the_line_together(world: World) -> None:
    """A field officer sees plans and loans, and no application: one business stays one line."""
    ready_plan(world)
    running(world)
    officer = staff("field", Role.FIELD_OFFICER)
    (way,) = ways(officer, Owner.person(world.person.pk))
    written, asked, lent, _seen = way.stops
    assert written.links
    assert lent.links
    assert (asked.links, asked.shown) == ((), False)
    assert written.shown


def test_a_missing_step_is_told_as_unseen_or_as_not_there(client: Client, world: World) -> None:
    ready_plan(world)
    address = reverse("desk:journey", args=[world.person.pk])
    client.force_login(staff("field", Role.FIELD_OFFICER))
    assert client.get(address).content.decode().count("not shown to you") == 1
    client.force_login(world.cast.manager)
    assert "not shown to you" not in client.get(address).content.decode()


def test_the_page_of_a_persons_way_opens_every_step(client: Client, world: World) -> None:
    plan = ready_plan(world)
    loan = running(world)
    client.force_login(world.cast.manager)
    page = client.get(reverse("desk:journey", args=[world.person.pk])).content.decode()
    assert "Plan, application, loan and visits" in page
    for address in (
        reverse("plans:plan_detail", args=[plan.pk]),
        reverse("lending:loan_detail", args=[loan.pk]),
    ):
        assert address in page


@pytest.fixture
def workshop(world: World) -> Enterprise:
    """An enterprise of the borrower."""
    row = Enterprise.objects.create(
        code="E1000000009",
        name="Sewing house",
        trade="sewing",
        programme=world.programme,
        office=world.office,
        registered_date=START - timedelta(days=300),
        registered_by=world.cast.advisor,
    )
    Ownership.objects.create(enterprise=row, person=world.person, from_date=row.registered_date)
    return row


def test_an_enterprise_has_a_way_of_its_own(
    client: Client, world: World, workshop: Enterprise
) -> None:
    plan = ready_plan(world, person=world.person, enterprise=workshop)
    row = applied(world, person=None, enterprise=workshop)
    manager = world.cast.manager
    written, asked, _lent, _seen = line(manager, Owner.enterprise(workshop.pk))
    assert hrefs(written) == [reverse("plans:plan_detail", args=[plan.pk])]
    assert hrefs(asked) == [reverse("lending:application_detail", args=[row.pk])]
    assert hrefs(line(manager, Owner.person(world.person.pk))[1]) == hrefs(asked)
    address = reverse("desk:enterprise_journey", args=[workshop.pk])
    client.force_login(manager)
    before = ReadEntry.objects.count()
    page = client.get(address).content.decode()
    assert row.code in page
    assert "Sewing house" in page
    assert world.person.display_name in page
    assert ReadEntry.objects.count() == before + 1
    assert (
        address
        in client.get(reverse("people:enterprise_detail", args=[workshop.pk])).content.decode()
    )
    assert Application.objects.count() == 1


def test_an_enterprise_out_of_sight_has_no_way(
    client: Client, world: World, workshop: Enterprise
) -> None:
    client.force_login(world.cast.outsider)
    assert client.get(reverse("desk:enterprise_journey", args=[workshop.pk])).status_code == 404


def test_the_interface_gives_the_same_lines(
    client: Client, world: World, workshop: Enterprise
) -> None:
    plan = ready_plan(world, person=world.person, enterprise=workshop)
    visits = visited(world, plan)
    row = applied(world, person=None, enterprise=workshop)
    root = "/api/v1/desk"
    client.force_login(world.cast.manager)
    for where in (f"persons/{world.person.pk}", f"enterprises/{workshop.pk}"):
        (told,) = client.get(f"{root}/{where}/ways").json()
        assert told["plan_id"] == str(plan.pk)
        assert (told["application_id"], told["application_state"]) == (str(row.pk), "EXPIRED")
        assert (told["loan_id"], told["loan_state"]) == (None, None)
        assert told["visit_ids"] == [str(visit.pk) for visit in visits]
    client.force_login(world.cast.outsider)
    for where in (f"persons/{world.person.pk}", f"enterprises/{workshop.pk}"):
        assert client.get(f"{root}/{where}/ways").status_code == 404
