"""An edited list on the web: load it, see every change old → new, tick what is right (rulings
35).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View

from handup.kernel.sheets import CellKind
from handup.org import editing, reads
from handup.org.editing import EditableColumn, EditableList
from handup.org.models import CellState, EditedCell, EditedList, StaffUser
from handup.org.permissions import require
from handup.org.services.edited import (
    LOAD,
    end_edited_list,
    faults_of,
    here_now,
    receive_edited_list,
    take_edited_cells,
)
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import whole_number
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, EmptyState, ListPage
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import Crumb, Header, RecordPage, Table, Tile
from handup.org.web.way import way_to

SHOWN = 100


def title_of(edited: EditedList) -> str:
    """What kind of list it is."""
    found = editing.lists.get(edited.code)
    return force_str(found.title) if found else edited.code


class EditedListList(ListPage):
    """Lists that were loaded again."""

    model = EditedList
    permission = LOAD
    title = _("Edited lists")
    intro = _("A list is taken out below any list that can be edited, and loaded again there.")
    columns = (
        Column("name", _("File"), Kind.LINK, url_name="org:editedlist_detail"),
        Column("code", _("List"), value=title_of),
        Column("recorded_at", _("Loaded"), Kind.INSTANT, sort="pk"),
        Column("received_by", _("Loaded by")),
        Column("taken_count", _("Changes taken"), Kind.NUMBER),
        Column("refused_count", _("Changes refused"), Kind.NUMBER),
        Column("ended_at", _("Review ended"), Kind.INSTANT),
    )
    related = ("received_by",)
    empty = EmptyState(
        _("No edited list was loaded yet"),
        _("Below a list: “Edit in a spreadsheet”. Take it out, change cells, load it again."),
    )


class LoadForm(HouseForm):
    """The edited workbook."""

    file = forms.FileField(
        label=_("Edited list"),
        help_text=_("The workbook (.xlsx) that was taken out, with your changes."),
        max_length=200,
    )

    def clean_file(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > editing.LIMITS.bytes_most:
            raise forms.ValidationError(_("The file is larger than 10 MB. Split it."))
        return file


class LoadEdited(FormPage):
    """Load an edited list; what differs is shown, nothing is written."""

    form_class = LoadForm
    permission = LOAD
    title = _("Load an edited list")
    intro = _("Every change is shown first. Nothing is written until you take it on the next page.")
    verb = _("Show the changes")
    of: EditableList

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Which list it is; one she may not change does not exist."""
        require(self.staff, LOAD)
        try:
            self.of = editing.list_for(self.staff, kwargs["code"])
        except editing.ListUnknown:
            raise Http404 from None
        return super().dispatch(request, *args, **kwargs)

    def lead(self) -> str:
        """Which list, and what happens."""
        return f"{self.of.title}. {self.intro}"

    def perform(self, values: dict[str, Any]) -> EditedList:
        """Compare it."""
        return receive_edited_list(
            acting_staff=self.staff,
            code=self.of.code,
            name=values["file"].name,
            content=values["file"].read(),
            id=self.new_id,
        )


def in_words(column: EditableColumn, text: str) -> str:
    """A plain text as a person reads it; a dash where there is none."""
    if text == "":
        return "–"
    if column.kind is CellKind.DATE:
        return format_day(date.fromisoformat(text))
    if column.kind is CellKind.WHOLE:
        return format_number(int(text))
    if column.choices:
        return force_str(dict(column.choices).get(text, text))
    return column.written(text) if column.written else text


@dataclass(frozen=True, slots=True)
class Line:
    """One change as it is shown: whose, which column, old and new, what came between."""

    cell: EditedCell
    href: str
    whose: str
    column: str
    was: str
    wanted: str
    here: str = ""
    reason: str = ""

    @property
    def state(self) -> State | None:
        """What is to be known of it before it is ticked."""
        if self.here:
            return State(_("Changed here meanwhile"), Tone.WARN)
        if self.reason:
            return State(_("Refused"), Tone.BAD)
        return None

    @property
    def can_be_taken(self) -> bool:
        """Whether it has a tick: nobody is overwritten."""
        return not self.here


def lines_of(of: EditableList, staff: StaffUser, cells: Iterable[EditedCell]) -> list[Line]:
    """The cells with what stands here now; those of records she may not see are left out."""
    chosen = list(cells)
    records: dict[UUID, Any] = {}
    ids = list({cell.record for cell in chosen})
    for start in range(0, len(ids), editing.CHUNK):
        records |= of.rows(staff).in_bulk(ids[start : start + editing.CHUNK])
    lines = []
    for cell in chosen:
        record = records.get(cell.record)
        if record is None:
            continue
        column = of.column(cell.column)
        now = here_now(of, record, cell)
        lines.append(
            Line(
                cell,
                reverse(of.url_name, args=[record.pk]),
                f"{record} · {getattr(record, of.key)}",
                force_str(column.label),
                in_words(column, cell.was),
                in_words(column, cell.wanted),
                "" if now is None else in_words(column, now),
                cell.reason,
            )
        )
    return lines


