"""Requests take turns at computing, in the order they came.

Threads of one process share one interpreter. Eight pages drawn at once are each done only when all
are, and whoever writes keeps the database while seven others compute; one after the other, most are
done long before. Waiting for a disk takes no interpreter, so two compute beside each other.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from handup.org.office_wifi import Application

AT_ONCE = 2
"""How many requests compute beside each other in one process."""
LEASE_SECONDS = 0.5
"""How long a request keeps others waiting; a long export goes on beside whoever comes next."""


class Turns:
    """At most `at_once` hold a turn; the longest waiting comes next."""

    def __init__(self, at_once: int = AT_ONCE, lease: float = LEASE_SECONDS) -> None:
        """Begin with nobody inside. `lease`: seconds."""
        self.at_once, self.lease = at_once, lease
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._inside: dict[object, float] = {}

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn and hold it for a `with` block."""
        me = object()
        with self._changed:
            self._waiting.append(me)
            while (seconds := self._until_free(me)) != 0:
                self._changed.wait(seconds)
            self._waiting.popleft()
            self._inside[me] = time.monotonic()
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                del self._inside[me]
                self._changed.notify_all()

    def _until_free(self, me: object) -> float | None:
        """Seconds until the first in the row may go in; None for whoever is behind another."""
        if self._waiting[0] is not me:
            return None
        since = time.monotonic() - self.lease
        counted = sorted(came for came in self._inside.values() if came > since)
        return 0 if len(counted) < self.at_once else counted[-self.at_once] - since


def in_turn(application: Application, turns: Turns) -> Application:
    """The application as others see it, each request in its turn. What it hands out piece by piece
    afterwards is sent outside of it: a slow line keeps nobody waiting.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with turns.turn():
            return application(environ, start_response)

    return answer
