"""How many restricted cases a programme had in a year, by kind and sex, as a table made safe: what
a focal point may give a funder (protection.md 4.2, 4.9).

Only whole years that are over are told. A year that still runs, or a shorter span, would tell by
what it adds to an earlier table. What was told once stays as it was told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.desk.models import CaseCountTold
from handup.kernel.errors import Refusal
from handup.org import audit, safety
from handup.org.models import StaffUser
from handup.org.permissions import may_over, require
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_number
from handup.org.web.pages import Action, FiguresPage, Header, Table
from handup.people.models import labels as lb
from handup.people.queries.cases import count_by_kind
from handup.people.rules.codes import CompartmentKind, Sex
from handup.projects.models import Programme
from handup.results.rules.safe_tables import Outcome, SafeTable, safe_table

COUNT = "people.open_compartment"
YEARS = 5
SEXES = tuple(Sex)
KINDS = tuple(CompartmentKind)
TELL = Action(_("Tell another year"), "desk:case_counts_new", COUNT)


class YearNotOver(Refusal):
    """Only a whole year that is over is told, of the last {years}."""


class NothingToTell(Refusal):
    """There are too few cases in this year to tell their number. It can be asked again later."""


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


def kept(table: SafeTable) -> dict[str, Any]:
    """A safe table as it is kept: codes and shown counts, nothing of what is hidden."""
    whole = table.outcome is Outcome.PUBLISHED
    rows = table.rows if whole else ()
    columns = table.columns if whole else ()
    return {
        "outcome": table.outcome.value,
        "total": table.total,
        "rows": [[KINDS[number].value for number in group] for group in rows],
        "columns": [[SEXES[number].value for number in group] for group in columns],
        "cells": [[table.shown(r, c) for c in range(len(columns))] for r in range(len(rows))],
        "row_totals": list(table.row_totals) if whole else [],
        "column_totals": list(table.column_totals) if whole else [],
    }


def tell_case_counts(
    *, acting_staff: StaffUser, programme: Programme, year: int, on: date | None = None
) -> CaseCountTold:
    """Work the table of a year out and keep it; one that was told before comes back as it was.

    Raises NotAllowed, OutOfSight, YearNotOver, NothingToTell.
    """
    require(acting_staff, COUNT)
    row = CaseCountTold(programme=programme, year=year, told_by=acting_staff)
    require(acting_staff, COUNT, row)
    if year not in years_over(on or timezone.localdate()):
        raise YearNotOver(field="year", years=YEARS)
    with transaction.atomic():
        Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)
        told = CaseCountTold.objects.filter(programme=programme, year=year).first()
        if told is not None:
            found: CaseCountTold = told
            return found
        table = counted(acting_staff, programme.pk, year)
        if not table.total or table.outcome is Outcome.NOT_PUBLISHED:
            raise NothingToTell(field="year")
        row.smallest, row.table = safety.value("protection.smallest_shown"), kept(table)
        row.save(force_insert=True)
        audit.record(acting_staff, "desk.tell_case_counts", row, {"year": year})
    return row


def years_over(on: date) -> list[int]:
    """The years that may be told, the latest first."""
    return list(range(on.year - 1, on.year - 1 - YEARS, -1))


class CaseCounts(FiguresPage):
    """The tables that were told of the programmes she reports for."""

    permission = COUNT
    title = _("Restricted cases in numbers")
    intro = _(
        "For a funder who asks: whole programmes and whole years that are over, without the cases"
        " of hidden persons whoever told them did not know of. Small counts are put together or not"
        " shown. What was told once stays as it was told."
    )

    def header(self) -> Header:
        """With the way to tell another year."""
        return Header(self.title, self.intro, primary=TELL)

    def tables(self) -> Sequence[Table]:
        """One for each programme and year that was told."""
        return list(self._tables()) or [
            Table(self.title, (), (), EmptyState(_("Nothing was told yet"), "", TELL))
        ]

    def _tables(self) -> Iterator[Table]:
        rows = CaseCountTold.objects.select_related("programme")
        for row in rows.order_by("programme__code", "-year"):
            if may_over(self.staff, COUNT, programme=row.programme_id):
                yield shown(f"{row.programme.code} · {row.year}", row.table)


class TellForm(HouseForm):
    """Which year of which programme."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    year = forms.TypedChoiceField(label=_("Year that is over"), coerce=int)

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer the programmes she reports for, and the last years."""
        super().__init__(*args, **options)
        rows = Programme.objects.visible_to(staff).order_by("code")
        own = [row.pk for row in rows if may_over(staff, COUNT, programme=row.pk)]
        programme, year = self.fields["programme"], self.fields["year"]
        assert isinstance(programme, forms.ModelChoiceField)
        assert isinstance(year, forms.ChoiceField)
        programme.queryset = rows.filter(pk__in=own)
        year.choices = [(number, str(number)) for number in years_over(timezone.localdate())]


class TellCaseCounts(FormPage):
    """Work a table out, once and for all."""

    form_class = TellForm
    permission = COUNT
    title = _("Tell the cases of a year")
    intro = _("The table stays as it is now: cases opened late do not change it any more.")
    verb = _("Work it out and keep it")

    def form_options(self) -> dict[str, Any]:
        """Her programmes."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> CaseCountTold:
        """Keep it."""
        return tell_case_counts(acting_staff=self.staff, **values)

    def success_url(self, result: CaseCountTold) -> str:
        """All that was told."""
        return reverse("desk:case_counts")


def shown(title: str, table: Mapping[str, Any]) -> Table:
    """A kept table as a page shows it; every hidden cell looks alike."""
    columns = [Column("label", _("About"), value=lambda line: line.label)]
    for place, group in enumerate(table["columns"]):
        words = " / ".join(force_str(lb.SEX[Sex(code)]) for code in group)
        columns.append(Column(f"c{place}", words, Kind.FIGURE, value=partial(_cell, place)))
    columns.append(Column("total", _("Together"), Kind.FIGURE, value=lambda line: line.total))
    total = format_number(table["total"])
    if not table["rows"]:
        return Table(title, columns, [Line(_t("Together"), (), total)])
    foot = [_t("Together"), *(format_number(n) for n in table["column_totals"])]
    return Table(title, columns, _lines(table), footer=(*foot, total))


def _cell(place: int, line: Line) -> str:
    return line.cells[place]


def _lines(table: Mapping[str, Any]) -> list[Line]:
    return [
        Line(
            " / ".join(force_str(lb.COMPARTMENT[CompartmentKind(code)]) for code in kinds),
            tuple("–" if count is None else format_number(count) for count in cells),
            format_number(total),
        )
        for kinds, cells, total in zip(
            table["rows"], table["cells"], table["row_totals"], strict=True
        )
    ]
