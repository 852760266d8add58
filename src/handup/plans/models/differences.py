"""Where a phone and the office came to something else for the same plan."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.plans.models.plans import PlanVersion, plan_paths


class PlanDifference(House):
    """A version for which a phone came to other figures than the office: a fault of a program, kept
    until somebody else than who wrote the plan has looked. What counts is the office's result.

    `found`: rows of name, figure of the phone, figure of the office, as texts; `figures`: how many
    there are, also where not all are kept.
    """

    CLASSES = classify(
        I="id recorded_at version told_by engine_version figures settled_by settled_date",
        P="found note",
    )
    SCOPE = plan_paths("version__plan")
    VIEW = "plans.view_plan"

    version = models.OneToOneField(PlanVersion, models.PROTECT, related_name="difference")
    told_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("worked out by")
    )
    engine_version = models.CharField(_("engine of the phone"), max_length=20)
    figures = models.PositiveIntegerField(_("figures that differ"))
    found = models.JSONField(_("what differs"), default=list)
    settled_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_date = models.DateField(_("looked at on"), null=True, blank=True)
    note = models.CharField(_("what was found"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["PlanDifference"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(settled_by=None, settled_date=None)
                | Q(settled_by__isnull=False, settled_date__isnull=False),
                name="a_settled_difference_has_its_day",
            ),
        )

    def __str__(self) -> str:
        return str(self.version)
