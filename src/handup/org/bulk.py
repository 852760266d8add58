"""Many rows in one statement: inserts and updates of plain values, adapted to the database.

One executemany of plain values costs a third of the ORM's bulk_create. How a column is read and
adapted is looked up once per model, and a batch is adapted column by column, not value by value.
Sealed and hashed fields keep their own way of being saved.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.utils import timezone
from simple_history.utils import get_history_model_for_model

from handup.kernel.jsontext import writer
from handup.org import statements
from handup.org.lengths import Bounds, bounds_of, refuse_beyond

M = TypeVar("M", bound=models.Model)
Adapt = Callable[[Sequence[Any]], Sequence[Any]]
_write = writer()
LENGTH = re.compile(r"\(.*?\)")
"""How long a text of a column may be, in the name of its type: a value cast to it would be cut."""
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)


def _as_they_are(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _hex(values: Sequence[UUID | None]) -> list[str | None]:
    """Ids as SQLite keeps them; a batch often repeats one, as the office of its rows."""
    last: UUID | None = None
    text: str | None = None
    made: list[str | None] = []
    for value in values:
        if value is not last:
            last = value
            text = None if value is None else value.hex
        made.append(text)
    return made


def _json(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else _write(value) for value in values]


def _days(values: Sequence[date | None]) -> list[str | None]:
    return [None if value is None else value.isoformat() for value in values]


def _instants(connection: BaseDatabaseWrapper) -> Adapt:
    """Instants as SQLite keeps them; a batch mostly repeats one."""
    adapt_one = connection.ops.adapt_datetimefield_value
    is_utc = connection.timezone is UTC

    def adapt(values: Sequence[datetime | None]) -> list[str | None]:
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
class Columns:
    """Some columns of a model: how their values are read off a row, and which of them are adapted,
    do something of their own before they are saved, or hold no more than so much.
    """

    names: tuple[str, ...]
    types: tuple[str, ...]
    attributes: tuple[str, ...]
    held: Callable[[Any], tuple[Any, ...]]
    adapted: tuple[tuple[int, Adapt], ...]
    own: tuple[tuple[int, Any], ...]
    bounds: Bounds

    def read(self, rows: Sequence[models.Model], *, add: bool) -> list[Any]:
        """The values of some rows as the database takes them, column by column; `add`: the rows are
        new. Raises TextTooLong, NumberTooLarge.
        """
        own = [(place, [field.pre_save(row, add) for row in rows]) for place, field in self.own]
        read: Any
        try:
            read = [self.held(row.__dict__) for row in rows]
        except KeyError:  # a column that was not loaded with its row
            read = [[getattr(row, name) for name in self.attributes] for row in rows]
        columns: list[Any] = list(zip(*read, strict=True))
        for place, values in own:
            columns[place] = values
        self.adapt(columns)
        refuse_beyond(self.bounds, columns)
        return columns

    def adapt(self, columns: list[Any]) -> None:
        """Make each column's values what the database takes."""
        for place, adapt in self.adapted:
            columns[place] = adapt(columns[place])


@lru_cache(maxsize=512)
def _columns(model: type[models.Model], names: tuple[str, ...], vendor: str) -> Columns:
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
    attributes = tuple(field.attname for field in fields)
    adapters = [_adapter(field, connection) for field in fields]
    return Columns(
        names=tuple(field.column for field in fields),
        types=tuple(LENGTH.sub("", field.db_type(connection) or "") for field in fields),
        attributes=attributes,
        held=itemgetter(*attributes) if len(fields) > 1 else _alone(*attributes),
        adapted=tuple((at, one) for at, one in enumerate(adapters) if one is not _as_they_are),
        own=tuple((at, field) for at, field in enumerate(fields) if _saves_its_own_way(field)),
        bounds=bounds_of(model, attributes),
    )


def _alone(name: str) -> Callable[[Any], tuple[Any, ...]]:
    return lambda held: (held[name],)


def _saves_its_own_way(field: Any) -> bool:
    if isinstance(field, models.DateField):
        return bool(field.auto_now or field.auto_now_add)
    return type(field).pre_save is not models.Field.pre_save


def _of(model: type[models.Model], names: tuple[str, ...] = ()) -> Columns:
    return _columns(model, names, _vendor())


def _run(sql: str, values: Sequence[tuple[Any, ...]]) -> int:
    """Run one statement for many rows, all or none; return how many rows it touched."""
    connection = connections[DEFAULT_DB_ALIAS]
    whole = nullcontext() if connection.in_atomic_block else transaction.atomic()
    with whole, statements.cursor() as cursor:
        cursor.executemany(sql, values)
        return int(cursor.rowcount)


def _insert(model: type[models.Model], names: tuple[str, ...], values: Iterable[Any]) -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    table = model._meta.db_table
    whole = nullcontext() if connection.in_atomic_block else transaction.atomic()
    with whole:
        statements.put(statements.insert(table, names), table, names, values)


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


def _insert_and_tell(rows: Sequence[models.Model]) -> dict[str, Any]:
    """Insert rows and return what was stored, column by column."""
    model = type(rows[0])
    columns = _of(model)
    stored = columns.read(rows, add=True)
    _insert(model, columns.names, zip(*stored, strict=True))
    for row in rows:
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
    return dict(zip(columns.names, stored, strict=True))


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
    columns = _of(history, tuple(told))
    values: list[Any] = list(told.values())
    columns.adapt(values)
    kept.update(zip(columns.names, values, strict=True))
    _insert(history, tuple(kept), zip(*kept.values(), strict=True))


def insert_values(model: type[models.Model], values: Mapping[str, list[Any]]) -> None:
    """Insert rows given as the values of their fields, without making instances of the model.

    Every field without a default in the database must be named. Raises TextTooLong, NumberTooLarge.
    """
    columns = _of(model, tuple(values))
    given: list[Any] = list(values.values())
    refuse_beyond(columns.bounds, given)
    columns.adapt(given)
    _insert(model, columns.names, zip(*given, strict=True))


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
    columns, values = _of_update(model, names, rows)
    table = model._meta.db_table
    if statements.takes_many_at_once(len(rows)) and len(set(values[-1])) == len(rows):
        sql = statements.update_by_ids(table, columns.names[:-1], columns.types)
        return _run(sql, [tuple(map(list, values))])
    sql = statements.update_by_id(table, columns.names[:-1])
    return _run(sql, list(zip(*values, strict=True)))


def change_rows(
    model: type[models.Model], names: tuple[str, ...], rows: Iterable[models.Model]
) -> None:
    """The same of rows this transaction keeps locked: nobody asks how many there were, so the
    statement may wait for the next (`statements.together`). Raises TextTooLong, NumberTooLarge.
    """
    rows = list(rows)
    if not statements.may_wait(len(rows)):
        update_rows(model, names, rows)
        return
    columns, values = _of_update(model, names, rows)
    sql = statements.update_by_id(model._meta.db_table, columns.names[:-1])
    statements.write(sql, list(zip(*values, strict=True)))


def _of_update(
    model: type[models.Model], names: tuple[str, ...], rows: Sequence[models.Model]
) -> tuple[Columns, list[Any]]:
    """The columns of an update by id and their values, the id last."""
    columns = _of(model, (*names, "id"))
    return columns, columns.read(rows, add=False)
