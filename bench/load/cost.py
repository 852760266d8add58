"""What the load costs the house: processor seconds of its processes and of each kind of request.

On a machine that does other work beside it, this is what may be compared; times by the clock are
not.
"""

import contextlib
import os
import re
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load.servers import House, children

Sums = defaultdict[str, float]
TICKS = os.sysconf("SC_CLK_TCK")
LINE = re.compile(r'handup_page_(seconds|answers)_total\{page="([^"]*)"\} (\S+)')


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds so far, by process of the house and by page, with how often each page was
    given."""

    processes: Mapping[str, float]
    seconds: Mapping[str, float]
    answers: Mapping[str, float]

    def since(self, before: "Cost") -> dict[str, Any]:
        """What was spent since then; pages by what they cost together, the dearest first."""
        pages = []
        for page, answers in self.answers.items():
            count = answers - before.answers.get(page, 0)
            spent = self.seconds.get(page, 0) - before.seconds.get(page, 0)
            if count:
                told = {"answers": int(count), "ms": round(1000 * spent / count, 1)}
                pages.append((spent, page, told))
        pages.sort(reverse=True)
        return {
            "seconds": {
                name: round(spent - before.processes.get(name, 0), 1)
                for name, spent in self.processes.items()
            },
            "pages": {page: told for _spent, page, told in pages},
        }


def spent_by(pid: int) -> float:
    """Processor seconds of a process, of those it started that ended, and of those that run."""
    seconds = 0.0
    for one in (pid, *children(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            seconds += sum(int(word) for word in fields[11:15]) / TICKS
    return seconds


def read_pages(told: str) -> tuple[Sums, Sums]:
    """Processor seconds and answers by page, of what a process tells Prometheus."""
    found: dict[str, Sums] = {"seconds": defaultdict(float), "answers": defaultdict(float)}
    for kind, page, value in LINE.findall(told):
        found[kind][page] += float(value)
    return found["seconds"], found["answers"]


def cost_of(house: House) -> Cost:
    """What the house has spent until now."""
    processes = {"pages": sum(spent_by(one.pid) for one in house.running.values())}
    if house.worker is not None:
        processes["jobs"] = spent_by(house.worker.pid)
    if house.cluster is not None:
        processes["database"] = spent_by(house.cluster.pid)
    seconds, answers = Sums(float), Sums(float)
    for port in house.running:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            of_seconds, of_answers = read_pages(answer.read().decode())
        for page, count in of_answers.items():
            answers[page] += count
            seconds[page] += of_seconds[page]
    return Cost(processes, seconds, answers)
