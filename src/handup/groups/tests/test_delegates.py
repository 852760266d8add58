"""Groups send delegates upwards by their size; what they have there is their vote."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import NotAMember, TermBefore
from handup.groups.models import Delegate, Group, Member, OfficeTerm
from handup.groups.models.group import LeaveReason
from handup.groups.persons import held
from handup.groups.services import NewMember, admit_members, cooperative, delegates, elections
from handup.groups.services.assembly import Votes
from handup.groups.services.life import close_group
from handup.groups.services.members import end_membership
from handup.groups.standing import votes_of_members, votes_on
from handup.groups.tests.conftest import FIRST, FORMED, new_person, staff_with
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_tiers import goes_on, union
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role

__all__ = ("goes_on", "union")
UNTIL = FIRST + timedelta(days=365)


def by_size(union: Group, officer: StaffUser) -> None:
    """The union votes one delegate for each started three members, two at most."""
    cooperative.adopt_statutes(
        acting_staff=officer,
        group=union,
        votes=Votes(FIRST, yes=4),
        settings={
            "share_price_units": 500,
            "delegate_size": 3,
            "delegate_min": 1,
            "delegate_max": 2,
        },
        from_date=FIRST,
    )


def grown(group: Group, officer: StaffUser, count: int) -> list[Member]:
    """More members from the first meeting on."""
    return admit_members(
        acting_staff=officer,
        group=group,
        members=[
            NewMember(person=new_person(500 + no, group.programme, officer), joined_date=FORMED)
            for no in range(count)
        ],
    )


def test_an_upper_tier_counts_a_vote_for_each_delegate_its_statutes_give(
    union: Group, group: Group, members: list[Member], officer: StaffUser
) -> None:
    assert votes_on(union, FIRST) == 4, "one each where nothing else was voted"
    by_size(union, officer)
    hers = union.members.get(member_group=group)
    assert votes_of_members(union, FIRST)[hers.pk] == 2, "four members are two started threes"
    assert votes_on(union, FIRST) == 5, "groups without members send the least, one"
    grown(group, officer, 6)
    assert votes_on(union, FIRST) == 5, "two at most"
    assert votes_on(union, FIRST - timedelta(days=1)) == 4, "not before the statutes held"
    assert votes_on(group, FIRST) == 10, "one member one vote in a primary"


def test_a_group_sends_as_many_as_its_size_gives_it(
    union: Group, group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    by_size(union, officer)
    sender = union.members.get(member_group=group)
    send = partial(
        delegates.elect_delegates,
        acting_staff=officer,
        sender=sender,
        members=members[:2],
        from_date=FIRST,
        until_date=UNTIL,
    )
    other = union.members.exclude(member_group=group).first()
    assert other is not None
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (delegates.WrongNumber, {"members": members[:3]}),
        (delegates.WrongNumber, {"members": []}),
        (delegates.WrongNumber, {"members": [members[0], members[0]]}),
        (NotAMember, {"sender": other, "members": members[:1]}),
        (delegates.NotATier, {"sender": members[0]}),
        (delegates.TermBackwards, {"until_date": FIRST}),
        ((NotAllowed, OutOfSight), {"acting_staff": outsider}),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            send(**wrong)
    assert not Delegate.objects.exists()
    first = send()
    assert send() == first, "sent again nothing changes"
    assert union.facts.filter(name="elect_delegates").count() == 1
    with pytest.raises(TermBefore):
        send(members=members[2:3], from_date=FIRST - timedelta(days=1))
    later = FIRST + timedelta(days=30)
    send(members=members[1:3], from_date=later)
    rows = Delegate.objects.order_by("member__member_no", "from_date")
    assert list(rows.values_list("member__member_no", "from_date", "to_date")) == [
        (1, FIRST, later),
        (2, FIRST, later),
        (2, later, None),
        (3, later, None),
    ]
    end_membership(
        acting_staff=officer, member=members[2], left_date=later, reason=LeaveReason.MOVED
    )
    assert list(Delegate.objects.filter(to_date=None).values_list("member", flat=True)) == [
        members[1].pk
    ]


def test_whom_a_group_sent_speaks_no_more_when_it_ends(
    union: Group, group: Group, members: list[Member], officer: StaffUser
) -> None:
    sender = union.members.get(member_group=group)
    (row,) = delegates.elect_delegates(
        acting_staff=officer,
        sender=sender,
        members=members[:1],
        from_date=FIRST,
        until_date=UNTIL,
    )
    supervisor = staff_with("ends", Role.GROUP_SUPERVISOR, programme=group.programme_id)
    close_group(acting_staff=supervisor, group=group, votes=Votes(FIRST, yes=4))
    row.refresh_from_db()
    assert row.to_date == FIRST


def test_delegates_on_their_page_and_over_the_api(
    client: Client, union: Group, group: Group, members: list[Member], officer: StaffUser
) -> None:
    by_size(union, officer)
    client.force_login(officer)
    sender = union.members.get(member_group=group)
    form = reverse("groups:delegates_new", args=[sender.pk])
    page = reverse("groups:elections", args=[union.pk])
    assert form in client.get(page).content.decode()
    assert "sends up to 2" in client.get(form).content.decode()
    sent = {
        "members": [str(members[0].pk)],
        "from_date": FIRST.isoformat(),
        "until_date": UNTIL.isoformat(),
        "_read_back": "1",
    }
    assert client.post(form, sent).headers["Location"] == page
    assert "Member 1" in client.get(page).content.decode()
    with hiding(members[0]):
        assert "Member 1" not in client.get(page).content.decode()
    told = client.post(
        f"/api/v1/groups/members/{sender.pk}/delegates",
        {
            "member_ids": [str(members[1].pk)],
            "from_date": FIRST.isoformat(),
            "until_date": UNTIL.isoformat(),
        },
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert told.status_code == 201
    listed = client.get(f"/api/v1/groups/groups/{union.pk}/delegates").json()
    assert {row["member_id"] for row in listed if row["to_date"] is None} == {str(members[1].pk)}
    no_tier = reverse("groups:delegates_new", args=[members[0].pk])
    assert client.get(no_tier).status_code == 404


def test_she_is_told_where_she_stood_and_for_whom_she_spoke(
    union: Group, group: Group, members: list[Member], officer: StaffUser
) -> None:
    by_size(union, officer)
    delegates.elect_delegates(
        acting_staff=officer,
        sender=union.members.get(member_group=group),
        members=members[:1],
        from_date=FIRST,
        until_date=UNTIL,
    )
    elections.call_election(
        acting_staff=officer,
        group=group,
        seats=("SECRETARY",),
        candidates=members[:2],
        on=FIRST,
    )
    one, two = members[0].person_id, members[1].person_id
    assert one is not None
    assert two is not None
    assert [row["Group"] for row in held(one)["Delegate of her group"]] == ["Union"]
    assert [row["Elected"] for row in held(two)["Stood for a seat in a group"]] == ["no"]
    assert "Delegate of her group" not in held(two)


def test_those_whom_the_group_elected_by_ballots_are_chosen_already(
    client: Client, union: Group, group: Group, members: list[Member], officer: StaffUser
) -> None:
    """And who speaks for the group above may hold an office of it."""
    by_size(union, officer)
    OfficeTerm.objects.create(
        group=group, office="DELEGATE_1", member=members[1], from_date=FIRST, due_date=UNTIL
    )
    client.force_login(officer)
    sender = union.members.get(member_group=group)
    page = client.get(reverse("groups:delegates_new", args=[sender.pk])).content.decode()
    chosen = [line for line in page.split("<input") if "checked" in line.split(">")[0]]
    assert [str(members[1].pk) in line for line in chosen] == [True]
    elections.call_election(
        acting_staff=officer, group=group, seats=["CHAIR"], candidates=members[:2], on=FIRST
    )
