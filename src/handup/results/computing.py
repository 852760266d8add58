"""A declared indicator counted over a programme's records: a figure with both counts, its lines and
its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from handup.kernel.errors import Refusal
from handup.org.web.money import currency_digits
from handup.results.gathering import Source
from handup.results.rules.catalogue import Indicator
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import (
    Conversion,
    FactRow,
    Figure,
    PeriodKind,
    ValueKind,
    measure,
)
from handup.results.rules.evaluation import chosen, fact_rows
from handup.results.rules.expressions import Asked, Cell, Declared, Row, Rows
from handup.results.rules.impact.changes import median_change
from handup.results.rules.impact.survival import Survival, kaplan_meier
from handup.results.rules.one_currency import currencies_of, in_one_currency
from handup.results.rules.statistics import Interval

Shown = Callable[[str, Cell], "str | frozenset[str]"]


class CountAboveWhole(Refusal):
    """{code} counts {count} of {whole}; a share cannot be more than the whole."""


def as_code(_dimension: str, code: Cell) -> "str | frozenset[str]":
    """A code as it is; nothing for what is not known."""
    return code if isinstance(code, frozenset) else "" if code is None else str(code)


def asked_with(item: Declared, asked: Asked) -> Asked:
    """The question with the indicator's own parameters where none was told."""
    return replace(asked, params={**item.params, **asked.params})


def chosen_rows(side: Rows, source: Source, kind: PeriodKind, asked: Asked) -> list[Row]:
    """The rows one side counts."""
    return chosen(source.table(side.table, asked), side, kind, asked)


def compute(
    item: Declared,
    words: Mapping[str, Indicator],
    source: Source,
    asked: Asked,
    dimensions: Sequence[str] | None = None,
    shown: Shown = as_code,
) -> Figure:
    """Count an indicator. Amounts in several currencies are told in the one of the programme, each
    at the rate of its own day; where one of the rates is missing the figure has no value. Raises
    CountAboveWhole, LinesDiffer.
    """
    asked = asked_with(item, asked)
    indicator = words[item.code]
    split = item.dimensions if dimensions is None else tuple(dimensions)

    def rows(side: Rows) -> list[FactRow]:
        found = chosen_rows(side, source, indicator.period_kind, asked)
        return fact_rows(found, side, split, shown)

    counted = rows(item.counted)
    base = rows(item.base) if item.base else None
    if base is not None and not item.base_is_money:
        base = [replace(row, currency="") for row in base]
    if base is not None and item.in_one_line:
        place = {row.unit: row.dims for row in base}
        counted = [replace(row, dims=place.get(row.unit, row.dims)) for row in counted]
    counted, base, told = _in_one_currency(item, source, counted, base)
    if told is not None and len(told.sums) > 1 and told.gaps:
        return _without_value(item, counted, base, told)
    figure = _figure(item, words, source, asked, split, counted, base)
    if told is None:
        return figure
    if item.method == "MEDIAN":
        told = _median_told(told, counted, source)
    return replace(figure, conversion=told)


def _in_one_currency(
    item: Declared, source: Source, counted: list[FactRow], base: list[FactRow] | None
) -> tuple[list[FactRow], list[FactRow] | None, Conversion | None]:
    """Both sides in the currency of the programme where they are in several; where they are in one
    other, as they are, and of an amount what it is in the programme's beside it.
    """
    held = currencies_of((*counted, *(base or ()))) if item.money else set()
    if not held or held == {source.programme.currency} or (len(held) == 1 and base is not None):
        return counted, base, None
    found = in_one_currency(
        counted, base, source.programme.currency, source.rate_on, currency_digits
    )
    if len(held) == 1:
        return counted, base, found.told
    return list(found.rows), None if found.base is None else list(found.base), found.told


def _median_told(told: Conversion, counted: Sequence[FactRow], source: Source) -> Conversion:
    """The middle one of changes in the currency of the programme, not their sum."""
    if told.gaps:
        return told
    found = in_one_currency(counted, None, told.currency, source.rate_on, currency_digits)
    return replace(told, numerator=median_units([row.amount for row in found.rows]))


