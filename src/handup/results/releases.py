"""What left the house stays as it was told (protection.md 4.9, rule 6; rulings 30): the figures of
a programme for a day are stored when they are first asked for, and answered from there ever after.

A later entry, a correction or an erasure moves nothing that was told. Another day is another
release: a figure in which only a few changed keeps what was told before, whichever of the days is
the later one; otherwise the difference between the two would tell of those few.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.org import safety
from handup.org.models import StaffUser
from handup.org.scope import hidden_from
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.facts import APPRENTICE_STEPS
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    Narrative,
    PublicTable,
    ReleasedFigure,
)
from handup.results.published import (
    groups_behind,
    is_outside,
    published,
    published_day,
    whose,
)
from handup.results.report import (
    FUNNEL,
    FunnelLine,
    Report,
    ReportLine,
    codes_of,
    funnel_of,
    line_of,
    make_report,
    stated_of,
)
from handup.results.rules.claims import placeholders
from handup.results.rules.engine import Figure, ValueKind
from handup.results.rules.iati.states import ExchangeState
from handup.results.rules.safe_tables import kept
from handup.results.rules.states import NarrativeState
from handup.results.rules.statistics import wilson
from handup.surveys.queries import reopened_after

STEPS = tuple(step.value for step in APPRENTICE_STEPS)
BETWEEN_SUMS = 80
"""Days between two releases of a share of money: by then nearly everybody's part has changed."""

AT_ONCE = 3
"""So often a release is counted again because another was stored meanwhile."""

Told = dict[str, ReleasedFigure]


def report_for(staff: StaffUser, programme: Programme, as_of: date) -> Report:
    """A programme's report as one reader may have it: without persons hidden from her, and for a
    partner outside the staff as it is published.
    """
    if is_outside(staff):
        return published_report(programme)
    return make_report(programme, as_of, without=hidden_from(staff))


def published_report(programme: Programme) -> Report:
    """A programme's report as everybody outside has it, at every door: nobody who is hidden is in
    it, whoever reads.
    """
    day = published_day(programme)
    codes = codes_of(programme)
    wanted = (*codes, *(STEPS if FUNNEL in codes else ()))
    rows = _rows(programme)
    for _attempt in range(AT_ONCE):
        if {row.code for row in rows if row.day == day} >= set(wanted):
            break
        _release(programme, day, rows)
        rows = _rows(programme)
    told = {row.code: row for row in rows if row.day == day and _is_told(row)}
    stated = stated_of(programme)
    lines = tuple(
        _dated(_line(told[code], stated.get(code, ())), told[code])
        for code in codes
        if code in told
    )
    counts = [told[step].numerator or 0 for step in STEPS if step in told and step in wanted]
    return Report(programme, day, lines, funnel_of(counts) if len(counts) == len(STEPS) else ())


def _rows(programme: Programme) -> list[ReleasedFigure]:
    """Everything that was ever told of a programme, the oldest first."""
    return list(ReleasedFigure._base_manager.filter(programme=programme).order_by("id"))


def _is_told(row: ReleasedFigure) -> bool:
    return row.numerator is not None


def _line(row: ReleasedFigure, stated: tuple[tuple[str, str], ...]) -> ReportLine:
    item = definition(row.code)
    assert row.numerator is not None
    sampled = item.indicator.is_sample and row.denominator
    figure = Figure(
        value_kind=item.indicator.value_kind if row.denominator is None else ValueKind.RATIO,
        numerator=row.numerator,
        denominator=row.denominator,
        currency=row.currency,
        breakdowns=(),
        rows=(),
        base_rows=(),
        interval=wilson(row.numerator, row.denominator) if sampled and row.denominator else None,
    )
    return line_of(item, figure, stated)


def _dated(line: ReportLine, row: ReleasedFigure) -> ReportLine:
    """The line with since when it is out of date: a figure of answers in whose round corrections
    were made possible after it was told (surveys.md section 5). It stays as it was told.
    """
    if not definition(row.code).indicator.is_sample:
        return line
    since = reopened_after(programme_id=row.programme_id, moment=row.recorded_at, until=row.of_day)
    return line if since is None else replace(line, stale_since=timezone.localdate(since))


