"""The one library of SQLite in this house: a newer one from its wheel where there is one, else the
standard library's. Everybody takes it from here.

    from handup.org.sqlite import sqlite3

Two libraries must never open one file in its write-ahead log: the locks of one are lost when the
other closes (sqlite.org, How to corrupt, 2.2.1). So the newer one stands in for the standard one in
the whole process, before Django's backend is loaded.

    python -m handup.org.sqlite copy FILE TO      # as a program, for tools outside the process
    python -m handup.org.sqlite settle FILE       # everything into FILE, no log left beside it
"""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

WAL_FROM = (3, 51, 3)
"""Older ones can damage a database in a rare reset of the write-ahead log (decision 0001)."""
BESIDE = ("-journal", "-wal", "-shm")
"""What may stand beside a database file and belongs to it."""


def _library() -> ModuleType:
    """The library of this process; the wheel's stands in for the standard one, if it is newer."""
    standard = import_module("sqlite3")
    try:
        newer = import_module("pysqlite3.dbapi2")
    except ImportError:
        return standard
    if newer.sqlite_version_info <= standard.sqlite_version_info:
        return standard
    sys.modules["sqlite3"] = import_module("pysqlite3")
    sys.modules["sqlite3.dbapi2"] = newer
    return sys.modules["sqlite3"]


if not TYPE_CHECKING:
    sqlite3 = _library()

__all__ = ["sqlite3"]


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """How a library of this version keeps what is not yet in the file."""
    return "WAL" if version >= WAL_FROM else "TRUNCATE"


def files_of(database: Path) -> list[Path]:
    """The database file and what stands beside it, whether or not it exists."""
    return [database.with_name(f"{database.name}{end}") for end in ("", *BESIDE)]


def copy(file: Path, to: Path) -> None:
    """Copy a database while others use it: one state of it, its log read as well."""
    source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=60)
    target = sqlite3.connect(to)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()


def settle(file: Path) -> bool:
    """Bring everything of a database that nobody uses into its one file; whether that was done."""
    held = sqlite3.connect(file, timeout=60)
    try:
        busy, *_pages = held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        held.close()
    return not busy and not any(one.exists() and one.stat().st_size for one in files_of(file)[1:])


if __name__ == "__main__":
    word, *places = sys.argv[1:]
    if word == "copy":
        copy(*map(Path, places))
    elif word == "settle":
        sys.exit(0 if settle(*map(Path, places)) else 1)
    else:
        sys.exit(2)
