"""Pages of activities that came in IATI files."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from lxml import etree

from handup.org import reads
from handup.org.permissions import require
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, EmptyState, ListPage, Search
from handup.org.web.pages import (
    Action,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
    actions_of,
)
from handup.results import forms_exchange as f
from handup.results.models import ImportedActivity
from handup.results.models.exchange import ACTIVITY_STATES
from handup.results.rules.iati.states import ActivityState
from handup.results.rules.iati.writing import write_file
from handup.results.services.exchange_import import Came, Outcome, Taken, import_iati

PAGE = "results:imported_detail"
TONES = {ActivityState.TAKEN.value: Tone.GOOD, ActivityState.HELD.value: Tone.WARN}
OUTCOMES = {
    Outcome.TAKEN: _("taken over"),
    Outcome.REPLACED: _("takes the place of the one before"),
    Outcome.SAME: _("is here already"),
    Outcome.OLDER: _("is older than the one here; nothing was changed"),
    Outcome.HELD: _("held for its faults"),
}
OUTCOME_TONES = {
    Outcome.TAKEN: Tone.GOOD,
    Outcome.REPLACED: Tone.GOOD,
    Outcome.SAME: Tone.PLAIN,
    Outcome.OLDER: Tone.INFO,
    Outcome.HELD: Tone.WARN,
}
IMPORT = Action(_("Take over an IATI file"), "results:iati_import", "results.import_iati")


class ImportedList(ListPage):
    """Activities that came, by their identifier."""

    model = ImportedActivity
    permission = "results.view_exchange"
    title = _("Activities of others")
    related = ("programme",)
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name=PAGE),
        Column("identifier", _("Identifier"), sort="identifier"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("updated", _("Last updated there"), sort="updated"),
        Column("programme.title", _("Programme")),
    )
    filters = (Search(("title", "identifier")), Choice("state", _("State"), ACTIVITY_STATES))
    order = "identifier"
    actions = (IMPORT,)
    empty = EmptyState(
        _("Nothing was taken over yet"),
        _(
            "IATI files of funders and partners are taken over here: their programmes, documents"
            " and figures stand beside yours."
        ),
        IMPORT,
    )


class IatiImport(FormPage):
    """Take over an IATI file; what became of each activity is shown at once."""

    form_class = f.IatiFileForm
    permission = "results.import_iati"
    title = _("Take over an IATI file")
    intro = _(
        "Its organisations, programmes, agreements, documents and figures become records here; its"
        " figures stay what others state. An activity with a fault is held, the others are not."
    )
    verb = _("Take over")

    def perform(self, values: dict[str, Any]) -> Taken:
        """Take it over."""
        file = values["file"]
        return import_iati(acting_staff=self.staff, content=file.read(), file_name=file.name)

    def answer(self, result: Taken) -> HttpResponseBase:
        """What became of each activity."""
        header = Header(
            gettext("What became of the file"),
            subtitle=said(result),
            actions=(
                Action(_("Activities of others"), "results:imported_list", "results.view_exchange"),
            ),
            crumbs=self.crumbs(),
        )
        return render(
            self.request,
            "kinds/figures.html",
            {
                "page": self,
                "title": header.title,
                "header": header,
                **actions_of(header, self.staff),
                "tiles": [
                    Tile(OUTCOMES[one], str(result.count(one)), tone=OUTCOME_TONES[one])
                    for one in Outcome
                    if result.count(one)
                ],
                "charts": (),
                "tables": [_table(result)],
            },
        )


def said(taken: Taken) -> str:
    """How many activities the file holds, and whether its form was checked."""
    count = len(taken.activities)
    text = ngettext("%(n)s activity", "%(n)s activities", count) % {"n": count}
    if taken.was_checked:
        return text
    more = gettext("The IATI rules are not installed: the form of the file was not checked.")
    return f"{text}. {more}"


def _table(taken: Taken) -> Table:
    return Table(
        _("Activities of the file"),
        (
            Column("title", _("Title"), Kind.LINK, href=_address, value=_name),
            Column("identifier", _("Identifier")),
            Column("outcome", _("What became of it"), value=lambda one: OUTCOMES[one.outcome]),
            Column("faults", _("Faults"), value=lambda one: "\n".join(one.faults)),
        ),
        taken.activities,
    )


def _name(one: Came) -> str:
    return one.title or one.identifier or gettext("without identifier")


def _address(one: Came) -> str:
    return reverse(PAGE, args=[one.row.pk]) if one.row is not None else ""


class ImportedPage(RecordPage):
    """One activity that came: what was made of it, and what is kept in its raw copy alone."""

    model = ImportedActivity
    permission = "results.view_exchange"
    related = ("programme", "imported_by")
    record: ImportedActivity

    def header(self) -> Header:
        """Its title and its state."""
        row = self.record
        raw = Action(
            _("Download as it came"), "results:imported_raw", "results.view_exchange", (row.pk,)
        )
        return Header(
            str(row),
            subtitle=row.identifier,
            state=State(row.get_state_display(), TONES[row.state]),
            actions=(raw,),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Why it is held."""
        return [(Tone.WARN, fault) for fault in self.record.faults]

    def facts(self) -> Sequence[FactGroup]:
        """Where it came from, and what it became."""
        row = self.record
        programme = row.programme
        where = reverse("projects:programme_detail", args=[programme.pk]) if programme else ""
        return [
            FactGroup(
                _("Where it came from"),
                [
                    Fact(_("File"), row.file_name),
                    Fact(_("Version of the standard"), row.version),
                    Fact(_("Last updated there"), row.updated),
                    Fact(_("Taken over by"), row.imported_by),
                    Fact(_("Programme"), programme, href=where),
                    Fact(_("Checksum"), row.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What no record was made of."""
        return [
            Table(
                _("Kept in the raw copy alone"),
                (
                    Column("path", _("Part of the activity"), value=lambda one: one[0]),
                    Column("count", _("How often"), Kind.NUMBER, value=lambda one: one[1]),
                ),
                list(self.record.rest.items()),
                empty=EmptyState(_("Everything became a record"), ""),
            )
        ]


class ImportedRaw(View):
    """The activity as it came, as a file of its own."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it."""
        staff: Any = request.user
        require(staff, "results.view_exchange")
        row = ImportedActivity.objects.visible_to(staff).filter(pk=kwargs["pk"]).first()
        if row is None:
            raise Http404
        reads.note(request, persons=[], action="EXPORT", highest="I")
        answer = HttpResponse(raw_file(row), content_type="application/xml")
        answer["Content-Disposition"] = f'attachment; filename="iati-{row.pk}.xml"'
        return answer


def raw_file(row: ImportedActivity) -> bytes:
    """A file with the one activity, unchanged."""
    element = etree.fromstring(row.raw.encode())
    return write_file([element], row.updated, version=row.version, indent=False)
