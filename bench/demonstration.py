"""The demonstration at its real size, step by step: what imports and batch services cost.

The imports of the program stand inside the function: this module is also loaded before Django is
set up.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from bench import Figure, benchmark


@benchmark("sqlite")
def whole() -> Iterator[Figure]:
    """Processor seconds and statements of each step of `handup demo load`."""
    from django.db import connection

    from handup.demo.load import load
    from handup.demo.profiles import Profile

    statements = 0
    began: dict[str, tuple[float, int]] = {}
    ended: dict[str, tuple[float, int]] = {}

    def count(execute: Callable[..., Any], *sent: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*sent)

    def report(title: str, done: int, total: int) -> None:
        now = time.process_time(), statements
        began.setdefault(title, now)
        ended[title] = now

    start = time.process_time()
    with connection.execute_wrapper(count):
        load(Profile.FULL, report)
    for title, (seconds, sent) in began.items():
        yield Figure(title, ended[title][0] - seconds, "CPU seconds", 1)
        yield Figure(f"{title}: statements", ended[title][1] - sent, "statements", 1)
    yield Figure("Demonstration, all of it", time.process_time() - start, "CPU seconds", 1)
