"""A fair lock: writers of one process take turns in the order they came.

Without it SQLite's writers poll, and one of them can wait nine seconds while others pass it by
(architecture.md section 4).
"""

import threading
from collections import deque


class FifoGate:
    """Held by at most one thread; the longest waiting comes next."""

    def __init__(self) -> None:
        """Begin open."""
        self._lock = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for one's turn; False when it did not come within `timeout` seconds."""
        with self._lock:
            if not self._held:
                self._held = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout):
            return True
        with self._lock:
            if turn.is_set():
                return True
            self._waiting.remove(turn)
            return False

    def release(self) -> None:
        """Let the next one through."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


_gates: dict[str, FifoGate] = {}
_making = threading.Lock()


def gate_of(database: str) -> FifoGate:
    """Return the one gate of a database file in this process."""
    with _making:
        return _gates.setdefault(database, FifoGate())
