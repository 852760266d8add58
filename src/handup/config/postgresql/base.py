"""The database backend Django loads for PostgreSQL: what needs no answer of its own waits, and is
sent with the next question or the commit, in one pipeline.

Each answer waited for costs as much as several statements. What waits is sent in the order it was
said, before anything else of this connection is: each cursor sends it first, also one made before
the transaction began, which would otherwise speak outside of it. So a
refusal of the database comes out at the next question, at the end of the savepoint or at the
commit, and nothing of a transaction is stored without all of it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.backends.postgresql import base, operations
from django.db.backends.utils import CursorWrapper, debug_transaction
from psycopg.types.numeric import Int8Dumper


class Waiting(NamedTuple):
    """A statement not sent yet; without a cursor nobody asks what it answers."""

    sql: str
    params: Sequence[Any] | None = None
    cursor: Any = None


BEGIN, COMMIT = Waiting("BEGIN"), Waiting("COMMIT")
BINDING: Any = base.ServerBindingCursor
"""Its values are bound by the server, which parses and plans a statement once."""


class Cursor(CursorWrapper):
    """A cursor that sends what waits before it says anything."""

    def _first(self) -> None:
        if self.db.waiting:
            with self.db.wrap_database_errors:
                self.db.send()

    def _execute(self, *told: Any) -> Any:
        self._first()
        plain: Any = super()
        return plain._execute(*told)

    def _executemany(self, *told: Any) -> Any:
        self._first()
        plain: Any = super()
        return plain._executemany(*told)

    def copy(self, statement: Any, *told: Any) -> Any:
        """Send or fetch many rows as a file."""
        self._first()
        return self.cursor.copy(statement, *told)


class DebugCursor(Cursor, base.CursorDebugWrapper):
    """The same, which tells what it said."""

    def copy(self, statement: Any, *told: Any) -> Any:
        """Send or fetch many rows as a file."""
        with self.debug_sql(statement):
            return super().copy(statement, *told)


class Operations(operations.DatabaseOperations):
    """Writes statements by the compilers of this house."""

    compiler_module = "handup.config.postgresql.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection, and what waits to be sent over it. `together`: how many blocks want what they
    write to wait (`org.statements.together`).
    """

    ops_class = Operations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with nothing that waits."""
        super().__init__(*args, **kwargs)
        self.waiting: list[Waiting] = []
        self.together = 0
        self.writer: Any = None

    def send(self) -> None:
        """Send what waits and take its answers. Raises what the driver raises of the first that was
        refused; what stood behind it was not done.
        """
        told, self.waiting = self.waiting, []
        if len(told) == 1:
            self._send(told)
        elif told:
            with self.connection.pipeline():
                self._send(told)

    def _send(self, told: list[Waiting]) -> None:
        if self.writer is None:
            self.writer = BINDING(self.connection)
            # One kind of number: small and big ones would each be a statement to prepare.
            self.writer.adapters.register_dumper(int, Int8Dumper)
        for sql, params, cursor in told:
            (cursor or self.writer).execute(sql, params, prepare=None if params else False)

    def create_cursor(self, name: str | None = None) -> Any:
        """Make a cursor of the driver, after what waits."""
        self.send()
        cursor = super().create_cursor(name)
        if name and self.in_atomic_block:  # the driver does not know of a BEGIN that is ours
            cursor._withhold = False
        return cursor

    def make_cursor(self, cursor: Any) -> Cursor:
        """Let it send what waits first."""
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        """The same for one that tells what it said."""
        return DebugCursor(cursor, self)

    def _start_transaction_under_autocommit(self) -> None:
        """Begin with the first statement of the transaction."""
        with debug_transaction(self, "BEGIN"):
            self.waiting.append(BEGIN)

    def _commit(self) -> None:
        if not self.waiting:
            plain: Any = super()
            plain._commit()
            return
        with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
            if self.waiting == [BEGIN]:  # nothing was asked
                self.waiting = []
            else:
                self.waiting.append(COMMIT)
                self.send()

    def _rollback(self) -> None:
        self.waiting = []
        plain: Any = super()
        plain._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        self.waiting = []  # whoever makes a savepoint sends what waited before it
        plain: Any = super()
        plain._savepoint_rollback(sid)

    def _close(self) -> None:
        self.waiting, self.writer = [], None
        plain: Any = super()
        plain._close()
