"""After an erasure: the database gives up its free pages, and its bytes are searched for what was
there (protection.md 4.8).
"""

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models

from handup.org.jobs import job
from handup.org.sqlite import files_of

PIECE = 8 * 1024 * 1024


def clean(tables: Iterable[type[models.Model]]) -> bool:
    """Let no freed page keep what was deleted: the whole file on SQLite (its log is cut off), the
    tables named on PostgreSQL. False inside a transaction, where it cannot be done, and when
    somebody reads so long that the log cannot be cut off.
    """
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in sorted({table._meta.db_table for table in tables}):
                cursor.execute(f"VACUUM FULL {connection.ops.quote_name(name)}")
            return True
        cursor.execute("VACUUM")
    return cut_off_log()


def cut_off_log() -> bool:
    """Bring SQLite's write-ahead log into the database and leave nothing in it, as it keeps pages
    from before. False when somebody reads what only the log holds, for longer than one waits.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return connection.vendor != "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, *_pages) = cursor.fetchone()
    return not busy


@job
def cut_off_log_at_night() -> None:
    """The job of the night: what was changed by day does not stay in the log."""
    cut_off_log()


def found_bytes(values: Collection[str]) -> int:
    """How often any of these values stands in the database or in the files beside it."""
    wanted = sorted({form for value in values if value for form in _forms(value)})
    if not wanted:
        return 0
    in_files = sum(_count(_pieces(file), wanted) for file in _files())
    return in_files + (
        _in_tables(values) if connection.vendor == "postgresql" else _embedded(wanted)
    )


def _forms(value: str) -> Iterator[bytes]:
    """A value as it may be written: plainly, and inside JSON of plain letters."""
    yield value.encode()
    yield json.dumps(value)[1:-1].encode()


def _files() -> Iterator[Path]:
    for folder in (settings.MEDIA_ROOT, settings.HEADS_DIR):
        if Path(folder).exists():
            yield from (path for path in Path(folder).rglob("*") if path.is_file())


def _embedded(wanted: list[bytes]) -> int:
    """In the file of SQLite and its logs; in the rows of one that is in memory and has no file."""
    held = Path(str(connection.settings_dict["NAME"]))
    if held.is_file():
        files = (file for file in files_of(held) if file.is_file())
        return sum(_count(_pieces(file), wanted) for file in files)
    with connection.cursor() as cursor:
        return _count(_rows(cursor), wanted)


def _rows(cursor: Any) -> Iterator[bytes]:
    """Every row of every table, its values one under the other."""
    for name in connection.introspection.table_names(cursor):
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608  (own tables)
        for row in cursor.fetchall():
            yield b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in row)


def _pieces(file: Path) -> Iterator[bytes]:
    """A file in pieces that overlap, so that nothing is cut in two."""
    with file.open("rb") as source:
        kept = b""
        while piece := source.read(PIECE):
            yield kept + piece
            kept = piece[-1024:]


def _count(pieces: Iterable[bytes], wanted: list[bytes]) -> int:
    return sum(piece.count(value) for piece in pieces for value in wanted)


def _in_tables(values: Collection[str]) -> int:
    """On PostgreSQL: in every row of every table, written as text."""
    from psycopg import sql

    asked = sql.SQL("SELECT COUNT(*) FROM {table} AS held WHERE held::text LIKE ANY(%s)")
    forms = {form.decode() for value in values if value for form in _forms(value)}
    like = [f"%{_plain(form)}%" for form in sorted(forms)]
    found = 0
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            question: Any = asked.format(table=sql.Identifier(name))
            cursor.execute(question, [like])
            found += int(cursor.fetchone()[0])
    return found


def _plain(form: str) -> str:
    return form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
