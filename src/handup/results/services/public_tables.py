"""Publish a count by one or two dimensions, safe alone and together with everything told before
(protection.md 4.9)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
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
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    PublicTable,
    ReleasedFigure,
    Snapshot,
)
from handup.results.published import PERSONAL
from handup.results.rules.engine import NOT_RECORDED, FactRow, Figure, ValueKind
from handup.results.rules.iati.states import ExchangeState
from handup.results.rules.joint_attack import Cell, Codes, Told, narrow_cells
from handup.results.rules.safe_tables import Outcome, kept, safe_line, safe_table
from handup.results.rules.states import SnapshotState
from handup.results.services.freezing import FigureNotInSnapshot, NotTheLast
from handup.results.telling import SnapshotNotFrozen

SENSITIVE = frozenset({"displacement", "disability", "legal_status", "target_category"})
"""Where nobody is as telling as a few."""

COUNTS = frozenset({ValueKind.COUNT_DISTINCT, ValueKind.COUNT})
MOST_LINES = 60
Raw = dict[tuple[str, str], int]
Place = tuple[tuple[str, frozenset[str]], ...]
"""Of which lines of which breakdowns something is told; of none of them: of all."""


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

    The same breakdowns the other way round are the same table. Raises SamePerson,
    SnapshotNotFrozen, NotTheLast, OnlyCountsArePublished, DimensionNotGiven, ChangedSinceFrozen,
    CannotBeMadeSafe, TooLittleChanged, TellsTogether.
    """
    require(acting_staff, "results.publish_table", snapshot)
    told: dict[str, Any] = {"snapshot": snapshot, "code": code, "row_dimension": row_dimension}
    known = already_stored(PublicTable, id, acting_staff, **told, column_dimension=column_dimension)
    if known is not None:
        return known
    require_other_person(
        acting_staff,
        snapshot.computed_by,
        step="results.publish_table",
        reason=reason,
        obj=snapshot,
    )
    _refuse_snapshot(snapshot)
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
        _refuse_moves_of_few(row, before)
        _refuse_what_tells_together(row, before)
        row.save(force_insert=True)
        audit.record(acting_staff, "results.publish_table", row, {"code": code})
    return row


def _refuse_snapshot(snapshot: Snapshot) -> None:
    if snapshot.state != SnapshotState.FROZEN:
        raise SnapshotNotFrozen(number=snapshot.number, field="snapshot")
    later = Snapshot._base_manager.filter(supersedes=snapshot, state=SnapshotState.FROZEN.value)
    if later.exists():
        raise NotTheLast(number=snapshot.number, field="snapshot")


def _same(one: PublicTable, row: PublicTable) -> bool:
    return one.snapshot_id == row.snapshot_id and _is_of_kind(one, row)


def _dimensions(row: PublicTable) -> tuple[str, str]:
    return (row.row_dimension, row.column_dimension)


def _is_of_kind(one: PublicTable, row: PublicTable) -> bool:
    """Whether both break down by the same, either way round."""
    return set(_dimensions(one)) == set(_dimensions(row))


def _held(one: PublicTable, row: PublicTable) -> Raw:
    """What a table of the same kind was made of, the way round the other one has."""
    if _dimensions(one) == _dimensions(row):
        return {(r, c): count for r, c, count in one.basis["cells"]}
    return {(c, r): count for r, c, count in one.basis["cells"]}


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
        if dimension or name == "row_dimension":
            _refuse_dimension(figure, frozen, dimension, name)
    if not frozen.may_leave:
        raise CannotBeMadeSafe(field="code")
    seen: dict[str, tuple[str, str]] = {}
    for row in figure.rows:
        seen.setdefault(row.unit, (_code(row, dimensions[0]), _code(row, dimensions[1])))
    counts = Counter(seen.values())
    rows = sorted({pair[0] for pair in counts})
    columns = sorted({pair[1] for pair in counts})
    if not counts or max(len(rows), len(columns)) > MOST_LINES:
        raise CannotBeMadeSafe(field="row_dimension")
    _refuse_few_behind_many(figure.rows, seen)
    return {pair: counts.get(pair, 0) for pair in product(rows, columns)}


