"""What is done once a night, by the first process that looks after the hour has come.

    nightly.register(prove_everything)       # a job: it is put into the queue

A computer that was off catches up when it runs again. Only one process of several does it: the day
is written down by whoever claims it.
"""

import threading
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from handup.org.models import Setting

KEY = "org.night_done"
HOUR = 2
LOOK_EVERY = timedelta(minutes=1)

jobs: list[Any] = []
_looked = threading.local()


def register(*added: Any) -> None:
    """Add jobs of the night; one that is there already stays once."""
    jobs.extend(job for job in added if job not in jobs)


def night_of(now: datetime) -> date:
    """The night a moment belongs to: it begins at two in the morning."""
    return (timezone.localtime(now) - timedelta(hours=HOUR)).date()


def look(now: datetime | None = None) -> bool:
    """Put the jobs of this night into the queue unless somebody did; tells whether it did.

    A new installation begins with the next night. Asks the database once a minute at most.
    """
    moment = now or timezone.now()
    last: datetime | None = getattr(_looked, "at", None)
    if now is None and last is not None and moment - last < LOOK_EVERY:
        return False
    _looked.at = moment
    night = night_of(moment).isoformat()
    with transaction.atomic():
        row, new = Setting.objects.get_or_create(key=KEY, defaults={"value": night})
        if new or row.value == night:
            return False
        claimed = Setting.objects.filter(pk=row.pk, value=row.value).update(value=night)
        if not claimed:
            return False
        for job in jobs:
            job.enqueue()
    return True
