"""The lines of one breakdown of a figure as a table."""

from functools import partial
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import Column, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import Table
from handup.results.definitions import definition
from handup.results.report import ReportLine
from handup.results.rules.engine import NOT_RECORDED, Breakdown, Line
from handup.results.wording import DIMENSIONS, line_names, share_text


def breakdown_table(breakdown: Breakdown, of: ReportLine | None = None) -> Table:
    """One breakdown as a table; an overlapping one says so in its title. `of`: the figure it is of,
    by which amounts are told as money and an amount for each of something as that.
    """
    lines = sorted(breakdown.lines, key=lambda line: (line.code == NOT_RECORDED, -line.numerator))
    names = line_names(breakdown.dimension, [line.code for line in lines])
    columns = [
        Column("code", _("Line"), value=lambda line: names[line.code]),
        _counted(_("Amount") if of and of.currency else _("Count"), "numerator", of),
    ]
    if any(line.denominator is not None for line in lines):
        item = definition(of.code) if of else None
        is_each = item is not None and item.is_unit_cost
        columns.append(_counted(_("Of"), "denominator", None if is_each else of))
        columns.append(
            Column("share", _("For each"), Kind.FIGURE, value=partial(_for_each, of))
            if of and is_each
            else Column("share", _("Share"), value=share_text)
        )
    title = DIMENSIONS.get(breakdown.dimension, breakdown.dimension)
    return Table(title, tuple(columns), lines)


def _counted(label: Any, name: str, of: ReportLine | None) -> Column:
    """A column of counts, or of amounts as money."""
    if of is None or not of.currency:
        return Column(name, label, Kind.NUMBER)
    currency = of.currency

    def amount(line: Line) -> str:
        units = line.numerator if name == "numerator" else line.denominator
        return "" if units is None else format_money(units, currency)

    return Column(name, label, Kind.FIGURE, value=amount)


def _for_each(of: ReportLine, line: Line) -> str:
    units = definition(of.code).for_each(line.numerator, line.denominator or 0)
    return gettext("not defined") if units is None else format_money(units, of.currency)
