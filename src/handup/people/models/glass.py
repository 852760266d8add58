"""Emergency access: one person opened to one staff member for an hour (protection.md 4.3)."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import GLASS_REASON, GLASS_STATE, choices
from handup.people.models.persons import Person
from handup.people.rules.glass import UNREVIEWED, GlassState, state_at


class BreakGlass(House):
    """One emergency access: who opened whom, why, until when, and what its review found.

    Its scope names the programme only, not the person: who reviews it sees that a hidden person was
    opened, and nothing of her.
    """

    CLASSES = classify(
        I="id recorded_at code person staff reason state opened_at ends_at review_by escalated_at"
        " reviewed_by reviewed_at",
        S="words finding",
    )
    SCOPE = ScopePaths(programme="person__programme_id", office="person__office_id")
    VIEW = "people.view_break_glass"

    code = models.CharField(_("number"), max_length=12, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    staff = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    reason = models.CharField(_("reason"), max_length=14, choices=choices(GLASS_REASON))
    words = EncryptedTextField(_("reason in words"), blank=True, default="")
    state = models.CharField(
        _("state"), max_length=8, choices=choices(GLASS_STATE), default=GlassState.OPEN.value
    )
    opened_at = models.DateTimeField(_("opened"))
    ends_at = models.DateTimeField(_("until"))
    review_by = models.DateField(_("to review by"))
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    finding = EncryptedTextField(_("what the review found"), blank=True, default="")

    objects: ClassVar[ScopedManager["BreakGlass"]] = ScopedManager()

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("opened_at")), name="glass_ends_later"
            ),
        )
        indexes = (
            models.Index(fields=("staff", "ends_at"), name="glass_of_staff"),
            models.Index(fields=("state", "review_by"), name="glass_to_review"),
        )

    def __str__(self) -> str:
        return self.code

    def standing(self, now: datetime | None = None) -> GlassState:
        """Where it stands at a moment."""
        return state_at(GlassState(self.state), self.ends_at, now or timezone.now())

    def is_late(self) -> bool:
        """Whether nobody has reviewed it in time."""
        waits = GlassState(self.state) in UNREVIEWED
        return waits and self.review_by < timezone.localdate()
