"""The database backend Django loads: SQLite whose transactions pass a fair gate, one writer at a
time.

Every transaction begins IMMEDIATE (settings), so whoever is inside the gate has the write lock. A
single writing statement outside a transaction passes the gate too.
"""

from collections import OrderedDict
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.sqlite3 import base, operations

from handup.config.sqlite.gate import FifoGate, gate_of
from handup.kernel.ids import from_digits
from handup.org.sqlite import sqlite3

if base.DatabaseWrapper.Database.sqlite_version != sqlite3.sqlite_version:
    raise ImproperlyConfigured("Django's SQLite was loaded before the settings of Handup.")

PLACED = (tuple, list)
_execute = sqlite3.Cursor.execute
_executemany = sqlite3.Cursor.executemany
WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM"})

STATEMENTS = 512
"""How many parsed statements a connection keeps: the way of a loan and a payment has some ninety,
a day of an office a few hundred.
"""
CUTS = "PRAGMA wal_checkpoint"


@lru_cache(maxsize=2048)
def _marked(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """Passes the gate for a writing statement of its own."""

    wrapper: "DatabaseWrapper"

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        """Write a statement's marks as SQLite has them; the same few statements come again and
        again.
        """
        if param_names is not None:
            return str(super().convert_query(query, param_names=param_names))
        return _marked(query)

    def execute(self, query: Any, params: Any = None) -> Any:
        """Run one statement; inside a transaction with values by place, without a layer between."""
        if self.wrapper.inside and type(params) in PLACED:
            return _execute(self, _marked(query), params)
        if not self.wrapper.writes_alone(query):
            return super().execute(query, params)
        with self.wrapper.turn():
            return super().execute(query, params)

    def executemany(self, query: Any, param_list: Any) -> Any:
        """Run one statement many times."""
        plain = type(param_list) is list and param_list and type(param_list[0]) in PLACED
        if plain and self.wrapper.inside:
            return _executemany(self, _marked(query), param_list)
        if not self.wrapper.writes_alone(query):
            return super().executemany(query, param_list)
        with self.wrapper.turn():
            return super().executemany(query, param_list)


class Connection(sqlite3.Connection):
    """Keeps the statements that were used last.

    The library's own store makes room by dropping whichever was used least: once it is full, each
    new statement drops the one before it, and a payment parses all of its own again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin with no statement kept."""
        super().__init__(*args, **kwargs)
        self.kept: OrderedDict[str, Any] = OrderedDict()

    def __call__(self, sql: str) -> Any:
        """Hand out the parsed statement; the library asks for it where its own store has none."""
        statement = self.kept.pop(sql, None)
        if statement is None:
            statement = super().__call__(sql)
        self.kept[sql] = statement
        if len(self.kept) > STATEMENTS:
            self.kept.popitem(last=False)
        return statement


_id_of = lru_cache(maxsize=4096)(from_digits)


class Operations(operations.DatabaseOperations):
    """Reads an id from its 32 digits; most of those of a row (its office, its programme, who
    recorded it) came with the row before.
    """

    compiler_module = "handup.config.sqlite.compiler"

    def convert_uuidfield_value(
        self, value: str | None, _expression: object, _connection: object
    ) -> UUID | None:
        """Return the id a column holds."""
        return None if value is None else _id_of(value)


class Turn:
    """One stay inside the gate."""

    def __init__(self, wrapper: "DatabaseWrapper") -> None:
        """Remember whose stay it is."""
        self.wrapper = wrapper

    def __enter__(self) -> None:
        self.wrapper.enter()

    def __exit__(self, *_: object) -> None:
        self.wrapper.leave()


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection, with its place in the queue of writers."""

    ops_class = Operations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin outside the gate."""
        super().__init__(*args, **kwargs)
        self.inside = False

    @property
    def gate(self) -> FifoGate:
        """The gate of this connection's file."""
        return gate_of(str(self.settings_dict["NAME"]))

    def get_connection_params(self) -> dict[str, Any]:
        """Open connections that keep their statements."""
        return {**super().get_connection_params(), "factory": Connection}

    def enter(self) -> None:
        """Wait for this connection's turn. Raises OperationalError when it does not come
        in time.
        """
        if self.inside:
            return
        if not self.gate.acquire(float(self.settings_dict["OPTIONS"].get("timeout", 20))):
            raise OperationalError("database is locked: the turn to write did not come in time")
        self.inside = True

    def leave(self) -> None:
        """Give the turn back."""
        if self.inside:
            self.inside = False
            self.gate.release()

    def turn(self) -> Turn:
        """Hold the gate for a `with` block."""
        return Turn(self)

    def writes_alone(self, query: Any) -> bool:
        """Tell whether a statement writes outside any transaction."""
        if self.inside or self.connection is None or self.connection.in_transaction:
            return False
        text = str(query).lstrip()
        return text[:8].split(" ", 1)[0].upper() in WRITES or text.startswith(CUTS)

    def create_cursor(self, name: str | None = None) -> Any:
        """Make a cursor that knows its connection."""
        cursor = self.connection.cursor(factory=Cursor)
        cursor.wrapper = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self.enter()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self.leave()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # not in the stubs
        self.leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self.leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            self.leave()
