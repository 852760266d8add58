"""A figure in words: value, both counts, interval, how it is counted, and codes as people say
them."""

import csv
import io
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import GroupKind
from handup.org.models import Area
from handup.org.web.export import safe_text
from handup.org.web.money import (
    format_money,
    format_month,
    format_number,
    format_percent,
    format_quarter,
)
from handup.results.definitions import definition
from handup.results.report import Report, ReportLine
from handup.results.rules.adx import Period, SpanOfTime
from handup.results.rules.engine import NOT_RECORDED, Line
from handup.results.rules.statistics import percent_text

DIMENSIONS = {
    "sex": _("By sex"),
    "age_band": _("By age"),
    "target_category": _("By target group (groups overlap and are never added)"),
    "area1": _("By area"),
    "area2": _("By place"),
    "urban_rural": _("By town or countryside"),
    "group_type": _("By kind"),
    "enterprise_sector": _("By trade"),
    "project_phase": _("By phase"),
}
CODES = {
    "F": _("women"),
    "M": _("men"),
    "OTHER": _("other"),
    NOT_RECORDED: _("not recorded"),
    "REFUGEE": _("refugees"),
    "ASYLUM_SEEKER": _("asylum seekers"),
    "STATELESS": _("stateless"),
    "IDP": _("internally displaced"),
    "RETURNEE": _("returnees"),
    "RETURNED_ASYLUM_SEEKER": _("returned asylum seekers"),
    "NATURALISED": _("naturalised"),
    "HOST": _("host community"),
    "URBAN": _("town"),
    "RURAL": _("countryside"),
    "WOMAN_HEAD": _("women heading a household"),
    "CHILD_HEAD": _("children heading a household"),
    "LARGE_FAMILY": _("large families"),
    "LOW_INCOME": _("low income"),
    "ATTENDED_OPEN_DAY": _("came to an open day"),
    "STARTED": _("enrolled and started"),
    "COMPLETED": _("graduated"),
    "PLACED": _("in a permanent paid job after six months"),
}


def word(code: str) -> str:
    """A code in the reader's words; what has no word of its own is shown in sentence case."""
    known = CODES.get(code)
    if known is not None:
        return str(known)
    return code.replace("_", " ").capitalize() if code.isupper() else code


SIDES = {"YES": _("it is so"), "NO": _("it is not so")}
"""Whether a share counts somebody, of whom it is counted."""
OF_SETS = {"IN": _("in this group"), "OUT": _("not in this group")}
"""Whether somebody stands in one of several groups that overlap."""
AREAS = frozenset({"area1", "area2"})
NAMED = AREAS | {"group_type"}
"""Lines that are kept by code and read by name, in files too."""


def line_names(dimension: str, codes: Iterable[str]) -> Mapping[str, str]:
    """Lines of a breakdown in the reader's words, by code: areas and kinds of groups by name."""
    found = {code: word(code) for code in codes}
    told = SIDES if dimension == "counted" else OF_SETS if "=" in dimension else {}
    found |= {code: str(told[code]) for code in found if code in told}
    if dimension == "group_type":
        found |= {code: str(GroupKind(code).label) for code in found if code in GroupKind.values}
    if dimension in AREAS:
        found |= {area.code: str(area) for area in Area.objects.filter(code__in=list(found))}
    return found


def shown_value(line: ReportLine) -> str:
    """The figure as people read it."""
    if line.has_gap:
        return no_value()
    item = definition(line.code)
    if line.denominator is not None and item.is_unit_cost:
        units = item.for_each(line.numerator, line.denominator)
        return gettext("not defined") if units is None else format_money(units, line.currency)
    if item.scale != 1:
        return line.value or ""
    if line.denominator is not None:
        return gettext("not defined") if line.value is None else format_percent(line.value)
    if line.currency:
        return format_money(line.numerator, line.currency)
    return format_number(line.numerator)


def no_value() -> str:
    """What stands where a figure cannot be told in one currency."""
    return gettext("no value: a rate is missing")


