"""Many rows in one statement: inserts and updates of plain values, adapted to the database.

One executemany of plain values costs a third of the ORM's bulk_create; how a column's value is
adapted is looked up once per model.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from handup.kernel import luhn
from handup.lending.models import CodeCounter

T = TypeVar("T")
Prepare = Callable[[Any], Any]
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
    if isinstance(target, PLAIN):
        return _as_it_is
    return lambda value: field.get_db_prep_save(value, connection)


Column = tuple[str, str, Prepare]


@lru_cache(maxsize=64)
def _columns(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[Column, ...]:
    """Attribute, column and adapter of the named fields of a model, of all without names."""
    connection = connections[DEFAULT_DB_ALIAS]
    assert connection.vendor == vendor
    fields: list[Any] = [
        *([model._meta.get_field(name) for name in names] if names else model._meta.concrete_fields)
    ]
    return tuple((field.attname, field.column, _preparer(field, connection)) for field in fields)


def _values(columns: Sequence[Column], rows: Iterable[models.Model]) -> list[tuple[Any, ...]]:
    return [
        tuple(prepare(getattr(row, attribute)) for attribute, _column, prepare in columns)
        for row in rows
    ]


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model with one prepared statement."""
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    columns = _columns(type(rows[0]), (), connection.vendor)
    names = ", ".join(f'"{column}"' for _attribute, column, _prepare in columns)
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
    """Update the named fields of rows by primary key with one prepared statement."""
    connection = connections[DEFAULT_DB_ALIAS]
    columns = _columns(model, (*names, "id"), connection.vendor)
    values = _values(columns, rows)
    if not values:
        return
    setters = ", ".join(f'"{column}" = %s' for _attribute, column, _prepare in columns[:-1])
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{table}" SET {setters} WHERE "id" = %s',  # noqa: S608 (names of ours)
            values,
        )


def next_codes(key: str, prefix: str, count: int) -> list[str]:
    """Take `count` numbers in a row; each code is the prefix, six digits or more, a check digit."""
    CodeCounter.objects.get_or_create(key=key)
    counter = CodeCounter.objects.select_for_update().get(key=key)
    first = counter.last + 1
    CodeCounter.objects.filter(pk=counter.pk).update(last=counter.last + count)
    return [
        f"{prefix}{luhn.with_check_digit(f'{number:06}')}" for number in range(first, first + count)
    ]


def in_chunks(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """Cut a batch into the pieces that each fit one transaction."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
