"""Publish a count by one or two dimensions, safe alone and together with everything told before
(protection.md 4.9)."""

from collections.abc import Mapping, Sequence
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
from handup.results.beside_areas import (
    BESIDE,
    BY_AREA,
    BY_PLACE,
    areas_of_places,
    counts_in,
)
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    PublicTable,
    ReleasedFigure,
    Snapshot,
)
from handup.results.models.public_tables import COUNTED, NO, YES
from handup.results.rules.iati.states import ExchangeState
from handup.results.rules.joint_attack import Cell, Codes, Told, narrow_cells
from handup.results.rules.safe_tables import Outcome, kept, safe_line, safe_table
from handup.results.rules.states import SnapshotState
from handup.results.services.freezing import NotTheLast
from handup.results.services.same_people import refuse_same_people_elsewhere
from handup.results.services.table_counts import (
    WITHIN,
    CannotBeMadeSafe,
    Raw,
    counted_by,
    is_share,
    line_of_row,
    rows_of_table,
)
from handup.results.telling import SnapshotNotFrozen

SENSITIVE = frozenset({"displacement", "disability", "legal_status", "target_category"})
"""Where nobody is as telling as a few."""

Place = tuple[tuple[str, frozenset[str]], ...]
"""Of which lines of which breakdowns something is told; of none of them: of all."""


class ShareByOne(Refusal):
    """A share is told by one breakdown at a time. Leave the columns empty."""


