"""Writers of one process take turns in the order they came."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker

from handup.config import settings
from handup.config.sqlite.gate import FifoGate, gate_of
from handup.org.sqlite import sqlite3


def test_the_gate_lets_through_in_the_order_of_coming() -> None:
    gate, came, done = FifoGate(), [], []
    assert gate.acquire(1)

    def writer(number: int) -> None:
        came.append(number)
        assert gate.acquire(60)
        done.append(number)
        gate.release()

    threads = []
    for number in range(8):
        thread = threading.Thread(target=writer, args=(number,))
        thread.start()
        threads.append(thread)
        until = time.monotonic() + 30
        while len(gate._waiting) <= number and time.monotonic() < until:
            time.sleep(0.001)
    gate.release()
    for thread in threads:
        thread.join(60)
    assert done == came == list(range(8))


def test_who_gives_up_waiting_leaves_the_queue() -> None:
    gate = FifoGate()
    assert gate.acquire(1)
    assert not gate.acquire(0.01)
    gate.release()
    assert gate.acquire(0.01)


def test_one_file_has_one_gate() -> None:
    assert gate_of("a") is gate_of("a")
    assert gate_of("a") is not gate_of("b")


@pytest.fixture
def wrapper(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """A function that opens connections to one file, as threads of the server do."""
    backend = load_backend("handup.config.sqlite")
    held = {
        **connections.settings["default"],
        "ENGINE": "handup.config.sqlite",
        "NAME": tmp_path / "gate.sqlite3",
        "OPTIONS": settings.database("sqlite:///gate")["OPTIONS"] | {"timeout": 1},
    }
    opened: list[Any] = []

    def connect() -> Any:
        made = backend.DatabaseWrapper(held, "default")
        opened.append(made)
        return made

    with django_db_blocker.unblock():
        yield connect
    for made in opened:
        made.connection is None or made.connection.close()
        made.leave()


def test_eight_threads_write_and_none_is_turned_away(wrapper: Any) -> None:
    first = wrapper()
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n INTEGER)")
    faults: list[Exception] = []

    def write() -> None:
        mine = wrapper()
        try:
            for number in range(20):
                mine.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
                with mine.cursor() as cursor:
                    cursor.execute("INSERT INTO t VALUES (%s)", [number])
                mine.commit()
                mine.set_autocommit(True)
                with mine.cursor() as cursor:
                    cursor.execute("INSERT INTO t VALUES (%s)", [-number])
        except (OperationalError, sqlite3.Error) as fault:
            faults.append(fault)
        finally:
            mine.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    with first.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM t")
        assert cursor.fetchone() == (320,)


def test_a_rolled_back_or_closed_connection_gives_its_turn_back(wrapper: Any) -> None:
    left, right = wrapper(), wrapper()
    for ending in (left.rollback, left.close):
        left.ensure_connection()
        left.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        right.ensure_connection()
        with pytest.raises(OperationalError):
            right.enter()
        ending()
        right.enter()
        right.leave()
        if left.connection is not None:
            left.set_autocommit(True)


def test_reading_waits_for_nobody(wrapper: Any) -> None:
    left, right = wrapper(), wrapper()
    with left.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n INTEGER)")
    left.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with right.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM t")
        assert cursor.fetchone() == (0,)
    left.rollback()
