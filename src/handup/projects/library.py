"""What of a programme's library can be found: its documents and its lessons."""

from django.utils.translation import gettext_lazy as _

from handup.org.jobs import job
from handup.projects import queries, search
from handup.projects.models import Document, Lesson
from handup.projects.search import Source, Text


def _document_text(row: Document) -> Text:
    return Text(row.title, row.text, row.document_date or row.recorded_at.date(), row.language)


def _lesson_text(row: Lesson) -> Text:
    language = row.programme.default_language
    said = "\n".join((row.statement, row.topic, row.remark))
    return Text(row.statement, said, row.recorded_at.date(), language)


SOURCES = (
    Source(
        kind="document",
        title=_("Documents"),
        permission="projects.view_document",
        url_name="projects:document_detail",
        rows=lambda: Document._base_manager.order_by("id"),
        visible=queries.readable_documents,
        text=_document_text,
        label=lambda row: str(row.type),
    ),
    Source(
        kind="lesson",
        title=_("Lessons"),
        permission="projects.view_lesson",
        url_name="projects:lesson_detail",
        rows=lambda: Lesson._base_manager.select_related("programme").order_by("id"),
        visible=lambda staff: Lesson.objects.visible_to(staff),
        text=_lesson_text,
        label=lambda row: str(row.get_state_display()),
    ),
)


@job
def read_what_is_missing() -> None:
    """Read records of which nothing can be found yet: after an upgrade, or a load that went past
    the services.
    """
    for kind in search.sources:
        search.read_missing(kind)
