"""The library: one box over all that was written, the list of documents, and one document."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org.permissions import may
from handup.org.web import words
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tone
from handup.projects import queries, search
from handup.projects.models import Document, DocumentType, Programme
from handup.projects.models import labels as lb
from handup.projects.rules.states import DocumentState

TONES = {DocumentState.DRAFT.value: Tone.WARN, DocumentState.FINAL.value: Tone.GOOD}


class LibrarySearch(View):
    """Documents, lessons, studies and curricula by their words, in any script."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the words; they lead on under a key."""
        return words.lead(request, {"kind": request.POST.get("kind", "")[:20]})

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of what was found."""
        staff: Any = request.user
        text = words.asked(request).get(words.SEARCH, "")
        kinds = [s for s in search.sources.values() if may(staff, s.permission)]
        kind = request.GET.get("kind", "")
        if kind not in {source.kind for source in kinds}:
            kind = ""
        start = request.GET.get("from", "")
        place = min(int(start), 1_000_000) if start.isascii() and start.isdigit() else 0
        found = search.find(staff, text, kind=kind, start=place) if text else None
        following = ""
        if found is not None and found.following is not None:
            following = "?" + urlencode(
                {words.KEY: request.GET[words.KEY], "kind": kind, "from": found.following}
            )
        context = {
            "title": gettext("Search the library"),
            "header": Header(_("Search the library"), subtitle=text),
            "text": text,
            "kinds": kinds,
            "kind": kind,
            "found": found,
            "following": following,
        }
        return render(request, "projects/search.html", context)


class DocumentList(ListPage):
    """Every document a reader may see."""

    model = Document
    permission = "projects.view_document"
    title = _("Documents")
    related = ("type", "programme", "phase")
    columns = (
        Column("title", _("Title"), Kind.LINK, url_name="projects:document_detail", sort="title"),
        Column("type", _("Kind"), value=lambda row: str(row.type)),
        Column("document_date", _("Date"), Kind.DATE, sort="document_date"),
        Column("language", _("Language")),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("access", _("Who may read it")),
        Column("programme", _("Programme")),
        Column("searchable", _("Searchable"), Kind.TICK, shown=False),
    )
    filters = (
        Search(("title",)),
        Choice(
            "type",
            _("Kind"),
            lambda staff: [(row.pk, row) for row in DocumentType.objects.all()],
            field="type_id",
        ),
        Choice("state", _("State"), lb.choices(lb.DOCUMENT_STATE)),
        Choice(
            "programme",
            _("Programme"),
            lambda staff: [(row.pk, row) for row in Programme.objects.visible_to(staff)],
            field="programme_id",
        ),
    )
    order = "-document_date"
    actions = (Action(_("Search the library"), "projects:search", "projects.view_document"),)
    empty = EmptyState(_("No document yet"), _("Documents are added on a programme's page."))

    def rows(self) -> QuerySet[Any]:
        """Partners see no draft and nothing internal."""
        staff: Any = self.request.user
        return queries.readable_documents(staff).select_related(*self.related)


class DocumentPage(RecordPage):
    """One document: what it is, who may read it, its versions and what rests on it."""

    model = Document
    permission = "projects.view_document"
    related = ("programme", "phase", "type", "supersedes", "added_by", "file")
    record: Document

    def rows(self) -> QuerySet[Any]:
        """Partners see no draft and nothing internal."""
        return queries.readable_documents(self.staff).select_related(*self.related)

    def header(self) -> Header:
        """Its title, and its file."""
        row = self.record
        file = Action(
            _("Open the file"), "projects:document_file", "projects.view_document", args=(row.pk,)
        )
        final = Action(
            _("Make it final"),
            "projects:document_publish",
            "projects.publish_document",
            args=(row.pk,),
        )
        return Header(
            row.title,
            subtitle=str(row.type),
            state=State(row.get_state_display(), TONES.get(row.state, Tone.PLAIN)),
            primary=file if row.file_id else None,
            actions=(final,) if row.state == DocumentState.DRAFT else (),
            crumbs=(Crumb(_("Documents"), reverse("projects:document_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where it belongs and what is known of it."""
        row = self.record
        readable = _("yes") if row.searchable else _("not searchable: the file gives no words")
        programme = reverse("projects:programme_detail", args=[row.programme_id])
        return [
            FactGroup(
                _("The document"),
                [
                    Fact(_("Programme"), row.programme, programme),
                    Fact(_("Phase"), row.phase),
                    Fact(_("Date"), row.document_date),
                    Fact(_("Language"), row.language),
                    Fact(_("Version"), row.version),
                    Fact(_("Takes the place of"), queries.as_read_by(self.staff, row.supersedes)),
                    Fact(_("Who may read it"), row.get_access_display()),
                    Fact(_("Can be searched"), readable),
                    Fact(_("Pages"), len(row.page_map) or None),
                    Fact(_("Checksum"), row.sha256),
                    Fact(_("Added by"), row.added_by),
                    Fact(_("Remark"), row.remark),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The lessons it shows."""
        if not may(self.staff, "projects.view_lesson"):
            return []
        return [
            Table(
                _("Lessons it shows"),
                (
                    Column(
                        "statement",
                        _("What was learned"),
                        Kind.LINK,
                        url_name="projects:lesson_detail",
                    ),
                    Column("evidence_page", _("Page")),
                    Column("state", _("State"), Kind.STATE),
                ),
                self.record.lessons.all(),
            )
        ]
