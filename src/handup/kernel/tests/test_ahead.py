"""Work done ahead: the same results, never a wait, and nothing lost when the helper fails."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from handup.kernel.ahead import PIECE, Ahead

asked: list[int] = []


def double(item: int) -> int:
    asked.append(item)
    return 2 * item


def refuse(item: int) -> int:
    raise ValueError(item)


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    asked.clear()


class Later(ThreadPoolExecutor):
    """A helper that keeps what it is given until it is told to go."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[tuple[Future[Any], Any, Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.given.append((future, fn, args))
        return future

    def go(self) -> None:
        for future, fn, args in self.given:
            try:
                future.set_result(fn(*args))
            except ValueError as fault:
                future.set_exception(fault)


def test_what_was_worked_out_ahead_is_taken_and_not_done_again() -> None:
    ahead, pool = Ahead(double), Later()
    ahead.begin(pool, range(3 * PIECE))
    pool.go()
    done = len(asked)
    assert [ahead(item) for item in range(3 * PIECE)] == [2 * n for n in range(3 * PIECE)]
    assert len(asked) == done == 3 * PIECE


def test_the_helper_begins_at_the_end_and_does_each_item_once() -> None:
    ahead, pool = Ahead(double), Later()
    ahead.begin(pool, [*range(PIECE + 1), 0, 1])
    pool.go()
    assert asked == [PIECE, *range(PIECE)]


def test_nobody_waits_for_what_is_not_done_yet() -> None:
    ahead, pool = Ahead(double), Later()
    ahead.begin(pool, range(3))
    assert [ahead(item) for item in range(3)] == [0, 2, 4]
    assert asked == [0, 1, 2]


def test_what_the_helper_refuses_is_refused_to_whoever_asks() -> None:
    ahead, pool = Ahead(refuse), Later()
    ahead.begin(pool, [7])
    pool.go()
    with pytest.raises(ValueError, match="7"):
        ahead(7)


def test_a_result_is_handed_out_once_and_the_rest_is_forgotten() -> None:
    ahead, pool = Ahead(double), Later()
    ahead.begin(pool, [1, 2])
    pool.go()
    assert (ahead(1), ahead(1)) == (2, 2)
    ahead.forget()
    assert ahead(2) == 4
    assert asked == [1, 2, 1, 2]


def test_a_helper_that_is_gone_does_no_harm() -> None:
    pool = ThreadPoolExecutor(1)
    ahead = Ahead(double)
    pool.submit(double, 0).result()
    pool.__dict__["_broken"] = "gone"  # as after a worker process was killed
    ahead.begin(pool, [1])
    assert ahead(1) == 2
    pool.shutdown()
