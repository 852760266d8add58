"""Benchmarks: one command, figures as JSON (`make bench` writes `build/bench.json`).

A benchmark is a function in a module of this folder, marked with `@benchmark`, that yields figures.
Each runs in a process of its own on a fresh database of each kind, so that memory and caches of one
do not colour the next.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BACKENDS = ("sqlite", "postgresql")
NONE = ("none",)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: what, how much, in which unit, over how many items."""

    name: str
    value: float
    unit: str
    n: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A function that yields figures, and the databases it is run on."""

    name: str
    run: Callable[[], Iterator[Figure]]
    backends: tuple[str, ...]


REGISTRY: dict[str, Benchmark] = {}
Function = Callable[[], Iterator[Figure]]


def benchmark(*backends: str) -> Callable[[Function], Function]:
    """Add a function to the registry; without words it runs on both databases."""

    def add(function: Function) -> Function:
        name = f"{function.__module__.removeprefix('bench.')}.{function.__name__}"
        REGISTRY[name] = Benchmark(name, function, backends or BACKENDS)
        return function

    return add


class Clock:
    """Seconds since it was started: of the clock, and of processor time where that is asked for."""

    def __init__(self, processor: Callable[[], float] = time.process_time) -> None:
        self.counted = processor
        self.before = processor()
        self.began = time.perf_counter()
        self.seconds = self.processor = 0.0

    def stop(self) -> None:
        """Keep the time that has passed."""
        self.seconds = time.perf_counter() - self.began
        self.processor = self.counted() - self.before


def with_database() -> float:
    """Processor seconds of this process and of the database's own process that serves it."""
    from django.db import connection

    spent = time.process_time()
    if connection.vendor != "postgresql":
        return spent
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return spent + (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def fastest(act: Callable[[], object], times: int = 3) -> Clock:
    """Do it several times with a warm database; the one that took the least processor time."""
    found = []
    for _ in range(times):
        measured = Clock(with_database)
        act()
        measured.stop()
        found.append(measured)
    return min(found, key=lambda item: item.processor)


@contextmanager
def clock(processor: Callable[[], float] = time.process_time) -> Iterator[Clock]:
    """Measure the seconds of a block."""
    measured = Clock(processor)
    yield measured
    measured.stop()