class EditedListPage(RecordPage):
    """The review: every change old → new, a tick to take it."""

    model = EditedList
    permission = LOAD
    related = ("received_by",)
    template = "org/edited_list.html"
    record: EditedList
    crumb: ClassVar[Any] = _("Edited lists")

    @property
    def of(self) -> EditableList:
        """The list, as far as she may change it."""
        try:
            return editing.list_for(self.staff, self.record.code)
        except editing.ListUnknown:
            raise Http404 from None

    def header(self) -> Header:
        """The file, and how the review ends."""
        edited, ended = self.record, self.record.ended_at is not None
        end = Action(_("End the review"), "org:editedlist_end", LOAD, args=(edited.pk,), post=True)
        return Header(
            force_str(self.of.title),
            subtitle=edited.name,
            state=State(_("ended"), Tone.PLAIN) if ended else State(_("under review"), Tone.INFO),
            actions=() if ended else (end,),
            crumbs=way_to(self.request.path, edited.name)
            or (Crumb(self.crumb, self.request.path),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What the file says as a whole."""
        edited = self.record
        left = edited.cells.exclude(state=CellState.TAKEN).exists()
        if edited.ended_at is None and left:
            told = _("Nothing is written until you take it. What you do not take stays as it is.")
            return [(Tone.INFO, told)]
        if edited.taken_count:
            return [(Tone.GOOD, _("Every change was taken or the review has ended."))]
        if edited.fault_count:
            return [(Tone.WARN, _("Nothing was changed. Some cells could not be read."))]
        return [(Tone.INFO, _("The file changes nothing: it says what stands here."))]

    def tiles(self) -> Sequence[Tile]:
        """How many cells."""
        edited = self.record
        open_ones = edited.cells.filter(state=CellState.OPEN).count()
        return [
            Tile(_("To look at"), format_number(open_ones)),
            Tile(_("Changes taken"), format_number(edited.taken_count)),
            Tile(_("Changes refused"), format_number(edited.refused_count)),
            Tile(_("Cells that cannot be read"), format_number(edited.fault_count)),
        ]

    def tables(self) -> Sequence[Table]:
        """The cells that cannot be read."""
        faults = faults_of(self.record)
        if not faults:
            return ()
        columns = (
            Column("place", _("Cell")),
            Column("message", _("What is wrong")),
            Column("value", _("What stands there"), value=lambda fault: fault.value or ""),
        )
        return [Table(_("Cells that cannot be read"), columns, faults)]

    def context(self) -> dict[str, Any]:
        """The changes of this page."""
        of = self.of
        start = whole_number(self.request.GET.get("from", ""), editing.CELLS_MOST)
        cells = list(self.record.cells.exclude(state=CellState.TAKEN)[start : start + SHOWN + 1])
        lines = lines_of(of, self.staff, cells[:SHOWN])
        if of.persons and lines:
            persons = {line.cell.record for line in lines}
            reads.note(self.request, persons=persons, action="LIST", highest="P")
        return {
            "lines": lines,
            "later_href": f"?from={start + SHOWN}" if len(cells) > SHOWN else "",
            "earlier_href": f"?from={max(0, start - SHOWN)}" if start else "",
            "reviewing": self.record.ended_at is None,
        }


class OfEdited(View):
    """A press of a button on the review."""

    def find(self, request: HttpRequest, pk: UUID) -> EditedList:
        """The edited list, as far as she may see it."""
        staff: Any = request.user
        require(staff, LOAD)
        found = EditedList.objects.visible_to(staff).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class TakeCells(OfEdited):
    """Take the ticked changes, or all that are shown."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Take them, say how many, and come back."""
        staff: Any = request.user
        edited = self.find(request, pk)
        named = request.POST.getlist("shown" if "all" in request.POST else "cell")
        taking = take_edited_cells(acting_staff=staff, edited=edited, cells=_ids(named))
        if taking.taken:
            told = ngettext(
                "%(count)s change was taken.",
                "%(count)s changes were taken.",
                len(taking.taken),
            )
            messages.success(request, told % {"count": format_number(len(taking.taken))})
        if taking.refused:
            told = ngettext(
                "%(count)s change was refused: the reason stands beside it.",
                "%(count)s changes were refused: the reason stands beside each.",
                len(taking.refused),
            )
            messages.warning(request, told % {"count": format_number(len(taking.refused))})
        if not taking.taken and not taking.refused:
            messages.warning(request, _now("Tick what is to be taken."))
        return HttpResponseRedirect(edited.get_absolute_url())


class EndReview(OfEdited):
    """End the review; what was not taken stays as it is."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """End it."""
        staff: Any = request.user
        edited = end_edited_list(acting_staff=staff, edited=self.find(request, pk))
        messages.success(request, _now("The review has ended. What was not taken was forgotten."))
        return HttpResponseRedirect(edited.get_absolute_url())


def _ids(named: Iterable[str]) -> list[UUID]:
    """The ids a form named; what is none of ours is left out."""
    found = []
    for text in named:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
