"""The statements written by hand, in one place: names are of our own tables and columns and are
quoted here; values are parameters, always. Each statement is made once and kept.
"""
# ruff: noqa: S608 (what is put in are quoted names of models, never what a person sent)

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from threading import local
from time import perf_counter
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.urls import base as addresses
from django.utils import timezone
from django.utils.translation import trans_real

OF_A_REQUEST: tuple[tuple[Any, str], ...] = (
    (trans_real, "_active"),
    (timezone, "_active"),
    (addresses, "_prefixes"),
    (addresses, "_urlconfs"),
)
BY_COPY = 40
"""From so many new rows on PostgreSQL takes them as one stream: each row of an executemany is
bound and run as a statement of its own, which costs the server more than the row.
"""
AT_ONCE = 8
"""Up to so many new rows go to PostgreSQL as one statement that waits."""
PREPARED = 400
"""How many prepared statements a connection to PostgreSQL keeps."""
COUNTED = 2_000
"""How many rows a table takes as a stream before it is asked whether the server knows of them."""


UNTIMED = nullcontext()


class Told(Protocol):
    """Whoever listens to a connection and needs no more than each statement with its seconds."""

    def tell(self, sql: str, seconds: float) -> None:
        """Hear of one statement; of one that waits, when it is said, that it took none."""


@contextmanager
def _timed(told: Sequence[Told], sql: str) -> Iterator[None]:
    began = perf_counter()
    try:
        yield
    finally:
        spent = perf_counter() - began
        for one in told:
            one.tell(sql, spent)


class Quick:
    """A cursor without Django's layers that nobody listens to: they cost as much again as the
    statement itself, and a loan or a payment asks dozens. Errors are Django's all the same.

    `alone`: one row is better sent as a statement of its own than as a batch of one. `told`: who is
    told of each statement and its seconds.
    """

    __slots__ = ("alone", "cursor", "told", "wrapper")

    def __init__(
        self, wrapper: Any, cursor: Any, told: Sequence[Told] = (), *, alone: bool = False
    ) -> None:
        """Refuse, as Django does, in a transaction that is to be rolled back."""
        wrapper.validate_no_broken_transaction()
        self.alone = alone
        self.told = told
        self.wrapper = wrapper
        self.cursor = cursor

    def __enter__(self) -> "Quick":
        return self

    def __exit__(self, *_: object) -> None:
        self.cursor.close()

    def execute(self, sql: str, params: Any = None) -> Any:
        """Run one statement. Raises django.db.DatabaseError."""
        with self._timed(sql):
            return self._execute(sql, params)

    def _timed(self, sql: str) -> AbstractContextManager[None]:
        return _timed(self.told, sql) if self.told else UNTIMED

    def _execute(self, sql: str, params: Any) -> Any:
        try:
            if self.alone and self.wrapper.waiting:
                return self._after_what_waits(sql, params)
            return self.cursor.execute(sql, params)
        except Exception:
            with self.wrapper.wrap_database_errors:
                raise

    def _after_what_waits(self, sql: str, params: Any) -> Any:
        self.wrapper.waiting.append((sql, params, self.cursor))
        self.wrapper.send()
        return self.cursor

    def executemany(self, sql: str, params: Any) -> Any:
        """Run one statement for many rows. Raises django.db.DatabaseError."""
        if self.alone and len(params) == 1:
            return self.execute(sql, params[0])
        try:
            if self.alone:
                self.wrapper.send()
            with self._timed(sql):
                return self.cursor.executemany(sql, params)
        except Exception:
            with self.wrapper.wrap_database_errors:
                raise

    def copy(self, sql: str, rows: Any) -> None:
        """Send rows as one stream. Raises django.db.DatabaseError."""
        try:
            self.wrapper.send()
            with self._timed(sql), self.cursor.copy(sql) as stream:
                for row in rows:
                    stream.write_row(row)
        except Exception:
            with self.wrapper.wrap_database_errors:
                raise

    def fetchall(self) -> Any:
        """The rows that are left. Raises django.db.DatabaseError."""
        try:
            return self.cursor.fetchall()
        except Exception:
            with self.wrapper.wrap_database_errors:
                raise

    def fetchone(self) -> Any:
        """The next row, None after the last. Raises django.db.DatabaseError."""
        try:
            return self.cursor.fetchone()
        except Exception:
            with self.wrapper.wrap_database_errors:
                raise

    @property
    def rowcount(self) -> int:
        """How many rows the last statement touched."""
        return int(self.cursor.rowcount)


def keep_by_thread() -> None:
    """Keep the connections, and what Django holds for one request (its language, its time zone,
    the table of addresses), in plain storage of their threads. Django's own asks for a running
    event loop each time one is looked up, thirty times for one payment and for every text of a
    page; here every door is a thread.
    """
    handler: Any = connections
    plain = local()
    for made in handler.all(initialized_only=True):
        setattr(plain, made.alias, made)
    handler._connections = plain
    for module, name in OF_A_REQUEST:
        before, kept = getattr(module, name), local()
        if hasattr(before, "value"):
            kept.value = before.value
        setattr(module, name, kept)


