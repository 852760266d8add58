"""Requests take turns at computing: how many at once, in which order, and how long one may keep
others waiting.
"""

import threading
from collections.abc import Iterable
from typing import Any

import pytest

from handup.org.turns import Turns, in_turn

PATIENCE = 20.0
NEVER = 3600.0


class Office:
    """Requests that come in and stay until each is let go; who came in stands in `inside`."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.inside: list[str] = []
        self.came_in = threading.Semaphore(0)
        self.let_go: dict[str, threading.Event] = {}
        self.threads: list[threading.Thread] = []

    def send(self, name: str) -> None:
        """A request, which stands in the row when this returns."""
        self.let_go[name] = threading.Event()
        self.threads.append(threading.Thread(target=self._stay, args=(name,), daemon=True))
        before = self.turns.waiting + len(self.inside)
        self.threads[-1].start()
        while self.turns.waiting + len(self.inside) == before:
            self.came_in.acquire(timeout=0.01)

    def wait_for(self, count: int) -> list[str]:
        """Who is inside or was, as soon as they are so many."""
        while len(self.inside) < count:
            assert self.came_in.acquire(timeout=PATIENCE)
        return self.inside

    def _stay(self, name: str) -> None:
        with self.turns.turn():
            self.inside.append(name)
            self.came_in.release()
            assert self.let_go[name].wait(PATIENCE)


def test_two_are_inside_and_the_longest_waiting_comes_next() -> None:
    office = Office(Turns(at_once=2, lease=NEVER))
    for name in "ABCDE":
        office.send(name)
    assert office.wait_for(2) == ["A", "B"]
    assert office.turns.waiting == 3

    office.let_go["B"].set()
    assert office.wait_for(3) == ["A", "B", "C"]
    office.let_go["A"].set()
    office.let_go["C"].set()
    assert office.wait_for(5) == list("ABCDE")
    for name in "DE":
        office.let_go[name].set()
    for thread in office.threads:
        thread.join(PATIENCE)
    assert office.turns.waiting == 0


def test_a_long_export_keeps_nobody_waiting_for_good() -> None:
    office = Office(Turns(at_once=1, lease=0.05))
    office.send("EXPORT")
    office.send("PAGE")
    assert office.wait_for(2) == ["EXPORT", "PAGE"]
    for name in ("EXPORT", "PAGE"):
        office.let_go[name].set()


def test_a_request_that_fails_leaves_its_turn_to_the_next() -> None:
    def broken(_environ: dict[str, Any], _start: object) -> Iterable[bytes]:
        raise ZeroDivisionError

    turns = Turns(at_once=1, lease=NEVER)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            in_turn(broken, turns)({}, lambda *_: None)


def test_what_is_handed_out_piece_by_piece_is_sent_outside_of_the_turn() -> None:
    def pieces(_environ: dict[str, Any], _start: object) -> Iterable[bytes]:
        return iter([b"a", b"b"])

    application = in_turn(pieces, Turns(at_once=1, lease=NEVER))
    first, second = application({}, print), application({}, print)
    assert [*first, *second] == [b"a", b"b", b"a", b"b"]
