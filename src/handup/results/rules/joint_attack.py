"""What a reader of several published tables can work out together (protection.md 4.9, rule 6):
tables of one count by other dimensions, and releases of one table at several days.

Pure. The reader knows every shown cell and total, that a hidden cell is no less than `least`, and,
to be on the safe side, which counts did not change between two days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, prod

import numpy as np
from numpy.typing import NDArray

from handup.kernel.errors import Refusal

MOST_CELLS = 20_000
SLACK = 1e-6
Codes = tuple[str, ...]
Mask = NDArray[np.float64]


class TooManyTogether(Refusal):
    """There are too many tables of this figure to prove them safe together."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A count that is told, or hidden (None): the codes of its row and column, none for all.

    `is_small`: it is hidden because it is small, not to keep another one company.
    """

    row: Codes
    column: Codes
    count: int | None
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A published table: its dimensions (an empty one: none), day, what it tells and hides."""

    day: str
    dimensions: tuple[str, str]
    cells: tuple[Cell, ...]
    least: int


@dataclass(frozen=True, slots=True)
class Narrow:
    """A hidden cell that can be told too well, and between what."""

    table: int
    cell: Cell
    low: int
    high: int


def narrow_cells(
    tables: Sequence[Told],
    domains: Mapping[str, Sequence[str]],
    unchanged: Sequence[tuple[tuple[int, Codes, Codes], tuple[int, Codes, Codes]]] = (),
    *,
    k: int,
) -> list[Narrow]:
    """The small hidden cells whose interval is narrower than k - 1 for a reader of all the tables.

    domains: every code of each dimension; unchanged: pairs of (table, row, column) whose counts are
    the same. Raises TooManyTogether.
    """
    names = sorted({name for one in tables for name in one.dimensions if name})
    days = sorted({one.day for one in tables})
    shape = [len(domains[name]) for name in names]
    block = prod(shape)
    if block * len(days) > MOST_CELLS:
        raise TooManyTogether(field="column_dimension")
    space = _Space(names, days, domains, block)
    equal, sums, floors, hidden = [], [], [], []
    for number, table in enumerate(tables):
        for cell in table.cells:
            mask = space.mask(table, cell.row, cell.column)
            if cell.count is None:
                floors.append((mask, table.least))
                if cell.is_small:
                    hidden.append((number, cell, mask))
            else:
                equal.append(mask)
                sums.append(float(cell.count))
    for (one, row, column), (other, its_row, its_column) in unchanged:
        first = space.mask(tables[one], row, column)
        equal.append(first - space.mask(tables[other], its_row, its_column))
        sums.append(0.0)
    found = []
    for number, cell, mask in hidden:
        low, high = _ends(mask, equal, sums, floors)
        if high - low < k - 1:
            found.append(Narrow(number, cell, low, high))
    return found


class _Space:
    """One unknown for each combination of codes at each day."""

    def __init__(
        self,
        names: Sequence[str],
        days: Sequence[str],
        domains: Mapping[str, Sequence[str]],
        block: int,
    ) -> None:
        self.names, self.days, self.domains, self.block = names, days, domains, block

    def mask(self, table: Told, row: Codes, column: Codes) -> Mask:
        """Which unknowns a cell adds up."""
        asked = dict(zip(table.dimensions, (row, column), strict=True))
        part = np.ones(1)
        for name in self.names:
            codes = asked.get(name, ())
            kept = np.array([float(not codes or one in codes) for one in self.domains[name]])
            part = np.outer(part, kept).ravel()
        whole = np.zeros(self.block * len(self.days))
        at = self.days.index(table.day) * self.block
        whole[at : at + self.block] = part
        return whole


def _ends(
    mask: Mask,
    equal: Sequence[Mask],
    sums: Sequence[float],
    floors: Sequence[tuple[Mask, int]],
) -> tuple[int, int]:
    from scipy.optimize import linprog  # half a second to load, so only when tables are published

    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * mask,
            A_eq=np.array(equal) if equal else None,
            b_eq=np.array(sums) if equal else None,
            A_ub=np.array([-one for one, _least in floors]),
            b_ub=np.array([-float(least) for _one, least in floors]),
            bounds=(0, None),
            method="highs",
        )
        if found.status == 3:  # no end
            ends.append(float("inf"))
        elif found.status != 0:
            return 0, 0  # what cannot be proved is not safe
        else:
            ends.append(abs(float(found.fun)))
    low = ceil(ends[0] - SLACK)
    high = 10**12 if ends[1] == float("inf") else floor(ends[1] + SLACK)
    return low, high
