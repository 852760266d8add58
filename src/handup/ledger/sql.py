"""Values to and from plain SQL on both databases, for the few statements the ORM makes slow."""

from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection

from handup.kernel.ids import from_digits, from_number


@lru_cache(maxsize=1)
def _native() -> bool:
    """Whether the database keeps ids as they are; one process has one database."""
    return bool(connection.features.has_native_uuid_field)


def uid(value: UUID | None) -> Any:
    """An id as the database's own column takes it."""
    return value if value is None or _native() else value.hex


def day(value: date | None) -> Any:
    """A day as the database's own column takes it."""
    return connection.ops.adapt_datefield_value(value)


def instant(value: datetime) -> Any:
    """An instant as the database's own column takes it."""
    return connection.ops.adapt_datetimefield_value(value)


FENCE = "LIMIT 9000000000000000000"
"""Ends a subquery that is to be worked out once a row, not once for every place that names it."""


@dataclass(frozen=True, slots=True)
class Adapt:
    """The three of them bound to the connection in hand, for many values; `own` is `uid` of an id
    that is never missing, `number` of one given as its number.
    """

    uid: Callable[[UUID | None], Any]
    own: Callable[[UUID], Any]
    number: Callable[[int], Any]
    day: Callable[[date | None], Any]
    instant: Callable[[datetime], Any]


def _hex(value: UUID | None) -> Any:
    return None if value is None else value.hex


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=1)
def adapt() -> Adapt:
    """Look once at what the database needs; one process has one."""
    native = _native()
    return Adapt(
        uid=_same if native else _hex,
        own=_same if native else attrgetter("hex"),
        number=from_number if native else "{:032x}".format,
        day=lru_cache(maxsize=512)(connection.ops.adapt_datefield_value),
        instant=lru_cache(maxsize=16)(connection.ops.adapt_datetimefield_value),
    )


def unindexed(column: str) -> str:
    """A column SQLite shall not look up by: without statistics it would go through all lines of an
    account once per entry, instead of through the few lines of each entry.
    """
    return f"+{column}" if connection.vendor == "sqlite" else column


def places(values: Sized) -> str:
    """As many placeholders as there are values."""
    return ", ".join(["%s"] * len(values))


def as_uuid(value: Any) -> UUID:
    """An id as read back."""
    return value if isinstance(value, UUID) else from_digits(value)


def as_hex(value: Any) -> str:
    """An id as read back, as 32 hexadecimal digits, empty for none."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value.hex)


def as_date(value: Any) -> date:
    """A day as read back."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def day_literal(value: date) -> str:
    """A day written into a statement that names it many times: digits and dashes only."""
    text = f"'{value.isoformat()}'"
    return f"DATE {text}" if connection.vendor == "postgresql" else text


def uid_literal(value: UUID) -> str:
    """An id written into a statement: hexadecimal digits only."""
    if _native():
        return f"CAST('{value}' AS uuid)"
    return f"'{value.hex}'"


def days_between(first: str, last: str) -> str:
    """The number of days between two days, as SQL."""
    if connection.vendor == "postgresql":
        return f"({last} - {first})"
    return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)"


def day_before(day: str) -> str:
    """The day before one, as SQL."""
    if connection.vendor == "postgresql":
        return f"({day} - 1)"
    return f"date({day}, '-1 day')"


def plan_plainly() -> None:
    """Let PostgreSQL add up a whole book in memory, not on disk, and compile no statement: that
    takes longer than the statement. Until the transaction ends.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)"
            )


@contextmanager
def by_index_only() -> Iterator[None]:
    """Keep PostgreSQL from reading a table from end to end that it knows nothing of yet: one that
    grows by a whole book in the very statement. Inside a transaction.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")
