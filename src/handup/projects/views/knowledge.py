"""Printed figures, organisations, lessons and the files of documents."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org.services.files import read_file
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tick,
)
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.projects import queries
from handup.projects.models import (
    Document,
    Lesson,
    Organisation,
    Programme,
    StatedFigure,
)
from handup.projects.models import labels as lb
from handup.projects.rules.states import LessonState
from handup.projects.views.programmes import FIGURE_COLUMNS, LESSON_TONES, applied_to

NEW_ORGANISATION = Action(
    _("Enter an organisation"), "projects:organisation_new", "projects.register_organisation"
)


class StatedFigureList(ListPage):
    """Figures as others printed them; sources may disagree."""

    model = StatedFigure
    permission = "projects.view_stated_figure"
    title = _("As others printed it")
    related = ("programme",)
    columns = (*FIGURE_COLUMNS, Column("programme", _("Programme")))
    filters = (
        Search(("reference", "subject", "printed", "source")),
        Choice(
            "programme",
            _("Programme"),
            lambda staff: [(row.pk, row) for row in Programme.objects.visible_to(staff)],
            field="programme_id",
        ),
        Choice("bound", _("Claims"), lb.choices(lb.BOUND)),
    )
    order = "reference"
    empty = EmptyState(
        _("No printed figure yet"),
        _(
            "A printed figure is kept word for word, with its source, beside what the"
            " program counts."
        ),
    )


class OrganisationList(ListPage):
    """The one register of institutions."""

    model = Organisation
    permission = "projects.view_organisation"
    title = _("Organisations")
    prefetch = ("kinds",)
    columns = (
        Column("name", _("Name"), sort="name"),
        Column("code", _("Code"), sort="code"),
        Column("kinds", _("What it is"), value=lambda row: ", ".join(map(str, row.kinds.all()))),
        Column("country_code", _("Country")),
    )
    filters = (
        Search(("name", "short_name", "code")),
        Choice("kind", _("What it is"), lb.choices(lb.ORG_KIND), field="kinds__kind"),
    )
    order = "name"
    primary = NEW_ORGANISATION
    empty = EmptyState(
        _("No organisation yet"),
        _("Enter your own first, then who funds, lends, teaches or buys."),
        NEW_ORGANISATION,
    )


def _overdue(rows: QuerySet[Lesson]) -> QuerySet[Lesson]:
    return queries.lessons_overdue(rows, timezone.localdate())


class LessonList(ListPage):
    """Lessons: proposed, accepted, applied, where."""

    model = Lesson
    permission = "projects.view_lesson"
    title = _("Lessons")
    related = ("programme", "owner")
    prefetch = ("applications",)
    columns = (
        Column("statement", _("What was learned"), Kind.LINK, url_name="projects:lesson_detail"),
        Column("topic", _("Topic"), sort="topic"),
        Column("state", _("State"), Kind.STATE, tones=LESSON_TONES),
        Column("applied", _("Applied to"), value=applied_to),
        Column("owner", _("Owner")),
        Column("review_date", _("Review on"), Kind.DATE, sort="review_date"),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("statement", "topic")),
        Choice("state", _("State"), lb.choices(lb.LESSON_STATE)),
        Choice(
            "programme",
            _("Programme"),
            lambda staff: [(row.pk, row) for row in Programme.objects.visible_to(staff)],
            field="programme_id",
        ),
        Tick("overdue", _("only those whose review is overdue"), _overdue),
    )
    empty = EmptyState(_("No lesson yet"), _("Anyone may propose one on a programme's page."))


class LessonPage(RecordPage):
    """One lesson: its evidence, where it was applied, what changed."""

    model = Lesson
    permission = "projects.view_lesson"
    related = ("programme", "phase", "evidence", "owner", "proposed_by")
    record: Lesson

    def header(self) -> Header:
        """What was learned, and the next step."""
        row = self.record
        state = LessonState(row.state)
        apply = Action(
            _("Record where it was applied"),
            "projects:lesson_apply",
            "projects.apply_lesson",
            args=(row.pk,),
        )
        decide = Action(
            _("Decide"), "projects:lesson_decide", "projects.decide_lesson", args=(row.pk,)
        )
        applicable = state in {LessonState.ACCEPTED, LessonState.APPLIED}
        return Header(
            row.statement,
            subtitle=row.topic,
            state=State(row.get_state_display(), LESSON_TONES[row.state]),
            primary=apply if applicable else decide if state is LessonState.PROPOSED else None,
            actions=(decide,) if applicable or state is LessonState.NOT_APPLIED else (),
            crumbs=(Crumb(_("Lessons"), reverse("projects:lesson_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Evidence and confidence."""
        row = self.record
        evidence = queries.as_read_by(self.staff, row.evidence)
        return [
            FactGroup(
                _("The lesson"),
                [
                    Fact(_("Programme"), row.programme),
                    Fact(_("Phase"), row.phase),
                    Fact(_("Document that shows it"), evidence),
                    Fact(_("Page"), row.evidence_page),
                    Fact(_("Confidence"), row.get_confidence_display()),
                    Fact(_("Owner"), row.owner),
                    Fact(_("Review on"), row.review_date),
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Remark"), row.remark),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Where it was applied."""
        return [
            Table(
                _("Where it was applied"),
                (
                    Column("target", _("Applied to")),
                    Column("target_kind", _("Kind")),
                    Column("what_changed", _("What changed")),
                    Column("applied_date", _("Day"), Kind.DATE),
                    Column("decided_by", _("Decided by")),
                    Column("result_seen", _("Result seen")),
                ),
                self.record.applications.all(),
            )
        ]


class DocumentFile(View):
    """Send the file of a document the reader may see, as an attachment."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Send it."""
        staff: Any = request.user
        row = Document.objects.visible_to(staff).select_related("file", "programme").filter(pk=pk)
        document = row.first()
        if document is None or document.file is None:
            raise Http404
        if not queries.documents_for(staff, document.programme).filter(pk=pk).exists():
            raise Http404
        answer = HttpResponse(read_file(document.file), content_type=document.file.content_type)
        answer["Content-Disposition"] = f'attachment; filename="{document.pk}"'
        return answer
