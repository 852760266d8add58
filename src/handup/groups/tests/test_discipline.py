"""Cash discipline: first counts that agreed, differences of the cash handled, days until a meeting
is here, corrections."""

from datetime import date
from fractions import Fraction
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups.discipline import discipline_of
from handup.groups.models import Meeting, Member
from handup.groups.rules.discipline import Arrived, Told, counts_agreed, discipline
from handup.groups.services import CashCount, close_meeting
from handup.groups.tests.conftest import FIRST, mark, save
from handup.org.models import StaffUser


def count(meeting: int, total: int, **other: Any) -> Told:
    told: dict[str, Any] = {"way": "OUT", "fund": "LOAN", "attempt": 1, "total_units": total}
    return Told(meeting, "record_count", told | other)


def test_a_count_agrees_at_first_only_where_all_found_the_same_without_a_second_attempt() -> None:
    facts = [
        *(count(1, 500), count(1, 500)),
        *(count(2, 500), count(2, 450), count(2, 500, attempt=2), count(2, 500, attempt=2)),
        *(count(3, 500), count(3, 500, fund="SOCIAL")),
        *(count(4, 500, way="IN"), count(4, 500, way="IN"), count(4, 450, way="IN")),
    ]
    assert list(counts_agreed(facts).values()) == [True, False, False]
    assert discipline(facts, []).counts_equal_percent == Fraction(100, 3)


def test_figures_of_nothing_are_none_and_of_one_meeting_exact() -> None:
    empty = discipline([], [])
    assert (empty.counts, empty.counts_equal_percent, empty.difference_percent) == (0, None, None)
    assert (empty.upload_days, empty.corrections_per_100) == (None, None)
    facts = [
        Told(1, "record_saving", {"units": 900}),
        Told(1, "record_social", {"units": 100}),
        Told(1, "record_difference", {"difference": -15}),
        Told(1, "record_statement", {"units": 50, "difference": 5}),
        Told(1, "reverse_fact", {}),
    ]
    days = [Arrived(FIRST, date(2026, 1, 13)), Arrived(FIRST, date(2026, 1, 14))]
    told = discipline(facts, days)
    assert told.difference_percent == 2
    assert told.upload_days == Fraction(3, 2)
    assert told.corrections_per_100 == 20


def test_the_figures_of_a_group_stand_on_the_page_of_its_scorecards(
    client: Client, meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 1_000))
    mark(meeting, officer, {})
    close_meeting(
        acting_staff=officer,
        meeting=meeting,
        counts=(CashCount("LOAN", 3_900, "a coin fell"), CashCount("SOCIAL", 0)),
    )
    told = discipline_of(meeting.group, date(2026, 1, 1), FIRST)
    assert told.difference_percent == Fraction(100 * 100, 4_000)
    assert told.upload_days == (timezone.localdate() - FIRST).days
    assert told.counts == 0, "one counter at the office is no blind count"
    before = discipline_of(meeting.group, date(2025, 1, 1), date(2026, 1, 11))
    assert before.difference_percent is None
    client.force_login(officer)
    page = client.get(reverse("groups:assessments", args=[meeting.group_id])).content.decode()
    assert "Cash discipline" in page
    assert "2.50" in page
