"""Figures from snapshots in columns: cells come from an engine, sums and shares are made here, so
that every engine gives the same to the last unit."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import ibis
from ibis.expr.types import Table

from handup.kernel.money import decimal_text, percent
from handup.results.columns import deriving
from handup.results.columns.expressing import DERIVED, HOLDERS, Lake, cells, packs
from handup.results.computing import CountAboveWhole, asked_with, median_units, survival_share
from handup.results.definitions import catalogue, definition
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import NOT_RECORDED, LinesDiffer
from handup.results.rules.expressions import Asked, Declared
from handup.results.rules.fact_tables import TABLES

assert DERIVED["position"] is deriving.position, "what is derived is there before it is asked"
Cells = Iterable[Mapping[str, Any]]
Fetch = Callable[[Table], Cells]
PORTFOLIO = "MED-FIN-03v"
FIRST_OF_HOLDERS = 3
SETS = frozenset({"target_category"})


@dataclass(frozen=True, slots=True)
class Sum:
    """What was counted in one currency ("" for what is no money)."""

    numerator: int
    denominator: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One indicator over a snapshot.

    sums: by currency; lines: by dimension and code, in one currency or counts; behind: of amounts,
    at least how many persons stand behind each currency; estimate: a share that a rule works out
    of the spread (survival).
    """

    code: str
    sums: Mapping[str, Sum]
    lines: Mapping[str, Mapping[str, Sum]]
    estimate: Fraction | None = None
    behind: Mapping[str, int] = field(default_factory=dict)
    holders: Mapping[str, Mapping[int, tuple[int, int]]] = field(default_factory=dict)
    """Of amounts, by currency and side (3 what is counted, 4 what it is of, 5 what lies between):
    the largest part of one holder, and how many have any."""

    @property
    def only(self) -> Sum:
        """The one sum where there is one currency, or none counted."""
        return next(iter(self.sums.values())) if len(self.sums) == 1 else Sum(0, None)

    def value_text(self) -> str | None:
        """The share in percent as shown, or the full jobs that days of work are, half up; None
        where it is not defined, or a count or an amount says it."""
        item, held = DECLARED[self.code], self.only
        if definition(self.code).is_unit_cost:
            return None
        exact = 100 * self.estimate if self.estimate is not None else None
        if exact is None and item.method != "SURVIVAL" and held.denominator is not None:
            exact = percent(held.numerator, held.denominator)
        if (scale := definition(self.code).scale) != 1:
            exact = Fraction(held.numerator, scale)
        return None if exact is None else decimal_text(exact, item.decimals)


def expressions(
    code: str,
    lake: Lake,
    asked: Asked,
    dimensions: Sequence[str] | None = None,
    *,
    by_holder: bool = False,
) -> list[Table]:
    """What an engine is asked for one indicator."""
    item = DECLARED[code]
    kind = catalogue()[code].period_kind
    return cells(item, lake, kind, asked_with(item, asked), dimensions, by_holder=by_holder)


def is_told(code: str, lake: Lake) -> bool:
    """Whether the snapshots hold what an indicator asks for: status and target groups are in some
    alone."""
    for _base, side in DECLARED[code].sides:
        held = lake.stored.get(side.table)
        asked = (test.column for test in (*side.tests, *side.after))
        if held is not None and any(name not in held.columns for name in asked):
            return False
    return True


def ask(
    lake: Lake,
    fetch: Fetch,
    codes: Iterable[str],
    asked: Asked,
    dimensions: Sequence[str] | None = None,
    *,
    at_once: int = 1,
    by_holder: bool = False,
) -> dict[str, Answer]:
    """Count indicators over a lake. `at_once` indicators go into one question to the engine: one
    where memory is dear, many where a question itself is. by_holder: with the largest part of one
    holder of each amount, for what leaves.

    Raises CountAboveWhole, LinesDiffer.
    """
    wanted = list(codes)
    parts = _with_results(wanted)
    found: dict[str, list[Mapping[str, Any]]] = {code: [] for code in parts}
    for start in range(0, len(parts), at_once):
        some = [
            table
            for code in parts[start : start + at_once]
            for table in expressions(code, lake, asked, dimensions, by_holder=by_holder)
        ]
        question = ibis.union(*some, distinct=False) if len(some) > 1 else some[0]
        for row in fetch(question):
            found[row["code"]].append(row)
    answers = {code: answer(code, rows, asked, lake, dimensions) for code, rows in found.items()}
    return {code: _with_cost(answers[code], answers, asked) for code in wanted}


def _with_results(codes: Sequence[str]) -> list[str]:
    """The indicators, and those that the cost of one of them is told for."""
    extra = [
        str(DECLARED[code].params["indicator"])
        for code in codes
        if DECLARED[code].method == "COST_PER_UNIT"
    ]
    extra += [PORTFOLIO for code in codes if DECLARED[code].method == "WRITE_OFF"]
    return list(dict.fromkeys([*codes, *extra]))


def _with_cost(held: Answer, answers: Mapping[str, Answer], asked: Asked) -> Answer:
    item = DECLARED[held.code]
    if item.method == "WRITE_OFF":
        return _with_portfolio(held, answers[PORTFOLIO])
    if item.method != "COST_PER_UNIT":
        return held
    named = answers[str(item.params["indicator"])]
    result = named.only.numerator
    sums = {key: Sum(one.numerator, result) for key, one in held.sums.items()} or {
        "": Sum(0, result)
    }
    few = [*named.behind.values()] if named.behind else [result]
    behind = {
        key: min((one for one in (held.behind.get(key, 0), *few) if one > 0), default=0)
        for key in sums
    }
    return replace(held, sums=sums, lines={}, behind=behind)


