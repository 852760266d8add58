"""What others who know an entrepreneur say of her, asked before her plan is appraised."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.plans.models.labels import Labels, choices
from handup.plans.models.plans import Plan, plan_paths
from handup.plans.rules.references import Opinion, Source

SOURCE: Labels = {
    Source.CO_MAKER: _("somebody who would sign for her"),
    Source.NEIGHBOUR: _("a neighbour"),
    Source.OTHER_LENDER: _("another lender"),
    Source.TRADE: _("a buyer or supplier"),
}
OPINION: Labels = {
    Opinion.GOOD: _("speaks well of her"),
    Opinion.MIXED: _("has doubts"),
    Opinion.BAD: _("advises against it"),
}


class PlanReference(House):
    """One person or lender who was asked about her: what kind, and what was said. Names nobody."""

    CLASSES = classify(I="id recorded_at plan source opinion asked_date asked_by")
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="references")
    source = models.CharField(_("who was asked"), max_length=12, choices=choices(SOURCE))
    opinion = models.CharField(_("what was said"), max_length=5, choices=choices(OPINION))
    asked_date = models.DateField(_("asked on"))
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PlanReference"]] = ScopedManager()

    class Meta:
        ordering = ("asked_date", "id")
        verbose_name = _("reference")

    def __str__(self) -> str:
        return f"{self.get_source_display()}: {self.get_opinion_display()}"
