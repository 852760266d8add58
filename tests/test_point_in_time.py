"""PostgreSQL brought back to a moment by the scripts of deploy/postgresql: a mistake of today is
undone without losing what was written before it.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import source
from tools import pg

SCRIPTS = source.ROOT / "deploy/postgresql"


class Cluster:
    """A PostgreSQL in a folder of its own, as an account without rights, that keeps its log."""

    def __init__(self, binaries: Path, folder: Path, identity: dict[str, Any]) -> None:
        self.binaries, self.folder, self.identity = binaries, folder, identity
        self.port = pg._free_port()
        self.env = {
            "PATH": f"{binaries}:{os.defpath}",
            "LC_ALL": "C",
            "HOME": os.fspath(folder),
            "PGHOST": os.fspath(folder),
            "PGPORT": str(self.port),
            "PGUSER": "handup",
        }
        self.server: subprocess.Popen[bytes] | None = None

    def run(self, *words: str | Path, fails: bool = False) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            words, env=self.env, cwd=self.folder, capture_output=True, text=True, **self.identity
        )
        assert (done.returncode != 0) is fails, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def start(self, data: Path) -> None:
        archive = f'sh {self.folder}/archive.sh "%p" {self.folder}/kept/log/%f'
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "wal_level": "replica",
            "archive_mode": "on",
            "archive_command": archive,
            "archive_timeout": "60s",
        }
        words: list[str | Path] = [self.binaries / "postgres", "-D", data, "-p", str(self.port)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        log = (self.folder / "server.log").open("ab")
        self.server = subprocess.Popen(words, env=self.env, cwd=self.folder, stdout=log, stderr=log,
                                       **self.identity)  # fmt: skip
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                if self.ask("SELECT pg_is_in_recovery()") == [(False,)]:
                    return
            except psycopg.OperationalError:
                assert self.server.poll() is None, (self.folder / "server.log").read_text()[-2000:]
            time.sleep(0.2)
        raise AssertionError((self.folder / "server.log").read_text()[-2000:])

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        where = f"host={self.folder} port={self.port} user=handup dbname=postgres"
        with psycopg.connect(where, autocommit=True) as held:
            cursor = held.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def end(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            self.server.wait(60)
        self.server = None

    def keep_log(self) -> None:
        """Have the piece of the log that is being written kept now."""
        ((name,),) = self.ask("SELECT pg_walfile_name(pg_current_wal_lsn())")
        self.ask("SELECT pg_switch_wal()")
        kept = self.folder / "kept/log" / name
        until = time.monotonic() + 60
        while not kept.exists():
            assert time.monotonic() < until, (self.folder / "server.log").read_text()[-2000:]
            time.sleep(0.2)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    binaries, identity = pg.find_binaries(), pg._unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="handup-moment-"))  # short: a socket's path is bounded
    if identity and "site-packages" in binaries.parts:
        binaries = pg._copy_wheel(binaries, folder / "install")
    for script in SCRIPTS.glob("*.sh"):
        shutil.copy(script, folder)
    (folder / "kept/log").mkdir(parents=True)
    pg._own(folder, identity)
    held = Cluster(binaries, folder, identity)
    try:
        held.run(binaries / "initdb", "-D", folder / "data", "-U", "handup", "--auth=trust",
                 "--encoding=UTF8", "--locale=C", "--no-sync")  # fmt: skip
        held.start(folder / "data")
        yield held
    finally:
        held.end()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_mistake_is_undone_and_what_was_written_before_it_stays(cluster: Cluster) -> None:
    folder = cluster.folder
    cluster.ask("CREATE TABLE entry (n int)")
    cluster.ask("INSERT INTO entry SELECT generate_series(1, 1000)")
    first = cluster.run("sh", folder / "base.sh", folder / "kept").splitlines()[-1]
    assert (Path(first) / "backup_label").is_file()
    cluster.ask("INSERT INTO entry SELECT generate_series(1001, 1500)")
    time.sleep(1.1)
    ((moment,),) = cluster.ask("SELECT clock_timestamp()")
    time.sleep(1.1)
    cluster.ask("DELETE FROM entry WHERE n % 2 = 0")  # the mistake
    cluster.keep_log()
    cluster.end()
    told = cluster.run("sh", folder / "recover.sh", folder / "kept", folder / "data",
                       moment.isoformat(), fails=True)  # fmt: skip
    assert "is in use" in told
    cluster.run("sh", folder / "recover.sh", folder / "kept", folder / "back", moment.isoformat())
    cluster.start(folder / "back")
    assert cluster.ask("SELECT count(*), sum(n) FROM entry") == [(1500, 1500 * 1501 // 2)]
    cluster.ask("INSERT INTO entry VALUES (1501)")
    cluster.end()
    cluster.run("sh", folder / "recover.sh", folder / "kept", folder / "all", "latest")
    told = cluster.run("sh", folder / "recover.sh", folder / "kept", folder / "none",
                       "2001-01-01 00:00:00+00", fails=True)  # fmt: skip
    assert "no whole copy from before" in told
    assert not (folder / "none").exists()


def test_a_piece_of_the_log_is_kept_once_and_never_written_over(tmp_path: Path) -> None:
    piece, kept = tmp_path / "piece", tmp_path / "kept"
    command: list[str | Path] = ["sh", SCRIPTS / "archive.sh", piece, kept]
    piece.write_bytes(b"one")
    assert subprocess.run(command).returncode == 0
    assert subprocess.run(command).returncode == 0, "the server sends a piece again after a cut"
    piece.write_bytes(b"two")
    assert subprocess.run(command, capture_output=True).returncode != 0
    assert kept.read_bytes() == b"one"
    assert sorted(tmp_path.iterdir()) == [kept, piece]


def test_a_copy_that_was_cut_off_counts_for_none_and_no_older_one_goes_for_it(
    tmp_path: Path,
) -> None:
    base, programs = tmp_path / "kept/base", tmp_path / "bin"
    older = ["20260104T033000Z", "20260111T033000Z"]
    for name in older:
        (base / name).mkdir(parents=True)
        (base / name / "backup_label").write_text("START WAL LOCATION: 0/2 (file 0000A2)\n")
    programs.mkdir()
    played = {
        "pg_basebackup": 'mkdir "$2"; echo begun > "$2/backup_label"; exit "$STATUS"',
        "pg_archivecleanup": 'echo "$2" >> "$1/cut"',
    }
    for name, does in played.items():
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o755)

    def copied(status: int) -> int:
        env = {"PATH": f"{programs}:{os.defpath}", "STATUS": str(status)}
        words: list[str | Path] = ["sh", SCRIPTS / "base.sh", tmp_path / "kept"]
        return subprocess.run(words, env=env, capture_output=True).returncode

    assert copied(137) != 0, "killed with its label written"
    assert sorted(path.name for path in base.iterdir()) == older
    assert not (tmp_path / "kept/log/cut").exists()
    assert copied(0) == 0
    kept = sorted(path.name for path in base.iterdir())
    assert (len(kept), kept[0]) == (2, older[1])
    assert (tmp_path / "kept/log/cut").read_text() == "0000A2\n"
