"""What a phone carries of figures: the last ones of the programmes whose results its holder reads,
with the day they tell of and the day they were worked out. Totals alone: no line, no row, nobody.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.projects.models import Programme
from handup.results.releases import report_for
from handup.results.report import Report, ReportLine, reporting_day
from handup.results.wording import both_counts, how_counted, interval_text, shown_value

READ = "results.view_figure"
MOST_PROGRAMMES = 12


def reads_figures(reader: StaffUser) -> bool:
    """Whether a reader's phone may carry figures at all."""
    return bool(grants_for(reader, READ))


def figures_of(reader: StaffUser) -> dict[str, Any]:
    """The figures of each programme's page of results as this reader has them today, in her words;
    `programmes_left`: of how many more she reads them only at the office.
    """
    rows = Programme.objects.reached_with(reader, READ).order_by("code")
    found = list(rows[:MOST_PROGRAMMES])
    today = timezone.localdate()
    reports = [report_for(reader, row, reporting_day(row) or today) for row in found]
    return {
        "worked_out": today,
        "programmes": [_report(one) for one in reports],
        "programmes_left": rows.count() - len(found) if len(found) == MOST_PROGRAMMES else 0,
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "code": report.programme.code,
        "title": report.programme.title,
        "as_of": report.as_of,
        "figures": [_figure(line) for line in report.lines],
    }


def _figure(line: ReportLine) -> dict[str, Any]:
    is_said = line.is_percent or line.unit == "currency"  # by the value itself
    return {
        "code": line.code,
        "name": gettext(line.name),
        "value": shown_value(line),
        "unit": "" if is_said else gettext(line.unit),
        "counts": both_counts(line),
        "interval": interval_text(line),
        "how": how_counted(line),
        "stale_since": line.stale_since,
    }