def _without_value(
    item: Declared, counted: Sequence[FactRow], base: Sequence[FactRow] | None, told: Conversion
) -> Figure:
    """A figure that cannot be told in one currency: its rows, what each currency comes to, and
    which rates are missing.
    """
    return Figure(
        value_kind=ValueKind.RATIO if base is not None else item.counted_as,
        numerator=0,
        denominator=None if base is None else 0,
        currency=told.currency,
        breakdowns=(),
        rows=tuple(counted),
        base_rows=tuple(base or ()),
        conversion=told,
    )


def _figure(
    item: Declared,
    words: Mapping[str, Indicator],
    source: Source,
    asked: Asked,
    split: Sequence[str],
    counted: list[FactRow],
    base: list[FactRow] | None,
) -> Figure:
    indicator = words[item.code]
    if item.method == "COST_PER_UNIT":
        return _cost(item, words, source, asked, counted)
    kind = ValueKind.RATIO if base is not None else item.counted_as
    figure = measure(
        kind,
        counted,
        base,
        split,
        counted_as=item.counted_as,
        sample=indicator.is_sample and item.counted_as is not ValueKind.SUM,
    )
    if item.method == "MEDIAN":
        return replace(
            figure,
            value_kind=ValueKind.MEDIAN_CHANGE,
            numerator=median_units([row.amount for row in counted]),
            breakdowns=(),
        )
    if item.method == "SURVIVAL":
        lived = survival_of(lives_of(item, source, indicator.period_kind, asked), asked)
        ends = lived.range if lived else None
        return replace(
            figure,
            value_kind=ValueKind.SURVIVAL,
            estimate=None if lived is None else Fraction(lived.share),
            interval=None if ends is None else Interval(ends.low, ends.high),
        )
    _refuse_above(item, figure)
    return figure


def _refuse_above(item: Declared, figure: Figure) -> None:
    whole = figure.denominator
    if whole is not None and figure.numerator > whole and not item.over_one:
        raise CountAboveWhole(code=item.code, count=figure.numerator, whole=whole)


def median_units(changes: Sequence[int]) -> int:
    """The median of changes in smallest units, half up; 0 of none."""
    if not changes:
        return 0
    middle = Fraction(median_change([float(units) for units in changes]).value)
    return int((2 * middle + 1) // 2)


Lives = Sequence[tuple[int, bool]]
"""How many months each enterprise was watched, and whether it closed then."""


def lives_of(item: Declared, source: Source, kind: PeriodKind, asked: Asked) -> Lives:
    """How long each enterprise that was served was watched, and whether it closed."""
    rows = chosen_rows(item.base or item.counted, source, kind, asked)
    return [(int(str(row["months"])), bool(row["closed"])) for row in rows]


def closed_between(
    item: Declared, source: Source, kind: PeriodKind, asked: Asked, first: int, last: int
) -> set[str]:
    """Whose enterprises closed after the one month and by the other: these make the difference of
    the two shares.
    """
    rows = chosen_rows(item.base or item.counted, source, kind, asked)
    return {
        str(row.get("person") or row["enterprise"])
        for row in rows
        if row["closed"] and first < int(str(row["months"])) <= last
    }


def survival_of(lives: Lives, asked: Asked) -> Survival | None:
    """The share still open at the month, by Kaplan and Meier, with its interval; None where it
    cannot be told.
    """
    month = asked.params["months"]
    assert isinstance(month, int)
    return kaplan_meier([m for m, _ in lives], [closed for _, closed in lives], month)


def survival_share(lives: Lives, asked: Asked) -> Fraction | None:
    """The share alone."""
    found = survival_of(lives, asked)
    return None if found is None else Fraction(found.share)


def _cost(
    item: Declared,
    words: Mapping[str, Indicator],
    source: Source,
    asked: Asked,
    counted: list[FactRow],
) -> Figure:
    """What was spent over what came of it: the value of the indicator that is named."""
    named = DECLARED[str(asked.params["indicator"])]
    plain = replace(asked, params={})
    result = compute(named, words, source, plain, ())
    figure = measure(ValueKind.SUM, counted, None, ())
    return replace(
        figure,
        value_kind=ValueKind.RATIO,
        denominator=result.numerator,
        base_rows=result.rows,
    )
