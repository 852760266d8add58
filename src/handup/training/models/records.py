"""What happened in a cohort: attendance (append-only), tests and their results, costs."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField, EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import BudgetLine, Programme
from handup.training.models.cohorts import COHORT_SCOPE, ENROLMENT_SCOPE, Cohort, Enrolment, Session
from handup.training.models.labels import MARK, METHOD, TASK_FORM, TEST_FORM, TEST_KIND, choices
from handup.training.rules.attendance import Mark, Method, Record
from handup.training.rules.states import TestForm, TestKind


class Attendance(House):
    """Minutes of one person in one session as one device or paper told them; never changed.

    A correction is a further row that names the row it corrects. Which row counts is decided by
    `rules.attendance.effective`, whatever the order of upload.
    """

    CLASSES = classify(
        I="id recorded_at received_at session enrolment minutes mark method corrects recorded_by",
        S="reason",
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_enrolment"

    received_at = models.DateTimeField(default=timezone.now, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attendances")
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    mark = models.CharField(_("mark"), max_length=7, choices=choices(MARK), default=Mark.PRESENT)
    method = models.CharField(
        _("method"), max_length=6, choices=choices(METHOD), default=Method.MANUAL
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    reason = EncryptedTextField(_("reason"), blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Attendance"]] = ScopedManager()

    class Meta:
        ordering = ("session", "recorded_at", "id")
        verbose_name = _("attendance")
        indexes = (models.Index(fields=("enrolment", "session"), name="attendance_of_enrolment"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(mark=Mark.PRESENT) | models.Q(minutes=0),
                name="absent_means_no_minutes",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mark} {self.minutes}"

    def fact(self) -> Record:
        """Return the row as the rules see it."""
        return Record(self.id, self.recorded_at, self.minutes, Mark(self.mark), self.corrects_id)


class Test(House):
    """One test of a cohort; tests with the same `pair` are linked forms of one another."""

    __test__ = False

    CLASSES = classify(
        I="id recorded_at cohort kind form title pair max_score test_date closed_reason task_form"
    )
    SCOPE = COHORT_SCOPE
    VIEW = "training.view_cohort"

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="tests")
    kind = models.CharField(_("when"), max_length=5, choices=choices(TEST_KIND))
    form = models.CharField(
        _("form"), max_length=9, choices=choices(TEST_FORM), default=TestForm.WRITTEN
    )
    title = models.CharField(_("title"), max_length=200)
    pair = models.CharField(_("linked form"), max_length=40, blank=True, default="")
    max_score = models.PositiveSmallIntegerField(_("points that can be reached"))
    test_date = models.DateField(_("date"))
    closed_reason = models.CharField(
        _("why it was not held"), max_length=200, blank=True, default=""
    )
    task_form = models.CharField(
        _("four practical tasks"),
        max_length=1,
        choices=choices(TASK_FORM),
        blank=True,
        default="",
    )

    objects: ClassVar[ScopedManager["Test"]] = ScopedManager()

    class Meta:
        ordering = ("cohort", "test_date", "id")
        verbose_name = _("test")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(max_score__gt=0), name="test_has_points_to_reach"
            ),
        )

    def __str__(self) -> str:
        return self.title


class TestResult(House):
    """One sitting: the points, or that the person missed it. All sittings are kept.

    `task_points` are the four of a test of practical tasks, empty when only their sum was told.
    """

    __test__ = False

    CLASSES = classify(
        I="id recorded_at test enrolment sat_date recorded_by", S="score missed task_points"
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_enrolment"

    test = models.ForeignKey(Test, models.PROTECT, related_name="results")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="test_results")
    score = models.PositiveSmallIntegerField(_("points"), null=True, blank=True)
    task_points = EncryptedJSONField(_("points of each task"), blank=True, default=list)
    missed = models.BooleanField(_("did not sit it"), default=False)
    sat_date = models.DateField(_("sat on"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["TestResult"]] = ScopedManager()

    class Meta:
        ordering = ("enrolment", "sat_date", "id")
        verbose_name = _("test result")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(missed=True, score=None)
                | models.Q(missed=False, score__isnull=False),
                name="sat_with_points_or_missed_without",
            ),
        )

    def __str__(self) -> str:
        return "-" if self.score is None else str(self.score)

    @property
    def kind(self) -> TestKind:
        """When the test was sat."""
        return TestKind(self.test.kind)


class CostLine(House):
    """One cost of a cohort, of a tracer round, or of a shared pool that is divided over cohorts."""

    CLASSES = classify(
        I="id recorded_at programme cohort pool title budget_line cost_date amount_units currency"
        " rate_numerator rate_date rate_currency tracer_round"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "training.view_cost"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="training_costs")
    cohort = models.ForeignKey(
        Cohort, models.PROTECT, null=True, blank=True, related_name="cost_lines"
    )
    tracer_round = models.ForeignKey(
        "training.TracerRound", models.PROTECT, null=True, blank=True, related_name="costs"
    )
    pool = models.CharField(_("shared pool"), max_length=40, blank=True, default="")
    title = models.CharField(_("what for"), max_length=200)
    budget_line = models.ForeignKey(
        BudgetLine, models.PROTECT, null=True, blank=True, related_name="training_costs"
    )
    cost_date = models.DateField(_("date"))
    amount_units = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    rate_numerator = models.BigIntegerField(_("rate x 10^10"), null=True, blank=True)
    rate_date = models.DateField(_("rate of"), null=True, blank=True)
    rate_currency = models.CharField(_("rate into"), max_length=3, blank=True, default="")

    objects: ClassVar[ScopedManager["CostLine"]] = ScopedManager()

    class Meta:
        ordering = ("-cost_date", "id")
        verbose_name = _("training cost")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(cohort=None, tracer_round=None, pool__gt="")
                | models.Q(cohort__isnull=False, tracer_round=None, pool="")
                | models.Q(cohort=None, tracer_round__isnull=False, pool=""),
                name="cost_of_a_cohort_a_round_or_a_pool",
            ),
        )

    def __str__(self) -> str:
        return self.title
