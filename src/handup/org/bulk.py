"""Many rows in one statement: inserts and updates of plain values, adapted to the database.

One executemany of plain values costs a third of the ORM's bulk_create. How a column is read and
adapted is looked up once per model, and a batch is adapted column by column, not value by value.
Sealed and hashed fields keep their own way of being saved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.utils import timezone
from simple_history.utils import get_history_model_for_model

from handup.kernel.jsontext import writer
from handup.org import statements
from handup.org.lengths import refuse_unfit_columns

M = TypeVar("M", bound=models.Model)
Adapt = Callable[[list[Any]], list[Any]]
_write = writer()
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def _as_they_are(values: list[Any]) -> list[Any]:
    return values


def _hex(values: list[UUID | None]) -> list[str | None]:
    """Ids as SQLite keeps them; a batch often repeats one, as the office of its rows."""
    last: UUID | None = None
    text: str | None = None
    made: list[str | None] = []
    for value in values:
        if value is not last:
            last = value
            text = None if value is None else f"{value.int:032x}"
        made.append(text)
    return made


def _json(values: list[Any]) -> list[str | None]:
    return [None if value is None else _write(value) for value in values]


def _days(values: list[date | None]) -> list[str | None]:
    return [None if value is None else value.isoformat() for value in values]


def _instants(connection: BaseDatabaseWrapper) -> Adapt:
    """Instants as SQLite keeps them; a batch mostly repeats one."""
    adapt_one = connection.ops.adapt_datetimefield_value
    is_utc = connection.timezone is UTC

    def adapt(values: list[datetime | None]) -> list[str | None]:
        last: datetime | None = None
        text: str | None = None
        made: list[str | None] = []
        for value in values:
            if value is not last:
                last = value
                if is_utc and value is not None and value.tzinfo is UTC:
                    text = value.isoformat(" ")[: -len("+00:00")]
                else:
                    text = adapt_one(value)
            made.append(text)
        return made

    return adapt


def _adapter(field: Any, connection: BaseDatabaseWrapper) -> Adapt:
    """How the values of one column are adapted; what is not known here goes the ORM's own way."""
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    plain = connection.vendor == "postgresql"
    if isinstance(target, models.UUIDField):
        return _as_they_are if connection.features.has_native_uuid_field else _hex
    if isinstance(target, models.DateTimeField):
        return _as_they_are if plain else _instants(connection)
    if isinstance(target, models.DateField):
        return _as_they_are if plain else _days
    if isinstance(target, models.JSONField) and not plain and target.encoder is None:
        return _json
    if isinstance(target, PLAIN) and type(field).__module__.startswith("django."):
        return _as_they_are
    return lambda values: [field.get_db_prep_save(value, connection) for value in values]


@lru_cache(maxsize=1)
def _vendor() -> str:
    """Which database it is; one process has one."""
    return connections[DEFAULT_DB_ALIAS].vendor


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the attribute its values are read from, and how they are adapted.

    `own` is the field when it does something of its own before it is saved.
    """

    name: str
    attribute: str
    adapt: Adapt
    own: Any = None

    def read(self, rows: Sequence[models.Model], *, add: bool) -> list[Any]:
        """The column's values of some rows, adapted; `add`: the rows are new."""
        if self.own is not None:
            return self.adapt([self.own.pre_save(row, add) for row in rows])
        name = self.attribute
        try:
            return self.adapt([row.__dict__[name] for row in rows])
        except KeyError:  # a column that was not loaded with its row
            return self.adapt([getattr(row, name) for row in rows])


