"""What a community said it needs: the count of women and men, what was decided of it, from which
money, and what the community was told afterwards."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import Group
from handup.org.classes import classify
from handup.org.models import Area, House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import BudgetLine, Programme


class NeedsMeeting(House):
    """A meeting of a community, or of one group, on what it needs."""

    CLASSES = classify(
        I="id recorded_at programme area group held_date place women men recorded_by chosen"
        " decision decided_date decided_by budget_line told_date told_words told_by"
    )
    SCOPE = ScopePaths(area="area_id", programme="programme_id", caseload="recorded_by_id")
    VIEW = "groups.view_needs"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="needs")
    held_date = models.DateField(_("held on"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    women = models.PositiveIntegerField(_("women"))
    men = models.PositiveIntegerField(_("men"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    chosen = models.ForeignKey(
        "groups.Need", models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(_("decision"), max_length=500, blank=True)
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    budget_line = models.ForeignKey(
        BudgetLine, models.PROTECT, null=True, blank=True, related_name="+"
    )
    told_date = models.DateField(_("told on"), null=True, blank=True)
    told_words = models.CharField(_("what they were told"), max_length=500, blank=True)
    told_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[ScopedManager["NeedsMeeting"]] = ScopedManager()

    class Meta:
        ordering = ("-held_date", "-recorded_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(told_date=None) | Q(decided_date__isnull=False),
                name="needs_told_once_decided",
            ),
        )

    def __str__(self) -> str:
        return f"{self.area} {self.held_date}"


class Need(House):
    """One need that was named, with the votes of women and of men."""

    CLASSES = classify(I="id recorded_at meeting number what women men")
    SCOPE = ScopePaths(
        area="meeting__area_id",
        programme="meeting__programme_id",
        caseload="meeting__recorded_by_id",
    )
    VIEW = "groups.view_needs"

    meeting = models.ForeignKey(NeedsMeeting, models.PROTECT, related_name="needs")
    number = models.PositiveSmallIntegerField(_("number"))
    what = models.CharField(_("need"), max_length=200)
    women = models.PositiveIntegerField(_("votes of women"))
    men = models.PositiveIntegerField(_("votes of men"))

    objects: ClassVar[ScopedManager["Need"]] = ScopedManager()

    class Meta:
        ordering = ("meeting", "number")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "number"), name="need_number_once"),
        )

    def __str__(self) -> str:
        return self.what
