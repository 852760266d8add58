"""Publish a count by one or two dimensions, safe alone and together with everything told before
(protection.md 4.9)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, safety
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.models import FrozenFigure, PublicTable, ReleasedFigure, Snapshot
from handup.results.rules.engine import NOT_RECORDED, FactRow, Figure, ValueKind
from handup.results.rules.joint_attack import Cell, Codes, Told, narrow_cells
from handup.results.rules.safe_tables import Outcome, kept, safe_line, safe_table
from handup.results.rules.states import SnapshotState
from handup.results.services.freezing import FigureNotInSnapshot
from handup.results.telling import SnapshotNotFrozen

SENSITIVE = frozenset({"displacement", "disability", "legal_status", "target_category"})
"""Where nobody is as telling as a few."""

COUNTS = frozenset({ValueKind.COUNT_DISTINCT, ValueKind.COUNT})
MOST_LINES = 60
Raw = dict[tuple[str, str], int]


class OnlyCountsArePublished(Refusal):
    """Only a count can be published as a table, no share and no amount."""


class DimensionNotGiven(Refusal):
    """{dimension} is no exclusive breakdown of this figure."""


class SameDimensionTwice(Refusal):
    """Choose two different breakdowns."""


class ChangedSinceFrozen(Refusal):
    """The records behind {code} changed since the snapshot was frozen. Compute a new snapshot."""


class CannotBeMadeSafe(Refusal):
    """Too few are counted here to publish it. Choose a coarser breakdown, or wait for more."""


class TooLittleChanged(Refusal):
    """Only a few changed since the table of {day}: both together would tell of them. Leave that one
    as it is, or wait for more.
    """


class TellsTogether(Refusal):
    """Together with the table of {day} by {dimensions} it would tell of a few. Choose a coarser
    breakdown.
    """


def publish_table(
    *,
    acting_staff: StaffUser,
    snapshot: Snapshot,
    code: str,
    row_dimension: str,
    column_dimension: str = "",
    reason: str = "",
    id: UUID | None = None,
) -> PublicTable:
    """Publish a frozen count by one or two breakdowns; small counts are merged and hidden.

    Raises SamePerson, SnapshotNotFrozen, OnlyCountsArePublished, DimensionNotGiven,
    ChangedSinceFrozen, CannotBeMadeSafe, TooLittleChanged, TellsTogether.
    """
    require(acting_staff, "results.publish_table", snapshot)
    told: dict[str, Any] = {"snapshot": snapshot, "code": code, "row_dimension": row_dimension}
    known = already_stored(PublicTable, id, **told, column_dimension=column_dimension)
    if known is not None:
        return known
    require_other_person(
        acting_staff,
        snapshot.computed_by,
        step="results.publish_table",
        reason=reason,
        obj=snapshot,
    )
    if snapshot.state != SnapshotState.FROZEN:
        raise SnapshotNotFrozen(number=snapshot.number, field="snapshot")
    if row_dimension == column_dimension:
        raise SameDimensionTwice(field="column_dimension")
    raw = _counted(snapshot, code, (row_dimension, column_dimension))
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=snapshot.programme_id)
        before = list(
            PublicTable._base_manager.filter(programme=snapshot.programme_id, code=code).order_by(
                "day", "recorded_at", "id"
            )
        )
        row = PublicTable(
            id=id or new_id(),
            programme=snapshot.programme,
            day=snapshot.day,
            smallest=safety.value("protection.smallest_shown"),
            published_by=acting_staff,
            column_dimension=column_dimension,
            **told,
        )
        same = next((one for one in before if _same(one, row)), None)
        if same is not None:
            return same
        _made_safe(row, _as_told_before(raw, row, before))
        _refuse_small_differences(row, before)
        _refuse_what_tells_together(row, before)
        row.save(force_insert=True)
        audit.record(acting_staff, "results.publish_table", row, {"code": code})
    return row


def _same(one: PublicTable, row: PublicTable) -> bool:
    return one.snapshot_id == row.snapshot_id and _dimensions(one) == _dimensions(row)


def _dimensions(row: PublicTable) -> tuple[str, str]:
    return (row.row_dimension, row.column_dimension)


def _counted(snapshot: Snapshot, code: str, dimensions: tuple[str, str]) -> Raw:
    """The units of a figure by both breakdowns, the same as were frozen."""
    frozen = FrozenFigure._base_manager.filter(snapshot=snapshot, code=code).first()
    if frozen is None:
        raise FigureNotInSnapshot(code=code, field="code")
    kind = definition(code).indicator.value_kind
    if frozen.denominator is not None or frozen.currency or kind not in COUNTS:
        raise OnlyCountsArePublished(field="code")
    facts = Facts(snapshot.programme, snapshot.day, hidden_from_all())
    figure = definition(code).compute(facts)
    if figure.denominator is not None or len({row.unit for row in figure.rows}) != (
        figure.numerator
    ):
        raise OnlyCountsArePublished(field="code")
    if figure.numerator != frozen.numerator:
        raise ChangedSinceFrozen(code=code, field="code")
    for name, dimension in zip(("row_dimension", "column_dimension"), dimensions, strict=True):
        if dimension:
            _refuse_dimension(figure, dimension, name)
    seen: dict[str, tuple[str, str]] = {}
    for row in figure.rows:
        seen.setdefault(row.unit, (_code(row, dimensions[0]), _code(row, dimensions[1])))
    counts = Counter(seen.values())
    rows = sorted({pair[0] for pair in counts})
    columns = sorted({pair[1] for pair in counts})
    if not counts or max(len(rows), len(columns)) > MOST_LINES:
        raise CannotBeMadeSafe(field="row_dimension")
    return {pair: counts.get(pair, 0) for pair in product(rows, columns)}


def _refuse_dimension(figure: Figure, dimension: str, name: str) -> None:
    found = next((one for one in figure.breakdowns if one.dimension == dimension), None)
    if found is None or found.overlapping:
        raise DimensionNotGiven(dimension=dimension, field=name)


def _code(row: FactRow, dimension: str) -> str:
    if not dimension:
        return ""
    value = row.dims.get(dimension) or NOT_RECORDED
    return value if isinstance(value, str) else NOT_RECORDED


def _as_told_before(raw: Raw, row: PublicTable, before: Sequence[PublicTable]) -> Raw:
    """Counts that differ by a few from the last release of the same table stay as they were."""
    last = next((one for one in reversed(before) if _dimensions(one) == _dimensions(row)), None)
    if last is None:
        return raw
    held = {(r, c): count for r, c, count in last.basis["cells"]}
    pairs = {*raw, *held}
    rows, columns = sorted({r for r, _c in pairs}), sorted({c for _r, c in pairs})
    return {
        pair: kept(raw.get(pair, 0), held.get(pair), k=row.smallest)
        for pair in product(rows, columns)
    }


def _made_safe(row: PublicTable, raw: Raw) -> None:
    """Store the table as it may be read, and what it was made of. Raises CannotBeMadeSafe."""
    rows, columns = sorted({r for r, _c in raw}), sorted({c for _r, c in raw})
    is_sensitive = bool(SENSITIVE & {row.row_dimension, row.column_dimension})
    row.basis = {
        "cells": [[r, c, count] for (r, c), count in sorted(raw.items())],
        "least": 0 if is_sensitive else 1,
    }
    told: dict[str, Any]
    if row.column_dimension:
        counts = [[raw[r, c] for c in columns] for r in rows]
        table = safe_table(counts, k=row.smallest, zeros_small=is_sensitive)
        outcome, total = table.outcome, table.total
        told = {
            "rows": [[rows[at] for at in group] for group in table.rows],
            "columns": [[columns[at] for at in group] for group in table.columns],
            "cells": [
                [table.shown(r, c) for c in range(len(table.columns))]
                for r in range(len(table.rows))
            ],
            "row_totals": list(table.row_totals),
            "column_totals": list(table.column_totals) if table.counts else [],
        }
    else:
        line = safe_line([raw[r, ""] for r in rows], k=row.smallest, zeros_small=is_sensitive)
        outcome, total = line.outcome, line.total
        shown = [line.shown(at) for at in range(len(line.line))]
        told = {
            "rows": [[one] for one in rows] if line.line else [],
            "columns": [[""]] if line.line else [],
            "cells": [[one] for one in shown],
            "row_totals": shown,
            "column_totals": [total] if line.line else [],
        }
    if outcome is Outcome.NOT_PUBLISHED:
        raise CannotBeMadeSafe(field="row_dimension")
    row.table = {"outcome": outcome.value, "total": total, **told}


def told_of(row: PublicTable) -> Told:
    """A published table as the attacker reads it."""
    table = row.table
    cells = [Cell((), (), table["total"])]
    for at, group in enumerate(table["rows"]):
        for place, across in enumerate(table["columns"]):
            column = tuple(across) if row.column_dimension else ()
            count = table["cells"][at][place]
            is_small = count is None and _true_count(row, group, across) < row.smallest
            cells.append(Cell(tuple(group), column, count, is_small))
        if row.column_dimension:
            cells.append(Cell(tuple(group), (), table["row_totals"][at]))
    if row.column_dimension:
        for place, across in enumerate(table["columns"]):
            cells.append(Cell((), tuple(across), table["column_totals"][place]))
    return Told(row.day.isoformat(), _dimensions(row), tuple(cells), row.basis["least"])


def _true_count(row: PublicTable, group: Sequence[str], across: Sequence[str]) -> int:
    """What a hidden cell holds."""
    return sum(n for r, c, n in row.basis["cells"] if r in group and c in across)


def _margins(row: PublicTable) -> dict[tuple[str, Codes], int]:
    """What a table tells of each line of one breakdown, and in all."""
    found: dict[tuple[str, Codes], int] = {("", ()): row.table["total"]}
    for dimension, groups, totals in (
        (row.row_dimension, row.table["rows"], row.table["row_totals"]),
        (row.column_dimension, row.table["columns"], row.table["column_totals"]),
    ):
        for group, total in zip(groups, totals, strict=False):
            if dimension and total is not None:
                found[dimension, tuple(group)] = total
    return found


def _refuse_small_differences(row: PublicTable, before: Sequence[PublicTable]) -> None:
    """Refuse a table that differs by a few from what was told: of any day, by any breakdown."""
    mine = _margins(row)
    for one in before:
        theirs = _margins(one)
        if any(0 < abs(mine[key] - theirs[key]) < row.smallest for key in mine.keys() & theirs):
            raise TooLittleChanged(day=one.day, field="row_dimension")
    released = ReleasedFigure._base_manager.filter(
        programme=row.programme_id, code=row.code, numerator__isnull=False
    )
    for told in released:
        assert told.numerator is not None
        if 0 < abs(told.numerator - row.table["total"]) < row.smallest:
            raise TooLittleChanged(day=told.of_day, field="row_dimension")


def _refuse_what_tells_together(row: PublicTable, before: Sequence[PublicTable]) -> None:
    """Attack the table together with every one of the same day, and the last of its own kind."""
    same_day = [one for one in before if one.day == row.day]
    same_kind = [one for one in before if _dimensions(one) == _dimensions(row)][-1:]
    others = [*same_day, *(one for one in same_kind if one not in same_day)]
    if not others:
        return
    rows = [*others, row]
    domains: dict[str, list[str]] = {}
    for one in rows:
        for place, dimension in enumerate(_dimensions(one)):
            if dimension:
                known = domains.setdefault(dimension, [])
                found = {cell[place] for cell in one.basis["cells"]}
                known += sorted(found - set(known))
    narrow = narrow_cells([told_of(one) for one in rows], domains, _unchanged(rows), k=row.smallest)
    if narrow:
        other = others[0]
        names = " \u00d7 ".join(name for name in _dimensions(other) if name)
        raise TellsTogether(day=other.day, dimensions=names, field="row_dimension")


def _unchanged(
    rows: Sequence[PublicTable],
) -> list[tuple[tuple[int, Codes, Codes], tuple[int, Codes, Codes]]]:
    """The counts of the last table that are the same as in one of its kind of another day."""
    last = len(rows) - 1
    row = rows[last]
    found = []
    for at, one in enumerate(rows[:last]):
        if _dimensions(one) != _dimensions(row) or one.day == row.day:
            continue
        held: Mapping[tuple[str, str], int] = {(r, c): n for r, c, n in one.basis["cells"]}
        for r, c, count in row.basis["cells"]:
            if held.get((r, c)) == count:
                column = (c,) if row.column_dimension else ()
                found.append(((at, (r,), column), (last, (r,), column)))
    return found


def as_rows(row: PublicTable) -> list[dict[str, Any]]:
    """A published table line by line: codes of the row, each cell, and the total."""
    table = row.table
    return [
        {"row": group, "cells": table["cells"][at], "total": table["row_totals"][at]}
        for at, group in enumerate(table["rows"])
    ]
