"""`handup report <programme> --as-of DATE --format table|json|csv|pdf`: a programme's figures."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.projects.models import Programme
from handup.results.paper import as_pdf
from handup.results.releases import published_report
from handup.results.report import Report, make_report, reporting_day
from handup.results.wording import as_csv, both_counts, how_sure, shown_value, word


class UnknownProgramme(Refusal):
    """There is no programme {programme}. Known: {known}."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which programme, which day, which form."""
    parser.add_argument("programme", help="the programme's code")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        help="counted up to the end of this day; left out: the programme's reporting day",
    )
    parser.add_argument("--format", choices=["table", "json", "csv", "pdf"], default="table")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="as it may leave the house: totals that stand for enough persons, of the one day that"
        " is published",
    )
    parser.add_argument("--output", type=Path, help="write to this file (pdf: required)")


def run(args: argparse.Namespace) -> int:
    """Compute and write it. 2 when a PDF has nowhere to go, or the day cannot be chosen."""
    programme = Programme.objects.filter(code=args.programme).first()
    if programme is None:
        known = ", ".join(Programme.objects.order_by("code").values_list("code", flat=True))
        raise UnknownProgramme(programme=args.programme, known=known or "none")
    as_of = args.as_of or reporting_day(programme) or timezone.localdate()
    if args.publish and args.as_of is not None:
        print("--publish is of the one day that is published: leave --as-of out", file=sys.stderr)
        return 2
    report = published_report(programme) if args.publish else make_report(programme, as_of)
    if args.format == "pdf" and args.output is None:
        print("Say where the PDF goes: --output FILE", file=sys.stderr)
        return 2
    data = report_bytes(report, args.format)
    if args.output is not None:
        args.output.write_bytes(data)
    else:
        sys.stdout.write(data.decode())
    return 0


def report_bytes(report: Report, form: str) -> bytes:
    """The report in one of the four forms."""
    if form == "json":
        return (json.dumps(report.as_json(), indent=1) + "\n").encode()
    if form == "csv":
        return as_csv(report).encode()
    return as_pdf(report) if form == "pdf" else as_table(report).encode()


def as_table(report: Report) -> str:
    """The report as lines of text, each share beside its two counts."""
    rows = [
        (line.code, line.name, shown_value(line), both_counts(line), how_sure(line))
        for line in report.lines
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    lines = [f"{report.programme.title}, up to the end of {report.as_of.isoformat()}", ""]
    lines += [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    if report.funnel:
        lines.append("")
    lines += [
        f"{word(step.step):<46} {step.count:>7}  {step.share + ' %' if step.share else ''}".rstrip()
        for step in report.funnel
    ]
    return "\n".join(lines) + "\n"
