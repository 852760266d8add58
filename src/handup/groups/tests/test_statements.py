"""A group whose money lies at a bank counts by its statement: taken there in a meeting, read at the
next, and the book follows it with a reason."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.errors import MeetingHasMoney, StatementNeeded
from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.dues import Place
from handup.groups.models.facts import Mark, MeetingKind
from handup.groups.queries import money_now
from handup.groups.rules.book import Place as Membership
from handup.groups.rules.book import RecordedBook, Told
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.recorded import take
from handup.groups.services import cancel_meeting, open_meeting
from handup.groups.services.office_settling import BringMoneyFirst, share_out_cycle
from handup.groups.services.statements import (
    NoSuchStatement,
    NotSoMuchThere,
    SamePlace,
    StatementDiffers,
    away_now,
    move_money,
    record_statement,
)
from handup.groups.tests.conftest import FIRST, close, mark, save
from handup.groups.tests.test_office_settling import keys
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.balances import balances_of_roles
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight

__all__ = ("keys",)
SECOND = FIRST + timedelta(days=7)
MEETING = str(new_id())


@pytest.fixture
def banked(meeting: Meeting, members: list[Member], officer: StaffUser) -> Meeting:
    """The rules ask for the statement; 20.00 were saved and taken to the bank."""
    constitution = meeting.group.constitutions.get()
    told = constitution.settings | {"count_by_statement": True}
    type(constitution).objects.filter(pk=constitution.pk).update(settings=told)
    save(meeting, officer, dict.fromkeys(members, 500))
    move = partial(move_money, acting_staff=officer, meeting=meeting, fund="LOAN", to=Place.BANK)
    key = new_id()
    fact = move(source=Place.BOX, units=2_000, id=key)
    assert move(source=Place.BOX, units=2_000, id=key) == fact
    with pytest.raises(SameIdOtherContent):
        move(source=Place.BOX, units=1_000, id=key)
    with pytest.raises(NotSoMuchThere):
        move(source=Place.BOX, units=1)
    with pytest.raises(SamePlace):
        move(source=Place.BANK, units=1)
    assert (money_now(meeting.group).cash["LOAN"], away_now(meeting.group)["LOAN", "BANK"]) == (
        0,
        2_000,
    )
    return meeting


def later(banked: Meeting, members: list[Member], officer: StaffUser) -> Meeting:
    """The first meeting closes with an empty box; the second is open, everybody is there."""
    close(banked, officer, 0)
    opened = open_meeting(acting_staff=officer, group=banked.group, held_date=SECOND)
    mark(opened, officer, dict.fromkeys(members, Mark.PRESENT))
    return opened


def at_bank(group: Group) -> int:
    """What the books say lies at the bank."""
    return sum(item.units for item in balances_of_roles(group.book, ("BANK",)))


def test_the_statement_is_read_before_the_meeting_closes_and_the_book_follows_it(
    banked: Meeting, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    second = later(banked, members, officer)
    assert at_bank(second.group) == 2_000
    with pytest.raises(StatementNeeded):
        close(second, officer, 0)
    read = partial(record_statement, acting_staff=officer, meeting=second, fund="LOAN")
    with pytest.raises(OutOfSight):
        read(acting_staff=outsider, place=Place.BANK, units=2_000)
    with pytest.raises(NoSuchStatement):
        read(place=Place.BOX, units=2_000)
    with pytest.raises(StatementDiffers) as refused:
        read(place=Place.BANK, units=1_950)
    assert "19.50" in str(refused.value)
    assert not GroupFact.objects.filter(name="record_statement").exists()
    fact = read(place=Place.BANK, units=1_950, reason="Fee of the bank")
    assert fact.body["difference"] == -50
    assert at_bank(second.group) == 2_000, "it posts when the meeting is closed"
    close(second, officer, 0)
    assert at_bank(second.group) == 1_950
    assert money_now(second.group).cash["LOAN"] == 0
    assert [one for check in CHECKS for one in check.run()] == []


def test_a_meeting_in_which_a_statement_was_only_read_can_be_cancelled(
    banked: Meeting, members: list[Member], officer: StaffUser
) -> None:
    second = later(banked, members, officer)
    read = partial(record_statement, acting_staff=officer, fund="LOAN", place=Place.BANK)
    read(meeting=second, units=2_000)
    cancel_meeting(acting_staff=officer, meeting=second, reason="rain")
    third = open_meeting(acting_staff=officer, group=banked.group, held_date=SECOND)
    read(meeting=third, units=1_990, reason="Fee of the bank")
    with pytest.raises(MeetingHasMoney):
        cancel_meeting(acting_staff=officer, meeting=third, reason="rain")
    assert at_bank(banked.group) == 2_000


def test_a_share_out_sees_what_was_fetched_and_taken_away_in_its_own_meeting(
    banked: Meeting, members: list[Member], keys: list[Member], officer: StaffUser
) -> None:
    close(banked, officer, 0)
    opened = open_meeting(
        acting_staff=officer, group=banked.group, held_date=SECOND, kind=MeetingKind.SHARE_OUT
    )
    mark(opened, officer, dict.fromkeys(members, Mark.PRESENT))
    record_statement(
        acting_staff=officer, meeting=opened, fund="LOAN", place=Place.BANK, units=2_000
    )
    move = partial(move_money, acting_staff=officer, meeting=opened, fund="LOAN")
    share = partial(share_out_cycle, acting_staff=officer, meeting=opened, keys=keys)
    with pytest.raises(BringMoneyFirst):
        share()
    move(source=Place.BANK, to=Place.BOX, units=2_000)
    move(source=Place.BOX, to=Place.MOBILE, units=500)
    with pytest.raises(BringMoneyFirst):
        share()
    move(source=Place.MOBILE, to=Place.BOX, units=500)
    assert share().body["distributable"] == 2_000
    close(opened, officer, 0)
    assert at_bank(banked.group) == 0
    assert [one for check in CHECKS for one in check.run()] == []


def test_money_taken_there_today_has_no_statement_yet_and_without_the_rule_none_is_asked(
    banked: Meeting, members: list[Member], officer: StaffUser
) -> None:
    close(banked, officer, 0)
    constitution = banked.group.constitutions.get()
    told = constitution.settings | {"count_by_statement": False}
    type(constitution).objects.filter(pk=constitution.pk).update(settings=told)
    opened = open_meeting(acting_staff=officer, group=banked.group, held_date=SECOND)
    mark(opened, officer, dict.fromkeys(members, Mark.PRESENT))
    close(opened, officer, 0)
    assert at_bank(banked.group) == 2_000


def test_it_is_read_on_its_page_and_over_the_api(
    client: Client, banked: Meeting, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    second = later(banked, members, officer)
    client.force_login(officer)
    page = client.get(reverse("groups:meeting_detail", args=[second.pk])).content.decode()
    address = reverse("groups:statement_new", args=[second.pk])
    assert address in page
    sent = {"fund": "LOAN", "place": "BANK", "units": "19", "_read_back": "1"}
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "Write down why they differ" in refused.content.decode()
    assert client.post(address, sent | {"units": "20"}).status_code == 302
    move = reverse("groups:money_move", args=[second.pk])
    told = {"fund": "LOAN", "source": "BANK", "to": "BOX", "units": "30", "_read_back": "1"}
    assert client.post(move, told).status_code == 422
    assert client.post(move, told | {"units": "5"}).status_code == 302
    base = f"/api/v1/groups/meetings/{second.pk}"
    send = partial(client.post, content_type="application/json")
    key = {"Idempotency-Key": str(new_id())}
    body = {"fund": "LOAN", "source": "BOX", "to": "MOBILE", "units": 500}
    assert send(f"{base}/moves", body, headers=key).status_code == 201
    key = {"Idempotency-Key": str(new_id())}
    body = {"fund": "LOAN", "place": "MOBILE", "units": 500}
    assert send(f"{base}/statements", body, headers=key).status_code == 201
    away = away_now(second.group)
    assert (away["LOAN", "BANK"], away["LOAN", "MOBILE"]) == (1_500, 500)
    client.force_login(outsider)
    assert client.get(address).status_code == client.get(move).status_code == 404


def told(name: str, **body: Any) -> Told:
    day = date(2026, 3, 2)
    return Told(str(new_id()), name, day, MEETING, "XTS", 1, day, body)


def test_a_phone_that_reads_no_statement_breaks_the_rule_and_a_wrong_sum_cannot_stand() -> None:
    """Two members; 900 of the loan fund lie at the bank."""
    asked = {"share_value_units": 500, "charge_rate_bps": 500, "count_by_statement": True}
    settings = settings_for("SAVINGS", asked)
    keys = [{"slot": slot, "member_no": slot} for slot in (1, 2, 3)]

    def read(*facts: Told) -> tuple[list[str], frozenset[str], RecordedBook]:
        places = {no: Membership(date(2026, 1, 1)) for no in (1, 2, 3)}
        book = RecordedBook("XTS", places, lambda _version: settings)
        book.figures.away["LOAN", "BANK"] = book.figures.retained = 900
        opening = told("open_meeting", number=1, held_date="2026-03-02", keys=keys)
        marks = [told("record_attendance", member_no=no, mark="PRESENT") for no in (1, 2, 3)]
        end = told("close_meeting", totals={"LOAN": 0, "SOCIAL": 0}, keys=keys)
        after, faults, flags = take(book, [opening, *marks, *facts, end])
        return [fault.code for fault in faults], flags, after

    says = partial(told, "record_statement", fund="LOAN", place="BANK")
    assert read()[:2] == ([], frozenset({"RULE_BREACH"}))
    wrong, flags, book = read(says(units=900))
    assert (wrong, flags, book.figures.broken()) == ([], frozenset(), [])
    assert read(says(units=850))[0] == ["DOES_NOT_BALANCE"]
    unsigned = says(units=850, difference=-50, reason="Fee")
    assert read(unsigned)[1] == {"RULE_BREACH"}
    wrong, flags, book = read(says(units=850, difference=-50, reason="Fee", keys=keys))
    assert (wrong, flags, book.figures.broken()) == ([], frozenset(), [])
    assert book.figures.away["LOAN", "BANK"] == 850
