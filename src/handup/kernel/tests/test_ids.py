"""Identifiers: of the right kind, rising, each once, in every thread and process."""

import copy
import os
import pickle
import subprocess
import sys
import threading
import time
import uuid

import pytest

from handup.kernel.ids import DRAWN, from_digits, from_number, is_device_id, new_id, new_ids


def test_ids_are_of_version_7_and_rise() -> None:
    made = [new_id() for _ in range(3 * DRAWN)]
    assert all(is_device_id(value) for value in made)
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert len({value.int & (1 << 62) - 1 for value in made}) == len(made)


def test_ids_of_a_batch_rise_with_those_made_one_by_one() -> None:
    made = [new_id(), *new_ids(3 * DRAWN), new_id(), *new_ids(0), new_id()]
    assert all(is_device_id(value) for value in made)
    assert made == sorted(made)
    assert len(set(made)) == len(made) == 3 * DRAWN + 3


def test_an_id_says_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= new_id().int >> 80 <= time.time_ns() // 1_000_000 + 60_000


def test_ids_of_many_threads_are_all_different() -> None:
    made: list[uuid.UUID] = []

    def make() -> None:
        made.extend([new_id() for _ in range(500)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(made)) == 2000


FORKED = f"""
import os
from handup.kernel import ids
ids.new_id()
assert ids._random
child = os.fork()
tails = " ".join(str(ids.new_id().int & (1 << 62) - 1) for _ in range({DRAWN}))
os.write(1, f"{{tails}}\\n".encode())
if child:
    os.waitpid(child, 0)
os._exit(0)
"""


def test_a_child_process_draws_numbers_of_its_own() -> None:
    """In a process of one thread: a fork of this one would copy what its threads hold locked."""
    done = subprocess.run(
        [sys.executable, "-c", FORKED],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    parent, child = (set(line.split()) for line in done.stdout.splitlines())
    assert len(parent) == len(child) == DRAWN
    assert not parent & child


def test_an_id_from_its_number_or_digits_is_the_same_id() -> None:
    for value in (new_id(), uuid.uuid4(), uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)):
        for again in (from_number(value.int), from_digits(value.hex)):
            assert (again, str(again), hash(again)) == (value, str(value), hash(value))
            assert again.is_safe is uuid.SafeUUID.unknown
            assert (again.hex, again.hex) == (value.hex, value.hex)
            for copied in (pickle.loads(pickle.dumps(again)), copy.deepcopy(again)):
                assert (copied, copied.hex, str(copied)) == (value, value.hex, str(value))


def test_an_id_cannot_be_changed_and_has_nothing_else() -> None:
    made = new_id()
    for name in ("hex", "int"):
        with pytest.raises(TypeError, match="immutable"):
            setattr(made, name, getattr(made, name))
    assert not hasattr(made, "octal")
