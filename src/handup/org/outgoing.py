"""What leaves the house one by one, by a post, an e-mail or a message: each is claimed first, so
that no other worker sends it too, and what is not taken is tried again after growing pauses.

A row has `state` (WAITING, SENT, or what its own domain adds), `why`, `tries`, `next_try_at` and
`sent_at`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Model
from django.utils import timezone

from handup.org.posting_out import NotTaken

WAITING, SENT = "WAITING", "SENT"
LEASE = timedelta(minutes=5)
"""So long one that was claimed is left to whoever claimed it."""
FROM, UNTIL = time(8), time(20)
"""Nobody's telephone rings in the night for what can wait."""


def by_day(now: datetime) -> datetime:
    """Now, or the next morning where it is night."""
    local = timezone.localtime(now)
    if FROM <= local.time() < UNTIL:
        return now
    day = local.date() + timedelta(days=local.time() >= UNTIL)
    return timezone.make_aware(datetime.combine(day, FROM))


def claim(model: type[Model], pk: UUID, now: datetime) -> bool:
    """Whether it is ours to send: it waited and was due, and nobody else claimed it. `now` is the
    time of this one, not of the round it is sent in: a round may take longer than a lease."""
    waits = model._base_manager.filter(pk=pk, state=WAITING, next_try_at__lte=now)
    return bool(waits.update(next_try_at=now + LEASE, tries=F("tries") + 1))


def hand_over(
    row: Any, send: Callable[[], None], waits: Sequence[timedelta], failed: str, now: datetime
) -> NotTaken | None:
    """Send a claimed row and write on it what became of it: taken, to be tried again after the next
    of `waits`, or `failed` for good. Gives back why it was not taken."""
    try:
        send()
    except NotTaken as fault:
        row.why = fault.why
        if fault.final or row.tries > len(waits):
            row.state = failed
        else:
            row.next_try_at = now + waits[row.tries - 1]
        return fault
    row.state, row.why, row.sent_at = SENT, "", timezone.now()
    return None


def settle(row: Any) -> None:
    """Keep what became of it; what was ended meanwhile stays as the end left it."""
    held = type(row)._base_manager.filter(pk=row.pk, state=WAITING)
    held.update(state=row.state, why=row.why, next_try_at=row.next_try_at, sent_at=row.sent_at)
