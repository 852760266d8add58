"""Runs the benchmarks: `python -m bench [NAME …]`, all of them without a name.

The parent makes a fresh database for each benchmark and starts itself again inside it (`--child`);
the child prints its figures as one line of JSON.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bench
from tools import pg
from tools.steps import BUILD, ROOT, say

RESULT = BUILD / "bench.json"
MARK = "figures: "


class BenchmarkFailed(Exception):
    """A benchmark ended without figures."""


def load() -> None:
    """Import every module of benchmarks."""
    for module in pkgutil.iter_modules(bench.__path__, "bench."):
        if not module.name.endswith(("__main__", "_peer")):
            importlib.import_module(module.name)


def commit() -> str:
    """The commit measured, marked when there are changes on top of it."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return told.stdout.strip() or "unknown"


@contextmanager
def surroundings(backend: str) -> Iterator[dict[str, str]]:
    """An environment with an empty data folder and an empty database of its own."""
    with tempfile.TemporaryDirectory(prefix="handup-bench-") as folder:
        env = os.environ | {
            "HANDUP_DATA": folder,
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        }
        if backend == "postgresql":
            with pg.running(pg.DURABLE, by_socket=True) as url:
                yield env | {"HANDUP_DATABASE": url}
        else:
            yield env | {"HANDUP_DATABASE": f"sqlite:///{folder}/bench.sqlite3"}


def measure(name: str, backend: str) -> list[dict[str, Any]]:
    """Run one benchmark in a process of its own. Raises BenchmarkFailed with what it printed."""
    with surroundings(backend) as env:
        command = [sys.executable, "-m", "bench", "--child", name, backend]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode or not lines:
        raise BenchmarkFailed(f"{name} on {backend} failed:\n{done.stdout}{done.stderr}")
    figures: list[dict[str, Any]] = json.loads(lines[-1].removeprefix(MARK))
    return figures


def child(name: str, backend: str) -> None:
    """Inside the fresh surroundings: make the tables, measure, print."""
    if backend != "none":
        import django

        django.setup()
        from handup.cli.migrate import make_tables

        make_tables()
    load()
    figures = [asdict(figure) for figure in bench.REGISTRY[name].run()]
    print(MARK + json.dumps(figures), flush=True)


def main(words: Sequence[str]) -> int:
    """Measure what was asked and write `build/bench.json`; one that fails stops no other."""
    if words[:1] == ["--child"]:
        child(words[1], words[2])
        return 0
    pg.end_tidily()
    load()
    wanted = [item for name, item in sorted(bench.REGISTRY.items()) if not words or name in words]
    results: list[dict[str, Any]] = []
    failed: list[str] = []
    measured = commit()
    BUILD.mkdir(exist_ok=True)
    for item, backend in [(one, backend) for one in wanted for backend in one.backends]:
        try:
            figures = measure(item.name, backend)
        except BenchmarkFailed as fault:
            failed.append(f"{item.name} on {backend}")
            say(str(fault))
            continue
        for figure in figures:
            results.append(figure | {"backend": backend, "commit": measured})
            say(f"{figure['name']:45} {figure['value']:>14,.2f} {figure['unit']:12} {backend}")
        RESULT.write_text(json.dumps(results, indent=1) + "\n")
    say(f"{len(results)} figures in {Path(RESULT).relative_to(ROOT)}")
    if failed:
        say(f"Without figures: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
