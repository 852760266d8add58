"""What people need to learn, asked before a course is planned."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.training.models.curricula import Course
from handup.training.models.labels import Labels, choices
from handup.training.rules.needs import AskedBy

ASKED_BY: Labels = {
    AskedBy.INTERVIEWS: _("interviews"),
    AskedBy.MEETING: _("a meeting"),
    AskedBy.AT_WORK: _("watching people at work"),
    AskedBy.BUYERS: _("employers or buyers asked"),
}


class NeedsAssessment(House):
    """How many women and men were asked where and how, and what was found; names nobody."""

    CLASSES = classify(
        I="id recorded_at programme office area asked_date asked_by women men findings recorded_by"
    )
    SCOPE = ScopePaths(programme="programme_id", office="office_id", area="area_id")
    VIEW = "training.view_needs_assessment"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="needs_assessments")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    asked_date = models.DateField(_("asked on"))
    asked_by = models.CharField(_("asked by"), max_length=10, choices=choices(ASKED_BY))
    women = models.PositiveIntegerField(_("women asked"))
    men = models.PositiveIntegerField(_("men asked"))
    findings = models.CharField(_("what was found"), max_length=1000)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["NeedsAssessment"]] = ScopedManager()

    class Meta:
        ordering = ("-asked_date", "id")
        verbose_name = _("needs assessment")
        constraints = (
            models.CheckConstraint(
                condition=Q(women__gt=0) | Q(men__gt=0), name="needs_assessment_asked_somebody"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme.code} {self.asked_date}"


class NeedTopic(House):
    """One thing people want to learn, how many of those asked, and the course that answers it."""

    CLASSES = classify(I="id recorded_at assessment topic wanted course")
    SCOPE = ScopePaths(
        programme="assessment__programme_id",
        office="assessment__office_id",
        area="assessment__area_id",
    )
    VIEW = "training.view_needs_assessment"

    assessment = models.ForeignKey(NeedsAssessment, models.PROTECT, related_name="topics")
    topic = models.CharField(_("topic"), max_length=120)
    wanted = models.PositiveIntegerField(_("how many want it"))
    course = models.ForeignKey(Course, models.PROTECT, null=True, blank=True, related_name="needs")

    objects: ClassVar[ScopedManager["NeedTopic"]] = ScopedManager()

    class Meta:
        ordering = ("-wanted", "topic", "id")
        verbose_name = _("topic people want to learn")
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "topic"), name="one_line_per_topic_of_an_assessment"
            ),
        )

    def __str__(self) -> str:
        return self.topic
