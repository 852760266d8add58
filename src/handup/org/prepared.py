"""Questions the ORM compiles once and asks many times: the way of one loan or one payment asks the
same few, each with other ids.

Building and compiling a queryset costs ten times what the database needs to answer it. A prepared
question is written as a queryset all the same; its statement is kept for each shape of its
arguments, and only the values change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import ModelIterable, get_related_populators

from handup.org import statements
from handup.org.plain import Convert, as_they_are, converter_of

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]
RELATED: Any = get_related_populators  # its stub is of a later Django
LARGEST = 1024
"""A longer list of values is not kept: the database's own work outweighs the compiler's there."""


@dataclass(frozen=True, slots=True)
class _Making:
    """How whole records are made of the columns of a row: the attributes of the first of them, and
    what fills in the records beside it.
    """

    model: type[models.Model]
    first: int
    attributes: tuple[str, ...]
    beside: tuple[Any, ...]

    def made_of(self, row: Row) -> Any:
        """One record, as a queryset makes it."""
        values = row[self.first : self.first + len(self.attributes)]
        record = self.model.from_db(DEFAULT_DB_ALIAS, self.attributes, values)
        for populator in self.beside:
            populator.populate(row, record)
        return record


@dataclass(frozen=True, slots=True)
class _Statement:
    """A compiled question: its SQL, its parameters with a place for each value, how columns read.

    A parameter is a constant, or the number of the value that stands there. making: of a question
    for whole records.
    """

    sql: str
    constants: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]
    converters: tuple[tuple[int, Convert], ...]
    making: _Making | None


class Prepared(Generic[P]):
    """A question that is kept. Called, it answers with its rows; `ahead` asks, and what that
    returns reads them, so that several questions are one wait.
    """

    def __init__(self, build: Callable[P, models.QuerySet[Any, Any]]) -> None:
        """Keep nothing yet."""
        self.build = build
        self.kept: dict[Any, _Statement] = {}
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[Row]:
        """Ask, and return the rows."""
        assert not kwargs, "a prepared question takes its values by place"
        told = self._told(args)
        if told is None:
            return list(self.build(*args, **kwargs))
        statement, params = told
        with statements.cursor() as cursor:
            cursor.execute(statement.sql, params)
            found = cursor.fetchall()
        return _converted(found, statement.converters)

    def ahead(self, *args: P.args, **kwargs: P.kwargs) -> Callable[[], list[Row]]:
        """Ask; what is returned reads the rows."""
        assert not kwargs, "a prepared question takes its values by place"
        told = self._told(args)
        if told is None:
            return lambda: list(self.build(*args, **kwargs))
        statement, params = told
        answer = statements.Answer(statement.sql, params)
        return lambda: _converted(answer.rows(), statement.converters)

    def _told(self, args: Sequence[Any]) -> tuple[_Statement, list[Any]] | None:
        """The statement of these arguments and its values; None for a question that is not kept."""
        connection = connections[DEFAULT_DB_ALIAS]
        shape, values = _shape(args)
        if shape is None:
            return None
        key = (connection.vendor, shape)
        statement = self.kept.get(key)
        if statement is None:
            statement = self.kept[key] = _compile(self.build, shape, connection)
        params = list(statement.constants)
        adapted = [_adapted(value, connection) for value in values]
        for place, number in statement.places:
            params[place] = adapted[number]
        return statement, params


def prepared(build: Callable[P, models.QuerySet[Any, Any]]) -> Prepared[P]:
    """Turn a function that builds a `values_list` queryset into one that answers with its rows.

    Arguments stand for values in conditions: UUID, str, date, an instant, or a list of one of these
    for `__in`.
    None and booleans are part of the question's shape. The function must do nothing with a value
    but hand it to the queryset, for it is called with other values than it is asked about.
    """
    return Prepared(build)


class PreparedRecords(Generic[P, M]):
    """A question that is kept and answers with whole records, those beside them that
    `select_related` names included.
    """

    def __init__(self, build: Callable[P, models.QuerySet[M, M]]) -> None:
        """Keep nothing yet."""
        self.question = Prepared(build)
        update_wrapper(self, build)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[M]:
        """Ask, and return the records."""
        assert not kwargs, "a prepared question takes its values by place"
        told = self.question._told(args)
        if told is None:
            return list(self.question.build(*args, **kwargs))
        statement, params = told
        assert statement.making is not None, "a question for whole records names no columns"
        with statements.cursor() as cursor:
            cursor.execute(statement.sql, params)
            found = _converted(cursor.fetchall(), statement.converters)
        return [statement.making.made_of(row) for row in found]


def prepared_records(
    build: Callable[P, models.QuerySet[M, M]],
) -> PreparedRecords[P, M]:
    """Turn a function that builds a queryset of whole records into one that answers with them; its
    arguments are those of a `prepared` question.
    """
    return PreparedRecords(build)


def _converted(found: list[Row], converters: Sequence[tuple[int, Convert]]) -> list[Row]:
    if not found or not converters:
        return found
    columns: list[Any] = list(zip(*found, strict=True))
    for place, convert in converters:
        columns[place] = convert(columns[place])
    return list(zip(*columns, strict=True))


def _shape(args: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The shape of a question and its values in a row; no shape for one that is not kept.

    A list is filled up to the next power of two with its last value, so that few shapes are kept:
    `IN` does not mind a value that stands twice.
    """
    shape: list[Any] = []
    values: list[Any] = []
    for arg in args:
        if isinstance(arg, UUID | str | date):
            shape.append(_kind(arg))
            values.append(arg)
        elif isinstance(arg, list | tuple):
            if not arg or len(arg) > LARGEST:
                return None, []
            size = 1 << (len(arg) - 1).bit_length()
            shape.append((_kind(arg[0]), size))
            values += [*arg, *([arg[-1]] * (size - len(arg)))]
        elif arg is None or isinstance(arg, bool):
            shape.append(arg)
        else:
            raise TypeError(f"no value of a prepared question: {arg!r}")
    return tuple(shape), values


