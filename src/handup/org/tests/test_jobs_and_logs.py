"""Background jobs run beside the pages; the log tells places, never values; limits are counted."""

import logging
import sys
import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from handup.org import jobs, limits, reads, verify
from handup.org.logs import WithoutValues
from handup.org.models import Office, StaffUser
from handup.org.verify import Check, Difference


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker shares the test's connection, which lives in the test's transaction."""
    worker = "django_tasks_db.management.commands.db_worker"
    monkeypatch.setattr(f"{worker}.close_old_connections", lambda: None)


@jobs.job
def open_office(code: str) -> None:
    """A job of these tests."""
    Office.objects.create(code=code, name=code)


@jobs.job
def fail(code: str) -> None:
    """A job that fails."""
    raise ValueError(code)


def test_a_job_waits_in_the_database_until_the_worker_comes(db: None) -> None:
    open_office.enqueue("A")
    assert DBTaskResult.objects.get().args_kwargs == {"args": ["A"], "kwargs": {}}
    assert not Office.objects.exists()
    jobs.work_off()
    assert Office.objects.get().code == "A"


def test_a_job_that_fails_does_not_stop_the_next(db: None) -> None:
    fail.enqueue("A")
    open_office.enqueue("B")
    jobs.work_off()
    assert Office.objects.get().code == "B"
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "SUCCESSFUL"]


def test_a_fault_of_the_queue_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopping, tries = threading.Event(), []

    def broken() -> Any:
        tries.append(1)
        if len(tries) == 2:
            stopping.set()
        raise OSError("gone")

    monkeypatch.setattr(jobs, "LOOK_EVERY", 0)
    monkeypatch.setattr(DBTaskResult.objects, "ready", broken, raising=False)
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)
    with caplog.at_level(logging.ERROR):
        jobs.work(stopping)
    assert len(tries) == 2
    assert "the job queue failed" in caplog.text


def failing(name: str) -> None:
    try:
        int(name)
    except ValueError as fault:
        raise RuntimeError(f"cannot read {name}") from fault


def test_the_log_names_types_and_places_and_no_value() -> None:
    try:
        failing("Mukamana")
    except RuntimeError:
        record = logging.LogRecord("x", 40, "p", 1, "refused %s", ("CODE",), sys.exc_info())
    text = WithoutValues().format(record)
    assert "refused CODE" in text
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "failing" in text
    assert "Mukamana" not in text


def test_no_sign_of_a_message_begins_another_line_or_moves_the_cursor() -> None:
    wicked = "a\rb\nc\x0bd\x1b[2Ke\u2028f\u2029g\x85h\x00i"
    record = logging.LogRecord("x", 20, "p", 1, "GET %s", (wicked,), None)
    text = WithoutValues().format(record)
    assert text.splitlines() == [text]
    assert text.isprintable()
    assert text.endswith(r"a\rb\nc\x0bd\x1b[2Ke\u2028f\u2029g\x85h\x00i")


def request_of(staff: StaffUser) -> HttpRequest:
    request = RequestFactory().get(reverse("org:account"))
    request.user = staff
    return request


def test_searching_too_often_is_refused_per_person(
    officer: StaffUser, administrator: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr("handup.org.limits.time.time", lambda: 1_000_000.0)
    for _ in range(60):
        limits.require_within(request_of(officer), "search")
    with pytest.raises(limits.TooOften):
        limits.require_within(request_of(officer), "search")
    limits.require_within(request_of(administrator), "search")
    monkeypatch.setattr("handup.org.limits.time.time", lambda: 1_000_060.0)
    limits.require_within(request_of(officer), "search")


def test_the_eleventh_export_of_a_day_is_refused(officer: StaffUser) -> None:
    for _ in range(10):
        limits.require_export_left(officer)
        reads.write_entry(staff=officer, door="WEB", action="EXPORT", persons=[], highest="P")
    with pytest.raises(limits.TooOften):
        limits.require_export_left(officer)


@pytest.fixture
def one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick check that holds, a deep one that does not."""
    many = [Difference(str(number), "1", "2") for number in range(25)]
    monkeypatch.setattr(
        verify,
        "checks",
        [Check("QUICK", "Quick", list), Check("SLOW", "Slow", lambda: many, deep=True)],
    )


def test_deep_checks_run_only_when_asked(one_check: None) -> None:
    assert [found.check.code for found in verify.run_checks()] == ["QUICK"]
    quick, slow = verify.run_checks(deep=True)
    assert (quick.holds, slow.holds, slow.count, len(slow.shown)) == (True, False, 25, 20)
    assert [found.check.code for found in verify.run_checks(only=["SLOW"])] == ["SLOW"]
    with pytest.raises(LookupError, match="NONE"):
        list(verify.run_checks(only=["NONE"]))
