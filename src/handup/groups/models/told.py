"""Which groups were told of what markets found: an opportunity of a study, or a price."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import Group
from handup.markets.models import Opportunity, PriceObservation
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager


class Way(models.TextChoices):
    """How a group was told."""

    MEETING = "MEETING", _("at its meeting")
    PRINT = "PRINT", _("on paper")
    SMS = "SMS", _("by SMS")
    CALL = "CALL", _("by telephone")


class GroupTold(House):
    """One time a group was told of an opportunity or of a price, and what it said to that."""

    CLASSES = classify(
        I="id recorded_at group opportunity price told_date way told_by present answer"
    )
    SCOPE = replace(
        Group.SCOPE,
        office="group__office_id",
        area="group__area_id",
        programme="group__programme_id",
        caseload="group__officer_id",
    )
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="told")
    opportunity = models.ForeignKey(
        Opportunity, models.PROTECT, null=True, blank=True, related_name="groups_told"
    )
    price = models.ForeignKey(
        PriceObservation, models.PROTECT, null=True, blank=True, related_name="groups_told"
    )
    told_date = models.DateField(_("told on"))
    way = models.CharField(_("how"), max_length=7, choices=Way.choices)
    told_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    present = models.PositiveSmallIntegerField(_("members there"), null=True, blank=True)
    answer = models.CharField(_("what they said"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["GroupTold"]] = ScopedManager()

    class Meta:
        ordering = ("-told_date", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(opportunity__isnull=False, price=None)
                | Q(opportunity=None, price__isnull=False),
                name="a_group_is_told_one_thing_at_a_time",
            ),
            models.UniqueConstraint(
                fields=("group", "opportunity"), name="a_group_told_once_of_an_opportunity"
            ),
            models.UniqueConstraint(fields=("group", "price"), name="a_group_told_once_of_a_price"),
        )

    def __str__(self) -> str:
        return f"{self.group}: {self.opportunity or self.price}"
