"""The paper a group wrote its meeting on: photographed, transcribed by an officer, confirmed by the
group's recorder (groups.md 5)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import Meeting
from handup.groups.models.group import Member
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths, hidden_from


class SheetState(models.TextChoices):
    """What the recorder of the group said of what was transcribed."""

    WAITING = "WAITING", _("waits for the recorder")
    CONFIRMED = "CONFIRMED", _("confirmed by the recorder")
    WRONG = "WRONG", _("the recorder says it is wrong")


def _with_somebody_hidden(staff: StaffUser) -> Q:
    """Paper names everybody: where one member is hidden from the reader, so is the photo."""
    return Q(meeting__group__members__person__in=hidden_from(staff))


class PaperSheet(House):
    """The photo of a meeting's signed sheet, who transcribes it, and what the recorder said.

    Where a member of the group is hidden from a reader, the photo and the note are kept from her,
    and the sheet reads as one whose photo went with an erased member: that it lies there, and its
    state, tell of nobody (protection.md R5).
    """

    CLASSES = classify(
        I="id recorded_at meeting transcribed_by photo state recorder answered_date answered_by",
        S="note",
    )
    SCOPE = ScopePaths(
        office="meeting__group__office_id",
        area="meeting__group__area_id",
        programme="meeting__group__programme_id",
        caseload="meeting__group__officer_id",
        sealed=_with_somebody_hidden,
    )
    VIEW = "groups.view_paper_sheet"

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="paper_sheet")
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    transcribed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=9, choices=SheetState.choices, default=SheetState.WAITING
    )
    recorder = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    answered_date = models.DateField(_("answered on"), null=True, blank=True)
    answered_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = EncryptedTextField(_("what is wrong"), blank=True, default="")

    objects: ClassVar[ScopedManager["PaperSheet"]] = ScopedManager()

    class Meta:
        ordering = ("meeting",)

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.state}"

    def shown_whole_to(self, staff: StaffUser) -> bool:
        """Whether nobody the paper may name is hidden from her: photo and note are hers to see."""
        own = PaperSheet._base_manager.filter(pk=self.pk)
        return own.exclude(_with_somebody_hidden(staff)).exists()
