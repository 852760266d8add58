"""Pure work done ahead by another process, for whoever has a long list of it and other work before.

    offers = Ahead(work_out)                 # beside the function
    offers.begin(pool, list_of_items)        # the loader, early
    offers(item)                             # the service, as it always does

Nobody ever waits: what the other process has worked out is taken, anything else is worked out on
the spot. So the result is the same with it and without, and only the clock knows. The other process
begins at the end of the list and meets whoever asks in order.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from typing import Any, Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")
PIECE = 20
"""How many items go to the other process at once."""


class Ahead(Generic[Item, Result]):
    """A pure function of one argument whose results may have been worked out elsewhere."""

    def __init__(self, work: Callable[[Item], Result]) -> None:
        """`work` is a function of a module: another process finds it by its name."""
        self.work = work
        self._coming: dict[Item, tuple[Future[list[Result]], int]] = {}

    def __call__(self, item: Item) -> Result:
        """Return the result for one item; it is handed out once."""
        if self._coming:
            future, place = self._coming.pop(item, (None, 0))
            if future is not None and _succeeded(future):
                return future.result()[place]
        return self.work(item)

    def begin(self, pool: Executor, items: Iterable[Item]) -> None:
        """Let the pool work these out, the last first."""
        listed = list(dict.fromkeys(items))
        pieces = [listed[start : start + PIECE] for start in range(0, len(listed), PIECE)]
        with suppress(BrokenExecutor):
            for piece in reversed(pieces):
                future = pool.submit(each, self.work, piece)
                self._coming.update({item: (future, n) for n, item in enumerate(piece)})

    def forget(self) -> None:
        """Drop what nobody asked for."""
        self._coming.clear()


def _succeeded(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Work some items out: what the other process does."""
    return [work(item) for item in items]