def _with_portfolio(held: Answer, owed: Answer) -> Answer:
    """Month ends name nobody: behind them are at least those who owe on the last day, and where
    nobody does any more it counts as one."""
    behind = {
        key: min(
            owed.behind.get(key, 0) or 1, held.behind.get(key, 0) or owed.behind.get(key, 0) or 1
        )
        if one.denominator
        else held.behind.get(key, 0)
        for key, one in held.sums.items()
    }
    return replace(held, behind=behind)


def answer(
    code: str,
    rows: Sequence[Mapping[str, Any]],
    asked: Asked,
    lake: Lake,
    dimensions: Sequence[str] | None = None,
) -> Answer:
    """Make an answer of its cells."""
    item = DECLARED[code]
    if item.method == "MEDIAN":
        return _median(item, rows)
    split = packs(item, dimensions, lake)
    sums = _sums(item, [row for row in rows if row["pack"] == 0 and row["side"] < 2])
    lines = {
        name: _lines(item, rows, (number, place), name)
        for number, names in enumerate(split)
        for place, name in enumerate(names, 1)
    }
    estimate = None
    if item.method == "SURVIVAL":
        estimate = _survival(item, rows, asked)
    found = Answer(code, sums, lines, estimate, _behind(item, rows), _by_holder(rows))
    _check(item, found)
    return found


def _sums(item: Declared, rows: Iterable[Mapping[str, Any]]) -> dict[str, Sum]:
    """Numerator and denominator by currency."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        totals[row["currency"] or ""][row["side"]] += int(row["n"] or 0)
    return {
        key: Sum(told[0], told[1] if item.base else None)
        for key, told in sorted((totals or {"": [0, 0]}).items())
    }


def _behind(item: Declared, rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """At least how many are behind the amounts of a currency: as many as behind the largest cell
    of the side that has fewer. A side without anything is told: nobody is behind it."""
    found: dict[tuple[str, int], int] = {}
    for row in rows:
        if row["pack"] == 0 and row["side"] in _sides_of_amounts(item):
            key = (row["currency"] or "", row["side"])
            found[key] = max(found.get(key, 0), int(row["m"] or 0))
    least: dict[str, int] = {}
    for (currency, _side), held in found.items():
        before = least.get(currency, 0)
        least[currency] = min(before, held) if before and held else before or held
    return least


def _by_holder(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, tuple[int, int]]]:
    """By currency and side: the largest part of one holder, and how many have any."""
    found: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        if row["side"] >= FIRST_OF_HOLDERS:
            told = (int(row["n"] or 0), int(row["m"] or 0))
            found[row["currency"] or ""][row["side"]] = told
    return dict(found)


def _sides_of_amounts(item: Declared) -> set[int]:
    """The sides that are amounts of somebody; what a house spends or earns is looked at as one."""
    return {
        side
        for side, (is_base, rows) in enumerate(item.sides)
        if rows.amount
        and (
            any(name in TABLES[rows.table].columns for name in HOLDERS)
            or (item.money and not is_base)
        )
    }


def _lines(
    item: Declared, rows: Sequence[Mapping[str, Any]], at: tuple[int, int], name: str
) -> dict[str, Sum]:
    """The lines of one dimension; sets overlap, so that a row counts in each of its codes."""
    pack, place = at
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row["pack"] != pack or row["side"] > 1:
            continue
        held = row[f"d{place}"] or ""
        codes = [one for one in held.split("|") if one] if name in SETS else [held]
        for one in codes or [""]:
            totals[one or NOT_RECORDED][row["side"]] += int(row["n"] or 0)
    return {
        key: Sum(told[0], told[1] if item.base else None) for key, told in sorted(totals.items())
    }


def _median(item: Declared, rows: Sequence[Mapping[str, Any]]) -> Answer:
    changes: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row["side"] == 2 and row["n"]:
            changes[row["currency"] or ""] += [int(row["d1"])] * int(row["n"])
    told = sorted((changes or {"": []}).items())
    sums = {key: Sum(median_units(sorted(held)), None) for key, held in told}
    return Answer(item.code, sums, {}, behind={key: len(held) for key, held in told})


def _survival(item: Declared, rows: Sequence[Mapping[str, Any]], asked: Asked) -> Fraction | None:
    lives = [
        (int(row["d1"]), row["d2"] == "1")
        for row in rows
        if row["side"] == 2
        for _one in range(int(row["n"]))
    ]
    return survival_share(sorted(lives), asked_with(item, asked))


def _check(item: Declared, found: Answer) -> None:
    for held in found.sums.values():
        if held.denominator is not None and held.numerator > held.denominator and not item.over_one:
            raise CountAboveWhole(code=item.code, count=held.numerator, whole=held.denominator)
    total = sum(held.numerator for held in found.sums.values())
    for name, lines in found.lines.items():
        if name not in SETS and (added := sum(one.numerator for one in lines.values())) != total:
            raise LinesDiffer(dimension=name, lines=added, total=total)
