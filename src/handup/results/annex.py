"""The annex of a report: each figure it names, how it is counted, both counts, and the snapshot it
comes from (results.md 4.8)."""

from dataclasses import dataclass

from django.utils.translation import gettext

from handup.org.web.money import format_day
from handup.results.definitions import catalogue, definition
from handup.results.frozen_typed import counts_of, marked
from handup.results.models import Evidence, FrozenTyped, Narrative
from handup.results.rules.adx import period_named
from handup.results.rules.claims import placeholders
from handup.results.telling import (
    figures_of,
    in_period,
    period_of,
    shown_counts,
    shown_figure,
    variant_of,
    variant_words,
)
from handup.results.wording import period_words


@dataclass(frozen=True, slots=True)
class AnnexLine:
    """One figure of a report, as the annex explains it."""

    code: str
    name: str
    value: str
    counts: str
    counted: str
    source: str


def annex_of(row: Narrative) -> list[AnnexLine]:
    """The figures a report names, in the order of their codes, in the active language; one of a
    period or with another parameter by what was frozen for it.
    """
    figures = figures_of(row.snapshot)
    named = sorted(
        {
            (
                one.code,
                told.name if (told := period_of(one)) else variant_of(one, figures[one.code]),
            )
            for one in placeholders(row.text)
            if one.code in figures
        }
    )
    source = gettext("Snapshot %(number)s, counted up to %(day)s") % {
        "number": row.snapshot.number,
        "day": format_day(row.snapshot.day),
    }
    lines = []
    for code, part in named:
        figure, indicator = in_period(figures[code], part), definition(code).indicator
        name, counted = gettext(indicator.name), gettext(indicator.numerator)
        if indicator.denominator:
            counted = gettext("%(count)s, of: %(all)s") % {
                "count": counted,
                "all": gettext(indicator.denominator),
            }
        lines.append(
            AnnexLine(
                code=code,
                name=f"{name} ({_words(part)})" if part else name,
                value=shown_figure(figure),
                counts=shown_counts(figure),
                counted=counted,
                source=source,
            )
        )
    typed = {one.code for one in placeholders(row.text)} & figures.typed.keys()
    return [*lines, *(_typed_line(code, figures.typed[code], source) for code in sorted(typed))]


def _words(part: str) -> str:
    """What a report names of a figure, a period or another parameter, as people write it."""
    period = period_named(part)
    return variant_words(part) if period is None else period_words(period)


def _typed_line(code: str, row: FrozenTyped, source: str) -> AnnexLine:
    """A typed value, with the day it speaks of and the files that show it."""
    files = Evidence._base_manager.filter(value=row.typed_id).select_related("file")
    names = ", ".join(str(one.file.name) for one in files.order_by("id"))
    return AnnexLine(
        code=code,
        name=gettext(catalogue()[code].name),
        value=marked(row),
        counts=counts_of(row),
        counted=gettext("Typed by hand for the time up to %(day)s. Shown by: %(files)s")
        % {"day": format_day(row.period_end), "files": names},
        source=source,
    )


def annex_heads() -> list[str]:
    """What the columns of the annex are called."""
    return [
        gettext("Figure"),
        gettext("Value"),
        gettext("Counts"),
        gettext("How it is counted"),
        gettext("Source"),
    ]


def annex_cells(line: AnnexLine) -> list[str]:
    """A line of the annex under its columns."""
    return [f"{line.name} ({line.code})", line.value, line.counts, line.counted, line.source]
