"""Desk pages: today for a role, search, the whole way of a person, the Monday page."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.desk.today import QUEUES, task_groups
from handup.desk.views import spoken
from handup.lending.tests.cast import World, make_world
from handup.org.models import ReadEntry
from handup.people.models import Enquiry

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The small world of the lending tests."""
    return make_world()


def signed_in(staff: object) -> Client:
    client = Client()
    client.force_login(staff)  # type: ignore[arg-type]  # a staff user
    return client


def test_today_shows_a_role_only_what_it_can_end(world: World) -> None:
    Enquiry.objects.create(
        programme=world.programme,
        enquiry_date=date(2026, 1, 5),
        due_date=date(2026, 1, 12),
        wish="Start a bakery",
        taken_by=world.cast.manager,
    )
    titles = {str(group.title) for group in task_groups(world.cast.manager, timezone.localdate())}
    assert "Open enquiries" in titles
    assert task_groups(world.cast.cashier, timezone.localdate()) == []
    page = signed_in(world.cast.manager).get(reverse("desk:home")).content.decode()
    assert "Start a bakery" in page
    nothing = signed_in(world.cast.cashier).get(reverse("desk:home")).content.decode()
    assert "Nothing is waiting for you today" in nothing


def test_every_queue_asks_a_permission_that_is_declared(world: World) -> None:
    from handup.org.declared import declared

    assert {queue.permission for queue in QUEUES} <= set(declared())


def test_search_finds_a_person_by_the_start_of_her_number_and_logs_it(
    world: World,
) -> None:
    client = signed_in(world.cast.advisor)
    before = ReadEntry.objects.count()
    page = client.get(reverse("desk:search"), {"q": world.person.registration_no[:8]})
    assert "Participant 0001" in page.content.decode()
    assert ReadEntry.objects.count() == before + 1
    assert "Nothing found" in client.get(reverse("desk:search"), {"q": "zzz"}).content.decode()


def test_an_outsider_finds_nobody(world: World) -> None:
    page = signed_in(world.cast.outsider).get(
        reverse("desk:search"), {"q": world.person.registration_no}
    )
    assert "Participant 0001" not in page.content.decode()
    journey = reverse("desk:journey", args=[world.person.pk])
    assert signed_in(world.cast.outsider).get(journey).status_code == 404


def test_the_whole_way_of_a_person_stands_on_one_page(world: World) -> None:
    page = signed_in(world.cast.advisor).get(reverse("desk:journey", args=[world.person.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Registered" in text
    assert world.person.registration_no in text


def test_the_monday_page_counts_what_was_done_in_a_week(world: World) -> None:
    manager = world.cast.manager
    page = signed_in(manager).get(reverse("desk:monday"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Three things to do" in text
    assert "propose product" in text
    assert spoken("lending.record_repayment") == "record repayment"
