"""The figures of a frozen snapshot as they may leave the house (results.md 4.5, protection.md 4.9).

Nothing of a few, nothing that one holder makes nearly alone, and nothing that tells of a few by its
difference to what was told before: then what was told stays.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from handup.kernel.money import amount_text, decimal_text
from handup.org import safety
from handup.org.web.money import currency_digits
from handup.results.beside_areas import (
    BY_AREA,
    BY_PLACE,
    beside_table,
    counts_in,
    places_may_stand_beside,
)
from handup.results.definitions import Definition, definition
from handup.results.exchange.phases import Phased, moved_by_few, phases_stay, told_phases
from handup.results.frozen_typed import OF_PERSONS, whole_of
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    FrozenRow,
    FrozenTyped,
    Narrative,
    PublicTable,
    ReleasedFigure,
    Snapshot,
)
from handup.results.rules.adx import period_named
from handup.results.rules.claims import Placeholder, placeholders
from handup.results.rules.iati.states import ExchangeState
from handup.results.rules.safe_tables import Outcome, kept, safe_line
from handup.results.rules.states import NarrativeState
from handup.results.telling import SENSITIVE, figures_of

MOST_OF_ONE = Fraction(4, 5)
"""An amount of which one holder has more is not told."""

Lines = dict[str, list[tuple[str, int]]]
Counts = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Told:
    """One figure as it may be told: both counts, and of counts the lines that may be shown.

    renewed: whether it is the snapshot's own; else it is what was told before. shown: the frozen
    value. spans: the counts by the period they are told of, where a file names one.
    """

    code: str
    numerator: int
    denominator: int | None
    currency: str
    low: str
    high: str
    lines: Lines
    renewed: bool = True
    shown: str = ""
    spans: Mapping[str, Counts] = field(default_factory=dict)
    is_typed: bool = False
    """Whether somebody typed it, with a file: it is marked wherever it stands."""
    is_promise: bool = False
    """Whether only what was promised of it is told: no count of it."""
    phases: Phased = field(default_factory=dict)
    """Of a share or an amount, both counts by phase where a file may tell them."""

    @property
    def item(self) -> Definition:
        """Its definition."""
        return definition(self.code)

    @property
    def value(self) -> str | None:
        """The value as other programs read it: a percentage, an amount in main units, a count;
        None where it is not defined.
        """
        is_as_typed = self.is_typed and (self.denominator is None or self.item.is_unit_cost)
        if self.is_estimate or is_as_typed:
            return self.shown or None
        if self.denominator is not None:
            if not self.denominator:
                return None
            if self.item.is_unit_cost:
                units = self.item.for_each(self.numerator, self.denominator)
                return None if units is None else self.counted(units)
            return decimal_text(
                Fraction(100 * self.numerator, self.denominator), self.item.decimals
            )
        return self.counted(self.numerator)

    @property
    def of_span(self) -> "Told":
        """It with the counts of the one period it is told of; without one, as it is."""
        counts = next(iter(self.spans.values()), None)
        if counts is None:
            return self
        return replace(self, numerator=counts[0], denominator=counts[1])

    @property
    def is_estimate(self) -> bool:
        """Whether its value is not one count over the other."""
        return self.item.method == "SURVIVAL"

    def counted(self, units: int) -> str:
        """A count of it as other programs read it: money in main units, days of work in full
        jobs.
        """
        if self.is_typed:
            return str(units)
        if self.currency:
            return amount_text(units, currency_digits(self.currency))
        if self.item.scale != 1:
            return decimal_text(Fraction(units, self.item.scale), self.item.decimals)
        return str(units)

    def counted_of(self, units: int) -> str:
        """What it is counted of, likewise; of a unit cost it is no money."""
        return str(units) if self.item.is_unit_cost else self.counted(units)

    def _phases_as_json(self) -> dict[str, list[int | None]]:
        return {code: list(counts) for code, counts in self.phases.items()}

    def as_json(self) -> dict[str, Any]:
        """What the next file is compared with."""
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "currency": self.currency,
            "shown": self.shown,
            "lines": {name: dict(lines) for name, lines in self.lines.items()},
            "spans": {name: list(counts) for name, counts in self.spans.items()},
            **({"typed": True} if self.is_typed else {}),
            **({"phases": self._phases_as_json()} if self.phases else {}),
        }


@dataclass(frozen=True, slots=True)
class Leaving:
    """The figures that leave, and those that do not, with why."""

    told: tuple[Told, ...]
    left_out: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """What the next file is compared with."""
        return {one.code: one.as_json() for one in self.told}


def leaving(snapshot: Snapshot) -> Leaving:
    """What may be told of a frozen snapshot: its figures, then what was typed. Raises
    SnapshotNotFrozen.
    """
    k = safety.value("protection.smallest_shown")
    before = _Before(snapshot)
    told, left_out = [], []
    figures = figures_of(snapshot)
    for code, figure in sorted(figures.items()):
        if figure.has_gap:
            left_out.append((code, "RATE"))
        elif not figure.may_leave:
            left_out.append((code, "FEW"))
        elif figure.currency and (why := _is_of_few(figure, k)):
            left_out.append((code, why))
        else:
            told.append(before.kept(_told(figure, k), figure, k))
    for code, typed in sorted(figures.typed.items()):
        if typed.may_leave:
            told.append(before.kept_typed(_typed(typed), k))
        else:
            left_out.append((code, "FEW"))
    return Leaving(tuple(told), tuple(left_out))


def _told(figure: FrozenFigure, k: int) -> Told:
    return Told(
        code=figure.code,
        numerator=figure.numerator,
        denominator=figure.denominator,
        currency=figure.currency,
        low=figure.low,
        high=figure.high,
        lines=safe_lines(figure, k),
        shown=figure.value,
        phases=told_phases(figure),
    )


def _typed(row: FrozenTyped) -> Told:
    return Told(
        code=row.code,
        numerator=whole_of(row),
        denominator=row.denominator,
        currency="",
        low="",
        high="",
        lines={},
        shown=row.value,
        is_typed=True,
    )


def safe_lines(figure: FrozenFigure, k: int) -> Lines:
    """The lines of a count that may be shown, by dimension; of shares and amounts none."""
    if figure.denominator is not None or figure.currency:
        return {}
    return lines_that_are_safe(figure.lines, figure.numerator, k)


def lines_that_are_safe(lines: Mapping[str, Any], total: int, k: int) -> Lines:
    """The lines of a count that may be shown beside its total, and beside each other."""
    found: Lines = {}
    for name, breakdown in lines.items():
        if not breakdown.get("may_leave", True):
            continue
        counts = counts_in(breakdown)
        zeros = name in SENSITIVE
        if breakdown.get("overlapping"):
            shown = [
                (code, count)
                for code, count in counts
                if _stands_alone([count, total - count], k, zeros=zeros)
            ]
        else:
            shown = _shown(counts, total, k, zeros=zeros)
        if shown:
            found[name] = shown
    if {BY_AREA, BY_PLACE} <= found.keys() and not places_may_stand_beside(
        counts_in(lines[BY_AREA]),
        counts_in(lines[BY_PLACE]),
        dict(found[BY_AREA]),
        dict(found[BY_PLACE]),
        k,
    ):
        del found[BY_PLACE]
    return found


def _stands_alone(parts: Sequence[int], k: int, *, zeros: bool) -> bool:
    least = 0 if zeros else 1
    return all(part >= 0 for part in parts) and not any(least <= part < k for part in parts)


def _shown(
    counts: Sequence[tuple[str, int]], total: int, k: int, *, zeros: bool
) -> list[tuple[str, int]]:
    if not counts or sum(count for _code, count in counts) != total:
        return []
    safe = safe_line([count for _code, count in counts], k=k, zeros_small=zeros)
    if safe.outcome is not Outcome.PUBLISHED:
        return []
    return [(code, count) for place, (code, count) in enumerate(counts) if place not in safe.hidden]


def _amounts(rows: Iterable[FrozenRow]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.holder or row.digest] += row.amount
    return found


def _is_of_few(figure: FrozenFigure, k: int) -> str:
    """FEW where fewer than k groups make an amount, ONE where one holder makes more than four
    fifths of it; else empty. Persons are counted when it is frozen.
    """
    for is_base in (False, True):
        rows = FrozenRow._base_manager.filter(figure=figure, is_base=is_base)
        amounts = [abs(amount) for amount in _amounts(rows).values()]
        if 0 < len(amounts) < k and rows.filter(kind__in=("group", "contract", "meeting")).exists():
            return "FEW"
        total = sum(amounts)
        if total and max(amounts) > MOST_OF_ONE * total:
            return "ONE"
    return ""


def _parts(figure: FrozenFigure, *, by_amount: bool = True) -> dict[str, Counter[tuple[bool, str]]]:
    """The part each holder has; by the number of her rows where amounts are of two currencies."""
    found: dict[str, Counter[tuple[bool, str]]] = defaultdict(Counter)
    for row in FrozenRow._base_manager.filter(figure=figure).exclude(unit=""):
        part = row.amount or 1 if by_amount else 1
        found[row.holder or row.unit][row.is_base, row.unit] += part
    return found


def parts_differ_by_few(now: FrozenFigure, then: FrozenFigure, k: int) -> bool:
    """Whether one to k - 1 holders have another part of the one figure than of the other. Of what
    was told in another currency, whoever came or went: with the rates the rest is known.
    """
    by_amount = now.currency == then.currency
    one, other = (_parts(figure, by_amount=by_amount) for figure in (now, then))
    return 0 < sum(1 for who in {*one, *other} if one.get(who) != other.get(who)) < k


class _Before:
    """What was told of a programme before, the newest first: in files, to partners, in tables, and
    in reports that were approved or sent.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        told = (ExchangeState.PUBLISHED.value, ExchangeState.REPLACED.value)
        files = ExchangeFile._base_manager.filter(programme=snapshot.programme_id, state__in=told)
        self.files = list(
            files.exclude(figures={})
            .order_by("-published_at", "-number")
            .only("figures", "snapshot_id")
        )
        self.released: dict[str, list[Counts]] = defaultdict(list)
        rows = ReleasedFigure._base_manager.filter(programme=snapshot.programme_id)
        for row in rows.exclude(numerator=None).order_by("-of_day", "-id"):
            assert row.numerator is not None
            self.released[row.code].append((row.numerator, row.denominator))
        self.tables: dict[str, list[tuple[str, dict[str, int]]]] = defaultdict(list)
        tables = PublicTable._base_manager.filter(programme=snapshot.programme_id)
        for table in tables.order_by("-day", "-recorded_at"):
            self.released[table.code].append(table.counts)
            self.tables[table.code] += _margins(table)
        for code, counts in reported(snapshot):
            self.released[code].append(counts)
        self.amounts: dict[str, list[FrozenFigure]] = defaultdict(list)
        for _one, figure in named_in_reports(snapshot):
            if figure.currency and figure not in self.amounts[figure.code]:
                self.amounts[figure.code].append(figure)

    def kept(self, now: Told, figure: FrozenFigure, k: int) -> Told:
        """The figure, or what was told of it where only a few make the difference."""
        for file in self.files:
            then: Mapping[str, Any] | None = file.figures.get(now.code)
            if then is None:
                continue
            if self._differs_by_few(now, then, file, figure, k):
                return _again(now, then)
            now = replace(
                now,
                lines=lines_kept(now.lines, then["lines"], k),
                phases=self._phases(now, file, figure, k),
            )
        for name, margin in self.tables[now.code]:
            lines = beside_table(now.lines, figure.lines, name, margin, k)
            now = replace(now, lines=lines_kept(lines, {name: margin}, k))
        if not now.currency:
            for counts in self.released[now.code]:
                if moved_by_few((now.numerator, now.denominator), counts, k):
                    return replace(
                        now,
                        numerator=counts[0],
                        denominator=counts[1],
                        lines={},
                        phases={},
                        low="",
                        high="",
                        shown="",
                        renewed=False,
                    )
        for told in self.amounts[now.code] if now.currency else ():
            if parts_differ_by_few(figure, told, k):
                return replace(_told(told, k), lines={}, phases={}, low="", high="", renewed=False)
        return now

    def _phases(self, now: Told, file: ExchangeFile, figure: FrozenFigure, k: int) -> Phased:
        """A share or an amount by phase, where it stands beside what a file told of it."""
        told = file.figures[now.code].get("phases", {})
        if file.snapshot_id == figure.snapshot_id:
            return now.phases
        old = FrozenFigure._base_manager.filter(snapshot=file.snapshot_id, code=now.code).first()
        return now.phases if phases_stay(figure, old, told, k) else {}

    def kept_typed(self, now: Told, k: int) -> Told:
        """A typed value, or what was told of its indicator before where a few make the
        difference; of what is nobody it stands as it is.
        """
        if now.item.indicator.unit not in OF_PERSONS:
            return now
        counts = (now.numerator, now.denominator)
        for file in self.files:
            then: Mapping[str, Any] | None = file.figures.get(now.code)
            if then is None or file.snapshot_id == self.snapshot.pk:
                continue
            if moved_by_few(counts, (int(then["numerator"]), then["denominator"]), k):
                return replace(_again(now, then), is_typed=bool(then.get("typed")))
        for told in (*self.released[now.code], *_typed_in_reports(self.snapshot, now.code)):
            if moved_by_few(counts, told, k):
                return replace(now, numerator=told[0], denominator=told[1], shown="", renewed=False)
        return now

    def _differs_by_few(
        self,
        now: Told,
        then: Mapping[str, Any],
        file: ExchangeFile,
        figure: FrozenFigure,
        k: int,
    ) -> bool:
        if file.snapshot_id == figure.snapshot_id:
            return False
        counts = (int(then["numerator"]), then["denominator"])
        if not now.currency and moved_by_few((now.numerator, now.denominator), counts, k):
            return True
        old = FrozenFigure._base_manager.filter(snapshot=file.snapshot_id, code=now.code).first()
        if old is None:
            return False
        return parts_differ_by_few(figure, old, k)


