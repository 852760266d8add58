"""A report's text with its figures put in, in blocks that a page and a paper show alike.

A block is a heading (`# `, `## `), an item of a list (`- `), or a paragraph. A figure stands as
`{{ code }}`; `{{ code | of }}`, `{{ code | count }}`, `{{ code | interval }}` give its parts,
`{{ code | sex=F }}` one line of it, and `{{ code | 2026-Q1 }}` all of this in a period that ends on
the snapshot's day (results.md 4.8); `{{ code | days=90 }}` it with another parameter. A block that
is nothing but `{{ code | table=sex }}` gives every line of that breakdown, an item each, and
`{{ code | chart=sex }}` the same as a chart. `{{ code | baseline }}`, `{{ code | target }}` and
`{{ code | achieved }}` tell what its logframe promised, of one phase with `phase=2`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.kernel.money import decimal_text
from handup.org import safety
from handup.org.web.charts import Bar, Chart
from handup.org.web.money import format_money, format_number, format_percent
from handup.results.definitions import DEFINITIONS, definition
from handup.results.drift import Drifted
from handup.results.frozen_targets import PHASE, part_asked, told_promise
from handup.results.frozen_typed import LEAST_OF_A_SHARE, marked
from handup.results.models import (
    FrozenEstimate,
    FrozenFigure,
    FrozenTarget,
    FrozenTyped,
    Snapshot,
)
from handup.results.rules.adx import Period, period_named, period_told
from handup.results.rules.claims import (
    PLACEHOLDER,
    Placeholder,
    parts,
    placeholder,
)
from handup.results.rules.states import SnapshotState
from handup.results.told import main_of, shown_range, shown_value
from handup.results.wording import DIMENSIONS, line_names, no_value


class NoSuchFigure(Refusal):
    """{written} names no figure of the snapshot."""


class NoSuchPart(Refusal):
    """{written} names no part of its figure. Parts are: count, of, interval, baseline, target,
    achieved, or a line (sex=F).
    """


class NoSuchPeriod(Refusal):
    """{written} names a period of which nothing was frozen. Periods of this figure: {periods}."""


class NoSuchParameter(Refusal):
    """{written} names a parameter of which nothing was frozen. Known of this figure: {known}."""


class NoValue(Refusal):
    """{written} has no value: a rate of its currencies is missing."""


class TooFewToTell(Refusal):
    """{written} stands for too few persons to be told outside the house."""


class SnapshotNotFrozen(Refusal):
    """Snapshot {number} is not frozen yet: figures of a report come from a frozen one."""


class Figures(dict[str, FrozenFigure]):
    """The figures of a snapshot by code; and, by their codes, what its analyses showed and what was
    typed; and what the logframes promised."""

    estimates: Mapping[str, FrozenEstimate]
    typed: Mapping[str, FrozenTyped]
    targets: Sequence[FrozenTarget]


SENSITIVE = frozenset({"displacement", "disability", "target_category"})
"""Dimensions in whose lines a zero says as much as a small count."""


class BlockKind(StrEnum):
    """How a block is shown."""

    HEADING = "HEADING"
    SUBHEADING = "SUBHEADING"
    ITEM = "ITEM"
    PARAGRAPH = "PARAGRAPH"
    CHART = "CHART"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the text, its figures put in; a chart with its bars."""

    kind: BlockKind
    text: str
    bars: tuple[Bar, ...] = ()

    @property
    def chart(self) -> Chart:
        """Its bars as a page draws them."""
        return Chart(title=self.text, bars=self.bars)


_MARKS = (
    ("## ", BlockKind.SUBHEADING),
    ("# ", BlockKind.HEADING),
    ("- ", BlockKind.ITEM),
    ("* ", BlockKind.ITEM),
)


def figures_of(snapshot: Snapshot) -> Figures:
    """The figures of a frozen snapshot by code, and what its analyses showed. Raises
    SnapshotNotFrozen.
    """
    if snapshot.state != SnapshotState.FROZEN:
        raise SnapshotNotFrozen(number=snapshot.number, field="snapshot")
    rows = FrozenFigure._base_manager.filter(snapshot=snapshot)
    found = Figures({row.code: row for row in rows})
    estimates = FrozenEstimate._base_manager.filter(snapshot=snapshot)
    found.estimates = {row.code: row for row in estimates}
    typed = FrozenTyped._base_manager.filter(snapshot=snapshot)
    found.typed = {row.code: row for row in typed}
    found.targets = list(FrozenTarget._base_manager.filter(snapshot=snapshot).order_by("position"))
    return found


def require_resolved(text: str, figures: Figures) -> None:
    """Refuse a text with a figure that does not resolve. Raises NoSuchFigure, NoSuchPart."""
    blocks(text, figures)