def _kind(value: Any) -> type:
    return UUID if isinstance(value, UUID) else type(value)


def _stand_in(kind: type, number: int) -> Any:
    """A value nobody ever asked about, to find its place in the compiled statement."""
    if issubclass(kind, UUID):
        return uuid4()
    if issubclass(kind, str):
        return f"stand-in {uuid4()}"
    if issubclass(kind, datetime):
        return datetime(9000, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return date(9000 + number // 300, 1 + number % 12, 1 + number % 300 // 12)


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value


def _compile(
    build: Callable[..., models.QuerySet[Any, Any]],
    shape: tuple[Any, ...],
    connection: BaseDatabaseWrapper,
) -> _Statement:
    args: list[Any] = []
    marks: list[Any] = []
    for part in shape:
        if isinstance(part, tuple):
            many = [_stand_in(part[0], len(marks) + number) for number in range(part[1])]
            args.append(many)
            marks += many
        elif isinstance(part, type):
            args.append(_stand_in(part, len(marks)))
            marks.append(args[-1])
        else:
            args.append(part)
    rows = build(*args)
    compiler = rows.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    numbers = {_adapted(mark, connection): number for number, mark in enumerate(marks)}
    places = tuple(
        (place, numbers[param])
        for place, param in enumerate(params)
        if isinstance(param, UUID | str | date) and param in numbers
    )
    missing = set(numbers.values()) - {number for _place, number in places}
    assert not missing, f"{build.__name__}: a value is not used as it is given"
    converters = [converter_of(selected[0], connection) for selected in compiler.select]
    return _Statement(
        sql,
        tuple(params),
        places,
        tuple((at, one) for at, one in enumerate(converters) if one is not as_they_are),
        _making(compiler) if rows._iterable_class is ModelIterable else None,
    )


def _making(compiler: Any) -> _Making:
    info = compiler.klass_info
    places = info["select_fields"]
    return _Making(
        info["model"],
        places[0],
        tuple(compiler.select[place][0].target.attname for place in places),
        tuple(RELATED(info, compiler.select, DEFAULT_DB_ALIAS)),
    )
