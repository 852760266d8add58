"""`handup backup [FOLDER] [--rotate]`: a copy of the database and the files, to be carried away.

All of it but the slip and the totals is sealed with a key made from the lasting one: whoever finds
the copy reads nothing. The keys are not in it. They are kept apart, and the command says so.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from handup.kernel import sealed_files
from handup.kernel.errors import Refusal
from handup.org import backup_slip, control_totals, copies, erased, keys, retention
from handup.org.sqlite import sqlite3

REGISTER = "erased.txt"
KEY = "org.backup"
OPEN = {backup_slip.FILE, control_totals.FILE, copies.SUMS}
"""What stays readable in a copy: it names nobody."""


class FolderInUse(Refusal):
    """{folder} already exists. Name a folder that does not, so that no older copy is lost."""


class RotatesTheHouse(Refusal):
    """Copies are thinned out in the folder of this house only: leave out the folder or --rotate."""


class BackupFailed(Refusal):
    """The copy could not be made: {reason}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("folder", nargs="?", help="a folder that does not exist yet")
    parser.add_argument(
        "--rotate",
        action="store_true",
        help="then thin out the copies in the house: one a day for 14 days, one a week for 8 weeks",
    )


def run(args: argparse.Namespace) -> int:
    """Copy the database while it is in use, then the files; seal them, write the sums beside."""
    now = datetime.now(tz=UTC)
    if args.folder and args.rotate:
        raise RotatesTheHouse
    folder = Path(args.folder or copies.folder() / copies.name_at(now))
    if folder.exists():
        raise FolderInUse(folder=folder)
    folder.mkdir(parents=True, mode=0o700)
    try:
        slip, copy, size, sealed = make_copy(folder, now)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # nothing open, and nothing half, stays
        raise
    print(slip)
    print(f"  {copy.name}  {size:,} bytes in {folder}")
    print(sealed)
    print(f"  Keep the keys apart from it: {settings.KEYS_FILE}")
    if args.rotate and (gone := copies.thin_out(now)):
        print(f"  {gone} copies were thinned out")
    _tell_old(now)
    return 0


def make_copy(folder: Path, now: datetime) -> tuple[str, Path, int, str]:
    """Make the copy in its folder: its slip, the database's file, its size, what became of sealing
    it. Raises BackupFailed.
    """
    slip = backup_slip.written(now)  # of before the copy: what it tells is in the copy
    (folder / backup_slip.FILE).write_text(slip, encoding="utf-8")
    if connection.vendor == "postgresql":
        copy = _postgresql(folder)
    else:
        copy = _sqlite(folder, database_file())
    if (files := Path(settings.MEDIA_ROOT)).exists():
        shutil.copytree(files, folder / "files")
    if (heads := Path(settings.HEADS_DIR)).exists():
        shutil.copytree(heads, folder / "heads")
    if erased.path().exists():
        shutil.copyfile(erased.path(), folder / REGISTER)
    size = copy.stat().st_size
    sealed = _seal(folder)
    _sums(folder)
    return slip, copy, size, sealed


def _seal(folder: Path) -> str:
    """Seal every file of the copy that names somebody; what became of that, as a line. A copy that
    cannot be sealed is better than none, and says so.
    """
    try:
        key = keys.load().lasting_key(KEY)
    except (Refusal, OSError) as fault:
        return f"  NOT SEALED, as the keys cannot be read: {fault}"
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        if name not in OPEN:
            to = file.with_name(file.name + sealed_files.END)
            sealed_files.seal_file(file, to, key=key, name=name)
            file.unlink()
    return "  Sealed: it opens only where the keys of this house are."


def _tell_old(now: datetime) -> None:
    """Say which copies are kept for too long: erased persons live on in them."""
    if len(copies.whole()) < 2:  # the newest stays
        return
    rule = retention.rules["BACKUPS"]
    if found := copies.old(retention.before(rule, now.date())):
        days = retention.days_of(rule)
        print(f"  {len(found)} copies are older than {days} days, from {found[0]} on.")
        print("  They go when the data protection officer approves it: Settings, Kept long enough.")


def database_file() -> Path:
    """The file of the embedded database."""
    return Path(settings.DATABASES["default"]["NAME"]).resolve()


def _sqlite(folder: Path, file: Path) -> Path:
    copy = folder / "handup.sqlite3"
    source = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=60)
    try:
        source.execute("VACUUM INTO ?", (str(copy),))
        made = sqlite3.connect(copy)
        found = made.execute("PRAGMA integrity_check").fetchone()
        totals = control_totals.taken(made.execute, control_totals.SQLITE)
        made.close()
    except sqlite3.Error as fault:
        raise BackupFailed(reason=str(fault)) from fault
    finally:
        source.close()
    if found != ("ok",):
        raise BackupFailed(reason=str(found))
    control_totals.write(folder, totals)
    copy.chmod(0o600)
    return copy


def _postgresql(folder: Path) -> Path:
    copy = folder / "handup.dump"
    held = settings.DATABASES["default"]
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed(reason="pg_dump is not installed.")
    words = [program, "--format=custom", f"--file={copy}", f"--dbname={held['NAME']}"]
    with transaction.atomic(), connection.cursor() as cursor:  # one state: the totals are of it too
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        words.append(f"--snapshot={cursor.fetchone()[0]}")
        done = run_beside(words, held)
        if done.returncode:
            raise BackupFailed(reason=done.stderr.strip())
        totals = control_totals.taken(asked_by(cursor), control_totals.POSTGRESQL)
    control_totals.write(folder, totals)
    copy.chmod(0o600)
    return copy


def asked_by(cursor: CursorWrapper) -> control_totals.Ask:
    """A way to ask a database of Django's for control totals."""

    def ask(statement: str) -> list[tuple[Any, ...]]:
        cursor.execute(statement)
        return list(cursor.fetchall())

    return ask


WHERE = (("host", "HOST"), ("port", "PORT"), ("username", "USER"))


def run_beside(words: Sequence[str], held: Mapping[str, Any]) -> "subprocess.CompletedProcess[str]":
    """Run a program of PostgreSQL's own on the database these settings lead to."""
    there = [f"--{name}={held[key]}" for name, key in WHERE if held.get(key)]
    env = {**os.environ, "PGPASSWORD": str(held.get("PASSWORD") or "")}
    return subprocess.run(  # noqa: S603  fixed words and the installation's settings, no shell
        [words[0], *there, *words[1:]], env=env, capture_output=True, text=True, check=False
    )


def _sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sum_of(path)}  {path.relative_to(folder).as_posix()}" for path in files]
    (folder / copies.SUMS).write_text("\n".join(lines) + "\n")


def sum_of(file: Path) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with file.open("rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest()
