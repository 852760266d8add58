"""Write the names of all persons as the setting says: sealed at rest, or plain (protection.md 4.4).

Piece by piece, each in a transaction of its own, with what they are found and sorted by; history as
well. Nothing of a name changes, so that no history row is written.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from handup.org import cleaning, statements
from handup.org.names_at_rest import names_of, sealing, stored_otherwise
from handup.org.verify import Difference
from handup.people.models import PersonName
from handup.people.models.naming import NameKeyField, SortKeyField
from handup.people.rules.names import sort_key

PIECE = 500


def tables() -> list[type[models.Model]]:
    """The tables of every domain that hold names of persons, with those of their history."""
    return [model for model in apps.get_models() if names_of(model)]


def write_names() -> int:
    """Write what is stored otherwise than the setting says; how many rows. Freed pages are given up
    at the end, so that no plain name lies in them.
    """
    count = 0
    for model in tables():
        count += _write(model)
    if count and sealing():
        cleaning.clean(tables())
    return count


def _write(model: type[models.Model]) -> int:
    ids = list(stored_otherwise(model).order_by().values_list("pk", flat=True))
    for start in range(0, len(ids), PIECE):
        with transaction.atomic():
            rows = list(
                model._base_manager.select_for_update().filter(pk__in=ids[start : start + PIECE])
            )
            _write_piece(model, rows)
    return len(ids)


def _write_piece(model: type[models.Model], rows: list[Any]) -> None:
    """Read each name and write it again, with its keys; by primary key, which history has its
    own of.
    """
    names: Any = names_of(model)
    keyed = [f for f in model._meta.local_concrete_fields if isinstance(f, NameKeyField)]
    sorted_by = [f for f in model._meta.local_concrete_fields if isinstance(f, SortKeyField)]
    order = _orders(model, rows) if sorted_by and not sealing() else {}
    columns = [*names, *keyed, *sorted_by]
    written = []
    for row in rows:
        for field in names:
            setattr(row, field.attname, getattr(row, field.attname))  # opened where it is sealed
        for field in sorted_by:
            setattr(row, field.attname, order.get(row.id, getattr(row, field.attname)))
        values = [f.get_db_prep_save(f.pre_save(row, False), connection) for f in columns]
        written.append((*values, model._meta.pk.get_db_prep_save(row.pk, connection)))
    pk = str(model._meta.pk.column)
    sql = statements.update_where(
        model._meta.db_table, tuple(str(f.column) for f in columns), (pk,)
    )
    with connection.cursor() as cursor:
        cursor.executemany(sql, written)


def _orders(model: type[models.Model], rows: list[Any]) -> dict[Any, str]:
    """What persons sort by, from the first name each was registered with."""
    ids = {row.id for row in rows}
    found: dict[Any, str] = {}
    for name in PersonName._base_manager.filter(person__in=ids).order_by("id"):
        found.setdefault(name.person_id, sort_key(name.first_name, name.last_name))
    return found


def left_to_write() -> int:
    """How many rows hold a name otherwise than the setting says."""
    return sum(stored_otherwise(model).count() for model in tables())


def names_that_differ() -> Iterator[Difference]:
    """The tables that hold names otherwise than the setting says."""
    for model in tables():
        if count := stored_otherwise(model).count():
            wanted = "sealed" if sealing() else "plain"
            yield Difference(model._meta.db_table, f"{count} names", f"all {wanted}")
