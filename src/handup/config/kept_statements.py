"""Statements that are written once: most pages ask the same questions with other values, and to
write one costs some twenty times what the database needs to answer it.

What a statement depends on is read from the question: its model, joins, conditions, order, limits.
Two questions of one shape differ in their values alone. A question with anything that is not known
here is written by Django each time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import lookups, sql
from django.db.models.expressions import Col, Exists, F, NegatedExpression, OrderBy, Value
from django.db.models.fields import related_lookups
from django.db.models.sql.constants import GET_ITERATOR_CHUNK_SIZE, MULTI
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.where import WhereNode

MOST = 4_000
"""How many statements and shapes are kept; beyond, all begin anew."""
LONGEST = 64
"""A longer list of values has a shape of its own too often to be kept."""
ONE_VALUE = frozenset(
    {
        lookups.Exact,
        lookups.GreaterThan,
        lookups.GreaterThanOrEqual,
        lookups.LessThan,
        lookups.LessThanOrEqual,
        lookups.IntegerFieldExact,
        lookups.IntegerGreaterThan,
        lookups.IntegerGreaterThanOrEqual,
        lookups.IntegerLessThan,
        lookups.IntegerLessThanOrEqual,
        lookups.In,
        lookups.IsNull,
        related_lookups.RelatedExact,
        related_lookups.RelatedIn,
        related_lookups.RelatedIsNull,
    }
)
"""Conditions on a column whose SQL depends on how many values there are, and on no value."""


class NotKept(Exception):
    """Something stands in the question that is not known here."""


@dataclass(slots=True, eq=False)
class Kept:
    """A statement as it was written, with what its rows are read by. `named`: what the shape knows
    by its id, which stays its own for as long as the statement is kept."""

    sql: str
    select: list[Any]
    klass_info: Any
    annotation_col_map: Any
    has_extra_select: bool
    named: list[Any]


@dataclass(slots=True)
class Shape:
    """What a question is like, and the values that stand in it."""

    compiler: Any
    values: list[Any] = field(default_factory=list)
    named: list[Any] = field(default_factory=list)

    def of_query(self, query: Any) -> tuple[Any, ...]:
        """The shape of a question. Raises NotKept."""
        kind = type(query)
        if kind is not sql.Query or (
            query.combinator
            or query.extra
            or query.extra_tables
            or query.extra_order_by
            or query.group_by is not None
            or query.distinct_fields
            or query.select_for_update
            or query.explain_info
            or query._filtered_relations
        ):
            raise NotKept
        fields, defer = query.deferred_loading
        return (
            query.model,
            query.default_cols,
            tuple(self.of_column(one) for one in query.select),
            None if query.selected is None else tuple(query.selected.items()),
            tuple(self.of_annotation(*one) for one in query.annotations.items()),
            None
            if query.annotation_select_mask is None
            else frozenset(query.annotation_select_mask),
            tuple(query.values_select),
            _of_related(query.select_related),
            query.max_depth,
            tuple(_of_order(one) for one in query.order_by),
            query.standard_ordering,
            query.default_ordering,
            query.low_mark,
            query.high_mark,
            query.distinct,
            frozenset(fields),
            defer,
            query.subquery,
            query.alias_prefix,
            tuple(query.external_aliases.items()),
            tuple((name, tuple(aliases)) for name, aliases in query.table_map.items()),
            tuple(
                self.of_table(alias, table, query.alias_refcount[alias] > 0)
                for alias, table in query.alias_map.items()
            ),
            self.of_conditions(query.where),
        )

    def of_column(self, column: Any) -> tuple[Any, ...]:
        """A column by its alias and its field. Raises NotKept."""
        if type(column) is not Col:
            raise NotKept
        self.named += (column.target, column.output_field)
        return column.alias, id(column.target), id(column.output_field)

    def of_annotation(self, name: str, one: Any) -> tuple[Any, ...]:
        """The 1 of a question whether there is any. Raises NotKept."""
        if type(one) is not Value or type(one.value) is not int:
            raise NotKept
        self.values.append(one.value)
        return name, one.value

    def of_table(self, alias: str, table: Any, used: bool) -> tuple[Any, ...]:
        """A table and how it is joined. Raises NotKept."""
        if type(table) is BaseTable:
            return alias, table.table_name, used
        if type(table) is not Join or table.filtered_relation is not None:
            raise NotKept
        self.named.append(table.join_field)
        return (alias, table.table_name, used, table.parent_alias, table.join_type,
                table.nullable, id(table.join_field))  # fmt: skip

    def of_conditions(self, node: Any) -> tuple[Any, ...]:
        """Conditions, their values put aside in the order they are written. Raises NotKept."""
        kind = type(node)
        if kind in ONE_VALUE:
            return kind, *self.of_condition(node)
        if kind is WhereNode:
            parts = [self.of_conditions(one) for one in node.children]
            return node.connector, node.negated, *parts
        return self.of_existence(node)

    def of_existence(self, node: Any) -> tuple[Any, ...]:
        """That there is a row, or none. Raises NotKept."""
        kind = type(node)
        inner = node.expression if kind is NegatedExpression else node
        if type(inner) is not Exists:
            raise NotKept
        return kind, self.of_query(inner.query)

    def of_condition(self, node: Any) -> tuple[Any, ...]:
        """One condition on a column. Raises NotKept."""
        if node.bilateral_transforms:
            raise NotKept
        told = node.rhs
        if type(node.lhs) is not Col:
            if type(node) is not lookups.Exact or type(told) is not bool:
                raise NotKept
            return told, *self.of_existence(node.lhs)
        column = self.of_column(node.lhs)
        if type(told) is bool:
            return column, told
        if type(told) is Col:
            return column, self.of_column(told)
        if type(told) is sql.Query:
            return column, self.of_query(told)
        if hasattr(told, "as_sql"):
            raise NotKept
        marks, values = node.process_rhs(self.compiler, self.compiler.connection)
        if len(values) > LONGEST:
            raise NotKept
        self.values += values
        return column, marks


def _of_order(one: Any) -> Any:
    """What rows are ordered by: a name, or a column up or down. Raises NotKept."""
    if type(one) is str:
        return one
    if type(one) is not OrderBy or type(one.expression) is not F:
        raise NotKept
    named: Any = one.expression
    return named.name, one.descending, one.nulls_first, one.nulls_last


def _of_related(asked: Any) -> Any:
    """Which records come along, as something that can be compared."""
    if type(asked) is bool:
        return asked
    return tuple((name, _of_related(inner)) for name, inner in asked.items())


_statements: dict[Any, Kept | None] = {}


def forget() -> None:
    """Keep nothing any more."""
    _statements.clear()


class KeptStatements:
    """Goes before a compiler of Django's: it hands out what was written before."""

    query: Any
    connection: Any
    elide_empty: bool
    select: Any
    kept: Kept | None = None

    def as_sql(
        self, with_limits: bool = True, with_col_aliases: bool = False
    ) -> tuple[str, tuple[Any, ...]]:
        """The statement and its values."""
        above: Any = super()
        self.kept = None
        if not with_limits or with_col_aliases or self.query.subquery or not self.elide_empty:
            return self._plain(above.as_sql(with_limits, with_col_aliases))
        shape = Shape(self)
        try:
            key = self.connection.vendor, shape.of_query(self.query)
            kept = _statements[key]
        except (NotKept, EmptyResultSet, FullResultSet):
            return self._plain(above.as_sql())
        except KeyError:
            written = above.as_sql()
            self._keep(key, shape, *written)
            return self._plain(written)
        if kept is None:
            return self._plain(above.as_sql())
        return self._handed_out(kept, shape)

    @staticmethod
    def _plain(written: Any) -> tuple[str, tuple[Any, ...]]:
        return written[0], tuple(written[1])

    def _keep(self, key: Any, shape: Shape, statement: str, params: Iterable[Any]) -> None:
        """Keep what was written, unless its values stand elsewhere than it was thought."""
        if len(_statements) >= MOST:
            _statements.clear()
        plain: Any = self
        _statements[key] = (
            Kept(
                statement,
                plain.select,
                plain.klass_info,
                plain.annotation_col_map,
                plain.has_extra_select,
                shape.named,
            )
            if tuple(params) == tuple(shape.values)
            else None
        )

    def _handed_out(self, kept: Kept, shape: Shape) -> tuple[str, tuple[Any, ...]]:
        plain: Any = self
        self.kept = kept
        self.select, plain.klass_info = kept.select, kept.klass_info
        plain.annotation_col_map = kept.annotation_col_map
        plain.col_count, plain.has_extra_select = len(kept.select), kept.has_extra_select
        return kept.sql, tuple(shape.values)

    def get_converters(self, expressions: Any) -> Any:
        """How columns are read; of a kept statement asked once on each connection."""
        above: Any = super()
        if self.kept is None:
            return above.get_converters(expressions)
        known: dict[Kept, Any] = self.connection.__dict__.setdefault("kept_converters", {})
        if self.kept not in known:
            if len(known) >= MOST:
                known.clear()
            known[self.kept] = above.get_converters(expressions)
        return known[self.kept]

    def results_iter(
        self,
        results: Any = None,
        tuple_expected: bool = False,
        chunked_fetch: bool = False,
        chunk_size: int = GET_ITERATOR_CHUNK_SIZE,
    ) -> Iterator[Any]:
        """The rows; where there is none, nothing is made ready to read them."""
        plain: Any = self
        above: Any = super()
        if results is None:
            results = plain.execute_sql(MULTI, chunked_fetch=chunked_fetch, chunk_size=chunk_size)
        if type(results) is list and not results:
            return iter(())
        rows: Iterator[Any] = above.results_iter(results, tuple_expected)
        return rows
