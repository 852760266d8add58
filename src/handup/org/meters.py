"""What this process counts of itself, in the form Prometheus reads. No name, no number of a person,
no address of a page: parts of the program, kinds of answers, times.

    meters.REQUESTS.add(1, "people", "GET", "2xx")
    meters.text()
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import DatabaseError

EDGES = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper edges of the seconds an answer took; 0.5 is the aim (docs/reliability.md)."""


def line(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    """One line; a label's value is kept on it."""
    told = ",".join(
        '{}="{}"'.format(key, said.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))
        for key, said in labels
    )
    number = f"{int(value)}" if float(value).is_integer() else f"{value:.6g}"
    return f"{name}{{{told}}} {number}" if told else f"{name} {number}"


@dataclass(slots=True)
class Counter:
    """Something that only grows while the process runs, by its labels."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    _held: dict[tuple[str, ...], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, much: float, *labels: str) -> None:
        """Count."""
        with self._lock:
            self._held[labels] = self._held.get(labels, 0) + much

    def value(self, *labels: str) -> float:
        """What was counted under these labels."""
        with self._lock:
            return self._held.get(labels, 0)

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        with self._lock:
            held = sorted(self._held.items())
        told = [line(self.name, zip(self.labels, key, strict=True), value) for key, value in held]
        return [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} counter", *told]


@dataclass(slots=True)
class Histogram:
    """Seconds, by how many stayed below each edge."""

    name: str
    help: str
    label: str
    _held: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, label: str) -> None:
        """Count one; the last two places hold how many and their sum."""
        with self._lock:
            held = self._held.setdefault(label, [0.0] * (len(EDGES) + 2))
            place = bisect_left(EDGES, seconds)
            if place < len(EDGES):
                held[place] += 1
            held[-2] += 1
            held[-1] += seconds

    def lines(self) -> list[str]:
        """As Prometheus reads it: each edge holds all below it."""
        with self._lock:
            held = sorted((key, list(values)) for key, values in self._held.items())
        told: list[str] = []
        for key, values in held:
            own = (self.label, key)
            below = 0.0
            for edge, count in zip(EDGES, values[:-2], strict=True):
                below += count
                told.append(line(f"{self.name}_bucket", (own, ("le", f"{edge:g}")), below))
            told.append(line(f"{self.name}_bucket", (own, ("le", "+Inf")), values[-2]))
            told.append(line(f"{self.name}_sum", (own,), values[-1]))
            told.append(line(f"{self.name}_count", (own,), values[-2]))
        return [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} histogram", *told]


REQUESTS = Counter("handup_requests_total", "Requests answered.", ("part", "method", "answer"))
SECONDS = Histogram("handup_request_seconds", "Seconds until the answer began.", "part")
FAULTS = Counter("handup_faults_total", "Answers that were a fault of the program.", ("part",))
STATEMENTS = Counter("handup_statements_total", "Statements sent to the database.")
SLOW = Counter("handup_slow_statements_total", "Statements slower than HANDUP_SLOW_MS.")
PROCESSOR = Counter("handup_page_seconds_total", "Processor seconds of a page.", ("page",))
ANSWERS = Counter("handup_page_answers_total", "How often a page was given.", ("page",))
COUNTED = (REQUESTS, SECONDS, FAULTS, STATEMENTS, SLOW, PROCESSOR, ANSWERS)


@dataclass(frozen=True, slots=True)
class Gauge:
    """Something asked for when somebody looks."""

    name: str
    help: str
    ask: Callable[[], Iterable[tuple[tuple[tuple[str, str], ...], float]]]

    def lines(self) -> list[str]:
        """As Prometheus reads it."""
        try:
            told = [line(self.name, labels, value) for labels, value in self.ask()]
        except (DatabaseError, OSError):
            told = []  # the others are wanted most while something is away
        return [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} gauge", *told]


gauges: list[Gauge] = []


def register(*added: Gauge) -> None:
    """Add gauges; one that is there already stays once."""
    gauges.extend(one for one in added if one not in gauges)


def text() -> str:
    """All of it."""
    told = [one.lines() for one in COUNTED] + [one.lines() for one in gauges]
    return "\n".join(each for lines in told for each in lines) + "\n"
