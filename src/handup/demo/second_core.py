"""The helper of a large load: a process that works out ahead what needs no database.

Imports nothing that needs Django: the helper reads this module before it sets Django up.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

import django

WORTH_IT = 1_000  # loans: smaller loads take a few seconds


@contextmanager
def second_core(loans: int) -> Iterator[Executor | None]:
    """Start the helper; none for a small load, or where there is no second core."""
    if loans < WORTH_IT or (os.cpu_count() or 1) < 2:
        yield None
        return
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=begin)
    pool.submit(os.getpid)  # it gets ready while families are registered
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def begin() -> None:
    """Get the helper ready, and let it end with whoever started it, however that ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
