"""A declared indicator over rows in memory: the same figure as over a snapshot in columns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from handup.results.rules.engine import FactRow, PeriodKind
from handup.results.rules.expressions import Asked, Cell, Col, Op, Pick, Row, Rows, Test

Check = Callable[[Any, Any], bool]
_KNOWN: Mapping[Op, Check] = {
    Op.IS: lambda held, value: held == value,
    Op.IS_NOT: lambda held, value: held != value,
    Op.IN: lambda held, value: held in value,
    Op.LEAST: lambda held, value: held >= value,
    Op.MOST: lambda held, value: held <= value,
    Op.OVER: lambda held, value: held > value,
    Op.UNDER: lambda held, value: held < value,
    Op.HOLDS: lambda held, value: value in held,
    Op.LACKS: lambda held, value: value not in held,
}


def passes(row: Row, test: Test, asked: Asked) -> bool:
    """Whether a row passes one test."""
    held: Any = row[test.column]
    if test.op is Op.KNOWN:
        return held is not None
    if test.op is Op.MISSING:
        return held is None
    value = asked.plain(test.value)
    other: Any = row[value.name] if isinstance(value, Col) else value
    if test.op is Op.NOT_BY:
        return held is None or bool(other is not None and held > other)
    return held is not None and other is not None and _KNOWN[test.op](held, other)


def chosen(rows: Iterable[Row], side: Rows, kind: PeriodKind, asked: Asked) -> list[Row]:
    """The rows of a table that one side of an indicator counts, in the order of the table."""
    first = asked.first_day(kind)
    known = [row for row in rows if _is_known(row, asked)]
    held = [
        (place, row)
        for place, row in enumerate(known)
        if _in_time(row, side.day, None if side.pick is Pick.FIRST_EVER else first, asked.cut_off)
        and all(passes(row, test, asked) for test in side.tests)
    ]
    if side.pick is not Pick.ALL:
        held = _picked(held, side)
    if side.pick is Pick.FIRST_EVER and first is not None:
        held = [(place, row) for place, row in held if _day(row, side.day) >= first]
    return [row for _place, row in held if all(passes(row, test, asked) for test in side.after)]


def _is_known(row: Row, asked: Asked) -> bool:
    if asked.known_at is None:
        return True
    received: Any = row["received"]
    return received is not None and bool(received <= asked.known_at)


def _day(row: Row, column: str) -> date:
    held = row[column]
    assert isinstance(held, date)
    return held


def _in_time(row: Row, column: str, first: date | None, last: date) -> bool:
    held: Any = row[column]
    return held is not None and (first is None or held >= first) and bool(held <= last)


def _picked(held: Sequence[tuple[int, Row]], side: Rows) -> list[tuple[int, Row]]:
    """One row of each unit; rows without the unit count for nobody."""
    found: dict[Cell, tuple[int, Row]] = {}
    for place, row in held:
        unit = row[side.unit]
        if unit is None:
            continue
        before = found.get(unit)
        if before is None:
            found[unit] = (place, row)
            continue
        later = (_day(row, side.day), place) > (_day(before[1], side.day), before[0])
        if later is (side.pick is Pick.LAST):
            found[unit] = (place, row)
    return sorted(found.values(), key=lambda pair: pair[0])


def fact_rows(
    rows: Iterable[Row],
    side: Rows,
    dimensions: Sequence[str],
    shown: Callable[[str, Cell], "str | frozenset[str]"],
) -> list[FactRow]:
    """Chosen rows as the figures of a report keep them; `shown` words a code of a dimension."""
    kind, named = side.opens
    found = []
    for row in rows:
        unit, record, amount = row[side.unit], row[named], row[side.amount] if side.amount else 1
        assert isinstance(amount, int)
        whose = row.get("person") or row.get("grp") or row.get("enterprise")
        found.append(
            FactRow(
                str(unit),
                _day(row, side.day),
                kind if kind != "subject" else str(row["subject_kind"]).lower(),
                str(record),
                amount,
                str(row.get("currency") or "") if side.amount else "",
                dims={name: shown(name, row.get(name)) for name in dimensions},
                holder="" if whose is None or whose == unit else str(whose),
                weight=_weight(row),
                stratum=str(row.get("stratum") or ""),
                cluster=str(row.get("cluster") or ""),
            )
        )
    return found


def _weight(row: Row) -> Fraction:
    above, below = row.get("weight_numerator"), row.get("weight_denominator")
    if not isinstance(above, int) or not isinstance(below, int):
        return Fraction(1)
    return Fraction(above, below)