def keep_prepared(connection: Any, **_: object) -> None:
    """Let a new connection to PostgreSQL keep more prepared statements than the driver's hundred:
    it counts every text that Django sends as well, so that on a server that also draws pages what a
    payment sends would never be sent often enough to be prepared.
    """
    if connection.vendor == "postgresql":
        connection.connection.prepared_max = PREPARED


def cursor() -> Any:
    """Open a cursor for one of these statements.

    On PostgreSQL it binds the values on the server, which parses and plans a statement once and
    takes the rows of an executemany in one go; Django's own writes every value into the text.
    """
    wrapper: Any = connections[DEFAULT_DB_ALIAS]  # looked up once: it belongs to the thread
    if wrapper.connection is None:
        wrapper.ensure_connection()
    told = _told(wrapper)
    if wrapper.vendor != "postgresql":
        return wrapper.cursor() if told is None else Quick(wrapper, wrapper.create_cursor(), told)
    binding = _binding()(wrapper.connection)
    if told is not None:
        return Quick(wrapper, binding, told, alone=True)
    _send(wrapper)
    return wrapper._prepare_cursor(binding)


def put(sql: str, table: str, columns: tuple[str, ...], rows: Any) -> None:
    """Insert many rows of plain values by this statement of one row; all or none only within a
    transaction. Raises django.db.DatabaseError, or what comes after it does (`together`).
    """
    told = list(rows)
    if may_wait(len(told)):
        write(sql, told)
        return
    with cursor() as place:
        if len(told) >= BY_COPY and isinstance(place, Quick) and place.alone:
            place.copy(_copy(table, columns), told)
            _tell_of_rows(place, table, len(told))
        else:
            place.executemany(sql, told)


def _tell_of_rows(place: Quick, table: str, rows: int) -> None:
    """Let the server look at a table that took more rows in this transaction than it knew of.

    Where it thinks a table empty it may check a foreign key by an index that only holds the key
    somewhere: each of 100,000 rows then reads all before it. It waits for no other who looks.
    """
    wrapper = place.wrapper
    began, came = wrapper.__dict__.get("came", (None, {}))
    if began is not wrapper.run_on_commit:  # another list in each transaction
        came = {}
    wrapper.came = (wrapper.run_on_commit, came)
    before = came.get(table, 0)
    came[table] = before + rows
    if before // COUNTED < came[table] // COUNTED:
        known = place.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", (table,))
        if 2 * known.fetchone()[0] < came[table]:
            place.execute(f"ANALYZE (SKIP_LOCKED) {_name(table)}")


def write(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each of some rows where nobody asks what it answers. Raises
    django.db.DatabaseError, or what comes after it does (`together`).
    """
    if may_wait(len(rows)):
        wrapper: Any = connections[DEFAULT_DB_ALIAS]
        wrapper.validate_no_broken_transaction()
        if len(rows) > 1 and sql.startswith("INSERT"):
            sql, rows = _of_many(sql, len(rows)), [[value for row in rows for value in row]]
        wrapper.waiting += [(sql, row, None) for row in rows]
        for one in _told(wrapper) or ():
            one.tell(sql, 0.0)
        return
    with cursor() as place:
        place.executemany(sql, rows)


@contextmanager
def together() -> Iterator[None]:
    """Let what this block writes by `put` and `write` wait for the next question or the commit,
    where the database takes several statements at once: a wait less for each.

    Outermost around the transaction, so that the commit goes with the last of them. A refusal of
    the database then comes out at the next question, or at the end of the block.
    """
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    if wrapper.vendor != "postgresql":
        yield
        return
    wrapper.together += 1
    try:
        yield
        if wrapper.together == 1 and wrapper.in_atomic_block:
            _send(wrapper)
    finally:
        wrapper.together -= 1


def _send(wrapper: Any) -> None:
    with wrapper.wrap_database_errors:
        wrapper.send()


def may_wait(count: int) -> bool:
    """Whether a statement of so many rows that nobody asks the answer of waits for the next."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    return (
        wrapper.vendor == "postgresql"
        and wrapper.together > 0
        and wrapper.in_atomic_block
        and 0 < count <= AT_ONCE
        and _told(wrapper) is not None
    )


def takes_many_at_once(count: int) -> bool:
    """Whether so many rows are better changed by one statement than one by one."""
    return count >= BY_COPY and connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def _told(wrapper: Any) -> Sequence[Told] | None:
    """Who listens and is content to be told; None when somebody wants to stand around each
    statement, as Django lets her.
    """
    listening: list[Any] = wrapper.execute_wrappers
    if wrapper.queries_logged or not all(hasattr(one, "tell") for one in listening):
        return None
    return listening


@lru_cache(maxsize=256)
def _of_many(insert: str, count: int) -> str:
    """The insert of one row as one of so many."""
    head, _values, tail = insert.partition(" VALUES (")
    row, _end, rest = tail.partition(")")
    return f"{head} VALUES {', '.join([f'({row})'] * count)}{rest}"


