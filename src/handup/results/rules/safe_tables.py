"""Counts of people that may leave the house (protection.md 4.9): rows and columns of few are
merged, what is left of few is hidden with three companions, so that nobody can work it out from the
totals.

Pure. `attack` is what a reader could do with what is published: it is run on every table again.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from handup.kernel.errors import Refusal

LEAST_K = 3
Counts = Sequence[Sequence[int]]
Cell = tuple[int, int]
Groups = tuple[tuple[int, ...], ...]


class TableNotReadable(Refusal):
    """A table holds whole counts from nothing up, and as many in every row."""


class SmallestTooSmall(Refusal):
    """The smallest group that may be shown is {k}; it cannot be less than {least}."""


class Outcome(StrEnum):
    """What may be published of a table."""

    PUBLISHED = "PUBLISHED"
    TOTAL_ONLY = "TOTAL_ONLY"
    NOT_PUBLISHED = "NOT_PUBLISHED"


class Interval(NamedTuple):
    """The least and the most a hidden count can be, for a reader of the table; no most: no end."""

    least: int
    most: int

    @property
    def width(self) -> int:
        """How far apart the two are."""
        return self.most - self.least


@dataclass(frozen=True, slots=True)
class SafeTable:
    """A table as it may be published. rows, columns: which original ones each published one holds;
    counts: of the published rows and columns, before hiding; hidden: their (row, column).
    """

    outcome: Outcome
    total: int
    rows: Groups = ()
    columns: Groups = ()
    counts: tuple[tuple[int, ...], ...] = ()
    hidden: frozenset[Cell] = field(default=frozenset())

    def shown(self, row: int, column: int) -> int | None:
        """The count of a published cell; None for one that is hidden."""
        return None if (row, column) in self.hidden else self.counts[row][column]

    @property
    def row_totals(self) -> tuple[int, ...]:
        """The total of each published row."""
        return tuple(map(sum, self.counts))

    @property
    def column_totals(self) -> tuple[int, ...]:
        """The total of each published column."""
        return tuple(map(sum, zip(*self.counts, strict=True)))


@dataclass(frozen=True, slots=True)
class SafeLine:
    """One row of categories as it may be published: with its total, without the hidden parts."""

    outcome: Outcome
    total: int
    line: tuple[int, ...] = ()
    hidden: frozenset[int] = field(default=frozenset())

    def shown(self, part: int) -> int | None:
        """The count of a category; None for one that is hidden."""
        return None if part in self.hidden else self.line[part]


def safe_table(counts: Counts, *, k: int, zeros_small: bool = False) -> SafeTable:
    """Make a table of two dimensions safe.

    k: the smallest count that may stand alone. zeros_small: a zero says as much as a small count
    (tables by status or disability). Raises TableNotReadable, SmallestTooSmall.
    """
    table = _checked(counts, k)
    total = sum(map(sum, table))
    if 0 < total < k:
        return SafeTable(Outcome.NOT_PUBLISHED, total)
    least = 0 if zeros_small else 1
    rows: list[list[int]] = [[number] for number in range(len(table))]
    columns: list[list[int]] = [[number] for number in range(len(table[0]))]
    while True:
        _merge_small(table, rows, k)
        turned = [list(column) for column in zip(*table, strict=True)]
        _merge_small(turned, columns, k)
        table = [list(row) for row in zip(*turned, strict=True)]
        if len(rows) < 2 or len(columns) < 2:
            return SafeTable(Outcome.TOTAL_ONLY, total)
        hidden, alone = _hide(table, k, least)
        if alone is None:
            return SafeTable(
                Outcome.PUBLISHED,
                total,
                tuple(map(tuple, rows)),
                tuple(map(tuple, columns)),
                tuple(map(tuple, table)),
                frozenset(hidden),
            )
        if len(rows) == 2 or not _merge(table, rows, alone):
            return SafeTable(Outcome.TOTAL_ONLY, total)


def safe_line(counts: Sequence[int], *, k: int, zeros_small: bool = False) -> SafeLine:
    """Make a single row of categories safe. See safe_table."""
    ((*line,),) = _checked([counts], k)
    total, least = sum(line), 0 if zeros_small else 1
    if 0 < total < k:
        return SafeLine(Outcome.NOT_PUBLISHED, total)
    hidden = {part for part, count in enumerate(line) if least <= count < k}
    if hidden:
        others = sorted((c, part) for part, c in enumerate(line) if c and part not in hidden)
        for _count, part in others:
            if _line_is_wide(line, hidden, k, least):
                break
            hidden.add(part)
        if not _line_is_wide(line, hidden, k, least):
            return SafeLine(Outcome.TOTAL_ONLY, total)
    return SafeLine(Outcome.PUBLISHED, total, tuple(line), frozenset(hidden))


def _line_is_wide(line: Sequence[int], hidden: set[int], k: int, least: int) -> bool:
    spare = sum(line[part] for part in hidden) - least * len(hidden)
    return len(hidden) >= 2 and spare >= k - 1


def _checked(counts: Counts, k: int) -> list[list[int]]:
    if k < LEAST_K:
        raise SmallestTooSmall(field="k", k=k, least=LEAST_K)
    table = [list(row) for row in counts]
    widths = {len(row) for row in table}
    if len(widths) != 1 or widths == {0} or any(count < 0 for row in table for count in row):
        raise TableNotReadable(field="table")
    return table


def _merge_small(table: list[list[int]], members: list[list[int]], k: int) -> None:
    """Merge rows of few into the smallest other, until none is left or nothing to merge with."""
    while True:
        small = [number for number, row in enumerate(table) if 0 < sum(row) < k]
        if not small or not _merge(table, members, small[0]):
            return


def _merge(table: list[list[int]], members: list[list[int]], row: int) -> bool:
    """Merge a row into the smallest other that is not empty; False when there is none."""
    others = [(sum(cells), at) for at, cells in enumerate(table) if at != row and any(cells)]
    if not others:
        return False
    _total, into = min(others)
    table[into] = [a + b for a, b in zip(table[into], table[row], strict=True)]
    members[into] = sorted(members[into] + members[row])
    del table[row], members[row]
    return True


def _hide(table: Counts, k: int, least: int) -> tuple[set[Cell], int | None]:
    """Hide each small cell with three companions; and the row of a cell that has none."""
    small = sorted(
        (count, i, j)
        for i, row in enumerate(table)
        for j, count in enumerate(row)
        if least <= count < k
    )
    hidden = {(i, j) for _count, i, j in small}
    for _count, i, j in small:
        corners = min(_rectangles(table, (i, j), hidden, k, least), default=None)
        if corners is None:
            return hidden, i
        a, b = corners[2:]
        hidden |= {(i, j), (i, b), (a, j), (a, b)}
    return hidden, None


def _rectangles(
    table: Counts, cell: Cell, hidden: set[Cell], k: int, least: int
) -> Iterator[tuple[int, int, int, int]]:
    """The rectangles that keep a small cell uncertain: what each hides anew, how many cells, and
    the row and column of its other corner.
    """
    i, j = cell
    for a, across in enumerate(table):
        if a == i or not across[j]:
            continue
        for b, corner in enumerate(across):
            beside = table[i][b]
            if b == j or not beside or not corner:
                continue
            up = min(beside, across[j]) - least
            down = min(table[i][j], corner) - least
            if up + down >= k - 1:
                new = [at for at in ((i, j), (i, b), (a, j), (a, b)) if at not in hidden]
                yield sum(table[row][column] for row, column in new), len(new), a, b


def attack(counts: Counts, hidden: Iterable[Cell], *, zeros_small: bool) -> Mapping[Cell, Interval]:
    """Work out what a reader of the shown cells and of all totals can say of each hidden one.

    Exact: more in one cell is as much less along a ring of hidden cells, so the most and the least
    are flows between its row and its column.
    """
    cells = {(i, j): counts[i][j] for i, j in hidden}
    least = 0 if zeros_small else 1
    found = {}
    for (i, j), count in cells.items():
        spare = {at: value - least for at, value in cells.items() if at != (i, j)}
        less = min(_flow(spare, ("row", i), ("column", j)), count - least)
        found[i, j] = Interval(count - less, count + _flow(spare, ("column", j), ("row", i)))
    return found


Place = tuple[str, int]


def _flow(spare: Mapping[Cell, int], start: Place, end: Place) -> int:
    """The largest flow from one place to another. Along a cell from its row to its column any
    amount goes (it grows), back only what it has to spare (it shrinks).
    """
    endless = sum(spare.values()) + 1
    left: dict[Place, dict[Place, int]] = {}
    for (i, j), units in spare.items():
        left.setdefault(("row", i), {})["column", j] = endless
        left.setdefault(("column", j), {})["row", i] = units
    total = 0
    while total < endless:
        came = _way(left, start, end)
        if end not in came:
            break
        way, at = [], end
        while at != start:
            way.append((came[at], at))
            at = came[at]
        units = min(left[a][b] for a, b in way)
        for a, b in way:
            left[a][b] -= units
            left[b][a] += units
        total += units
    return total


def _way(left: Mapping[Place, Mapping[Place, int]], start: Place, end: Place) -> dict[Place, Place]:
    """From where each place is reached, on the shortest way to the end."""
    came: dict[Place, Place] = {start: start}
    waiting = deque([start])
    while waiting and end not in came:
        at = waiting.popleft()
        for there, units in left.get(at, {}).items():
            if units and there not in came:
                came[there] = at
                waiting.append(there)
    return came


def kept(new: int, last: int | None, *, k: int) -> int:
    """A count of the next release: one that moved by a few keeps what was published, or the
    difference would tell of the few.
    """
    return last if last is not None and 0 < abs(new - last) < k else new
