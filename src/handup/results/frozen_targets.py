"""What was promised, as a snapshot keeps it: baseline and target of each indicator of the logframes
as they stood when it was frozen, and how far its figure was; and how a report tells them
(results.md 4.3, 4.8)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import decimal_text
from handup.org import safety
from handup.org.web.money import format_number, format_percent
from handup.results.definitions import DEFINITIONS, catalogue, definition
from handup.results.logframes import in_order, indicators_of, revised
from handup.results.models import (
    FrozenFigure,
    FrozenTarget,
    FrozenTyped,
    LogframeRow,
    RowIndicator,
    Snapshot,
)
from handup.results.rules.claims import Placeholder
from handup.results.rules.engine import ValueKind
from handup.results.rules.logframe import achievement, number_of, target_for

PARTS = ("baseline", "target", "achieved")
"""What a report may tell of a promise, by the word in its placeholder."""
PHASE = "phase"
"""The word by which a placeholder names the phase whose promise it tells."""
COUNTED = frozenset({"persons", "households", "enterprises", "loans", "plans"})
"""Units in whose small baselines there is somebody."""


class NoSuchPromise(Refusal):
    """{written} names nothing a logframe promised when the snapshot was frozen."""


class SeveralPromises(Refusal):
    """{written}: the logframes promise different things. Name the phase: {phases}."""


class BaselineOfAFew(Refusal):
    """{written} would tell of the few persons of the baseline."""


def targets_of(snapshot: Snapshot) -> list[FrozenTarget]:
    """What the logframes of a programme promise now, phase by phase in their order, held against
    the figures and typed values of a snapshot.
    """
    rows = LogframeRow._base_manager.filter(
        phase__programme=snapshot.programme_id, removed_at=None
    ).select_related("phase")
    phases: dict[object, list[LogframeRow]] = {}
    for row in rows.order_by("phase__code", "position", "id"):
        phases.setdefault(row.phase_id, []).append(row)
    figures = {row.code: row for row in FrozenFigure._base_manager.filter(snapshot=snapshot)}
    typed = {row.code: row for row in FrozenTyped._base_manager.filter(snapshot=snapshot)}
    found: list[FrozenTarget] = []
    for held in phases.values():
        indicators = indicators_of(held)
        for row, _depth in in_order(held):
            for one in indicators.get(row.pk, ()):
                day, actual = _actual(snapshot, figures.get(one.code), typed.get(one.code))
                found.append(_frozen(snapshot, row, one, day, actual, len(found) + 1))
    return found


def _actual(
    snapshot: Snapshot, figure: FrozenFigure | None, typed: FrozenTyped | None
) -> tuple[date, Fraction | None]:
    """The day a promise is held against, and what was reached by then."""
    if figure is not None:
        return snapshot.day, number_of(figure.value)
    if typed is not None:
        return typed.period_end, number_of(typed.value)
    return snapshot.day, None


def _frozen(
    snapshot: Snapshot,
    row: LogframeRow,
    one: RowIndicator,
    day: date,
    actual: Fraction | None,
    position: int,
) -> FrozenTarget:
    target = target_for(revised(one.targets.all()), day)
    told = catalogue().get(one.code)
    reached = achievement(
        actual,
        number_of(target.value) if target else None,
        number_of(one.baseline),
        is_up_better=told.is_up_better if told else True,
    )
    return FrozenTarget(
        id=new_id(),
        snapshot=snapshot,
        indicator=one,
        position=position,
        phase_code=row.phase.code,
        level=row.level,
        statement=row.statement,
        code=one.code,
        baseline=one.baseline,
        baseline_year=one.baseline_year,
        baseline_reason=one.baseline_reason,
        target=target.value if target else "",
        period_end=target.period_end if target else None,
        achieved="" if reached is None else decimal_text(reached, 1),
    )


def promised_as(row: FrozenTarget) -> Mapping[str, object]:
    """What the checksum of a snapshot says of it."""
    names = ("position", "phase_code", "level", "statement", "code", "target", "achieved")
    baseline = ("baseline", "baseline_year", "baseline_reason")
    told = {name: getattr(row, name) for name in (*names, *baseline)}
    end = row.period_end.isoformat() if row.period_end else None
    return told | {"period_end": end, "indicator": str(row.indicator_id)}


def plain_of_unit(code: str, text: str) -> str:
    """A promised number as the language writes it, of a share with its sign; a dash for none."""
    number = number_of(text)
    if number is None:
        return text or "\u2013"
    if is_percent(code):
        return format_percent(decimal_text(number, definition(code).decimals))
    return format_number(number.numerator if number.denominator == 1 else float(number))


def is_percent(code: str) -> bool:
    """Whether values of an indicator are percentages."""
    if code not in DEFINITIONS:
        return False
    item = definition(code)
    return item.indicator.value_kind is ValueKind.RATIO and not item.is_unit_cost


def achieved_text(row: FrozenTarget) -> str:
    """How far it was, in per cent; in words where that is not defined."""
    return format_percent(row.achieved) if row.achieved else gettext("not defined")


def part_asked(one: Placeholder) -> str:
    """The part of a promise a placeholder names; empty where it names none."""
    return next((key for key in one.keys if key in PARTS), "")


def told_promise(one: Placeholder, targets: Sequence[FrozenTarget]) -> str:
    """A baseline, a target or an achievement as people read it. Raises NoSuchPromise,
    SeveralPromises, BaselineOfAFew.
    """
    part = part_asked(one)
    rest = [key for key in one.keys if key != part]
    phases = [key.partition("=")[2].strip() for key in rest if _names_phase(key)]
    if len(one.keys) > 2 or len(rest) != len(phases):
        raise NoSuchPromise(written=one.written, field="text")
    rows = [row for row in targets if row.code == one.code]
    rows = [row for row in rows if not phases or row.phase_code == phases[0]]
    told = {_told(row, part) for row in rows if getattr(row, part)}
    if not told:
        raise NoSuchPromise(written=one.written, field="text")
    if len(told) > 1:
        names = ", ".join(dict.fromkeys(f"{PHASE}={row.phase_code}" for row in rows))
        raise SeveralPromises(written=one.written, phases=names, field="text")
    if part != "target" and any(is_of_a_few(row) for row in rows):
        raise BaselineOfAFew(written=one.written, field="text")
    return told.pop()


def _names_phase(key: str) -> bool:
    return key.partition("=")[0].strip() == PHASE and "=" in key


def _told(row: FrozenTarget, part: str) -> str:
    return achieved_text(row) if part == "achieved" else plain_of_unit(row.code, getattr(row, part))


def is_of_a_few(row: FrozenTarget | RowIndicator) -> bool:
    """Whether its baseline counts one to k - 1 of whom there is somebody; how far it is tells the
    baseline to whoever has the target.
    """
    told, number = catalogue().get(row.code), number_of(row.baseline)
    if told is None or number is None or told.unit not in COUNTED:
        return False
    return 0 < number < safety.value("protection.smallest_shown")


def parts_to_tell(row: FrozenTarget, all_of: Iterable[FrozenTarget]) -> list[tuple[str, str]]:
    """The parts of a promise a draft names, each with its placeholder; the phase is named where
    another promises otherwise. Two rows of one phase that differ are told by neither.
    """
    same = [one for one in all_of if one.code == row.code]
    found = []
    for part in PARTS:
        if not getattr(row, part) or (part != "target" and is_of_a_few(row)):
            continue
        values = {_told(one, part) for one in same if getattr(one, part)}
        own = [one for one in same if one.phase_code == row.phase_code]
        of_phase = {_told(one, part) for one in own if getattr(one, part)}
        if len(of_phase) > 1 or (part != "target" and any(map(is_of_a_few, own))):
            continue
        if len(values) > 1 and set(row.phase_code) & set("|{}"):
            continue
        keys = f"{part} | {PHASE}={row.phase_code}" if len(values) > 1 else part
        found.append((part, f"{{{{ {row.code} | {keys} }}}}"))
    return found
