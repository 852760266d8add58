"""A course on a learning platform elsewhere, and what the platform says of its participants."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.training.models.cohorts import ENROLMENT_SCOPE, Enrolment
from handup.training.models.curricula import Course


class CourseLink(House):
    """Where a course, or a part of it, is taken on a learning platform of somebody else."""

    CLASSES = classify(O="id recorded_at course title address ended_date", I="linked_by")
    VIEW = "training.view_curriculum"

    course = models.ForeignKey(Course, models.PROTECT, related_name="links")
    title = models.CharField(_("what is taken there"), max_length=200)
    address = models.URLField(_("address"), max_length=500)
    ended_date = models.DateField(_("no longer used from"), null=True, blank=True)
    linked_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["CourseLink"]] = ScopedManager()

    class Meta:
        ordering = ("course", "title", "id")
        verbose_name = _("course on a platform")

    def __str__(self) -> str:
        return self.title


class PlatformResult(House):
    """What a platform says of one participant: the day she completed, and her share of the points
    where it tells one (hundredths of a percent). Another day is another result; the latest counts.
    """

    CLASSES = classify(I="id recorded_at link enrolment completed_date brought_by", S="score_bps")
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_enrolment"

    link = models.ForeignKey(CourseLink, models.PROTECT, related_name="results")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="platform_results")
    completed_date = models.DateField(_("completed there on"))
    score_bps = models.PositiveIntegerField(
        _("result (hundredths of a percent)"), null=True, blank=True
    )
    brought_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PlatformResult"]] = ScopedManager()

    class Meta:
        ordering = ("-completed_date", "id")
        verbose_name = _("result of a platform")
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment", "link", "completed_date"), name="one_platform_result_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(score_bps=None) | models.Q(score_bps__lte=10_000),
                name="platform_result_at_most_all",
            ),
        )

    def __str__(self) -> str:
        return str(self.completed_date)