@lru_cache(maxsize=512)
def _columns(model: type[models.Model], names: tuple[str, ...], vendor: str) -> tuple[Column, ...]:
    """The columns of the named fields of a model, of all without names."""
    connection = connections[DEFAULT_DB_ALIAS]
    assert connection.vendor == vendor
    fields: list[Any] = [
        *(
            [model._meta.get_field(name) for name in names]
            if names
            else [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
        )
    ]
    return tuple(
        Column(
            field.column,
            field.attname,
            _adapter(field, connection),
            field if _saves_its_own_way(field) else None,
        )
        for field in fields
    )


def _saves_its_own_way(field: Any) -> bool:
    if isinstance(field, models.DateField):
        return bool(field.auto_now or field.auto_now_add)
    return type(field).pre_save is not models.Field.pre_save


def _of(model: type[models.Model], names: tuple[str, ...] = ()) -> tuple[Column, ...]:
    return _columns(model, names, _vendor())


def _run(sql: str, values: Iterable[tuple[Any, ...]]) -> int:
    """Run one statement for many rows, all or none; return how many rows it touched."""
    connection = connections[DEFAULT_DB_ALIAS]
    whole = nullcontext() if connection.in_atomic_block else transaction.atomic()
    with whole, statements.cursor() as cursor:
        cursor.executemany(sql, list(values))
        return int(cursor.rowcount)


def _insert(model: type[models.Model], names: Iterable[str], values: Iterable[Any]) -> None:
    _run(statements.insert(model._meta.db_table, tuple(names)), values)


@lru_cache(maxsize=512)
def _defaults(
    model: type[models.Model],
) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """What the columns of a new row hold until they are told: plain values, and makers of them."""
    fields: list[Any] = list(model._meta.concrete_fields)
    made = tuple((f.attname, f.default) for f in fields if f.has_default() and callable(f.default))
    makers = dict(made)
    return {f.attname: f.get_default() for f in fields if f.attname not in makers}, made


def unsaved(model: type[M], **columns: Any) -> M:
    """Build a new row from the values of its columns, each named as the model names its attribute
    (`loan_id`, not `loan`); the others take their defaults.

    For the few tables that grow by tens of thousands in a batch: the model's own constructor goes
    through a descriptor per column and costs several times as much. Raises TypeError for a name
    that is no column.
    """
    plain, makers = _defaults(model)
    row = model.__new__(model)
    row._state = ModelState()
    held = row.__dict__
    held.update(plain)
    for name, make in makers:
        held[name] = None if name in columns else make()
    expected = len(held)
    held.update(columns)
    if len(held) != expected:
        unknown = sorted(set(columns) - set(plain) - {name for name, _make in makers})
        raise TypeError(f"{model.__name__} has no column {', '.join(unknown)}")
    return row


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model with one prepared statement.

    Raises TextTooLong, NumberTooLarge.
    """
    if rows:
        _insert_and_tell(rows)


def _insert_and_tell(rows: Sequence[models.Model]) -> dict[str, list[Any]]:
    """Insert rows and return what was stored, column by column."""
    model = type(rows[0])
    columns = _of(model)
    stored = {column.name: column.read(rows, add=True) for column in columns}
    refuse_unfit_columns(model, {column.attribute: stored[column.name] for column in columns})
    _insert(model, stored, zip(*stored.values(), strict=True))
    for row in rows:
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
    return stored


def insert_with_history(rows: Sequence[models.Model], staff_id: UUID) -> None:
    """Insert unsaved rows of one model, and the first row of each in the model's history table.

    As simple_history writes it one by one; a sealed value is bound to the same row in both tables,
    so it is sealed once. Raises TextTooLong, NumberTooLarge.
    """
    if not rows:
        return
    stored = _insert_and_tell(rows)
    history: Any = get_history_model_for_model(type(rows[0]))
    kept = {field.column: stored[field.column] for field in history.tracked_fields}
    count = len(rows)
    told: dict[str, list[Any]] = {
        "history_date": [timezone.now()] * count,
        "history_user": [staff_id] * count,
        "history_type": ["+"] * count,
        "history_change_reason": [None] * count,
    }
    for column, values in zip(_of(history, tuple(told)), told.values(), strict=True):
        kept[column.name] = column.adapt(values)
    _insert(history, kept, zip(*kept.values(), strict=True))


def insert_values(model: type[models.Model], values: Mapping[str, list[Any]]) -> None:
    """Insert rows given as the values of their fields, without making instances of the model.

    Every field without a default in the database must be named. Raises TextTooLong, NumberTooLarge.
    """
    refuse_unfit_columns(model, values)
    columns = _of(model, tuple(values))
    adapted = [column.adapt(given) for column, given in zip(columns, values.values(), strict=True)]
    _insert(model, (column.name for column in columns), zip(*adapted, strict=True))


def update_rows(
    model: type[models.Model], names: tuple[str, ...], rows: Iterable[models.Model]
) -> int:
    """Update the named fields of rows by primary key with one prepared statement; return how many
    rows were there.

    Raises TextTooLong, NumberTooLarge.
    """
    rows = list(rows)
    if not rows:
        return 0
    columns = _of(model, (*names, "id"))
    stored = [column.read(rows, add=False) for column in columns]
    refuse_unfit_columns(
        model, {column.attribute: read for column, read in zip(columns, stored, strict=True)}
    )
    values = zip(*stored, strict=True)
    set_columns = tuple(column.name for column in columns[:-1])
    return _run(statements.update_by_id(model._meta.db_table, set_columns), values)
