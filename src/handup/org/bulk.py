"""Many rows in one statement: inserts and updates of plain values, adapted to the database.

One executemany of plain values costs a third of the ORM's bulk_create; how a column's value is
adapted is looked up once per model. Sealed and hashed fields keep their own way of being saved.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from handup.org.lengths import refuse_unfit

Prepare = Callable[[Any], Any]
Read = Callable[[Any], Any]
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def _as_it_is(value: Any) -> Any:
    return value


def _hex(value: Any) -> Any:
    return None if value is None else value.hex


def _preparer(field: Any, connection: BaseDatabaseWrapper) -> Prepare:
    """How one column's value is adapted; what is not known here goes the ORM's own way."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.UUIDField):
        return _as_it_is if connection.features.has_native_uuid_field else _hex
    if isinstance(target, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(target, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(target, PLAIN) and type(field).__module__.startswith("django."):
        return _as_it_is
    return lambda value: field.get_db_prep_save(value, connection)


def _reader(field: Any) -> Read:
    """How a column's value is read from a row: plainly, unless its field does something first."""
    attribute = field.attname
    dated = isinstance(field, models.DateField) and not (field.auto_now or field.auto_now_add)
    if dated or type(field).pre_save is models.Field.pre_save:
        return lambda row: getattr(row, attribute)
    return lambda row: field.pre_save(row, True)


Column = tuple[Read, str, Prepare]


@lru_cache(maxsize=256)
def _columns(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[Column, ...]:
    """Reader, column and adapter of the named fields of a model, of all without names."""
    connection = connections[DEFAULT_DB_ALIAS]
    assert connection.vendor == vendor
    fields: list[Any] = [
        *(
            [model._meta.get_field(name) for name in names]
            if names
            else [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
        )
    ]
    return tuple((_reader(field), field.column, _preparer(field, connection)) for field in fields)


def _values(columns: Sequence[Column], rows: Iterable[models.Model]) -> list[tuple[Any, ...]]:
    return [tuple([prepare(read(row)) for read, _column, prepare in columns]) for row in rows]


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model with one prepared statement.

    Raises TextTooLong, NumberTooLarge.
    """
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    columns = _columns(type(rows[0]), (), connection.vendor)
    refuse_unfit(rows)
    names = ", ".join(f'"{column}"' for _read, column, _prepare in columns)
    places = ", ".join(["%s"] * len(columns))
    table = rows[0]._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({places})',  # noqa: S608 (names of ours)
            _values(columns, rows),
        )
    for row in rows:
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS


def update_rows(
    model: type[models.Model], names: tuple[str, ...], rows: Iterable[models.Model]
) -> None:
    """Update the named fields of rows by primary key with one prepared statement.

    Raises TextTooLong, NumberTooLarge.
    """
    rows = list(rows)
    refuse_unfit(rows)
    connection = connections[DEFAULT_DB_ALIAS]
    columns = _columns(model, (*names, "id"), connection.vendor)
    values = _values(columns, rows)
    if not values:
        return
    setters = ", ".join(f'"{column}" = %s' for _read, column, _prepare in columns[:-1])
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{table}" SET {setters} WHERE "id" = %s',  # noqa: S608 (names of ours)
            values,
        )
