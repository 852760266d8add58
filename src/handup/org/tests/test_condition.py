"""What is wrong is said in plain words; work in the background is tried again, then a person
decides.
"""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from handup.org import condition, copies, following, jobs, meters
from handup.org.condition import Weight
from handup.org.jobs import JobRow
from handup.org.models import (
    AuditLine,
    Device,
    DeviceState,
    Office,
    ProofOutcome,
    ProofReason,
    ProofRun,
    Setting,
    StaffUser,
)
from handup.org.nightly import KEY
from handup.org.permissions import NotAllowed
from handup.org.reads import write_entry
from handup.org.services.background import NotDead, begin_job_again, give_up_job
from handup.org.services.sealed_keys import seal_keys

NOW = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
NAME = "Mukamana Vestine"


@jobs.job
def fail_with_a_name(name: str) -> None:
    """A job that fails and says a name."""
    raise ValueError(f"no such person: {NAME} {name}")


@jobs.job
def tell(code: str) -> None:
    """A job that says how far it is, and keeps what is shown of it meanwhile."""
    jobs.tell_progress(3, 10)
    row = DBTaskResult.objects.get(status="RUNNING")
    Office.objects.create(code=code, name=json.dumps(row.return_value, sort_keys=True))


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker shares the test's connection, which lives in the test's transaction."""
    worker = "django_tasks_db.management.commands.db_worker"
    monkeypatch.setattr(f"{worker}.close_old_connections", lambda: None)


@pytest.fixture
def house(db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house where nothing is wrong: room, a copy of this night, keys sealed and proved."""
    settings.DATA_DIR = tmp_path
    settings.KEYS_FILE = tmp_path / "keys.json"
    settings.HEADS_DIR = tmp_path / "heads"
    settings.COPY_DIR = None
    copy(tmp_path, NOW - timedelta(hours=12))
    monkeypatch.setattr(condition, "what_is_missing", lambda: "")
    monkeypatch.setattr(condition, "clock_of_database", lambda: None)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: room(free=40))
    return tmp_path


class Room(NamedTuple):
    """What the system says of a disk, in bytes."""

    total: int
    used: int
    free: int


def room(free: int, total: int = 100) -> Room:
    """A disk, in GB."""
    return Room(total * condition.GB, (total - free) * condition.GB, free * condition.GB)


def copy(data: Path, made: datetime) -> Path:
    """A finished copy made at a moment."""
    folder = data / "backups" / copies.name_at(made)
    folder.mkdir(parents=True)
    (folder / copies.SUMS).write_text("")
    return folder


def codes(now: datetime = NOW) -> list[str]:
    return [found.code for found in condition.findings(now)]


def test_where_nothing_is_wrong_nothing_is_told(house: Path) -> None:
    assert condition.findings(NOW) == []


def test_a_disk_that_fills_is_told_before_it_is_full(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: room(free=4))
    (found,) = condition.findings(NOW)
    assert (found.code, found.weight) == ("DISK", Weight.STOPS)
    assert "4.0 GB" in found.what
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: room(free=4, total=40))
    assert [found.weight for found in condition.findings(NOW)] == [Weight.SOON]
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: room(free=30, total=4000))
    assert codes() == [], "thirty gigabytes are enough on the largest disk"


def test_an_old_copy_and_none_are_told(house: Path) -> None:
    later = NOW + timedelta(days=1)
    (found,) = condition.findings(later)
    assert (found.code, found.weight) == ("BACKUP", Weight.SOON)
    assert "36 hours" in found.what
    assert condition.findings(NOW + timedelta(days=4))[0].weight == Weight.STOPS
    shutil.rmtree(house / "backups")
    assert codes() == ["BACKUP"]


def test_a_copy_that_was_never_finished_is_none(house: Path) -> None:
    for sums in house.rglob(copies.SUMS):
        sums.unlink()
    assert codes() == ["BACKUP"]