def _release(programme: Programme, day: date, before: Sequence[ReleasedFigure]) -> None:
    """Store what is told for a day and was not yet; nothing where somebody was quicker, who is
    asked again. It is counted before the programme is locked.
    """
    without = hidden_from_all()
    report = make_report(programme, day, without=without)
    safe = published(report)
    shown = {line.code for line in safe.lines}
    earlier: dict[str, list[ReleasedFigure]] = defaultdict(list)
    for row in before:
        if _is_told(row):
            earlier[row.code].append(row)
    for code, rows in _told_elsewhere(programme).items():
        earlier[code][:0] = rows
    made = [
        _next(line, report, earlier[line.code], without, is_shown=line.code in shown)
        for line in report.lines
    ]
    made += _next_steps(report, before, is_shown=bool(safe.funnel))
    held = {row.code for row in before if row.day == day}
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=programme.pk)
        if [row.pk for row in _rows(programme)] == [row.pk for row in before]:
            ReleasedFigure.objects.bulk_create(row for row in made if row.code not in held)


def _told_elsewhere(programme: Programme) -> dict[str, list[ReleasedFigure]]:
    """What public tables, published files and reports that were approved or sent told of the
    programme, as if it had been told to partners; not to be stored.
    """
    found: dict[str, list[ReleasedFigure]] = defaultdict(list)
    for day, code, numerator, denominator, currency in _elsewhere(programme):
        told = ReleasedFigure(programme=programme, day=day, code=code, of_day=day)
        told.numerator, told.denominator, told.currency = numerator, denominator, currency
        found[code].append(told)
    return found


Elsewhere = tuple[date, str, int, int | None, str]


def _elsewhere(programme: Programme) -> Iterator[Elsewhere]:
    for table in PublicTable._base_manager.filter(programme=programme).order_by("recorded_at"):
        yield table.day, table.code, *table.counts, ""
    states = (ExchangeState.PUBLISHED.value, ExchangeState.REPLACED.value)
    files = ExchangeFile._base_manager.filter(programme=programme, state__in=states)
    for file in files.select_related("snapshot").order_by("published_at", "number"):
        for code, one in file.figures.items():
            yield (
                file.snapshot.day,
                code,
                int(one["numerator"]),
                one["denominator"],
                str(one["currency"]),
            )
    passed = (NarrativeState.APPROVED.value, NarrativeState.SENT.value)
    reports = Narrative._base_manager.filter(programme=programme, state__in=passed)
    for row in reports.select_related("snapshot").order_by("recorded_at"):
        named = {one.code for one in placeholders(row.text)}
        for figure in FrozenFigure._base_manager.filter(
            snapshot=row.snapshot_id, code__in=named
        ).order_by("code"):
            yield (
                row.snapshot.day,
                figure.code,
                figure.numerator,
                figure.denominator,
                figure.currency,
            )


def _next(
    line: ReportLine,
    report: Report,
    earlier: Sequence[ReleasedFigure],
    without: frozenset[UUID],
    *,
    is_shown: bool,
) -> ReleasedFigure:
    """A figure of the next release: the one told before where a few make the difference; without
    numbers where it stands for too few.
    """
    made = ReleasedFigure(
        programme=report.programme, day=report.as_of, code=line.code, of_day=report.as_of
    )
    last = _told_before(line, report, earlier, without)
    if last is not None:
        made.of_day, made.currency = last.of_day, last.currency
        made.numerator, made.denominator = last.numerator, last.denominator
    elif is_shown and not _is_too_soon(line, report, earlier, without):
        made.currency = line.currency
        made.numerator, made.denominator = line.numerator, line.denominator
    return made


def _told_before(
    line: ReportLine,
    report: Report,
    earlier: Sequence[ReleasedFigure],
    without: frozenset[UUID],
) -> ReleasedFigure | None:
    """What was told of a figure and differs from it by a few: of counts by the counts, of money and
    loans by the persons (households, groups) whose part of it is another one.
    """
    k = safety.value("protection.smallest_shown")
    if not line.currency:
        cells = _cells(line.numerator, line.denominator)
        for row in reversed(earlier):
            if _moved_by_few(cells, _cells(row.numerator, row.denominator), k):
                return row
    figure = line.figure
    rows = (*figure.rows, *figure.base_rows)
    of_few = any(row.whose != row.unit for row in rows) or bool(groups_behind(rows))
    if not of_few or _is_share_of_money(line):
        return None
    for row in _nearest(earlier, report.as_of):
        then = make_report(report.programme, row.of_day, without=without).line(line.code)
        if len(_changed(figure, then.figure)) < k:
            return row
    return None