def _wrapper() -> Any:
    return connections[DEFAULT_DB_ALIAS]


class Answer:
    """What a question answers. In a transaction on PostgreSQL it is sent when the first answer is
    wanted, with all that was asked or written meanwhile; elsewhere at once.
    """

    __slots__ = ("cursor", "sql", "waits", "wrapper")

    def __init__(self, sql: str, params: Sequence[Any]) -> None:
        """Ask. Raises django.db.DatabaseError, now or when the answer is wanted."""
        self.sql = sql
        self.wrapper = _wrapper()
        self.cursor = cursor()
        self.waits = (
            self.wrapper.in_atomic_block and isinstance(self.cursor, Quick) and self.cursor.alone
        )
        if self.waits:
            self.wrapper.waiting.append((sql, params, self.cursor.cursor))
        else:
            self.cursor.execute(sql, params)

    def rows(self) -> list[tuple[Any, ...]]:
        """All rows. Raises django.db.DatabaseError."""
        with self.cursor:
            if self.waits:
                with self.cursor._timed(self.sql):
                    if self.cursor.cursor.pgresult is None:
                        _send(self.wrapper)
            found: list[tuple[Any, ...]] = self.cursor.fetchall()
            return found


@lru_cache(maxsize=1024)
def _copy(table: str, columns: tuple[str, ...]) -> str:
    return f"COPY {_name(table)} ({_names(columns)}) FROM STDIN"


@lru_cache(maxsize=1)
def _binding() -> Any:
    from django.db.backends.postgresql.base import ServerBindingCursor

    return ServerBindingCursor


def places(count: int) -> str:
    """The marks of so many parameters: `%s, %s`."""
    return ", ".join(["%s"] * count)


@lru_cache(maxsize=1024)
def select(table: str, columns: tuple[str, ...]) -> str:
    """`SELECT` columns of a table; a condition may follow."""
    return f"SELECT {_names(columns)} FROM {_name(table)}"


@lru_cache(maxsize=1024)
def select_where_in(table: str, columns: tuple[str, ...], column: str, count: int) -> str:
    """`SELECT` columns of the rows whose column is one of so many parameters; more may follow."""
    return f"{select(table, columns)} WHERE {_name(column)} IN ({places(count)})"


@lru_cache(maxsize=64)
def select_through(
    table: str, columns: tuple[str, ...], through: tuple[str, str], count: int
) -> str:
    """`SELECT` columns of the rows that a column of another table names, in those of its rows whose
    ids are the parameters.
    """
    other, column = through
    named = f"SELECT {_name(column)} FROM {_name(other)} WHERE {_name('id')} IN ({places(count)})"
    return f"{select(table, columns)} WHERE {_name('id')} IN ({named})"


@lru_cache(maxsize=1024)
def insert(table: str, columns: tuple[str, ...]) -> str:
    """`INSERT` one row, a parameter a column."""
    return f"INSERT INTO {_name(table)} ({_names(columns)}) VALUES ({places(len(columns))})"


@lru_cache(maxsize=1024)
def update_by_id(table: str, columns: tuple[str, ...]) -> str:
    """`UPDATE` columns of one row, a parameter a column and the row's id last."""
    return update_where(table, columns, ("id",))


@lru_cache(maxsize=256)
def update_by_ids(table: str, columns: tuple[str, ...], types: tuple[str, ...]) -> str:
    """`UPDATE` columns of many rows: a list of values as the parameter of each column, a list of
    ids as the last one. types: of the columns and of the id. PostgreSQL only.
    """
    names = [_name(column) for column in columns]
    setters = ", ".join(f"{name} = told.{name}" for name in names)
    lists = ", ".join(f"%s::{kind}[]" for kind in types)
    told = f"unnest({lists}) AS told ({', '.join([*names, 'told_id'])})"
    return f"UPDATE {_name(table)} SET {setters} FROM {told} WHERE {_name('id')} = told_id"


@lru_cache(maxsize=1024)
def update_where(table: str, columns: tuple[str, ...], where: tuple[str, ...]) -> str:
    """`UPDATE` columns of the rows whose other columns hold what is asked: a parameter a column,
    then a parameter a condition.
    """
    setters = ", ".join(f"{_name(column)} = %s" for column in columns)
    held = " AND ".join(f"{_name(column)} = %s" for column in where)
    return f"UPDATE {_name(table)} SET {setters} WHERE {held}"


@lru_cache(maxsize=16)
def raise_by_key(table: str, column: str, key: str) -> str:
    """`UPDATE` a number of one row by so much, and answer with what it is now: the amount and the
    row's key as parameters.
    """
    name = _name(column)
    return (
        f"UPDATE {_name(table)} SET {name} = {name} + %s WHERE {_name(key)} = %s RETURNING {name}"
    )


def _name(word: str) -> str:
    return connection.ops.quote_name(word)


def _names(words: tuple[str, ...]) -> str:
    return ", ".join(map(_name, words))
