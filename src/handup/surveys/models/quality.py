"""What deserves a second look: marks on sets of answers, on the answers of an interviewer or a
question in a round, and the same questions asked again by somebody else.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.surveys.models.labels import FLAG_RULE, choices
from handup.surveys.models.rounds import Round
from handup.surveys.models.submissions import Submission


class RoundFlag(House):
    """A mark on what an interviewer, or a question, shows over a whole round."""

    CLASSES = classify(
        I="id recorded_at round rule interviewer question_name detail resolved_by resolved_at note"
    )
    SCOPE = ScopePaths(programme="round__programme_id")
    VIEW = "surveys.view_submission"

    round = models.ForeignKey(Round, models.PROTECT, related_name="flags")
    rule = models.CharField(_("rule"), max_length=20, choices=choices(FLAG_RULE))
    interviewer = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("interviewer"),
    )
    question_name = models.CharField(_("question"), max_length=60, blank=True, default="")
    detail = models.CharField(_("detail"), max_length=200, blank=True, default="")
    resolved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["RoundFlag"]] = ScopedManager()

    class Meta:
        ordering = ("round", "id")
        verbose_name = _("flag of a round")

    def __str__(self) -> str:
        return str(self.get_rule_display())


class BackCheck(House):
    """The same questions asked again by another interviewer, and how many answers agree.

    Drawn when its day is not known; `told` holds pairs of question and answer of the second time.
    """

    CLASSES = classify(
        I="id recorded_at submission checked_by due_date question_names check_date compared equal"
        " differing",
        S="told",
    )
    SCOPE = ScopePaths(
        office="submission__case__office_id",
        area="submission__case__area_id",
        programme="submission__case__round__programme_id",
        caseload="checked_by_id",
        person="submission__case__person_id",
        shared=(
            "submission__case__household__memberships__person_id",
            "submission__case__enterprise__ownerships__person_id",
        ),
    )
    VIEW = "surveys.view_back_check"

    submission = models.OneToOneField(Submission, models.PROTECT, related_name="back_check")
    checked_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asks again"),
    )
    due_date = models.DateField(_("due"), null=True, blank=True)
    question_names = models.JSONField(_("questions asked again"), default=list)
    check_date = models.DateField(_("asked again on"), null=True, blank=True)
    compared = models.PositiveSmallIntegerField(_("questions compared"), default=0)
    equal = models.PositiveSmallIntegerField(_("equal answers"), default=0)
    differing = models.JSONField(_("answered otherwise"), default=list)
    told = EncryptedJSONField()

    objects: ClassVar[ScopedManager["BackCheck"]] = ScopedManager()

    class Meta:
        ordering = ("due_date", "id")
        verbose_name = _("back-check")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(equal__lte=models.F("compared")),
                name="no_more_equal_than_compared",
            ),
        )

    def __str__(self) -> str:
        return f"{self.equal}/{self.compared}" if self.check_date else "\u2013"