def _margins(table: PublicTable) -> list[tuple[str, dict[str, int]]]:
    """The lines a public table told of each of its dimensions; merged ones tell of none alone."""
    told = table.table
    found = []
    for name, labels, totals in (
        (table.row_dimension, told["rows"], told["row_totals"]),
        (table.column_dimension, told["columns"], told["column_totals"]),
    ):
        pairs = zip(labels, totals, strict=False) if name else ()
        found.append((name, {codes[0]: count for codes, count in pairs if len(codes) == 1}))
    found += [_of_set(name, counts) for name, counts in found if "=" in name]
    return [(name, counts) for name, counts in found if counts]


def _of_set(name: str, counts: Mapping[str, int]) -> tuple[str, dict[str, int]]:
    """Who stands in one of several sets that overlap, as a line of their breakdown."""
    dimension, _equals, code = name.partition("=")
    return dimension, {code: counts["IN"]} if "IN" in counts else {}


def _again(now: Told, then: Mapping[str, Any]) -> Told:
    return replace(
        now,
        numerator=int(then["numerator"]),
        denominator=then["denominator"],
        currency=str(then["currency"]),
        lines={name: list(lines.items()) for name, lines in then["lines"].items()},
        low="",
        high="",
        shown=str(then.get("shown", "")),
        phases={code: (int(n), of) for code, (n, of) in then.get("phases", {}).items()},
        renewed=False,
    )


