"""Desk pages: today for a role, search, the whole way of a person, the Monday page."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.desk.today import QUEUES, task_groups
from handup.lending import services
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    main_account,
    make_person,
    make_world,
    running,
    signed,
    still_open,
)
from handup.lending.tests.cast import staff as new_staff
from handup.org import duties, installation
from handup.org.models import DutyException, ReadEntry, StaffUser
from handup.org.reads import search_key
from handup.org.rules.access import Role
from handup.org.rules.duties import Duty, Profile
from handup.org.web.acts import spoken
from handup.org.web.settings.duties import last_month
from handup.people.models import Enquiry, Person

TODAY = timezone.localdate()

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """The small world of the lending tests."""
    return make_world()


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
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


def titles(world: World, who: str, on: date = START) -> list[str]:
    return [str(group.title) for group in task_groups(getattr(world.cast, who), on)]


def test_a_cashier_sees_who_is_due_and_who_is_late(world: World) -> None:
    running(world)
    assert task_groups(world.cast.cashier, date(2025, 2, 14)) == []
    (due,) = task_groups(world.cast.cashier, date(2025, 2, 15))
    assert str(due.title) == "Instalments due today"
    (late,) = task_groups(world.cast.cashier, date(2025, 3, 20))
    assert str(late.title) == "Loans that are late"
    assert "33 days late" in str(late.tasks[0].text)


def test_what_a_successor_keeps_is_nobodys_task(world: World) -> None:
    loan = running(world)
    late = date(2025, 3, 20)
    assert titles(world, "cashier", late) == ["Loans that are late"]
    type(loan).objects.filter(pk=loan.pk).update(moved_date=late)
    assert titles(world, "cashier", late) == []


@pytest.mark.parametrize(
    ("who", "title"),
    [("appraiser", "Applications to appraise"), ("cashier", "Loans to pay out")],
)
def test_each_role_sees_the_step_it_may_take(world: World, who: str, title: str) -> None:
    signed(world)
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    still_open(applied(world, person=person))
    assert titles(world, who) == [title]


def test_what_waits_names_its_person_for_the_read_log(world: World) -> None:
    signed(world)
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    still_open(applied(world, person=person))
    for who, pk in (("appraiser", person.pk), ("cashier", world.person.pk)):
        (group,) = task_groups(getattr(world.cast, who), START)
        assert [task.person for task in group.tasks] == [pk]


def test_an_approved_application_waits_for_its_signature(world: World) -> None:
    approved(world)
    assert "Agreements to sign" in titles(world, "officer")


def test_a_write_off_waits_for_another_person(world: World) -> None:
    services.propose_write_off(
        acting_staff=world.cast.manager,
        loan=running(world),
        proposed_date=timezone.localdate() - timedelta(days=1),
        reason="Left",
    )
    assert "Write-offs to decide" in titles(world, "director")
    assert "Write-offs to decide" not in titles(world, "manager")
    page = signed_in(world.cast.director).get(reverse("desk:home")).content.decode()
    assert "Left" in page


def test_money_that_nobody_explained_for_a_month_is_on_the_page_of_today(
    world: World, client: Client
) -> None:
    account = main_account(world, organisation=world.bank)
    days = (TODAY - timedelta(days=31), TODAY - timedelta(days=30))
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s",
        content=camt([Move(5_00, "x", f"B{day}", day=day) for day in days], kind=54),
    )
    (group,) = [
        each
        for each in task_groups(world.cast.accountant, TODAY)
        if str(each.title) == "Money that waits for more than 30 days"
    ]
    old = statement.lines.get(book_date=days[0])
    assert [task.href for task in group.tasks] == [reverse("lending:bank_line", args=[old.pk])]
    client.force_login(world.cast.accountant)
    assert "Money that waits for more than 30 days" in client.get("/").content.decode()
    assert "Money that waits for more than 30 days" not in titles(world, "outsider", TODAY)


def test_every_queue_asks_a_permission_that_is_declared(world: World) -> None:
    from handup.org.declared import declared

    assert {queue.permission for queue in QUEUES} <= set(declared())


def test_search_finds_a_person_by_the_start_of_her_number_and_logs_it(
    world: World,
) -> None:
    client = signed_in(world.cast.advisor)
    before = ReadEntry.objects.count()
    page = client.post(reverse("desk:search"), {"q": world.person.registration_no[:8]}, follow=True)
    assert "Participant 0001" in page.content.decode()
    assert ReadEntry.objects.count() == before + 1
    kept = ReadEntry.objects.latest("number").search_hash
    assert kept == search_key(world.person.registration_no[:8])
    assert (
        "Nothing found"
        in client.post(reverse("desk:search"), {"q": "zzz"}, follow=True).content.decode()
    )


def test_an_outsider_finds_nobody(world: World) -> None:
    page = signed_in(world.cast.outsider).post(
        reverse("desk:search"), {"q": world.person.registration_no}, follow=True
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


def test_the_monday_page_says_what_last_week_brought_and_every_item_opens(world: World) -> None:
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    make_person(world.programme, world.office, world.cast.manager, name="Participant 0002")
    rows = Person._base_manager.filter(erased_date=None)
    rows.update(registered_date=monday - timedelta(days=30))
    kept = list(rows.order_by("pk").values_list("pk", flat=True)[:2])
    rows.filter(pk=kept[0]).update(registered_date=monday - timedelta(days=1))
    rows.filter(pk=kept[1]).update(registered_date=monday - timedelta(days=8))
    advisor = signed_in(world.cast.advisor)
    page = advisor.get(reverse("desk:monday"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Three things to do" in text
    told = re.search(r'<a href="([^"]+)">Persons registered: <strong>1</strong></a>, ([^<]+)', text)
    assert told is not None
    assert told[2] == "as many as the week before"
    opened = advisor.get(told[1].replace("&amp;", "&")).content.decode()
    assert Person._base_manager.get(pk=kept[0]).registration_no in opened
    assert Person._base_manager.get(pk=kept[1]).registration_no not in opened
    for href in re.findall(r'<li><a href="([^"]+)"', text):
        assert advisor.get(href.replace("&amp;", "&")).status_code == 200


def test_the_monday_page_of_a_role_says_nothing_of_lists_she_may_not_open(world: World) -> None:
    text = signed_in(world.cast.manager).get(reverse("desk:monday")).content.decode()
    assert "What changed last week" in text


def test_an_act_is_called_as_its_page() -> None:
    assert spoken("lending.record_repayment") == "Record a repayment"
    assert spoken("org.add_area") == "Add an area"


def test_an_act_is_called_as_its_own_page_not_as_another_that_asks_the_same() -> None:
    assert spoken("lending.call_security") == "Call who answers for the loan"
    assert spoken("ledger.open_fund") == "Open a fund"
    assert spoken("groups.record_in_meeting") == "Record in a meeting"


def test_today_counts_its_tasks_and_brings_the_sample_to_who_had_no_hand_in_it(
    world: World,
) -> None:
    duties.register(Duty("test.alone"))
    installation.put(installation.PROFILE, Profile.SMALL.value)
    staff, auditor = world.cast.manager, new_staff("auditor", Role.AUDITOR)
    start, _end = duties.month_of(last_month())
    for hands in ((staff,), (staff, auditor)):
        row = duties.require_other_person(staff, *hands, step="test.alone", reason="ill")
        assert row is not None
        DutyException.objects.filter(pk=row.pk).update(recorded_at=start)
    page = signed_in(auditor).get(reverse("desk:home")).content.decode()
    assert 'Done alone last month <span class="hint">1</span>' in page
    assert page.count("Look at it") == 1
    nothing = signed_in(world.cast.officer).get(reverse("desk:home")).content.decode()
    assert "Done alone last month" not in nothing
