"""A declared indicator as an Ibis expression over fact tables in columns.

Only what every engine reads alike: whole numbers, days, equality of texts, counts and sums of one
row a unit. Nothing is rounded or divided here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

import ibis
from ibis.expr.types import Table

from handup.results.columns.writing import BETWEEN
from handup.results.rules.engine import PeriodKind
from handup.results.rules.expressions import Asked, Col, Declared, Op, Pick, Rows, Test
from handup.results.rules.fact_tables import TABLES

PACK = 4
"""So many dimensions are split by at once; their lines are added up from the cells."""

Derive = Callable[["Lake", Asked], Table]
DERIVED: dict[str, Derive] = {}
"""How each derived table is made; `deriving` fills it."""
USED: Mapping[str, tuple[tuple[str, int], ...]] = {
    "position": (("days", 30),),
    "saver": (("meetings", 3),),
}
"""The parameters a derived table depends on, each with what it is where none is told."""


@dataclass(slots=True)
class Lake:
    """The fact tables of one or more snapshots on an engine.

    programme: only rows of this programme and of the house itself; "" for all. keep: what becomes
    of a derived table, which several indicators ask for: an engine that can makes it once.
    """

    stored: Mapping[str, Table]
    programme: str = ""
    keep: Callable[[Table], Table] = lambda table: table
    derived: dict[Any, Table] = field(default_factory=dict)

    def table(self, name: str, asked: Asked) -> Table:
        """A fact table; a derived one is made for what is asked."""
        if not TABLES[name].derived:
            found = self.stored[name]
            if self.programme:
                found = found.filter(found.programme.isin([self.programme, ""]))
            return found
        told = tuple(asked.params.get(one, default) for one, default in USED.get(name, ()))
        key = (name, asked.cut_off, asked.start, asked.known_at, *told)
        if key not in self.derived:
            self.derived[key] = self.keep(DERIVED[name](self, asked))
        return self.derived[key]


def day(value: date) -> Any:
    """A day as a literal."""
    return ibis.literal(value, type="date")


def passes(table: Table, test: Test, asked: Asked) -> Any:
    """One condition as an expression."""
    held = table[test.column]
    if test.op is Op.KNOWN:
        return held.notnull()
    if test.op is Op.MISSING:
        return held.isnull()
    value = asked.plain(test.value)
    other: Any = value
    if isinstance(value, Col):
        other = table[value.name]
    elif isinstance(value, date):
        other = day(value)
    if test.op in (Op.HOLDS, Op.LACKS):
        held_by = held.contains(f"{BETWEEN}{value}{BETWEEN}")
        return held_by if test.op is Op.HOLDS else ~held_by
    if test.op is Op.IN:
        assert isinstance(value, frozenset)
        return held.isin(sorted(value))
    return {
        Op.IS: lambda: held == other,
        Op.IS_NOT: lambda: held != other,
        Op.LEAST: lambda: held >= other,
        Op.MOST: lambda: held <= other,
        Op.OVER: lambda: held > other,
        Op.UNDER: lambda: held < other,
        Op.NOT_BY: lambda: held.isnull() if other is None else held.isnull() | (held > other),
    }[test.op]()


def all_of(table: Table, conditions: Sequence[Any]) -> Table:
    """The rows that pass every condition."""
    return table.filter(reduce(and_, conditions)) if conditions else table


def chosen(lake: Lake, side: Rows, kind: PeriodKind, asked: Asked) -> Table:
    """The rows one side of an indicator counts, as `rules/evaluation.chosen` chooses them."""
    table = lake.table(side.table, asked)
    first = asked.first_day(kind)
    held = table[side.day]
    conditions = [held.notnull(), held <= day(asked.cut_off)]
    if asked.known_at is not None:
        conditions.append(table["received"] <= asked.known_at)
    if first is not None and side.pick is not Pick.FIRST_EVER:
        conditions.append(held >= day(first))
    conditions += [passes(table, test, asked) for test in side.tests]
    if side.pick is not Pick.ALL:
        conditions.append(table[side.unit].notnull())
    rows = all_of(table, conditions)
    if side.pick is not Pick.ALL:
        order = [side.day, "seq", "record"]
        rows = one_of_each(rows, [side.unit], order, last=side.pick is Pick.LAST)
    if side.pick is Pick.FIRST_EVER and first is not None:
        rows = rows.filter(rows[side.day] >= day(first))
    return all_of(rows, [passes(rows, test, asked) for test in side.after])


def one_of_each(
    rows: Table, units: Sequence[str], order: Sequence[str], *, last: bool = False
) -> Table:
    """The first (last) row of each unit in an order."""
    by = [ibis.desc(rows[name]) if last else rows[name] for name in order]
    window = ibis.window(group_by=[rows[name] for name in units], order_by=by)
    numbered = rows.mutate(place_=ibis.row_number().over(window))
    return numbered.filter(numbered.place_ == 0).drop("place_")


def packs(item: Declared, dimensions: Sequence[str] | None, lake: Lake) -> list[tuple[str, ...]]:
    """The dimensions an indicator is split by, in packs; always at least one, empty for none.

    A snapshot without status and disability cannot be split by them.
    """
    wanted = item.dimensions if dimensions is None else dimensions
    tables = [lake.stored.get(side.table) for _base, side in item.sides]
    if item.counted.table in LENT:
        tables.append(lake.stored.get("loan"))
    if item.counted.table in VISITED:
        tables.append(lake.stored.get("check"))
    held = [
        name
        for name in wanted
        if name in item.dimensions
        and all(table is None or name in table.columns for table in tables)
    ]
    return [tuple(held[at : at + PACK]) for at in range(0, len(held), PACK)] or [()]


HOLDERS = ("person", "grp", "enterprise", "seller")
LENT = frozenset({"position", "ending", "fallen_due", "first_due", "borrower", "loss"})
"""Derived tables with the columns of a loan."""
VISITED = frozenset({"life", "segment_move", "job_change"})
"""Derived tables with the columns of a visit to an enterprise."""


def cells(
    item: Declared,
    lake: Lake,
    kind: PeriodKind,
    asked: Asked,
    dimensions: Sequence[str] | None = None,
    *,
    by_holder: bool = False,
) -> list[Table]:
    """The counts of an indicator by side, pack and code, each a table of the same columns:
    code, side, pack, d1 … d4, currency, n, and m, the persons behind an amount.

    by_holder: of amounts also sides 3, 4 and 5, of what is counted, what it is of, and what lies
    between: n is the largest part of one holder, m how many have any.
    """
    found = _by_holder(item, lake, kind, asked) if by_holder else []
    if item.method in ("SURVIVAL", "MEDIAN"):
        found.append(_spread(item, lake, kind, asked))
    for side, rows in enumerate(rows for _base, rows in item.sides):
        table = chosen(lake, rows, kind, asked)
        for pack, names in enumerate(packs(item, dimensions, lake)):
            placed = table
            if side == 0 and item.base is not None and item.in_one_line and names:
                base = chosen(lake, item.base, kind, asked)
                placed = _in_one_line(table, base, rows.unit, names)
            found.append(_counted(item, rows, placed, (side, pack), names))
    return found


def _in_one_line(table: Table, base: Table, unit: str, names: Sequence[str]) -> Table:
    """What is counted with each unit in the line of what it is counted of, where it stands there
    (`Declared.in_one_line`).
    """
    lines = {f"{name}_base": base[name] for name in names}
    other = base.select(unit_base=base[unit], stands_base=ibis.literal(True), **lines)
    both = table.left_join(other, table[unit] == other["unit_base"])
    there = both["stands_base"].notnull()
    return both.mutate(
        **{name: ibis.ifelse(there, both[f"{name}_base"], both[name]) for name in names}
    )


def _counted(
    item: Declared, side: Rows, table: Table, at: tuple[int, int], names: Sequence[str]
) -> Table:
    told = {f"d{place}": table[name] for place, name in enumerate(names, 1)}
    currency = item.money if item.money and side.amount else ""
    if currency:
        told["currency"] = table[currency]
    count = table[side.amount].sum() if side.amount else table.count()
    whose = _holders(table) if side.amount else table.count()
    grouped = table.group_by(**told) if told else table
    return _shaped(grouped.aggregate(n=count, m=whose), item.code, at)


def _by_holder(item: Declared, lake: Lake, kind: PeriodKind, asked: Asked) -> list[Table]:
    """The largest part of one holder and how many have any, by currency; nothing where a side is no
    amount of holders.
    """
    parts = []
    for is_base, side in item.sides:
        table = chosen(lake, side, kind, asked)
        held = [table[name] for name in HOLDERS if name in table.columns]
        if not held or not side.amount:
            return []
        units, none = table[side.amount], ibis.literal(0, type="int64")
        parts.append(
            table.select(
                holder=ibis.coalesce(*held, table["record"]),
                currency=table[item.money] if item.money else ibis.literal("", type="string"),
                a=none if is_base else units,
                b=units if is_base else none,
            )
        )
    both = ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
    each = both.group_by(["holder", "currency"]).aggregate(
        a=both["a"].sum().cast("int64"), b=both["b"].sum().cast("int64")
    )
    each = each.mutate(c=each["b"] - each["a"])
    return [
        _shaped(
            each.group_by("currency").aggregate(
                n=each[name].max(), m=ibis.ifelse(each[name] > 0, 1, 0).sum()
            ),
            item.code,
            (side, 0),
        )
        for side, name in zip((3, 4, 5), "abc" if item.base else "a", strict=False)
    ]


def _holders(table: Table) -> Any:
    """How many stand behind amounts: persons, of what nobody took alone groups, enterprises, else
    records."""
    held = [table[name] for name in HOLDERS if name in table.columns]
    return ibis.coalesce(*held, table["record"]).nunique() if held else table.count()


def _spread(item: Declared, lake: Lake, kind: PeriodKind, asked: Asked) -> Table:
    """How many units have each value: what a rule in Python works a share or a median out of, of
    money by currency."""
    side = item.base if item.method == "SURVIVAL" and item.base else item.counted
    table = chosen(lake, side, kind, asked)
    if item.method == "SURVIVAL":
        told = {
            "d1": table["months"].cast("string"),
            "d2": table["closed"].cast("int64").cast("string"),
        }
    else:
        told = {"d1": table[side.amount].cast("string"), "currency": table[item.money]}
    return _shaped(
        table.group_by(**told).aggregate(n=table.count(), m=table.count()), item.code, (2, 0)
    )


def _shaped(table: Table, code: str, at: tuple[int, int]) -> Table:
    """The same columns for every count."""
    text = [f"d{place}" for place in range(1, PACK + 1)] + ["currency"]
    empty = ibis.literal("", type="string")
    return table.select(
        code=ibis.literal(code, type="string"),
        side=ibis.literal(at[0], type="int64"),
        pack=ibis.literal(at[1], type="int64"),
        **{
            name: table[name].cast("string").fill_null("") if name in table.columns else empty
            for name in text
        },
        n=table["n"].cast("int64"),
        m=table["m"].cast("int64"),
    )
