"""What is kept long enough: listed at night, blanked when the data protection officer approves."""

import dataclasses
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests import walking

from handup.org import nightly, retention
from handup.org.models import AuditLine, RetentionListing, RetentionState, Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.services.retention import (
    NotDue,
    approve_retention,
    list_due,
    list_what_is_due,
)

ON = date(2030, 6, 1)


class Kept:
    """Records by their day, as a domain keeps them."""

    def __init__(self, *days: date) -> None:
        self.days = list(days)

    def due(self, before: date) -> int:
        """How many are older."""
        return sum(1 for day in self.days if day < before)

    def blank(self, before: date) -> int:
        """Blank them."""
        count = self.due(before)
        self.days = [day for day in self.days if day >= before]
        return count


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """One rule: letters are kept for a year."""
    kept = Kept(date(2028, 1, 1), date(2029, 5, 1), date(2030, 5, 1))
    monkeypatch.setattr(retention, "rules", {})
    retention.register(
        retention.Rule("LETTERS", "Letters", "Their text.", 365, kept.due, kept.blank)
    )
    return kept


@pytest.fixture
def officer(db: None) -> StaffUser:
    """Holds every role everywhere."""
    return walking.staff_everywhere("officer")


def test_what_is_older_than_the_rule_keeps_it_is_listed_once(db: None, kept: Kept) -> None:
    (row,) = list_due(ON)
    assert (row.rule, row.before_date, row.found) == ("LETTERS", date(2029, 6, 1), 2)
    kept.days.append(date(2020, 1, 1))
    list_due(ON)
    again = RetentionListing.objects.get()
    assert again.pk == row.pk
    assert again.found == 3
    assert len(kept.days) == 4, "nothing is blanked by being listed"