def _refuse_dimension(figure: Figure, frozen: FrozenFigure, dimension: str, name: str) -> None:
    found = next((one for one in figure.breakdowns if one.dimension == dimension), None)
    if found is None or found.overlapping:
        raise DimensionNotGiven(dimension=dimension, field=name)
    then = {line["code"]: line["numerator"] for line in frozen.lines[dimension]["lines"]}
    if then != {line.code: line.numerator for line in found.lines}:
        raise ChangedSinceFrozen(code=frozen.code, field="code")


def _refuse_few_behind_many(rows: Iterable[FactRow], seen: Mapping[str, tuple[str, str]]) -> None:
    """Refuse a count that is large only because a few persons have several each (of loans)."""
    k = safety.value("protection.smallest_shown")
    units: dict[tuple[str, str], set[str]] = {}
    holders: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        line, column = seen[row.unit]
        for place in ((line, column), (line, ""), ("", column)):
            if row.kind in PERSONAL:
                holders.setdefault(place, set()).add(row.whose)
                units.setdefault(place, set()).add(row.unit)
    if any(len(whose) < k <= len(units[place]) for place, whose in holders.items()):
        raise CannotBeMadeSafe(field="row_dimension")


def _code(row: FactRow, dimension: str) -> str:
    if not dimension:
        return ""
    value = row.dims.get(dimension) or NOT_RECORDED
    return value if isinstance(value, str) else NOT_RECORDED


def _as_told_before(raw: Raw, row: PublicTable, before: Sequence[PublicTable]) -> Raw:
    """Counts that differ by a few from the last release of the same table stay as they were."""
    last = next((one for one in reversed(before) if _is_of_kind(one, row)), None)
    if last is None:
        return raw
    held = _held(last, row)
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


def _shown(row: PublicTable) -> dict[Place, int]:
    """Every count a table tells: in all, of each line of one breakdown, of both together."""
    table = row.table
    found: dict[Place, int] = {(): table["total"]}
    for dimension, groups, totals in (
        (row.row_dimension, table["rows"], table["row_totals"]),
        (row.column_dimension, table["columns"], table["column_totals"]),
    ):
        for group, total in zip(groups, totals, strict=False):
            if dimension and total is not None:
                found[((dimension, frozenset(group)),)] = total
    if row.column_dimension:
        for line, counts in zip(table["rows"], table["cells"], strict=True):
            for across, count in zip(table["columns"], counts, strict=True):
                if count is not None:
                    pair = zip(_dimensions(row), (line, across), strict=True)
                    found[tuple(sorted((name, frozenset(group)) for name, group in pair))] = count
    return found


def _shown_in_file(told: Mapping[str, Any]) -> dict[Place, int]:
    """Every count of one figure that a file for another system tells."""
    found: dict[Place, int] = {(): int(told["numerator"])}
    for dimension, lines in told["lines"].items():
        found |= {((dimension, frozenset([code])),): int(n) for code, n in lines.items()}
    return found


def _differ_by_few(one: Mapping[Place, int], other: Mapping[Place, int], k: int) -> bool:
    """Whether a few make the difference between two counts of the same lines, or of lines that
    were put together and some of them.
    """
    if any(0 < abs(one[place] - other[place]) < k for place in one.keys() & other.keys()):
        return True
    for whole, parts in ((one, other), (other, one)):
        merged = [place for place in whole if any(len(group) > 1 for _name, group in place)]
        for place in merged:
            within = (part for part in parts if _lies_within(part, place))
            if any(0 < abs(whole[place] - parts[part]) < k for part in within):
                return True
    return False


