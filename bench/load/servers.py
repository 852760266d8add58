"""The program as it is served, started, killed and started again: one process with the embedded
database, two of pages and one of jobs with PostgreSQL.

Every process is this computer's own; nothing listens on another address than loopback.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import pg
from tools.steps import ROOT, StepFailed

PYTHON = sys.executable
START_SECONDS = 120.0
FULL = 65_536
"""Bytes a file may reach while the disk is full: less than any database."""


def children(pid: int) -> list[int]:
    """The processes a process started itself, that still run."""
    found = []
    for told in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = told.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(told.parent.name))
    return found


def kill(pid: int) -> None:
    """Kill a process without warning."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A running program in a folder of its own, and its database. `disk`: a small one of its own on
    which both keep everything, where one could be made."""

    folder: Path
    database: str
    disk: Path | None = None
    cluster: pg.Server | None = None
    ports: list[int] = field(default_factory=list)
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    worker: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The surroundings of every process of this house."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HANDUP_")}
        return kept | {
            "HANDUP_DATA": str((self.disk or self.folder) / "data"),
            "HANDUP_DATABASE": self.database,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "handup.config.settings",
        }

    @property
    def clock(self) -> Path:
        """Where it is said by how many seconds the clock of the pages is wrong."""
        return self.folder / "clock"

    def run(self, *words: str) -> str:
        """Run a program of this house to its end; what it printed. Raises StepFailed."""
        done = subprocess.run(
            [PYTHON, "-m", *words], env=self.env, cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            raise StepFailed(f"{' '.join(words)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def start(self) -> None:
        """Start pages and jobs, and wait until they are ready."""
        if not self.ports:
            self.ports = [free_port() for _ in range(2 if self.cluster else 1)]
        for port in self.ports:
            self.start_pages(port)
        if self.cluster:
            words = [PYTHON, "-m", "handup.cli", "worker"]
            self.worker = subprocess.Popen(words, env=self.env, cwd=self.folder, **self._log())
        for port in self.ports:
            self.wait(port)

    def start_pages(self, port: int) -> None:
        """Start one process of pages."""
        words = [PYTHON, "-m", "bench.load.shifted", str(self.clock), "run", "--port", str(port)]
        words += ["--pages-only"] if self.cluster else []
        self.running[port] = subprocess.Popen(words, env=self.env, cwd=self.folder, **self._log())

    def _log(self) -> dict[str, Any]:
        """Where a process writes: its own file for good, so that a full one stops nothing."""
        return {"stdout": subprocess.DEVNULL, "stderr": (self.folder / "log").open("ab")}

    def wait(self, port: int) -> None:
        """Wait until the pages at a port are ready. Raises StepFailed."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.running[port].poll() is None:
            with contextlib.suppress(OSError):
                address = f"http://127.0.0.1:{port}/health/ready"
                with urllib.request.urlopen(address, timeout=5) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.1)
        told = (self.folder / "log").read_text(errors="replace")[-3000:]
        raise StepFailed(f"the pages did not come up:\n{told}")

    def kill_pages(self, port: int) -> None:
        """Kill one process of pages without warning and start another in its place."""
        self.running[port].kill()
        self.running[port].wait()
        self.start_pages(port)

    def kill_database(self) -> None:
        """Kill every process of PostgreSQL at once, and start it again on what lies on the disk."""
        assert self.cluster is not None
        for pid in [self.cluster.pid, *children(self.cluster.pid)]:
            kill(pid)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.cluster.pid, 0)
        self.cluster = pg.start_again(self.cluster, pg.DURABLE)

    def database_answers(self) -> bool:
        """Whether PostgreSQL takes a statement that writes nothing."""
        import psycopg

        try:
            with psycopg.connect(self.database, connect_timeout=5) as connection:
                return connection.execute("SELECT 1").fetchone() is not None
        except psycopg.OperationalError:
            return False

    @property
    def can_be_full(self) -> bool:
        """Whether its disk can be filled: a small one of its own, or files that may not grow."""
        return self.disk is not None or self.cluster is None

    def fill_disk(self) -> None:
        """From now on there is no room: every byte of its own disk is taken, or no file of its
        processes may be written beyond a size below that of any database."""
        if self.disk is None:
            self._limit(FULL)
            return
        with (self.disk / "filler").open("wb") as filler, contextlib.suppress(OSError):
            while True:
                filler.write(bytes(1 << 20))
                filler.flush()

    def free_disk(self) -> None:
        """There is room again."""
        if self.disk is None:
            self._limit(resource.RLIM_INFINITY)
        else:
            (self.disk / "filler").unlink()

    def _limit(self, size: int) -> None:
        for one in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                _soft, hard = resource.prlimit(one.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (size, hard))

    def stop(self) -> None:
        """End pages and jobs as a service manager does."""
        started = [*self.running.values(), *([self.worker] if self.worker else [])]
        for one in started:
            one.send_signal(signal.SIGINT)
        for one in started:
            try:
                one.wait(timeout=30)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        self.running.clear()
        self.worker = None


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path | None]:
    """A disk of so many megabytes in memory, for as long as the block lasts; None where this
    machine lets nobody make one."""
    place.mkdir()
    size = f"size={megabytes}m,mode=755"
    words = ["mount", "-t", "tmpfs", "-o", size, "handup-load", str(place)]
    try:
        made = subprocess.run(words, capture_output=True).returncode == 0
    except OSError:
        made = False
    try:
        yield place if made else None
    finally:
        if made:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def opened(
    backend: str, phones: int, staff: int, packets: int, *, own_disk: bool = False
) -> Iterator[House]:
    """A house with its ground laid, in a folder that goes away with it; nothing of it runs yet."""
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="handup-load-")))
        folder.chmod(0o711)  # the database may be another user's
        house = House(folder, "")
        if own_disk:
            size = 400 + phones * packets // 4
            house.disk = held.enter_context(small_disk(folder / "disk", size))
        data = (house.disk or folder) / "data"
        data.mkdir()
        house.database = f"sqlite:///{data}/handup.sqlite3"
        if backend == "postgresql":
            house.cluster = pg.start(pg.DURABLE, house.disk)
            house.database = house.cluster.url
        try:
            sizes = [str(number) for number in (phones, staff, packets)]
            house.run("bench.load.ground", str(folder), *sizes)
            yield house
        finally:
            house.stop()
            if house.cluster:
                pg.stop(house.cluster)


def proof(house: House, acknowledged: dict[int, int]) -> dict[str, Any]:
    """What the database says of what was acknowledged: of each phone, so many packets."""
    asked = house.folder / "acknowledged.json"
    asked.write_text(json.dumps(acknowledged))
    found: dict[str, Any] = json.loads(
        house.run("bench.load.proof", str(house.folder)).splitlines()[-1]
    )
    return found