class SameDimensionTwice(Refusal):
    """Choose two different breakdowns."""


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
    SnapshotNotFrozen, NotTheLast, SameDimensionTwice, ShareByOne, TooLittleChanged,
    TellsTogether, SamePeopleElsewhere and what `counted_by` raises.
    """
    require(acting_staff, "results.publish_table", snapshot)
    told: dict[str, Any] = {"snapshot": snapshot, "code": code, "row_dimension": row_dimension}
    column_dimension = _columns(snapshot, code, column_dimension)
    known = already_stored(PublicTable, id, acting_staff, **told, column_dimension=column_dimension)
    if known is not None:
        return known
    act = "results.publish_table"
    require_other_person(acting_staff, snapshot.computed_by, step=act, reason=reason, obj=snapshot)
    _refuse_snapshot(snapshot)
    if row_dimension == column_dimension:
        raise SameDimensionTwice(field="column_dimension")
    raw = counted_by(snapshot, code, (row_dimension, column_dimension))
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
        _refuse_lost_share(row)
        _refuse_small_differences(row, before)
        _refuse_moves_of_few(row, before)
        _refuse_what_tells_together(row, before)
        refuse_same_people_elsewhere(row)
        row.save(force_insert=True)
        audit.record(acting_staff, "results.publish_table", row, {"code": code})
    return row


def _columns(snapshot: Snapshot, code: str, asked: str) -> str:
    """The columns of a table: of a share who is counted and who is not. Raises ShareByOne."""
    if not is_share(snapshot, code):
        return asked
    if asked not in ("", COUNTED):
        raise ShareByOne(field="column_dimension")
    return COUNTED


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
    is_sensitive = bool(SENSITIVE & {name.partition("=")[0] for name in _dimensions(row)})
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


def _refuse_lost_share(row: PublicTable) -> None:
    """Refuse a share of which the two sides had to be put together: nothing is left to tell."""
    if row.is_share and [YES] not in row.table["columns"]:
        raise CannotBeMadeSafe(field="row_dimension")


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
    """Every count of one figure that a file for another system tells; a line of a set that overlaps
    others also as who stands in it.
    """
    found = _in_all(int(told["numerator"]), told["denominator"])
    for dimension, lines in told["lines"].items():
        for code, n in lines.items():
            found[((dimension, frozenset([code])),)] = int(n)
            found[((f"{dimension}={code}", frozenset([WITHIN])),)] = int(n)
    return found


def _in_all(numerator: int, denominator: int | None) -> dict[Place, int]:
    """What a figure tells in all: a count; of a share who is counted, who is not, and both."""
    if denominator is None:
        return {(): numerator}
    sides = {YES: numerator, NO: denominator - numerator}
    return {(): denominator} | {
        ((COUNTED, frozenset([side])),): count for side, count in sides.items()
    }


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
    for day, total, whole in released.values_list("of_day", "numerator", "denominator"):
        assert total is not None
        told.append((day, _in_all(total, whole)))
    for day, theirs in told:
        if _differ_by_few(mine, theirs, row.smallest):
            raise TooLittleChanged(day=day, field="row_dimension")


Parts = dict[tuple[str, str], dict[str, set[str]]]
"""Of each count: who stands behind it, with what of hers is counted."""


def _parts(row: PublicTable, day: date) -> Parts:
    """Who stands behind each count of a table, as of a day; none where each is counted once."""
    figure = definition(row.code).compute(Facts(row.programme, day, hidden_from_all()))
    found: Parts = {}
    rows, counted = rows_of_table(figure), {one.unit for one in figure.rows}
    if all(one.whose == one.unit for one in rows):
        return found
    for one in rows:
        line, column = (line_of_row(one, name, counted) for name in _dimensions(row))
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
    rows = [*same_day, *(one for one in same_kind if one not in same_day), row]
    domains: dict[str, list[str]] = {}
    for one in rows:
        for place, dimension in enumerate(_dimensions(one)):
            if dimension:
                known = domains.setdefault(dimension, [])
                found = {cell[place] for cell in one.basis["cells"]}
                known += sorted(found - set(known))
    in_files = _beside_in_files(row, domains)
    if len(rows) == 1 and not in_files:
        return
    told = [*(told_of(one) for one in rows), *in_files, *geography(rows, domains)]
    if narrow_cells(told, domains, _unchanged(rows), k=row.smallest):
        day, dimensions = (
            (rows[0].day.isoformat(), _dimensions(rows[0]))
            if len(rows) > 1
            else (in_files[0].day, in_files[0].dimensions)
        )
        names = " \u00d7 ".join(name for name in dimensions if name)
        raise TellsTogether(day=day, dimensions=names, field="row_dimension")


def _beside_in_files(row: PublicTable, domains: dict[str, list[str]]) -> list[Told]:
    """What files of the day told of the areas that the places of a table lie in, and the other way
    round; `domains` takes their codes.
    """
    wanted = {BESIDE[name] for name in _dimensions(row) if name in BESIDE}
    figure = FrozenFigure._base_manager.filter(snapshot=row.snapshot_id, code=row.code).first()
    if not wanted or figure is None:
        return []
    files = ExchangeFile._base_manager.filter(
        programme=row.programme_id,
        snapshot__day=row.day,
        state__in=(ExchangeState.PUBLISHED.value, ExchangeState.REPLACED.value),
    )
    found = []
    for figures in files.values_list("figures", flat=True):
        lines = figures.get(row.code, {}).get("lines", {})
        for name in sorted(wanted & lines.keys() & figure.lines.keys()):
            known = domains.setdefault(name, [])
            codes = {code for code, _count in counts_in(figure.lines[name])} | set(lines[name])
            known += sorted(codes - set(known))
            cells = tuple(Cell((code,), (), int(count)) for code, count in lines[name].items())
            found.append(Told(row.day.isoformat(), (name, ""), cells, 1))
    return found


def geography(rows: Sequence[PublicTable], domains: Mapping[str, Sequence[str]]) -> list[Told]:
    """What every reader knows of areas and places: nobody lives in a place of another area."""
    if not {BY_AREA, BY_PLACE} <= domains.keys():
        return []
    above = areas_of_places(domains[BY_PLACE])
    empty = tuple(
        Cell((area,), (place,), 0)
        for place, inside in sorted(above.items())
        for area in domains[BY_AREA]
        if area != inside
    )
    days = sorted({row.day.isoformat() for row in rows})
    return [Told(day, (BY_AREA, BY_PLACE), empty, 0) for day in days]


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
