"""Whole rows read with one plain statement: the mirror of `bulk`, for the few reads on the way of
every payment.

The ORM compiles its statement anew each time and converts value by value; here the columns of a
model and how each is converted are looked up once, and a batch is converted column by column.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.models.expressions import Col

from handup.kernel.ids import from_digits
from handup.org import statements

M = TypeVar("M", bound=models.Model)
Convert = Callable[[Sequence[Any]], Sequence[Any]]


def as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    """Values that need nothing."""
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
        return as_they_are
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return as_they_are

    def convert(values: Sequence[Any]) -> Sequence[Any]:
        for step in steps:
            values = [step(value, column, connection) for value in values]
        return values

    return convert


class Plan(NamedTuple):
    """How rows of a model are read: the statement up to its condition, the attributes of its
    columns, which of them are converted, and whether the database keeps ids as they are.
    """

    sql: str
    attributes: tuple[str, ...]
    converted: tuple[tuple[int, Convert], ...]
    native: bool
    locks: bool


@lru_cache(maxsize=512)
def _plan(
    model: type[models.Model],
    vendor: str,
    only: tuple[str, ...],
    column: str | tuple[str, str],
    count: int,
) -> Plan:
    connection = connections[DEFAULT_DB_ALIAS]
    assert connection.vendor == vendor
    fields: list[Any] = [f for f in model._meta.concrete_fields if not only or f.attname in only]
    table = model._meta.db_table
    found = [converter_of(Col(table, field), connection) for field in fields]
    names = tuple(field.column for field in fields)
    return Plan(
        statements.select_where_in(table, names, column, count)
        if isinstance(column, str)
        else statements.select_through(table, names, column, count),
        tuple(field.attname for field in fields),
        tuple((place, one) for place, one in enumerate(found) if one is not as_they_are),
        connection.features.has_native_uuid_field,
        connection.features.has_select_for_update,
    )


def rows_where(
    model: type[M],
    column: str,
    ids: Collection[UUID],
    *,
    also: str = "",
    lock: bool = False,
    only: tuple[str, ...] = (),
    values: Sequence[date] = (),
) -> list[M]:
    """Read the rows of a model whose column holds one of these ids; all columns loaded, or `only`
    these and the others when they are asked for.

    `also` is more of the condition, and the order, as constant SQL, with a mark for each day of
    `values`. `lock` keeps the rows until
    the transaction ends, where the database can.
    """
    return asked(model, column, ids, also=also, lock=lock, only=only, values=values)()


def asked(
    model: type[M],
    column: str,
    ids: Collection[UUID],
    *,
    also: str = "",
    lock: bool = False,
    only: tuple[str, ...] = (),
    values: Sequence[date] = (),
) -> Callable[[], list[M]]:
    """Ask for rows as `rows_where` does; what is returned reads them. Questions asked before the
    first of them is read are one wait for all.
    """
    if not ids:
        return list
    plan = _plan(model, connections[DEFAULT_DB_ALIAS].vendor, only, column, len(ids))
    return _asked(model, plan, ids, f"{also} FOR UPDATE" if lock and plan.locks else also, values)


def asked_through(
    model: type[M], of: type[models.Model], column: str, ids: Collection[UUID]
) -> Callable[[], list[M]]:
    """Ask for the rows that a column of other rows names, which are given by their ids: the lenders
    of loans not read yet.
    """
    if not ids:
        return list
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    through = (of._meta.db_table, column)
    return _asked(model, _plan(model, vendor, (), through, len(ids)), ids, "")


def _asked(
    model: type[M], plan: Plan, ids: Collection[UUID], also: str, values: Sequence[date] = ()
) -> Callable[[], list[M]]:
    params: list[Any] = list(ids) if plan.native else [pk.hex for pk in ids]
    params += values if plan.native else [day.isoformat() for day in values]
    answer = statements.Answer(f"{plan.sql} {also}" if also else plan.sql, params)

    def read() -> list[M]:
        found = answer.rows()
        if not found:
            return []
        columns: list[Any] = list(zip(*found, strict=True))
        for place, convert in plan.converted:
            columns[place] = convert(columns[place])
        return [loaded(model, plan.attributes, values) for values in zip(*columns, strict=True)]

    return read


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
