"""The README's two commands as somebody types them who has just cloned the project: nothing of this
computer's own packages, folders or settings is there, only what `python3` and `make` bring.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handup.org.sqlite import sqlite3
from tests.source import ROOT

pytestmark = pytest.mark.soak
PATIENCE = 1_200
KEPT = ("PIP_", "UV_", "NPM_CONFIG_", "npm_config_", "SSL_", "REQUESTS_", "NODE_EXTRA", "LANG")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean clone beside an empty home."""
    place = tmp_path_factory.mktemp("newcomer")
    subprocess.run(["git", "clone", "-q", ROOT, place / "clone"], check=True)
    home = place / "home"
    home.mkdir()
    for name in (".npmrc", ".config/pip/pip.conf"):  # where packages come from is the computer's
        if (Path.home() / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path.home() / name, home / name)
    return place / "clone"


def surroundings(clone: Path, port: int) -> dict[str, str]:
    """What a fresh login has, and where this computer says that packages come from."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
    return {**kept, "HOME": str(clone.parent / "home"), "PATH": PATH, "PORT": str(port)}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(clone: Path) -> Iterator[str]:
    """`make run` until its pages answer; gives what the first page says."""
    port, log = free_port(), clone.parent / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=surroundings(clone, port), stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield first_page(f"http://127.0.0.1:{port}/", process, log)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def first_page(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """The page once it is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"no answer:\n{log.read_text()[-3000:]}")


def registered(clone: Path) -> list[tuple[str]]:
    """Everybody in the program's register, from the file it keeps."""
    with sqlite3.connect(clone / "data/handup.sqlite3") as database:
        return database.execute("SELECT hex(id) FROM people_person ORDER BY id").fetchall()


def test_one_command_makes_everything_and_a_second_time_keeps_what_is_there(clone: Path) -> None:
    with running(clone) as page:
        assert 'name="password"' in page
    before = registered(clone)
    assert len(before) > 1_000
    with running(clone) as page:
        assert 'name="password"' in page
    assert registered(clone) == before
    changed = ["git", "status", "--porcelain"]
    assert subprocess.run(changed, cwd=clone, capture_output=True, check=True).stdout == b""
    told = (clone.parent / "run.log").read_text()
    assert "Handup is at" in told


def test_the_other_command_begins_every_stage_of_a_clean_clone(clone: Path) -> None:
    """`make check` is the part of `make test` that ends within minutes: it installs the same."""
    done = subprocess.run(
        ["make", "check"], cwd=clone, env=surroundings(clone, free_port()), capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
