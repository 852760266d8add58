"""A spoken test: its questions, what each person answered, who heard it, and the sound of it where
she said yes to being recorded (training.md T8).
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import CONSENT_METHOD, choices
from handup.training.models.records import Test, TestResult


class SpokenQuestion(House):
    """One question of a spoken test, asked aloud, and the points it has; `sound`: the question as
    it was recorded, for whoever cannot read it out."""

    CLASSES = classify(I="id recorded_at test number text most_points sound")
    SCOPE = ScopePaths(
        office="test__cohort__office_id",
        area="test__cohort__area_id",
        programme="test__cohort__programme_id",
        organisation="test__cohort__provider_id",
        caseload="test__cohort__trainers__staff_id",
        many=True,
    )
    VIEW = "training.view_cohort"

    test = models.ForeignKey(Test, models.PROTECT, related_name="questions")
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.CharField(_("question"), max_length=300)
    most_points = models.PositiveSmallIntegerField(_("points"))
    sound = models.ForeignKey(
        StoredFile,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded question"),
    )

    objects: ClassVar[ScopedManager["SpokenQuestion"]] = ScopedManager()

    class Meta:
        ordering = ("test", "number")
        verbose_name = _("question of a spoken test")
        constraints = (
            models.UniqueConstraint(fields=("test", "number"), name="spoken_question_once"),
            models.CheckConstraint(
                condition=models.Q(most_points__gt=0), name="spoken_question_has_points"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class SpokenAnswer(House):
    """What one person answered to one question at one sitting, the points for it, who heard it."""

    CLASSES = classify(
        I="id recorded_at result question heard_by sound sound_agreed_how", S="points answer"
    )
    SCOPE = ScopePaths(
        office="result__enrolment__cohort__office_id",
        area="result__enrolment__cohort__area_id",
        programme="result__enrolment__cohort__programme_id",
        organisation="result__enrolment__cohort__provider_id",
        caseload="result__enrolment__cohort__trainers__staff_id",
        person="result__enrolment__person_id",
        many=True,
    )
    VIEW = "training.view_spoken_answer"

    result = models.ForeignKey(TestResult, models.PROTECT, related_name="answers")
    question = models.ForeignKey(SpokenQuestion, models.PROTECT, related_name="answers")
    points = models.PositiveSmallIntegerField(_("points"))
    answer = EncryptedTextField(_("what she answered"), blank=True, default="")
    heard_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    sound = models.ForeignKey(StoredFile, models.SET_NULL, null=True, blank=True, related_name="+")
    sound_agreed_how = models.CharField(
        _("how she agreed to be recorded"),
        max_length=9,
        choices=choices(CONSENT_METHOD),
        blank=True,
        default="",
    )

    objects: ClassVar[ScopedManager["SpokenAnswer"]] = ScopedManager()

    class Meta:
        ordering = ("result", "question__number")
        verbose_name = _("answer of a spoken test")
        constraints = (
            models.UniqueConstraint(fields=("result", "question"), name="spoken_answer_once"),
        )

    def __str__(self) -> str:
        return f"{self.question_id} {self.points}"