def test_counting_and_choosing_hold_no_lock(
    officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[int] = []
    outside = len(connection.savepoint_ids)

    def count(*asked: object) -> int:
        inside.append(len(connection.savepoint_ids) - outside)
        return 1

    def choose(*asked: object) -> list[UUID]:
        inside.append(len(connection.savepoint_ids) - outside)
        return [UUID(int=7)]

    given: list[object] = []

    def propose(*told: object) -> int:
        given.append(told[3])
        return 1

    monkeypatch.setattr(retention, "rules", {})
    rule = retention.Rule("LETTERS", "", "", 365, count, None, propose=propose, choose=choose)
    retention.register(rule)
    (row,) = list_due(ON)
    assert approve_retention(acting_staff=officer, listing=row, on=ON).blanked == 1
    assert (inside, given) == ([0, 0], [[UUID(int=7)]])


def test_what_was_approved_while_it_was_counted_is_not_listed_again(
    db: None, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = list_due(ON)
    rule = retention.rules["LETTERS"]

    def approved_meanwhile(before: date) -> int:
        RetentionListing.objects.update(state=RetentionState.BLANKED.value)
        return kept.due(before)

    retention.register(dataclasses.replace(rule, due=approved_meanwhile))
    assert list_due(ON) == []
    assert [one.pk for one in RetentionListing.objects.all()] == [row.pk]


def test_a_setting_says_how_long(db: None, kept: Kept) -> None:
    Setting.objects.create(key=retention.SETTING, value={"LETTERS": 31, "OTHER": 1})
    (row,) = list_due(ON)
    assert (row.before_date, row.found) == (date(2030, 5, 1), 2)


@pytest.mark.parametrize("value", [0, -5, 3])
def test_a_setting_cannot_empty_a_table(db: None, kept: Kept, value: int) -> None:
    Setting.objects.create(key=retention.SETTING, value={"LETTERS": value})
    rule = retention.rules["LETTERS"]
    assert retention.days_of(rule) == retention.LEAST_DAYS


@pytest.mark.parametrize("value", ["soon", True, [1], {"LETTERS": "9"}])
def test_a_setting_that_is_no_number_of_days_leaves_the_rule_as_it_is(
    db: None, kept: Kept, value: object
) -> None:
    Setting.objects.create(key=retention.SETTING, value=value)
    assert retention.days_of(retention.rules["LETTERS"]) == 365


def test_what_is_no_longer_due_lapses(db: None, kept: Kept) -> None:
    list_due(ON)
    kept.days.clear()
    assert list_due(ON) == []
    assert RetentionListing.objects.get().state == RetentionState.LAPSED


def test_approved_it_is_blanked_and_written_down(officer: StaffUser, kept: Kept) -> None:
    (row,) = list_due(ON)
    done = approve_retention(acting_staff=officer, listing=row, on=ON)
    assert kept.days == [date(2030, 5, 1)]
    assert (done.state, done.blanked) == (RetentionState.BLANKED, 2)
    assert (done.approved_by, done.approved_date) == (officer, ON)
    line = AuditLine.objects.get(action="org.approve_retention")
    assert line.facts == {"rule": "LETTERS", "before": "2029-06-01", "blanked": 2}
    with pytest.raises(NotDue):
        approve_retention(acting_staff=officer, listing=row, on=ON)
    assert list_due(ON) == []
    assert RetentionListing.objects.count() == 1


def test_only_what_was_listed_is_blanked(officer: StaffUser, kept: Kept) -> None:
    (row,) = list_due(ON)
    later = date(2031, 6, 1)
    done = approve_retention(acting_staff=officer, listing=row, on=later)
    assert (done.before_date, done.blanked) == (date(2029, 6, 1), 2)
    assert kept.days == [date(2030, 5, 1)], "a year old by then, but nobody was shown it"


@pytest.mark.parametrize("days", [30, 1000])
def test_a_setting_changed_since_has_it_listed_anew(
    officer: StaffUser, kept: Kept, days: int
) -> None:
    (row,) = list_due(ON)
    Setting.objects.create(key=retention.SETTING, value={"LETTERS": days})
    with pytest.raises(NotDue):
        approve_retention(acting_staff=officer, listing=row, on=ON)
    assert len(kept.days) == 3
    list_due(ON)
    with pytest.raises(NotDue):  # she still looks at the first one
        approve_retention(acting_staff=officer, listing=row, on=ON)
    assert len(kept.days) == 3
    row.refresh_from_db()
    assert row.state == (RetentionState.DUE if days == 30 else RetentionState.LAPSED)


def test_a_rule_changed_since_has_it_listed_anew(officer: StaffUser, kept: Kept) -> None:
    (row,) = list_due(ON)
    rule = retention.rules["LETTERS"]
    retention.register(dataclasses.replace(rule, days=90))
    with pytest.raises(NotDue):
        approve_retention(acting_staff=officer, listing=row, on=ON)
    assert len(kept.days) == 3


def test_a_rule_has_days_no_setting_makes_fewer(db: None, kept: Kept) -> None:
    Setting.objects.create(key=retention.SETTING, value={"LETTERS": 40})
    rule = dataclasses.replace(retention.rules["LETTERS"], least=300)
    assert retention.days_of(rule) == 300


def test_what_was_counted_anew_while_she_read_is_not_blanked(
    officer: StaffUser, client: Client, kept: Kept
) -> None:
    (row,) = list_due(ON)
    client.force_login(officer)
    address = reverse("org:retention_approve", args=[row.pk])
    assert b'value="2029-06-01"' in client.get(address).content
    Setting.objects.create(key=retention.SETTING, value={"LETTERS": 30})
    list_due(ON)
    for told in ({"before": "2029-06-01"}, {}):
        refused = client.post(address, told)
        assert refused.status_code == 422
        assert "Look at the list again" in refused.content.decode()
    assert len(kept.days) == 3


def test_nobody_else_blanks(db: None, kept: Kept) -> None:
    other = StaffUser.objects.create_user("other", display_name="Other")
    (row,) = list_due(ON)
    with pytest.raises(NotAllowed):
        approve_retention(acting_staff=other, listing=row, on=ON)
    assert len(kept.days) == 3
    assert RetentionListing.objects.get().state == RetentionState.DUE


def test_a_rule_that_is_gone_blanks_nothing(officer: StaffUser, kept: Kept) -> None:
    (row,) = list_due(ON)
    retention.rules.clear()
    with pytest.raises(NotDue):
        approve_retention(acting_staff=officer, listing=row, on=ON)
    assert RetentionListing.objects.get().approved_by is None


def test_it_is_a_job_of_the_night(db: None, kept: Kept) -> None:
    assert list_what_is_due in nightly.jobs
    kept.days.append(date(2020, 1, 1))
    list_what_is_due.func()
    assert RetentionListing.objects.get().rule == "LETTERS"


def test_the_officer_sees_what_is_due_and_approves_on_the_web(
    officer: StaffUser, client: Client, kept: Kept
) -> None:
    (row,) = list_due(ON)
    client.force_login(officer)
    page = client.get(reverse("org:retention_list"))
    assert b"Letters" in page.content
    page = client.get(reverse("org:retention_detail", args=[row.pk]))
    assert b"Blank them" in page.content
    assert b"365 days" in page.content
    page = client.get(reverse("org:retention_approve", args=[row.pk]))
    assert b"2 records" in page.content
    told = {"before": row.before_date.isoformat()}
    done = client.post(reverse("org:retention_approve", args=[row.pk]), told)
    assert done.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.approved_by) == (RetentionState.BLANKED, officer)
    page = client.get(reverse("org:retention_detail", args=[row.pk]))
    assert b"Blank them" not in page.content
    assert str(officer).encode() in page.content
