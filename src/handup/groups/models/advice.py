"""Advice visits to a group: what was found, why, what to do, the next step; no plan is needed."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import Group
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager


class AdviceVisit(House):
    """One visit to a group to advise it on its business; it tells of the group and names nobody."""

    CLASSES = classify(
        I="id recorded_at group visit_date visitor women men situation explanation action next_step"
        " next_date"
    )
    SCOPE = replace(
        Group.SCOPE,
        office="group__office_id",
        area="group__area_id",
        programme="group__programme_id",
        caseload="group__officer_id",
    )
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="advice_visits")
    visit_date = models.DateField(_("visited on"))
    visitor = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("visited by")
    )
    women = models.PositiveSmallIntegerField(_("women there"))
    men = models.PositiveSmallIntegerField(_("men there"))
    situation = models.CharField(_("situation"), max_length=1000)
    explanation = models.CharField(_("explanation"), max_length=1000, blank=True, default="")
    action = models.CharField(_("action"), max_length=1000)
    next_step = models.CharField(_("next step"), max_length=500, blank=True, default="")
    next_date = models.DateField(_("next visit"), null=True, blank=True)

    objects: ClassVar[ScopedManager["AdviceVisit"]] = ScopedManager()

    class Meta:
        ordering = ("-visit_date", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(women__gt=0) | Q(men__gt=0), name="advice_visit_met_somebody"
            ),
            models.CheckConstraint(
                condition=Q(next_date=None) | Q(next_date__gt=models.F("visit_date")),
                name="advice_visit_next_is_later",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.visit_date}"
