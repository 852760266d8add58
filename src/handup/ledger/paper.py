"""A statement on paper (A4, any script, set by typst) and as a workbook."""

import io
import json
from fractions import Fraction
from pathlib import Path

from django.utils.encoding import force_str
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook

from handup.kernel.money import decimal_text
from handup.ledger.labels import REPORT_LABELS
from handup.ledger.reports import Report, ReportRow, late_facts
from handup.org.web.export import safe_text
from handup.org.web.money import as_decimal, format_amount, format_day
from handup.org.web.paper import set_pdf

TEMPLATE = Path(__file__).parent / "templates" / "ledger" / "statement.typ"


def proof_of(report: Report) -> str:
    """The sentence under a statement: that it ties, or that it does not."""
    if not report.holds:
        return _("The book does not balance; ask for a check of the books.")
    return _("The book balances.")


def late_notes(report: Report) -> list[str]:
    """What a statement says about facts that were posted later than they happened."""
    late = late_facts(report.books, report.asked.since, report.asked.on)
    notes = []
    if late.brought_in:
        notes.append(
            _("%(count)s entries of these days happened earlier, in closed months.")
            % {"count": late.brought_in}
        )
    if late.left_out:
        notes.append(
            _("%(count)s facts of these days were posted later, since their month was closed.")
            % {"count": late.left_out}
        )
    return notes


def rate_notes(report: Report) -> list[str]:
    """By which rates a statement in another currency was converted, each with day and source."""
    notes = []
    for rate in report.rates:
        words = _("1 %(source)s = %(rate)s %(target)s, rate of %(day)s, %(told_by)s.")
        if rate.of > 1:
            words = _(
                "1 %(source)s = %(rate)s %(target)s, mean of %(count)s rates up to %(day)s,"
                " %(told_by)s."
            )
        told = {
            "source": rate.source,
            "target": rate.target,
            "rate": rate_text(rate.known),
            "day": format_day(rate.rate_date),
            "count": rate.of,
            "told_by": rate.told_by,
        }
        notes.append(words % told)
    return notes


def rate_text(known: Fraction) -> str:
    """A rate with up to ten decimals, without zeros at its end."""
    text = decimal_text(known, 10)
    return text.rstrip("0").rstrip(".") if "." in text else text


def pair_notes(report: Report) -> list[str]:
    """That something between the books does not cancel."""
    if not report.unmatched:
        return []
    words = _("%(count)s lines between books do not cancel; they are listed below the statement.")
    return [words % {"count": len(report.unmatched)}]


def statement_pdf(report: Report) -> bytes:
    """Set a statement as PDF in the active language."""
    currency = report.currency
    asked = report.asked

    def amounts(row: ReportRow) -> list[str]:
        return ["" if a is None else format_amount(a, currency) for a in row.amounts]

    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": force_str(REPORT_LABELS[report.kind]),
        "subtitle": _("%(book)s, %(since)s to %(on)s, in %(currency)s")
        % {
            "book": report.whose,
            "since": format_day(asked.since),
            "on": format_day(asked.on),
            "currency": currency,
        },
        "notes": [*late_notes(report), *rate_notes(report), *pair_notes(report)],
        "code": _("Code"),
        "account": _("Account"),
        "columns": [column.label for column in report.columns],
        "sections": [
            {
                "label": force_str(section.label),
                "rows": [
                    {"code": row.code, "label": row.label, "amounts": amounts(row)}
                    for row in section.rows
                ],
                "total": None
                if section.total is None
                else {"label": section.total.label, "amounts": amounts(section.total)},
            }
            for section in report.sections
        ],
        "closing": [{"label": row.label, "amounts": amounts(row)} for row in report.closing],
        "proof": proof_of(report),
    }
    return set_pdf(TEMPLATE, {"data": json.dumps(data, ensure_ascii=False)})


def statement_workbook(report: Report) -> bytes:
    """A statement as an XLSX workbook: one row an account, amounts as numbers in main units."""
    currency = report.currency
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=report.kind.value)
    sheet.append(
        [_("Section"), _("Code"), _("Account"), *(safe_text(c.label) for c in report.columns)]
    )

    def add(section: str, row: ReportRow) -> None:
        amounts = [None if a is None else as_decimal(a, currency) for a in row.amounts]
        sheet.append([safe_text(section), safe_text(row.code), safe_text(row.label), *amounts])

    for section in report.sections:
        for row in (*section.rows, *([section.total] if section.total else [])):
            add(force_str(section.label), row)
    for row in report.closing:
        add("", row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