def blocks(text: str, figures: Figures) -> list[Block]:
    """The text in blocks, every figure put in. Raises NoSuchFigure, NoSuchPart."""
    found: list[Block] = []
    for part in parts(text):
        plain = " ".join(part.split())
        mark = next((one for one in _MARKS if plain.startswith(one[0])), None)
        alone = PLACEHOLDER.fullmatch(plain)
        if alone and (made := _by_name(placeholder(alone), figures)):
            found += made
            continue
        body = plain[len(mark[0]) :] if mark else plain
        found.append(Block(mark[1] if mark else BlockKind.PARAGRAPH, _filled(body, figures)))
    return found


SPLIT = ("table", "chart")
"""Names of what shows every line of a breakdown."""


def _by_name(one: Placeholder, figures: Figures) -> list[Block]:
    """Every line of the breakdown a placeholder asks for as a table or a chart, in words; nothing
    for one that asks for none. Raises NoSuchFigure, NoSuchPart, NoSuchPeriod, TooFewToTell.
    """
    asked = [(key, *_name_and_code(key)) for key in one.keys if _name_and_code(key)[0] in SPLIT]
    if not asked:
        return []
    figure = figures.get(one.code)
    if figure is None:
        raise NoSuchFigure(written=one.written, field="text")
    _key, kind, dimension = asked[0]
    figure = _in_period(figure, one)
    rest = [key for key in one.keys if key != asked[0][0] and period_named(key) is None]
    lines = figure.lines.get(dimension, {}).get("lines", [])
    if len(asked) > 1 or rest or not lines:
        raise NoSuchPart(written=one.written, field="text")
    if not figure.may_leave:
        raise TooFewToTell(written=one.written, field="text")
    names = line_names(dimension, [str(line["code"]) for line in lines])
    bars = []
    for line in lines:
        _line(figure, dimension, str(line["code"]), one)
        value = _value(figure, line["numerator"], line["denominator"], None)
        of = line["denominator"]
        length = line["numerator"] / of if of else 0 if of == 0 else line["numerator"]
        bars.append(Bar(names[str(line["code"])], length, value))
    if kind == "table":
        return [Block(BlockKind.ITEM, f"{bar.label}: {bar.shown}") for bar in bars]
    title = gettext("%(figure)s: %(split)s") % {
        "figure": gettext(definition(one.code).indicator.name),
        "split": DIMENSIONS.get(dimension, dimension),
    }
    return [Block(BlockKind.CHART, title, tuple(bars))]


def _name_and_code(key: str) -> tuple[str, str]:
    name, _equals, code = key.partition("=")
    return name.strip(), code.strip()


def _filled(text: str, figures: Figures) -> str:
    return PLACEHOLDER.sub(lambda found: shown(placeholder(found), figures), text)


def shown(one: Placeholder, figures: Figures) -> str:
    """A figure, one line of it, or one part of either, as people read it. Raises NoSuchFigure,
    NoSuchPart, TooFewToTell.
    """
    if part := part_asked(one):
        held = figures.get(one.code) or figures.typed.get(one.code)
        if part == "achieved" and held is not None and not held.may_leave:
            raise TooFewToTell(written=one.written, field="text")
        return told_promise(one, figures.targets)
    if one.code in figures.estimates:
        return _estimate(figures.estimates[one.code], one)
    if one.code in figures.typed:
        return _typed(figures.typed[one.code], one)
    figure = figures.get(one.code)
    if figure is None:
        raise NoSuchFigure(written=one.written, field="text")
    variant = variant_of(one, figure)
    figure = _in_period(figure, one)
    if figure.has_gap:
        raise NoValue(written=one.written, field="text")
    if not figure.may_leave:
        raise TooFewToTell(written=one.written, field="text")
    lines = [key for key in one.keys if "=" in key and not _is_parameter(key, figure.code)]
    if variant and lines:
        raise NoSuchPart(written=one.written, field="text")
    told = [key for key in one.keys if "=" not in key and period_named(key) is None]
    if len(lines) > 1 or len(told) > 1:
        raise NoSuchPart(written=one.written, field="text")
    numerator, denominator, value = figure.numerator, figure.denominator, figure.value or None
    if lines:
        name, _equals, code = lines[0].partition("=")
        line = _line(figure, name.strip(), code.strip(), one)
        numerator, denominator, value = line["numerator"], line["denominator"], None
    if not told:
        return _value(figure, numerator, denominator, value)
    if told[0] == "count":
        return _amount(figure, numerator)
    if told[0] == "of" and denominator is not None:
        return _amount_of(figure, denominator)
    if told[0] == "interval" and figure.low and not lines:
        return gettext("%(low)s to %(high)s") % {
            "low": format_percent(figure.low),
            "high": format_percent(figure.high),
        }
    raise NoSuchPart(written=one.written, field="text")


