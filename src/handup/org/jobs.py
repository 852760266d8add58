"""Background jobs: a queue in the database, worked by one thread of the server or by `handup
worker`.

A domain declares `@job def send_report(report_id: str) -> None: ...` and enqueues it with
`send_report.enqueue(str(report.pk))` inside its transaction; what is to be done every night it
registers with `nightly`. Arguments are ids only: the queue is
not encrypted.

A job that fails is tried again after a minute, five minutes, half an hour and two hours; then it
is dead, and a person decides (Settings, Work in the background). A job may therefore run twice: it
does its work in one transaction or leaves alone what is done. `tell_progress(3, 10)` within a job
is shown there while it runs.
"""

import logging
import re
import threading
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db import close_old_connections, connection
from django.utils import timezone
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from handup.org import nightly

logger = logging.getLogger("handup.jobs")
LOOK_EVERY = 1.0
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long after each failure a job is tried again; after the last it is dead."""
TRIES = len(WAITS) + 1
LONGEST = timedelta(hours=12)
"""A job that is said to run for longer lost its process."""
LOST = "handup.org.jobs.ProcessLost"
PLACE = re.compile(
    r'^  File "(?P<file>[^"]*)", line (?P<line>\d+), in (?P<name>\S+)$', re.MULTILINE
)

JobRow: TypeAlias = DBTaskResult[..., Any]
"""One job of the queue."""

_running: ContextVar[uuid.UUID | None] = ContextVar("running_job", default=None)


class HouseWorker(Worker):
    """Runs one job after the other; what failed keeps its places in the code, no value."""

    def run_task(self, db_task_result: JobRow) -> None:
        """Run one."""
        told = _running.set(db_task_result.pk)
        try:
            super().run_task(db_task_result)
        finally:
            _running.reset(told)
        if db_task_result.status == TaskResultStatus.FAILED:
            db_task_result.traceback = places(db_task_result.traceback)
            db_task_result.save(update_fields=["traceback"])
            logger.warning(
                "a job failed",
                extra={"job": name_of(db_task_result), "tries": len(db_task_result.worker_ids)},
            )


def places(traceback: str) -> str:
    """The places of a traceback without its messages: they may hold a name or a number."""
    return "\n".join(f"{at['file']}:{at['line']} {at['name']}" for at in PLACE.finditer(traceback))


def name_of(row: JobRow) -> str:
    """What the function of a job is called."""
    return str(row.task_path).rsplit(".", 1)[-1]


def tell_progress(done: int, of: int) -> None:
    """Say how far the job that runs now is; outside of a job nothing happens. Within a transaction
    others see it when that ends.
    """
    if (pk := _running.get()) is not None:
        DBTaskResult.objects.filter(pk=pk).update(return_value={"done": done, "of": of})


def try_again(now: datetime) -> int:
    """Put back what failed and has tries left, when its time has come; how many. What lost its
    process counts as failed.
    """
    lost = DBTaskResult.objects.running().filter(started_at__lt=now - LONGEST)
    lost.update(status=TaskResultStatus.FAILED, finished_at=now, exception_class_path=LOST)
    again = 0
    failed = DBTaskResult.objects.failed().filter(finished_at__gte=now - timedelta(days=1))
    for row in failed.only("worker_ids", "finished_at"):
        tries, ended = len(row.worker_ids), row.finished_at
        if ended is not None and 0 < tries < TRIES and now - ended >= WAITS[tries - 1]:
            again += _put_back(row)
    return again


def dead() -> Any:
    """The jobs that failed for good, the newest first: a person decides about each."""
    rows = DBTaskResult.objects.failed().order_by("-finished_at")
    return [row for row in rows if is_dead(row)]


def is_dead(row: JobRow) -> bool:
    """Whether a failed job is not tried again by itself: its tries are used up, or nobody looked
    for a day.
    """
    if row.status != TaskResultStatus.FAILED:
        return False
    too_old = row.finished_at is None or row.finished_at < timezone.now() - timedelta(days=1)
    return too_old or not 0 < len(row.worker_ids) < TRIES


def _put_back(row: JobRow, **changed: Any) -> int:
    """Let a failed job wait again; nothing where somebody else did."""
    held = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED)
    done: int = held.update(status=TaskResultStatus.READY, finished_at=None, **changed)
    return done


def revive(row: JobRow) -> bool:
    """Let a dead job begin anew with all its tries; whether it was still dead."""
    return bool(_put_back(row, worker_ids=[]))


def give_up(row: JobRow) -> bool:
    """Take a dead job away; whether it was still there."""
    gone, _each = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED).delete()
    return bool(gone)


def take_over_lost() -> int:
    """On the embedded database one process works: what it finds running when it starts was cut off
    with the one before, and counts as failed, so that it is tried again. How many.
    """
    if connection.vendor != "sqlite":
        return 0
    lost: int = DBTaskResult.objects.running().update(
        status=TaskResultStatus.FAILED, finished_at=timezone.now(), exception_class_path=LOST
    )
    return lost


def job(function: Callable[..., Any]) -> Any:
    """Declare a job; its arguments are texts and whole numbers that name records."""
    return task()(function)


def work_off(limit: int | None = None) -> None:
    """Run what is waiting, then return."""
    HouseWorker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=limit,
        worker_id=uuid.uuid4().hex[:12],
        excluded_queue_names=[],
    ).run()


def work(stopping: threading.Event) -> None:
    """Look for jobs every second until told to stop; a fault of the queue is logged, not fatal."""
    taken_over = False
    while not stopping.wait(LOOK_EVERY):
        close_old_connections()
        try:
            nightly.look()
            if DBTaskResult.objects.ready().exists():
                work_off()
            if not taken_over:
                take_over_lost()
                taken_over = True
            if _a_minute_passed():
                look_at_all(timezone.now())
        except Exception:
            logger.exception("the job queue failed; it is tried again")
        finally:
            close_old_connections()


every_minute: list[Callable[[datetime], object]] = [try_again]
"""What is looked at once a minute by whoever works on the queue: given the time."""


def look_at_all(now: datetime) -> None:
    """Look at each; one that fails is logged and keeps none of the others."""
    for look in every_minute:
        try:
            look(now)
        except Exception:
            logger.exception("a look of the minute failed; it is tried again")


_looked: dict[str, float] = {}


def _a_minute_passed() -> bool:
    """Whether it is a minute since failed jobs were looked at by this process."""
    now = time.monotonic()
    if now - _looked.get("failed", -60.0) < 60:
        return False
    _looked["failed"] = now
    return True


def start_worker() -> threading.Event:
    """Start the worker thread; set the returned event to stop it."""
    stopping = threading.Event()
    threading.Thread(target=work, args=(stopping,), name="handup-worker", daemon=True).start()
    return stopping
