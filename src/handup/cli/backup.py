"""`handup backup FOLDER`: a copy of the database and the files that can be carried away.

The keys are not in it: whoever finds the copy reads no secret. They are kept apart, and the command
says so.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from handup.kernel.errors import Refusal
from handup.org import backup_slip, copies, erased, retention
from handup.org.sqlite import sqlite3

REGISTER = "erased.txt"


class FolderInUse(Refusal):
    """{folder} already exists. Name a folder that does not, so that no older copy is lost."""


class BackupFailed(Refusal):
    """The copy could not be made: {reason}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("folder", nargs="?", help="a folder that does not exist yet")


def run(args: argparse.Namespace) -> int:
    """Copy the database while it is in use, then the files; write the sums beside them."""
    now = datetime.now(tz=UTC)
    folder = Path(args.folder or copies.folder() / copies.name_at(now))
    if folder.exists():
        raise FolderInUse(folder=folder)
    slip = backup_slip.written(now)  # of before the copy: what it tells is in the copy
    folder.mkdir(parents=True, mode=0o700)
    (folder / backup_slip.FILE).write_text(slip)
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
    _sums(folder)
    print(slip)
    print(f"  {copy.name}  {copy.stat().st_size:,} bytes in {folder}")
    print(f"  Keep the keys apart from it: {settings.KEYS_FILE}")
    _tell_old(now)
    return 0


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
        made.close()
    except sqlite3.Error as fault:
        raise BackupFailed(reason=str(fault)) from fault
    finally:
        source.close()
    if found != ("ok",):
        raise BackupFailed(reason=str(found))
    copy.chmod(0o600)
    return copy


def _postgresql(folder: Path) -> Path:
    copy = folder / "handup.dump"
    held = settings.DATABASES["default"]
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed(reason="pg_dump is not installed.")
    words = [program, "--format=custom", f"--file={copy}", f"--dbname={held['NAME']}"]
    words += [f"--{name.lower()}={held[key]}" for name, key in WHERE if held.get(key)]
    env = {**os.environ, "PGPASSWORD": str(held.get("PASSWORD") or "")}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)  # noqa: S603  fixed words, no shell
    if done.returncode:
        raise BackupFailed(reason=done.stderr.strip())
    copy.chmod(0o600)
    return copy


WHERE = (("host", "HOST"), ("port", "PORT"), ("username", "USER"))


def _sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}"
        for path in files
    ]
    (folder / copies.SUMS).write_text("\n".join(lines) + "\n")
