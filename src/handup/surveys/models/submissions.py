"""Sets of answers as they arrived, the answers read from them, and what deserves a second look."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField, EncryptedTextField
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.surveys.models.labels import CHANNEL, FLAG_RULE, SUBMISSION_STATE, choices
from handup.surveys.models.questionnaires import Question, QuestionnaireVersion
from handup.surveys.models.rounds import Case, Round
from handup.surveys.rules.codes import SubmissionState


def case_paths(step: str) -> ScopePaths:
    """Where the case of a row is, whose it is, and of whom; `step`: the way to the row's case."""
    return ScopePaths(
        office=f"{step}case__office_id",
        area=f"{step}case__area_id",
        programme=f"{step}case__round__programme_id",
        caseload=f"{step}case__interviewer_id",
        person=f"{step}case__person_id",
        shared=(
            f"{step}case__household__memberships__person_id",
            f"{step}case__enterprise__ownerships__person_id",
        ),
    )


class Submission(House):
    """One set of answers. Same instance_id and bytes: nothing changes; other bytes: kept CONFLICT.

    One accepted set per (subject, questionnaire, round) is held by the database: a round has one
    questionnaire, a case one subject.
    """

    CLASSES = classify(
        I="id recorded_at instance_id root_id supersedes version round case start_at end_at"
        " answered_date received_at device channel sha256 state consented interviewer decided_by"
        " decided_at note fault_count deprecated_id corrected_by reason",
        S="body faults",
    )
    SCOPE = case_paths("")
    VIEW = "surveys.view_submission"

    instance_id = models.CharField(max_length=80, db_index=True)
    root_id = models.CharField(max_length=80, db_index=True)
    deprecated_id = models.CharField(max_length=80, blank=True, default="", db_index=True)
    supersedes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="submissions")
    round = models.ForeignKey(Round, models.PROTECT, related_name="submissions")
    case = models.ForeignKey(Case, models.PROTECT, related_name="submissions")
    start_at = models.DateTimeField(null=True, blank=True)
    end_at = models.DateTimeField(null=True, blank=True)
    answered_date = models.DateField(_("answered on"))
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    device = models.CharField(max_length=80, blank=True, default="")
    channel = models.CharField(_("came by"), max_length=8, choices=choices(CHANNEL))
    sha256 = models.CharField(max_length=64)
    body = EncryptedTextField()
    state = models.CharField(_("state"), max_length=9, choices=choices(SUBMISSION_STATE))
    consented = models.BooleanField(_("agreed to be asked"), default=True)
    faults = EncryptedJSONField()
    fault_count = models.PositiveSmallIntegerField(_("faults"), default=0)
    interviewer = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")
    corrected_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("corrected by"),
    )
    reason = models.CharField(_("why it was corrected"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Submission"]] = ScopedManager()

    class Meta:
        ordering = ("round", "id")
        verbose_name = _("set of answers")
        constraints = (
            models.UniqueConstraint(
                fields=("instance_id",),
                condition=~models.Q(state=SubmissionState.CONFLICT),
                name="one_submission_per_instance",
            ),
            models.UniqueConstraint(
                fields=("case",),
                condition=models.Q(state=SubmissionState.ACCEPTED),
                name="one_accepted_set_per_subject_and_round",
            ),
        )

    def __str__(self) -> str:
        return self.instance_id


class Answer(House):
    """One answer; an amount keeps its currency and the month it speaks of."""

    CLASSES = classify(
        I="id recorded_at submission question repeat_index currency reference_month", S="value"
    )
    SCOPE = case_paths("submission__")
    VIEW = "surveys.view_submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    repeat_index = models.PositiveSmallIntegerField(default=0)
    value = EncryptedTextField()
    currency = models.CharField(max_length=3, blank=True, default="")
    reference_month = models.DateField(null=True, blank=True)

    objects: ClassVar[ScopedManager["Answer"]] = ScopedManager()

    class Meta:
        ordering = ("submission", "question__number", "repeat_index")
        verbose_name = _("answer")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "question", "repeat_index"),
                name="one_answer_to_a_question",
            ),
        )

    def __str__(self) -> str:
        return f"{self.question_id} \u2022\u2022\u2022"


class Flag(House):
    """A mark that answers deserve a second look, and how it was settled."""

    CLASSES = classify(I="id recorded_at submission rule detail resolved_by resolved_at note")
    SCOPE = case_paths("submission__")
    VIEW = "surveys.view_submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="flags")
    rule = models.CharField(_("rule"), max_length=20, choices=choices(FLAG_RULE))
    detail = models.CharField(_("detail"), max_length=200, blank=True, default="")
    resolved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Flag"]] = ScopedManager()

    class Meta:
        ordering = ("submission", "id")
        verbose_name = _("flag")

    def __str__(self) -> str:
        return self.rule


class Attachment(House):
    """A picture or file sent with a set of answers; `came_sum` is the keyed sum of its bytes as
    they came, `agreed_at` when the person agreed to a photograph, where it was asked.
    """

    CLASSES = classify(I="id recorded_at submission file keyed_sum came_sum agreed_at", S="name")
    SCOPE = case_paths("submission__")
    VIEW = "surveys.view_submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="attachments")
    name = EncryptedTextField()
    keyed_sum = models.CharField(max_length=64)
    came_sum = models.CharField(max_length=64, blank=True, default="")
    agreed_at = models.DateTimeField(_("agreed to the photograph"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Attachment"]] = ScopedManager()

    class Meta:
        ordering = ("submission", "id")
        verbose_name = _("attachment of answers")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "keyed_sum"), name="one_attachment_of_these_bytes"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class UnplacedAnswers(House):
    """A body that names no case, no id, or is no XML: kept as it came until somebody places it."""

    CLASSES = classify(
        I="id recorded_at programme sent_by device reason instance_id keyed_sum placed_as", S="body"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "surveys.view_submission"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="unplaced_answers")
    sent_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    device = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(_("why"), max_length=300)
    instance_id = models.CharField(max_length=80, blank=True, default="")
    keyed_sum = models.CharField(max_length=64)
    body = EncryptedTextField()
    placed_as = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["UnplacedAnswers"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at", "id")
        verbose_name = _("answers that belong to no case")
        constraints = (
            models.UniqueConstraint(fields=("sent_by", "keyed_sum"), name="one_unplaced_body"),
        )

    def __str__(self) -> str:
        return self.reason