def _lies_within(part: Place, whole: Place) -> bool:
    if part == whole or [name for name, _group in part] != [name for name, _group in whole]:
        return False
    return all(some <= every for (_a, some), (_b, every) in zip(part, whole, strict=True))


def _refuse_small_differences(row: PublicTable, before: Sequence[PublicTable]) -> None:
    """Refuse a table that differs by a few from what was told: of any day, by any breakdown, in a
    table, in a file for another system, or to partners.
    """
    mine = _shown(row)
    told = [(one.day, _shown(one)) for one in before]
    files = ExchangeFile._base_manager.filter(
        programme=row.programme_id,
        state__in=(ExchangeState.PUBLISHED.value, ExchangeState.REPLACED.value),
    )
    for day, figures in files.values_list("snapshot__day", "figures"):
        if row.code in figures:
            told.append((day, _shown_in_file(figures[row.code])))
    released = ReleasedFigure._base_manager.filter(
        programme=row.programme_id, code=row.code, numerator__isnull=False
    )
    for day, total in released.values_list("of_day", "numerator"):
        assert total is not None
        told.append((day, {(): total}))
    for day, theirs in told:
        if _differ_by_few(mine, theirs, row.smallest):
            raise TooLittleChanged(day=day, field="row_dimension")


Parts = dict[tuple[str, str], dict[str, set[str]]]
"""Of each count: who stands behind it, with what of hers is counted."""


def _parts(row: PublicTable, day: date) -> Parts:
    """Who stands behind each count of a table, as of a day; none where each is counted once."""
    figure = definition(row.code).compute(Facts(row.programme, day, hidden_from_all()))
    found: Parts = {}
    if all(one.whose == one.unit for one in figure.rows):
        return found
    for one in figure.rows:
        line, column = (_code(one, name) for name in _dimensions(row))
        for place in ((line, column), (line, ""), ("", column), ("", "")):
            found.setdefault(place, {}).setdefault(one.whose, set()).add(one.unit)
    return found


def _refuse_moves_of_few(row: PublicTable, before: Sequence[PublicTable]) -> None:
    """Refuse a count that moved by enough loans since an earlier day, but of a few persons."""
    days = {one.day for one in before} - {row.day}
    now = _parts(row, row.day) if days else {}
    for day in sorted(days) if now else ():
        then = _parts(row, day)
        for place in now.keys() | then.keys():
            mine, theirs = now.get(place, {}), then.get(place, {})
            moved = [who for who in {*mine, *theirs} if mine.get(who) != theirs.get(who)]
            by = sum(map(len, mine.values())) - sum(map(len, theirs.values()))
            if len(moved) < row.smallest <= abs(by):
                raise TooLittleChanged(day=day, field="row_dimension")


def _refuse_what_tells_together(row: PublicTable, before: Sequence[PublicTable]) -> None:
    """Attack the table together with every one of the same day, and the last of its own kind."""
    same_day = [one for one in before if one.day == row.day]
    same_kind = [one for one in before if _is_of_kind(one, row)][-1:]
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
    found: list[tuple[tuple[int, Codes, Codes], tuple[int, Codes, Codes]]] = []
    for at, one in enumerate(rows[:last]):
        if not _is_of_kind(one, row) or one.day == row.day:
            continue
        held, is_turned = _held(one, row), _dimensions(one) != _dimensions(row)
        for r, c, count in row.basis["cells"]:
            if held.get((r, c)) == count:
                column: Codes = (c,) if row.column_dimension else ()
                then = (at, column, (r,)) if is_turned else (at, (r,), column)
                found.append((then, (last, (r,), column)))
    return found


def as_rows(row: PublicTable) -> list[dict[str, Any]]:
    """A published table line by line: codes of the row, each cell, and the total."""
    table = row.table
    return [
        {"row": group, "cells": table["cells"][at], "total": table["row_totals"][at]}
        for at, group in enumerate(table["rows"])
    ]
