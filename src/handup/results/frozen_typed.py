"""Typed values in a snapshot: the last one of each indicator that was approved by its day, where
the programme does not compute it; whether it may leave, and its mark (results.md 4.1)."""

from collections.abc import Mapping
from fractions import Fraction

from django.utils.translation import gettext

from handup.kernel.ids import new_id
from handup.org import safety
from handup.org.web.money import format_number, format_percent
from handup.results.definitions import DEFINITIONS, catalogue
from handup.results.models import FrozenFigure, FrozenTyped, Snapshot, TypedValue
from handup.results.rules.logframe import number_of
from handup.results.rules.states import FigureState

LEAST_OF_A_SHARE = 10
"""A percentage of fewer is not told outside (results.md 4.5)."""
OF_PERSONS = frozenset({"persons", "households", "enterprises", "loans", "plans", "percent"})
"""Units in whose small counts there is somebody."""


def typed_of(snapshot: Snapshot) -> list[FrozenTyped]:
    """What a snapshot keeps of the typed values of its programme. Its figures are stored already.

    One that is being corrected stands until the correction is approved.
    """
    figures = FrozenFigure._base_manager.filter(snapshot=snapshot)
    computed = set(figures.values_list("code", flat=True))
    rows = TypedValue._base_manager.filter(
        programme=snapshot.programme_id,
        state=FigureState.APPROVED.value,
        period_end__lte=snapshot.day,
    ).exclude(superseded_by__state=FigureState.APPROVED.value)
    last = {row.code: row for row in rows.order_by("period_end", "recorded_at", "id")}
    k = safety.value("protection.smallest_shown")
    return [
        FrozenTyped(
            id=new_id(),
            snapshot=snapshot,
            typed=row,
            code=code,
            period_end=row.period_end,
            numerator=row.numerator,
            denominator=row.denominator,
            value=row.value,
            may_leave=_may_leave(row, k),
        )
        for code, row in sorted(last.items())
        if code not in computed and code in catalogue()
    ]


def _may_leave(row: TypedValue, k: int) -> bool:
    """Whether neither the value nor what lies between its counts stands for one to k - 1 of whom
    there is somebody, and a share for at least ten.
    """
    if catalogue()[row.code].unit not in OF_PERSONS:
        return True
    if row.denominator is not None and row.numerator is not None:
        counts = (row.numerator, row.denominator, row.denominator - row.numerator)
        return row.denominator >= LEAST_OF_A_SHARE and not any(0 < one < k for one in counts)
    number = number_of(row.value)
    return number is not None and not 0 < number < k


def kept_as(row: FrozenTyped) -> Mapping[str, object]:
    """What the checksum of a snapshot says of it."""
    names = ("code", "value", "numerator", "denominator", "may_leave")
    told = {name: getattr(row, name) for name in names}
    return told | {"period_end": row.period_end.isoformat(), "typed": str(row.typed_id)}


def is_for_each(code: str) -> bool:
    """Whether its values are amounts for each of something, no percentages."""
    return code in DEFINITIONS and DEFINITIONS[code].is_unit_cost


def plain_value(row: FrozenTyped | TypedValue) -> str:
    """The value as the language writes it, without its mark."""
    number = number_of(row.value)
    if row.denominator is not None and not is_for_each(row.code):
        return format_percent(row.value)
    if number is None:
        return row.value
    return format_number(number.numerator if number.denominator == 1 else float(number))


def marked(row: FrozenTyped | TypedValue) -> str:
    """The value, always marked as typed."""
    return gettext("%(value)s (typed)") % {"value": plain_value(row)}


def whole_of(row: FrozenTyped) -> int:
    """Its count, or the value of what has one count alone, to the nearest whole."""
    if row.numerator is not None:
        return row.numerator
    number = number_of(row.value) or Fraction(0)
    return int((2 * number + 1) // 2)


def counts_of(row: FrozenTyped) -> str:
    """Both counts of a share; empty for another value."""
    if row.numerator is None or row.denominator is None:
        return ""
    return gettext("%(count)s of %(all)s") % {
        "count": format_number(row.numerator),
        "all": format_number(row.denominator),
    }
