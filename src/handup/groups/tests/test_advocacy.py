"""A group stands behind an issue by its vote; how far it came, and whom it affects, each once."""

from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, GroupIssue, Member
from handup.groups.models.group import GroupKind
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    advocacy,
    register_group,
)
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.outside import TakenBackAlready
from handup.groups.tests.conftest import FIRST, FORMED, staff_with
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.tests.test_tiers import goes_on, union
from handup.kernel.ids import new_id
from handup.markets.models import PolicyIssue
from handup.org import scope
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

__all__ = ("goes_on", "union")
VOTE = Votes(FIRST, yes=4)


@standing
def issue(group: Group, officer: StaffUser) -> PolicyIssue:
    """A fee on every can of milk."""
    return PolicyIssue.objects.create(
        programme=group.programme,
        title="Fee on milk cans",
        ask="No fee below ten litres",
        target="District council",
        owner=officer,
    )


def test_a_group_stands_behind_an_issue_by_its_vote_once(
    group: Group,
    members: list[Member],
    issue: PolicyIssue,
    officer: StaffUser,
    outsider: StaffUser,
) -> None:
    take_up = partial(
        advocacy.take_up_issue,
        acting_staff=officer,
        group=group,
        issue=issue,
        position="No fee below ten litres",
        votes=VOTE,
    )
    reader = staff_with("reads-issues", Role.ME_READER, programme=group.programme_id)
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (advocacy.PositionMissing, {"position": "  "}),
        (NotCarried, {"votes": Votes(FIRST, yes=2, no=2)}),
        ((NotAllowed, OutOfSight), {"acting_staff": outsider}),
        (NotAllowed, {"acting_staff": reader}),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            take_up(**wrong)
    assert not GroupIssue.objects.exists()
    assert not group.facts.filter(name="open_issue").exists()
    key = new_id()
    row = take_up(id=key)
    assert take_up(id=key) == row
    with pytest.raises(SameIdOtherContent):
        take_up(id=key, votes=Votes(FIRST, yes=3, no=1))
    with pytest.raises(advocacy.BehindAlready):
        take_up()
    assert group.facts.get(name="open_issue").body["issue"] == str(issue.pk)


def test_whom_it_affects_is_counted_once_over_groups_and_tiers(
    union: Group, group: Group, members: list[Member], issue: PolicyIssue, officer: StaffUser
) -> None:
    take_up = partial(
        advocacy.take_up_issue, acting_staff=officer, issue=issue, position="Less", votes=VOTE
    )
    take_up(group=union)
    count = partial(advocacy.members_affected, officer, issue, FIRST)
    assert count() == 4, "the members of the groups below"
    take_up(group=group)
    assert count() == 4, "once, though her group and its union stand behind it"
    other = union.members.exclude(member_group=group).order_by("member_no").first()
    assert other is not None
    assert other.member_group is not None
    admit_members(
        acting_staff=officer,
        group=other.member_group,
        members=[NewMember(person=members[0].person, joined_date=FIRST)],
    )
    assert count() == 4, "once, though she is in two groups"
    with hiding(members[1]):
        assert count() == 3


