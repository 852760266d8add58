"""Pictures of answers that stand with no answers yet: those on their way from a phone, kept part by
part until they are whole, and those of answers nobody has placed.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.surveys.models.submissions import Submission, UnplacedAnswers, case_paths


class ArrivingFile(House):
    """A picture that is not whole yet; `content` holds what has come of it, in base64.

    It is let go once the picture is kept with its answers. `keyed_sum`: of the whole picture as the
    phone told it, keyed; `agreed_at`: when the person agreed that it is taken and kept.
    """

    CLASSES = classify(
        I="id recorded_at submission device sent_by size received keyed_sum agreed_at kept_at",
        S="name content",
    )
    SCOPE = case_paths("submission__")
    VIEW = "surveys.view_submission"

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="arriving")
    name = EncryptedTextField()
    device = models.CharField(max_length=80)
    sent_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    size = models.PositiveIntegerField(_("bytes in all"))
    received = models.PositiveIntegerField(_("bytes received"), default=0)
    keyed_sum = models.CharField(max_length=64)
    agreed_at = models.DateTimeField(_("agreed to the photograph"))
    content = EncryptedTextField(blank=True, default="")
    kept_at = models.DateTimeField(_("kept"), default=timezone.now)

    objects: ClassVar[ScopedManager["ArrivingFile"]] = ScopedManager()

    class Meta:
        ordering = ("-kept_at", "id")
        verbose_name = _("picture on its way")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "keyed_sum"), name="one_arriving_file_of_these_bytes"
            ),
        )

    def __str__(self) -> str:
        return str(self.submission_id)


class UnplacedFile(House):
    """A file that came with answers nobody has placed; `content` holds it as it came, in base64.

    It goes with the answers: to the case they are placed on, or away when they go. It is looked at
    (scanned, its type) when it is placed, and shown to nobody before.
    """

    CLASSES = classify(I="id recorded_at answers keyed_sum", S="name content")
    SCOPE = ScopePaths(programme="answers__programme_id")
    VIEW = "surveys.view_submission"

    answers = models.ForeignKey(UnplacedAnswers, models.PROTECT, related_name="files")
    name = EncryptedTextField()
    keyed_sum = models.CharField(max_length=64)
    content = EncryptedTextField()

    objects: ClassVar[ScopedManager["UnplacedFile"]] = ScopedManager()

    class Meta:
        ordering = ("recorded_at", "id")
        verbose_name = _("file of answers that belong to no case")
        constraints = (
            models.UniqueConstraint(
                fields=("answers", "keyed_sum"), name="one_file_of_these_bytes_unplaced"
            ),
        )

    def __str__(self) -> str:
        return str(self.answers_id)