def _in_period(figure: FrozenFigure, one: Placeholder) -> FrozenFigure:
    """The figure as it was frozen for the period or with the parameter a placeholder names; itself
    where it names none. Raises NoSuchPeriod, NoSuchParameter, NoSuchPart.
    """
    named = [period for key in one.keys if (period := period_named(key)) is not None]
    variant = variant_of(one, figure)
    if variant and not named:
        return _of_period(figure, figure.variants[variant])
    if not named:
        return figure
    if len(named) > 1 or variant:
        raise NoSuchPart(written=one.written, field="text")
    held = figure.periods.get(named[0].adx)
    if held is None:
        names = [period_told(name).name for name in figure.periods]
        told = ", ".join(names) or gettext("none")
        raise NoSuchPeriod(written=one.written, periods=told, field="text")
    return _of_period(figure, held)


def _is_parameter(key: str, code: str) -> bool:
    if code not in DEFINITIONS:
        return False
    item = definition(code)
    return _name_and_code(key)[0] in {*item.declared.params, *(n for n, _v in item.alternatives)}


def lines_named(one: Placeholder) -> list[tuple[str, str]]:
    """The lines, tables and charts a placeholder names, without parameters: name and code."""
    return [
        _name_and_code(key)
        for key in one.keys
        if "=" in key and not _is_parameter(key, one.code) and _name_and_code(key)[0] != PHASE
    ]


def variant_of(one: Placeholder, figure: FrozenFigure) -> str:
    """The parameter a placeholder names, as it was frozen (`days=90`); empty for none, and for the
    one the figure is counted with. Raises NoSuchParameter, NoSuchPart.
    """
    named = [key for key in one.keys if "=" in key and _is_parameter(key, figure.code)]
    if len(named) > 1:
        raise NoSuchPart(written=one.written, field="text")
    if not named:
        return ""
    name, value = _name_and_code(named[0])
    own = definition(figure.code).declared.params.get(name)
    if value == str(own):
        return ""
    key = f"{name}={value}"
    if key not in figure.variants:
        known = [*([] if own is None else [f"{name}={own}"]), *figure.variants]
        raise NoSuchParameter(written=one.written, known=", ".join(known), field="text")
    return key


PARAMETERS = {
    "days": _("more than %(value)s days late"),
    "within_days": _("within %(value)s days"),
    "months": _("after %(value)s months"),
    "area_level": _("areas of level %(value)s"),
    "top_answers": _("the %(value)s best answers"),
}


def variant_words(key: str) -> str:
    """A parameter in words: `days=90` as "more than 90 days late"."""
    name, value = _name_and_code(key)
    told = PARAMETERS.get(name)
    return key if told is None else str(told) % {"value": value}


def _of_period(figure: FrozenFigure, held: Mapping[str, Any]) -> FrozenFigure:
    """What was frozen of a figure for a period, as a figure of its own that is stored nowhere."""
    return FrozenFigure(
        snapshot_id=figure.snapshot_id,
        code=figure.code,
        numerator=held["numerator"],
        denominator=held["denominator"],
        currency=held["currency"],
        value=held["value"],
        low=held.get("low", ""),
        high=held.get("high", ""),
        lines=held["lines"],
        conversion=held.get("conversion", {}),
        may_leave=held["may_leave"] and figure.may_leave,
    )


def period_of(one: Placeholder) -> Period | None:
    """The period a placeholder names."""
    return next((period for key in one.keys if (period := period_named(key)) is not None), None)


def in_period(figure: FrozenFigure, name: str) -> FrozenFigure:
    """A figure as it was frozen for a period or with a parameter, by its name; itself for none."""
    if name in figure.variants:
        return _of_period(figure, figure.variants[name])
    period = period_named(name) if name else None
    held = figure.periods.get(period.adx) if period is not None else None
    return figure if held is None else _of_period(figure, held)


def shown_in(figure: FrozenFigure, held: Mapping[str, Any]) -> str:
    """A figure's value in a period as people read it."""
    return shown_figure(_of_period(figure, held))


def counted_in(figure: FrozenFigure, held: Mapping[str, Any]) -> str:
    """Both counts of a figure in a period, or its one."""
    return shown_counts(_of_period(figure, held))


def _estimate(figure: FrozenEstimate, one: Placeholder) -> str:
    """What an analysis showed, or one part of it: its interval, how many answered, how many were to
    be followed and were.
    """
    if not figure.may_leave:
        raise TooFewToTell(written=one.written, field="text")
    main = main_of(figure.told)
    part = one.keys[0] if one.keys else ""
    if main is None or len(one.keys) > 1:
        raise NoSuchPart(written=one.written, field="text")
    if part == "":
        return shown_value(main, figure.told["kind"], figure.unit)
    if part == "interval" and main["low"] is not None:
        return shown_range(main, figure.told["kind"], figure.unit)
    if part == "count":
        return format_number(main["n"])
    if part in ("eligible", "followed"):
        if not flow_may_be_told(figure):
            raise TooFewToTell(written=one.written, field="text")
        return format_number(sum(flow[part] for flow in figure.told.get("flows", ())))
    raise NoSuchPart(written=one.written, field="text")


