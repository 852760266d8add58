"""Market studies as the full-text search finds them: the question, findings and opportunities."""

from django.utils.translation import gettext_lazy as _

from handup.markets.models import Study
from handup.projects.search import Source, Text


def _text(row: Study) -> Text:
    said = [row.question, row.method, row.sample]
    said += row.findings.order_by("position").values_list("statement", flat=True)
    for product, buyers, wanted in row.opportunities.order_by("id").values_list(
        "product", "buyers", "requirements"
    ):
        said += [product, buyers, wanted]
    day = row.finished_date or row.started_date
    return Text(row.title, "\n".join(filter(None, said)), day, row.programme.default_language)


STUDIES = Source(
    kind="study",
    title=_("Market studies"),
    permission="markets.view_study",
    url_name="markets:study_detail",
    rows=lambda: Study._base_manager.select_related("programme").order_by("id"),
    visible=lambda staff: Study.objects.visible_to(staff),
    text=_text,
    label=lambda row: str(row.get_state_display()),
)
