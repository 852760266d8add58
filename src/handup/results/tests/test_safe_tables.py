"""Tables that may leave the house: the cases of protection.md section 8, and an attacker."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from handup.results.rules.safe_tables import (
    Outcome,
    SmallestTooSmall,
    TableNotReadable,
    attack,
    kept,
    safe_line,
    safe_table,
)


def cases(shared: Path, kind: str) -> list[dict[str, Any]]:
    """The shared cases of one kind."""
    packs = sorted((shared / "data" / "protection").glob("safe_tables-*.json"))
    found = [case for pack in packs for case in json.loads(pack.read_text())[kind]]
    assert found
    return found


def test_tables_are_made_safe_as_the_cases_say(shared: Path) -> None:
    for case in cases(shared, "two_dimensions"):
        zeros_small = case["L"] == 0
        made = safe_table(case["table"], k=case["k"], zeros_small=zeros_small)
        expected = case["expected"]
        assert made.outcome == expected["outcome"], case
        if made.outcome is not Outcome.PUBLISHED:
            continue
        assert [list(row) for row in made.rows] == expected["rows"], case
        assert [list(column) for column in made.columns] == expected["columns"], case
        assert sorted(map(list, made.hidden)) == expected["hidden"], case
        found = attack(made.counts, made.hidden, zeros_small=zeros_small)
        for name, interval in expected["intervals"].items():
            row, column = map(int, name.split(","))
            assert list(found[row, column]) == interval, case


def test_lines_are_made_safe_as_the_cases_say(shared: Path) -> None:
    for case in cases(shared, "one_line"):
        made = safe_line(case["line"], k=case["k"], zeros_small=case["L"] == 0)
        assert made.outcome == case["expected"]["outcome"], case
        assert sorted(made.hidden) == case["expected"]["hidden"], case


def by_trying(counts: list[list[int]], hidden: set[tuple[int, int]], least: int) -> dict[Any, Any]:
    """The intervals of hidden cells by trying every table with the same totals."""
    cells = sorted(hidden)
    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    found: dict[Any, list[int]] = {}

    def fill(at: int, table: list[list[int]]) -> None:
        if at == len(cells):
            if [sum(row) for row in table] == rows and [
                sum(column) for column in zip(*table, strict=True)
            ] == columns:
                for i, j in cells:
                    found.setdefault((i, j), []).append(table[i][j])
            return
        i, j = cells[at]
        later = [c for c in cells[at + 1 :] if c[0] == i]
        room = rows[i] - sum(
            table[i][c] for c in range(len(columns)) if (i, c) not in {(i, j), *later}
        )
        lowest = room if not later else least
        for value in range(max(least, lowest), room + 1):
            table[i][j] = value
            fill(at + 1, table)
        table[i][j] = 0

    fill(0, [[0 if (i, j) in hidden else n for j, n in enumerate(r)] for i, r in enumerate(counts)])
    return {cell: (min(values), max(values)) for cell, values in found.items()}


@given(st.integers(0, 2**32), st.booleans())
def test_the_attacker_finds_exactly_what_trying_everything_finds(
    seed: int, zeros_small: bool
) -> None:
    chance = random.Random(seed)
    counts = [[chance.choice((0, 1, 2, 3, 6, 9)) for _ in range(3)] for _ in range(3)]
    least = 0 if zeros_small else 1
    hidden = {
        (i, j)
        for i in range(3)
        for j in range(3)
        if counts[i][j] >= least and chance.random() < 0.6
    }
    found = attack(counts, hidden, zeros_small=zeros_small)
    assert {cell: tuple(it) for cell, it in found.items()} == by_trying(counts, hidden, least)


@given(
    st.integers(2, 8).flatmap(
        lambda width: st.lists(
            st.lists(st.sampled_from((0, 0, 1, 2, 3, 4, 5, 7, 12, 30, 80)), min_size=width,
                     max_size=width), min_size=2, max_size=8)
    ),
    st.integers(3, 10),
    st.booleans(),
)  # fmt: skip
def test_no_small_count_can_be_recovered(table: list[list[int]], k: int, zeros_small: bool) -> None:
    made = safe_table(table, k=k, zeros_small=zeros_small)
    if made.outcome is not Outcome.PUBLISHED:
        return
    assert sum(made.row_totals) == sum(made.column_totals) == sum(map(sum, table))
    assert all(total == 0 or total >= k for total in (*made.row_totals, *made.column_totals))
    least = 0 if zeros_small else 1
    found = attack(made.counts, made.hidden, zeros_small=zeros_small)
    for i, row in enumerate(made.counts):
        for j, count in enumerate(row):
            if least <= count < k:
                assert made.shown(i, j) is None
                assert found[i, j].width >= k - 1
            elif (i, j) not in made.hidden:
                assert made.shown(i, j) == count


def by_linear_programming(
    counts: list[list[int]], hidden: set[tuple[int, int]], least: int
) -> dict[tuple[int, int], tuple[int, int]]:
    """The intervals of hidden cells, found by a program that shares no line with ours: rows and
    columns must keep their sums, and what is hidden is at least `least`.
    """
    cells = sorted(hidden)
    sums, equal = [], []
    for axis in (0, 1):
        for line in sorted({cell[axis] for cell in cells}):
            equal.append([int(cell[axis] == line) for cell in cells])
            sums.append(sum(counts[i][j] for i, j in cells if (i, j)[axis] == line))
    found = {}
    for number, cell in enumerate(cells):
        ends = []
        for sign in (1, -1):
            aim = [sign * int(other == number) for other in range(len(cells))]
            told = linprog(aim, A_eq=equal, b_eq=sums, bounds=(least, None), method="highs")
            assert told.success, told.message
            ends.append(round(sign * told.fun))
        found[cell] = (ends[0], ends[1])
    return found


@given(
    st.lists(
        st.lists(st.sampled_from((0, 0, 1, 2, 3, 4, 5, 8, 20, 60)), min_size=4, max_size=4),
        min_size=3, max_size=7,
    ),
    st.integers(3, 8),
    st.booleans(),
)  # fmt: skip
def test_linear_programming_recovers_no_small_count_and_says_what_our_attacker_says(
    table: list[list[int]], k: int, zeros_small: bool
) -> None:
    made = safe_table(table, k=k, zeros_small=zeros_small)
    if made.outcome is not Outcome.PUBLISHED or not made.hidden:
        return
    least = 0 if zeros_small else 1
    counts = [list(row) for row in made.counts]
    found = by_linear_programming(counts, set(made.hidden), least)
    ours = attack(made.counts, made.hidden, zeros_small=zeros_small)
    assert {cell: tuple(interval) for cell, interval in ours.items()} == found
    small = {cell for cell in found if least <= counts[cell[0]][cell[1]] < k}
    assert all(found[cell][1] - found[cell][0] >= k - 1 for cell in small)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=9), st.integers(3, 10), st.booleans())
def test_no_small_part_of_a_line_can_be_recovered(
    line: list[int], k: int, zeros_small: bool
) -> None:
    made = safe_line(line, k=k, zeros_small=zeros_small)
    if made.outcome is not Outcome.PUBLISHED:
        return
    least = 0 if zeros_small else 1
    assert all(made.shown(part) is None for part, n in enumerate(line) if least <= n < k)
    if made.hidden:
        unknown = made.total - sum(n for part, n in enumerate(line) if part not in made.hidden)
        assert len(made.hidden) >= 2
        assert unknown - least * len(made.hidden) >= k - 1


def test_a_count_that_moved_by_a_few_keeps_what_was_published() -> None:
    assert [kept(new, 20, k=5) for new in (16, 19, 20, 24, 25, 15)] == [20, 20, 20, 20, 25, 15]
    assert kept(3, None, k=5) == 3


@pytest.mark.parametrize("table", [[], [[]], [[1, 2], [3]], [[-1, 4], [2, 9]]])
def test_what_is_no_table_is_refused(table: list[list[int]]) -> None:
    with pytest.raises(TableNotReadable):
        safe_table(table, k=5)


def test_a_smallest_group_below_three_is_refused() -> None:
    with pytest.raises(SmallestTooSmall) as refused:
        safe_table([[10, 20], [30, 40]], k=2)
    assert refused.value.field == "k"
