"""Sessions in a calendar of one's own: a secret address that can be ended, without any name."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Office, ReadEntry, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.training import services
from handup.training.models import CalendarFeed, Cohort, Enrolment, Session
from handup.training.rules.calendar import Event, calendar_text, escaped, folded
from handup.training.services.calendars import secret_of
from handup.training.tests.conftest import member_of_staff
from handup.training.views.calendars import address_of

DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def no_count_from_before() -> None:
    cache.clear()


def path_of(feed: CalendarFeed) -> str:
    return reverse("training:calendar_feed", args=[secret_of(feed.pk)])


def test_a_calendar_is_written_as_the_standard_asks() -> None:
    event = Event(UUID(int=7), DAY, "A; b, c\nBEGIN:VEVENT", "https://x.example/s/1", True)
    text = calendar_text("Sessions", [event], datetime(2026, 3, 1, 9, tzinfo=UTC))
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20260302" in lines
    assert "DTEND;VALUE=DATE:20260303" in lines
    assert "DTSTAMP:20260301T090000Z" in lines
    assert "STATUS:CANCELLED" in lines
    assert "SUMMARY:A\\; b\\, c\\nBEGIN:VEVENT" in lines, "a text begins no line of its own"
    assert lines.count("BEGIN:VEVENT") == 1
    assert escaped("\\") == "\\\\"


def test_long_lines_are_cut_at_75_octets_never_within_a_sign() -> None:
    line = "SUMMARY:" + "Հ" * 100
    pieces = list(folded(line))
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
    assert all(piece[0] == " " for piece in pieces[1:])


def test_a_program_reads_codes_and_days_at_the_secret_address_and_no_name(
    sessions: list[Session],
    enrolled: list[Enrolment],
    cohort: Cohort,
    officer: StaffUser,
    client: Client,
) -> None:
    today = timezone.localdate()
    Session.objects.filter(pk=sessions[0].pk).update(session_date=today + timedelta(days=2))
    Cohort.objects.filter(pk=cohort.pk).update(venue="House by the river")
    feed = services.open_calendar_feed(acting_staff=officer)
    answer = client.get(path_of(feed))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    assert f"{cohort.code}: session 1\\," in text
    assert text.count("BEGIN:VEVENT") == 1, "those of eight months ago are left out"
    for word in (enrolled[0].person.display_name, "House by the river", cohort.course.title):
        assert word not in text
    client.get(path_of(feed))
    feed.refresh_from_db()
    assert feed.read_count == 2
    (entry,) = ReadEntry.objects.filter(purpose="calendar of sessions")
    assert (entry.staff, entry.persons) == (officer, []), "logged once an hour"


def test_an_ended_address_and_somebody_who_left_open_nothing(
    sessions: list[Session], officer: StaffUser, client: Client
) -> None:
    first = services.open_calendar_feed(acting_staff=officer)
    second = services.open_calendar_feed(acting_staff=officer)
    assert client.get(path_of(first)).status_code == 404
    assert client.get(path_of(second)).status_code == 200
    services.end_calendar_feed(acting_staff=officer)
    services.end_calendar_feed(acting_staff=officer)
    assert client.get(path_of(second)).status_code == 404
    third = services.open_calendar_feed(acting_staff=officer)
    StaffUser.objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get(path_of(third)).status_code == 404
    third.refresh_from_db()
    assert third.read_count == 0


def test_who_sees_no_cohort_reads_an_empty_calendar(
    sessions: list[Session], outsider: StaffUser, officer: StaffUser, client: Client
) -> None:
    today = timezone.localdate()
    Session.objects.update(session_date=today)
    with pytest.raises(NotAllowed):
        services.open_calendar_feed(acting_staff=outsider)
    there = Office.objects.create(code="there", name="There")
    elsewhere = member_of_staff(
        "elsewhere", Role.TRAINING_OFFICER, scope=ScopeKind.OFFICE, office=there
    )
    theirs = services.open_calendar_feed(acting_staff=elsewhere)
    assert "BEGIN:VEVENT" not in client.get(path_of(theirs)).content.decode()
    own = services.open_calendar_feed(acting_staff=officer)
    assert "BEGIN:VEVENT" in client.get(path_of(own)).content.decode()


def test_the_page_shows_the_address_and_ends_it(
    officer: StaffUser, client: Client, settings: object
) -> None:
    client.force_login(officer)
    page = reverse("training:calendar")
    assert client.get(page).status_code == 200
    key = str(new_id())
    for _time in range(2):  # the button pressed twice
        assert client.post(page, {"_new_id": key}).status_code == 302
    (feed,) = CalendarFeed.objects.all()
    address = address_of(officer)
    assert address.endswith(path_of(feed))
    assert address in client.get(page).content.decode()
    assert client.post(reverse("training:calendar_end")).status_code == 302
    assert address_of(officer) == ""
    assert address not in client.get(page).content.decode()


def test_it_is_opened_over_the_api_by_who_may(officer: StaffUser, client: Client) -> None:
    client.force_login(officer)
    key = {"Idempotency-Key": str(new_id())}
    root = "/api/v1/training/calendar"
    made = client.post(root, {}, content_type="application/json", headers=key)
    assert made.status_code == 201
    assert made.json()["address"] == client.get(root).json()["address"] != ""
    assert client.post(f"{root}/end", content_type="application/json").status_code == 204
    assert client.get(root).json()["address"] == ""
    payer = member_of_staff("payer", Role.ACCOUNTANT)
    with pytest.raises(NotAllowed):
        services.open_calendar_feed(acting_staff=payer)
    other = member_of_staff("other", Role.TRAINING_OFFICER)
    with pytest.raises(SameIdOtherContent):
        services.open_calendar_feed(acting_staff=other, id=UUID(key["Idempotency-Key"]))
