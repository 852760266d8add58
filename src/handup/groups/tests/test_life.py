"""How far a group has come: a second of its name is told, at rest after three intervals and awake
again, graduated, closed with its books at zero and then left alone."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db.models import ProtectedError, Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.errors import GroupClosed, PhoneKeepsRecord
from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.group import GroupKind
from handup.groups.queries import alike
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    cancel_meeting,
    dues,
    elections,
    open_meeting,
    register_group,
)
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.life import (
    BegunSince,
    BooksNotZero,
    GraduatedAlready,
    MetSince,
    StillMeeting,
    close_group,
    graduate_group,
    let_rest,
)
from handup.groups.tests.conftest import FIRST, FORMED, close, mark, new_person, save, staff_with
from handup.kernel.ids import new_id
from handup.ledger.models import Entry, Line
from handup.ledger.services import EntryIn, Part, Source, fact_lines, post_entries
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Programme

DAY = date(2026, 2, 2)


@pytest.fixture
def supervisor(programme: Programme) -> StaffUser:
    """Who ends groups."""
    return staff_with("supervisor", Role.GROUP_SUPERVISOR, programme=programme.pk)


def state(group: Group) -> str:
    group.refresh_from_db()
    return str(group.status)


def test_a_second_group_of_its_name_is_told_before_it_is_registered_and_only_told(
    client: Client, group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    assert alike(officer, " morning  STAR", GroupKind.SAVINGS, group.area) == [group]
    assert alike(officer, "Morning star", GroupKind.SHG, group.area) == []
    assert alike(outsider, "Morning star", GroupKind.SAVINGS, group.area) == []
    client.force_login(officer)
    address = reverse("groups:group_new", args=[group.programme_id])
    sent = {
        "name": "morning star",
        "kind": "SAVINGS",
        "area": str(group.area_id),
        "formed_date": "2026-01-05",
        "currency": "XTS",
        "share_value_units": "5",
        "charge_rate": "10",
        "_new_id": str(new_id()),
    }
    page = client.post(address, sent).content.decode()
    assert f"registered in this area already: {group.code}" in page
    assert client.post(address, sent | {"_read_back": "1"}).status_code == 302
    assert Group.objects.filter(name__iexact="morning star").count() == 2
    other = client.post(address, sent | {"name": "Evening star"}).content.decode()
    assert "registered in this area already" not in other


def test_a_group_rests_after_three_intervals_without_a_meeting_and_wakes_when_it_meets(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    group = meeting.group
    mark(meeting, officer, {})
    close(meeting, officer, 0)
    assert let_rest(FIRST + timedelta(days=21)) == 0
    assert state(group) == "ACTIVE"
    assert let_rest(FIRST + timedelta(days=22)) == 1
    assert state(group) == "DORMANT"
    assert let_rest(FIRST + timedelta(days=23)) == 0
    opened = open_meeting(acting_staff=officer, group=group, held_date=FIRST + timedelta(days=30))
    assert state(group) == "ACTIVE"
    cancel_meeting(acting_staff=officer, meeting=opened, reason="rain")
    assert let_rest(FIRST + timedelta(days=30)) == 1, "a cancelled meeting is none"


def test_a_group_that_never_met_here_is_left_as_it_is(group: Group) -> None:
    assert let_rest(timezone.localdate() + timedelta(days=400)) == 0
    assert state(group) == "ACTIVE"


def test_a_group_graduates_once_and_not_before_it_met(
    meeting: Meeting, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    group = meeting.group
    go = partial(graduate_group, acting_staff=supervisor, group=group)
    with pytest.raises(StillMeeting):
        go(on=DAY)
    mark(meeting, officer, {})
    close(meeting, officer, 0)
    with pytest.raises(NotAllowed):
        graduate_group(acting_staff=officer, group=group, on=DAY)
    with pytest.raises(MetSince):
        go(on=FORMED)
    assert go(on=DAY).status == "GRADUATED"
    with pytest.raises(GraduatedAlready):
        go(on=DAY)
    assert group.facts.filter(name="graduate_group").count() == 1


def test_a_group_ends_by_four_fifths_with_its_books_at_zero_and_nothing_follows(
    group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    end = partial(close_group, acting_staff=supervisor, group=group)
    going = elections.call_election(
        acting_staff=officer, group=group, seats=["CHAIRPERSON"], candidates=members[:2], on=DAY
    )
    with pytest.raises(NotCarried):
        end(votes=Votes(DAY, yes=3, no=1))
    going.refresh_from_db()
    assert going.state == "OPEN"
    with pytest.raises(BegunSince) as refused:
        end(votes=Votes(DAY - timedelta(days=1), yes=4))
    assert refused.value.places == {"last": DAY}
    assert state(group) == "ACTIVE"
    assert end(votes=Votes(DAY, yes=4)).status == "CLOSED"
    assert not group.members.filter(left_date=None).exists()
    assert not group.cycles.exclude(status="CLOSED").exists()
    going.refresh_from_db()
    assert going.state == "CANCELLED"
    assert group.facts.filter(name="cancel_election").count() == 1
    person = new_person(9, group.programme, officer)
    new = NewMember(person=person, joined_date=DAY)
    with pytest.raises(GroupClosed):
        admit_members(acting_staff=officer, group=group, members=[new])
    tariff = dues.Tariff("MEMBER", DAY, 100)
    with pytest.raises(GroupClosed):
        dues.vote_dues(acting_staff=officer, group=group, tariff=tariff, votes=Votes(DAY, yes=1))
    with pytest.raises(GroupClosed):
        end(votes=Votes(DAY, yes=4))


def test_a_group_with_money_does_not_end(
    meeting: Meeting, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    save(meeting, officer, {members[0]: 500})
    mark(meeting, officer, {})
    close(meeting, officer, 500)
    with pytest.raises(BooksNotZero):
        close_group(acting_staff=supervisor, group=meeting.group, votes=Votes(DAY, yes=4))
    assert state(meeting.group) == "ACTIVE"


def test_a_group_does_not_end_owing_for_deliveries_or_while_a_phone_keeps_its_record(
    group: Group, members: list[Member], supervisor: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = partial(close_group, acting_staff=supervisor, group=group, votes=Votes(DAY, yes=4))
    monkeypatch.setattr("handup.groups.phones.keepers", [lambda pk: pk == group.pk])
    with pytest.raises(PhoneKeepsRecord):
        end()
    monkeypatch.setattr("handup.groups.phones.keepers", [])
    owed = fact_lines("PRODUCE_TAKEN", {"AMOUNT": Part(700)}, currency="XTS")
    entry = EntryIn(
        book=group.book,
        kind="PRODUCE_TAKEN",
        source=Source("groups", "record_delivery", new_id()),
        lines=owed,
        happened_date=DAY,
    )
    post_entries([entry], acting_staff=supervisor)
    with pytest.raises(BooksNotZero):
        end()
    assert state(group) == "ACTIVE"


def test_the_supervisor_ends_a_group_on_its_page(
    client: Client, group: Group, members: list[Member], officer: StaffUser, supervisor: StaffUser
) -> None:
    client.force_login(officer)
    address = reverse("groups:group_close", args=[group.pk])
    assert client.get(address).status_code in {403, 404}
    client.force_login(supervisor)
    assert address in client.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    sent = {"decided_date": DAY.isoformat(), "yes": "4", "no": "0", "abstain": "0"}
    assert client.post(address, sent | {"_read_back": "1"}).status_code == 302
    assert state(group) == "CLOSED"
    page = client.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    assert address not in page


def test_a_group_with_facts_is_deleted_by_nothing_and_each_entry_has_two_equal_sides(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 500))
    mark(meeting, officer, {})
    close(meeting, officer, 2_000)
    group = meeting.group
    before = (GroupFact.objects.count(), Line.objects.count())
    for row in (group, members[0], meeting, group.book):
        with pytest.raises(ProtectedError):
            row.delete()
    assert (GroupFact.objects.count(), Line.objects.count()) == before
    sums = Entry.objects.filter(book=group.book).annotate(sum=Sum("lines__units"))
    assert {entry.sum for entry in sums} == {0}
    signs = Line.objects.filter(entry__book=group.book).values_list("units", flat=True)
    assert min(signs) < 0 < max(signs)


def test_register_again_with_another_kind_is_no_duplicate(
    group: Group, officer: StaffUser, programme: Programme
) -> None:
    told = NewGroup(
        name="Morning star",
        kind=GroupKind.SHG,
        area=group.area,
        formed_date=FORMED,
        currency="XTS",
        settings={"share_value_units": 500, "charge_rate_bps": 1000},
    )
    other = register_group(acting_staff=officer, programme=programme, group=told)
    assert alike(officer, "Morning star", GroupKind.SHG, group.area) == [other]
