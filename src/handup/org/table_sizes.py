"""Let PostgreSQL learn how large tables have grown, right after a load that made them so.

Until its own housekeeping comes by, it plans with the sizes it knew before: the second question
after a big import walked a whole table that it took for empty.
"""

from collections.abc import Iterable

from django.db import connection, models, transaction

MANY = 1_000
"""So few rows change no plan."""
SHARE = 10
"""Fewer than one in so many of the rows known before change none either."""
DETAIL = 20
"""Of what stands in a table a fifth of the usual rows are looked at: they tell its size as well."""


def learn_sizes(added: int, *tables: type[models.Model]) -> None:
    """Look at tables anew to which a load added so many rows in all; nothing on SQLite, and nothing
    for a load that is small beside a table. Works within a transaction and after it.
    """
    if connection.vendor != "postgresql" or added < MANY:
        return
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, c.reltuples FROM pg_class c WHERE c.relname = ANY(%s)"
            " AND c.relnamespace = CAST(current_schema() AS regnamespace)",
            [names],
        )
        grown = [name for name, known in cursor.fetchall() if added * SHARE >= known]
        if grown:
            _look_at(grown)


def _look_at(names: Iterable[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL default_statistics_target = {DETAIL}")
        for name in names:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(name)}")
        cursor.execute("SET LOCAL default_statistics_target = DEFAULT")


def learn_all_sizes() -> None:
    """Look at every table of the house anew, after a load into an empty database; nothing on
    SQLite. Works within a transaction and after it.

    Each by its name: what all databases of a server share would stay locked to the others until the
    transaction ends.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            names = ", ".join(
                map(connection.ops.quote_name, connection.introspection.table_names())
            )
            cursor.execute(f"ANALYZE {names}")
