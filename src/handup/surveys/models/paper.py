"""What is being typed from paper: kept as typed until it is whole, and once more by somebody else
where the questionnaire asks for it (surveys.md 2.7).
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.surveys.models.labels import PAPER_STATE, choices
from handup.surveys.models.questionnaires import QuestionnaireVersion
from handup.surveys.models.rounds import Case
from handup.surveys.models.submissions import Submission, case_paths
from handup.surveys.rules.codes import PaperState


class PaperEntry(House):
    """One paper as one person types it; `typed` holds pairs of a place and what was typed there.

    It is let go once the answers are received; that it was typed, by whom and how many places
    differed the second time stays.
    """

    CLASSES = classify(
        I="id recorded_at case version entered_by asked_by answered_date state kept_at submission"
        " compared differing",
        S="typed",
    )
    SCOPE = case_paths("")
    VIEW = "surveys.enter_paper"

    case = models.ForeignKey(Case, models.PROTECT, related_name="papers")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="papers")
    entered_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("typed by")
    )
    asked_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("interviewer"),
    )
    answered_date = models.DateField(_("answered on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=choices(PAPER_STATE), default=PaperState.DRAFT
    )
    kept_at = models.DateTimeField(_("kept"), default=timezone.now)
    typed = EncryptedJSONField()
    compared = models.PositiveSmallIntegerField(_("places compared"), default=0)
    differing = models.JSONField(_("typed otherwise"), default=list)
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="papers"
    )

    objects: ClassVar[ScopedManager["PaperEntry"]] = ScopedManager()

    class Meta:
        ordering = ("-kept_at", "id")
        verbose_name = _("paper being typed")
        constraints = (
            models.UniqueConstraint(
                fields=("case", "entered_by"),
                condition=models.Q(submission__isnull=True),
                name="one_paper_of_a_case_and_typist",
            ),
        )

    def __str__(self) -> str:
        return str(self.case)
