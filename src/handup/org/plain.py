"""Whole rows read with one plain statement: the mirror of `bulk`, for the few reads on the way of
every payment.

The ORM compiles its statement anew each time and converts value by value; here the columns of a
model and how each is converted are looked up once, and a batch is converted column by column.
"""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.models.expressions import Col

from handup.kernel.ids import from_digits
from handup.org import statements

M = TypeVar("M", bound=models.Model)
Convert = Callable[[Sequence[Any]], Sequence[Any]]


def _as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _uuids(values: Sequence[Any]) -> Sequence[Any]:
    """Ids from their digits; a batch often repeats one, as the loan of its rows."""
    last: Any = None
    made: UUID | None = None
    found: list[UUID | None] = []
    for value in values:
        if value != last:
            last = value
            made = None if value is None else from_digits(value)
        found.append(made)
    return found


def _instants(connection: BaseDatabaseWrapper) -> Convert:
    """Instants as SQLite's driver reads them, without their zone, with it."""

    def convert(values: Sequence[Any]) -> Sequence[Any]:
        zone = connection.timezone
        return [None if value is None else value.replace(tzinfo=zone) for value in values]

    return convert


def converter_of(column: Any, connection: BaseDatabaseWrapper) -> Convert:
    """How the values of one selected column or expression become what Python holds; what is not
    known here goes the ORM's own way.
    """
    field = column.target if isinstance(column, Col) else None
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    sqlite = connection.vendor == "sqlite"
    if sqlite and isinstance(target, models.UUIDField):
        return _uuids
    if sqlite and isinstance(target, models.DateTimeField):
        return _instants(connection)
    if isinstance(target, models.DateField):  # the driver reads days as days
        return _as_they_are
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return _as_they_are

    def convert(values: Sequence[Any]) -> Sequence[Any]:
        for step in steps:
            values = [step(value, column, connection) for value in values]
        return values

    return convert


@lru_cache(maxsize=256)
def _plan(
    model: type[models.Model], vendor: str, only: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, Convert], ...]]:
    """The columns as the table names them, and attribute and converter of each."""
    connection = connections[DEFAULT_DB_ALIAS]
    assert connection.vendor == vendor
    fields: list[Any] = [f for f in model._meta.concrete_fields if not only or f.attname in only]
    table = model._meta.db_table
    columns = tuple(
        (field.attname, converter_of(Col(table, field), connection)) for field in fields
    )
    return tuple(field.column for field in fields), columns


def rows_where(
    model: type[M],
    column: str,
    ids: Collection[UUID],
    *,
    also: str = "",
    lock: bool = False,
    only: tuple[str, ...] = (),
) -> list[M]:
    """Read the rows of a model whose column holds one of these ids; all columns loaded, or `only`
    these and the others when they are asked for.

    `also` is more of the condition, and the order, as constant SQL. `lock` keeps the rows until
    the transaction ends, where the database can.
    """
    if not ids:
        return []
    connection = connections[DEFAULT_DB_ALIAS]
    names, columns = _plan(model, connection.vendor, only)
    sql = statements.select_where_in(model._meta.db_table, names, column, len(ids))
    tail = " FOR UPDATE" if lock and connection.features.has_select_for_update else ""
    native = connection.features.has_native_uuid_field
    with statements.cursor() as cursor:
        cursor.execute(
            f"{sql} {also}{tail}",
            [value if native else value.hex for value in ids],
        )
        found = cursor.fetchall()
    if not found:
        return []
    converted = [
        convert(values)
        for (_name, convert), values in zip(columns, zip(*found, strict=True), strict=True)
    ]
    attributes = [name for name, _convert in columns]
    return [loaded(model, attributes, values) for values in zip(*converted, strict=True)]


def loaded(model: type[M], attributes: Sequence[str], values: Sequence[Any]) -> M:
    """Build the instance of a stored row from the values of its attributes, without the
    constructor's descriptors.
    """
    row = model.__new__(model)
    state = row._state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    row.__dict__.update(zip(attributes, values, strict=True))
    return row


def named(model: type[M], pk: UUID) -> M:
    """Stand in for a row of which only the id is needed; a column asked for is read then."""
    return model.from_db(DEFAULT_DB_ALIAS, ["id"], [pk])
