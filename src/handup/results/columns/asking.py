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
from handup.results.columns.expressing import DERIVED, Lake, cells, packs
from handup.results.computing import CountAboveWhole, asked_with, median_units, survival_share
from handup.results.definitions import catalogue
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import NOT_RECORDED, LinesDiffer
from handup.results.rules.expressions import Asked, Declared

assert DERIVED["position"] is deriving.position, "what is derived is there before it is asked"
Cells = Iterable[Mapping[str, Any]]
Fetch = Callable[[Table], Cells]
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

    @property
    def only(self) -> Sum:
        """The one sum where there is one currency, or none counted."""
        return next(iter(self.sums.values())) if len(self.sums) == 1 else Sum(0, None)

    def value_text(self) -> str | None:
        """The share in percent as shown, half up; None where it is not defined or no share."""
        item, held = DECLARED[self.code], self.only
        exact = 100 * self.estimate if self.estimate is not None else None
        if exact is None and item.method != "SURVIVAL" and held.denominator is not None:
            exact = percent(held.numerator, held.denominator)
        return None if exact is None else decimal_text(exact, item.decimals)


def expressions(
    code: str, lake: Lake, asked: Asked, dimensions: Sequence[str] | None = None
) -> list[Table]:
    """What an engine is asked for one indicator."""
    item = DECLARED[code]
    kind = catalogue()[code].period_kind
    return cells(item, lake, kind, asked_with(item, asked), dimensions)


def ask(
    lake: Lake,
    fetch: Fetch,
    codes: Iterable[str],
    asked: Asked,
    dimensions: Sequence[str] | None = None,
    *,
    at_once: int = 1,
) -> dict[str, Answer]:
    """Count indicators over a lake. `at_once` indicators go into one question to the engine: one
    where memory is dear, many where a question itself is.

    Raises CountAboveWhole, LinesDiffer.
    """
    wanted = list(codes)
    parts = _with_results(wanted)
    found: dict[str, list[Mapping[str, Any]]] = {code: [] for code in parts}
    for start in range(0, len(parts), at_once):
        some = [
            table
            for code in parts[start : start + at_once]
            for table in expressions(code, lake, asked, dimensions)
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
    return list(dict.fromkeys([*codes, *extra]))


def _with_cost(held: Answer, answers: Mapping[str, Answer], asked: Asked) -> Answer:
    item = DECLARED[held.code]
    if item.method != "COST_PER_UNIT":
        return held
    result = answers[str(item.params["indicator"])].only.numerator
    sums = {key: Sum(one.numerator, result) for key, one in held.sums.items()}
    return replace(held, sums=sums or {"": Sum(0, result)}, lines={})


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
    found = Answer(code, sums, lines, estimate, _behind(item, rows))
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
    """At least how many persons are behind an amount: as many as behind its largest cell."""
    found: dict[str, int] = {}
    for row in rows:
        if item.money and row["side"] == 0 and row["pack"] == 0:
            key = row["currency"] or ""
            found[key] = max(found.get(key, 0), int(row["m"] or 0))
    return found


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
    changes: list[int] = []
    currencies = sorted({row["currency"] for row in rows if row["side"] == 0} - {""})
    for row in rows:
        if row["side"] == 2:
            changes += [int(row["d1"])] * int(row["n"])
    currency = currencies[0] if len(currencies) == 1 else ""
    return Answer(item.code, {currency: Sum(median_units(sorted(changes)), None)}, {})


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
