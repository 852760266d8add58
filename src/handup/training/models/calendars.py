"""The address at which a member of staff reads the sessions she sees in a calendar of her own."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class CalendarFeed(House):
    """One secret address of one member of staff; only its hash is kept, the last one made opens."""

    CLASSES = classify(I="id recorded_at staff address_hash ended_at read_count last_read_at")
    SCOPE = ScopePaths(caseload="staff_id")
    VIEW = "training.subscribe_calendar"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="calendar_feeds")
    address_hash = models.CharField(max_length=64, unique=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    read_count = models.PositiveIntegerField(_("times read"), default=0)
    last_read_at = models.DateTimeField(_("last read"), null=True, blank=True)

    objects: ClassVar[ScopedManager["CalendarFeed"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at", "id")
        verbose_name = _("calendar of sessions")
        constraints = (
            models.UniqueConstraint(
                fields=("staff",),
                condition=models.Q(ended_at=None),
                name="one_open_calendar_of_a_member_of_staff",
            ),
        )

    def __str__(self) -> str:
        return str(self.staff)
