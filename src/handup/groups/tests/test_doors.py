"""The web door of groups: a meeting from opening to closing in a browser without JavaScript."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.group import LeaveReason
from handup.groups.services import end_membership, open_meeting
from handup.groups.tests.conftest import FORMED, new_person, staff_with
from handup.groups.verify import CHECKS, claims_are_of_members
from handup.kernel.ids import new_id
from handup.ledger.models import AccountRole, Book
from handup.ledger.services import LineIn, Source, post_entry
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme

HELD = date(2026, 1, 12)


@pytest.fixture
def browser(officer: StaffUser) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def sheet(members: list[Member], saved: str = "") -> dict[str, str]:
    data = {f"mark_{member.pk}": "PRESENT" for member in members}
    return {**data, **{f"saved_{member.pk}": saved for member in members}}


def test_a_group_is_registered_on_the_web_after_reading_it_back(
    browser: Client, programme: Programme, area: Area
) -> None:
    address = reverse("groups:group_new", args=[programme.pk])
    data = {
        "name": "Blue river",
        "kind": "SHG",
        "area": str(area.pk),
        "currency": "xts",
        "formed_date": "2026-01-05",
        "share_value_units": "2",
        "charge_rate": "1.5",
    }
    assert b"Blue river" in browser.post(address, data).content
    assert not Group.objects.exists()
    browser.post(address, {**data, "_read_back": "1"})
    group = Group.objects.get()
    settings = group.constitutions.get().settings
    assert (group.currency, settings["share_value_units"], settings["charge_rate_bps"]) == (
        "XTS",
        200,
        150,
    )


def test_a_whole_meeting_is_recorded_on_the_web(
    browser: Client, group: Group, members: list[Member]
) -> None:
    browser.post(
        reverse("groups:meeting_new", args=[group.pk]), {"held_date": "2026-01-12", "place": "Hall"}
    )
    meeting = Meeting.objects.get()
    browser.post(reverse("groups:meeting_sheet", args=[meeting.pk]), sheet(members, "25"))
    loan = {
        "member": str(members[0].pk),
        "units": "60",
        "term_periods": "2",
        "yes": "3",
        "no": "0",
        "abstain": "1",
        "_read_back": "1",
    }
    browser.post(reverse("groups:loan_new", args=[meeting.pk]), loan)
    close = {"counted_LOAN": "40", "counted_SOCIAL": "0", "next_date": "2026-01-19"}
    browser.post(reverse("groups:meeting_close", args=[meeting.pk]), {**close, "_read_back": "1"})
    meeting.refresh_from_db()
    assert meeting.status == "CLOSED"
    assert meeting.closing_code
    page = browser.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    assert "Morning star" in page
    assert "Member 1" in page
    for check in CHECKS:
        assert list(check.run()) == [], check.code


def test_a_wrong_cell_is_marked_and_nothing_typed_is_lost(
    browser: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    meeting = open_meeting(acting_staff=officer, group=group, held_date=HELD)
    data = sheet(members, "5")
    data[f"saved_{members[1].pk}"] = "much"
    answer = browser.post(reverse("groups:meeting_sheet", args=[meeting.pk]), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the amount in digits" in page
    assert 'value="much"' in page
    assert not meeting.facts.exclude(name="open_meeting").exists()


def test_a_refused_amount_is_marked_in_the_cell_of_the_member_it_belongs_to(
    browser: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    meeting = open_meeting(acting_staff=officer, group=group, held_date=HELD)
    address = reverse("groups:meeting_sheet", args=[meeting.pk])
    for column, amount in (("saved", "30"), ("fine", "1"), ("repaid", "2")):
        cell = f"{column}_{members[2].pk}"
        answer = browser.post(address, sheet(members, "5") | {cell: amount})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [cell]
    assert not meeting.facts.exclude(name="open_meeting").exists()


def test_who_left_owing_stands_on_the_sheet_until_she_has_paid(
    browser: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    first = open_meeting(acting_staff=officer, group=group, held_date=HELD)
    browser.post(
        reverse("groups:meeting_sheet", args=[first.pk]),
        sheet(members, "5") | {f"mark_{members[0].pk}": "LATE"},
    )
    count = {"counted_LOAN": "20", "counted_SOCIAL": "0", "_read_back": "1"}
    browser.post(reverse("groups:meeting_close", args=[first.pk]), count)
    for member in members[:2]:
        end_membership(
            acting_staff=officer,
            member=member,
            left_date=HELD + timedelta(1),
            reason=LeaveReason.MOVED,
        )
    later = open_meeting(acting_staff=officer, group=group, held_date=HELD + timedelta(7))
    address = reverse("groups:meeting_sheet", args=[later.pk])
    page = browser.get(address).content.decode()
    assert "Member 1" in page
    assert "Member 2" not in page
    data = sheet(members[2:], "5") | {f"fine_{members[0].pk}": "0.50"}
    assert browser.post(address, data).status_code == 302
    assert "Member 1" not in browser.get(address).content.decode()


def test_a_box_that_differs_is_asked_about_beside_its_field(
    browser: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    meeting = open_meeting(acting_staff=officer, group=group, held_date=HELD)
    browser.post(reverse("groups:meeting_sheet", args=[meeting.pk]), sheet(members, "5"))
    answer = browser.post(
        reverse("groups:meeting_close", args=[meeting.pk]),
        {"counted_LOAN": "19", "counted_SOCIAL": "0", "_read_back": "1"},
    )
    assert answer.status_code == 422
    assert "Write down why" in answer.content.decode()
    meeting.refresh_from_db()
    assert meeting.status == "OPEN"


def test_a_member_is_admitted_by_her_registration_number(
    browser: Client, group: Group, programme: Programme, officer: StaffUser
) -> None:
    person = new_person(7, programme, officer)
    address = reverse("groups:member_new", args=[group.pk])
    data = {"registration_no": person.registration_no, "joined_date": "2026-01-06"}
    browser.post(address, data)
    assert group.members.get().person == person
    assert browser.post(address, data).status_code == 422
    unknown = browser.post(address, {**data, "registration_no": "NOBODY"})
    assert "Nobody is registered" in unknown.content.decode()
    assert group.members.count() == 1


@pytest.mark.parametrize("name", ["group_detail", "member_new", "meeting_new"])
def test_for_an_outsider_the_group_does_not_exist(
    name: str, group: Group, outsider: StaffUser
) -> None:
    client = Client()
    client.force_login(outsider)
    assert client.get(reverse(f"groups:{name}", args=[group.pk])).status_code == 404


def test_a_reader_sees_the_group_but_not_its_members(group: Group, members: list[Member]) -> None:
    client = Client()
    client.force_login(staff_with("reader", Role.ME_READER))
    page = client.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    assert "Morning star" in page
    assert "Member 1" not in page
    sheet_page = client.get(reverse("groups:meeting_new", args=[group.pk]))
    assert sheet_page.status_code == 403


def test_the_list_filters_by_kind_and_exports_what_is_seen(browser: Client, group: Group) -> None:
    address = reverse("groups:group_list")
    assert "Morning star" in browser.get(address, {"kind": "SAVINGS"}).content.decode()
    assert "Morning star" not in browser.get(address, {"kind": "SHG"}).content.decode()


def test_facts_cannot_be_edited_or_deleted(group: Group) -> None:
    fact = group.facts.first()
    assert fact is not None
    for statement in (
        "UPDATE groups_groupfact SET name = 'x'",
        "DELETE FROM groups_groupfact",
    ):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert GroupFact.objects.get(pk=fact.pk).name == fact.name


def test_verify_names_a_fact_that_was_changed_behind_the_guard(
    group: Group, members: list[Member]
) -> None:
    chains = next(check for check in CHECKS if check.code == "GROUP_CHAINS")
    assert list(chains.run()) == []
    fact = group.facts.get(seq=2, stream="OFFICE")
    fact.pk = None
    fact.id = GroupFact().id
    fact.seq = 99
    fact.save(force_insert=True)
    broken = list(chains.run())
    assert broken
    assert str(group.pk) in broken[0].key


def test_meetings_days_are_real_days(browser: Client, group: Group) -> None:
    answer = browser.post(
        reverse("groups:meeting_new", args=[group.pk]),
        {"held_date": str(timezone.localdate() + timedelta(days=2))},
    )
    assert answer.status_code == 422
    assert not Meeting.objects.exists()
    assert FORMED < HELD


def test_savings_of_no_member_are_told_once_whatever_currencies_the_account_is_called_in(
    meeting: Meeting, officer: StaffUser, browser: Client, members: list[Member]
) -> None:
    book = Book.objects.get(pk=meeting.group.book_id)
    role = AccountRole.objects.get(book=book, role="SAVINGS")
    for currency in ("USD", "EUR"):
        AccountRole.objects.create(
            book=book, role="SAVINGS", currency=currency, account_id=role.account_id
        )
    post_entry(
        acting_staff=officer,
        book=book,
        kind="MANUAL",
        source=Source("test", "fact", new_id()),
        lines=[
            LineIn(units=5_00, account_role="CASH"),
            LineIn(units=-5_00, account_role="SAVINGS"),
        ],
        happened_date=HELD,
    )
    (found,) = claims_are_of_members(book)
    assert found.stored == "-500"
