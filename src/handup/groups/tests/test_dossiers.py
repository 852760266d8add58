"""Data of a group leave by its vote, a member's own line by her consent; the pages tell both."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.consents import consenting
from handup.groups.models import DossierMember, Group, GroupDossier, Meeting, Member
from handup.groups.models.facts import MeetingStatus
from handup.groups.persons import held
from handup.groups.rules.money import MoneyState
from handup.groups.services import dossiers
from handup.groups.services.assembly import NotCarried, Votes, stream_of
from handup.groups.services.dossiers import NotForDossiers
from handup.groups.services.facts import FactIn, Held
from handup.groups.tests.conftest import FIRST, close, mark, save
from handup.groups.tests.test_bulk_back import hiding
from handup.groups.views import dossiers as dossier_pages
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.people.models import Consent, ConsentEnding, ConsentNotice
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Organisation

DAY = date(2026, 2, 2)
BANK = ConsentPurpose.SHARE_BANK


@pytest.fixture
def bank(db: None) -> Organisation:
    """A bank that asks for the dossier."""
    return Organisation.objects.create(code="BANK-D", name="Valley bank")


def agree(member: Member, officer: StaffUser, recipient: Organisation | None = None) -> Consent:
    """She agreed at the office, to everyone or to one recipient."""
    notice, _made = ConsentNotice.objects.get_or_create(
        version="G1", language="en", defaults={"text": "We share.", "valid_from": DAY}
    )
    assert member.person is not None
    return Consent.objects.create(
        person=member.person,
        purpose=BANK.value,
        notice=notice,
        recipient=recipient,
        given_date=DAY - timedelta(days=1),
        method="SIGNATURE",
        recorded_by=officer,
    )


def say(member: Member, officer: StaffUser, *, given: bool) -> None:
    """She said it on the group's phone."""
    body = {"member": str(member.pk), "purpose": BANK.value, "given": given}
    stream_of(member.group).append([FactIn("give_consent", body, DAY)], officer)


def test_only_who_agreed_to_this_purpose_and_recipient_is_in(
    group: Group, members: list[Member], officer: StaffUser, bank: Organisation
) -> None:
    other = Organisation.objects.create(code="OTHER-D", name="Hill bank")
    agree(members[0], officer)
    agree(members[1], officer, recipient=bank)
    agree(members[2], officer, recipient=other)
    say(members[3], officer, given=True)
    who = partial(consenting, group, members, BANK)
    assert who(on=DAY, recipient=bank) == {members[n].pk for n in (0, 1, 3)}
    assert who(on=DAY - timedelta(days=1), recipient=bank) == {members[n].pk for n in (0, 1)}
    assert who(on=DAY) == {members[n].pk for n in (0, 3)}
    say(members[0], officer, given=False)
    assert who(on=DAY, recipient=bank) == {members[n].pk for n in (1, 3)}, "a no holds"
    research = consenting(group, members, ConsentPurpose.RESEARCH, on=DAY)
    assert research == set()


def end(consent: Consent, officer: StaffUser, on: date) -> None:
    """She took it back at the office."""
    ConsentEnding.objects.create(consent=consent, how="WITHDRAWN", end_date=on, recorded_by=officer)


def test_whatever_she_said_last_holds_at_the_office_or_on_the_phone(
    group: Group, members: list[Member], officer: StaffUser, bank: Organisation
) -> None:
    taken_back, before = agree(members[0], officer), agree(members[1], officer)
    later = agree(members[2], officer)
    Consent.objects.filter(pk=later.pk).update(given_date=DAY + timedelta(days=2))
    for member in members[:2]:
        say(member, officer, given=True)
    say(members[2], officer, given=False)
    end(taken_back, officer, DAY + timedelta(days=1))
    end(before, officer, DAY - timedelta(days=1))
    who = partial(consenting, group, members, BANK)
    assert who(on=DAY) == {members[n].pk for n in (0, 1)}
    told = who(on=DAY + timedelta(days=3), recipient=bank)
    assert told == {members[n].pk for n in (1, 2)}, "one took it back since, one signed since"


