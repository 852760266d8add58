"""Charts of results: when what a figure counts happened, and how far people came."""

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.charts import Bar, Chart, Series
from handup.org.web.money import currency_digits, format_month, format_number, format_quarter
from handup.results.report import FunnelLine, Report, ReportLine
from handup.results.rules.engine import FactRow
from handup.results.rules.timeline import Period, Step, added, counted, periods, step_for
from handup.results.wording import word

MOST_LINES = 3
OF_PEOPLE = frozenset({"person", "household", "loan", "pathway"})
UNITS = {
    Step.MONTH: _("new in each month"),
    Step.QUARTER: _("new in each quarter"),
    Step.YEAR: _("new in each year"),
}


def figure_over_time(line: ReportLine) -> Chart | None:
    """When what a figure counts was first counted; a share shows both its counts. None when it all
    happened within one step, or in currencies that cannot be added.
    """
    if line.has_gap:
        return None
    sides = [(gettext(line.name), line.figure.rows)]
    if line.currency and line.denominator is None:
        return _over_time(gettext(line.name), sides, line.currency)
    if line.figure.base_rows:
        sides = [(gettext("Counted"), line.figure.rows), (gettext("Of"), line.figure.base_rows)]
    return _over_time(gettext(line.name), sides)


def programme_over_time(report: Report) -> Chart | None:
    """When the people of a programme came, were trained, had loans: its first three counts of them,
    else of its groups or enterprises.
    """
    counts = [line for line in report.lines if line.denominator is None and not line.currency]
    of_people = [line for line in counts if {row.kind for row in line.figure.rows} & OF_PEOPLE]
    chosen = [line for line in of_people or counts if line.figure.rows][:MOST_LINES]
    sides = [(gettext(line.name), line.figure.rows) for line in chosen]
    return _over_time(sides[0][0], sides) if sides else None


def _over_time(
    name: str, sides: Sequence[tuple[str, Sequence[FactRow]]], currency: str = ""
) -> Chart | None:
    days = [row.on for _label, rows in sides for row in rows]
    if not days:
        return None
    step = step_for(min(days), max(days))
    steps = periods(min(days), max(days), step)
    if len(steps) < 2:
        return None
    scale = 10 ** currency_digits(currency) if currency else 1
    count = added if currency else counted
    series = [
        Series(label, [value / scale for value in count(rows, steps)]) for label, rows in sides
    ]
    return Chart(
        title=_finding(name, [_when(period, step) for period in steps], series[0].values),
        units=f"{currency}, {UNITS[step]}" if currency else UNITS[step],
        source=_("the records behind the figures"),
        points=[_when(period, step) for period in steps],
        series=series,
    )


def _when(period: Period, step: Step) -> str:
    if step is Step.MONTH:
        return format_month(period.start)
    return format_quarter(period.start) if step is Step.QUARTER else period.code


def _finding(name: str, steps: Sequence[str], values: Sequence[float | None]) -> str:
    """What the first line says: when it was highest."""
    numbers = [value or 0 for value in values]
    most = max(numbers)
    return gettext("%(figure)s: most in %(when)s (%(count)s)") % {
        "figure": name,
        "when": steps[numbers.index(most)],
        "count": format_number(most),
    }


def funnel(lines: Sequence[FunnelLine]) -> Chart | None:
    """The way from the open day to the job; None when nobody began it."""
    if not lines or not lines[0].count:
        return None
    return Chart(
        title=_("Each step keeps those who passed the one before"),
        units=_("persons"),
        source=_("enrolments, agreements, assessments and verified placements"),
        bars=[Bar(word(line.step), line.count, format_number(line.count)) for line in lines],
    )