def _is_share_of_money(line: ReportLine) -> bool:
    """Whether its rows do not tell what part of it each person is."""
    return bool(line.currency) and line.denominator is not None


def _is_too_soon(
    line: ReportLine,
    report: Report,
    earlier: Sequence[ReleasedFigure],
    without: frozenset[UUID],
) -> bool:
    """Whether a share of money could be taken from one told before: within a quarter, or where a
    few came to one of its sides or left it.
    """
    if not _is_share_of_money(line):
        return False
    k = safety.value("protection.smallest_shown")
    for row in _nearest(earlier, report.as_of):
        if abs((report.as_of - row.of_day).days) < BETWEEN_SUMS:
            return True
        then = make_report(report.programme, row.of_day, without=without).line(line.code).figure
        for now, once in (
            (line.figure.rows, then.rows),
            (line.figure.base_rows, then.base_rows),
        ):
            if 0 < len(whose(now) ^ whose(once)) < k:
                return True
    return False


def _nearest(earlier: Sequence[ReleasedFigure], day: date) -> list[ReleasedFigure]:
    """What was told for the last day before one, and for the first day after it."""
    before = [row for row in earlier if row.of_day <= day]
    after = [row for row in earlier if row.of_day > day]
    found = []
    if before:
        found.append(max(before, key=lambda row: row.of_day))
    if after:
        found.append(min(after, key=lambda row: row.of_day))
    return found


def _cells(numerator: int | None, denominator: int | None) -> tuple[int, ...]:
    """What can be read of a count: itself, what it is of, and what lies between."""
    if numerator is None:
        return ()
    return (
        (numerator,) if denominator is None else (numerator, denominator, denominator - numerator)
    )


def _moved_by_few(cells: Sequence[int], last: Sequence[int], k: int) -> bool:
    return any(kept(new, old, k=k) != new for new, old in zip(cells, last, strict=False))


def _changed(now: Figure, then: Figure) -> set[str]:
    """Persons (households) whose part of a figure is another one; where it was told in another
    currency, who came or went: with the rates the rest is known.
    """
    by_amount = now.currency == then.currency
    one, other = (_parts(figure, by_amount=by_amount) for figure in (now, then))
    return {who for who in {*one, *other} if one.get(who) != other.get(who)}


def _parts(figure: Figure, *, by_amount: bool) -> dict[str, Counter[tuple[bool, str]]]:
    found: dict[str, Counter[tuple[bool, str]]] = defaultdict(Counter)
    for counted, rows in ((True, figure.rows), (False, figure.base_rows)):
        for row in rows:
            found[row.whose][counted, row.unit] += row.amount if by_amount else 1
    return found


def _next_steps(
    report: Report, before: Sequence[ReleasedFigure], *, is_shown: bool
) -> list[ReleasedFigure]:
    """The funnel of the next release, whole: where a few make the difference, as it was told."""
    if not report.funnel:
        return []
    counts: Sequence[int | None] = [step.count for step in report.funnel]
    of_day = report.as_of
    k = safety.value("protection.smallest_shown")
    if not is_shown:
        counts = [None] * len(STEPS)
    for told in reversed(_funnels(before)):
        steps = [told[step].numerator or 0 for step in STEPS]
        if _moved_by_few(_steps(report.funnel), _steps(funnel_of(steps)), k):
            counts, of_day = steps, told[STEPS[0]].of_day
            break
    return [
        ReleasedFigure(
            programme=report.programme, day=report.as_of, code=step, of_day=of_day, numerator=count
        )
        for step, count in zip(STEPS, counts, strict=True)
    ]


def _funnels(rows: Sequence[ReleasedFigure]) -> list[Told]:
    """The funnels that were told, the oldest first."""
    found: dict[date, Told] = defaultdict(dict)
    for row in rows:
        if row.code in STEPS and _is_told(row):
            found[row.day][row.code] = row
    return [told for told in found.values() if len(told) == len(STEPS)]


def _steps(funnel: Sequence[FunnelLine]) -> list[int]:
    """What can be read of a funnel: its counts, and who was lost from each to each later one."""
    counts = [step.count for step in funnel]
    lost = [counts[at] - later for at in range(len(counts)) for later in counts[at + 1 :]]
    return [*counts, *lost]
