"""Curricula as the full-text search finds them: modules, sessions and what they aim at."""

from django.utils.translation import gettext_lazy as _

from handup.projects.search import Source, Text
from handup.training.models import Curriculum, SessionPlan


def _text(row: Curriculum) -> Text:
    plans = SessionPlan._base_manager.filter(module__curriculum=row).select_related("module")
    said: dict[str, None] = {row.code: None}
    for plan in plans.order_by("module__number", "number"):
        said |= dict.fromkeys((plan.module.title, plan.title, plan.objectives, plan.materials))
    return Text(
        row.title,
        "\n".join(filter(None, said)),
        row.approved_date or row.recorded_at.date(),
        row.language,
    )


CURRICULA = Source(
    kind="curriculum",
    title=_("Curricula"),
    permission="training.view_curriculum",
    url_name="training:curriculum_detail",
    rows=lambda: Curriculum._base_manager.order_by("id"),
    visible=lambda staff: Curriculum.objects.visible_to(staff),
    text=_text,
    label=lambda row: str(row.get_state_display()),
)
