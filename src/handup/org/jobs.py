"""Background jobs: a queue in the database, worked by one thread of the server or by `handup
worker`.

A domain declares `@job def send_report(report_id: str) -> None: ...` and enqueues it with
`send_report.enqueue(str(report.pk))` inside its transaction; what is to be done every night it
registers with `nightly`. Arguments are ids only: the queue is
not encrypted.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections
from django_tasks import task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from handup.org import nightly

logger = logging.getLogger("handup.jobs")
LOOK_EVERY = 1.0


def job(function: Callable[..., Any]) -> Any:
    """Declare a job; its arguments are texts and whole numbers that name records."""
    return task()(function)


def work_off(limit: int | None = None) -> None:
    """Run what is waiting, then return."""
    Worker(
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
    while not stopping.wait(LOOK_EVERY):
        close_old_connections()
        try:
            nightly.look()
            if DBTaskResult.objects.ready().exists():
                work_off()
        except Exception:
            logger.exception("the job queue failed; it is tried again")
        finally:
            close_old_connections()


def start_worker() -> threading.Event:
    """Start the worker thread; set the returned event to stop it."""
    stopping = threading.Event()
    threading.Thread(target=work, args=(stopping,), name="handup-worker", daemon=True).start()
    return stopping