def test_following_that_stopped_or_never_began_is_told(
    house: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COPY_DIR = house / "away"
    monkeypatch.setattr(condition, "connection", SimpleNamespace(vendor="sqlite"))
    (found,) = condition.followed(NOW)
    assert (found.code, found.weight) == ("FOLLOW", Weight.STOPS)
    assert found in condition.findings(NOW)
    settings.COPY_DIR.mkdir()
    for hours, name in ((50, following.WHOLE), (30, following.PAGES)):
        at = NOW - timedelta(hours=hours)
        (settings.COPY_DIR / f"{at:{following.FORM}}{name}").touch()
    (found,) = condition.followed(NOW)
    assert found.weight == Weight.SOON
    assert "30 hours" in found.what
    assert str(settings.COPY_DIR) in found.do
    assert list(condition.followed(NOW - timedelta(hours=6))) == []
    monkeypatch.setattr(condition, "connection", SimpleNamespace(vendor="postgresql"))
    assert list(condition.followed(NOW)) == [], "PostgreSQL keeps its own log"


def test_a_queue_nobody_works_on_is_told_though_a_job_never_ended(db: None) -> None:
    """A worker that died in the middle of a job leaves it running for ever."""
    now = timezone.now()
    tell.enqueue("A")
    tell.enqueue("B")
    waiting, running = DBTaskResult.objects.all()
    DBTaskResult.objects.filter(pk=waiting.pk).update(enqueued_at=now - timedelta(hours=13))
    held = DBTaskResult.objects.filter(pk=running.pk)
    held.update(status="RUNNING", started_at=now - jobs.LONGEST / 2)
    assert "JOBS_WAIT" not in [found.code for found in condition.work(now)]
    held.update(started_at=now - jobs.LONGEST - timedelta(minutes=1))
    assert "JOBS_WAIT" in [found.code for found in condition.work(now)]


def test_a_clock_other_than_the_databases_is_told(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for apart, told in ((timedelta(seconds=90), False), (timedelta(minutes=-3), True)):
        monkeypatch.setattr(condition, "clock_of_database", lambda late=apart: NOW + late)
        assert ("CLOCK" in codes()) is told


def test_the_database_tells_its_time_where_it_has_one(db: None) -> None:
    there = condition.clock_of_database()
    assert (there is not None) is (connection.vendor == "postgresql")
    assert there is None or abs(there - timezone.now()) < condition.CLOCK_OFF


def test_a_clock_that_went_back_is_told(house: Path, officer: StaffUser) -> None:
    entry = write_entry(staff=officer, door="WEB", action="VIEW", persons=[], highest="P")
    copy(house, entry.at)
    assert "CLOCK" in codes(entry.at - timedelta(hours=1))
    assert "CLOCK" not in codes(entry.at)
    assert "CLOCK" in codes(datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("missing", "weight"),
    [("NONE", Weight.STOPS), ("STALE", Weight.SOON), ("UNPROVED", Weight.SOON)],
)
def test_keys_without_a_good_sealed_copy_are_told(
    house: Path, monkeypatch: pytest.MonkeyPatch, missing: str, weight: Weight
) -> None:
    monkeypatch.setattr(condition, "what_is_missing", lambda: missing)
    assert [(found.code, found.weight) for found in condition.findings(NOW)] == [("KEYS", weight)]


def test_keys_that_cannot_be_read_are_told(
    house: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.undo()
    settings.KEYS_FILE = house / "keys.json"
    seal_keys(acting_staff=None, first_holder="Aline", second_holder="Bosco")
    settings.KEYS_FILE.write_text("{}")
    (found,) = condition.sealed_keys(NOW)
    assert (found.code, found.weight) == ("KEYS", Weight.STOPS)
    assert str(settings.KEYS_FILE) in found.what


def test_phones_that_are_silent_for_a_week_are_counted(house: Path, officer: StaffUser) -> None:
    week = timedelta(days=7)
    for state, seen in (
        (DeviceState.ACTIVE, NOW - week - timedelta(hours=1)),
        (DeviceState.ACTIVE, NOW - timedelta(days=6)),
        (DeviceState.WIPED, NOW - 3 * week),
    ):
        Device.objects.create(
            staff=officer, label="P", enrolled_by=officer, state=state, last_seen_at=seen
        )
    (found,) = condition.findings(NOW)
    assert found.code == "PHONES"
    assert found.what.startswith("1 phones")


def test_proofs_that_differ_and_a_night_left_out_are_told(house: Path) -> None:
    ProofRun.objects.create(
        reason=ProofReason.NIGHTLY, started_at=NOW, outcome=ProofOutcome.DIFFERS, checks=9,
        differences=1,
    )  # fmt: skip
    Setting.objects.create(key=KEY, value="2026-11-20")
    assert codes() == ["PROOFS", "NIGHT"]


def test_a_look_that_fails_is_itself_something_wrong(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(now: datetime) -> list[condition.Finding]:
        raise OSError(f"{NAME} cannot be read")

    monkeypatch.setattr(condition, "looks", [unreadable])
    (found,) = condition.findings(NOW)
    assert found.code == "NOT_LOOKED_UNREADABLE"
    assert NAME not in found.what


def test_the_page_says_what_is_wrong_and_what_to_do(
    house: Path, client: Client, administrator: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    shutil.rmtree(house / "backups")
    client.force_login(administrator)
    text = client.get(reverse("org:condition")).content.decode()
    assert "There is no copy of the data." in text
    assert "Mend it today" in text
    copy(house, timezone.now())
    text = client.get(reverse("org:condition")).content.decode()
    assert "Nothing is wrong" in text


def test_who_keeps_no_installation_sees_neither_page(
    client: Client, officer: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(officer)
    assert client.get(reverse("org:condition")).status_code == 403
    assert client.get(reverse("org:job_list")).status_code == 403


def test_a_program_that_watches_reads_the_same_as_numbers(house: Path) -> None:
    text = meters.text()
    assert "handup_free_bytes 40000000000" in text
    assert 'handup_jobs{state="dead"} 0' in text
    assert "handup_copy_age_seconds" in text


def test_a_number_that_cannot_be_asked_leaves_the_others(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> list[JobRow]:
        raise DatabaseError("gone")

    monkeypatch.setattr(jobs, "dead", gone)
    text = meters.text()
    assert "handup_jobs{" not in text
    assert "handup_free_bytes 40000000000" in text


def run_failing() -> JobRow:
    """A job that failed once."""
    fail_with_a_name.enqueue("A")
    jobs.work_off()
    return DBTaskResult.objects.get()


def test_what_fails_is_tried_again_four_times_and_is_dead_then(db: None) -> None:
    row = run_failing()
    for tries, wait in enumerate(jobs.WAITS, 1):
        row.refresh_from_db()
        assert len(row.worker_ids) == tries
        assert not jobs.is_dead(row)
        assert row.finished_at is not None
        assert jobs.try_again(row.finished_at + wait - timedelta(seconds=1)) == 0
        assert jobs.try_again(row.finished_at + wait) == 1
        jobs.work_off()
    row.refresh_from_db()
    assert len(row.worker_ids) == jobs.TRIES
    assert row.finished_at is not None
    assert jobs.try_again(row.finished_at + timedelta(hours=9)) == 0
    assert jobs.dead() == [row]
    assert "JOBS_DEAD" in codes(timezone.now())


def test_what_is_kept_of_a_failure_names_places_and_nobody(db: None) -> None:
    row = run_failing()
    assert NAME not in row.traceback
    assert "fail_with_a_name" in row.traceback
    assert row.exception_class_path == "builtins.ValueError"


def test_what_lost_its_process_is_tried_again_and_not_for_ever(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    tell.enqueue("A")
    DBTaskResult.objects.update(
        status="RUNNING", started_at=now - jobs.LONGEST - timedelta(hours=1), worker_ids=["a"]
    )
    jobs.try_again(now)
    row = DBTaskResult.objects.get()
    assert (row.status, row.exception_class_path) == ("FAILED", jobs.LOST)
    assert jobs.try_again(now + jobs.WAITS[0]) == 1
    DBTaskResult.objects.update(status="RUNNING", started_at=now, worker_ids=["a"] * jobs.TRIES)
    monkeypatch.setattr(jobs, "connection", SimpleNamespace(vendor="postgresql"))
    assert jobs.take_over_lost() == 0, "another worker may be at it"
    monkeypatch.setattr(jobs, "connection", SimpleNamespace(vendor="sqlite"))
    assert jobs.take_over_lost() == 1
    assert jobs.dead() == [DBTaskResult.objects.get()]


def test_a_job_says_how_far_it_is_while_it_runs(db: None) -> None:
    tell.enqueue("A")
    jobs.work_off()
    assert Office.objects.get().name == '{"done": 3, "of": 10}'
    jobs.tell_progress(1, 2)  # outside of a job nothing happens
    assert DBTaskResult.objects.get().return_value is None


@pytest.fixture
def dead(db: None) -> JobRow:
    """A job that failed for good."""
    row = run_failing()
    row.worker_ids = ["x"] * jobs.TRIES
    row.save()
    return row


def test_an_administrator_begins_a_dead_job_again_once(
    client: Client, administrator: StaffUser, dead: JobRow, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(administrator)
    page = client.get(reverse("org:job_list")).content.decode()
    assert "Failed for good" in page
    again = reverse("org:job_again", args=[dead.pk])
    assert again in page
    assert "fail_with_a_name" in client.get(again).content.decode()
    assert client.post(again, {"_id": str(uuid4())}).status_code == 302
    dead.refresh_from_db()
    assert (dead.status, dead.worker_ids) == ("READY", [])
    assert AuditLine.objects.filter(action="org.begin_job_again").count() == 1
    assert client.post(again, {"_id": str(uuid4())}).status_code == 404
    with pytest.raises(NotDead):
        begin_job_again(acting_staff=administrator, row=dead)


def test_a_dead_job_is_taken_away_by_an_administrator_only(
    administrator: StaffUser, auditor: StaffUser, dead: JobRow
) -> None:
    with pytest.raises(NotAllowed):
        give_up_job(acting_staff=auditor, row=dead)
    assert DBTaskResult.objects.count() == 1
    give_up_job(acting_staff=administrator, row=dead)
    assert not DBTaskResult.objects.exists()
    assert AuditLine.objects.get(action="org.give_up_job").facts == {"job": "fail_with_a_name"}


def test_the_list_of_an_auditor_offers_nothing_to_do(
    client: Client, auditor: StaffUser, dead: JobRow, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(auditor)
    page = client.get(reverse("org:job_list")).content.decode()
    assert "Failed for good" in page
    assert reverse("org:job_again", args=[dead.pk]) not in page
    assert client.get(reverse("org:job_again", args=[dead.pk])).status_code == 403


def test_a_database_that_cannot_be_asked_does_not_break_the_page(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> list[JobRow]:
        raise DatabaseError("gone")

    monkeypatch.setattr(jobs, "dead", gone)
    assert codes() == ["NOT_LOOKED_WORK"]
