"""What a public table is made of: the units of a frozen figure by one or two breakdowns, as they
were frozen.

A share is a table of what it is counted of: `counted` says of each unit whether it is one of those
the share counts, so that every percentage follows from counts that are safe (protection.md 4.9,
rule 5). A set that overlaps others is a breakdown of its own, `target_category=REFUGEE`: in it or
not in it; sets are never lines of one table.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import product

from handup.kernel.errors import Refusal
from handup.org import safety
from handup.people.queries.persons import hidden_from_all
from handup.results.beside_areas import BY_AREA, BY_PLACE
from handup.results.definitions import BY_SETTLEMENT, definition
from handup.results.facts import Facts
from handup.results.models import FrozenFigure, Snapshot
from handup.results.models.public_tables import COUNTED, NO, YES
from handup.results.published import PERSONAL
from handup.results.rules.engine import NOT_RECORDED, FactRow, Figure, ValueKind
from handup.results.services.freezing import FigureNotInSnapshot

COUNTS = frozenset({ValueKind.COUNT_DISTINCT, ValueKind.COUNT})
WITHIN, WITHOUT = "IN", "OUT"
MOST_LINES = 60
MOST_SIGNS = 40
Raw = dict[tuple[str, str], int]


class OnlyCountsArePublished(Refusal):
    """Only a count, or a share of what is counted, can be published as a table; no amount and no
    estimate.
    """


class DimensionNotGiven(Refusal):
    """{dimension} is no exclusive breakdown of this figure."""


class ChangedSinceFrozen(Refusal):
    """The records behind {code} changed since the snapshot was frozen. Compute a new snapshot."""


class CannotBeMadeSafe(Refusal):
    """Too few are counted here to publish it. Choose a coarser breakdown, or wait for more."""


def is_share(snapshot: Snapshot, code: str) -> bool:
    """Whether a frozen figure is counted of something."""
    rows = FrozenFigure._base_manager.filter(snapshot=snapshot, code=code)
    return rows.exclude(denominator=None).exists()


def counted_by(snapshot: Snapshot, code: str, dimensions: tuple[str, str]) -> Raw:
    """The units of a figure by both breakdowns. Raises FigureNotInSnapshot, OnlyCountsArePublished,
    ChangedSinceFrozen, DimensionNotGiven, CannotBeMadeSafe.
    """
    frozen = FrozenFigure._base_manager.filter(snapshot=snapshot, code=code).first()
    if frozen is None:
        raise FigureNotInSnapshot(code=code, field="code")
    if frozen.currency or not is_of_counts(code):
        raise OnlyCountsArePublished(field="code")
    figure = definition(code).compute(Facts(snapshot.programme, snapshot.day, hidden_from_all()))
    if (figure.numerator, figure.denominator) != (frozen.numerator, frozen.denominator):
        raise ChangedSinceFrozen(code=code, field="code")
    rows = rows_of_table(figure)
    units, counted = {row.unit for row in rows}, {row.unit for row in figure.rows}
    whole = figure.numerator if figure.denominator is None else figure.denominator
    if len(units) != whole or len(counted) != figure.numerator or not counted <= units:
        raise OnlyCountsArePublished(field="code")
    for name, dimension in zip(("row_dimension", "column_dimension"), dimensions, strict=True):
        if dimension != COUNTED and (dimension or name == "row_dimension"):
            _refuse_dimension(figure, frozen, dimension, name)
    if not frozen.may_leave:
        raise CannotBeMadeSafe(field="code")
    _refuse_few_beside_areas(rows, dimensions, counted)
    seen: dict[str, tuple[str, str]] = {}
    for row in rows:
        line, column = (line_of_row(row, name, counted) for name in dimensions)
        seen.setdefault(row.unit, (line, column))
    return _by_place(rows, seen, with_shares=COUNTED in dimensions)


def _refuse_few_beside_areas(
    rows: Iterable[FactRow], dimensions: tuple[str, str], counted: set[str]
) -> None:
    """Refuse a table by town and countryside of which a cell holds a few of any area: whoever knows
    what is a town takes the areas of another table from it. Raises CannotBeMadeSafe.
    """
    if BY_SETTLEMENT not in dimensions:
        return
    k = safety.value("protection.smallest_shown")
    held: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in rows:
        for name in (BY_AREA, BY_PLACE):
            if name in row.dims:
                place = (line_of_row(row, dimension, counted) for dimension in dimensions)
                held[name, str(row.dims[name]), *place].add(row.unit)
    if any(0 < len(units) < k for units in held.values()):
        raise CannotBeMadeSafe(field="row_dimension")


def _by_place(
    rows: Iterable[FactRow], seen: Mapping[str, tuple[str, str]], *, with_shares: bool
) -> Raw:
    counts = Counter(seen.values())
    lines = sorted({pair[0] for pair in counts})
    columns = [NO, YES] if with_shares else sorted({pair[1] for pair in counts})
    if not counts or max(len(lines), len(columns)) > MOST_LINES:
        raise CannotBeMadeSafe(field="row_dimension")
    refuse_few_behind_many(rows, seen)
    return {pair: counts.get(pair, 0) for pair in product(lines, columns)}


def is_of_counts(code: str) -> bool:
    """Whether a figure is a count, or a share of what is counted: no amount, no estimate."""
    item = definition(code)
    kind = item.indicator.value_kind
    if kind is not ValueKind.RATIO:
        return kind in COUNTS
    return item.declared.counted_as in COUNTS and not item.method and not item.indicator.is_sample


def rows_of_table(figure: Figure) -> tuple[FactRow, ...]:
    """The rows a table breaks down: of a share those it is counted of."""
    return figure.rows if figure.denominator is None else figure.base_rows


def _refuse_dimension(figure: Figure, frozen: FrozenFigure, dimension: str, name: str) -> None:
    whole, _equals, of = dimension.partition("=")
    found = next((one for one in figure.breakdowns if one.dimension == whole), None)
    held = {} if found is None else {line.code: line for line in found.lines}
    is_set = bool(of)
    if found is None or found.overlapping is not is_set or len(dimension) > MOST_SIGNS:
        raise DimensionNotGiven(dimension=dimension, field=name)
    if is_set and (of not in held or of == NOT_RECORDED):
        raise DimensionNotGiven(dimension=dimension, field=name)
    told = {code: (line.numerator, line.denominator) for code, line in held.items()}
    then = {
        line["code"]: (line["numerator"], line["denominator"])
        for line in frozen.lines.get(whole, {}).get("lines", [])
    }
    if then != told:
        raise ChangedSinceFrozen(code=frozen.code, field="code")


def refuse_few_behind_many(rows: Iterable[FactRow], seen: Mapping[str, tuple[str, str]]) -> None:
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


def line_of_row(row: FactRow, dimension: str, counted: frozenset[str] | set[str]) -> str:
    """The line of a breakdown a row stands in; `counted`: the units a share counts."""
    if not dimension:
        return ""
    if dimension == COUNTED:
        return YES if row.unit in counted else NO
    name, _equals, code = dimension.partition("=")
    value = row.dims.get(name)
    if not value:
        return NOT_RECORDED
    if isinstance(value, frozenset):
        return (WITHIN if code in value else WITHOUT) if code else NOT_RECORDED
    return value
