"""The report on paper: A4, every figure with its two counts, what sources print, and the day."""

import json
from pathlib import Path

from django.utils.translation import get_language, gettext

from handup.org.web.money import format_day
from handup.org.web.paper import set_pdf
from handup.results.report import Report
from handup.results.wording import both_counts, how_counted, how_sure, shown_value, word

TEMPLATE = Path(__file__).parent / "templates" / "results" / "report.typ"


def as_pdf(report: Report) -> bytes:
    """Set the report as PDF/UA in the active language."""
    lines = [
        {
            "name": gettext(line.name),
            "value": shown_value(line),
            "of": both_counts(line),
            "interval": how_sure(line),
            "how": how_counted(line),
            "stated": "; ".join(f"{printed} ({source})" for printed, source in line.stated),
        }
        for line in report.lines
    ]
    funnel = [
        {"step": word(step.step), "count": str(step.count), "share": step.share or ""}
        for step in report.funnel
    ]
    return set_pdf(
        TEMPLATE,
        {
            "lang": (get_language() or "en").split("-")[0],
            "title": report.programme.title,
            "heading": gettext("Concrete benefits"),
            "day": gettext("Counted up to the end of %(day)s") % {"day": format_day(report.as_of)},
            "printed": gettext("As sources print it"),
            "funnel_heading": gettext("From open day to job"),
            "lines": json.dumps(lines),
            "funnel": json.dumps(funnel),
        },
    )