def test_a_meeting_that_was_cancelled_gives_no_consent(
    group: Group, meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    body = {"member": str(members[0].pk), "purpose": BANK.value, "given": True}
    Held.of(meeting).stream.append([FactIn("give_consent", body, FIRST)], officer)
    assert consenting(group, members, BANK, on=DAY) == {members[0].pk}
    Meeting.objects.filter(pk=meeting.pk).update(status=MeetingStatus.CANCELLED)
    assert consenting(group, members, BANK, on=DAY) == set()


def test_who_took_back_her_word_since_the_vote_is_not_in_a_dossier_sent_today(
    group: Group, members: list[Member], officer: StaffUser, bank: Organisation
) -> None:
    agree(members[1], officer)
    end(agree(members[0], officer), officer, DAY + timedelta(days=1))
    row = dossiers.share_dossier(
        acting_staff=officer, group=group, recipient=bank, purpose=BANK, votes=Votes(DAY, yes=4)
    )
    assert list(row.lines.values_list("member", flat=True)) == [members[1].pk]


def test_a_dossier_leaves_by_its_vote_with_the_lines_of_who_agreed(
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
    outsider: StaffUser,
    bank: Organisation,
) -> None:
    save(meeting, officer, dict(zip(members, (500, 1_000, 500, 500), strict=True)))
    mark(meeting, officer, {})
    close(meeting, officer, 2_500)
    group, key = meeting.group, new_id()
    agree(members[1], officer)
    share = partial(
        dossiers.share_dossier, group=group, recipient=bank, purpose=BANK, votes=Votes(DAY, yes=3)
    )
    with pytest.raises(NotCarried):
        share(acting_staff=officer, votes=Votes(DAY, yes=2, no=2))
    with pytest.raises(NotForDossiers):
        share(acting_staff=officer, purpose=ConsentPurpose.SERVICE)
    with pytest.raises(OutOfSight):
        share(acting_staff=outsider)
    assert not GroupDossier.objects.exists()
    assert not group.facts.filter(name="share_dossier").exists()
    row = share(acting_staff=officer, id=key)
    assert share(acting_staff=officer, id=key) == row
    with pytest.raises(SameIdOtherContent):
        share(acting_staff=officer, id=key, purpose=ConsentPurpose.RESEARCH)
    with pytest.raises(SameIdOtherContent):
        share(acting_staff=officer, id=key, votes=Votes(DAY, yes=4))
    assert (row.resolution.decision, row.resolution.is_passed) == ("SHARE_DATA", True)
    told = row.figures
    assert (told["members"], told["savings"], told["cash"], told["loans"]) == (4, 2_500, 2_500, 0)
    assert list(row.lines.values_list("member", "saved_units")) == [(members[1].pk, 1_000)]
    fact = group.facts.get(name="share_dossier")
    assert fact.body["members"] == [str(members[1].pk)]
    person = members[1].person_id
    assert person is not None
    assert [one["To"] for one in held(person)["Sent with a dossier of a group"]] == ["Valley bank"]


def test_consents_and_dossiers_on_their_pages(
    client: Client,
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
    outsider: StaffUser,
    bank: Organisation,
) -> None:
    save(meeting, officer, {members[0]: 500})
    mark(meeting, officer, {})
    close(meeting, officer, 500)
    group = meeting.group
    agree(members[0], officer)
    client.force_login(officer)
    page = reverse("groups:consents", args=[group.pk])
    assert "Member 1" in client.get(page).content.decode()
    sent = {
        "recipient": str(bank.pk),
        "purpose": BANK.value,
        "decided_date": DAY.isoformat(),
        "yes": "4",
        "no": "0",
        "abstain": "0",
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    answer = client.post(reverse("groups:dossier_new", args=[group.pk]), sent)
    row = GroupDossier.objects.get()
    address = reverse("groups:dossier", args=[row.pk])
    assert answer.headers["Location"] == address
    assert address in client.get(page).content.decode()
    shown = client.get(address).content.decode()
    for told in ("Valley bank", "Member 1", "The whole group", "4 in favour"):
        assert told in shown
    assert "Member 2" not in shown
    paper = client.get(reverse("groups:dossier_paper", args=[row.pk]))
    assert paper.content.startswith(b"%PDF")
    with hiding(members[0]):
        shown = client.get(address).content.decode()
        assert "Member 1" not in shown
        assert "The whole group" not in shown, "the whole less the others would be hers"
    with hiding(members[1]):
        shown = client.get(address).content.decode()
        assert "The whole group" in shown, "who is hidden and has no money changes nothing"
    client.force_login(outsider)
    for path in (page, address):
        assert client.get(path).status_code == 404
    assert DossierMember.objects.visible_to(outsider).count() == 0


def test_who_was_paid_out_since_is_still_not_read_from_the_figures_of_then(
    client: Client,
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
    bank: Organisation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(meeting, officer, {members[0]: 500, members[2]: 1_000})
    mark(meeting, officer, {})
    close(meeting, officer, 1_500)
    row = dossiers.share_dossier(
        acting_staff=officer,
        group=meeting.group,
        recipient=bank,
        purpose=BANK,
        votes=Votes(DAY, yes=4),
    )
    assert row.figures["counted"] == sorted(str(members[n].pk) for n in (0, 2))
    monkeypatch.setattr(dossier_pages, "money_now", lambda _group: MoneyState())
    client.force_login(officer)
    address = reverse("groups:dossier", args=[row.pk])
    for hidden, told in ((0, False), (1, True), (2, False)):
        with hiding(members[hidden]):
            shown = client.get(address).content.decode()
            assert ("The whole group" in shown) is told, hidden
    figures = {name: told for name, told in row.figures.items() if name != "counted"}
    GroupDossier.objects.filter(pk=row.pk).update(figures=figures)
    assert "The whole group" in client.get(address).content.decode()
    with hiding(members[1]):
        shown = client.get(address).content.decode()
        assert "The whole group" not in shown, "an old one does not tell whose money it holds"