def reported(snapshot: Snapshot) -> Iterator[tuple[str, Counts]]:
    """What reports of other snapshots told which were approved or sent: totals, and the counts of
    the periods they named.
    """
    for one, figure in named_in_reports(snapshot):
        yield one.code, (figure.numerator, figure.denominator)
        for key in one.keys:
            period = period_named(key)
            counts = figure.periods.get(period.adx) if period else None
            if counts is not None:
                yield one.code, (int(counts["numerator"]), counts["denominator"])


def named_in_reports(snapshot: Snapshot) -> Iterator[tuple[Placeholder, FrozenFigure]]:
    """The figures that reports of other snapshots named which were approved or sent."""
    told = Narrative._base_manager.filter(
        programme=snapshot.programme_id,
        state__in=(NarrativeState.APPROVED.value, NarrativeState.SENT.value),
    ).exclude(snapshot=snapshot)
    for row in told.order_by("-recorded_at"):
        named = placeholders(row.text)
        figures = FrozenFigure._base_manager.filter(
            snapshot=row.snapshot_id, code__in={one.code for one in named}
        )
        held = {figure.code: figure for figure in figures}
        for one in named:
            if (figure := held.get(one.code)) is not None:
                yield one, figure


def _typed_in_reports(snapshot: Snapshot, code: str) -> Iterator[Counts]:
    """What reports of other snapshots, approved or sent, named of a typed value."""
    told = Narrative._base_manager.filter(
        programme=snapshot.programme_id,
        state__in=(NarrativeState.APPROVED.value, NarrativeState.SENT.value),
        text__contains=code,
    ).exclude(snapshot=snapshot)
    for row in told.order_by("-recorded_at"):
        if any(one.code == code for one in placeholders(row.text)):
            for typed in FrozenTyped._base_manager.filter(snapshot=row.snapshot_id, code=code):
                yield whole_of(typed), typed.denominator


def lines_kept(now: Lines, then: Mapping[str, Mapping[str, int]], k: int) -> Lines:
    """The dimensions of which no line moved by a few."""
    return {
        name: lines
        for name, lines in now.items()
        if all(kept(count, then.get(name, {}).get(code), k=k) == count for code, count in lines)
    }