def flow_may_be_told(figure: FrozenEstimate) -> bool:
    """Whether those who were not found again are nobody, or enough to be told of."""
    k = safety.value("protection.smallest_shown")
    lost = [flow["eligible"] - flow["followed"] for flow in figure.told.get("flows", ())]
    return bool(lost) and not any(0 < one < k for one in lost)


def _typed(row: FrozenTyped, one: Placeholder) -> str:
    """A typed value with its mark; of a share also its counts."""
    if not row.may_leave:
        raise TooFewToTell(written=one.written, field="text")
    if not one.keys:
        return marked(row)
    told = {"count": row.numerator, "of": row.denominator}.get(one.keys[0])
    if len(one.keys) > 1 or told is None:
        raise NoSuchPart(written=one.written, field="text")
    return gettext("%(value)s (typed)") % {"value": format_number(told)}


def _line(figure: FrozenFigure, dimension: str, code: str, one: Placeholder) -> dict[str, Any]:
    """One line of a breakdown. All of its lines must stand for enough, else one that does not
    follows from the others and the total; of sets that overlap, also those who are not in it
    (protection.md 4.9). A share of fewer than ten is not told.
    """
    breakdown = figure.lines.get(dimension, {})
    lines: list[dict[str, Any]] = breakdown.get("lines", [])
    found = next((line for line in lines if line["code"] == code), None)
    if found is None:
        raise NoSuchPart(written=one.written, field="text")
    k = safety.value("protection.smallest_shown")
    least = 0 if dimension in SENSITIVE else 1
    told = [_counts(line["numerator"], line["denominator"]) for line in lines]
    if breakdown.get("overlapping"):
        rest = figure.numerator - found["numerator"]
        rest_of = None
        if figure.denominator is not None and found["denominator"] is not None:
            rest_of = figure.denominator - found["denominator"]
        told.append(_counts(rest, rest_of))
    is_thin = found["denominator"] is not None and found["denominator"] < LEAST_OF_A_SHARE
    is_thin = is_thin or not breakdown.get("may_leave", True)
    if figure.currency or is_thin or any(least <= n < k for counts in told for n in counts):
        raise TooFewToTell(written=one.written, field="text")
    return found


def _counts(numerator: int, denominator: int | None) -> list[int]:
    """What can be read of a line: its count, what it is of, and what lies between."""
    if denominator is None:
        return [numerator]
    return [numerator, denominator, denominator - numerator]


def _amount(figure: FrozenFigure, units: int) -> str:
    if figure.currency:
        return format_money(units, figure.currency)
    item = definition(figure.code)
    if item.scale != 1:
        return format_number(Decimal(decimal_text(Fraction(units, item.scale), item.decimals)))
    return format_number(units)


def _amount_of(figure: FrozenFigure, units: int) -> str:
    """What a figure is counted of; of a unit cost it is no money."""
    if definition(figure.code).is_unit_cost:
        return format_number(units)
    return _amount(figure, units)


def _value(figure: FrozenFigure, numerator: int, denominator: int | None, value: str | None) -> str:
    item = definition(figure.code)
    if denominator is None:
        return _amount(figure, numerator)
    if item.is_unit_cost:
        units = item.for_each(numerator, denominator)
        return gettext("not defined") if units is None else _amount(figure, units)
    if value is None and denominator:
        decimals = item.decimals
        value = decimal_text(Fraction(100 * numerator, denominator), decimals)
    return format_percent(value) if value else gettext("not defined")


def shown_figure(figure: FrozenFigure) -> str:
    """A figure's value as people read it."""
    if figure.has_gap:
        return no_value()
    return _value(figure, figure.numerator, figure.denominator, figure.value)


def shown_counts(figure: FrozenFigure) -> str:
    """Both counts of a figure, or its one; nothing where it has no value."""
    if figure.has_gap:
        return ""
    if figure.denominator is None:
        return _amount(figure, figure.numerator)
    return gettext("%(count)s of %(all)s") % {
        "count": _amount(figure, figure.numerator),
        "all": _amount_of(figure, figure.denominator),
    }


def shown_now(drifted: Drifted) -> str:
    """The same figure as it is counted today."""
    if drifted.has_gap_now:
        return no_value()
    figure = FrozenFigure(code=drifted.figure.code, currency=drifted.currency_now)
    value = drifted.value_now if drifted.denominator_now is not None else None
    return _value(figure, drifted.numerator_now, drifted.denominator_now, value)
