"""From a computed figure to what is frozen of it, its checksum, and back (results.md 4.4)."""

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from handup.kernel.ids import new_id
from handup.org import safety
from handup.results.beside_areas import tells_beside_areas
from handup.results.definitions import BY_PHASE, BY_SETTLEMENT, Definition, definition
from handup.results.facts import Facts
from handup.results.frozen_targets import promised_as
from handup.results.frozen_typed import LEAST_OF_A_SHARE, kept_as
from handup.results.gathering import DERIVED
from handup.results.models import (
    Analysis,
    FrozenEstimate,
    FrozenFigure,
    FrozenRow,
    FrozenTarget,
    FrozenTyped,
    Snapshot,
)
from handup.results.published import PERSONAL, is_large_enough
from handup.results.report import ReportLine, conversion_json, line_of
from handup.results.rules.adx import periods_ending
from handup.results.rules.engine import NOT_RECORDED, FactRow, Figure, Line, PeriodKind
from handup.results.rules.expressions import Asked
from handup.results.rules.states import AnalysisState, OutcomeKind
from handup.results.told import main_of
from handup.surveys.rules.codes import RoundState

RowKey = tuple[bool, str, str, str]
"""Which row of a figure: whether it is of what it is counted of, and what it opens and counts."""


def canonical(told: object) -> bytes:
    """JSON as it is summed: sorted keys, UTF-8, no space."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def definition_sum(code: str) -> str:
    """The checksum of what a figure means: its words in the catalogue and how it is counted."""
    item = definition(code)
    words = {name: str(getattr(item.indicator, name)) for name in item.indicator.__slots__}
    told = {
        "code": code,
        "method": item.method,
        "dimensions": item.dimensions,
        "words": words,
        "counted": item.declared.told(),
    }
    return sha256(canonical(told)).hexdigest()


@dataclass(frozen=True, slots=True)
class Phases:
    """A figure by phase: the lines as they are kept, and the phase of each of its rows."""

    lines: Mapping[str, Any] = field(default_factory=dict)
    of_row: Mapping[RowKey, str] = field(default_factory=dict)


NO_PHASES = Phases()


def figure_of(
    snapshot: Snapshot,
    line: ReportLine,
    periods: Mapping[str, Any] | None = None,
    variants: Mapping[str, Any] | None = None,
    phases: Phases = NO_PHASES,
) -> FrozenFigure:
    """The figure as it is stored, without its rows."""
    low, high = line.interval or ("", "")
    return FrozenFigure(
        id=new_id(),
        snapshot=snapshot,
        code=line.code,
        definition=definition_sum(line.code),
        numerator=line.numerator,
        denominator=line.denominator,
        currency=line.currency,
        value=line.value or "",
        low=low,
        high=high,
        lines=_lines(line) | dict(phases.lines),
        periods=dict(periods or {}),
        variants=dict(variants or {}),
        conversion=conversion_json(line.figure.conversion) or {},
        may_leave=_may_leave(line),
    )


def periods_of(line: ReportLine, facts: Facts) -> dict[str, Any]:
    """What a figure of what happened counts in each period that ends on the day, by the period as
    ADX names it: whoever came in two periods counts in both, so that all time does not tell it.
    """
    item = definition(line.code)
    kind = item.indicator.period_kind
    of_a_day = any(side.table in DERIVED for _base, side in item.declared.sides)
    if kind is not PeriodKind.FLOW and (kind is not PeriodKind.CUMULATIVE or of_a_day):
        return {}
    return {
        period.adx: _period(item, item.compute(facts, Asked(period.last, period.first)))
        for period in periods_ending(facts.cut_off)
    }


def phases_of(line: ReportLine, facts: Facts) -> Phases:
    """A figure by phase; nothing where its records name none. A share or an amount says whether
    each phase stands for enough persons to be told outside.
    """
    figure = definition(line.code).by_phase(facts)
    if figure is None or (figure.numerator, figure.denominator) != (
        line.numerator,
        line.denominator,
    ):
        return Phases()
    [found] = figure.breakdowns
    told: dict[str, Any] = {
        "overlapping": False,
        "lines": [
            {"code": one.code, "numerator": one.numerator, "denominator": one.denominator}
            for one in found.lines
        ],
    }
    if figure.denominator is not None or line.currency:
        told["may_leave"] = all(_phase_may_leave(figure, one, line.currency) for one in found.lines)
    sides = ((False, figure.rows), (True, figure.base_rows))
    of_row = {
        _row_key(row, is_base=is_base): str(row.dims[BY_PHASE])
        for is_base, rows in sides
        for row in rows
    }
    return Phases({found.dimension: told}, of_row)


def _phase_may_leave(figure: Figure, one: Line, currency: str) -> bool:
    """Whether one phase stands for enough: of a share at least ten, of an amount enough holders."""
    k = safety.value("protection.smallest_shown")
    wanted = "" if one.code == NOT_RECORDED else one.code
    rows, base = (
        tuple(row for row in side if row.dims[BY_PHASE] == wanted)
        for side in (figure.rows, figure.base_rows)
    )
    is_thin = one.denominator is not None and 0 < one.denominator < LEAST_OF_A_SHARE
    is_thin = is_thin and not currency
    if currency and any(0 < len({row.whose for row in side}) < k for side in (rows, base)):
        return False
    return not is_thin and is_large_enough(replace(figure, rows=rows, base_rows=base), k)


def variants_of(line: ReportLine, facts: Facts) -> dict[str, Any]:
    """What a figure is with the other parameters the catalogue names, by `name=value`; one that
    differs from it, or from the one before, by a few persons does not leave.
    """
    item = definition(line.code)
    found: dict[str, Any] = {}
    kept = [(item.declared.params.get(name), line.figure) for name, _v in item.alternatives[:1]]
    k = safety.value("protection.smallest_shown")
    for name, value in item.alternatives:
        figure = item.compute(facts, Asked(facts.cut_off, params={name: value}))
        told = _period(item, figure)
        low, high = line_of(item, figure).interval or ("", "")
        told |= {"low": low, "high": high, "lines": {}}
        for before, one in kept:
            for few in (changed(figure, one), item.told_apart(facts, int(before or 0), value)):
                told["may_leave"] &= not 0 < len(few) < k
        kept.append((value, figure))
        found[f"{name}={value}"] = told
    return found


def changed(one: Figure, other: Figure) -> set[str]:
    """The persons (households) whose part of two figures is not the same."""
    parts: list[dict[str, Counter[tuple[bool, str]]]] = []
    for figure in (one, other):
        held: dict[str, Counter[tuple[bool, str]]] = defaultdict(Counter)
        for is_base, rows in ((False, figure.rows), (True, figure.base_rows)):
            for row in rows:
                if row.kind in PERSONAL:
                    held[row.whose][is_base, row.unit] += row.amount
        parts.append(held)
    first, second = parts
    return {who for who in {*first, *second} if first.get(who) != second.get(who)}


def _period(item: Definition, figure: Figure) -> dict[str, Any]:
    line = line_of(item, figure)
    return {
        "numerator": line.numerator,
        "denominator": line.denominator,
        "currency": line.currency,
        "value": line.value or "",
        "lines": _lines(line),
        "may_leave": _may_leave(line),
        **({"conversion": conversion_json(figure.conversion)} if figure.has_gap else {}),
    }


def _lines(line: ReportLine) -> dict[str, Any]:
    """The lines as they are kept. Town and countryside stay with the staff where they would tell of
    a few beside the areas.
    """
    lines: dict[str, Any] = line.as_json()["by"]
    k = safety.value("protection.smallest_shown")
    if BY_SETTLEMENT in lines and tells_beside_areas(line.figure, k):
        lines[BY_SETTLEMENT]["may_leave"] = False
    return lines


def _may_leave(line: ReportLine) -> bool:
    """Whether a figure stands for enough persons to be told outside (results.md 4.5)."""
    k = safety.value("protection.smallest_shown")
    is_thin = line.denominator is not None and 0 < line.denominator < LEAST_OF_A_SHARE
    return is_large_enough(line.figure, k) and not (is_thin and not line.currency)


def estimates_of(snapshot: Snapshot) -> list[FrozenEstimate]:
    """What the analyses of a programme showed by the day of a snapshot; none that is out of date,
    and none where too few answered.
    """
    done = Analysis._base_manager.filter(
        programme=snapshot.programme_id,
        state=AnalysisState.DONE.value,
        last_round__closes_date__lte=snapshot.day,
    ).select_related("first_round", "last_round")
    k = safety.value("protection.smallest_shown")
    found = []
    for one in done.order_by("code"):
        rounds = [round for round in (one.first_round, one.last_round) if round is not None]
        if main_of(one.told) is None or any(r.state != RoundState.LOCKED for r in rounds):
            continue
        if any(r.reopened_at and one.done_at and r.reopened_at > one.done_at for r in rounds):
            continue
        sides = [flow["followed"] for flow in one.told["flows"]]
        least = max(k, LEAST_OF_A_SHARE) if one.kind != OutcomeKind.AMOUNT else k
        found.append(
            FrozenEstimate(
                id=new_id(),
                snapshot=snapshot,
                code=one.code,
                title=one.title,
                unit=one.unit,
                level=one.level,
                told=one.told,
                may_leave=min(sides) >= least,
            )
        )
    return found


def rows_of(figure: FrozenFigure, line: ReportLine, phases: Phases = NO_PHASES) -> list[FrozenRow]:
    """The rows behind it: what is counted, then what it is counted of."""
    sides = ((False, line.figure.rows), (True, line.figure.base_rows))
    return [
        _row(figure, row, phases.of_row.get(_row_key(row, is_base=is_base), ""), is_base=is_base)
        for is_base, rows in sides
        for row in rows
    ]


def _row_key(row: FactRow, *, is_base: bool) -> RowKey:
    return (is_base, row.kind, row.record, row.unit)


def _row(figure: FrozenFigure, row: FactRow, phase: str, *, is_base: bool) -> FrozenRow:
    salt = secrets.token_hex(16)
    return FrozenRow(
        salt=salt,
        figure=figure,
        is_base=is_base,
        unit=row.unit,
        holder=row.whose,
        kind=row.kind,
        record=row.record,
        on=row.on,
        amount=row.amount,
        currency=row.currency,
        phase=phase,
        digest=row_sum(
            salt, row.unit, row.whose, row.kind, row.record, row.on, row.amount, row.currency
        ),
    )


def row_sum(
    salt: str, unit: str, holder: str, kind: str, record: str, on: date, amount: int, currency: str
) -> str:
    """The digest of one row. The salt goes with the person: without it nobody finds her again by
    trying.
    """
    told = [salt, unit, holder, kind, record, on.isoformat(), amount, currency]
    return sha256(canonical(told)).hexdigest()


def as_fact(row: FrozenRow) -> FactRow:
    """A frozen row as the pages open it; not for one whose person was erased."""
    assert row.on is not None
    return FactRow(
        row.unit,
        row.on,
        row.kind,
        row.record,
        row.amount,
        row.currency,
        holder="" if row.holder == row.unit else row.holder,
    )


def snapshot_sum(snapshot: Snapshot) -> str:
    """The checksum over everything a snapshot says: figures, lines, and the digest of each row."""
    rows: dict[Any, dict[bool, list[str]]] = {}
    stored = FrozenRow._base_manager.filter(figure__snapshot=snapshot)
    for figure, is_base, digest in stored.values_list("figure_id", "is_base", "digest").iterator():
        rows.setdefault(figure, {False: [], True: []})[is_base].append(digest)
    figures = FrozenFigure._base_manager.filter(snapshot=snapshot).order_by("code")
    told: dict[str, Any] = {
        "programme": str(snapshot.programme_id),
        "number": snapshot.number,
        "day": snapshot.day.isoformat(),
        "program": snapshot.program_version,
        "figures": [_told(figure, rows.get(figure.pk, {})) for figure in figures],
    }
    estimates = FrozenEstimate._base_manager.filter(snapshot=snapshot).order_by("code")
    names = ("code", "title", "unit", "level", "told", "may_leave")
    if kept := [{name: getattr(one, name) for name in names} for one in estimates]:
        told["estimates"] = kept
    typed = FrozenTyped._base_manager.filter(snapshot=snapshot).order_by("code")
    if values := [dict(kept_as(one)) for one in typed]:
        told["typed"] = values
    targets = FrozenTarget._base_manager.filter(snapshot=snapshot).order_by("position")
    if promised := [dict(promised_as(one)) for one in targets]:
        told["targets"] = promised
    return sha256(canonical(told)).hexdigest()


def _told(figure: FrozenFigure, rows: Mapping[bool, Iterable[str]]) -> dict[str, Any]:
    names = ("code", "definition", "numerator", "denominator", "currency", "value", "low", "high")
    later = {
        name: told
        for name in ("periods", "conversion", "variants")
        if (told := getattr(figure, name))
    }
    return {
        **{name: getattr(figure, name) for name in names},
        **later,
        "lines": figure.lines,
        "note": figure.note,
        "rows": sorted(rows.get(False, ())),
        "base": sorted(rows.get(True, ())),
    }
