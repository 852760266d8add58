"""How many restricted cases a programme had in a year, by kind and sex, as a table made safe: what
a focal point may give a funder (protection.md 4.2, 4.9).

Only whole years that are over are told. A year that still runs, or a shorter span, would tell by
what it adds to an earlier table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import safety
from handup.org.models import StaffUser
from handup.org.permissions import may_over
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_number
from handup.org.web.pages import FiguresPage, Table
from handup.people.models import labels as lb
from handup.people.queries.cases import count_by_kind
from handup.people.rules.codes import CompartmentKind, Sex
from handup.projects.models import Programme
from handup.results.rules.safe_tables import Outcome, SafeTable, safe_table

COUNT = "people.open_compartment"
YEARS = 5
SEXES = tuple(Sex)
KINDS = tuple(CompartmentKind)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it may be given away: its label, its cells in words, its total."""

    label: str
    cells: tuple[str, ...]
    total: str


def counted(staff: StaffUser, programme: UUID, year: int) -> SafeTable:
    """The safe table of one year that is over; a zero says as much as a small count."""
    found = count_by_kind(staff, programme, date(year, 1, 1), date(year, 12, 31))
    raw = [[found.get((kind, sex.value), 0) for sex in SEXES] for kind in KINDS]
    return safe_table(raw, k=safety.value("protection.smallest_shown"), zeros_small=True)


def years_over(on: date) -> list[int]:
    """The years that may be told, the latest first."""
    return list(range(on.year - 1, on.year - 1 - YEARS, -1))


class CaseCounts(FiguresPage):
    """The tables of the programmes she reports for."""

    permission = COUNT
    title = _("Restricted cases in numbers")
    intro = _(
        "For a funder who asks: whole programmes and whole years that are over, without the cases"
        " of hidden persons you do not know of. Small counts are put together or not shown."
    )

    def tables(self) -> Sequence[Table]:
        """One for each programme and year in which there were cases to tell of."""
        return list(self._tables()) or [
            Table(
                self.title,
                (),
                (),
                EmptyState(
                    _("Nothing can be told"),
                    _("No year that is over had enough cases to tell their number."),
                ),
            )
        ]

    def _tables(self) -> Iterator[Table]:
        for programme in Programme.objects.visible_to(self.staff).order_by("code"):
            if not may_over(self.staff, COUNT, programme=programme.pk):
                continue
            for year in years_over(timezone.localdate()):
                table = counted(self.staff, programme.pk, year)
                if table.total and table.outcome is not Outcome.NOT_PUBLISHED:
                    yield shown(f"{programme.code} · {year}", table)


def shown(title: str, table: SafeTable) -> Table:
    """A safe table as a page shows it; every hidden cell looks alike."""
    groups = table.columns if table.outcome is Outcome.PUBLISHED else ()
    columns = [Column("label", _("About"), value=lambda line: line.label)]
    for place, group in enumerate(groups):
        words = " / ".join(force_str(lb.SEX[SEXES[number]]) for number in group)
        columns.append(Column(f"c{place}", words, Kind.FIGURE, value=partial(_cell, place)))
    columns.append(Column("total", _("Together"), Kind.FIGURE, value=lambda line: line.total))
    foot = [_t("Together"), *(format_number(n) for n in table.column_totals if groups)]
    return Table(
        title, columns, _lines(table) if groups else (), footer=(*foot, format_number(table.total))
    )


def _cell(place: int, line: Line) -> str:
    return line.cells[place]


def _lines(table: SafeTable) -> list[Line]:
    lines = []
    for row, kinds in enumerate(table.rows):
        found: list[Any] = [table.shown(row, column) for column in range(len(table.columns))]
        lines.append(
            Line(
                " / ".join(force_str(lb.COMPARTMENT[KINDS[number]]) for number in kinds),
                tuple("–" if count is None else format_number(count) for count in found),
                format_number(table.row_totals[row]),
            )
        )
    return lines
