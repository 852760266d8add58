"""One state of the database for a long read, while others go on writing.

PostgreSQL: a transaction that repeats what it read and may not write. SQLite: a copy of the file,
since a reader of many minutes would keep writers waiting; read-only as well.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from handup.org import sqlite


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state until the end of the block; nothing can be written in it.

    Inside a transaction there is one already; a database in memory has no other user.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    elif not Path(str(connection.settings_dict["NAME"])).is_file():
        yield
    else:
        yield from _on_a_copy(Path(connection.settings_dict["NAME"]))


def _on_a_copy(file: Path) -> Iterator[None]:
    """Point this thread's connection at a copy of the file, then back."""
    kept = connection.settings_dict
    with tempfile.TemporaryDirectory(prefix="snapshot-", dir=settings.DATA_DIR) as folder:
        copy = Path(folder) / file.name
        sqlite.copy(file, copy)
        connection.close()
        # A dictionary of its own: the other is shared by the connections of all threads.
        # A question may open a transaction of its own: it begins as a reader, not as a writer.
        options = {**kept["OPTIONS"], "transaction_mode": "DEFERRED"}
        connection.settings_dict = {**kept, "NAME": str(copy), "OPTIONS": options}
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA query_only = ON")
            yield
        finally:
            connection.close()
            connection.settings_dict = kept
