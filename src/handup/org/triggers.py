"""Append-only tables: the database itself refuses UPDATE and DELETE, on SQLite and PostgreSQL.

    triggers.append_only("org.ReadEntry")                         # in AppConfig.ready()
    triggers.append_only("people.Consent", may_change=("state",))

Django rebuilds a SQLite table when it changes and silently loses its triggers, so they are made
anew after every migration. On SQLite `INSERT OR REPLACE` passes a delete trigger unless
recursive_triggers is on (settings).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

_FUNCTION = """CREATE OR REPLACE FUNCTION handup_append_only() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
 RAISE EXCEPTION 'APPEND_ONLY %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $body$"""


@dataclass(frozen=True, slots=True)
class Guarded:
    """One table that only grows, except in the columns named."""

    label: str
    may_change: frozenset[str]


_guarded: dict[str, Guarded] = {}


def append_only(label: str, *, may_change: tuple[str, ...] = ()) -> None:
    """Guard the table of a model ("app.Model"); fields in `may_change` may still be updated."""
    _guarded[label] = Guarded(label, frozenset(may_change))


def is_kept(model: type[Model], field: str) -> bool:
    """Whether the database refuses to change this field of a row, whoever asks."""
    item = _guarded.get(model._meta.label)
    return item is not None and field not in item.may_change


def guarded_tables() -> dict[str, str]:
    """Return the guarded tables by model label."""
    return {label: apps.get_model(label)._meta.db_table for label in _guarded}


def statements(item: Guarded, vendor: str) -> dict[str, str]:
    """Return the triggers of one table by name."""
    model = apps.get_model(item.label)
    table = model._meta.db_table
    columns = ", ".join(
        f'"{field.column}"'
        for field in model._meta.concrete_fields
        if field.name not in item.may_change
    )
    events = {"update": f"UPDATE OF {columns}", "delete": "DELETE"}
    if vendor == "postgresql":
        return {
            f"{table}_no_{verb}": f'CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON "{table}"'
            " FOR EACH ROW EXECUTE FUNCTION handup_append_only()"
            for verb, event in events.items()
        }
    return {
        f"{table}_no_{verb}": f'CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON "{table}"'
        f" BEGIN SELECT RAISE(ABORT, 'APPEND_ONLY {table}'); END"
        for verb, event in events.items()
    }


def create(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger anew; tables that do not exist (yet) are passed over."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for item in _guarded.values():
            table = apps.get_model(item.label)._meta.db_table
            if table not in tables:
                continue
            for name, text in statements(item, connection.vendor).items():
                suffix = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")
                cursor.execute(text)


def lift(connection: BaseDatabaseWrapper, table: str) -> None:
    """Let a migration change rows of a guarded table. It runs in one transaction, after which the
    guard is made anew (`after_migrate`); given up, the guard was never gone.
    """
    suffix = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update{suffix}")


@contextmanager
def may_delete(connection: BaseDatabaseWrapper, label: str) -> Iterator[None]:
    """Let rows of a guarded table be taken away inside one transaction; the guard stands again
    before it is committed.
    """
    with _without(connection, label, "delete"):
        yield


@contextmanager
def may_update(connection: BaseDatabaseWrapper, label: str) -> Iterator[None]:
    """Let rows of a guarded table be given to another owner inside one transaction, as when a
    person is erased; the guard stands again before it is committed.
    """
    with _without(connection, label, "update"):
        yield


@contextmanager
def _without(connection: BaseDatabaseWrapper, label: str, verb: str) -> Iterator[None]:
    item = _guarded[label]
    table = apps.get_model(label)._meta.db_table
    name = f"{table}_no_{verb}"
    on_server = connection.vendor == "postgresql"
    suffix = f' ON "{table}"' if on_server else ""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if on_server:  # no trigger is made or dropped while keys of the table wait to be checked
            connection.check_constraints()
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")
        yield
        if on_server:
            connection.check_constraints()
        cursor.execute(statements(item, connection.vendor)[name])


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that should be there and are not, or are disabled."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {row[0] for row in cursor.fetchall()}
    return [
        name
        for item in _guarded.values()
        for name in statements(item, connection.vendor)
        if name not in present
    ]


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Receive Django's post_migrate, once per migrate run."""
    create(connections[using])
