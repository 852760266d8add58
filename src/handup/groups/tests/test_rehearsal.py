"""The share-out rehearsed at the office: nothing is stored, the working sums back, and nobody reads
from the whole what a hidden member gets."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.rehearsal import rehearse
from handup.groups.tests.conftest import close, mark, save
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import Source, fact_lines, post_entry
from handup.org import scope
from handup.org.models import StaffUser

DAY = date(2026, 2, 2)


def saved(meeting: Meeting, members: list[Member], officer: StaffUser) -> Group:
    """4, 2, 1 and 1 shares of 5.00, and a fine of 0.50 that is still owed."""
    mark(meeting, officer, {members[3]: Mark.LATE})
    save(meeting, officer, dict(zip(members, (2_000, 1_000, 500, 500), strict=True)))
    close(meeting, officer, 4_000)
    return meeting.group


def test_what_each_would_get_sums_back_to_the_whole_and_nothing_is_stored(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    group = saved(meeting, members, officer)
    before = (GroupFact.objects.count(), Entry.objects.count())
    found = rehearse(group, DAY, reader=officer)
    assert (found.cash, found.owed, found.debt, found.promised) == (4_000, 50, 0, 0)
    assert found.distributable == 4_050
    assert [line.gross for line in found.lines] == [2_025, 1_013, 506, 506]
    assert [line.gain for line in found.lines] == [25, 13, 6, 6]
    assert [line.owed for line in found.lines] == [0, 0, 0, 50]
    assert [line.paid_now for line in found.lines] == [2_025, 1_013, 506, 456]
    assert sum(line.gross for line in found.lines) + found.leftover == found.distributable
    assert not found.meeting_is_open
    assert (GroupFact.objects.count(), Entry.objects.count()) == before


def test_a_group_without_shares_is_told_so(
    client: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)
    page = client.get(reverse("groups:rehearsal", args=[group.pk])).content.decode()
    assert "Nobody holds a share" in page
    paper = client.get(reverse("groups:rehearsal_paper", args=[group.pk]))
    assert paper.content.startswith(b"%PDF")


def test_the_working_stands_on_the_page_and_on_paper(
    client: Client,
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
    outsider: StaffUser,
) -> None:
    group = saved(meeting, members, officer)
    address = reverse("groups:rehearsal", args=[group.pk])
    client.force_login(officer)
    page = client.get(address).content.decode()
    for shown in ("40.50", "20.25", "10.13", "4.56", "Working"):
        assert shown in page
    paper = client.get(reverse("groups:rehearsal_paper", args=[group.pk]))
    assert paper.content.startswith(b"%PDF")
    assert (
        "Rehearse the share-out"
        in client.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    )
    client.force_login(outsider)
    assert client.get(address).status_code == 404


@pytest.fixture
def hidden(members: list[Member]) -> Iterator[Member]:
    """The first member, hidden by a case team."""
    person = members[0].person_id
    assert person is not None

    def hides_her(_staff: StaffUser) -> list[tuple[UUID, None]]:
        return [(person, None)]

    scope.exceptions.append(hides_her)
    scope.hidden_changed()
    yield members[0]
    scope.exceptions.remove(hides_her)
    scope.hidden_changed()


def test_the_whole_is_not_told_to_whoever_does_not_see_everybody(
    client: Client, meeting: Meeting, members: list[Member], officer: StaffUser, hidden: Member
) -> None:
    group = saved(meeting, members, officer)
    client.force_login(officer)
    page = client.get(reverse("groups:rehearsal", args=[group.pk])).content.decode()
    assert "10.13" in page, "what the others get"
    assert "20.25" not in page
    assert "40.50" not in page
    assert str(hidden) not in page


def test_money_at_the_bank_and_debts_that_are_carried_are_told(
    client: Client, meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    group = saved(meeting, members, officer)
    post_entry(
        acting_staff=officer,
        book=group.book,
        kind="INCOME_RECEIVED",
        source=Source("test", "income", new_id()),
        lines=fact_lines(
            "INCOME_RECEIVED", {"AMOUNT": Part(8_000)}, money_role="BANK", currency="XTS"
        ),
        happened_date=DAY,
    )
    found = rehearse(group, DAY, reader=officer)
    assert (found.cash, found.away, found.owed, found.distributable) == (4_000, 8_000, 50, 12_050)
    assert sum(line.gross for line in found.lines) + found.leftover == 12_050
    rules = group.constitutions.get()
    rules.settings |= {"debts_at_share_out": "CARRY", "cycle_kind": "CONTINUING"}
    rules.save()
    found = rehearse(group, DAY, reader=officer)
    assert (found.owed, found.carried, found.distributable) == (0, 50, 12_000)
    client.force_login(officer)
    page = client.get(reverse("groups:rehearsal", args=[group.pk])).content.decode()
    for shown in ("80.00", "120.00", "stays owed", "goes on and shares nothing out"):
        assert shown in page
