"""What is taught: curriculum, module, session plan, and the course built on an approved version."""

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.training.models.labels import COURSE_TYPE, CURRICULUM_STATE, PASS_RULE, choices
from handup.training.rules.states import CourseType, CurriculumState, PassRule


class Curriculum(House):
    """One version of a curriculum in one language; an approved version never changes."""

    CLASSES = classify(
        O="id recorded_at code version language title licence source state approved_date",
        I="prepared_by approved_by",
    )
    VIEW = "training.view_curriculum"

    code = models.CharField(_("code"), max_length=40)
    version = models.CharField(_("version"), max_length=20, default="1")
    language = models.CharField(_("language"), max_length=10)
    title = models.CharField(_("title"), max_length=200)
    licence = models.CharField(_("licence"), max_length=80, blank=True, default="")
    source = models.CharField(_("source"), max_length=200, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=8, choices=choices(CURRICULUM_STATE), default=CurriculumState.DRAFT
    )
    approved_date = models.DateField(_("approved on"), null=True, blank=True)
    prepared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["Curriculum"]] = ScopedManager()

    class Meta:
        ordering = ("title", "version")
        verbose_name = _("curriculum")
        constraints = (
            models.UniqueConstraint(
                fields=("code", "version", "language"), name="one_curriculum_version_a_language"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"


class Module(House):
    """One part of a curriculum."""

    CLASSES = classify(O="id recorded_at curriculum number code title")
    VIEW = "training.view_curriculum"

    curriculum = models.ForeignKey(Curriculum, models.PROTECT, related_name="modules")
    number = models.PositiveSmallIntegerField(_("number"))
    code = models.CharField(_("code"), max_length=40, blank=True, default="")
    title = models.CharField(_("title"), max_length=200)

    objects: ClassVar[ScopedManager["Module"]] = ScopedManager()

    class Meta:
        ordering = ("curriculum", "number")
        verbose_name = _("module")
        constraints = (
            models.UniqueConstraint(
                fields=("curriculum", "number"), name="one_module_per_number_in_a_curriculum"
            ),
        )

    def __str__(self) -> str:
        return self.title


class SessionPlan(House):
    """How one session of a module is taught and how long it takes."""

    CLASSES = classify(O="id recorded_at module number title objectives materials method minutes")
    VIEW = "training.view_curriculum"

    module = models.ForeignKey(Module, models.PROTECT, related_name="session_plans")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    objectives = models.TextField(_("objectives"), blank=True, default="")
    materials = models.TextField(_("materials"), blank=True, default="")
    method = models.TextField(_("method"), blank=True, default="")
    minutes = models.PositiveSmallIntegerField(_("minutes"))

    objects: ClassVar[ScopedManager["SessionPlan"]] = ScopedManager()

    class Meta:
        ordering = ("module", "number")
        verbose_name = _("session plan")
        constraints = (
            models.UniqueConstraint(
                fields=("module", "number"), name="one_session_plan_per_number_in_a_module"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__gt=0), name="session_plan_lasts_some_minutes"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Course(House):
    """A curriculum version with its rule of completion; what must be held before it, if anything.

    `threshold_bps` is the share of held minutes to attend, `pass_mark_bps` the share of the
    points of a test to reach, both in hundredths of a percent.
    """

    CLASSES = classify(
        O="id recorded_at code title curriculum type pass_rule threshold_bps pass_mark_bps"
        " prerequisite level_test_required certificate_months active"
    )
    VIEW = "training.view_curriculum"

    code = models.CharField(_("code"), max_length=12, unique=True)
    title = models.CharField(_("title"), max_length=200)
    curriculum = models.ForeignKey(Curriculum, models.PROTECT, related_name="courses")
    type = models.CharField(
        _("type"), max_length=20, choices=choices(COURSE_TYPE), default=CourseType.BUSINESS
    )
    pass_rule = models.CharField(
        _("completed by"),
        max_length=15,
        choices=choices(PASS_RULE),
        default=PassRule.ATTENDANCE_ONLY,
    )
    threshold_bps = models.PositiveIntegerField(
        _("attendance needed (hundredths of a percent)"),
        default=8000,
        validators=[MaxValueValidator(10_000)],
    )
    pass_mark_bps = models.PositiveIntegerField(
        _("pass mark (hundredths of a percent)"),
        default=6000,
        validators=[MaxValueValidator(10_000)],
    )
    prerequisite = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads_to",
        verbose_name=_("course to complete before"),
    )
    level_test_required = models.BooleanField(_("level test before the course"), default=False)
    certificate_months = models.PositiveSmallIntegerField(
        _("months a certificate is valid"), null=True, blank=True
    )
    active = models.BooleanField(_("offered"), default=True)

    objects: ClassVar[ScopedManager["Course"]] = ScopedManager()

    class Meta:
        ordering = ("title",)
        verbose_name = _("course")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(threshold_bps__lte=10_000, pass_mark_bps__lte=10_000),
                name="course_shares_at_most_whole",
            ),
        )

    def __str__(self) -> str:
        return self.title