def test_whom_it_affects_is_counted_in_all_tiers_below(
    union: Group, group: Group, members: list[Member], issue: PolicyIssue, officer: StaffUser
) -> None:
    federation = register_group(
        acting_staff=officer,
        programme=group.programme,
        group=NewGroup(
            name="Federation",
            kind=GroupKind.FEDERATION,
            area=group.area,
            formed_date=FORMED,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    below = NewMember(FORMED, member_group=union)
    admit_members(acting_staff=officer, group=federation, members=[below])
    advocacy.take_up_issue(
        acting_staff=officer,
        group=federation,
        issue=issue,
        position="Less",
        votes=Votes(FIRST, yes=1),
    )
    assert advocacy.members_affected(officer, issue, FIRST) == 4, "two tiers below"


def test_whom_she_opened_in_an_emergency_is_not_counted(
    group: Group,
    members: list[Member],
    issue: PolicyIssue,
    officer: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    advocacy.take_up_issue(
        acting_staff=officer, group=group, issue=issue, position="Less", votes=VOTE
    )
    with hiding(members[1]):
        opened = frozenset({members[1].person_id})
        monkeypatch.setattr(
            scope, "opened_to", lambda staff: frozenset() if staff.opens_nobody else opened
        )
        assert Member.objects.visible_to(officer).filter(pk=members[1].pk).exists()
        assert advocacy.members_affected(officer, issue, FIRST) == 3


def test_advocacy_on_its_page_on_paper_and_over_the_api(
    client: Client,
    group: Group,
    members: list[Member],
    issue: PolicyIssue,
    officer: StaffUser,
    outsider: StaffUser,
) -> None:
    client.force_login(officer)
    page = reverse("groups:advocacy", args=[group.pk])
    assert "No issue yet" in client.get(page).content.decode()
    sent = {
        "issue": str(issue.pk),
        "position": "No fee below ten litres",
        "decided_date": FIRST.isoformat(),
        "yes": "4",
        "no": "0",
        "abstain": "0",
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    new = reverse("groups:advocacy_new", args=[group.pk])
    assert client.post(new, sent | {"yes": "9"}).status_code == 422
    assert client.post(new, sent).headers["Location"] == page
    shown = client.get(page).content.decode()
    for told in ("Fee on milk cans", "District council", "1 issue identified"):
        assert told in shown
    paper = client.get(reverse("groups:advocacy_paper", args=[group.pk]))
    assert paper.content.startswith(b"%PDF")
    (listed,) = client.get(f"/api/v1/groups/groups/{group.pk}/issues").json()
    assert (listed["stage"], listed["members_affected"]) == (1, 4)
    body = {
        "issue_id": str(issue.pk),
        "position": "Less",
        "votes": {"on": FIRST.isoformat(), "yes": 4, "no": 0, "abstain": 0},
    }
    post = partial(
        client.post,
        f"/api/v1/groups/groups/{group.pk}/issues",
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    nul = post(body | {"position": "Le\x00ss"})
    assert (nul.status_code, "BEHIND_ALREADY" in nul.content.decode()) == (422, False)
    assert post(body).json()["code"] == "BEHIND_ALREADY"
    client.force_login(outsider)
    assert client.get(page).status_code == 404


def test_what_was_taken_up_wrongly_is_taken_back_and_voted_anew(
    client: Client, group: Group, members: list[Member], issue: PolicyIssue, officer: StaffUser
) -> None:
    """By the supervisor, on the page or over the API; it counts nowhere then."""
    take_up = partial(
        advocacy.take_up_issue,
        acting_staff=officer,
        group=group,
        issue=issue,
        position="Less",
        votes=VOTE,
    )
    row = take_up()
    page = reverse("groups:advocacy", args=[group.pk])
    back = reverse("groups:advocacy_back", args=[row.pk])
    client.force_login(officer)
    assert back not in client.get(page).content.decode()
    assert client.get(back).status_code == 403
    supervisor = staff_with("takes-back", Role.GROUP_SUPERVISOR, programme=group.programme_id)
    client.force_login(supervisor)
    assert back in client.get(page).content.decode()
    day = {"on": FIRST.isoformat(), "_read_back": "1", "_new_id": str(new_id())}
    assert client.post(back, day).headers["Location"] == page
    assert "No issue yet" in client.get(page).content.decode()
    assert advocacy.members_affected(supervisor, issue, FIRST) == 0
    with pytest.raises(TakenBackAlready):
        advocacy.take_back_issue(acting_staff=supervisor, row=row, on=FIRST)
    sent = client.post(
        f"/api/v1/groups/issues/{take_up().pk}/back",
        {"on": FIRST.isoformat()},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert sent.status_code == 201
    assert client.get(f"/api/v1/groups/groups/{group.pk}/issues").json() == []
