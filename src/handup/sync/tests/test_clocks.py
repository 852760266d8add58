"""The clock of a phone is wrong by years: its meeting is taken and told, its money stands in the
book, and the group goes on meeting."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.groups.errors import MeetingBeforeLast
from handup.groups.models import Group, Meeting
from handup.groups.queries import money_now
from handup.groups.services import open_meeting
from handup.groups.services.life import let_rest
from handup.ledger.models import Entry
from handup.org.models import StaffUser
from handup.sync import services
from handup.sync.models import Packet
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said

BATTERY_EMPTY, YEARS_AHEAD = date(1970, 1, 1), date(2099, 1, 1)


@pytest.mark.parametrize("day", [date.min, BATTERY_EMPTY, YEARS_AHEAD, date.max])
def test_a_meeting_under_a_day_nobody_means_is_posted_today_and_holds_up_none_after_it(
    phone: Phone, group: Group, send: Send, day: date
) -> None:
    held(phone, FIRST, 1000)
    held(phone, day, 2000)
    held(phone, FIRST + WEEK, 2500, shares=1)
    answers = said(send(*phone.packets({11, 22})))
    assert [outcome for outcome, _flags in answers] == ["STORED"] * 3
    assert any("CLOCK_DOUBTFUL" in flags for _outcome, flags in answers[1:2])
    assert money_now(group).cash["LOAN"] == 2500
    (entry,) = Entry.objects.filter(source_domain="groups", happened_date=day)
    assert entry.entry_date == timezone.localdate()
    assert not Packet.objects.exclude(state="DONE").exists()
    assert let_rest(timezone.localdate()) in {0, 1}
    assert proofs() == []


def test_what_is_taken_back_under_such_a_day_is_posted_today_too(
    phone: Phone, group: Group, send: Send
) -> None:
    phone.open(FIRST)
    phone.roll(range(1, 5))
    saved = phone.save(1, 2)
    phone.close(1000)
    phone.open(BATTERY_EMPTY, 2)
    phone.roll(range(1, 5))
    phone.write(
        "reverse_fact",
        fact_id=saved,
        reason="Two shares too many",
        keys=KEYS,
        told=True,
        cash_effect="MOVES_TODAY",
    )
    phone.close(0)
    assert [outcome for outcome, _flags in said(send(phone.packet()))] == ["STORED", "STORED"]
    assert money_now(group).cash["LOAN"] == 0
    (back,) = Entry.objects.filter(source_domain="groups", happened_date=BATTERY_EMPTY)
    assert back.entry_date == timezone.localdate()
    assert proofs() == []


def test_the_same_meeting_again_posts_nothing_twice(phone: Phone, group: Group, send: Send) -> None:
    held(phone, FIRST, 1000)
    held(phone, BATTERY_EMPTY, 2000)
    packets = phone.packets({11})
    send(*packets)
    entries = Entry.objects.count()
    assert [outcome for outcome, _flags in said(send(*packets))] == ["ALREADY_STORED"] * 2
    assert (Entry.objects.count(), money_now(group).cash["LOAN"]) == (entries, 2000)


def test_the_office_meets_though_a_lost_phone_said_a_day_to_come(
    phone: Phone, group: Group, send: Send, officer: StaffUser, supervisor: StaffUser
) -> None:
    held(phone, FIRST, 1000)
    held(phone, YEARS_AHEAD, 2000)
    send(phone.packet())
    assert Meeting.objects.get(group=group, held_date=YEARS_AHEAD).status == "CLOSED"
    services.return_seat(acting_staff=supervisor, group=group)
    with pytest.raises(MeetingBeforeLast):
        open_meeting(acting_staff=officer, group=group, held_date=FIRST - timedelta(days=1))
    meeting = open_meeting(acting_staff=officer, group=group, held_date=FIRST + WEEK)
    assert meeting.number == 3
