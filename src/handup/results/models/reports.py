"""Reports to a donor: a text in one language whose figures come from one frozen snapshot
(results.md 4.8)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.models.frozen import Snapshot
from handup.results.rules.states import NarrativeState

NARRATIVE_STATES = [
    (NarrativeState.DRAFT.value, _("draft")),
    (NarrativeState.CHECKED.value, _("checked")),
    (NarrativeState.APPROVED.value, _("approved")),
    (NarrativeState.SENT.value, _("sent")),
]


class Narrative(House):
    """A text with `{{ code }}` where a figure stands, and who wrote, read and passed it."""

    CLASSES = classify(
        O="id recorded_at programme snapshot title language state",
        I="text written_by signed_numbers read_by checked_by approved_by sent_by sent_date sent_to"
        " sent_back_reason",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="narratives")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="narratives")
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=5)
    text = models.TextField(_("text"), max_length=60_000)
    state = models.CharField(
        _("state"), max_length=8, choices=NARRATIVE_STATES, default=NarrativeState.DRAFT.value
    )
    written_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    signed_numbers = models.BooleanField(_("typed numbers signed for"), default=False)
    read_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    checked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    sent_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    sent_date = models.DateField(_("sent on"), null=True)
    sent_to = models.CharField(_("sent to"), max_length=200, blank=True)
    sent_back_reason = models.CharField(_("why it was sent back"), max_length=500, blank=True)

    objects: ClassVar[ScopedManager["Narrative"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-recorded_at")

    @property
    def language_name(self) -> str:
        """Its language in the reader's word."""
        return str(dict(settings.LANGUAGES).get(self.language, self.language))

    def __str__(self) -> str:
        return self.title
