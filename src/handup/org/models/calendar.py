"""Days without business: holidays of the whole institution, of an area, or of one office."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.places import Area, Office
from handup.org.models.staff import StaffUser


class ClosedDay(House):
    """One day nothing is due on, once or every year; of everybody where it names no place.

    It is never changed: a wrong one is withdrawn, and another entered.
    """

    CLASSES = classify(
        O="id recorded_at day every_year name office area",
        I="entered_by withdrawn_at withdrawn_by",
    )
    VIEW = "org.view_calendar"

    day = models.DateField(_("day"))
    every_year = models.BooleanField(_("every year"), default=False)
    name = models.CharField(_("name"), max_length=120)
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    entered_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("day", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(office__isnull=True) | Q(area__isnull=True),
                name="closed_day_of_one_place",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
