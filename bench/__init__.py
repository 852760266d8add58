"""Benchmarks: one command, figures as JSON (`make bench` writes `build/bench.json`).

A benchmark is a function in a module of this folder, marked with `@benchmark`, that yields figures.
Each runs in a process of its own on a fresh database of each kind, so that memory and caches of one
do not colour the next.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
    """Seconds since it was started."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.seconds = 0.0

    def stop(self) -> None:
        """Keep the time that has passed."""
        self.seconds = time.perf_counter() - self.began


@contextmanager
def clock() -> Iterator[Clock]:
    """Measure the seconds of a block."""
    measured = Clock()
    yield measured
    measured.stop()
