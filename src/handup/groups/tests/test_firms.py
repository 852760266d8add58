"""A firm in an association votes through one person whom it names; without one it has no vote."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import InTheFuture, LeftBefore, NotAMember
from handup.groups.models import Group, GroupFact, Member, Representative
from handup.groups.models.group import LeaveReason
from handup.groups.persons import blank, held
from handup.groups.services import dues, end_membership, firms
from handup.groups.services.assembly import Votes
from handup.groups.standing import standings, voters_on
from handup.groups.tests.conftest import staff_with
from handup.groups.tests.test_dues_taken import TODAY, association, members_of
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role

__all__ = ["association"]
SINCE, LATER = date(2025, 3, 1), date(2025, 6, 1)


@pytest.fixture
def firm(association: Group) -> Member:
    """The second of three members."""
    return members_of(association)[1]


def named(officer: StaffUser, member: Member, /, **more: Any) -> Representative:
    told: dict[str, Any] = {"firm": "Corner  shop", "name": "Ani", "from_date": SINCE}
    return firms.name_representative(acting_staff=officer, member=member, **told | more)


def voting(group: Group, on: date) -> list[int]:
    return [member.member_no for member in voters_on(group, on)]


def test_a_firm_has_a_vote_while_somebody_gives_it(
    association: Group, firm: Member, officer: StaffUser
) -> None:
    row = named(officer, firm)
    assert (row.firm, row.name, row.to_date) == ("Corner shop", "Ani", None)
    assert voting(association, LATER) == [1, 2, 3]
    firms.end_representative(acting_staff=officer, member=firm, on=LATER)
    before, after = LATER - timedelta(days=1), LATER
    assert (voting(association, before), voting(association, after)) == ([1, 2, 3], [1, 3])
    assert voting(association, SINCE - timedelta(days=1)) == [1, 2, 3], "it was no firm yet"
    assert [row.is_represented for row in standings(association, LATER)] == [True, False, True]
    named(officer, firm, name="Mher", from_date=LATER)
    assert voting(association, LATER) == [1, 2, 3]


def test_whoever_is_named_ends_who_was_before_and_nothing_is_kept_twice(
    firm: Member, officer: StaffUser
) -> None:
    key = new_id()
    for _time in range(2):
        named(officer, firm, id=key)
    with pytest.raises(SameIdOtherContent):
        named(officer, firm, id=key, name="Mher")
    named(officer, firm, name="Mher", from_date=LATER)
    told = [(row.name, row.to_date) for row in firm.representatives.order_by("from_date")]
    assert told == [("Ani", LATER), ("Mher", None)]
    facts = GroupFact.objects.filter(name="name_representative")
    assert [fact.body for fact in facts] == [{"member": str(firm.pk)}] * 2, "no name for ever"


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"firm": " "}, firms.FirmMissing),
        ({"name": ""}, firms.RepresentativeMissing),
        ({"from_date": SINCE - timedelta(days=1)}, firms.RepresentedLater),
        ({"from_date": date(2020, 1, 1)}, NotAMember),
        ({"from_date": date(2999, 1, 1)}, InTheFuture),
    ],
)
def test_what_cannot_be_is_refused(
    firm: Member, officer: StaffUser, more: dict[str, Any], refused: type[Exception]
) -> None:
    named(officer, firm)
    with pytest.raises(refused):
        named(officer, firm, **more)
    assert Representative.objects.get().to_date is None


def test_only_whoever_keeps_the_group_names_one_and_only_in_an_association(
    association: Group, firm: Member, officer: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        named(staff_with("manager", Role.MANAGER), firm)
    with pytest.raises(firms.NobodyVotesForIt):
        firms.end_representative(acting_staff=officer, member=firm, on=SINCE)
    Group.objects.filter(pk=association.pk).update(kind="SAVINGS")
    with pytest.raises(firms.NotAnAssociation):
        named(officer, firm)
    assert not Representative.objects.exists()


def test_a_firm_that_leaves_is_spoken_for_by_nobody_and_is_forgotten(
    firm: Member, officer: StaffUser
) -> None:
    named(officer, firm)
    assert firm.person_id is not None
    assert "Corner shop" in str(held(firm.person_id))
    end_membership(acting_staff=officer, member=firm, left_date=LATER, reason=LeaveReason.OWN_WISH)
    blank(firm.person_id)
    row = Representative.objects.get()
    assert (row.firm, row.name, row.to_date) == ("", "", LATER)


def test_a_form_opened_before_another_was_named_ends_nobody_else(
    client: Client, association: Group, firm: Member, officer: StaffUser
) -> None:
    before = named(officer, firm)
    now = named(officer, firm, name="Mher", from_date=LATER)
    client.force_login(officer)
    end = reverse("groups:representative_end", args=[before.pk])
    assert client.post(end, {"on": TODAY}).status_code == 422
    now.refresh_from_db()
    assert now.to_date is None
    assert voting(association, TODAY) == [1, 2, 3]


def test_a_firm_does_not_leave_before_it_named_who_votes_for_it(
    firm: Member, officer: StaffUser
) -> None:
    named(officer, firm, from_date=LATER)
    with pytest.raises(LeftBefore):
        end_membership(
            acting_staff=officer, member=firm, left_date=SINCE, reason=LeaveReason.OWN_WISH
        )
    assert Representative.objects.get().to_date is None


def test_it_is_named_and_ended_on_the_pages(
    client: Client, association: Group, firm: Member, officer: StaffUser
) -> None:
    client.force_login(officer)
    page = reverse("groups:dues", args=[association.pk])
    new = reverse("groups:representative_new", args=[association.pk])
    assert "No member is a firm yet" in client.get(page).content.decode()
    told = {"member": firm.pk, "firm": "Corner shop", "name": "Ani", "from_date": SINCE}
    told |= {"_new_id": new_id(), "_read_back": "1"}
    assert client.post(new, told | {"firm": ""}).status_code == 422
    assert client.post(new, told).status_code == 302
    row = Representative.objects.get()
    assert (row.member, row.name) == (firm, "Ani")
    assert "Corner shop" in client.get(page).content.decode()
    end = reverse("groups:representative_end", args=[row.pk])
    shown = client.get(end).content.decode()
    assert ("Corner shop: Ani" in shown, str(firm.pk) in shown) == (True, False)
    assert client.post(end, {"on": date(2025, 1, 1)}).status_code == 422
    assert client.post(end, {"on": TODAY}).status_code == 302
    assert "A firm for which nobody votes" in client.get(page).content.decode()


def test_it_is_named_and_ended_over_the_api(
    client: Client, association: Group, firm: Member, officer: StaffUser
) -> None:
    client.force_login(officer)
    key = {"Idempotency-Key": str(new_id())}
    address = f"/api/v1/groups/members/{firm.pk}/representative"
    told = {"firm": "Corner shop", "name": "Ani", "from_date": SINCE.isoformat()}

    def send(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, body, content_type="application/json", headers=key)

    made = send(address, told)
    assert made.status_code == 201
    assert "Ani" not in made.content.decode(), "the names are not sent back"
    ended = send(f"{address}/end", {"on": LATER.isoformat()})
    assert ended.json()["to_date"] == LATER.isoformat()
    assert voting(association, LATER) == [1, 3]


def test_who_had_a_vote_on_a_day_voted_on_stays_as_it_was(
    association: Group, firm: Member, officer: StaffUser
) -> None:
    named(officer, firm)
    end = partial(firms.end_representative, acting_staff=officer, member=firm)
    voted = LATER + timedelta(days=9)
    tariff = dues.Tariff("MEMBER", voted, 100, needed_to_vote=False)
    dues.vote_dues(
        acting_staff=officer, group=association, tariff=tariff, votes=Votes(voted, yes=3)
    )
    with pytest.raises(firms.VotedSince) as refused:
        end(on=LATER)
    assert refused.value.places == {"last": voted}
    assert voting(association, voted) == [1, 2, 3]
    end(on=voted + timedelta(days=1))
    more = dues.Tariff("MEMBER", voted + timedelta(days=5), 200, needed_to_vote=False)
    votes = Votes(voted + timedelta(days=5), yes=2)
    dues.vote_dues(acting_staff=officer, group=association, tariff=more, votes=votes)
    with pytest.raises(firms.VotedSince):
        named(officer, firm, name="Mher", from_date=voted + timedelta(days=2))
    named(officer, firm, name="Mher", from_date=voted + timedelta(days=6))
    assert voting(association, votes.on) == [1, 3]