def both_counts(line: ReportLine) -> str:
    """The two counts of a share: "2,848 of 3,200"."""
    if line.denominator is None or line.has_gap:
        return ""

    def text(units: int) -> str:
        return format_money(units, line.currency) if line.currency else format_number(units)

    is_each = definition(line.code).is_unit_cost
    return gettext("%(part)s of %(whole)s") % {
        "part": text(line.numerator),
        "whole": format_number(line.denominator) if is_each else text(line.denominator),
    }


def interval_text(line: ReportLine) -> str:
    """The interval of a sample in words."""
    if line.interval is None:
        return ""
    return gettext("between %(low)s and %(high)s, with %(sure)s confidence") % {
        "low": format_percent(line.interval[0]),
        "high": format_percent(line.interval[1]),
        "sure": format_percent("95"),
    }


def bounds_text(line: ReportLine) -> str:
    """What a sample leaves open, in words."""
    found = line.bounds
    if found is None:
        return ""
    return gettext("between %(low)s and %(high)s of all %(everybody)s") % {
        "low": format_percent(percent_text(float(found.low))),
        "high": format_percent(percent_text(float(found.high))),
        "everybody": format_number(found.everybody),
    }


def how_sure(line: ReportLine) -> str:
    """The interval of a sample, then what it leaves open of those without an answer."""
    bounds = bounds_text(line)
    if bounds:
        bounds = gettext("whatever those without an answer would say: %(bounds)s") % {
            "bounds": bounds
        }
    return "; ".join(text for text in (interval_text(line), bounds) if text)


def weighted_text(line: ReportLine) -> str:
    """What a sample says of all who were eligible, where its answers do not count alike."""
    share = line.weighted
    if share is None:
        return ""
    value = format_percent(percent_text(share.value))
    if share.range is None:
        return value
    return gettext("%(value)s, between %(low)s and %(high)s") % {
        "value": value,
        "low": format_percent(percent_text(share.range.low)),
        "high": format_percent(percent_text(share.range.high)),
    }


def how_counted(line: ReportLine) -> str:
    """The definition in one sentence, naming the rule where several exist."""
    text = how_counted_of(line.code)
    return f"{line.method}: {text}" if line.method else text


def how_counted_of(code: str) -> str:
    """The definition of a figure in one sentence."""
    item = definition(code).indicator
    text = gettext(item.numerator)
    if item.denominator:
        text = gettext("%(part)s, out of %(whole)s") % {
            "part": text,
            "whole": gettext(item.denominator),
        }
    return text


def share_text(line: Line) -> str:
    """A line's own percentage, one decimal, half up."""
    return "–" if line.share is None else format_percent(f"{float(line.share):.1f}")


def csv_rows(report: Report) -> Iterable[list[str]]:
    """One row a figure and a row a line of each breakdown."""
    yield ["code", "name", "dimension", "line", "numerator", "denominator", "value", "currency"]
    for line in report.lines:
        whole = "" if line.denominator is None else str(line.denominator)
        yield [
            line.code,
            line.name,
            "",
            "",
            "" if line.has_gap else str(line.numerator),
            "" if line.has_gap else whole,
            line.value or "",
            line.currency,
        ]
        for breakdown in line.figure.breakdowns:
            names: Mapping[str, str] = {}
            if breakdown.dimension in NAMED:
                names = line_names(breakdown.dimension, [part.code for part in breakdown.lines])
            for part in breakdown.lines:
                below = "" if part.denominator is None else str(part.denominator)
                yield [
                    line.code,
                    line.name,
                    breakdown.dimension,
                    names.get(part.code, part.code),
                    str(part.numerator),
                    below,
                    "",
                    line.currency,
                ]


def as_csv(report: Report) -> str:
    """The report as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_text(cell) for cell in row] for row in csv_rows(report))
    return out.getvalue()


def period_words(period: Period) -> str:
    """A whole period as the language writes it; a half of a year by its first and last month."""
    first, last = format_month(period.first), format_month(period.last)
    return {
        SpanOfTime.MONTH: first,
        SpanOfTime.QUARTER: format_quarter(period.first),
        SpanOfTime.HALF_YEAR: f"{first} \u2013 {last}",
        SpanOfTime.YEAR: str(period.first.year),
    }[period.span]
